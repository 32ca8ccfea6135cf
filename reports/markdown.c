/* The sections in order, each a list of tables. */
#include "reports/markdown.h"

#include <string.h>

#include "reports/sheets.h"

/* Text of the user's in Markdown: what would be markup is escaped, a line break is a blank. A ">" or "#" is
 * markup at the beginning of a line alone, so only there. */
static void add_some(Text *out, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char c = text[i];
        if ((unsigned char)c < 0x20) text_add(out, " ");
        else if (c == '<') text_add(out, "&lt;");
        else if (c == '&') text_add(out, "&amp;");
        else if (strchr("\\|`*_[]", c) || (i == 0 && strchr("#>", c))) text_print(out, "\\%c", c);
        else text_add_n(out, text + i, 1);
    }
}

static void add_text(Text *out, const char *text)
{
    add_some(out, text, strlen(text));
}

/* Code ends where the next backtick is, for us as for a reader of Markdown: what stands after it is escaped. */
static void add_code(Text *out, const char *code, size_t n)
{
    text_add(out, "`");
    for (size_t i = 0; i < n; i++) {
        if ((unsigned char)code[i] < 0x20) text_add(out, " ");
        else if (code[i] == '|') text_add(out, "\\|"); /* a cell would end there */
        else text_add_n(out, code + i, 1);
    }
    text_add(out, "`");
}

/* Our own sentences: what stands between backticks is code. */
static void add_prose(Text *out, const char *text)
{
    const char *open, *close;
    while ((open = strchr(text, '`')) && (close = strchr(open + 1, '`'))) {
        if (close == open + 1 || close[1] == '`') break; /* a longer fence: not of ours */
        add_some(out, text, (size_t)(open - text));
        add_code(out, open + 1, (size_t)(close - open - 1));
        text = close + 1;
    }
    add_text(out, text);
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
            if (sheet->prose) add_prose(out, cell->text ? cell->text : "");
            else add_text(out, cell->text ? cell->text : "");
            text_add(out, " |");
        }
        text_add(out, "\n");
    }
    text_add(out, "\n");
    if (sheet->note) {
        add_prose(out, sheet->note);
        text_add(out, "\n\n");
    }
}

static void add_list(const Doc *list, Text *out)
{
    for (size_t i = 0; i < doc_count(list); i++) {
        text_add(out, "- ");
        add_prose(out, doc_to_text(doc_at(list, i), ""));
        text_add(out, "\n");
    }
    if (doc_count(list)) text_add(out, "\n");
}

static void add_heading(Text *out, const char *title)
{
    text_print(out, "## %s\n\n", title);
}

typedef bool (*MakeSheet)(const Doc *document, Arena *arena, Sheet *out, Error *err);

static bool leaderboard(const Doc *document, Arena *arena, Sheet *out, Error *err)
{
    return sheet_leaderboard(document, 0, arena, out, err);
}

static bool front(const Doc *document, Arena *arena, Sheet *out, Error *err)
{
    return sheet_front(doc_get(document, "front"), arena, out, err);
}

static bool importance(const Doc *document, Arena *arena, Sheet *out, Error *err)
{
    return sheet_importance(doc_get(document, "importance"), arena, out, err);
}

static bool hosts(const Doc *document, Arena *arena, Sheet *out, Error *err)
{
    enum { MOST = 40 };
    return sheet_hosts(doc_get(document, "crew"), MOST, arena, out, err);
}

static bool per_class(const Doc *document, Arena *arena, Sheet *out, Error *err)
{
    return sheet_per_class(sheet_evaluation(document, NULL), arena, out, err);
}

static bool confusion(const Doc *document, Arena *arena, Sheet *out, Error *err)
{
    return sheet_confusion(sheet_evaluation(document, NULL), false, arena, out, err);
}

/* Of two classes the matrix has the pairs already. */
static bool confused(const Doc *document, Arena *arena, Sheet *out, Error *err)
{
    const Doc *evaluation = sheet_evaluation(document, NULL);
    return sheet_confused(doc_count(doc_get(evaluation, "confusion")) > 2 ? evaluation : NULL, arena, out, err);
}

static bool thresholds(const Doc *document, Arena *arena, Sheet *out, Error *err)
{
    return sheet_thresholds(sheet_evaluation(document, NULL), arena, out, err);
}

#define OF_EVALUATION(name)                                                                     \
    static bool name(const Doc *document, Arena *arena, Sheet *out, Error *err)                 \
    {                                                                                           \
        return sheet_##name(sheet_evaluation(document, NULL), arena, out, err);                 \
    }
OF_EVALUATION(targets)
OF_EVALUATION(labels)
OF_EVALUATION(intervals)
OF_EVALUATION(sets)
OF_EVALUATION(quantiles)
OF_EVALUATION(sizes)
OF_EVALUATION(worst)

static bool card_targets(const Doc *document, Arena *arena, Sheet *out, Error *err)
{
    return sheet_card_targets(doc_get(document, "card"), arena, out, err);
}

static bool segments(const Doc *document, Arena *arena, Sheet *out, Error *err)
{
    return sheet_segments(sheet_evaluation(document, NULL), arena, out, err);
}

static bool layers(const Doc *document, Arena *arena, Sheet *out, Error *err)
{
    return sheet_layers(doc_get(document, "inside"), arena, out, err);
}

static bool permutation(const Doc *document, Arena *arena, Sheet *out, Error *err)
{
    return sheet_permutation(doc_get(document, "inside"), arena, out, err);
}

/* In the order of the page (html.c). */
enum { MOST_SHEETS = 16 };
static const struct {
    const char *title;
    MakeSheet make[MOST_SHEETS]; /* ends with NULL */
} sections[] = {
    {"Scores", {sheet_rivals, sheet_scores}},
    {"The winner in detail", {per_class, confusion, confused, thresholds, targets, labels, intervals, sets,
                              quantiles, sizes, worst, segments}},
    {"Inside", {layers, permutation}},
    {"Ensemble", {sheet_members, sheet_calibration}},
    {"Leaderboard", {leaderboard, sheet_finalists}},
    {"Search", {front, importance, sheet_ablation, sheet_levels, hosts, sheet_failures}},
    {"Data", {sheet_balance, card_targets, sheet_features}},
    {"Deployment", {sheet_deployment}},
    {"Provenance", {sheet_provenance}},
};

/* Nothing is written for a sheet without rows; the heading comes with the first that has some. */
static bool add_section(const char *title, const MakeSheet *make, const Doc *document, Arena *arena, Text *out,
                        Error *err)
{
    bool begun = false;
    for (int i = 0; i < MOST_SHEETS && make[i]; i++) {
        Sheet sheet;
        if (!make[i](document, arena, &sheet, err)) return false;
        if (sheet.n_rows > 0 && !begun) add_heading(out, title);
        begun = begun || sheet.n_rows > 0;
        add_sheet(&sheet, out);
    }
    return true;
}

static void split_said(const Doc *card, Text *out)
{
    Text said = {0};
    sheet_split_said(card, &said);
    if (said.n && text_ok(&said)) {
        add_text(out, said.bytes + 1);
        text_add(out, "\n\n");
    }
    text_free(&said);
}

static bool write_all(const Doc *document, Arena *arena, Text *out, Error *err)
{
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
    const char *thinned = doc_to_text(doc_get(doc_get(document, "trials"), "note"), NULL);
    for (size_t s = 0; s < sizeof sections / sizeof *sections; s++) {
        if (!add_section(sections[s].title, sections[s].make, document, arena, out, err)) return false;
        if (strcmp(sections[s].title, "The winner in detail") == 0)
            add_list(doc_get(sheet_evaluation(document, NULL), "warnings"), out);
        if (strcmp(sections[s].title, "Search") == 0 && thinned) {
            add_text(out, thinned);
            text_add(out, "\n\n");
        }
        if (strcmp(sections[s].title, "Data") != 0) continue;
        split_said(card, out);
        add_list(doc_get(card, "notes"), out);
        add_list(doc_get(card, "warnings"), out);
    }
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
