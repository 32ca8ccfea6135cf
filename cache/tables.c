/* Which file of the cache a table has, whether it holds, and how many there may be. */
#include "cache/tables.h"

#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/file.h"
#include "base/folder.h"
#include "base/grow.h"
#include "base/mapped.h"
#include "base/text.h"
#include "cache/file.h"
#include "data/source.h"

#ifndef CONSORT_READERS
#define CONSORT_READERS "unknown" /* the Makefile knows: a sum over the sources of the readers */
#endif

enum { MOST_FILES = 10000000 };

/* ---- the key ----------------------------------------------------------------------------------------- */

typedef struct {
    Sha256 sha;
    int64_t bytes, files;
    int64_t newest; /* seconds: when the last of them was written */
    unsigned mode;
} Origin;

static void add_text(Origin *s, const char *text)
{
    sha256_add(&s->sha, text ? text : "", (text ? strlen(text) : 0) + 1);
}

static bool add_file(Origin *s, const char *path)
{
    FileMark mark;
    if (!file_mark(path, &mark)) return false;
    const int64_t numbers[] = {(int64_t)mark.device, (int64_t)mark.inode, mark.bytes, mark.seconds,
                               mark.nanoseconds};
    add_text(s, path);
    sha256_add(&s->sha, numbers, sizeof numbers);
    s->bytes += mark.bytes;
    s->files++;
    s->mode &= mark.mode;
    if (mark.seconds > s->newest) s->newest = mark.seconds;
    return true;
}

static bool add_folder(Origin *s, const char *folder, Arena *arena)
{
    FileList list;
    if (!folder_list(folder, MOST_FILES, arena, &list, NULL)) return false;
    for (int i = 0; i < list.n; i++) {
        const char *path = path_join(arena, folder, list.paths[i]);
        if (!path || !add_file(s, path)) return false;
    }
    return true;
}

/* Every option, as it would be written down, but for the folder and the cache themselves. */
static bool add_options(Origin *s, const ReadOptions *options)
{
    ReadOptions alone = *options;
    Text text = {0};
    alone.dir = alone.cache = NULL;
    field_print_yaml(&read_fields, &alone, 0, &text);
    if (options->as_written) text_add(&text, "as written\n");
    bool ok = text_ok(&text);
    if (ok) add_text(s, text.bytes);
    text_free(&text);
    return ok;
}

static const char *full_path(const char *folder, const char *path, Arena *arena)
{
    const char *joined = folder ? path_join(arena, folder, path) : path;
    char *real = joined ? path_real(joined) : NULL;
    const char *copy = real ? arena_copy(arena, real) : NULL;
    free(real);
    return copy;
}

/* False: a source that has no key, or is not worth one. */
static bool key_of(const DataFile *file, const ReadOptions *options, const char *learned, Arena *arena,
                   Origin *s, const char **source, char hex[65])
{
    *s = (Origin){.mode = 0777};
    if (!file || !file->images || strcmp(file->images, "-") == 0) return false;
    if (source_is_memory(file->images)) return false;
    Source from;
    if (!source_of(options->dir, file->images, arena, &from, NULL)) return false;
    if (from.is_query || from.is_standard) return false;
    const char *path = full_path(NULL, from.file, arena);
    const char *labels = file->labels ? full_path(options->dir, file->labels, arena) : NULL;
    if (!path || (file->labels && !labels)) return false;
    const char *log = arena_print(arena, "%s-wal", path); /* of an SQLite database, of which it is a part */
    if (!log || file_exists(log)) return false;
    if (!labels) labels = labels_beside(path, arena);
    sha256_start(&s->sha);
    add_text(s, "consort cache " CONSORT_VERSION " " CONSORT_READERS);
    add_text(s, learned);
    add_text(s, from.member);
    if (!add_options(s, options)) return false;
    const bool folder = file_is_folder(path);
    if (folder ? !add_folder(s, path, arena) : !add_file(s, path)) return false;
    if (labels && !add_file(s, labels)) return false;
    sha256_end(&s->sha, hex);
    *source = path;
    return folder ? s->files >= CACHE_FILES || s->bytes >= CACHE_LEAST : s->bytes >= CACHE_LEAST;
}

/* ---- reading ----------------------------------------------------------------------------------------- */

static void add_note(Table *table, Arena *arena, const char *note)
{
    const char **notes = ARENA_NEW(arena, const char *, table->n_notes + 1);
    if (!notes || !note) return;
    if (table->n_notes) memcpy(notes, table->notes, (size_t)table->n_notes * sizeof *notes);
    notes[table->n_notes++] = note;
    table->notes = notes;
}

/* Keeps what was just read, if its source is still what it was. */
static void keep(const CachePlace *place, const Origin *source, const char *folder, Table *table, Arena *arena)
{
    Error err;
    CacheList list;
    FileMark written;
    CachePlace as = *place;
    bool ok = file_make_folder(folder, &err);
    /* The file system's own clock: when something written now is written. */
    const char *probe = path_join(arena, folder, "now");
    if (ok && probe && file_write(probe, "", 0, &err) && file_mark(probe, &written))
        as.fresh = written.seconds - source->newest < 2;
    if (probe) file_remove(probe);
    ok = ok && cache_store(&as, table, source->mode, &err);
    if (!ok) {
        add_note(table, arena, arena_print(arena, "the table was not kept in the cache: %s", err.message));
        return;
    }
    if (cache_list(folder, arena, &list, &err)) cache_shrink(&list, CACHE_MOST);
}

bool cache_read(const DataFile *file, const ReadOptions *options, const Schema *schema, const char *learned,
                const char *folder, Arena *arena, Table **out, Error *err)
{
    Origin before, after;
    CachePlace place = {0};
    char key[65], again[65];
    const bool has_key = folder && (!schema || learned)
                      && key_of(file, options, learned, arena, &before, &place.source, key);
    if (!has_key) return table_read(file, options, schema, arena, out, err);
    place.path = arena_print(arena, "%s/%s.table", folder, key);
    place.key = key;
    if (!place.path) return error_memory(err);
    CacheState state = cache_load(&place, arena, out);
    if (state == CACHE_FOUND) {
        file_touch(place.path);
        return true;
    }
    if (!table_read(file, options, schema, arena, out, err)) return false;
    const char *source;
    if (((*out)->pixels && !file_is_folder(place.source))
        || !key_of(file, options, learned, arena, &after, &source, again) || strcmp(key, again) != 0)
        return true;
    keep(&place, &before, folder, *out, arena);
    if (state == CACHE_DAMAGED)
        add_note(*out, arena, arena_print(arena, "%s in the cache was damaged, and made anew",
                                          path_base(place.path)));
    return true;
}

/* ---- the folder -------------------------------------------------------------------------------------- */

static int by_use(const void *a, const void *b)
{
    const CacheEntry *x = a, *y = b;
    if (x->used != y->used) return x->used > y->used ? -1 : 1;
    return strcmp(x->path, y->path);
}

bool cache_list(const char *folder, Arena *arena, CacheList *out, Error *err)
{
    FileList files;
    *out = (CacheList){0};
    if (!folder || !file_is_folder(folder)) return true;
    if (!folder_list(folder, MOST_FILES, arena, &files, err)) return false;
    for (int i = 0; i < files.n; i++) {
        FileMark mark;
        const char *path = path_join(arena, folder, files.paths[i]), *name = files.paths[i];
        const size_t n = strlen(name);
        if (!path) return error_memory(err);
        if (n != 70 || strspn(name, "0123456789abcdef") != 64 || strcmp(name + 64, ".table") != 0) continue;
        if (!file_mark(path, &mark)) continue;
        if (!GROW(arena, out->entries, out->n, out->capacity)) return error_memory(err);
        out->entries[out->n++] = (CacheEntry){path, cache_source(path, arena), mark.bytes,
                                               mark.seconds * 1000000000 + mark.nanoseconds};
        out->bytes += mark.bytes;
    }
    if (out->n > 1) qsort(out->entries, (size_t)out->n, sizeof *out->entries, by_use);
    return true;
}

int cache_shrink(const CacheList *list, int64_t most)
{
    int gone = 0;
    int64_t left = list->bytes;
    for (int i = list->n; i-- > 0 && left > most;) {
        if (!file_remove(list->entries[i].path)) continue;
        left -= list->entries[i].bytes;
        gone++;
    }
    return gone;
}
