/* data/read_csv.c - comma-separated values, as RFC 4180 and as people write them.
 *
 * The text is walked once, which settles the types and stores what can be stored on the way
 * (data/csv_survey.h); if some column turned out to be another kind than its first cells, once more for those.
 * No cell is kept as text in between, so a file costs its table and no more.
 *
 * Where ';' separates, a comma may be the decimal point (3,14), as spreadsheets write it in most of
 * Europe.
 */
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "data/csv_header.h"
#include "data/csv_start.h"
#include "data/csv_survey.h"
#include "data/read_csv.h"

enum { GIVEN_BACK = 1 << 20 }; /* bytes at a time */

/* ---- header ---- */

static bool cell_is(const Cell *cell, const char *text)
{
    return strncmp(cell->text, text, cell->n) == 0 && text[cell->n] == '\0';
}

static bool names_a_cell(const Cell *cells, int n, const char *name)
{
    for (int i = 0; i < n; i++)
        if (cell_is(&cells[i], name)) return true;
    return false;
}

static bool list_names_a_cell(const Cell *cells, int n, const TextList *list)
{
    double number;
    for (int i = 0; i < list->n; i++)
        if (!reading_number(list->items[i], strlen(list->items[i]), false, &number) &&
            names_a_cell(cells, n, list->items[i]))
            return true;
    return false;
}

static bool options_name_a_cell(const ReadOptions *o, const Cell *cells, int n)
{
    return list_names_a_cell(cells, n, &o->label) || list_names_a_cell(cells, n, &o->features) ||
           list_names_a_cell(cells, n, &o->drop) || list_names_a_cell(cells, n, &o->numeric) ||
           list_names_a_cell(cells, n, &o->nominal);
}

static int count_cells(const Cell *cells, int n, const char *name, size_t length)
{
    int found = 0;
    for (int k = 0; k < n; k++)
        found += cells[k].n == length && strncasecmp(cells[k].text, name, length) == 0;
    return found;
}

/* A name that was made of a cell, as reader_plan.c does: `note_2` of the second `note`, `unnamed_1` of none. */
static bool made_of_cells(const Cell *cells, int n, const char *name)
{
    const char *bar = strrchr(name, '_');
    if (!bar || !bar[1] || bar[1 + strspn(bar + 1, "0123456789")]) return false;
    if (strncmp(name, "unnamed_", 8) == 0) return count_cells(cells, n, "", 0) > 0;
    return count_cells(cells, n, name, (size_t)(bar - name)) > 1;
}

/* With a model a first record is a header when it holds the model's names, whatever their case: half of those
 * that are words, one at least as it stands; of names that are numbers all, for they may be cells. */
static bool schema_names_a_header(const Schema *schema, const Cell *cells, int n)
{
    if (schema->rules.layout.names_in_row) return false; /* it has to be said */
    int words = 0, here = 0, made = 0, numbers = 0, numbers_here = 0;
    const char *label = schema->label_name;
    double number;
    bool sure = label && !reading_number(label, strlen(label), false, &number)
             && count_cells(cells, n, label, strlen(label)) > 0;
    for (int i = 0; i < schema->n_columns; i++) {
        const char *name = schema->columns[i].name;
        bool found = count_cells(cells, n, name, strlen(name)) > 0;
        if (reading_number(name, strlen(name), false, &number)) {
            numbers++;
            numbers_here += found;
            continue;
        }
        words++;
        here += found;
        made += !found && made_of_cells(cells, n, name);
    }
    if (words == 0) return numbers_here == numbers;
    return (sure || here > 0 || made == words) && (here + made) * 2 >= words;
}

/* ---- the file ---- */

static bool take_names(Reading *r, const Scanner *s, bool header, Error *err)
{
    if (!header) return reading_plan(r, NULL, s->n_cells, err);
    const char **names = ARENA_NEW(r->arena, const char *, s->n_cells);
    if (!names) return error_memory(err);
    for (int i = 0; i < s->n_cells; i++) {
        names[i] = arena_copy_n(r->arena, s->cells[i].text, s->cells[i].n);
        if (!names[i]) return error_memory(err);
    }
    return reading_plan(r, names, s->n_cells, err);
}

static bool has_header(Reading *r, const Scanner *first)
{
    if (r->options->header != HEADER_AUTO) return r->options->header == HEADER_YES;
    if (r->schema && r->schema->n_columns > 0)
        return schema_names_a_header(r->schema, first->cells, first->n_cells);
    if (options_name_a_cell(r->options, first->cells, first->n_cells)) return true;
    Scanner after = scan_from(first);
    bool header = csv_looks_like_header(r, &after, first->cells, first->n_cells);
    scan_free(&after);
    return header;
}

/* Does the first record of a file without a header read like one, to a model that knows column_3? */
static bool names_in_row(const Scanner *first)
{
    for (int i = 0; i < first->n_cells; i++)
        if (first->cells[i].n >= 6 && strncasecmp(first->cells[i].text, "column", 6) == 0) return true;
    return false;
}

/* ---- the beginning, as the training file had it ---- */

typedef enum { BEGINS_OTHERWISE = -1, BEGINS_WITH_ROW, BEGINS_WITH_HEADER } Begin;

typedef struct {
    Scanner file; /* at the beginning, with what is known of it */
    Begin as_trained;
    Layout layout;
} Start;

static bool holds_all_names(const Schema *schema, const Cell *cells, int n)
{
    for (int i = 0, at = 0; i < schema->n_columns; i++) { /* mostly they stand in the model's order */
        int k = 0;
        while (k < n && !cell_is(&cells[(at + k) % n], schema->columns[i].name)) k++;
        if (k < n) at = (at + k + 1) % n;
        else if (!made_of_cells(cells, n, schema->columns[i].name)) return false;
    }
    return true;
}

/* A title or a remark may happen to have as many fields as a row. */
static bool goes_on_alike(const Scanner *first)
{
    Scanner next = scan_from(first);
    Scan scan = scan_record(&next, NULL);
    bool alike = scan == RECORD_END || (scan == RECORD && next.n_cells == first->n_cells);
    scan_free(&next);
    return alike;
}

static Begin begin_of_first(const Reading *r, const Start *start, const Scanner *first, bool short_header)
{
    const Schema *model = r->schema;
    const Layout *here = &start->layout, *trained = &model->rules.layout;
    const Cell *cells = first->cells;
    int n = first->n_cells, header = r->options->header;
    bool skipped = here->skip && r->options->skip < 0; /* because the options of training said so */
    if (!schema_by_place(model)) {
        if (header != HEADER_NO && holds_all_names(model, cells, n)) return BEGINS_WITH_HEADER;
        bool named = header != HEADER_NO && schema_names_a_header(model, cells, n);
        bool fits = n > 1 && !short_header && schema_takes_fields(model, n) && goes_on_alike(first);
        bool other = header == HEADER_YES || named || !fits || skipped || here->titles;
        return other ? BEGINS_OTHERWISE : BEGINS_WITH_ROW;
    }
    if (header == HEADER_AUTO && schema_names_a_header(model, cells, n)) return BEGINS_WITH_HEADER;
    bool fits = n == trained->width || (model->label_name && n > 1 && n == trained->width - 1);
    if (short_header || !fits || !goes_on_alike(first)) return BEGINS_OTHERWISE;
    if (header == HEADER_YES) return BEGINS_WITH_HEADER;
    bool lost = skipped && !trained->skipped_rows && csv_skips_a_row(&start->file, here->skip, n);
    return lost ? BEGINS_OTHERWISE : BEGINS_WITH_ROW;
}

static void know_file(Start *start, const Scanner *found)
{
    start->file.delimiter = found->delimiter;
    start->file.comment = found->comment;
}

/* Moves to the first record, if the file begins `as` the training file did. Else nothing has happened. */
static void try_layout(Reading *r, Scanner *s, const Layout *as, Start *start)
{
    int n_notes = r->n_notes;
    Scanner rows = scan_from(s);
    if (csv_find_start(r, &rows, as, &start->layout, NULL)) {
        Scanner first = scan_from(&rows);
        int n_found = r->n_notes;
        know_file(start, &rows);
        if (scan_record(&first, NULL) == RECORD) {
            first.one_column = first.n_cells == 1;
            bool short_header = csv_choose_cut(r, &first);
            start->as_trained = begin_of_first(r, start, &first, short_header);
        }
        r->n_notes = n_found; /* that of the cut comes again */
        scan_free(&first);
    }
    if (start->as_trained == BEGINS_OTHERWISE) r->n_notes = n_notes;
    else *s = rows;
}

/* What was decided of the training file holds, and nothing is guessed, if this one begins so, or with no more
 * than its table. */
static void begin_as_trained(Reading *r, Scanner *s, Start *start)
{
    if (!r->schema || !r->schema->rules.layout.width) return;
    Layout as = r->schema->rules.layout;
    try_layout(r, s, &as, start);
    if (start->as_trained != BEGINS_OTHERWISE || !(as.skip || as.titles)) return;
    as.skip = as.titles = 0;
    try_layout(r, s, &as, start);
}

/* ---- all of it ---- */

/* What a model will keep of how the file lies. */
static bool keep_layout(Reading *r, Start *start, Error *err)
{
    Layout *kept = &r->rules.layout;
    *kept = start->layout;
    kept->label = r->label;
    kept->skipped_rows = csv_skips_a_row(&start->file, kept->skip, kept->width);
    if (kept->comment && !(kept->comment = arena_copy(r->arena, kept->comment))) return error_memory(err);
    return true;
}

/* The header, if there is one, and what each column is for. */
static bool take_header(Reading *r, Scanner *s, Start *start, Error *err)
{
    Scanner first = scan_from(s);
    Scan scan = scan_record(s, err);
    if (scan == RECORD_BAD) return false;
    if (scan == RECORD_END) return error_set(err, ERR_DATA, "%s: the file is empty", r->path);
    s->one_column = first.one_column = s->n_cells == 1;
    bool header = csv_choose_cut(r, s);
    if (start->as_trained != BEGINS_OTHERWISE) header = start->as_trained == BEGINS_WITH_HEADER;
    else header = header || has_header(r, s);
    first.cut = s->cut;
    first.width = s->width;
    if (!take_names(r, s, header, err)) return false;
    start->layout.width = r->n_columns;
    start->layout.names_in_row = !header && names_in_row(s);
    if (!r->schema && !keep_layout(r, start, err)) return false;
    if (!header && !r->schema)
        reading_note(r, "no header line was found; columns are called column_1 to column_%d",
                     r->n_columns);
    if (!header) {
        scan_free(s);
        *s = first;
    }
    return true;
}

bool csv_rows(Reading *r, Scanner *s, Error *err)
{
    Scanner data = scan_from(s);
    int n_rows = 0;
    bool all = true;
    if (!csv_survey(r, s, &n_rows, err) || !reading_start(r, n_rows, err)) return false;
    for (int i = 0; i < r->n_columns; i++)
        all = all && (r->columns[i].stored || r->columns[i].role == ROLE_IGNORED);
    scan_free(s);
    *s = all ? data : scan_again(&data);
    const char *kept = s->at; /* the text goes as the table comes, so that they never are there both in full */
    for (int row = 0; row < n_rows && !all; row++) {
        if (r->own_text && s->at - kept > GIVEN_BACK) {
            bytes_done(kept, s->at);
            kept = s->at;
        }
        scan_done(s);
        const Scan scan = scan_record(s, err);
        if (scan == RECORD_BAD) return false;
        if (scan == RECORD_END || s->n_cells != r->n_columns) /* it is read from the disk again */
            return error_set(err, ERR_DATA, "%s changed while it was read", r->path);
        for (int i = 0; i < r->n_columns; i++) {
            const Cell *cell = &s->cells[i];
            if (!r->columns[i].stored
                && !reading_cell(r, row, i, cell->text, cell->n, reading_is_missing(r, cell->text, cell->n),
                                 s->record_line, err))
                return false;
        }
    }
    return true;
}

bool csv_begin(Reading *r, Scanner *s, Error *err)
{
    Start start = {.file = *s, .as_trained = BEGINS_OTHERWISE};
    begin_as_trained(r, s, &start);
    if (start.as_trained == BEGINS_OTHERWISE) {
        if (!csv_find_start(r, s, NULL, &start.layout, err)) return false;
        know_file(&start, s);
    }
    int decimal = r->options->decimal;
    if (!r->schema && decimal == DECIMAL_COMMA) r->rules.decimal_comma = true;
    if (decimal != DECIMAL_AUTO) r->decimal_comma = decimal == DECIMAL_COMMA;
    else r->decimal_comma = r->decimal_comma || s->delimiter == ';';
    return take_header(r, s, &start, err);
}

bool read_csv(Reading *r, const char *bytes, size_t n, Table **out, Error *err)
{
    Scanner s = {.path = r->path, .at = bytes, .end = bytes + n, .pieces = r->pieces, .line = 1,
                 .delimiter = ','};
    bool ok = csv_begin(r, &s, err) && csv_rows(r, &s, err);
    scan_free(&s);
    return ok && reading_finish(r, out, err);
}
