/* tuner/footprint.h - the memory a trial will take, known before any of it is asked for.
 *
 * A footprint follows from its settings and the shape of the data, so it is the same on every machine
 * and for any number of jobs. It counts, at their peak,
 *
 *     for each fold and repeat   weights, gradients, moments, averages, the networks kept; a batch and its
 *                                activations; probabilities and scratch of the validation rows
 *     for each fold              the encoded rows (pictures stay where they are)
 *     once                       out-of-fold probabilities; the model's file as it is written, or the state of
 *                                the last run as it is written, whichever is more
 *
 * Where columns have levels that only few rows have, it is what all of them would take. Measured against the
 * peak of real trials: docs/reliability.md.
 *
 * Errors  ERR_CONFIG, ERR_INVALID: the settings cannot be a network.
 */
#ifndef CONSORT_TUNER_FOOTPRINT_H
#define CONSORT_TUNER_FOOTPRINT_H
#include "data/prep.h"
#include "data/split.h"
#include "engine/train.h"

typedef struct {
    const Table *table;
    const Split *split;
    const TrainOptions *train;
    const PrepOptions *prep;
    bool keeps_files; /* models and states of runs are written */
} FootprintOptions;
/* Bytes a trial takes beside the table. `arena` is for scratch. */
bool footprint_trial(const FootprintOptions *options, Arena *arena, double *bytes, Error *err);
/* Bytes of the table as it was read. */
double footprint_table(const Table *table);
#endif
