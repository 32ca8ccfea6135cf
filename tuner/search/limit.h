/* tuner/search/limit.h - a constraint on what a trial reports: `latency <= 10`.
 *
 * Other constraints are over parameters and costs, and are known before anything is run. Whether a limit holds
 * is known when a trial is complete. Its slack is how far it is from breaking it, with the sign that makes
 * less better: the limit holds where the slack is at most 0.
 *
 * Memory  none of its own: texts are the caller's, or the arena's. Errors  none.
 */
#ifndef CONSORT_TUNER_SEARCH_LIMIT_H
#define CONSORT_TUNER_SEARCH_LIMIT_H
#include <stdbool.h>

#include "base/arena.h"

enum { LIMITS_MOST = 16 };

typedef struct {
    const char *text, *name; /* as written: "latency <= 10", "latency" */
    double bound;
    bool at_least;           /* >= and > */
    bool strict;             /* < and > */
} Limit;

typedef enum { LIMIT_NONE, LIMIT_READ, LIMIT_NO_MEMORY } LimitRead;
/* A name of letters, digits and _ . / : with one of <= < >= > and a finite number behind it. LIMIT_NONE: the
 * text is something else. */
LimitRead limit_read(const char *text, Arena *arena, Limit *out);
/* NaN where the value is. */
double limit_slack(const Limit *limit, double value);
/* Do all hold? Not where one is not known. */
bool limits_hold(int n, const double *slack);
#endif
