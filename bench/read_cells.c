/* bench/read_cells.c - every cell of a table as the readers of data/ give it, for bench/read_compare.py.
 *
 *     read_cells FILE [KEY VALUE]...      KEY as in the `data` section; `label none` unless it is said
 *
 * One JSON document: the notes, whether the names are the file's, and a line for each column: numbers with 17
 * digits and null for missing, words as places in `levels` and -1 for missing. `data inspect` reads so, too.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "data/read.h"

static bool take_options(int argc, char **argv, Arena *arena, ReadOptions *options, Error *err)
{
    if (!field_defaults(&read_fields, options, arena, err)) return false;
    static const char *none[] = {"none"};
    options->label = (TextList){1, none};
    for (int i = 2; i + 1 < argc; i += 2) {
        Value value = value_text(argv[i + 1]);
        if (!field_assign(&read_fields, argv[i], &value, options, arena, err)) return false;
    }
    return true;
}

static void add_texts(Text *out, const char *key, const char *const *texts, int n)
{
    text_print(out, "\"%s\": [", key);
    for (int i = 0; i < n; i++) {
        text_add(out, i ? ", " : "");
        text_json(out, texts[i]);
    }
    text_add(out, "]");
}

static void add_codes(Text *out, const int32_t *code, int n)
{
    for (int i = 0; i < n; i++) text_print(out, i ? ",%d" : "%d", code[i]);
    text_add(out, "]");
}

static void add_column(Text *out, const Column *column, int n_rows)
{
    text_add(out, "  {\"name\": ");
    text_json(out, column->name);
    text_print(out, ", \"style\": \"%s\", ", number_style_names[column->style]);
    if (column->kind == COLUMN_NOMINAL) {
        add_texts(out, "levels", column->levels, column->n_levels);
        text_add(out, ", \"codes\": [");
        add_codes(out, column->code, n_rows);
    } else {
        text_add(out, "\"numbers\": [");
        for (int i = 0; i < n_rows; i++) {
            double value = column_number(column, i);
            text_add(out, i ? "," : "");
            if (isnan(value)) text_add(out, "null");
            else text_print(out, "%.17g", value);
        }
        text_add(out, "]");
    }
    text_add(out, "}");
}

static void add_pixels(Text *out, const Table *table)
{
    static const char digits[] = "0123456789abcdef";
    size_t n = (size_t)table->n_rows * (size_t)table->height * (size_t)table->width;
    text_print(out, ",\n \"height\": %d, \"width\": %d, \"pixels\": \"", table->height, table->width);
    for (size_t i = 0; i < n; i++) {
        char two[2] = {digits[table->pixels[i] >> 4], digits[table->pixels[i] & 15]};
        text_add_n(out, two, 2);
    }
    text_add(out, "\"");
}

static void add_table(Text *out, const Table *table)
{
    static const char *const origins[] = {"unsaid", "file", "place"};
    text_print(out, "{\"rows\": %d, \"names\": \"%s\", \"decimal_comma\": %s, \"fingerprint\": \"%s\",\n ",
               table->n_rows, origins[table->rules.names], table->rules.decimal_comma ? "true" : "false",
               table->fingerprint);
    add_texts(out, "notes", table->notes, table->n_notes);
    if (table->label_name) {
        text_add(out, ",\n \"label\": ");
        text_json(out, table->label_name);
        text_add(out, ", ");
        add_texts(out, "classes", table->classes, table->n_classes);
        text_add(out, ", \"labels\": [");
        add_codes(out, table->labels, table->n_rows);
    }
    text_add(out, ",\n \"columns\": [");
    for (int i = 0; i < table->n_columns; i++) {
        text_add(out, i ? ",\n" : "\n");
        add_column(out, &table->columns[i], table->n_rows);
    }
    text_add(out, "]");
    if (table->pixels) add_pixels(out, table);
    text_add(out, "}\n");
}

int main(int argc, char **argv)
{
    Error err;
    Table *table;
    ReadOptions options;
    Text out = {0};
    Arena *arena = arena_create(0);
    if (!arena || argc < 2 || argc % 2) return fprintf(stderr, "read_cells FILE [KEY VALUE]...\n"), 2;
    DataFile file = {argv[1], NULL};
    bool ok = take_options(argc, argv, arena, &options, &err)
           && table_read(&file, &options, NULL, arena, &table, &err);
    if (ok) add_table(&out, table);
    if (ok && text_ok(&out)) fwrite(out.bytes, 1, out.n, stdout);
    else fprintf(stderr, "%s\n", ok ? "out of memory" : err.message);
    bool written = ok && text_ok(&out);
    text_free(&out);
    arena_destroy(arena);
    return written ? 0 : 3;
}
