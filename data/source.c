/* data/source.c - where rows come from, as people write it. */
#include "data/source.h"

#include <stdlib.h>
#include <string.h>

#include "base/packed.h"
#include "base/magic.h"
#include "data/reader.h"

static const char scheme[] = "sqlite:";
static const char memory[] = "memory:";
enum { SCHEME = sizeof scheme - 1, MEMORY = sizeof memory - 1 };

bool source_is_query(const char *path)
{
    return strncmp(path, scheme, SCHEME) == 0;
}

bool source_is_memory(const char *path)
{
    return strncmp(path, memory, MEMORY) == 0;
}

/* ---- names --------------------------------------------------------------------------------------- */

/* The file of "sqlite:FILE?SQL", and what stands behind the first question mark. */
static bool take_query(const char *folder, const char *path, Arena *arena, Source *out, Error *err)
{
    const char *mark = strchr(path, '?');
    size_t n = mark ? (size_t)(mark - path) - SCHEME : strlen(path + SCHEME);
    const char *file = arena_copy_n(arena, path + SCHEME, n);
    if (!file || !(file = path_join(arena, folder, file))) return error_memory(err);
    if (n == 0) return error_set(err, ERR_CONFIG, "`%.60s` names no file: sqlite:FILE?SELECT ...", path);
    const char *sql = mark ? mark + 1 + strspn(mark + 1, " \t\r\n") : NULL;
    *out = (Source){.path = file, .file = file, .sql = sql && *sql ? sql : NULL, .is_query = true};
    return true;
}

/* "a/b.zip/c/d.csv" is a member where a/b.zip is a file. */
static bool take_member(Source *source, Arena *arena, Error *err)
{
    if (file_exists(source->path)) return true;
    for (size_t n = strlen(source->path); n > 0; n--) {
        if (source->path[n] != '/') continue;
        const char *file = arena_copy_n(arena, source->path, n);
        if (!file) return error_memory(err);
        if (!file_exists(file)) continue;
        if (file_is_folder(file)) return true; /* and what should be in it is not there */
        source->file = file;
        source->member = source->path + n + 1;
        return true;
    }
    return true;
}

bool source_of(const char *folder, const char *path, Arena *arena, Source *out, Error *err)
{
    Source source = {.path = "standard input", .file = "-", .is_standard = true};
    if (source_is_query(path)) return take_query(folder, path, arena, out, err);
    if (strcmp(path, "-") != 0) {
        source.path = source.file = path_join(arena, folder, path);
        source.is_standard = false;
        if (!source.path) return error_memory(err);
        if (!take_member(&source, arena, err)) return false;
    }
    *out = source;
    return true;
}

const char *source_join(Arena *arena, const char *folder, const char *path)
{
    if (strcmp(path, "-") == 0 || source_is_memory(path)) return path;
    if (!source_is_query(path)) return path_join(arena, folder, path);
    const char *joined = path_join(arena, folder, path + SCHEME);
    return joined ? arena_print(arena, "%s%s", scheme, joined) : NULL;
}

bool source_exists(const char *path, Arena *arena)
{
    Source source;
    return source_of(NULL, path, arena, &source, NULL) && (source.is_standard || file_exists(source.file));
}

const char *source_stem(Arena *arena, const char *path)
{
    Source source;
    if (!source_of(NULL, path, arena, &source, NULL)) return NULL;
    if (source_is_memory(path)) return arena_copy(arena, path + MEMORY);
    const char *name = source.is_standard ? "stdin" : source.member ? source.member : source.file;
    const char *stem = arena_copy(arena, name);
    size_t n;
    if (!stem) return NULL;
    packed_how_named(stem, &n);
    const char *bare = arena_copy_n(arena, path_base(stem), n - (size_t)(path_base(stem) - stem));
    return bare ? path_stem(arena, bare) : NULL;
}

/* ---- bytes --------------------------------------------------------------------------------------- */

static bool none_named(const Source *source, const Member *members, int n, Arena *arena, Error *err)
{
    const char **names = ARENA_NEW(arena, const char *, n + 1);
    if (!names) return error_memory(err);
    for (int i = 0; i < n; i++) names[i] = members[i].name;
    const char *what = magic_of_members(source->path, names, n, arena);
    if (what) return error_set(err, ERR_DATA, "%s: %s", source->path, what);
    if (n == 0) return error_set(err, ERR_DATA, "%s: an archive without a file in it", source->path);
    const char *has = arena_print(arena, "; it has %s", names_list(arena, names, n));
    if (source->member)
        return error_set(err, ERR_DATA, "%s: no file `%.200s` in it%s", source->file, source->member,
                         names_suggest(source->member, names, has ? has : "").text);
    char first[48];
    return error_set(err, ERR_DATA, "%s holds %d files: %s; say which: %s/%s", source->path, n,
                     names_list(arena, names, n),
                     source->is_standard ? "ARCHIVE" : source->path,
                     cell_quote(names[0], strlen(names[0]), first));
}

/* The member that is named, or the only one, in the archive's place. */
static bool take_file(const Source *source, Arena *arena, Bytes *bytes, Error *err)
{
    Member *members;
    int n, at = -1;
    Bytes inner;
    if (!packed_members(source->file, bytes->bytes, bytes->n, arena, &members, &n, err)) return false;
    for (int i = 0; i < n && source->member && at < 0; i++)
        if (strcmp(members[i].name, source->member) == 0) at = i;
    if (!source->member && n == 1) at = 0;
    if (at < 0) return none_named(source, members, n, arena, err);
    if (!packed_member(source->file, bytes->bytes, bytes->n, members[at].name, &inner, err)) return false;
    bytes_free(bytes);
    *bytes = inner;
    return true;
}

static bool unpack(const Source *source, Arena *arena, Bytes *bytes, Error *err)
{
    Packing packing = packed_how(bytes->bytes, bytes->n);
    if (packing != PACKED_NOT && packing != PACKED_GZIP) { /* gzip in gzip is refused for what it is */
        Bytes inner;
        if (!packed_unpack(source->file, bytes->bytes, bytes->n, &inner, err)) return false;
        bytes_free(bytes);
        *bytes = inner;
    }
    if (npz_looks_like(bytes->bytes, bytes->n)) return true;
    if (packed_is_archive(bytes->bytes, bytes->n)) return take_file(source, arena, bytes, err);
    return !source->member || error_set(err, ERR_DATA, "%s is no archive, so there is no `%.200s` in it",
                                        source->file,
                                        source->member);
}

bool source_bytes(const Source *source, Arena *arena, Bytes *out, Error *err)
{
    Bytes bytes;
    if (!file_read(source->file, 0, &bytes, err)) return false;
    bool ok = bytes.n > 0 || !source->is_standard
           || error_set(err, ERR_DATA,
                        "standard input: nothing is there; it is read once, and where rows are wanted"
                                       " again a file has to be given");
    if (ok) ok = unpack(source, arena, &bytes, err);
    if (ok) *out = bytes;
    else bytes_free(&bytes);
    return ok;
}

bool source_read(const char *path, Arena *arena, Bytes *out, Error *err)
{
    Source source;
    return source_of(NULL, path, arena, &source, err) && source_bytes(&source, arena, out, err);
}
