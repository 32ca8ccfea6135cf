/* data/split_order.h - rows in time: what came when, and what was known by then.
 *
 * Time is a column of numbers, or of dates as ISO 8601 writes them (2024-03-01, 2024-03-01T12:30:05Z, 2024-03,
 * 2024-W09, 2024-Q1), which become seconds. Rows of the same moment stand on the same side of every border,
 * so a
 * border may lie a few rows beside where shares would have it.
 *
 * Without dates and numbers there is no time: "Tuesday" is refused, and so is an empty cell.
 */
#ifndef CONSORT_DATA_SPLIT_ORDER_H
#define CONSORT_DATA_SPLIT_ORDER_H
#include "data/split_parts.h"

typedef struct {
    int n;        /* rows of use */
    int32_t *row; /* (n) in time, rows of one moment in the table's order */
    double *at;   /* (n) when; of dates in seconds since 1970 */
    bool dates;
} Timeline;

/* Seconds since 1970 of a date, in UTC unless it says an offset. False: it is none. */
bool moment_of(const char *text, double *seconds);
bool timeline_make(const SplitRows *rows, Arena *arena, Timeline *out, Error *err);
/* The first place at or after `at` whose row is later than the one before it; n: none. */
int timeline_border(const Timeline *time, int at);
/* Where training ends for what begins at `from`: rows 0 .. that - 1 are early enough. */
bool timeline_known(const Timeline *time, int from, double gap, int gap_unit, int *known, Error *err);
/* "gap 7 days" behind a comma, or nothing. */
const char *timeline_gap(Arena *arena, double gap, int gap_unit);

/* data.split of rows with an order: one part (hold-out) or several. */
bool split_forward(const SplitOptions *options, const SplitRows *rows, Arena *arena, Split *out, Error *err);
/* The last rows, held out. */
bool split_last(const HoldOut *how, const SplitRows *rows, Arena *arena, TwoParts *out, Error *err);
#endif
