/* engine/embed.h - the network's input stage: features that are learned from before the first layer.
 *
 * Each of the D features of a row becomes one or more of the network's inputs, side by side in the
 * order of the features (data/rows.h says which feature is what):
 *
 *     plain     x                                                                  1 input
 *     pbld      [x, W2 cos(2 pi w1 x + b1) + b2]     F frequencies, W2 (F, S-1)    S inputs
 *     periodic  max(0, [cos(2 pi w1 x), sin(2 pi w1 x)] W2 + b2)   W2 (2F, S)      S inputs
 *     category  row `code` of a table (levels + 1, C); row 0 is for the unknown    C inputs
 *
 * Every feature has parameters of its own. pbld is RealMLP's (piecewise-linear is prep/prep.h's
 * business: it learns nothing). First values: w1 ~ N(0, sigma^2), b1 ~ U(-pi, pi),
 * W2 and b2 ~ U(-1, 1) / sqrt(F) (periodic: / sqrt(2F)); tables ~ N(0, 1).
 *
 * Shapes   x (n, D) with row distance ld_x; inputs (n, n_inputs) with row distance ld, the padding
 *          zeroed. Parameters are one block of n_floats floats, padding in it is 0 and stays 0.
 *          A number has [w1 | b1 | a row of W2 for each output | b2], each padded to 16; a category
 *          its table, row by row. The backward pass computes cosines again instead of keeping them.
 * Memory   allocates nothing but in embed_make.
 * Errors   ERR_INVALID for sizes that cannot be, ERR_MEMORY.
 * Sources  Holzmuller, Grinsztajn, Steinwart, NeurIPS 2024 (PBLD); Gorishniy, Rubachev, Babenko,
 *          "On embeddings for numerical features", NeurIPS 2022 (periodic).
 */
#ifndef CONSORT_ENGINE_EMBED_H
#define CONSORT_ENGINE_EMBED_H
#include "base/arena.h"
#include "base/error.h"
#include "base/rng.h"
#include "data/rows.h"

typedef struct {
    int frequencies;   /* F */
    int size;          /* S, inputs of a number, at least 2 */
    int category_size; /* C */
    double sigma;      /* spread of the first frequencies */
} EmbedOptions;

typedef struct {
    int n_features, n_inputs;
    int frequencies, size, category_size;
    const int *feature;      /* (D) as in Rows; never NULL */
    const int *first_input;  /* (D) */
    const size_t *offset;    /* (D) where its parameters begin; those of a plain one are none */
    size_t n_params;         /* numbers that are trained */
    size_t n_floats;         /* length of the block */
} Embed;

/* *out is NULL when all features are plain: then the inputs are the features. `feature` is copied. */
bool embed_make(const EmbedOptions *options, const int *feature, int n_features, Arena *arena,
                Embed **out, Error *err);
void embed_init(const Embed *embed, double sigma, Rng *rng, float *params);
/* A code outside 0 .. levels counts as 0. */
void embed_forward(const Embed *embed, const float *params, int n, const float *x, int ld_x,
                   float *inputs, int ld);
/* From the gradient by the inputs to that by the parameters; overwrites grad (n_floats). */
void embed_backward(const Embed *embed, const float *params, int n, const float *x, int ld_x,
                    const float *d_inputs, int ld, float *grad);
#endif
