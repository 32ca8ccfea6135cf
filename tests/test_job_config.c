/* What the configuration promises beyond its error messages (tests/cli_bad_input.sh has those): what is
 * part of a study's identity, and that what is printed reads back as the same thing. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "job/config.h"
#include "job/kind.h"
#include "job/portfolio.h"
#include "tests/arena_fixture.h"

static const char base[] =
    "name: t\n"
    "method: random\n"
    "metric: {name: val_f1_macro, numbers: val_rmse}\n"
    "run_cap: 5\n"
    "parameters:\n"
    "  lr: {distribution: log_uniform_values, min: 0.001, max: 0.1}\n"
    "  num_layers: {min: 1, max: 2}\n"
    "  width_1: {min: 8, max: 16}\n"
    "  width_2: {min: 8, max: 16, when: \"num_layers >= 2\"}\n"
    "  augment: {parameters: {rotate_deg: {min: 0, max: 5}}}\n"
    "data: {format: digits, rows: 100}\n"
    "train: {epochs: 3}\n";

/* The base configuration with one line more. */
static Config *with(const char *line)
{
    Error err = {0};
    Config *config = NULL;
    char *text = arena_print(arena, "%s%s\n", base, line);
    if (!config_read_text("t.yaml", text, "", arena, &config, &err)) fail_msg("%s", err.message);
    return config;
}

static const char *identity(const Config *config)
{
    Error err = {0};
    char *hex = ARENA_NEW(arena, char, 65);
    if (!config_identity(config, hex, &err)) fail_msg("%s", err.message);
    return hex;
}

static void identity_is_what_trials_depend_on(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        bool same;
    } cases[] = {
        {"", true},
        {"description: another", true},
        {"run: {jobs: 7, time_cap: 5m, keep_models: 3, dir: elsewhere}", true},
        {"ensemble: {method: vote}", true},
        {"report: {top: 3}", true},
        {"stop: {plateau: {trials: 9}}", true},
        {"run: {seed: 1}", false},
        {"run: {lookback: 9}", false},
        {"baseline: false", false},
        {"portfolio: 2", false},
        {"early_terminate: {type: hyperband, min_iter: 1}", false},
        {"constraints: [\"n_params < 5000\"]", false},
    };
    const char *plain = identity(with(""));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if ((strcmp(identity(with(cases[i].line)), plain) == 0) != cases[i].same)
            fail_msg("`%s` should %schange the identity", cases[i].line, cases[i].same ? "not " : "");
}

static void what_is_printed_reads_back(void **state)
{
    (void)state;
    Error err = {0};
    Config *first = with("run: {seed: 3}"), *second;
    Text once = {0}, twice = {0};
    assert_true(config_print(first, &once));
    if (!config_read_text("again", once.bytes, "", arena, &second, &err)) fail_msg("%s", err.message);
    assert_true(config_print(second, &twice));
    assert_string_equal(once.bytes, twice.bytes);
    assert_string_equal(identity(first), identity(second));
    text_free(&once);
    text_free(&twice);
}

/* The winner as a configuration is the same configuration: same values, so the same hash and seed. */
static void a_fixed_configuration_is_the_same_one(void **state)
{
    (void)state;
    Error err = {0};
    Config *config = with(""), *fixed;
    const Space *space = config->space;
    char whole[65] = "";
    for (int i = 0; i < 4; i++) { /* one layer and two, whole and short */
        double u[5] = {0.3, i < 2 ? 0.1 : 0.9, 0.5, 0.7, 0.2};
        Value values[5];
        char want[65], got[65];
        Text yaml = {0};
        space_decode(space, u, values);
        space_hash(space, values, want);
        assert_true(config_print_fixed(config, values, i % 2 == 0, &yaml));
        if (!config_read_text("fixed", yaml.bytes, "", arena, &fixed, &err)) fail_msg("%s", err.message);
        assert_int_equal(fixed->space->n_dims, 0);
        assert_int_equal(fixed->n_enqueued, 1);
        space_hash(fixed->space, fixed->enqueued[0], got);
        assert_string_equal(want, got);
        if (i % 2 == 0) snprintf(whole, sizeof whole, "%s", identity(fixed));
        else assert_string_equal(whole, identity(fixed));
        text_free(&yaml);
    }
}

static void the_baseline_is_the_defaults_where_the_space_allows(void **state)
{
    (void)state;
    Config *config = with("");
    assert_int_equal(config->n_enqueued, 1);
    assert_string_equal(config->enqueued_source[0], "baseline");
    const Value *values = config->enqueued[0];
    assert_true(values[0].number == 0.001); /* lr: the default lies in the range */
    assert_true(values[2].number == 12);    /* width_1: no default, the middle */
    assert_true(values[4].number == 0);
    assert_int_equal(with("baseline: false")->n_enqueued, 0);
    Config *listed = with("enqueue: [{lr: 0.05}, {lr: 0.05}, {lr: 0.02, width_1: 9}]");
    assert_int_equal(listed->n_enqueued, 3); /* never the same configuration twice */
    assert_true(listed->enqueued[2][2].number == 9);
}

/* The baseline of a space of lists. */
static const Value *baseline_of(const char *parameters, const char *data)
{
    Error err = {0};
    Config *config;
    char yaml[600];
    snprintf(yaml, sizeof yaml, "method: bayes\ndata: {%s}\nparameters: {%s}\n", data, parameters);
    if (!config_read_text("lists", yaml, "", arena, &config, &err)) fail_msg("%s", err.message);
    assert_string_equal(config->enqueued_source[0], "baseline");
    return config->enqueued[0];
}

/* Of a list that has the default, or what it comes to, that; else the nearest; never the middle because it is that. */
static void the_baseline_takes_of_a_list_what_the_default_means(void **state)
{
    (void)state;
    static const struct {
        const char *parameters, *data, *want; /* a word, a list or a number */
    } cases[] = {
        {"numeric: {values: [quantile, standard, robust]}", "train: t.csv", "robust"},
        {"numeric: {values: [robust, standard, quantile]}", "train: t.csv", "robust"},
        {"numeric: {values: [none, minmax, standard]}", "train: t.csv", "standard"},
        {"numeric: {values: [none, standard, unit]}", "format: digits", "unit"},
        {"numeric: {values: [none, standard, minmax]}", "format: digits", "minmax"},
        {"numeric: {values: [none, minmax, auto]}", "train: t.csv", "auto"},
        {"init: {values: [realmlp, glorot, he, lecun]}", "format: digits", "he"},
        {"init: {values: [glorot, he, lecun]}, activation: {value: selu}", "format: digits", "lecun"},
        {"init: {values: [he, lecun, glorot]}, activation: {values: [tanh, sigmoid]}", "format: digits", "glorot"},
        {"init: {values: [he, realmlp, lecun]}, activation: {value: tanh}", "format: digits", "lecun"},
        {"activation: {values: [mish, selu, tanh]}", "format: digits", "mish"},
        {"optimizer: {values: [sgd, adam, adamw]}", "format: digits", "adamw"},
        {"hidden: {values: [[16], [32], [64], [256, 256], [512, 512]]}", "format: digits", "[64]"},
        {"hidden: {values: [[], [200, 100], [100, 200]]}", "format: digits", "[100,200]"},
        {"batch_size: {values: [1, 4, 1024, 4096, 8192]}", "format: digits", "4"},
        {"dropout: {values: [0.5, 0.3, 0.2]}", "format: digits", "0.2"},
        {"num_layers: {values: [1, 2, 3]}, width_1: {values: [8]}, width_2: {values: [8]}, width_3: {values: [8]}",
         "format: digits", "2"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char got[64];
        const Value *value = baseline_of(cases[i].parameters, cases[i].data);
        value_label(value, got, sizeof got);
        if (strcmp(got, cases[i].want) != 0)
            fail_msg("%s: the baseline has %s, not %s", cases[i].parameters, got, cases[i].want);
    }
}

/* What entry i of the portfolio is in this space. */
static const Value *portfolio_in(const char *parameters, int i, Config **config)
{
    Error err = {0};
    char yaml[600];
    snprintf(yaml, sizeof yaml, "method: bayes\nbaseline: false\nportfolio: %d\ndata: {format: digits}\n"
             "parameters: {%s}\n", PORTFOLIO_SIZE, parameters);
    if (!config_read_text("portfolio", yaml, "", arena, config, &err)) fail_msg("%s", err.message);
    assert_true((*config)->n_enqueued > i);
    assert_string_equal((*config)->enqueued_source[i], "portfolio");
    return (*config)->enqueued[i];
}

static void the_portfolio_is_fitted_into_the_space(void **state)
{
    (void)state;
    Config *config;
    const Value *v = portfolio_in("learning_rate: {distribution: log_uniform_values, min: 0.001, max: 0.01},"
                                  " num_layers: {min: 1, max: 3}, width_1: {min: 8, max: 128},"
                                  " width_2: {min: 8, max: 512, when: 'num_layers >= 2'},"
                                  " width_3: {min: 8, max: 512, when: 'num_layers >= 3'},"
                                  " batch_size: {values: [16, 50, 900]}, activation: {values: [relu, tanh]},"
                                  " mixup: {min: 0.0, max: 0.4}", 0, &config);
    assert_int_equal(config->n_enqueued, PORTFOLIO_SIZE);
    assert_true(fabs(v[0].number - 0.01) < 1e-12);     /* 0.025, clamped */
    assert_true(v[1].number == 2 && v[2].number == 128 && v[3].number == 208); /* one clamped */
    assert_int_equal(v[4].kind, VALUE_NONE);            /* no third layer */
    assert_true(v[5].number == 50);                     /* 64: the nearest */
    assert_string_equal(v[6].text, "relu");             /* no mish there: the default */
    assert_true(v[7].number == 0);                      /* it says nothing about mixup: the default */
    v = portfolio_in("hidden: {values: [[64], [256, 128], [64, 64, 64]]}, activation: {values: [tanh, mish]}", 0,
                     &config);
    assert_string_equal(v[0].text, "[256,128]");
    assert_string_equal(v[1].text, "mish");
    /* Entries that come to the same are one. */
    portfolio_in("activation: {values: [selu, mish]}", 0, &config);
    assert_int_equal(config->n_enqueued, 2);
    assert_int_equal(with("portfolio: 0")->n_enqueued, 1);
}

static Config *of_numbers(const char *line)
{
    Error err = {0};
    Target target = {.name = "y", .scale = 1, .unit = 1};
    const Task task = {.kind = TASK_NUMBERS, .n_targets = 1, .targets = &target};
    Config *config = with(line);
    if (!config_take_task(config, &task, "y", arena, &err)) fail_msg("%s", err.message);
    return config;
}

static const char numbers[] =
    "numbers:\n"
    "  preset: default\n"
    "  run_cap: 11\n"
    "  train: {dropout: 0.2, epochs: 9}\n"
    "  preprocess: {numeric_embedding: ple}\n"
    "  parameters: {learning_rate: {min: 0.01, max: 0.3}, huber_delta: {values: [1, 2]}}\n";

/* What a configuration says of numbers is laid over the rest, once. */
static void numbers_have_settings_of_their_own(void **state)
{
    (void)state;
    Error err = {0};
    const TrainOptions *classes = &with(numbers)->settings.train;
    assert_true(classes->dropout == 0 && classes->epochs == 3 && classes->hidden.items[0] == 128);
    assert_string_equal(identity(with(numbers)), identity(with("")));
    Config *config = of_numbers(arena_print(arena, "%sportfolio: 2", numbers));
    const TrainOptions *train = &config->settings.train;
    assert_true(train->dropout == 0.2 && train->epochs == 9 && train->hidden.items[0] == 256);
    assert_int_equal(train->label_smoothing, 0);
    assert_int_equal(config->settings.prep.numeric_embedding, NUMERIC_EMBED_PLE);
    assert_int_equal(config->space->n_params, 2);
    assert_int_equal(config->n_enqueued, 3);
    assert_int_equal(config->run_cap, 11);
    assert_true(config->enqueued[1][0].number == 0.04); /* the first of those for numbers */
    assert_string_equal(config->metric_full, "val_rmse");
    /* It is written as it was understood, and comes back as the same. */
    Text text = {0};
    Config *again = NULL;
    assert_true(config_print(config, &text));
    if (!config_read_text("again.yaml", text.bytes, "", arena, &again, &err)) fail_msg("%s", err.message);
    text_free(&text);
    const Task task = {.kind = TASK_NUMBERS, .n_targets = 1, .targets = &(Target){.name = "y", .scale = 1, .unit = 1}};
    assert_true(config_take_task(again, &task, "y", arena, &err));
    assert_string_equal(identity(config), identity(again));
    assert_int_equal(again->n_enqueued, 3);
}

/* The command line has the last word. */
static void what_is_said_on_top_is_for_numbers_too(void **state)
{
    (void)state;
    Error err = {0};
    Config *config = NULL;
    const Override said[] = {{"train.epochs=7", NULL}, {"parameters.huber_delta={min: 3.0, max: 4.0}", NULL}};
    Target target = {.name = "y", .scale = 1, .unit = 1};
    const Task task = {.kind = TASK_NUMBERS, .n_targets = 1, .targets = &target};
    const char *text = arena_print(arena, "%s%s", base, numbers);
    if (!config_read_said("t.yaml", text, "", said, 2, arena, &config, &err)
        || !config_take_task(config, &task, "y", arena, &err))
        fail_msg("%s", err.message);
    assert_int_equal(config->settings.train.epochs, 7);
    assert_true(config->settings.train.dropout == 0.2);
    assert_int_equal(config->space->n_params, 2);
    for (int i = 0; i < 2; i++)
        if (strcmp(config->space->params[i].name, "huber_delta") == 0) assert_true(config->space->params[i].low == 3);
}

static void the_keys_say_what_a_trial_is(void **state)
{
    (void)state;
    static const struct {
        const char *text, *kind;
    } cases[] = {{"parameters: {lr: {min: 0.1, max: 0.2}}\ndata: {format: digits}", "networks"},
                 {"parameters: {x: {min: 0.1, max: 0.2}}\nmetric: {name: loss}\nprogram: a.py", "program"},
                 {"parameters: {x: {values: [1, 2]}}\nmethod: grid\ncommand: [echo, \"${args}\"]", "program"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Error err = {0};
        Config *config;
        if (!config_read_text("t", cases[i].text, "", arena, &config, &err)) fail_msg("%s", err.message);
        assert_string_equal(config->kind->name, cases[i].kind);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identity_is_what_trials_depend_on),
        cmocka_unit_test(what_is_printed_reads_back),
        cmocka_unit_test(a_fixed_configuration_is_the_same_one),
        cmocka_unit_test(the_baseline_is_the_defaults_where_the_space_allows),
        cmocka_unit_test(the_baseline_takes_of_a_list_what_the_default_means),
        cmocka_unit_test(the_portfolio_is_fitted_into_the_space),
        cmocka_unit_test(numbers_have_settings_of_their_own),
        cmocka_unit_test(what_is_said_on_top_is_for_numbers_too),
        cmocka_unit_test(the_keys_say_what_a_trial_is),
    };
    return cmocka_run_group_tests_name("job/config", tests, start, finish);
}
