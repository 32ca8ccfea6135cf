/* model/made_rows.h - rows to try a model on where there are none: made up, around where its columns'
 * values lie.
 *
 * A third of pixels is lit; numbers lie about their mean, or on knots, an eighth is missing; words are drawn
 * from those that are known, and missing. The same model gives the same rows.
 *
 * Memory  the arena. Errors ERR_MEMORY.
 */
#ifndef CONSORT_MODEL_MADE_ROWS_H
#define CONSORT_MODEL_MADE_ROWS_H
#include "model/model.h"

bool made_rows(const Model *model, int n, Arena *arena, Table *out, Error *err);
#endif
