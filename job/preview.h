/* job/preview.h - what a configuration will train on, before it does: rows as read and as encoded, pictures as
 * augmented.
 */
#ifndef CONSORT_JOB_PREVIEW_H
#define CONSORT_JOB_PREVIEW_H
#include "job/load.h"

/* A contact sheet (inspect/augmented.h): by the configuration's `augment`, and where it is searched at both
 * ends of the ranges, all settings together. *out NULL: nothing is augmented, or the rows are no pictures. */
bool preview_augmented(const Config *config, const Table *table, Arena *arena, Doc **out, Error *err);
/* The same, where it was asked for: ERR_CONFIG where there is nothing to see. */
bool preview_asked(const Config *config, const Table *table, Arena *arena, Doc **out, Error *err);
/* Of pictures one row of each class as it was read: a contact sheet without versions. */
bool preview_pictures(const Table *table, Arena *arena, Doc **out, Error *err);
/* The first n rows of a table as read and as encoded (inspect/encoded.h) by preprocessing fitted on the
 * training rows of the first fold, with the settings that are not searched. */
bool preview_rows(const Config *config, const Data *data, int n, Arena *arena, Doc **out, Error *err);
/* A page like the report's with the contact sheet. */
bool preview_page(const Config *config, const Doc *augmented, const char *path, Error *err);
#endif
