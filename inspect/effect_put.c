/* Importance and partial dependence as parts of the document, within an amount of work. */
#include <math.h>
#include <stdlib.h>

#include "data/dates.h"
#include "inspect/effect.h"
#include "inspect/say.h"

enum { MOST_COLUMNS = 100, SHOWN_DEPENDENCES = 6, MOST_CLASSES = 10 };
enum { MOST_ROWS = 1000, LEAST_ROWS = 200, LEAST_REPEATS = 2 };
enum { MOST_DEPENDENCE_ROWS = 200, LEAST_DEPENDENCE_ROWS = 50 };

static int by_drop(const void *a, const void *b)
{
    const Importance *x = a, *y = b;
    double p = isfinite(x->drop) ? x->drop : -INFINITY, q = isfinite(y->drop) ? y->drop : -INFINITY;
    return p != q ? (p < q ? 1 : -1) : x->column - y->column;
}

static void put_importance(const Panel *panel, const EffectOptions *o, const Importance *list, int n,
                           double score, Doc *out)
{
    Doc *importance = doc_set(out, "importance", doc_object());
    const MetricId metric = effect_metric(panel, o->metric);
    doc_set_text(importance, "metric", metric_name(metric != METRIC_LOG_LOSS ? metric : o->metric));
    doc_set_text(importance, "metric_label", metric_label(metric != METRIC_LOG_LOSS ? metric : o->metric));
    doc_set_number(importance, "score", say_round(score));
    doc_set_number(importance, "rows", panel->n);
    doc_set_number(importance, "repeats", o->repeats);
    doc_set_number(importance, "columns", panel->table->n_columns);
    doc_set_bool(importance, "out_of_fold", panel->n_parts > 1);
    Doc *features = doc_set(importance, "features", doc_array());
    for (int i = 0; i < n; i++) {
        Doc *feature = doc_add(features, doc_object());
        doc_set_text(feature, "name", panel->table->columns[list[i].column].name);
        doc_set_number(feature, "drop", say_round(list[i].drop));
        doc_set_number(feature, "low95", say_round(list[i].low95));
        doc_set_number(feature, "high95", say_round(list[i].high95));
    }
}

/* A number as it is drawn: a date in years, a time in hours. */
static double drawn(const Column *column, double value)
{
    if (column->kind != COLUMN_DATE) return value;
    return date_is_clock(column->format) ? value / 3600 : 1970 + value / (365.2425 * 86400);
}

/* How often values occur: of a number a histogram, of a level its share. */
static bool put_distribution(const Column *column, const Dependence *d, int n, Arena *arena, Doc *out,
                             Error *err)
{
    if (column_has_words(column->kind)) {
        Doc *shares = doc_set(out, "shares", doc_array());
        for (int v = 0; v < d->n; v++) {
            int count = 0;
            for (int i = 0; i < n; i++) count += column->code[i] == d->level[v];
            doc_add(shares, doc_number(say_round((double)count / n)));
        }
        return true;
    }
    /* Between the drawn ends: one wild value must not press the rest into one bar. */
    float *inside = ARENA_NEW(arena, float, n);
    int m = 0;
    if (!inside) return error_memory(err);
    for (int i = 0; d->n > 0 && i < n; i++) {
        double v = column_number(column, i);
        if (v >= d->at[0] && v <= d->at[d->n - 1]) inside[m++] = (float)drawn(column, v);
    }
    doc_set(out, "distribution", say_histogram(inside, (size_t)m));
    return true;
}

/* Of targets what is said of them, in their own units; of very many the first ones. */
static void put_targets(const Panel *panel, const Dependence *d, Doc *one)
{
    const Task *task = panel->task;
    const size_t k = (size_t)panel->n_classes;
    Doc *classes = doc_set(one, "classes", doc_array());
    for (int t = 0; t < task->n_targets && t < MOST_CLASSES; t++) {
        const size_t at = (size_t)(t * task_stride(task) + task_point(task));
        Doc *target = doc_add(classes, doc_object());
        doc_set_text(target, "label", task->targets[t].name);
        Doc *mean = doc_set(target, "mean", doc_array());
        for (int v = 0; v < d->n; v++) {
            double value = d->mean[(size_t)v * k + at];
            if (task->kind == TASK_NUMBERS) value = task_number(task, t, value);
            doc_add(mean, doc_number(say_round(value)));
        }
    }
}

static bool put_one(const Panel *panel, Patched *patched, int c, const EffectOptions *o, int rows,
                    Arena *arena, Doc *list, Error *err)
{
    const Column *column = &panel->table->columns[c];
    const int k = panel->n_classes;
    Dependence d;
    bool nominal = column_has_words(column->kind);
    if (!effect_dependence(panel, patched, c, rows, arena, &d, err)) return false;
    Doc *one = doc_add(list, doc_object());
    doc_set_text(one, "name", column->name);
    doc_set_text(one, "kind", column_kind_names[column->kind]);
    if (nominal) {
        Doc *levels = doc_set(one, "levels", doc_array());
        for (int v = 0; v < d.n; v++)
            doc_add(levels, doc_text(d.level[v] < 0 ? NULL : column->levels[d.level[v]]));
    } else {
        double at[EFFECT_POINTS];
        for (int v = 0; v < d.n; v++) at[v] = drawn(column, d.at[v]);
        doc_set(one, "at", say_numbers(at, (size_t)d.n));
    }
    if (!task_has_classes(panel->task)) {
        put_targets(panel, &d, one);
        return put_distribution(column, &d, panel->n, arena, one, err);
    }
    /* Of two classes one says it all; of very many the first ones. */
    int first = k == 2 && o->positive != 0, last = first;
    if (k > 2) last = k < MOST_CLASSES ? k - 1 : MOST_CLASSES - 1;
    Doc *classes = doc_set(one, "classes", doc_array());
    for (int j = first; j <= last; j++) {
        Doc *class = doc_add(classes, doc_object());
        doc_set_text(class, "label", panel->table->classes[j]);
        Doc *mean = doc_set(class, "mean", doc_array());
        for (int v = 0; v < d.n; v++)
            doc_add(mean, doc_number(say_round(d.mean[(size_t)v * (size_t)k + (size_t)j])));
    }
    return put_distribution(column, &d, panel->n, arena, one, err);
}

static int within(double n, int least, int most)
{
    return n >= most ? most : n > least ? (int)n : least;
}

EffectPlan effect_plan(const EffectOptions *options, const PanelSource *sources, int n_sources)
{
    const Model *model = sources[0].model;
    const double columns = model->schema.n_columns;
    int64_t rows = 0;
    double change = 1, cells = 0; /* of a row: the first of who answers for it, the others of all */
    for (int s = 0; s < n_sources; s++) {
        PatchedCost cost = patched_cost(sources[s].model);
        rows += sources[s].n;
        change = fmax(change, cost.change);
        cells += cost.cells;
    }
    EffectPlan plan = {.rows = MOST_ROWS, .repeats = options->repeats, .columns = MOST_COLUMNS};
    if (columns < plan.columns) plan.columns = (int)columns;
    plan.dependence_rows = within(options->work / 3 / (change * SHOWN_DEPENDENCES * EFFECT_POINTS),
                                  LEAST_DEPENDENCE_ROWS, MOST_DEPENDENCE_ROWS);
    if (columns == 0) return plan;
    /* Rows tell more than shuffles of the same ones: these go first, all but two, and the second last. */
    const double work = options->work * 2 / 3, enough = rows < MOST_ROWS ? (double)rows : MOST_ROWS;
    double fits, column;
    while (true) {
        column = change * plan.repeats + cells / columns; /* of a row */
        fits = work / (column * plan.columns);
        const double least = plan.repeats > LEAST_REPEATS ? enough : fmin(enough, LEAST_ROWS);
        if (fits >= least || plan.repeats <= 1) break;
        plan.repeats--;
    }
    plan.rows = within(fits, LEAST_ROWS, MOST_ROWS);
    const double asked = plan.rows < rows ? plan.rows : (double)rows;
    plan.columns = within(2 * work / (column * fmax(asked, 1)), 1, plan.columns);
    return plan;
}

static bool put_all(const Panel *panel, Patched *patched, const EffectOptions *options, const EffectPlan *plan,
                    int *order, Arena *arena, Doc *out, Error *err)
{
    EffectOptions o = *options;
    double score;
    const int n = plan->columns;
    Importance *list = ARENA_NEW(arena, Importance, n);
    o.repeats = plan->repeats;
    if (!list) return error_memory(err);
    if (!effect_score(panel, &o, panel->proba, arena, &score, err)
        || !effect_importance(panel, patched, &o, order, n, arena, list, err))
        return false;
    qsort(list, (size_t)n, sizeof *list, by_drop);
    for (int i = 0; i < n; i++) order[i] = list[i].column;
    put_importance(panel, &o, list, n, score, out);
    Doc *dependence = doc_set(out, "dependence", doc_array());
    for (int i = 0, shown = 0; i < n && shown < SHOWN_DEPENDENCES; i++) {
        /* No value of a text is typical. */
        if (panel->table->columns[list[i].column].kind == COLUMN_FREE_TEXT) continue;
        if (!put_one(panel, patched, list[i].column, &o, plan->dependence_rows, arena, dependence, err))
            return false;
        shown++;
    }
    return true;
}

bool effect_put(const Panel *panel, const EffectOptions *options, const EffectPlan *plan, int *order,
                Arena *arena, Doc *out, Error *err)
{
    Patched *patched;
    if (panel->table->n_columns == 0 || !table_has_label(panel->table)) return true;
    if (!patched_create(panel, &patched, err)) return false;
    bool ok = put_all(panel, patched, options, plan, order, arena, out, err);
    patched_destroy(patched);
    return ok;
}
