/* Columns shuffled, or set to one value, and everybody asked again. */
#include "inspect/effect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

/* ---- metrics of answers ------------------------------------------------------------------------ */

/* What a metric is worked out from, with room for a sample of the rows. */
typedef struct {
    const Panel *panel;
    MetricId metric;
    int positive;
    bool by_class;  /* follows from what was decided */
    Metrics metrics;
    void *scratch;
    float *proba;   /* (n, K) */
    int32_t *predicted, *labels; /* (n) */
    double *targets; /* (n, T) of numbers and labels, else NULL */
} Judge;

/* The metric that is meant, of those that the task has. */
MetricId effect_metric(const Panel *panel, MetricId asked)
{
    const TaskKind kind = panel->task->kind;
    if (asked < METRIC_COUNT && asked != METRIC_LOSS && metric_is_for(asked, kind))
        return metric_of_model(asked);
    return kind == TASK_NUMBERS ? METRIC_RMSE : METRIC_LOG_LOSS;
}

static bool judge_create(const Panel *panel, const EffectOptions *options, Arena *arena, Judge *out, Error *err)
{
    const size_t n = (size_t)panel->n;
    const bool classes = task_has_classes(panel->task);
    Judge j = {.panel = panel, .metric = effect_metric(panel, options->metric), .positive = options->positive};
    j.by_class = classes && j.metric < METRIC_LOG_LOSS;
    j.scratch = arena_alloc(arena, 1, scored_scratch_bytes(panel->task, panel->n));
    if (!classes) {
        j.targets = ARENA_NEW(arena, double, n * (size_t)panel->task->n_targets);
        if (!j.targets) return error_memory(err);
    }
    j.proba = ARENA_NEW(arena, float, n * (size_t)panel->n_classes);
    j.predicted = ARENA_NEW(arena, int32_t, n);
    j.labels = ARENA_NEW(arena, int32_t, n);
    if (!j.scratch || !j.proba || !j.predicted || !j.labels) return error_memory(err);
    *out = j;
    return metrics_create_for(panel->task, panel->n_classes, arena, &out->metrics, err);
}

static void decide(const Panel *panel, const float *proba, int32_t *predicted)
{
    for (int i = 0; i < panel->n && task_has_classes(panel->task); i++)
        predicted[i] = model_decide(panel->part[panel_part(panel, i)].model,
                                    proba + (size_t)i * (size_t)panel->n_classes);
}

/* judge() of numbers and labels. */
static void judge_targets(Judge *j, const float *proba, const uint32_t *rows)
{
    const Task *task = j->panel->task;
    const size_t k = (size_t)j->panel->n_classes, t = (size_t)task->n_targets;
    for (int i = 0; i < j->panel->n; i++) {
        const size_t row = rows ? rows[i] : (uint32_t)i, to = (size_t)i;
        memcpy(j->proba + to * k, proba + row * k, k * sizeof *proba);
        memcpy(j->targets + to * t, j->panel->table->targets + row * t, t * sizeof *j->targets);
    }
    const ScoredRows scored = {.task = task, .n = j->panel->n, .n_classes = (int)k, .values = j->proba,
                               .ld = (int)k, .targets = j->targets};
    metrics_score(&scored, 1u << j->metric, j->scratch, &j->metrics);
}

/* Of the rows in `rows` (NULL: all), in the metric's better direction: larger is better. */
static double judge(Judge *j, const float *proba, const int32_t *predicted, const uint32_t *rows)
{
    const int n = j->panel->n, k = j->panel->n_classes;
    const int32_t *labels = j->panel->table->labels;
    if (j->targets) judge_targets(j, proba, rows);
    for (int i = 0; i < n && !j->targets; i++) {
        uint32_t row = rows ? rows[i] : (uint32_t)i;
        j->labels[i] = labels[row];
        j->predicted[i] = predicted[row];
        if (!j->by_class)
            memcpy(j->proba + (size_t)i * (size_t)k, proba + (size_t)row * (size_t)k,
                   (size_t)k * sizeof *proba);
    }
    if (j->by_class)
        metrics_from_predictions(n, j->predicted, j->labels, &j->metrics);
    else if (!j->targets)
        metrics_compute(n, j->proba, k, j->labels, j->positive, 1u << j->metric, j->scratch, &j->metrics);
    double value = j->metrics.value[j->metric];
    return metric_larger_is_better(j->metric) ? value : -value;
}

bool effect_score(const Panel *panel, const EffectOptions *options, const float *proba, Arena *arena,
                  double *out, Error *err)
{
    Judge j;
    int32_t *predicted = ARENA_NEW(arena, int32_t, panel->n);
    if (!predicted) return error_memory(err);
    if (!judge_create(panel, options, arena, &j, err)) return false;
    decide(panel, proba, predicted);
    *out = judge(&j, proba, predicted, NULL);
    if (!metric_larger_is_better(j.metric)) *out = -*out;
    return true;
}

/* ---- a column changed ---------------------------------------------------------------------------- */

/* The panel's table with room for another content of one column at a time. */
typedef struct {
    Table table;
    Column *columns;
    double *number;
    int32_t *decimal, *code;
} Changed;

static bool changed_create(const Table *table, int n_rows, Arena *arena, Changed *out, Error *err)
{
    const size_t n = (size_t)n_rows;
    out->table = *table;
    out->columns = ARENA_NEW(arena, Column, table->n_columns);
    out->number = ARENA_NEW(arena, double, n);
    out->decimal = ARENA_NEW(arena, int32_t, n);
    out->code = ARENA_NEW(arena, int32_t, n);
    if (!out->columns || !out->number || !out->decimal || !out->code) return error_memory(err);
    memcpy(out->columns, table->columns, (size_t)table->n_columns * sizeof *out->columns);
    out->table.columns = out->columns;
    return true;
}

/* ---- permutation importance ------------------------------------------------------------------------ */

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Percentile of sorted numbers, interpolated. */
static double percentile(const double *sorted, int n, double share)
{
    double place = share * (n - 1);
    int at = (int)place;
    return at + 1 >= n ? sorted[n - 1] : sorted[at] + (place - at) * (sorted[at + 1] - sorted[at]);
}

/* Everything that serves all columns alike. */
typedef struct {
    const Panel *panel;
    Patched *patched;
    const EffectOptions *options;
    Judge judge;
    int32_t *order;         /* (repeats, n) */
    float *proba;           /* (repeats, n, K) */
    int32_t *predicted;     /* (repeats, n) */
    uint32_t *sample;       /* (resamples, n) */
    double base, *bases;    /* of the rows as they are, and of each sample */
    double *drop;           /* (resamples) */
} Shuffling;

static void draw_samples(Shuffling *s)
{
    const size_t n = (size_t)s->panel->n;
    s->base = judge(&s->judge, s->panel->proba, s->panel->predicted, NULL);
    for (int b = 0; b < s->options->resamples; b++) {
        uint32_t *sample = s->sample + (size_t)b * n;
        Rng rng = rng_stream(rng_mix(s->options->seed, 0x5A4D), (uint32_t)b, RNG_BOOTSTRAP);
        for (size_t i = 0; i < n; i++) sample[i] = rng_below(&rng, (uint32_t)n);
        s->bases[b] = judge(&s->judge, s->panel->proba, s->panel->predicted, sample);
    }
}

static bool one_column(Shuffling *s, int c, Importance *out, Error *err)
{
    const Panel *panel = s->panel;
    const EffectOptions *o = s->options;
    const size_t n = (size_t)panel->n, cells = n * (size_t)panel->n_classes;
    double sum = 0;
    for (int r = 0; r < o->repeats; r++) {
        int32_t *order = s->order + (size_t)r * n;
        Rng rng = rng_stream(rng_mix(o->seed, (uint64_t)c), (uint32_t)r, RNG_BOOTSTRAP);
        for (int i = 0; i < panel->n; i++) order[i] = i;
        rng_shuffle(&rng, order, n);
    }
    const Change change = {.column = c, .n_cells = panel->n, .cells = &panel->table->columns[c],
                           .n_changes = o->repeats, .from = s->order};
    if (!patched_ask(s->patched, &change, s->proba, err)) return false;
    for (int r = 0; r < o->repeats; r++) {
        decide(panel, s->proba + (size_t)r * cells, s->predicted + (size_t)r * n);
        sum += s->base - judge(&s->judge, s->proba + (size_t)r * cells, s->predicted + (size_t)r * n, NULL);
    }
    int m = 0;
    for (int b = 0; b < o->resamples; b++) {
        const size_t r = (size_t)(b % o->repeats);
        double drop = s->bases[b] - judge(&s->judge, s->proba + r * cells, s->predicted + r * n,
                                          s->sample + (size_t)b * n);
        if (isfinite(drop)) s->drop[m++] = drop;
    }
    qsort(s->drop, (size_t)m, sizeof *s->drop, compare_doubles);
    *out = (Importance){c, sum / o->repeats, m > 1 ? percentile(s->drop, m, 0.025) : NAN,
                        m > 1 ? percentile(s->drop, m, 0.975) : NAN};
    return true;
}

bool effect_importance(const Panel *panel, Patched *patched, const EffectOptions *options, const int *columns,
                       int n, Arena *arena, Importance *out, Error *err)
{
    const size_t rows = (size_t)panel->n, repeats = (size_t)options->repeats;
    const size_t resamples = (size_t)options->resamples;
    Shuffling s = {.panel = panel, .patched = patched, .options = options};
    s.order = ARENA_NEW(arena, int32_t, repeats * rows);
    s.proba = ARENA_NEW(arena, float, repeats * rows * (size_t)panel->n_classes);
    s.predicted = ARENA_NEW(arena, int32_t, repeats * rows);
    s.sample = ARENA_NEW(arena, uint32_t, resamples * rows);
    s.bases = ARENA_NEW(arena, double, resamples + 1);
    s.drop = ARENA_NEW(arena, double, resamples + 1);
    if (!s.order || !s.proba || !s.predicted || !s.sample || !s.bases || !s.drop) return error_memory(err);
    if (!judge_create(panel, options, arena, &s.judge, err)) return false;
    draw_samples(&s);
    for (int i = 0; i < n; i++)
        if (!one_column(&s, columns[i], &out[i], err)) return false;
    return true;
}

/* ---- partial dependence ------------------------------------------------------------------------------ */

/* Values at even quantiles, equal ones once. */
static bool number_points(const Column *column, int n, Arena *arena, Dependence *out, Error *err)
{
    double *sorted = ARENA_NEW(arena, double, n);
    int m = 0;
    if (!sorted) return error_memory(err);
    for (int i = 0; i < n; i++) {
        double v = column_number(column, i);
        if (isfinite(v)) sorted[m++] = v;
    }
    qsort(sorted, (size_t)m, sizeof *sorted, compare_doubles);
    int distinct = m > 0;
    for (int i = 1; i < m; i++) distinct += sorted[i] != sorted[i - 1];
    for (int p = 0; p < EFFECT_POINTS && m > 0; p++) {
        /* Of few values each; else from the 1st to the 99th percentile: the ends hold few rows. */
        bool few = distinct <= EFFECT_POINTS;
        double last = out->n > 0 ? out->at[out->n - 1] : -INFINITY;
        double v = few ? sorted[0] : percentile(sorted, m, 0.01 + 0.98 * p / (EFFECT_POINTS - 1));
        for (int i = 0; few && i < m && v <= last; i++) v = sorted[i];
        if (v > last) out->at[out->n++] = v;
    }
    return true;
}

/* The most frequent levels. */
static bool level_points(const Column *column, int n, Arena *arena, Dependence *out, Error *err)
{
    int *count = ARENA_NEW(arena, int, column->n_levels + 1);
    if (!count) return error_memory(err);
    for (int i = 0; i < n; i++) count[column->code[i] + 1]++;
    while (out->n < EFFECT_POINTS) {
        int best = 0;
        for (int l = 0; l <= column->n_levels; l++)
            if (count[l] > count[best]) best = l;
        if (count[best] <= 0) break;
        out->level[out->n++] = best - 1;
        count[best] = 0;
    }
    return true;
}

/* The panel's cells, and behind them the values of `d`. */
static bool cells_and_points(const Column *column, int n, const Dependence *d, Arena *arena, Column *out,
                             Error *err)
{
    const bool words = column_has_words(column->kind);
    int32_t *code = words ? ARENA_NEW(arena, int32_t, n + d->n) : NULL;
    double *number = words ? NULL : ARENA_NEW(arena, double, n + d->n);
    if (!code && !number) return error_memory(err);
    for (int i = 0; i < n + d->n; i++) {
        if (words) code[i] = i < n ? column->code[i] : d->level[i - n];
        else number[i] = i < n ? column_number(column, i) : d->at[i - n];
    }
    *out = *column;
    out->code = code;
    out->number = number;
    out->decimal = NULL;
    return true;
}

bool effect_dependence(const Panel *panel, Patched *patched, int c, int most_rows, Arena *arena,
                       Dependence *out, Error *err)
{
    const size_t k = (size_t)panel->n_classes, rows = (size_t)panel->n;
    const Column *column = &panel->table->columns[c];
    Column cells;
    Dependence d = {0};
    if (!(column_has_words(column->kind) ? level_points : number_points)(column, panel->n, arena, &d, err)
        || !cells_and_points(column, panel->n, &d, arena, &cells, err))
        return false;
    d.mean = ARENA_NEW(arena, double, (size_t)(d.n + 1) * k);
    float *proba = ARENA_NEW(arena, float, (size_t)(d.n + 1) * rows * k);
    int32_t *from = ARENA_NEW(arena, int32_t, (size_t)(d.n + 1) * rows);
    int *asked = ARENA_NEW(arena, int, panel->n_parts), total = 0; /* every part gives its share of the rows */
    if (!d.mean || !proba || !from || !asked) return error_memory(err);
    for (int p = 0; p < panel->n_parts; p++) {
        asked[p] = panel->part[p].n;
        if (panel->n > most_rows) asked[p] = (int)((int64_t)panel->part[p].n * most_rows / panel->n);
        total += asked[p];
    }
    for (int v = 0; v < d.n; v++)
        for (size_t i = 0; i < rows; i++) from[(size_t)v * rows + i] = panel->n + v;
    const Change change = {.column = c, .n_cells = panel->n + d.n, .cells = &cells, .n_changes = d.n,
                           .from = from, .asked = asked};
    if (total > 0 && !patched_ask(patched, &change, proba, err)) return false;
    for (int v = 0; total > 0 && v < d.n; v++)
        for (int p = 0; p < panel->n_parts; p++)
            for (int i = panel->part[p].from; i < panel->part[p].from + asked[p]; i++)
                for (size_t j = 0; j < k; j++)
                    d.mean[(size_t)v * k + j] += (double)proba[((size_t)v * rows + (size_t)i) * k + j] / total;
    *out = d;
    return true;
}

/* ---- one row ------------------------------------------------------------------------------------------ */

/* Copies of one row, as many as there are others to take a value from. */
static bool copies_of(const Table *table, int row, int n, Arena *arena, Table **out, Error *err)
{
    int32_t *rows = ARENA_NEW(arena, int32_t, n);
    if (!rows) return error_memory(err);
    for (int i = 0; i < n; i++) rows[i] = row;
    return table_rows(table, rows, n, arena, out, err);
}

bool effect_contributions(const Panel *panel, const Table *table, int row, int class, const Model *model,
                          int most_rows, Arena *arena, double *out, Error *err)
{
    const int n = panel->n < most_rows ? panel->n : most_rows, k = panel->n_classes;
    Table *copies;
    Changed changed;
    float *proba = ARENA_NEW(arena, float, (size_t)n * (size_t)k);
    if (!proba) return error_memory(err);
    if (!copies_of(table, row, n, arena, &copies, err) || !changed_create(copies, n, arena, &changed, err))
        return false;
    Arena *work = arena_create(0);
    bool ok = work || error_memory(err);
    ok = ok && model_predict(model, copies, work, proba, err);
    double own = ok ? (double)proba[class] : 0;
    const Task *task = panel->task;
    const double unit = task->kind == TASK_NUMBERS ? task->targets[class / task_stride(task)].unit : 1;
    for (int c = 0; ok && c < table->n_columns; c++) {
        const Column *from = &panel->table->columns[c];
        for (int i = 0; i < n; i++) {
            int other = (int)((int64_t)i * panel->n / n);
            if (column_has_words(from->kind)) changed.code[i] = from->code[other];
            else changed.number[i] = column_number(from, other);
        }
        Column *column = &changed.columns[c];
        if (column_has_words(from->kind)) {
            column->code = changed.code;
            column->levels = from->levels, column->n_levels = from->n_levels;
        } else {
            column->number = changed.number, column->decimal = NULL;
        }
        arena_reset(work);
        ok = model_predict(model, &changed.table, work, proba, err);
        changed.columns[c] = copies->columns[c];
        double mean = 0;
        for (int i = 0; ok && i < n; i++) mean += (double)proba[(size_t)i * (size_t)k + (size_t)class] / n;
        out[c] = (own - mean) * unit;
    }
    arena_destroy(work);
    return ok;
}
