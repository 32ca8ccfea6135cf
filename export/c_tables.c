/* The constants of an exported model. Arrays are numbered in the order in which they are written. */
#include "export/c_tables.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "export/c_decide.h"
#include "export/c_encode.h"
#include "export/c_targets.h"

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

static void names(CExport *e)
{
    const Schema *schema = &e->model->schema;
    if (c_has_targets(e)) {
        c_targets_tables(e);
        return;
    }
    c_emit(e, "\n#ifndef $_NO_STRINGS\nconst char *const @_class_names[$_N_CLASSES] = {");
    c_strings(e, schema->n_classes, schema->classes);
    c_emit(e, "#endif\n");
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
    c_encode_tables(e);
    weights(e);
    layers(e);
    if (e->has_embeds) embeddings(e);
    networks(e);
    c_decide_tables(e);
}
