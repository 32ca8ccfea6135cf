/* ensemble/score.h - how good is the average of the models drawn so far and one more?
 *
 * Greedy selection asks "how good is the average of these k models and that one?" some ten thousand
 * times. So the library is turned into planes, one a class, (K, ld) with rows side by side: a sum
 * of two models and its argmax over classes is then a loop over rows that the compiler vectorizes.
 * Rows without a label are left out. Log loss takes one logarithm for 16 rows, of the product of
 * their probabilities, which at 1e-15 each cannot underflow.
 *
 * Numbers have a plane for each value of a prediction, and their squared, absolute and pinball errors are
 * loops over rows, too (score_numbers.c). Other tasks' other metrics take whole rows.
 *
 * Cost     what is minimized inside (select_cost).
 *
 * Memory  the arena. Errors ERR_MEMORY.
 */
#ifndef CONSORT_ENSEMBLE_SCORE_H
#define CONSORT_ENSEMBLE_SCORE_H
#include "ensemble/choice.h"

typedef struct {
    MetricId metric;
    int positive;
    int n, ld, n_classes;   /* labelled rows; their number padded; K */
    const Task *task;       /* NULL: classes */
    int32_t *labels;        /* (n) */
    double *targets;        /* (n, T) instead, of other tasks; */
    double *weight;         /* (n) NULL: all alike */
    float *y, *counts;      /* (T, ld) numbers as they are kept, 0 where unknown; how much each counts */
    int point;              /* of the values of a target the one that is the number */
    double *spread;         /* (T) sum of squares about the mean, in units of predictions */
    int n_models;
    float **plane;          /* (n_models) of (K, ld): the chosen models, best first */
    float *sum;             /* (K, ld) of the models drawn so far */
    int n_drawn;
    float *top;             /* (ld) work: the largest of a row (or its sum of squares), */
    int32_t *predicted;     /* (ld)       and its class */
    float *proba;           /* (n, K) work, for metrics that need whole rows; else NULL */
    Metrics metrics;
    void *scratch;
    double value;           /* the metric at the last scorer_cost */
} Scorer;

/* `chosen` (n_chosen) are model numbers of the library, best first. */
bool scorer_create(const Library *library, const int *chosen, int n_chosen, MetricId metric,
                   Arena *arena, Scorer *out, Error *err);
void scorer_clear(Scorer *scorer);
void scorer_draw(Scorer *scorer, int model); /* adds it to the sum */
/* The cost of the average of what was drawn and `model`. */
double scorer_cost(Scorer *scorer, int model);
/* Does the metric need a sort, so that a score is far dearer than the sum it scores? */
bool scorer_is_slow(MetricId metric);

/* score_numbers.c: planes of truth, and of a quick metric its value for (sum + more) / count. */
bool quick_numbers(MetricId metric);
bool numbers_planes(Scorer *scorer, Arena *arena, Error *err);
double numbers_value(const Scorer *scorer, const float *more, int count);
#endif
