#include "tests/test_engine.h"

#include <string.h>

#include "engine/gemm.h"
#include "engine/gemm_variants.h"
#include "engine/mlp_forward.h"
#include "engine/trainer.h"

/* Four numbers, three of them with bins, a flag, a column of five words: 0 | 1 2..10 | 11 12..25 26 | 27 28..35 | 36..40 */
enum { ROWS = 90, D = 41, PLAIN = 5, RAMPS = 3, CLASSES = 3 };
static const int plain[PLAIN] = {0, 1, 11, 26, 27};
static const Ramp ramp[RAMPS] = {{2, 9}, {12, 14}, {28, 8}};

typedef struct {
    float x[ROWS * 8], dense[ROWS * D];
    int32_t hot[ROWS], labels[ROWS], index[ROWS];
    RampValue climbed[ROWS * RAMPS];
    Rows rows, floats; /* the same in two forms */
} Data;

static void make(Data *d)
{
    Rng rng = rng_stream(21, 0, RNG_TEST);
    memset(d, 0, sizeof *d);
    for (int i = 0; i < ROWS; i++) {
        for (int p = 0; p < PLAIN; p++) d->x[i * 8 + p] = p == 3 ? i % 4 == 0 : (float)rng_normal(&rng);
        d->hot[i] = i % 6 < 5 ? 36 + i % 6 : -1;
        d->labels[i] = i % 7 % CLASSES;
        d->index[i] = i;
        for (int c = 0; c < RAMPS; c++) {
            const uint32_t end = rng_below(&rng, 8); /* parts of 0 and 1, too, and both ends */
            d->climbed[i * RAMPS + c] = (RampValue){(int32_t)rng_below(&rng, (uint32_t)ramp[c].n),
                                                    end == 0 ? 0 : end == 1 ? 1 : (float)rng_uniform(&rng)};
        }
    }
    d->climbed[0] = (RampValue){0, 0};
    d->climbed[1] = (RampValue){ramp[1].n - 1, 1};
    for (int i = 0; i < ROWS; i++) {
        float *to = d->dense + i * D;
        for (int p = 0; p < PLAIN; p++) to[plain[p]] = d->x[i * 8 + p];
        if (d->hot[i] >= 0) to[d->hot[i]] = 1;
        for (int c = 0; c < RAMPS; c++)
            for (int t = 0; t < ramp[c].n; t++) {
                const RampValue at = d->climbed[i * RAMPS + c];
                to[ramp[c].first + t] = t < at.bin ? 1 : t == at.bin ? at.part : 0;
            }
    }
    d->rows = (Rows){.n_rows = ROWS, .n_features = D, .n_classes = CLASSES, .labels = d->labels, .x = d->x, .ld = 8,
                     .n_plain = PLAIN, .plain = plain, .n_hot = 1, .hot = d->hot, .n_ramps = RAMPS, .ramp = ramp,
                     .climbed = d->climbed};
    d->floats = (Rows){.n_rows = ROWS, .n_features = D, .n_classes = CLASSES, .labels = d->labels, .x = d->dense,
                       .ld = D};
}

static void rows_are_the_same_in_both_forms(void **state)
{
    (void)state;
    static Data d;
    static float a[ROWS * D], b[ROWS * D];
    make(&d);
    assert_true(ramps_pay(&d.rows) && !ramps_pay(&d.floats) && !rows_in_place(&d.rows));
    for (int i = 0; i < ROWS; i++) assert_int_equal(rows_zeros(&d.rows, i), rows_zeros(&d.floats, i));
    for (int noise = 0; noise < 2; noise++) {
        Rng one = rng_stream(1, 0, RNG_TEST), other = one;
        const Augment augment = {.noise = noise};
        memset(b, 7, sizeof b);
        rows_gather(&d.floats, d.index, 0, ROWS, &augment, &one, NULL, a, D);
        rows_gather(&d.rows, d.index, 0, ROWS, &augment, &other, NULL, b, D);
        assert_memory_equal(a, b, sizeof a);
    }
    /* What few bins, an embedding or text make as slow takes floats. */
    Rows other = d.rows;
    const int feature[D] = {4};
    other.feature = feature;
    assert_false(ramps_pay(&other));
    other = d.rows;
    other.n_features = 30;
    assert_false(ramps_pay(&other));
    other = d.rows;
    other.n_texts = 1;
    assert_false(ramps_pay(&other));
}

/* Both products, of kernels for every length of vector. */
static void products_are_those_of_the_floats(void **state)
{
    (void)state;
    enum { OUT = 176, LD = 176 }; /* 8, 2 and 1 vectors at a time */
    static Data d;
    static float w[D * LD], c[D * LD], z[ROWS * LD], g[ROWS * LD], dw[D * LD];
    make(&d);
    Rng rng = rng_stream(22, 0, RNG_TEST);
    for (int i = 0; i < D * LD; i++) w[i] = (float)rng_normal(&rng);
    for (int i = 0; i < ROWS * LD; i++) g[i] = (float)rng_normal(&rng);
    Arena *arena = arena_create(0);
    for (int v = 0; gemm_variant(v); v++) {
        gemm_prefer(v);
        for (int from = 0; from < 2; from++) { /* by index, and in a row */
            RampBatch batch = {.memory = ARENA_NEW(arena, uint32_t, ramps_words(&d.rows, ROWS, true))};
            const int n = from ? ROWS - 30 : ROWS;
            ramps_gather(&d.rows, from ? NULL : d.index, from ? 30 : 0, n, &batch);
            ramps_turn(D, &batch);
            assert_int_equal(batch.columns.start[D], batch.rows.start[n]);
            assert_true(batch.rows.start[n] <= n * (PLAIN + 1 + 2 * RAMPS));
            ramps_sums(ramp, RAMPS, D, LD, w, c);
            gemm_listed(&batch.rows, LD, c, LD, z, LD);
            gemm_listed(&batch.columns, LD, g, LD, dw, LD);
            ramps_adjoint(ramp, RAMPS, LD, dw);
            const float *x = d.dense + (from ? 30 * D : 0);
            for (int j = 0; j < OUT; j++) {
                for (int i = 0; i < n; i++) {
                    double want = 0;
                    for (int p = 0; p < D; p++) want += (double)x[i * D + p] * (double)w[p * LD + j];
                    check_close("forward", (double)z[i * LD + j], want, 2e-5);
                }
                for (int p = 0; p < D; p++) {
                    double want = 0;
                    for (int i = 0; i < n; i++) want += (double)x[i * D + p] * (double)g[i * LD + j];
                    check_close("gradient", (double)dw[p * LD + j], want, 5e-5);
                }
            }
        }
    }
    gemm_prefer(0);
    arena_destroy(arena);
}

/* One of the ways to train, by number; false: there are no more. */
static bool way(int i, TrainOptions *o)
{
    *o = default_options();
    o->hidden = (IntList){2, {20, 13}};
    o->activation = ACT_TANH;
    o->batch_size = 32;
    o->min_steps = 0;
    o->learning_rate = 0.01;
    switch (i) {
    case 0: return true;
    case 1: o->input_scaling = true; o->lr_scaling = LR_NTK; return true;
    case 2: o->members = 3; o->dropout = 0.2; return true;
    case 3: o->members = 2; o->input_scaling = true; o->init = INIT_DATA; return true;
    /* (Adam would follow what rounding leaves of the gradient by a bias before a norm, which is 0.) */
    case 4: o->norm = NORM_BATCH; o->l1 = 0.01; o->max_norm = 3; o->optimizer = OPT_SGD; return true;
    case 5: o->hidden.n = 0; o->optimizer = OPT_SGD; return true;
    case 6: o->norm = NORM_LAYER; o->residual = true; o->ema = 0.9; return true;
    case 7: o->optimizer = OPT_SCHEDULE_FREE; o->init = INIT_REALMLP; return true;
    /* what floats are taken for: */
    case 8: o->input_dropout = 0.2; return true;
    case 9: o->mixup = 0.3; return true;
    case 10: o->cutmix = 0.3; return true;
    case 11: o->augment.noise = 0.1; return true;
    default: return false;
    }
}

static void gradients_are_those_of_the_floats(void **state)
{
    (void)state;
    static Data d;
    TrainOptions o;
    make(&d);
    for (int i = 0; way(i, &o); i++) {
        o.batch_size = ROWS;
        Arena *arena = arena_create(0);
        Trainer *t[2];
        double loss[2];
        for (int k = 0; k < 2; k++) {
            Error err;
            const Rows *rows = k ? &d.floats : &d.rows;
            if (!trainer_create(&o, rows, 5, 0, arena, &t[k], &err)) fail_msg("%s", err.message);
            trainer_gather(t[k], rows, d.index, d.labels, ROWS, 3);
            loss[k] = trainer_gradient(t[k], ROWS, d.labels, 3);
        }
        assert_int_equal(t[0]->n_ramps, i < 8 ? RAMPS : 0);
        assert_int_equal(t[1]->n_ramps, 0);
        assert_memory_equal(t[0]->params, t[1]->params, t[0]->n_floats * sizeof(float));
        check_close("loss", loss[0], loss[1], 1e-5 * (1 + fabs(loss[1])));
        double length = 0;
        for (size_t p = 0; p < t[0]->n_floats; p++) length = fmax(length, fabs((double)t[1]->grad[p]));
        assert_true(length > 1e-3);
        for (size_t p = 0; p < t[0]->n_floats; p++)
            check_close("gradient", (double)t[0]->grad[p], (double)t[1]->grad[p], i < 8 ? 2e-5 * (1 + length) : 0);
        arena_destroy(arena);
    }
}

static size_t used_at[64];
static int n_used;
static EpochVerdict watch(void *context, const EpochRecord *record)
{
    (void)record;
    used_at[n_used++ % 64] = arena_used(context);
    return EPOCH_CONTINUE;
}

/* Whole runs, validation and prediction among them; fewer threads, other rows beside a row: the same bits. */
static void runs_are_those_of_the_floats(void **state)
{
    (void)state;
    static Data d;
    static float proba[2][ROWS * CLASSES];
    TrainOptions o;
    make(&d);
    for (int i = 0; way(i, &o); i++) {
        Arena *arena = arena_create(0);
        TrainResult r[3];
        Error err;
        o.epochs = 4;
        o.best_of = BEST_OF_LAST;
        for (int k = 0; k < 3; k++) {
            const Rows *rows = k == 1 ? &d.floats : &d.rows;
            const TrainRun run = {.seed = 3, .metric = METRIC_LOSS, .threads = k == 2 ? 3 : 1, .on_epoch = watch,
                                  .context = arena};
            n_used = 0;
            const size_t before = arena_used(arena);
            const size_t most = train_bytes(&o, rows, ROWS, arena, &err), start = arena_used(arena);
            if (!train_network(&o, rows, rows, &run, arena, &r[k], &err)) fail_msg("%s", err.message);
            assert_int_equal(used_at[0], used_at[3]);
            assert_true(start >= before && arena_used(arena) - start <= most);
            for (int e = 0; e < 4; e++)
                check_close("validation", r[k].curve[e].val_loss, r[0].curve[e].val_loss, 1e-4);
        }
        assert_memory_equal(r[0].mlp->params, r[2].mlp->params, r[0].mlp->n_floats * sizeof(float));
        assert_true(mlp_predict(r[0].mlp, &d.rows, arena, proba[0], CLASSES, &err));
        assert_true(mlp_predict(r[0].mlp, &d.floats, arena, proba[1], CLASSES, &err));
        for (int p = 0; p < ROWS * CLASSES; p++)
            check_close("prediction", (double)proba[0][p], (double)proba[1][p], 1e-5);
        Rows one = d.rows;
        one.n_rows = 1;
        assert_true(mlp_predict(r[0].mlp, &one, arena, proba[1], CLASSES, &err));
        assert_memory_equal(proba[0], proba[1], CLASSES * sizeof(float));
        if (o.members == 1) assert_memory_equal(proba[0], r[0].proba, sizeof proba[0]);
        arena_destroy(arena);
    }
}

/* The loss falls as the gradient says: an independent check, which knows no other form of the rows. */
static void gradients_agree_with_differences(void **state)
{
    (void)state;
    static Data d;
    TrainOptions o;
    make(&d);
    assert_true(way(1, &o));
    o.batch_size = ROWS;
    Arena *arena = arena_create(0);
    Trainer *t;
    assert_true(trainer_create(&o, &d.rows, 5, 0, arena, &t, NULL));
    const size_t n = (size_t)D * (size_t)mlp_pad(20); /* the first layer's weights alone */
    float *start = ARENA_NEW(arena, float, n), *grad = ARENA_NEW(arena, float, n), *v = ARENA_NEW(arena, float, n);
    memcpy(start, trainer_weights(t, 0), n * sizeof *start);
    trainer_gather(t, &d.rows, d.index, d.labels, ROWS, 3);
    trainer_gradient(t, ROWS, d.labels, 3);
    memcpy(grad, t->grad + (trainer_weights(t, 0) - t->params), n * sizeof *grad);
    Rng rng = rng_stream(23, 0, RNG_TEST);
    for (int direction = 0; direction < 4; direction++) {
        double want = 0, length = 0, slope[2];
        for (size_t i = 0; i < n; i++) v[i] = i % 32 < 20 ? (float)rng_normal(&rng) : 0;
        for (size_t i = 0; i < n; i++) length += (double)v[i] * (double)v[i];
        for (size_t i = 0; i < n; i++) want += (double)v[i] * (double)grad[i] / sqrt(length);
        for (int k = 0; k < 2; k++) {
            const double h = k ? 0.02 : 0.04;
            double side[2];
            for (int s = 0; s < 2; s++) {
                for (size_t i = 0; i < n; i++)
                    trainer_weights(t, 0)[i] = (float)((double)start[i] + (s ? h : -h) * (double)v[i] / sqrt(length));
                side[s] = trainer_gradient(t, ROWS, d.labels, 3);
            }
            slope[k] = (side[1] - side[0]) / (2 * h);
        }
        check_close("slope", (4 * slope[1] - slope[0]) / 3, want, 1e-4);
    }
    arena_destroy(arena);
}

int main(void)
{
    mat_init(NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_the_same_in_both_forms),
        cmocka_unit_test(products_are_those_of_the_floats),
        cmocka_unit_test(gradients_are_those_of_the_floats),
        cmocka_unit_test(gradients_agree_with_differences),
        cmocka_unit_test(runs_are_those_of_the_floats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
