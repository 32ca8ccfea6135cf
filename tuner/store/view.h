/* tuner/store/view.h - one study's own view: a row a trial, a column a parameter; and its param_def rows. */
#ifndef CONSORT_TUNER_STORE_VIEW_H
#define CONSORT_TUNER_STORE_VIEW_H
#include "tuner/store/sql.h"

bool store_view_replace(Store *store, const char *name, const char *select, Error *err);
/* param_def rows and the view of one study. In a transaction. */
bool store_view_study(Store *store, int64_t study_id, const Space *space, Error *err);
/* A free name for a study's view. */
bool store_view_name(Store *store, const char *study, char **out, Error *err);
#endif
