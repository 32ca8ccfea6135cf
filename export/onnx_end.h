/* export/onnx_end.h - what is made of the result: decision, outputs. */
#ifndef CONSORT_EXPORT_ONNX_END_H
#define CONSORT_EXPORT_ONNX_END_H
#include "export/onnx_export.h"

void onnx_end(OnnxExport *e);
#endif
