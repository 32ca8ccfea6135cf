/* How often intervals and sets hold what they promise, and how wide or large they are. */
#include <math.h>

#include "model/evaluate_parts.h"
#include "model/interval.h"

/* Rows that were held, what they weigh, and how wide or large on average. */
typedef struct {
    double held, size, weight, square;
} Kept;

static void add_row(Kept *kept, bool held, double size, double weight)
{
    kept->held += held ? weight : 0;
    kept->size += weight * size;
    kept->weight += weight;
    kept->square += weight * weight;
}

/* Rows that weigh differently count as so many alike ones as would say as much (Kish 1965). */
static void write_kept(const Kept *kept, double level, const char *size, Doc *out)
{
    const double share = kept->held / kept->weight, n = kept->weight * kept->weight / kept->square;
    const Interval interval = kept->weight > 0 ? interval_share(share * n, n) : interval_none;
    doc_set_number(out, "level", level);
    Doc *coverage = doc_set(out, "coverage", doc_object());
    doc_set_number(coverage, "value", share);
    doc_set_number(coverage, "low95", interval.low);
    doc_set_number(coverage, "high95", interval.high);
    doc_set_number(out, size, kept->size / kept->weight);
}

static double weight_of(const Judged *j, int i)
{
    return j->weight ? j->weight[i] : 1;
}

/* ---- numbers ----------------------------------------------------------------------------------- */

static void write_intervals(const Conformal *c, const Judged *j, int t, Doc *out)
{
    const Task *task = j->task;
    Doc *list = doc_set(out, "interval", doc_array());
    for (int l = 0; l < c->n_levels; l++) {
        Kept kept = {.held = 0};
        for (int i = 0; i < j->n; i++) {
            const double y = j->targets[(size_t)i * (size_t)task->n_targets + (size_t)t];
            double low, high;
            if (!isfinite(y)) continue;
            conformal_interval(c, task, l, t, j->proba + (size_t)i * (size_t)j->n_classes, &low, &high);
            add_row(&kept, y >= low && y <= high, high - low, weight_of(j, i));
        }
        Doc *one = doc_add(list, doc_object());
        write_kept(&kept, c->level[l], "width", one);
        doc_set_text(one, "method", conformal_names[c->method[t]]);
    }
}

/* The widest interval of each of the worst rows. */
static Doc *with_intervals(const Conformal *c, const Judged *j, int t, const Doc *worst)
{
    Doc *more = doc_array();
    for (size_t i = 0; i < doc_count(worst); i++) {
        Doc *one = doc_add(more, doc_copy(doc_at(worst, i)));
        double row = doc_to_number(doc_get(one, "row"), -1), low, high;
        if (!(row >= 0 && row < j->n)) continue;
        conformal_interval(c, j->task, c->n_levels - 1, t, j->proba + (size_t)row * (size_t)j->n_classes, &low,
                           &high);
        doc_set_number(one, "low", low);
        doc_set_number(one, "high", high);
    }
    return more;
}

static void of_numbers(const Conformal *c, const Judged *j, Doc *doc)
{
    const Doc *targets = doc_get(doc, "targets");
    Doc *more = doc_array(); /* documents are built, not changed */
    for (size_t t = 0; t < doc_count(targets); t++) {
        Doc *target = doc_add(more, doc_copy(doc_at(targets, t)));
        write_intervals(c, j, (int)t, target);
        doc_set(target, "worst", with_intervals(c, j, (int)t, doc_get(target, "worst")));
    }
    doc_set(doc, "targets", more);
}

/* ---- classes ----------------------------------------------------------------------------------- */

static bool of_classes(const Conformal *c, const Judged *j, Arena *arena, Doc *doc, Error *err)
{
    bool *in = ARENA_NEW(arena, bool, j->n_classes);
    if (!in) return error_memory(err);
    Doc *list = doc_set(doc, "sets", doc_array());
    for (int l = 0; l < c->n_levels; l++) {
        Kept kept = {.held = 0};
        double empty = 0;
        for (int i = 0; i < j->n; i++) {
            if (j->labels[i] < 0) continue;
            int n = conformal_set(c, l, j->n_classes, j->proba + (size_t)i * (size_t)j->n_classes, in);
            add_row(&kept, in[j->labels[i]], n, weight_of(j, i));
            empty += n == 0 ? weight_of(j, i) : 0;
        }
        Doc *one = doc_add(list, doc_object());
        write_kept(&kept, c->level[l], "size", one);
        doc_set_number(one, "empty", empty / kept.weight);
        doc_set_text(one, "method", conformal_names[c->method[0]]);
    }
    return true;
}

bool evaluate_promises(const Conformal *c, const Judged *j, Arena *arena, Doc *doc, Error *err)
{
    const TaskKind kind = j->task ? j->task->kind : TASK_CLASSES;
    if (!c || kind == TASK_LABELS) return true;
    if (kind != TASK_NUMBERS) return of_classes(c, j, arena, doc, err);
    of_numbers(c, j, doc);
    return true;
}
