/* export/onnx_graph.h - an ONNX graph while it is made: constants, nodes, inputs, outputs, notes.
 *
 * A value is what a node gives, an input or a constant: its name and the type of its elements. Shapes are the
 * caller's business; N rows is everywhere the first dimension. A node that is asked for again with the same
 * operator, inputs and attributes is the one that is there, and equal constants are one constant: so encodings
 * that preprocessings have in common are computed once, though nobody plans for it. Attributes are said before
 * the node that they belong to.
 *
 * Operators are those of opset 13 and of ai.onnx.ml 2 (LabelEncoder, the only one of them), and of these the
 * types that onnxruntime computes on a CPU.
 *
 * Memory   the graph's texts are on the heap: onnx_graph_free(). Constants are borrowed until the graph is
 *          written; names and small constants are the arena's.
 * Errors   none one by one: a graph without memory is broken, and onnx_graph_write() says so.
 */
#ifndef CONSORT_EXPORT_ONNX_GRAPH_H
#define CONSORT_EXPORT_ONNX_GRAPH_H
#include "base/arena.h"
#include "base/error.h"
#include "base/set.h"
#include "base/text.h"

/* TensorProto.DataType */
typedef enum {
    ONNX_FLOAT = 1, ONNX_UINT8 = 2, ONNX_INT64 = 7, ONNX_STRING = 8, ONNX_BOOL = 9, ONNX_DOUBLE = 11
} OnnxType;
const char *onnx_type_name(OnnxType type); /* as Triton and NumPy users know it: FLOAT, INT64, STRING */

enum { ONNX_ROWS = -1 /* a dimension: as many as the rows, `N` */, ONNX_MOST_DIMS = 4 };

typedef struct {
    const char *name; /* NULL: none */
    OnnxType type;
} OnnxValue;

typedef struct OnnxConstant OnnxConstant;

typedef struct {
    Arena *arena;
    bool broken, has_ml;
    const char *scope;     /* what values are named after while it is set */
    Text nodes, values, inputs, outputs, notes; /* fields of GraphProto and ModelProto */
    Text attributes, key;
    TextSet known;         /* nodes, constants */
    OnnxValue *made;       /* by number in `known` */
    int n_made, capacity;
    OnnxConstant *constants;
    int n_constants, constant_capacity;
} OnnxGraph;

void onnx_graph_begin(OnnxGraph *g, Arena *arena);
/* The whole model, appended. */
bool onnx_graph_write(const OnnxGraph *g, const char *name, const char *doc, Text *out, Error *err);
void onnx_graph_free(OnnxGraph *g);

OnnxValue onnx_input(OnnxGraph *g, const char *name, OnnxType type, int n_dims, const int *dims);
void onnx_output(OnnxGraph *g, const char *name, OnnxValue value, int n_dims, const int *dims);
void onnx_note(OnnxGraph *g, const char *key, const char *value);

/* Constants of n_dims dimensions. FLOAT and DOUBLE are given as doubles, INT64 as ints. */
OnnxValue onnx_numbers(OnnxGraph *g, OnnxType type, int n_dims, const int *dims, const double *numbers);
OnnxValue onnx_number(OnnxGraph *g, OnnxType type, double number); /* without dimensions */
OnnxValue onnx_row(OnnxGraph *g, OnnxType type, int n, const double *numbers); /* (1, n) */
OnnxValue onnx_ints(OnnxGraph *g, int n, const int *ints); /* (n) */
OnnxValue onnx_strings(OnnxGraph *g, int n, const char *const *strings); /* (n) */
/* (rows, columns) floats, a row every `ld`; borrowed. `rows` 0: (columns). */
OnnxValue onnx_weights(OnnxGraph *g, int rows, int columns, int ld, const float *weights);

/* Of the next node. */
void onnx_attribute_int(OnnxGraph *g, const char *name, int value);
void onnx_attribute_float(OnnxGraph *g, const char *name, double value);
void onnx_attribute_ints(OnnxGraph *g, const char *name, int n, const int *values);
void onnx_attribute_floats(OnnxGraph *g, const char *name, int n, const double *values);
void onnx_attribute_int64s(OnnxGraph *g, const char *name, int n, const double *values);
void onnx_attribute_strings(OnnxGraph *g, const char *name, int n, const char *const *values);

OnnxValue onnx_node(OnnxGraph *g, const char *op, OnnxType type, int n_in, const OnnxValue *in);
/* The type is that of the first input, of comparisons BOOL, of Where that of the second. */
OnnxValue onnx_op1(OnnxGraph *g, const char *op, OnnxValue a);
OnnxValue onnx_op2(OnnxGraph *g, const char *op, OnnxValue a, OnnxValue b);
OnnxValue onnx_where(OnnxGraph *g, OnnxValue condition, OnnxValue yes, OnnxValue no);
/* With a number in the type of `a`. */
OnnxValue onnx_with(OnnxGraph *g, const char *op, OnnxValue a, double number);
OnnxValue onnx_cast(OnnxGraph *g, OnnxValue a, OnnxType type); /* itself where it has that type */
OnnxValue onnx_clip(OnnxGraph *g, OnnxValue a, double low, double high);
OnnxValue onnx_concat(OnnxGraph *g, int axis, int n, const OnnxValue *in); /* of one: itself */
/* 0 keeps a dimension, -1 is what is left. */
OnnxValue onnx_reshape(OnnxGraph *g, OnnxValue a, int n_dims, const int *dims);
OnnxValue onnx_slice(OnnxGraph *g, OnnxValue a, int axis, int from, int n);
OnnxValue onnx_gather(OnnxGraph *g, OnnxValue table, OnnxValue index, int axis);
OnnxValue onnx_sum(OnnxGraph *g, OnnxValue a, int axis, bool keep); /* ReduceSum */
OnnxValue onnx_arg(OnnxGraph *g, const char *op, OnnxValue a, int axis, bool keep); /* ArgMax, ArgMin */
OnnxValue onnx_sums_along(OnnxGraph *g, OnnxValue a, int axis, bool exclusive); /* CumSum */
/* Words (N, 1) to numbers (N, 1), FLOAT or INT64; `other` for those that are no key. */
OnnxValue onnx_encode_words(OnnxGraph *g, OnnxValue words, OnnxType type, int n, const char *const *keys,
                            const double *numbers, double other);
/* All of a row (N, n) from the largest on, equal ones by place, and where each of them was. */
void onnx_sort(OnnxGraph *g, OnnxValue a, int n, OnnxValue *sorted, OnnxValue *place);
/* Puts them back where they were: (N, n). */
OnnxValue onnx_unsort(OnnxGraph *g, OnnxValue sorted, OnnxValue place);
#endif
