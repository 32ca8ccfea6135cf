/* Losses and links of all tasks: gradients are those of differences, both sides agree on what an output means, and what
 * a link promises holds however wild the outputs are. */
#include "tests/test_engine.h"

#include <string.h>

#include "engine/task.h"

enum { ROWS = 40, T = 3, Q = 4, MOST = T * Q, LD = 16, K = 5 };

static const double quantiles[Q] = {0.05, 0.3, 0.5, 0.95};
static const Target targets[T] = {
    {.name = "a", .unit = 1, .shift = 3, .scale = 2, .logs = true, .log_shift = 1, .log_scale = 0.5, .log_mean = 1.2},
    {.name = "b", .unit = 1, .shift = 100, .scale = 40, .logs = true, .log_offset = 1, .log_shift = 4, .log_scale = 1, .log_mean = 4.6},
    {.name = "c", .origin = 2000, .unit = 8, .shift = 2000, .scale = 8, .logs = true, .log_shift = 7.6, .log_scale = 0.01, .log_mean = 7.6},
};

typedef struct {
    Task task;
    Loss loss;
    int outputs, values, n_classes;
    float z[ROWS * LD], u[ROWS * T], weight[ROWS];
    int32_t labels[ROWS];
    Truth truth;
} Case;

static void make(LossKind kind, bool weights, bool missing, Case *c)
{
    Rng rng = rng_stream(21, (uint32_t)kind, RNG_TEST);
    *c = (Case){.n_classes = kind == LOSS_CUMULATIVE ? K : 0};
    c->task = (Task){.kind = kind == LOSS_CUMULATIVE ? TASK_ORDERED : kind == LOSS_BINARY ? TASK_LABELS : TASK_NUMBERS,
                     .n_targets = kind == LOSS_CUMULATIVE ? 0 : T, .targets = targets};
    if (kind == LOSS_QUANTILES) c->task.n_quantiles = Q, c->task.quantiles = quantiles;
    c->loss = (Loss){.n_classes = c->n_classes, .task = &c->task, .kind = (int)kind, .delta = 0.7f};
    c->outputs = task_outputs(&c->task, c->n_classes);
    c->values = task_values(&c->task, c->n_classes);
    for (int i = 0; i < ROWS * LD; i++) c->z[i] = (float)(1.5 * rng_normal(&rng)); /* the padding holds anything */
    for (int i = 0; i < ROWS * T; i++) {
        c->u[i] = kind == LOSS_BINARY ? (float)rng_below(&rng, 2) : (float)rng_normal(&rng);
        if (kind == LOSS_POISSON) c->u[i] = (float)rng_below(&rng, 4) / 2;
        if (missing && rng_below(&rng, 5) == 0) c->u[i] = NAN;
    }
    for (int i = 0; i < ROWS; i++) {
        c->labels[i] = (int32_t)rng_below(&rng, K);
        c->weight[i] = (float)rng_uniform(&rng) * 2;
    }
    c->truth = (Truth){.labels = c->labels, .u = c->u, .weight = weights ? c->weight : NULL};
}

static double value_at(const Case *c, const float *z, float *gradient)
{
    memcpy(gradient, z, sizeof c->z);
    return loss_row((LossKind)c->loss.kind)->gradient(&c->loss, &c->truth, ROWS, LD, gradient);
}

/* One output of one row moved either way. Kinks of absolute and pinball losses are where a difference is none: there
 * the two one-sided ones differ, and the gradient must lie between them. */
static void check_gradient(const char *name, Case *c)
{
    static float gradient[ROWS * LD], other[ROWS * LD], z[ROWS * LD];
    const double h = 1.0 / 256;
    const double at = value_at(c, c->z, gradient);
    for (int r = 0; r < ROWS; r++)
        for (int k = 0; k < LD; k++) {
            const int i = r * LD + k;
            double side[4];
            if (k >= c->outputs) {
                assert_true(gradient[i] == 0);
                continue;
            }
            for (int s = 0; s < 4; s++) {
                memcpy(z, c->z, sizeof z);
                z[i] += (float)((s % 2 ? h : -h) * (s < 2 ? 1 : 2));
                side[s] = value_at(c, z, other);
            }
            double below = (at - side[2]) / (2 * h), above = (side[3] - at) / (2 * h);
            double near = (side[1] - side[0]) / (2 * h), far = (side[3] - side[2]) / (4 * h);
            double want = (4 * near - far) / 3, got = (double)gradient[i];
            if (fabs(above - below) > 1e-5 && (c->loss.kind == LOSS_ABSOLUTE || c->loss.kind == LOSS_QUANTILES
                                               || c->loss.kind == LOSS_HUBER)) {
                assert_true(got >= fmin(above, below) - 1e-5 && got <= fmax(above, below) + 1e-5);
                continue;
            }
            if (fabs(got - want) > 2e-6 + 1e-4 * fabs(want))
                fail_msg("%s, row %d, output %d: gradient %.9g, difference %.9g", name, r, k, got, want);
        }
}

static const struct {
    const char *name;
    LossKind kind;
} losses[] = {{"squared", LOSS_SQUARED}, {"absolute", LOSS_ABSOLUTE}, {"huber", LOSS_HUBER}, {"log", LOSS_LOG},
              {"poisson", LOSS_POISSON}, {"quantiles", LOSS_QUANTILES}, {"binary", LOSS_BINARY},
              {"cumulative", LOSS_CUMULATIVE}};
enum { N_LOSSES = sizeof losses / sizeof *losses };

static void gradients_are_differences(void **state)
{
    (void)state;
    static const float class_weight[K] = {0.5f, 1, 2, 1, 0.25f};
    static Case c;
    for (int l = 0; l < N_LOSSES; l++) {
        make(losses[l].kind, false, false, &c);
        check_gradient(losses[l].name, &c);
        make(losses[l].kind, true, true, &c);
        if (losses[l].kind == LOSS_CUMULATIVE) c.loss.class_weight = class_weight;
        check_gradient(losses[l].name, &c);
    }
}

/* What training says a batch costs is what its predictions cost. */
static void both_sides_agree(void **state)
{
    (void)state;
    static Case c;
    static float other[ROWS * LD];
    for (int l = 0; l < N_LOSSES; l++)
        for (int missing = 0; missing < 2; missing++) {
            const LossRow *row = loss_row(losses[l].kind);
            make(losses[l].kind, false, missing, &c);
            double sum = 0, want = value_at(&c, c.z, other);
            for (int r = 0; r < ROWS; r++) {
                float values[MOST];
                link_row(row->link, &c.task, c.n_classes, c.z + r * LD, values);
                if (row->of_values) sum += row->of_values(&c.loss, values, c.u + r * T) / ROWS;
                else sum -= log((double)values[c.labels[r]]) / ROWS;
            }
            check_close(losses[l].name, sum, want, 2e-5 * fmax(1, want));
        }
}

/* Targets in units of learning come back through the link. */
static void links_undo_learning(void **state)
{
    (void)state;
    static const double y[T] = {5.5, 17, 2003};
    const LossKind kinds[] = {LOSS_SQUARED, LOSS_LOG, LOSS_POISSON};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const Task task = {.kind = TASK_NUMBERS, .n_targets = T, .targets = targets};
        float z[T], values[T];
        for (int t = 0; t < T; t++) {
            double u = task_learned(&task, t, kinds[i], y[t]);
            z[t] = (float)(kinds[i] == LOSS_POISSON ? log(u) : u);
        }
        link_row(loss_row(kinds[i])->link, &task, 0, z, values);
        for (int t = 0; t < T; t++)
            check_close(targets[t].name, task_number(&task, t, (double)values[t]), y[t], 2e-5 * y[t]);
    }
}

static float wild(Rng *rng)
{
    static const float scale[] = {1, 10, 100, 1e4f, 1e30f};
    return (float)rng_normal(rng) * scale[rng_below(rng, 5)];
}

static void quantiles_never_cross(void **state)
{
    (void)state;
    const Task task = {.kind = TASK_NUMBERS, .n_targets = T, .targets = targets, .n_quantiles = Q, .quantiles = quantiles};
    Rng rng = rng_stream(22, 0, RNG_TEST);
    for (int i = 0; i < 20000; i++) {
        float z[MOST], out[MOST];
        for (int k = 0; k < MOST; k++) z[k] = wild(&rng);
        link_row(LINK_QUANTILES, &task, 0, z, out);
        for (int t = 0; t < T; t++)
            for (int q = 1; q < Q; q++)
                if (!(out[t * Q + q] >= out[t * Q + q - 1])) fail_msg("draw %d: %g < %g", i, (double)out[t * Q + q], (double)out[t * Q + q - 1]);
    }
}

static void probabilities_are_some(void **state)
{
    (void)state;
    Rng rng = rng_stream(23, 0, RNG_TEST);
    for (int i = 0; i < 20000; i++) {
        const int k = 2 + (int)rng_below(&rng, 12);
        const Task task = {.kind = TASK_ORDERED};
        float z[16], out[16];
        double sum = 0;
        for (int c = 0; c < k; c++) z[c] = wild(&rng);
        link_row(LINK_CUMULATIVE, &task, k, z, out);
        for (int c = 0; c < k; c++) {
            if (!(out[c] >= 0 && out[c] <= 1)) fail_msg("draw %d: %g", i, (double)out[c]);
            sum += (double)out[c];
        }
        check_close("sum", sum, 1, 1e-6);
        const Task labels = {.kind = TASK_LABELS, .n_targets = T, .targets = targets};
        link_row(LINK_SIGMOID, &labels, 0, z, out);
        for (int t = 0; t < (k < T ? k : T); t++) assert_true(out[t] >= 0 && out[t] <= 1);
    }
}

/* However wild the outputs, a step is a finite one. */
static void gradients_stay_finite(void **state)
{
    (void)state;
    static Case c;
    static float gradient[ROWS * LD];
    for (int l = 0; l < N_LOSSES; l++) {
        Rng rng = rng_stream(24, (uint32_t)l, RNG_TEST);
        make(losses[l].kind, true, true, &c);
        for (int draw = 0; draw < 50; draw++) {
            for (int i = 0; i < ROWS * LD; i++) c.z[i] = (float)rng_normal(&rng) * (draw % 2 ? 1e3f : 60);
            double value = value_at(&c, c.z, gradient);
            if (!isfinite(value)) fail_msg("%s: loss %g", losses[l].name, value);
            for (int i = 0; i < ROWS * LD; i++)
                if (!isfinite(gradient[i])) fail_msg("%s: gradient %g", losses[l].name, (double)gradient[i]);
        }
    }
}

/* A row without any truth teaches nothing. */
static void unknown_teaches_nothing(void **state)
{
    (void)state;
    static Case c;
    static float gradient[ROWS * LD];
    for (int l = 0; l + 1 < N_LOSSES; l++) {
        make(losses[l].kind, true, false, &c);
        for (int t = 0; t < T; t++) c.u[7 * T + t] = NAN;
        value_at(&c, c.z, gradient);
        for (int k = 0; k < LD; k++) assert_true(gradient[7 * LD + k] == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_are_differences),
        cmocka_unit_test(both_sides_agree),
        cmocka_unit_test(links_undo_learning),
        cmocka_unit_test(quantiles_never_cross),
        cmocka_unit_test(probabilities_are_some),
        cmocka_unit_test(gradients_stay_finite),
        cmocka_unit_test(unknown_teaches_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
