/* What stands behind the members of numbers, and intervals and sets: read from a model file. */
#include <math.h>
#include <string.h>

#include "model/model_reader.h"

/* Of classes one method for all, of numbers one of theirs for each target. */
static bool read_methods(ModelReader *r, const Doc *list, const Schema *schema, Conformal *out)
{
    const bool numbers = schema->task.kind == TASK_NUMBERS;
    const size_t n = doc_count(list), parts = (size_t)(numbers ? schema->task.n_targets : schema->n_classes);
    if (doc_kind(list) != DOC_ARRAY || !(n == parts || (!numbers && n == 1)))
        return reader_bad(r, "conformal: its methods do not fit what is predicted");
    int *method = ARENA_NEW(r->arena, int, n);
    if (!method) return error_memory(r->err);
    for (size_t i = 0; i < n; i++) {
        const char *name = doc_to_text(doc_at(list, i), "");
        method[i] = names_find(conformal_names, name);
        bool fits = method[i] >= 0 && (numbers ? method[i] <= CONFORMAL_QUANTILES : method[i] >= CONFORMAL_LAC
                                                                             && method[i] == method[0]);
        if (!fits || (method[i] == CONFORMAL_QUANTILES && schema->task.n_quantiles < 2)
            || (method[i] == CONFORMAL_SCALED && out->n_knots == 0)
            || (!numbers && (method[i] == CONFORMAL_BY_CLASS) != (n == (size_t)schema->n_classes && n > 1)))
            return reader_bad(r, "conformal: method `%.40s` does not fit", name);
    }
    out->n_parts = (int)n;
    out->method = method;
    return true;
}

/* Margins have no limit but that of sums; knots rise, and errors are above 0. */
static bool sound(ModelReader *r, const Conformal *c)
{
    static const double most = 1e300;
    for (int l = 0; l < c->n_levels; l++)
        if (!(c->level[l] > (l ? c->level[l - 1] : 0) && c->level[l] < 1))
            return reader_bad(r, "conformal: levels rise within 0 and 1");
    for (int i = 0; i < c->n_levels * c->n_parts; i++)
        if (!(fabs(c->margin[i]) <= most)) return reader_bad(r, "conformal: a margin is out of range");
    for (int i = 0; i < c->n_parts * c->n_knots; i++) {
        if (!(c->scale[i] > 0 && c->scale[i] <= most && fabs(c->at[i]) <= most))
            return reader_bad(r, "conformal: a scale is out of range");
        if (i % c->n_knots && !(c->at[i] > c->at[i - 1]))
            return reader_bad(r, "conformal: the knots do not rise");
    }
    return true;
}

/* The slope and the intercepts of a stack, if it is one. */
bool reader_stack(ModelReader *r)
{
    static const double most = 1e300;
    const Task *task = &r->model->schema.task;
    const double *slope, *intercept;
    bool stacked = false;
    for (int i = 0; i < tensors_count(r->file); i++)
        stacked = stacked || strncmp(tensors_at(r->file, i)->name, "stack.", 6) == 0;
    if (!stacked) return true;
    if (task->kind != TASK_NUMBERS) return reader_bad(r, "stack: only numbers are stacked");
    if (!reader_doubles(r, "stack.slope", 1, &slope)
        || !reader_doubles(r, "stack.intercept", task->n_targets, &intercept))
        return false;
    bool sound = *slope > 0 && *slope <= most;
    for (int t = 0; t < task->n_targets; t++) sound = sound && fabs(intercept[t]) <= most;
    if (!sound) return reader_bad(r, "stack: a number is out of range");
    r->model->slope = *slope;
    r->model->intercept = intercept;
    return true;
}

bool reader_conformal(ModelReader *r, const Doc *root)
{
    const Doc *entry = doc_get(root, "conformal");
    const Schema *schema = &r->model->schema;
    Conformal c = {0};
    if (doc_kind(entry) == DOC_NULL) return true;
    if (schema->task.kind == TASK_LABELS)
        return reader_bad(r, "conformal: labels have neither intervals nor sets");
    if (!reader_int(r, entry, "conformal", "levels", 1, CONFORMAL_MOST_LEVELS, &c.n_levels)
        || !reader_int(r, entry, "conformal", "knots", 0, CONFORMAL_MOST_KNOTS, &c.n_knots)
        || !read_methods(r, doc_get(entry, "methods"), schema, &c))
        return false;
    c.n_rows = doc_to_number(doc_get(entry, "rows"), NAN);
    if (!(c.n_rows >= 0 && c.n_rows <= 1e15)) return reader_bad(r, "conformal: there is no number of rows");
    if (!reader_doubles(r, "conformal.level", c.n_levels, &c.level)
        || !reader_doubles(r, "conformal.margin", (int64_t)c.n_levels * c.n_parts, &c.margin)
        || (c.n_knots > 0 && (!reader_doubles(r, "conformal.at", (int64_t)c.n_parts * c.n_knots, &c.at)
                              || !reader_doubles(r, "conformal.scale", (int64_t)c.n_parts * c.n_knots,
                                                 &c.scale)))
        || !sound(r, &c))
        return false;
    Conformal *kept = ARENA_NEW(r->arena, Conformal, 1);
    if (!kept) return error_memory(r->err);
    *kept = c;
    r->model->conformal = kept;
    return true;
}
