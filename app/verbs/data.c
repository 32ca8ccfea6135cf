/* app/verbs/data.c - a data card: rows, columns, classes, and what looks wrong. */
#include "app/verbs/verbs.h"

#include <math.h>
#include <stdio.h>

#include "app/arguments.h"
#include "app/output.h"
#include "data/card.h"
#include "reports/columns.h"
#include "reports/sheets.h"

static const char *number_or_dash(const Doc *doc, Arena *arena)
{
    double number = doc_to_number(doc, NAN);
    char text[32];
    if (doc_kind(doc) == DOC_TEXT) return doc_to_text(doc, "-"); /* a date */
    if (isnan(number)) return "-";
    bool whole = fabs(number) < 1e9 && number == floor(number); /* counts are never 1.5e+05 */
    snprintf(text, sizeof text, whole ? "%.0f" : "%.5g", number);
    return arena_copy(arena, text);
}

/* One line a column; images have none. */
static bool print_features(const Doc *features, int fit, Arena *arena, Text *out)
{
    static const char *const titles[] = {"column", "type", "missing", "levels", "min", "median", "max", NULL};
    size_t n = doc_count(features);
    Sheet sheet;
    if (n == 0) return true;
    if (!sheet_plain(titles, n, arena, &sheet, NULL)) return false;
    for (size_t i = 0; i < n; i++) {
        const Doc *f = doc_at(features, i);
        Cell *row = sheet_row(&sheet);
        row[0].text = doc_to_text(doc_get(f, "name"), "?");
        row[1].text = doc_to_text(doc_get(f, "kind"), doc_to_text(doc_get(f, "type"), "?"));
        static const char *const keys[] = {"missing", "levels", "min", "median", "max"};
        for (int k = 0; k < 5; k++) {
            const Doc *cell = doc_get(f, keys[k]);
            bool list = doc_kind(cell) == DOC_ARRAY || doc_kind(cell) == DOC_OBJECT;
            row[2 + k].text = list ? arena_print(arena, "%zu", doc_count(cell)) : number_or_dash(cell, arena);
        }
    }
    if (!sheet_whole(&sheet)) return false;
    text_add(out, "\n");
    sheet_print(&sheet, fit, out);
    return true;
}

static void print_lines(const Doc *list, const char *prefix, Text *out)
{
    for (size_t i = 0; i < doc_count(list); i++) {
        const Doc *line = doc_at(list, i);
        text_print(out, "%s%s\n", prefix, doc_to_text(line, doc_to_text(doc_get(line, "text"), "?")));
    }
}

static bool print_card(const Table *table, const Doc *card, int fit, Arena *arena, Text *out)
{
    if (table->pixels)
        text_print(out, "%d images, %d x %d%s", table->n_rows, table->height, table->width,
                   pixels_colour(table->channels));
    else
        text_print(out, "%d row%s, %d column%s", table->n_rows, table->n_rows == 1 ? "" : "s",
                   table->n_columns, table->n_columns == 1 ? "" : "s");
    const int k = table->targets ? table->task.n_targets : 0;
    if (k == 0) text_print(out, ", %d class%s", table->n_classes, table->n_classes == 1 ? "" : "es");
    if (k > 1) text_print(out, ", %d %s", k, table->task.kind == TASK_LABELS ? "labels" : "targets");
    if (table->label_name && k < 2) text_print(out, ", label %s", table->label_name);
    text_print(out, "\nfingerprint %s\n", table->fingerprint);
    static const char *const titles[] = {"class", "rows", "share", NULL};
    Sheet sheet;
    int64_t *count = ARENA_NEW(arena, int64_t, table->n_classes + 1);
    if (!count || !sheet_plain(titles, (size_t)table->n_classes, arena, &sheet, NULL)) return false;
    for (int i = 0; table->labels && i < table->n_rows; i++)
        if (table->labels[i] >= 0) count[table->labels[i]]++;
    for (int c = 0; c < table->n_classes; c++) {
        Cell *row = sheet_row(&sheet);
        row[0].text = table->classes[c];
        row[1].text = arena_print(arena, "%lld", (long long)count[c]);
        row[2].text = arena_print(arena, "%.1f %%", 100.0 * (double)count[c] / table->n_rows);
    }
    if (!sheet_whole(&sheet)) return false;
    text_add(out, "\n");
    if (table->n_classes > 0) sheet_print(&sheet, fit, out);
    if (k > 0) {
        if (!sheet_card_targets(card, arena, &sheet, NULL) || !sheet_whole(&sheet)) return false;
        sheet_print(&sheet, fit, out);
    }
    if (!print_features(doc_get(card, "features"), fit, arena, out)) return false;
    text_add(out, "\n");
    print_lines(doc_get(card, "notes"), "note: ", out);
    print_lines(doc_get(card, "warnings"), "warning: ", out);
    return true;
}

int cmd_data_inspect(Cli *cli)
{
    Error err;
    ReadOptions read;
    Table *table;
    Text text = {0};
    DataFile file = {cli->arguments[0], cli_value(cli, "labels")};
    const int fit = output_width(cli, output_format(cli));
    if (!read_options(cli, &read, &err)) return cli_fail(&err);
    if (!table_open(&file, &read, NULL, cli->arena, &table, &err)) return cli_fail(&err);
    Doc *card = card_make(table, NULL);
    bool ok = card != NULL;
    if (ok && cli->json) {
        doc_set_number(card, "schema", 1);
        ok = doc_print(card, 1, &text);
        text_add(&text, "\n");
    } else if (ok) {
        ok = print_card(table, card, fit, cli->arena, &text);
    }
    doc_free(card);
    int code = ok ? output_lines(&text, fit) : cli_fail((error_memory(&err), &err));
    if (!ok) text_free(&text);
    return code;
}
