/* tuner/search/forecast.h - where a run will end, how sure that is, and whether it can still become best or
 * join the front.
 *
 * Forecast   What a run lacks is the gain of the epochs it has not had. A linear regression over the runs that
 *            came to their end says how that follows from where they stood at the same age: the last value, the
 *            best one, the level and the slope of the last quarter of the epochs. Runs that stood about as
 *            high weigh more; coefficients are shrunk as by one run each (ridge). What a goal came to is what
 *            the study scored: of all folds, say, or of the best epoch. A goal that is known beforehand (a
 *            cost) has no error, one without a curve is foretold as the mean of all ends.
 * Error      Each run that came to its end is foretold from the others (leave-one-out, in closed form). The
 *            error of a forecast is the root mean square of that, near it more than far from it, and grows
 *            where few are known and where the run stands apart from them. Intervals that should hold 90 %
 *            held 88 to 98 % (bench/NOTES.md, Forecasts).
 * Chance     With an error of its own each goal, of Student's t with four degrees of freedom (the tails of
 *            learning curves are heavy), the probability that the end is dominated by no run that has
 *            finished; of one goal, that it is better than the best. Two goals: the sum over the steps of the
 *            front, exactly. More: over fixed points of a Sobol sequence.
 * Margin     A search that learns proposes what is close to the front, and most of that joins it, each by a
 *            little. So to join, a run must do so still when the front is moved to the better by a margin of
 *            its width in every goal: half of 1/k with k points on it, a twentieth at most. A front that grows
 *            dense asks for less. Of one goal any gain is one.
 * Stop       where the chance is below `least_chance`. Nobody is stopped before `min_trials` runs have
 *            finished, nor before `min_iter` epochs, a tenth of a whole run unless it is said.
 *
 * A decision is a pure function of the run's own values and the runs it may see. All values are minimized.
 *
 * Cost     of a decision, with n finished runs and m goals: O(m n (log n + epochs + k)). Memory is malloc'd
 *          and freed; without it nobody is stopped.
 * Threads  any.
 */
#ifndef CONSORT_TUNER_SEARCH_FORECAST_H
#define CONSORT_TUNER_SEARCH_FORECAST_H
#include "tuner/search/pareto.h"
#include "tuner/search/pruner.h"

enum { FORECAST_DRAWS = 1024 }; /* points with more than two goals */

/* A run of m goals. */
typedef struct {
    int n, full;         /* epochs it had, and could have had; 0: not known */
    const double *first; /* (n) the first goal's values */
    const double *more;  /* (n, m - 1) in rows, the further goals'; NULL: not known */
    const double *end;   /* (m) what it came to; NULL: it did not come to its end */
    bool breaks;         /* a limit (limit.h): its end is evidence, and never the best nor on a front */
} ForecastRun;

typedef struct {
    int n_goals;
    const double *priced; /* (n_goals) its end where that is known before it runs; else NaN. NULL: nothing */
    int n_runs;
    const ForecastRun *runs; /* others that may be looked at */
} ForecastAsk;

/* The end of one goal. */
typedef struct {
    double mean, sigma; /* NaN: nothing is known */
    int n;              /* runs it was learned from */
} Forecast;

/* Are runs stopped by forecasts? `options` may be NULL. */
bool pruner_forecasts(const PrunerOptions *options);
/* Each goal's end of a run as far as it has come. False: no memory. */
bool forecast_ends(const ForecastAsk *ask, const ForecastRun *run, Forecast *out);
/* The chance that a point of that mean and sigma (m) is dominated by none of the n points. */
double forecast_chance(int m, const double *mean, const double *sigma, int n, const double *points);
/* Is a run that has come that far to be stopped? */
bool forecast_stops(const PrunerOptions *options, const ForecastAsk *ask, const ForecastRun *run);
#endif
