#include "app/verbs/verbs.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "job/sweep.h"
#include "tuner/exchange/exchange.h"
#include "tuner/store/curate.h"

typedef struct {
    Cli *cli;
    OpenStudy open;
    Config *config;
    ForeignStudy foreign;
    Rename renames[CLI_MAX_OPTIONS];
    int n_renames;
    TrialRow *rows;
    int n_rows, n_useless, n_refused, n_added;
    Doc *refused; /* [{where, why}] */
} Import;

/* ---- the two sides ------------------------------------------------------------------------------- */

static bool open_study(Import *in, Error *err)
{
    Cli *cli = in->cli;
    const char *name = cli->n_arguments > 1 ? cli->arguments[0] : NULL;
    Config *config = NULL;
    bool there;
    if (!sweep_there(cli, name, &config, &there, err)) return false;
    if (!there && cli_flag(cli, "dry-run")) {
        in->config = config;
        in->open.study = (StudyInfo){.name = config->name, .maximize = config->maximize,
                                     .metric = arena_print(cli->arena, "val_%s", metric_name(config->metric))};
        return in->open.study.metric || error_memory(err);
    }
    if (!there && !sweep_begin(cli, config, err)) return false;
    return study_open(cli, name, &in->open, err) && study_config(&in->open, &in->config, err);
}

static bool read_renames(Import *in, Error *err)
{
    const char *maps[CLI_MAX_OPTIONS];
    int n = cli_values(in->cli, "map", maps);
    for (int i = 0; i < n; i++) {
        const char *equals = strchr(maps[i], '=');
        if (!equals || equals == maps[i])
            return error_set(err, ERR_CONFIG, "--map %.60s: the name there = the name here, --map"
                             " lr=learning_rate", maps[i]);
        const char *from = arena_copy_n(in->cli->arena, maps[i], (size_t)(equals - maps[i]));
        if (!from) return error_memory(err);
        const Space *space = in->config->space;
        bool known = !equals[1];
        const char **names = ARENA_NEW(in->cli->arena, const char *, space->n_params + 1);
        if (!names) return error_memory(err);
        for (int p = 0; p < space->n_params; p++) {
            names[p] = space->params[p].name;
            known |= strcmp(names[p], equals + 1) == 0;
        }
        const char *near = known ? NULL : text_nearest(equals + 1, names);
        if (!known)
            return error_set(err, ERR_CONFIG, "--map %.60s: this study has no parameter `%.60s`%s%s%s", maps[i],
                             equals + 1, near ? "; did you mean `" : "", near ? near : "", near ? "`?" : "");
        in->renames[in->n_renames++] = (Rename){from, equals + 1};
    }
    return true;
}

static bool read_foreign(Import *in, const char *path, Error *err)
{
    static const char *const tools[] = {"optuna", "csv", "wandb-csv", "consort", NULL};
    const char *from = cli_value(in->cli, "from"), *metric = cli_value(in->cli, "metric");
    const char *own = in->open.study.metric, *bare = strncmp(own, "val_", 4) == 0 ? own + 4 : own;
    const char *slashed = arena_print(in->cli->arena, "val/%s", bare);
    const char *const metrics[] = {own, bare, slashed, "value", "values_0", NULL};
    Arena *arena = in->cli->arena;
    if (!slashed) return error_memory(err);
    if (from && strcmp(from, tools[0]) == 0)
        return foreign_read_optuna(path, cli_value(in->cli, "study"), metric, arena, &in->foreign, err);
    if (from && (strcmp(from, tools[1]) == 0 || strcmp(from, tools[2]) == 0))
        return foreign_read_csv(path, from[0] == 'w', metric, metrics, arena, &in->foreign, err);
    if (from && strcmp(from, tools[3]) == 0)
        return foreign_read_study(path, cli_value(in->cli, "study"), metric, arena, &in->foreign, err);
    const char *near = from ? text_nearest(from, tools) : NULL;
    if (!from) return error_set(err, ERR_CONFIG, "--from is missing: optuna, csv, wandb-csv or consort");
    return error_set(err, ERR_CONFIG, "--from %.40s: %s%s", from, near ? "did you mean " : "one of optuna, csv,"
                     " wandb-csv, consort", near ? near : "");
}

/* A score that is to grow says nothing about one that is to shrink. */
static bool check_goal(const Import *in, const char *path, Error *err)
{
    if (in->config->goals.n > 0)
        return error_set(err, ERR_CONFIG, "study %s has several `metrics`, and a file gives one score; only"
                         " studies of one `metric` can be warm-started", in->open.study.name);
    if (in->foreign.goal == 0 || (in->foreign.goal > 0) == in->open.study.maximize) return true;
    return error_set(err, ERR_DATA,
                     "%s: %s is to be %s there, but %s is to be %s in this study; --metric NAME takes"
                     " another objective", path, in->foreign.metric ? in->foreign.metric : "the score",
                     in->foreign.goal > 0 ? "maximized" : "minimized", in->open.study.metric,
                     in->open.study.maximize ? "maximized" : "minimized");
}

/* ---- row by row ------------------------------------------------------------------------------------ */

static void refuse(Import *in, const char *where, const char *why)
{
    enum { SHOWN = 10 };
    in->n_refused++;
    Doc *entry = doc_add(in->refused, doc_object());
    doc_set_text(entry, "where", where);
    doc_set_text(entry, "why", why);
    if (in->n_refused <= SHOWN || in->cli->verbose) cli_say(in->cli, "refused %s: %s", where, why);
}

static const char *trace_of(const Import *in, const char *path, const ForeignTrial *trial)
{
    Doc *doc = doc_object();
    Text text = {0};
    doc_set_text(doc, "kind", "import");
    doc_set_text(doc, "from", in->foreign.tool);
    doc_set_text(doc, "file", path_base(path));
    doc_set_text(doc, "place", trial->where);
    const char *json = doc_print(doc, 0, &text) ? arena_copy(in->cli->arena, text.bytes) : NULL;
    text_free(&text);
    doc_free(doc);
    return json;
}

static bool take(Import *in, const char *path, const Value *values, const ForeignTrial *trial, Error *err)
{
    Arena *arena = in->cli->arena;
    Text json = {0};
    char *hash = ARENA_NEW(arena, char, 65);
    TrialRow row = {.state = TRIAL_COMPLETE, .source = "import", .seed = in->open.study.seed,
                    .value = trial->score, .value_sd = NAN, .trace = trace_of(in, path, trial)};
    if (hash && space_json(in->config->space, values, &json)) row.params = arena_copy(arena, json.bytes);
    text_free(&json);
    if (!row.params || !row.trace) return error_memory(err);
    space_hash(in->config->space, values, hash);
    row.params_hash = hash;
    in->rows[in->n_rows++] = row;
    return true;
}

static bool match(Import *in, const char *path, Error *err)
{
    Arena *scratch = arena_create(0);
    in->rows = ARENA_NEW(in->cli->arena, TrialRow, in->foreign.n + 1);
    Value *values = ARENA_NEW(in->cli->arena, Value, in->config->space->n_params + 1);
    bool ok = (scratch && in->rows && values) || error_memory(err);
    for (int i = 0; ok && i < in->foreign.n; i++) {
        const ForeignTrial *trial = &in->foreign.trials[i];
        Error why;
        arena_reset(scratch);
        if (trial->useless) in->n_useless++;
        else if (foreign_match(in->config->space, &in->foreign, i, in->renames, in->n_renames, scratch, values,
                               &why))
            ok = take(in, path, values, trial, err);
        else if (why.code == ERR_MEMORY) ok = error_memory(err);
        else refuse(in, trial->where, why.message);
    }
    arena_destroy(scratch);
    return ok;
}

static bool add(Import *in, Error *err)
{
    Store *store;
    Error closing;
    if (!store_open(in->open.place.db, STORE_WRITE, &store, err)) return false;
    bool ok = curate_add(store, in->open.study.id, in->rows, in->n_rows, &in->n_added, err);
    if (!store_close(store, &closing) && ok) {
        *err = closing;
        return false;
    }
    return ok;
}

/* ---- the answer -------------------------------------------------------------------------------------- */

static int answer(Import *in)
{
    Text text = {0};
    int known = in->n_rows - in->n_added;
    bool dry = cli_flag(in->cli, "dry-run");
    if (in->n_refused > 10 && !in->cli->verbose)
        cli_say(in->cli, "... and %d more; -v shows them all", in->n_refused - 10);
    if (in->cli->json) {
        Doc *doc = doc_object();
        doc_set_number(doc, "schema", 1);
        doc_set_text(doc, "study", in->open.study.name);
        doc_set_number(doc, "found", in->foreign.n);
        doc_set_number(doc, "imported", dry ? 0 : in->n_added);
        doc_set_number(doc, "fit", in->n_rows);
        doc_set_number(doc, "there_already", dry ? 0 : known);
        doc_set_number(doc, "not_complete", in->n_useless);
        doc_set(doc, "refused", doc_copy(in->refused));
        doc_print(doc, 1, &text);
        text_add(&text, "\n");
        doc_free(doc);
    } else {
        text_print(&text, "%d of %d trials %s", dry ? in->n_rows : in->n_added, in->foreign.n,
                   dry ? "would be imported" : "imported");
        if (!dry && known) text_print(&text, ", %d there already", known);
        if (in->n_useless) text_print(&text, ", %d not complete", in->n_useless);
        if (in->n_refused) text_print(&text, ", %d refused", in->n_refused);
        text_add(&text, "\n");
    }
    int code = cli_answer(&text);
    text_free(&text);
    if (code == EXIT_OK && in->n_rows == 0 && in->n_refused > 0) return EXIT_DATA;
    return code;
}

int cmd_import(Cli *cli)
{
    Error err;
    const char *path = cli->arguments[cli->n_arguments - 1];
    Import *in = ARENA_NEW(cli->arena, Import, 1);
    if (!in) return cli_fail((error_memory(&err), &err));
    *in = (Import){.cli = cli, .refused = doc_array()};
    bool ok = open_study(in, &err) && read_renames(in, &err) && read_foreign(in, path, &err)
           && check_goal(in, path, &err) && match(in, path, &err);
    study_close(&in->open);
    if (ok && !cli_flag(cli, "dry-run")) ok = add(in, &err);
    int code = ok ? answer(in) : cli_fail(&err);
    doc_free(in->refused);
    return code;
}
