/* job/costs: whether a search weighs what trials cost, where nobody said it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "job/costs.h"
#include "tests/arena_fixture.h"
#include "tests/store_fixture.h"

static Error err;

static Config *config_of(const char *top, const char *parameters)
{
    Config *config;
    const char *text = arena_print(arena, "metric: {name: val_accuracy}\nrun_cap: 9\n%s\ndata: {format: digits}\n"
                                   "parameters:\n  learning_rate: {min: 0.01, max: 0.1}\n%s", top, parameters);
    if (!config_read_text("t.yaml", text, "", arena, &config, &err)) fail_msg("%s", err.message);
    return config;
}

static const Place nowhere = {.db = "build/tests/no-such-folder/trials.db", .name = "t"};

static int settled(const char *top, const char *parameters)
{
    Config *config = config_of(top, parameters);
    if (!costs_settle(config, &nowhere, arena, &err)) fail_msg("%s", err.message);
    return config->cost_aware;
}

static void it_follows_from_the_space(void **state)
{
    (void)state;
    static const char epochs[] = "  epochs: {distribution: q_log_uniform_values, min: 2, max: 50, q: 1}\n";
    assert_int_equal(settled("", epochs), 50);
    assert_int_equal(settled("cost_aware: auto", epochs), 50);
    assert_int_equal(settled("", "  hidden: {values: [[8], [2048, 2048]]}\n"), 50);
    assert_int_equal(settled("", "  epochs: {min: 20, max: 50}\n"), 0); /* two and a half times */
    assert_int_equal(settled("", "  dropout: {min: 0.0, max: 0.5}\n"), 0);
    /* said, or not to be had */
    assert_int_equal(settled("cost_aware: none", epochs), 0);
    assert_int_equal(settled("cost_aware: 7", epochs), 7);
    assert_int_equal(settled("method: tpe", epochs), 0);
    /* the table would be encoded in two ways */
    assert_int_equal(settled("", arena_print(arena, "%s  numeric: {values: [standard, robust]}\n", epochs)), 0);
}

/* Its configuration was printed by a version that knew of no auto, or with what was settled then. */
static void a_study_keeps_what_it_began_with(void **state)
{
    (void)state;
    static const struct { const char *yaml; int weighs; } kept[] = {
        {"run: {lookback: 2}\n", 0}, {"cost_aware: none\n", 0}, {"cost_aware: 50\n", 50}, {"cost_aware: 12\n", 12}};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        Store *store;
        StudyStart start;
        StudyInfo info = fixture_study("t");
        info.config_yaml = kept[i].yaml;
        assert_int_equal(folder_make(NULL), 0);
        if (!store_open(path, STORE_WRITE, &store, &err)
            || !store_study_begin(store, &info, &fixture_space, &start, &err) || !store_close(store, &err))
            fail_msg("%s", err.message);
        const Place place = {.db = path, .folder = folder, .name = "t"};
        Config *config = config_of("name: t", "  epochs: {min: 1, max: 50}\n");
        assert_true(costs_settle(config, &place, arena, &err));
        assert_int_equal(config->cost_aware, kept[i].weighs);
        config = config_of("name: another", "  epochs: {min: 1, max: 50}\n");
        assert_true(costs_settle(config, &place, arena, &err));
        assert_int_equal(config->cost_aware, 50);
        folder_drop(NULL);
    }
}

static void memory_may_run_out_anywhere(void **state)
{
    (void)state;
    bool done = false;
    for (long n = 0; !done; n++) {
        Config *config = config_of("", "  hidden: {values: [[8], [2048, 2048]]}\n");
        Arena *own = arena_create(0);
        arena_fail_after(own, n);
        done = costs_settle(config, &nowhere, own, &err);
        if (!done) assert_int_equal(err.code, ERR_MEMORY);
        assert_true(n < 10000);
        arena_destroy(own);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_follows_from_the_space),
        cmocka_unit_test(a_study_keeps_what_it_began_with),
        cmocka_unit_test(memory_may_run_out_anywhere),
    };
    return cmocka_run_group_tests_name("job/costs", tests, start, finish);
}
