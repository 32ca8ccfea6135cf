/* export/onnx.h - a model as one ONNX file: cells in, what `consort predict` says out.
 *
 * The graph is that of a plan (plan/plan.h), step by step, in operators of opset 13 and, where there are
 * words, LabelEncoder of ai.onnx.ml 2. Any number of rows at once: N.
 *
 * Inputs   COLUMNS: one (N, 1) a column, by its name: FLOAT for numbers, DOUBLE where a float does not tell
 *          their values apart (plan_column_why) and for dates, which are seconds since 1970; STRING for
 *          words. MATRIX: one `X` (N, D) of numbers. Pictures: `X` (N, H, W, C) UINT8. A number that is NaN or
 *          infinite is missing, and so is a word that the model takes for missing; a word not met in training
 *          is unseen.
 * Outputs  classes  `label` (N), STRING or INT64; `probabilities` (N, K) FLOAT; `set` (N, L, K) BOOL
 *          numbers  `value` (N, T) DOUBLE, `quantiles` (N, T, Q), `low` and `high` (N, L, T)
 *          labels   `label` (N, T), `probabilities` (N, T) of the second answers
 * Notes    metadata_props: what the inputs are called in the data, classes, targets, levels, how it decides,
 *          the SHA-256 of the model file.
 *
 * Arithmetic. Networks and probabilities are float, as here; cells are scaled in float where the plan says that
 * this is enough, else in double; links and mixtures of numbers, calibration by knots, intervals and sets are
 * double. The inverse normal distribution is Wichura's PPND7.
 *
 * Memory   `out` grows by the file; all else is the arena's or gone at the end.
 * Errors   ERR_INVALID: a column of text, whose hashed n-grams no operator makes; MATRIX where a column is no
 *          number; a plan of integers. ERR_MEMORY.
 * Sources  onnx.proto3 and Operators.md of ONNX 1.8; Wichura, "The percentage points of the normal
 *          distribution", Applied Statistics 37 (1988), AS 241.
 */
#ifndef CONSORT_EXPORT_ONNX_H
#define CONSORT_EXPORT_ONNX_H
#include "base/text.h"
#include "export/onnx_options.h"
#include "plan/plan.h"

/* Appends the file. */
bool onnx_write(const Plan *plan, const OnnxOptions *options, Arena *arena, Text *out, Error *err);
#endif
