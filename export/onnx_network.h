/* export/onnx_network.h - the steps of a plan that are a network, but for its link. */
#ifndef CONSORT_EXPORT_ONNX_NETWORK_H
#define CONSORT_EXPORT_ONNX_NETWORK_H
#include "export/onnx_export.h"

void onnx_network(OnnxExport *e, const PlanStep *step);
#endif
