/* app/front_table.h - the front of a study as `best` prints it and `ls --front` lists it. */
#ifndef CONSORT_APP_FRONT_TABLE_H
#define CONSORT_APP_FRONT_TABLE_H
#include "job/open.h"
#include "tuner/insight/front.h"

/* A line a trial with its goals and the settings that differ; or one JSON document. `fit` is
 * sheet_print's (reports/columns.h). */
bool front_print(const OpenStudy *open, const Front *front, const TrialRow *rows, bool json, int fit,
                 Text *out, Error *err);
#endif
