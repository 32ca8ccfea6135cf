/* ensemble/contest.h - the selection that was asked for, and `auto`: greedy or a stack, by nested validation.
 *
 * The rows are dealt into five parts. Of each four, both ways do all they do: rank the library, choose
 * members, weigh them, choose the ridge, calibrate where the metric looks at probabilities (as the ensemble
 * will, by `none`, `temperature` or `bias`); the fifth part, which took no part in any of that, is predicted.
 * The five fifths together are scored. The stack is taken where it scores better by more than one standard
 * error of the paired difference (compare.h; of metrics that count decisions with one row more in it, since a
 * bootstrap of one row that differs knows little), else greedy. What is handed out is chosen from all rows
 * again.
 *
 * It costs five greedy selections and stacks besides. Only classes have this contest: of numbers and labels,
 * and of fewer than 50 known rows, `auto` is greedy.
 *
 * Memory  the arena, and one of its own for each part. Errors those of ensemble_select.
 */
#ifndef CONSORT_ENSEMBLE_CONTEST_H
#define CONSORT_ENSEMBLE_CONTEST_H
#include "ensemble/choice.h"

bool contest_select(const Library *library, const EnsembleOptions *options, MetricId metric, uint64_t seed,
                    Arena *arena, Selection *out, Error *err);
#endif
