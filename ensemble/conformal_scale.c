/* How large errors are where predictions are about p: means of equally many rows, in order of their
 * predictions. */
#include "ensemble/conformal_scale.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

typedef struct {
    double p, error, weight;
} Place;

static int by_prediction(const void *a, const void *b)
{
    const Place *x = a, *y = b;
    if (x->p != y->p) return x->p < y->p ? -1 : 1;
    return (x->error > y->error) - (x->error < y->error);
}

bool conformal_fit_scale(int n, const double *p, const double *error, const double *weight, const bool *use,
                         int n_knots, Arena *arena, double *at, double *scale, Error *err)
{
    enum { PRIOR = 5 }; /* so many rows of an average error beside those of each knot */
    Place *place = ARENA_NEW(arena, Place, n);
    int used = 0, k = 0;
    double mean = 0, total = 0;
    if (!place) return error_memory(err);
    for (int i = 0; i < n; i++) {
        if (use && !use[i]) continue;
        place[used] = (Place){p[i], error[i], weight ? weight[i] : 1};
        mean += place[used].error * place[used].weight;
        total += place[used++].weight;
    }
    mean = total > 0 && mean > 0 ? mean / total : 1;
    if (used > 0) qsort(place, (size_t)used, sizeof *place, by_prediction);
    for (int b = 0; b < n_knots && used > 0; b++) {
        const int from = (int)((int64_t)b * used / n_knots), to = (int)((int64_t)(b + 1) * used / n_knots);
        const double prior = PRIOR * total / used;
        double where = 0, sum = prior * mean, mass = prior, own = 0;
        for (int i = from; i < to; i++) {
            where += place[i].p * place[i].weight;
            own += place[i].weight;
            sum += place[i].error * place[i].weight;
            mass += place[i].weight;
        }
        if (!(own > 0)) continue;
        where /= own;
        if (k > 0 && !(where > at[k - 1])) continue; /* many rows have the same prediction */
        at[k] = where;
        scale[k++] = sum / mass;
    }
    if (k == 0) at[0] = 0, scale[k++] = mean;
    for (; k < n_knots; k++) { /* as many for every target: the last goes on */
        at[k] = at[k - 1] + fmax(1, fabs(at[k - 1]));
        scale[k] = scale[k - 1];
    }
    return true;
}
