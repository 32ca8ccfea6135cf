/* ensemble/stack.h - a stack of classes, built upon a selection.
 *
 * Its candidates are the members of that selection and the best other models, at most `size` within the
 * budget; their weights are a regression's (weigh_pool.h), pulled towards those of the selection. Where the
 * members know nothing of the labels, or the stack scores worse on its rows than the best model alone, the
 * selection stays.
 *
 * Score    as the pool with its slope says the rows.
 * Memory   the arena. Errors ERR_MEMORY, and those of ensemble_select.
 */
#ifndef CONSORT_ENSEMBLE_STACK_H
#define CONSORT_ENSEMBLE_STACK_H
#include "ensemble/choice.h"

bool stack_classes(const Library *library, const EnsembleOptions *options, MetricId metric, uint64_t seed,
                   const Selection *selected, Arena *arena, Selection *out, Error *err);
#endif
