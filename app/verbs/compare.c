/* app/verbs/compare.c - several studies side by side: on the terminal, as JSON, CSV, Markdown, or a page. */
#include "app/verbs/verbs.h"

#include <stdio.h>
#include <unistd.h>

#include "app/output.h"
#include "app/width.h"
#include "base/file.h"
#include "job/compare.h"
#include "job/figures.h"
#include "reports/columns.h"
#include "reports/compare.h"

/* A sentence, folded to the terminal where there is one. */
static void say(const char *before, const char *text, Text *out)
{
    const int width = isatty(STDOUT_FILENO) ? width_of(STDOUT_FILENO, 0) : 0;
    Text line = {0};
    text_print(&line, "%s%s\n", before, text);
    if (!text_ok(&line)) out->broken = true;
    else if (width > 0) width_fold(line.bytes, width, out);
    else text_add(out, line.bytes);
    text_free(&line);
}

static void print_list(const Doc *list, const char *before, Text *out)
{
    for (size_t i = 0; i < doc_count(list); i++) say(before, doc_to_text(doc_at(list, i), ""), out);
}

/* The studies, then what differs, then what it comes to: the last line is what one looks for. */
static bool print_table(const Doc *document, bool all, int fit, Arena *arena, Text *out, Error *err)
{
    const Doc *verdict = doc_get(document, "verdict");
    for (int s = 0; compare_sheets[s]; s++) {
        Sheet sheet;
        if (compare_sheets[s] == sheet_compare_pairs && !all) continue; /* the sentences say it */
        if (!compare_sheets[s](document, arena, &sheet, err)) return false;
        if (sheet.n_rows == 0) continue;
        if (s > 0) text_print(out, "\n%s\n", sheet.caption);
        Text left_out = {0};
        output_fit(&sheet, fit, &left_out);
        sheet_print(&sheet, fit, out);
        if (left_out.n > 0) text_add(out, left_out.bytes);
        text_free(&left_out);
    }
    text_add(out, "\n");
    print_list(doc_get(verdict, "caveats"), "note: ", out);
    if (doc_count(doc_get(verdict, "caveats")) > 0) text_add(out, "\n");
    print_list(doc_get(verdict, "sentences"), "", out);
    say("", sheet_text(verdict, "headline"), out);
    return true;
}

static bool write_page(const Doc *document, const char *path, Error *err)
{
    Text page = {0};
    bool ok = compare_html(document, &page, err) && file_write(path, page.bytes, page.n, err);
    text_free(&page);
    return ok;
}

/* What is asked for besides the answer. */
static bool write_files(const Cli *cli, const Doc *document, const char *page, Error *err)
{
    const char *folder = cli_value(cli, "figures");
    FigureFiles figures;
    if (page && !write_page(document, page, err)) return false;
    if (!folder) return true;
    if (!figures_of_compare(document, folder, cli->arena, &figures, err)) return false;
    cli_say(cli, "%d files in %s", figures.n, folder);
    return true;
}

static bool print_answer(const Cli *cli, const Doc *document, Text *out, Error *err)
{
    Sheet sheet;
    switch (output_format(cli)) {
    case OUTPUT_TABLE: return print_table(document, cli->verbose > 0, output_width(cli, OUTPUT_TABLE),
                                          cli->arena, out, err);
    case OUTPUT_MARKDOWN: return compare_markdown(document, out, err);
    case OUTPUT_JSON:
        if (!doc_print(document, 1, out)) return error_memory(err);
        text_add(out, "\n");
        return true;
    case OUTPUT_CSV:
        if (!sheet_compare_studies(document, cli->arena, &sheet, err)) return false;
        output_sheet(&sheet, OUTPUT_CSV, 0, out);
        return true;
    }
    return true;
}

static bool find_all(const Cli *cli, ComparedStudy **studies, int *n, Error *err)
{
    int room = 0;
    for (int i = 0; i < cli->n_arguments; i++)
        if (!compare_find(cli->arguments[i], cli->arena, studies, n, &room, err)) return false;
    return true;
}

int report_several(Cli *cli, bool *several)
{
    Error err;
    ComparedStudy *studies = NULL;
    Doc *document;
    int n = 0;
    const char *out = cli_value(cli, "out"), *page = out ? out : "compare.html";
    *several = true; /* a mistake has been said, too */
    if (!find_all(cli, &studies, &n, &err)) return cli_fail(&err);
    if (n < 2) return *several = false, EXIT_OK;
    if (!compare_studies(studies, n, cli_value(cli, "metric"), cli->arena, &document,
                         &err)) return cli_fail(&err);
    bool ok = write_files(cli, document, page, &err);
    doc_free(document);
    if (!ok) return cli_fail(&err);
    if (!cli->json) {
        puts(page);
        return EXIT_OK;
    }
    Doc *doc = output_answer(), *names = doc_set(doc, "studies", doc_array());
    for (int s = 0; s < n; s++) doc_add(names, doc_text(studies[s].given));
    doc_set_text(doc, "html", page);
    return output_doc(doc);
}

int cmd_compare(Cli *cli)
{
    Error err;
    ComparedStudy *studies = NULL;
    Doc *document = NULL;
    Text text = {0};
    int n = 0;
    const char *page = cli_value(cli, "html");
    bool ok = find_all(cli, &studies, &n, &err)
           && compare_studies(studies, n, cli_value(cli, "metric"), cli->arena, &document, &err)
      && write_files(cli, document, page, &err) && print_answer(cli, document, &text, &err);
    doc_free(document);
    int code = ok ? (cli_flag(cli, "csv") ? cli_answer_data : cli_answer)(&text) : cli_fail(&err);
    text_free(&text);
    return code;
}
