/* engine/cooling.h - the one temperature that makes probabilities of classes most likely.
 *
 * T divides log probabilities: softmax(log p / T). Above 1 they become less sure, below 1 surer; the order of
 * the classes stays. T minimizes, over rows that nobody trained on,
 *
 *     mean log loss  +  (1/T - 1 - log(1/T)) / n
 *
 * which is convex in 1/T; Newton's method, halving an interval where a step leaves it, within [0.05, 20]. The
 * second term is 0 at T = 1 and weighs as much as one row: with hundreds of rows it changes nothing one could
 * measure, with ten it keeps T near 1 unless they say otherwise, and where every row is right it gives the T
 * that expects about one mistake in n (1/m in n, m being how far log p is ahead) instead of the bound. Without
 * it a network that is right on all rows would be made as sure as the bound allows.
 *
 * The log loss at that T, of the rows it was fitted on, is too small by about 1 / (2 n) nats, as for any one
 * fitted parameter (0.001 at 500 rows), and for all predictions of the same rows alike: their order is hardly
 * touched. Fitting T on other rows would cost rows and add noise to take that away. Below some 50 rows the
 * second term holds T, and with it what can be gained by luck.
 *
 * Rows with label -1 or weight 0 do not count; weights are taken as scaled to mean 1, n is how many rows count.
 * Probabilities are clipped at 1e-12. No row that counts: loss nan, T 1; a probability that is nan: both nan.
 * Allocates nothing. Sums run in row order, in double.
 *
 * Source  Guo, Pleiss, Sun, Weinberger, ICML 2017, for the temperature.
 */
#ifndef CONSORT_ENGINE_COOLING_H
#define CONSORT_ENGINE_COOLING_H
#include <stdint.h>

#define COOLING_LEAST 0.05
#define COOLING_MOST 20.0

/* What was predicted of n rows and what they are. All borrowed. */
typedef struct {
    int n, n_classes;
    const float *proba;    /* (n, K), row distance ld */
    int ld;
    const int32_t *labels; /* (n) */
    const double *weight;  /* (n) or NULL: all alike */
    int every;             /* the temperature follows from each so many-th row; 0: from all */
} CoolingRows;

/* Of many rows thousands say as much as all: the `every` with which some 20,000 probabilities are looked at. */
int cooling_every(int n, int n_classes);
/* The temperature. */
double cooling_fit(const CoolingRows *rows);
/* The mean log loss at a temperature. */
double cooling_loss(const CoolingRows *rows, double temperature);
/* The same of one row. */
double cooling_row_loss(double temperature, int n_classes, const float *proba, int label);
#endif
