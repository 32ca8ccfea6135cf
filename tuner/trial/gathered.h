/* tuner/trial/gathered.h - what the runs of one trial leave behind: a run is one repeat of one fold.
 *
 * Predictions are summed over repeats and over the folds that validate a row, each row by the networks that did
 * not see it, so that a trial is scored on all validated rows together.
 *
 * Memory  all of it in the trial's arena; preps are borrowed from what was encoded.
 */
#ifndef CONSORT_TUNER_TRIAL_GATHERED_H
#define CONSORT_TUNER_TRIAL_GATHERED_H
#include "model/model.h"
#include "tuner/trial/objective.h"

typedef struct {
    int n_runs, n_rows; /* repeats * folds; validated rows */
    int32_t *row;       /* (n_rows) numbers in the table, increasing */
    int32_t *position;  /* (table rows) -> place in `row`, -1: never validated */
    double *weight;     /* (n_rows) what they count for; NULL: all alike */
    int32_t *labels;    /* (n_rows) of classes; else NULL, and */
    double *targets;    /* (n_rows, T) */
    double *sum;        /* (n_rows, values) what was predicted, summed over repeats */
    float *proba;       /* (n_rows, values) their mean */
    double *run_score;  /* (n_runs) */
    ModelNet *nets;     /* (n_nets) of all runs; there is room for the members and snapshots of each */
    int n_nets;
    const Prep **preps; /* (n_folds) */
    double *class_weight; /* (K) the folds' geometric mean, by class_weight and sampling; NULL: alike */
    const char *history; /* JSON text of how the first run went (engine/history.h); NULL: not noted */
} Gathered;

bool gathered_create(const ObjectiveOptions *o, const TrainOptions *train, Arena *arena, Gathered *g,
                     Error *err);
/* Notes what the classes of a fold's training rows weigh: before its first run is added. */
bool gathered_weigh(Gathered *g, const TrainOptions *train, const Rows *rows, int n_folds, Arena *arena,
                    Error *err);
/* Adds one run's probabilities of the rows that its fold validates. */
void gathered_add(const ObjectiveOptions *o, Gathered *g, int fold, const float *proba);
#endif
