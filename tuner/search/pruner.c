/* The rules by which runs are stopped, and which keys go with which rule. */
#include "tuner/search/pruner.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_BANDS = 100 };
const char *const pruner_names[] = {PRUNER_LIST(LIST_NAME) NULL};
#define PAUSES_COMPARES(id, name, pauses, compares) {pauses, compares},
static const struct { bool pauses, compares; } kinds[] = {PRUNER_LIST(PAUSES_COMPARES)};

#define F(member) offsetof(PrunerOptions, member)
static const Field field_list[] = {
    {"type", FIELD_CHOICE, F(type), "none", .choices = pruner_names,
     .help = "hyperband: stop runs outside the best 1/eta at growing ages; median: below the median;"
             " halving, hyperband_sync: pause runs at rungs, the best 1/eta go on; patience: end a run"
             " of a program that has stopped improving; forecast: stop runs that can hardly become best or"
             " join the front; freeze_thaw: pause runs at rungs, those that may become the best go on at any"
             " time"},
    {"min_iter", FIELD_REAL, F(min_iter), "0", 0, 1e9,
     .help = "first band or rung, in epochs; the next ones are min_iter * eta^k (default: a tenth of the"
             " epochs, at least 3)"},
    {"max_iter", FIELD_REAL, F(max_iter), "0", 0, 1e9,
     .help = "hyperband, instead of min_iter: the bands are max_iter / eta^k, k = 1..s; halving and freeze_thaw"
             " of programs: the reports of a whole run"},
    {"s", FIELD_INT, F(s), "0", 0, MAX_BANDS, .help = "hyperband: how many bands below max_iter"},
    {"eta", FIELD_REAL, F(eta), "3", 1, 1e6, .open_low = true,
     .help = "the best 1/eta of the runs go on"},
    {"strict", FIELD_BOOL, F(strict), "true",
     .help = "hyperband: judge the value at the band, not the best so far"},
    {"warmup", FIELD_INT, F(warmup), "5", 0, 1000000, .help = "median: epochs nobody is stopped in"},
    {"min_trials", FIELD_INT, F(min_trials), "5", 1, 1000000,
     .help = "median: runs that must have come as far; forecast: runs that must have come to their end"},
    {"folds", FIELD_BOOL, F(folds), "true",
     .help = "also between folds and seeds: stop a trial below the median of the finished ones so far"},
    {"bracket", FIELD_INT, F(bracket), "0", 0, 100000,
     .help = "halving: trials that start together; 0: as many as let one come through; freeze_thaw: trials"
             " before the first goes on; 0: parameters + 2, 4 to 12"},
    {"patience", FIELD_INT, F(patience), "10", 1, 1000000, .help = "patience: reports in a row without a gain"},
    {"min_delta", FIELD_REAL, F(min_delta), "0", 0, 1e300, .help = "patience: what counts as a gain"},
    {"least_chance", FIELD_REAL, F(least_chance), "0.1", 0, 1,
     .help = "forecast: runs whose chance of becoming best or joining the front is smaller are stopped"},
};
const FieldTable pruner_fields = FIELD_TABLE("early_terminate", field_list);

void pruner_identity(const PrunerOptions *options, Text *out)
{
    FieldTable fields = pruner_fields;
    if (options->type != PRUNER_FORECAST) fields.n -= options->type == PRUNER_PATIENCE ? 1 : 3;
    field_print_yaml(&fields, options, 0, out);
}

const char *pruner_ignored(PrunerOptions *options, const ConfNode *node, const char **why)
{
    if (options->type != PRUNER_HYPERBAND || !node) return NULL;
    bool min = conf_get(node, "min_iter") != NULL, s = conf_get(node, "s") != NULL;
    if (!conf_get(node, "max_iter")) {
        *why = "without `max_iter`, as in W&B";
        if (!s) return NULL;
        options->s = 0;
        return "s";
    }
    if (!min) return NULL;
    if (!s) { /* W&B would have no bands at all then */
        *why = "without `s`: the bands come from `min_iter`";
        options->max_iter = 0;
        return "max_iter";
    }
    *why = "beside `max_iter`, as in W&B";
    options->min_iter = 0;
    return "min_iter";
}

bool pruner_takes(int type, const char *key)
{
    enum {
        BANDS = 1 << PRUNER_HYPERBAND, MEDIAN = 1 << PRUNER_MEDIAN, HALVING = 1 << PRUNER_HALVING,
        RUNGS = HALVING | 1 << PRUNER_HYPERBAND_SYNC, PATIENCE = 1 << PRUNER_PATIENCE,
        FORECAST = 1 << PRUNER_FORECAST, THAW = 1 << PRUNER_FREEZE_THAW
    };
    static const struct { const char *key; int types; } keys[] = {
        {"min_iter", BANDS | RUNGS | FORECAST | THAW}, {"max_iter", BANDS | RUNGS | THAW}, {"s", BANDS},
        {"eta", BANDS | RUNGS}, {"strict", BANDS}, {"warmup", MEDIAN}, {"min_trials", MEDIAN | FORECAST},
        {"folds", BANDS | MEDIAN | RUNGS | THAW}, {"bracket", HALVING | THAW}, {"patience", PATIENCE},
        {"min_delta", PATIENCE}, {"least_chance", FORECAST}};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(keys[i].key, key) == 0) return keys[i].types >> type & 1;
    return strcmp(key, "type") == 0;
}

bool pruner_check(const PrunerOptions *options, const ConfNode *node, Error *err)
{
    if (!node || node->kind != CONF_MAP) return true;
    if (options->type == PRUNER_NONE && !conf_get(node, "type") && node->n > 0)
        return conf_error(node, err, "`early_terminate` needs `type: hyperband`, `type: median`,"
                          " `type: halving`, `type: hyperband_sync`, `type: patience`, `type: forecast` or"
                          " `type: freeze_thaw`");
    for (const ConfNode *found = node->first; found; found = found->next)
        if (!pruner_takes(options->type, found->key))
            return conf_key_error(found, err, "`%s` does not go with `type: %s`", found->key,
                                  pruner_names[options->type]);
    const ConfNode *min = conf_get(node, "min_iter"), *max = conf_get(node, "max_iter");
    const ConfNode *s = conf_get(node, "s"), *bracket = conf_get(node, "bracket");
    bool bands = options->type == PRUNER_HYPERBAND;
    if (bands && min && !s) max = NULL; /* not looked at */
    if (bands && max && !s) return conf_key_error(max, err, "`max_iter` needs `s`, the number of bands");
    if (min && (!max || !bands) && options->min_iter < 1)
        return conf_error(min, err, "`min_iter` must be at least 1");
    if (max && options->max_iter < 1) return conf_error(max, err, "`max_iter` must be at least 1");
    if (bands && max && options->s < 1) return conf_error(s, err, "`s` must be at least 1");
    if (bands && max && options->max_iter / options->eta < 1)
        return conf_error(max, err, "`max_iter` / `eta` is below one epoch, so no run would be stopped");
    if (bracket && options->type == PRUNER_HALVING && options->bracket < options->eta)
        return conf_error(bracket, err, "`bracket` must be at least `eta`, or nobody is compared");
    return true;
}

int pruner_grace(int full_epochs)
{
    int grace = (full_epochs + 9) / 10;
    return grace > 3 ? grace : 3;
}

void pruner_resolve(PrunerOptions *options, int full_epochs)
{
    if (options->type == PRUNER_HYPERBAND && options->min_iter <= 0 && options->max_iter <= 0)
        options->min_iter = pruner_grace(full_epochs);
}

bool pruner_pauses(const PrunerOptions *options)
{
    return options && kinds[options->type].pauses;
}

bool pruner_thaws(const PrunerOptions *options)
{
    return options && options->type == PRUNER_FREEZE_THAW;
}

bool pruner_compares(const PrunerOptions *options)
{
    return options && kinds[options->type].compares;
}

/* nan is no value to win with. */
static double at_worst(double value) { return isnan(value) ? INFINITY : value; }

static double best_of(const Curve *run, int n)
{
    double best = INFINITY;
    for (int i = 0; i < n; i++)
        if (run->value[i] < best) best = run->value[i];
    return best;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The last band, in epochs from 1, that a run of n epochs has reached; 0: none. Bands are cut to
 * whole epochs as in W&B. */
static int last_band(const PrunerOptions *options, int n)
{
    int last = 0;
    if (options->min_iter >= 1) {
        double band = options->min_iter;
        for (int k = 0; k < MAX_BANDS && band <= n; k++, band *= options->eta) last = (int)band;
        return last;
    }
    double band = options->max_iter;
    for (int k = 1; k <= options->s; k++) {
        band /= options->eta;
        /* Descending: the first that fits is the last reached. One below an epoch is cut to 0, none. */
        if ((int)band <= n) return (int)band;
    }
    return 0;
}

/* Number `rank` (from 0) of the sorted values; `values` is sorted in place. */
static double ranked(double *values, int n, int rank)
{
    qsort(values, (size_t)n, sizeof *values, by_size);
    return values[rank];
}

static bool hyperband_stops(const PrunerOptions *options, const Curve *run, int n_others,
                            const Curve *others, double *values, double *threshold)
{
    int band = last_band(options, run->n);
    if (band == 0) return false;
    int n = 0;
    values[n++] = at_worst(run->value[band - 1]);
    for (int i = 0; i < n_others; i++)
        if (others[i].n >= band) values[n++] = at_worst(others[i].value[band - 1]);
    double limit = ranked(values, n, (int)(n / options->eta));
    double mine = options->strict ? at_worst(run->value[band - 1]) : best_of(run, run->n);
    if (threshold) *threshold = limit;
    return mine > limit;
}

/* Of `values`, which are sorted in place. */
static double median_of(double *values, int n)
{
    double high = ranked(values, n, n / 2);
    return n % 2 ? high : 0.5 * (values[n / 2 - 1] + high);
}

static double mean_of(const Curve *run, int n)
{
    double sum = 0;
    for (int k = 0; k < n; k++) sum += run->value[k];
    return at_worst(sum / n);
}

static bool median_stops(const PrunerOptions *options, const Curve *run, int n_others,
                         const Curve *others, double *values, double *threshold)
{
    if (run->n <= options->warmup) return false;
    int n = 0;
    for (int i = 0; i < n_others; i++) {
        if (others[i].n < run->n) continue;
        values[n++] = mean_of(&others[i], run->n);
    }
    if (n == 0 || n < options->min_trials) return false;
    double limit = median_of(values, n);
    if (threshold) *threshold = limit;
    return best_of(run, run->n) > limit;
}

bool pruner_stops(const PrunerOptions *options, const Curve *run, int n_others,
                  const Curve *others, double *threshold)
{
    if (threshold) *threshold = NAN;
    if (!pruner_compares(options) || run->n < 1) return false;
    double *values = malloc(((size_t)n_others + 1) * sizeof *values);
    if (!values) return false; /* a run that goes on costs time, no result */
    bool stops = options->type == PRUNER_HYPERBAND
                     ? hyperband_stops(options, run, n_others, others, values, threshold)
                     : median_stops(options, run, n_others, others, values, threshold);
    free(values);
    return stops;
}

bool pruner_is_done(const PrunerOptions *options, RunGains *gains, double value)
{
    if (!options || options->type != PRUNER_PATIENCE) return false;
    bool gain = isfinite(value) && (!gains->any || value < gains->best - options->min_delta);
    gains->since = gain ? 0 : gains->since + 1;
    gains->any |= gain;
    if (gain) gains->best = value;
    return gains->since >= options->patience;
}

bool pruner_stops_between(const PrunerOptions *options, const Curve *scores, int n_finished,
                          const Curve *finished, double *threshold)
{
    if (threshold) *threshold = NAN;
    if (!options || options->type == PRUNER_NONE || options->type == PRUNER_FORECAST || !options->folds
        || scores->n < 1)
        return false;
    double *values = malloc(((size_t)n_finished + 1) * sizeof *values);
    if (!values) return false; /* a trial that goes on costs time, no result */
    int n = 0;
    for (int i = 0; i < n_finished; i++)
        if (finished[i].n > scores->n) values[n++] = mean_of(&finished[i], scores->n);
    bool stops = false;
    if (n >= FOLDS_NEED) {
        double limit = median_of(values, n);
        stops = mean_of(scores, scores->n) > limit;
        if (threshold) *threshold = limit;
    }
    free(values);
    return stops;
}
