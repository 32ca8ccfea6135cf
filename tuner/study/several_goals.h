/* tuner/study/several_goals.h - a study with several goals: what its trials are worth together.
 *
 * Every function does nothing, or says so, where there is one metric.
 *
 * Lock      all of it is called with the study's.
 */
#ifndef CONSORT_TUNER_STUDY_SEVERAL_GOALS_H
#define CONSORT_TUNER_STUDY_SEVERAL_GOALS_H
#include "tuner/study/state.h"

/* 0: one metric, and the rest of these have nothing to do. */
int study_n_goals(const Study *study);
/* The goals that are costs, once its values are there. */
void entry_price(const Study *study, Entry *entry);
/* The others, from a settled trial's rows of metrics: none where it did not complete. */
void entry_set_goals(const Study *study, Entry *entry, const MetricRow *rows, int n_rows);
/* Gives what the sampler may see at turn t the one score of this proposal (ParEGO, tuner/search/pareto.h). */
bool study_scalarize(const Study *study, int t, Ask *ask, Seen *seen, Arena *arena, Error *err);
/* Its point (1 or as many as goals) as far as it is known before it runs: costs, and else NaN. */
void entry_priced(const Study *study, const Entry *entry, double *priced);
/* What forecasts see of a settled trial. */
ForecastRun entry_run(const Study *study, const Entry *entry);
bool entry_reaches_targets(const Study *study, const Entry *entry);
/* Are all its goals known, and do none of these others dominate or equal it? */
bool entry_joins(const Study *study, int number, const int *others, int n_others);
/* At the end: keeps the models of the front first, then the best by the first goal. */
bool study_keep_front(Study *study, Error *err);
#endif
