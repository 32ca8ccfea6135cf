/* export/onnx_links.h - PLAN_LINK: from outputs to what is predicted (engine/link.h). */
#ifndef CONSORT_EXPORT_ONNX_LINKS_H
#define CONSORT_EXPORT_ONNX_LINKS_H
#include "export/onnx_export.h"

void onnx_link(OnnxExport *e, const PlanStep *step);
#endif
