/* A reader of the wire format, cells as inputs, and node after node. */
#include "export/onnx_run.h"

#include <math.h>
#include <string.h>

#include "export/onnx_tensor.h"

enum { BLOCK_ROWS = 64 };

/* ---- the wire format --------------------------------------------------------------------------- */

typedef struct {
    const unsigned char *at, *end;
} Message;

typedef struct {
    int number;
    uint64_t value; /* a varint, four bytes, or a length */
    Message inside;
} Part;

static bool varint(Message *m, uint64_t *value)
{
    *value = 0;
    for (int shift = 0; m->at < m->end && shift < 64; shift += 7) {
        *value |= (uint64_t)(*m->at & 0x7F) << shift;
        if (!(*m->at++ & 0x80)) return true;
    }
    return false;
}

/* The next field; false: there is none, or it is broken off. */
static bool next(Message *m, Part *part)
{
    uint64_t tag;
    *part = (Part){0};
    if (!varint(m, &tag)) return false;
    part->number = (int)(tag >> 3 & 0xFFFF);
    if ((tag & 7) == 5 && m->end - m->at >= 4) {
        for (int i = 3; i >= 0; i--) part->value = part->value << 8 | m->at[i];
        m->at += 4;
        return true;
    }
    if (!varint(m, &part->value)) return false;
    if ((tag & 7) == 0) return true;
    if ((tag & 7) != 2 || (uint64_t)(m->end - m->at) < part->value) return false;
    part->inside = (Message){m->at, m->at + part->value};
    m->at += part->value;
    return true;
}

static const char *text_of(Message m, Arena *arena)
{
    return arena_copy_n(arena, (const char *)m.at, (size_t)(m.end - m.at));
}

static int count_fields(Message m, int number)
{
    int n = 0;
    for (Part part; next(&m, &part);) n += part.number == number;
    return n;
}

static Message graph_of(const Text *file)
{
    const unsigned char *bytes = (const unsigned char *)file->bytes;
    Message all = {bytes, bytes + file->n}, graph = {0};
    for (Part part; next(&all, &part);)
        if (part.number == 7) graph = part.inside;
    return graph;
}

static double float_of(uint64_t bits)
{
    const uint32_t four = (uint32_t)bits;
    float value;
    memcpy(&value, &four, sizeof value);
    return (double)value;
}

/* ---- the graph ----------------------------------------------------------------------------------- */

typedef struct {
    const char *op;
    int n_in, n_out, n_attributes;
    int *in, out[2]; /* numbers of names */
    OnnxAttribute *attributes;
} Node;

typedef struct {
    Arena *arena;       /* what stays */
    TextSet names;
    int n_values;
    OnnxTensor *values;     /* by name; of the rows only while a block lasts */
    int n_nodes;
    Node *nodes;
    const char *const *missing; /* words of the model's */
} Graph;

static bool name_of(Graph *g, Message text, int *number)
{
    *number = text_set_add(&g->names, g->arena, (const char *)text.at, (size_t)(text.end - text.at));
    return *number >= 0;
}

static bool unsound(Error *err)
{
    return error_set(err, ERR_INVALID, "the ONNX file is not sound: this is a bug of consort's");
}

/* Bytes, the lowest first. */
static double element(const unsigned char *bytes, OnnxType type)
{
    uint64_t bits = 0;
    for (int i = type == ONNX_FLOAT ? 3 : 7; i >= 0; i--) bits = bits << 8 | bytes[i];
    if (type == ONNX_FLOAT) return float_of(bits);
    if (type == ONNX_INT64) return (double)(int64_t)bits;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static bool read_constant(Graph *g, Message m, Error *err)
{
    int dims[ONNX_MOST_DIMS], n_dims = 0, name = -1;
    size_t words = 0;
    OnnxType type = ONNX_FLOAT;
    Message raw = {0};
    OnnxTensor made;
    Part part;
    for (Message all = m; next(&all, &part);) {
        if (part.number == 1 && n_dims < ONNX_MOST_DIMS) dims[n_dims++] = (int)part.value;
        if (part.number == 2) type = (OnnxType)part.value;
        if (part.number == 8 && !name_of(g, part.inside, &name)) return error_memory(err);
        if (part.number == 9) raw = part.inside;
    }
    if (name < 0 || name >= g->n_values) return unsound(err);
    if (!onnx_tensor_create(type, n_dims, dims, g->arena, &made, err)) return false;
    const size_t width = type == ONNX_FLOAT ? 4 : 8;
    if (!made.words && (size_t)(raw.end - raw.at) != made.n * width) return unsound(err);
    for (size_t i = 0; !made.words && i < made.n; i++) made.v[i] = element(raw.at + i * width, type);
    while (made.words && next(&m, &part)) {
        if (part.number != 6) continue;
        if (words >= made.n) return unsound(err);
        made.words[words] = text_of(part.inside, g->arena);
        if (!made.words[words++]) return error_memory(err);
    }
    if (made.words && words != made.n) return unsound(err);
    g->values[name] = made;
    return true;
}

static bool read_attribute(Graph *g, Message m, OnnxAttribute *out)
{
    double *numbers = ARENA_NEW(g->arena, double, count_fields(m, 7) + count_fields(m, 8));
    if (!numbers) return false;
    *out = (OnnxAttribute){.name = "", .numbers = numbers};
    for (Part part; next(&m, &part);) {
        if (part.number == 1) out->name = text_of(part.inside, g->arena);
        if (part.number == 2) out->number = float_of(part.value);
        if (part.number == 3) out->number = (double)(int64_t)part.value;
        if (part.number == 7) numbers[out->n++] = float_of(part.value);
        if (part.number == 8) numbers[out->n++] = (double)(int64_t)part.value;
        const size_t n = (size_t)(part.inside.end - part.inside.at);
        if (!out->name || (part.number == 9
                           && text_set_add(&out->words, g->arena, (const char *)part.inside.at, n) < 0))
            return false;
    }
    return true;
}

static bool read_node(Graph *g, Message m, Node *out)
{
    *out = (Node){.in = ARENA_NEW(g->arena, int, count_fields(m, 1)),
                  .attributes = ARENA_NEW(g->arena, OnnxAttribute, count_fields(m, 5))};
    bool ok = out->in && out->attributes;
    for (Part part; ok && next(&m, &part);) {
        if (part.number == 1) ok = name_of(g, part.inside, &out->in[out->n_in++]);
        if (part.number == 2 && out->n_out < 2) ok = name_of(g, part.inside, &out->out[out->n_out++]);
        if (part.number == 4) ok = (out->op = text_of(part.inside, g->arena)) != NULL;
        if (part.number == 5) ok = read_attribute(g, part.inside, &out->attributes[out->n_attributes++]);
    }
    return ok;
}

static bool read_graph(Graph *g, const Text *file, Error *err)
{
    Message graph = graph_of(file);
    Part part;
    /* A node gives two values at most; what is not given is a constant or an input. */
    g->n_values = 2 * count_fields(graph, 1) + count_fields(graph, 5) + count_fields(graph, 11);
    g->values = ARENA_NEW(g->arena, OnnxTensor, g->n_values);
    g->nodes = ARENA_NEW(g->arena, Node, count_fields(graph, 1));
    if (!g->values || !g->nodes) return error_memory(err);
    while (next(&graph, &part)) {
        if (part.number == 5 && !read_constant(g, part.inside, err)) return false;
        if (part.number == 1 && !read_node(g, part.inside, &g->nodes[g->n_nodes++])) return error_memory(err);
    }
    return g->names.n <= g->n_values || unsound(err);
}

/* ---- inputs -------------------------------------------------------------------------------------- */

/* A missing cell of words is a word that means that, and no level of the column. */
static const char *missing_word(const Graph *g, const Column *column)
{
    for (int i = 0; g->missing[i]; i++) {
        bool level = false;
        for (int k = 0; k < column->n_levels && !level; k++)
            level = strcmp(column->levels[k], g->missing[i]) == 0;
        if (!level) return g->missing[i];
    }
    return "";
}

/* Columns from .. from + n - 1 of rows as a tensor, (rows, n). */
static bool feed_columns(Graph *g, const Model *model, const Table *table, int row, int n_rows, int from, int n,
                         Arena *arena, OnnxTensor *out, Error *err)
{
    const OnnxType type = out->type;
    if (!onnx_tensor_create(type, 2, (const int[]){n_rows, n}, arena, out, err)) return false;
    for (int j = 0; j < n; j++) {
        const Column *cells = &table->columns[from + j];
        for (int i = 0; i < n_rows; i++) {
            const size_t at = (size_t)i * (size_t)n + (size_t)j;
            if (out->words) {
                const int code = cells->code[row + i];
                out->words[at] = code < 0 ? missing_word(g, &model->schema.columns[from + j])
                                          : cells->levels[code];
            } else {
                const double v = column_number(cells, row + i);
                out->v[at] = type == ONNX_FLOAT ? (double)(float)v : v;
            }
        }
    }
    return true;
}

static bool feed_pictures(const Table *table, int row, int n_rows, Arena *arena, OnnxTensor *out, Error *err)
{
    const int dims[4] = {n_rows, table->height, table->width, pixels_channels(table->channels)};
    const uint8_t *from = table->pixels + (size_t)row * PIXELS_OF(table);
    if (!onnx_tensor_create(ONNX_UINT8, 4, dims, arena, out, err)) return false;
    for (size_t i = 0; i < out->n; i++) out->v[i] = from[i];
    return true;
}

/* Input number k of a graph: the k-th column, or all of them. */
static bool feed(Graph *g, const Model *model, const Table *table, int row, int n_rows, int k, bool alone,
                 Message info, Arena *arena, Error *err)
{
    int name = -1, at = k, n = 1;
    Part part, type = {0};
    while (next(&info, &part)) {
        if (part.number == 1 && !name_of(g, part.inside, &name)) return error_memory(err);
        if (part.number == 2) type = part;
    }
    if (name < 0 || name >= g->n_values) return unsound(err);
    OnnxTensor *out = &g->values[name];
    if (!table->columns) return feed_pictures(table, row, n_rows, arena, out, err);
    if (alone) at = 0, n = model->schema.n_columns;
    if (at >= model->schema.n_columns) return unsound(err);
    if (next(&type.inside, &part) && next(&part.inside, &type)) out->type = (OnnxType)type.value;
    return feed_columns(g, model, table, row, n_rows, at, n, arena, out, err);
}

static bool feed_all(Graph *g, const Text *file, const Model *model, const Table *table, int row, int n_rows,
                     Arena *arena, Error *err)
{
    Message graph = graph_of(file);
    Part part;
    const int n = count_fields(graph, 11);
    for (int k = 0; next(&graph, &part);)
        if (part.number == 11
            && !feed(g, model, table, row, n_rows, k++, n == 1, part.inside, arena, err))
            return false;
    return true;
}

/* ---- rows ---------------------------------------------------------------------------------------- */

static bool run_nodes(Graph *g, Arena *arena, Error *err)
{
    for (int i = 0; i < g->n_nodes; i++) {
        const Node *node = &g->nodes[i];
        const OnnxTensor **in = ARENA_NEW(arena, const OnnxTensor *, node->n_in);
        if (!in) return error_memory(err);
        for (int k = 0; k < node->n_in; k++) {
            in[k] = &g->values[node->in[k]];
            if (!in[k]->v && !in[k]->words) return unsound(err);
        }
        OnnxStep step = {node->op, node->n_attributes, node->attributes, node->n_in, node->n_out, in,
                           {&g->values[node->out[0]], &g->values[node->out[1]]}};
        if (node->n_out < 1 || !node->op) return unsound(err);
        if (!onnx_tensor_compute(&step, arena, err)) return false;
    }
    return true;
}

static const OnnxTensor *output(const Graph *g, const char *name)
{
    const int at = text_set_find(&g->names, name, strlen(name));
    return at >= 0 ? &g->values[at] : NULL;
}

static bool take_values(const Graph *g, const Model *model, int n_rows, float *values, Error *err)
{
    const Task *task = &model->schema.task;
    const int n = model_values(model), stride = task_stride(task);
    const bool numbers = task->kind == TASK_NUMBERS;
    const char *name = !numbers ? "probabilities" : task->n_quantiles > 0 ? "quantiles" : "value";
    const OnnxTensor *out = output(g, name);
    if (!out || out->n != (size_t)n_rows * (size_t)n) return unsound(err);
    for (size_t i = 0; i < out->n; i++)
        values[i] = (float)(numbers ? task_value(task, (int)(i % (size_t)n) / stride, out->v[i]) : out->v[i]);
    return true;
}

bool onnx_run(const Text *file, const Model *model, const Table *table, Arena *arena, float *values,
              Error *err)
{
    const ReadRules *rules = &model->schema.rules;
    const char **missing = ARENA_NEW(arena, const char *, rules->n_missing + N_MISSING_UNSAID + 1);
    if (!missing) return error_memory(err);
    for (int i = 0; i < rules->n_missing; i++) missing[i] = rules->missing[i];
    for (int i = 0; rules->n_missing == 0 && missing_unsaid[i]; i++) missing[i] = missing_unsaid[i];
    Graph g = {.arena = arena, .missing = missing};
    Arena *block = arena_create(0);
    bool ok = block ? read_graph(&g, file, err) : error_memory(err);
    for (int row = 0; ok && row < table->n_rows; row += BLOCK_ROWS) {
        const int n = table->n_rows - row < BLOCK_ROWS ? table->n_rows - row : BLOCK_ROWS;
        ok = feed_all(&g, file, model, table, row, n, block, err) && run_nodes(&g, block, err)
          && take_values(&g, model, n, values + (size_t)row * (size_t)model_values(model), err);
        arena_reset(block);
    }
    arena_destroy(block);
    return ok;
}
