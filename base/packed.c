/* Packed bytes unpacked, and bytes packed: streams, zip and tar. */
#include "base/packed.h"

#include <archive.h>
#include <archive_entry.h>
#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/grow.h"
#include "base/machine.h"
#include "base/text.h"

enum { BLOCK = 1 << 18 };

/* ---- what is it? --------------------------------------------------------------------------------- */

static const char *const endings[] = {
#define LIST_ENDING(id, name, ending) ending,
    PACKING_LIST(LIST_ENDING)};
static const char *const names[] = {PACKING_LIST(LIST_NAME) NULL};

Packing packed_how(const char *bytes, size_t n)
{
    static const struct {
        const char *magic;
        size_t n;
        Packing packing;
    } heads[] = {{"\x1F\x8B", 2, PACKED_GZIP},         {"BZh", 3, PACKED_BZIP2},
                 {"\xFD" "7zXZ\0", 6, PACKED_XZ},        {"\x28\xB5\x2F\xFD", 4, PACKED_ZSTD},
                 {"\x04\x22\x4D\x18", 4, PACKED_LZ4}, {"\x1F\x9D", 2, PACKED_COMPRESS}};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        if (n >= heads[i].n && memcmp(bytes, heads[i].magic, heads[i].n) == 0)
            if (heads[i].packing != PACKED_BZIP2 || (n > 3 && bytes[3] >= '1' && bytes[3] <= '9'))
                return heads[i].packing;
    return PACKED_NOT;
}

Packing packed_how_named(const char *path, size_t *n)
{
    size_t length = *n = strlen(path);
    for (int p = 1; p < PACKING_COUNT; p++) {
        size_t k = strlen(endings[p]);
        if (length <= k || strcasecmp(path + length - k, endings[p]) != 0) continue;
        *n = length - k;
        return (Packing)p;
    }
    return PACKED_NOT;
}

bool packed_is_archive(const char *bytes, size_t n)
{
    return (n >= 4 && (memcmp(bytes, "PK\3\4", 4) == 0 || memcmp(bytes, "PK\5\6", 4) == 0))
        || (n >= 262 && memcmp(bytes + 257, "ustar", 5) == 0);
}

/* ---- unpacking ----------------------------------------------------------------------------------- */

static size_t most_bytes(void)
{
    double limit = (double)((int64_t)8 << 30), available = machine_memory("").available;
    if (available > 0 && limit > available / 4) limit = available / 4;
    return (size_t)limit;
}

/* The library's words end up in a message. */
static bool damaged(struct archive *a, const char *path, Error *err)
{
    const char *why = archive_error_string(a) ? archive_error_string(a) : "in its head";
    return error_set(err, ERR_DATA, "%s: cut off or damaged (%.200s); fetch the file again", path, why);
}

/* A filter that needs another program is none. */
static bool take_filter(struct archive *a, Packing packing)
{
    int rc = packing == PACKED_BZIP2 ? archive_read_support_filter_bzip2(a)
           : packing == PACKED_XZ    ? archive_read_support_filter_xz(a)
           : packing == PACKED_ZSTD  ? archive_read_support_filter_zstd(a)
           : packing == PACKED_LZ4   ? archive_read_support_filter_lz4(a)
                                     : archive_read_support_filter_compress(a);
    return rc == ARCHIVE_OK && archive_read_support_format_raw(a) == ARCHIVE_OK;
}

/* All of the entry that was opened. A warning is damage: a checksum is one. */
static bool read_entry(struct archive *a, const char *path, Bytes *out, Error *err)
{
    const size_t most = most_bytes();
    size_t n = 0, capacity = 0;
    char *bytes = NULL;
    for (;;) {
        if (capacity - n < BLOCK + 1) {
            capacity = capacity ? 2 * capacity : 4 * BLOCK;
            char *larger = realloc(bytes, capacity);
            if (!larger) return free(bytes), error_memory(err);
            bytes = larger;
        }
        la_ssize_t got = archive_read_data(a, bytes + n, BLOCK);
        if (got < 0) return free(bytes), damaged(a, path, err);
        if (got == 0) break;
        n += (size_t)got;
        if (n <= most) continue;
        free(bytes);
        return error_set(err, ERR_DATA,
                         "%s holds more than the %zu bytes that may be read with %s of memory free;"
                         " take a part of it", path, most,
                         text_bytes(machine_memory("").available, (char[32]){0}));
    }
    bytes[n] = '\0';
    char *fitted = realloc(bytes, n + 1);
    *out = (Bytes){fitted ? fitted : bytes, n};
    return true;
}

bool packed_unpack(const char *path, const char *bytes, size_t n, Bytes *out, Error *err)
{
    Packing packing = packed_how(bytes, n);
    struct archive *a = archive_read_new();
    struct archive_entry *entry;
    if (!a) return error_memory(err);
    bool ok = take_filter(a, packing)
           || error_set(err, ERR_DATA, "%s: packed with %s, which is not known here; unpack it", path,
                        names[packing]);
    int rc = ok ? archive_read_open_memory(a, bytes, n) : ARCHIVE_OK;
    if (ok && rc == ARCHIVE_OK) rc = archive_read_next_header(a, &entry);
    if (ok && rc == ARCHIVE_EOF) { /* nothing was packed */
        char *nothing = calloc(1, 1);
        ok = nothing || error_memory(err);
        if (ok) *out = (Bytes){nothing, 0};
    } else if (ok) {
        /* what no filter knows after all comes out as it is */
        bool unpacks = rc == ARCHIVE_OK && archive_filter_count(a) > 1;
        ok = unpacks ? read_entry(a, path, out, err) : damaged(a, path, err);
    }
    archive_read_free(a);
    return ok;
}

/* ---- archives ------------------------------------------------------------------------------------ */

static struct archive *open_archive(const char *path, const char *bytes, size_t n, Error *err)
{
    struct archive *a = archive_read_new();
    if (!a || archive_read_support_format_zip(a) != ARCHIVE_OK
        || archive_read_support_format_tar(a) != ARCHIVE_OK) {
        archive_read_free(a);
        error_memory(err);
        return NULL;
    }
    if (archive_read_open_memory(a, bytes, n) == ARCHIVE_OK) return a;
    damaged(a, path, err);
    archive_read_free(a);
    return NULL;
}

static const char *name_of(struct archive_entry *entry)
{
    const char *name = archive_entry_pathname_utf8(entry);
    if (!name) name = archive_entry_pathname(entry);
    while (name && strncmp(name, "./", 2) == 0) name += 2;
    return name ? name : "?";
}

/* Finder's and the like's own files. */
static bool is_beside(const char *name)
{
    const char *base = path_base(name);
    return strncmp(name, "__MACOSX/", 9) == 0 || strncmp(base, "._", 2) == 0 || strcmp(base, ".DS_Store") == 0;
}

/* The next file; `*name` NULL at the end. */
static bool next_file(struct archive *a, const char *path, const char **name, struct archive_entry **entry,
                      Error *err)
{
    for (;;) {
        int rc = archive_read_next_header(a, entry);
        *name = NULL;
        if (rc == ARCHIVE_EOF) return true;
        /* warned of: a name's letters */
        if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN) return damaged(a, path, err);
        if (archive_entry_filetype(*entry) != AE_IFREG && archive_entry_filetype(*entry) != 0) continue;
        *name = name_of(*entry);
        size_t n = strlen(*name);
        if (n && (*name)[n - 1] != '/' && !is_beside(*name)) return true;
    }
}

/* The library turns names into the locale's letters, and loses those that the plain one does not have. This
 * thread reads names in UTF-8, and then goes on as before. */
typedef struct {
    locale_t utf8, before;
} Letters;

static Letters letters_begin(void)
{
    Letters l = {.utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0)};
    if (l.utf8) l.before = uselocale(l.utf8);
    return l;
}

static void letters_end(Letters l)
{
    if (!l.utf8) return;
    uselocale(l.before);
    freelocale(l.utf8);
}

bool packed_members(const char *path, const char *bytes, size_t n, Arena *arena, Member **out, int *count,
                    Error *err)
{
    struct archive *a = open_archive(path, bytes, n, err);
    struct archive_entry *entry;
    Member *members = NULL;
    const char *name = "";
    int n_members = 0, capacity = 0;
    bool ok = a != NULL;
    const Letters letters = letters_begin();
    while (ok && (ok = next_file(a, path, &name, &entry, err)) && name) {
        if (n_members == PACKED_MOST) {
            ok = error_set(err, ERR_DATA, "%s: more than %d files in one archive", path, PACKED_MOST);
        } else if (!GROW(arena, members, n_members, capacity) || !(name = arena_copy(arena, name))) {
            ok = error_memory(err);
        } else {
            int64_t size = archive_entry_size(entry);
            members[n_members++] = (Member){.name = name, .n = size > 0 ? (size_t)size : 0};
        }
    }
    archive_read_free(a);
    letters_end(letters);
    if (!ok) return false;
    *out = members;
    *count = n_members;
    return true;
}

bool packed_member(const char *path, const char *bytes, size_t n, const char *wanted, Bytes *out, Error *err)
{
    struct archive *a = open_archive(path, bytes, n, err);
    struct archive_entry *entry;
    const char *name = "";
    bool ok = a != NULL;
    const Letters letters = letters_begin();
    while (ok && (ok = next_file(a, path, &name, &entry, err)) && name && strcmp(name, wanted) != 0) continue;
    if (ok && !name) ok = error_set(err, ERR_DATA, "%s: no file `%.200s` in it", path, wanted);
    if (ok && archive_entry_is_encrypted(entry))
        ok = error_set(err, ERR_DATA, "%s: `%.200s` is encrypted; unpack it", path, wanted);
    ok = ok && read_entry(a, path, out, err);
    archive_read_free(a);
    letters_end(letters);
    return ok;
}

/* ---- packing ------------------------------------------------------------------------------------- */

static la_ssize_t take_packed(struct archive *a, void *client, const void *bytes, size_t n)
{
    Text *text = client;
    text_add_n(text, bytes, n);
    if (text_ok(text)) return (la_ssize_t)n;
    archive_set_error(a, -1, "out of memory");
    return -1;
}

static bool add_member(struct archive *a, const char *name, const void *bytes, size_t n)
{
    struct archive_entry *entry = archive_entry_new();
    if (!entry) return false;
    archive_entry_set_pathname(entry, name);
    archive_entry_set_size(entry, (int64_t)n);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_mtime(entry, 315532800, 0); /* 1980, where zip begins: equal tables are equal bytes */
    bool ok = archive_write_header(a, entry) >= ARCHIVE_WARN;
    archive_entry_free(entry);
    for (size_t done = 0; ok && done < n;) {
        size_t piece = n - done < BLOCK ? n - done : BLOCK;
        ok = archive_write_data(a, (const char *)bytes + done, piece) == (la_ssize_t)piece;
        done += piece;
    }
    return ok;
}

/* Closes and frees the writer; what was written becomes the caller's. */
static bool hand_out(struct archive *a, bool ok, Text *text, Bytes *out, Error *err)
{
    ok = (!a || archive_write_close(a) == ARCHIVE_OK) && ok && a && text_ok(text) && text->bytes;
    if (!ok) error_set(err, ERR_MEMORY, "cannot pack (%.200s)",
                       a && archive_error_string(a) ? archive_error_string(a) : "out of memory");
    archive_write_free(a);
    if (ok) *out = (Bytes){text->bytes, text->n};
    else text_free(text);
    return ok;
}

bool packed_pack(const void *bytes, size_t n, Packing packing, Bytes *out, Error *err)
{
    Text text = {0};
    struct archive *a = archive_write_new();
    bool ok = a && archive_write_set_format_raw(a) == ARCHIVE_OK;
    if (ok) {
        int rc = packing == PACKED_GZIP  ? archive_write_add_filter_gzip(a)
               : packing == PACKED_BZIP2 ? archive_write_add_filter_bzip2(a)
               : packing == PACKED_XZ    ? archive_write_add_filter_xz(a)
               : packing == PACKED_ZSTD  ? archive_write_add_filter_zstd(a)
               : packing == PACKED_LZ4   ? archive_write_add_filter_lz4(a)
                                         : archive_write_add_filter_compress(a);
        ok = rc == ARCHIVE_OK;
    }
    if (ok && packing == PACKED_GZIP) archive_write_set_filter_option(a, "gzip", "timestamp", NULL);
    ok = ok && archive_write_set_bytes_in_last_block(a, 1) == ARCHIVE_OK
      && archive_write_open(a, &text, NULL, take_packed, NULL) == ARCHIVE_OK && add_member(a, "data", bytes, n);
    return hand_out(a, ok, &text, out, err);
}

bool packed_zip(const Member *members, int count, Bytes *out, Error *err)
{
    Text text = {0};
    struct archive *a = archive_write_new();
    bool ok = a && archive_write_set_format_zip(a) == ARCHIVE_OK
        && archive_write_zip_set_compression_store(a) == ARCHIVE_OK
           && archive_write_set_bytes_in_last_block(a, 1) == ARCHIVE_OK
           && archive_write_open(a, &text, NULL, take_packed, NULL) == ARCHIVE_OK;
    for (int i = 0; ok && i < count; i++) ok = add_member(a, members[i].name, members[i].bytes, members[i].n);
    return hand_out(a, ok, &text, out, err);
}
