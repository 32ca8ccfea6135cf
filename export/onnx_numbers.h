/* export/onnx_numbers.h - columns of numbers as features: prep/prep.h in operators. */
#ifndef CONSORT_EXPORT_ONNX_NUMBERS_H
#define CONSORT_EXPORT_ONNX_NUMBERS_H
#include "export/onnx_export.h"

/* Features of n numbers alike, `raw` (N, n), of columns that stand side by side, where they are `present`.
 * `rounded`: the cells were floats once, so that what they are compared with is rounded alike. */
void onnx_number_features(OnnxExport *e, const PlanStep *step, const PrepColumn *columns, int n, OnnxValue raw,
                          OnnxValue present, bool rounded);
/* Which numbers are finite. */
OnnxValue onnx_finite(OnnxExport *e, OnnxValue raw);
#endif
