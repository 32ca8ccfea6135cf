/* app/verbs/ls.c - the studies in runs/, or a study's trials. */
#include "app/verbs/verbs.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "app/arguments.h"
#include "app/front_table.h"
#include "app/output.h"
#include "base/file.h"
#include "base/set.h"
#include "job/best.h"

/* The lines below the heading of an answer that has one column, in the arena. */
static const char *ask_lines(OpenStudy *open, const char *sql, Error *err)
{
    Text text = {0};
    const char *lines = NULL;
    if (output_query(open->store, sql, 5, OUTPUT_CSV, false, false, open->arena, &text, err)) {
        const char *end = strchr(text.bytes, '\n');
        lines = end ? arena_copy(open->arena, end + 1) : NULL;
        if (!lines) error_memory(err);
    }
    text_free(&text);
    return lines;
}

/* The name of the study's own view. */
static const char *view_of(OpenStudy *open, Error *err)
{
    char sql[128];
    snprintf(sql, sizeof sql, "SELECT view_name FROM study WHERE study_id = %" PRId64,
             open->study.id);
    const char *lines = ask_lines(open, sql, err);
    const char *name = lines ? arena_copy_n(open->arena, lines, strcspn(lines, "\n")) : NULL;
    if (lines && !name) error_memory(err);
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

/* IN_LS: is it listed by default? IN_COLUMNS: can it be named? */
static bool is_column(int i, unsigned when)
{
    return column_in(&trial_columns.columns[i], when);
}

/* The columns of `trial` that are not listed by default, joined for --columns, --where and --sort: all but
 * those whose name is a parameter's or a goal's. */
static bool add_columns(OpenStudy *open, const char *view, const Goals *goals, Text *sql, Error *err)
{
    const char *ask = arena_print(open->arena, "SELECT name FROM pragma_table_info(%s)",
                                  sql_quote(view, open->arena));
    const char *lines = ask ? ask_lines(open, ask, err) : NULL;
    TextSet known = {0};
    bool ok = lines || (!ask && error_memory(err));
    if (!ok) return false;
    for (const char *at = lines; *at; at += strcspn(at, "\n") + 1)
        ok = ok && text_set_add(&known, open->arena, at, strcspn(at, "\n")) >= 0;
    for (int g = 1; g < goals->n; g++)
        ok = ok && text_set_add(&known, open->arena, goals->goal[g].name, strlen(goals->goal[g].name)) >= 0;
    text_add(sql, " JOIN (SELECT trial_id AS trial_row");
    for (int i = 0; i < trial_columns.n; i++) {
        const char *name = trial_columns.columns[i].name;
        bool taken = false;
        for (int k = 0; k < known.n; k++) taken |= strcasecmp(known.text[k], name) == 0;
        if (!taken && is_column(i, IN_COLUMNS)) text_print(sql, ", %s", name);
    }
    text_add(sql, " FROM trial) ON trial_row = d.trial_id");
    return ok || error_memory(err);
}

static const char *build_sql(const Cli *cli, OpenStudy *open, const char *view, Error *err)
{
    const char *state = cli_value(cli, "state"), *where = cli_value(cli, "where");
    const char *sort = cli_value(cli, "sort"), *columns = cli_value(cli, "columns");
    int top;
    const char *where_front = "";
    Goals goals = open->stored.goals;
    if (!cli_int(cli, "top", 1, 100000000, 0, &top, err)) return NULL;
    if (cli_flag(cli, "front")) {
        Front front;
        const TrialRow *rows;
        if (!study_front(open, &front, &rows, err)) return NULL;
        where_front = front_where(&front, rows, open->arena);
        if (!where_front) return error_memory(err), NULL;
        goals = front.goals;
    }
    Text sql = {0};
    text_print(&sql, "SELECT %s FROM (SELECT v.*", columns ? columns : "d.*");
    add_goals(&goals, &sql);
    for (int i = 0; i < trial_columns.n; i++)
        if (is_column(i, IN_LS)) text_print(&sql, ", t.%s", trial_columns.columns[i].name);
    text_print(&sql, " FROM \"%s\" v JOIN trial t ON t.trial_id = v.trial_id) d", view);
    bool asks = columns || where || sort;
    if (asks && !add_columns(open, view, &goals, &sql, err)) {
        text_free(&sql);
        return NULL;
    }
    text_print(&sql, " WHERE 1%s", where_front);
    if (state) text_print(&sql, " AND state = upper(%s)", sql_quote(state, cli->arena));
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
        || !open_study(cli, study_argument(cli), &open, &err))
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

static bool take_row(void *context, int n, const char *const *columns, const Value *cells)
{
    Doc *row = doc_add(context, doc_object());
    for (int i = 0; i < n; i++) doc_set(row, columns[i], doc_value(&cells[i]));
    return true;
}

static const char *cell_of(const Doc *value, Arena *arena)
{
    char number[32];
    if (doc_kind(value) == DOC_TEXT) return doc_to_text(value, "");
    if (doc_kind(value) != DOC_NUMBER) return "";
    const char *copy = arena_copy(arena, text_number(doc_to_number(value, 0), number));
    return copy ? copy : "?";
}

/* Rows that came from several databases, as the answer to one question. */
static bool print_rows(const Cli *cli, const Doc *rows, Text *out)
{
    enum { COLUMNS = 7 };
    static const char *const columns[COLUMNS + 1] = {"study", "state", "method", "metric", "trials", "best",
                                                     "best_trial", NULL};
    OutputFormat format = output_format(cli);
    int n = (int)doc_count(rows);
    if (format == OUTPUT_JSON) {
        Doc *doc = doc_object();
        doc_set_number(doc, "schema", 1);
        doc_set(doc, "rows", doc_copy(rows));
        bool ok = doc_print(doc, 1, out);
        text_add(out, "\n");
        doc_free(doc);
        return ok;
    }
    Sheet sheet;
    if (!sheet_plain(columns, (size_t)n, cli->arena, &sheet, NULL)) return false;
    for (int r = 0; r < n; r++) {
        Cell *cell = sheet_row(&sheet);
        for (int c = 0; c < COLUMNS; c++)
            cell[c].text = cell_of(doc_get(doc_at(rows, (size_t)r), columns[c]), cli->arena);
    }
    if (n > 0 || format != OUTPUT_TABLE) output_sheet(&sheet, format, out);
    return text_ok(out);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The studies below runs/, in order of their names: one line each, from their `progress` views. */
static int list_studies(Cli *cli)
{
    enum { MOST = 10000 };
    DIR *dir = opendir("runs");
    if (!dir) {
        cli_say(cli, "there is no runs/ here; start a study with `consort sweep CONFIG`");
        return EXIT_OK;
    }
    Error err;
    Text text = {0};
    int code = EXIT_OK, n = 0;
    const char **names = ARENA_NEW(cli->arena, const char *, MOST);
    for (struct dirent *entry; names && n < MOST && (entry = readdir(dir)) != NULL;) {
        char *db = arena_print(cli->arena, "runs/%s/trials.db", entry->d_name);
        if (entry->d_name[0] != '.' && db && file_exists(db)) names[n++] = db;
    }
    closedir(dir);
    if (!names) return cli_fail((error_memory(&err), &err));
    qsort(names, (size_t)n, sizeof *names, by_name);
    Doc *rows = doc_array();
    for (int i = 0; i < n; i++) {
        Store *store;
        bool ok = store_open(names[i], STORE_READ, &store, &err);
        if (ok) {
            ok = store_query(store, "SELECT p.study, p.state, s.method, s.metric, p.trials, b.value AS best,"
                             " b.trial AS best_trial FROM progress p JOIN study s ON s.name = p.study"
                             " LEFT JOIN best b ON b.study = p.study", 10,
                             &(QuerySink){.row = take_row, .context = rows}, &err);
            store_close(store, NULL);
        }
        if (!ok) { /* one broken database does not hide the others */
            fprintf(stderr, "consort: %s\n", err.message);
            code = cli_exit_code(err.code);
        }
    }
    bool ok = print_rows(cli, rows, &text) || error_memory(&err);
    doc_free(rows);
    int answered = ok ? cli_answer(&text) : cli_fail(&err);
    text_free(&text);
    return answered != EXIT_OK ? answered : code;
}

int cmd_ls(Cli *cli)
{
    bool named = cli->n_arguments > 0 || cli_value(cli, "dir") || cli_value(cli, "db");
    return named ? list_trials(cli) : list_studies(cli);
}
