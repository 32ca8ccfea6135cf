/* tuner/insight/importance_model.h - the second opinion of importance.h: what the variance of a Gaussian
 * process over the whole space is made of. Memory: the arena. */
#ifndef CONSORT_TUNER_INSIGHT_IMPORTANCE_MODEL_H
#define CONSORT_TUNER_INSIGHT_IMPORTANCE_MODEL_H
#include "tuner/insight/points.h"

enum { IMPORTANCE_PAIRS = 6, IMPORTANCE_MAP = 12 };

typedef struct {
    int a, b;      /* coordinates */
    double effect; /* share of the model's variance that only both together explain */
} PairImportance;

/* What the model expects where two parameters take these values, whatever the others are: the mean over 32
 * points of the space. In the study's own scores, by interpolation between observed ones. */
typedef struct {
    int a, b, n_a, n_b;             /* coordinates; up to IMPORTANCE_MAP values of each */
    Value a_value[IMPORTANCE_MAP], b_value[IMPORTANCE_MAP]; /* NONE: active nowhere */
    double mean[IMPORTANCE_MAP][IMPORTANCE_MAP];            /* [b][a] */
} PairMap;

typedef struct {
    double *effect, *alone;   /* (n_dims) total and first-order index of a coordinate; NaN: no model */
    double *length_scale;     /* (n_dims) in widths of the coordinate; NaN likewise */
    int n_pairs;
    PairImportance pair[IMPORTANCE_PAIRS]; /* among the four strongest coordinates, strongest first */
    PairMap *map;             /* of the first pair; NULL: none */
} ModelImportance;

/* Where there is no model: NaN and no pairs. `seed` is that of the points at which it is looked at. */
bool importance_model(const Points *trials, uint64_t seed, Arena *arena, ModelImportance *out, Error *err);
#endif
