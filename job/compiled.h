/* job/compiled.h - rows predicted by a model's C, compiled and run on this machine.
 *
 * The C is written once more under the name `model`, with a program that reads rows as values (numbers, words,
 * texts, pixels) and writes predictions, and compiled by cc without optimization of floats, in a folder of its
 * own below `folder`, which goes with all that is in it.
 *
 * Shapes   values (n_rows, V) as model_predict() gives them.
 * Errors   ERR_INVALID where there is no compiler, or it or the program fails; ERR_IO; ERR_MEMORY.
 */
#ifndef CONSORT_JOB_COMPILED_H
#define CONSORT_JOB_COMPILED_H
#include "export/c_source.h"

bool compiled_run(const Plan *plan, CTarget target, const Table *rows, const char *folder, Arena *arena,
                  float *values, Error *err);
#endif
