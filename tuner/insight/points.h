/* tuner/insight/points.h - the trials of a study as a model sees them: points of the unit cube and scores.
 *
 * Finished, stopped and failed trials take part; one whose settings are not of this space says nothing about it
 * and is left out.
 *
 * Memory  the arena. Errors ERR_MEMORY.
 */
#ifndef CONSORT_TUNER_INSIGHT_POINTS_H
#define CONSORT_TUNER_INSIGHT_POINTS_H
#include "tuner/store/store.h"

typedef struct {
    const Space *space;
    int n;
    const double *u;     /* (n, n_dims) snapped */
    const double *score; /* (n) minimized; INFINITY: stopped or failed */
    const int *row;      /* (n) which of the rows */
    const double *stopped; /* (n) the score with which one was stopped, minimized,
        INFINITY where none is known; NaN:
                              was not. NULL: none was. curves.h puts what it would have come to in its place, */
    const double *extra; /* (n) and how unsure that is: a variance,
        where the scores of the space have one of 1. NULL: none */
    bool maximize;       /* the study does: how scores are shown */
} Points;

/* `score` (n_rows) or NULL: row.value; NaN is a trial without one. */
bool points_gather(const Space *space, const TrialRow *rows, int n_rows, const double *score, bool maximize,
                   Arena *arena, Points *out, Error *err);
/* The score that the model's z stands for: between the two observed ones it lies between, and beyond the ends
 * along the line through the last two. y and z (n > 1) rise together. */
double points_score(int n, const double *z, const double *y, double at);
#endif
