/* export/write_text.c - a table as text again: separated values, JSON objects, ARFF. */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "export/writer.h"

/* ---- separated values ---------------------------------------------------------------------------- */

static void add_number(Text *out, double number)
{
    char text[32];
    text_add(out, text_number(number, text));
}

/* As it is, in quotes where it would be taken apart otherwise; what text_csv() does for spreadsheets would
 * change it. */
static void add_field(Text *out, const char *text, char delimiter)
{
    const char stops[] = {delimiter, '"', '\n', '\r', '\0'};
    const bool odd = !*text || strchr("#%|", *text) || text[strcspn(text, stops)]
        || strncasecmp(text, "sep=", 4) == 0;
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
        return error_set(err, ERR_CONFIG,
                         "column `%.60s`: a word has a line end in it, and ARFF can have none; write csv or"
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
