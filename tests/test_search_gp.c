#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/mat.h"
#include "base/rng.h"
#include "tuner/search/acquisition.h"
#include "tuner/search/gp.h"
#include "tuner/search/gp_kernel.h"
#include "base/lbfgs.h"
#include "tuner/search/special.h"

static Arena *arena;

static void check_close(const char *what, double got, double want, double relative)
{
    if (!(fabs(got - want) <= relative * fmax(fabs(want), 1e-300) || got == want))
        fail_msg("%s: %.17g, not %.17g", what, got, want);
}

/* ---- special functions: tests/golden/gp.py special (mpmath, scipy) ---- */

static const double improvements[][2] = {
    {5.0, 1.6094379231264314}, {1.0, 0.08002621884930694}, {0.0, -0.91893853320467274},
    {-0.5, -1.6205162643873199}, {-0.999, -2.4832171154475854}, {-1.001, -2.4870256579553892},
    {-2.0, -4.7687835239171142}, {-3.9, -11.410393270072435}, {-4.1, -12.296899546413045},
    {-8.0, -37.122364261692633}, {-29.0, -428.1570826442731}, {-31.0, -488.29002339783721},
    {-100.0, -5010.1295788002498}, {-1e4, -50000019.339619307}, {-1e8, -5000000000000037.8},
    {-1e150, -4.9999999999999998e+299}};
static const double erfcx[][2] = {
    {-5, 144009798674.66104}, {-1, 5.0089800807622833}, {0, 1}, {0.5, 0.61569034419292579},
    {3.9, 0.14031418160068973}, {4.1, 0.13383411641865198}, {11.9, 0.047245232484087664},
    {12.1, 0.046469607339835003}, {30, 0.018795888861416754}, {1e5, 5.6418958351954685e-06}};
static const double betas[][4] = {
    {2, 5, 0.3, 0.57982500000000026}, {0.5, 0.5, 0.1, 0.20483276469913345},
    {1, 1, 0.7, 0.69999999999999996}, {100, 3, 0.99, 0.91691101488943982},
    {0.1, 2, 1e-08, 0.17433825101223321}, {5000, 5000, 0.49, 0.022742032324574609}};
static const double beta_quantiles[][4] = {
    {2, 5, 1e-7, 8.1658548584759172e-05}, {2, 5, 0.5, 0.26444998329566005},
    {0.5, 0.5, 0.9, 0.97552825814757682}, {0.1, 2, 0.3, 2.2765992814792188e-06},
    {1e4, 1, 0.5, 0.99993068768415361}, {3, 200, 1 - 1e-7, 0.10220280217192154}};
static const double normals[][2] = {
    {1e-300, -37.047096299361201}, {1e-7, -5.1993375821928165}, {0.01, -2.3263478740408408},
    {0.3, -0.52440051270804089}, {0.975, 1.959963984540054}, {1 - 1e-12, 7.0344869100478356}};

static void special_functions(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof improvements / sizeof *improvements; i++)
        check_close("log improvement", log_improvement(improvements[i][0]), improvements[i][1], 2e-14);
    for (size_t i = 0; i < sizeof erfcx / sizeof *erfcx; i++)
        check_close("erfcx", scaled_erfc(erfcx[i][0]), erfcx[i][1], 2e-15);
    for (size_t i = 0; i < sizeof betas / sizeof *betas; i++)
        check_close("beta", beta_cdf(betas[i][0], betas[i][1], betas[i][2]), betas[i][3], 1e-11);
    for (size_t i = 0; i < sizeof beta_quantiles / sizeof *beta_quantiles; i++)
        check_close("beta quantile",
                    beta_quantile(beta_quantiles[i][0], beta_quantiles[i][1], beta_quantiles[i][2]),
                    beta_quantiles[i][3], 1e-10);
    for (size_t i = 0; i < sizeof normals / sizeof *normals; i++)
        check_close("normal quantile", normal_quantile(normals[i][0]), normals[i][1], 1e-14);
    assert_true(fabs(normal_quantile(0.5)) < 1e-16);
    assert_true(isnan(normal_quantile(1.5)) && isnan(beta_cdf(-1, 1, 0.5)) && isnan(beta_quantile(1, 1, 2)));
    assert_true(normal_quantile(0) == -INFINITY && normal_quantile(1) == INFINITY);
    /* Where the formulas change, nothing jumps. */
    for (int k = 0; k < 4; k++) {
        double t = (const double[]){-1, -4, -30, -12}[k];
        double below = log_improvement(t - 1e-9), above = log_improvement(t + 1e-9);
        assert_true(above > below && above - below < 1e-7);
    }
}

/* ---- targets: tests/golden/gp.py transform ---- */

static const struct { int n; double y[7], z[7]; } transforms[] = {
    {5, {3, 1, 2, 10, 4},
     {-0.0164202503669549, -1.38340934211071, -0.620633077997264, 1.5845086413549, 0.435954029120027}},
    {7, {1, 2, 3, 4, 5, 1000, NAN},
     {-1.36819570746143, -0.911754886580921, -0.511279484598622, -0.164615073645796, 0.130530872274613,
      1.41265714000608, 1.41265714000608}},
    {5, {0, 0, 0, 0, 1}, {-0.5, -0.5, -0.5, -0.5, 2}},
    {4, {-1, -2, -3.5, -8}, {1.25009973751082, 0.507819738736547, -0.315830393860736, -1.44208908238663}},
    {3, {2, 2, 2}, {0, 0, 0}},
    {2, {NAN, INFINITY}, {0, 0}},
};

static void targets(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof transforms / sizeof *transforms; i++) {
        double z[7], scratch[14];
        gp_transform(transforms[i].n, transforms[i].y, z, scratch);
        for (int k = 0; k < transforms[i].n; k++) check_close("z", z[k], transforms[i].z[k], 1e-12);
    }
}

/* ---- the model: tests/golden/gp.py posterior ---- */

enum { N = 8, D = 5, HYPER = 3 * D + 4 };
#define BOTH (GP_TREND | GP_WARP)
static const char yaml[] =
    "parameters:\n"
    "  a: {min: 0.0, max: 1}\n"
    "  layers: {min: 1, max: 4}\n"
    "  c: {values: [x, y, z]}\n"
    "  e: {min: 0.0, max: 1, when: 'layers >= 3'}\n"
    "  f: {values: [p, q], when: 'layers >= 3'}\n";
static const double points[N][D] = {
    {0.10, 0.125, 1. / 6, 0.5, 0.5}, {0.90, 0.375, 0.5, 0.5, 0.5}, {0.50, 0.625, 5. / 6, 0.20, 0.25},
    {0.30, 0.875, 1. / 6, 0.70, 0.75}, {0.70, 0.125, 0.5, 0.5, 0.5}, {0.20, 0.625, 0.5, 0.90, 0.25},
    {0.60, 0.875, 5. / 6, 0.40, 0.75}, {0.80, 0.375, 1. / 6, 0.5, 0.5}};
static const double scores[N] = {1.0, 0.4, 0.7, NAN, 0.2, 3.0, 0.9, 0.25};
static const double extra[N] = {0, 0, 0.1, 0, 0, 0, 0.3, 0};
static const double queries[3][D] = {
    {0.15, 0.125, 1. / 6, 0.5, 0.5}, {0.55, 0.875, 0.5, 0.35, 0.25}, {0.10, 0.125, 1. / 6, 0.5, 0.5}};

static const Space *mixed_space(void)
{
    Conf *conf;
    Space *space;
    Error err = {0};
    if (!conf_read_text("t.yaml", yaml, strlen(yaml), arena, &conf, &err) ||
        !space_read(conf_get(conf->root, "parameters"), NULL, NULL, arena, &space, &err))
        fail_msg("%s", err.message);
    return space;
}

#define DATA(n_, x_, y_) &(GpData){.space = mixed_space(), .n = (n_), .x = (x_), .y = (y_)}

static Gp *fitted(unsigned view)
{
    Gp *gp;
    Error err = {0};
    if (!gp_fit(&(GpData){mixed_space(), N, points[0], scores, extra, NULL, false, NULL}, view, arena, &gp, &err)) fail_msg("%s", err.message);
    return gp;
}

static void golden_theta(double *theta, bool warped)
{
    const double values[HYPER] = {.4, .9, 1.5, .3, .7, 1.2, .01, .4, .06, 1.3, .5, 1, 2.2, 1, .7, 1.8, 1, .9, 1};
    for (int i = 0; i < HYPER; i++) theta[i] = i < D + 4 || warped ? log(values[i]) : 0;
}

typedef struct {
    double objective, prediction[3][2], believed[2], best;
} Golden;

static const Golden golden[2] = {
    {6.59849590213978,
     {{0.166176182222733, 0.208752616685991}, {0.111165695437046, 1.02968060746739},
      {0.293980657985284, 0.0996595184033387}},
     {0.167079372627761, 0.208693965273707}, -1.2694239526386},
    {10.0430340038942,
     {{0.18703820673431, 0.157033163084911}, {0.0701052956354918, 0.967994599816689},
      {0.293093205576058, 0.099635378167342}},
     {0.188152900973748, 0.156962256428441}, -1.2698686518797}};

static void matches_the_second_implementation(void **state)
{
    (void)state;
    for (int warped = 0; warped < 2; warped++) {
        const Golden *want = &golden[warped];
        Gp *gp = fitted(warped ? BOTH : GP_TREND);
        Error err = {0};
        double theta[HYPER], gradient[HYPER], mean, sigma;
        golden_theta(theta, warped);
                check_close("objective", gp_objective(gp, theta, gradient), want->objective, 1e-12);
        assert_true(gp_condition(gp, theta, &err));
        for (int i = 0; i < 3; i++) {
            gp_predict(gp, queries[i], &mean, &sigma);
            check_close("mean", mean, want->prediction[i][0], 1e-10);
            check_close("sigma", sigma, want->prediction[i][1], 1e-10);
        }
        check_close("best mean", gp_best_mean(gp), want->best, 1e-10);
        const double *best[10];
        assert_int_equal(gp_best_points(gp, 10, best), N);
        assert_ptr_equal(best[0], points[4]);
        assert_ptr_equal(best[1], points[7]);
        assert_ptr_equal(best[2], points[1]);
        assert_true(gp_believe(gp, queries[1], 0.3, arena, &err));
        gp_predict(gp, queries[0], &mean, &sigma);
        check_close("believed mean", mean, want->believed[0], 1e-10);
        check_close("believed sigma", sigma, want->believed[1], 1e-10);
        check_close("still the observed points", gp_best_mean(gp), want->best, 1e-10);
    }
}

static void gradients_are_right(void **state)
{
    (void)state;
    Gp *gp = fitted(BOTH);
    Rng rng = rng_stream(4, 0, RNG_TEST);
    for (int round = 0; round < 20; round++) {
        double theta[HYPER], gradient[HYPER], unused[HYPER];
        golden_theta(theta, round % 2);
        for (int i = 0; i < HYPER; i++) theta[i] += 0.7 * rng_normal(&rng);
        gp_objective(gp, theta, gradient);
        for (int i = 0; i < HYPER; i++) {
            const double h = 1e-5, at = theta[i];
            theta[i] = at + h;
            double above = gp_objective(gp, theta, unused);
            theta[i] = at - h;
            double below = gp_objective(gp, theta, unused);
            theta[i] = at;
            assert_true(fabs((above - below) / (2 * h) - gradient[i]) < 1e-7 * (1 + fabs(gradient[i])));
        }
    }
}

static void gradients_of_predictions_are_right(void **state)
{
    (void)state;
    Gp *gp = fitted(BOTH);
    double theta[HYPER];
    Error err = {0};
    golden_theta(theta, true); /* eight points alone warp little */
    assert_true(gp_condition(gp, theta, &err));
    Rng rng = rng_stream(5, 0, RNG_TEST);
    for (int round = 0; round < 50; round++) {
        double u[D], mean, sigma, dm[D], ds[D];
        bool active[D];
        for (int d = 0; d < D; d++) u[d] = 0.01 + 0.98 * rng_uniform(&rng);
        space_snap_active(gp->space, u, active);
        gp_predict_gradient(gp, u, active, &mean, &sigma, dm, ds);
        double plain_mean, plain_sigma;
        gp_predict(gp, u, &plain_mean, &plain_sigma);
        check_close("mean", mean, plain_mean, 1e-9);
        check_close("sigma", sigma, plain_sigma, 1e-7);
        for (int d = 0; d < D; d++) {
            if (d == 2 || d == 4 || !active[d]) {
                assert_true(dm[d] == 0 && ds[d] == 0);
                continue;
            }
            double m[2], s[2], moved[D];
            for (int side = 0; side < 2; side++) { /* off the lattice, too: the model does not mind */
                memcpy(moved, u, sizeof moved);
                moved[d] += side ? 1e-6 : -1e-6;
                gp_predict_many(gp, 1, moved, active, &m[side], &s[side]);
            }
            assert_true(fabs((m[1] - m[0]) / 2e-6 - dm[d]) < 1e-6 * (1 + fabs(dm[d])));
            assert_true(fabs((s[1] - s[0]) / 2e-6 - ds[d]) < 1e-5 * (1 + fabs(ds[d])));
        }
    }
}

static void gradients_of_the_acquisition_are_right(void **state)
{
    (void)state;
    Gp *gp = fitted(BOTH);
    Ask ask = {.space = gp->space};
    Rng rng = rng_stream(8, 0, RNG_TEST);
    for (int round = 0; round < 60; round++) {
        /* From far above the mean to far below it. */
        Acquisition search = {.ask = &ask, .gp = gp, .best = -0.3 * (round % 20)};
        double u[D], gradient[D], unused[D];
        bool active[D];
        for (int d = 0; d < D; d++) u[d] = 0.01 + 0.98 * rng_uniform(&rng);
        space_snap_active(gp->space, u, active);
        acquisition_gradient(&search, u, active, gradient);
        for (int d = 0; d < D; d++) {
            const double at = u[d], h = 1e-6;
            u[d] = at + h;
            double above = acquisition_gradient(&search, u, active, unused);
            u[d] = at - h;
            double below = acquisition_gradient(&search, u, active, unused);
            u[d] = at;
            if (d == 2 || d == 4 || !active[d]) assert_true(gradient[d] == 0);
            else assert_true(fabs((above - below) / (2 * h) - gradient[d]) < 2e-5 * (1 + fabs(gradient[d])));
        }
    }
}

/* Expected improvement times what of the doubt an observation settles. */
static void noise_lowers_the_acquisition(void **state)
{
    (void)state;
    Gp *gp = fitted(BOTH);
    const double v = gp_noise_variance(gp);
    Ask ask = {.space = gp->space};
    const Acquisition search = {.ask = &ask, .gp = gp, .best = -1};
    Rng rng = rng_stream(9, 0, RNG_TEST);
    assert_true(v > 0);
    for (int round = 0; round < 20; round++) {
        double u[D], mean, sigma, value;
        bool active[D];
        for (int d = 0; d < D; d++) u[d] = rng_uniform(&rng);
        space_snap_active(gp->space, u, active);
        acquisition_values(&search, 1, u, active, &mean, &sigma, &value);
        const double settled = 1 - sqrt(v / (v + sigma * sigma));
        check_close("acquisition", value, gp_log_ei(-1, mean, sigma) + log(settled), 1e-7);
    }
}

/* The fit: no direction improves on it, and it does not depend on scale or offset of the scores. */
static void the_fit_is_a_minimum(void **state)
{
    (void)state;
    Gp *gp = fitted(BOTH);
    double gradient[HYPER], theta[HYPER];
    double value = gp_objective(gp, gp->theta, gradient);
    Rng rng = rng_stream(6, 0, RNG_TEST);
    for (int round = 0; round < 100; round++) {
        for (int i = 0; i < HYPER; i++) theta[i] = gp->theta[i] + 0.03 * rng_normal(&rng);
        double unused[HYPER];
        assert_true(gp_objective(gp, theta, unused) > value - 1e-4);
    }
    double scaled[N];
    for (int i = 0; i < N; i++) scaled[i] = 1000 * scores[i] - 5e4;
    Gp *other;
    Error err = {0};
    assert_true(gp_fit(&(GpData){mixed_space(), N, points[0], scaled, extra, NULL, false, NULL}, BOTH, arena, &other, &err));
    for (int i = 0; i < HYPER; i++) assert_true(fabs(other->theta[i] - gp->theta[i]) < 1e-5);
}

static void interpolates_and_forgets(void **state)
{
    (void)state;
    /* A smooth function without noise: the posterior passes through the points, predicts between them,
     * and far away returns to the prior. */
    enum { M = 20 };
    double x[M][D], y[M], u[D] = {0, 0.125, 1. / 6, 0.5, 0.5};
    for (int i = 0; i < M; i++) {
        memcpy(x[i], u, sizeof u);
        x[i][0] = (i + 0.5) / M;
        y[i] = sin(6 * x[i][0]);
    }
    Gp *gp;
    Error err = {0};
    assert_true(gp_fit(DATA(M, x[0], y), BOTH, arena, &gp, &err));
    double z[M], scratch[2 * M], mean, sigma;
    gp_transform(M, y, z, scratch);
    for (int i = 0; i < M; i++) {
        gp_predict(gp, x[i], &mean, &sigma);
        assert_true(fabs(mean - z[i]) < 0.02 && sigma < 0.05);
    }
    u[0] = 0.5;
    gp_predict(gp, u, &mean, &sigma);
    double middle = 0.5 * (z[9] + z[10]);
    assert_true(fabs(mean - middle) < 0.02 && sigma < 0.05);
    double near = sigma;
    u[1] = 0.875, u[2] = 0.5;
    gp_predict(gp, u, &mean, &sigma);
    assert_true(sigma > near);
}

/* Whatever the points and length scales, the covariance of points that are active here and there is
 * positive definite without help from noise: no posterior mean is far outside the data. */
static void conditional_distances_belong_to_points(void **state)
{
    (void)state;
    enum { M = 60 };
    double x[M][D], y[M];
    Rng rng = rng_stream(9, 0, RNG_TEST);
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < M; i++) {
            for (int d = 0; d < D; d++) x[i][d] = rng_uniform(&rng);
            space_snap(mixed_space(), x[i]);
            y[i] = rng_uniform(&rng);
        }
        Gp *gp;
        Error err = {0};
        assert_true(gp_fit(DATA(M, x[0], y), BOTH, arena, &gp, &err));
        double theta[HYPER] = {0};
        for (int d = 0; d < D; d++) theta[d] = log(0.3) + 0.5 * rng_normal(&rng);
        theta[D] = 0, theta[D + 1] = log(1e-6), theta[D + 2] = log(0.02), theta[D + 3] = log(0.02);
        for (int i = D + 4; i < HYPER; i++) theta[i] = 0.5 * rng_normal(&rng);
        if (!gp_condition(gp, theta, &err)) fail_msg("%s", err.message);
        assert_true(gp->jitter == GP_JITTER);
    }
}

/* Many predictions at once are the same as one at a time, whatever the number. */
static void lanes_agree(void **state)
{
    (void)state;
    Gp *gp = fitted(BOTH);
    Rng rng = rng_stream(7, 0, RNG_TEST);
    double u[37][D], mean[37], sigma[37];
    bool active[37][D];
    for (int i = 0; i < 37; i++) {
        for (int d = 0; d < D; d++) u[i][d] = rng_uniform(&rng);
        space_snap_active(gp->space, u[i], active[i]);
    }
    gp_predict_many(gp, 37, u[0], active[0], mean, sigma);
    for (int i = 0; i < 37; i++) {
        double m, s;
        gp_predict(gp, u[i], &m, &s);
        assert_true(m == mean[i] && s == sigma[i]);
    }
}

static void hard_inputs(void **state)
{
    (void)state;
    enum { M = 250 };
    static double x[M][D], y[M];
    Gp *gp;
    Error err = {0};
    /* The same point again and again, with scores that disagree; more points than the fit looks at; more
     * beliefs than there was room for. */
    for (int i = 0; i < M; i++) {
        memcpy(x[i], points[i % N], sizeof x[i]);
        y[i] = i % N + (i % 3) * 0.1;
    }
    assert_true(gp_fit(DATA(M, x[0], y), BOTH, arena, &gp, &err));
    double mean, sigma, u[D] = {0.5, 0.125, 0.5, 0.5, 0.5};
    for (int i = 0; i < 100; i++) {
        u[0] = 0.3 + 0.001 * i;
        gp_predict(gp, u, &mean, &sigma);
        assert_true(isfinite(mean) && sigma > 0);
        if (!gp_believe(gp, u, mean, arena, &err)) fail_msg("%s", err.message);
    }
    gp_predict(gp, u, &mean, &sigma);
    assert_true(isfinite(mean) && sigma > 0);
    /* All scores equal, one point, all failed. */
    for (int i = 0; i < N; i++) y[i] = 3;
    assert_true(gp_fit(DATA(N, points[0], y), BOTH, arena, &gp, &err));
    gp_predict(gp, queries[0], &mean, &sigma);
    assert_true(mean == 0 && sigma > 0);
    assert_true(gp_fit(DATA(1, points[0], y), BOTH, arena, &gp, &err));
    y[0] = y[1] = NAN;
    assert_true(gp_fit(DATA(2, points[0], y), BOTH, arena, &gp, &err));
    assert_true(gp_best_mean(gp) == 0);
}

/* Without a trend its variance is nothing, and far from the data that shows. */
static void flat_has_no_trend(void **state)
{
    (void)state;
    enum { M = 12 };
    static double x[M][D], y[M], theta[HYPER];
    Gp *gp;
    Error err = {0};
    double mean[2], sigma, u[D] = {0.999, 0.125, 0.5, 0.5, 0.5};
    for (int i = 0; i < M; i++) {
        memcpy(x[i], u, sizeof u);
        x[i][0] = 0.01 + 0.02 * i;
        y[i] = i;
    }
    assert_int_equal(gp_n_hyper(mixed_space()), HYPER);
    for (int flat = 0; flat < 2; flat++) {
        assert_true(gp_learn(DATA(M, x[0], y), flat ? 0 : GP_TREND, arena, theta, &err));
        assert_true((exp(theta[D + 3]) < 1e-5) == flat);
        assert_true(gp_given(DATA(M, x[0], y), theta, arena, &gp, &err));
        gp_predict(gp, u, &mean[flat], &sigma);
    }
    assert_true(fabs(mean[0] - mean[1]) > 0.1);
}

/* A score that changes a thousand times faster at one end than at the other is predicted better with the warp. */
static void the_warp_pays_near_an_end(void **state)
{
    (void)state;
    enum { M = 12 };
    static double x[M][D], y[M];
    double u[D] = {0, 0.125, 0.5, 0.5, 0.5}, off[2] = {0, 0};
    for (int i = 0; i < M; i++) {
        memcpy(x[i], u, sizeof u);
        x[i][0] = pow((i + 0.5) / M, 3);
        y[i] = log(0.001 + x[i][0]);
    }
    for (int warped = 0; warped < 2; warped++) {
        Gp *gp;
        Error err = {0};
        double z[M], scratch[2 * M];
        gp_transform(M, y, z, scratch);
        assert_true(gp_fit(DATA(M, x[0], y), warped ? BOTH : GP_TREND, arena, &gp, &err));
        for (int i = 0; i + 1 < M; i++) {
            double mean, sigma, share;
            u[0] = pow((i + 1.0) / M, 3);
            gp_predict(gp, u, &mean, &sigma);
            share = (log(0.001 + u[0]) - y[i]) / (y[i + 1] - y[i]);
            off[warped] += fabs(mean - (z[i] + share * (z[i + 1] - z[i])));
        }
    }
    assert_true(off[1] < 0.25 * off[0]);
}

static void memory_may_run_out(void **state)
{
    (void)state;
    const Space *space = mixed_space();
    Arena *small = arena_create(0);
    bool ok = false;
    for (long n = 0; !ok; n++) {
        Error err = {0};
        Gp *gp = NULL;
        arena_reset(small);
        arena_fail_after(small, n);
        ok = gp_fit(&(GpData){space, N, points[0], scores, extra, NULL, false, NULL}, BOTH, small, &gp, &err);
        if (ok) continue;
        assert_int_equal(err.code, ERR_MEMORY);
        assert_null(gp);
        assert_true(n < 200);
    }
    arena_destroy(small);
}

/* ---- the minimizer ---- */

static double rosenbrock(void *context, const double *x, double *gradient)
{
    (*(int *)context)++;
    double a = x[1] - x[0] * x[0], b = 1 - x[0];
    gradient[0] = -400 * x[0] * a - 2 * b;
    gradient[1] = 200 * a;
    return 100 * a * a + b * b;
}

static double cliff(void *context, const double *x, double *gradient)
{
    (void)context;
    gradient[0] = -1;
    return x[0] < 0.7 ? -x[0] : NAN;
}

static void minimizes_in_a_box(void **state)
{
    (void)state;
    double work[lbfgs_work(2)], low[2] = {-5, -5}, high[2] = {5, 5}, x[2] = {-1.2, 1};
    int calls = 0;
    Lbfgs p = {.n = 2, .low = low, .high = high, .function = rosenbrock, .context = &calls,
               .max_iterations = 200, .gradient_tolerance = 1e-8, .work = work};
    assert_true(lbfgs_minimize(&p, x) < 1e-14);
    assert_true(fabs(x[0] - 1) < 1e-6 && fabs(x[1] - 1) < 1e-6 && calls < 120);
    /* The box cuts the minimum off: on x0 = 0.5 the best is x1 = 0.25. A start outside is put inside. */
    high[0] = 0.5;
    x[0] = 7, x[1] = -9;
    assert_true(fabs(lbfgs_minimize(&p, x) - 0.25) < 1e-12);
    assert_true(x[0] == 0.5 && fabs(x[1] - 0.25) < 1e-6);
    double y[1] = {0}, zero[1] = {0}, one[1] = {1};
    Lbfgs edge = {.n = 1, .low = zero, .high = one, .function = cliff, .max_iterations = 50,
                  .gradient_tolerance = 1e-8, .work = work};
    assert_true(lbfgs_minimize(&edge, y) < -0.5 && y[0] < 0.7);
}

static int set_up(void **state)
{
    (void)state;
    mat_init(NULL);
    arena = arena_create(0);
    return arena ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    arena_destroy(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(special_functions),
        cmocka_unit_test(targets),
        cmocka_unit_test(matches_the_second_implementation),
        cmocka_unit_test(gradients_are_right),
        cmocka_unit_test(gradients_of_predictions_are_right),
        cmocka_unit_test(gradients_of_the_acquisition_are_right),
        cmocka_unit_test(noise_lowers_the_acquisition),
        cmocka_unit_test(the_fit_is_a_minimum),
        cmocka_unit_test(interpolates_and_forgets),
        cmocka_unit_test(conditional_distances_belong_to_points),
        cmocka_unit_test(lanes_agree),
        cmocka_unit_test(hard_inputs),
        cmocka_unit_test(flat_has_no_trend),
        cmocka_unit_test(the_warp_pays_near_an_end),
        cmocka_unit_test(memory_may_run_out),
        cmocka_unit_test(minimizes_in_a_box),
    };
    return cmocka_run_group_tests_name("tuner/gp", tests, set_up, tear_down);
}
