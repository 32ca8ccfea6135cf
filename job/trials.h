/* job/trials.h - all trials of a study, for other tools: as CSV, and as JSON. (Optuna's own file is written by
 * exchange_to_optuna, tuner/exchange/exchange.h.)
 *
 * `top`: the best so many, 0: all. `n` is how many they are. Trials are read in pages: `taker` gets what there
 * is whenever that is much, and at the end; without one the text has it all.
 */
#ifndef CONSORT_JOB_TRIALS_H
#define CONSORT_JOB_TRIALS_H
#include "base/text.h"
#include "job/open.h"

typedef struct {
    bool (*take)(void *to, const Text *piece, Error *err); /* which is then forgotten */
    void *to;
} TrialsTaker;

/* Appends a line of names, and one a trial: facts, parameters, pooled metrics. */
bool trials_csv(const OpenStudy *open, int top, const TrialsTaker *taker, Text *out, int *n, Error *err);
/* Appends {schema, study {...}, trials [...]}, each as in job/trial_doc.h. */
bool trials_json(const OpenStudy *open, int top, const TrialsTaker *taker, Text *out, int *n, Error *err);
#endif
