#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/field.h"
#include "tests/arena_fixture.h"

typedef struct {
    double rotate_deg;
    int shift_px;
} Augment;

typedef struct {
    bool nesterov;
    int epochs, jobs, optimizer;
    double learning_rate, clip;
    const char *label, *name;
    IntList hidden;
    TextList drop;
    double time_cap, disk_cap;
    Augment augment;
    const ConfNode *split;
    int plain, at_least, over;
} Spec;

static const char *const optimizers[] = {"sgd", "rmsprop", "adam", "adamw", NULL};

#define F(member) offsetof(Augment, member)
static const Field augment_list[] = {
    {"rotate_deg", FIELD_REAL, F(rotate_deg), "0", 0, 45, .help = "degrees", .searchable = true},
    {"shift_px", FIELD_INT, F(shift_px), "0", 0, 8, .help = "pixels", .searchable = true},
};
#undef F
static const FieldTable augment_fields = FIELD_TABLE("augment", augment_list);

#define F(member) offsetof(Spec, member)
static const Field spec_list[] = {
    {"nesterov", FIELD_BOOL, F(nesterov), "true", .help = "look ahead"},
    {"epochs", FIELD_INT, F(epochs), "30", 1, 100000, .help = "passes over the rows"},
    {"jobs", FIELD_INT, F(jobs), "auto", 1, 1024, .zero_word = "auto", .help = "workers"},
    {"optimizer", FIELD_CHOICE, F(optimizer), "adamw", .choices = optimizers, .help = "the step rule"},
    {"learning_rate", FIELD_REAL, F(learning_rate), "1e-3", 0, 10, .open_low = true, .help = "step size",
     .alias = "lr eta"},
    {"clip", FIELD_REAL, F(clip), "none", 0.001, INFINITY, .zero_word = "none", .help = "gradient norm"},
    {"label", FIELD_TEXT, F(label), NULL, .help = "column"},
    {"name", FIELD_TEXT, F(name), "a b", .help = "title"},
    {"hidden", FIELD_INT_LIST, F(hidden), "[128, 64]", 1, 4096, .help = "widths"},
    {"drop", FIELD_TEXT_LIST, F(drop), "[]", .help = "columns"},
    {"time_cap", FIELD_DURATION, F(time_cap), "none", .zero_word = "none", .help = "stop after"},
    {"disk_cap", FIELD_BYTES, F(disk_cap), "2GiB", .help = "for models"},
    {"augment", FIELD_SECTION, F(augment), .section = &augment_fields, .help = "deformations"},
    {"split", FIELD_NODE, F(split), .help = "how to hold out"},
    {"plain", FIELD_INT, F(plain), "0", .help = "any"},
    {"at_least", FIELD_INT, F(at_least), "5", 5, 0, .help = "no upper limit"},
    {"over", FIELD_INT, F(over), "auto", 0, 9, .zero_word = "none", .other_word = "auto", .help = "two words"},
};
static const FieldTable fields = FIELD_TABLE("train", spec_list);

static Spec defaults(void)
{
    Spec spec;
    Error err = {0};
    memset(&spec, 0xAB, sizeof spec);
    if (!field_defaults(&fields, &spec, arena, &err)) fail_msg("%s", err.message);
    return spec;
}

static const ConfNode *map_of(const char *text)
{
    Conf *conf = NULL;
    Error err = {0};
    if (!conf_read_text("s.yaml", text, strlen(text), arena, &conf, &err)) fail_msg("%s", err.message);
    return conf->root;
}

static void defaults_are_set(void **state)
{
    (void)state;
    Spec spec = defaults();
    assert_true(spec.nesterov);
    assert_int_equal(spec.epochs, 30);
    assert_int_equal(spec.jobs, 0);
    assert_int_equal(spec.optimizer, 3);
    assert_true(spec.learning_rate == 1e-3 && spec.clip == 0 && spec.time_cap == 0 && spec.disk_cap == 0x1p31);
    assert_null(spec.label);
    assert_string_equal(spec.name, "a b");
    assert_int_equal(spec.hidden.n, 2);
    assert_int_equal(spec.hidden.items[1], 64);
    assert_int_equal(spec.drop.n, 0);
    assert_true(spec.augment.rotate_deg == 0 && spec.augment.shift_px == 0);
    assert_null(spec.split);
}

static void yaml_is_read(void **state)
{
    (void)state;
    Spec spec = defaults();
    Error err = {0};
    const ConfNode *map = map_of("nesterov: false\nepochs: 1e3\njobs: 4\noptimizer: sgd\nlearning_rate: 1\nclip: 5.5\nlabel: 3\n"
                                 "hidden: 32\ndrop: [id, 'a b', 7]\ntime_cap: 1h30m\ndisk_cap: 500MB\naugment: {shift_px: 3.0}\n"
                                 "split: {type: kfold}\nat_least: 2000000000\n");
    if (!field_read(&fields, map, &spec, arena, &err)) fail_msg("%s", err.message);
    assert_false(spec.nesterov);
    assert_int_equal(spec.epochs, 1000);
    assert_int_equal(spec.jobs, 4);
    assert_int_equal(spec.optimizer, 0);
    assert_true(spec.learning_rate == 1 && spec.clip == 5.5 && spec.time_cap == 5400 && spec.disk_cap == 5e8);
    assert_string_equal(spec.label, "3");
    assert_int_equal(spec.hidden.n, 1);
    assert_int_equal(spec.hidden.items[0], 32);
    assert_int_equal(spec.drop.n, 3);
    assert_string_equal(spec.drop.items[1], "a b");
    assert_string_equal(spec.drop.items[2], "7");
    assert_int_equal(spec.augment.shift_px, 3);
    assert_string_equal(conf_get(spec.split, "type")->text, "kfold");
    assert_int_equal(spec.at_least, 2000000000);
    Spec before = spec;
    assert_true(field_read(&fields, NULL, &spec, arena, &err));
    assert_memory_equal(&before, &spec, sizeof spec);
    assert_true(field_read(&fields, map_of("augment:\njobs: auto\ntime_cap: ~\nlabel: null\nhidden: []\n"), &spec, arena, &err));
    assert_int_equal(spec.over, -1);
    static const struct { const char *yaml; int over; } words[] = {{"over: 3", 3}, {"over: none", 0}, {"over: 4", 4}, {"over: ~", 0}, {"over: auto", -1}};
    for (int i = 0; i < 5; i++) {
        assert_true(field_read(&fields, map_of(words[i].yaml), &spec, arena, &err));
        assert_int_equal(spec.over, words[i].over);
    }
    assert_true(spec.jobs == 0 && spec.time_cap == 0 && !spec.label && spec.hidden.n == 0 && spec.augment.shift_px == 3);
}

static const struct {
    const char *yaml, *message;
} bad[] = {
    {"epochs: 0", "s.yaml:1:9: epochs is 0; it must lie between 1 and 100000"},
    {"epochs: 64.5", "s.yaml:1:9: epochs is 64.5; it must be a whole number"},
    {"epochs: many", "s.yaml:1:9: epochs takes a whole number, not `many`"},
    {"epochs: [3]", "s.yaml:1:9: epochs takes a whole number, not a list"},
    {"epochs:", "s.yaml:1:8: epochs has no value"},
    {"epochs: 1e300", "s.yaml:1:9: epochs is 1e+300; it must lie between 1 and 100000"},
    {"plain: 3e9", "s.yaml:1:8: plain is 3000000000; it must lie between -2147483648 and 2147483647"},
    {"at_least: 4", "s.yaml:1:11: at_least is 4; it must be at least 5"},
    {"jobs: 0", "s.yaml:1:7: jobs is 0; it must lie between 1 and 1024, or `auto`"},
    {"jobs: autp", "s.yaml:1:7: jobs takes a whole number or `auto`, not `autp`"},
    {"over: -1", "s.yaml:1:7: over is -1; it must lie between 0 and 9, or `none`, or `auto`"},
    {"over: automatic", "s.yaml:1:7: over takes a whole number or `none` or `auto`, not `automatic`"},
    {"learning_rate: 0", "s.yaml:1:16: learning_rate is 0; it must be above 0 and at most 10"},
    {"clip: 0", "s.yaml:1:7: clip is 0; it must be at least 0.001, or `none`"},
    {"nesterov: yes", "s.yaml:1:11: nesterov takes true or false, not `yes`"},
    {"nesterov: 1", "s.yaml:1:11: nesterov takes true or false, not `1`"},
    {"optimizer: adma", "s.yaml:1:12: `adma` is not a choice for optimizer; did you mean `adam`? (one of sgd, rmsprop, adam, adamw)"},
    {"optimizer: lbfgs", "s.yaml:1:12: `lbfgs` is not a choice for optimizer; it is one of sgd, rmsprop, adam, adamw"},
    {"optimizer: [sgd]", "s.yaml:1:12: optimizer takes one of sgd, rmsprop, adam, adamw, not a list"},
    {"optimizer:", "s.yaml:1:11: optimizer takes one of sgd, rmsprop, adam, adamw, not nothing"},
    {"hidden: [64, 0]", "s.yaml:1:14: hidden is 0; it must lie between 1 and 4096"},
    {"hidden: [64, a]", "s.yaml:1:14: hidden takes a list of whole numbers ([256, 128]), not `a`"},
    {"hidden: {a: 1}", "s.yaml:1:9: hidden takes a list of whole numbers ([256, 128]), not a map"},
    {"drop: [[a]]", "s.yaml:1:8: drop takes a list of words ([age, sex]), not a list"},
    {"time_cap: 1:30", "s.yaml:1:11: time_cap takes a duration (90s, 15m, 1h30m) or `none`, not `1:30`"},
    {"time_cap: -5", "s.yaml:1:11: time_cap cannot be negative"},
    {"disk_cap: 2G", "s.yaml:1:11: disk_cap takes a size (500MB, 2GiB), not `2G`"},
    {"label: [a]", "s.yaml:1:8: label takes a text, not a list"},
    {"augment: 3", "s.yaml:1:10: `augment` is a section: expected `key: value` below it, found a number"},
    {"augment: {shift: 3}", "s.yaml:1:11: unknown key `shift` in `augment`; did you mean `shift_px`?"},
    {"augment: {shift_pxl: 3}", "s.yaml:1:11: unknown key `shift_pxl` in `augment`; did you mean `shift_px`?"},
    {"learing_rate: 3", "s.yaml:1:1: unknown key `learing_rate` in `train`; did you mean `learning_rate`?"},
};

static void refusals_change_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        Spec spec = defaults(), before = spec;
        Error err = {0};
        if (field_read(&fields, map_of(bad[i].yaml), &spec, arena, &err)) fail_msg("took %s", bad[i].yaml);
        assert_string_equal(err.message, bad[i].message);
        assert_int_equal(err.code, ERR_CONFIG);
        char both[200]; /* a good key before the bad one is not stored either */
        snprintf(both, sizeof both, "name: other\n%s\n", bad[i].yaml);
        assert_false(field_read(&fields, map_of(both), &spec, arena, &err));
        assert_memory_equal(&spec, &before, sizeof spec);
    }
}

/* Who reads a text that has a default need not ask whether it is there. */
static void a_text_with_a_default_is_never_null(void **state)
{
    (void)state;
    static const char *const nothing[] = {"name:", "name: ~", "name: null"};
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++) {
        Spec spec = defaults();
        Error err = {0};
        assert_false(field_read(&fields, map_of(nothing[i]), &spec, arena, &err));
        assert_non_null(strstr(err.message, "name has no value"));
        assert_string_equal(spec.name, "a b");
    }
    Spec spec = defaults();
    assert_true(field_read(&fields, map_of("name: ''"), &spec, arena, NULL));
    assert_string_equal(spec.name, "");
}

static void parameters_are_assigned(void **state)
{
    (void)state;
    Spec spec = defaults();
    Error err = {0};
    static const struct {
        const char *name;
        Value value;
    } good[] = {
        {"epochs", {VALUE_REAL, 64, NULL}}, {"learning_rate", {VALUE_INT, 1, NULL}}, {"optimizer", {VALUE_TEXT, 0, "adam"}},
        {"hidden", {VALUE_LIST, 0, "[256,128,64]"}}, {"nesterov", {VALUE_BOOL, 0, NULL}}, {"jobs", {VALUE_TEXT, 0, "auto"}},
        {"augment.shift_px", {VALUE_INT, 4, NULL}}, {"time_cap", {VALUE_TEXT, 0, "90s"}}, {"drop", {VALUE_LIST, 0, "[\"a\",\"b c\"]"}},
        {"name", {VALUE_TEXT, 0, "no: [quotes"}}, {"plain", {VALUE_NONE, 0, NULL}},
    };
    spec.plain = 9;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        if (!field_assign(&fields, good[i].name, &good[i].value, &spec, arena, &err)) fail_msg("%s", err.message);
        assert_true(field_accepts(field_find(&fields, good[i].name), &good[i].value, &err));
    }
    assert_true(spec.epochs == 64 && spec.learning_rate == 1 && spec.optimizer == 2 && !spec.nesterov && spec.jobs == 0);
    assert_true(spec.hidden.n == 3 && spec.hidden.items[2] == 64 && spec.augment.shift_px == 4 && spec.time_cap == 90);
    assert_string_equal(spec.drop.items[1], "b c");
    assert_string_equal(spec.name, "no: [quotes");
    assert_int_equal(spec.plain, 9);
    static const struct {
        const char *name;
        Value value;
        const char *message;
    } wrong[] = {
        {"epochs", {VALUE_INT, 0, NULL}, "epochs is 0; it must lie between 1 and 100000"},
        {"epochs", {VALUE_REAL, NAN, NULL}, "epochs is not a finite number"},
        {"learning_rate", {VALUE_REAL, INFINITY, NULL}, "learning_rate is not a finite number"},
        {"plain", {VALUE_REAL, 1e18, NULL}, "plain is 1e+18; it must lie between -2147483648 and 2147483647"},
        {"epochs", {VALUE_TEXT, 0, "7"}, "epochs takes a whole number, not `7`"},
        {"hidden", {VALUE_LIST, 0, "[1"}, "expected `,` or `]` in the list that begins on line 1"},
        {"augment.shift_px", {VALUE_INT, 9, NULL}, "shift_px is 9; it must lie between 0 and 8"},
    };
    Spec before = spec;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(field_assign(&fields, wrong[i].name, &wrong[i].value, &spec, arena, &err));
        assert_string_equal(err.message, wrong[i].message);
        assert_false(field_accepts(field_find(&fields, wrong[i].name), &wrong[i].value, NULL));
        assert_memory_equal(&spec, &before, sizeof spec);
    }
    Value one = value_int(1);
    assert_false(field_assign(&fields, "epoch", &one, &spec, arena, &err));
    assert_string_equal(err.message, "no setting in `train` is called `epoch`; did you mean `epochs`?");
    assert_false(field_assign(&fields, "augment", &one, &spec, arena, &err));
    assert_string_equal(err.message, "augment is a section, not a setting");
    assert_null(field_find(&fields, "augment.none"));
    assert_null(field_find(&fields, "epochs.x"));
    assert_null(field_find(&fields, ""));
    assert_ptr_equal(field_find(&fields, "augment.shift_px"), &augment_list[1]);
}

static void other_names_mean_the_same(void **state)
{
    (void)state;
    Spec spec = defaults();
    Error err = {0};
    Value value = value_real(0.5);
    assert_true(field_read(&fields, map_of("lr: 0.25"), &spec, arena, &err));
    assert_true(spec.learning_rate == 0.25);
    assert_true(field_assign(&fields, "eta", &value, &spec, arena, &err));
    assert_true(spec.learning_rate == 0.5);
    assert_ptr_equal(field_find(&fields, "lr"), field_find(&fields, "learning_rate"));
    assert_null(field_find(&fields, "l"));
    assert_null(field_find(&fields, "lr eta"));
    assert_false(field_read(&fields, map_of("lr: 1\nlearning_rate: 2"), &spec, arena, &err));
    assert_non_null(strstr(err.message, "`learning_rate` and `lr` (line 1) are the same setting"));
    assert_true(spec.learning_rate == 0.5);
}

/* What a caller put into a record itself is held to the table's limits. */
static void a_record_that_no_file_could_make_is_found(void **state)
{
    (void)state;
    Spec good = defaults();
    assert_null(field_misfit(&fields, &good));
#define MISFIT(change, want)                                                     \
    do {                                                                         \
        Spec spec = good;                                                        \
        change;                                                                  \
        const char *name = field_misfit(&fields, &spec);                         \
        if (!name || strcmp(name, want) != 0) fail_msg("%s: %s", #change, name); \
    } while (0)
    MISFIT(spec.epochs = 0, "epochs");
    MISFIT(spec.learning_rate = 0, "learning_rate");
    MISFIT(spec.learning_rate = NAN, "learning_rate");
    MISFIT(spec.learning_rate = 10.5, "learning_rate");
    MISFIT(spec.optimizer = 4, "optimizer");
    MISFIT(spec.optimizer = -1, "optimizer");
    MISFIT(spec.hidden.items[1] = 0, "hidden");
    MISFIT(spec.hidden.n = FIELD_LIST_MAX + 1, "hidden");
    MISFIT(spec.augment.shift_px = 9, "shift_px");
    MISFIT(spec.at_least = 4, "at_least");
#undef MISFIT
    good.jobs = 0; /* "auto" */
    good.clip = 0; /* "none" */
    good.plain = -7; /* without limits */
    good.at_least = 1000000;
    assert_true(good.over == -1); /* "auto" */
    assert_null(field_misfit(&fields, &good));
}

static void too_many_items_are_refused(void **state)
{
    (void)state;
    char text[400] = "hidden: [1";
    for (int i = 0; i < 64; i++) strcat(text, ",1");
    strcat(text, "]");
    Spec spec = defaults();
    Error err = {0};
    assert_false(field_read(&fields, map_of(text), &spec, arena, &err));
    assert_string_equal(err.message, "s.yaml:1:9: hidden has 65 entries; at most 64 are allowed");
}

static void what_is_printed_reads_back(void **state)
{
    (void)state;
    Spec spec = defaults(), back = defaults();
    Error err = {0};
    Text out = {0}, again = {0};
    assert_true(field_read(&fields, map_of("label: 'no'\ndrop: [a, 'b: c']\ntime_cap: 5400\ndisk_cap: 1536\nsplit: {type: kfold, "
                                           "list: [{a: 1}]}\naugment: {rotate_deg: 0.1}\nclip: 0.01\n"), &spec, arena, &err));
    field_print_yaml(&fields, &spec, 0, &out);
    assert_string_equal(out.bytes, "nesterov: true\nepochs: 30\njobs: auto\noptimizer: adamw\nlearning_rate: 0.001\nclip: 0.01\n"
                                   "label: \"no\"\nname: a b\nhidden: [128, 64]\ndrop: [a, \"b: c\"]\ntime_cap: 90m\ndisk_cap: 1536\n"
                                   "augment:\n  rotate_deg: 0.1\n  shift_px: 0\nsplit:\n  type: kfold\n  list:\n    - a: 1\n"
                                   "plain: 0\nat_least: 5\nover: auto\n");
    assert_true(field_read(&fields, map_of(out.bytes), &back, arena, &err));
    field_print_yaml(&fields, &back, 0, &again);
    assert_string_equal(again.bytes, out.bytes);
    text_free(&out), text_free(&again);
    field_print_help(&fields, 2, &out);
    assert_non_null(strstr(out.bytes, "  epochs         passes over the rows (whole number between 1 and 100000; default 30)\n"));
    assert_non_null(strstr(out.bytes, "  optimizer      the step rule (sgd|rmsprop|adam|adamw; default adamw)\n"));
    assert_non_null(strstr(out.bytes, "    shift_px    pixels (whole number between 0 and 8; default 0)\n"));
    assert_non_null(strstr(out.bytes, "  over           two words (whole number between 0 and 9 or none or auto; default auto)\n"));
    assert_non_null(strstr(out.bytes, "  jobs           workers (whole number between 1 and 1024 or auto; default auto)\n"));
    text_free(&out);
    const char *const *names = field_names(&fields, arena);
    assert_string_equal(names[0], "nesterov");
    assert_null(names[fields.n]);
}

static void running_out_of_memory_changes_nothing(void **state)
{
    (void)state;
    const ConfNode *map = map_of("epochs: 3\nlabel: x\ndrop: [a, b]\naugment: {shift_px: 2}\n");
    bool done = false;
    for (long n = 0; !done; n++) {
        Spec spec = defaults(), before = spec;
        Arena *own = arena_create(0);
        Error err = {0};
        arena_fail_after(own, n);
        done = field_read(&fields, map, &spec, own, &err);
        if (!done) assert_int_equal(err.code, ERR_MEMORY);
        if (!done) assert_memory_equal(&spec, &before, sizeof spec);
        assert_true(n < 100);
        arena_destroy(own);
    }
    done = false;
    for (long n = 0; !done; n++) {
        Spec spec;
        Arena *own = arena_create(0);
        Error err = {0};
        arena_fail_after(own, n);
        done = field_defaults(&fields, &spec, own, &err);
        if (!done) assert_int_equal(err.code, ERR_MEMORY);
        assert_true(n < 200);
        arena_destroy(own);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_set),           cmocka_unit_test(yaml_is_read),
        cmocka_unit_test(refusals_change_nothing),    cmocka_unit_test(parameters_are_assigned),
        cmocka_unit_test(too_many_items_are_refused),
        cmocka_unit_test(a_text_with_a_default_is_never_null), cmocka_unit_test(what_is_printed_reads_back),
        cmocka_unit_test(other_names_mean_the_same),
        cmocka_unit_test(a_record_that_no_file_could_make_is_found),
        cmocka_unit_test(running_out_of_memory_changes_nothing),
    };
    return cmocka_run_group_tests_name("base/field", tests, start, finish);
}
