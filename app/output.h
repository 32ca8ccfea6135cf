/* app/output.h - the rows of a question to the database, as a table, CSV, JSON or Markdown. */
#ifndef CONSORT_APP_OUTPUT_H
#define CONSORT_APP_OUTPUT_H
#include "app/cli.h"
#include "reports/sheet.h"
#include "tuner/store/store.h"

typedef enum { OUTPUT_TABLE, OUTPUT_CSV, OUTPUT_JSON, OUTPUT_MARKDOWN } OutputFormat;
/* From --json, --csv, --md. */
OutputFormat output_format(const Cli *cli);
/* What changes each row before it is shown; its last column is for this alone, and not shown. What it puts into
 * a cell lives in `arena`. False: no memory. */
typedef struct {
    bool (*edit)(const void *context, int n, const char *const *columns, Value *cells, Arena *arena);
    const void *context;
} OutputEdit;
/* Appends the answer. JSON is {"schema": 1, "rows": [{column: cell, ...}]}. `drop_empty` leaves out
 * columns without any value; `only_changed` also those that are the same in all rows; `fit` is output_fit's,
 * whose line stands below the table; `edit` may be NULL. */
bool output_query(Store *store, const char *sql, double timeout_s, OutputFormat format, bool drop_empty,
                  bool only_changed, int fit, const OutputEdit *edit, Arena *arena, Text *out, Error *err);
/* How wide a table may be that is printed: that of the terminal, unless -v or another format is asked for; 0:
 * as it comes. */
int output_width(const Cli *cli, OutputFormat format);
/* Takes columns out of a table until it is no wider than `fit` (0: none): first those that are the same in all
 * rows, then from the right, never the first three. What was left out is said in a line in `out`. */
void output_fit(Sheet *sheet, int fit, Text *out);
/* Prints a document, which it frees, as the answer. Returns an exit code. */
int output_doc(Doc *doc);
/* A new answer, {"schema": 1}. */
Doc *output_answer(void);
/* Cells that are text already, as a table (`fit` as sheet_print has it, reports/columns.h), CSV or Markdown. */
void output_sheet(const Sheet *sheet, OutputFormat format, int fit, Text *out);
/* Lines for people, which it frees, as the answer: folded at `fit` (0: as they are). Returns an exit code. */
int output_lines(Text *text, int fit);
#endif
