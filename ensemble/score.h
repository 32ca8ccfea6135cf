/* ensemble/score.h - how good is the average of the models drawn so far and one more?
 *
 * Greedy selection asks "how good is the average of these k models and that one?" some ten thousand
 * times. So the library is turned into planes, one a class, (K, ld) with rows side by side: a sum
 * of two models and its argmax over classes is then a loop over rows that the compiler vectorizes.
 * Rows without a label are left out. Log loss takes one logarithm for 16 rows, of the product of
 * their probabilities, which at 1e-15 each cannot underflow.
 *
 * Cost     what is minimized inside: the metric turned so that less is better, plus 1e-3 log loss,
 *          which tells apart what a count metric cannot.
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
    int32_t *labels;        /* (n) */
    double *weight;         /* (n) mean 1; NULL: all alike */
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
/* metric and log loss -> cost; a nan becomes infinite. */
double select_cost(MetricId metric, double value, double log_loss);
#endif
