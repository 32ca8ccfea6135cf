/* job/diff.h - two trials side by side: parameters, metrics, and whether the difference is more than chance
 * on the rows that both predicted (model/paired.h).
 */
#ifndef CONSORT_JOB_DIFF_H
#define CONSORT_JOB_DIFF_H
#include "base/doc.h"
#include "job/place.h"
#include "model/paired.h"
#include "tuner/store/store.h"

typedef struct {
    const char *study;
    bool program; /* its metrics have names of its own */
    TrialRow row[2];
    Doc *params[2];
    MetricRow *metrics[2];
    int n_metrics[2];
    bool tested;
    Paired paired;
    char untested[300]; /* why not */
} Diff;

/* diff_free also after a failure. ERR_INVALID when there is no such trial. */
bool diff_trials(const Place *place, const int numbers[2], Arena *arena, Diff *out, Error *err);
void diff_free(Diff *diff);
#endif
