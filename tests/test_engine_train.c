#include "tests/test_engine.h"

#include "engine/mlp_forward.h"
#include "engine/trainer.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    Arena *arena;
    size_t used[512];
    int n, stop_at;
    EpochVerdict verdict;
    EpochRecord records[512];
} Watch;

static EpochVerdict watch(void *context, const EpochRecord *record)
{
    Watch *w = context;
    w->used[w->n] = arena_used(w->arena);
    w->records[w->n++] = *record;
    return w->stop_at > 0 && record->epoch >= w->stop_at ? w->verdict : EPOCH_CONTINUE;
}

static TrainOptions quick(int epochs)
{
    TrainOptions o = default_options();
    o.hidden = (IntList){2, {32, 32}};
    o.learning_rate = 0.02;
    o.batch_size = 32;
    o.epochs = epochs;
    return o;
}

static void train(const TrainOptions *o, const Rows *rows, const Rows *valid, TrainRun run,
                  Arena *arena, TrainResult *out)
{
    Error err;
    if (!train_network(o, rows, valid, &run, arena, out, &err)) fail_msg("%s", err.message);
}

static void learns_spirals_and_xor(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Rows rows = spirals(300, 1, arena), valid = spirals(100, 2, arena);
    TrainResult r;
    for (int a = 0; a < ACTIVATION_COUNT; a++) {
        TrainOptions o = quick(100);
        o.batch_size = 16;
        o.activation = a;
        if (a == ACT_SIGMOID) o.learning_rate = 0.05;
        train(&o, &rows, &valid, (TrainRun){.seed = 1, .metric = METRIC_ACCURACY, .positive = -1},
              arena, &r);
        if (!(r.score > 0.95)) fail_msg("%s: accuracy %g", activation_names[a], r.score);
        assert_int_equal(r.outcome, RUN_COMPLETE);
    }
    for (int k = 0; k <= OPT_ADAMW; k++) {
        TrainOptions o = quick(100);
        o.optimizer = k;
        if (k == OPT_SGD) o.learning_rate = 0.1;
        if (k == OPT_RMSPROP) o.learning_rate = 0.003;
        train(&o, &rows, &valid, (TrainRun){.seed = 1, .metric = METRIC_ACCURACY, .positive = -1},
              arena, &r);
        if (!(r.score > 0.95)) fail_msg("%s: accuracy %g", optimizer_names[k], r.score);
    }
    /* Four rows and a batch of 64: n < batch, and no validation rows. */
    const float x[] = {0, 0, 0, 1, 1, 0, 1, 1};
    const int32_t labels[] = {0, 1, 1, 0};
    const Rows tiny = {.n_rows = 4, .n_features = 2, .n_classes = 2, .labels = labels, .x = x, .ld = 2};
    TrainOptions o = quick(200);
    o.batch_size = 64;
    train(&o, &tiny, NULL, (TrainRun){.seed = 1, .metric = METRIC_ACCURACY}, arena, &r);
    assert_int_equal(r.best_epoch, 200);
    assert_true(isnan(r.score) && r.proba == NULL);
    float proba[8];
    assert_true(mlp_predict(r.mlp, &tiny, arena, proba, 2, NULL));
    for (int i = 0; i < 4; i++) assert_true(proba[2 * i + labels[i]] > 0.9f);
    arena_destroy(arena);
}

static void the_last_short_batch_is_trained_on(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    /* 33 rows in batches of 32: the last batch is one row. */
    Rows rows = spirals(33, 4, arena);
    TrainOptions o = quick(40);
    TrainResult r;
    Watch w = {.arena = arena};
    o.dropout = 0.2;
    o.activation = ACT_MISH;
    train(&o, &rows, &rows, (TrainRun){.seed = 3, .metric = METRIC_LOG_LOSS, .on_epoch = watch, .context = &w},
          arena, &r);
    assert_int_equal(r.n_epochs, 40);
    assert_true(r.curve[39].train_loss < r.curve[0].train_loss);
    o.batch_size = 1;
    train(&o, &rows, &rows, (TrainRun){.seed = 3, .metric = METRIC_LOG_LOSS}, arena, &r);
    assert_int_equal(r.outcome, RUN_COMPLETE);
    arena_destroy(arena);
}

/* Few rows are divided into several steps. */
static void batches_leave_an_epoch_its_steps(void **state)
{
    (void)state;
    static const struct {
        int rows, asked, steps, batch;
    } cases[] = {{4000, 256, 8, 256}, {2048, 256, 8, 256}, {2047, 256, 8, 255}, {400, 256, 8, 50}, {400, 32, 8, 32},
                 {100, 256, 8, 16}, {9, 256, 8, 9}, {9, 4, 8, 4}, {400, 256, 0, 256}, {400, 512, 0, 400},
                 {9, 256, 0, 9}, {400, 256, 1, 256}, {400, 256, 3, 133}, {400, 256, 1000, 16}, {400, 8, 1000, 8}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const TrainOptions options = {.batch_size = cases[i].asked, .min_steps = cases[i].steps};
        assert_int_equal(train_batch(&options, cases[i].rows), cases[i].batch);
    }
    Arena *arena = arena_create(0);
    Rows rows = spirals(200, 1, arena);
    TrainOptions o = quick(1);
    Trainer *t;
    o.batch_size = 64;
    assert_int_equal(o.min_steps, 8);
    assert_true(trainer_create(&o, &rows, 1, 0, arena, &t, NULL));
    assert_int_equal(t->batch, 25);
    o.min_steps = 0;
    assert_true(trainer_create(&o, &rows, 1, 0, arena, &t, NULL));
    assert_int_equal(t->batch, 64);
    arena_destroy(arena);
}

static void the_best_epoch_is_the_result(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Rows rows = spirals(150, 1, arena), valid = spirals(90, 2, arena);
    int32_t *noisy = ARENA_NEW(arena, int32_t, 90); /* what is learned well in the end hurts here */
    for (int i = 0; i < 90; i++) noisy[i] = i % 4 == 0 ? 1 - valid.labels[i] : valid.labels[i];
    valid.labels = noisy;
    const MetricId ids[] = {METRIC_LOSS, METRIC_ACCURACY, METRIC_F1_MACRO, METRIC_ROC_AUC, METRIC_BRIER};
    int before_the_last = 0;
    for (size_t k = 0; k < sizeof ids / sizeof *ids; k++) {
        TrainOptions o = quick(30);
        o.learning_rate = 0.05; /* restless, so that the last epoch is not the best */
        o.schedule = SCHEDULE_CONSTANT;
        TrainResult r;
        Watch w = {.arena = arena};
        train(&o, &rows, &valid,
              (TrainRun){.seed = 9, .metric = ids[k], .positive = -1, .on_epoch = watch, .context = &w},
              arena, &r);
        int best = 0;
        for (int e = 0; e < w.n; e++) {
            double a = w.records[e].val_metric, b = w.records[best].val_metric;
            if (metric_larger_is_better(ids[k]) ? a >= b : a <= b) best = e;
            assert_memory_equal(&w.records[e], &r.curve[e], sizeof *r.curve);
        }
        assert_int_equal(r.best_epoch, best + 1);
        before_the_last += r.best_epoch < r.n_epochs;
        assert_true(r.score == w.records[best].val_metric);
        /* The weights are those of that epoch: they predict what was kept, bit for bit. */
        float *proba = ARENA_NEW(arena, float, 180);
        assert_true(mlp_predict(r.mlp, &valid, arena, proba, 2, NULL));
        assert_memory_equal(proba, r.proba, 180 * sizeof *proba);
        Metrics m;
        assert_true(metrics_create(2, arena, &m, NULL));
        metrics_compute(90, r.proba, 2, valid.labels, -1, METRICS_ALL,
                        arena_alloc(arena, metrics_scratch_bytes(90), 1), &m);
        check_close("score", m.value[ids[k]], r.score, ids[k] == METRIC_LOSS ? 1e-6 : 0);
    }
    assert_true(before_the_last >= 3);
    arena_destroy(arena);
}

static void same_seed_same_bits(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Rows rows = spirals(200, 1, arena), valid = spirals(100, 2, arena);
    TrainOptions o = quick(5);
    o.dropout = 0.2;
    o.input_dropout = 0.1;
    o.augment.noise = 0.05;
    TrainResult r[4];
    const uint64_t seeds[4] = {7, 7, 8, 7};
    const uint32_t streams[4] = {1, 1, 1, 2};
    for (int i = 0; i < 4; i++) {
        train(&o, &rows, &valid,
              (TrainRun){.seed = seeds[i], .stream = streams[i], .metric = METRIC_LOSS}, arena, &r[i]);
    }
    size_t bytes = r[0].mlp->n_floats * sizeof(float);
    assert_memory_equal(r[0].mlp->params, r[1].mlp->params, bytes);
    assert_memory_equal(r[0].proba, r[1].proba, 200 * sizeof(float));
    assert_true(memcmp(r[0].mlp->params, r[2].mlp->params, bytes) != 0);
    assert_true(memcmp(r[0].mlp->params, r[3].mlp->params, bytes) != 0);
    /* Each kind of chance is a stream of its own: other dropout and batches, same first weights. */
    o.epochs = 1;
    o.learning_rate = 1e-30;
    o.weight_decay = 0;
    train(&o, &rows, NULL, (TrainRun){.seed = 7}, arena, &r[0]);
    o.dropout = o.input_dropout = 0;
    o.batch_size = 7;
    train(&o, &rows, NULL, (TrainRun){.seed = 7}, arena, &r[1]);
    for (int l = 0; l < 3; l++) {
        MlpLayer one = mlp_layer(r[0].mlp, l), other = mlp_layer(r[1].mlp, l);
        size_t n = (size_t)r[0].mlp->width[l] * (size_t)one.ld;
        assert_memory_equal(one.w, other.w, n * sizeof(float));
        if (l > 0) /* and a layer's are its own */
            assert_true(fabsf(one.w[0] / mlp_layer(r[0].mlp, 0).w[0] - one.w[1] / mlp_layer(r[0].mlp, 0).w[1]) > 1e-3f);
    }
    arena_destroy(arena);
}

static void the_loop_allocates_nothing(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Rows rows = spirals(300, 1, arena), valid = spirals(700, 2, arena);
    TrainOptions o = quick(4);
    o.dropout = 0.1;
    o.activation = ACT_GELU;
    size_t before = arena_used(arena);
    TrainResult r;
    Watch w = {.arena = arena};
    train(&o, &rows, &valid,
          (TrainRun){.seed = 1, .metric = METRIC_ROC_AUC, .positive = -1, .on_epoch = watch, .context = &w},
          arena, &r);
    for (int e = 0; e < w.n; e++) assert_int_equal(w.used[e], w.used[0]);
    assert_int_equal(arena_used(arena), w.used[0]);
    /* What train_bytes promises is what a run takes, up to the rounding of its blocks. */
    size_t took = arena_used(arena) - before, said = train_bytes(&o, &rows, 700, NULL, NULL);
    if (took > said || said > took + 8192) fail_msg("took %zu bytes, train_bytes says %zu", took, said);
    assert_true(train_bytes(&(TrainOptions){0}, &rows, 10, NULL, NULL) == SIZE_MAX);
    arena_destroy(arena);
}

static void divergence_names_its_place(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Rows rows = spirals(200, 1, arena), valid = spirals(100, 2, arena);
    TrainResult r;
    TrainOptions o = quick(20);
    o.optimizer = OPT_SGD;
    o.learning_rate = 100;
    o.schedule = SCHEDULE_CONSTANT;
    o.l2 = 1; /* w <- w (1 - 100): grows by 99 a step whatever the data */
    train(&o, &rows, &valid, (TrainRun){.seed = 1, .metric = METRIC_LOSS}, arena, &r);
    assert_int_equal(r.outcome, RUN_DIVERGED);
    int epoch, layer;
    long step;
    if (sscanf(r.why, "epoch %d, step %ld: layer %d: ", &epoch, &step, &layer) != 3)
        fail_msg("%s", r.why);
    assert_in_range(layer, 1, 3);
    assert_int_equal(epoch, r.n_epochs + 1);
    assert_true(r.n_epochs > 0 ? r.mlp != NULL : r.mlp == NULL);
    /* An input that is not finite is named as such. */
    float *x = ARENA_NEW(arena, float, 400);
    memcpy(x, rows.x, 400 * sizeof *x);
    x[77] = NAN;
    rows.x = x;
    o = quick(3);
    train(&o, &rows, &valid, (TrainRun){.seed = 1, .metric = METRIC_LOSS}, arena, &r);
    assert_int_equal(r.outcome, RUN_DIVERGED);
    assert_non_null(strstr(r.why, "epoch 1, step"));
    assert_non_null(strstr(r.why, "the input is nan"));
    assert_null(r.mlp);
    assert_true(isnan(r.score) && r.best_epoch == 0);
    /* A blow-up that only the validation rows see. */
    Rows clean = spirals(200, 1, arena);
    float *vx = ARENA_NEW(arena, float, 200);
    memcpy(vx, valid.x, 200 * sizeof *vx);
    vx[3] = INFINITY;
    valid.x = vx;
    train(&o, &clean, &valid, (TrainRun){.seed = 1, .metric = METRIC_LOSS}, arena, &r);
    assert_int_equal(r.outcome, RUN_DIVERGED);
    assert_string_equal(r.why, "epoch 1: the validation loss is not finite");
    arena_destroy(arena);
}

static void verdicts_and_patience_end_a_run(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Rows rows = spirals(200, 1, arena), valid = spirals(100, 2, arena);
    const EpochVerdict verdicts[] = {EPOCH_PRUNE, EPOCH_INTERRUPT, EPOCH_TIMEOUT};
    const RunOutcome outcomes[] = {RUN_PRUNED, RUN_INTERRUPTED, RUN_TIMEOUT};
    TrainResult r;
    for (int k = 0; k < 3; k++) {
        TrainOptions o = quick(10);
        Watch w = {.arena = arena, .stop_at = 3, .verdict = verdicts[k]};
        train(&o, &rows, &valid,
              (TrainRun){.seed = 1, .metric = METRIC_LOSS, .on_epoch = watch, .context = &w}, arena, &r);
        assert_int_equal(r.outcome, outcomes[k]);
        assert_int_equal(r.n_epochs, 3);
        assert_non_null(r.mlp);
        assert_non_null(run_outcome_names[outcomes[k]]);
    }
    /* Weights that cannot move: the metric stays, ties move the best epoch but not patience. */
    TrainOptions o = quick(50);
    o.learning_rate = 1e-30;
    o.weight_decay = 0;
    o.patience = 6;
    train(&o, &rows, &valid, (TrainRun){.seed = 1, .metric = METRIC_ACCURACY}, arena, &r);
    assert_int_equal(r.outcome, RUN_STOPPED_EARLY);
    assert_int_equal(r.n_epochs, 7);
    assert_int_equal(r.best_epoch, 7);
    o.patience = 0;
    train(&o, &rows, &valid, (TrainRun){.seed = 1, .metric = METRIC_ACCURACY}, arena, &r);
    assert_int_equal(r.outcome, RUN_COMPLETE);
    assert_int_equal(r.n_epochs, 50);
    /* A metric that cannot be computed (one class only) still ends with a network: the last. */
    int32_t *ones = ARENA_NEW(arena, int32_t, 100);
    for (int i = 0; i < 100; i++) ones[i] = 1;
    valid.labels = ones;
    o.epochs = 4;
    train(&o, &rows, &valid, (TrainRun){.seed = 1, .metric = METRIC_ROC_AUC}, arena, &r);
    assert_true(r.best_epoch == 4 && isnan(r.score));
    arena_destroy(arena);
}

static void class_weights_lift_the_rare_class(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    enum { N = 600 };
    float *x = ARENA_NEW(arena, float, N);
    int32_t *labels = ARENA_NEW(arena, int32_t, N);
    Rng rng = rng_stream(5, 0, RNG_TEST);
    for (int i = 0; i < N; i++) {
        labels[i] = i % 20 == 0;
        x[i] = (float)(rng_normal(&rng) + 1.5 * labels[i]);
    }
    Rows rows = {.n_rows = N, .n_features = 1, .n_classes = 2, .labels = labels, .x = x, .ld = 1};
    double recall[2];
    for (int k = 0; k < 2; k++) {
        TrainOptions o = quick(20);
        o.class_weight = k ? CLASS_WEIGHT_BALANCED : CLASS_WEIGHT_NONE;
        TrainResult r;
        train(&o, &rows, &rows, (TrainRun){.seed = 1, .metric = METRIC_BALANCED_ACCURACY}, arena, &r);
        recall[k] = r.score;
    }
    assert_true(recall[1] > recall[0] + 0.1);
    arena_destroy(arena);
}

static void refuses_what_cannot_be(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Rows good = spirals(20, 1, arena);
    const TrainRun run = {.metric = METRIC_LOSS};
    TrainResult r = {.n_epochs = -7};
    Error err = {ERR_NONE, ""};
#define REFUSES(change, text)                                                             \
    do {                                                                                  \
        Rows rows = good, valid = good;                                                   \
        TrainOptions o = quick(1);                                                        \
        (void)valid;                                                                      \
        change;                                                                           \
        assert_false(train_network(&o, &rows, &valid, &run, arena, &r, &err));            \
        if (!strstr(err.message, text)) fail_msg("%s, not %s", err.message, text);        \
        assert_int_equal(r.n_epochs, -7);                                                 \
    } while (0)
    const int32_t bad[20] = {0, 1, 2}, unknown[20] = {0, 1, -1};
    REFUSES(rows.n_rows = 0, "no training rows");
    REFUSES(rows.n_classes = 1, "at least 2");
    REFUSES(rows.labels = NULL, "no labels");
    REFUSES(rows.labels = bad, "training row 2");
    REFUSES(rows.labels = unknown, "training row 2");
    REFUSES(valid.labels = bad, "validation row 2");
    REFUSES(valid.labels = NULL, "no labels");
    REFUSES(valid.n_features = 3, "validation rows of 3 features");
    REFUSES(o.learning_rate = NAN, "learning_rate");
    REFUSES(o.dropout = 1, "dropout");
    REFUSES(o.batch_size = 0, "batch_size");
    REFUSES(o.epochs = -1, "epochs");
    REFUSES(o.hidden.items[1] = 0, "train.hidden");
    REFUSES(o.beta2 = 0.9999995, "beta2"); /* no file can ask for it: its limit is the table's */
    REFUSES(o.schedule = SCHEDULE_ONECYCLE + 1, "schedule");
    REFUSES(o.num_layers = 2, "both `hidden` and `num_layers`");
    REFUSES(o.width[2] = 5, "width_3 is set but num_layers is not");
    arena_destroy(arena);
}

static void both_ways_to_write_the_widths(void **state)
{
    (void)state;
    TrainOptions o = default_options();
    int widths[FIELD_LIST_MAX], n;
    Error err;
    assert_true(train_hidden(&o, widths, &n, NULL) && n == 1 && widths[0] == 128);
    o.num_layers = 2;
    o.width[0] = 30;
    assert_false(train_hidden(&o, widths, &n, &err));
    assert_int_equal(err.code, ERR_CONFIG);
    assert_non_null(strstr(err.message, "width_2 is not set"));
    o.width[1] = 20;
    o.width[2] = 10; /* not a layer: num_layers is 2 */
    assert_true(train_hidden(&o, widths, &n, NULL) && n == 2 && widths[0] == 30 && widths[1] == 20);
    o = default_options();
    o.hidden.n = 0;
    assert_true(train_hidden(&o, widths, &n, NULL) && n == 0);
    /* every field is documented, and the sections reach down */
    for (int i = 0; i < train_fields.n; i++) assert_true(strlen(train_fields.fields[i].help) > 10);
    assert_non_null(field_find(&train_fields, "augment.rotate_deg"));
    assert_non_null(field_find(&train_fields, "width_8"));
}

static void memory_failures_are_errors(void **state)
{
    (void)state;
    Arena *rows_arena = arena_create(0), *arena = arena_create(0);
    Rows rows = spirals(40, 1, rows_arena);
    TrainOptions o = quick(1);
    for (long n = 0;; n++) {
        TrainResult r = {.n_epochs = -7};
        Error err = {ERR_NONE, ""};
        arena_fail_after(arena, n);
        bool ok = train_network(&o, &rows, &rows, &(TrainRun){.metric = METRIC_LOSS}, arena, &r, &err);
        if (ok) break;
        assert_int_equal(err.code, ERR_MEMORY);
        assert_int_equal(r.n_epochs, -7);
        assert_true(n < 40);
        arena_reset(arena);
    }
    TrainResult r;
    arena_fail_after(arena, -1);
    train(&o, &rows, NULL, (TrainRun){.seed = 1}, arena, &r);
    for (long n = 0;; n++) {
        float proba[80];
        Error err = {ERR_NONE, ""};
        arena_fail_after(arena, n);
        if (mlp_predict(r.mlp, &rows, arena, proba, 2, &err)) break;
        assert_int_equal(err.code, ERR_MEMORY);
        assert_true(n < 10);
    }
    for (long n = 0;; n++) {
        Tensor tensors[2 * MLP_MAX_LAYERS];
        int count = 0;
        Error err = {ERR_NONE, ""};
        arena_fail_after(arena, n);
        if (mlp_to_tensors(r.mlp, "m", arena, tensors, &count, &err)) break;
        assert_int_equal(err.code, ERR_MEMORY);
        assert_int_equal(count, 0);
        assert_true(n < 20);
    }
    arena_destroy(arena);
    arena_destroy(rows_arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(learns_spirals_and_xor),
        cmocka_unit_test(the_last_short_batch_is_trained_on),
        cmocka_unit_test(batches_leave_an_epoch_its_steps),
        cmocka_unit_test(the_best_epoch_is_the_result),
        cmocka_unit_test(same_seed_same_bits),
        cmocka_unit_test(the_loop_allocates_nothing),
        cmocka_unit_test(divergence_names_its_place),
        cmocka_unit_test(verdicts_and_patience_end_a_run),
        cmocka_unit_test(class_weights_lift_the_rare_class),
        cmocka_unit_test(refuses_what_cannot_be),
        cmocka_unit_test(both_ways_to_write_the_widths),
        cmocka_unit_test(memory_failures_are_errors),
    };
    mat_init(NULL);
    return cmocka_run_group_tests_name("engine/train", tests, NULL, NULL);
}
