/* reports/sheet.h - the document's tables as cells of text, ready to be laid out.
 *
 * One description of each table feeds all of its forms: HTML (html.c), Markdown (markdown.c) and
 * aligned columns for the terminal (text_table), so that they cannot say different things. What only
 * one form can show (shading, an interval drawn as a line) goes along as numbers.
 *
 * Memory  sheets live in the arena; texts may be borrowed from the document.
 * Errors  ERR_MEMORY only. A part the document lacks gives a sheet without rows.
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
} Sheet;

/* Of the study. `top` limits the rows, 0: all there are. */
/* Did the trials run a program of the user's? Then there are no classes, rows or weights to speak of. */
bool sheet_is_program(const Doc *document);
bool sheet_leaderboard(const Doc *document, int top, Arena *arena, Sheet *out, Error *err);
/* `importance` is the member of that name, as `consort importance --json` has it. */
bool sheet_importance(const Doc *importance, Arena *arena, Sheet *out, Error *err);
/* `front` is the member of that name. */
bool sheet_front(const Doc *front, Arena *arena, Sheet *out, Error *err);
bool sheet_finalists(const Doc *document, Arena *arena, Sheet *out, Error *err);
bool sheet_failures(const Doc *document, Arena *arena, Sheet *out, Error *err);
bool sheet_balance(const Doc *document, Arena *arena, Sheet *out, Error *err);
bool sheet_features(const Doc *document, Arena *arena, Sheet *out, Error *err);
bool sheet_deployment(const Doc *document, Arena *arena, Sheet *out, Error *err);
bool sheet_provenance(const Doc *document, Arena *arena, Sheet *out, Error *err);
/* Of an evaluation (model/evaluate.h). */
bool sheet_scores(const Doc *document, Arena *arena, Sheet *out, Error *err);
bool sheet_per_class(const Doc *evaluation, Arena *arena, Sheet *out, Error *err);
/* Counts, or (`shares`) percent of each true class. More than 40 classes make no readable table: no
 * rows. */
bool sheet_confusion(const Doc *evaluation, bool shares, Arena *arena, Sheet *out, Error *err);
bool sheet_confused(const Doc *evaluation, Arena *arena, Sheet *out, Error *err);
bool sheet_mistakes(const Doc *evaluation, Arena *arena, Sheet *out, Error *err);
/* Of the ensemble. */
bool sheet_members(const Doc *document, Arena *arena, Sheet *out, Error *err);
bool sheet_calibration(const Doc *document, Arena *arena, Sheet *out, Error *err);
bool sheet_disagreement(const Doc *document, Arena *arena, Sheet *out, Error *err);

/* The evaluation the report stands on: of the test set, else of the validation rows; NULL: none.
 * `name` (may be NULL) gets "test set" or "validation rows". */
const Doc *sheet_evaluation(const Doc *document, const char **name);

/* How numbers look in every form. A dash when not finite. */
const char *sheet_score(Arena *arena, double score);    /* 0.9812 */
const char *sheet_percent(Arena *arena, double share);  /* 12.3 % */
const char *sheet_count(Arena *arena, double count);    /* 109,386 */
const char *sheet_bytes(Arena *arena, double bytes);    /* 437 kB */
const char *sheet_seconds(Arena *arena, double seconds); /* 3m 05s */
#endif
