/* job/model_diff.c - two models side by side: what they take, what they are made of, how they decide. */
#include <math.h>
#include <string.h>

#include "base/names.h"
#include "engine/activation.h"
#include "job/common_rows.h"
#include "job/model_doc.h"

/* {what, a, b}: of two texts that are not the same. */
static void differ(Doc *list, const char *what, const char *a, const char *b)
{
    if (strcmp(a ? a : "", b ? b : "") == 0) return;
    Doc *entry = doc_add(list, doc_object());
    doc_set_text(entry, "what", what);
    doc_set_text(entry, "a", a);
    doc_set_text(entry, "b", b);
}

static void differ_by(Doc *list, const char *what, double a, double b)
{
    char of_a[32], of_b[32];
    if (a == b || (isnan(a) && isnan(b))) return;
    differ(list, what, isnan(a) ? NULL : text_number(a, of_a), isnan(b) ? NULL : text_number(b, of_b));
}

/* ---- what they take and say -------------------------------------------------------------------- */

static const Column *find_column(const Schema *schema, const char *name)
{
    for (int j = 0; j < schema->n_columns; j++)
        if (strcmp(schema->columns[j].name, name) == 0) return &schema->columns[j];
    return NULL;
}

static const char *levels_text(Arena *arena, const Column *column)
{
    enum { SHOWN = 8 };
    const char *text = column_kind_names[column->kind];
    if (!column_has_words(column->kind) || column->kind == COLUMN_FREE_TEXT) return text;
    for (int i = 0; text && i < column->n_levels && i < SHOWN; i++) {
        const char *quote = names_quote(column->levels[i]);
        text = arena_print(arena, "%s%s%s%s%s", text, i ? ", " : ": ", quote, column->levels[i], quote);
    }
    return text && column->n_levels > SHOWN ? arena_print(arena, "%s and %d more", text,
                                                          column->n_levels - SHOWN)
                                            : text;
}

static bool same_levels(const Column *a, const Column *b)
{
    if (a->kind != b->kind) return false;
    if (!column_has_words(a->kind) || a->kind == COLUMN_FREE_TEXT) return true;
    if (a->n_levels != b->n_levels) return false;
    for (int i = 0; i < a->n_levels; i++)
        if (strcmp(a->levels[i], b->levels[i]) != 0) return false;
    return true;
}

static bool same_outputs(const Model *a, const Model *b)
{
    const Schema *x = &a->schema, *y = &b->schema;
    if (x->task.kind != y->task.kind || model_values(a) != model_values(b)) return false;
    for (int c = 0; c < x->n_classes; c++)
        if (strcmp(x->classes[c], y->classes[c]) != 0) return false;
    for (int t = 0; t < x->task.n_targets; t++)
        if (strcmp(x->task.targets[t].name, y->task.targets[t].name) != 0) return false;
    return true;
}

static const char *outputs_text(const Model *model, Arena *arena)
{
    enum { SHOWN = 8 };
    const Schema *s = &model->schema;
    const int n = task_has_classes(&s->task) ? s->n_classes : s->task.n_targets;
    const char *text = task_names[s->task.kind];
    for (int i = 0; text && i < n && i < SHOWN; i++)
        text = arena_print(arena, "%s%s%s", text, i ? ", " : ": ",
                           task_has_classes(&s->task) ? s->classes[i] : s->task.targets[i].name);
    return text && n > SHOWN ? arena_print(arena, "%s and %d more", text, n - SHOWN) : text;
}

static void diff_schema(const Model *a, const Model *b, Arena *arena, Doc *out)
{
    const Schema *x = &a->schema, *y = &b->schema;
    if (!same_outputs(a, b)) differ(out, "predicts", outputs_text(a, arena), outputs_text(b, arena));
    differ_by(out, "height", x->height, y->height);
    differ_by(out, "width", x->width, y->width);
    differ_by(out, "channels", x->channels, y->channels);
    bool moved = false;
    for (int j = 0; j < x->n_columns; j++) {
        const Column *own = &x->columns[j], *other = find_column(y, own->name);
        const char *what = arena_print(arena, "column %s", own->name);
        if (!other || !same_levels(own, other))
            differ(out, what ? what : "column", levels_text(arena, own),
                   other ? levels_text(arena, other) : NULL);
        else moved |= other - y->columns != j;
    }
    for (int j = 0; j < y->n_columns; j++) {
        const Column *own = &y->columns[j];
        const char *what = arena_print(arena, "column %s", own->name);
        if (!find_column(x, own->name)) differ(out, what ? what : "column", NULL, levels_text(arena, own));
    }
    if (moved && doc_count(out) == 0) differ(out, "order of columns", "its own", "another");
}

static void diff_preps(const Model *a, const Model *b, Arena *arena, Doc *out)
{
    const Prep *x = a->preps[0], *y = b->preps[0];
    differ_by(out, "preprocessings", a->n_preps, b->n_preps);
    differ_by(out, "features", x->n_features, y->n_features);
    differ_by(out, "derived columns", x->n_derived, y->n_derived);
    for (int j = 0; j < x->n_columns && j < y->n_columns && x->columns; j++) {
        const PrepColumn *of_a = &x->columns[j], *of_b = &y->columns[j];
        const char *name = of_a->name ? of_a->name : "";
        if (of_a->kind != of_b->kind || !prep_by_number(of_a)) continue;
        const char *what = arena_print(arena, "bins of %s", name);
        differ_by(out, what ? what : "bins", of_a->n_edges, of_b->n_edges);
        what = arena_print(arena, "knots of %s", name);
        differ_by(out, what ? what : "knots", of_a->n_knots, of_b->n_knots);
    }
}

/* ---- what they are made of ------------------------------------------------------------------- */

static const char *layers_text(const ModelMember *member, Arena *arena)
{
    const Mlp *mlp = member->nets[0].mlp;
    const char *text = arena_print(arena, "%d network%s ", member->n_nets, member->n_nets == 1 ? "" : "s");
    for (int l = 0; text && l <= mlp->n_layers; l++)
        text = arena_print(arena, "%s%s%d", text, l ? "-" : "", mlp->width[l]);
    return text ? arena_print(arena, "%s %s", text, activation_names[mlp->activation]) : NULL;
}

static double share_of(const Model *model, int m)
{
    double sum = 0;
    for (int i = 0; i < model->n_members; i++) sum += model->members[i].weight;
    return model->members[m].weight / sum;
}

static void diff_members(const Model *a, const Model *b, Arena *arena, Doc *out)
{
    differ_by(out, "members", a->n_members, b->n_members);
    differ_by(out, "weights of networks", (double)model_n_params(a), (double)model_n_params(b));
    differ(out, "combined by", combine_names[a->combine], combine_names[b->combine]);
    for (int m = 0; m < a->n_members && m < b->n_members; m++) {
        const ModelMember *x = &a->members[m], *y = &b->members[m];
        const char *what = arena_print(arena, "member %d", m + 1);
        differ(out, what ? what : "member", x->name, y->name);
        differ(out, what ? what : "member", layers_text(x, arena), layers_text(y, arena));
        what = arena_print(arena, "weight of member %d", m + 1);
        differ_by(out, what ? what : "weight", share_of(a, m), share_of(b, m));
    }
    differ_by(out, "temperature", a->temperature, b->temperature);
    differ(out, "calibration", a->calibration ? "fitted" : "none", b->calibration ? "fitted" : "none");
    differ(out, "decision", model_doc_rule(a, arena), model_doc_rule(b, arena));
    differ_by(out, "levels of intervals or sets", a->conformal ? a->conformal->n_levels : 0,
              b->conformal ? b->conformal->n_levels : 0);
}

static bool same_shape(const Mlp *a, const Mlp *b)
{
    if (a->n_layers != b->n_layers || a->n_floats != b->n_floats || a->n_params != b->n_params) return false;
    return memcmp(a->width, b->width, sizeof a->width[0] * (size_t)(a->n_layers + 1)) == 0;
}

/* |b - a| / |a|, over all networks that have a partner of their shape in the same place. */
static void diff_weights(const Model *a, const Model *b, Doc *out)
{
    double apart = 0, length = 0;
    int compared = 0;
    for (int m = 0; m < a->n_members && m < b->n_members; m++)
        for (int k = 0; k < a->members[m].n_nets && k < b->members[m].n_nets; k++) {
            const Mlp *x = a->members[m].nets[k].mlp, *y = b->members[m].nets[k].mlp;
            if (!same_shape(x, y)) continue;
            compared++;
            for (size_t i = 0; i < x->n_floats; i++) {
                const double u = (double)x->params[i], v = (double)y->params[i];
                apart += (v - u) * (v - u);
                length += u * u;
            }
        }
    doc_set_number(out, "compared", compared);
    doc_set_number(out, "distance", compared && length > 0 ? sqrt(apart / length) : NAN);
}

static void diff_figures(const ModelFacts *a, const ModelFacts *b, Doc *out)
{
    static const char *const kept[] = {"validation_score", "validation_log_loss", "validation_rows"};
    const char *name;
    const Doc *value;
    differ(out, "metric", doc_to_text(doc_get(a->provenance, "metric"), NULL),
           doc_to_text(doc_get(b->provenance, "metric"), NULL));
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        differ_by(out, kept[i], doc_to_number(doc_get(a->provenance, kept[i]), NAN),
                  doc_to_number(doc_get(b->provenance, kept[i]), NAN));
    differ(out, "trained on", doc_to_text(doc_get(a->provenance, "data_sha256"), NULL),
           doc_to_text(doc_get(b->provenance, "data_sha256"), NULL));
    const char *rows_a = doc_to_text(doc_get(a->evaluation, "test_sha256"), NULL);
    const char *rows_b = doc_to_text(doc_get(b->evaluation, "test_sha256"), NULL);
    if (!rows_a || !rows_b || strcmp(rows_a, rows_b) != 0) return; /* of other rows they say nothing */
    for (size_t i = 0; doc_member(doc_get(a->evaluation, "metrics"), i, &name, &value); i++)
        differ_by(out, name, doc_to_number(doc_get(value, "value"), NAN),
                  doc_to_number(doc_get(doc_get(doc_get(b->evaluation, "metrics"), name), "value"), NAN));
}

/* ---- how they decide -------------------------------------------------------------------------- */

static bool alike(const Task *task, const Model *a, const Model *b, const float *p, const float *q)
{
    if (task_has_classes(task)) return model_decide(a, p) == model_decide(b, q);
    for (int t = 0; t < task->n_targets; t++)
        if ((p[t] > 0.5f) != (q[t] > 0.5f)) return false;
    return true;
}

static bool put_paired(const Model *a, const Model *b, const Table *table, const float *p, const float *q,
                       Arena *arena, Doc *out, Error *err)
{
    const size_t k = (size_t)model_values(a);
    Pair pair = {.draws = PAIRED_DRAWS, .positive = a->interest - 1, .decision_a = a->decision,
                 .decision_b = b->decision, .cost_a = a->cost, .cost_b = b->cost};
    int32_t *rows = ARENA_NEW(arena, int32_t, table->n_rows);
    float *of_a = ARENA_NEW(arena, float, (size_t)table->n_rows * k);
    float *of_b = ARENA_NEW(arena, float, (size_t)table->n_rows * k);
    int n = 0;
    if (!rows || !of_a || !of_b) return error_memory(err);
    for (int i = 0; i < table->n_rows; i++) {
        if (!table_known(table, i)) continue;
        memcpy(of_a + (size_t)n * k, p + (size_t)i * k, k * sizeof *p);
        memcpy(of_b + (size_t)n * k, q + (size_t)i * k, k * sizeof *q);
        rows[n++] = i;
    }
    if (n == 0) return true;
    Paired both;
    if (!truth_of_rows(table, rows, n, arena, &pair, err)) return false;
    pair.a = of_a, pair.b = of_b;
    if (!paired_compare(&pair, arena, &both, err)) return false;
    Doc *paired = doc_set(out, "paired", doc_object());
    doc_set_number(paired, "rows", n);
    doc_set_number(paired, "only_a", both.only_a);
    doc_set_number(paired, "only_b", both.only_b);
    doc_set_number(paired, "mcnemar_p", both.mcnemar_p);
    for (int m = 0; m < PAIRED_METRICS; m++) {
        const PairedDelta *d = &both.delta[m];
        Doc *entry = doc_set(paired, metric_name(d->metric), doc_object());
        doc_set_number(entry, "a", d->a);
        doc_set_number(entry, "b", d->b);
        doc_set_number(entry, "delta", d->delta);
        doc_set_number(entry, "low95", d->low95);
        doc_set_number(entry, "high95", d->high95);
        doc_set_number(entry, "p", d->p);
    }
    return true;
}

/* The same rows, each table read as its model wants it. */
static bool diff_decisions(const Model *a, const Model *b, const Table *of_a, const Table *of_b, Arena *arena,
                           Doc *out, Error *err)
{
    const Task *task = &a->schema.task;
    const int n = of_a->n_rows, k = model_values(a);
    float *p = ARENA_NEW(arena, float, (size_t)n * (size_t)k), *q = ARENA_NEW(arena, float,
                                                                              (size_t)n * (size_t)k);
    int others = 0;
    double most = 0, sum = 0;
    if (!p || !q) return error_memory(err);
    if (!model_predict(a, of_a, arena, p, err) || !model_predict(b, of_b, arena, q, err)) return false;
    for (int i = 0; i < n; i++) {
        const float *u = p + (size_t)i * (size_t)k, *w = q + (size_t)i * (size_t)k;
        others += task->kind != TASK_NUMBERS && !alike(task, a, b, u, w);
        double far = 0;
        for (int v = 0; v < k; v++) {
            double x = (double)u[v], y = (double)w[v];
            if (task->kind == TASK_NUMBERS) {
                x = task_number(task, v / task_stride(task), x);
                y = task_number(&b->schema.task, v / task_stride(task), y);
            }
            far = fmax(far, fabs(x - y));
        }
        most = fmax(most, far);
        sum += far;
    }
    doc_set_number(out, "rows", n);
    if (task->kind != TASK_NUMBERS) doc_set_number(out, "differ", others);
    doc_set_number(out, "largest_difference", most);
    doc_set_number(out, "mean_difference", n ? sum / n : NAN);
    return !table_has_label(of_a) || put_paired(a, b, of_a, p, q, arena, out, err);
}

bool model_diff(const ModelFacts *a, const ModelFacts *b, const Table *of_a, const Table *of_b, Doc **out,
                Error *err)
{
    Arena *arena = a->arena;
    if (of_a && !same_outputs(a->model, b->model))
        return error_set(err, ERR_INVALID,
                         "the models predict different things, so rows cannot be compared: %s,"
                         " and %s", outputs_text(a->model, arena), outputs_text(b->model, arena));
    if (of_a && of_a->n_rows != of_b->n_rows)
        return error_set(err, ERR_DATA, "one model reads %d rows there, the other %d", of_a->n_rows,
                         of_b->n_rows);
    Doc *doc = doc_object();
    doc_set_text(doc, "a", a->path);
    doc_set_text(doc, "b", b->path);
    doc_set_bool(doc, "same_file", strcmp(a->sha256, b->sha256) == 0);
    diff_schema(a->model, b->model, arena, doc_set(doc, "takes", doc_array()));
    diff_preps(a->model, b->model, arena, doc_set(doc, "preprocessing", doc_array()));
    diff_members(a->model, b->model, arena, doc_set(doc, "members", doc_array()));
    diff_weights(a->model, b->model, doc_set(doc, "weights", doc_object()));
    diff_figures(a, b, doc_set(doc, "figures", doc_array()));
    bool ok = !of_a || diff_decisions(a->model, b->model, of_a, of_b, arena,
                                      doc_set(doc, "decisions", doc_object()), err);
    return doc_hand_over(doc, ok, out, err);
}
