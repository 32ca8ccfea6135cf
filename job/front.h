/* job/front.h - what is made of the front of a study with several goals: test scores of its members, and the
 * knee by itself, beside the ensemble, which serves the first goal alone.
 *
 * Errors  as products.h. A member whose model was let go (run.keep_models) has no test score.
 */
#ifndef CONSORT_JOB_FRONT_H
#define CONSORT_JOB_FRONT_H
#include "job/finished.h"

/* A member of the front, with its model's file; NULL: it is gone. */
typedef struct {
    int number;
    int64_t id;
    const char *weights;
    bool knee;
} FrontTrial;
/* In the order of the front; n 0 where the study has one goal, or no finished trial. */
bool front_trials(Finished *finished, FrontTrial **out, int *n, Error *err);
/* knee.consort; what is there of an earlier knee, its C source too, goes. `path` NULL: there is no knee, or its
 * model is gone. */
bool front_export(Finished *finished, const char **path, Error *err);
#endif
