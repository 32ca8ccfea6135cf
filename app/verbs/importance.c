/* app/verbs/importance.c - which settings made the difference: for people the report's sheet, for programs
 * all of it. */
#include "app/verbs/verbs.h"

#include <math.h>

#include "app/arguments.h"
#include "app/output.h"
#include "job/importance.h"
#include "reports/findings.h"
#include "reports/sheets.h"

static bool top_share_of(const Cli *cli, double *out, Error *err)
{
    const char *text = cli_value(cli, "top-share");
    *out = 0.1;
    if (!text || (text_to_number(text, out) && *out > 0 && *out < 1)) return true;
    return error_set(err, ERR_CONFIG, "--top-share %.40s: a number between 0 and 1, such as 0.1", text);
}

/* For people the sheet of the report; for programs all that there is. */
static bool print_people(const Doc *doc, const Importance *importance, const Goal *by,
                         OutputFormat format, int fit, Arena *arena, Text *out, Error *err)
{
    Sheet sheet;
    if (!sheet_importance(doc, arena, &sheet, err)) return false;
    text_print(out, "%s%s, from %d trials\n\n", by->name,
               !by->key ? "" : by->maximize ? " (maximized)" : " (minimized)", importance->n_trials);
    if (importance->n_params > 0) output_sheet(&sheet, format, fit, out);
    if (sheet.note) text_print(out, "%s%s\n", importance->n_params > 0 ? "\n" : "", sheet.note);
    return true;
}

static bool print_csv(const Doc *doc, Text *out)
{
    static const char *const keys[] = {"name", "importance", "low95", "high95", "alone", "ahead", "tried",
                                       "active", "length_scale", "favours"};
    enum { N_KEYS = sizeof keys / sizeof *keys };
    const Doc *list = doc_get(doc, "parameters");
    for (int c = 0; c < N_KEYS; c++) text_print(out, "%s%s", c ? "," : "", keys[c]);
    text_add(out, "\n");
    for (size_t i = 0; i < doc_count(list); i++)
        for (int c = 0; c < N_KEYS; c++) {
            const Doc *cell = doc_get(doc_at(list, i), keys[c]);
            char number[32];
            const char *text = doc_to_text(cell, NULL);
            if (!text) text = doc_kind(cell) == DOC_NUMBER ? text_number(doc_to_number(cell, NAN), number) : "";
            text_csv(out, text);
            text_add(out, c < N_KEYS - 1 ? "," : "\n");
        }
    return text_ok(out);
}

static bool answer(const Cli *cli, const OpenStudy *open, Text *out, Error *err)
{
    ImportanceOptions options = {.metric = cli_value(cli, "metric")};
    Config *config;
    Importance importance;
    Goal by;
    if (!top_share_of(cli, &options.top_share, err)
        || !study_importance(open, &options, &importance, &by, &config, err))
        return false;
    Doc *doc = doc_object(), *body = importance_doc(&importance, config->space);
    OutputFormat format = output_format(cli);
    bool ok;
    if (format == OUTPUT_JSON) {
        const char *key;
        const Doc *child;
        doc_set_number(doc, "schema", 1);
        doc_set_text(doc, "study", open->study.name);
        doc_set_text(doc, "metric", by.name);
        if (by.key) doc_set_text(doc, "goal", by.maximize ? "maximize" : "minimize");
        for (size_t i = 0; doc_member(body, i, &key, &child); i++) doc_set(doc, key, doc_copy(child));
        ok = doc_print(doc, 1, out) || error_memory(err);
        text_add(out, "\n");
    } else if (format == OUTPUT_CSV) {
        ok = print_csv(body, out) || error_memory(err);
        if (importance.warning) cli_say(cli, "consort: %s", importance.warning);
    } else {
        ok = print_people(body, &importance, &by, format, output_width(cli, format), open->arena, out, err);
    }
    doc_free(body);
    doc_free(doc);
    return ok;
}

int cmd_importance(Cli *cli)
{
    Error err;
    OpenStudy open;
    Text text = {0};
    if (!open_study(cli, study_argument(cli), &open, &err))
        return cli_fail(&err);
    bool ok = answer(cli, &open, &text, &err);
    study_close(&open);
    if (ok && !cli_flag(cli, "csv")) return output_lines(&text, output_width(cli, output_format(cli)));
    int code = ok ? cli_answer_data(&text) : cli_fail(&err);
    text_free(&text);
    return code;
}
