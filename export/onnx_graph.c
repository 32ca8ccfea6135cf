/* Nodes and constants, each once, and at the end the model's bytes. */
#include "export/onnx_graph.h"

#include <string.h>

#include "base/grow.h"
#include "export/protobuf.h"

#ifndef CONSORT_VERSION
#define CONSORT_VERSION "unknown"
#endif

enum { IR_VERSION = 7, OPSET = 13, OPSET_ML = 2 }; /* onnx 1.8: what there was in 2021 reads it */

/* Fields of onnx.proto3. */
enum { MODEL_IR = 1, MODEL_PRODUCER = 2, MODEL_PRODUCER_VERSION = 3, MODEL_DOC = 6, MODEL_GRAPH = 7,
       MODEL_OPSET = 8, MODEL_NOTES = 14 };
enum { OPSET_DOMAIN = 1, OPSET_VERSION = 2 };
enum { GRAPH_NODE = 1, GRAPH_NAME = 2, GRAPH_CONSTANT = 5, GRAPH_INPUT = 11, GRAPH_OUTPUT = 12,
       GRAPH_VALUE = 13 };
enum { NODE_INPUT = 1, NODE_OUTPUT = 2, NODE_OP = 4, NODE_ATTRIBUTE = 5, NODE_DOMAIN = 7 };
enum { ATTRIBUTE_NAME = 1, ATTRIBUTE_F = 2, ATTRIBUTE_I = 3, ATTRIBUTE_FLOATS = 7, ATTRIBUTE_INTS = 8,
       ATTRIBUTE_STRINGS = 9, ATTRIBUTE_TYPE = 20 };
enum { IS_FLOAT = 1, IS_INT = 2, IS_FLOATS = 6, IS_INTS = 7, IS_STRINGS = 8 };
enum { TENSOR_DIM = 1, TENSOR_TYPE = 2, TENSOR_STRING = 6, TENSOR_NAME = 8, TENSOR_RAW = 9 };
enum { VALUE_NAME = 1, VALUE_TYPE = 2, TYPE_TENSOR = 1, SHAPED_ELEMENT = 1, SHAPED_SHAPE = 2, SHAPE_DIM = 1,
       DIM_VALUE = 1, DIM_NAME = 2 };
enum { NOTE_KEY = 1, NOTE_VALUE = 2 };

/* Rows of `width` bytes an element; or strings. */
struct OnnxConstant {
    const char *name;
    OnnxType type;
    int n_dims, dims[ONNX_MOST_DIMS];
    size_t rows, columns, ld, width;
    const void *data;
    const char *const *strings;
};

static const OnnxValue nothing = {NULL, ONNX_FLOAT};

const char *onnx_type_name(OnnxType type)
{
    switch (type) {
    case ONNX_FLOAT: return "FLOAT";
    case ONNX_UINT8: return "UINT8";
    case ONNX_INT64: return "INT64";
    case ONNX_STRING: return "STRING";
    case ONNX_BOOL: return "BOOL";
    default: return "DOUBLE";
    }
}

void onnx_graph_begin(OnnxGraph *g, Arena *arena)
{
    *g = (OnnxGraph){.arena = arena, .scope = ""};
}

void onnx_graph_free(OnnxGraph *g)
{
    Text *const texts[] = {&g->nodes, &g->values, &g->inputs, &g->outputs, &g->notes, &g->attributes, &g->key};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) text_free(texts[i]);
}

static OnnxValue broken(OnnxGraph *g)
{
    g->broken = true;
    return nothing;
}

/* What g->key is the key of: the value that there is (true), or a new one under a name of its own. */
static bool known(OnnxGraph *g, OnnxType type, OnnxValue *value)
{
    *value = nothing;
    if (g->broken || !text_ok(&g->key)) {
        g->broken = true;
        return true;
    }
    const int at = text_set_add(&g->known, g->arena, g->key.bytes, g->key.n);
    if (at >= 0 && at < g->n_made) {
        *value = g->made[at];
        return true;
    }
    const char *name = arena_print(g->arena, "%s/%d", g->scope, g->n_made);
    if (at < 0 || !name || !GROW(g->arena, g->made, g->n_made, g->capacity)) {
        g->broken = true;
        return true;
    }
    *value = g->made[g->n_made++] = (OnnxValue){name, type};
    return false;
}

/* ---- inputs, outputs, notes ------------------------------------------------------------------ */

static void describe(Text *out, int field, const char *name, OnnxType type, int n_dims, const int *dims)
{
    const size_t info = pb_begin(out);
    pb_text(out, VALUE_NAME, name);
    const size_t of = pb_begin(out), tensor = pb_begin(out);
    pb_int(out, SHAPED_ELEMENT, type);
    const size_t shape = pb_begin(out);
    for (int i = 0; i < n_dims; i++) {
        const size_t dim = pb_begin(out);
        if (dims[i] == ONNX_ROWS) pb_text(out, DIM_NAME, "N");
        else pb_int(out, DIM_VALUE, dims[i]);
        pb_end(out, SHAPE_DIM, dim);
    }
    pb_end(out, SHAPED_SHAPE, shape);
    pb_end(out, TYPE_TENSOR, tensor);
    pb_end(out, VALUE_TYPE, of);
    pb_end(out, field, info);
}

OnnxValue onnx_input(OnnxGraph *g, const char *name, OnnxType type, int n_dims, const int *dims)
{
    describe(&g->inputs, GRAPH_INPUT, name, type, n_dims, dims);
    return (OnnxValue){name, type};
}

void onnx_output(OnnxGraph *g, const char *name, OnnxValue value, int n_dims, const int *dims)
{
    if (!value.name) return;
    const size_t node = pb_begin(&g->nodes);
    pb_text(&g->nodes, NODE_INPUT, value.name);
    pb_text(&g->nodes, NODE_OUTPUT, name);
    pb_text(&g->nodes, NODE_OP, "Identity");
    pb_end(&g->nodes, GRAPH_NODE, node);
    describe(&g->outputs, GRAPH_OUTPUT, name, value.type, n_dims, dims);
}

void onnx_note(OnnxGraph *g, const char *key, const char *value)
{
    char *copy = arena_copy(g->arena, value);
    if (!copy) {
        g->broken = true;
        return;
    }
    if (!text_is_utf8(copy, strlen(copy))) /* which readers of a string insist on */
        for (char *c = copy; *c; c++)
            if ((unsigned char)*c >= 0x80) *c = '?';
    const size_t note = pb_begin(&g->notes);
    pb_text(&g->notes, NOTE_KEY, key);
    pb_text(&g->notes, NOTE_VALUE, copy);
    pb_end(&g->notes, MODEL_NOTES, note);
}

/* ---- constants ------------------------------------------------------------------------------- */

static OnnxValue add_constant(OnnxGraph *g, OnnxValue value, OnnxConstant constant)
{
    if (!GROW(g->arena, g->constants, g->n_constants, g->constant_capacity)) return broken(g);
    constant.name = value.name;
    g->constants[g->n_constants++] = constant;
    return value;
}

static size_t count(int n_dims, const int *dims)
{
    size_t n = 1;
    for (int i = 0; i < n_dims; i++) n *= (size_t)dims[i];
    return n;
}

/* `constant`: all but the name and what is in the key. The key is a constant's, so no node has it. */
static OnnxValue small_constant(OnnxGraph *g, OnnxConstant constant)
{
    OnnxValue value;
    g->key.n = 0;
    text_add_n(&g->key, (const char[]){0, (char)constant.type, (char)constant.n_dims}, 3);
    text_add_n(&g->key, (const char *)constant.dims, (size_t)constant.n_dims * sizeof *constant.dims);
    if (constant.data)
        text_add_n(&g->key, constant.data, constant.rows * constant.columns * constant.width);
    for (size_t i = 0; constant.strings && i < constant.columns; i++)
        text_add_n(&g->key, constant.strings[i], strlen(constant.strings[i]) + 1);
    return known(g, constant.type, &value) ? value : add_constant(g, value, constant);
}

OnnxValue onnx_numbers(OnnxGraph *g, OnnxType type, int n_dims, const int *dims, const double *numbers)
{
    const size_t n = count(n_dims, dims), width = type == ONNX_FLOAT ? sizeof(float) : sizeof(double);
    OnnxConstant constant = {.type = type, .n_dims = n_dims, .rows = 1, .columns = n, .ld = n, .width = width};
    for (int i = 0; i < n_dims; i++) constant.dims[i] = dims[i];
    void *data = arena_alloc(g->arena, n, width);
    if (!data) return broken(g);
    for (size_t i = 0; i < n; i++) {
        if (type == ONNX_FLOAT) ((float *)data)[i] = (float)numbers[i];
        else if (type == ONNX_DOUBLE) ((double *)data)[i] = numbers[i];
        else ((int64_t *)data)[i] = (int64_t)numbers[i];
    }
    constant.data = data;
    return small_constant(g, constant);
}

OnnxValue onnx_number(OnnxGraph *g, OnnxType type, double number)
{
    return onnx_numbers(g, type, 0, NULL, &number);
}

OnnxValue onnx_row(OnnxGraph *g, OnnxType type, int n, const double *numbers)
{
    return onnx_numbers(g, type, 2, (const int[]){1, n}, numbers);
}

OnnxValue onnx_ints(OnnxGraph *g, int n, const int *ints)
{
    double *numbers = ARENA_NEW(g->arena, double, n);
    if (!numbers) return broken(g);
    for (int i = 0; i < n; i++) numbers[i] = ints[i];
    return onnx_numbers(g, ONNX_INT64, 1, &n, numbers);
}

OnnxValue onnx_strings(OnnxGraph *g, int n, const char *const *strings)
{
    return small_constant(g, (OnnxConstant){.type = ONNX_STRING, .n_dims = 1, .dims = {n}, .rows = 1,
                                            .columns = (size_t)n, .strings = strings});
}

OnnxValue onnx_weights(OnnxGraph *g, int rows, int columns, int ld, const float *weights)
{
    OnnxValue value;
    g->key.n = 0;
    text_add_n(&g->key, "\0w", 2);
    text_add_n(&g->key, (const char *)&weights, sizeof weights);
    text_add_n(&g->key, (const char *)&rows, sizeof rows);
    text_add_n(&g->key, (const char *)&columns, sizeof columns);
    if (known(g, ONNX_FLOAT, &value)) return value;
    const bool matrix = rows > 0;
    return add_constant(g, value, (OnnxConstant){.type = ONNX_FLOAT, .n_dims = matrix ? 2 : 1,
        .dims = {matrix ? rows : columns, columns}, .rows = matrix ? (size_t)rows : 1,
        .columns = (size_t)columns, .ld = (size_t)ld, .width = sizeof *weights, .data = weights});
}

static size_t raw_bytes(const OnnxConstant *c)
{
    return c->rows * c->columns * c->width;
}

/* All of a tensor but what is in raw_data, which stands last and may be large. */
static void tensor_head(const OnnxConstant *c, Text *out)
{
    for (int i = 0; i < c->n_dims; i++) pb_int(out, TENSOR_DIM, c->dims[i]);
    pb_int(out, TENSOR_TYPE, c->type);
    for (size_t i = 0; c->strings && i < c->columns; i++) pb_text(out, TENSOR_STRING, c->strings[i]);
    pb_text(out, TENSOR_NAME, c->name);
    if (!c->strings) pb_head(out, TENSOR_RAW, raw_bytes(c));
}

static void tensor(const OnnxConstant *c, size_t head, Text *scratch, Text *out)
{
    scratch->n = 0;
    tensor_head(c, scratch);
    pb_head(out, GRAPH_CONSTANT, head);
    text_add_n(out, scratch->bytes, scratch->n);
    for (size_t r = 0; c->data && r < c->rows; r++)
        pb_little_endian(out, (const char *)c->data + r * c->ld * c->width, c->columns, c->width);
}

/* ---- nodes ----------------------------------------------------------------------------------- */

static size_t begin_attribute(OnnxGraph *g, const char *name)
{
    const size_t mark = pb_begin(&g->attributes);
    pb_text(&g->attributes, ATTRIBUTE_NAME, name);
    return mark;
}

static void end_attribute(OnnxGraph *g, int type, size_t mark)
{
    pb_int(&g->attributes, ATTRIBUTE_TYPE, type);
    pb_end(&g->attributes, NODE_ATTRIBUTE, mark);
}

void onnx_attribute_int(OnnxGraph *g, const char *name, int value)
{
    const size_t mark = begin_attribute(g, name);
    pb_int(&g->attributes, ATTRIBUTE_I, value);
    end_attribute(g, IS_INT, mark);
}

void onnx_attribute_float(OnnxGraph *g, const char *name, double value)
{
    const size_t mark = begin_attribute(g, name);
    pb_float(&g->attributes, ATTRIBUTE_F, (float)value);
    end_attribute(g, IS_FLOAT, mark);
}

void onnx_attribute_ints(OnnxGraph *g, const char *name, int n, const int *values)
{
    const size_t mark = begin_attribute(g, name);
    for (int i = 0; i < n; i++) pb_int(&g->attributes, ATTRIBUTE_INTS, values[i]);
    end_attribute(g, IS_INTS, mark);
}

void onnx_attribute_floats(OnnxGraph *g, const char *name, int n, const double *values)
{
    const size_t mark = begin_attribute(g, name);
    for (int i = 0; i < n; i++) pb_float(&g->attributes, ATTRIBUTE_FLOATS, (float)values[i]);
    end_attribute(g, IS_FLOATS, mark);
}

void onnx_attribute_int64s(OnnxGraph *g, const char *name, int n, const double *values)
{
    const size_t mark = begin_attribute(g, name);
    for (int i = 0; i < n; i++) pb_int(&g->attributes, ATTRIBUTE_INTS, (int64_t)values[i]);
    end_attribute(g, IS_INTS, mark);
}

void onnx_attribute_strings(OnnxGraph *g, const char *name, int n, const char *const *values)
{
    const size_t mark = begin_attribute(g, name);
    for (int i = 0; i < n; i++) pb_text(&g->attributes, ATTRIBUTE_STRINGS, values[i]);
    end_attribute(g, IS_STRINGS, mark);
}

/* A node of one or two outputs without these, as g->key. False: an input is missing. */
static bool node_key(OnnxGraph *g, const char *op, const char *domain, int n_in, const OnnxValue *in)
{
    bool ok = true;
    g->key.n = 0;
    for (int i = 0; i < n_in; i++) {
        ok = ok && in[i].name;
        if (ok) pb_text(&g->key, NODE_INPUT, in[i].name);
    }
    pb_text(&g->key, NODE_OP, op);
    if (domain) pb_text(&g->key, NODE_DOMAIN, domain);
    if (g->attributes.n > 0) text_add_n(&g->key, g->attributes.bytes, g->attributes.n);
    if (!text_ok(&g->attributes)) g->broken = true;
    g->attributes.n = 0;
    return ok;
}

static OnnxValue add_node(OnnxGraph *g, const char *op, const char *domain, OnnxType type, int n_in,
                          const OnnxValue *in, const char **second)
{
    OnnxValue value;
    if (!node_key(g, op, domain, n_in, in)) return broken(g);
    const bool there = known(g, type, &value);
    if (second && value.name) {
        *second = arena_print(g->arena, "%s/2", value.name);
        if (!*second) return broken(g);
    }
    if (there) return value;
    const size_t mark = pb_begin(&g->nodes);
    text_add_n(&g->nodes, g->key.bytes, g->key.n);
    pb_text(&g->nodes, NODE_OUTPUT, value.name);
    if (second) pb_text(&g->nodes, NODE_OUTPUT, *second);
    pb_end(&g->nodes, GRAPH_NODE, mark);
    return value;
}

OnnxValue onnx_node(OnnxGraph *g, const char *op, OnnxType type, int n_in, const OnnxValue *in)
{
    return add_node(g, op, NULL, type, n_in, in, NULL);
}

OnnxValue onnx_op1(OnnxGraph *g, const char *op, OnnxValue a)
{
    return onnx_node(g, op, a.type, 1, &a);
}

OnnxValue onnx_op2(OnnxGraph *g, const char *op, OnnxValue a, OnnxValue b)
{
    static const char *const comparisons[] = {"Less", "LessOrEqual", "Greater", "GreaterOrEqual", "Equal"};
    OnnxType type = a.type;
    for (size_t i = 0; i < sizeof comparisons / sizeof *comparisons; i++)
        if (strcmp(op, comparisons[i]) == 0) type = ONNX_BOOL;
    return onnx_node(g, op, type, 2, (const OnnxValue[]){a, b});
}

OnnxValue onnx_where(OnnxGraph *g, OnnxValue condition, OnnxValue yes, OnnxValue no)
{
    return onnx_node(g, "Where", yes.type, 3, (const OnnxValue[]){condition, yes, no});
}

OnnxValue onnx_with(OnnxGraph *g, const char *op, OnnxValue a, double number)
{
    return onnx_op2(g, op, a, onnx_number(g, a.type, number));
}

OnnxValue onnx_cast(OnnxGraph *g, OnnxValue a, OnnxType type)
{
    if (a.type == type) return a;
    onnx_attribute_int(g, "to", type);
    return onnx_node(g, "Cast", type, 1, &a);
}

OnnxValue onnx_clip(OnnxGraph *g, OnnxValue a, double low, double high)
{
    return onnx_node(g, "Clip", a.type, 3,
                     (const OnnxValue[]){a, onnx_number(g, a.type, low), onnx_number(g, a.type, high)});
}

OnnxValue onnx_concat(OnnxGraph *g, int axis, int n, const OnnxValue *in)
{
    if (n == 1) return in[0];
    onnx_attribute_int(g, "axis", axis);
    return onnx_node(g, "Concat", n > 0 ? in[0].type : ONNX_FLOAT, n, in);
}

OnnxValue onnx_reshape(OnnxGraph *g, OnnxValue a, int n_dims, const int *dims)
{
    return onnx_op2(g, "Reshape", a, onnx_ints(g, n_dims, dims));
}

OnnxValue onnx_slice(OnnxGraph *g, OnnxValue a, int axis, int from, int n)
{
    const int to = from + n;
    return onnx_node(g, "Slice", a.type, 4, (const OnnxValue[]){a, onnx_ints(g, 1, &from), onnx_ints(g, 1, &to),
                                                                onnx_ints(g, 1, &axis)});
}

OnnxValue onnx_gather(OnnxGraph *g, OnnxValue table, OnnxValue index, int axis)
{
    onnx_attribute_int(g, "axis", axis);
    return onnx_op2(g, "Gather", table, index);
}

OnnxValue onnx_sum(OnnxGraph *g, OnnxValue a, int axis, bool keep)
{
    const OnnxValue axes = onnx_ints(g, 1, &axis);
    onnx_attribute_int(g, "keepdims", keep);
    return onnx_op2(g, "ReduceSum", a, axes);
}

OnnxValue onnx_arg(OnnxGraph *g, const char *op, OnnxValue a, int axis, bool keep)
{
    onnx_attribute_int(g, "axis", axis);
    onnx_attribute_int(g, "keepdims", keep);
    return onnx_node(g, op, ONNX_INT64, 1, &a);
}

OnnxValue onnx_sums_along(OnnxGraph *g, OnnxValue a, int axis, bool exclusive)
{
    const OnnxValue along = onnx_number(g, ONNX_INT64, axis);
    onnx_attribute_int(g, "exclusive", exclusive);
    return onnx_op2(g, "CumSum", a, along);
}

OnnxValue onnx_encode_words(OnnxGraph *g, OnnxValue words, OnnxType type, int n, const char *const *keys,
                            const double *numbers, double other)
{
    OnnxValue value;
    const int before = g->n_made;
    onnx_attribute_strings(g, "keys_strings", n, keys);
    if (type == ONNX_INT64) {
        onnx_attribute_int64s(g, "values_int64s", n, numbers);
        onnx_attribute_int(g, "default_int64", (int)other);
    } else {
        onnx_attribute_floats(g, "values_floats", n, numbers);
        onnx_attribute_float(g, "default_float", other);
    }
    g->has_ml = true;
    value = add_node(g, "LabelEncoder", "ai.onnx.ml", type, 1, &words, NULL);
    if (value.name && g->n_made > before) /* checkers know no shape of this operator's */
        describe(&g->values, GRAPH_VALUE, value.name, type, 2, (const int[]){ONNX_ROWS, 1});
    return value;
}

void onnx_sort(OnnxGraph *g, OnnxValue a, int n, OnnxValue *sorted, OnnxValue *place)
{
    const OnnxValue in[2] = {a, onnx_ints(g, 1, &n)};
    *place = (OnnxValue){NULL, ONNX_INT64};
    onnx_attribute_int(g, "axis", 1);
    *sorted = add_node(g, "TopK", NULL, a.type, 2, in, &place->name);
}

OnnxValue onnx_unsort(OnnxGraph *g, OnnxValue sorted, OnnxValue place)
{
    onnx_attribute_int(g, "axis", 1);
    return onnx_node(g, "ScatterElements", sorted.type, 3, (const OnnxValue[]){sorted, place, sorted});
}

/* ---- the model ------------------------------------------------------------------------------- */

static void opset(Text *out, const char *domain, int version)
{
    const size_t mark = pb_begin(out);
    if (*domain) pb_text(out, OPSET_DOMAIN, domain);
    pb_int(out, OPSET_VERSION, version);
    pb_end(out, MODEL_OPSET, mark);
}

static void write_graph(const OnnxGraph *g, const char *name, const size_t *heads, Text *scratch, Text *out)
{
    const Text *const parts[] = {&g->nodes, &g->inputs, &g->outputs, &g->values};
    size_t n = pb_size(GRAPH_NAME, strlen(name));
    for (int i = 0; i < g->n_constants; i++) n += pb_size(GRAPH_CONSTANT, heads[i]);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) n += parts[i]->n;
    pb_head(out, MODEL_GRAPH, n);
    text_add_n(out, g->nodes.bytes, g->nodes.n);
    pb_text(out, GRAPH_NAME, name);
    for (int i = 0; i < g->n_constants; i++) tensor(&g->constants[i], heads[i], scratch, out);
    for (size_t i = 1; i < sizeof parts / sizeof *parts; i++)
        if (parts[i]->n > 0) text_add_n(out, parts[i]->bytes, parts[i]->n);
}

bool onnx_graph_write(const OnnxGraph *g, const char *name, const char *doc, Text *out, Error *err)
{
    const size_t from = out->n;
    const Text *const texts[] = {&g->nodes, &g->values, &g->inputs, &g->outputs, &g->notes};
    bool ok = !g->broken;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) ok = ok && text_ok(texts[i]);
    size_t *heads = ok ? ARENA_NEW(g->arena, size_t, g->n_constants) : NULL;
    if (!heads) return error_memory(err);
    Text scratch = {0};
    for (int i = 0; i < g->n_constants; i++) {
        scratch.n = 0;
        tensor_head(&g->constants[i], &scratch);
        heads[i] = scratch.n + (g->constants[i].strings ? 0 : raw_bytes(&g->constants[i]));
    }
    pb_int(out, MODEL_IR, IR_VERSION);
    pb_text(out, MODEL_PRODUCER, "consort");
    pb_text(out, MODEL_PRODUCER_VERSION, CONSORT_VERSION);
    if (doc) pb_text(out, MODEL_DOC, doc);
    if (text_ok(&scratch)) write_graph(g, name, heads, &scratch, out);
    opset(out, "", OPSET);
    if (g->has_ml) opset(out, "ai.onnx.ml", OPSET_ML);
    if (g->notes.n > 0) text_add_n(out, g->notes.bytes, g->notes.n);
    ok = text_ok(&scratch) && text_ok(out);
    text_free(&scratch);
    if (!ok && out->n > from) out->n = from;
    return ok || error_memory(err);
}
