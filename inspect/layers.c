/* A network's weights as pictures or a table, and what its layers do with rows. */
#include "inspect/layers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/inputs.h"
#include "inspect/say.h"

typedef struct {
    int at;
    double norm;
} Ranked;

static int by_norm(const void *a, const void *b)
{
    const Ranked *x = a, *y = b;
    return x->norm != y->norm ? (x->norm < y->norm ? 1 : -1) : x->at - y->at;
}

/* Norms of a layer's weights: by unit what comes in, or by input what goes out. Sorted, the longest first. */
static Ranked *ranked(const Mlp *mlp, int l, bool by_input, Arena *arena)
{
    MlpLayer layer = mlp_layer(mlp, l);
    const int n_in = mlp->width[l], n_out = mlp->width[l + 1], n = by_input ? n_in : n_out;
    Ranked *list = ARENA_NEW(arena, Ranked, n);
    if (!list) return NULL;
    for (int k = 0; k < n; k++) list[k].at = k;
    for (int i = 0; i < n_in; i++)
        for (int j = 0; j < n_out; j++) {
            double w = (double)layer.w[(size_t)i * (size_t)layer.ld + (size_t)j];
            list[by_input ? i : j].norm += w * w;
        }
    for (int k = 0; k < n; k++) list[k].norm = sqrt(list[k].norm);
    qsort(list, (size_t)n, sizeof *list, by_norm);
    return list;
}

/* ---- the first layer ------------------------------------------------------------------------- */

/* Weights by unit, one picture each, all on one scale. */
static bool put_tiles(const Mlp *mlp, const Schema *schema, const Ranked *units, Arena *arena, Doc *out,
                      Error *err)
{
    const int size = (int)PIXELS_OF(schema), n = mlp->width[1];
    int shown = n < LAYERS_MOST_TILES ? n : LAYERS_MOST_TILES;
    if (shown > LAYERS_TILE_BYTES / size) shown = LAYERS_TILE_BYTES / size;
    MlpLayer layer = mlp_layer(mlp, 0);
    double *x = ARENA_NEW(arena, double, (size_t)size * (size_t)shown);
    if (!x) return error_memory(err);
    for (int t = 0; t < shown; t++)
        for (int i = 0; i < size; i++)
            x[(size_t)t * (size_t)size + (size_t)i] =
                (double)layer.w[(size_t)i * (size_t)layer.ld + (size_t)units[t].at];
    doc_set_text(out, "kind", "tiles");
    doc_set_number(out, "height", schema->height);
    doc_set_number(out, "width", schema->width);
    if (pixels_channels(schema->channels) > 1) doc_set_number(out, "channels", schema->channels);
    doc_set_number(out, "units", n);
    Doc *list = doc_set(out, "tiles", doc_array());
    for (int t = 0; t < shown; t++) {
        Doc *tile = doc_add(list, doc_object());
        doc_set_number(tile, "unit", units[t].at + 1);
        doc_set_number(tile, "norm", say_round(units[t].norm));
    }
    say_signed(out, "pixels", x, (size_t)size * (size_t)shown, 0);
    return true;
}

/* The inputs with the longest weights by the units with the longest. */
static bool put_heat(const Model *model, const ModelNet *net, const Ranked *units, Arena *arena, Doc *out,
                     Error *err)
{
    const Mlp *mlp = net->mlp;
    MlpLayer layer = mlp_layer(mlp, 0);
    InputName *name;
    Ranked *inputs = ranked(mlp, 0, true, arena);
    if (!inputs) return error_memory(err);
    if (!inputs_name(model->preps[net->prep], mlp, arena, &name, err)) return false;
    int rows = mlp->width[0] < LAYERS_HEAT_INPUTS ? mlp->width[0] : LAYERS_HEAT_INPUTS;
    int columns = mlp->width[1] < LAYERS_HEAT_UNITS ? mlp->width[1] : LAYERS_HEAT_UNITS;
    doc_set_text(out, "kind", "heat");
    doc_set_number(out, "units", mlp->width[1]);
    doc_set_number(out, "inputs", mlp->width[0]);
    Doc *list = doc_set(out, "rows", doc_array()), *heads = doc_set(out, "shown", doc_array());
    for (int k = 0; k < columns; k++) doc_add(heads, doc_number(units[k].at + 1));
    for (int r = 0; r < rows; r++) {
        Doc *row = doc_add(list, doc_object());
        doc_set_text(row, "input", name[inputs[r].at].name);
        doc_set_number(row, "norm", say_round(inputs[r].norm));
        Doc *weights = doc_set(row, "weights", doc_array());
        for (int k = 0; k < columns; k++)
            doc_add(weights, doc_number(say_round(
                (double)layer.w[(size_t)inputs[r].at * (size_t)layer.ld + (size_t)units[k].at])));
    }
    return true;
}

static bool put_first(const Model *model, const ModelNet *net, Arena *arena, Doc *out, Error *err)
{
    Ranked *units = ranked(net->mlp, 0, false, arena);
    if (!units) return error_memory(err);
    Doc *first = doc_set(out, "first_layer", doc_object());
    doc_set_bool(first, "classes", net->mlp->n_layers == 1);
    return model->schema.n_columns == 0
         ? put_tiles(net->mlp, &model->schema, units, arena, first, err)
         : put_heat(model, net, units, arena, first, err);
}

/* ---- layer by layer --------------------------------------------------------------------------- */

/* What the rows did to a layer: every activation, and what each unit's range was. */
typedef struct {
    float *all;        /* (n, width) */
    double *low, *high; /* (width) */
    int *at_end;       /* (width) rows on which it is saturated */
} Seen;

typedef struct {
    const Mlp *mlp;
    const LayerRows *rows; /* NULL: none */
    Seen seen[MLP_MAX_LAYERS];
    float *gradient;       /* as mlp->params; NULL: none */
} Look;

static bool seen_create(Look *look, int l, Arena *arena, Error *err)
{
    const int n = look->mlp->width[l + 1];
    Seen *seen = &look->seen[l];
    seen->all = ARENA_NEW(arena, float, (size_t)look->rows->n * (size_t)n);
    seen->low = ARENA_NEW(arena, double, n);
    seen->high = ARENA_NEW(arena, double, n);
    seen->at_end = ARENA_NEW(arena, int, n);
    if (!seen->all || !seen->low || !seen->high || !seen->at_end) return error_memory(err);
    for (int j = 0; j < n; j++) seen->low[j] = INFINITY, seen->high[j] = -INFINITY;
    return true;
}

static bool at_end(Activation f, double unit)
{
    if (f == ACT_TANH) return fabs(unit) > 0.99;
    return f == ACT_SIGMOID && (unit < 0.01 || unit > 0.99);
}

static void see(Look *look, const NetTrace *t, int row)
{
    const Mlp *mlp = look->mlp;
    for (int l = 0; l < mlp->n_layers; l++) {
        Seen *seen = &look->seen[l];
        const int n = mlp->width[l + 1];
        for (int j = 0; j < n; j++) {
            double unit = t->unit[l][j];
            seen->all[(size_t)row * (size_t)n + (size_t)j] = (float)unit;
            seen->low[j] = fmin(seen->low[j], unit);
            seen->high[j] = fmax(seen->high[j], unit);
            seen->at_end[j] += at_end(mlp->activation, unit);
        }
    }
}

static bool run_rows(Look *look, Arena *arena, Error *err)
{
    const Mlp *mlp = look->mlp;
    const LayerRows *rows = look->rows;
    const int n_classes = mlp->width[mlp->n_layers];
    NetTrace trace;
    double *seed = ARENA_NEW(arena, double, n_classes);
    if (!seed) return error_memory(err);
    if (!trace_create(mlp, arena, &trace, err)) return false;
    for (int l = 0; l < mlp->n_layers; l++)
        if (!seen_create(look, l, arena, err)) return false;
    if (rows->labels && !(look->gradient = ARENA_NEW(arena, float, mlp->n_floats))) return error_memory(err);
    for (int i = 0; i < rows->n; i++) {
        trace_forward(&trace, rows->x + (size_t)i * (size_t)rows->ld);
        see(look, &trace, i);
        if (!look->gradient || rows->labels[i] < 0) continue;
        for (int c = 0; c < n_classes; c++) seed[c] = (trace.proba[c] - (c == rows->labels[i])) / rows->n;
        trace_backward(&trace, seed);
        trace_add_weights(&trace, look->gradient);
    }
    return true;
}

/* A layer's weights without padding, from a block laid out as the network's parameters. */
static bool plain_weights(const Mlp *mlp, float *params, int l, Arena *arena, const float **out, Error *err)
{
    Mlp from = *mlp;
    from.params = params;
    MlpLayer layer = mlp_layer(&from, l);
    const size_t n_in = (size_t)mlp->width[l], n = (size_t)mlp->width[l + 1];
    float *plain = ARENA_NEW(arena, float, n_in * n);
    if (!plain) return error_memory(err);
    for (size_t i = 0; i < n_in; i++)
        memcpy(plain + i * n, layer.w + i * (size_t)layer.ld, n * sizeof *plain);
    *out = plain;
    return true;
}

static void put_units(Doc *layer, const char *key, const char *count, int n, const bool *is)
{
    int named = 0, all = 0;
    Doc *list = doc_set(layer, key, doc_array());
    for (int j = 0; j < n; j++) {
        if (!is[j]) continue;
        all++;
        if (named++ < LAYERS_NAMED) doc_add(list, doc_number(j + 1));
    }
    doc_set_number(layer, count, all);
}

/* Units that say nothing, by their weights: nothing comes in, or nothing goes out. */
static bool dead_by_weights(const Mlp *mlp, int l, Arena *arena, bool *dead, Error *err)
{
    const double NOTHING = 1e-6;
    for (int side = 0; side < 2; side++) {
        Ranked *list = ranked(mlp, l + side, side == 1, arena);
        if (!list) return error_memory(err);
        for (int j = 0; j < mlp->width[l + 1]; j++)
            if (list[j].norm <= NOTHING * list[0].norm) dead[list[j].at] = true;
    }
    return true;
}

static bool put_layer(const Look *look, int l, Arena *arena, Doc *list, Error *err)
{
    const Mlp *mlp = look->mlp;
    const int n = mlp->width[l + 1];
    const size_t n_weights = (size_t)mlp->width[l] * (size_t)n;
    const float *weights, *gradients = NULL;
    bool *dead = ARENA_NEW(arena, bool, n), *ends = ARENA_NEW(arena, bool, n), hidden = l + 1 < mlp->n_layers;
    if (!dead || !ends) return error_memory(err);
    if (!plain_weights(mlp, mlp->params, l, arena, &weights, err)
        || (look->gradient && !plain_weights(mlp, look->gradient, l, arena, &gradients, err)))
        return false;
    Doc *layer = doc_add(list, doc_object());
    doc_set_number(layer, "layer", l + 1);
    doc_set_bool(layer, "output", !hidden);
    doc_set_number(layer, "inputs", mlp->width[l]);
    doc_set_number(layer, "units", n);
    doc_set(layer, "weights", say_histogram(weights, n_weights));
    if (gradients) doc_set(layer, "gradients", say_histogram(gradients, n_weights));
    if (look->rows)
        doc_set(layer, "activations", say_histogram(look->seen[l].all, (size_t)look->rows->n * (size_t)n));
    if (!hidden) return true;
    if (!look->rows && !dead_by_weights(mlp, l, arena, dead, err)) return false;
    for (int j = 0; look->rows && look->rows->n > 1 && j < n; j++) {
        const Seen *seen = &look->seen[l];
        dead[j] = seen->high[j] - seen->low[j] <= 1e-9 * fmax(1, fabs(seen->high[j]));
        ends[j] = !dead[j] && seen->at_end[j] >= 0.95 * look->rows->n;
    }
    put_units(layer, "dead", "n_dead", n, dead);
    put_units(layer, "saturated", "n_saturated", n, ends);
    return true;
}

bool layers_put(const Model *model, const ModelNet *net, const LayerRows *rows, Arena *arena, Doc *out,
                Error *err)
{
    const Mlp *mlp = net->mlp;
    Look look = {.mlp = mlp, .rows = rows};
    Doc *network = doc_set(out, "network", doc_object());
    doc_set_text(network, "activation", activation_names[mlp->activation]);
    doc_set_bool(network, "layer_norm", mlp->layer_norm);
    doc_set_bool(network, "residual", mlp->residual);
    doc_set_number(network, "n_params", (double)mlp->n_params);
    Doc *widths = doc_set(network, "widths", doc_array());
    for (int l = 0; l <= mlp->n_layers; l++) doc_add(widths, doc_number(mlp->width[l]));
    if (!put_first(model, net, arena, out, err)) return false;
    if (rows && !run_rows(&look, arena, err)) return false;
    Doc *layers = doc_set(out, "layers", doc_array());
    for (int l = 0; l < mlp->n_layers; l++)
        if (!put_layer(&look, l, arena, layers, err)) return false;
    return true;
}
