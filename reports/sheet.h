/* reports/sheet.h - a table as cells of text, ready to be laid out.
 *
 * One description of each table feeds all of its forms: HTML (html_parts.c), Markdown (markdown.c), aligned
 * columns for the terminal (columns.c) and CSV (app/output.c), so that they cannot say different things. What
 * only one form can show (shading, an interval drawn as a line) goes along as numbers.
 *
 * Memory  sheets live in the arena; texts may be borrowed from the document.
 * Errors  ERR_MEMORY only.
 */
#ifndef CONSORT_REPORTS_SHEET_H
#define CONSORT_REPORTS_SHEET_H
#include "base/arena.h"
#include "base/doc.h"

#define SHEET_DASH "–" /* where a value is undefined or not known */

typedef struct {
    const char *text;  /* NULL shows as nothing */
    double shade;      /* background, 0 to 1; 0: none */
    double bar;        /* length of a bar, 0 to 1; 0: none */
    double low, at, high; /* an interval to draw in [0, 1]; high 0: none */
} Cell;

typedef struct {
    const char *title;
    const char *hint; /* one line for a tooltip; NULL: none */
    int better;       /* +1 larger is better, -1 smaller, 0 neither */
    bool number;      /* set to the right */
    const char *key;  /* what the page's script knows the column by, such as "metrics.ece"; NULL: nothing */
} Heading;

typedef struct {
    const char *id;      /* "leaderboard" */
    const char *caption;
    const char *note;    /* below the table; NULL: none */
    int n_columns, n_rows;
    Heading *heading;    /* (n_columns) */
    Cell *cell;          /* (n_rows, n_columns) row-major; the first column names the row */
    bool *strong;        /* (n_rows) rows to stand out */
    bool matrix;         /* rows and columns are classes or members */
    bool prose;          /* its cells are our own words, in which backticks hold code */
} Sheet;

/* Columns grow first, then rows; both are limited by what was asked for here. */
bool sheet_create(const char *id, const char *caption, size_t most_columns, size_t most_rows,
                  Arena *arena, Sheet *out, Error *err);
void sheet_column(Sheet *sheet, const char *title, bool number, int better, const char *hint);
void sheet_key(Sheet *sheet, const char *key); /* of the last column */
Cell *sheet_row(Sheet *sheet); /* its cells */
/* A table of plain columns, without id and caption; `titles` ends with NULL. */
bool sheet_plain(const char *const *titles, size_t most_rows, Arena *arena, Sheet *out, Error *err);
bool sheet_whole(const Sheet *sheet); /* false: some text is NULL, as where memory ran out */
double sheet_number(const Doc *object, const char *key); /* NaN when absent */
const char *sheet_text(const Doc *object, const char *key);

/* How numbers look in every form. A dash when not finite. */
const char *sheet_score(Arena *arena, double score);    /* 0.9812 */
const char *sheet_quantity(Arena *arena, double x);     /* 2.913, 12,340: four digits of a user's own number */
const char *sheet_range(Arena *arena, double low, double high);        /* 0.9716 to 0.9801 */
const char *sheet_signed(Arena *arena, double difference);             /* +0.0040 */
const char *sheet_signed_range(Arena *arena, double low, double high); /* −0.0012 to +0.0075 */
const char *sheet_percent(Arena *arena, double share);  /* 12.3 % */
/* n shares of one whole, rounded so that what is shown sums to 100.0 % where they do: tenths are given to the
 * largest remainders. False: no memory. */
bool sheet_shares(Arena *arena, const double *share, size_t n, const char **out);
const char *sheet_count(Arena *arena, double count);    /* 109,386 */
const char *sheet_weights(Arena *arena, const Doc *row); /* 5 × 81,666, of its n_params and networks */
const char *sheet_bytes(Arena *arena, double bytes);    /* 437 kB */
const char *sheet_seconds(Arena *arena, double seconds); /* 3m 05s */
const char *sheet_or_dash(const char *text); /* NULL, as where memory ran out, is a dash */
const char *sheet_value(Arena *arena, const Doc *value); /* a member of any kind */
#endif
