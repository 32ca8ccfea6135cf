/* export/onnx_options.h - what one may choose of an ONNX file. */
#ifndef CONSORT_EXPORT_ONNX_OPTIONS_H
#define CONSORT_EXPORT_ONNX_OPTIONS_H
#include "base/names.h"

#define ONNX_INPUTS_LIST(X) X(ONNX_COLUMNS, "columns") X(ONNX_MATRIX, "matrix")
typedef enum { ONNX_INPUTS_LIST(LIST_ID) ONNX_INPUTS_COUNT } OnnxInputs;
#define ONNX_CLASSES_LIST(X) X(ONNX_NAMES, "names") X(ONNX_INDEX, "index")
typedef enum { ONNX_CLASSES_LIST(LIST_ID) ONNX_CLASSES_COUNT } OnnxClasses;
extern const char *const onnx_inputs_names[], *const onnx_classes_names[];

typedef struct {
    int inputs;               /* OnnxInputs */
    int classes;              /* OnnxClasses */
    const char *model_sha256; /* NULL: not said */
} OnnxOptions;
#endif
