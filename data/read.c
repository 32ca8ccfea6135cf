/* data/read.c - finding out what a file is, and handing it to the reader of its format. */
#include "data/read.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/packed.h"
#include "base/text.h"
#include "base/magic.h"
#include "pictures/read.h"
#include "data/given.h"
#include "data/reader.h"
#include "data/source.h"
#include "data/synth.h"

typedef struct {
    const char *endings;
    bool (*looks_like)(const char *bytes, size_t n);
    bool (*read)(Reading *reading, const char *bytes, size_t n, Table **out, Error *err);
    bool as_bytes;
} Format;

#define LIST_FORMAT(id, name, endings, known_by, read_by, as_bytes, ...) {endings, known_by, read_by, as_bytes},
static const Format formats[] = {FORMAT_LIST(LIST_FORMAT)};

/* Does the name, n bytes of it, end with one of these words? */
static bool ends_with(const char *path, size_t n, const char *endings)
{
    for (const char *word = endings; word && *word; word += strspn(word, " ")) {
        size_t k = strcspn(word, " ");
        if (n >= k && strncasecmp(path + n - k, word, k) == 0) return true;
        word += k;
    }
    return false;
}

/* A file's name says something where its content does not, unless a model learned from separated values,
 * whatever their name. */
int reading_detect(const char *path, const char *bytes, size_t n, const Schema *schema)
{
    size_t length;
    packed_how_named(path, &length);
    for (int f = 0; f < FORMAT_COUNT; f++)
        if (formats[f].looks_like && formats[f].looks_like(bytes, n)) return f;
    for (int f = 0; f < FORMAT_COUNT && !(schema && schema->rules.layout.width); f++)
        if (ends_with(path, length, formats[f].endings) && (formats[f].looks_like || f == FORMAT_CSV)
            && !formats[f].as_bytes)
            return f;
    return FORMAT_CSV;
}

bool names_data(const char *path)
{
    size_t n;
    if (source_is_query(path)) return true;
    packed_how_named(path, &n);
    for (int f = 0; f < FORMAT_COUNT; f++)
        if (ends_with(path, n, formats[f].endings)) return true;
    return ends_with(path, n, ".zip .tar .tgz") || strstr(path, ".npz/") || strstr(path, ".zip/");
}

/* Bytes 0x80 to 0x9F of Windows-1252, which is what is meant where Latin-1 has control characters; 0: none. The
 * others are the character of their number. */
static const uint16_t windows_1252[32] = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,
    0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161,
    0x203A, 0x0153, 0,      0x017E, 0x0178};

/* Characters that are UTF-8 stay: files are put together of several, and what two bytes of Windows-1252 mean is
 * hardly ever one. */
static bool from_windows_1252(Reading *r, Bytes *bytes, Error *err)
{
    size_t high = 0, n = 0, kept = 0, read = 0;
    long line = 1, first = 0;
    for (size_t i = 0; i < bytes->n; i++) high += (unsigned char)bytes->bytes[i] >= 0x80;
    char *text = malloc(bytes->n + 2 * high + 1);
    if (!text) return error_memory(err);
    for (size_t i = 0; i < bytes->n; i++) {
        unsigned c = (unsigned char)bytes->bytes[i];
        size_t length = c < 0x80 ? 1 : text_utf8_length(bytes->bytes + i, bytes->n - i);
        if (length > 1) {
            memcpy(text + n, bytes->bytes + i, length);
            n += length;
            i += length - 1;
            kept++;
            continue;
        }
        line += c == '\n';
        if (length == 0 && read++ == 0) first = line;
        if (c >= 0x80 && c < 0xA0 && windows_1252[c - 0x80]) c = windows_1252[c - 0x80];
        if (c >= 0x800) text[n++] = (char)(0xE0 | c >> 12), text[n++] = (char)(0x80 | (c >> 6 & 0x3F));
        else if (c >= 0x80) text[n++] = (char)(0xC0 | c >> 6);
        text[n++] = (char)(c >= 0x80 ? 0x80 | (c & 0x3F) : c);
    }
    text[n] = '\0';
    bytes_free(bytes);
    *bytes = (Bytes){text, n};
    if (kept)
        reading_note(r, "the text is UTF-8 but for %zu byte%s, first in line %ld; %s read as Windows-1252"
                        " (Latin-1)", read, read == 1 ? "" : "s", first, read == 1 ? "it was" : "they were");
    else
        reading_note(r, "the text is not UTF-8; it was read as Windows-1252 (Latin-1)");
    return true;
}

/* Refuses what begins as no text does. `known`: the format has been recognized by these bytes. */
static bool check_head(const Reading *r, const char *bytes, size_t n, bool known, Error *err)
{
    const unsigned char *b = (const unsigned char *)bytes;
    if (n == 0) return error_set(err, ERR_DATA, "%s: the file is empty", r->path);
    if (n >= 4 && (memcmp(b, "\xFF\xFE\0\0", 4) == 0 || memcmp(b, "\0\0\xFE\xFF", 4) == 0))
        return error_set(err, ERR_DATA, "%s: UTF-32 text; save the file as UTF-8", r->path);
    bool every_other = n >= 8; /* byte is zero, without a mark */
    for (size_t i = 0; i < 8 && every_other; i++) every_other = !b[i] == (i % 2 != !b[0]);
    if (every_other || (n >= 2 && ((b[0] == 0xFF && b[1] == 0xFE) || (b[0] == 0xFE && b[1] == 0xFF))))
        return error_set(err, ERR_DATA, "%s: UTF-16 text; save the file as UTF-8", r->path);
    const char *what = known ? NULL : magic_of(r->path, bytes, n, r->arena);
    return !what || error_set(err, ERR_DATA, "%s: %s", r->path, what);
}

/* `from`: where in the file the bytes are. */
static bool check_zeros(const Reading *r, const char *bytes, size_t n, size_t from, Error *err)
{
    const char *zero = memchr(bytes, 0, n);
    return !zero || error_set(err, ERR_DATA, "%s: a zero byte at position %zu: this is neither text nor IDX",
                              r->path, from + (size_t)(zero - bytes) + 1);
}

/* Makes sure that what follows can treat the bytes as UTF-8 text. */
bool reading_make_text(Reading *r, Bytes *bytes, bool known, Error *err)
{
    if (!check_head(r, bytes->bytes, bytes->n, known, err)) return false;
    if (!check_zeros(r, bytes->bytes, bytes->n, 0, err)) return false;
    if (text_is_utf8(bytes->bytes, bytes->n)) return true;
    return from_windows_1252(r, bytes, err);
}

size_t reading_mark(const char *bytes, size_t n)
{
    return n >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

static bool read_text(Reading *r, const Format *format, Bytes *bytes, Table **out, Error *err)
{
    const bool known = format->looks_like && format->looks_like(bytes->bytes, bytes->n);
    if (!reading_make_text(r, bytes, known, err)) return false;
    r->own_text = true;
    size_t mark = reading_mark(bytes->bytes, bytes->n);
    return format->read(r, bytes->bytes + mark, bytes->n - mark, out, err);
}

/* ---- large files of text ---- */

enum { CHECKED = 1 << 16 }; /* bytes at a time */

/* Where the last character of some bytes that is not whole begins, `n` if it is. */
static size_t whole_characters(const char *bytes, size_t n)
{
    for (size_t back = 1; back <= 3 && back <= n; back++) {
        unsigned char c = (unsigned char)bytes[n - back];
        if (c < 0x80) break;
        if (c >= 0xC0) return n - back;
    }
    return n;
}

/* Is all of it UTF-8? Walks through a copy of a piece at a time, so that none stays. */
static bool check_pieces(const Reading *r, const Pieces *p, bool *utf8, Error *err)
{
    char *piece = malloc(CHECKED);
    bool ok = piece || error_memory(err);
    *utf8 = true;
    for (size_t from = 0, n; ok && from < p->n; from += n) {
        n = p->n - from < CHECKED ? p->n - from : CHECKED;
        ok = pieces_copy(p, from, piece, n, err) && (from || check_head(r, piece, n, false, err))
          && check_zeros(r, piece, n, from, err);
        if (!ok || !*utf8) continue;
        if (from + n < p->n) n = whole_characters(piece, n);
        *utf8 = text_is_utf8(piece, n);
    }
    free(piece);
    return ok;
}

/* A large CSV of UTF-8 is read by and by. `*done` false: it is none, and to be read whole. */
static bool read_large(Reading *r, const char *path, bool *done, Table **out, Error *err)
{
    Pieces pieces;
    bool utf8 = false;
    *done = false;
    if ((r->options->format != FORMAT_AUTO && r->options->format != FORMAT_CSV) || !pieces_open(path, &pieces))
        return false;
    bool ok = pieces_reach(&pieces, PIECES_STEP, err);
    Bytes head = {pieces.bytes, pieces.reached};
    bool packed = packed_how(head.bytes, head.n) != PACKED_NOT || packed_is_archive(head.bytes, head.n);
    bool csv = ok && !packed && (r->options->format == FORMAT_CSV
                      || reading_detect(path, head.bytes, head.n, r->schema) == FORMAT_CSV);
    if (csv) ok = check_pieces(r, &pieces, &utf8, err);
    if (ok && csv && utf8) {
        size_t mark = reading_mark(head.bytes, head.n);
        r->pieces = &pieces;
        ok = read_csv(r, head.bytes + mark, pieces.n - mark, out, err) && pieces_same(&pieces, err);
    }
    *done = !ok || (csv && utf8);
    r->pieces = NULL;
    pieces_close(&pieces);
    return ok;
}

const char *labels_beside(const char *images, Arena *arena)
{
    const char *name = path_base(images), *word = strstr(name, "images");
    const bool array = (*name == 'X' || *name == 'x') && (name[1] == '_' || name[1] == '.')
        && strstr(name, ".npy");
    char *path = word || array ? arena_copy(arena, images) : NULL;
    if (!path) return NULL;
    if (array) path[name - images] = 'y';
    else memcpy(path + (word - images), "labels", 6);
    char *dimensions = array ? NULL : strstr(path + (word - images), "idx3");
    if (dimensions) dimensions[3] = '1';
    return file_exists(path) ? path : NULL;
}

static bool read_digits(const DataFile *file, const ReadOptions *o, const Schema *schema,
                        Arena *arena, Table **out, Error *err)
{
    int test = file && file->images && strcmp(file->images, "test") == 0;
    int n = test ? o->test_rows : o->rows;
    if (file && file->images && !test && strcmp(file->images, "train") != 0)
        return error_set(err, ERR_CONFIG,
                         "`format: digits` makes its own rows; it does not read `%s`",
                         file->images);
    if (schema && (schema->height != 28 || schema->width != 28 || schema->n_classes != 10))
        return error_set(err, ERR_DATA, "the model does not read digits of 28 x 28 in 10 classes");
    return table_synth_digits(n > 0 ? n : test ? 2000 : 10000, (uint64_t)o->digits_seed, test,
                              o->digits_noise, arena, out, err);
}

static bool has_no_labels(const Reading *r, const char *labels, Error *err)
{
    return error_set(err, ERR_CONFIG,
                     "%s is a table: its labels are one of its columns (data.label), not a file (%s)",
                     r->path, labels);
}

/* A file that is read in one piece, packed or not. */
static bool read_whole(Reading *r, const Source *source, const char *labels, Table **out, Error *err)
{
    const ReadOptions *o = r->options;
    Bytes bytes;
    bool ok;
    if (!source_bytes(source, r->arena, &bytes, err)) return false;
    const Format *format = &formats[o->format != FORMAT_AUTO ? o->format
                              : reading_detect(r->path, bytes.bytes, bytes.n, r->schema)];
    r->in_file = !source->is_standard && file_bytes(source->file) == (int64_t)bytes.n;
    if (format->as_bytes) {
        r->labels = r->schema && o->no_labels ? NULL : labels ? labels : labels_beside(r->path, r->arena);
        if (!labels && r->labels) reading_note(r, "labels were read from %s", r->labels);
        ok = format->read(r, bytes.bytes, bytes.n, out, err);
    } else if (labels) {
        ok = has_no_labels(r, labels, err);
    } else {
        ok = read_text(r, format, &bytes, out, err);
    }
    bytes_free(&bytes);
    return ok;
}

bool table_read(const DataFile *file, const ReadOptions *o, const Schema *schema, Arena *arena,
                Table **out, Error *err)
{
    if (o->format == FORMAT_DIGITS) return read_digits(file, o, schema, arena, out, err);
    if (!file || !file->images || !*file->images)
        return error_set(err, ERR_CONFIG, "no data file is named");
    if (source_is_memory(file->images)) return given_read(file->images, o, schema, arena, out, err);
    Source source;
    const char *labels = file->labels ? source_join(arena, o->dir, file->labels) : NULL;
    if (file->labels && !labels) return error_memory(err);
    if (!source_of(o->dir, file->images, arena, &source, err)) return false;
    Reading reading = {.path = source.path, .options = o, .schema = schema, .arena = arena, .label = -1,
                       .member = source.member};
    if (!reading_rules(&reading, err)) return false;
    if (source.is_query)
        return labels ? has_no_labels(&reading, labels, err)
                      : read_query(&reading, source.file, source.sql, out, err);
    if (file_is_folder(source.file)) {
        reading.labels = labels;
        return read_folder(&reading, out, err);
    }
    bool done = false, ok = !labels && !source.member && read_large(&reading, source.file, &done, out, err);
    return done ? ok : read_whole(&reading, &source, labels, out, err);
}
