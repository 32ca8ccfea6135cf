/* tuner/insight/importance_model.h - what importance.h says, draw by draw: Sobol' indices of functions that the
 * trials leave possible (draws.h). Memory: the arena. */
#ifndef CONSORT_TUNER_INSIGHT_IMPORTANCE_MODEL_H
#define CONSORT_TUNER_INSIGHT_IMPORTANCE_MODEL_H
#include "tuner/insight/points.h"

enum { IMPORTANCE_PAIRS = 6, IMPORTANCE_MAP = 12 };
/* A model that tells less of what it has not seen draws no map. */
#define IMPORTANCE_TELLS 0.3

typedef struct {
    int a, b;      /* coordinates */
    double effect; /* share of the variance of the ranks of the model's mean that only both together explain */
} PairImportance;

/* What the model expects where two parameters take these values, whatever the others are: the mean over 32
 * points of the space. In the study's own scores, by interpolation between observed ones. */
typedef struct {
    int a, b, n_a, n_b;             /* coordinates; up to IMPORTANCE_MAP values of each */
    Value a_value[IMPORTANCE_MAP], b_value[IMPORTANCE_MAP]; /* NONE: active nowhere */
    double mean[IMPORTANCE_MAP][IMPORTANCE_MAP];            /* [b][a] */
} PairMap;

typedef struct {
    int n_draws;              /* 0: no model */
    double *effect, *alone;   /* (n_draws, n_dims) total and first-order index of a coordinate */
    double *length_scale;     /* (n_dims) in widths of the coordinate */
    double left_out;          /* draws_left_out; NaN: no model */
    int n_pairs;
    PairImportance pair[IMPORTANCE_PAIRS]; /* among the four strongest coordinates, strongest first */
    PairMap *map;             /* of the first pair; NULL: none */
} ModelImportance;

/* `seed` is that of the draws and of the points at which they are looked at. */
bool importance_model(const Points *trials, uint64_t seed, Arena *arena, ModelImportance *out, Error *err);
#endif
