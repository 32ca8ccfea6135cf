/* data/dates.h - dates and times as people write them, as seconds since 1970, and what a calendar says of them.
 *
 * A format says how all cells of a column are written. It is read like strptime's, with two additions:
 * what stands in [brackets] may be left out, and a blank also takes the `T` of ISO 8601.
 *
 *     %Y year, four digits    %m month    %d day             %y year of two digits: 69 to 99 are 1969 to 1999
 *     %b %B month by name     %a %A weekday by name, ignored (English, whole or three letters)
 *     %H hour    %M minute    %S second, with a fraction if there is one    %f a fraction's digits
 *     %p AM or PM             %z Z, UTC, GMT, +01:00, +0100, +01
 *     %s seconds since 1970   %Q thousandths of a second since 1970
 *
 * Months, days and hours have one or two digits, two where a digit follows. The calendar is the Gregorian one,
 * also before its time; years are 1 to 9999. A time without a date stands on the first day of 1970, an offset
 * is taken off, without one the clock is taken for UTC's: neither the machine's zone nor its locale matters.
 * 0000-00-00 is a date that is missing.
 *
 * A format is found from the cells: of the known ones, the first that reads them all. 03/04/2020 is of two
 * kinds; a column in which no day is above 12 does not say which.
 */
#ifndef CONSORT_DATA_DATES_H
#define CONSORT_DATA_DATES_H
#include <stdbool.h>
#include <stddef.h>

#include "base/names.h"

#define DATE_CLOCK "[ %H:%M[:%S][ ][%p][ ][%z]]"
/* Format, may be found (or has to be declared), how many rows further down its other order of day and month
 * stands. Of several that read a column the first is taken. */
#define DATE_FORMAT_LIST(X)                                                                       \
    X("%Y-%m-%d" DATE_CLOCK, true, 0) X("%Y/%m/%d" DATE_CLOCK, true, 0)                           \
    X("%Y.%m.%d" DATE_CLOCK, true, 0) X("%d.%m.%Y" DATE_CLOCK, true, 0)                           \
    X("%m/%d/%Y" DATE_CLOCK, true, 1) X("%d/%m/%Y" DATE_CLOCK, true, -1)                          \
    X("%d-%m-%Y" DATE_CLOCK, true, 1) X("%m-%d-%Y" DATE_CLOCK, true, -1)                          \
    X("%m/%d/%y" DATE_CLOCK, true, 1) X("%d/%m/%y" DATE_CLOCK, true, -1)                          \
    X("[%a[,] ]%d[.] %b[.][,] %Y" DATE_CLOCK, true, 0) X("%d-%b-%Y" DATE_CLOCK, true, 0)          \
    X("%d-%b-%y" DATE_CLOCK, true, 0) X("[%a[,] ]%b[.] %d[,] %Y" DATE_CLOCK, true, 0)             \
    X("%a %b %d %H:%M:%S[ %z] %Y", true, 0) X("%H:%M[:%S][ ][%p]", true, 0)                       \
    X("%Y%m%d", false, 0) X("%d.%m.%y" DATE_CLOCK, false, 0) X("%Y-%m", false, 0)
#define LIST_FORMAT(format, found, other) +1
enum { DATE_FORMAT_COUNT = DATE_FORMAT_LIST(LIST_FORMAT), DATE_FORMAT_LONGEST = 80 };
#undef LIST_FORMAT
extern const char *const date_formats[]; /* NULL at the end */
int date_other_order(int format);        /* the format with day and month the other way round, or -1 */

/* Can it be read? `why` is a sentence if not. */
bool date_format_check(const char *format, const char **why);
/* False if the text is not written so. NaN: a date that is missing. */
bool date_read(const char *format, const char *text, size_t n, double *seconds);

/* Which formats read the cells so far; zero: no cell yet. */
typedef struct {
    int n, read[DATE_FORMAT_COUNT]; /* cells, and of them those that each format reads */
} DateLook;
/* False once no format reads all cells: then a column that was not declared is none. */
bool date_look_add(DateLook *look, const char *text, size_t n);
/* The format that reads most of the cells, or -1. `all`: that reads them all, and may be found. */
int date_look_best(const DateLook *look, bool all);
/* Is this one of the formats that are found, not only declared? */
bool date_is_found(int format);

/* What is known of a moment besides how long ago it was; each is a bit of PrepColumn.parts. */
#define DATE_PART_LIST(X)                                                                         \
    X(DATE_YEAR, "year") X(DATE_MONTH, "month") X(DATE_WEEKDAY, "weekday") X(DATE_HOUR, "hour")
typedef enum { DATE_PART_LIST(LIST_ID) DATE_PART_COUNT } DatePart;
extern const char *const date_part_names[];

/* The least and the most that a date may be, in seconds: year 1 to 9999. */
#define DATE_LEAST (-62135596800.0)
#define DATE_MOST 253402300800.0
static inline bool date_is_there(double seconds)
{
    return seconds >= DATE_LEAST && seconds < DATE_MOST; /* false for NaN */
}
/* The parts of a moment that is there: year; month from 0; weekday from 0, Monday; hours since midnight with a
 * fraction. */
void date_parts(double seconds, double part[DATE_PART_COUNT]);
/* How long until a part comes again: 12, 7, 24; 0 for the year, which does not. */
double date_cycle(DatePart part);
/* Does a format tell the time only? */
bool date_is_clock(const char *format);
/* ISO 8601, as short as it can be: 2020-03-04, 2020-03-04T05:06:07.5; of a clock 05:06. `out` 40 bytes. */
const char *date_text(double seconds, bool clock, char *out);
#endif
