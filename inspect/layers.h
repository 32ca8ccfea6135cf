/* inspect/layers.h - a network by itself and layer by layer: first weights, histograms, units that do nothing.
 *
 * dead        a unit whose output is the same for every row looked at (a ReLU that never opens), or, where
 *             there are no rows, whose weights on one side are all nothing beside those of its neighbours
 * saturated   tanh and sigmoid: within a hundredth of its ends on 95 % of the rows
 * gradients   of the mean cross-entropy of the rows looked at, by the weights of the layer
 */
#ifndef CONSORT_INSPECT_LAYERS_H
#define CONSORT_INSPECT_LAYERS_H
#include "base/doc.h"
#include "inspect/trace.h"
#include "model/model.h"

enum { LAYERS_MOST_TILES = 128, LAYERS_TILE_BYTES = 102400, LAYERS_HEAT_INPUTS = 40, LAYERS_HEAT_UNITS = 64,
       LAYERS_NAMED = 64 /* units of a layer that are named */ };

/* Encoded rows for the network, and their classes. */
typedef struct {
    int n, ld;
    const float *x;         /* (n, ld) features */
    const int32_t *labels;  /* (n); NULL: unknown */
} LayerRows;

/* Sets `network`, `first_layer` and `layers` of `out`; `rows` NULL: weights alone. */
bool layers_put(const Model *model, const ModelNet *net, const LayerRows *rows, Arena *arena, Doc *out,
                Error *err);
#endif
