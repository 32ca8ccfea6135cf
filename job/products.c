/* job/products.c - builds the ensemble of a study, tests it, and writes it down as C. */
#include "job/products.h"

#include <string.h>

#include "base/file.h"
#include "export/c_source.h"
#include "job/kind.h"
#include "job/report.h"
#include "model/evaluate.h"
#include "reports/findings.h"

enum { BOOTSTRAP_SAMPLES = 1000 };
/* C source takes four bytes of text a byte of weights; larger models are written when asked for. */
enum { C_SOURCE_BYTES = 8 << 20 };

/* ---- the ensemble ---------------------------------------------------------------------------- */

static bool build(Finished *f, Store *writer, void *context, Error *err)
{
    BuildInput input = {.store = writer, .record = true, .study = &f->study,
                        .folder = f->place.folder, .labels = f->data.train->labels,
                        .n_rows = f->data.train->n_rows, .positive = f->data.positive,
                        .by = f->data.train_by.of, .n_by = f->data.train_by.n,
                        .n_folds = f->data.split->n_folds,
                        .out_path = place_file(&f->place, "ensemble.consort", f->arena),
                        .options = context};
    if (!input.out_path) return error_memory(err);
    doc_free(f->ensemble.validation); /* of one that was built before */
    f->ensemble = (Ensemble){0};
    return ensemble_build(&input, f->arena, &f->ensemble, err);
}

bool product_ensemble(Finished *f, const EnsembleOptions *options, Error *err)
{
    EnsembleOptions chosen = options ? *options : f->config->ensemble;
    if (!finished_change(f, build, &chosen, err)) return false;
    Doc *doc = ensemble_doc(&f->ensemble);
    bool ok = doc_save(&f->place, "ensemble.json", doc, err);
    doc_free(doc);
    return ok;
}

/* ---- the test set ---------------------------------------------------------------------------- */

static bool note_look(Finished *f, Store *writer, void *context, Error *err)
{
    return store_event(writer, f->study.id, 0, "TEST_LOOK", context, err);
}

/* The numbers of a list in the arena; NULL: there is none of n. */
static const double *take_numbers(const Doc *list, size_t n, Arena *arena)
{
    double *out = doc_count(list) == n ? ARENA_NEW(arena, double, n) : NULL;
    for (size_t i = 0; out && i < n; i++) out[i] = doc_to_number(doc_at(list, i), 1);
    return out;
}

/* The model of the trial that the ensemble was compared with, as one that was built earlier says, and how it
 * was to decide, if that is said. */
static const char *best_model_path(Finished *f, Decision *decision, Error *err)
{
    Doc *summary;
    TrialRow *rows;
    ArtifactRow *artifacts;
    int n, best = -1;
    if (!doc_load(&f->place, "ensemble.json", &summary, err)) return NULL;
    double number = doc_to_number(doc_get(doc_get(summary, "best_single"), "trial"), -1);
    const Doc *single = doc_get(summary, "best_single");
    const size_t k = (size_t)f->data.train->n_classes;
    decision->weight = take_numbers(doc_get(single, "decision"), k, f->arena);
    decision->cost = take_numbers(doc_get(single, "cost"), k * k, f->arena);
    const char *asked = doc_to_text(doc_get(single, "asked"), NULL);
    decision->asked = asked ? arena_copy(f->arena, asked) : NULL;
    doc_free(summary);
    if (!store_trials(f->store, f->study.id, f->arena, &rows, &n, err)) return NULL;
    for (int i = 0; i < n; i++)
        if (rows[i].number == number) best = i;
    if (best >= 0 && !store_artifacts(f->store, rows[best].id, f->arena, &artifacts, &n, err))
        return NULL;
    for (int i = 0; best >= 0 && i < n; i++)
        if (artifact_is(&artifacts[i], ARTIFACT_WEIGHTS))
            return place_file(&f->place, artifacts[i].path, f->arena);
    error_set(err, ERR_DATA, "the best trial's model is gone; build the ensemble again with `consort"
              " ensemble %s`", f->place.folder);
    return NULL;
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

bool product_test(Finished *f, Doc **ensemble, Doc **best, Error *err)
{
    *ensemble = *best = NULL;
    const char *path = place_file(&f->place, "ensemble.consort", f->arena);
    if (!path) return error_memory(err);
    Decision asked = f->ensemble.best_single_decision; /* the best trial decides for the same as the ensemble */
    const char *single = f->ensemble.path ? f->ensemble.best_single_path : best_model_path(f, &asked, err);
    char what[] = "ensemble and best trial";
    if (!single || !finished_change(f, note_look, what, err)) return false;
    bool ok = evaluate_file(f, path, NULL, ensemble, err) && evaluate_file(f, single, &asked, best, err);
    if (ok) {
        Doc *doc = doc_object();
        doc_set(doc, "ensemble", doc_copy(*ensemble));
        doc_set(doc, "best", doc_copy(*best));
        ok = doc_save(&f->place, "evaluation.json", doc, err);
        doc_free(doc);
    }
    if (!ok) {
        doc_free(*ensemble);
        doc_free(*best);
        *ensemble = *best = NULL;
    }
    return ok;
}

/* ---- C source -------------------------------------------------------------------------------- */

bool product_c(const Model *model, const char *model_path, const char *name, const char *folder,
               const Table *sample, Arena *arena, const char **source_path, Error *err)
{
    char hex[65];
    Bytes bytes;
    for (const char *c = name; *c; c++) /* the source includes its header by this name */
        if ((unsigned char)*c < 0x20 || *c == 0x7F || strchr("\"\\<>", *c))
            return error_set(err, ERR_CONFIG, "a C file cannot be named `%.100s`: its #include would name"
                             " another; leave out quotes, backslashes, < > and line ends", name);
    if (!file_read_plain(model_path, 0, &bytes, err)) return false;
    sha256_of(bytes.bytes, bytes.n, hex);
    bytes_free(&bytes);
    CExportOptions options = {.name = name, .sample = sample, .model_sha256 = hex};
    Text header = {0}, source = {0};
    char *header_path = arena_print(arena, "%s/%s.h", folder, name);
    char *c_path = arena_print(arena, "%s/%s.c", folder, name);
    bool ok = (header_path && c_path) || error_memory(err);
    ok = ok && c_source_write(model, &options, arena, &header, &source, err)
      && file_make_folder(folder, err)
      && file_write(header_path, header.bytes, header.n, err)
      && file_write(c_path, source.bytes, source.n, err);
    text_free(&header);
    text_free(&source);
    *source_path = c_path;
    return ok;
}

/* ---- all of it ------------------------------------------------------------------------------- */

/* A by-product: a model that cannot be C source is a model all the same, and its report is due. */
static bool make_source(Finished *f, const Model *model, Products *out, Error *err)
{
    const Table *sample = f->data.test ? f->data.test : f->data.train;
    if (model_bytes(model) > C_SOURCE_BYTES
        || product_c(model, out->model, "ensemble", f->place.folder, sample, f->arena, &out->source, err))
        return true;
    out->source = NULL;
    if (err->code != ERR_INVALID) return false;
    out->no_source = arena_copy(f->arena, err->message);
    return out->no_source || error_memory(err);
}

static bool make_model(Finished *f, Products *out, Error *err)
{
    Model *model;
    out->model = place_file(&f->place, "ensemble.consort", f->arena);
    return (out->model || error_memory(err))
        && product_ensemble(f, NULL, err)
        && (!f->data.test || product_test(f, &out->test, &out->best_test, err))
        && model_load(out->model, f->arena, &model, err)
        && make_source(f, model, out, err);
}

bool products_make(Finished *f, Products *out, Error *err)
{
    *out = (Products){0};
    if ((!f->config->kind->trains || make_model(f, out, err)) && product_report(f, 0, &out->page, err))
        return true;
    products_free(out);
    return false;
}

void products_free(Products *products)
{
    doc_free(products->test);
    doc_free(products->best_test);
    *products = (Products){0};
}
