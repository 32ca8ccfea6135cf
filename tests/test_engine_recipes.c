#include "tests/test_engine.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/embed.h"
#include "engine/gemm.h"
#include "engine/gemm_variants.h"
#include "engine/mix.h"
#include "engine/mlp_forward.h"
#include "engine/norm.h"
#include "engine/schedule.h"
#include "engine/trainer.h"
#include "tests/golden/recipes_torch.h"

/* The float of sin(phase + step i), as the golden script's wave(). */
static float wave(int i, double step, double phase) { return (float)sin(phase + step * i); }

static void check_row(const char *what, int n, const float *got, const double *want, double tolerance)
{
    char name[100];
    for (int i = 0; i < n; i++) {
        snprintf(name, sizeof name, "%s, number %d", what, i);
        check_close(name, (double)got[i], want[i], tolerance);
    }
}

/* ---- norms ---- */

enum { N = 6, W = 5, LD = 16 };

static void make_norm(float *z, float *gain, float *shift, float *g)
{
    for (int i = 0; i < N; i++)
        for (int j = 0; j < LD; j++) {
            z[i * LD + j] = j < W ? 2 * wave(i * W + j, 0.7, 0) + (float)j : 7.0f;
            g[i * LD + j] = j < W ? wave(i * W + j, 0.31, 0.2) : 3.0f;
        }
    for (int j = 0; j < W; j++) gain[j] = 1 + wave(j, 0.9, 0), shift[j] = wave(j, 1.1, 0.3);
}

static void check_norm(const char *what, const float *got, const double *want)
{
    for (int i = 0; i < N; i++) {
        check_row(what, W, got + i * LD, want + i * W, 3e-6);
        for (int j = W; j < LD; j++) assert_true(got[i * LD + j] == 0);
    }
}

static void norms_match_pytorch(void **state)
{
    (void)state;
    float z[N * LD], again[N * LD], g[N * LD], hat[N * LD], gain[LD] = {0}, shift[LD] = {0}, spread[LD];
    float d_gain[LD] = {0}, d_shift[LD] = {0}, mean[LD] = {0}, variance[LD];
    make_norm(z, gain, shift, g);
    memcpy(again, z, sizeof z);
    norm_layer_forward(N, W, LD, z, gain, shift, hat, spread);
    check_norm("layer norm", z, golden_layer_y);
    norm_layer_forward(1, W, LD, again + LD, gain, shift, NULL, NULL); /* a row alone has the same bits */
    assert_memory_equal(again + LD, z + LD, LD * sizeof *z);
    norm_layer_backward(N, W, LD, hat, spread, gain, g, d_gain, d_shift);
    check_norm("layer norm, dz", g, golden_layer_dz);
    check_row("layer norm, gain", W, d_gain, golden_layer_dgain, 3e-6);
    check_row("layer norm, shift", W, d_shift, golden_layer_dshift, 3e-6);

    make_norm(z, gain, shift, g);
    memset(d_gain, 0, sizeof d_gain);
    memset(d_shift, 0, sizeof d_shift);
    for (int j = 0; j < LD; j++) variance[j] = 1;
    norm_batch_forward(N, W, LD, z, gain, shift, hat, spread, mean, variance);
    check_norm("batch norm", z, golden_batch_y);
    check_row("running mean", W, mean, golden_batch_mean, 1e-6);
    check_row("running variance", W, variance, golden_batch_variance, 1e-6);
    norm_batch_backward(N, W, LD, hat, spread, gain, g, d_gain, d_shift);
    check_norm("batch norm, dz", g, golden_batch_dz);
    check_row("batch norm, gain", W, d_gain, golden_batch_dgain, 3e-6);
    check_row("batch norm, shift", W, d_shift, golden_batch_dshift, 3e-6);
    /* Folded into a layer that passes its inputs on: what PyTorch gives in eval(). */
    float w[W * LD] = {0}, b[LD] = {0}, out[N * LD];
    for (int j = 0; j < W; j++) w[j * LD + j] = 1;
    norm_batch_fold(W, W, LD, mean, variance, gain, shift, w, b);
    make_norm(z, gain, shift, g);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < LD; j++) {
            out[i * LD + j] = b[j];
            for (int k = 0; k < W; k++) out[i * LD + j] += z[i * LD + k] * w[k * LD + j];
        }
    check_norm("batch norm, folded", out, golden_batch_eval);
}

/* ---- embeddings ---- */

static void embeddings_match_pytorch(void **state)
{
    (void)state;
    enum { ROWS = 7, OUT = 16 };
    for (int periodic = 0; periodic < 2; periodic++) {
        const int feature[1] = {periodic ? FEATURE_PERIODIC : FEATURE_PBLD};
        const int terms = periodic ? 6 : 3, outputs = periodic ? 4 : 3;
        const EmbedOptions options = {.frequencies = 3, .size = 4, .category_size = 2, .sigma = 1};
        Arena *arena = arena_create(0);
        Embed *embed;
        float x[ROWS], inputs[ROWS * OUT], d[ROWS * OUT] = {0}, p[256] = {0}, g[256];
        assert_true(embed_make(&options, feature, 1, arena, &embed, NULL));
        assert_int_equal(embed->n_inputs, 4);
        assert_int_equal(embed->n_params, 6 + (terms + 1) * outputs);
        assert_true(embed->n_floats <= 256);
        for (int f = 0; f < 3; f++) p[f] = 0.4f * wave(f, 1.3, 0.5), p[16 + f] = 3 * wave(f, 0.6, 0.1);
        for (int i = 0; i < outputs * terms; i++) p[32 + i / terms * 16 + i % terms] = 0.7f * wave(i, 0.45, 0);
        for (int o = 0; o < outputs; o++) p[32 + 16 * outputs + o] = 0.3f * wave(o, 0.5, 0);
        for (int i = 0; i < ROWS; i++) {
            x[i] = 1.5f * wave(i, 0.8, 0);
            for (int o = 0; o < 4; o++) d[i * OUT + o] = wave(4 * i + o, 0.37, 0);
        }
        embed_forward(embed, p, ROWS, x, 1, inputs, OUT);
        for (int i = 0; i < ROWS; i++) {
            check_row("embedding", 4, inputs + i * OUT, (periodic ? golden_periodic_y : golden_pbld_y) + 4 * i, 2e-6);
            for (int o = 4; o < OUT; o++) assert_true(inputs[i * OUT + o] == 0);
        }
        embed_backward(embed, p, ROWS, x, 1, d, OUT, g);
        check_row("w1", 3, g, periodic ? golden_periodic_w1 : golden_pbld_w1, 2e-5);
        check_row("b1", 3, g + 16, periodic ? golden_periodic_b1 : golden_pbld_b1, 5e-6);
        for (int o = 0; o < outputs; o++)
            check_row("w2", terms, g + 32 + 16 * o, (periodic ? golden_periodic_w2 : golden_pbld_w2) + o * terms, 5e-6);
        check_row("b2", outputs, g + 32 + 16 * outputs, periodic ? golden_periodic_b2 : golden_pbld_b2, 5e-6);
        arena_destroy(arena);
    }
}

static void categories_are_rows_of_a_table(void **state)
{
    (void)state;
    const int feature[3] = {FEATURE_PLAIN, 2, 3};
    const EmbedOptions options = {.frequencies = 1, .size = 2, .category_size = 2, .sigma = 1};
    Arena *arena = arena_create(0);
    Embed *embed;
    assert_true(embed_make(&options, (const int[]){0, 0}, 2, arena, &embed, NULL));
    assert_null(embed); /* nothing to embed */
    assert_true(embed_make(&options, feature, 3, arena, &embed, NULL));
    assert_int_equal(embed->n_inputs, 5);
    assert_int_equal(embed->n_params, 2 * (3 + 4));
    float p[64] = {0}, g[64], inputs[4 * 16], d[4 * 16];
    for (int i = 0; i < 64; i++) p[i] = (float)i;
    const float x[4][3] = {{0.5f, 1, 3}, {-2, 0, 9}, {7, 2, -1}, {1, NAN, 1.0f}};
    embed_forward(embed, p, 4, &x[0][0], 3, inputs, 16);
    const float want[4][5] = {{0.5f, 2, 3, 22, 23}, {-2, 0, 1, 16, 17}, {7, 4, 5, 16, 17}, {1, 0, 1, 18, 19}};
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 16; j++) assert_true(inputs[i * 16 + j] == (j < 5 ? want[i][j] : 0));
    for (int i = 0; i < 4 * 16; i++) d[i] = (float)(i % 16) + 1;
    embed_backward(embed, p, 4, &x[0][0], 3, d, 16, g);
    assert_true(g[0] == 4 && g[1] == 6 && g[2] == 2 && g[4] == 2 && g[5] == 3); /* rows 1 and 3 share code 0 */
    assert_true(g[16] == 8 && g[18] == 4 && g[20] == 0 && g[22] == 4);
    for (long k = 0;; k++) {
        Error err = {ERR_NONE, ""};
        arena_fail_after(arena, k);
        if (embed_make(&options, feature, 3, arena, &embed, &err)) break;
        assert_int_equal(err.code, ERR_MEMORY);
    }
    arena_destroy(arena);
}

/* ---- losses ---- */

static void mixed_and_focal_losses_match_pytorch(void **state)
{
    (void)state;
    const float weights[4] = {0.5f, 2.0f, 1.25f, 0.75f};
    for (size_t k = 0; k < sizeof golden_mixed / sizeof *golden_mixed; k++) {
        float z[6 * 16] = {0};
        int32_t labels[6], partners[6];
        for (int i = 0; i < 24; i++) z[i / 4 * 16 + i % 4] = 3 * wave(i, 0.7, 0);
        for (int i = 0; i < 6; i++) labels[i] = i % 4, partners[i] = (i + 2) % 4;
        Loss loss = {.n_classes = 4, .smoothing = golden_mixed[k].smoothing, .focal_gamma = golden_mixed[k].gamma,
                     .class_weight = golden_mixed[k].weighted ? weights : NULL,
                     .labels2 = golden_mixed[k].lambda < 1 ? partners : NULL, .lambda = golden_mixed[k].lambda};
        check_close("loss", loss_gradient(&loss, 6, 16, z, labels), golden_mixed[k].loss, 2e-6);
        for (int i = 0; i < 6; i++) {
            check_row("gradient", 4, z + 16 * i, golden_mixed[k].grad + 4 * i, 1e-6);
            for (int j = 4; j < 16; j++) assert_true(z[16 * i + j] == 0);
        }
    }
}

/* ---- optimizers ---- */

static void schedule_free_matches_its_formula(void **state)
{
    (void)state;
    float y[16], z[16], v[16] = {0}, x[16], g[16];
    double total = 0;
    for (int i = 0; i < 16; i++) y[i] = z[i] = wave(i, 1, 0);
    for (int t = 0; t < 5; t++) {
        for (int i = 0; i < 16; i++) g[i] = (float)sin(1 + 0.3 * i + 0.9 * t);
        total += 0.05 * 0.05;
        const OptimizerStep step = {.kind = OPT_SCHEDULE_FREE, .rate = 0.05, .decay = 0.05 * 0.1, .beta1 = 0.9,
                                    .beta2 = 0.99, .epsilon = 1e-6, .grad_scale = 1, .step = t + 1,
                                    .mix = 0.05 * 0.05 / total};
        optimizer_update(&step, 16, y, g, z, v);
    }
    optimizer_schedule_free_x(16, 0.9, y, z, x);
    check_row("y", 16, y, golden_schedule_free_y, 1e-6);
    check_row("x", 16, x, golden_schedule_free_x, 1e-6);
}

static void max_norm_and_averages(void **state)
{
    (void)state;
    float w[5 * 16], s[16], fresh[16];
    for (int i = 0; i < 5 * 16; i++) w[i] = i % 16 < 7 ? 1.1f * wave(i / 16 * 7 + i % 16, 0.83, 0) : 0;
    optimizer_max_norm(5, 7, 16, 1.2, w);
    for (int i = 0; i < 5; i++) check_row("max-norm", 7, w + 16 * i, golden_max_norm + 7 * i, 1e-6);
    for (int i = 0; i < 16; i++) s[i] = 1, fresh[i] = (float)i;
    optimizer_ema(16, 0.75, fresh, s);
    for (int i = 0; i < 16; i++) assert_true(s[i] == 1 + 0.25f * ((float)i - 1));
    assert_true(schedule_flat_cos(0) == 1 && schedule_flat_cos(0.49) == 1 && schedule_flat_cos(1) == 0);
    check_close("flat_cos", schedule_flat_cos(0.75), 0.5, 1e-12);
    TrainOptions o = default_options();
    int ends[SCHEDULE_MAX_CYCLES];
    o.epochs = 30;
    assert_int_equal(schedule_cycle_ends(&o, ends), 1);
    assert_int_equal(ends[0], 30);
    o.schedule = SCHEDULE_COSLOG4;
    assert_int_equal(schedule_cycle_ends(&o, ends), 4);
    assert_true(ends[0] == 2 && ends[1] == 6 && ends[2] == 14 && ends[3] == 30);
    o.epochs = 2;
    assert_int_equal(schedule_cycle_ends(&o, ends), 2); /* epochs 1 and 2: no epoch ends twice */
}

/* ---- a whole RealMLP ---- */

static void realmlp_in_ordinary_weights_is_realmlp(void **state)
{
    (void)state;
    enum { ROWS = 8 };
    float x[ROWS * 6];
    int32_t labels[ROWS], index[ROWS];
    for (int i = 0; i < ROWS * 6; i++) x[i] = wave(i, 0.53, 0);
    for (int i = 0; i < ROWS; i++) labels[i] = i % 3, index[i] = i;
    const Rows rows = {.n_rows = ROWS, .n_features = 6, .n_classes = 3, .labels = labels, .x = x, .ld = 6};
    TrainOptions o = default_options();
    o.hidden = (IntList){2, {5, 4}};
    o.activation = ACT_SELU;
    o.optimizer = OPT_ADAM;
    o.beta2 = 0.95;
    o.lr_scaling = LR_NTK;
    o.bias_lr = 0.1;
    o.scaling_lr = 6;
    o.input_scaling = true;
    o.label_smoothing = 0.1;
    o.batch_size = ROWS;
    Arena *arena = arena_create(0);
    Trainer *t;
    Error err;
    if (!trainer_create(&o, &rows, 1, 0, arena, &t, &err)) fail_msg("%s", err.message);
    Mlp mlp = t->mlp, *folded;
    mlp.params = t->params;
    for (int l = 0; l < 3; l++) {
        MlpLayer layer = mlp_layer(&mlp, l);
        int in = mlp.width[l], out = mlp.width[l + 1];
        for (int i = 0; i < in * out; i++) layer.w[i / out * layer.ld + i % out] = 0.8f * wave(i, 0.61, l);
        for (int j = 0; j < out; j++) layer.b[j] = 0.1f * wave(j, 1, l);
    }
    for (int s = 0; s < 4; s++) {
        trainer_gather(t, &rows, index, labels, ROWS, s);
        check_close("loss", trainer_gradient(t, ROWS, labels, s), golden_ntk_loss[s], 2e-6);
        trainer_update(t, 0.04, s);
    }
    check_row("scale", 6, t->params + t->extras[0].scale, golden_ntk_scale, 2e-5);
    const double *want = golden_ntk_params;
    for (int l = 0; l < 3; l++) {
        MlpLayer layer = mlp_layer(&mlp, l);
        int in = mlp.width[l], out = mlp.width[l + 1];
        for (int i = 0; i < in; i++, want += out) check_row("weights", out, layer.w + i * layer.ld, want, 2e-5);
        check_row("biases", out, layer.b, want, 2e-5);
        want += out;
    }
    assert_true(mlp_create_like(&t->mlp, arena, &folded, NULL)); /* and what is shipped has no scaling left */
    trainer_fold(t, 0, folded);
    for (int i = 0; i < 6; i++)
        check_close("folded", (double)mlp_layer(folded, 0).w[16 * i],
                    (double)(mlp_layer(&mlp, 0).w[16 * i] * t->params[t->extras[0].scale + (size_t)i]), 1e-7);
    arena_destroy(arena);
}

/* ---- mixing rows ---- */

static void rows_mix_as_they_say(void **state)
{
    (void)state;
    enum { ROWS = 5, D = 7, PAD = 16 };
    double sum = 0, squares = 0;
    Rng rng = rng_stream(3, 0, RNG_TEST);
    for (int i = 0; i < 20000; i++) { /* Beta(0.4, 0.4) has mean 1/2 and variance 1 / (4 * 1.8) */
        double l = mix_beta(0.4, &rng);
        assert_true(l >= 0 && l <= 1);
        sum += l, squares += (l - 0.5) * (l - 0.5);
    }
    check_close("mean of Beta", sum / 20000, 0.5, 0.01);
    check_close("variance of Beta", squares / 20000, 1 / 7.2, 0.003);
    for (int draw = 0; draw < 200; draw++) {
        float x[ROWS * PAD] = {0}, before[ROWS * PAD], copy[ROWS * PAD];
        int32_t labels[ROWS], labels2[ROWS];
        for (int i = 0; i < ROWS; i++) {
            labels[i] = i;
            for (int j = 0; j < D; j++) x[i * PAD + j] = (float)(100 * i + j);
        }
        memcpy(before, x, sizeof x);
        bool columns = draw % 2;
        float share = columns ? mix_columns(1, &rng, ROWS, D, PAD, x, copy, labels, labels2)
                              : mix_up(0.5, &rng, ROWS, PAD, x, copy, labels, labels2);
        int kept = 0;
        for (int i = 0; i < ROWS; i++) {
            assert_true(labels2[i] != i && labels2[i] >= 0 && labels2[i] < ROWS);
            const float *mine = before + i * PAD, *other = before + labels2[i] * PAD;
            for (int j = 0; j < PAD; j++) {
                float got = x[i * PAD + j];
                if (columns) assert_true(got == mine[j] || got == other[j]);
                else check_close("mixup", (double)got, (double)(share * mine[j] + (1 - share) * other[j]), 1e-3);
                kept += columns && j < D && got == mine[j];
            }
        }
        if (columns) check_close("share of columns", (double)share, kept / (double)(ROWS * D), 1e-6);
    }
    float x[PAD] = {1}, copy[PAD];
    int32_t one[1] = {0}, other[1];
    assert_true(mix_up(1, &rng, 1, PAD, x, copy, one, other) == 1 && x[0] == 1); /* nobody to mix with */
}

/* ---- matrix products ---- */

static void fill(Rng *rng, float *x, int n, double zeros)
{
    for (int i = 0; i < n; i++) x[i] = rng_uniform(rng) < zeros ? 0 : (float)rng_normal(rng);
}

static void products_are_right(void)
{
    enum { MOST = 80, COLUMNS = 272 };
    static float x[MOST * 80], w[80 * COLUMNS], z[MOST * COLUMNS], one[COLUMNS], dw[80 * COLUMNS], dx[MOST * 96];
    static float again[80 * COLUMNS];
    static uint32_t memory[MOST * 80 + 2 * 2 * 80 + MOST + 8];
    Rng rng = rng_stream(5, 0, RNG_TEST);
    for (int trial = 0; trial < 60; trial++) {
        int n = 1 + (int)rng_below(&rng, MOST), k = 1 + (int)rng_below(&rng, 70);
        int out = 16 * (1 + (int)rng_below(&rng, 17)), ldx = k + (int)rng_below(&rng, 9), pad = (k + 15) / 16 * 16;
        fill(&rng, x, n * ldx, trial % 2 ? 0.8 : 0);
        fill(&rng, w, k * out, 0);
        gemm_forward(n, k, out, x, ldx, w, out, z, out);
        for (int i = 0; i < n; i++)
            for (int j = 0; j < out; j++) {
                double want = 0;
                for (int p = 0; p < k; p++) want += (double)x[i * ldx + p] * (double)w[p * out + j];
                check_close("forward", (double)z[i * out + j], want, 1e-4);
            }
        int row = (int)rng_below(&rng, (uint32_t)n); /* a row alone, and a few rows */
        gemm_forward(1, k, out, x + row * ldx, ldx, w, out, one, out);
        assert_memory_equal(one, z + row * out, (size_t)out * sizeof *one);
        SparseBatch sparse;
        assert_true((size_t)sparse_words(n, k) <= sizeof memory / sizeof *memory);
        sparse_make(n, k, x, ldx, memory, &sparse);
        static float same[MOST * COLUMNS];
        gemm_sparse_forward(&sparse, out, w, out, same, out);
        assert_memory_equal(same, z, (size_t)(n * out) * sizeof *z);
        /* z serves as the gradient by z */
        gemm_weight_grad(n, k, out, x, ldx, z, out, dw, out);
        for (int i = 0; i < k; i++)
            for (int j = 0; j < out; j++) {
                double want = 0, size = 0;
                for (int r = 0; r < n; r++) {
                    double term = (double)x[r * ldx + i] * (double)z[r * out + j];
                    want += term, size += fabs(term);
                }
                check_close("weight gradient", (double)dw[i * out + j], want, 1e-5 * (size + 1));
            }
        int from = (int)rng_below(&rng, (uint32_t)k);
        gemm_sparse_weight_grad(&sparse, from, k, out, z, out, again, out);
        assert_memory_equal(again, dw + from * out, (size_t)((k - from) * out) * sizeof *dw);
        gemm_input_grad(n, k, out, z, out, w, out, dx, pad);
        for (int i = 0; i < n; i++)
            for (int p = 0; p < pad; p++) {
                double want = 0, size = 0;
                for (int j = 0; p < k && j < out; j++) {
                    double term = (double)z[i * out + j] * (double)w[p * out + j];
                    want += term, size += fabs(term);
                }
                check_close("input gradient", (double)dx[i * pad + p], want, 1e-5 * size);
            }
    }
}

static void products_are_right_and_depend_on_their_row_alone(void **state)
{
    (void)state;
    for (int v = 0; gemm_variant(v); v++) {
        gemm_prefer(v);
        products_are_right();
    }
    gemm_prefer(0);
}

/* Pieces of all three loops, the last ones not full. */
static void large_products_are_right(void **state)
{
    (void)state;
    enum { ROWS = 205, K = 290, PAD = 304, OUT = 336 };
    static float x[ROWS * K], w[PAD * OUT], g[ROWS * OUT], z[ROWS * OUT], dw[K * OUT], dx[ROWS * PAD];
    Rng rng = rng_stream(9, 0, RNG_TEST);
    fill(&rng, x, ROWS * K, 0);
    fill(&rng, w, K * OUT, 0);
    fill(&rng, g, ROWS * OUT, 0);
    for (int v = 0; gemm_variant(v); v++) {
        gemm_prefer(v);
        gemm_forward(ROWS, K, OUT, x, K, w, OUT, z, OUT);
        gemm_weight_grad(ROWS, K, OUT, x, K, g, OUT, dw, OUT);
        gemm_input_grad(ROWS, K, OUT, g, OUT, w, OUT, dx, PAD);
        for (int i = 0; i < ROWS; i++)
            for (int j = 0; j < OUT; j++) {
                double want = 0;
                for (int p = 0; p < K; p++) want += (double)x[i * K + p] * (double)w[p * OUT + j];
                check_close("forward", (double)z[i * OUT + j], want, 2e-4);
            }
        for (int i = 0; i < K; i++)
            for (int j = 0; j < OUT; j++) {
                double want = 0;
                for (int r = 0; r < ROWS; r++) want += (double)x[r * K + i] * (double)g[r * OUT + j];
                check_close("weight gradient", (double)dw[i * OUT + j], want, 2e-4);
            }
        for (int i = 0; i < ROWS; i++)
            for (int p = 0; p < PAD; p++) {
                double want = 0;
                for (int j = 0; p < K && j < OUT; j++)
                    want += (double)g[i * OUT + j] * (double)w[p * OUT + j];
                check_close("input gradient", (double)dx[i * PAD + p], want, 2e-4);
            }
    }
    gemm_prefer(0);
}

static void every_kernel_agrees(void **state)
{
    (void)state;
    enum { ROWS = 23, K = 37, OUT = 112 };
    static float x[ROWS * K], w[K * OUT], z[2][ROWS * OUT];
    Rng rng = rng_stream(6, 0, RNG_TEST);
    fill(&rng, x, ROWS * K, 0);
    fill(&rng, w, K * OUT, 0);
    gemm_variant(0)->product(ROWS, OUT, K, x, K, 1, w, OUT, z[0], OUT, 0);
    for (int v = 1; gemm_variant(v); v++) {
        gemm_variant(v)->product(ROWS, OUT, K, x, K, 1, w, OUT, z[1], OUT, 0);
        for (int i = 0; i < ROWS * OUT; i++) check_close("kernel", (double)z[1][i], (double)z[0][i], 2e-5);
        gemm_variant(v)->product(ROWS, OUT, K, x, K, 1, w, OUT, z[1], OUT, 1); /* once more, added */
        for (int i = 0; i < ROWS * OUT; i++) check_close("added", (double)z[1][i], 2 * (double)z[0][i], 5e-5);
    }
    assert_null(gemm_variant(3));
}

/* ---- members and snapshots in a run ---- */

static void what_is_shipped_is_what_was_scored(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Rows rows = spirals(300, 1, arena), valid = spirals(120, 2, arena);
    for (int kind = 0; kind < 5; kind++) {
        TrainOptions o = default_options();
        TrainResult r;
        Error err;
        o.hidden = (IntList){2, {16, 16}};
        o.epochs = 30;
        o.learning_rate = 0.01;
        o.batch_size = 32;
        o.members = kind == 0 || kind == 4 ? 3 : 1;
        o.norm = kind == 1 ? NORM_BATCH : kind == 2 ? NORM_LAYER : NORM_NONE;
        o.residual = kind == 2;
        o.ema = kind == 3 ? 0.9 : 0;
        o.input_scaling = kind == 3;
        o.snapshots = kind == 4 ? 2 : 0;
        o.schedule = kind == 4 ? SCHEDULE_COSLOG4 : SCHEDULE_COSINE;
        const TrainRun run = {.seed = 3, .metric = METRIC_ACCURACY};
        if (!train_network(&o, &rows, &valid, &run, arena, &r, &err)) fail_msg("%s", err.message);
        assert_int_equal(r.n_nets, o.members * (o.snapshots ? o.snapshots : 1));
        float *proba = ARENA_NEW(arena, float, 240), *sum = ARENA_NEW(arena, float, 240);
        for (int k = 0; k < r.n_nets; k++) {
            assert_true(mlp_predict(r.nets[k], &valid, arena, proba, 2, &err));
            for (int i = 0; i < 240; i++) sum[i] += proba[i] / (float)r.n_nets;
            for (int other = 0; other < k; other++) /* different networks */
                assert_true(memcmp(r.nets[k]->params, r.nets[other]->params, r.nets[k]->n_floats * sizeof(float)) != 0);
        }
        for (int i = 0; i < 240; i++) check_close("shipped", (double)sum[i], (double)r.proba[i], 1e-6);
        assert_true(r.score > 0.6);
    }
    arena_destroy(arena);
}

/* ---- a run that is killed and goes on ---- */

typedef struct {
    int last; /* the epoch after which the run is interrupted; 0: never */
    int told; /* epochs */
    int pause; /* the epoch after which the run is paused; 0: never; < 0: no more, and it was before */
} Killer;

static EpochVerdict kill_after(void *context, const EpochRecord *record)
{
    Killer *killer = context;
    assert_int_equal(record->epoch, ++killer->told);
    return killer->last && record->epoch == killer->last ? EPOCH_INTERRUPT : EPOCH_CONTINUE;
}

static TrainResult run_once(const TrainOptions *o, const Rows *rows, const Rows *valid, const char *file, Killer *killer,
                            Arena *arena)
{
    TrainResult r;
    Error err;
    const TrainRun run = {.seed = 3, .metric = METRIC_ACCURACY, .on_epoch = kill_after, .context = killer,
                          .checkpoint = file, .checkpoint_s = killer->pause ? 0 : 1e-9,
                          .pause_after = killer->pause > 0 ? killer->pause : 0};
    if (!train_network(o, rows, valid, &run, arena, &r, &err)) fail_msg("%s", err.message);
    return r;
}

/* coslog4 of 30 epochs ends its cycles with epochs 2, 6, 14 and 30. */
static void cycles_ends_compete(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Rows rows = spirals(300, 1, arena), valid = spirals(61, 2, arena);
    int32_t *labels = ARENA_NEW(arena, int32_t, 300); /* many of them wrong, so that the last epoch is not the best */
    for (int i = 0; i < 300; i++) labels[i] = i % 4 == 0 ? 1 - rows.labels[i] : rows.labels[i];
    rows.labels = labels;
    TrainOptions o = default_options();
    o.hidden = (IntList){2, {64, 64}};
    o.epochs = 30;
    o.learning_rate = 0.02;
    o.batch_size = 32;
    o.schedule = SCHEDULE_COSLOG4;
    int differed = 0;
    for (int seed = 1; seed <= 8; seed++) {
        TrainResult all, ends, early;
        Error err;
        TrainRun run = {.seed = (uint64_t)seed, .metric = METRIC_LOSS};
        o.patience = 0;
        o.best_of = BEST_OF_EPOCHS;
        assert_true(train_network(&o, &rows, &valid, &run, arena, &all, &err));
        o.best_of = BEST_OF_CYCLES;
        assert_true(train_network(&o, &rows, &valid, &run, arena, &ends, &err));
        int best = 2;
        for (int i = 1; i < 4; i++) {
            const int end[] = {2, 6, 14, 30};
            if (all.curve[end[i] - 1].val_metric <= all.curve[best - 1].val_metric) best = end[i];
        }
        assert_int_equal(ends.best_epoch, best);
        assert_true(ends.score == all.curve[best - 1].val_metric && all.score <= ends.score);
        float *proba = ARENA_NEW(arena, float, 2 * 61);
        assert_true(mlp_predict(ends.mlp, &valid, arena, proba, 2, &err));
        for (int i = 0; i < 2 * 61; i++) check_close("kept", (double)proba[i], (double)ends.proba[i], 1e-6);
        differed += all.best_epoch != ends.best_epoch;
        /* Patience is looked at where a cycle ends. */
        o.patience = 1;
        assert_true(train_network(&o, &rows, &valid, &run, arena, &early, &err));
        assert_true(early.n_epochs == 2 || early.n_epochs == 6 || early.n_epochs == 14 || early.n_epochs == 30);
        /* Cut off before the first end, the best so far is what there is; after it, that end. */
        Killer one = {.last = 1}, five = {.last = 5};
        TrainResult first = run_once(&o, &rows, &valid, NULL, &one, arena);
        TrainResult second = run_once(&o, &rows, &valid, NULL, &five, arena);
        assert_int_equal(first.best_epoch, 1);
        assert_int_equal(second.best_epoch, 2);
    }
    assert_true(differed >= 4); /* else this compared nothing */
    o.patience = 0;
    o.schedule = SCHEDULE_COSINE; /* one cycle: its end */
    Killer never = {0};
    TrainResult r = run_once(&o, &rows, &valid, NULL, &never, arena);
    assert_int_equal(r.best_epoch, 30);
    /* The last epoch of all, or of those that patience allows, whatever its score. */
    o.best_of = BEST_OF_LAST;
    o.schedule = SCHEDULE_CONSTANT;
    int worse = 0;
    for (int patience = 0; patience <= 2; patience += 2) {
        Killer none = {0};
        o.patience = patience;
        r = run_once(&o, &rows, &valid, NULL, &none, arena);
        assert_int_equal(r.best_epoch, r.n_epochs);
        assert_true(patience ? r.n_epochs < 30 && r.outcome == RUN_STOPPED_EARLY : r.n_epochs == 30);
        assert_true(r.score == r.curve[r.n_epochs - 1].val_metric);
        for (int e = 0; e < r.n_epochs; e++) worse += r.curve[e].val_metric < r.score;
        float *proba = ARENA_NEW(arena, float, 2 * 61);
        assert_true(mlp_predict(r.mlp, &valid, arena, proba, 2, NULL));
        for (int i = 0; i < 2 * 61; i++) check_close("kept", (double)proba[i], (double)r.proba[i], 1e-6);
    }
    assert_true(worse > 0); /* else the best would have been the same */
    arena_destroy(arena);
}

static void same_result(const TrainResult *a, const TrainResult *b)
{
    assert_int_equal(a->outcome, b->outcome);
    assert_int_equal(a->n_epochs, b->n_epochs);
    assert_int_equal(a->best_epoch, b->best_epoch);
    assert_int_equal(a->n_nets, b->n_nets);
    assert_true(a->score == b->score);
    for (int k = 0; k < a->n_nets; k++)
        assert_memory_equal(a->nets[k]->params, b->nets[k]->params, a->nets[k]->n_floats * sizeof(float));
    assert_memory_equal(a->proba, b->proba, 160 * sizeof(float));
    for (int e = 0; e < a->n_epochs; e++)
        assert_true(a->curve[e].train_loss == b->curve[e].train_loss && a->curve[e].val_metric == b->curve[e].val_metric);
}

static void a_killed_run_goes_on_with_the_same_bits(void **state)
{
    (void)state;
    char file[] = "/tmp/consort-checkpoint-XXXXXX";
    int handle = mkstemp(file);
    assert_true(handle >= 0);
    close(handle);
    Arena *arena = arena_create(0);
    Rows rows = spirals(150, 1, arena), valid = spirals(80, 2, arena);
    for (int kind = 0; kind < 8; kind++) {
        TrainOptions o = default_options();
        o.hidden = (IntList){2, {12, 12}};
        o.best_of = kind == 6 ? BEST_OF_CYCLES : kind == 7 ? BEST_OF_LAST : BEST_OF_EPOCHS; /* killed between two ends */
        o.epochs = 12;
        o.batch_size = 32;
        o.dropout = 0.1;
        o.members = kind == 1 ? 3 : 1;
        o.norm = kind == 1 ? NORM_BATCH : NORM_NONE;
        o.input_scaling = kind == 1;
        o.ema = kind == 2 ? 0.9 : 0;
        if (kind == 3) o.optimizer = OPT_SCHEDULE_FREE;
        o.snapshots = kind == 4 ? 3 : 0;
        if (kind == 4 || kind == 6) o.schedule = SCHEDULE_COSLOG4;
        o.patience = kind == 5 ? 3 : 0;
        if (kind == 5) o.learning_rate = 0.2;
        Killer never = {0}, first = {.last = 3}, second = {.last = 4}, third = {0}, fourth = {0};
        unlink(file);
        TrainResult whole = run_once(&o, &rows, &valid, NULL, &never, arena);
        assert_int_equal(run_once(&o, &rows, &valid, file, &first, arena).outcome, RUN_INTERRUPTED);
        TrainResult twice = run_once(&o, &rows, &valid, file, &second, arena);
        assert_int_equal(twice.outcome, RUN_INTERRUPTED);
        if (kind == 6) assert_int_not_equal(twice.best_epoch, 4); /* it ends no cycle */
        TrainResult resumed = run_once(&o, &rows, &valid, file, &third, arena);
        assert_int_equal(third.told, whole.n_epochs);
        same_result(&whole, &resumed);
        TrainResult again = run_once(&o, &rows, &valid, file, &fourth, arena); /* its end was kept */
        same_result(&whole, &again);
        /* Paused twice, then to its end; a pause before where it is already changes nothing. */
        unlink(file);
        Killer rung0 = {.pause = 2}, rung1 = {.pause = 5}, back = {.pause = 2}, end = {.pause = -1};
        assert_int_equal(run_once(&o, &rows, &valid, file, &rung0, arena).outcome, RUN_PAUSED);
        TrainResult paused = run_once(&o, &rows, &valid, file, &rung1, arena);
        assert_int_equal(paused.outcome, RUN_PAUSED);
        assert_int_equal(paused.n_epochs, 5);
        assert_int_equal(run_once(&o, &rows, &valid, file, &back, arena).n_epochs, 2);
        TrainResult promoted = run_once(&o, &rows, &valid, file, &end, arena);
        assert_true(end.told == whole.n_epochs && promoted.outcome == whole.outcome);
        same_result(&whole, &promoted);
        fourth.told = 0;
        run_once(&o, &rows, &valid, file, &fourth, arena); /* leaves its state for what follows */
        /* Another run does not take this state for its own, and a damaged one is as good as none. */
        TrainOptions other = o;
        other.dropout = 0.2;
        Killer fifth = {0}, sixth = {0}, seventh = {0};
        TrainResult fresh = run_once(&other, &rows, &valid, NULL, &fifth, arena);
        TrainResult theirs = run_once(&other, &rows, &valid, file, &sixth, arena);
        same_result(&fresh, &theirs);
        FILE *out = fopen(file, "r+b");
        assert_non_null(out);
        fseek(out, -5, SEEK_END);
        fputc('!', out);
        fclose(out);
        theirs = run_once(&other, &rows, &valid, file, &seventh, arena);
        same_result(&fresh, &theirs);
    }
    unlink(file);
    arena_destroy(arena);
}

static void threads_change_no_bit(void **state)
{
    (void)state;
    enum { ROWS = 500, D = 200 };
    Arena *arena = arena_create(0);
    float *x = ARENA_NEW(arena, float, ROWS * D);
    int32_t *labels = ARENA_NEW(arena, int32_t, ROWS);
    Rng rng = rng_stream(4, 0, RNG_TEST);
    for (int sparse = 0; sparse < 2; sparse++) {
        fill(&rng, x, ROWS * D, sparse ? 0.8 : 0);
        for (int i = 0; i < ROWS; i++) labels[i] = x[i * D] + x[i * D + 7] > 0;
        const Rows rows = {.n_rows = ROWS, .n_features = D, .n_classes = 2, .labels = labels, .x = x, .ld = D};
        TrainOptions o = default_options();
        o.hidden = (IntList){2, {400, 300}};
        o.batch_size = 250;
        o.min_steps = 0; /* enough work to share */
        o.epochs = 2;
        o.dropout = 0.1;
        TrainResult r[3];
        for (int k = 0; k < 3; k++) {
            const TrainRun run = {.seed = 3, .metric = METRIC_LOSS, .threads = k == 0 ? 1 : k == 1 ? 2 : 5};
            Error err;
            if (!train_network(&o, &rows, &rows, &run, arena, &r[k], &err)) fail_msg("%s", err.message);
            assert_memory_equal(r[k].mlp->params, r[0].mlp->params, r[0].mlp->n_floats * sizeof(float));
            assert_true(r[k].curve[1].grad_norm == r[0].curve[1].grad_norm);
        }
    }
    arena_destroy(arena);
}

/* ---- sums longer than a panel ---- */

static void long_sums_are_cut_without_a_trace(void **state)
{
    (void)state;
    enum { LONG = 2100, SHORT = 18 };
    static float x[LONG * SHORT], g[LONG * 32], dw[SHORT * 32], w[SHORT * LONG], wide[3 * LONG], dx[3 * 32];
    Rng rng = rng_stream(8, 0, RNG_TEST);
    fill(&rng, x, LONG * SHORT, 0);
    fill(&rng, g, LONG * 32, 0);
    gemm_weight_grad(LONG, SHORT, 32, x, SHORT, g, 32, dw, 32); /* over many rows */
    for (int i = 0; i < SHORT; i++)
        for (int j = 0; j < 32; j++) {
            double want = 0;
            for (int r = 0; r < LONG; r++) want += (double)x[r * SHORT + i] * (double)g[r * 32 + j];
            check_close("many rows", (double)dw[i * 32 + j], want, 1e-3);
        }
    enum { OUT = 2096 };
    fill(&rng, w, SHORT * OUT, 0);
    fill(&rng, wide, 3 * OUT, 0);
    gemm_input_grad(3, SHORT, OUT, wide, OUT, w, OUT, dx, 32); /* over many outputs */
    for (int r = 0; r < 3; r++)
        for (int i = 0; i < SHORT; i++) {
            double want = 0;
            for (int j = 0; j < OUT; j++) want += (double)wide[r * OUT + j] * (double)w[i * OUT + j];
            check_close("many outputs", (double)dx[r * 32 + i], want, 1e-3);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(norms_match_pytorch),
        cmocka_unit_test(embeddings_match_pytorch),
        cmocka_unit_test(categories_are_rows_of_a_table),
        cmocka_unit_test(mixed_and_focal_losses_match_pytorch),
        cmocka_unit_test(schedule_free_matches_its_formula),
        cmocka_unit_test(max_norm_and_averages),
        cmocka_unit_test(realmlp_in_ordinary_weights_is_realmlp),
        cmocka_unit_test(rows_mix_as_they_say),
        cmocka_unit_test(products_are_right_and_depend_on_their_row_alone),
        cmocka_unit_test(large_products_are_right),
        cmocka_unit_test(every_kernel_agrees),
        cmocka_unit_test(what_is_shipped_is_what_was_scored),
        cmocka_unit_test(cycles_ends_compete),
        cmocka_unit_test(a_killed_run_goes_on_with_the_same_bits),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(long_sums_are_cut_without_a_trace),
    };
    mat_init(NULL);
    return cmocka_run_group_tests_name("engine/recipes", tests, NULL, NULL);
}
