/* app/verbs/run.c - the whole job: sweep, ensemble, test, report, export. */
#include "app/verbs/verbs.h"

#include <math.h>

#include "app/arguments.h"
#include "app/output.h"
#include "app/sweeping.h"
#include "app/width.h"
#include "base/file.h"
#include "job/kind.h"
#include "job/products.h"
#include "model/paired.h"
#include "reports/classification.h"
#include "reports/columns.h"
#include "reports/findings.h"
#include "reports/sheets.h"

static double metric_of(const Doc *evaluation, const char *name)
{
    return doc_to_number(doc_get(doc_get(doc_get(evaluation, "metrics"), name), "value"), NAN);
}

/* The model beside what it has to beat, and what the verdict makes of that. */
static bool print_rivals(const Products *p, int fit, Arena *arena, Text *out, Error *err)
{
    Sheet sheet;
    if (doc_count(doc_get(p->document, "baselines")) == 0) return true;
    if (!sheet_rivals(p->document, arena, &sheet, err)) return false;
    text_print(out, "%s\n\n", sheet.caption);
    sheet_print(&sheet, fit, out);
    if (sheet.note) text_print(out, "%s\n", sheet.note);
    text_add(out, "\n");
    return true;
}

/* " (12.4 MB)" of a file that is there. */
static const char *size_of(const char *path, Arena *arena)
{
    const char *size = sheet_bytes(arena, (double)file_bytes(path));
    const char *text = arena_print(arena, "  (%s)", size);
    return text ? text : "";
}

/* How good it is, folded to the terminal; what comes below is to be copied, and is not. */
static bool print_test(const Cli *cli, const Finished *f, const Products *p, Text *out, Error *err)
{
    const int fit = output_width(cli, OUTPUT_TABLE);
    Text text = {0};
    if (p->test) {
        classification_report(p->test, fit, &text);
        text_add(&text, "\n");
    }
    if (!f->ensemble.decision.assured)
        text_print(&text, "warning: there are too few validation rows of the class to be sure of %s on new rows"
                   "\n\n", f->ensemble.decision.asked);
    bool ok = print_rivals(p, fit, f->arena, &text, err);
    if (!text_ok(&text)) out->broken = true;
    else if (ok && text.n > 0 && fit > 0) width_fold(text.bytes, fit, out);
    else if (ok && text.n > 0) text_add(out, text.bytes);
    text_free(&text);
    return ok;
}

/* Five digits of a score; of a large quantity all before the point, as the tables above have it. */
static const char *five(Arena *arena, double score, bool quantity)
{
    const bool large = quantity && fabs(score) >= 1e4 && fabs(score) < 1e9;
    return large ? sheet_count(arena, score)
                 : sheet_or_dash(arena_print(arena, quantity ? "%.5g" : "%.5f", score));
}

/* What more time would likely bring, and how to ask for it: the same command goes on. */
static void print_more(const Finished *f, Text *out)
{
    const More *more = &f->ensemble.more;
    text_print(out, "more    %s\n", more->text);
    if (more->known && !(more->of[0].gain > more->of[0].error)) return;
    if (f->config->run.time_cap > 0) text_add(out, "        the same command with a longer --time goes on\n");
    else text_print(out, "        the same command with --trials %d goes on\n", 2 * more->trials);
}

/* The lines a user came for. */
static bool print_networks(const Cli *cli, const Finished *f, const Products *p, Text *out, Error *err)
{
    const Ensemble *e = &f->ensemble;
    const Doc *test = p->test;
    const char *folder = shell_word(cli, f->place.folder);
    const char *metric = metric_name(e->metric);
    if (!print_test(cli, f, p, out, err)) return false;
    const bool numbers = f->data.train->task.kind == TASK_NUMBERS;
    text_print(out, "validation %-12s ensemble %s   best trial %s (trial %d)\n", metric,
               five(f->arena, e->score, numbers), five(f->arena, e->best_single_score, numbers),
               e->best_single->number);
    for (int i = 0; test && i < PAIRED_METRICS; i++) {
        const char *shown = metric_name(paired_metrics(&f->data.train->task)[i]);
        text_print(out, "test       %-12s ensemble %s   best trial %s\n", shown,
                   five(f->arena, metric_of(test, shown), numbers),
                   five(f->arena, metric_of(p->best_test, shown), numbers));
    }
    text_print(out, "\nmodel   %s  (%d member%s, %s)\n", e->path, e->n_members, e->n_members == 1 ? "" : "s",
               sheet_bytes(f->arena, (double)e->bytes));
    if (p->source) text_print(out, "C code  %s%s\n", p->source, size_of(p->source, f->arena));
    else if (p->no_source) text_print(out, "C code  none: %s\n", p->no_source);
    else text_print(out, "C code  `consort export %s --to c` writes it\n", folder);
    if (p->knee) text_print(out, "knee    %s%s\n", p->knee, size_of(p->knee, f->arena));
    if (p->knee_source) text_print(out, "        %s%s\n", p->knee_source, size_of(p->knee_source, f->arena));
    text_print(out, "report  %s\ntrials  %s\n", p->page, f->place.db);
    print_more(f, out);
    if (f->config->remarks) {
        text_print(out, "\nnext    consort predict %s NEW_ROWS%s\n", folder,
                   f->data.train->targets ? "" : " --proba");
        text_print(out, "        consort run %s   # once you have changed it\n",
                   shell_word(cli, arena_print(cli->arena, "%s/sweep.yaml", f->place.folder)));
    }
    return true;
}

/* A program leaves no models: what remains is to say which configuration was best. */
static void print_program(const Finished *f, const Products *p, const StudySummary *summary, Text *out)
{
    if (summary->n_finalists > 0 || (f->config->metric_name && summary->best_number >= 0)) {
        sweeping_print_best(f->config, summary, out);
        text_add(out, "\n");
    }
    text_print(out, "report  %s\ntrials  %s\n", p->page, f->place.db);
}

/* The last event. */
static bool print_json(const Finished *f, const Products *p, Text *out)
{
    Doc *doc = doc_object();
    doc_set_text(doc, "event", "products");
    if (p->model) doc_set_text(doc, "model", p->model);
    if (p->source) doc_set_text(doc, "c", p->source);
    if (p->no_source) doc_set_text(doc, "no_c", p->no_source);
    if (p->knee) doc_set_text(doc, "knee", p->knee);
    doc_set_text(doc, "report", p->page);
    if (p->model) doc_set(doc, "ensemble", ensemble_doc(&f->ensemble));
    if (p->test) doc_set(doc, "test", doc_copy(doc_get(p->test, "metrics")));
    if (p->best_test) doc_set(doc, "best_test", doc_copy(doc_get(p->best_test, "metrics")));
    bool ok = doc_print(doc, 0, out);
    text_add(out, "\n");
    doc_free(doc);
    return ok;
}

int cmd_run(Cli *cli)
{
    Error err;
    Config *config;
    Sweep sweep;
    Finished finished;
    Products products;
    Text text = {0};
    if (!sweeping_config(cli, &config, &err)) return cli_fail(&err);
    int code = sweeping_run(cli, config, &sweep);
    if (!sweep.ended || (code != EXIT_OK && code != EXIT_GATE)) return code;
    bool ok = finished_of_sweep(&sweep, config, cli->arena, &finished, &err)
           && products_make(&finished, &products, &err);
    const bool made = ok;
    if (ok && cli->json) ok = print_json(&finished, &products, &text) || error_memory(&err);
    else if (ok && config->kind->trains) ok = print_networks(cli, &finished, &products, &text, &err);
    else if (ok) print_program(&finished, &products, &sweep.summary, &text);
    if (made) products_free(&products);
    finished_close(&finished);
    int answered = ok ? cli_answer(&text) : cli_fail(&err);
    text_free(&text);
    return answered != EXIT_OK ? answered : code;
}
