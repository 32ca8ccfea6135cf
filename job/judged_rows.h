/* job/judged_rows.h - predictions of rows of a study beside what is true of them, ready to be judged. */
#ifndef CONSORT_JOB_JUDGED_ROWS_H
#define CONSORT_JOB_JUDGED_ROWS_H
#include "job/finished.h"
#include "model/judged.h"

/* `table` is the one whose rows `p` numbers. In the study's arena. ERR_MEMORY only. */
bool judged_rows(const Finished *f, const Predictions *p, const Table *table, Judged *out, Error *err);
/* {value, low95, high95} of the study's metric (of labels log loss for the loss), of its best trial on the rows
 * that it did not train on. NULL and true: its predictions are not there. To be freed by the caller. */
bool judged_best_trial(const Finished *f, Doc **out, Error *err);
#endif
