/* data/read_ndjson.c - JSON objects, a row each: a line each (NDJSON, JSON Lines), or one array of them.
 *
 *     {"age": 31, "address": {"city": "Bern"}, "member": true}
 *     {"age": null, "address": {"city": "Rome", "zip": "00184"}}
 *
 * Keys are columns, in the order in which they come up; those of an object inside are `address.city`. A key
 * that a row does not have, and null, are missing. Numbers are numbers and strings are words, also "12";
 * true and false are words. NaN and Infinity, as Python writes them, are missing. An array is no cell, unless
 * of a column that nobody wants.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/doc.h"
#include "data/cells.h"
#include "data/json_row.h"

typedef struct {
    Reading *reading;
    Cells cells;
    const char *at, *end;
    long line;     /* of `at` */
    Text key;      /* of the cell, with dots */
    JsonRow plain; /* the last row that was one */
    int *met, n_met; /* by column: the row that had it last, from 1 */
} Json;

enum { MOST_DEPTH = 32 };

bool ndjson_looks_like(const char *bytes, size_t n)
{
    const char *at = bytes, *end = bytes + n;
    if (n >= 3 && memcmp(at, "\xEF\xBB\xBF", 3) == 0) at += 3;
    while (at < end && isspace((unsigned char)*at)) at++;
    if (at < end && *at == '[') {
        for (at++; at < end && isspace((unsigned char)*at); at++) continue;
        return at < end && *at == '{';
    }
    if (at == end || *at++ != '{') return false;
    while (at < end && isspace((unsigned char)*at)) at++;
    return at < end && (*at == '"' || *at == '}');
}

/* ---- objects ------------------------------------------------------------------------------------- */

static bool is_among(const TextList *list, const char *key)
{
    for (int i = 0; i < list->n; i++)
        if (strcmp(list->items[i], key) == 0) return true;
    return false;
}

/* Will nobody look at what stands under this key? */
static bool is_unwanted(const Reading *r, const char *key)
{
    const ReadOptions *o = r->options;
    if (!r->schema)
        return is_among(&o->drop, key) || (o->features.n > 0 && !is_among(&o->features, key)
                                           && !is_among(&o->label, key));
    for (int i = 0; i < r->schema->n_columns; i++)
        if (strcmp(r->schema->columns[i].name, key) == 0) return false;
    return !r->schema->label_name || strcmp(r->schema->label_name, key) != 0;
}

static bool no_array(const Json *j, long line, Error *err)
{
    char key[48];
    cell_quote(j->key.bytes, j->key.n, key);
    return error_set(err, ERR_DATA,
                     "%s:%ld: `%s` is an array, which is no cell; make a word or columns of it first,"
                     " such as with jq -c '.[\"KEY\"] |= join(\" \")', or leave it out with data.drop",
                     j->reading->path, line, key);
}

/* Has the model a cell under this key, and no columns of an object that may stand there? */
static bool is_cell(const Reading *r, const char *key)
{
    const size_t n = strlen(key);
    if (!r->schema || is_unwanted(r, key)) return false;
    for (int i = 0; i < r->schema->n_columns; i++) {
        const char *name = r->schema->columns[i].name;
        if (strncmp(name, key, n) == 0 && name[n] == '.') return false;
    }
    return true;
}

static bool no_object(const Json *j, long line, Error *err)
{
    char key[48];
    cell_quote(j->key.bytes, j->key.n, key);
    return error_set(err, ERR_DATA, "%s:%ld: `%s` is an object, where the model has a cell: a number, a"
                     " word, or null", j->reading->path, line, key);
}

static bool take_object(Json *j, const Doc *object, int depth, long line, Error *err);

static bool take_value(Json *j, const Doc *value, int depth, long line, Error *err)
{
    DocKind kind = doc_kind(value);
    if (kind == DOC_OBJECT) {
        if (is_cell(j->reading, j->key.bytes)) return no_object(j, line, err);
        text_add(&j->key, ".");
        return take_object(j, value, depth + 1, line, err);
    }
    if (kind == DOC_ARRAY && !is_unwanted(j->reading, j->key.bytes)) return no_array(j, line, err);
    int column = cells_find_column(&j->cells, j->key.bytes, j->key.n, err);
    if (column < 0) return false;
    if (cells_has(&j->cells, column))
        return error_set(err, ERR_DATA, "%s:%ld: `%.60s` stands there twice, once in an object of its own",
                         j->reading->path, line, j->key.bytes);
    if (kind == DOC_NULL || kind == DOC_ARRAY) return cells_missing(&j->cells, column, err);
    if (kind == DOC_NUMBER) return cells_number(&j->cells, column, doc_to_number(value, 0), err);
    const char *text = kind == DOC_TEXT ? doc_to_text(value, "") : doc_to_bool(value, false) ? "true" : "false";
    return cells_text(&j->cells, column, text, strlen(text), err);
}

static bool take_object(Json *j, const Doc *object, int depth, long line, Error *err)
{
    const char *key;
    const Doc *value;
    if (depth > MOST_DEPTH)
        return error_set(err, ERR_DATA, "%s:%ld: objects in objects, more than %d deep", j->reading->path,
                         line, MOST_DEPTH);
    const size_t stem = j->key.n;
    for (size_t i = 0; doc_member(object, i, &key, &value); i++) {
        j->key.n = stem;
        text_add(&j->key, key);
        if (!text_ok(&j->key)) return error_memory(err);
        if (!take_value(j, value, depth, line, err)) return false;
        if (j->key.bytes) j->key.bytes[j->key.n = stem] = '\0';
    }
    return true;
}

/* ---- the text ------------------------------------------------------------------------------------ */

static void skip_blanks(Json *j)
{
    for (; j->at < j->end && isspace((unsigned char)*j->at); j->at++) j->line += *j->at == '\n';
}

/* Behind the object that begins here; `end` where it is not closed. */
static const char *behind_object(const Json *j)
{
    const char *at = j->at;
    bool inside = false; /* of a string */
    long depth = 0;
    for (; at < j->end; at++) {
        if (inside && *at == '\\' && at + 1 < j->end) at++;
        else if (*at == '"') inside = !inside;
        else if (inside) continue;
        else if (*at == '{') depth++;
        else if (*at == '}' && --depth == 0) return at + 1;
    }
    return j->end;
}

/* The same with null for NaN, Infinity and -Infinity, which Python writes though JSON has none of them. False
 * where there are none, or no memory for it. */
static bool without_nan(const char *at, const char *behind, Text *out)
{
    static const char *const words[] = {"NaN", "Infinity", "-Infinity"};
    bool inside = false, found = false; /* inside a string */
    while (at < behind) {
        size_t n = 1, word = 0;
        for (int i = 0; i < 3 && !inside && !word; i++) {
            size_t length = strlen(words[i]);
            if ((size_t)(behind - at) >= length && memcmp(at, words[i], length) == 0) word = length;
        }
        if (inside && *at == '\\' && at + 1 < behind) n = 2;
        else if (*at == '"') inside = !inside;
        if (word) text_add(out, "null");
        else text_add_n(out, at, n);
        found |= word > 0;
        at += word ? word : n;
    }
    return found && text_ok(out);
}

/* Rows mostly have the same keys at the same places. */
static int column_of(Json *j, JsonCell *cell, Error *err)
{
    const int guess = cell->column - 1;
    const char *name = guess >= 0 && guess < j->cells.n_columns ? j->cells.names[guess] : NULL;
    if (name && strncmp(name, cell->key, cell->n_key) == 0 && name[cell->n_key] == '\0') return guess;
    const int column = cells_find_column(&j->cells, cell->key, cell->n_key, err);
    if (column < j->n_met) return column;
    int *met = realloc(j->met, (size_t)(column + 64) * sizeof *met);
    if (!met) return error_memory(err), -1;
    memset(met + j->n_met, 0, (size_t)(column + 64 - j->n_met) * sizeof *met);
    j->met = met;
    j->n_met = column + 64;
    return column;
}

/* A flat object of plain cells. `*done` false: it is none, and no row has been taken. */
static bool take_plain(Json *j, bool *done, Error *err)
{
    const char *behind;
    *done = false;
    if (!json_row(j->at, j->end, &j->plain, &behind)) return true;
    for (int i = 0; i < j->plain.n; i++) {
        JsonCell *cell = &j->plain.cells[i];
        const int column = column_of(j, cell, err);
        if (column < 0) return false;
        cell->column = column + 1;
        if (j->met[column] == j->cells.n_rows + 1) return true; /* a second time: it is refused */
        j->met[column] = j->cells.n_rows + 1;
    }
    if (!cells_row(&j->cells, j->line, err)) return false;
    for (int i = 0; i < j->plain.n; i++) {
        const TypedCell *cell = &j->plain.cells[i].cell;
        const int column = j->plain.cells[i].column - 1;
        const bool ok = cell->kind == TYPED_NUMBER ? cells_number(&j->cells, column, cell->number, err)
                      : cell->kind == TYPED_TEXT   ? cells_text(&j->cells, column, cell->text, cell->n, err)
                                                   : cells_missing(&j->cells, column, err);
        if (!ok) return false;
    }
    for (; j->at < behind; j->at++) j->line += *j->at == '\n';
    return *done = true;
}

static bool take_row(Json *j, Error *err)
{
    bool done;
    if (!take_plain(j, &done, err) || done) return done;
    const char *behind = behind_object(j);
    Error why = {0};
    Doc *row = doc_parse(j->at, (size_t)(behind - j->at), &why);
    if (!row && why.code != ERR_MEMORY) {
        Text text = {0};
        if (without_nan(j->at, behind, &text)) row = doc_parse(text.bytes, text.n, &(Error){0});
        text_free(&text);
    }
    if (!row && why.code == ERR_MEMORY) return error_memory(err);
    if (!row) return error_set(err, ERR_DATA, "%s:%ld: %.300s", j->reading->path, j->line, why.message);
    j->key.n = 0;
    bool ok = cells_row(&j->cells, j->line, err) && take_object(j, row, 1, j->line, err);
    doc_free(row);
    for (; j->at < behind; j->at++) j->line += *j->at == '\n';
    return ok;
}

/* Objects; in an array, commas between them and ] behind the last. */
static bool take_rows(Json *j, Error *err)
{
    skip_blanks(j);
    const bool array = j->at < j->end && *j->at == '[';
    char piece[48];
    if (array) j->at++;
    for (skip_blanks(j); j->at < j->end && *j->at == '{'; skip_blanks(j)) {
        if (!take_row(j, err)) return false;
        skip_blanks(j);
        if (!array) continue;
        if (j->at < j->end && *j->at == ',') j->at++;
        else break;
    }
    if (array && j->at < j->end && *j->at == ']') {
        j->at++;
        skip_blanks(j);
    } else if (array && j->at == j->end) {
        return error_set(err, ERR_DATA, "%s:%ld: the array is not closed; is the file whole?",
                         j->reading->path, j->line);
    }
    if (j->at == j->end) return true;
    size_t left = (size_t)(j->end - j->at), line = strcspn(j->at, "\r\n");
    return error_set(err, ERR_DATA, "%s:%ld: an object {...} is expected, a row each, at `%s`",
                     j->reading->path,
                     j->line, cell_quote(j->at, line < left ? line : left, piece));
}

bool read_ndjson(Reading *r, const char *bytes, size_t n, Table **out, Error *err)
{
    r->keyed = true;
    Json j = {.reading = r, .cells = {.reading = r, .n_bytes = n}, .at = bytes, .end = bytes + n,
              .line = 1 + r->first_line};
    bool ok = take_rows(&j, err);
    /* Among others {} is a row of missing cells, wherever a block ends. */
    if (ok && j.cells.n_columns == 0 && !r->part)
        ok = error_set(err, ERR_DATA, "%s: no keys, so no columns, in %d row%s", r->path, j.cells.n_rows,
                       j.cells.n_rows == 1 ? "" : "s");
    ok = ok && cells_table(&j.cells, false, true, out, err);
    cells_free(&j.cells);
    text_free(&j.key);
    free(j.plain.cells);
    free(j.met);
    return ok;
}
