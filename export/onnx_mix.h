/* export/onnx_mix.h - the steps of a plan that take members together, and calibration. */
#ifndef CONSORT_EXPORT_ONNX_MIX_H
#define CONSORT_EXPORT_ONNX_MIX_H
#include "export/onnx_export.h"

void onnx_mix(OnnxExport *e, const PlanStep *step);
#endif
