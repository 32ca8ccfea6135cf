/* An order statistic of scores. */
#include "ensemble/conformal_margin.h"

#include <stdlib.h>

static int by_score(const void *a, const void *b)
{
    double x = ((const ConformalScore *)a)->score, y = ((const ConformalScore *)b)->score;
    return (x > y) - (x < y);
}

double conformal_margin(ConformalScore *scores, int n, double level, bool *few)
{
    double total = 0, sum = 0;
    if (n == 0) {
        *few = true;
        return 0;
    }
    qsort(scores, (size_t)n, sizeof *scores, by_score);
    for (int i = 0; i < n; i++) total += scores[i].weight;
    const double wanted = level * (total + total / n) * (1 - 1e-12);
    for (int i = 0; i < n; i++) {
        sum += scores[i].weight;
        if (sum >= wanted) return scores[i].score;
    }
    *few = true;
    return scores[n - 1].score;
}
