/* tuner/trial/cooled.h - a trial's networks made as sure as its out-of-fold predictions say they should be.
 *
 * Networks that learned with smoothed labels are too timid, those that learned long without are too sure, and
 * an average of the two is neither. With `train.cool` the one temperature T that suits a trial's out-of-fold
 * probabilities (engine/cooling.h) is taken at its end: its predictions become p^(1/T), normalized, and the
 * output layer of each of its networks is divided by T, which gives the same. Scores, the files that an
 * ensemble is made from and the model all have it; no decision changes.
 *
 * Only of classes, where one network answers for a row: not with members, snapshots or several seeds, whose
 * average cannot be divided so, and not with class weights, which are undone first (ensemble/calibrate.h).
 */
#ifndef CONSORT_TUNER_TRIAL_COOLED_H
#define CONSORT_TUNER_TRIAL_COOLED_H
#include "tuner/trial/gathered.h"

/* Changes g->proba, which is there already, and the networks. */
void gathered_cool(const ObjectiveOptions *o, const TrainOptions *train, Gathered *g);
#endif
