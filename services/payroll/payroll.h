/* What the files of payroll share. */
#ifndef RENHE_PAYROLL_H
#define RENHE_PAYROLL_H
#include "payroll.gen.h"
#include "payroll_sql.h"
#include "payroll_texts.h"
#include "rules.h"
#include "service.h"

extern const struct service_def PAYROLL;
/* The law that ships, read at the start. */
extern struct law payroll_law;
#endif
