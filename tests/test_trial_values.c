/* Values of every kind as the real wandb 0.31 passes them: the argument, the JSON, and what wandb.config is made of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "tests/golden/wandb_values.h"
#include "tuner/trial/launch.h"

enum { N = sizeof wandb_values / sizeof *wandb_values };

typedef struct {
    Arena *arena;
    Space *space;
    Value value;
    Command command;
} Sweep;

/* A file with the one parameter `x`. */
static void sweep_of(const char *yaml, Sweep *out)
{
    Error err = {0};
    Conf *conf = NULL;
    out->arena = arena_create(0);
    const char *text = arena_print(out->arena, "parameters:\n  x:\n    value: %s\n", yaml);
    assert_non_null(text);
    bool ok = conf_read_text("v", text, strlen(text), out->arena, &conf, &err);
    const ConfNode *parameters = ok ? conf_get(conf->root, "parameters") : NULL;
    ok = ok && space_read(parameters, NULL, NULL, out->arena, &out->space, &err)
      && command_read("true", NULL, out->space, parameters, out->arena, &out->command, &err);
    if (!ok) fail_msg("%s: %s", yaml, err.message);
    out->value = out->space->params[0].choices[0];
}

static void programs_get_what_wandb_gives_them(void **state)
{
    (void)state;
    char folder[] = "/tmp/consort-values-XXXXXX";
    assert_non_null(mkdtemp(folder));
    for (int i = 0; i < N; i++) {
        Sweep sweep;
        Error err = {0};
        Launch launch;
        Bytes json, yaml;
        Text argument = {0};
        sweep_of(wandb_values[i].yaml, &sweep);
        text_add(&argument, "--x=");
        assert_true(command_value(&sweep.value, &argument));
        assert_string_equal(argument.bytes, wandb_values[i].argument);
        text_free(&argument);

        LaunchOptions options = {.command = &sweep.command, .values = &sweep.value, .folder = folder,
                                 .metrics_path = "m", .study = "s", .study_folder = folder};
        assert_true(launch_prepare(&options, sweep.arena, &launch, &err));
        const char *params = path_join(sweep.arena, folder, "params.json");
        const char *wandb = path_join(sweep.arena, folder, "wandb-params.yaml");
        assert_true(file_read(params, 1 << 20, &json, &err) && file_read(wandb, 1 << 20, &yaml, &err));
        const char *want_json = arena_print(sweep.arena, "%s", wandb_values[i].json);
        const char *want_yaml = arena_print(sweep.arena, "wandb_version: 1\n\n\"x\":\n  value: %s\n",
                                            wandb_values[i].config);
        assert_int_equal(json.n, strlen(want_json));
        assert_memory_equal(json.bytes, want_json, json.n);
        if (yaml.n != strlen(want_yaml) || memcmp(yaml.bytes, want_yaml, yaml.n) != 0)
            fail_msg("%s: not %s", wandb_values[i].yaml, wandb_values[i].config);
        bytes_free(&json);
        bytes_free(&yaml);
        arena_destroy(sweep.arena);
    }
    char path[64];
    snprintf(path, sizeof path, "%s/params.json", folder);
    unlink(path);
    snprintf(path, sizeof path, "%s/wandb-params.yaml", folder);
    unlink(path);
    rmdir(folder);
}

/* What a row keeps of a value is strict JSON, and gives the value back with all it was. */
static void values_survive_the_database(void **state)
{
    (void)state;
    for (int i = 0; i < N; i++) {
        Sweep sweep;
        Error err = {0};
        Text json = {0}, one = {0}, other = {0};
        Value back;
        sweep_of(wandb_values[i].yaml, &sweep);
        assert_true(space_json(sweep.space, &sweep.value, &json));
        Doc *doc = doc_parse(json.bytes, json.n, &err);
        assert_non_null(doc);
        assert_true(space_from_doc(sweep.space, doc, sweep.arena, &back, &err));
        value_exact(&sweep.value, &one);
        value_exact(&back, &other);
        assert_string_equal(one.bytes, other.bytes);
        assert_true(value_equal(&sweep.value, &back));
        text_free(&one);
        text_free(&other);
        text_free(&json);
        doc_free(doc);
        arena_destroy(sweep.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(programs_get_what_wandb_gives_them),
        cmocka_unit_test(values_survive_the_database),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
