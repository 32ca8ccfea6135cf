/* data/split_order.c - moments from cells, rows sorted by them, and validation that lies behind training. */
#include "data/split_order.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "data/order.h"
#include "data/split_groups.h"
#include "data/split_parts.h"

#define LIST_GAP_SIZE(id, name, size) size,
static const double gap_sizes[] = {GAP_UNIT_LIST(LIST_GAP_SIZE)};

/* ---- moments ---- */

/* Days since 1970-01-01 in the Gregorian calendar: years that begin in March, in eras of 400. */
static double days_of(int year, int month, int day)
{
    int y = year - (month <= 2), era = (y >= 0 ? y : y - 399) / 400, of_era = y - era * 400;
    int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097.0 + (of_era * 365 + of_era / 4 - of_era / 100 + of_year) - 719468.0;
}

static int days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

/* Exactly n digits. */
static bool digits(const char **text, int n, int *out)
{
    *out = 0;
    for (int i = 0; i < n; i++, ++*text) {
        if (**text < '0' || **text > '9') return false;
        *out = *out * 10 + (**text - '0');
    }
    return true;
}

/* "12:30", "12:30:05", "12:30:05.25", then nothing, "Z" or "+01:00". */
static bool clock_of(const char *at, double *seconds)
{
    int hour, minute, second = 0;
    double part = 0, unit = 0.1;
    if (!digits(&at, 2, &hour) || *at++ != ':' || !digits(&at, 2, &minute)) return false;
    if (*at == ':' && (++at, !digits(&at, 2, &second))) return false;
    if (*at == '.' || *at == ',')
        for (at++; *at >= '0' && *at <= '9'; at++, unit /= 10) part += (*at - '0') * unit;
    if (hour > 24 || minute > 59 || second > 60) return false;
    *seconds = hour * 3600.0 + minute * 60.0 + second + part;
    while (*at == ' ') at++;
    if (*at == 'Z' || *at == 'z') return !at[1];
    if (*at == '+' || *at == '-') {
        double sign = *at++ == '+' ? 1 : -1;
        if (!digits(&at, 2, &hour)) return false;
        minute = 0;
        if (*at == ':') at++;
        if (*at && !digits(&at, 2, &minute)) return false;
        *seconds -= sign * (hour * 3600.0 + minute * 60.0);
    }
    return !*at;
}

/* Monday of week 1 is the Monday of the week with 4 January. */
static double week_of(int year, int week)
{
    double fourth = days_of(year, 1, 4);
    int weekday = (int)fmod(fmod(fourth + 3, 7) + 7, 7); /* 1970-01-01 was a Thursday; Monday is 0 */
    return fourth - weekday + 7.0 * (week - 1);
}

bool moment_of(const char *text, double *seconds)
{
    int year, month, day = 1, number;
    double clock = 0;
    if (!digits(&text, 4, &year) || (*text != '-' && *text != '/')) return false;
    const char between = *text++;
    if (between == '-' && (*text == 'W' || *text == 'Q')) {
        bool week = *text++ == 'W';
        if (!digits(&text, week ? 2 : 1, &number) || *text) return false;
        if (number < 1 || number > (week ? 53 : 4)) return false;
        *seconds = 86400 * (week ? week_of(year, number) : days_of(year, 3 * number - 2, 1));
        return true;
    }
    if (!digits(&text, 2, &month) || month < 1 || month > 12) return false;
    if (*text == between) {
        text++;
        if (!digits(&text, 2, &day)) return false;
        if (*text == 'T' || *text == 't' || *text == ' ') {
            if (!clock_of(text + 1, &clock)) return false;
        } else if (*text) {
            return false;
        }
    } else if (*text) {
        return false;
    }
    if (day < 1 || day > days_in(year, month)) return false;
    *seconds = 86400 * days_of(year, month, day) + clock;
    return true;
}

/* ---- the line ---- */

static bool read_moments(const SplitRows *rows, Arena *arena, double **of_level, Error *err)
{
    const Column *column = rows->order;
    *of_level = ARENA_NEW(arena, double, column->n_levels);
    if (!*of_level) return error_memory(err);
    for (int i = 0; i < rows->n; i++) {
        int level = column->code[i];
        if (level < 0 || !split_usable(rows, i)) continue;
        if (!moment_of(column->levels[level], &(*of_level)[level]))
            return error_set(err, ERR_DATA, "data.order: `%.60s` in column `%.60s` is neither a number nor a"
                             " date such as"
                             " 2024-03-01 or 2024-03-01T12:30:05; name another column",
                             column->levels[level], column->name);
    }
    return true;
}

bool timeline_make(const SplitRows *rows, Arena *arena, Timeline *out, Error *err)
{
    const Column *column = rows->order;
    const bool words = column_has_words(column->kind);
    double *of_level = NULL;
    Keyed *keys = ARENA_NEW(arena, Keyed, rows->n), *other = ARENA_NEW(arena, Keyed, rows->n);
    if (!keys || !other) return error_memory(err);
    if (words && !read_moments(rows, arena, &of_level, err)) return false;
    int n = 0;
    for (int i = 0; i < rows->n; i++) {
        if (!split_usable(rows, i)) continue;
        double at = words ? column->code[i] < 0 ? NAN : of_level[column->code[i]] : column_number(column, i);
        if (isnan(at))
            return error_set(err, ERR_DATA, "data.order: row %d has nothing in column `%.60s`, so it has no"
                             " place in"
                             " time; fill it or leave the row out",
                             rows->table ? table_source(rows->table, i) : i + 1, column->name);
        keys[n++] = (Keyed){order_key(at + 0.0), i};
    }
    *out = (Timeline){.n = n, .row = ARENA_NEW(arena, int32_t, n), .at = ARENA_NEW(arena, double, n),
                      .dates = words || column->kind == COLUMN_DATE};
    if (!out->row || !out->at) return error_memory(err);
    keys = order_keyed(keys, other, n);
    for (int i = 0; i < n; i++) {
        out->row[i] = keys[i].label;
        out->at[i] = order_value(keys[i].key);
    }
    return true;
}

int timeline_border(const Timeline *time, int at)
{
    while (at > 0 && at < time->n && time->at[at] == time->at[at - 1]) at++;
    return at;
}

/* The border nearest to a place, later than `after` and before `before`; -1: none. */
static int nearest_border(const Timeline *time, int place, int after, int before)
{
    for (int away = 0; place - away > after || place + away < before; away++) {
        int down = place - away, up = place + away;
        if (down > after && down < before && time->at[down] != time->at[down - 1]) return down;
        if (up > after && up < before && time->at[up] != time->at[up - 1]) return up;
    }
    return -1;
}

bool timeline_known(const Timeline *time, int from, double gap, int gap_unit, int *known, Error *err)
{
    assert(from > 0 && from < time->n);
    if (gap > 0 && gap_unit != GAP_ROWS && (gap_unit == GAP_VALUE) == time->dates)
        return error_set(err, ERR_CONFIG, "gap_unit: %s: the order column holds %s; say %s",
                         gap_unit_names[gap_unit],
                         time->dates ? "dates" : "numbers",
                         time->dates ? "days, hours, seconds or rows" : "value or rows");
    int end = from;
    if (gap_unit == GAP_ROWS) {
        end = gap >= from ? 0 : from - (int)ceil(gap);
        while (end > 0 && time->at[end] == time->at[end - 1]) end--;
    } else if (gap > 0) {
        double last = time->at[from] - gap * gap_sizes[gap_unit];
        while (end > 0 && time->at[end - 1] > last) end--;
    }
    *known = end;
    return end > 0
        || error_set(err, ERR_CONFIG, "gap: %g %s before the first row to be predicted there is none to learn"
                     " from;"
                     " lower gap", gap, gap_unit_names[gap_unit]);
}

const char *timeline_gap(Arena *arena, double gap, int gap_unit)
{
    return gap > 0 ? arena_print(arena, ", gap %g %s", gap, gap_unit_names[gap_unit]) : "";
}

/* ---- training before validation ---- */

/* Of the rows that would train those go whose group is to be predicted. */
static int part_from_groups(const Groups *groups, const Timeline *time, int from, int to, int first, int known,
                            bool *met, uint8_t *side)
{
    int left = 0;
    memset(met, 0, (size_t)groups->n * sizeof *met);
    for (int i = from; i < to; i++) met[groups->of[time->row[i]]] = true;
    for (int i = first; i < known; i++) {
        if (met[groups->of[time->row[i]]]) side[time->row[i]] = SIDE_NONE;
        else left++;
    }
    return left;
}

typedef struct {
    const SplitRows *rows;
    Timeline time;
    Groups groups; /* n 0: none */
    bool *met;     /* (groups) */
    uint8_t *side; /* (rows) */
} Walk;

static bool walk_start(const SplitRows *rows, Arena *arena, Walk *out, Error *err)
{
    *out = (Walk){.rows = rows, .side = ARENA_NEW(arena, uint8_t, rows->n)};
    if (!out->side) return error_memory(err);
    if (!timeline_make(rows, arena, &out->time, err)) return false;
    if (!rows->group) return true;
    if (!groups_of(rows, arena, &out->groups, err)) return false;
    out->met = ARENA_NEW(arena, bool, out->groups.n);
    return out->met || error_memory(err);
}

/* Rows first .. known - 1 in time train, from .. to - 1 validate. */
static bool walk_part(Walk *w, int first, int known, int from, int to, Error *err)
{
    memset(w->side, SIDE_NONE, (size_t)w->rows->n);
    for (int i = first; i < known; i++) w->side[w->time.row[i]] = SIDE_TRAIN;
    for (int i = from; i < to; i++) w->side[w->time.row[i]] = SIDE_VALID;
    if (w->rows->group && part_from_groups(&w->groups, &w->time, from, to, first, known, w->met, w->side) == 0)
        return error_set(err, ERR_DATA, "every earlier row is of a group in `%s` that is also to be predicted,"
                         " so none"
                         " is left to train on; leave out data.groups or data.order", w->rows->group->name);
    return true;
}

/* Where `n_parts` parts of the last `fraction` of the rows begin; at[n_parts] is the end. */
static bool part_borders(const Walk *w, double fraction, int n_parts, Arena *arena, int **at, Error *err)
{
    const int n = w->time.n;
    *at = ARENA_NEW(arena, int, n_parts + 1);
    if (!*at) return error_memory(err);
    if (n < 2)
        return error_set(err, ERR_DATA, "%d labelled row%s cannot be divided: a part to train on and a part"
                         " held out need one each", n, n == 1 ? "" : "s");
    int begin = nearest_border(&w->time, (int)floor((1 - fraction) * n + 0.5), 0, n);
    if (begin < 0)
        return error_set(err, ERR_DATA, "data.order: all rows have the same value in column `%.60s`, so none"
                         " is later"
                         " than others", w->rows->order->name);
    for (int p = 0; p < n_parts; p++) {
        int place = begin + (int)((int64_t)(n - begin) * p / n_parts);
        (*at)[p] = p == 0 ? begin : nearest_border(&w->time, place, (*at)[p - 1], n);
        if ((*at)[p] < 0)
            return error_set(err, ERR_CONFIG, "folds: %d parts of the last %g of the rows need as many"
                             " different values"
                             " of `%.60s`, and there are %d; lower folds or raise val_fraction", n_parts,
                                 fraction,
                             w->rows->order->name, p);
    }
    (*at)[n_parts] = n;
    return true;
}

bool split_forward(const SplitOptions *o, const SplitRows *rows, Arena *arena, Split *out, Error *err)
{
    const int n_parts = o->type == SPLIT_FORWARD ? o->folds : 1;
    Walk w;
    int *at, window = 0;
    if (!walk_start(rows, arena, &w, err) || !part_borders(&w, o->val_fraction, n_parts, arena, &at, err)
        || !split_reserve(out, n_parts, arena, err))
        return false;
    for (int p = 0; p < n_parts; p++) {
        int known, first = 0;
        if (!timeline_known(&w.time, at[p], o->gap, o->gap_unit, &known, err)) return false;
        if (p == 0) window = known;
        if (o->type == SPLIT_FORWARD && o->window == WINDOW_ROLLING)
            first = timeline_border(&w.time, known > window ? known - window : 0);
        if (first >= known) first = 0; /* all that is known is of one moment */
        if (!walk_part(&w, first, known, at[p], at[p + 1], err) || !split_fill(out, p, w.side, arena, err))
            return false;
    }
    const char *gap = timeline_gap(arena, o->gap, o->gap_unit);
    if (n_parts == 1)
        out->said = arena_print(arena, "the last %d rows by `%s`%s%s", w.time.n - at[0], rows->order->name, gap,
                                rows->group ? ", their groups left out of training" : "");
    else
        out->said = arena_print(arena, "the last %d rows by `%s` in %d parts, %s window%s%s", w.time.n - at[0],
                                rows->order->name, n_parts, split_window_names[o->window], gap,
                                rows->group ? ", their groups left out of training" : "");
    return (gap && out->said) || error_memory(err);
}

bool split_last(const HoldOut *how, const SplitRows *rows, Arena *arena, TwoParts *out, Error *err)
{
    Walk w;
    int *at, known;
    if (!walk_start(rows, arena, &w, err) || !part_borders(&w, how->fraction, 1, arena, &at, err)
        || !timeline_known(&w.time, at[0], how->gap, how->gap_unit, &known, err)
        || !walk_part(&w, 0, known, at[0], w.time.n, err))
        return false;
    *out = (TwoParts){.rest = ARENA_NEW(arena, int32_t, known),
                      .held = ARENA_NEW(arena, int32_t, w.time.n - at[0])};
    if (!out->rest || !out->held) return error_memory(err);
    for (int i = 0; i < rows->n; i++) {
        if (w.side[i] == SIDE_TRAIN) out->rest[out->n_rest++] = i;
        if (w.side[i] == SIDE_VALID) out->held[out->n_held++] = i;
    }
    out->said = arena_print(arena, "the last %d rows by `%s`%s", out->n_held, rows->order->name,
                            timeline_gap(arena, how->gap, how->gap_unit));
    return out->said || error_memory(err);
}
