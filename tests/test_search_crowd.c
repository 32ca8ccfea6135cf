#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/mat.h"
#include "tuner/search/crowd.h"
#include "tuner/search/gp.h"
#include "tuner/search/samplers.h"

enum { D = 3, N = 6000 };

static Arena *arena;
static const Space *space;
static double points[N][D];
static Seen seen[N];

static bool accept_all(void *context, const double *u)
{
    (void)context, (void)u;
    return true;
}

static void set_state(int i, SeenState state)
{
    double score = 0;
    for (int d = 0; d < D; d++) score += (points[i][d] - 0.3) * (points[i][d] - 0.3) / (1 + d);
    seen[i] = (Seen){.number = (uint32_t)i, .state = state, .u = points[i], .share = 1,
                     .score = state == SEEN_DONE ? floor(score * 4096) / 4096 : NAN}; /* some are equal */
}

/* The first n settled, all but every ninth with a score; the rest pending. */
static void begin(int n)
{
    Rng rng = rng_stream(3, 0, RNG_TEST);
    for (int i = 0; i < N; i++) {
        for (int d = 0; d < D; d++) points[i][d] = rng_uniform(&rng);
        set_state(i, i >= n ? SEEN_PENDING : i % 9 == 4 ? SEEN_FAILED : SEEN_DONE);
    }
}

static Ask ask_of(int n_seen, int n_steady, Memo *memo)
{
    return (Ask){.space = space, .seed = 5, .number = (uint32_t)n_seen, .n_seen = n_seen, .seen = seen,
                 .accept = accept_all, .memo = memo, .n_steady = n_steady};
}

static int settled_in(const Ask *ask, int m, int *rows)
{
    Crowd crowd;
    Error err = {0};
    int n = 0;
    assert_true(crowd_count(ask, arena, &crowd, &err));
    assert_true(crowd_settled(ask, &crowd, m, rows, &n, arena, &err));
    assert_true(n <= CROWD_SETTLED);
    return n;
}

/* Is a row among the best by counting who is better? */
static bool is_best(int row, int m)
{
    int better = 0;
    for (int i = 0; i < m; i++)
        better += seen[i].state == SEEN_DONE
               && (seen[i].score < seen[row].score || (seen[i].score == seen[row].score && i < row));
    return seen[row].state == SEEN_DONE && better < CROWD_BEST;
}

static void the_best_the_newest_and_some_others(void **state)
{
    (void)state;
    begin(5000);
    static bool in[N];
    int rows[CROWD_SETTLED];
    Ask ask = ask_of(N, 0, NULL);
    const int m = 4321, n = settled_in(&ask, m, rows);
    int n_best = 0, lowest = N, highest = 0;
    memset(in, 0, sizeof in);
    for (int i = 0; i < n; i++) {
        assert_true(rows[i] < m && (i == 0 || rows[i] > rows[i - 1]));
        in[rows[i]] = true;
        if (rows[i] < lowest) lowest = rows[i];
        if (rows[i] > highest) highest = rows[i];
    }
    for (int i = 0; i < m; i++) {
        if (is_best(i, m)) assert_true(in[i]), n_best++;
        if (i >= m - CROWD_NEWEST) assert_true(in[i]);
    }
    assert_int_equal(n_best, CROWD_BEST);
    assert_true(lowest < 100 && highest == m - 1);
    for (int i = 0, gap = 0; i < m; i++) {
        gap = in[i] ? 0 : gap + 1;
        assert_true(gap <= 4321 / CROWD_EVEN + 1);
    }
}

/* Whatever is remembered, and however much is known to stay. */
static void remembering_changes_nothing(void **state)
{
    (void)state;
    begin(0);
    Memo *memo = memo_create();
    int warm[CROWD_SETTLED], cold[CROWD_SETTLED];
    for (int n = 900; n <= N; n += 300) {
        for (int i = 0; i < n - 200; i++)
            if (seen[i].state == SEEN_PENDING) set_state(i, i % 9 == 4 ? SEEN_FAILED : SEEN_DONE);
        seen[n - 250].state = SEEN_PENDING; /* one that is late */
        Ask with = ask_of(n, n - 250, memo), without = ask_of(n, 0, NULL);
        const int m = n - 201 - n % 7, n_warm = settled_in(&with, m, warm), n_cold = settled_in(&without, m, cold);
        assert_int_equal(n_warm, n_cold);
        assert_memory_equal(warm, cold, (size_t)n_warm * sizeof *warm);
    }
    memo_destroy(memo);
}

static void proposals_are_the_same_cold_and_warm(void **state)
{
    (void)state;
    begin(0);
    Memo *memo = memo_create();
    for (int n = 150; n < 2600; n += n < 400 ? 30 : 271) {
        for (int i = 0; i < n - 140; i++)
            if (seen[i].state == SEEN_PENDING) set_state(i, i % 9 == 4 ? SEEN_FAILED : SEEN_DONE);
        double u[2][D];
        for (int k = 0; k < 2; k++) {
            Ask ask = k ? ask_of(n, 0, NULL) : ask_of(n, n - 140, memo);
            Trace trace;
            AskResult result;
            Error err = {0};
            Arena *own = arena_create(0);
            if (!sampler_bayes.ask(&ask, own, u[k], &trace, &result, &err)) fail_msg("%s", err.message);
            assert_string_equal(trace.kind, "gp-part");
            assert_true(arena_used(own) < 20e6);
            arena_destroy(own);
        }
        assert_memory_equal(u[0], u[1], sizeof u[0]);
    }
    memo_destroy(memo);
}

/* Those that are nearest, in units of the scales, and the newest. */
static void the_nearest_under_way(void **state)
{
    (void)state;
    begin(1000);
    const double u[D] = {0.2, 0.7, 0.5}, scales[D] = {0.5, 100, 2};
    Ask ask = ask_of(3000, 1000, NULL);
    Crowd crowd;
    Error err = {0};
    int rows[CROWD_PENDING], n = 0, n_old = 0;
    assert_true(crowd_count(&ask, arena, &crowd, &err));
    assert_int_equal(crowd.n_pending, 2000);
    assert_true(crowd_pending(&ask, &crowd, u, scales, rows, &n, arena, &err));
    assert_int_equal(n, CROWD_PENDING);
    double farthest = 0, distance[3000];
    for (int i = 1000; i < 3000; i++)
        distance[i] = pow((points[i][0] - 0.2) / 0.5, 2) + pow((points[i][1] - 0.7) / 100, 2)
                    + pow((points[i][2] - 0.5) / 2, 2);
    for (int i = 0; i < n; i++) {
        assert_true(i == 0 || rows[i] > rows[i - 1]);
        if (rows[i] >= 2976) continue;
        n_old++;
        farthest = fmax(farthest, distance[rows[i]]);
    }
    assert_int_equal(n - n_old, 24);
    int nearer = 0;
    for (int i = 1000; i < 2976; i++) nearer += distance[i] <= farthest;
    assert_int_equal(nearer, n_old);
}

/* Believing all at once is believing one after the other. */
static void believed_at_once(void **state)
{
    (void)state;
    begin(60);
    double y[60], x[60][D], more[20][D], mean[20];
    for (int i = 0; i < 60; i++) {
        memcpy(x[i], points[i], sizeof x[i]);
        y[i] = seen[i].score;
    }
    memcpy(more, points + 100, sizeof more);
    const GpData data = {.space = space, .n = 60, .x = x[0], .y = y};
    Gp *one, *all;
    Error err = {0};
    assert_true(gp_fit(&data, GP_TREND | GP_WARP, arena, &one, &err));
    assert_true(gp_fit(&data, GP_TREND | GP_WARP, arena, &all, &err));
    for (int i = 0; i < 20; i++) {
        double m, sigma;
        gp_predict(one, more[i], &m, &sigma);
        assert_true(gp_believe(one, more[i], m, arena, &err));
    }
    assert_true(gp_believe_means(all, 13, more[0], mean, arena, &err));
    assert_true(gp_believe_means(all, 7, more[13], mean + 13, arena, &err));
    for (int i = 0; i < 40; i++) {
        double m[2], sigma[2];
        gp_predict(one, points[90 + i], &m[0], &sigma[0]);
        gp_predict(all, points[90 + i], &m[1], &sigma[1]);
        assert_true(fabs(m[0] - m[1]) < 1e-6 && fabs(sigma[0] - sigma[1]) < 1e-6);
        if (i >= 10 && i < 30) assert_true(fabs(m[1] - mean[i - 10]) < 1e-6);
    }
}

static int set_up(void **state)
{
    (void)state;
    static const char yaml[] = "parameters: {a: {min: 0.0, max: 1}, b: {min: 0.0, max: 1}, c: {min: 0.0, max: 1}}";
    Conf *conf;
    Space *out;
    Error err = {0};
    mat_init(NULL);
    arena = arena_create(0);
    if (!conf_read_text("t.yaml", yaml, strlen(yaml), arena, &conf, &err)
        || !space_read(conf_get(conf->root, "parameters"), NULL, NULL, arena, &out, &err))
        return -1;
    space = out;
    return 0;
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
        cmocka_unit_test(the_best_the_newest_and_some_others),
        cmocka_unit_test(remembering_changes_nothing),
        cmocka_unit_test(proposals_are_the_same_cold_and_warm),
        cmocka_unit_test(the_nearest_under_way),
        cmocka_unit_test(believed_at_once),
    };
    return cmocka_run_group_tests_name("tuner/crowd", tests, set_up, tear_down);
}
