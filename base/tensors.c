/* The safetensors format: writing it, and believing nothing of what is read. */
#include "base/tensors.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "arrays are used as they lie in the file");

enum { MOST_HEADER = 16 << 20, ALIGN = 64, HEX = 64 };

#define LIST_TYPE(id, name, size) {name, size},
static const struct {
    const char *name;
    size_t size;
} types[] = {TENSOR_TYPE_LIST(LIST_TYPE)};
#undef LIST_TYPE

static const char sha_key[] = "\"sha256\":\"";

struct TensorFile {
    Bytes bytes;
    Doc *header;
    char *path;
    Tensor *tensors;
    size_t *begins; /* offset of each in the array bytes */
    int n;
};

/* ---- writing ------------------------------------------------------------------------------- */

size_t tensor_type_bytes(TensorType type) { return types[type].size; }

static size_t tensor_bytes(const Tensor *tensor)
{
    size_t n = types[tensor->type].size;
    for (int d = 0; d < tensor->rank; d++) n *= (size_t)tensor->shape[d];
    return n;
}

static Doc *header_doc(const char *format, const TensorNote *notes, int n_notes, const Tensor *tensors,
                       int n_tensors)
{
    char zeros[HEX + 1];
    memset(zeros, '0', HEX);
    zeros[HEX] = '\0';
    Doc *header = doc_object(), *meta = doc_set(header, "__metadata__", doc_object());
    doc_set_text(meta, "format", format);
    doc_set_text(meta, "sha256", zeros);
    for (int i = 0; i < n_notes; i++) {
        assert(!doc_get(meta, notes[i].key));
        doc_set_text(meta, notes[i].key, notes[i].text ? notes[i].text : "");
    }
    size_t at = 0;
    for (int i = 0; i < n_tensors; i++) {
        const Tensor *tensor = &tensors[i];
        assert(tensor->rank >= 0 && tensor->rank <= TENSOR_MAX_RANK && !doc_get(header, tensor->name));
        assert(i == 0 || types[tensor->type].size <= types[tensors[i - 1].type].size);
        Doc *entry = doc_set(header, tensor->name, doc_object());
        doc_set_text(entry, "dtype", types[tensor->type].name);
        Doc *shape = doc_set(entry, "shape", doc_array());
        for (int d = 0; d < tensor->rank; d++) doc_add(shape, doc_number((double)tensor->shape[d]));
        Doc *offsets = doc_set(entry, "data_offsets", doc_array());
        doc_add(offsets, doc_number((double)at));
        at += tensor_bytes(tensor);
        doc_add(offsets, doc_number((double)at));
    }
    return header;
}

/* The file's fingerprint: SHA-256 of all of it with its own 64 digits taken as zeros. */
static void fingerprint(const char *bytes, size_t n, size_t digits_at, char hex[HEX + 1])
{
    char zeros[HEX];
    Sha256 sha;
    memset(zeros, '0', HEX);
    sha256_start(&sha);
    sha256_add(&sha, bytes, digits_at);
    sha256_add(&sha, zeros, HEX);
    sha256_add(&sha, bytes + digits_at + HEX, n - digits_at - HEX);
    sha256_end(&sha, hex);
}

/* Where the digits begin, 0 when the header has none. */
static size_t find_digits(const char *bytes, size_t header_end)
{
    size_t n = sizeof sha_key - 1;
    for (size_t at = 8; at + n + HEX <= header_end; at++)
        if (memcmp(bytes + at, sha_key, n) == 0) return at + n;
    return 0;
}

static void put_u64(char *out, uint64_t number)
{
    for (int i = 0; i < 8; i++) out[i] = (char)(number >> (8 * i) & 0xFF);
}

bool tensors_write(const char *path, const char *format, const TensorNote *notes, int n_notes,
                   const Tensor *tensors, int n_tensors, Error *err)
{
    Text text = {0};
    char *bytes = NULL, hex[HEX + 1];
    bool ok = false;
    char length[8] = {0};
    Doc *header = header_doc(format, notes, n_notes, tensors, n_tensors);
    text_add_n(&text, length, 8);
    bool printed = doc_print(header, 0, &text);
    doc_free(header);
    if (printed)
        while (text.n % ALIGN) text_add_n(&text, " ", 1);
    size_t n = text.n, header_end = n;
    for (int i = 0; i < n_tensors; i++) n += tensor_bytes(&tensors[i]);
    if (printed && text_ok(&text)) bytes = malloc(n);
    if (!bytes) {
        error_memory(err);
        goto done;
    }
    if (header_end - 8 > MOST_HEADER) {
        error_set(err, ERR_INVALID, "%s: the header would take %zu bytes; at most %d are allowed", path,
                  header_end - 8, MOST_HEADER);
        goto done;
    }
    memcpy(bytes, text.bytes, header_end);
    put_u64(bytes, header_end - 8);
    size_t at = header_end;
    for (int i = 0; i < n_tensors; i++) {
        size_t size = tensor_bytes(&tensors[i]);
        if (size) memcpy(bytes + at, tensors[i].data, size);
        at += size;
    }
    size_t digits_at = find_digits(bytes, header_end);
    assert(digits_at);
    fingerprint(bytes, n, digits_at, hex);
    memcpy(bytes + digits_at, hex, HEX);
    ok = file_write(path, bytes, n, err);
done:
    free(bytes);
    text_free(&text);
    return ok;
}

/* ---- reading ------------------------------------------------------------------------------- */

static bool bad(const TensorFile *file, Error *err, const char *what)
{
    return error_set(err, ERR_DATA, "%s: %s", file->path, what);
}

static bool bad_array(const TensorFile *file, const char *name, Error *err, const char *what)
{
    char clean[64]; /* the name is the file's: keep the message one line */
    snprintf(clean, sizeof clean, "%s", name);
    for (char *c = clean; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7F) *c = '?';
    return error_set(err, ERR_DATA, "%s: array `%s`: %s", file->path, clean, what);
}

/* A number from JSON as a count: whole, not negative, exactly represented. */
static bool to_count(const Doc *doc, uint64_t *count)
{
    double number = doc_to_number(doc, -1);
    if (!(number >= 0 && number <= 0x1p53) || number != (double)(uint64_t)number) return false;
    *count = (uint64_t)number;
    return true;
}

static bool read_entry(TensorFile *file, const char *name, const Doc *entry, size_t n_data, Error *err)
{
    Tensor *tensor = &file->tensors[file->n];
    const Doc *shape = doc_get(entry, "shape"), *offsets = doc_get(entry, "data_offsets");
    const char *dtype = doc_to_text(doc_get(entry, "dtype"), "");
    int type = 0;
    while (type < TENSOR_TYPE_COUNT && strcmp(types[type].name, dtype) != 0) type++;
    if (doc_count(entry) != 3 || doc_kind(shape) != DOC_ARRAY || doc_kind(offsets) != DOC_ARRAY || !*dtype)
        return bad_array(file, name, err, "its entry is not dtype, shape and data_offsets");
    if (type == TENSOR_TYPE_COUNT) return bad_array(file, name, err, "its dtype is none of F64, F32, I32, U8");
    if (doc_count(shape) > TENSOR_MAX_RANK) return bad_array(file, name, err, "it has more than 4 dimensions");
    uint64_t bytes = types[type].size, begin, end;
    *tensor = (Tensor){.name = name, .type = (TensorType)type, .rank = (int)doc_count(shape)};
    bool empty = false;
    for (int d = 0; d < tensor->rank; d++) {
        uint64_t length;
        if (!to_count(doc_at(shape, (size_t)d), &length))
            return bad_array(file, name, err, "its shape is not sizes");
        tensor->shape[d] = (int64_t)length;
        if (length == 0) empty = true;
        else if (bytes > ((uint64_t)1 << 62) / length)
            return bad_array(file, name, err, "its shape is too large");
        else bytes *= length;
    }
    if (empty) bytes = 0;
    if (doc_count(offsets) != 2 || !to_count(doc_at(offsets, 0), &begin) ||
        !to_count(doc_at(offsets, 1), &end) ||
        begin > end || end > n_data)
        return bad_array(file, name, err, "its data_offsets lie outside the file");
    if (end - begin != bytes) return bad_array(file, name, err, "its shape and data_offsets disagree");
    if (begin % types[type].size) return bad_array(file, name, err, "its bytes are not aligned");
    file->begins[file->n++] = (size_t)begin;
    return true;
}

typedef struct {
    size_t begin, end;
} Range;

static int by_begin(const void *a, const void *b)
{
    const Range *x = a, *y = b;
    if (x->begin != y->begin) return x->begin < y->begin ? -1 : 1;
    return x->end < y->end ? -1 : x->end > y->end;
}

/* Together the arrays are the data, each byte once. */
static bool check_cover(const TensorFile *file, size_t n_data, Error *err)
{
    Range *ranges = malloc(((size_t)file->n + 1) * sizeof *ranges);
    if (!ranges) return error_memory(err);
    for (int i = 0; i < file->n; i++)
        ranges[i] = (Range){file->begins[i], file->begins[i] + tensor_bytes(&file->tensors[i])};
    qsort(ranges, (size_t)file->n, sizeof *ranges, by_begin);
    size_t at = 0;
    bool ok = true;
    for (int i = 0; ok && i < file->n; i++) {
        ok = ranges[i].begin == at;
        at = ranges[i].end;
    }
    free(ranges);
    if (!ok || at != n_data)
        return bad(file, err, "its arrays overlap, leave holes, or do not end where the file ends");
    return true;
}

static bool check_format(const TensorFile *file, const char *format, Error *err)
{
    const Doc *meta = doc_get(file->header, "__metadata__");
    const char *found = doc_to_text(doc_get(meta, "format"), NULL);
    char clean[64];
    if (!found)
        return error_set(err, ERR_DATA, "%s: a safetensors file, but not one of Consort's (no `%s` in it)",
                                 file->path, format);
    if (strcmp(found, format) == 0) return true;
    snprintf(clean, sizeof clean, "%s", found);
    for (char *c = clean; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7F) *c = '?';
    return error_set(err, ERR_DATA, "%s: this is `%s`, and `%s` is wanted here", file->path, clean, format);
}

static bool check_sha(const TensorFile *file, size_t header_end, Error *err)
{
    char hex[HEX + 1];
    size_t digits_at = find_digits(file->bytes.bytes, header_end);
    if (!digits_at) return bad(file, err, "it carries no checksum; was it saved by another program?");
    fingerprint(file->bytes.bytes, file->bytes.n, digits_at, hex);
    if (memcmp(file->bytes.bytes + digits_at, hex, HEX) == 0) return true;
    return bad(file, err, "its checksum does not match: the file was damaged or edited");
}

static bool read_header(TensorFile *file, const char *format, Error *err)
{
    const unsigned char *b = (const unsigned char *)file->bytes.bytes;
    Error why = {0};
    uint64_t length = 0;
    if (file->bytes.n < 8) return bad(file, err, "too short for a model file");
    for (int i = 7; i >= 0; i--) length = length << 8 | b[i];
    if (length < 2 || length > MOST_HEADER || b[8] != '{')
        return bad(file, err, "not a model file (it does not begin like a safetensors file)");
    if (length > file->bytes.n - 8) return bad(file, err, "the file is cut off in its header");
    file->header = doc_parse(file->bytes.bytes + 8, (size_t)length, &why);
    if (!file->header)
        return error_set(err, why.code, "%s: its header: %s", file->path, why.message);
    if (doc_kind(file->header) != DOC_OBJECT) return bad(file, err, "its header is not an object");
    if (!check_format(file, format, err)) return false;
    size_t header_end = 8 + (size_t)length, n_data = file->bytes.n - header_end;
    if (header_end % 8) return bad(file, err, "its arrays are not aligned");

    size_t n = doc_count(file->header);
    file->tensors = calloc(n, sizeof *file->tensors);
    file->begins = calloc(n, sizeof *file->begins);
    if (!file->tensors || !file->begins) return error_memory(err);
    const char *name;
    const Doc *entry;
    for (size_t i = 0; doc_member(file->header, i, &name, &entry); i++) {
        if (strcmp(name, "__metadata__") != 0) {
            if (!read_entry(file, name, entry, n_data, err)) return false;
            file->tensors[file->n - 1].data = file->bytes.bytes + header_end + file->begins[file->n - 1];
            continue;
        }
        const char *key;
        const Doc *note;
        for (size_t j = 0; doc_member(entry, j, &key, &note); j++)
            if (doc_kind(note) != DOC_TEXT) return bad(file, err, "its __metadata__ holds more than texts");
    }
    return check_cover(file, n_data, err) && check_sha(file, header_end, err);
}

bool tensors_read(const char *path, const char *format, TensorFile **out, Error *err)
{
    TensorFile *file = calloc(1, sizeof *file);
    if (!file) return error_memory(err);
    size_t n = strlen(path) + 1;
    file->path = malloc(n);
    if (!file->path) {
        free(file);
        return error_memory(err);
    }
    memcpy(file->path, path, n);
    if (!file_read_plain(path, 0, &file->bytes, err) || !read_header(file, format, err)) {
        tensors_free(file);
        return false;
    }
    *out = file;
    return true;
}

void tensors_free(TensorFile *file)
{
    if (!file) return;
    bytes_free(&file->bytes);
    doc_free(file->header);
    free(file->path);
    free(file->tensors);
    free(file->begins);
    free(file);
}

/* ---- looking ------------------------------------------------------------------------------- */

const char *tensors_note(const TensorFile *file, const char *key)
{
    return doc_to_text(doc_get(doc_get(file->header, "__metadata__"), key), NULL);
}

int tensors_count(const TensorFile *file)
{
    return file->n;
}

const Tensor *tensors_at(const TensorFile *file, int i)
{
    assert(i >= 0 && i < file->n);
    return &file->tensors[i];
}

/* "F32 (784, 128)"; sizes that may be anything read as `any`. */
static void describe(TensorType type, int rank, const int64_t *shape, char *out, size_t size)
{
    size_t n = (size_t)snprintf(out, size, "%s (", types[type].name);
    for (int d = 0; d < rank && n < size; d++) {
        const char *comma = d ? ", " : "";
        if (shape[d] < 0) n += (size_t)snprintf(out + n, size - n, "%sany", comma);
        else n += (size_t)snprintf(out + n, size - n, "%s%" PRId64, comma, shape[d]);
    }
    if (n < size) snprintf(out + n, size - n, ")");
}

const Tensor *tensors_find(const TensorFile *file, const char *name, TensorType type, int rank,
                           const int64_t *shape, Error *err)
{
    char wanted[120], found[120];
    describe(type, rank, shape, wanted, sizeof wanted);
    for (int i = 0; i < file->n; i++) {
        const Tensor *tensor = &file->tensors[i];
        if (strcmp(tensor->name, name) != 0) continue;
        bool same = tensor->type == type && tensor->rank == rank;
        for (int d = 0; same && d < rank; d++) same = shape[d] < 0 || shape[d] == tensor->shape[d];
        if (same) return tensor;
        describe(tensor->type, tensor->rank, tensor->shape, found, sizeof found);
        error_set(err, ERR_DATA, "%s: array `%s` is %s, expected %s", file->path, name, found, wanted);
        return NULL;
    }
    error_set(err, ERR_DATA, "%s: array `%s` is missing, expected %s", file->path, name, wanted);
    return NULL;
}
