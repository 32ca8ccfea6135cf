/* Which models, with which weights. The scores of the many averages that greedy selection tries
 * come from score.c; what is handed out is scored again, exactly as the model file will compute
 * it, and compared with the best single model.
 */
#include "ensemble/select.h"

#include <math.h>
#include <string.h>

#include "ensemble/compare.h"
#include "ensemble/greedy.h"
#include "ensemble/weigh_numbers.h"

/* ---- the best alone ------------------------------------------------------------------------- */

/* The best alone, by the rule of the whole study: the best value, of equal values the first. (The library is
 * ranked with a grain of log loss besides, which is for mixing.) */
static int best_alone(Choice *choice)
{
    int best = choice->ranked[0];
    double value, cost, most = -INFINITY;
    for (int i = 0; i < choice->n; i++) {
        int m = choice->ranked[i];
        choice_score_proba(choice, choice->library->proba[m], &value, &cost);
        if (!metric_larger_is_better(choice->metric)) value = -value;
        if (value > most || (value == most && m < best)) most = value, best = m;
    }
    return best;
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
    choice_take_best(choice, choice->options->size, out->weight);
    const int n = choice_members(choice, out->weight, member);
    if (!weigh_simplex(choice->library, member, n, choice->metric, choice->arena, w, err)) return false;
    keep_weights(member, w, n, out->weight);
    return true;
}

static bool weigh(Choice *choice, Candidate *out, Error *err)
{
    const Library *library = choice->library;
    if (library_has_numbers(library)) return weigh_numbers(choice, out, err);
    int n = choice_take_best(choice, choice->options->size, out->weight), n_rows = 0;
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
        choice_take_best(choice, size, next.weight);
        choice_score(choice, &next);
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
    choice_score(choice, out);
    choice_score(choice, &whole);
    /* Bags guard against luck and cost a little; where there are rows enough, what one run over the
     * whole library gains beyond luck is taken. */
    if (!few && whole.cost < out->cost) {
        if (!compare_candidates(choice, &whole, out, &gain, &error, err)) return false;
        if (gain > 0.5 * error) *out = whole;
    }
    if (!compare_candidates(choice, out, &plain, &gain, &error, err)) return false;
    if (gain > 0.5 * error) {
        selection->reason = arena_print(
            choice->arena,
            "greedy selection from the best %d models: %d members, %.2g better in %s than the "
            "plain average of the best %d (standard error %.2g)",
            choice->n, count_members(choice, out), gain, metric_label(choice->metric), n_plain,
            error);
    } else if (choice_beats(choice, &plain, single)) {
        *out = plain;
        selection->reason = arena_print(
            choice->arena,
            "the plain average of the best %d models: greedy selection gained %.2g in %s on it, "
            "less than half a standard error (%.2g)",
            n_plain, gain, metric_label(choice->metric), error);
    } else {
        if (!choice_beats(choice, out, single) && choice_beats(choice, &whole, single)) *out = whole;
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
    choice_take_best(choice, choice->options->size, out->weight);
    const int n = choice_members(choice, out->weight, member);
    choice_combine(choice, out, average);
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
    choice_score(choice, out);
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
    if (method == SELECT_AUTO || (method == SELECT_STACK && !library_has_numbers(choice->library)))
        method = SELECT_GREEDY;
    if (method == SELECT_GREEDY) return guarded_greedy(choice, single, out, selection, err);
    if (!candidate_create(choice, method, out, err)) return false;
    if (method == SELECT_STACK) return guarded_stack(choice, out, selection, err);
    if (method == SELECT_WEIGHTED) {
        if (!weigh(choice, out, err)) return false;
    } else {
        choice_take_best(choice, choice->options->size, out->weight);
    }
    choice_score(choice, out);
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
    Choice choice;
    Selection selection = {0};
    Candidate single, chosen;
    if (!choice_begin(library, &sane, metric, seed, arena, &choice, err)
        || !candidate_create(&choice, SELECT_AVERAGE, &single, err))
        return false;
    const int alone = best_alone(&choice);
    single.weight[alone] = 1;
    choice_score(&choice, &single);
    if (!choose(&choice, &single, &chosen, &selection, err)) return false;
    if (!choice_beats(&choice, &chosen, &single)) {
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
