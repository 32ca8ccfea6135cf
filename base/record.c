/* Rows by their table of columns: one place got or set, whole rows copied, joined and shown. */
#include "base/record.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/names.h"
#include "base/text.h"

/* ---- members ------------------------------------------------------------------------------------ */

static void *at(const RowColumn *column, void *row)
{
    return (unsigned char *)row + column->offset;
}

static const void *at_const(const RowColumn *column, const void *row)
{
    return (const unsigned char *)row + column->offset;
}

static size_t member_size(MemberType member)
{
    switch (member) {
    case MEMBER_INT: case MEMBER_ENUM: return sizeof(int);
    case MEMBER_INT64: return sizeof(int64_t);
    case MEMBER_DOUBLE: return sizeof(double);
    case MEMBER_TEXT: return sizeof(const char *);
    case MEMBER_NONE: break;
    }
    return 0;
}

static int64_t get_whole(const RowColumn *column, const void *row)
{
    const void *from = at_const(column, row);
    return column->member == MEMBER_INT64 ? *(const int64_t *)from : *(const int *)from;
}

static double get_number(const RowColumn *column, const void *row)
{
    return column->member == MEMBER_DOUBLE ? *(const double *)at_const(column, row)
                                           : (double)get_whole(column, row);
}

/* Of a text or an enum. */
static const char *get_text(const RowColumn *column, const void *row)
{
    if (column->member == MEMBER_ENUM) return column->names[get_whole(column, row)];
    return *(const char *const *)at_const(column, row);
}

int column_index(const RowTable *table, const char *name)
{
    for (int i = 0; i < table->n; i++)
        if (strcmp(table->columns[i].name, name) == 0) return i;
    return -1;
}

/* ---- one place ---------------------------------------------------------------------------------- */

RowCell column_get(const RowColumn *column, const void *row)
{
    RowCell cell = {.kind = CELL_NULL};
    switch (column->member) {
    case MEMBER_NONE: break;
    case MEMBER_INT:
    case MEMBER_INT64:
        cell.i = get_whole(column, row);
        if (cell.i != 0 || !column->zero_is_null) cell.kind = CELL_INTEGER;
        break;
    case MEMBER_DOUBLE:
        cell.d = get_number(column, row);
        if (!isnan(cell.d) && (cell.d != 0 || !column->zero_is_null)) cell.kind = CELL_REAL;
        break;
    case MEMBER_TEXT:
    case MEMBER_ENUM:
        cell.t = get_text(column, row);
        if (!cell.t) cell.t = column->null_text;
        if (cell.t) cell.kind = CELL_TEXT;
    }
    return cell;
}

static bool set_enum(const RowColumn *column, void *row, const RowCell *cell, Error *err)
{
    int i = cell->kind == CELL_TEXT ? names_find(column->names, cell->t) : -1;
    if (i < 0) return error_set(err, ERR_DATA, "unknown %s", column->name);
    *(int *)at(column, row) = i;
    return true;
}

/* A file may hold any number; what counts is held where it can be added up. */
static int64_t hold(const RowColumn *column, int64_t whole)
{
    bool large = column->member == MEMBER_INT64;
    int64_t low = large ? INT64_MIN : INT_MIN, high = large ? INT64_MAX : INT_MAX;
    if (column->counts) low = 0, high = large ? INT64_C(1) << 53 : 1000000000;
    return whole < low ? low : whole > high ? high : whole;
}

bool column_set(const RowColumn *column, void *row, const RowCell *cell, Arena *arena, Error *err)
{
    void *to = at(column, row);
    int64_t whole = hold(column, cell->kind == CELL_INTEGER ? cell->i : 0);
    double otherwise = column->zero_is_null || column->null_is_zero ? 0 : NAN;
    const char *text = cell->kind == CELL_TEXT ? cell->t : column->null_text;
    switch (column->member) {
    case MEMBER_NONE: break;
    case MEMBER_INT: *(int *)to = (int)whole; break;
    case MEMBER_INT64: *(int64_t *)to = whole; break;
    case MEMBER_DOUBLE:
        *(double *)to = cell->kind == CELL_REAL ? cell->d : otherwise;
        break;
    case MEMBER_TEXT:
        if (cell->kind == CELL_TEXT && arena && !(text = arena_copy(arena, text))) return error_memory(err);
        *(const char **)to = text;
        break;
    case MEMBER_ENUM: return set_enum(column, row, cell, err);
    }
    return true;
}

const char *column_text(const RowColumn *column, const void *row, char out[32])
{
    RowCell cell = column_get(column, row);
    out[0] = '\0';
    if (cell.kind == CELL_TEXT) return cell.t;
    if (cell.kind == CELL_INTEGER) snprintf(out, 32, "%lld", (long long)cell.i);
    if (cell.kind == CELL_REAL && isfinite(cell.d)) text_number(cell.d, out);
    return out;
}

const char *column_words(const RowColumn *column, const void *row, char out[32])
{
    RowCell cell = column_get(column, row);
    if (!column->unit || cell.kind == CELL_NULL || cell.kind == CELL_TEXT) return column_text(column, row, out);
    double number = get_number(column, row);
    return strcmp(column->unit, "s") == 0 ? text_duration(number, out) : text_bytes(number, out);
}

/* ---- rows --------------------------------------------------------------------------------------- */

bool record_copy(const RowTable *table, unsigned when, const void *from, void *to, Arena *arena)
{
    for (int i = 0; i < table->n; i++) {
        const RowColumn *column = &table->columns[i];
        if (!column_in(column, when)) continue;
        memcpy(at(column, to), at_const(column, from), member_size(column->member));
        const char *text = column->member == MEMBER_TEXT && arena ? get_text(column, from) : NULL;
        if (text && !(*(const char **)at(column, to) = arena_copy(arena, text))) return false;
    }
    return true;
}

void *record_copies(const RowTable *table, const void *rows, int n, Arena *arena)
{
    unsigned char *copies = arena_alloc(arena, (size_t)n, table->size);
    bool ok = copies != NULL;
    for (int i = 0; ok && i < n; i++)
        ok = record_copy(table, 0, (const unsigned char *)rows + (size_t)i * table->size,
                         copies + (size_t)i * table->size, arena);
    return ok ? copies : NULL;
}

size_t record_text_bytes(const RowTable *table, const void *row)
{
    size_t n = 0;
    for (int i = 0; i < table->n; i++) {
        const RowColumn *column = &table->columns[i];
        const char *text = column->member == MEMBER_TEXT ? get_text(column, row) : NULL;
        if (text) n += strlen(text) + 1;
    }
    return n;
}

void record_move_texts(const RowTable *table, void *row, char *to)
{
    for (int i = 0; i < table->n; i++) {
        const RowColumn *column = &table->columns[i];
        const char *text = column->member == MEMBER_TEXT ? get_text(column, row) : NULL;
        if (!text) continue;
        size_t n = strlen(text) + 1;
        *(const char **)at(column, row) = memcpy(to, text, n);
        to += n;
    }
}

void record_join(const RowTable *table, const void *before, void *row)
{
    for (int i = 0; i < table->n; i++) {
        const RowColumn *column = &table->columns[i];
        if (column->pause == PAUSE_REPLACES) continue;
        bool adds = column->pause == PAUSE_ADDS;
        if (column->member == MEMBER_DOUBLE) {
            double old = get_number(column, before), *now = at(column, row);
            *now = adds ? *now + old : fmax(*now, old);
        } else if (column->member == MEMBER_INT64) {
            int64_t old = get_whole(column, before), *now = at(column, row);
            *now = adds ? *now + old : *now > old ? *now : old;
        }
    }
}

void record_doc(const RowTable *table, unsigned when, const void *row, Doc *object)
{
    for (int i = 0; i < table->n; i++) {
        const RowColumn *column = &table->columns[i];
        if (!column_in(column, when) || column->member == MEMBER_NONE) continue;
        if (column->type == COLUMN_TEXT) doc_set_text(object, column_label(column), get_text(column, row));
        else doc_set_number(object, column_label(column), get_number(column, row));
    }
}
