/* export/onnx_tensor.h - tensors and the operators that a file of ours has, computed here.
 *
 * So that an ONNX file can be proved without a runtime (onnx_run.h). Written from the specification of opset
 * 13 (Operators.md), plainly, and not from what writes the graph. Elements are doubles whatever their type;
 * those of FLOAT are rounded to it after each operator. Words are pointers.
 *
 * Shapes   at most ONNX_MOST_DIMS dimensions; broadcasting as NumPy's.
 * Memory   results in the arena.
 * Errors   ERR_INVALID for an operator that is not among them, or shapes that do not go together: a bug of who
 *          wrote the file; ERR_MEMORY.
 */
#ifndef CONSORT_EXPORT_ONNX_TENSOR_H
#define CONSORT_EXPORT_ONNX_TENSOR_H
#include "export/onnx_graph.h"

typedef struct {
    OnnxType type;
    int n_dims;
    int dims[ONNX_MOST_DIMS];
    size_t n;
    double *v;             /* (n), or */
    const char **words;    /* (n) of STRING */
} OnnxTensor;

typedef struct {
    const char *name;
    double number;         /* FLOAT, INT */
    int n;
    const double *numbers; /* (n) FLOATS, INTS, or */
    TextSet words;         /* (n) STRINGS, all different */
} OnnxAttribute;

typedef struct {
    const char *op;
    int n_attributes;
    const OnnxAttribute *attributes;
    int n_in, n_out;
    const OnnxTensor *const *in;
    OnnxTensor *out[2];
} OnnxStep;

/* A tensor of so many elements, zeros; `words` where the type is STRING. */
bool onnx_tensor_create(OnnxType type, int n_dims, const int *dims, Arena *arena, OnnxTensor *out, Error *err);
bool onnx_tensor_compute(const OnnxStep *step, Arena *arena, Error *err);
#endif
