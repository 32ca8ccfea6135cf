/* serve/about.h - what a model takes and gives, as a document: names, kinds, levels, classes, and a JSON
 * Schema of a
 * row, which says of a row what serve/input.h takes for one.
 */
#ifndef CONSORT_SERVE_ABOUT_H
#define CONSORT_SERVE_ABOUT_H
#include "base/doc.h"
#include "model/model.h"

bool about_model(const Model *model, double loaded_at, Arena *arena, Text *out, Error *err);
#endif
