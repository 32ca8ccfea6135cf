/* export/onnx_conformal.h - intervals of numbers and sets of classes, all levels at once. */
#ifndef CONSORT_EXPORT_ONNX_CONFORMAL_H
#define CONSORT_EXPORT_ONNX_CONFORMAL_H
#include "export/onnx_export.h"

/* From predictions (N, T) and, where there are quantiles, (N, T, Q), in the user's unit. */
void onnx_intervals(OnnxExport *e, OnnxValue point, OnnxValue quantiles);
void onnx_sets(OnnxExport *e, OnnxValue probabilities);
#endif
