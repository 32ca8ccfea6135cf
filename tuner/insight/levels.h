/* tuner/insight/levels.h - mean scores by the levels of each setting: the table of a grid.
 *
 * Where all levels of a setting meet the same levels of the others (a grid, or nearly: random and Sobol
 * points), the difference of their means is what the setting does. A search that learns tries good settings
 * more often with good others; its means would mislead, and there are none.
 *
 * Interval  95 %, Student's t on what is left of the scores beside the means of the levels of all settings.
 * Levels    a setting with more than LEVELS_MOST values in the trials has no table.
 * Memory    the arena. Errors ERR_MEMORY.
 */
#ifndef CONSORT_TUNER_INSIGHT_LEVELS_H
#define CONSORT_TUNER_INSIGHT_LEVELS_H
#include "tuner/insight/points.h"

enum { LEVELS_MOST = 12 };

typedef struct {
    Value value;
    int n;
    double mean, low95, high95; /* in the study's own direction;
        the interval NaN: nothing is left to tell it by */
} Level;

typedef struct {
    int param;    /* of the space */
    int n_levels; /* from 2 on */
    Level level[LEVELS_MOST]; /* by value, choices in file order */
} LevelTable;

/* Of trials with a score. */
bool levels_compute(const Points *trials, Arena *arena, LevelTable **out, int *n, Error *err);
#endif
