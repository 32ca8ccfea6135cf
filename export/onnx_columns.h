/* export/onnx_columns.h - the steps of a plan that encode cells. */
#ifndef CONSORT_EXPORT_ONNX_COLUMNS_H
#define CONSORT_EXPORT_ONNX_COLUMNS_H
#include "export/onnx_export.h"

void onnx_encode(OnnxExport *e, const PlanStep *step);
#endif
