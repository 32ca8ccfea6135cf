/* What json_row() takes, doc_parse() takes, and says the same of it. */
#ifndef CONSORT_TESTS_JSON_ROW_SAME_H
#define CONSORT_TESTS_JSON_ROW_SAME_H
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/doc.h"
#include "data/json_row.h"

static inline bool json_same_cell(const JsonCell *cell, const char *key, const Doc *value)
{
    if (strlen(key) != cell->n_key || memcmp(key, cell->key, cell->n_key) != 0) return false;
    if (cell->cell.kind == TYPED_MISSING) return doc_kind(value) == DOC_NULL;
    if (cell->cell.kind == TYPED_NUMBER) {
        const double x = cell->cell.number, y = doc_to_number(value, 77);
        return doc_kind(value) == DOC_NUMBER && x == y && signbit(x) == signbit(y);
    }
    const char *text = doc_kind(value) == DOC_TEXT ? doc_to_text(value, "")
                     : doc_kind(value) != DOC_BOOL ? "?" : doc_to_bool(value, false) ? "true" : "false";
    return strlen(text) == cell->cell.n && memcmp(text, cell->cell.text, cell->cell.n) == 0;
}

/* False: they differ. `*taken`: json_row() took it. Members that stand there twice are its caller's to see. */
static inline bool json_row_same(const char *text, size_t n, bool *taken)
{
    JsonRow row = {0};
    const char *behind = NULL;
    size_t start = 0;
    while (start < n && strchr(" \t\r\n", text[start]) && text[start]) start++;
    *taken = start < n && text[start] == '{' && json_row(text + start, text + n, &row, &behind);
    bool same = true, twice = false;
    for (int i = 0; *taken && i < row.n; i++)
        for (int k = 0; k < i; k++)
            twice = twice || (row.cells[i].n_key == row.cells[k].n_key
                              && memcmp(row.cells[i].key, row.cells[k].key, row.cells[i].n_key) == 0);
    if (*taken && !twice) {
        Doc *doc = doc_parse(text + start, (size_t)(behind - text) - start, NULL);
        const char *key;
        const Doc *value;
        same = doc && doc_count(doc) == (size_t)row.n;
        for (int i = 0; same && i < row.n; i++)
            same = doc_member(doc, (size_t)i, &key, &value) && json_same_cell(&row.cells[i], key, value);
        doc_free(doc);
    }
    free(row.cells);
    return same;
}
#endif
