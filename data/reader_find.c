/* data/reader_find.c - columns by name or place, and what to say where there is none. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "data/reader.h"

const char *reading_said_as(const Reading *r)
{
    return r->options->said_as ? r->options->said_as : "data.";
}

bool reading_whole(const char *text, long *out)
{
    char *end;
    *out = strtol(text, &end, 10);
    return *text && !*end && !isspace((unsigned char)*text);
}

int reading_column(const Reading *r, const char *word)
{
    for (int i = 0; i < r->n_columns; i++)
        if (strcmp(r->columns[i].name, word) == 0) return i;
    long place;
    if (!reading_whole(word, &place)) return -1;
    if (place >= 1 && place <= r->n_columns) return (int)place - 1;
    if (place <= -1 && place >= -r->n_columns) return r->n_columns + (int)place;
    return -1;
}

const char **reading_names(const Reading *r)
{
    const char **names = ARENA_NEW(r->arena, const char *, r->n_columns + 1);
    for (int i = 0; names && i < r->n_columns; i++) names[i] = r->columns[i].name;
    return names;
}

bool reading_no_column(const Reading *r, const char *option, const char *word, Error *err)
{
    const char **names = reading_names(r), *all = names ? names_list(r->arena, names, r->n_columns) : NULL;
    all = all ? arena_print(r->arena, "; its %d column%s: %s", r->n_columns,
                            r->n_columns == 1 ? "" : "s", all) : NULL;
    if (!all) return error_memory(err);
    bool renamed = r->options->features_as && strcmp(option, "features") == 0;
    return error_set(err, ERR_CONFIG, "%s%s: %s has no column `%s`%s", renamed ? "" : reading_said_as(r),
                     renamed ? r->options->features_as : option, r->path, word,
                     names_suggest(word, names, all).text);
}
