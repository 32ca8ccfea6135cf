/* export/write_npy.c - NumPy's arrays: one of numbers (.npy), or features, labels and names apart (.npz).
 *
 *     X            (N, D) doubles, NaN where a number is missing; of pictures (N, H, W) bytes, or (N, H, W, 3)
 *     y            (N) the label: whole numbers, doubles or words
 *     columns      (D) the names
 *     label_name   (1) the label's
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/packed.h"
#include "data/npy.h"
#include "export/writer.h"

static void add_bytes(Text *out, const void *bytes, size_t n)
{
    text_add_n(out, bytes, n);
}

static void add_little(Text *out, uint64_t bits, int n)
{
    char bytes[8];
    for (int i = 0; i < n; i++) bytes[i] = (char)(bits >> 8 * i & 0xFF);
    add_bytes(out, bytes, (size_t)n);
}

static void add_double(Text *out, double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    add_little(out, bits, 8);
}

/* The features, and the label behind them if it is to be among them. */
static void add_matrix(const WriteRows *rows, bool with_label, Text *out)
{
    const uint64_t shape[2] = {(uint64_t)rows->n_rows, (uint64_t)(rows->n_columns - (rows->label >= 0
                                                                                     && !with_label))};
    npy_header(out, "<f8", shape, 2);
    for (int i = 0; i < rows->n_rows && text_ok(out); i++) {
        for (int c = 0; c < rows->n_columns; c++)
            if (c != rows->label) add_double(out, write_number(rows, i, c));
        if (with_label && rows->label >= 0) add_double(out, write_number(rows, i, rows->label));
    }
}

/* ---- words --------------------------------------------------------------------------------------- */

static size_t length_of(const char *text)
{
    size_t n = 0;
    for (; *text; text++) n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

/* In `room` characters of four bytes each. */
static void add_word(Text *out, const char *text, size_t room)
{
    for (; *text && room > 0; room--) {
        const unsigned char *c = (const unsigned char *)text;
        const size_t n = text_utf8_length(text, strlen(text));
        uint32_t code = n == 4   ? (c[0] & 7u) << 18 | (c[1] & 63u) << 12 | (c[2] & 63u) << 6 | (c[3] & 63u)
                      : n == 3 ? (c[0] & 15u) << 12 | (c[1] & 63u) << 6 | (c[2] & 63u)
                      : n == 2 ? (c[0] & 31u) << 6 | (c[1] & 63u) : c[0];
        add_little(out, code, 4);
        text += n ? n : 1;
    }
    for (; room > 0; room--) add_little(out, 0, 4);
}

typedef const char *(*WordOf)(const WriteRows *rows, int i);

static void add_words(const WriteRows *rows, int n, WordOf word_of, Text *out)
{
    size_t longest = 1;
    char descr[32];
    for (int i = 0; i < n; i++) {
        const char *word = word_of(rows, i);
        if (word && length_of(word) > longest) longest = length_of(word);
    }
    snprintf(descr, sizeof descr, "<U%zu", longest);
    npy_header(out, descr, &(uint64_t){(uint64_t)n}, 1);
    for (int i = 0; i < n && text_ok(out); i++) {
        const char *word = word_of(rows, i);
        add_word(out, word ? word : "", longest);
    }
}

static const char *feature_name(const WriteRows *rows, int i)
{
    return write_name(rows, i + (rows->label >= 0 && i >= rows->label));
}

static const char *label_name(const WriteRows *rows, int i)
{
    (void)i;
    return write_name(rows, rows->label);
}

static const char *label_word(const WriteRows *rows, int i)
{
    return write_word(rows, i, rows->label);
}

/* Whole numbers as such, as scikit-learn wants its classes. */
static void add_labels(const WriteRows *rows, Text *out)
{
    const int n = rows->n_rows;
    if (!write_is_number(rows, rows->label)) {
        add_words(rows, n, label_word, out);
        return;
    }
    bool whole = true;
    for (int i = 0; i < n && whole; i++) {
        double number = write_number(rows, i, rows->label);
        whole = number == floor(number) && fabs(number) < 9e15 && !(number == 0 && signbit(number));
    }
    npy_header(out, whole ? "<i8" : "<f8", &(uint64_t){(uint64_t)n}, 1);
    for (int i = 0; i < n && text_ok(out); i++) {
        double number = write_number(rows, i, rows->label);
        if (whole) add_little(out, (uint64_t)(int64_t)number, 8);
        else add_double(out, number);
    }
}

/* ---- files --------------------------------------------------------------------------------------- */

bool write_npy(const WriteRows *rows, Text *out, Text *beside, Error *err)
{
    (void)beside;
    if (!write_numbers_only(rows, "npy", err)) return false;
    if (rows->label >= 0 && !write_is_number(rows, rows->label) && !rows->table->pixels)
        return error_set(err, ERR_CONFIG,
                         "the label `%.100s` has words, and npy holds numbers alone; write npz, csv or ndjson",
                         write_name(rows, rows->label));
    if (rows->table->pixels)
        return error_set(err, ERR_CONFIG, "pictures and their labels are two arrays; write npz");
    add_matrix(rows, true, out);
    return true;
}

static bool zip(const WriteRows *rows, Text parts[4], Text *out, Error *err)
{
    static const char *const names[] = {"X.npy", "y.npy", "columns.npy", "label_name.npy"};
    Member members[4];
    int n = 0;
    (void)rows;
    for (int i = 0; i < 4; i++) {
        if (!text_ok(&parts[i])) return error_memory(err);
        if (parts[i].n) members[n++] = (Member){names[i], parts[i].bytes, parts[i].n};
    }
    Bytes packed;
    if (!packed_zip(members, n, &packed, err)) return false;
    text_add_n(out, packed.bytes, packed.n);
    bytes_free(&packed);
    return true;
}

bool write_npz(const WriteRows *rows, Text *out, Text *beside, Error *err)
{
    (void)beside;
    const Table *t = rows->table;
    Text parts[4] = {{0}, {0}, {0}, {0}};
    if (!write_numbers_only(rows, "npz", err)) return false;
    if (t->pixels) {
        const uint64_t shape[4] = {(uint64_t)t->n_rows, (uint64_t)t->height, (uint64_t)t->width,
                                   (uint64_t)pixels_channels(t->channels)};
        npy_header(&parts[0], "|u1", shape, shape[3] == 1 ? 3 : 4);
        add_bytes(&parts[0], t->pixels, (size_t)t->n_rows * PIXELS_OF(t));
    } else {
        add_matrix(rows, false, &parts[0]);
        add_words(rows, rows->n_columns - (rows->label >= 0), feature_name, &parts[2]);
    }
    if (rows->label >= 0) {
        add_labels(rows, &parts[1]);
        add_words(rows, 1, label_name, &parts[3]);
    }
    bool ok = zip(rows, parts, out, err);
    for (int i = 0; i < 4; i++) text_free(&parts[i]);
    return ok;
}
