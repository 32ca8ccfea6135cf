/* app/verbs/preview.c - what a configuration trains on: first rows as read and as encoded, pictures as
 * augmented. */
#include "app/verbs/verbs.h"

#include <math.h>
#include <string.h>

#include "app/sweeping.h"
#include "job/kind.h"
#include "job/preview.h"
#include "reports/columns.h"
#include "reports/sheets.h"
#include "reports/inside_text.h"

enum { SHOWN_ROWS = 3, SHOWN_COLUMNS = 100, NAME = 26, CELL = 16 /* letters: 80 columns in all */ };

static const char *cut(const char *text, int letters, Arena *arena)
{
    Text out = {0};
    columns_cut(&out, text, letters);
    const char *copy = text_ok(&out) && out.n ? arena_copy(arena, out.bytes) : *text ? NULL : "";
    text_free(&out);
    return sheet_or_dash(copy);
}

/* A line a column as read, and one for each feature that is made of it. */
static bool print_rows(const Doc *preview, Arena *arena, Text *out, Error *err)
{
    const Doc *columns = doc_get(preview, "columns"), *rows = doc_get(preview, "rows");
    const size_t n = doc_count(rows);
    size_t lines = 1;
    Sheet sheet;
    for (size_t c = 0; c < doc_count(columns); c++) lines += 2
        + doc_count(doc_get(doc_at(columns, c), "features"));
    if (!sheet_create("rows", "", n + 1, lines, arena, &sheet, err)) return false;
    sheet_column(&sheet, "row", false, 0, NULL);
    for (size_t i = 0; i < n; i++)
        sheet_column(&sheet, sheet_count(arena, doc_to_number(doc_at(rows, i), NAN)), false, 0, NULL);
    for (size_t c = 0; c < doc_count(columns) && c < SHOWN_COLUMNS; c++) {
        const Doc *column = doc_at(columns, c), *features = doc_get(column, "features");
        Cell *cell = sheet_row(&sheet);
        const char *name = sheet_text(column, "name");
        (cell++)->text = cut(name, NAME, arena);
        for (size_t i = 0; i < n; i++)
            (cell++)->text = cut(doc_to_text(doc_at(doc_get(column, "read"), i), ""), CELL, arena);
        for (size_t k = 0; k < doc_count(features); k++) {
            const Doc *feature = doc_at(features, k), *values = doc_get(feature, "values");
            cell = sheet_row(&sheet);
            const char *of = sheet_text(feature, "name");
            size_t n_name = strlen(name); /* below its column a feature need not say it again */
            if (strncmp(of, name, n_name) == 0 && of[n_name] == ' ') of += n_name + 1;
            (cell++)->text = sheet_or_dash(arena_print(arena, "  -> %s", cut(of, NAME - 5, arena)));
            for (size_t i = 0; i < n; i++)
                (cell++)->text =
                    sheet_or_dash(arena_print(arena, "%.4g", doc_to_number(doc_at(values, i), NAN)));
        }
        double more = doc_to_number(doc_get(column, "more"), 0);
        if (!(more > 0)) continue;
        cell = sheet_row(&sheet);
        for (size_t i = 0; i <= n; i++) cell[i].text = "";
        cell[0].text = sheet_or_dash(arena_print(arena, "  -> and %.0f more", more));
    }
    Cell *cell = sheet_row(&sheet);
    (cell++)->text = "class";
    for (size_t i = 0; i < n; i++)
        (cell++)->text = cut(doc_to_text(doc_at(doc_get(preview, "labels"), i), ""), CELL, arena);
    if (!sheet_whole(&sheet)) return error_memory(err);
    sheet_print(&sheet, 0, out);
    if (doc_count(columns) > SHOWN_COLUMNS)
        text_print(out, "and %zu more columns\n", doc_count(columns) - SHOWN_COLUMNS);
    return true;
}

static bool augmented(const Cli *cli, const Config *config, const Data *data, Text *out, Error *err)
{
    Doc *sheet = NULL;
    const char *path = cli_value(cli, "out");
    bool ok = preview_asked(config, data->train, cli->arena, &sheet, err)
           && (!path || preview_page(config, sheet, path, err));
    if (ok && cli->json) {
        doc_set_number(sheet, "schema", 1);
        ok = doc_print(sheet, 1, out) || error_memory(err);
        text_add(out, "\n");
    } else if (ok && path) {
        text_print(out, "%s\n", path);
    } else if (ok) {
        augmented_text(sheet, cli->arena, out);
    }
    doc_free(sheet);
    return ok;
}

static bool rows(const Cli *cli, const Config *config, const Data *data, Text *out, Error *err)
{
    Doc *preview = NULL;
    bool pictures = data->train->pixels != NULL;
    bool ok = pictures ? preview_pictures(data->train, cli->arena, &preview, err)
                       : preview_rows(config, data, SHOWN_ROWS, cli->arena, &preview, err);
    if (ok && cli->json) {
        doc_set_number(preview, "schema", 1);
        ok = doc_print(preview, 1, out) || error_memory(err);
        text_add(out, "\n");
    } else if (ok && pictures) {
        augmented_text(preview, cli->arena, out);
    } else if (ok) {
        Text said = {0};
        ok = print_rows(preview, cli->arena, out, err);
        sheet_split_said(preview, &said);
        if (said.n && text_ok(&said)) text_print(out, "\n%s\n", said.bytes + 1);
        text_free(&said);
    }
    doc_free(preview);
    return ok;
}

int cmd_data_preview(Cli *cli)
{
    Error err;
    Config *config;
    Data data = {0};
    Text text = {0};
    bool augment = cli_flag(cli, "augment");
    if (!sweeping_config(cli, &config, &err)) return cli_fail(&err);
    if (cli_value(cli, "out") && !augment)
        return cli_fail((error_set(&err, ERR_CONFIG, "--out is for the page of --augment"), &err));
    if (config->kind->trains && !data_load(config, cli->arena, &data, &err)) return cli_fail(&err);
    bool ok = (augment || !data.train ? augmented : rows)(cli, config, &data, &text, &err);
    int code = ok ? cli_answer(&text) : cli_fail(&err);
    text_free(&text);
    return code;
}
