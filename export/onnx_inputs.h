/* export/onnx_inputs.h - the inputs of an ONNX graph: a column each, one matrix, or pictures. */
#ifndef CONSORT_EXPORT_ONNX_INPUTS_H
#define CONSORT_EXPORT_ONNX_INPUTS_H
#include "export/onnx_export.h"

/* Inputs with their names and types; ERR_INVALID for those that cannot be. */
bool onnx_inputs(OnnxExport *e, Error *err);
/* Cells of column j as they come, (N, 1); of columns j .. j + n - 1, (N, n), of one type. */
OnnxValue onnx_cell(OnnxExport *e, int j);
OnnxValue onnx_cells(OnnxExport *e, int j, int n);
#endif
