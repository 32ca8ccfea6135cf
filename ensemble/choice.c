/* The library best first, what candidates say of its rows, how good that is, and the budget. What is handed out
 * is scored as the model file will compute it.
 */
#include "ensemble/choice.h"

#include <math.h>

#include "model/pool.h"

bool library_knows(const Library *library, int row)
{
    const int n = library_n_targets(library);
    if (library->labels) return library->labels[row] >= 0;
    for (int t = 0; t < n; t++)
        if (!isnan(library->targets[(size_t)row * (size_t)n + (size_t)t])) return true;
    return false;
}

MetricId select_metric(const Task *task, MetricId metric)
{
    if (metric != METRIC_LOSS) return metric;
    if (!task || task->kind != TASK_NUMBERS) return METRIC_LOG_LOSS;
    return task->n_quantiles > 0 ? METRIC_PINBALL : METRIC_RMSE;
}

unsigned select_needs(const Task *task, MetricId metric)
{
    return 1u << metric | (task && task->kind == TASK_NUMBERS ? 1u << METRIC_R2 : 1u << METRIC_LOG_LOSS);
}

double select_grain(const Task *task, MetricId metric, const double value[METRIC_COUNT])
{
    if (!task || task->kind != TASK_NUMBERS) return value[METRIC_LOG_LOSS];
    return metric == METRIC_SPEARMAN || metric == METRIC_COVERAGE ? 1 - value[METRIC_R2] : 0;
}

double select_cost(MetricId metric, double value, double grain)
{
    double cost = (metric_larger_is_better(metric) ? -value : value) + 1e-3 * grain;
    return isfinite(cost) ? cost : INFINITY;
}

/* ---- the budget ------------------------------------------------------------------------------ */

static bool within(double spent, double most)
{
    return most <= 0 || spent <= most;
}

bool choice_afford(const Choice *choice, int model, Spent *spent)
{
    const Library *l = choice->library;
    const EnsembleOptions *o = choice->options;
    Spent more = *spent;
    if (l->bytes) more.bytes += (double)l->bytes[model];
    if (l->us) more.us += l->us[model];
    if (l->networks) more.networks += l->networks[model];
    if (!within(more.bytes, o->max_bytes) || !within(more.us, o->max_us)
        || !within(more.networks, o->max_networks))
        return false;
    *spent = more;
    return true;
}

/* Says of the first budget that no model meets by itself what would do; else that they are too tight
 * together. */
static bool too_tight(const Choice *choice, Error *err)
{
    const Library *l = choice->library;
    const EnsembleOptions *o = choice->options;
    Spent least = {INFINITY, INFINITY, INFINITY};
    for (int m = 0; m < l->n_models; m++) {
        if (l->bytes) least.bytes = fmin(least.bytes, (double)l->bytes[m]);
        if (l->us) least.us = fmin(least.us, l->us[m]);
        if (l->networks) least.networks = fmin(least.networks, l->networks[m]);
    }
    if (l->bytes && !within(least.bytes, o->max_bytes))
        return error_set(err, ERR_CONFIG, "ensemble.max_bytes is %.0f, and the smallest model has %.0f; raise"
                         " it, or train smaller networks", o->max_bytes, least.bytes);
    if (l->us && !within(least.us, o->max_us))
        return error_set(err, ERR_CONFIG, "ensemble.max_us is %g, and the quickest model takes %.3g us a"
                         " prediction; raise it, or train smaller networks or fewer folds", o->max_us,
                         least.us);
    if (l->networks && !within(least.networks, o->max_networks))
        return error_set(err, ERR_CONFIG, "ensemble.max_networks is %d, and each model has at least %.0f (one"
                         " a fold); raise it, or train with fewer folds", o->max_networks, least.networks);
    return error_set(err, ERR_CONFIG, "no model fits all of ensemble.max_bytes, max_us and max_networks; raise"
                     " one, or train smaller networks");
}

/* ---- candidates ------------------------------------------------------------------------------ */

bool candidate_create(Choice *choice, SelectMethod method, Candidate *out, Error *err)
{
    *out = (Candidate){.method = method,
                       .weight = ARENA_NEW(choice->arena, double, choice->library->n_models)};
    return out->weight ? true : error_memory(err);
}

void choice_combine(const Choice *choice, const Candidate *candidate, float *proba)
{
    const Library *library = choice->library;
    const int n_classes = library->n_classes;
    const bool pooled = candidate->method == SELECT_STACK && !candidate->intercept;
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
                choice->row[c] += candidate->weight[m] * (pooled ? pool_log(q[c]) : q[c]);
        }
        if (candidate->intercept) {
            const int stride = task_stride(library->task);
            for (int c = 0; c < n_classes; c++)
                proba[at + (size_t)c] = (float)(candidate->intercept[c / stride]
                                                + candidate->slope * (choice->row[c] / total));
            continue;
        }
        for (int c = 0; c < n_classes; c++) proba[at + (size_t)c] = (float)(choice->row[c] / total);
        if (pooled) pool_softmax(n_classes, candidate->slope, proba + at);
    }
}

void choice_score_proba(Choice *choice, const float *proba, double *value, double *cost)
{
    const Task *task = choice->library->task;
    const ScoredRows rows = library_scored(choice->library, proba);
    metrics_score(&rows, select_needs(task, choice->metric), choice->scratch, &choice->metrics);
    *value = choice->metrics.value[choice->metric];
    *cost = select_cost(choice->metric, *value, select_grain(task, choice->metric, choice->metrics.value));
}

void choice_score(Choice *choice, Candidate *candidate)
{
    choice_combine(choice, candidate, choice->proba);
    choice_score_proba(choice, choice->proba, &candidate->value, &candidate->cost);
}

int choice_members(const Choice *choice, const double *weight, int *member)
{
    int n = 0;
    for (int m = 0; m < choice->library->n_models; m++)
        if (weight[m] > 0) member[n++] = m;
    return n;
}

bool choice_beats(const Choice *choice, const Candidate *candidate, const Candidate *single)
{
    double gain = candidate->value - single->value;
    if (!metric_larger_is_better(choice->metric)) gain = -gain;
    if (!(gain >= 0)) return false;
    return candidate->method == SELECT_VOTE ? gain > 0 : candidate->cost < single->cost;
}

/* ---- the library, best first ---------------------------------------------------------------- */

static bool rank(Choice *choice, Error *err)
{
    const Library *library = choice->library;
    double *cost = ARENA_NEW(choice->arena, double, library->n_models);
    choice->ranked = ARENA_NEW(choice->arena, int, library->n_models);
    if (!cost || !choice->ranked) return error_memory(err);
    int n = 0, n_fit = 0;
    for (int m = 0; m < library->n_models; m++) {
        Spent alone = {0};
        if (!choice_afford(choice, m, &alone)) continue;
        n_fit++;
        double value;
        choice_score_proba(choice, library->proba[m], &value, &cost[m]);
        if (!isfinite(cost[m])) continue;
        int at = n++; /* insertion: equal costs stay in order of their numbers */
        for (; at > 0 && cost[choice->ranked[at - 1]] > cost[m]; at--)
            choice->ranked[at] = choice->ranked[at - 1];
        choice->ranked[at] = m;
    }
    if (library->n_models > 0 && n_fit == 0) return too_tight(choice, err);
    if (n == 0)
        return error_set(err, ERR_DATA, "no model has a finite %s on labelled rows",
                         metric_label(choice->metric));
    int most = choice->options->library;
    choice->n = most > 0 && most < n ? most : n;
    return true;
}

int choice_take_best(const Choice *choice, int size, double *weight)
{
    int taken = 0;
    Spent spent = {0};
    for (int i = 0; i < choice->n && taken < size; i++) {
        int m = choice->ranked[i];
        if (!choice_afford(choice, m, &spent)) continue;
        weight[m] = 1;
        taken++;
    }
    for (int i = 0; i < choice->n; i++) weight[choice->ranked[i]] /= taken;
    return taken;
}

bool choice_begin(const Library *library, const EnsembleOptions *options, MetricId metric, uint64_t seed,
                  Arena *arena, Choice *out, Error *err)
{
    const size_t cells = (size_t)library->n_rows * (size_t)library->n_classes;
    *out = (Choice){.library = library, .options = options, .metric = select_metric(library->task, metric),
                    .seed = seed, .arena = arena};
    out->scratch = arena_alloc(arena, 1, scored_scratch_bytes(library->task, library->n_rows));
    out->proba = ARENA_NEW(arena, float, cells);
    out->row = ARENA_NEW(arena, double, library->n_classes);
    if (!out->scratch || !out->proba || !out->row) return error_memory(err);
    return metrics_create_for(library->task, library->n_classes, arena, &out->metrics, err) && rank(out, err);
}
