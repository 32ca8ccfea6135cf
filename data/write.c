/* data/write.c - a table as text again: separated values, JSON objects, ARFF; and who writes the other formats. */
#include "data/write.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/packed.h"

/* ---- rows ---------------------------------------------------------------------------------------- */

WriteRows write_rows(const Table *t, int label, Arena *arena)
{
    WriteRows rows = {.table = t, .arena = arena, .n_rows = t->n_rows, .n_columns = t->n_columns, .label = label,
                      .delimiter = ','};
    if (!t->pixels) return rows;
    rows.n_columns = t->height * t->width + (t->labels != NULL);
    rows.label = t->labels ? rows.n_columns - 1 : -1;
    return rows;
}

static bool is_pixel(const WriteRows *rows, int column)
{
    return rows->table->pixels && column < rows->table->height * rows->table->width;
}

const char *write_name(const WriteRows *rows, int column)
{
    const Table *t = rows->table;
    if (is_pixel(rows, column)) return arena_print(rows->arena, "pixel_%d", column + 1);
    if (t->pixels) return t->label_name ? t->label_name : "label";
    return t->columns[column].name;
}

bool write_is_number(const WriteRows *rows, int column)
{
    if (rows->table->pixels) return is_pixel(rows, column);
    return rows->table->columns[column].kind == COLUMN_NUMERIC;
}

double write_number(const WriteRows *rows, int row, int column)
{
    const Table *t = rows->table;
    if (!t->pixels) return column_number(&t->columns[column], row);
    return t->pixels[(size_t)row * (size_t)t->height * (size_t)t->width + (size_t)column];
}

const char *write_word(const WriteRows *rows, int row, int column)
{
    const Table *t = rows->table;
    if (t->pixels) return t->labels[row] < 0 ? NULL : t->classes[t->labels[row]];
    const Column *c = &t->columns[column];
    return c->code[row] < 0 ? NULL : c->levels[c->code[row]];
}

bool write_numbers_only(const WriteRows *rows, const char *format, Error *err)
{
    for (int c = 0; c < rows->n_columns; c++)
        if (c != rows->label && !write_is_number(rows, c))
            return error_set(err, ERR_CONFIG, "column `%.100s` has words, and %s holds numbers alone; write csv, ndjson or"
                                              " arff", write_name(rows, c), format);
    return true;
}

/* ---- formats ------------------------------------------------------------------------------------- */

typedef struct {
    const char *name, *endings;
    bool (*write)(const WriteRows *rows, Text *out, Text *beside, Error *err);
} Writer;

#define LIST_WRITER(id, name, endings, known_by, read_by, as_bytes, written_by, ...) {name, endings, written_by},
static const Writer writers[] = {FORMAT_LIST(LIST_WRITER)};

DataFormat write_format_of(const char *path)
{
    size_t n;
    packed_how_named(path, &n);
    for (int f = 0; f < FORMAT_COUNT; f++)
        for (const char *word = writers[f].write ? writers[f].endings : NULL; word && *word; word += strspn(word, " ")) {
            size_t k = strcspn(word, " ");
            if (n > k && strncasecmp(path + n - k, word, k) == 0) return (DataFormat)f;
            word += k;
        }
    return FORMAT_AUTO;
}

bool write_can(int format)
{
    return writers[format].write != NULL;
}

const char *write_formats(Arena *arena)
{
    Text list = {0};
    for (int f = 0; f < FORMAT_COUNT; f++)
        if (writers[f].write) text_print(&list, "%s%s", list.n ? ", " : "", writers[f].name);
    const char *copy = text_ok(&list) && list.n ? arena_copy(arena, list.bytes) : NULL;
    text_free(&list);
    return copy ? copy : "";
}

bool table_write(const WriteRows *rows, DataFormat format, Text *out, Text *beside, Error *err)
{
    if (!writers[format].write)
        return error_set(err, ERR_CONFIG, "%s is not written; what is: %s", writers[format].name,
                         write_formats(rows->arena));
    return writers[format].write(rows, out, beside, err) && (text_ok(out) || error_memory(err));
}

/* ---- separated values ---------------------------------------------------------------------------- */

static void add_number(Text *out, double number)
{
    char text[32];
    text_add(out, text_number(number, text));
}

/* As it is, in quotes where it would be taken apart otherwise; what text_csv() does for spreadsheets would change it. */
static void add_field(Text *out, const char *text, char delimiter)
{
    const char stops[] = {delimiter, '"', '\n', '\r', '\0'};
    const bool odd = !*text || strchr("#%|", *text) || text[strcspn(text, stops)] || strncasecmp(text, "sep=", 4) == 0;
    if (!odd) {
        text_add(out, text);
        return;
    }
    text_add(out, "\"");
    for (const char *from = text, *to; *from; from = to) {
        to = from + strcspn(from, "\"");
        text_add_n(out, from, (size_t)(to - from));
        if (*to) text_add(out, "\"\""), to++;
    }
    text_add(out, "\"");
}

bool write_csv(const WriteRows *rows, Text *out, Text *beside, Error *err)
{
    (void)beside;
    const bool alone = rows->n_columns == 1; /* an empty line would be no row to others */
    for (int c = 0; c < rows->n_columns; c++) {
        const char *name = write_name(rows, c);
        if (!name) return error_memory(err);
        if (c) text_add_n(out, &rows->delimiter, 1);
        add_field(out, name, rows->delimiter);
    }
    text_add(out, "\n");
    for (int i = 0; i < rows->n_rows && text_ok(out); i++) {
        for (int c = 0; c < rows->n_columns; c++) {
            if (c) text_add_n(out, &rows->delimiter, 1);
            const bool is_number = write_is_number(rows, c);
            const double number = is_number ? write_number(rows, i, c) : NAN;
            const char *word = is_number ? NULL : write_word(rows, i, c);
            if (word) add_field(out, word, rows->delimiter);
            else if (!isnan(number)) add_number(out, number);
            else if (alone) text_add(out, "\"\"");
        }
        text_add(out, "\n");
    }
    return true;
}

/* ---- JSON ---------------------------------------------------------------------------------------- */

bool write_ndjson(const WriteRows *rows, Text *out, Text *beside, Error *err)
{
    (void)beside;
    Text *keys = arena_alloc(rows->arena, (size_t)rows->n_columns, sizeof *keys);
    bool ok = keys != NULL;
    for (int c = 0; ok && c < rows->n_columns; c++) {
        const char *name = write_name(rows, c);
        text_add(&keys[c], c ? ", " : "{");
        if ((ok = name != NULL)) text_json(&keys[c], name);
        text_add(&keys[c], ": ");
        ok = ok && text_ok(&keys[c]);
    }
    for (int i = 0; i < rows->n_rows && ok && text_ok(out); i++) {
        for (int c = 0; c < rows->n_columns; c++) {
            text_add_n(out, keys[c].bytes, keys[c].n);
            const char *word = write_is_number(rows, c) ? NULL : write_word(rows, i, c);
            if (write_is_number(rows, c)) add_number(out, write_number(rows, i, c)); /* NaN is null */
            else if (word) text_json(out, word);
            else text_add(out, "null");
        }
        text_add(out, "}\n");
    }
    for (int c = 0; keys && c < rows->n_columns; c++) text_free(&keys[c]);
    return ok || error_memory(err);
}

/* ---- ARFF ---------------------------------------------------------------------------------------- */

static bool add_quoted(const WriteRows *rows, Text *out, int column, const char *text, Error *err)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
    if (text[strcspn(text, "\r\n")])
        return error_set(err, ERR_CONFIG, "column `%.60s`: a word has a line end in it, and ARFF can have none; write csv or"
                                          " ndjson", write_name(rows, column));
    if (*text && !text[strspn(text, plain)]) {
        text_add(out, text);
        return true;
    }
    text_add(out, "'");
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\') text_add(out, "\\");
        text_add_n(out, text, 1);
    }
    text_add(out, "'");
    return true;
}

/* Numbers, or a list of words. Of pictures the label's are the classes. */
static bool add_type(const WriteRows *rows, Text *out, int column, Error *err)
{
    const Table *t = rows->table;
    if (write_is_number(rows, column)) {
        text_add(out, " numeric\n");
        return true;
    }
    const int n = t->pixels ? t->n_classes : t->columns[column].n_levels;
    const char *const *words = t->pixels ? t->classes : t->columns[column].levels;
    text_add(out, n ? " {" : " string\n");
    for (int i = 0; i < n; i++) {
        if (i) text_add(out, ", ");
        if (!add_quoted(rows, out, column, words[i], err)) return false;
    }
    if (n) text_add(out, "}\n");
    return true;
}

bool write_arff(const WriteRows *rows, Text *out, Text *beside, Error *err)
{
    (void)beside;
    text_add(out, "@relation table\n\n");
    for (int c = 0; c < rows->n_columns; c++) {
        const char *name = write_name(rows, c);
        if (!name) return error_memory(err);
        text_add(out, "@attribute ");
        if (!add_quoted(rows, out, c, name, err) || !add_type(rows, out, c, err)) return false;
    }
    text_add(out, "\n@data\n");
    for (int i = 0; i < rows->n_rows && text_ok(out); i++) {
        for (int c = 0; c < rows->n_columns; c++) {
            if (c) text_add(out, ",");
            const bool is_number = write_is_number(rows, c);
            const double number = is_number ? write_number(rows, i, c) : NAN;
            const char *word = is_number ? NULL : write_word(rows, i, c);
            if (word && !add_quoted(rows, out, c, word, err)) return false;
            else if (!isnan(number)) add_number(out, number);
            else if (!word) text_add(out, "?");
        }
        text_add(out, "\n");
    }
    return true;
}
