/* export/onnx_run.h - an ONNX file that was just written, read back and computed: its proof.
 *
 * The bytes are parsed again and every node is computed by onnx_tensor.h, on the rows of a table as someone
 * would feed them: numbers, seconds of dates, words, the first word for missing where one is. It reads what
 * onnx_write() has written and nothing else; it is no reader of ONNX files. Slow (doubles, no tricks), and so
 * for as many rows as a proof takes.
 *
 * Shapes   values (n_rows, V) as model_predict() gives them: probabilities, or numbers in the scale of
 *          data/task.h.
 * Memory   scratch of its own, a block of rows at a time.
 * Errors   ERR_INVALID for what is not sound in the file; ERR_MEMORY.
 */
#ifndef CONSORT_EXPORT_ONNX_RUN_H
#define CONSORT_EXPORT_ONNX_RUN_H
#include "base/text.h"
#include "model/model.h"

bool onnx_run(const Text *file, const Model *model, const Table *table, Arena *arena, float *values,
              Error *err);
#endif
