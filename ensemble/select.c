/* Which models, with which weights. The scores of the many averages that greedy selection tries
 * come from score.c; what is handed out is scored again, exactly as the model file will compute
 * it, and compared with the best single model.
 */
#include "ensemble/select.h"

#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "ensemble/greedy.h"
#include "ensemble/score.h"
#include "ensemble/weigh_numbers.h"

enum { RESAMPLES = 100 };

/* ---- scores --------------------------------------------------------------------------------- */

static void score_proba(Choice *choice, const float *proba, double *value, double *cost)
{
    const Task *task = choice->library->task;
    const ScoredRows rows = library_scored(choice->library, proba);
    metrics_score(&rows, select_needs(task, choice->metric), choice->scratch, &choice->metrics);
    *value = choice->metrics.value[choice->metric];
    *cost = select_cost(choice->metric, *value, select_grain(task, choice->metric, choice->metrics.value));
}

/* What model_combine computes, from the library: the same sums in the same order. */
static void combine(const Choice *choice, const Candidate *candidate, float *proba)
{
    const Library *library = choice->library;
    const int n_classes = library->n_classes;
    double total = 0;
    for (int m = 0; m < library->n_models; m++) total += candidate->weight[m];
    for (size_t i = 0; i < (size_t)library->n_rows; i++) {
        const size_t at = i * (size_t)n_classes;
        for (int c = 0; c < n_classes; c++) choice->row[c] = 0;
        for (int m = 0; m < library->n_models; m++) {
            if (candidate->weight[m] == 0) continue;
            const float *q = library->proba[m] + at;
            int top = 0;
            for (int c = 1; c < n_classes; c++)
                if (q[c] > q[top]) top = c;
            if (candidate->method == SELECT_VOTE) choice->row[top] += candidate->weight[m];
            for (int c = 0; c < n_classes && candidate->method != SELECT_VOTE; c++)
                choice->row[c] += candidate->weight[m] * q[c];
        }
        if (candidate->intercept) {
            const int stride = task_stride(library->task);
            for (int c = 0; c < n_classes; c++)
                proba[at + (size_t)c] = (float)(candidate->intercept[c / stride]
                                                + candidate->slope * (choice->row[c] / total));
            continue;
        }
        for (int c = 0; c < n_classes; c++) proba[at + (size_t)c] = (float)(choice->row[c] / total);
    }
}

static void score(Choice *choice, Candidate *candidate)
{
    combine(choice, candidate, choice->proba);
    score_proba(choice, choice->proba, &candidate->value, &candidate->cost);
}

static bool candidate_create(Choice *choice, SelectMethod method, Candidate *out, Error *err)
{
    *out = (Candidate){.method = method,
                       .weight = ARENA_NEW(choice->arena, double, choice->library->n_models)};
    return out->weight ? true : error_memory(err);
}

/* ---- the library, best first ---------------------------------------------------------------- */

static bool rank(Choice *choice, Error *err)
{
    const Library *library = choice->library;
    double *cost = ARENA_NEW(choice->arena, double, library->n_models);
    choice->ranked = ARENA_NEW(choice->arena, int, library->n_models);
    if (!cost || !choice->ranked) return error_memory(err);
    double smallest = INFINITY;
    int n = 0, n_fit = 0;
    for (int m = 0; m < library->n_models; m++) {
        smallest = fmin(smallest, select_bytes(choice, m));
        if (select_bytes(choice, m) > select_budget(choice)) continue;
        n_fit++;
        double value;
        score_proba(choice, library->proba[m], &value, &cost[m]);
        if (!isfinite(cost[m])) continue;
        int at = n++; /* insertion: equal costs stay in order of their numbers */
        for (; at > 0 && cost[choice->ranked[at - 1]] > cost[m]; at--)
            choice->ranked[at] = choice->ranked[at - 1];
        choice->ranked[at] = m;
    }
    if (library->n_models > 0 && n_fit == 0)
        return error_set(err, ERR_CONFIG,
                         "ensemble.max_bytes is %.0f, and the smallest model has %.0f; raise it, "
                         "or train smaller networks", select_budget(choice), smallest);
    if (n == 0)
        return error_set(err, ERR_DATA, "no model has a finite %s on labelled rows",
                         metric_label(choice->metric));
    int most = choice->options->library;
    choice->n = most > 0 && most < n ? most : n;
    return true;
}

/* The best alone, by the rule of the whole study: the best value, of equal values the first. (The library is
 * ranked with a grain of log loss besides, which is for mixing.) */
static int best_alone(Choice *choice)
{
    int best = choice->ranked[0];
    double value, cost, most = -INFINITY;
    for (int i = 0; i < choice->n; i++) {
        int m = choice->ranked[i];
        score_proba(choice, choice->library->proba[m], &value, &cost);
        if (!metric_larger_is_better(choice->metric)) value = -value;
        if (value > most || (value == most && m < best)) most = value, best = m;
    }
    return best;
}

/* The best `size` models that fit the budget together, equally weighted. Returns how many. */
static int take_best(const Choice *choice, int size, double *weight)
{
    int taken = 0;
    double bytes = 0;
    for (int i = 0; i < choice->n && taken < size; i++) {
        int m = choice->ranked[i];
        if (bytes + select_bytes(choice, m) > select_budget(choice)) continue;
        bytes += select_bytes(choice, m);
        weight[m] = 1;
        taken++;
    }
    for (int i = 0; i < choice->n; i++) weight[choice->ranked[i]] /= taken;
    return taken;
}

/* ---- weights that minimize log loss --------------------------------------------------------- */

/* What model m says of the truth of row i, target t (0 of classes); false where that is not known. */
static bool of_truth(const Library *library, int i, int t, int m, double *out)
{
    const float *p = library->proba[m] + (size_t)i * (size_t)library->n_classes;
    if (library->labels) {
        if (library->labels[i] < 0) return false;
        *out = fmax(p[library->labels[i]], 1e-15);
        return true;
    }
    double y = library->targets[(size_t)i * (size_t)library->n_classes + (size_t)t];
    *out = fmax(y > 0.5 ? p[t] : 1.0 - p[t], 1e-15);
    return !isnan(y);
}

/* Expectation maximization for the weights of a mixture: w_m <- w_m mean_i q_im / p_i, where q_im is
 * model m's probability of row i's label and p_i the mixture's (rows count what they weigh). It never
 * leaves the simplex and never raises the loss, which is convex; the largest of the means is 1 at the
 * optimum, and its logarithm bounds how far away the loss still is. (Dempster, Laird, Rubin 1977) */
static void mix(const double *q, const double *counts, int n_rows, int n, double *w, double *gain)
{
    double total = 0;
    for (int i = 0; i < n_rows; i++) total += counts[i];
    for (int step = 0; step < 5000; step++) {
        memset(gain, 0, (size_t)n * sizeof *gain);
        for (int i = 0; i < n_rows; i++) {
            const double *row = q + (size_t)i * (size_t)n;
            double p = 0;
            for (int m = 0; m < n; m++) p += w[m] * row[m];
            for (int m = 0; m < n; m++) gain[m] += counts[i] * (row[m] / p);
        }
        double most = 0;
        for (int m = 0; m < n; m++) {
            gain[m] /= total;
            if (gain[m] > most) most = gain[m];
            w[m] *= gain[m];
        }
        if (most < 1 + 1e-7) return;
    }
}

/* The members of a candidate, by number; returns how many. */
static int members_of(const Choice *choice, const double *weight, int *member)
{
    int n = 0;
    for (int m = 0; m < choice->library->n_models; m++)
        if (weight[m] > 0) member[n++] = m;
    return n;
}

/* Weights w (n) of the members, without those that hardly count. */
static void keep_weights(const int *member, const double *w, int n, double *weight)
{
    double total = 0;
    for (int m = 0; m < n; m++) {
        weight[member[m]] = w[m] < 1e-3 ? 0 : w[m];
        total += weight[member[m]];
    }
    for (int m = 0; m < n; m++) weight[member[m]] /= total;
}

static bool weigh_numbers(Choice *choice, Candidate *out, Error *err)
{
    int *member = ARENA_NEW(choice->arena, int, choice->library->n_models);
    double *w = ARENA_NEW(choice->arena, double, choice->library->n_models);
    if (!member || !w) return error_memory(err);
    take_best(choice, choice->options->size, out->weight);
    const int n = members_of(choice, out->weight, member);
    if (!weigh_simplex(choice->library, member, n, choice->metric, choice->arena, w, err)) return false;
    keep_weights(member, w, n, out->weight);
    return true;
}

static bool weigh(Choice *choice, Candidate *out, Error *err)
{
    const Library *library = choice->library;
    if (library_has_numbers(library)) return weigh_numbers(choice, out, err);
    int n = take_best(choice, choice->options->size, out->weight), n_rows = 0;
    int *member = ARENA_NEW(choice->arena, int, n);
    double *w = ARENA_NEW(choice->arena, double, n), *gain = ARENA_NEW(choice->arena, double, n);
    const int n_targets = library->labels ? 1 : library_n_targets(library);
    double *q = ARENA_NEW(choice->arena, double, (size_t)library->n_rows * (size_t)n_targets * (size_t)n);
    double *counts = ARENA_NEW(choice->arena, double, (size_t)library->n_rows * (size_t)n_targets);
    if (!member || !w || !gain || !q || !counts) return error_memory(err);
    for (int m = 0, at = 0; m < library->n_models; m++)
        if (out->weight[m] > 0) member[at++] = m;
    for (int pass = 0; pass < 2; pass++) { /* a member that hardly counts is not worth its bytes */
        n_rows = 0;
        for (int cell = 0; cell < library->n_rows * n_targets; cell++) {
            double *row = q + (size_t)n_rows * (size_t)n;
            bool known = true;
            for (int m = 0; m < n && known; m++)
                known = of_truth(library, cell / n_targets, cell % n_targets, member[m], &row[m]);
            counts[n_rows] = library->weight ? library->weight[cell / n_targets] : 1;
            n_rows += known;
        }
        for (int m = 0; m < n; m++) w[m] = 1.0 / n;
        mix(q, counts, n_rows, n, w, gain);
        int kept = 0;
        for (int m = 0; m < n; m++) {
            out->weight[member[m]] = w[m] < 1e-3 ? 0 : w[m];
            if (w[m] >= 1e-3) member[kept++] = member[m];
        }
        if (kept == n) break;
        n = kept;
    }
    double total = 0;
    for (int m = 0; m < n; m++) total += out->weight[member[m]];
    for (int m = 0; m < n; m++) out->weight[member[m]] /= total;
    return true;
}

/* ---- guards --------------------------------------------------------------------------------- */

/* What is true of rows that were drawn. */
typedef struct {
    int32_t *labels;
    double *targets, *weight;
} Resample;

static bool resample_create(Choice *choice, Resample *out)
{
    const Library *l = choice->library;
    const size_t n = (size_t)l->n_rows, n_targets = (size_t)library_n_targets(l);
    *out = (Resample){0};
    if (l->labels) out->labels = ARENA_NEW(choice->arena, int32_t, n);
    if (l->targets) out->targets = ARENA_NEW(choice->arena, double, n * n_targets);
    if (l->weight) out->weight = ARENA_NEW(choice->arena, double, n);
    return (!l->labels || out->labels) && (!l->targets || out->targets) && (!l->weight || out->weight);
}

static void resample_take(const Library *l, size_t row, size_t at, Resample *out)
{
    const size_t n_targets = (size_t)library_n_targets(l);
    if (out->labels) out->labels[at] = l->labels[row];
    if (out->weight) out->weight[at] = l->weight[row];
    if (out->targets)
        memcpy(out->targets + at * n_targets, l->targets + row * n_targets, n_targets * sizeof(double));
}

/* By how much `a` scores better than `b`, and the standard error of that: both scored on the same
 * resamples of the rows. */
static bool compare_values(Choice *choice, const float *a, const float *b, double *gain, double *error,
                           Error *err)
{
    const Library *library = choice->library;
    const size_t n_classes = (size_t)library->n_classes, n_rows = (size_t)library->n_rows;
    const double sign = metric_larger_is_better(choice->metric) ? 1 : -1;
    float *proba[4]; /* a, b, and a resample of each */
    Resample sample;
    int32_t *known = ARENA_NEW(choice->arena, int32_t, n_rows);
    for (int i = 0; i < 4; i++) proba[i] = ARENA_NEW(choice->arena, float, n_rows * n_classes);
    if (!resample_create(choice, &sample) || !known || !proba[0] || !proba[1] || !proba[2] || !proba[3])
        return error_memory(err);
    uint32_t n = 0;
    for (size_t i = 0; i < n_rows; i++)
        if (library_knows(library, (int)i)) known[n++] = (int32_t)i;
    memcpy(proba[0], a, n_rows * n_classes * sizeof *a);
    memcpy(proba[1], b, n_rows * n_classes * sizeof *b);
    double whole[2], cost;
    for (int k = 0; k < 2; k++) score_proba(choice, proba[k], &whole[k], &cost);
    double sum = 0, square = 0;
    int used = 0;
    for (uint32_t resample = 0; resample < RESAMPLES; resample++) {
        Rng rng = rng_stream(rng_mix(choice->seed, 1), resample, RNG_BOOTSTRAP);
        for (uint32_t i = 0; i < n; i++) {
            size_t row = (size_t)known[rng_below(&rng, n)];
            resample_take(library, row, i, &sample);
            for (int k = 0; k < 2; k++)
                memcpy(proba[2 + k] + i * n_classes, proba[k] + row * n_classes,
                       n_classes * sizeof(float));
        }
        double value[2];
        for (int k = 0; k < 2; k++) {
            ScoredRows rows = library_scored(library, proba[2 + k]);
            rows.n = (int)n;
            rows.labels = sample.labels;
            rows.targets = sample.targets;
            rows.weight = sample.weight;
            metrics_score(&rows, 1u << choice->metric, choice->scratch, &choice->metrics);
            value[k] = choice->metrics.value[choice->metric];
        }
        double difference = sign * (value[0] - value[1]);
        if (!isfinite(difference)) continue; /* a resample without a class has no AUC */
        sum += difference;
        square += difference * difference;
        used++;
    }
    *gain = sign * (whole[0] - whole[1]);
    *error = 0;
    if (used > 1) *error = sqrt(fmax(0, (square - sum * sum / used) / (used - 1)));
    return true;
}

static bool compare(Choice *choice, const Candidate *a, const Candidate *b, double *gain, double *error,
                    Error *err)
{
    const size_t cells = (size_t)choice->library->n_rows * (size_t)choice->library->n_classes;
    float *of_a = ARENA_NEW(choice->arena, float, cells), *of_b = ARENA_NEW(choice->arena, float, cells);
    if (!of_a || !of_b) return error_memory(err);
    combine(choice, a, of_a);
    combine(choice, b, of_b);
    return compare_values(choice, of_a, of_b, gain, error, err);
}

/* Better on the selection rows than the best model alone? A count metric's tie is broken by the
 * log loss, except for votes, whose shares are no probabilities. */
static bool beats(const Choice *choice, const Candidate *candidate, const Candidate *single)
{
    double gain = candidate->value - single->value;
    if (!metric_larger_is_better(choice->metric)) gain = -gain;
    if (!(gain >= 0)) return false;
    return candidate->method == SELECT_VOTE ? gain > 0 : candidate->cost < single->cost;
}

static int count_members(const Choice *choice, const Candidate *candidate)
{
    int n = 0;
    for (int m = 0; m < choice->library->n_models; m++) n += candidate->weight[m] > 0;
    return n;
}

/* The plain average of the best 2 to 5 models, whichever scores best: in a small library the fifth
 * may be a weak one. */
static bool plain_average(Choice *choice, Candidate *out, Error *err)
{
    Candidate next;
    *out = (Candidate){0};
    int most = choice->options->size < SELECT_PLAIN ? choice->options->size : SELECT_PLAIN;
    if (most > choice->n) most = choice->n;
    for (int size = most < 2 ? most : 2; size <= most; size++) {
        if (!candidate_create(choice, SELECT_AVERAGE, &next, err)) return false;
        take_best(choice, size, next.weight);
        score(choice, &next);
        if (!out->weight || next.cost < out->cost) *out = next;
    }
    return true;
}

/* Greedy selection against the plain average of the best few: which is worth believing? */
static bool guarded_greedy(Choice *choice, const Candidate *single, Candidate *out,
                           Selection *selection, Error *err)
{
    Candidate plain, whole;
    double gain = 0, error = 0;
    bool few = false;
    if (!candidate_create(choice, SELECT_GREEDY, out, err) ||
        !candidate_create(choice, SELECT_GREEDY, &whole, err) ||
        !select_greedy(choice, &whole, out, &few, selection, err))
        return false;
    if (!plain_average(choice, &plain, err)) return false;
    const int n_plain = count_members(choice, &plain);
    score(choice, out);
    score(choice, &whole);
    /* Bags guard against luck and cost a little; where there are rows enough, what one run over the
     * whole library gains beyond luck is taken. */
    if (!few && whole.cost < out->cost) {
        if (!compare(choice, &whole, out, &gain, &error, err)) return false;
        if (gain > 0.5 * error) *out = whole;
    }
    if (!compare(choice, out, &plain, &gain, &error, err)) return false;
    if (gain > 0.5 * error) {
        selection->reason = arena_print(
            choice->arena,
            "greedy selection from the best %d models: %d members, %.2g better in %s than the "
            "plain average of the best %d (standard error %.2g)",
            choice->n, count_members(choice, out), gain, metric_label(choice->metric), n_plain,
            error);
    } else if (beats(choice, &plain, single)) {
        *out = plain;
        selection->reason = arena_print(
            choice->arena,
            "the plain average of the best %d models: greedy selection gained %.2g in %s on it, "
            "less than half a standard error (%.2g)",
            n_plain, gain, metric_label(choice->metric), error);
    } else {
        if (!beats(choice, out, single) && beats(choice, &whole, single)) *out = whole;
        selection->reason = arena_print(
            choice->arena,
            "greedy selection from the best %d models: %d members; the plain average of the best "
            "%d is no better than the best model alone",
            choice->n, count_members(choice, out), n_plain);
    }
    return selection->reason ? true : error_memory(err);
}

/* A stack, if what stacks of other rows say beats the plain average of the same models by half a standard
 * error; else that average. */
static bool guarded_stack(Choice *choice, Candidate *out, Selection *selection, Error *err)
{
    const Library *library = choice->library;
    const size_t cells = (size_t)library->n_rows * (size_t)library->n_classes;
    int *member = ARENA_NEW(choice->arena, int, library->n_models);
    float *oof = ARENA_NEW(choice->arena, float, cells), *average = ARENA_NEW(choice->arena, float, cells);
    Stack stack;
    double gain, error;
    if (!member || !oof || !average) return error_memory(err);
    out->method = SELECT_AVERAGE;
    take_best(choice, choice->options->size, out->weight);
    const int n = members_of(choice, out->weight, member);
    combine(choice, out, average);
    if (!weigh_stack(library, member, n, choice->seed, choice->arena, &stack, oof, err)
        || !compare_values(choice, oof, average, &gain, &error, err))
        return false;
    const bool better = gain > 0.5 * error && stack.slope > 0;
    if (better) {
        out->method = SELECT_STACK;
        out->slope = stack.slope;
        out->intercept = stack.intercept;
        for (int m = 0; m < n; m++) out->weight[member[m]] = stack.w[m];
    }
    score(choice, out);
    selection->reason = arena_print(
        choice->arena, better
            ? "a stack of %d members, cross-validated %.2g better in %s than their plain average"
                                " (standard error %.2g)"
                              : "the plain average of the best %d models: a stack gained %.2g in %s on it,"
                                " cross-validated, less than half a standard error (%.2g)",
        count_members(choice, out), gain, metric_label(choice->metric), error);
    return selection->reason ? true : error_memory(err);
}

static bool choose(Choice *choice, const Candidate *single, Candidate *out, Selection *selection,
                   Error *err)
{
    SelectMethod method = choice->options->method == SELECT_SOFT
                              ? SELECT_AVERAGE
                              : (SelectMethod)choice->options->method;
    if (method == SELECT_GREEDY) return guarded_greedy(choice, single, out, selection, err);
    if (!candidate_create(choice, method, out, err)) return false;
    if (method == SELECT_STACK) return guarded_stack(choice, out, selection, err);
    if (method == SELECT_WEIGHTED) {
        if (!weigh(choice, out, err)) return false;
    } else {
        take_best(choice, choice->options->size, out->weight);
    }
    score(choice, out);
    int n = count_members(choice, out);
    selection->reason =
        method == SELECT_WEIGHTED
            ? arena_print(choice->arena, "%d members, weighted so that %s is least", n,
                          !library_has_numbers(choice->library) ? "log loss" : "their error")
            : arena_print(choice->arena, "the best %d models, %s each", n,
                          method == SELECT_VOTE ? "one vote" : "the same weight");
    return selection->reason ? true : error_memory(err);
}

bool ensemble_select(const Library *library, const EnsembleOptions *options, MetricId metric,
                     uint64_t seed, Arena *arena, Selection *out, Error *err)
{
    EnsembleOptions sane = *options;
    if (sane.size < 1) sane.size = 1;
    metric = select_metric(library->task, metric);
    Choice choice = {.library = library, .options = &sane, .metric = metric, .seed = seed,
                     .arena = arena};
    const size_t cells = (size_t)library->n_rows * (size_t)library->n_classes;
    choice.scratch = arena_alloc(arena, 1, scored_scratch_bytes(library->task, library->n_rows));
    choice.proba = ARENA_NEW(arena, float, cells);
    choice.row = ARENA_NEW(arena, double, library->n_classes);
    if (!choice.scratch || !choice.proba || !choice.row) return error_memory(err);
    if (!metrics_create_for(library->task, library->n_classes, arena, &choice.metrics, err)) return false;

    Selection selection = {0};
    Candidate single, chosen;
    if (!rank(&choice, err) || !candidate_create(&choice, SELECT_AVERAGE, &single, err))
        return false;
    const int alone = best_alone(&choice);
    single.weight[alone] = 1;
    score(&choice, &single);
    if (!choose(&choice, &single, &chosen, &selection, err)) return false;
    if (!beats(&choice, &chosen, &single)) {
        selection.reason = choice.n == 1 ? "there is only one model to choose from"
                                         : "no ensemble scored better than the best model alone";
        chosen = single;
    }
    selection.method = chosen.method;
    selection.vote = chosen.method == SELECT_VOTE;
    selection.weight = chosen.weight;
    selection.slope = chosen.slope;
    selection.intercept = chosen.intercept;
    selection.n_members = count_members(&choice, &chosen);
    selection.score = chosen.value;
    selection.best_single = single.value;
    selection.best_model = alone;
    *out = selection;
    return true;
}
