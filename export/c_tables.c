/* The constants of an exported model. Arrays are numbered in the order in which they are written. */
#include "export/c_tables.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "data/reader.h"
#include "export/c_columns.h"
#include "export/c_decide.h"
#include "export/c_targets.h"
#include "export/c_texts.h"

static void strings(CExport *e, int n, const char *const *texts)
{
    for (int i = 0; i < n; i++) {
        text_add(e->out, i ? ",\n    " : "\n    ");
        c_string(e->out, texts[i] ? texts[i] : "");
    }
    text_add(e->out, "};\n");
}

static void floats(CExport *e, const char *kind, int number, int rows, int columns, int ld,
                   const float *values)
{
    size_t at = 0;
    text_print(e->out, "static const float %s_%s%d[%zu] = {", e->name, kind, number,
               (size_t)rows * (size_t)columns);
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++) {
            c_break(e->out, at++, 8);
            c_float(e->out, values[(size_t)i * (size_t)ld + (size_t)j]);
        }
    text_add(e->out, "};\n");
}

/* ---- names ----------------------------------------------------------------------------------- */

static bool is_number(const char *word, double *number)
{
    return reading_number(word, strlen(word), false, number) && isfinite(*number);
}

bool c_has_missing_numbers(const CExport *e)
{
    const ReadRules *rules = &e->model->schema.rules;
    double number;
    for (int i = 0; i < rules->n_missing; i++)
        if (is_number(rules->missing[i], &number)) return true;
    return false;
}

static void missing(CExport *e)
{
    const ReadRules *rules = &e->model->schema.rules;
    int n = rules->n_missing > 0 ? rules->n_missing : N_MISSING_UNSAID;
    text_print(e->out, "\n/* Cells that mean missing, unless the column knows them as a word. */\n"
               "static const char *const %s_missing[%d] = {", e->name, n);
    strings(e, n, rules->n_missing > 0 ? rules->missing : missing_unsaid);
    if (!e->has_numbers || !c_has_missing_numbers(e)) return;
    c_emit(e, "/* And the numbers among them, however they are written. */\n"
              "static const double @_missing_number[] = {");
    double number;
    for (int i = 0, k = 0; i < rules->n_missing; i++)
        if (is_number(rules->missing[i], &number)) {
            c_break(e->out, (size_t)k++, 6);
            text_print(e->out, "%.17g", number);
        }
    text_add(e->out, "};\n");
}

static void names(CExport *e)
{
    const Schema *schema = &e->model->schema;
    if (c_has_targets(e)) {
        c_targets_tables(e);
    } else {
        c_emit(e, "\nconst char *const @_class_names[$_N_CLASSES] = {");
        strings(e, schema->n_classes, schema->classes);
    }
    if (e->image) return;
    const char **inputs = ARENA_NEW(e->arena, const char *, schema->n_columns);
    if (!inputs) {
        e->out->broken = true;
        return;
    }
    for (int i = 0; i < schema->n_columns; i++) inputs[i] = schema->columns[i].name;
    c_emit(e, "\nconst char *const @_input_names[$_N_INPUTS] = {");
    strings(e, schema->n_columns, inputs);
    missing(e);
    if (e->has_dates) c_columns_formats(e);
    if (e->has_texts) c_texts_columns(e);
    if (!e->has_words) return;
    for (int i = 0; i < schema->n_columns; i++) {
        if (schema->columns[i].n_levels == 0 || schema->columns[i].kind == COLUMN_FREE_TEXT) continue;
        text_print(e->out, "static const char *const %s_levels%d[] = {", e->name, i);
        strings(e, schema->columns[i].n_levels, schema->columns[i].levels);
    }
    c_emit(e, "\n/* The words that a column knows; n is -1 where it holds numbers. */\n"
              "static const struct {\n    int n;\n    const char *const *text;\n");
    if (e->has_levels) c_emit(e, "    int ordered; /* what it does not know is missing */\n");
    c_emit(e, "} @_words[$_N_INPUTS] = {");
    for (int i = 0; i < schema->n_columns; i++) {
        const Column *column = &schema->columns[i];
        const char *more = !e->has_levels ? "" : column->kind == COLUMN_ORDERED ? ", 1" : ", 0";
        c_break(e->out, (size_t)i, 4);
        const bool words = column_has_words(column->kind) && column->kind != COLUMN_FREE_TEXT;
        if (!words) text_print(e->out, "{-1, 0%s}", more);
        else if (column->n_levels == 0) text_print(e->out, "{0, 0%s}", more);
        else text_print(e->out, "{%d, %s_levels%d%s}", column->n_levels, e->name, i, more);
    }
    text_add(e->out, "};\n");
}

/* ---- preprocessing --------------------------------------------------------------------------- */

static void pixel_preps(CExport *e)
{
    const Model *model = e->model;
    for (int p = 0; p < model->n_preps && !e->same_pixels; p++) {
        floats(e, "shift", p, 1, e->n_inputs, e->n_inputs, model->preps[p]->pixel_shift);
        floats(e, "scale", p, 1, e->n_inputs, e->n_inputs, model->preps[p]->pixel_scale);
    }
    c_emit(e, e->same_pixels ? "\ntypedef struct {\n    float shift, scale;\n} @_prep;\n"
                             : "\ntypedef struct {\n    const float *shift, *scale;\n} @_prep;\n");
    text_print(e->out, "static const %s_prep %s_preps[%d] = {", e->name, e->name, model->n_preps);
    for (int p = 0; p < model->n_preps; p++) {
        c_break(e->out, (size_t)p, 2);
        text_add(e->out, "{");
        if (e->same_pixels) {
            c_float(e->out, model->preps[p]->pixel_shift[0]);
            text_add(e->out, ", ");
            c_float(e->out, model->preps[p]->pixel_scale[0]);
        } else {
            text_print(e->out, "%s_shift%d, %s_scale%d", e->name, p, e->name, p);
        }
        text_add(e->out, "}");
    }
    text_add(e->out, "};\n");
}

/* place[i]: which of the preprocessing's levels the schema's level i is; n_levels: none. */
static void level_map(CExport *e, int p, int j)
{
    const PrepColumn *column = &e->model->preps[p]->columns[j];
    const Column *known = &e->model->schema.columns[j];
    if (known->n_levels == 0) return;
    text_print(e->out, "static const short %s_place%d_%d[] = {", e->name, p, j);
    for (int i = 0; i < known->n_levels; i++) {
        int place = 0;
        while (place < column->n_levels && strcmp(column->levels[place], known->levels[i]) != 0)
            place++;
        c_break(e->out, (size_t)i, 16);
        text_print(e->out, "%d", place);
    }
    text_add(e->out, "};\n");
}

static void knots(CExport *e, int p, int j)
{
    const PrepColumn *column = &e->model->preps[p]->columns[j];
    if (column->n_knots == 0) return;
    text_print(e->out, "static const double %s_knots%d_%d[] = {", e->name, p, j);
    for (int k = 0; k < column->n_knots; k++) {
        c_break(e->out, (size_t)k, 4);
        c_double(e->out, column->knots[k]);
    }
    text_add(e->out, "};\n");
}

static void edges(CExport *e, int p, int j)
{
    const PrepColumn *column = &e->model->preps[p]->columns[j];
    if (column->n_edges == 0) return;
    text_print(e->out, "static const double %s_edges%d_%d[] = {", e->name, p, j);
    for (int k = 0; k < column->n_edges; k++) {
        c_break(e->out, (size_t)k, 4);
        c_double(e->out, column->edges[k]);
    }
    text_add(e->out, "};\n");
}

/* An initializer of a @_column; `j` may be a derived one. */
static void column_entry(CExport *e, int p, int j)
{
    const PrepColumn *column = &e->model->preps[p]->columns[j];
    text_add(e->out, "{");
    if (e->has_words) {
        bool word = !prep_by_number(column) && column->kind != COLUMN_FREE_TEXT;
        text_print(e->out, "%d, %d, %d, ", word ? column->n_levels : -1, column->missing_level,
                   column->unseen_level);
        if (word && e->model->schema.columns[j].n_levels)
            text_print(e->out, "%s_place%d_%d, ", e->name, p, j);
        else text_add(e->out, "0, ");
    }
    if (e->has_codes) text_print(e->out, "%d, ", column->coded);
    if (e->has_edges) {
        if (column->n_edges) text_print(e->out, "%d, %s_edges%d_%d, ", column->n_edges, e->name, p, j);
        else text_add(e->out, "0, 0, ");
    }
    if (e->has_knots) {
        if (column->n_knots) text_print(e->out, "%d, %s_knots%d_%d, ", column->n_knots, e->name, p, j);
        else text_add(e->out, "0, 0, ");
    }
    if (e->has_texts) c_texts_entry(e, p, j);
    c_columns_entry(e, column);
    text_print(e->out, "%d, %d, ", column->clip, column->flag);
    c_double(e->out, column->fill);
    text_add(e->out, ", ");
    c_double(e->out, column->shift);
    text_add(e->out, ", ");
    c_double(e->out, column->scale);
    text_add(e->out, "}");
}

static void cells(CExport *e, int p, int k)
{
    const Derivation *d = &e->model->preps[p]->derived[k];
    if (d->n_cells == 0) return;
    text_print(e->out, "static const double %s_cells%d_%d[] = {", e->name, p, k);
    for (int i = 0; i < d->n_cells; i++) {
        c_break(e->out, (size_t)i, 4);
        c_double(e->out, d->cells[i]);
    }
    text_add(e->out, "};\n");
}

/* Columns that are made of others, of all preprocessings one after the other. */
static void derived_preps(CExport *e)
{
    const Model *model = e->model;
    size_t n = 0;
    text_add(e->out, "\n");
    for (int p = 0; p < model->n_preps; p++)
        for (int k = 0; k < model->preps[p]->n_derived; k++) {
            knots(e, p, e->n_inputs + k), edges(e, p, e->n_inputs + k);
            cells(e, p, k);
        }
    c_emit(e, "\n/* Columns made of others: 0 difference, 1 ratio, 2 product, 3 sum of a and b; 4 what the\n"
              " * words of `by` and b (-1: none) say of the target; 5 mean of a group, 6 a less that. */\n"
              "typedef struct {\n    int kind, a, b, by;\n    const double *cells; /* by group, or 0 */\n"
              "    @_column column;\n} @_derived;\nstatic const @_derived @_made[] = {");
    for (int p = 0; p < model->n_preps; p++)
        for (int k = 0; k < model->preps[p]->n_derived; k++) {
            const Derivation *d = &model->preps[p]->derived[k];
            c_break(e->out, n++, 1);
            text_print(e->out, "{%d, %d, %d, %d, ", (int)d->kind, d->a, d->b,
                       d->kind == DERIVE_TARGET ? d->a : d->b);
            if (d->n_cells) text_print(e->out, "%s_cells%d_%d, ", e->name, p, k);
            else text_add(e->out, "0, ");
            column_entry(e, p, e->n_inputs + k);
            text_add(e->out, "}");
        }
    text_print(e->out, "};\nstatic const int %s_derived_from[%d] = {0", e->name, model->n_preps + 1);
    n = 0;
    for (int p = 0; p < model->n_preps; p++)
        text_print(e->out, ", %zu", n += (size_t)model->preps[p]->n_derived);
    text_add(e->out, "};\n");
}

static void column_preps(CExport *e)
{
    const Model *model = e->model;
    text_add(e->out, "\n");
    for (int p = 0; p < model->n_preps; p++)
        for (int j = 0; j < e->n_inputs; j++) {
            const PrepColumn *column = &model->preps[p]->columns[j];
            if (column->kind == COLUMN_FREE_TEXT) c_texts_buckets(e, p, j);
            else if (!prep_by_number(column)) level_map(e, p, j);
            else knots(e, p, j), edges(e, p, j);
        }
    c_emit(e, "\n/* How each column becomes features; one line a column, one block a preprocessing. */\n"
              "typedef struct {\n");
    if (e->has_words)
        c_emit(e, "    int n_levels;             /* of words; -1: a number */\n"
                  "    int missing, unseen;      /* words: is there a feature for these? */\n"
                  "    const short *place;       /* words: from the column's level to ours */\n");
    if (e->has_codes)
        c_emit(e, "    int coded;                /* words: one feature, the level's number from 1 */\n");
    if (e->has_edges)
        c_emit(e, "    int n_edges;              /* of bins that a number fills, 0: none */\n"
                  "    const double *edges;\n");
    if (e->has_knots)
        c_emit(e, "    int n_knots;              /* quantiles, 0: none */\n"
                  "    const double *knots;\n");
    if (e->has_texts) c_texts_fields(e);
    c_columns_fields(e);
    c_emit(e, "    int clip, flag;           /* numbers: smooth clip; a feature that says missing */\n"
              "    double fill, shift, scale;\n"
              "} @_column;\n");
    text_print(e->out, "static const %s_column %s_columns[%d] = {", e->name, e->name,
               model->n_preps * e->n_inputs);
    for (int p = 0; p < model->n_preps; p++)
        for (int j = 0; j < e->n_inputs; j++) {
            text_print(e->out, j || p ? ",\n    " : "\n    ");
            column_entry(e, p, j);
        }
    text_add(e->out, "};\n");
    if (e->has_derived) derived_preps(e);
}

/* ---- networks -------------------------------------------------------------------------------- */

static void weights(CExport *e)
{
    int number = 0;
    text_add(e->out, "\n/* Weights are input by output, as a product with a row of inputs reads them. */\n");
    for (int m = 0; m < e->model->n_members; m++)
        for (int k = 0; k < e->model->members[m].n_nets; k++) {
            const Mlp *mlp = e->model->members[m].nets[k].mlp;
            for (int l = 0; l < mlp->n_layers; l++, number++) {
                MlpLayer layer = mlp_layer(mlp, l);
                floats(e, "w", number, mlp->width[l], mlp->width[l + 1], layer.ld, layer.w);
                floats(e, "b", number, 1, mlp->width[l + 1], mlp->width[l + 1], layer.b);
                if (!layer.gain) continue;
                floats(e, "gain", number, 1, mlp->width[l + 1], mlp->width[l + 1], layer.gain);
                floats(e, "shift", number, 1, mlp->width[l + 1], mlp->width[l + 1], layer.shift);
            }
        }
}

static void layers(CExport *e)
{
    size_t number = 0;
    c_emit(e, "\ntypedef struct {\n    int n_in, n_out;\n    const float *w, *b;\n");
    if (e->has_norms) c_emit(e, "    const float *gain, *shift; /* of the layer norm, or 0 */\n");
    if (e->has_skips) c_emit(e, "    int skip; /* its input is added to its output */\n");
    c_emit(e, "} @_layer;\nstatic const @_layer @_layers[] = {");
    for (int m = 0; m < e->model->n_members; m++)
        for (int k = 0; k < e->model->members[m].n_nets; k++) {
            const Mlp *mlp = e->model->members[m].nets[k].mlp;
            for (int l = 0; l < mlp->n_layers; l++, number++) {
                c_break(e->out, number, 2);
                text_print(e->out, "{%d, %d, %s_w%zu, %s_b%zu", mlp->width[l], mlp->width[l + 1],
                           e->name, number, e->name, number);
                bool norm = mlp->layer_norm && l + 1 < mlp->n_layers;
                if (e->has_norms && norm)
                    text_print(e->out, ", %s_gain%zu, %s_shift%zu", e->name, number, e->name,
                               number);
                else if (e->has_norms) text_add(e->out, ", 0, 0");
                if (e->has_skips) text_print(e->out, ", %d", mlp_skips(mlp, l));
                text_add(e->out, "}");
            }
        }
    text_add(e->out, "};\n");
}

static void begin_list(const CExport *e, const char *type, const char *kind, int number)
{
    text_print(e->out, "static const %s %s_%s%d[] = {", type, e->name, kind, number);
}

static void embedding_lists(CExport *e, const Embed *embed, int number)
{
    begin_list(e, "int", "kind", number);
    for (int j = 0; j < embed->n_features; j++) {
        c_break(e->out, (size_t)j, 16);
        text_print(e->out, "%d", embed->feature[j]);
    }
    text_add(e->out, "};\n");
    begin_list(e, "long", "at", number);
    for (int j = 0; j < embed->n_features; j++) {
        c_break(e->out, (size_t)j, 16);
        text_print(e->out, "%zu", embed->offset[j]);
    }
    text_add(e->out, "};\n");
}

static void embeddings(CExport *e)
{
    int number = 0;
    c_emit(e, "\n/* The input stage: what each feature is (0 a number as it is, -1 and -2 a number with\n"
              " * waves, otherwise how many codes it has) and where its parameters begin. */\n"
              "typedef struct {\n    int n_features, frequencies, size, category_size;\n"
              "    const int *kind;\n    const long *at;\n    const float *p;\n} @_embedding;\n");
    for (int m = 0; m < e->model->n_members; m++)
        for (int k = 0; k < e->model->members[m].n_nets; k++, number++) {
            const Mlp *mlp = e->model->members[m].nets[k].mlp;
            const Embed *embed = mlp->embed;
            if (!embed) continue;
            int size = (int)embed->n_floats;
            embedding_lists(e, embed, number);
            floats(e, "p", number, 1, size, size, mlp->params);
            text_print(e->out, "static const %s_embedding %s_embed%d = {%d, %d, %d, %d, ", e->name,
                       e->name, number, embed->n_features, embed->frequencies, embed->size,
                       embed->category_size);
            text_print(e->out, "%s_kind%d, %s_at%d, %s_p%d};\n", e->name, number, e->name, number,
                       e->name, number);
        }
}

/* An average needs no more of a network than its own share; votes and pools are counted once a member. */
static void networks(CExport *e)
{
    const Model *model = e->model;
    const bool apart = model->combine != COMBINE_AVERAGE, pool = model->combine == COMBINE_POOL;
    double total = 0;
    int first = 0, number = 0;
    for (int m = 0; m < model->n_members; m++) total += model->members[m].weight;
    c_emit(e, "\n/* Which preprocessing, the first of its layers and how many, the activation between\n"
              " * them, ");
    c_emit(e, pool    ? "and at a member's last network the weight of its logarithms, else 0; its part of\n"
                        " * the member. */\n"
              : apart ? "and at a member's last network the weight of its vote, else 0. */\n"
                      : "and its share in the average. */\n");
    const char *type = c_has_targets(e) ? "double" : "float";
    text_print(e->out, "typedef struct {\n    int prep, first, n_layers, activation;\n    %s weight;\n", type);
    if (pool) c_emit(e, "    float part;\n");
    if (e->n_links > 1) c_emit(e, "    int link; /* what its outputs mean */\n");
    if (e->has_embeds) c_emit(e, "    const @_embedding *embed; /* or 0 */\n");
    c_emit(e, "} @_net;\nstatic const @_net @_nets[] = {");
    for (int m = 0; m < model->n_members; m++) {
        const ModelMember *member = &model->members[m];
        for (int k = 0; k < member->n_nets; k++, number++) {
            const Mlp *mlp = member->nets[k].mlp;
            double share = member->weight / total;
            if (!apart) share /= member->n_nets;
            else if (k + 1 < member->n_nets) share = 0;
            if (share > 0 && share < 1e-37) share = 1e-37; /* a float's 0 would mean "not yet" */
            c_break(e->out, (size_t)number, 3);
            text_print(e->out, "{%d, %d, %d, %d, ", member->nets[k].prep, first, mlp->n_layers,
                       (int)mlp->activation);
            if (c_has_targets(e)) c_double(e->out, share);
            else c_float(e->out, (float)share);
            if (pool) {
                text_add(e->out, ", ");
                c_float(e->out, (float)(1.0 / member->n_nets));
            }
            if (e->n_links > 1) text_print(e->out, ", %d", (int)mlp->link);
            if (e->has_embeds && mlp->embed) text_print(e->out, ", &%s_embed%d", e->name, number);
            else if (e->has_embeds) text_add(e->out, ", 0");
            text_add(e->out, "}");
            first += mlp->n_layers;
        }
    }
    text_add(e->out, "};\n");
}

void c_tables(CExport *e)
{
    names(e);
    if (e->image) pixel_preps(e);
    else column_preps(e);
    weights(e);
    layers(e);
    if (e->has_embeds) embeddings(e);
    networks(e);
    c_decide_tables(e);
}
