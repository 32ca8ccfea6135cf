/* The sections in order, each a list of tables. */
#include "reports/markdown.h"

#include <string.h>

#include "reports/sheets.h"

/* Text of the user's in Markdown: what would be markup is escaped, a line break is a blank. */
static void add_text(Text *out, const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20) text_add(out, " ");
        else if (*text == '<') text_add(out, "&lt;");
        else if (*text == '&') text_add(out, "&amp;");
        else if (strchr("\\|`*_[]#>", *text)) text_print(out, "\\%c", *text);
        else text_add_n(out, text, 1);
    }
}

static void add_sheet(const Sheet *sheet, Text *out)
{
    if (sheet->n_rows == 0) return;
    text_print(out, "**%s**\n\n|", sheet->caption);
    for (int c = 0; c < sheet->n_columns; c++) {
        const Heading *heading = &sheet->heading[c];
        text_add(out, " ");
        add_text(out, heading->title);
        text_add(out, heading->better > 0 ? " ↑ |" : heading->better < 0 ? " ↓ |" : " |");
    }
    text_add(out, "\n|");
    for (int c = 0; c < sheet->n_columns; c++)
        text_add(out, sheet->heading[c].number ? " ---: |" : " --- |");
    text_add(out, "\n");
    for (int r = 0; r < sheet->n_rows; r++) {
        text_add(out, "|");
        for (int c = 0; c < sheet->n_columns; c++) {
            const Cell *cell = &sheet->cell[r * sheet->n_columns + c];
            text_add(out, " ");
            add_text(out, cell->text ? cell->text : "");
            text_add(out, " |");
        }
        text_add(out, "\n");
    }
    text_add(out, "\n");
    if (sheet->note) {
        add_text(out, sheet->note);
        text_add(out, "\n\n");
    }
}

static void add_list(const Doc *list, Text *out)
{
    for (size_t i = 0; i < doc_count(list); i++) {
        text_add(out, "- ");
        add_text(out, doc_to_text(doc_at(list, i), ""));
        text_add(out, "\n");
    }
    if (doc_count(list)) text_add(out, "\n");
}

static void add_heading(Text *out, const char *title)
{
    text_print(out, "## %s\n\n", title);
}

typedef bool (*MakeSheet)(const Doc *doc, Arena *arena, Sheet *out, Error *err);

/* Nothing is written for a sheet without rows; the heading comes with the first that has some. */
static bool add_section(const char *title, const Doc *doc, const MakeSheet *make, int n, Arena *arena,
                        Text *out, Error *err)
{
    bool begun = false;
    for (int i = 0; i < n; i++) {
        Sheet sheet;
        if (!make[i](doc, arena, &sheet, err)) return false;
        if (sheet.n_rows > 0 && !begun) add_heading(out, title);
        begun = begun || sheet.n_rows > 0;
        add_sheet(&sheet, out);
    }
    return true;
}

static bool leaderboard(const Doc *document, Arena *arena, Sheet *out, Error *err)
{
    return sheet_leaderboard(document, 0, arena, out, err);
}

static bool confusion(const Doc *evaluation, Arena *arena, Sheet *out, Error *err)
{
    return sheet_confusion(evaluation, false, arena, out, err);
}

static bool write_all(const Doc *document, Arena *arena, Text *out, Error *err)
{
    static const MakeSheet data[] = {sheet_balance, sheet_features};
    static const MakeSheet search[] = {leaderboard, sheet_finalists, sheet_failures};
    static const MakeSheet important[] = {sheet_importance}, front[] = {sheet_front};
    static const MakeSheet detail[] = {sheet_per_class, confusion, sheet_confused,
                                       sheet_thresholds, sheet_segments};
    static const MakeSheet members[] = {sheet_members, sheet_calibration}, files[] = {sheet_deployment};
    static const MakeSheet scores[] = {sheet_rivals, sheet_scores}, provenance[] = {sheet_provenance};
    const Doc *verdict = doc_get(document, "verdict"), *card = doc_get(document, "card");
    const char *yaml = doc_to_text(doc_get(doc_get(document, "provenance"), "config_yaml"), NULL);
    text_add(out, "# ");
    add_text(out, doc_to_text(doc_get(doc_get(document, "study"), "name"), "study"));
    text_add(out, "\n\n**");
    add_text(out, doc_to_text(doc_get(verdict, "headline"), ""));
    text_add(out, "**\n\n");
    add_list(doc_get(verdict, "sentences"), out);
    if (doc_count(doc_get(verdict, "caveats"))) text_add(out, "Read with care:\n\n");
    add_list(doc_get(verdict, "caveats"), out);
    if (!add_section("Scores", document, scores, 2, arena, out, err)) return false;
    if (!add_section("Data", document, data, 2, arena, out, err)) return false;
    add_list(doc_get(card, "notes"), out);
    add_list(doc_get(card, "warnings"), out);
    if (!add_section("Search", document, search, 3, arena, out, err)) return false;
    if (!add_section("Front", doc_get(document, "front"), front, 1, arena, out, err)) return false;
    if (!add_section("What made the difference", doc_get(document, "importance"), important, 1, arena, out,
                     err))
        return false;
    if (!add_section("The winner in detail", sheet_evaluation(document, NULL), detail, 5, arena, out, err))
        return false;
    add_list(doc_get(sheet_evaluation(document, NULL), "warnings"), out);
    if (!add_section("Ensemble", document, members, 2, arena, out, err)) return false;
    if (!add_section("Deployment", document, files, 1, arena, out, err)) return false;
    if (!add_section("Provenance", document, provenance, 1, arena, out, err)) return false;
    if (!yaml || !*yaml) return true;
    /* Indented rather than fenced, so that no text can close the block. */
    text_add(out, "The configuration as it was resolved:\n\n    ");
    for (; *yaml; yaml++) {
        text_add_n(out, yaml, 1);
        if (*yaml == '\n' && yaml[1]) text_add(out, "    ");
    }
    text_add(out, "\n");
    return true;
}

bool markdown_write(const Doc *document, Text *out, Error *err)
{
    Arena *arena = arena_create(0);
    if (!arena) return error_memory(err);
    bool ok = write_all(document, arena, out, err);
    arena_destroy(arena);
    if (ok && !text_ok(out)) return error_memory(err);
    if (ok && out->n > 0) text_calm(out->bytes, out->n, true);
    return ok;
}

void markdown_sheet(const Sheet *sheet, Text *out)
{
    add_sheet(sheet, out);
}

void markdown_list(const Doc *list, Text *out)
{
    add_list(list, out);
}

void markdown_text(Text *out, const char *text)
{
    add_text(out, text);
}
