/* tuner/search/noise.h - how noisy scores are that are means of repeats, and when a repeat more is wasted.
 *
 * Shrunk   The variance of two or three repeats says little. So the variances of all trials are taken for draws
 *          around a common one, s0^2 with d0 degrees of freedom, found from the moments of their logarithms; a
 *          trial's own, s^2 with n - 1, becomes (d0 s0^2 + (n - 1) s^2) / (d0 + n - 1). Where they differ no
 *          more than chance makes them, d0 is infinite and all have the same.
 * Told     A mean of n repeats has that over n as its variance. What it has more than the surest of them the
 *          Gaussian process adds to the noise of this point, in units of its targets (gp.h); what all share it
 *          learns, as where nothing is told (bench/NOTES.md, Noise).
 * Race     A trial gets a further repeat as long as it may be the best. After each from `least` on it is paired
 *          with the finished trial of the lowest mean, repeat by repeat, and is over when the mean difference
 *          is more than chance makes it at RACE_RISK, by a t-test on a variance that is shrunk in the same way
 *          towards those of the other finished trials' differences. RACE_NEED of them are needed.
 * Paired   Repeats have the same seeds in all trials, and some seeds are kinder than others. What a repeat is
 *          on average above the mean of its trial, among the finished ones, is taken out of scores of trials
 *          that were stopped, and out of the variances.
 * Memory   the arena. Errors ERR_MEMORY.
 * Source   Smyth 2004 (shrunk variances, the moderated t); Birattari, Stuetzle, Paquete, Varrentrapp 2002
 *          (racing); Hutter, Hoos, Leyton-Brown 2011 (the same seeds for all, one incumbent).
 */
#ifndef CONSORT_TUNER_SEARCH_NOISE_H
#define CONSORT_TUNER_SEARCH_NOISE_H
#include "tuner/search/pruner.h"
#include "tuner/search/sampler.h"

typedef struct {
    double variance, freedom; /* s0^2 and d0 */
} NoisePrior;
/* Of n variances, of so many repeats each; those of fewer than two repeats do not count. False: nothing is
 * known, or no repeat differs from another. `scratch` (n). */
bool noise_prior(int n, const double *variance, const int *n_repeats, double *scratch, NoisePrior *out);
/* Of one repeat, when n of them had this variance (not looked at below two). */
double noise_shrunk(const NoisePrior *prior, double variance, int n_repeats);
/* By how much the scores (n) of these trials have more variance than the surest, 0 where none is told; *out is
 * NULL where none is at all. */
bool noise_told(const Ask *ask, int n, const int *rows, Arena *arena, double **out, Error *err);

enum { RACE_NEED = 3 };
#define RACE_RISK 0.05
typedef struct {
    int least, most; /* repeats; most below 2: there are none, least = most: no race */
} Race;
/* Is it over after these? Scores are minimized, one a run, `n_folds` runs a repeat; `finished` as for
 * pruner_stops_between. */
bool race_stops(const Race *race, int n_folds, const Curve *scores, int n_finished, const Curve *finished);
/* By how much each repeat (most) is worse than others, in the finished trials; 0: fewer than RACE_NEED are
 * there, and nothing is known. Returns how many they were. */
int noise_effects(const Race *race, int n_folds, int n_finished, const Curve *finished, double *effect);
/* Takes that out of a score that is the mean of these runs, and out of their variance. */
void noise_take_out(const Race *race, int n_folds, int n_finished, const double *effect, const Curve *runs,
                    double *score, double *variance);
#endif
