/* tuner/insight/importance_model.h - what importance.h says, draw by draw: Sobol' indices of functions that the
 * trials leave possible (draws.h). Memory: the arena. */
#ifndef CONSORT_TUNER_INSIGHT_IMPORTANCE_MODEL_H
#define CONSORT_TUNER_INSIGHT_IMPORTANCE_MODEL_H
#include "tuner/insight/ablation.h"
#include "tuner/insight/importance_map.h"
#include "tuner/insight/points.h"

enum { IMPORTANCE_PAIRS = 15 };
/* A model that tells less of what it has not seen draws no map. */
#define IMPORTANCE_TELLS 0.3

typedef struct {
    int n_draws;              /* 0: no model */
    double *effect, *alone;   /* (n_draws, n_dims) total and first-order index of a coordinate */
    double *length_scale;     /* (n_dims) in widths of the coordinate */
    double left_out;          /* draws_left_out; NaN: no model */
    int n_pairs;
    PairImportance pair[IMPORTANCE_PAIRS]; /* of the six strongest coordinates, strongest first */
    PairMap *map;             /* (n_pairs) in the same order; NULL: none */
    Ablation way;             /* from one trial to another */
} ModelImportance;

/* `seed` is that of the draws and of the points at which they are looked at; the way is from trial `from` to
 * `to`. */
bool importance_model(const Points *trials, int from, int to, uint64_t seed, Arena *arena,
                      ModelImportance *out, Error *err);
#endif
