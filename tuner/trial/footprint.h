/* tuner/trial/footprint.h - the memory a trial will take, known before any of it is asked for.
 *
 * A footprint follows from its settings and the shape of the data, so it is the same on every machine
 * and for any number of jobs. It counts, at their peak,
 *
 *     once                  weights, gradients, moments, averages, the networks that compete; a batch and its
 *                           activations; probabilities and scratch of the validation rows: of one run, since
 *                           folds and repeats follow each other. Its state as it is written
 *     for each of the runs  the networks it leaves; at the end the model's file of all of them as it is written
 *     for each fold         the encoded rows (pictures stay where they are), out-of-fold probabilities
 *
 * Where columns have levels that only few rows have, it is what all of them would take. Measured against the
 * peak of real trials: docs/notes/reliability.md.
 *
 * Errors  ERR_CONFIG, ERR_INVALID: the settings cannot be a network.
 */
#ifndef CONSORT_TUNER_TRIAL_FOOTPRINT_H
#define CONSORT_TUNER_TRIAL_FOOTPRINT_H
#include "prep/prep.h"
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
