/* model/evaluate_parts.h - the documents of model/evaluate.h by task, of which evaluate_predictions chooses. */
#ifndef CONSORT_MODEL_EVALUATE_PARTS_H
#define CONSORT_MODEL_EVALUATE_PARTS_H
#include "base/arena.h"
#include "base/doc.h"
#include "model/judged.h"

bool evaluate_numbers(const Judged *judged, Arena *arena, Doc **out, Error *err);
bool evaluate_labels(const Judged *judged, Arena *arena, Doc **out, Error *err);
#endif
