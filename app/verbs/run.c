/* app/verbs/run.c - the whole job: sweep, ensemble, test, report, export. */
#include "app/verbs/verbs.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "job/products.h"
#include "job/sweep.h"
#include "reports/classification.h"

/* C source takes four bytes of text a byte of weights; larger models are written when asked for. */
enum { C_SOURCE_BYTES = 8 << 20 };

static double metric_of(const Doc *evaluation, const char *name)
{
    return doc_to_number(doc_get(doc_get(doc_get(evaluation, "metrics"), name), "value"), NAN);
}

/* The lines a user came for. */
static void conclude(const Finished *f, const Doc *summary, const Doc *test, const Doc *best,
                     const char *page, const char *source, Text *out)
{
    const Doc *single = doc_get(summary, "best_single");
    const char *metric = metric_name(f->config->metric);
    if (test) {
        classification_report(test, out);
        text_add(out, "\n");
    }
    text_print(out, "validation %-12s ensemble %.5f   best trial %.5f (trial %.0f)\n", metric,
               doc_to_number(doc_get(summary, "score"), NAN),
               doc_to_number(doc_get(single, "score"), NAN),
               doc_to_number(doc_get(single, "trial"), -1));
    static const char *const shown[] = {"accuracy", "f1_macro", "log_loss"};
    for (size_t i = 0; test && i < sizeof shown / sizeof *shown; i++)
        text_print(out, "test       %-12s ensemble %.5f   best trial %.5f\n", shown[i],
                   metric_of(test, shown[i]), metric_of(best, shown[i]));
    text_print(out, "\nmodel   %s  (%zu members)\n", doc_to_text(doc_get(summary, "path"), "?"),
               doc_count(doc_get(summary, "members")));
    if (source) text_print(out, "C code  %s\n", source);
    else text_print(out, "C code  `consort export %s --to c` writes it\n", f->place.folder);
    text_print(out, "report  %s\ntrials  %s\n", page, f->place.db);
}

/* A program leaves no models: what remains is to say which configuration was best, and to report. */
static bool finish_program(Finished *f, const StudySummary *summary, Text *out, Error *err)
{
    const char *page;
    if (!product_report(f, 0, &page, err)) return false;
    if (f->cli->json) {
        Doc *doc = doc_object();
        doc_set_text(doc, "event", "products");
        doc_set_text(doc, "report", page);
        bool ok = doc_print(doc, 0, out) || error_memory(err);
        doc_free(doc);
        text_add(out, "\n");
        return ok;
    }
    const Finalist *winner = summary->n_finalists > 0 ? &summary->finalist[0] : NULL;
    if (winner)
        text_print(out, "best trial %d: %s %.6g, the mean of %d runs\n\n", winner->number,
                   f->config->metric_full, winner->mean, winner->n_runs);
    else if (summary->best_number >= 0)
        text_print(out, "best trial %d: %s %.6g\n\n", summary->best_number, f->config->metric_full,
                   summary->best_value);
    text_print(out, "report  %s\ntrials  %s\n", page, f->place.db);
    return true;
}

static bool finish(Finished *f, Text *out, Error *err)
{
    Doc *summary = NULL, *test = NULL, *best = NULL;
    const char *page, *source = NULL;
    Arena *arena = f->cli->arena;
    Model *model;
    const char *path = place_file(&f->place, "ensemble.consort", arena);
    bool ok = (path || error_memory(err))
           && product_ensemble(f, &f->config->ensemble, &summary, err)
           && (!f->data.test || product_test(f, &test, &best, err))
           && model_load(path, arena, &model, err)
           && (model_bytes(model) > C_SOURCE_BYTES
               || product_c(model, path, "ensemble", f->place.folder,
                            f->data.test ? f->data.test : f->data.train, arena, &source, err))
           && product_report(f, 0, &page, err);
    if (ok && f->cli->json) {
        Doc *doc = doc_object();
        Text line = {0};
        doc_set_text(doc, "event", "products");
        doc_set_text(doc, "model", path);
        if (source) doc_set_text(doc, "c", source);
        doc_set_text(doc, "report", page);
        doc_set(doc, "ensemble", doc_copy(summary));
        if (test) doc_set(doc, "test", doc_copy(doc_get(test, "metrics")));
        if (best) doc_set(doc, "best_test", doc_copy(doc_get(best, "metrics")));
        if (doc_print(doc, 0, &line)) text_print(out, "%s\n", line.bytes);
        text_free(&line);
        doc_free(doc);
    } else if (ok) {
        conclude(f, summary, test, best, page, source, out);
    }
    doc_free(summary);
    doc_free(test);
    doc_free(best);
    return ok;
}

int cmd_run(Cli *cli)
{
    Error err;
    Config *config;
    Sweep sweep;
    Text text = {0};
    if (!sweep_config(cli, cli->arena, &config, &err)) return cli_fail(&err);
    int code = sweep_run(cli, config, &sweep);
    if (code != EXIT_OK && code != EXIT_GATE) return code;
    Finished finished = {.cli = cli, .place = sweep.place, .study = sweep.info, .config = config,
                         .data = sweep.data};
    bool ok = store_open(sweep.place.db, STORE_READ, &finished.store, &err)
           && (config->runs_program ? finish_program(&finished, &sweep.summary, &text, &err)
                                    : finish(&finished, &text, &err));
    finished_close(&finished);
    int answered = ok ? cli_answer(&text) : cli_fail(&err);
    text_free(&text);
    return answered != EXIT_OK ? answered : code;
}
