/* job/products.c - builds the ensemble of a study, tests it, and writes it down as C. */
#include "job/products.h"

#include <string.h>

#include "base/file.h"
#include "job/compared.h"
#include "job/front.h"
#include "job/kind.h"
#include "job/report.h"
#include "job/scores.h"
#include "job/ship.h"
#include "job/told.h"
#include "model/evaluate.h"
#include "reports/findings.h"

enum { BOOTSTRAP_SAMPLES = 1000 };
/* C source takes four bytes of text a byte of weights; larger models are written when asked for. */
enum { C_SOURCE_BYTES = 8 << 20 };

/* ---- the ensemble ---------------------------------------------------------------------------- */

static bool build(Finished *f, Store *writer, void *context, Error *err)
{
    BuildInput input = {.store = writer, .record = true, .study = &f->study,
                        .folder = f->place.folder, .task = &f->data.train->task,
                        .labels = f->data.train->labels, .targets = f->data.train->targets,
                        .weight = f->data.train->weight,
                        .n_rows = f->data.train->n_rows, .positive = f->data.positive,
                        .by = f->data.train_by.of, .n_by = f->data.train_by.n,
                        .n_folds = f->data.split->n_folds,
                        .out_path = place_file(&f->place, "ensemble.consort", f->arena),
                        .options = context};
    Table seen = *f->data.train; /* without the columns that were dropped, and without a teacher's */
    seen.soft = NULL;
    table_fingerprint(&seen);
    input.seen[0] = seen.fingerprint;
    input.seen[1] = *f->data.whole ? f->data.whole : NULL;
    if (!input.out_path) return error_memory(err);
    doc_free(f->ensemble.validation); /* of one that was built before */
    f->ensemble = (Ensemble){0};
    return ensemble_build(&input, f->arena, &f->ensemble, err)
        /* what was said of another ensemble's test is not of this one */
        && scores_put(writer, f->study.id, "ensemble", 0, "test", NULL, f->arena, err)
        && scores_put(writer, f->study.id, "ensemble", 0, "val", f->ensemble.validation, f->arena, err);
}

bool product_ensemble(Finished *f, const EnsembleOptions *options, Error *err)
{
    EnsembleOptions chosen = options ? *options : f->config->ensemble;
    if (!finished_change(f, build, &chosen, err)) return false;
    char *proba = place_file(&f->place, "ensemble.proba", f->arena); /* for comparisons, row by row */
    if (!proba) return error_memory(err);
    char hex[65];
    Doc *doc = ensemble_doc(&f->ensemble);
    bool ok = predictions_save(&f->ensemble.predictions, proba, err) && told_sha256(proba, hex, err);
    if (ok) doc_set_text(doc, "proba_sha256", hex);
    ok = ok && doc_save(&f->place, "ensemble.json", doc, err);
    doc_free(doc);
    return ok;
}

/* ---- the test set ---------------------------------------------------------------------------- */

static bool note_look(Finished *f, Store *writer, void *context, Error *err)
{
    return store_event(writer, f->study.id, 0, "TEST_LOOK", context, err);
}

/* The model of the trial that the ensemble was compared with, and what ensemble.json says of both. */
static bool find_single(Finished *f, Doc **summary, SingleTrial *single, Error *err)
{
    if (!told_ensemble(&f->place, summary, err)) return false;
    if (compared_single(f, *summary, single, err)) {
        if (single->weights) return true;
        error_set(err, ERR_DATA, "the best trial's model is gone; build the ensemble again with `consort"
                  " ensemble %s`", f->place.folder);
    }
    doc_free(*summary);
    return false;
}

/* `decision` NULL: the model's own. */
static bool evaluate_file(Finished *f, const char *path, const Decision *decision, Doc **out, Error *err)
{
    Model *model;
    int samples = f->config->report.ci == CI_BOOTSTRAP ? BOOTSTRAP_SAMPLES : 0;
    if (!model_load(path, f->arena, &model, err)) return false;
    if (decision) {
        model->decision = decision->weight;
        model->cost = decision->cost;
        model->asked = decision->asked;
    }
    const Segments *by = &f->data.test_by;
    return evaluate_model_by(model, f->data.test, by->of, by->n, f->data.positive, samples, f->study.seed,
                             f->arena, out, err);
}

typedef struct {
    const Doc *ensemble, *best;
    int64_t best_id;
    const Doc *front;   /* [{trial, rows, metrics, confusion}] */
    const int64_t *ids; /* of its trials */
} Tested;

static bool record_test(Finished *f, Store *writer, void *context, Error *err)
{
    const Tested *tested = context;
    for (size_t i = 0; i < doc_count(tested->front); i++)
        if (!scores_put(writer, f->study.id, NULL, tested->ids[i], "test", doc_at(tested->front, i), f->arena,
                        err))
            return false;
    return scores_put(writer, f->study.id, "ensemble", 0, "test", tested->ensemble, f->arena, err)
        && scores_put(writer, f->study.id, NULL, tested->best_id, "test", tested->best, f->arena, err);
}

/* With several goals each member of the front whose model is kept; `ids` gets those of the trials. */
static bool test_front(Finished *f, Doc *list, int64_t **ids, Error *err)
{
    enum { MOST = 40 };
    static const char *const kept[] = {"rows", "metrics", "confusion"};
    FrontTrial *trials;
    int n;
    if (!front_trials(f, &trials, &n, err)) return false;
    *ids = ARENA_NEW(f->arena, int64_t, n + 1);
    if (!*ids) return error_memory(err);
    for (int i = 0; i < n && i < MOST; i++) {
        Doc *evaluation;
        if (!trials[i].weights) continue;
        if (!evaluate_file(f, trials[i].weights, NULL, &evaluation, err)) return false;
        (*ids)[doc_count(list)] = trials[i].id;
        Doc *entry = doc_add(list, doc_object());
        doc_set_number(entry, "trial", trials[i].number);
        for (size_t k = 0; k < sizeof kept / sizeof *kept; k++)
            doc_set(entry, kept[k], doc_copy(doc_get(evaluation, kept[k])));
        doc_free(evaluation);
    }
    return true;
}

/* The baselines, both splits, where the report has judged them. */
static bool record_baselines(Finished *f, Store *writer, void *context, Error *err)
{
    const Doc *list = doc_get(context, "baselines");
    for (size_t i = 0; i < doc_count(list); i++) {
        const Doc *entry = doc_at(list, i);
        const char *name = doc_to_text(doc_get(entry, "name"), "baseline");
        if (!scores_put(writer, f->study.id, name, 0, "val", doc_get(entry, "validation"), f->arena, err)
            || !scores_put(writer, f->study.id, name, 0, "test", doc_get(entry, "test"), f->arena, err))
            return false;
    }
    return true;
}

bool product_test(Finished *f, Doc **ensemble, Doc **best, Error *err)
{
    *ensemble = *best = NULL;
    const char *path = place_file(&f->place, "ensemble.consort", f->arena);
    if (!path) return error_memory(err);
    SingleTrial single;
    Doc *summary;
    char what[] = "ensemble and best trial";
    if (!find_single(f, &summary, &single, err)) return false;
    /* the best trial decides for the same as the ensemble */
    Doc *front = doc_array();
    int64_t *ids = NULL;
    bool ok = finished_change(f, note_look, what, err) && evaluate_file(f, path, NULL, ensemble, err)
           && evaluate_file(f, single.weights, &single.decision, best, err) && test_front(f, front, &ids, err);
    if (ok) {
        Doc *doc = doc_object();
        doc_set(doc, "sha256", doc_copy(doc_get(summary, "sha256"))); /* of the model that was tested */
        doc_set_text(doc, "test_sha256", f->data.test->fingerprint);
        doc_set(doc, "ensemble", doc_copy(*ensemble));
        doc_set(doc, "best", doc_copy(*best));
        if (doc_count(front) > 0) doc_set(doc, "front", doc_copy(front));
        ok = doc_save(&f->place, "evaluation.json", doc, err);
        doc_free(doc);
    }
    Tested tested = {*ensemble, *best, single.id, front, ids};
    ok = ok && finished_change(f, record_test, &tested, err);
    doc_free(front);
    doc_free(summary);
    if (!ok) {
        doc_free(*ensemble);
        doc_free(*best);
        *ensemble = *best = NULL;
    }
    return ok;
}

/* ---- all of it ------------------------------------------------------------------------------- */

/* NAME.c and NAME.h beside the report; `why_not` where the C does not say what the model says. */
static bool make_c(const Finished *f, const char *path, const char *name, const char **source,
                   const char **why_not, Error *err)
{
    const char *rows_of = arena_print(f->arena, "study %s", f->study.name);
    ProofRows rows;
    ShipOptions options = {.to = SHIP_C, .folder = f->place.folder, .name = name, .rows = &rows,
                           .sample = f->data.test ? f->data.test : f->data.train};
    ModelFacts facts;
    Shipped files;
    if (!rows_of) return error_memory(err);
    if (!model_facts_open(path, NULL, -1, f->arena, &facts, err)) return false;
    bool ok = proof_rows_of_table(facts.model, f->data.train, rows_of, false, f->arena, &rows, err)
           && ship(&facts, &options, f->arena, &files, err);
    model_facts_free(&facts);
    if (!ok) return false;
    if (files.n > 0) *source = files.file[0].path;
    else *why_not = proof_sentence(&files.proof, f->arena);
    return files.n > 0 || *why_not || error_memory(err);
}

/* A by-product: a model that cannot be C source is a model all the same, and its report is due. */
static bool make_source(Finished *f, const Model *model, Products *out, Error *err)
{
    if (model_bytes(model) > C_SOURCE_BYTES || make_c(f, out->model, "ensemble", &out->source,
                                                      &out->no_source, err))
        return true;
    out->source = NULL;
    if (err->code != ERR_INVALID) return false;
    out->no_source = arena_copy(f->arena, err->message);
    return out->no_source || error_memory(err);
}

/* With several goals the knee by itself, since the ensemble serves the first of them alone. */
static bool make_knee(Finished *f, Products *out, Error *err)
{
    Model *model;
    if (!front_export(f, &out->knee, err)) return false;
    if (!out->knee) return true;
    if (!model_load(out->knee, f->arena, &model, err)) return false;
    if (model_bytes(model) > C_SOURCE_BYTES || make_c(f, out->knee, "knee", &out->knee_source,
                                                      &out->no_source, err))
        return true;
    out->knee_source = NULL;
    return err->code == ERR_INVALID; /* what cannot be C has been said of the ensemble */
}

static bool make_model(Finished *f, Products *out, Error *err)
{
    Model *model;
    out->model = place_file(&f->place, "ensemble.consort", f->arena);
    return (out->model || error_memory(err))
        && product_ensemble(f, NULL, err)
        && (!f->data.test || product_test(f, &out->test, &out->best_test, err))
        && model_load(out->model, f->arena, &model, err)
        && make_source(f, model, out, err) && make_knee(f, out, err);
}

static bool note_baselines(Finished *f, Error *err)
{
    Doc *stored = NULL;
    if (!f->config->kind->trains || !f->config->report.baselines) return true;
    bool ok = doc_load(&f->place, "baselines.json", &stored, err)
           && (!stored || finished_change(f, record_baselines, stored, err));
    doc_free(stored);
    return ok;
}

bool products_make(Finished *f, Products *out, Error *err)
{
    ReportFiles files;
    *out = (Products){0};
    if ((!f->config->kind->trains || make_model(f, out, err)) && report_document(f, 0, &out->document, err)
        && note_baselines(f, err) && report_write(f, out->document, &files, err)) {
        out->page = files.html;
        return true;
    }
    products_free(out);
    return false;
}

void products_free(Products *products)
{
    doc_free(products->test);
    doc_free(products->best_test);
    doc_free(products->document);
    *products = (Products){0};
}
