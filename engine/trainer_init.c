/* The first weights.
 *
 *     he, glorot, lecun   as train.h says; biases 0
 *     realmlp   hidden W ~ N(0, 1 / K), b ~ N(0, 1); the output layer is 0, with the log of the class
 *               shares as its bias, so that the first prediction is the base rate
 *     data      the same, then, layer by layer with up to 1024 training rows: each unit's weights are
 *               divided by the deviation of its z, and its bias is minus a random convex
 *               combination of z over five of the rows, so that its kink lies among the data
 *               ("he+5" in the paper's code)
 *
 * Members differ in the signs of r in the first layer and in their biases. Batch norm starts with
 * gain 1, mean 0, variance 1.
 *
 * Source  Holzmuller, Grinsztajn, Steinwart, NeurIPS 2024, appendix A (RealMLP-TD and TD-S).
 */
#include <math.h>
#include <string.h>

#include "engine/gemm.h"
#include "prep/prep.h"
#include "engine/layer.h"
#include "engine/trainer.h"

enum { DATA_ROWS = 1024, DATA_POINTS = 5 };

/* log of each class's share of the rows, weighted as in training, half a row added to each. */
static void prior_bias(Trainer *t, const Rows *rows)
{
    int last = t->mlp.n_layers - 1, n_classes = rows->n_classes;
    if (t->loss.kind != LOSS_CROSS_ENTROPY) return;
    float *first = trainer_bias(t, last, 0);
    for (int i = 0; i < rows->n_rows; i++) first[rows->labels[i]] += t->row_weight ? t->row_weight[i] : 1;
    for (int c = 0; t->options.sampling != SAMPLING_NONE && c < n_classes; c++) first[c] = first[c] > 0;
    double total = 0, weight;
    for (int c = 0; c < n_classes; c++) {
        weight = t->loss.class_weight ? (double)t->loss.class_weight[c] : 1;
        first[c] = (float)(weight * ((double)first[c] + 0.5));
        total += (double)first[c];
    }
    for (int c = 0; c < n_classes; c++) first[c] = (float)log((double)first[c] / total);
    for (int k = 1; k < t->n_members; k++)
        memcpy(trainer_bias(t, last, k), first, (size_t)n_classes * sizeof *first);
}

/* One hidden layer of the data-driven start: z (n, ld) are its products without bias. */
static void fit_layer(Trainer *t, int l, int n, const float *z)
{
    float *w = trainer_weights(t, l);
    size_t in = (size_t)t->mlp.width[l], out = (size_t)t->mlp.width[l + 1];
    size_t ld = (size_t)mlp_pad((int)out);
    Rng rng = rng_stream(rng_mix(t->seed, (uint64_t)(2 * MLP_MAX_LAYERS + l)), t->stream, RNG_INIT);
    for (size_t j = 0; j < out; j++) {
        double sum = 0, squares = 0;
        for (size_t i = 0; i < (size_t)n; i++) sum += (double)z[i * ld + j];
        for (size_t i = 0; i < (size_t)n; i++) {
            double d = (double)z[i * ld + j] - sum / n;
            squares += d * d;
        }
        double deviation = sqrt(squares / n), scale = deviation > 1e-6 ? 1 / deviation : 1;
        for (size_t i = 0; i < in; i++) w[i * ld + j] = (float)((double)w[i * ld + j] * scale);
        for (int k = 0; k < t->n_members; k++) {
            double mix = 0, total = 0;
            for (int p = 0; p < DATA_POINTS; p++) {
                double share = -log(1 - rng_uniform(&rng));
                size_t row = rng_below(&rng, (uint32_t)n);
                mix += share * (double)z[row * ld + j] * scale;
                total += share;
            }
            trainer_bias(t, l, k)[j] = (float)(total > 0 ? -mix / total : 0);
        }
    }
}

static size_t widest(const Mlp *mlp)
{
    int most = 0;
    for (int l = 0; l <= mlp->n_layers; l++)
        if (mlp_pad(mlp->width[l]) > most) most = mlp_pad(mlp->width[l]);
    return (size_t)most;
}

size_t trainer_init_floats(const Mlp *mlp)
{
    size_t features = (size_t)mlp_pad(mlp_features(mlp));
    return DATA_ROWS * (features + 2 * widest(mlp)) + 4 * MLP_PAD;
}

/* Layer by layer through member 0 as it stands, without dropout and norms. */
static bool fit_to_data(Trainer *t, const Rows *rows, Arena *arena, Error *err)
{
    int n = rows->n_rows < DATA_ROWS ? rows->n_rows : DATA_ROWS;
    size_t size = (size_t)n * widest(&t->mlp);
    int32_t *index = ARENA_NEW(arena, int32_t, rows->n_rows);
    float *x = ARENA_NEW(arena, float, (size_t)n * (size_t)t->ld_x);
    float *half[2] = {ARENA_NEW(arena, float, size), ARENA_NEW(arena, float, size)};
    if (!index || !x || !half[0] || !half[1]) return error_memory(err);
    Rng rng = rng_stream(rng_mix(t->seed, (uint64_t)(3 * MLP_MAX_LAYERS)), t->stream, RNG_INIT);
    for (int i = 0; i < rows->n_rows; i++) index[i] = i;
    rng_shuffle(&rng, index, (size_t)rows->n_rows);
    rows_gather(rows, index, 0, n, NULL, NULL, NULL, x, t->ld_x);
    const float *in = x;
    int ld_in = t->ld_x;
    if (t->mlp.embed) {
        embed_forward(t->mlp.embed, t->params, n, x, t->ld_x, half[1], t->ld_in);
        in = half[1];
        ld_in = t->ld_in;
    }
    for (int l = 0; l + 1 < t->mlp.n_layers; l++) {
        float *z = half[l % 2];
        for (int pass = 0; pass < 2; pass++) { /* the second with the weights just fitted */
            trainer_effective(t, 0);
            MlpLayer layer = mlp_layer(&t->mlp, l);
            gemm_forward(n, t->mlp.width[l], layer.ld, in, ld_in, layer.w, layer.ld, z, layer.ld);
            if (pass == 0) fit_layer(t, l, n, z);
            else activation_forward(t->mlp.activation, n, layer.ld, layer.b, z, NULL);
        }
        in = z;
        ld_in = mlp_pad(t->mlp.width[l + 1]);
    }
    return true;
}

/* Quantiles begin where those of a normal distribution are, in units of its deviation. */
static void quantile_bias(Trainer *t)
{
    const Task *task = t->loss.task;
    const int last = t->mlp.n_layers - 1, n = task->n_quantiles, middle = link_middle(task);
    for (int k = 0; k < t->n_members; k++)
        for (int q = 0; q < task->n_targets * n; q++) {
            int at = q % n, towards = at > middle ? at - 1 : at + 1;
            double score = prep_normal_score(task->quantiles[at]);
            double gap = at == middle ? 0 : fabs(score - prep_normal_score(task->quantiles[towards]));
            trainer_bias(t, last, k)[q] = (float)(at == middle ? score : log(expm1(gap)));
        }
}

bool trainer_init(Trainer *t, const Rows *rows, Arena *arena, Error *err)
{
    InitKind kind = (InitKind)t->options.init;
    Stage stages[LAYER_MOST_STAGES];
    const int n = layer_stages(&t->mlp, stages);
    for (int i = 0; i < n; i++) stages[i].kind->init(t, stages[i].l);
    if (kind == INIT_DATA && !fit_to_data(t, rows, arena, err)) return false;
    if (kind == INIT_REALMLP || kind == INIT_DATA) prior_bias(t, rows);
    if (t->loss.kind == LOSS_QUANTILES) quantile_bias(t);
    if (t->average) memcpy(t->average, t->params, t->n_floats * sizeof *t->params);
    if (t->options.optimizer == OPT_SCHEDULE_FREE)
        memcpy(t->m, t->params, t->n_floats * sizeof *t->params); /* z starts where x does */
    trainer_effective(t, 0);
    return true;
}
