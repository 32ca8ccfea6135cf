/* Typical rows of each class, and the one that was asked for, layer by layer. */
#include "inspect/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/effect.h"
#include "inspect/say.h"

bool rows_features(const Prep *prep, const Table *table, const int32_t *rows, int n, Arena *arena, float **out,
                   int *ld, Error *err)
{
    Rows *encoded;
    if (!prep_apply(prep, table, rows, n, arena, &encoded, err)) return false;
    *ld = mlp_pad(prep->n_features);
    *out = ARENA_NEW(arena, float, (size_t)n * (size_t)*ld);
    if (!*out) return error_memory(err);
    rows_gather(encoded, NULL, 0, n, NULL, NULL, NULL, *out, *ld);
    return true;
}

typedef struct {
    const RowsInput *in;
    Arena *arena;
    NetTrace trace;
    const float *x; /* (in->n, ld) of the rows the network did not see */
    int ld;
    Doc *list;
} Looking;

/* ---- typical rows --------------------------------------------------------------------------------- */

/* What stands before the last layer. */
static const double *last_hidden(const NetTrace *t, int *n)
{
    const int l = t->mlp->n_layers - 2;
    *n = t->mlp->width[l + 1];
    return l < 0 ? t->inputs : t->out[l];
}

/* For each class the row (of those from in->from) nearest to the mean, -1: it has none. `predicted` NULL:
 * nothing is right or wrong. */
static bool find_typical(Looking *k, const int32_t *labels, const int32_t *predicted, int n_classes,
                         int *typical, Error *err)
{
    const RowsInput *in = k->in;
    int width;
    last_hidden(&k->trace, &width);
    double *mean = ARENA_NEW(k->arena, double, (size_t)n_classes * (size_t)width);
    double *nearest = ARENA_NEW(k->arena, double, n_classes);
    int *count = ARENA_NEW(k->arena, int, n_classes);
    bool *right = ARENA_NEW(k->arena, bool, n_classes);
    if (!mean || !nearest || !count || !right) return error_memory(err);
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < in->n; i++) {
            const int c = labels[i];
            if (c < 0) continue;
            double *m = mean + (size_t)c * (size_t)width, away = 0;
            trace_forward(&k->trace, k->x + (size_t)i * (size_t)k->ld);
            const double *h = last_hidden(&k->trace, &width);
            count[c] += pass == 0;
            for (int j = 0; j < width; j++) {
                if (pass == 0) m[j] += h[j];
                else away += (h[j] - m[j] / count[c]) * (h[j] - m[j] / count[c]);
            }
            bool hit = !predicted || predicted[i] == c;
            bool worse = right[c] > hit || (right[c] == hit && nearest[c] <= away);
            if (pass == 0 || (typical[c] >= 0 && worse)) continue;
            typical[c] = i, nearest[c] = away, right[c] = hit;
        }
    return true;
}

/* ---- one row ----------------------------------------------------------------------------------------- */

static void put_layers(const NetTrace *t, Doc *out)
{
    Doc *layers = doc_set(out, "layers", doc_array());
    const int hidden = t->mlp->n_layers - 1;
    const int most = hidden * ROWS_UNITS > ROWS_ALL_UNITS ? ROWS_ALL_UNITS / hidden : ROWS_UNITS;
    for (int l = 0; l < hidden; l++) {
        int n = t->mlp->width[l + 1] < most ? t->mlp->width[l + 1] : most;
        doc_add(layers, say_numbers(t->out[l], (size_t)n));
    }
}

/* What the network itself says: of classes their probabilities, else the values, in their units. */
static bool put_network(const Looking *k, Doc *one, Error *err)
{
    const Schema *schema = &k->in->model->schema;
    const Task *task = &schema->task;
    const Mlp *mlp = k->trace.mlp;
    const int n = task_values(task, schema->n_classes), outputs = mlp->width[mlp->n_layers];
    if (task->kind == TASK_CLASSES) {
        doc_set(one, "network_proba", say_numbers(k->trace.proba, (size_t)n));
        return true;
    }
    float *z = ARENA_NEW(k->arena, float, outputs), *v = ARENA_NEW(k->arena, float, n);
    double *out = ARENA_NEW(k->arena, double, n);
    if (!z || !v || !out) return error_memory(err);
    for (int c = 0; c < outputs; c++) z[c] = (float)k->trace.out[mlp->n_layers - 1][c];
    link_row(mlp->link, task, schema->n_classes, z, v);
    for (int c = 0; c < n; c++) {
        out[c] = (double)v[c];
        if (task->kind == TASK_NUMBERS) out[c] = task_number(task, c / task_stride(task), out[c]);
    }
    doc_set(one, "network_proba", say_numbers(out, (size_t)n));
    return true;
}

/* The truth and what is predicted, of several targets of the first; quantities to six digits. */
static bool put_targets(const Looking *k, const Table *table, int row, const float *p, Doc *one, Error *err)
{
    const Task *task = &k->in->model->schema.task;
    const Target *target = &task->targets[0];
    const double y = table->targets ? table->targets[(size_t)row * (size_t)task->n_targets] : NAN;
    const double v = (double)p[task_point(task)];
    const char *truth = NULL, *predicted;
    if (task->kind == TASK_LABELS) {
        predicted = target->answer[v > 0.5];
        if (!isnan(y)) truth = target->answer[y > 0.5];
    } else {
        predicted = arena_print(k->arena, "%.6g", task_number(task, 0, v));
        if (!isnan(y)) truth = arena_print(k->arena, "%.6g", y);
        if (!predicted || (!isnan(y) && !truth)) return error_memory(err);
    }
    doc_set_text(one, "target", target->name);
    doc_set_text(one, "truth", truth);
    doc_set_text(one, "predicted", predicted);
    doc_set_number(one, "p", task->kind == TASK_LABELS ? say_round(v > 0.5 ? v : 1 - v) : NAN);
    Doc *list = doc_set(one, "proba", doc_array());
    for (int c = 0; c < task_values(task, 0); c++) {
        double value = (double)p[c];
        if (task->kind == TASK_NUMBERS) value = task_number(task, c / task_stride(task), value);
        doc_add(list, doc_number(say_round(value)));
    }
    return true;
}

static void put_proba(const char *key, int n, const float *p, Doc *out)
{
    Doc *list = doc_set(out, key, doc_array());
    for (int c = 0; c < n; c++) doc_add(list, doc_number(say_round((double)p[c])));
}

static void put_picture(const Table *table, int row, Looking *k, int class, Doc *out)
{
    const size_t size = PIXELS_OF(table);
    doc_set_number(out, "height", table->height);
    doc_set_number(out, "width", table->width);
    if (pixels_channels(table->channels) > 1) doc_set_number(out, "channels", table->channels);
    say_bytes(out, "pixels", table->pixels + (size_t)row * size, size);
    trace_backward_class(&k->trace, class);
    /* Of a colour picture what all channels of a pixel together do, one number each. */
    const size_t deep = (size_t)pixels_channels(table->channels), n = size / deep;
    double *gradient = k->trace.d_inputs;
    for (size_t i = 0; deep > 1 && i < n; i++) {
        double sum = 0;
        for (size_t c = 0; c < deep; c++) sum += gradient[i * deep + c];
        gradient[i] = sum;
    }
    say_signed(out, "saliency", gradient, n, 0);
}

/* Its cells, what they do to the answer, and what the network is given of them. */
static bool put_values(const Table *table, int row, Looking *k, int class, bool explained, Doc *out, Error *err)
{
    const RowsInput *in = k->in;
    double *part = ARENA_NEW(k->arena, double, table->n_columns);
    if (!part) return error_memory(err);
    if (explained
        && !effect_contributions(in->panel, table, row, class, in->answers, ROWS_BACKGROUND, k->arena, part,
                                 err))
        return false;
    Doc *list = doc_set(out, "values", doc_array());
    for (int c = 0; c < table->n_columns && c < (explained ? 200 : 12); c++) {
        Doc *value = doc_add(list, doc_object());
        const char *text = column_cell(&table->columns[c], row, k->arena);
        if (!text) return error_memory(err);
        doc_set_text(value, "column", table->columns[c].name);
        doc_set_text(value, "value", *text ? text : NULL);
        if (explained) doc_set_number(value, "contribution", say_round(part[c]));
    }
    return true;
}

/* `p`: the whole model's answer; `x`: the row's features. */
static bool put_row(Looking *k, const Table *table, int row, const float *p, int predicted, const float *x,
                    const char *why, Error *err)
{
    const RowsInput *in = k->in;
    const int n_classes = in->panel->n_classes;
    const char *const *classes = (const char *const *)in->model->schema.classes;
    bool explained = strcmp(why, "asked") == 0;
    trace_forward(&k->trace, x);
    Doc *one = doc_add(k->list, doc_object());
    doc_set_text(one, "why", why);
    doc_set_number(one, "row", table_source(table, row));
    if (table->id) {
        const char *id = column_cell(table->id, row, k->arena);
        if (!id) return error_memory(err);
        doc_set_text(one, "id", id);
    }
    if (task_has_classes(in->panel->task)) {
        const bool known = table->labels && table->labels[row] >= 0;
        doc_set_text(one, "truth", known ? classes[table->labels[row]] : NULL);
        doc_set_text(one, "predicted", classes[predicted]);
        doc_set_number(one, "p", say_round((double)p[predicted]));
        put_proba("proba", n_classes, p, one);
    } else if (!put_targets(k, table, row, p, one, err)) {
        return false;
    }
    if (!put_network(k, one, err)) return false;
    const int last = k->trace.mlp->n_layers - 1, outputs = k->trace.mlp->width[last + 1];
    doc_set(one, "logits", say_numbers(k->trace.out[last], (size_t)outputs));
    put_layers(&k->trace, one);
    if (table->pixels) put_picture(table, row, k, predicted < outputs ? predicted : outputs - 1, one);
    return table->pixels || put_values(table, row, k, predicted, explained, one, err);
}

static bool put_asked(Looking *k, Error *err)
{
    const RowsInput *in = k->in;
    Table *one;
    float *p = ARENA_NEW(k->arena, float, in->panel->n_classes), *x;
    int ld;
    const int32_t row = in->row;
    const bool classes = task_has_classes(in->panel->task);
    if (!p) return error_memory(err);
    return table_rows(in->table, &row, 1, k->arena, &one, err)
        && model_predict(in->answers, one, k->arena, p, err)
        && rows_features(in->model->preps[in->net->prep], one, NULL, 1, k->arena, &x, &ld, err)
        && put_row(k, one, 0, p, classes ? model_decide(in->answers, p) : task_point(in->panel->task), x,
                   "asked", err);
}

enum { THIRDS = 3 };

static int by_number(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Of numbers and labels rows are typical of a low, a middling and a high first target, or of its answers: which
 * of these each row is, -1: not known. */
static bool thirds(Looking *k, int32_t **out, Error *err)
{
    const RowsInput *in = k->in;
    const Task *task = in->panel->task;
    double *sorted = ARENA_NEW(k->arena, double, in->n + 1);
    int32_t *of = ARENA_NEW(k->arena, int32_t, in->n + 1);
    const double *y = in->panel->table->targets + (size_t)in->from * (size_t)task->n_targets;
    int n = 0;
    if (!sorted || !of) return error_memory(err);
    for (int i = 0; i < in->n; i++) {
        double at = y[(size_t)i * (size_t)task->n_targets];
        if (!isnan(at)) sorted[n++] = at;
    }
    qsort(sorted, (size_t)n, sizeof *sorted, by_number);
    for (int i = 0; i < in->n; i++) {
        double at = y[(size_t)i * (size_t)task->n_targets];
        if (isnan(at)) of[i] = -1;
        else if (task->kind == TASK_LABELS) of[i] = at > 0.5;
        else of[i] = (at >= sorted[n / THIRDS]) + (at >= sorted[2 * n / THIRDS]);
    }
    *out = of;
    return true;
}

static bool put_typical(Looking *k, Error *err)
{
    const RowsInput *in = k->in;
    const Panel *panel = in->panel;
    const bool classes = task_has_classes(panel->task);
    const int n_groups = classes ? panel->n_classes : THIRDS;
    int *typical = ARENA_NEW(k->arena, int, n_groups);
    int32_t *groups = NULL;
    if (!typical) return error_memory(err);
    for (int c = 0; c < n_groups; c++) typical[c] = -1;
    if (!table_has_label(panel->table)) return true;
    if (classes) groups = panel->table->labels + in->from;
    else if (!thirds(k, &groups, err)) return false;
    if (!groups) return true;
    const int32_t *predicted = classes ? panel->predicted + in->from : NULL;
    if (!find_typical(k, groups, predicted, n_groups, typical, err)) return false;
    const int size = 2 * (int)PIXELS_OF(panel->table); /* the picture and its gradient */
    int most = size > 0 && ROWS_MOST * size > ROWS_BYTES ? ROWS_BYTES / size : ROWS_MOST;
    if (most < 1) most = 1;
    for (int c = 0; c < n_groups && c < most; c++) {
        int i = typical[c], row = in->from + i;
        if (i >= 0 && !put_row(k, panel->table, row, panel->proba + (size_t)row * (size_t)panel->n_classes,
                               panel->predicted[row], k->x + (size_t)i * (size_t)k->ld, "typical", err))
            return false;
    }
    return true;
}

/* ---- templates ------------------------------------------------------------------------------------------ */

static bool put_templates(Looking *k, Doc *out, Error *err)
{
    enum { EACH = 30, MOST_BYTES = 60000 };
    const RowsInput *in = k->in;
    const Table *table = in->panel->table;
    const size_t size = PIXELS_OF(table);
    double *mean = ARENA_NEW(k->arena, double, size);
    if (!mean) return error_memory(err);
    Doc *list = doc_set(out, "templates", doc_array());
    for (int c = 0; c < in->panel->n_classes && (size_t)(c + 1) * size <= MOST_BYTES; c++) {
        int n = 0;
        memset(mean, 0, size * sizeof *mean);
        for (int i = 0; i < in->n && n < EACH; i++) {
            if (table->labels && table->labels[in->from + i] != c) continue;
            trace_forward(&k->trace, k->x + (size_t)i * (size_t)k->ld);
            trace_backward_class(&k->trace, c);
            for (size_t j = 0; j < size; j++) mean[j] += k->trace.d_inputs[j];
            n++;
        }
        for (size_t j = 0; n > 0 && j < size; j++) mean[j] /= n;
        if (n == 0) continue;
        Doc *one = doc_add(list, doc_object());
        doc_set_text(one, "class", table->classes[c]);
        doc_set_number(one, "rows", n);
        say_signed(one, "pixels", mean, size, 0);
    }
    return true;
}

bool rows_put(const RowsInput *input, Arena *arena, Doc *out, Error *err)
{
    Looking k = {.in = input, .arena = arena, .list = doc_set(out, "rows", doc_array())};
    const Prep *prep = input->model->preps[input->net->prep];
    int32_t *own = ARENA_NEW(arena, int32_t, input->n + 1);
    float *x;
    if (!own) return error_memory(err);
    for (int i = 0; i < input->n; i++) own[i] = input->from + i;
    if (!trace_create(input->net->mlp, arena, &k.trace, err)
        || !rows_features(prep, input->panel->table, own, input->n, arena, &x, &k.ld, err))
        return false;
    k.x = x;
    return (input->row < 0 || put_asked(&k, err)) && put_typical(&k, err)
        && (!input->panel->table->pixels || !task_has_classes(input->panel->task)
            || put_templates(&k, out, err));
}
