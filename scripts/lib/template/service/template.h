/* What the files of template share. */
#ifndef RENHE_TEMPLATE_H
#define RENHE_TEMPLATE_H
#include "service.h"
#include "template.gen.h"
#include "template_sql.h"

extern const struct service_def TEMPLATE;
#endif
