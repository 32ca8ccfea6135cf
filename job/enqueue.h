/* job/enqueue.h - configurations that people wish for: what is not named has its default, and the sweep
 * that runs, or the next one, trains them before anything new, also when run_cap was reached.
 */
#ifndef CONSORT_JOB_ENQUEUE_H
#define CONSORT_JOB_ENQUEUE_H
#include "job/open.h"

/* Wishes are a map of parameters, or a list of maps. From a YAML or JSON file: either, or a list under
 * `enqueue`. */
bool wishes_of_file(const char *path, Arena *arena, const ConfNode **out, Error *err);
/* From texts KEY=VALUE: one map. Messages name the command line as its place. */
bool wishes_of_pairs(const char *const *pairs, int n, Arena *arena, const ConfNode **out, Error *err);

typedef struct {
    int n, n_added; /* the others were in the study already, and nothing is trained twice */
    int *number;    /* (n_added) of the new trials */
    bool running;   /* somebody runs the study, and trains them next */
} Enqueued;

/* `open` is left closed. Errors: ERR_CONFIG at the place of what is not in the search space; ERR_STORE. */
bool enqueue_wishes(OpenStudy *open, const ConfNode *wishes, Enqueued *out, Error *err);
#endif
