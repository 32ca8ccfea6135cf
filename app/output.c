/* app/output.c - prints the answer of a query, or a sheet, in the format that was asked for. */
#include "app/output.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/width.h"
#include "base/grow.h"
#include "job/open.h"
#include "reports/columns.h"

typedef struct {
    Arena *arena;
    int n_columns, n_rows, capacity;
    const char **columns;
    Value **rows; /* on the heap: the arrays it outgrew would be as much again */
    bool *shown;
    bool failed, too_much;
    const OutputEdit *edit;
    size_t n_bytes;
} Answer;

enum { MOST_BYTES = 1 << 30 }; /* of an answer, which is held whole to be laid out */

OutputFormat output_format(const Cli *cli)
{
    if (cli->json) return OUTPUT_JSON;
    if (cli_flag(cli, "csv")) return OUTPUT_CSV;
    return cli_flag(cli, "md") ? OUTPUT_MARKDOWN : OUTPUT_TABLE;
}

static bool take_columns(Answer *answer, int n, const char *const *columns)
{
    answer->n_columns = n;
    answer->columns = ARENA_NEW(answer->arena, const char *, n + 1);
    answer->shown = ARENA_NEW(answer->arena, bool, n + 1);
    if (!answer->columns || !answer->shown) return false;
    for (int i = 0; i < n; i++) {
        answer->columns[i] = arena_copy(answer->arena, columns[i]);
        answer->shown[i] = !answer->edit || i < n - 1;
        if (!answer->columns[i]) return false;
    }
    return true;
}

static bool take_row(void *context, int n, const char *const *columns, const Value *cells)
{
    Answer *answer = context;
    answer->failed = true;
    if (!answer->columns && !take_columns(answer, n, columns)) return false;
    if (!cells) return true;
    Value *row = ARENA_NEW(answer->arena, Value, n);
    if (!row || !GROW(NULL, answer->rows, answer->n_rows, answer->capacity)) return false;
    answer->n_bytes += (size_t)n * sizeof *row + sizeof row;
    for (int i = 0; i < n; i++) {
        row[i] = cells[i];
        if (cells[i].text) answer->n_bytes += strlen(cells[i].text) + 1;
        if (answer->n_bytes > MOST_BYTES) return !(answer->too_much = true);
        if (cells[i].text && !(row[i].text = arena_copy(answer->arena, cells[i].text))) return false;
    }
    if (answer->edit && !answer->edit->edit(answer->edit->context, n, answer->columns, row, answer->arena))
        return false;
    answer->rows[answer->n_rows++] = row;
    answer->failed = false;
    return true;
}

static void hide(Answer *answer, bool empty, bool unchanged)
{
    for (int c = 0; c < answer->n_columns; c++) {
        bool any = false, differs = false;
        for (int r = 0; r < answer->n_rows; r++) {
            any |= answer->rows[r][c].kind != VALUE_NONE;
            differs |= !value_equal(&answer->rows[r][c], &answer->rows[0][c]);
        }
        if ((empty && !any) || (unchanged && !differs && answer->n_rows > 1))
            answer->shown[c] = false;
    }
}

static const char *cell_text(const Value *value, bool exact, Arena *arena)
{
    char buffer[64];
    if (value->kind == VALUE_NONE) return "";
    if (value->kind == VALUE_TEXT || value->kind == VALUE_LIST) return value->text;
    if (exact) value_json(value, buffer, sizeof buffer);
    else value_label(value, buffer, sizeof buffer);
    return arena_copy(arena, buffer);
}

static bool print_json(const Answer *answer, Text *out)
{
    Doc *doc = doc_object();
    doc_set_number(doc, "schema", 1);
    Doc *rows = doc_set(doc, "rows", doc_array());
    for (int r = 0; r < answer->n_rows; r++) {
        Doc *row = doc_add(rows, doc_object());
        for (int c = 0; c < answer->n_columns; c++)
            if (answer->shown[c])
                doc_set(row, answer->columns[c], doc_of_cell(answer->columns[c], &answer->rows[r][c]));
    }
    bool ok = doc_print(doc, 1, out);
    text_add(out, "\n");
    doc_free(doc);
    return ok;
}

/* Digits behind the point of "0.8014"; -1 where there is an exponent or a word. */
static int decimals(const char *text)
{
    const char *point = strchr(text, '.');
    size_t digits = strspn(text + (*text == '-'), "0123456789.");
    if (text[digits + (*text == '-')]) return -1;
    return point ? (int)strlen(point + 1) : 0;
}

/* A column of numbers with as many digits behind the point in each, unless that makes them long. */
static bool align(Sheet *sheet, int column, Arena *arena)
{
    enum { MOST = 6 };
    int most = 0;
    for (int r = 0; r < sheet->n_rows; r++) {
        const char *text = sheet->cell[r * sheet->n_columns + column].text;
        int n = text && *text ? decimals(text) : 0;
        if (n < 0 || n > MOST) return true;
        most = n > most ? n : most;
    }
    for (int r = 0; r < sheet->n_rows && most > 0; r++) {
        Cell *cell = &sheet->cell[r * sheet->n_columns + column];
        int n = cell->text && *cell->text ? decimals(cell->text) : most;
        if (n == most) continue;
        cell->text = arena_print(arena, "%s%s%.*s", cell->text, n ? "" : ".", most - n, "000000");
        if (!cell->text) return false;
    }
    return true;
}

/* What is shown, as text; numbers of CSV exactly. */
static bool to_sheet(const Answer *answer, OutputFormat format, Sheet *out, Error *err)
{
    if (!sheet_create("answer", "", (size_t)answer->n_columns, (size_t)answer->n_rows, answer->arena, out, err))
        return false;
    for (int c = 0; c < answer->n_columns; c++)
        if (answer->shown[c]) sheet_column(out, answer->columns[c], false, 0, NULL);
    for (int r = 0; r < answer->n_rows; r++) {
        Cell *cell = sheet_row(out);
        for (int c = 0; c < answer->n_columns; c++)
            if (answer->shown[c])
                (cell++)->text = cell_text(&answer->rows[r][c], format == OUTPUT_CSV, answer->arena);
    }
    bool ok = sheet_whole(out);
    int shown = 0;
    for (int c = 0; ok && c < answer->n_columns; c++) {
        bool real = false;
        for (int r = 0; r < answer->n_rows; r++) real |= answer->rows[r][c].kind == VALUE_REAL;
        if (answer->shown[c] && format == OUTPUT_TABLE && real) ok = align(out, shown, answer->arena);
        shown += answer->shown[c];
    }
    return ok || error_memory(err);
}

bool output_query(Store *store, const char *sql, double timeout_s, OutputFormat format, bool drop_empty,
                  bool only_changed, int fit, const OutputEdit *edit, Arena *arena, Text *out, Error *err)
{
    Answer answer = {.arena = arena, .edit = edit};
    QuerySink sink = {.row = take_row, .context = &answer};
    bool ok = store_query(store, sql, timeout_s, &sink, err);
    if (answer.too_much)
        ok = error_set(err, ERR_STORE, "the answer is larger than %d MiB; a LIMIT makes it less",
                       MOST_BYTES >> 20);
    else if (ok && answer.failed) ok = error_memory(err);
    if (ok) {
        Sheet sheet;
        hide(&answer, drop_empty, only_changed);
        ok = format == OUTPUT_JSON ? print_json(&answer, out) : to_sheet(&answer, format, &sheet, err);
        Text left_out = {0};
        if (ok && format == OUTPUT_TABLE) output_fit(&sheet, fit, &left_out);
        if (ok && format != OUTPUT_JSON) output_sheet(&sheet, format, fit, out);
        if (left_out.n > 0) text_add(out, left_out.bytes);
        text_free(&left_out);
        if (!ok || !text_ok(out)) ok = error_memory(err);
    }
    free(answer.rows);
    return ok;
}

/* ---- as wide as the terminal ---------------------------------------------------------------------- */

int output_width(const Cli *cli, OutputFormat format)
{
    bool fits = format == OUTPUT_TABLE && cli->verbose == 0 && isatty(STDOUT_FILENO);
    return fits ? width_of(STDOUT_FILENO, 0) : 0;
}

static const char *text_at(const Sheet *sheet, int row, int column)
{
    const char *text = row < 0 ? sheet->heading[column].title
        : sheet->cell[row * sheet->n_columns + column].text;
    return text ? text : "";
}

static int width_at(const Sheet *sheet, int column, bool *varies)
{
    int most = 0;
    *varies = sheet->n_rows < 2;
    for (int r = -1; r < sheet->n_rows; r++) {
        int width = columns_letters(text_at(sheet, r, column));
        most = width > most ? width : most;
        *varies |= r > 0 && strcmp(text_at(sheet, r, column), text_at(sheet, 0, column)) != 0;
    }
    return most;
}

static void take_out(Sheet *sheet, int column)
{
    const int n = sheet->n_columns;
    Cell *to = sheet->cell;
    for (int i = 0; i < sheet->n_rows * n; i++)
        if (i % n != column) *to++ = sheet->cell[i];
    memmove(sheet->heading + column, sheet->heading + column + 1,
            (size_t)(n - column - 1) * sizeof *sheet->heading);
    sheet->n_columns--;
}

void output_fit(Sheet *sheet, int fit, Text *out)
{
    enum { KEPT = 3, GAP = 2 };
    int total = -GAP, taken = 0;
    bool varies;
    Text names = {0};
    for (int c = 0; c < sheet->n_columns; c++) total += width_at(sheet, c, &varies) + GAP;
    for (int pass = 0; fit > 0 && pass < 2; pass++)
        for (int c = sheet->n_columns - 1; c >= KEPT && total > fit; c--) {
            int width = width_at(sheet, c, &varies);
            if (pass == 0 && varies) continue;
            total -= width + GAP;
            text_print(&names, "%s%s", taken++ ? ", " : "", sheet->heading[c].title);
            take_out(sheet, c);
        }
    Text line = {0};
    if (taken > 0 && text_ok(&names))
        text_print(&line, "\n%d column%s left out (-v shows all): %s\n", taken, taken == 1 ? " is" : "s are",
                   names.bytes);
    if (text_ok(&line) && line.n > 0) width_fold(line.bytes, fit, out);
    text_free(&line);
    text_free(&names);
}

Doc *output_answer(void)
{
    Doc *doc = doc_object();
    doc_set_number(doc, "schema", 1);
    return doc;
}

int output_doc(Doc *doc)
{
    Error err;
    Text text = {0};
    bool ok = doc_print(doc, 1, &text);
    text_add(&text, "\n");
    doc_free(doc);
    int code = ok ? cli_answer(&text) : cli_fail((error_memory(&err), &err));
    text_free(&text);
    return code;
}

static void print_cell(const char *cell, OutputFormat format, Text *out)
{
    if (format == OUTPUT_CSV) {
        text_csv(out, cell);
        return;
    }
    for (; *cell; cell++) {
        if (*cell == '|') text_add(out, "\\|");
        else text_add_n(out, *cell == '\n' ? " " : cell, 1);
    }
}

void output_sheet(const Sheet *sheet, OutputFormat format, int fit, Text *out)
{
    if (format == OUTPUT_TABLE) {
        sheet_print(sheet, fit, out);
        return;
    }
    bool csv = format == OUTPUT_CSV;
    for (int r = -1; r < sheet->n_rows; r++) {
        for (int c = 0; c < sheet->n_columns; c++) {
            const char *cell = r < 0 ? sheet->heading[c].title : sheet->cell[r * sheet->n_columns + c].text;
            text_add(out, c ? csv ? "," : " | " : csv ? "" : "| ");
            print_cell(cell ? cell : "", format, out);
        }
        text_add(out, csv ? "\n" : " |\n");
        if (csv || r >= 0) continue;
        for (int c = 0; c < sheet->n_columns; c++) text_add(out, c ? " --- |" : "| --- |");
        text_add(out, "\n");
    }
}

int output_lines(Text *text, int fit)
{
    Text folded = {0};
    if (fit > 0 && text_ok(text) && text->n > 0) width_fold(text->bytes, fit, &folded);
    int code = cli_answer(fit > 0 && text_ok(text) && text->n > 0 ? &folded : text);
    text_free(&folded);
    text_free(text);
    return code;
}
