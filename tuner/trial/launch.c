/* The environment and the parameter files of a trial's program, as `wandb agent` would leave them. */
#include "tuner/trial/launch.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

extern char **environ;

static bool same_name(const char *a, const char *b)
{
    size_t n = strcspn(a, "=");
    return strncmp(a, b, n) == 0 && b[n] == '=';
}

/* What tells this process that it is one of a job's ranks is not for its programs: they would take themselves
 * for that rank, and could not start ranks of their own. */
static bool is_of_ranks(const char *variable)
{
    static const char *const begins[] = {"OMPI_", "PMIX_", "PMI_", "PRTE_", "HYDI_", "MPI_LOCALNRANKS=",
                                         "MPI_LOCALRANKID=", "SLURM_PROCID=", "SLURM_STEP_NUM_TASKS="};
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
        if (strncmp(variable, begins[i], strlen(begins[i])) == 0) return true;
    return false;
}

static bool has_rank(void)
{
    return getenv("OMPI_COMM_WORLD_RANK") || getenv("PMI_RANK") || getenv("PMIX_RANK")
        || getenv("SLURM_STEP_NUM_TASKS");
}

/* Ours, and of the variables that we were started with those that are not among them. */
static const char *const *environment_of(const LaunchOptions *o, const char *params_path,
                                         const char *wandb_path, Arena *arena)
{
    enum { OURS = 9 };
    const bool ranks = has_rank();
    int n = 0;
    while (environ[n]) n++;
    const char **all = ARENA_NEW(arena, const char *, n + OURS + 1);
    if (!all) return NULL;
    const char *ours[OURS] = {
        arena_print(arena, "CONSORT_TRIAL=%d", o->trial),
        arena_print(arena, "CONSORT_SEED=%u", (unsigned)(o->seed >> 33)),
        arena_print(arena, "CONSORT_PARAMS=%s", params_path),
        arena_print(arena, "CONSORT_METRICS=%s", o->metrics_path),
        arena_print(arena, "CONSORT_TRIAL_DIR=%s", o->folder),
        arena_print(arena, "CONSORT_STUDY=%s", o->study),
        arena_print(arena, "CONSORT_STUDY_DIR=%s", o->study_folder),
        arena_print(arena, "WANDB_SWEEP_PARAM_PATH=%s", wandb_path),
        "PYTHONUNBUFFERED=1"};
    for (n = 0; n < OURS; n++) {
        if (!ours[n]) return NULL;
        all[n] = ours[n];
    }
    for (char **variable = environ; *variable; variable++) {
        int i = 0;
        while (i < OURS && !same_name(*variable, ours[i])) i++;
        if (i == OURS && !(ranks && is_of_ranks(*variable))) all[n++] = *variable;
    }
    all[n] = NULL;
    return all;
}

/* The same parameters as wandb's agent leaves them for wandb.init(), which puts them into wandb.config. */
static void wandb_params(const Doc *params, Text *out)
{
    const char *key;
    const Doc *child;
    text_add(out, "wandb_version: 1\n");
    for (size_t i = 0; doc_member(params, i, &key, &child); i++) {
        text_add(out, "\n");
        Text json = {0};
        Value name = value_text(key);
        value_plain(&name, &json);
        text_add(&json, ":\n  value: ");
        if (doc_print(child, 0, &json)) conf_print_json(out, json.bytes);
        else out->broken = true;
        text_add(out, "\n");
        text_free(&json);
    }
}

/* The parameters as JSON, which also goes to `params_path`, and as YAML for wandb. NULL with `err`. */
static const char *write_params(const LaunchOptions *o, const char *params_path, const char *wandb_path,
                                Arena *arena, Error *err)
{
    Text json = {0}, yaml = {0};
    Doc *params = command_params(o->command, o->values);
    wandb_params(params, &yaml);
    bool ok = (doc_print(params, 0, &json) && text_ok(&yaml)) || error_memory(err);
    doc_free(params);
    /* Another trial's program may be clearing folders meanwhile. */
    for (int tries = 0; ok; tries++) {
        ok = file_make_folder(o->folder, err) && file_write(params_path, json.bytes, json.n, err)
          && file_write(wandb_path, yaml.bytes, yaml.n, err);
        if (ok || tries == 3 || file_is_folder(o->folder)) break;
        ok = true;
    }
    const char *copy = ok ? arena_copy(arena, json.bytes) : NULL;
    if (ok && !copy) error_memory(err);
    text_free(&yaml);
    text_free(&json);
    return copy;
}

bool launch_prepare(const LaunchOptions *options, Arena *arena, Launch *out, Error *err)
{
    const char *params_path = path_join(arena, options->folder, "params.json");
    const char *wandb_path = path_join(arena, options->folder, "wandb-params.yaml");
    if (!params_path || !wandb_path) return error_memory(err);
    const char *json = write_params(options, params_path, wandb_path, arena, err);
    if (!json || !command_words(options->command, options->values, json, params_path, arena, &out->words, err))
        return false;
    out->environment = environment_of(options, params_path, wandb_path, arena);
    if (!out->environment) return error_memory(err);
    out->path = command_find(out->words[0], arena);
    return out->path
        || error_set(err, ERR_CONFIG, "cannot run `%.200s`: there is no such program", out->words[0]);
}
