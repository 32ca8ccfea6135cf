#include "job/products.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mat.h"
#include "export/c_source.h"
#include "model/evaluate.h"
#include "reports/document.h"
#include "reports/findings.h"
#include "reports/html.h"
#include "reports/markdown.h"

enum { BOOTSTRAP_SAMPLES = 1000 };

bool finished_open(const Cli *cli, const char *argument, Finished *out, Error *err)
{
    OpenStudy open;
    *out = (Finished){.cli = cli};
    mat_init();
    if (!study_open(cli, argument, &open, err)) return false;
    out->place = open.place;
    out->store = open.store;
    out->study = open.study;
    bool ok = study_config(&open, &out->config, err);
    if (ok && out->config->runs_program) return true;
    ok = ok && data_load(out->config, cli->arena, &out->data, err);
    if (ok && strcmp(out->data.train->fingerprint, out->study.data_sha256) != 0)
        ok = error_set(err, ERR_DATA, "the data of study %s have changed since it was run (their"
                       " fingerprint differs); run it again under another name", out->study.name);
    if (!ok) finished_close(out);
    return ok;
}

bool finished_has_models(const Finished *finished, const char *what, Error *err)
{
    if (!finished->config->runs_program) return true;
    return error_set(err, ERR_INVALID, "study %s runs a program of yours: there are no networks and no"
                     " predictions to make %s of; `consort best %s` has the best configuration",
                     finished->study.name, what, finished->place.folder);
}

void finished_close(Finished *finished)
{
    if (finished->store) store_close(finished->store, NULL);
    finished->store = NULL;
}

/* Runs `change` on the database opened for writing, then goes back to reading. */
static bool with_writer(Finished *f, bool (*change)(Finished *, Store *, void *, Error *),
                        void *context, Error *err)
{
    Store *writer;
    finished_close(f);
    if (!store_open(f->place.db, STORE_WRITE, &writer, err)) return false;
    bool ok = change(f, writer, context, err);
    ok = store_close(writer, ok ? err : NULL) && ok;
    return store_open(f->place.db, STORE_READ, &f->store, ok ? err : NULL) && ok;
}

typedef struct {
    const EnsembleOptions *options;
    Ensemble built;
} BuildChange;

static bool build(Finished *f, Store *writer, void *context, Error *err)
{
    BuildChange *change = context;
    BuildInput input = {.store = writer, .record = true, .study = &f->study,
                        .folder = f->place.folder, .labels = f->data.train->labels,
                        .n_rows = f->data.train->n_rows, .positive = f->data.positive,
                        .bagged = f->data.split->n_folds > 1,
                        .out_path = place_file(&f->place, "ensemble.consort", f->cli->arena),
                        .options = change->options};
    if (!input.out_path) return error_memory(err);
    return ensemble_build(&input, f->cli->arena, &change->built, err);
}

bool product_ensemble(Finished *f, const EnsembleOptions *options, Doc **summary, Error *err)
{
    BuildChange change = {.options = options};
    bool ok = with_writer(f, build, &change, err);
    Doc *doc = ok ? ensemble_doc(&change.built) : NULL;
    doc_free(change.built.validation);
    if (!ok) return false;
    f->best_single = change.built.best_single_path;
    *summary = doc;
    return doc_save(&f->place, "ensemble.json", doc, err);
}

/* ---- the test set ---------------------------------------------------------------------------- */

static bool note_look(Finished *f, Store *writer, void *context, Error *err)
{
    return store_event(writer, f->study.id, 0, "TEST_LOOK", context, err);
}

/* The model of the trial that the ensemble was compared with, as one that was built earlier says. */
static const char *best_model_path(Finished *f, Error *err)
{
    Doc *summary;
    TrialRow *rows;
    ArtifactRow *artifacts;
    int n, best = -1;
    if (!doc_load(&f->place, "ensemble.json", &summary, err)) return NULL;
    double number = doc_to_number(doc_get(doc_get(summary, "best_single"), "trial"), -1);
    doc_free(summary);
    if (!store_trials(f->store, f->study.id, f->cli->arena, &rows, &n, err)) return NULL;
    for (int i = 0; i < n; i++)
        if (rows[i].number == number) best = i;
    if (best >= 0 && !store_artifacts(f->store, rows[best].id, f->cli->arena, &artifacts, &n, err))
        return NULL;
    for (int i = 0; best >= 0 && i < n; i++)
        if (strcmp(artifacts[i].kind, "weights") == 0)
            return place_file(&f->place, artifacts[i].path, f->cli->arena);
    error_set(err, ERR_DATA, "the best trial's model is gone; build the ensemble again with `consort"
              " ensemble %s`", f->place.folder);
    return NULL;
}

static bool evaluate_file(Finished *f, const char *path, Doc **out, Error *err)
{
    Model *model;
    int samples = f->config->report.ci == CI_BOOTSTRAP ? BOOTSTRAP_SAMPLES : 0;
    return model_load(path, f->cli->arena, &model, err)
        && evaluate_model(model, f->data.test, f->data.positive, samples, f->study.seed,
                          f->cli->arena, out, err);
}

bool product_test(Finished *f, Doc **ensemble, Doc **best, Error *err)
{
    *ensemble = *best = NULL;
    const char *path = place_file(&f->place, "ensemble.consort", f->cli->arena);
    if (!path) return error_memory(err);
    const char *single = f->best_single ? f->best_single : best_model_path(f, err);
    char what[] = "ensemble and best trial";
    if (!single || !with_writer(f, note_look, what, err)) return false;
    bool ok = evaluate_file(f, path, ensemble, err) && evaluate_file(f, single, best, err);
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

/* ---- the report ------------------------------------------------------------------------------ */

static void base64(const uint8_t *bytes, size_t n, Text *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3) {
        uint32_t group = (uint32_t)bytes[i] << 16;
        if (i + 1 < n) group |= (uint32_t)bytes[i + 1] << 8;
        if (i + 2 < n) group |= bytes[i + 2];
        char four[4] = {digits[group >> 18], digits[group >> 12 & 63],
                        i + 1 < n ? digits[group >> 6 & 63] : '=',
                        i + 2 < n ? digits[group & 63] : '='};
        text_add_n(out, four, 4);
    }
}

/* The pictures of the most confident mistakes. */
static Doc *mistake_images(const Table *table, const Doc *evaluation)
{
    const Doc *mistakes = doc_get(evaluation, "mistakes");
    if (!table || !table->pixels || doc_count(mistakes) == 0) return NULL;
    size_t size = (size_t)table->height * (size_t)table->width;
    Doc *images = doc_array();
    for (size_t i = 0; i < doc_count(mistakes); i++) {
        Doc *image = doc_add(images, doc_copy(doc_at(mistakes, i)));
        double row = doc_to_number(doc_get(image, "row"), -1);
        if (row < 0 || row >= table->n_rows) continue;
        Text text = {0};
        base64(table->pixels + (size_t)row * size, size, &text);
        doc_set_number(image, "height", table->height);
        doc_set_number(image, "width", table->width);
        doc_set_text(image, "pixels", text.bytes);
        text_free(&text);
    }
    return images;
}

static void add_file(Doc *list, const Place *place, const char *name, const char *note,
                     Arena *arena)
{
    char *path = place_file(place, name, arena), hex[65];
    Bytes bytes;
    if (!path || !file_exists(path) || !file_read(path, 0, &bytes, NULL)) return;
    sha256_of(bytes.bytes, bytes.n, hex);
    Doc *file = doc_add(list, doc_object());
    doc_set_text(file, "path", name);
    doc_set_number(file, "bytes", (double)bytes.n);
    doc_set_text(file, "sha256", hex);
    doc_set_text(file, "note", note);
    bytes_free(&bytes);
}

static Doc *deployment(const Finished *f)
{
    Doc *list = doc_array();
    Arena *arena = f->cli->arena;
    add_file(list, &f->place, "ensemble.consort", "the whole pipeline: `consort predict`", arena);
    add_file(list, &f->place, "ensemble.c", "C99 source, no dependency but libm", arena);
    add_file(list, &f->place, "ensemble.h", "its interface", arena);
    return list;
}

static Doc *machine(void)
{
    Doc *doc = doc_object();
    struct utsname name;
    doc_set_text(doc, "version", CONSORT_VERSION);
    doc_set_text(doc, "blas", mat_library());
    doc_set_number(doc, "cores", (double)sysconf(_SC_NPROCESSORS_ONLN));
    if (uname(&name) == 0) {
        doc_set_text(doc, "system", name.sysname);
        doc_set_text(doc, "architecture", name.machine);
    }
    return doc;
}

static bool write_text(const Text *text, const char *asked, const Place *place, const char *name,
                       Arena *arena, const char **path, Error *err)
{
    *path = asked ? asked : place_file(place, name, arena);
    if (!*path || !text_ok(text)) return error_memory(err);
    return file_write(*path, text->bytes, text->n, err);
}

static bool write_report(Finished *f, const Doc *document, const char **page, Error *err)
{
    Text html = {0}, json = {0}, markdown = {0};
    const ReportOptions *options = &f->config->report;
    const char *path;
    Arena *arena = f->cli->arena;
    bool ok = html_write(document, &html, err) && markdown_write(document, &markdown, err)
           && (doc_print(document, 1, &json) || error_memory(err))
           && write_text(&json, options->json, &f->place, "report.json", arena, &path, err)
           && write_text(&markdown, options->markdown, &f->place, "report.md", arena, &path, err)
           && write_text(&html, options->html, &f->place, "report.html", arena, page, err);
    text_free(&html);
    text_free(&json);
    text_free(&markdown);
    return ok;
}

bool product_report(Finished *f, int top, const char **path, Error *err)
{
    Doc *card = NULL, *ensemble = NULL, *evaluation = NULL, *document = NULL;
    bool ok = doc_load(&f->place, "data-card.json", &card, err)
           && doc_load(&f->place, "ensemble.json", &ensemble, err)
           && doc_load(&f->place, "evaluation.json", &evaluation, err);
    const Doc *test = doc_get(evaluation, "ensemble");
    Doc *images = ok ? mistake_images(f->data.test, test) : NULL;
    Doc *files = deployment(f), *here = machine();
    ReportInput input = {.store = f->store, .study = &f->study, .card = card,
                         .ensemble = ensemble, .validation = doc_get(ensemble, "validation"),
                         .test = test, .best_test = doc_get(evaluation, "best"), .images = images,
                         .deployment = files, .machine = here,
                         .top = top > 0 ? top : f->config->report.top};
    ok = ok && document_make(&input, f->cli->arena, &document, err)
      && write_report(f, document, path, err);
    Doc *owned[] = {card, ensemble, evaluation, images, files, here, document};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) doc_free(owned[i]);
    return ok;
}

/* ---- C source -------------------------------------------------------------------------------- */

bool product_c(const Model *model, const char *model_path, const char *name, const char *folder,
               const Table *sample, Arena *arena, const char **source_path, Error *err)
{
    char hex[65];
    Bytes bytes;
    if (!file_read(model_path, 0, &bytes, err)) return false;
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
