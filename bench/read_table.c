/* bench/read_table.c - reads one table as training does, and nothing else: what bench/read_speed.py times.
 *
 *     read_table FILE
 *
 * Types inferred, cells stored, classes numbered, fingerprint made. Prints rows and columns.
 */
#include <stdio.h>

#include "data/read.h"

int main(int argc, char **argv)
{
    Error err;
    Table *table;
    ReadOptions options = {.delimiter = "auto"};
    Arena *arena = argc == 2 ? arena_create(0) : NULL;
    if (!arena) {
        fputs("usage: read_table FILE\n", stderr);
        return 2;
    }
    bool ok = table_read(&(DataFile){.images = argv[1]}, &options, NULL, arena, &table, &err);
    if (ok) printf("%d %d\n", table->n_rows, table->n_columns);
    else fprintf(stderr, "%s\n", err.message);
    arena_destroy(arena);
    return ok ? 0 : 1;
}
