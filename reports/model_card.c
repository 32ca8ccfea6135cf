/* reports/model_card.c - the sections of a model card, in the order of Mitchell et al. */
#include "reports/model_card.h"

#include <math.h>
#include <string.h>

#include "base/names.h"
#include "reports/markdown.h"
#include "reports/sheets.h"

static void heading(Text *out, const char *title)
{
    text_print(out, "## %s\n\n", title);
}

/* "- **key**: text", with what is not known left out. */
static void item(Text *out, const char *key, const char *text)
{
    if (!text || !*text) return;
    text_print(out, "- **%s**: ", key);
    markdown_text(out, text);
    text_add(out, "\n");
}

static void code_item(Text *out, const char *key, const char *text)
{
    if (text && *text) text_print(out, "- **%s**: `%s`\n", key, text);
}

static void owners(const Doc *card, const char *key, const char *title, Text *out)
{
    const char *text = doc_to_text(doc_get(doc_get(card, "owner"), key), NULL);
    text_print(out, "- **%s**: ", title);
    if (text) markdown_text(out, text);
    else text_print(out, "*to be filled in (`owner.%s` of the card's JSON)*", key);
    text_add(out, "\n");
}

static const char *names_of(const Doc *list, const char *key, Arena *arena)
{
    enum { SHOWN = 20 };
    const size_t n = doc_count(list);
    const char *text = "";
    for (size_t i = 0; text && i < n && i < SHOWN; i++) {
        const char *word = doc_to_text(key ? doc_get(doc_at(list, i), key) : doc_at(list, i), "?");
        const char *quote = names_quote(word);
        text = arena_print(arena, "%s%s%s%s%s", text, i ? ", " : "", quote, word, quote);
    }
    return text && n > SHOWN ? arena_print(arena, "%s and %zu more", text, n - SHOWN) : text;
}

static const char *number_of(const Doc *doc, const char *key, Arena *arena)
{
    const double x = doc_to_number(doc_get(doc, key), NAN);
    return isnan(x) ? NULL : sheet_count(arena, x);
}

static void add_details(const Doc *card, Arena *arena, Text *out)
{
    const Doc *model = doc_get(card, "model");
    const size_t members = doc_count(doc_get(model, "members"));
    const bool one = sheet_number(model, "networks") == 1;
    heading(out, "Model details");
    item(out, "Kind", arena_print(arena, "%s neural network%s (%s) in %zu member%s, %s weights",
                                  sheet_or_dash(number_of(model, "networks", arena)), one ? "" : "s",
                                  one ? "a multi-layer perceptron" : "multi-layer perceptrons", members,
                                  members == 1 ? "" : "s", sheet_or_dash(number_of(model, "n_params", arena))));
    item(out, "Made with", arena_print(arena, "Consort %s", sheet_text(model, "made_with")));
    item(out, "Size of the model file", sheet_bytes(arena, sheet_number(model, "bytes")));
    code_item(out, "SHA-256 of the model file", doc_to_text(doc_get(model, "sha256"), NULL));
    owners(card, "license", "Licence", out);
    owners(card, "contact", "Contact", out);
    text_add(out, "\n");
}

static void add_use(const Doc *card, Arena *arena, Text *out)
{
    const Doc *predicts = doc_get(card, "predicts"), *image = doc_get(card, "image");
    const Doc *classes = doc_get(predicts, "classes"), *targets = doc_get(predicts, "targets");
    const char *names = classes ? names_of(classes, NULL, arena) : names_of(targets, "name", arena);
    const char *label = doc_to_text(doc_get(predicts, "label"), NULL);
    heading(out, "Intended use");
    item(out, "Predicts", arena_print(arena, "%s%s%s: %s", sheet_text(predicts, "task"), classes && label
                                      ? " of " : "",
                                      classes && label ? label : "", names ? names : ""));
    if (image)
        item(out, "From", arena_print(arena, "pictures of %.0f x %.0f%s", sheet_number(image, "height"),
                                      sheet_number(image, "width"),
                                      sheet_number(image, "channels") == 3 ? " in colour" : " in grey"));
    else item(out, "From", arena_print(arena, "%zu columns (below)", doc_count(doc_get(card, "columns"))));
    item(out, "Decision", doc_to_text(doc_get(card, "decision"), NULL));
    item(out, "Decided for", doc_to_text(doc_get(card, "decision_for"), NULL));
    owners(card, "intended_use", "Meant for", out);
    owners(card, "out_of_scope", "Not meant for", out);
    text_add(out, "\n");
}

static const char *range_of(const Doc *column, Arena *arena)
{
    const Doc *low = doc_get(column, "low"), *levels = doc_get(column, "levels");
    char a[32], b[32];
    if (levels) return names_of(levels, NULL, arena);
    if (doc_kind(low) == DOC_TEXT) /* of dates */
        return arena_print(arena, "%s to %s", doc_to_text(low, "?"), sheet_text(column, "high"));
    if (doc_kind(low) != DOC_NUMBER) return "";
    return arena_print(arena, "%s to %s", text_number(doc_to_number(low, NAN), a),
                       text_number(sheet_number(column, "high"), b));
}

static bool add_columns(const Doc *card, Arena *arena, Text *out, Error *err)
{
    static const char *const titles[] = {"column", "kind", "range or words", "missing", NULL};
    const Doc *columns = doc_get(card, "columns");
    const size_t n = doc_count(columns);
    Sheet sheet;
    if (n == 0) return true;
    heading(out, "Factors");
    if (!sheet_plain(titles, n, arena, &sheet, err)) return false;
    sheet.caption = "Columns, as training rows had them";
    for (size_t j = 0; j < n; j++) {
        const Doc *column = doc_at(columns, j);
        const double missing = doc_to_number(doc_get(column, "missing_share"), NAN);
        Cell *cell = sheet_row(&sheet);
        cell[0].text = sheet_text(column, "name");
        cell[1].text = sheet_text(column, "kind");
        cell[2].text = range_of(column, arena);
        cell[3].text = isnan(missing) ? "" : sheet_percent(arena, missing);
    }
    if (!sheet_whole(&sheet)) return error_memory(err);
    markdown_sheet(&sheet, out);
    return true;
}

static bool add_metrics(const Doc *evaluation, Arena *arena, Text *out, Error *err)
{
    static const char *const titles[] = {"metric", "value", "95 %", NULL};
    const Doc *metrics = doc_get(evaluation, "metrics"), *entry;
    const char *name;
    Sheet sheet;
    if (!sheet_plain(titles, doc_count(metrics), arena, &sheet, err)) return false;
    sheet.caption = "Metrics, with 95 % intervals for other rows of the same kind";
    sheet.heading[1].number = sheet.heading[2].number = true;
    for (size_t i = 0; doc_member(metrics, i, &name, &entry); i++) {
        const double value = sheet_number(entry, "value"), low = sheet_number(entry, "low95");
        const MetricId id = metric_find(name);
        if (isnan(value)) continue;
        Cell *cell = sheet_row(&sheet);
        cell[0].text = id == METRIC_COUNT ? name : metric_label(id);
        cell[1].text = sheet_quantity(arena, value);
        cell[2].text = isnan(low) ? SHEET_DASH
                     : arena_print(arena, "%s to %s", sheet_or_dash(sheet_quantity(arena, low)),
                                   sheet_or_dash(sheet_quantity(arena, sheet_number(entry, "high95"))));
    }
    if (!sheet_whole(&sheet)) return error_memory(err);
    markdown_sheet(&sheet, out);
    return true;
}

static bool add_evaluation(const Doc *card, Arena *arena, Text *out, Error *err)
{
    const Doc *evaluation = doc_get(card, "evaluation");
    const char *on = doc_to_text(doc_get(evaluation, "on"), NULL), *rows = number_of(evaluation, "rows", arena);
    heading(out, "Evaluation data and metrics");
    if (!on) {
        text_add(out, "None are at hand.\n\n");
        return true;
    }
    text_print(out, "%s %s rows%s.\n\n", rows ? rows : "Its", on,
               strcmp(on, "test") == 0 ? ", which the search has never seen"
               : ", each predicted by networks that were not trained on it");
    if (!add_metrics(evaluation, arena, out, err)) return false;
    Sheet sheet;
    if (doc_count(doc_get(evaluation, "per_class")) > 0) {
        heading(out, "Quantitative analyses");
        if (!sheet_per_class(evaluation, arena, &sheet, err)) return false;
        markdown_sheet(&sheet, out);
    }
    if (doc_count(doc_get(evaluation, "targets")) > 1) {
        heading(out, "Quantitative analyses");
        if (!sheet_targets(evaluation, arena, &sheet, err)) return false;
        markdown_sheet(&sheet, out);
    }
    return true;
}

static void add_training(const Doc *card, Arena *arena, Text *out)
{
    const Doc *training = doc_get(card, "training"), *taught = doc_get(training, "taught_by");
    const Doc *calibration = doc_get(card, "calibration"), *promises = doc_get(card, "conformal");
    heading(out, "Training data and procedure");
    item(out, "Rows", number_of(training, "rows", arena));
    code_item(out, "Fingerprint of the data (SHA-256)", doc_to_text(doc_get(training, "data_sha256"), NULL));
    item(out, "Study", doc_to_text(doc_get(training, "study"), NULL));
    if (taught) item(out, "Taught by", doc_to_text(doc_get(taught, "name"), NULL));
    if (doc_get(training, "trials"))
        item(out, "Trials in it", arena_print(arena, "%zu, taken together by %s, chosen by %s",
                                              doc_count(doc_get(training, "trials")),
                                              sheet_text(doc_get(card, "model"), "combine"),
                                              sheet_text(training, "metric")));
    item(out, "Seed", doc_kind(doc_get(training, "seed")) == DOC_TEXT ? sheet_text(training, "seed")
                                                                     : number_of(training, "seed", arena));
    code_item(out, "Configuration (SHA-256)", doc_to_text(doc_get(training, "config_sha256"), NULL));
    item(out, "Calibration", doc_to_text(doc_get(calibration, "method"), NULL));
    if (doc_kind(promises) == DOC_OBJECT)
        item(out, "Promises", arena_print(arena, "conformal %s, fitted on %s rows", sheet_text(promises,
                                                                                               "kind"),
                                          sheet_or_dash(number_of(promises, "rows", arena))));
    text_add(out, "\n");
}

static void add_export(const Doc *card, Arena *arena, Text *out)
{
    const Doc *export = doc_get(card, "export"), *files = doc_get(export, "files");
    if (!export) return;
    heading(out, "This export");
    item(out, "Format", arena_print(arena, "%s%s%s", sheet_text(export, "to"), doc_get(export, "numbers")
                                    ? ", " : "",
                                    doc_get(export, "numbers") ? sheet_text(export, "numbers") : ""));
    for (size_t i = 0; i < doc_count(files); i++)
        item(out, sheet_text(doc_at(files, i), "what"),
             arena_print(arena, "%s, %s", sheet_text(doc_at(files, i), "name"),
                         sheet_or_dash(sheet_bytes(arena, sheet_number(doc_at(files, i), "bytes")))));
    item(out, "Proof", doc_to_text(doc_get(doc_get(export, "proof"), "said"), "not asked for"));
    text_add(out, "\n");
}

bool model_card_markdown(const Doc *card, Arena *arena, Text *out, Error *err)
{
    text_add(out, "# Model card: ");
    markdown_text(out, doc_to_text(doc_get(doc_get(card, "model"), "name"), "model"));
    text_add(out, "\n\n");
    add_details(card, arena, out);
    add_use(card, arena, out);
    if (!add_columns(card, arena, out, err) || !add_evaluation(card, arena, out, err)) return false;
    add_training(card, arena, out);
    heading(out, "Ethical considerations");
    owners(card, "ethics", "Considerations", out);
    text_add(out, "\n");
    heading(out, "Caveats and limits");
    markdown_list(doc_get(card, "limits"), out);
    add_export(card, arena, out);
    return text_ok(out) || error_memory(err);
}
