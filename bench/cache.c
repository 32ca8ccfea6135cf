/* How long a table takes that is read, that is read and kept, and that was kept.   bench/cache FILE FOLDER */
#include <stdio.h>
#include <time.h>

#include "base/arena.h"
#include "cache/tables.h"

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Of this process, all its threads. */
static double cpu(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static bool once(const char *what, const char *path, const char *folder)
{
    Error err;
    Table *table;
    ReadOptions options = {0};
    Arena *arena = arena_create(0);
    double start = now(), used = cpu();
    bool ok = field_defaults(&read_fields, &options, arena, &err)
           && cache_read(&(DataFile){.images = path}, &options, NULL, NULL, folder, arena, &table, &err);
    if (ok) printf("%-14s %8.3f s %8.3f CPU s   %d rows, %.16s\n", what, now() - start, cpu() - used,
                   table->n_rows, table->fingerprint);
    else fprintf(stderr, "%s\n", err.message);
    arena_destroy(arena);
    return ok;
}

int main(int argc, char **argv)
{
    if (argc != 3) return fprintf(stderr, "bench/cache FILE FOLDER\n"), 2;
    return !(once("read", argv[1], NULL) && once("read and kept", argv[1], argv[2])
             && once("kept", argv[1], argv[2]) && once("kept", argv[1], argv[2]));
}
