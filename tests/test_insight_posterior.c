#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "arena_fixture.h"
#include "base/mat.h"
#include "base/rng.h"
#include "tuner/insight/posterior.h"

enum { N = 60 };
static TrialRow rows[N + 1];

static const Space *space_of(const char *yaml)
{
    Conf *conf;
    Space *space;
    Error err = {0};
    if (!conf_read_text("t.yaml", yaml, strlen(yaml), arena, &conf, &err)
        || !space_read(conf_get(conf->root, "parameters"), NULL, NULL, arena, &space, &err))
        fail_msg("%s", err.message);
    return space;
}

/* Accuracy 0.9 - (x - 0.4)^2, with noise; `luck` is added to trial 7, which lies far from the top. */
static void study(double noise, double luck)
{
    Rng rng = rng_stream(3, 0, RNG_TEST);
    for (int i = 0; i < N; i++) {
        double x = i == 7 ? 0.8 : rng_uniform(&rng), y = 0.9 - (x - 0.4) * (x - 0.4) + noise * rng_normal(&rng);
        rows[i] = (TrialRow){.number = 2 * i, .state = TRIAL_COMPLETE, .value = y + (i == 7 ? luck : 0),
                             .params = arena_print(arena, "{\"x\":%.7f}", x)};
    }
    rows[N] = (TrialRow){.number = 2 * N, .state = TRIAL_FAILED, .value = NAN, .params = "{\"x\":0.99}"};
}

static const char one[] = "parameters: {x: {min: 0.0, max: 1.0}}";

static void luck_is_taken_out(void **state)
{
    (void)state;
    const Space *space = space_of(one);
    Posterior out;
    Error err = {0};
    study(0.01, 0.2); /* trial 14 looks best: 0.94 where 0.74 is due */
    assert_true(posterior_of(space, rows, N + 1, true, arena, &out, &err));
    assert_int_equal(out.n, POSTERIOR_MOST);
    int at = 0;
    while (at < out.n && out.trial[at].number != 14) at++;
    assert_true(at == out.n - 1); /* the last of those who look best */
    assert_true(fabs(out.trial[at].mean - 0.74) < 0.06 && out.trial[at].value > 0.9);
    assert_true(fabs(out.trial[0].mean - 0.9) < 0.02);
    for (int i = 0; i < out.n; i++) {
        const PosteriorTrial *t = &out.trial[i];
        if (i) assert_true(t->mean <= out.trial[i - 1].mean);
    }
}

static void both_directions_say_the_same(void **state)
{
    (void)state;
    const Space *space = space_of(one);
    Posterior up, down;
    Error err = {0};
    study(0.01, 0);
    assert_true(posterior_of(space, rows, N + 1, true, arena, &up, &err));
    for (int i = 0; i < N; i++) rows[i].value = -rows[i].value;
    assert_true(posterior_of(space, rows, N + 1, false, arena, &down, &err));
    for (int i = 0; i < up.n; i++) {
        assert_int_equal(up.trial[i].number, down.trial[i].number);
        assert_true(up.trial[i].mean == -down.trial[i].mean && up.trial[i].value == -down.trial[i].value);
    }
}

static void little_says_nothing(void **state)
{
    (void)state;
    const Space *space = space_of(one);
    Posterior out;
    Error err = {0};
    study(0.01, 0);
    for (int n = 0; n < 8; n++)
        assert_true(posterior_of(space, rows, n, true, arena, &out, &err) && out.n == 0);
    for (int i = 0; i < N; i++) rows[i].value = 1;
    assert_true(posterior_of(space, rows, N, true, arena, &out, &err) && out.n == 0);
    assert_true(posterior_of(space_of("parameters: {a: {value: 1}}"), rows, N, true, arena, &out, &err));
    assert_true(out.n == 0);
}

static int begin(void **state)
{
    mat_init(NULL);
    return start(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(luck_is_taken_out),
        cmocka_unit_test(both_directions_say_the_same),
        cmocka_unit_test(little_says_nothing),
    };
    return cmocka_run_group_tests_name("tuner/posterior", tests, begin, finish);
}
