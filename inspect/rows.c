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

/* For each class the row (of those from in->from) nearest to the mean, -1: it has none. */
static bool find_typical(Looking *k, int *typical, Error *err)
{
    const RowsInput *in = k->in;
    const int n_classes = in->panel->n_classes;
    const int32_t *labels = in->panel->table->labels + in->from, *predicted = in->panel->predicted + in->from;
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
            bool hit = predicted[i] == c;
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
    doc_set_text(one, "truth", table->labels && table->labels[row] >= 0 ? classes[table->labels[row]] : NULL);
    doc_set_text(one, "predicted", classes[predicted]);
    doc_set_number(one, "p", say_round((double)p[predicted]));
    put_proba("proba", n_classes, p, one);
    doc_set(one, "network_proba", say_numbers(k->trace.proba, (size_t)n_classes));
    doc_set(one, "logits", say_numbers(k->trace.out[k->trace.mlp->n_layers - 1], (size_t)n_classes));
    put_layers(&k->trace, one);
    if (table->pixels) put_picture(table, row, k, predicted, one);
    return table->pixels || put_values(table, row, k, predicted, explained, one, err);
}

static bool put_asked(Looking *k, Error *err)
{
    const RowsInput *in = k->in;
    Table *one;
    float *p = ARENA_NEW(k->arena, float, in->panel->n_classes), *x;
    int ld;
    const int32_t row = in->row;
    if (!p) return error_memory(err);
    return table_rows(in->table, &row, 1, k->arena, &one, err)
        && model_predict(in->answers, one, k->arena, p, err)
        && rows_features(in->model->preps[in->net->prep], one, NULL, 1, k->arena, &x, &ld, err)
        && put_row(k, one, 0, p, model_decide(in->answers, p), x, "asked", err);
}

static bool put_typical(Looking *k, Error *err)
{
    const RowsInput *in = k->in;
    const Panel *panel = in->panel;
    int *typical = ARENA_NEW(k->arena, int, panel->n_classes);
    if (!typical) return error_memory(err);
    for (int c = 0; c < panel->n_classes; c++) typical[c] = -1;
    if (!panel->table->labels || !find_typical(k, typical, err)) return !panel->table->labels;
    const int size = 2 * (int)PIXELS_OF(panel->table); /* the picture and its gradient */
    int most = size > 0 && ROWS_MOST * size > ROWS_BYTES ? ROWS_BYTES / size : ROWS_MOST;
    if (most < 1) most = 1;
    for (int c = 0; c < panel->n_classes && c < most; c++) {
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
        && (!input->panel->table->pixels || put_templates(&k, out, err));
}
