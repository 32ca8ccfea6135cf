/* model/scores.h - the scores of some rows and their intervals: what an evaluation and each of its segments
 * has. */
#ifndef CONSORT_MODEL_SCORES_H
#define CONSORT_MODEL_SCORES_H
#include "base/doc.h"
#include "model/judged.h"
#include "model/intervals.h"

/* Decides for every row and measures. ERR_MEMORY only: of no known row everything is undefined. */
bool scores_measure(const Judged *judged, Arena *arena, Evaluation *out, Error *err);
/* Sets "metrics". */
void scores_write(const Evaluation *evaluation, const Intervals *intervals, Doc *out);
#endif
