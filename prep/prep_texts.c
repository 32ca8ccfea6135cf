/* prep/prep_texts.c - the columns of text of encoded rows: what is not 0 in them, row by row. */
#include <stdlib.h>
#include <string.h>

#include "prep/prep.h"

/* Grows on the heap, since nobody knows how much it will be, and is copied once. */
typedef struct {
    int32_t *at;
    float *value;
    size_t n, room;
} Sparse;

static bool reserve(Sparse *s, size_t more)
{
    if (s->n + more <= s->room) return true;
    size_t room = 2 * s->room + more + 1024;
    int32_t *at = realloc(s->at, room * sizeof *at);
    if (at) s->at = at;
    float *value = realloc(s->value, room * sizeof *value);
    if (value) s->value = value;
    if (!at || !value) return false;
    s->room = room;
    return true;
}

static bool encode(const Prep *prep, const Table *table, const int32_t *rows, int n, TextCoder *coders,
                   int64_t *start, Sparse *s)
{
    for (int i = 0; i < n; i++) {
        int row = rows ? rows[i] : i;
        start[i] = (int64_t)s->n;
        for (int j = 0, t = 0; j < prep->n_columns; j++) {
            const PrepColumn *column = &prep->columns[j];
            if (column->kind != COLUMN_FREE_TEXT) continue;
            const Column *cells = &table->columns[j];
            TextCoder *coder = &coders[t++];
            if (!reserve(s, (size_t)column->text.n)) return false;
            const char *text = cells->code[row] < 0 ? NULL : cells->levels[cells->code[row]];
            int k = text_encode(coder, text, s->at + s->n, s->value + s->n);
            for (int m = 0; m < k; m++) s->at[s->n + (size_t)m] += column->out;
            s->n += (size_t)k;
        }
    }
    start[n] = (int64_t)s->n;
    return true;
}

bool prep_texts(const Prep *prep, const Table *table, const int32_t *rows, Arena *arena, Rows *result)
{
    const int n = result->n_rows;
    Arena *scratch = arena_create(0);
    TextCoder *coders = scratch ? ARENA_NEW(scratch, TextCoder, result->n_texts) : NULL;
    int64_t *start = ARENA_NEW(arena, int64_t, (size_t)n + 1);
    Sparse s = {0};
    bool ok = coders && start;
    for (int j = 0, t = 0; ok && j < prep->n_columns; j++)
        if (prep->columns[j].kind == COLUMN_FREE_TEXT)
            ok = text_coder(&prep->columns[j].text, scratch, &coders[t++]);
    ok = ok && encode(prep, table, rows, n, coders, start, &s);
    int32_t *at = ok ? ARENA_NEW(arena, int32_t, s.n) : NULL;
    float *value = ok ? ARENA_NEW(arena, float, s.n) : NULL;
    ok = at && value;
    if (ok && s.n > 0) {
        memcpy(at, s.at, s.n * sizeof *at);
        memcpy(value, s.value, s.n * sizeof *value);
    }
    result->text_start = start;
    result->text_at = at;
    result->text_value = value;
    free(s.at);
    free(s.value);
    arena_destroy(scratch);
    return ok;
}
