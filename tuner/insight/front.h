/* tuner/insight/front.h - the front (tuner/search/pareto.h) of a study, read from its database.
 *
 * Only finished trials that have a value for every goal take part. The volume is measured in the box from
 * the best of each goal over all of them to a tenth beyond the worst, costs as logarithms, as a share of
 * that box: it grows as the front does, and says nothing across studies.
 *
 * Memory  the arena.
 */
#ifndef CONSORT_TUNER_INSIGHT_FRONT_H
#define CONSORT_TUNER_INSIGHT_FRONT_H
#include "tuner/trial/goals.h"

typedef struct {
    Goals goals;
    int n;              /* trials that take part */
    const int *row;     /* (n) positions in the rows given, in their order */
    double *value;      /* (n, goals) as they are */
    double *point;      /* (n, goals) minimized */
    bool *on_front;     /* (n) */
    int n_front;
    int *order;         /* (n_front) positions among the n, best in the first goal first */
    int knee;           /* position among the n, as good as the median trial; -1: there is none */
} Front;

/* The goals that were asked of the study; of one with one metric, that and `n_params`. n 0 when the metric is
 * not known. */
void front_goals(const StudyInfo *study, const Goals *asked, Goals *out);
bool front_read(Store *store, const Goals *goals, const TrialRow *rows, int n_rows, Arena *arena, Front *out,
                Error *err);
/* The volume once trials 0 to i had finished, for each i (n). */
bool front_volumes(const Front *front, Arena *arena, double *volume, Error *err);
#endif
