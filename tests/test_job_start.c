/* What a configuration made for a data file promises: the label is the plain one or asked for, the printed file
 * reads back as the same study, and memory that runs out is an error wherever it does. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "job/builtin.h"
#include "job/start.h"
#include "tests/arena_fixture.h"

static char folder[] = "/tmp/consort-start-XXXXXX";

static const char *file_of(const char *name, const char *text)
{
    Error err;
    const char *path = path_join(arena, folder, name);
    if (!file_write(path, text, strlen(text), &err)) fail_msg("%s", err.message);
    return path;
}

/* 40 rows of the columns of `head`: a number, words of three kinds, then 0 and 1. */
static const char *rows(const char *name, const char *head)
{
    Text text = {0};
    text_print(&text, "%s\n", head);
    for (int i = 0; i < 40; i++)
        text_print(&text, "%d.5,%s,%d\n", i * 7 % 40, i % 3 == 0 ? "red" : i % 3 == 1 ? "ink" : "tan", i % 2);
    const char *path = file_of(name, text.bytes);
    text_free(&text);
    return path;
}

static bool made(const char *path, const Override *said, int n, Config **out, Error *err)
{
    const StartData start = {.data = path};
    return start_config(&start, said, n, arena, out, err);
}

static const struct {
    const char *head, *label; /* NULL: it is not plain, and the message has */
    const char *words;
} guesses[] = {
    {"a,b,c", "c", NULL},           {"a,Label,c", "Label", NULL}, {"a,TARGET,c", "TARGET", NULL},
    {"y,b,c", "y", NULL /* a quantity */},        {"a,class,y", NULL, "class, y"},
    {"a,outcomes,c", "c", NULL},    {"a,b,Class", "Class", NULL},
};

static void the_label_is_plain_or_asked_for(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof guesses / sizeof *guesses; i++) {
        Error err = {0};
        Config *config;
        const char *path = rows("t.csv", guesses[i].head);
        bool ok = made(path, NULL, 0, &config, &err);
        if (guesses[i].label) {
            if (!ok) fail_msg("%s: %s", guesses[i].head, err.message);
            assert_string_equal(config->data.read.label.items[0], guesses[i].label);
            assert_non_null(strstr(config->remarks[0], guesses[i].label));
        } else {
            assert_false(ok);
            assert_int_equal(err.code, ERR_CONFIG);
            if (!strstr(err.message, guesses[i].words)) fail_msg("%s: %s", guesses[i].head, err.message);
        }
    }
}

static void what_is_said_wins(void **state)
{
    (void)state;
    Error err = {0};
    Config *config;
    const Override said[] = {{"data.label=b", "--label"}, {"name=other", NULL}, {"run_cap=3", NULL},
                             {"data.test={fraction: 0.5}", NULL}};
    if (!made(rows("paint.csv", "a,b,c"), said, 4, &config, &err)) fail_msg("%s", err.message);
    assert_string_equal(config->data.read.label.items[0], "b");
    assert_string_equal(config->name, "other");
    assert_int_equal(config->run_cap, 3);
    assert_true(config->data.test_part.fraction == 0.5);
    assert_null(config->remarks[0]);
}

/* 60 rows of so many numbers and a class. */
static const char *wide(int n_columns)
{
    Text text = {0};
    for (int c = 0; c < n_columns; c++) text_print(&text, "n%d,", c);
    text_add(&text, "class\n");
    for (int i = 0; i < 60; i++) {
        for (int c = 0; c < n_columns; c++) text_print(&text, "%d.%d,", (i * 7 + c * 13) % 60, c % 10);
        text_print(&text, "%s\n", i % 2 ? "yes" : "no");
    }
    const char *path = file_of("wide.csv", text.bytes);
    text_free(&text);
    return path;
}

static Config *made_with(const StartData *start, const Override *said, int n)
{
    Error err = {0};
    Config *config;
    if (!start_config(start, said, n, arena, &config, &err)) fail_msg("%s", err.message);
    return config;
}

/* The plan (job/effort.h) stands in the configuration as numbers; what is said on top wins. */
static void the_plan_is_in_the_configuration(void **state)
{
    (void)state;
    const char *path = rows("paint.csv", "a,b,c");
    StartData start = {.data = path};
    const Config *medium = made_with(&start, NULL, 0);
    assert_int_equal(medium->data.split.folds, 5);
    assert_true(medium->run_cap >= 2 && medium->run_cap <= 12);
    assert_non_null(strstr(medium->remarks[1], "--effort medium: "));
    start.asked.effort = "low";
    assert_int_equal(made_with(&start, NULL, 0)->run_cap, 1);
    assert_non_null(strstr(made_with(&start, NULL, 0)->remarks[1], "--effort low: 1 bag of five networks"));
    start.asked.effort = "high";
    assert_true(made_with(&start, NULL, 0)->run_cap >= 24);
    start.asked = (EffortAsked){.time_s = 0.001, .jobs = 1};
    const Config *short_one = made_with(&start, NULL, 0);
    assert_int_equal(short_one->run_cap, 1);
    assert_int_equal(short_one->data.split.type, SPLIT_HOLDOUT);
    assert_int_equal(short_one->settings.train.epochs, 24);
    const Override said[] = {{"run_cap=3", NULL}, {"parameters.epochs={values: [2, 3]}", NULL},
                             {"data.split={type: kfold, folds: 3}", NULL}};
    const Config *own = made_with(&start, said, 3);
    assert_int_equal(own->run_cap, 3);
    assert_int_equal(own->data.split.folds, 3);
    for (int i = 0; own->remarks[i]; i++) assert_null(strstr(own->remarks[i], "--time"));
    start.asked = (EffortAsked){.effort = "most"};
    Error err = {0};
    Config *config;
    assert_false(start_config(&start, NULL, 0, arena, &config, &err));
    assert_int_equal(err.code, ERR_CONFIG);
}

/* Of many columns fewer bins each, unless that is searched. */
static void many_columns_have_fewer_bins(void **state)
{
    (void)state;
    const StartData narrow = {.data = wide(20)};
    assert_int_equal(made_with(&narrow, NULL, 0)->presets[PRESET_PLE]->prep.ple_bins, 48);
    const StartData start = {.data = wide(100)};
    assert_int_equal(made_with(&start, NULL, 0)->presets[PRESET_PLE]->prep.ple_bins, 14);
    const Override said[] = {{"data.preprocess.ple_bins=30", NULL}}, searched[] =
        {{"parameters.ple_bins={values: [5, 6]}", NULL}};
    assert_int_equal(made_with(&start, said, 1)->presets[PRESET_PLE]->prep.ple_bins, 30);
    assert_int_equal(made_with(&start, searched, 1)->presets[PRESET_PLE]->prep.ple_bins, 48);
}

static void what_is_printed_is_the_same_study(void **state)
{
    (void)state;
    Error err = {0};
    Config *config, *again;
    Text text = {0};
    char one[65], two[65];
    const Override said[] = {{"parameters.dropout={value: 0.25}", NULL}};
    if (!made(rows("paint.csv", "a,b,c"), said, 1, &config, &err)) fail_msg("%s", err.message);
    if (!start_print(config, folder, arena, &text, &err)) fail_msg("%s", err.message);
    assert_non_null(strstr(text.bytes, "\n  train: paint.csv "));
    const char *path = file_of("paint.yaml", text.bytes);
    text_free(&text);
    if (!config_read(path, NULL, 0, arena, &again, &err)) fail_msg("%s", err.message);
    assert_true(config_identity(config, one, &err) && config_identity(again, two, &err));
    assert_string_equal(one, two);
    assert_string_equal(config->name, again->name);
    assert_null(again->remarks);
}

static void starve(const StartData *start, int step)
{
    bool done = false;
    for (long n = 0; !done; n += step) {
        Error err = {0};
        Config *config;
        Text text = {0};
        Arena *own = arena_create(0);
        assert_non_null(own);
        arena_fail_after(own, n);
        done = start_config(start, NULL, 0, own, &config, &err) && start_print(config, folder, own, &text,
                                                                               &err);
        if (!done && err.code != ERR_MEMORY) fail_msg("after %ld: %s", n, err.message);
        assert_true(n < 100000);
        text_free(&text);
        arena_destroy(own);
    }
}

static void memory_may_run_out_anywhere(void **state)
{
    (void)state;
    starve(&(StartData){.data = rows("paint.csv", "a,b,c")}, 7);
    starve(&(StartData){.data = wide(30), .asked = {.time_s = 0.1, .jobs = 1}}, 61); /* bins, hold-out, epochs */
}

static void all_that_is_inside_reads(void **state)
{
    (void)state;
    for (const Builtin *b = builtins; b->name; b++) {
        Error err = {0};
        Config *config;
        assert_ptr_equal(builtin_find(b->name), b);
        assert_ptr_equal(builtin_of_file(arena_print(arena, "x/%s", b->file)), b);
        if (strcmp(b->name, "program.py") == 0) continue;
        if (!config_read_text(b->file, b->text, "", arena, &config, &err)) fail_msg("%s", err.message);
    }
    assert_null(builtin_find("tables"));
}

static int begin(void **state)
{
    return mkdtemp(folder) ? start(state) : -1;
}

static int end(void **state)
{
    static const char *const names[] = {"t.csv", "paint.csv", "paint.yaml", "wide.csv"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) unlink(path_join(arena, folder, names[i]));
    rmdir(folder);
    return finish(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_label_is_plain_or_asked_for), cmocka_unit_test(what_is_said_wins),
        cmocka_unit_test(the_plan_is_in_the_configuration), cmocka_unit_test(many_columns_have_fewer_bins),
        cmocka_unit_test(what_is_printed_is_the_same_study), cmocka_unit_test(memory_may_run_out_anywhere),
        cmocka_unit_test(all_that_is_inside_reads),
    };
    return cmocka_run_group_tests_name("job/start", tests, begin, end);
}
