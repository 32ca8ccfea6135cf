#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "arena_fixture.h"
#include "tuner/trial/stored.h"

static bool read_yaml(const char *yaml, bool program, Goals *out, Error *err)
{
    Conf *conf;
    *err = (Error){0};
    if (!conf_read_text("t.yaml", yaml, strlen(yaml), arena, &conf, err)) fail_msg("%s", err->message);
    return goals_read(conf_get(conf->root, "metrics"), program, out, err);
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    Goals goals;
    Error err;
    assert_true(read_yaml("metrics:\n  - {name: val_f1_macro, goal: maximize, target: 0.97}\n"
                          "  - {name: n_params}\n  - {name: log_loss, goal: minimize}\n", false, &goals, &err));
    assert_int_equal(goals.n, 3);
    assert_true(goals.goal[0].maximize && !goals.goal[0].cost && goals.goal[0].target == 0.97);
    assert_true(!goals.goal[1].maximize && goals.goal[1].cost && isnan(goals.goal[1].target));
    assert_string_equal(goals.goal[1].split, "cost");
    assert_string_equal(goals.goal[2].key, "log_loss");
    assert_true(read_yaml("metrics: [{name: reward, goal: maximize}, {name: n_params}]", true, &goals, &err));
    assert_true(goals.goal[0].maximize && !goals.goal[1].cost);
    assert_string_equal(goals.goal[0].key, "reward");
}

static void mistakes_are_named(void **state)
{
    (void)state;
    static const struct { const char *yaml, *message; } cases[] = {
        {"metrics: [{name: val_loss}]", "t.yaml:1:1: .*two or more"},
        {"metrics: val_loss", "two or more"},
        {"metrics: [{name: val_loss}, {name: n_parms}]", "did you mean `n_params`"},
        {"metrics: [{name: val_loss}, {name: val_acuracy}]", "did you mean `val_accuracy`"},
        {"metrics: [{name: val_loss}, {name: xyzzyqwerty}]", "or a cost: n_params"},
        {"metrics: [{name: n_params}, {name: val_loss}]", "the first of `metrics`"},
        {"metrics: [{name: val_loss}, {name: loss}]", "twice"},
        {"metrics: [{name: val_loss}, {name: n_params, goal: maximize}]", "goal: minimize"},
        {"metrics: [{name: val_loss, goal: up}, {name: n_params}]", "minimize or maximize"},
        {"metrics: [{name: val_loss, target: low}, {name: n_params}]", "must be a finite number"},
        {"metrics: [{name: val_loss, goals: minimize}, {name: n_params}]", "did you mean `goal`"},
        {"metrics: [{goal: minimize}, {name: n_params}]", "needs a `name`"},
        {"metrics: [val_loss, n_params]", "is a map"},
        {"metrics: [{name: loss}, {name: n_params}, {name: flops}, {name: accuracy}, {name: mcc}]", "5 entries"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Goals goals = {.n = -1};
        Error err;
        const char *want = strstr(cases[i].message, ".*");
        if (read_yaml(cases[i].yaml, false, &goals, &err)) fail_msg("accepted: %s", cases[i].yaml);
        assert_int_equal(err.code, ERR_CONFIG);
        if (!strstr(err.message, want ? want + 2 : cases[i].message)) fail_msg("%s: %s", cases[i].yaml, err.message);
        assert_non_null(strstr(err.message, "t.yaml:1:"));
    }
}

static void rows_become_points(void **state)
{
    (void)state;
    Goals goals;
    Error err;
    MetricRow rows[] = {{"val", 0, "f1_macro", 0.5, NAN, NAN}, {"val", -1, "f1_macro", 0.9, NAN, NAN},
                        {"val", -1, "n_params", 3, NAN, NAN}, {"cost", -1, "n_params", 1000, NAN, NAN},
                        {"test", -1, "f1_macro", 0.1, NAN, NAN}};
    double value[3], point[3];
    assert_true(read_yaml("metrics: [{name: val_f1_macro, target: 0.9}, {name: n_params, target: 1000}]", false,
                          &goals, &err));
    goals_values(&goals, rows, 5, value);
    assert_true(value[0] == 0.9 && value[1] == 1000);
    goals_point(&goals, value, point);
    assert_true(point[0] == -0.9 && fabs(point[1] - log(1000)) < 1e-15);
    assert_true(goals_reached(&goals, value));
    value[1] = 1001;
    assert_false(goals_reached(&goals, value));
    goals.goal[1].target = NAN;
    assert_true(goals_reached(&goals, value));
    goals.goal[0].target = NAN;
    assert_false(goals_reached(&goals, value)); /* no target at all is never reached */
    goals_values(&goals, rows, 1, value);
    goals_point(&goals, value, point);
    assert_true(isnan(value[0]) && isnan(point[0]) && isnan(point[1]));
}

static void stored_configurations(void **state)
{
    (void)state;
    Stored stored;
    Error err = {0};
    StudyInfo study = {.n_classes = 2, .config_yaml = "metrics: [{name: val_loss}, {name: flops}]\n"};
    assert_true(stored_read(&study, arena, &stored, &err));
    assert_int_equal(stored.goals.n, 2);
    assert_null(stored.space);
    study.config_yaml = "parameters: {hidden: {min: 1, max: 9}, x: {min: 0.0, max: 1.0}}\n";
    assert_true(stored_read(&study, arena, &stored, &err));
    assert_true(stored.goals.n == 0 && stored.space && stored.space->n_params == 2);
    static const char *const others[] = {NULL, "", "metric: {name: val_loss}\n", "metrics: [{name: never_heard}]\n",
                                         "[not yaml", "parameters: {x: {min: 9, max: 1}}\n"};
    for (int i = 0; i < 6; i++) {
        study.config_yaml = others[i];
        assert_true(stored_read(&study, arena, &stored, &err));
        assert_int_equal(stored.goals.n, 0);
        assert_null(stored.space);
    }
    study.n_classes = 0, study.data_sha256 = ""; /* a program's */
    study.config_yaml = "command: [x]\nmetrics: [{name: a}, {name: b, goal: maximize}]\n";
    assert_true(stored_read(&study, arena, &stored, &err));
    assert_true(stored.goals.n == 2 && stored.goals.goal[1].maximize);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(rows_become_points),
        cmocka_unit_test(stored_configurations),
    };
    return cmocka_run_group_tests_name("tuner/goals", tests, start, finish);
}
