/* engine/layer.h - the kinds of layers a network is made of: each is one file and one row of a table.
 *
 *     embed   features become inputs: learned numbers for categories, waves for quantities   layer_embed.c
 *     dense   z = h W + b, norm, activation, dropout, the input added where widths agree       layer_dense.c
 *
 * A network is a list of stages: the embedding, where it has one, then its dense layers; the last dense one is
 * the output and has neither norm nor activation. Whoever lays out parameters, initializes, trains, folds,
 * predicts or writes tensors walks that list and calls the kind. What one kind fuses into one pass over memory
 * (bias, activation, slope, dropout) stays inside its functions. A new kind is a file layer_NAME.c, a row in
 * layer.c, and its stages in layer_stages().
 *
 * Two views of the same stage:
 *   shipped    measure, parts, predict: a network as it is in a model file (mlp.h)
 *   training   all others: a Trainer (training.h), whose parameter block is the shipped network's, then extras
 *
 * Shapes   stage l of a network: l in [0, n_layers) for dense layers; the embedding does not look at it.
 * Memory   plan() counts and carves with the same walk; nothing else allocates.
 * Errors   none: what cannot be is refused before (mlp_measure, trainer_create).
 */
#ifndef CONSORT_ENGINE_LAYER_H
#define CONSORT_ENGINE_LAYER_H
#include "engine/training.h"

/* Memory that is counted, and then carved by the same calls. */
typedef struct {
    float *base; /* NULL: only count */
    size_t used;
} Carver;

static inline float *carver_take(Carver *carver, size_t n)
{
    float *at = carver->base ? carver->base + carver->used : NULL;
    carver->used += (n + MLP_PAD - 1) / MLP_PAD * MLP_PAD;
    return at;
}

/* One array of a stage as it stands in a file: (rows, columns), or a vector of `columns`. */
typedef struct {
    char name[16]; /* "l0.w" */
    int rank, rows, columns, ld;
    float *at;
} LayerPart;
enum { LAYER_MOST_PARTS = 4 };

typedef struct {
    const char *name; /* the rest may be NULL from `extras` on: it has nothing of that */
    /* Adds the stage's numbers that are trained, and floats of the block. */
    void (*measure)(const Mlp *mlp, int l, size_t *n_params, size_t *n_floats);
    /* Its arrays, in the order of the block; returns how many. params may be NULL. */
    int (*parts)(const Mlp *mlp, int l, LayerPart parts[LAYER_MOST_PARTS]);
    /* n rows through it; `zeros` is as wide as the widest layer where the network has layer norms. A dense
     * layer without `in` finds the product in `out`. */
    void (*predict)(const Mlp *mlp, int l, int n, const float *in, int ld_in, float *out, const float *zeros);
    /* Parts of the block that the optimizer treats alike; `extras` those that lie behind the shipped block. */
    void (*groups)(Trainer *t, int l);
    void (*plan)(Trainer *t, Carver *carver, int l);
    void (*init)(Trainer *t, int l);
    /* The batch through member k's effective weights, and the gradient back to its inputs and to these
     * weights. */
    void (*forward)(Trainer *t, int l, int n, long step, int k);
    void (*backward)(Trainer *t, int l, int n, int k);
    /* Effective weights of member k from a block of parameters; the gradient by them back into t->grad; what
     * training alone has (batch norm) into the shipped weights. */
    void (*adjoint)(Trainer *t, int l, int k);
    void (*extras)(Trainer *t, int l);
    void (*effective)(const Trainer *t, float *block, int l, int k, Mlp *out);
    void (*fold)(const Trainer *t, const float *block, int l, int k, Mlp *out);
} LayerKind;

extern const LayerKind layer_embed, layer_dense;

typedef struct {
    const LayerKind *kind;
    int l;
} Stage;
enum { LAYER_MOST_STAGES = MLP_MAX_LAYERS + 1 };
/* From the features to the outputs; returns how many. */
int layer_stages(const Mlp *mlp, Stage stages[LAYER_MOST_STAGES]);
#endif
