#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/mat.h"
#include "golden/priors.h"
#include "tuner/search/agreement.h"
#include "tuner/search/ask_tell.h"
#include "tuner/search/prior.h"
#include "tuner/search/samplers.h"
#include "tuner/search/transfer.h"

/* Priors against scipy's densities, and as densities; what earlier studies are worth. */

static Arena *arena;
enum { N_CASES = sizeof prior_cases / sizeof *prior_cases };

static Space *read_space(const char *parameters)
{
    Conf *conf;
    Space *space;
    Error err;
    char yaml[2000];
    snprintf(yaml, sizeof yaml, "parameters: {%s}\n", parameters);
    const char *copy = arena_copy(arena, yaml);
    if (!conf_read_text("t.yaml", copy, strlen(copy), arena, &conf, &err)
        || !space_read(conf_get(conf->root, "parameters"), NULL, NULL, arena, &space, &err))
        fail_msg("%s\n%s", yaml, err.message);
    return space;
}

static Space *case_space(int i)
{
    char yaml[500];
    snprintf(yaml, sizeof yaml, "x: {%s}", prior_cases[i].param);
    return read_space(yaml);
}

static void near(double got, double want, double within, const char *what, int i)
{
    if (!(fabs(got - want) <= within)) fail_msg("%s: %s %.12g, not %.12g", prior_cases[i].param, what, got,
                                                want);
}

static void test_scipy(void **state)
{
    (void)state;
    for (int i = 0; i < N_CASES; i++) {
        const Param *p = &case_space(i)->params[0];
        for (int k = 0; k < 5; k++) {
            near(param_log_prior(p, prior_u[k]), prior_cases[i].logs[k], 1e-9, "log density", i);
            near(param_prior_at(p, prior_v[k]), prior_cases[i].at[k], 1e-9, "quantile", i);
        }
        near(param_prior_mode(p), prior_cases[i].mode, 1e-9, "mode", i);
    }
}

/* It is a density, and quantiles are those of it. */
static void test_densities(void **state)
{
    (void)state;
    enum { N = 20000, BINS = 20 };
    for (int i = 0; i < N_CASES; i++) {
        const Param *p = &case_space(i)->params[0];
        double mass[BINS] = {0}, share[BINS] = {0}, sum = 0, gap = 0;
        for (int k = 0; k < N; k++) {
            const double u = (k + 0.5) / N, at = param_prior_at(p, u);
            const double density = exp(param_log_prior(p, u));
            assert_true(at >= 0 && at < 1 && isfinite(density));
            mass[(int)(u * BINS)] += density / N;
            share[(int)(at * BINS)] += 1.0 / N;
            sum += density / N;
        }
        near(sum, 1, 2e-3, "integral", i);
        /* A lattice's density is even over a cell, its quantiles are not; bins that cut cells differ by
         * that. */
        const bool steps = distribution_quantized(p->distribution);
        for (int b = 0; b < BINS; b++) {
            gap += mass[b] - share[b];
            near(gap, 0, steps ? 0.08 : 3e-3, "share below", i);
        }
    }
}

static void test_space(void **state)
{
    (void)state;
    Space *space = read_space("a: {min: 0.0, max: 1.0, prior: {value: 0.3, confidence: high}}, b: {min: 0.0, max: 1.0},"
                              " c: {values: [x, y], prior: y}, d: {min: 0.0, max: 1.0, prior: 0.9, when: c == x}");
    const Param *a = &space->params[0], *c = &space->params[2], *d = &space->params[3];
    double u[4] = {0.2, 0.5, 0.25, 0.7}, gradient[4] = {1, 1, 1, 1};
    bool active[4] = {true, true, true, true};
    assert_true(space_has_prior(space));
    near(space_log_prior(space, u, NULL), param_log_prior(a, 0.2) + param_log_prior(c,
        0.25) + param_log_prior(d, 0.7),
         1e-12, "sum", 0);
    near(space_add_log_prior(space, u, active, 2, gradient), 2 * space_log_prior(space, u, NULL), 1e-12,
         "weighed", 0);
    near(gradient[0] - 1, 2 * (param_log_prior(a, 0.2005) - param_log_prior(a, 0.1995)) / 0.001, 1e-3, "slope",
         0);
    assert_true(gradient[1] == 1 && gradient[2] == 1 && gradient[3] > 1);
    u[2] = 0.75; /* d does not apply */
    near(space_log_prior(space, u, NULL), param_log_prior(a, 0.2) + param_log_prior(c, 0.75), 1e-12, "sum", 0);
    space_prior_mode(space, u);
    assert_true(u[1] == 0.5 && u[2] == 0.75);
    assert_false(space_has_prior(read_space("a: {min: 0.0, max: 1.0}")));
}

/* ---- who is right ------------------------------------------------------------------------------------ */

static void test_agreement(void **state)
{
    (void)state;
    double against[40], y[40], alike[40];
    assert_true(fabs(agreement(12, agree_said, agree_y) - agree_weight) < 1e-12);
    assert_true(agreement(0, NULL, NULL) == AGREEMENT_OPINION);
    for (int i = 0; i < 40; i++) y[i] = i, against[i] = -i, alike[i] = 7;
    assert_true(agreement(40, y, y) > 0.9 && agreement(6, against, y) == 0);
    assert_true(agreement(40, alike, y) < 0.1); /* who says nothing is not right */
    y[3] = NAN;
    assert_true(agreement(40, against, y) == 0);
}

/* ---- searches ---------------------------------------------------------------------------------------- */

static double bowl(const double *u, double at)
{
    return pow(u[0] - at, 2) + pow(u[1] - at, 2) + pow(u[2] - at, 2);
}

typedef struct { double u[30][3], score[30]; char kind[30][16]; } Run;

static Run search(const Space *space, const char *method, const Transfer *transfer, double at, int n)
{
    Run run;
    AskTell *ask;
    Error err;
    Trace trace;
    AskResult result;
    Value values[3];
    int id;
    assert_true(ask_tell_create(space, sampler_find(method), 5, &ask, &err));
    ask_tell_transfer(ask, transfer);
    for (int i = 0; i < n; i++) {
        if (!ask_tell_ask(ask, &id, values, &trace, &result, &err)) fail_msg("%s", err.message);
        space_encode(space, values, run.u[i]);
        snprintf(run.kind[i], sizeof run.kind[i], "%s", trace.kind);
        run.score[i] = bowl(run.u[i], at);
        assert_true(ask_tell_told(ask, id, &(Told){.value = run.score[i], .share = 1}, &err));
    }
    ask_tell_destroy(ask);
    return run;
}

static const char plain[] = "a: {min: 0.0, max: 1.0}, b: {min: 0.0, max: 1.0}, c: {min: 0.0, max: 1.0}";
static const char guessed[] = "a: {min: 0.0, max: 1.0, prior: 0.3}, b: {min: 0.0, max: 1.0, prior: 0.3},"
                              " c: {min: 0.0, max: 1.0, prior: 0.3}";

/* Methods that learn begin with the mode; then, as random and qmc do throughout, every other one asks the
 * prior. */
static void test_first_points(void **state)
{
    (void)state;
    static const char *const methods[] = {"bayes", "tpe", "de", "qmc", "random", NULL};
    Space *space = read_space(guessed);
    for (int m = 0; methods[m]; m++) {
        const bool learns = sampler_find(methods[m])->learns;
        Run run = search(space, methods[m], NULL, 0.3, 6);
        for (int i = 0; i < 6; i++) {
            const bool asked = (learns && i == 0) || i % 2 == 1;
            assert_int_equal(strcmp(run.kind[i], sampler_prior) == 0, asked);
        }
        if (learns) assert_true(fabs(run.u[0][0] - 0.3) < 1e-6 && fabs(run.u[0][2] - 0.3) < 1e-6);
    }
    Run run = search(space, "cmaes", NULL, 0.3, 8);
    double mean = 0;
    for (int i = 0; i < 7; i++) mean += (run.u[i][0] + run.u[i][1] + run.u[i][2]) / 21;
    assert_true(mean < 0.42);
}

static double best_of(const Run *run, int n)
{
    double best = INFINITY;
    for (int i = 0; i < n; i++) best = fmin(best, run->score[i]);
    return best;
}

static Source source_of(const Run *run, int n, bool *known)
{
    known[0] = known[1] = known[2] = true;
    return (Source){n, run->u[0], run->score, known};
}

static void test_transfer(void **state)
{
    (void)state;
    Space *space = read_space(plain);
    bool known[3];
    const Run *there = arena_alloc(arena, 1, sizeof *there);
    *(Run *)there = search(space, "bayes", NULL, 0.35, 20);
    const Source source = source_of(there, 20, known);
    const Transfer transfer = {1, &source};
    const Run with = search(space, "bayes", &transfer, 0.3, 20), without = search(space, "bayes", NULL, 0.3,
        20);
    for (int i = 0; i < 8; i++) assert_int_equal(strcmp(with.kind[i], sampler_transfer) == 0,
                                                 i < TRANSFER_FIRST);
    int best = 0; /* the first is the best there */
    for (int i = 0; i < 20; i++)
        if (there->score[i] < there->score[best]) best = i;
    assert_memory_equal(with.u[0], there->u[best], sizeof with.u[0]);
    assert_true(best_of(&with, 6) < best_of(&without, 6));
    const Run again = search(space, "bayes", &transfer, 0.3, 20);
    assert_memory_equal(again.u, with.u, sizeof with.u[0] * 20);
    known[1] = false; /* then its coordinate is spread */
    Run copy = *there;
    for (int i = 0; i < 20; i++) copy.u[i][1] = 0.5;
    const Source half = {20, copy.u[0], copy.score, known};
    const Run other = search(space, "bayes", &(Transfer){1, &half}, 0.3, 10);
    assert_true(other.u[0][0] == copy.u[best][0] && other.u[0][1] != 0.5);
}

/* The expected surface: weighed by who is right, met by the model's means and gradients. */
static void test_surface(void **state)
{
    (void)state;
    Space *space = read_space(plain);
    bool known[3], active[3] = {true, true, true};
    Run *there = arena_alloc(arena, 2, sizeof *there);
    there[0] = search(space, "qmc", NULL, 0.3, 30);
    there[1] = there[0];
    for (int i = 0; i < 30; i++) there[1].score[i] = sin(40 * there[1].u[i][0]) + cos(60 * there[1].u[i][1]);
    const Source sources[2] = {source_of(&there[0], 30, known), source_of(&there[1], 30, known)};
    const Transfer transfer = {2, sources};
    const Ask ask = {.space = space, .seed = 1, .transfer = &transfer};
    const Run own = search(space, "random", NULL, 0.35, 25);
    const GpMean *mean, *later;
    Error err;
    assert_true(transfer_mean(&ask, 12, own.u[0], own.score, &mean, arena, &err));
    assert_true(transfer_weights(mean)[0] > 0.5 && transfer_weights(mean)[1] < 0.05);
    assert_true(transfer_mean(&ask, 25, own.u[0], own.score, &later, arena, &err));
    assert_true(transfer_weights(later)[0] < 0.5 * transfer_weights(mean)[0]); /* own trials know more by then */

    Gp *gp;
    const GpData data = {.space = space, .n = 8, .x = own.u[0], .y = own.score, .mean = mean};
    if (!gp_fit(&data, GP_TREND, arena, &gp, &err)) fail_msg("%s", err.message);
    double at, sigma, up, down, of_mean[3], of_sigma[3], u[3] = {0.31, 0.42, 0.77};
    gp_predict_gradient(gp, u, active, &at, &sigma, of_mean, of_sigma);
    gp_predict(gp, u, &up, &down);
    assert_true(fabs(up - at) < 1e-9 && fabs(down - sigma) < 1e-9);
    for (int k = 0; k < 3; k++) {
        double ahead[3] = {u[0], u[1], u[2]}, behind[3] = {u[0], u[1], u[2]}, ignored;
        ahead[k] += 1e-5, behind[k] -= 1e-5;
        gp_predict(gp, ahead, &up, &ignored);
        gp_predict(gp, behind, &down, &ignored);
        assert_true(fabs((up - down) / 2e-5 - of_mean[k]) < 1e-4 * (1 + fabs(of_mean[k])));
    }
    double believed;
    gp_predict(gp, u, &at, &sigma);
    assert_true(gp_believe(gp, u, at, arena, &err)); /* what is where it was expected pulls nowhere */
    gp_predict(gp, own.u[20], &believed, &sigma);
    Gp *other;
    double said[1], before;
    assert_true(gp_fit(&data, GP_TREND, arena, &other, &err));
    gp_predict(other, own.u[20], &before, &sigma);
    assert_true(fabs(believed - before) < 1e-6);
    assert_true(gp_believe_means(other, 1, u, said, arena, &err) && fabs(said[0] - at) < 1e-9);
}

static void test_memory(void **state)
{
    (void)state;
    Space *space = read_space(plain);
    bool known[3];
    const Run there = search(space, "qmc", NULL, 0.3, 10), own = search(space, "random", NULL, 0.3, 6);
    const Source source = source_of(&there, 10, known);
    const Transfer transfer = {1, &source};
    const Ask ask = {.space = space, .transfer = &transfer};
    bool ok = false;
    for (int n = 0; !ok; n++) {
        Arena *small = arena_create(0);
        const GpMean *mean;
        const double *first[TRANSFER_FIRST];
        int n_first;
        Error err = {0};
        arena_fail_after(small, n);
        ok = transfer_first(&ask, first, &n_first, small, &err)
          && transfer_mean(&ask, 6, own.u[0], own.score, &mean, small, &err);
        if (!ok) assert_int_equal(err.code, ERR_MEMORY);
        arena_destroy(small);
    }
}

static int setup(void **state)
{
    (void)state;
    Error err;
    arena = arena_create(0);
    return arena && mat_init(&err) ? 0 : 1;
}

static int teardown(void **state)
{
    (void)state;
    arena_destroy(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scipy),     cmocka_unit_test(test_densities),    cmocka_unit_test(test_space),
        cmocka_unit_test(test_agreement), cmocka_unit_test(test_first_points), cmocka_unit_test(test_transfer),
        cmocka_unit_test(test_surface),   cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
