#include "app/curating.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

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

int curating_first(const Cli *cli)
{
    int a, b;
    if (cli->n_arguments == 0) return 0;
    const char *first = cli->arguments[0];
    if (!is_range(first, &a, &b)) return 1;
    char *db = arena_print(cli->arena, "runs/%s/trials.db", first);
    return db && cli->n_arguments > 1 && (file_exists(db) || file_exists(first)) ? 1 : 0;
}

bool curating_numbers(const Cli *cli, int first, int **numbers, int *n, Error *err)
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

bool curating_open(const Cli *cli, const char *argument, OpenStudy *out, Error *err)
{
    if (!study_open(cli, argument, out, err)) return false;
    study_close(out);
    return store_open(out->place.db, STORE_WRITE, &out->store, err);
}

bool curating_close(OpenStudy *open, bool ok, Error *err)
{
    Error closing;
    bool closed = !open->store || store_close(open->store, &closing);
    open->store = NULL;
    if (ok && !closed) *err = closing;
    return ok && closed;
}
