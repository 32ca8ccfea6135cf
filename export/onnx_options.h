/* export/onnx_options.h - what one may choose of an ONNX file. */
#ifndef CONSORT_EXPORT_ONNX_OPTIONS_H
#define CONSORT_EXPORT_ONNX_OPTIONS_H
#include "base/names.h"

#define ONNX_INPUTS_LIST(X) X(ONNX_COLUMNS, "columns") X(ONNX_MATRIX, "matrix")
typedef enum { ONNX_INPUTS_LIST(LIST_ID) ONNX_INPUTS_COUNT } OnnxInputs;
#define ONNX_LABELS_LIST(X) X(ONNX_NAMES, "names") X(ONNX_INDEX, "index")
typedef enum { ONNX_LABELS_LIST(LIST_ID) ONNX_LABELS_COUNT } OnnxLabels;
extern const char *const onnx_inputs_names[], *const onnx_labels_names[];

typedef struct {
    int inputs;               /* OnnxInputs */
    int labels;               /* OnnxLabels */
    const char *model_sha256; /* NULL: not said */
} OnnxOptions;
#endif
