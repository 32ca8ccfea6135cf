#include "app/commands.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "app/front_table.h"
#include "app/output.h"
#include "app/workspace.h"
#include "base/file.h"

/* The name of the study's own view, quoted for SQL. */
static const char *view_of(OpenStudy *open, Error *err)
{
    char sql[128];
    Text text = {0};
    snprintf(sql, sizeof sql, "SELECT view_name FROM study WHERE study_id = %" PRId64,
             open->study.id);
    const char *name = NULL;
    if (output_query(open->store, sql, 5, OUTPUT_CSV, false, false, open->arena, &text, err)) {
        const char *line = strchr(text.bytes, '\n'); /* below the heading */
        if (line) name = arena_copy_n(open->arena, line + 1, strcspn(line + 1, "\n"));
        if (!name) error_memory(err);
    }
    text_free(&text);
    return name;
}

/* A column for each goal beyond the first, which is `value`; the view has n_params, but of all folds. */
static void add_goals(const Goals *goals, Text *sql)
{
    for (int g = 1; g < goals->n; g++) {
        const Goal *goal = &goals->goal[g];
        const char *cost = goal->cost ? "cost_" : "";
        text_print(sql, ", (SELECT m.value FROM metric m WHERE m.trial_id = v.trial_id AND m.fold = -1"
                   " AND m.split = '%s' AND m.name = '%s') AS \"%s%s\"", goal->split, goal->key, cost,
                   goal->name);
    }
}

static const char *build_sql(const Cli *cli, OpenStudy *open, const char *view, Error *err)
{
    const char *state = cli_value(cli, "state"), *where = cli_value(cli, "where");
    const char *sort = cli_value(cli, "sort"), *columns = cli_value(cli, "columns");
    int top;
    const char *where_front = "";
    Goals goals;
    if (!cli_int(cli, "top", 1, 100000000, 0, &top, err)
        || !goals_of_study(&open->study, open->arena, &goals, err))
        return NULL;
    if (cli_flag(cli, "front")) {
        Front front;
        const TrialRow *rows;
        if (!front_of(open, &front, &rows, err)) return NULL;
        where_front = front_where(&front, rows, open->arena);
        if (!where_front) return error_memory(err), NULL;
        goals = front.goals;
    }
    Text sql = {0};
    text_print(&sql, "SELECT %s FROM (SELECT v.*", columns ? columns : "*");
    add_goals(&goals, &sql);
    text_print(&sql, ", t.source, t.fail_code, t.fail_text FROM \"%s\" v JOIN trial t ON t.trial_id ="
               " v.trial_id) WHERE 1%s", view, where_front);
    if (state) text_print(&sql, " AND state = upper(%s)", output_quote(state, cli->arena));
    if (where) text_print(&sql, " AND (%s)", where);
    if (sort)
        text_print(&sql, " ORDER BY %s", sort);
    else if (top > 0 || *where_front)
        text_print(&sql, " AND state = 'COMPLETE' ORDER BY value %s, trial",
                   open->study.maximize ? "DESC" : "ASC");
    else
        text_add(&sql, " ORDER BY trial");
    if (top > 0) text_print(&sql, " LIMIT %d", top);
    const char *copy = text_ok(&sql) ? arena_copy(cli->arena, sql.bytes) : NULL;
    text_free(&sql);
    if (!copy) error_memory(err);
    return copy;
}

/* --state is a word of our own, not SQL: a mistyped one would otherwise list nothing at all. */
static bool check_state(const Cli *cli, Error *err)
{
    const char *state = cli_value(cli, "state");
    if (!state) return true;
    Text known = {0};
    for (int i = 0; trial_state_names[i]; i++) {
        if (strcasecmp(state, trial_state_names[i]) == 0) {
            text_free(&known);
            return true;
        }
        text_print(&known, "%s%s", i ? ", " : "", trial_state_names[i]);
    }
    error_set(err, ERR_CONFIG, "--state %.40s: one of %s", state, known.bytes ? known.bytes : "");
    text_free(&known);
    return false;
}

static int list_trials(Cli *cli)
{
    Error err;
    OpenStudy open;
    Text text = {0};
    if (!check_state(cli, &err)
        || !study_open(cli, cli->n_arguments ? cli->arguments[0] : NULL, &open, &err))
        return cli_fail(&err);
    const char *view = view_of(&open, &err);
    const char *sql = view ? build_sql(cli, &open, view, &err) : NULL;
    OutputFormat format = output_format(cli);
    bool ok = sql && output_query(open.store, sql, 60, format, format == OUTPUT_TABLE,
                                  cli_flag(cli, "only-changed"), cli->arena, &text, &err);
    study_close(&open);
    int code = ok ? cli_answer(&text) : cli_fail(&err);
    text_free(&text);
    return code;
}

/* The studies below runs/: one line each, from each database's `progress` view. */
static int list_studies(Cli *cli)
{
    DIR *dir = opendir("runs");
    bool first = true;
    if (!dir) {
        cli_say(cli, "there is no runs/ here; start a study with `consort sweep CONFIG`");
        return EXIT_OK;
    }
    int code = EXIT_OK;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        Error err;
        Store *store;
        Text text = {0};
        char *db = arena_print(cli->arena, "runs/%s/trials.db", entry->d_name);
        if (entry->d_name[0] == '.' || !db || !file_exists(db)) continue;
        bool ok = store_open(db, STORE_READ, &store, &err);
        if (ok) {
            ok = output_query(store, "SELECT p.study, p.state, s.method, s.metric, p.trials,"
                              " b.value AS best, b.trial AS best_trial FROM progress p"
                              " JOIN study s ON s.name = p.study"
                              " LEFT JOIN best b ON b.study = p.study", 10, OUTPUT_CSV, false, false,
                              cli->arena, &text, &err);
            store_close(store, NULL);
        }
        if (!ok) { /* one broken database does not hide the others */
            fprintf(stderr, "consort: %s\n", err.message);
            code = cli_exit_code(err.code);
        } else {
            const char *body = strchr(text.bytes, '\n');
            if (first) fwrite(text.bytes, 1, (size_t)(body + 1 - text.bytes), stdout);
            fputs(body + 1, stdout);
            first = false;
        }
        text_free(&text);
    }
    closedir(dir);
    return code; /* main() looks whether stdout took it all */
}

int cmd_ls(Cli *cli)
{
    bool named = cli->n_arguments > 0 || cli_value(cli, "dir") || cli_value(cli, "db");
    return named ? list_trials(cli) : list_studies(cli);
}
