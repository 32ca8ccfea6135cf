/* app/arguments.c - takes apart the arguments and options that many verbs share. */
#include "app/arguments.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"

/* ---- studies --------------------------------------------------------------------------------- */

PlaceOptions place_options(const Cli *cli)
{
    return (PlaceOptions){.dir = cli_value(cli, "dir"), .db = cli_value(cli, "db")};
}

const char *study_argument(const Cli *cli)
{
    return cli->n_arguments ? cli->arguments[0] : NULL;
}

bool is_forgotten(const Cli *cli, const char *argument, const char *what, Error *err)
{
    if (!names_study(argument, cli->arena)) return false;
    error_set(err, ERR_CONFIG, "which %s? `%.60s` is a study; usage: consort %s %s", what, argument,
              cli->verb->name, cli->verb->arguments);
    return true;
}

bool find_place(const Cli *cli, const char *argument, Place *out, Error *err)
{
    PlaceOptions said = place_options(cli);
    return place_find(argument, &said, cli->arena, out, err);
}

bool open_study(const Cli *cli, const char *argument, OpenStudy *out, Error *err)
{
    Place place;
    *out = (OpenStudy){0};
    return find_place(cli, argument, &place, err) && study_open(&place, cli->arena, out, err);
}

/* ---- trials ---------------------------------------------------------------------------------- */

/* "7" or "3-7" */
static bool is_range(const char *text, int *first, int *last)
{
    char *end;
    if (*text < '0' || *text > '9') return false;
    long a = strtol(text, &end, 10), b = a;
    if (*end == '-' && end[1] >= '0' && end[1] <= '9') b = strtol(end + 1, &end, 10);
    if (*end || a < 0 || b < a || b > 100000000) return false;
    *first = (int)a;
    *last = (int)b;
    return true;
}

int first_trial(const Cli *cli)
{
    int a, b;
    if (cli->n_arguments == 0) return 0;
    const char *first = cli->arguments[0];
    if (!is_range(first, &a, &b)) return 1;
    char *db = arena_print(cli->arena, "runs/%s/trials.db", first);
    return db && cli->n_arguments > 1 && (file_exists(db) || file_exists(first)) ? 1 : 0;
}

bool trial_numbers(const Cli *cli, int first, int **numbers, int *n, Error *err)
{
    int a = 0, b = 0, most = 0;
    for (int i = first; i < cli->n_arguments; i++) {
        if (!is_range(cli->arguments[i], &a, &b) || b - a >= 1000000 - most)
            return error_set(err, ERR_CONFIG, "`%.60s` is no trial number; usage: consort %s %s",
                             cli->arguments[i],
                             cli->verb->name, cli->verb->arguments);
        most += b - a + 1;
    }
    *numbers = ARENA_NEW(cli->arena, int, most + 1);
    *n = 0;
    if (!*numbers) return error_memory(err);
    for (int i = first; i < cli->n_arguments; i++)
        for (is_range(cli->arguments[i], &a, &b); a <= b; a++) (*numbers)[(*n)++] = a;
    return true;
}

/* ---- options --------------------------------------------------------------------------------- */

bool read_options(const Cli *cli, ReadOptions *out, Error *err)
{
    static const char *const names[] = {"format",  "delimiter", "header", "label",
                                        "comment", "decimal",   "weight"};
    *out = (ReadOptions){.said_as = "--"};
    if (!field_defaults(&read_fields, out, cli->arena, err)) return false;
    out->dir = "";
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *text = cli_value(cli, names[i]);
        if (!text) continue;
        Value value = value_text(text);
        if (!field_assign(&read_fields, names[i], &value, out, cli->arena, err))
            return error_wrap(err, "--%s", names[i]);
    }
    return cli_int(cli, "skip", 0, 1000000, -1, &out->skip, err);
}

void say_of_data(const Cli *cli, const char *kind, const char *file, const char *text)
{
    Error line; /* whatever a cell in it contains: one line */
    error_set(&line, ERR_DATA, "%s: %s%s%s", kind, file ? file : "", file ? ": " : "", text);
    cli_say(cli, "%s", line.message);
}

void say_notes(const Cli *cli, const char *file, const Table *table)
{
    for (int i = 0; i < table->n_notes; i++) say_of_data(cli, "note", file, table->notes[i]);
}

const char *shell_word(const Cli *cli, const char *path)
{
    Text text = {0};
    if (path && *path == '-') text_add(&text, "./"); /* no option */
    if (path) text_shell(&text, path);
    const char *word = path && text_ok(&text) ? arena_copy(cli->arena, text.bytes) : NULL;
    text_free(&text);
    return word ? word : "?";
}
