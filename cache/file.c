/* One file of the cache: a table written by walking over its parts, and found again where it is mapped. */
#include "cache/file.h"

#include <string.h>

#include "base/file.h"
#include "base/mapped.h"
#include "base/text.h"
#include "cache/parts.h"

enum { ALIGN = 64, MOST_DEPTH = 8, MOST_COUNT = 100000000 };

/* At the end of a file. Numbers as this machine keeps them: `order` says how. */
typedef struct {
    char magic[16];
    uint32_t version, order;
    uint64_t bytes, at, n; /* of the file; the description's place and length */
    char sha256[64];       /* the description's */
} CacheFooter;
static const char magic[16] = "consort table\n";
enum { BYTE_ORDER_MARK = 0x01020304 };

static const void *member(const void *owner, const Part *part)
{
    return (const char *)owner + part->offset;
}

static int count_of(const void *owner, const Part *part)
{
    int n;
    memcpy(&n, (const char *)owner + part->count, sizeof n);
    return n;
}

static size_t row_bytes(const Table *table, const Part *part)
{
    return part->each ? part->each(table) : part->size;
}

/* ---- storing ----------------------------------------------------------------------------------------- */

typedef struct {
    const Table *table;
    FileWriting file;
    uint64_t at; /* bytes of the file so far */
    Text words;  /* the description */
} Storing;

static void put_number(Storing *s, int64_t v)
{
    text_add_n(&s->words, (const char *)&v, sizeof v);
}

/* Its length, -1 for none, and its bytes with the NUL. */
static void put_text(Storing *s, const char *text)
{
    put_number(s, text ? (int64_t)strlen(text) : -1);
    if (text) text_add_n(&s->words, text, strlen(text) + 1);
}

static void put_bytes(Storing *s, const void *bytes, size_t n)
{
    static const char zeros[ALIGN] = {0};
    const size_t pad = (ALIGN - s->at % ALIGN) % ALIGN;
    file_add(&s->file, zeros, pad);
    put_number(s, bytes ? (int64_t)(s->at + pad) : -1);
    if (bytes) file_add(&s->file, bytes, n);
    s->at += pad + (bytes ? n : 0);
}

static void put_struct(Storing *s, const Parts *parts, const void *owner);

static void put_part(Storing *s, const Part *part, const void *owner)
{
    const void *at = member(owner, part), *pointer = NULL;
    const int n = part->kind == PART_TEXTS || part->kind == PART_ITEMS || part->kind == PART_STRUCTS
                ? count_of(owner, part) : 1;
    if (part->kind >= PART_TEXT && part->kind != PART_STRUCT) memcpy(&pointer, at, sizeof pointer);
    switch (part->kind) {
    case PART_INT: case PART_BOOL: case PART_CHAR: case PART_DOUBLE: case PART_LETTERS:
        text_add_n(&s->words, at, part->size);
        break;
    case PART_TEXT: put_text(s, pointer); break;
    case PART_TEXTS:
        for (int i = 0; pointer && i < n; i++) put_text(s, ((const char *const *)pointer)[i]);
        break;
    case PART_ITEMS: put_bytes(s, n > 0 ? pointer : NULL, (size_t)n * part->size); break;
    case PART_ROWS: put_bytes(s, pointer, (size_t)s->table->n_rows * row_bytes(s->table, part)); break;
    case PART_STRUCT: put_struct(s, part->of, at); break;
    case PART_STRUCTS:
        for (int i = 0; pointer && i < n; i++)
            put_struct(s, part->of, (const char *)pointer + (size_t)i * part->of->size);
        break;
    case PART_ONE:
        put_number(s, pointer != NULL);
        if (pointer) put_struct(s, part->of, pointer);
        break;
    }
}

static void put_struct(Storing *s, const Parts *parts, const void *owner)
{
    for (int i = 0; i < parts->n; i++) put_part(s, &parts->part[i], owner);
}

bool cache_store(const CachePlace *place, const Table *table, unsigned mode, Error *err)
{
    Storing s = {.table = table};
    if (!file_begin(place->path, mode, &s.file, err)) return false;
    put_text(&s, place->key);
    put_text(&s, place->source);
    put_number(&s, place->fresh);
    put_struct(&s, &table_parts, table);
    CacheFooter footer = {.version = CACHE_VERSION, .order = BYTE_ORDER_MARK, .at = s.at, .n = s.words.n,
                          .bytes = s.at + s.words.n + sizeof footer};
    char hex[65];
    const bool ok = text_ok(&s.words);
    if (ok) {
        sha256_of(s.words.bytes, s.words.n, hex);
        memcpy(footer.magic, magic, sizeof magic);
        memcpy(footer.sha256, hex, sizeof footer.sha256);
        file_add(&s.file, s.words.bytes, s.words.n);
        file_add(&s.file, &footer, sizeof footer);
    }
    text_free(&s.words);
    return file_end(&s.file, ok, err) && (ok || error_memory(err));
}

/* ---- loading ----------------------------------------------------------------------------------------- */

typedef struct {
    Mapped file;
    const uint8_t *at, *end; /* of the description */
    size_t arrays;           /* so many bytes of the file are arrays */
    Arena *arena;
    Table *table;
    int depth;
} Loading;

static bool get_bytes(Loading *l, void *to, size_t n)
{
    if ((size_t)(l->end - l->at) < n) return false;
    memcpy(to, l->at, n);
    l->at += n;
    return true;
}

static bool get_number(Loading *l, int64_t *out)
{
    return get_bytes(l, out, sizeof *out);
}

/* Where it stands. */
static bool get_text(Loading *l, const char **out)
{
    int64_t n;
    *out = NULL;
    if (!get_number(l, &n) || n < -1) return false;
    if (n < 0) return true;
    if (l->end - l->at <= n || l->at[n] != '\0') return false;
    *out = (const char *)l->at;
    l->at += n + 1;
    return true;
}

static bool get_array(Loading *l, size_t count, size_t each, const void **out)
{
    int64_t at;
    *out = NULL;
    if (!get_number(l, &at)) return false;
    if (at < 0) return at == -1;
    if (at % ALIGN != 0 || (size_t)at > l->arrays || (each > 0 && count > (l->arrays - (size_t)at) / each))
        return false;
    *out = l->file.bytes + at;
    return true;
}

static bool get_struct(Loading *l, const Parts *parts, void *owner);

static bool get_structs(Loading *l, const Parts *parts, int n, void **out)
{
    *out = NULL;
    if (n == 0) return true;
    char *structs = arena_alloc(l->arena, (size_t)n, parts->size);
    for (int i = 0; structs && i < n; i++)
        if (!get_struct(l, parts, structs + (size_t)i * parts->size)) return false;
    *out = structs;
    return structs != NULL;
}

static bool get_texts(Loading *l, int n, const char ***out)
{
    *out = NULL;
    if (n == 0) return true;
    const char **texts = ARENA_NEW(l->arena, const char *, n);
    for (int i = 0; texts && i < n; i++)
        if (!get_text(l, &texts[i]) || !texts[i]) return false;
    *out = texts;
    return texts != NULL;
}

static bool get_part(Loading *l, const Part *part, void *owner)
{
    void *to = (char *)owner + part->offset, *structs;
    const void *array;
    const char *text, **texts;
    int64_t there;
    const bool counted = part->kind == PART_TEXTS || part->kind == PART_ITEMS || part->kind == PART_STRUCTS;
    const int n = counted ? count_of(owner, part) : 1;
    /* Each takes a byte of the description at least. */
    if (n < 0 || n > MOST_COUNT || (counted && part->kind != PART_ITEMS && n > l->end - l->at)) return false;
    switch (part->kind) {
    case PART_INT: case PART_CHAR: case PART_DOUBLE: case PART_LETTERS: return get_bytes(l, to, part->size);
    case PART_BOOL: {
        unsigned char byte;
        if (!get_bytes(l, &byte, 1) || byte > 1) return false;
        *(bool *)to = byte;
        return true;
    }
    case PART_TEXT:
        if (!get_text(l, &text)) return false;
        memcpy(to, &text, sizeof text);
        return true;
    case PART_TEXTS:
        if (!get_texts(l, n, &texts)) return false;
        memcpy(to, &texts, sizeof texts);
        return true;
    case PART_ITEMS: case PART_ROWS:
        if (part->kind == PART_ROWS && l->table->n_rows < 0) return false;
        if (!get_array(l, (size_t)(part->kind == PART_ROWS ? l->table->n_rows : n),
                       part->kind == PART_ROWS ? row_bytes(l->table, part) : part->size, &array))
            return false;
        memcpy(to, &array, sizeof array);
        return part->kind == PART_ROWS || (array != NULL) == (n > 0);
    case PART_STRUCT: return get_struct(l, part->of, to);
    case PART_STRUCTS: case PART_ONE:
        there = n;
        if (part->kind == PART_ONE && (!get_number(l, &there) || there < 0 || there > 1)) return false;
        if (!get_structs(l, part->of, (int)there, &structs)) return false;
        memcpy(to, &structs, sizeof structs);
        return true;
    }
    return false;
}

static bool get_struct(Loading *l, const Parts *parts, void *owner)
{
    bool ok = l->depth++ < MOST_DEPTH;
    for (int i = 0; ok && i < parts->n; i++) ok = get_part(l, &parts->part[i], owner);
    l->depth--;
    return ok;
}

/* The description lies within the file and is what its hash says. */
static bool begin(const char *path, Loading *l)
{
    CacheFooter footer;
    char hex[65];
    if (!mapped_open(path, &l->file)) return false;
    if (l->file.n < sizeof footer) return false;
    memcpy(&footer, l->file.bytes + l->file.n - sizeof footer, sizeof footer);
    if (memcmp(footer.magic, magic, sizeof magic) != 0 || footer.version != CACHE_VERSION
        || footer.order != BYTE_ORDER_MARK || footer.bytes != l->file.n)
        return false;
    const uint64_t most = l->file.n - sizeof footer;
    if (footer.at > most || footer.n != most - footer.at) return false;
    l->at = l->file.bytes + footer.at;
    l->end = l->at + footer.n;
    l->arrays = (size_t)footer.at;
    sha256_of(l->at, (size_t)footer.n, hex);
    return memcmp(hex, footer.sha256, sizeof footer.sha256) == 0;
}

static bool get_place(Loading *l, const char **key, const char **source, int64_t *fresh)
{
    return get_text(l, key) && *key && get_text(l, source) && *source && get_number(l, fresh);
}

CacheState cache_load(const CachePlace *place, Arena *arena, Table **out)
{
    Loading l = {.arena = arena};
    const char *key, *source;
    int64_t fresh = 0;
    Table *table = ARENA_NEW(arena, Table, 1);
    if (!table || !file_exists(place->path)) return CACHE_ABSENT;
    l.table = table;
    bool ok = begin(place->path, &l) && get_place(&l, &key, &source, &fresh) && strcmp(key, place->key) == 0;
    if (ok && !fresh) ok = get_struct(&l, &table_parts, table) && l.at == l.end && cache_table_holds(table);
    if (ok && !fresh) {
        *out = table;
        return CACHE_FOUND;
    }
    mapped_close(&l.file);
    return ok ? CACHE_FRESH : CACHE_DAMAGED;
}

const char *cache_source(const char *path, Arena *arena)
{
    Loading l = {.arena = arena};
    const char *key, *source = NULL, *copy = NULL;
    int64_t fresh;
    if (begin(path, &l) && get_place(&l, &key, &source, &fresh)) copy = arena_copy(arena, source);
    mapped_close(&l.file);
    return copy;
}
