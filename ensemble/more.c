/* The first half of the trials against all of them, on rows that neither was selected on. */
#include "ensemble/more.h"

#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "ensemble/compare.h"
#include "ensemble/parts.h"
#include "ensemble/select.h"

enum { FEWEST_TRIALS = 4, PARTS = 2 };

/* The library, with the rows of one part not known. */
static bool hide(const Library *l, const uint8_t *part, int hidden, Arena *arena, Library *out, Error *err)
{
    const size_t n = (size_t)l->n_rows, n_targets = (size_t)library_n_targets(l);
    int32_t *labels = l->labels ? ARENA_NEW(arena, int32_t, n) : NULL;
    double *targets = n_targets ? ARENA_NEW(arena, double, n * n_targets) : NULL;
    if ((l->labels && !labels) || (n_targets && !targets)) return error_memory(err);
    for (size_t i = 0; labels && i < n; i++) labels[i] = part[i] == hidden ? -1 : l->labels[i];
    for (size_t i = 0; targets && i < n * n_targets; i++)
        targets[i] = part[i / n_targets] == hidden ? NAN : l->targets[i];
    *out = *l;
    out->labels = labels;
    out->targets = targets;
    return true;
}

/* What an ensemble of the first n models says of each part, selected on the other. */
static bool say(const Library *l, int n, const uint8_t *part, const EnsembleOptions *options, MetricId metric,
                uint64_t seed, Arena *arena, float *out, Error *err)
{
    const size_t k = (size_t)l->n_classes;
    float *proba = ARENA_NEW(arena, float, (size_t)l->n_rows * k);
    if (!proba) return error_memory(err);
    for (int hidden = 0; hidden < PARTS; hidden++) {
        Library others;
        Selection selection;
        if (!hide(l, part, hidden, arena, &others, err)) return false;
        others.n_models = n;
        if (!ensemble_select(&others, options, metric, seed, arena, &selection, err)) return false;
        const Choice choice = {.library = &others, .row = ARENA_NEW(arena, double, k)};
        const Candidate candidate = {.method = selection.method, .weight = selection.weight,
                                     .slope = selection.slope, .intercept = selection.intercept};
        if (!choice.row) return error_memory(err);
        choice_combine(&choice, &candidate, proba);
        for (size_t i = 0; i < (size_t)l->n_rows; i++)
            if (part[i] == hidden) memcpy(out + i * k, proba + i * k, k * sizeof *out);
    }
    return true;
}

static bool replay(const Library *l, int n_first, const EnsembleOptions *options, MetricId metric,
                   uint64_t seed, Arena *arena, More *out, Error *err)
{
    const Task *task = l->task;
    const size_t cells = (size_t)l->n_rows * (size_t)l->n_classes;
    const MetricId wanted[2] = {metric, l->labels ? METRIC_ACCURACY : METRIC_R2};
    float *half = ARENA_NEW(arena, float, cells), *all = ARENA_NEW(arena, float, cells);
    uint8_t *part;
    Choice choice;
    if (!half || !all) return error_memory(err);
    if (!parts_deal(l, PARTS, rng_mix(seed, 5), arena, &part, err)
        || !say(l, n_first, part, options, metric, seed, arena, half, err)
        || !say(l, l->n_models, part, options, metric, seed, arena, all, err))
        return false;
    for (int i = 0; i < 2; i++) {
        MoreGain *of = &out->of[out->n];
        if (i > 0 && (wanted[1] == metric || (task && !metric_is_for(wanted[1], task->kind)))) continue;
        of->metric = wanted[i];
        if (!choice_begin(l, options, wanted[i], seed, arena, &choice, err)
            || !compare_values(&choice, all, half, &of->gain, &of->error, err))
            return false;
        out->n += isfinite(of->gain) && isfinite(of->error);
        if (out->n == 0) return true;
    }
    return true;
}

/* "0.31 points of accuracy", "0.0042 of log loss" */
static const char *amount(Arena *arena, MetricId metric, double gain)
{
    if (metric == METRIC_ACCURACY) return arena_print(arena, "%.2g points of accuracy", 100 * gain);
    return arena_print(arena, "%.2g of %s", gain, metric_label(metric));
}

static const char *in_words(const More *more, Arena *arena)
{
    const MoreGain *main = &more->of[0], *second = more->n > 1 ? &more->of[1] : NULL;
    if (!more->known) return "too few trials to tell what more would bring";
    const int all = more->trials, last = all - more->first;
    const double error = main->error * (main->metric == METRIC_ACCURACY ? 100 : 1);
    const char *was = amount(arena, main->metric, main->gain);
    const char *next = amount(arena, main->metric, main->gain / 2), *besides = NULL;
    if (second && second->gain > second->error) besides = amount(arena, second->metric, second->gain / 2);
    if (!was || !next) return NULL;
    if (main->gain <= 0)
        return arena_print(arena, "more trials are not likely to help: the last %d of %d gained nothing in %s",
                           last, all, metric_label(main->metric));
    if (main->gain <= main->error)
        return arena_print(arena, "more trials are not likely to help much: what the last %d of %d gained, %s,"
                           " is within chance (standard error %.2g)", last, all, was, error);
    return arena_print(arena, "twice the trials would likely gain up to %s%s%s: the last %d of %d gained %s"
                       " (standard error %.2g)", next, besides ? ", " : "", besides ? besides : "", last, all,
                       was, error);
}

bool more_replay(const MoreInput *in, Arena *arena, More *out, Error *err)
{
    const int n = in->library->n_models;
    const SelectMethod method = (SelectMethod)in->options->method;
    EnsembleOptions cheap = *in->options;
    Error why = {0};
    int n_first = 0, n_had = 0;
    *out = (More){.trials = in->complete[in->n_complete - 1] + 1};
    out->first = out->trials / 2;
    while (n_first < n && in->number[n_first] < out->first) n_first++;
    while (in->complete[n_had] < out->first) n_had++;
    if (method == SELECT_AUTO || method == SELECT_STACK) cheap.method = SELECT_GREEDY;
    if (n_first < n_had && (cheap.library <= 0 || cheap.library > n_first)) cheap.library = n_first;
    if (out->trials >= FEWEST_TRIALS && n_first > 0) {
        Arena *own = arena_create(0);
        bool ok = own ? replay(in->library, n_first, &cheap, in->metric, in->seed, own, out, &why)
                      : error_memory(&why);
        arena_destroy(own);
        if (!ok && why.code == ERR_MEMORY) return error_set(err, ERR_MEMORY, "%s", why.message);
        out->known = ok && out->n > 0; /* half of the rows may be too few for the metric */
    }
    out->text = in_words(out, arena);
    return out->text || error_memory(err);
}
