#include "app/verbs/verbs.h"

#include <math.h>
#include <stdio.h>

#include "job/place.h"
#include "reports/markdown.h"

static const char *number_or_dash(const Doc *doc, Arena *arena)
{
    double number = doc_to_number(doc, NAN);
    char text[32];
    if (isnan(number)) return "-";
    snprintf(text, sizeof text, "%.5g", number);
    return arena_copy(arena, text);
}

/* One line a column; images have none. */
static bool print_features(const Doc *features, Arena *arena, Text *out)
{
    const char *header[] = {"column", "type", "missing", "levels", "min", "median", "max", NULL};
    size_t n = doc_count(features);
    const char ***rows = ARENA_NEW(arena, const char **, n);
    if (n == 0) return true;
    if (!rows) return false;
    for (size_t i = 0; i < n; i++) {
        const Doc *f = doc_at(features, i);
        const char **row = ARENA_NEW(arena, const char *, 8);
        if (!row) return false;
        row[0] = doc_to_text(doc_get(f, "name"), "?");
        row[1] = doc_to_text(doc_get(f, "kind"), doc_to_text(doc_get(f, "type"), "?"));
        static const char *const keys[] = {"missing", "levels", "min", "median", "max"};
        for (int k = 0; k < 5; k++) {
            const Doc *cell = doc_get(f, keys[k]);
            bool list = doc_kind(cell) == DOC_ARRAY || doc_kind(cell) == DOC_OBJECT;
            row[2 + k] = list ? arena_print(arena, "%zu", doc_count(cell))
                              : number_or_dash(cell, arena);
            if (!row[2 + k]) return false;
        }
        rows[i] = row;
    }
    text_add(out, "\n");
    text_table(header, (const char *const *const *)rows, (int)n, out);
    return true;
}

static void print_lines(const Doc *list, const char *prefix, Text *out)
{
    for (size_t i = 0; i < doc_count(list); i++) {
        const Doc *line = doc_at(list, i);
        text_print(out, "%s%s\n", prefix, doc_to_text(line, doc_to_text(doc_get(line, "text"), "?")));
    }
}

static bool print_card(const Table *table, const Doc *card, Arena *arena, Text *out)
{
    if (table->pixels)
        text_print(out, "%d images, %d x %d", table->n_rows, table->height, table->width);
    else
        text_print(out, "%d rows, %d columns", table->n_rows, table->n_columns);
    text_print(out, ", %d classes", table->n_classes);
    if (table->label_name) text_print(out, ", label %s", table->label_name);
    text_print(out, "\nfingerprint %s\n", table->fingerprint);
    const char *header[] = {"class", "rows", "share", NULL};
    const char ***rows = ARENA_NEW(arena, const char **, table->n_classes + 1);
    int64_t *count = ARENA_NEW(arena, int64_t, table->n_classes + 1);
    if (!rows || !count) return false;
    for (int i = 0; table->labels && i < table->n_rows; i++)
        if (table->labels[i] >= 0) count[table->labels[i]]++;
    for (int c = 0; c < table->n_classes; c++) {
        const char **row = ARENA_NEW(arena, const char *, 4);
        if (!row) return false;
        row[0] = table->classes[c];
        row[1] = arena_print(arena, "%lld", (long long)count[c]);
        row[2] = arena_print(arena, "%.1f %%", 100.0 * (double)count[c] / table->n_rows);
        if (!row[1] || !row[2]) return false;
        rows[c] = row;
    }
    text_add(out, "\n");
    if (table->n_classes > 0)
        text_table(header, (const char *const *const *)rows, table->n_classes, out);
    if (!print_features(doc_get(card, "features"), arena, out)) return false;
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
    if (!read_options_of(cli, cli->arena, &read, &err)) return cli_fail(&err);
    if (!table_open(&file, &read, NULL, cli->arena, &table, &err)) return cli_fail(&err);
    Doc *card = card_make(table, NULL);
    bool ok = card != NULL;
    if (ok && cli->json) {
        ok = doc_print(card, 1, &text);
        text_add(&text, "\n");
    } else if (ok) {
        ok = print_card(table, card, cli->arena, &text);
    }
    doc_free(card);
    int code = ok ? cli_answer(&text) : cli_fail((error_memory(&err), &err));
    text_free(&text);
    return code;
}
