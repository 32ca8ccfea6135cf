/* data/reader_settle.c - a column of words that are dates, running text, or levels in order, becomes that.
 *
 * A reader stores cells as words; each distinct one is looked at once, whatever the format of the file. What is
 * found needs all cells of a column; what somebody has declared takes what it can, and the rest is missing and
 * counted.
 */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/dates.h"
#include "data/reader.h"

/* Running text: nearly all cells differ, and they are long and of several words. */
enum { TEXT_CELLS = 20, TEXT_WORDS = 3, TEXT_BYTES = 15 };

static bool may_be_found(const Reading *r, const RawColumn *c)
{
    bool order = c->keys >> ROW_ORDER & 1;
    return (c->role == ROLE_FEATURE ? !r->schema : c->role == ROLE_KEPT && order) && c->kind ==
        COLUMN_NOMINAL &&
           !c->said && !c->declared && !r->options->as_written;
}

/* The row of data in the file, from 1, with this code first. */
static int row_of(const Reading *r, const RawColumn *c, int code)
{
    int i = 0;
    while (i < r->n_rows && c->code[i] != code) i++;
    return r->source && i < r->n_rows ? r->source[i] : i + 1;
}

/* ---- dates ---- */

static void look_at(const RawColumn *c, bool all, DateLook *look)
{
    for (int k = 0; k < c->levels.n; k++)
        if (!date_look_add(look, c->levels.text[k], strlen(c->levels.text[k])) && all) return;
}

/* Does the order of day and month stay open? Then `*other` is the format the other way round. */
static bool is_open(const DateLook *look, int format, int *other)
{
    *other = format < 0 ? -1 : date_other_order(format);
    return *other >= 0 && look->read[*other] == look->read[format];
}

/* How the open columns of a file are read: as those that are not, else with the month first after a slash. */
static void settle_order(Reading *r, const DateLook *looks, const int *format)
{
    for (int i = 0; i < r->n_columns; i++) {
        int other, sure;
        RawColumn *c = &r->columns[i];
        if (format[i] < 0 || c->format) continue;
        c->format = date_formats[format[i]];
        if (!is_open(&looks[i], format[i], &other)) continue;
        const char *as = NULL;
        for (int k = 0; k < r->n_columns && !as; k++) {
            if (format[k] < 0 || is_open(&looks[k], format[k], &sure)) continue;
            if (format[k] == format[i] || format[k] == other) {
                as = r->columns[k].name;
                c->format = date_formats[format[k]];
            }
        }
        const char *first = c->levels.text[0];
        bool month = c->format[1] == 'm';
        char cell[48];
        cell_quote(first, strlen(first), cell);
        if (as)
            reading_note(r, "column `%s`: `%s` and the like do not say which is the month; it was read as"
                         " column `%s`, the %s first", c->name, cell, as, month ? "month" : "day");
        else
            reading_note(r, "column `%s`: `%s` and the like do not say which is the month; it was read with"
                         " the %s first; if the other is right, say data.columns: {\"%s\": {date: \"%s\"}}",
                         c->name, cell, month ? "month" : "day", c->name,
                         date_formats[c->format == date_formats[format[i]] ? other : format[i]]);
    }
}

static bool no_dates(const Reading *r, const RawColumn *c, Error *err)
{
    char cell[48];
    const char *first = c->levels.n ? c->levels.text[0] : "";
    cell_quote(first, strlen(first), cell);
    if (c->format)
        return error_set(err, ERR_DATA, "%s: data.columns: no cell of `%s` is a date written as \"%s\", first"
                         " `%s`", r->path, c->name, c->format, cell);
    return error_set(err, ERR_DATA, "%s: data.columns: no cell of `%s` looks like a date, first `%s`; say how"
                     " it is written, as in {\"%s\": {date: \"%%d.%%m.%%Y\"}}, unix or unix_ms", r->path,
                     c->name, cell, c->name);
}

static bool make_dates(Reading *r, RawColumn *c, bool found, Error *err)
{
    double *level = ARENA_NEW(r->arena, double, c->levels.n);
    int unread = -1, n_unread = 0, n_read = 0;
    char cell[48];
    if (!level || !(c->number = ARENA_NEW(r->arena, double, r->n_rows))) return error_memory(err);
    for (int k = 0; k < c->levels.n; k++) {
        const char *text = c->levels.text[k];
        if (date_read(c->format, text, strlen(text), &level[k])) continue;
        level[k] = INFINITY;
        if (unread < 0) unread = k;
    }
    c->n_missing = 0;
    for (int i = 0; i < r->n_rows; i++) {
        double value = c->code[i] < 0 ? NAN : level[c->code[i]];
        n_unread += isinf(value) != 0;
        n_read += isfinite(value) != 0;
        c->number[i] = isfinite(value) ? value : NAN;
        c->n_missing += isnan(c->number[i]) != 0;
    }
    if (n_unread && !n_read && !r->schema) return no_dates(r, c, err);
    const char *text = unread >= 0 ? c->levels.text[unread] : c->levels.n ? c->levels.text[0] : "";
    cell_quote(text, strlen(text), cell);
    c->n_refused = n_unread;
    c->refused = text;
    if (n_unread && !r->part)
        reading_note(r, "column `%s`: %d cell%s that %s no date written as \"%s\" %s taken as missing, first"
                     " `%s` in row %d", c->name, n_unread, n_unread == 1 ? "" : "s",
                     n_unread == 1 ? "is" : "are", c->format, n_unread == 1 ? "was" : "were", cell,
                     row_of(r, c, unread));
    else if (found && !n_unread)
        reading_note(r, "column `%s` was read as %s: `%s` and the like", c->name,
                     date_is_clock(c->format) ? "times" : "dates", cell);
    c->kind = COLUMN_DATE;
    c->levels = (TextSet){0};
    c->code = NULL;
    c->n_unknown = 0;
    return true;
}

/* A column of words that are dates but for a few is said: the few often mean missing. */
static void note_nearly_dates(Reading *r, const RawColumn *c)
{
    DateLook look = {0};
    double seconds;
    char cell[48];
    look_at(c, false, &look);
    const int best = date_look_best(&look, false), read = best < 0 ? 0 : look.read[best], other = look.n - read;
    if (best < 0 || !date_is_found(best) || other == 0 || read < 3 * other || read < 5) return;
    int k = 0;
    while (date_read(date_formats[best], c->levels.text[k], strlen(c->levels.text[k]), &seconds)) k++;
    reading_note(r, "column `%s`: %d of %d different cells are dates, but not `%s` in row %d; if such cells are"
                 " missing, say data.columns: {\"%s\": date}", c->name, read, look.n,
                 cell_quote(c->levels.text[k], strlen(c->levels.text[k]), cell), row_of(r, c, k), c->name);
}

static bool settle_dates(Reading *r, Error *err)
{
    DateLook *looks = calloc((size_t)r->n_columns + 1, sizeof *looks);
    int *format = calloc((size_t)r->n_columns + 1, sizeof *format);
    bool ok = looks && format;
    for (int i = 0; ok && i < r->n_columns; i++) {
        const RawColumn *c = &r->columns[i];
        bool open = c->role == ROLE_FEATURE && c->becomes == COLUMN_DATE && !c->format;
        format[i] = -1;
        if (!may_be_found(r, c) && !open) continue;
        look_at(c, !open, &looks[i]);
        if (looks[i].n == c->levels.n && c->levels.n > 0) format[i] = date_look_best(&looks[i], !open);
        else if (!open && c->role == ROLE_FEATURE) note_nearly_dates(r, c);
    }
    if (ok) settle_order(r, looks, format);
    else error_memory(err);
    for (int i = 0; ok && i < r->n_columns; i++) {
        RawColumn *c = &r->columns[i];
        bool declared = c->role == ROLE_FEATURE && c->becomes == COLUMN_DATE;
        if (declared && !c->format) ok = no_dates(r, c, err);
        else if (declared || format[i] >= 0) ok = make_dates(r, c, !declared, err);
    }
    free(looks);
    free(format);
    return ok;
}

/* ---- text, and levels in order ---- */

static int words_in(const char *text)
{
    int n = 0;
    bool in = false;
    for (; *text; text++) {
        bool letter = isalnum((unsigned char)*text) || (unsigned char)*text >= 0x80;
        n += letter && !in;
        in = letter;
    }
    return n;
}

static void find_text(Reading *r, RawColumn *c)
{
    const int n = c->levels.n, present = r->n_rows - c->n_missing;
    double bytes = 0, words = 0;
    int several = 0;
    if (n < TEXT_CELLS || n <= present / 2) return;
    for (int k = 0; k < n; k++) {
        int here = words_in(c->levels.text[k]);
        bytes += (double)strlen(c->levels.text[k]);
        words += here;
        several += here >= TEXT_WORDS;
    }
    if (bytes < (double)TEXT_BYTES * n || several <= n / 2) return;
    c->kind = COLUMN_FREE_TEXT;
    reading_note(r, "column `%s` was read as text: %d different cells of %d, %.0f words each", c->name, n,
                 present, words / n);
}

/* What is none of the levels is missing. */
static void settle_levels(Reading *r, RawColumn *c)
{
    int unknown = 0, code = -1;
    char cell[48];
    c->kind = COLUMN_ORDERED;
    for (int i = 0; i < r->n_rows; i++) unknown += c->code[i] >= c->n_known;
    for (int i = 0; i < r->n_rows && unknown && code < 0; i++)
        if (c->code[i] >= c->n_known) code = c->code[i];
    c->n_refused = unknown;
    c->refused = code >= 0 ? c->levels.text[code] : NULL;
    if (unknown && !r->part)
        reading_note(r, "column `%s`: %d cell%s that %s none of its levels (%s) %s taken as missing, first"
                     " `%s` in row %d", c->name, unknown, unknown == 1 ? "" : "s", unknown == 1 ? "is" : "are",
                     names_list(r->arena, c->levels.text, c->n_known), unknown == 1 ? "was" : "were",
                     cell_quote(c->levels.text[code], strlen(c->levels.text[code]), cell), row_of(r, c, code));
    for (int i = 0; i < r->n_rows; i++)
        if (c->code[i] >= c->n_known) c->code[i] = -1;
    c->levels.n = c->n_known;
    c->n_missing += unknown;
    c->n_unknown = 0;
}

bool reading_settle(Reading *r, Error *err)
{
    if (!settle_dates(r, err)) return false;
    for (int i = 0; i < r->n_columns; i++) {
        RawColumn *c = &r->columns[i];
        if (c->role != ROLE_FEATURE) continue;
        if (may_be_found(r, c)) find_text(r, c);
        if (c->becomes == COLUMN_ORDERED) settle_levels(r, c);
        if (c->becomes == COLUMN_FREE_TEXT) {
            c->kind = COLUMN_FREE_TEXT;
            c->n_unknown = 0;
        }
    }
    return true;
}
