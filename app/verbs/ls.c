/* app/verbs/ls.c - the studies in runs/, or a study's trials. */
#include "app/verbs/verbs.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "app/arguments.h"
#include "app/output.h"
#include "base/file.h"
#include "base/names.h"
#include "job/list.h"

/* ---- trials ------------------------------------------------------------------------------------ */

/* --state is a word of our own, not SQL: a mistyped one would otherwise list nothing at all. */
static bool check_state(const char *state, Error *err)
{
    char known[200];
    for (int i = 0; state && trial_state_names[i]; i++)
        if (strcasecmp(state, trial_state_names[i]) == 0) return true;
    return !state || error_set(err, ERR_CONFIG, "--state %.40s: one of %s", state,
                               names_join(trial_state_names, known, sizeof known));
}

/* The columns there are, where --columns named one that is none: better than the SQL that came of it. */
static void name_columns(const OpenStudy *open, const ListOptions *asked, Error *err)
{
    enum { MOST = 512 };
    static const char none_such[] = "no such column: ";
    Error ignored;
    ListOptions plain = {.top = 1};
    const char *wrong = asked->columns ? strstr(err->message, none_such) : NULL, *names[MOST + 1], *name;
    const char *sql = wrong ? list_question(open, &plain, &ignored) : NULL;
    const Doc *value;
    Doc *rows = doc_array();
    Text known = {0};
    char word[64];
    int n = 0;
    bool asked_again = sql && query_rows(open->store, sql, 60, rows, &ignored);
    const Doc *row = doc_at(rows, 0);
    if (asked_again)
        for (size_t i = 0; n < MOST && i + 1 < doc_count(row) && doc_member(row, i, &name, &value); i++) {
            text_print(&known, "%s%s", i ? ", " : "", name);
            names[n++] = name;
        }
    names[n] = NULL;
    if (known.n > 0 && text_ok(&known)) {
        wrong += strlen(none_such);
        snprintf(word, sizeof word, "%.*s", (int)strcspn(wrong, " ;,"), wrong);
        const char *near = text_nearest(word, names);
        error_set(err, ERR_CONFIG, "--columns %.60s: not all of them are there%s%s; columns are %.700s, and"
                  " those of docs/reference/database.md", asked->columns,
                  near ? "; did you mean " : "", near ? near : "",
                  known.bytes);
    }
    text_free(&known);
    doc_free(rows);
}

/* So many lines nobody reads, and a million would take gigabytes: a table ends there, and says so. */
enum { LINES_MOST = 10000 };

static void say_cut(const OpenStudy *open, Text *out)
{
    int n_lines = 0, n_trials;
    Error ignored;
    for (size_t i = 0; i < out->n; i++) n_lines += out->bytes[i] == '\n';
    if (n_lines <= LINES_MOST || !store_count_trials(open->store, open->study.id, &n_trials, &ignored)) return;
    text_print(out, "the first %d rows of a study of %d trials; --top, --where, --state choose, `consort export"
               " %s --to csv` has all\n", LINES_MOST, n_trials, open->place.folder);
}

static int list_trials(Cli *cli)
{
    Error err;
    OpenStudy open;
    Text text = {0};
    ListOptions options = {.state = cli_value(cli, "state"), .where = cli_value(cli, "where"),
                           .sort = cli_value(cli, "sort"), .columns = cli_value(cli, "columns"),
                           .front = cli_flag(cli, "front")};
    if (!check_state(options.state, &err) || !cli_int(cli, "top", 1, 100000000, 0, &options.top, &err)
        || !open_study(cli, study_argument(cli), &open, &err))
        return cli_fail(&err);
    const OutputFormat format = output_format(cli);
    options.most = format == OUTPUT_TABLE ? LINES_MOST : 0;
    const char *sql = list_question(&open, &options, &err);
    bool ok = sql && output_query(open.store, sql, 60, format, format == OUTPUT_TABLE,
                                  cli_flag(cli, "only-changed"),
                                  options.columns ? 0 : output_width(cli, format), &(OutputEdit){list_words,
                                                                                                 &open},
                                                                                                     cli->arena,
                                  &text, &err);
    if (!ok) name_columns(&open, &options, &err);
    else if (format == OUTPUT_TABLE && options.top == 0) say_cut(&open, &text);
    study_close(&open);
    int code = ok ? (cli_flag(cli, "csv") ? cli_answer_data : cli_answer)(&text) : cli_fail(&err);
    text_free(&text);
    return code;
}

/* ---- studies ----------------------------------------------------------------------------------- */

static const char *cell_of(const Doc *value, bool exact, Arena *arena)
{
    char number[32];
    if (doc_kind(value) == DOC_TEXT) return doc_to_text(value, "");
    if (doc_kind(value) != DOC_NUMBER) return "";
    const char *copy = exact ? arena_copy(arena, text_number(doc_to_number(value, 0), number))
                             : arena_print(arena, "%.6g", doc_to_number(value, 0));
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
            cell[c].text = cell_of(doc_get(doc_at(rows, (size_t)r), columns[c]), format == OUTPUT_CSV,
                                   cli->arena);
    }
    Text left_out = {0};
    output_fit(&sheet, output_width(cli, format), &left_out);
    if (n > 0 || format != OUTPUT_TABLE) output_sheet(&sheet, format, output_width(cli, format), out);
    if (left_out.n > 0) text_add(out, left_out.bytes);
    text_free(&left_out);
    return text_ok(out);
}

static int answer_rows(const Cli *cli, const Doc *rows, int code)
{
    Error err;
    Text text = {0};
    bool ok = print_rows(cli, rows, &text) || error_memory(&err);
    int answered = ok ? (cli_flag(cli, "csv") ? cli_answer_data : cli_answer)(&text) : cli_fail(&err);
    text_free(&text);
    return answered != EXIT_OK ? answered : code;
}

/* A database of several studies, none of which was named: those there are. False: it is not one. */
static bool list_database(const Cli *cli, int *code)
{
    Error ignored;
    const char *db = cli->n_arguments ? cli->arguments[0] : cli_value(cli, "db");
    if (!db || file_is_folder(db) || !file_exists(db) || names_config(db)) return false;
    Doc *rows = doc_array();
    bool several = list_studies(db, rows, &ignored) && doc_count(rows) > 1;
    if (several) *code = answer_rows(cli, rows, EXIT_OK);
    doc_free(rows);
    return several;
}

/* The studies below runs/, in order of their names. */
static int list_runs(Cli *cli)
{
    Error err;
    const char **dbs;
    int n, code = EXIT_OK;
    if (!file_is_folder("runs")) {
        cli_say(cli, "there is no runs/ here; start a study with `consort sweep CONFIG`");
        return EXIT_OK;
    }
    if (!databases_below("runs", cli->arena, &dbs, &n, &err)) return cli_fail(&err);
    Doc *rows = doc_array();
    for (int i = 0; i < n; i++)
        if (!list_studies(dbs[i], rows, &err)) code = cli_fail(&err); /* one does not hide the others */
    code = answer_rows(cli, rows, code);
    doc_free(rows);
    return code;
}

int cmd_ls(Cli *cli)
{
    bool named = cli->n_arguments > 0 || cli_value(cli, "dir") || cli_value(cli, "db");
    int code;
    if (!named) return list_runs(cli);
    return list_database(cli, &code) ? code : list_trials(cli);
}
