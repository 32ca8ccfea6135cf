/* The functions of an exported model, as templates: see c_text.h. They are C99 and C++,
 * convert nothing silently, allocate nothing and change nothing but what they are given.
 */
#include "export/c_code.h"

#include "export/c_cells.h"
#include "export/c_conformal.h"
#include "export/c_decide.h"
#include "export/c_encode.h"
#include "export/c_targets.h"

/* ---- from cells to features ------------------------------------------------------------------ */

static bool is_used(const Model *model, int prep)
{
    for (int m = 0; m < model->n_members; m++)
        for (int k = 0; k < model->members[m].n_nets; k++)
            if (model->members[m].nets[k].prep == prep) return true;
    return false;
}

static void write_encode(CExport *e)
{
    for (int p = 0; p < e->model->n_preps; p++) c_encode_prep(e, p);
    c_emit(e, "\nstatic void @_encode(int prep, const @_input *x, float *f)\n{\n    switch (prep) {\n");
    for (int p = 0; p < e->model->n_preps; p++)
        if (is_used(e->model, p))
            text_print(e->out, "    case %d: %s_encode_%d(x, f); break;\n", p, e->name, p);
    c_emit(e, "    default: break;\n    }\n}\n");
}

/* ---- the network ----------------------------------------------------------------------------- */

static const char *const activation_code[ACTIVATION_COUNT] = {
    [ACT_RELU] = "z > 0 ? z : 0.0f",
    [ACT_LEAKY_RELU] = "z > 0 ? z : 0.01f * z",
    [ACT_TANH] = "tanhf(z)",
    [ACT_SIGMOID] = "1.0f / (1.0f + expf(-z))",
    [ACT_GELU] = "0.5f * z * erfcf(-0.707106781f * z)",
    [ACT_SILU] = "z / (1.0f + expf(-z))",
    [ACT_SELU] = "z > 0 ? 1.05070099f * z : 1.75809934f * expm1f(z)",
    [ACT_MISH] = "z > 20.0f ? z : z * tanhf(log1pf(expf(z)))",
};

static void write_activation(CExport *e)
{
    c_emit(e, "\nstatic float @_activation(int kind, float z)\n{\n    switch (kind) {\n");
    for (int i = 0; i < ACTIVATION_COUNT; i++)
        if (e->used[i])
            text_print(e->out, "    case %d: return %s; /* %s */\n", i, activation_code[i],
                       activation_names[i]);
    c_emit(e, "    default: return z;\n    }\n}\n");
}

static const char dense_code[] =
    "\n"
    "/* y = x w + b, four inputs at a time. Inputs are often zero (pixels, one-hot), which saves work. */\n"
    "static void @_dense(const @_layer *layer, const float *x, float *y)\n"
    "{\n"
    "    const int n = layer->n_out;\n"
    "    const float *w0 = layer->w;\n"
    "    int i, j;\n"
    "    for (j = 0; j < n; j++) y[j] = layer->b[j];\n"
    "    for (i = 0; i + 4 <= layer->n_in; i += 4, w0 += 4 * n) {\n"
    "        const float x0 = x[i], x1 = x[i + 1], x2 = x[i + 2], x3 = x[i + 3];\n"
    "        const float *w1 = w0 + n, *w2 = w1 + n, *w3 = w2 + n;\n"
    "        if (fabsf(x0) + fabsf(x1) + fabsf(x2) + fabsf(x3) <= 0) continue;\n"
    "        for (j = 0; j < n; j++) y[j] += x0 * w0[j] + x1 * w1[j] + x2 * w2[j] + x3 * w3[j];\n"
    "    }\n"
    "    for (; i < layer->n_in; i++, w0 += n)\n"
    "        for (j = 0; j < n; j++) y[j] += x[i] * w0[j];\n"
    "}\n";
static const char softmax_code[] =
    "\n"
    "static void @_softmax(float *z)\n"
    "{\n"
    "    float top = z[0], sum = 0;\n"
    "    int c;\n"
    "    for (c = 1; c < $_N_CLASSES; c++)\n"
    "        if (z[c] > top) top = z[c];\n"
    "    for (c = 0; c < $_N_CLASSES; c++) sum += z[c] = expf(z[c] - top);\n"
    "    for (c = 0; c < $_N_CLASSES; c++) z[c] /= sum;\n"
    "}\n";

static const char norm_code[] =
    "\n"
    "static void @_norm(const @_layer *layer, float *z)\n"
    "{\n"
    "    float mean = 0, square = 0;\n"
    "    int c;\n"
    "    for (c = 0; c < layer->n_out; c++) mean += z[c];\n"
    "    mean /= (float)layer->n_out;\n"
    "    for (c = 0; c < layer->n_out; c++) square += (z[c] - mean) * (z[c] - mean);\n"
    "    square = 1.0f / sqrtf(square / (float)layer->n_out + 1e-5f);\n"
    "    for (c = 0; c < layer->n_out; c++)\n"
    "        z[c] = (z[c] - mean) * square * layer->gain[c] + layer->shift[c];\n"
    "}\n";

static const char embed_code[] =
    "\n"
    "/* One number as waves: pbld keeps it and adds weighted cosines, periodic has sines too. */\n"
    "static int @_waves(const @_embedding *e, int kind, const float *w1, float x, float *to)\n"
    "{\n"
    "    const int n = e->frequencies, pad = (n + 15) / 16 * 16, terms = kind == -1 ? n : 2 * n;\n"
    "    const int row = (terms + 15) / 16 * 16, outputs = kind == -1 ? e->size - 1 : e->size;\n"
    "    const float *b1 = w1 + pad, *w2 = b1 + pad, *b2 = w2 + outputs * row;\n"
    "    int o, i;\n"
    "    if (kind == -1) *to++ = x;\n"
    "    for (o = 0; o < outputs; o++, w2 += row) {\n"
    "        float y = b2[o];\n"
    "        for (i = 0; i < n; i++) y += w2[i] * cosf(6.28318531f * w1[i] * x + b1[i]);\n"
    "        for (i = 0; i < n && kind != -1; i++)\n"
    "            y += w2[n + i] * sinf(6.28318531f * w1[i] * x + b1[i]);\n"
    "        to[o] = kind != -1 && y < 0 ? 0.0f : y;\n"
    "    }\n"
    "    return e->size;\n"
    "}\n"
    "\n"
    "static void @_embed(const @_embedding *e, const float *x, float *to)\n"
    "{\n"
    "    int j, i, code;\n"
    "    for (j = 0; j < e->n_features; j++) {\n"
    "        const int kind = e->kind[j];\n"
    "        const float *p = e->p + e->at[j];\n"
    "        if (kind == 0) {\n"
    "            *to++ = x[j];\n"
    "        } else if (kind < 0) {\n"
    "            to += @_waves(e, kind, p, x[j], to);\n"
    "        } else {\n"
    "            code = x[j] >= 0 && x[j] <= (float)kind ? (int)x[j] : 0;\n"
    "            for (i = 0; i < e->category_size; i++) *to++ = p[code * e->category_size + i];\n"
    "        }\n"
    "    }\n"
    "}\n";

static const char predict_start[] =
    "\n"
    "int @_predict(const @_input x[$_N_INPUTS], float p[$_N_CLASSES])\n"
    "{\n"
    "    float features[$_MOST_FEATURES], one[$_MOST_WIDTH], other[$_MOST_WIDTH];\n";
static const char predict_inputs[] = "    float inputs[$_MOST_INPUTS];\n";
/* Of votes and pools members are taken apart. */
static const char predict_member_sum[] = "    float member[$_N_CLASSES];\n";
static const char predict_nets[] =
    "    int prep = -1, i, l, c, best = 0;\n"
    "    for (c = 0; c < $_N_CLASSES; c++) p[c] = 0;\n";
static const char predict_member_clear[] = "    for (c = 0; c < $_N_CLASSES; c++) member[c] = 0;\n";
static const char predict_loop[] =
    "    for (i = 0; i < (int)(sizeof @_nets / sizeof @_nets[0]); i++) {\n"
    "        const @_net *net = &@_nets[i];\n"
    "        const float *in = features;\n"
    "        float *out = one;\n"
    "        if (net->prep != prep) @_encode(net->prep, x, features);\n"
    "        prep = net->prep;\n";
static const char predict_embed[] =
    "        if (net->embed) {\n"
    "            @_embed(net->embed, features, inputs);\n"
    "            in = inputs;\n"
    "        }\n";
static const char predict_layers[] =
    "        for (l = 0; l < net->n_layers; l++) {\n"
    "            const @_layer *layer = &@_layers[net->first + l];\n"
    "            out = in == one ? other : one;\n"
    "            @_dense(layer, in, out);\n";
static const char predict_norm[] =
    "            if (layer->gain) @_norm(layer, out);\n";
static const char predict_activation[] =
    "            for (c = 0; c < layer->n_out && l + 1 < net->n_layers; c++)\n"
    "                out[c] = @_activation(net->activation, out[c]);\n";
static const char predict_skip[] =
    "            for (c = 0; c < layer->n_out && layer->skip; c++) out[c] += in[c];\n";
static const char predict_loop_end[] =
    "            in = out;\n"
    "        }\n";
static const char predict_average[] =
    "        for (c = 0; c < $_N_CLASSES; c++) p[c] += net->weight * out[c];\n"
    "    }\n";
static const char predict_vote[] =
    "        for (c = 0; c < $_N_CLASSES; c++) member[c] += out[c];\n"
    "        if (net->weight <= 0) continue; /* more networks of this member follow */\n"
    "        best = 0;\n"
    "        for (c = 1; c < $_N_CLASSES; c++)\n"
    "            if (member[c] > member[best]) best = c;\n"
    "        p[best] += net->weight;\n"
    "        for (c = 0; c < $_N_CLASSES; c++) member[c] = 0;\n"
    "    }\n";
static const char predict_pool[] =
    "        for (c = 0; c < $_N_CLASSES; c++) member[c] += net->part * out[c];\n"
    "        if (net->weight <= 0) continue; /* more networks of this member follow */\n"
    "        for (c = 0; c < $_N_CLASSES; c++) {\n"
    "            p[c] += net->weight * logf(member[c] > 1e-6f ? member[c] : 1e-6f);\n"
    "            member[c] = 0;\n"
    "        }\n"
    "    }\n"
    "    @_softmax(p);\n";

static void write_predict(CExport *e)
{
    const int combine = e->model->combine;
    const bool apart = combine != COMBINE_AVERAGE, targets = c_has_targets(e);
    if (targets) {
        c_targets_predict_start(e);
    } else {
        c_emit(e, predict_start);
        if (e->has_embeds) c_emit(e, predict_inputs);
        if (apart) c_emit(e, predict_member_sum);
        c_emit(e, predict_nets);
        if (apart) c_emit(e, predict_member_clear);
    }
    c_emit(e, predict_loop);
    if (e->has_embeds) c_emit(e, predict_embed);
    c_emit(e, predict_layers);
    if (e->has_norms) c_emit(e, predict_norm);
    c_emit(e, predict_activation);
    if (e->has_skips) c_emit(e, predict_skip);
    c_emit(e, predict_loop_end);
    c_targets_predict_net(e);
    if (targets) {
        c_targets_predict_end(e);
        return;
    }
    c_emit(e, combine == COMBINE_VOTE ? predict_vote
              : combine == COMBINE_POOL ? predict_pool : predict_average);
    c_decide_code(e);
}

/* Some network's, a pool's, or calibration's. */
static bool needs_softmax(const CExport *e)
{
    const Model *model = e->model;
    if (c_has_targets(e)) return false;
    if (model->combine == COMBINE_POOL) return true;
    for (int m = 0; m < model->n_members; m++)
        for (int k = 0; k < model->members[m].n_nets; k++)
            if (model->members[m].nets[k].mlp->link == LINK_SOFTMAX) return true;
    return model->combine != COMBINE_VOTE && (model->calibration || model->temperature != 1);
}

void c_code(CExport *e)
{
    write_encode(e);
    write_activation(e);
    c_emit(e, dense_code);
    if (needs_softmax(e)) c_emit(e, softmax_code);
    c_targets_links(e);
    if (e->has_norms) c_emit(e, norm_code);
    if (e->has_embeds) c_emit(e, embed_code);
    c_decide_tools(e);
    write_predict(e);
    c_conformal_code(e);
    c_cells(e);
}
