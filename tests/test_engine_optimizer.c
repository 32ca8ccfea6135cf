#include "tests/test_engine.h"

#include "engine/schedule.h"
#include "engine/trainer.h"
#include "tests/golden/engine_torch.h"

#include <string.h>

enum { LONG = 16 * 135 }; /* more than two of the chunks it works in, the last one short */

static void matches_pytorch(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof golden_optimizer / sizeof *golden_optimizer; k++) {
        OptimizerStep step = golden_optimizer[k].step;
        static float w[LONG], g[LONG], m[LONG], v[LONG];
        for (int i = 0; i < LONG; i++) {
            w[i] = (float)sin(i % 16);
            m[i] = v[i] = 0;
        }
        bool needs_m = optimizer_needs_m(step.kind, step.momentum);
        for (int t = 0; t < 10; t++) {
            double squares = 0;
            for (int i = 0; i < LONG; i++) {
                int j = i % 16;
                g[i] = (float)(sin(1 + 0.9 * t + 0.3 * j) * ldexp(1, j % 5 - 2));
                squares += (double)g[i] * (double)g[i];
            }
            step.step = t + 1;
            double got = optimizer_update(&step, LONG, w, g, needs_m ? m : NULL,
                                          optimizer_needs_v(step.kind) ? v : NULL);
            check_close("sum of squares", got, squares, 1e-9 * squares);
            check_close("the same alone", optimizer_sum_squares(LONG, g), got, 1e-9 * squares);
        }
        for (int i = 0; i < LONG; i++) {
            char what[60];
            snprintf(what, sizeof what, "golden %zu, weight %d", k, i);
            check_close(what, (double)w[i], golden_optimizer[k].w[i % 16], 3e-6);
        }
    }
}

static void penalties_match_their_definition(void **state)
{
    (void)state;
    float w[32], g[32] = {0};
    double size = 0, square = 0;
    for (int i = 0; i < 32; i++) {
        w[i] = i == 5 ? 0 : (float)sin(i + 1);
        size += fabs((double)w[i]);
        square += (double)w[i] * (double)w[i];
    }
    check_close("penalty", optimizer_penalty(32, w, g, 0.3, 0.2), 0.3 * size + 0.1 * square, 1e-12);
    for (int i = 0; i < 32; i++)
        check_close("gradient", (double)g[i],
                    0.3 * ((w[i] > 0) - (w[i] < 0)) + 0.2 * (double)w[i], 1e-7);
}

/* Whole networks, six steps: layers, loss, penalties, clipping and optimizer together. */
static void networks_match_pytorch(void **state)
{
    (void)state;
    float x[8 * 5];
    int32_t labels[8], index[8];
    for (int i = 0; i < 40; i++) x[i] = (float)sin(0.37 * i);
    for (int i = 0; i < 8; i++) labels[i] = i % 3, index[i] = i;
    const Rows rows = {.n_rows = 8, .n_features = 5, .n_classes = 3, .labels = labels, .x = x, .ld = 5};
    for (size_t k = 0; k < sizeof golden_network / sizeof *golden_network; k++) {
        TrainOptions o = default_options();
        const TrainOptions *g = &golden_network[k].options;
        o.hidden = (IntList){2, {7, 6}};
        o.activation = g->activation;
        o.optimizer = g->optimizer;
        o.momentum = g->momentum;
        o.nesterov = g->nesterov;
        o.l1 = g->l1;
        o.l2 = g->l2;
        o.weight_decay = g->weight_decay;
        o.clip_norm = g->clip_norm;
        o.label_smoothing = g->label_smoothing;
        Arena *arena = arena_create(0);
        Trainer *t;
        Error err;
        if (!trainer_create(&o, &rows, 1, 0, arena, &t, &err)) fail_msg("%s", err.message);
        for (int l = 0; l < 3; l++) {
            MlpLayer layer = mlp_layer(&t->mlp, l);
            int in = t->mlp.width[l], out = t->mlp.width[l + 1];
            for (int i = 0; i < in * out; i++)
                layer.w[i / out * layer.ld + i % out] = (float)(0.8 * sin(l + 0.61 * i));
            for (int j = 0; j < out; j++) layer.b[j] = (float)(0.1 * sin(l + j));
        }
        char what[100];
        for (int s = 0; s < 6; s++) {
            trainer_gather(t, &rows, index, labels, 8, s);
            double loss = trainer_gradient(t, 8, labels, s);
            loss += trainer_penalty(t);
            trainer_update(t, 0.02, s);
            snprintf(what, sizeof what, "network %zu (%s), loss of step %d", k,
                     activation_names[o.activation], s);
            check_close(what, loss, golden_network[k].loss[s], 1e-5);
        }
        const double *want = golden_network[k].params;
        for (int l = 0; l < 3; l++) {
            MlpLayer layer = mlp_layer(&t->mlp, l);
            int in = t->mlp.width[l], out = t->mlp.width[l + 1];
            for (int i = 0; i <= in; i++) /* the bias is the last row */
                for (int j = 0; j < layer.ld; j++) {
                    snprintf(what, sizeof what, "network %zu, layer %d, weight (%d, %d)", k, l, i, j);
                    if (j < out)
                        check_close(what, (double)layer.w[i * layer.ld + j], *want++, 2e-5);
                    else
                        check_close(what, (double)layer.w[i * layer.ld + j], 0, 0); /* padding */
                }
        }
        arena_destroy(arena);
    }
}

static void schedules_start_and_end_where_they_should(void **state)
{
    (void)state;
    enum { PER_EPOCH = 10, EPOCHS = 20, LAST = PER_EPOCH * EPOCHS - 1 };
    TrainOptions o = default_options();
    o.epochs = EPOCHS;
    o.learning_rate = 0.5;
    o.lr_step_epochs = 4;
    o.lr_decay = 0.1;
    static const struct {
        ScheduleKind kind;
        double final, first, middle, last; /* as shares of the rate; middle: step 100 */
    } want[] = {
        {SCHEDULE_CONSTANT, 0, 1, 1, 1},
        {SCHEDULE_STEP, 0, 1, 0.01, 1e-4},
        {SCHEDULE_EXPONENTIAL, 0, 1, 0.0031622776601683794, 1.0592537251772887e-05},
        {SCHEDULE_COSINE, 0, 1, 0.5, 6.168375916970614e-05},
        {SCHEDULE_COSINE, 0.2, 1, 0.6, 0.20004934700733576},
        {SCHEDULE_COSLOG4, 0, 0, 0.9045084971874736, 0.00045342501663738},
        {SCHEDULE_ONECYCLE, 0, 1.0 / 25, 0.8117449009293668, 1.2588e-4},
    };
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        const char *name = schedule_names[want[i].kind];
        o.schedule = want[i].kind;
        o.lr_final = want[i].final;
        o.warmup_epochs = 0;
        check_close(name, schedule_rate(&o, PER_EPOCH, 0), 0.5 * want[i].first, 1e-12);
        if (want[i].kind != SCHEDULE_COSLOG4)
            check_close(name, schedule_rate(&o, PER_EPOCH, 100), 0.5 * want[i].middle, 1e-9);
        check_close(name, schedule_rate(&o, PER_EPOCH, LAST), 0.5 * want[i].last, 1e-6);
        o.warmup_epochs = 2.5; /* 25 steps, then the schedule from its start */
        if (want[i].kind == SCHEDULE_ONECYCLE) {
            check_close(name, schedule_rate(&o, PER_EPOCH, 25), 0.5, 1e-12);
            continue;
        }
        check_close(name, schedule_rate(&o, PER_EPOCH, 0), 0.5 / 25, 1e-12);
        check_close(name, schedule_rate(&o, PER_EPOCH, 24), 0.5, 1e-12);
        check_close(name, schedule_rate(&o, PER_EPOCH, 25), 0.5 * want[i].first, 1e-12);
        for (int s = 0; s <= LAST; s++) {
            double rate = schedule_rate(&o, PER_EPOCH, s);
            assert_true(rate >= 0 && rate <= 0.5);
        }
    }
    /* coslog4: zero at the cycle ends 1/15, 3/15, 7/15 and highest between them */
    o.schedule = SCHEDULE_COSLOG4;
    o.lr_final = o.warmup_epochs = 0;
    o.epochs = 15;
    check_close("first end", schedule_rate(&o, 100, 100), 0, 1e-12);
    check_close("second end", schedule_rate(&o, 100, 300), 0, 1e-12);
    check_close("third end", schedule_rate(&o, 100, 700), 0, 1e-12);
    check_close("a peak", schedule_rate(&o, 10000, (long)((sqrt(2) * 2 - 1) * 10000)), 0.5, 1e-6);
    /* steps fall on epoch borders, whatever rounding does */
    o.schedule = SCHEDULE_STEP;
    o.lr_step_epochs = 0.1;
    o.lr_decay = 0.5;
    check_close("stairs", schedule_rate(&o, 10, 3), 0.5 / 8, 1e-12);
    /* a warm-up longer than the run never falls */
    o.warmup_epochs = 1000;
    for (int s = 1; s < 150; s++)
        assert_true(schedule_rate(&o, 10, s) > schedule_rate(&o, 10, s - 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_pytorch),
        cmocka_unit_test(penalties_match_their_definition),
        cmocka_unit_test(networks_match_pytorch),
        cmocka_unit_test(schedules_start_and_end_where_they_should),
    };
    (void)golden_points, (void)golden_activation, (void)golden_loss;
    mat_init(NULL);
    return cmocka_run_group_tests_name("engine/optimizer", tests, NULL, NULL);
}
