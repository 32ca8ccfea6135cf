/* On which scale scores add up, and how sure that is. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "arena_fixture.h"
#include "base/mat.h"
#include "base/rng.h"
#include "tuner/insight/bends.h"
#include "tuner/insight/targets.h"

enum { D = 3, N = 40, SPREAD = 12 };

/* What the settings add up to, between 0 and about 2. */
static double sum_of(const double *u)
{
    return 2 * (u[0] - 0.3) * (u[0] - 0.3) + (u[1] - 0.6) * (u[1] - 0.6) + 0.4 * u[2];
}

static double as_it_is(double sum) { return sum; }
static double risen(double sum) { return exp(5 * sum); }

/* A few trials anywhere, the others near the best: as a search leaves them. */
static Bends bends_for(double (*score_of)(double sum), double noise, uint64_t seed)
{
    static const char yaml[] = "parameters: {a: {min: 0.0, max: 1.0}, b: {min: 0.0, max: 1.0},"
                               " c: {min: 0.0, max: 1.0}}";
    Conf *conf;
    Space *space;
    Error err = {0};
    Bends out;
    assert_true(conf_read_text("t.yaml", yaml, strlen(yaml), arena, &conf, &err));
    assert_true(space_read(conf_get(conf->root, "parameters"), NULL, NULL, arena, &space, &err));
    double *u = ARENA_NEW(arena, double, N * D), score[N], share[N], *level = ARENA_NEW(arena, double, N);
    static const double best[D] = {0.3, 0.6, 0};
    Rng rng = rng_stream(seed, 0, RNG_TEST);
    for (int i = 0; i < N; i++) {
        for (int k = 0; k < D; k++) {
            const double at = rng_uniform(&rng);
            u[i * D + k] = i < SPREAD ? at : fmin(1, fmax(0, best[k] + 0.2 * (at - 0.5)));
        }
        score[i] = score_of(sum_of(u + i * D) + noise * rng_normal(&rng));
    }
    assert_true(targets_shares(space, N, u, seed, arena, share, &err));
    assert_true(targets_level(N, score, share, arena, level, &err));
    const GpData data = {.space = space, .n = N, .x = u, .y = level, .as_is = true};
    if (!bends_create(&data, share, seed, arena, &out, &err)) fail_msg("%s", err.message);
    return out;
}

/* The share of the draws on scales bent by less than this power. */
static double share_to(const Bends *bends, double lambda)
{
    double sum = 0;
    for (int i = 0; i < BENDS; i++) sum += bends->bend[i].lambda < lambda ? bends->bend[i].share : 0;
    return sum;
}

static void what_adds_up_as_it_is_stays_as_it_is(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        const Bends exact = bends_for(as_it_is, 0, seed), noisy = bends_for(as_it_is, 0.02, seed);
        assert_true(exact.bend[exact.best].lambda == 1 && exact.bend[exact.best].share > 0.9);
        assert_true(share_to(&noisy, 0.5) < 0.2 && fabs(share_to(&noisy, INFINITY) - 1) < 1e-12);
    }
}

static void what_adds_up_as_a_logarithm_is_bent(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        const Bends bends = bends_for(risen, 0.02, seed);
        assert_true(share_to(&bends, 0.5) > 0.9);
    }
}

static void turns_have_their_shares(void **state)
{
    (void)state;
    enum { TURNS = 16 };
    const Bends bends = bends_for(as_it_is, 0.2, 3);
    int turns[BENDS] = {0}, used = 0;
    for (int turn = 0; turn < TURNS; turn++) {
        const Bend *bend = bends_of_turn(&bends, turn, TURNS);
        assert_non_null(bend->draws);
        turns[bend - bends.bend]++;
    }
    for (int i = 0; i < BENDS; i++) {
        used += turns[i] > 0;
        assert_true(fabs(turns[i] - TURNS * bends.bend[i].share) <= 1);
    }
    assert_true(used > 2); /* noise leaves more than one possible */
}

static int begin(void **state)
{
    mat_init(NULL);
    return start(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_adds_up_as_it_is_stays_as_it_is),
        cmocka_unit_test(what_adds_up_as_a_logarithm_is_bent),
        cmocka_unit_test(turns_have_their_shares),
    };
    return cmocka_run_group_tests_name("tuner/bends", tests, begin, finish);
}
