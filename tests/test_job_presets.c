/* Presets as a choice of the search: the table and the list of names agree, a trial stands on what it drew with the
 * file's keys and its own values on top, what is printed is the same study, and what cannot be meant is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "job/job.h"
#include "job/presets.h"
#include "tests/arena_fixture.h"

static char folder[] = "/tmp/consort_presets_XXXXXX";
static Error err;

#define TRY(call) do { if (!(call)) fail_msg(#call ": %s", err.message); } while (0)

static const char searched[] =
    "name: t\n"
    "method: random\n"
    "metric: {name: val_log_loss, numbers: val_rmse}\n"
    "run_cap: 4\n"
    "baseline: false\n"
    "portfolio: 3\n"
    "parameters:\n"
    "  preset: {values: [ple, lean, keras]}\n"
    "  learning_rate: {distribution: log_uniform_values, min: 0.001, max: 0.1}\n"
    "  dropout: {values: [0, 0.1, 0.15, 0.3]}\n"
    "  ple_bins: {values: [4, 48], when: \"preset == ple\"}\n"
    "data: {train: t.csv, preprocess: {ple_edges: tree}}\n"
    "train: {epochs: 3, weight_decay: 0.03}\n";

static Config *read(const char *text)
{
    Config *config;
    TRY(config_read_text("t", text, "", arena, &config, &err));
    return config;
}

static const char *identity(const Config *config)
{
    char *hex = ARENA_NEW(arena, char, 65);
    TRY(config_identity(config, hex, &err));
    return hex;
}

static int place_of(const Config *config, const char *name)
{
    for (int i = 0; i < config->space->n_params; i++)
        if (strcmp(config->space->params[i].name, name) == 0) return i;
    fail_msg("no parameter %s", name);
    return -1;
}

static int id_of(const char *preset)
{
    return names_find(preset_names, preset);
}

/* What a trial of the configuration stands on. */
static Settings settings_of(const Config *config, const Value *values)
{
    Settings out;
    Objective objective = {.o = {.settings = &config->settings, .presets = config->presets,
                                 .space = config->space}};
    TRY(objective_settings(&objective, values, arena, &out, &err));
    assert_int_equal(objective_runner(&objective).full_epochs(&objective, values), out.train.epochs);
    return out;
}

/* Where the file says nothing of epochs, a trial has those of its preset, and early termination counts in them. */
static void a_drawn_preset_has_its_own_epochs(void **state)
{
    (void)state;
    static const int epochs[] = {48, 24, 5};
    const Config *config = read("name: t\nmethod: random\nrun_cap: 3\nbaseline: false\nportfolio: 3\n"
                                "parameters: {preset: {values: [ple, sharp, keras]}}\ndata: {train: t.csv}\n");
    assert_int_equal(config->n_enqueued, 3);
    for (int i = 0; i < 3; i++)
        assert_int_equal(settings_of(config, config->enqueued[i]).train.epochs, epochs[i]);
    assert_int_equal(config->full_epochs, 48);
}

static void the_table_and_the_names_are_the_same(void **state)
{
    (void)state;
    for (int p = 0; p < PRESET_COUNT; p++) assert_non_null(preset_find(preset_names[p]));
    assert_null(preset_names[PRESET_COUNT]);
    for (const Preset *preset = presets; preset->name; preset++) {
        assert_true(id_of(preset->name) >= 0);
        if (preset->alias) assert_true(id_of(preset->alias) >= 0);
        if (preset->base) assert_true(preset_find(preset->base) && preset_find(preset->base) < preset);
        for (int numbers = 0; numbers < 2; numbers++) { /* each may be laid over the defaults */
            Settings settings;
            TRY(field_defaults(&train_fields, &settings.train, arena, &err)
                && field_defaults(&prep_fields, &settings.prep, arena, &err));
            TRY(preset_apply(preset, numbers, &settings, arena, &err));
        }
    }
}

static void a_trial_stands_on_what_it_drew(void **state)
{
    (void)state;
    const Config *config = read(searched);
    const int preset = place_of(config, "preset"), bins = place_of(config, "ple_bins");
    const int dropout = place_of(config, "dropout");
    assert_int_equal(config->n_enqueued, 3); /* each preset as it is */
    static const struct {
        const char *name;
        double dropout, smoothing;
        int width, activation, embedding, bins;
    } want[] = {{"ple", 0.15, 0.05, 128, ACT_RELU, NUMERIC_EMBED_PLE, 48},
                {"lean", 0.1, 0.05, 128, ACT_MISH, NUMERIC_EMBED_NONE, 0},
                {"keras", 0, 0, 128, ACT_RELU, NUMERIC_EMBED_NONE, 0}};
    for (int i = 0; i < 3; i++) {
        const Value *values = config->enqueued[i];
        assert_string_equal(values[preset].text, want[i].name);
        assert_int_equal(values[bins].kind == VALUE_NONE, want[i].bins == 0); /* when: preset == ple */
        const Settings s = settings_of(config, values);
        assert_int_equal(s.preset, id_of(want[i].name));
        assert_true(s.train.dropout == want[i].dropout && s.train.label_smoothing == want[i].smoothing);
        assert_int_equal(s.train.hidden.items[0], want[i].width);
        assert_int_equal(s.train.activation, want[i].activation);
        assert_int_equal(s.prep.numeric_embedding, want[i].embedding);
        if (want[i].bins) assert_int_equal(s.prep.ple_bins, want[i].bins);
        /* The file's keys win over any preset's. */
        assert_int_equal(s.train.epochs, 3);
        assert_true(s.train.weight_decay == 0.03);
        assert_int_equal(s.prep.ple_edges, PLE_TREE);
    }
    /* A trial's own values lie on top of both. */
    Value values[16];
    memcpy(values, config->enqueued[0], (size_t)config->space->n_params * sizeof *values);
    values[dropout] = value_real(0.3);
    values[bins] = value_int(4);
    Settings s = settings_of(config, values);
    assert_true(s.train.dropout == 0.3 && s.prep.ple_bins == 4 && s.train.label_smoothing == 0.05);
    /* Drawn with any dice, the conditional one is there for ple alone. */
    for (int k = 0; k < 9; k++) {
        double u[8] = {(k % 3 + 0.5) / 3, 0.5, 0.5, 0.9};
        space_decode(config->space, u, values);
        assert_int_equal(values[bins].kind != VALUE_NONE, strcmp(values[preset].text, "ple") == 0);
    }
}

static void what_is_printed_is_the_same_study(void **state)
{
    (void)state;
    const Config *first = read(searched);
    for (int resolved = 0; resolved < 2; resolved++) {
        Text once = {0}, twice = {0};
        assert_true(resolved ? config_print_resolved(first, &once) : config_print(first, &once));
        const Config *second = read(once.bytes);
        assert_true(resolved ? config_print_resolved(second, &twice) : config_print(second, &twice));
        assert_string_equal(once.bytes, twice.bytes);
        assert_string_equal(identity(first), identity(second));
        for (int p = 0; p < PRESET_COUNT; p++) {
            assert_int_equal(first->presets[p] == NULL, second->presets[p] == NULL);
            for (int i = 0; first->presets[p] && settings_names(arena)[i]; i++) {
                Value a, b;
                const char *name = settings_names(arena)[i];
                assert_int_equal(settings_get(first->presets[p], name, arena, &a),
                                 settings_get(second->presets[p], name, arena, &b));
                if (!value_equal(&a, &b)) fail_msg("%s: %s is another", preset_names[p], name);
            }
        }
        text_free(&once);
        text_free(&twice);
    }
}

/* The identity knows what each preset means, not its name alone. */
static void what_the_file_says_changes_the_identity(void **state)
{
    (void)state;
    const char *other = arena_print(arena, "%sensemble: {size: 3}\n", searched);
    assert_string_equal(identity(read(searched)), identity(read(other)));
    char *text = arena_copy(arena, searched);
    memcpy(strstr(text, "weight_decay: 0.03"), "weight_decay: 0.02", 18);
    assert_string_not_equal(identity(read(searched)), identity(read(text)));
    text = arena_copy(arena, searched);
    memcpy(strstr(text, "keras]"), "sharp]", 6);
    assert_string_not_equal(identity(read(searched)), identity(read(text)));
}

static void what_cannot_be_meant_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *said;
    } cases[] = {
        {"preset: lean\nparameters: {preset: {values: [ple, lean]}}\n",
         "`preset` is fixed here and searched in `parameters` (line 2); keep one"},
        {"parameters: {preset: {values: [ple, lena]}}\n", "did you mean `lean`?"},
        {"parameters: {preset: {values: [ple, lean]}, num_layers: {values: [1, 2]}, width_1: {value: 8},"
         " width_2: {value: 8}}\n", "a preset has `hidden`; with `preset` searched, widths are searched as"},
        {"parameters: {preset: {values: [ple, lean]}}\ntrain: {num_layers: 1, width_1: 8}\n",
         "a preset has `hidden`; with `preset` searched, widths are searched as"},
        {"parameters: {preset: {min: 1, max: 3}}\n", "`preset`"},
        {"parameters: {preset: {values: [ple, lean]}, ple_bins: {values: [4, 8], when: \"preset == pel\"}}\n", "pel"},
        {"parameters: {preset: {values: [ple, lean]}, epochs: {values: [4, 8]}}\ntrain: {epochs: 3}\n",
         "`epochs` is fixed here and searched in `parameters`"},
        {"preset: lena\nparameters: {dropout: {values: [0, 0.1]}}\n", "unknown preset `lena`; did you mean `lean`?"},
        {"preset: tabm\nparameters: {dropout: {values: [0, 0.1]}}\n", "the preset `tabm` is gone"},
        {"enqueue: [{preset: keras}]\nparameters: {preset: {values: [ple, lean]}}\n",
         "`preset` cannot be keras here; it is one of ple, lean"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Config *config;
        const char *text = arena_print(arena, "%sdata: {train: t.csv}\n", cases[i].text);
        if (config_read_text("t", text, "", arena, &config, &err)) fail_msg("taken: %s", cases[i].text);
        assert_int_equal(err.code, ERR_CONFIG);
        if (!strstr(err.message, cases[i].said)) fail_msg("%s\nwith %s", err.message, cases[i].text);
    }
}

static Config *of_numbers(const char *text)
{
    static const Target target = {.name = "y", .scale = 1, .unit = 1};
    const Task task = {.kind = TASK_NUMBERS, .n_targets = 1, .targets = &target};
    Config *config = read(text);
    TRY(config_take_task(config, &task, "y", arena, &err));
    return config;
}

/* Where numbers are predicted, each preset has its own of them, and the file's `numbers` lie on top. */
static void presets_of_numbers_are_searched(void **state)
{
    (void)state;
    Config *config = of_numbers(arena_print(arena, "%snumbers: {train: {dropout_schedule: constant, ema: 0.9}}\n",
                                            searched));
    const Settings *lean = config->presets[id_of("lean")], *ple = config->presets[id_of("ple")];
    assert_true(lean->train.label_smoothing == 0 && ple->train.label_smoothing == 0);
    assert_true(lean->train.ema == 0.9 && ple->train.epochs == 3 && lean->train.weight_decay == 0.03);
    assert_int_equal(config->n_enqueued, 3);
    Text text = {0};
    assert_true(config_print(config, &text));
    const Config *again = of_numbers(text.bytes);
    text_free(&text);
    assert_string_equal(identity(config), identity(again));
    assert_true(again->presets[id_of("lean")]->train.ema == 0.9);
    /* `numbers` may search them where classes do not. */
    config = of_numbers("preset: realmlp\ndata: {train: t.csv}\nparameters: {dropout: {values: [0, 0.1]}}\n"
                        "numbers: {parameters: {dropout: {values: [0.1, 0.2]}}}\n");
    assert_null(config->presets);
}

/* One preset for numbers and a search of them are two minds; a search of its own has one. */
static void numbers_do_not_fix_what_is_searched(void **state)
{
    (void)state;
    static const Target target = {.name = "y", .scale = 1, .unit = 1};
    const Task task = {.kind = TASK_NUMBERS, .n_targets = 1, .targets = &target};
    Config *config = read(arena_print(arena, "%snumbers: {preset: default}\n", searched));
    assert_false(config_take_task(config, &task, "y", arena, &err));
    assert_int_equal(err.code, ERR_CONFIG);
    assert_non_null(strstr(err.message, "`preset` is fixed here and searched in `parameters` (line 8); keep one"));
    config = of_numbers(arena_print(arena, "%snumbers: {preset: default, parameters: {loss: {values: [squared, huber]}}}"
                                    "\n", searched));
    assert_null(config->presets);
    assert_int_equal(config->settings.train.hidden.items[0], 256);
    assert_int_equal(config->space->n_params, 1);
}

static const char run_text[] =
    "name: t\n"
    "method: random\n"
    "metric: {name: val_log_loss}\n"
    "run_cap: 3\n"
    "baseline: false\n"
    "portfolio: 3\n"
    "parameters:\n"
    "  preset: {values: [ple, lean, keras]}\n"
    "  learning_rate: {distribution: log_uniform_values, min: 0.001, max: 0.1}\n"
    "data: {train: %s, label: c, split: {type: holdout, val_fraction: 0.3, seed: 1}}\n"
    "train: {epochs: 3}\n"
    "run: {jobs: 1, dir: %s}\n"
    "report: {baselines: false, ci: none}\n";

/* What its network says of the rows that were held out: of the model file the name differs, and its hash. */
static void predictions_of(const char *dir, int trial, Bytes *out)
{
    TRY(file_read(arena_print(arena, "%s/artifacts/trial-%06d.proba", dir, trial), 1 << 24, out, &err));
}

static Sweep sweep(const Config *config, const char *dir)
{
    Sweep out;
    SweepOptions options = {.place.dir = dir};
    TRY(sweep_run((Config *)config, &options, arena, &out, &err));
    assert_true(out.ended);
    return out;
}

/* A trial's values as a configuration of their own train the same network, bit for bit. */
static void the_winner_is_trained_again_bit_for_bit(void **state)
{
    (void)state;
    Text rows = {0};
    text_add(&rows, "a,b,c\n");
    for (int i = 0; i < 120; i++)
        text_print(&rows, "%d.%d,%s,%s\n", i * 37 % 120, i * 11 % 10, i % 5 == 0 ? "red" : "ink",
                   (i * 37 % 120 > 60) != (i % 5 == 0) ? "yes" : "no");
    const char *csv = arena_print(arena, "%s/t.csv", folder), *dir = arena_print(arena, "%s/study", folder);
    TRY(file_write(csv, rows.bytes, rows.n, &err));
    text_free(&rows);
    const Config *config = read(arena_print(arena, run_text, csv, dir));
    sweep(config, dir);
    for (int t = 0; t < 3; t++) {
        Text yaml = {0};
        Bytes first, second;
        assert_true(config_print_fixed(config, config->enqueued[t], t % 2 == 0, &yaml));
        const Config *fixed = read(yaml.bytes);
        text_free(&yaml);
        assert_int_equal(fixed->n_enqueued, 1);
        const char *again = arena_print(arena, "%s/again-%d", folder, t);
        sweep(fixed, again);
        predictions_of(dir, t, &first);
        predictions_of(again, 0, &second);
        assert_int_equal(first.n, second.n);
        assert_memory_equal(first.bytes, second.bytes, first.n);
        bytes_free(&first);
        bytes_free(&second);
    }
}

static int start_in_folder(void **state)
{
    return mkdtemp(folder) ? start(state) : -1;
}

static int finish_in_folder(void **state)
{
    int rc = system(arena_print(arena, "rm -rf %s", folder));
    return finish(state) || rc;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_drawn_preset_has_its_own_epochs),
        cmocka_unit_test(the_table_and_the_names_are_the_same),
        cmocka_unit_test(a_trial_stands_on_what_it_drew),
        cmocka_unit_test(what_is_printed_is_the_same_study),
        cmocka_unit_test(what_the_file_says_changes_the_identity),
        cmocka_unit_test(what_cannot_be_meant_is_refused),
        cmocka_unit_test(presets_of_numbers_are_searched),
        cmocka_unit_test(numbers_do_not_fix_what_is_searched),
        cmocka_unit_test(the_winner_is_trained_again_bit_for_bit),
    };
    return cmocka_run_group_tests_name("job/presets", tests, start_in_folder, finish_in_folder);
}
