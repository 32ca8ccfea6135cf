/* tuner/trial/asked_goal.h - a metric that somebody asks by, and which way it is better.
 *
 *     --metric val_log_loss        what the metric means
 *     --metric train_loss          smaller: its name says so
 *     --metric score:max           as said
 *
 * Networks' metrics and costs are known. Those of a program have any names: the study's own goes the study's
 * way; of others the words of the name tell (loss, error, rmse, time ... are smaller; accuracy, f1, auc ... are
 * larger), and where they do not, or say both, nobody guesses.
 *
 * Memory  the arena, and the text that was given.
 * Errors  ERR_CONFIG: a study of networks has no such metric.
 */
#ifndef CONSORT_TUNER_TRIAL_ASKED_GOAL_H
#define CONSORT_TUNER_TRIAL_ASKED_GOAL_H
#include "tuner/trial/goals.h"

/* `goals` are the study's, where it has several. `*known` is false where the way is not known. */
bool asked_goal(const char *text, const StudyInfo *study, const Goals *goals, Arena *arena, Goal *out,
                bool *known, Error *err);
/* What is to be typed where it is not known. Returns false. */
bool asked_goal_unknown(const Goal *goal, Error *err);
#endif
