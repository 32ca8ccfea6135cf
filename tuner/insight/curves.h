/* tuner/insight/curves.h - what trials scored epoch by epoch, and what those that were stopped would have come
 * to.
 *
 * A curve is that of the first fold, as early termination saw it. Stopped trials are completed as the search
 * completes them (completion.h). How far off that is cannot be read off those that came to the end, for they
 * are those that had begun well; nor does what learning curves in general let expect hold where some settings
 * make the first epochs wild. So it gets the variance of all scores of the space, times the share of the
 * epochs it lacks.
 *
 * Cost    a query a trial that is read. CURVES_MOST of them: an even sample where there are more.
 * Memory  the arena. Errors ERR_STORE, ERR_MEMORY.
 */
#ifndef CONSORT_TUNER_INSIGHT_CURVES_H
#define CONSORT_TUNER_INSIGHT_CURVES_H
#include "tuner/insight/points.h"

enum { CURVES_MOST = 1000 };

typedef struct {
    int n;               /* epochs; 0: none is known */
    const double *value; /* (n) minimized */
} TrialCurve;

/* Of complete and, if `stopped`, of stopped trials, into out (n_rows). */
bool curves_read(Store *store, const TrialRow *rows, int n_rows, bool maximize, bool stopped, Arena *arena,
                 TrialCurve *out, Error *err);
/* Replaces points->stopped, and fills points->extra. Nothing is read where no trial was stopped. */
bool curves_complete(Store *store, const TrialRow *rows, int n_rows, Points *points, Arena *arena, Error *err);
#endif
