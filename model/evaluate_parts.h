/* model/evaluate_parts.h - the documents of model/evaluate.h by task, of which evaluate_predictions chooses. */
#ifndef CONSORT_MODEL_EVALUATE_PARTS_H
#define CONSORT_MODEL_EVALUATE_PARTS_H
#include "base/arena.h"
#include "base/doc.h"
#include "model/conformal.h"
#include "model/judged.h"

bool evaluate_numbers(const Judged *judged, Arena *arena, Doc **out, Error *err);
bool evaluate_labels(const Judged *judged, Arena *arena, Doc **out, Error *err);
/* evaluate_conformal.c: adds to each target of numbers `interval`, to classes `sets`, as evaluate.h has them;
 * nothing where `conformal` is NULL. `doc` is what evaluate_predictions made of the same. */
bool evaluate_promises(const Conformal *conformal, const Judged *judged, Arena *arena, Doc *doc, Error *err);
#endif
