/* Everything that archive holds of one person, for the person (PIPL art. 45). What is held is said by
 * the queries of sql/person_data.sql in the words of Employee; no field is named here. */
#ifndef RENHE_PERSON_DATA_H
#define RENHE_PERSON_DATA_H
#include "archive.h"

#define PERSON_DATA_KIND "person_data_export"

/* Of the person that was asked for, in the ctx's scope; locked against erasure until the commit. */
bool person_data_collect(struct ctx *cx, const Archive__CreatePersonDataExportRequest *asked,
			 Archive__PersonData *out);
/* Records in all of its lists. */
int64_t person_data_count(const Archive__PersonData *d);
/* As a workbook for people: section, item, value, each in both languages; p = NULL where none could
 * be made. */
struct str person_data_sheet(struct ctx *cx, const Archive__PersonData *d);
#endif
