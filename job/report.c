/* job/report.c - gathers what a report shows beyond the database: the inside, mistakes, files, the machine. */
#include "job/report.h"

#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/file.h"
#include "base/mat.h"
#include "engine/gemm.h"
#include "job/alike.h"
#include "job/baselines.h"
#include "job/compared.h"
#include "job/inspect.h"
#include "job/judged_rows.h"
#include "job/kind.h"
#include "job/preview.h"
#include "job/told.h"
#include "reports/document.h"
#include "reports/html.h"
#include "reports/markdown.h"

/* The pictures of the most confident mistakes. */
static Doc *mistake_images(const Table *table, const Doc *evaluation)
{
    const Doc *mistakes = doc_get(evaluation, "mistakes");
    if (!table || !table->pixels || doc_count(mistakes) == 0) return NULL;
    size_t size = PIXELS_OF(table);
    Doc *images = doc_array();
    for (size_t i = 0; i < doc_count(mistakes); i++) {
        Doc *image = doc_add(images, doc_copy(doc_at(mistakes, i)));
        double row = doc_to_number(doc_get(image, "row"), -1);
        if (row < 0 || row >= table->n_rows) continue;
        Text text = {0};
        base64_add(table->pixels + (size_t)row * size, size, &text);
        doc_set_number(image, "height", table->height);
        doc_set_number(image, "width", table->width);
        if (pixels_channels(table->channels) > 1) doc_set_number(image, "channels", table->channels);
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
    if (!path || !file_exists(path) || !file_read_plain(path, 0, &bytes, NULL)) return;
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
    Arena *arena = f->arena;
    add_file(list, &f->place, "ensemble.consort", "the whole pipeline: `consort predict`", arena);
    add_file(list, &f->place, "ensemble.c", "C99 source, no dependency but libm", arena);
    add_file(list, &f->place, "ensemble.h", "its interface", arena);
    add_file(list, &f->place, "knee.consort", "the knee of the front, by itself", arena);
    add_file(list, &f->place, "knee.c", "the same as C99 source", arena);
    return list;
}

static Doc *machine(void)
{
    Doc *doc = doc_object();
    struct utsname name;
    doc_set_text(doc, "version", CONSORT_VERSION);
    doc_set_text(doc, "blas", mat_library());
    doc_set_text(doc, "kernels", isa_names[gemm_isa()]);
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

bool report_write(Finished *f, const Doc *document, ReportFiles *out, Error *err)
{
    Text html = {0}, json = {0}, markdown = {0};
    const ReportOptions *options = &f->config->report;
    Arena *arena = f->arena;
    bool ok = html_write(document, &html, err) && markdown_write(document, &markdown, err)
           && (doc_print(document, 1, &json) || error_memory(err))
           && write_text(&json, options->json, &f->place, "report.json", arena, &out->json, err)
           && write_text(&markdown, options->markdown, &f->place, "report.md", arena, &out->markdown, err)
           && write_text(&html, options->html, &f->place, "report.html", arena, &out->html, err);
    text_free(&html);
    text_free(&json);
    text_free(&markdown);
    return ok;
}

/* Where there is no model to look into, the report does without; memory alone is worth an end. */
static bool look_inside(Finished *f, Doc **out, Error *err)
{
    Error why = {0};
    const double WORK = 6e9; /* multiplications: some .2 seconds */
    const InspectOptions options = {.trial = -1, .work = WORK};
    if (!f->config->kind->trains || !f->data.train) return true;
    if (inspect_study(f, &options, out, &why)) return true;
    return why.code != ERR_MEMORY || error_memory(err);
}

/* An evaluation whose mistakes say what they are. NULL and true: there is none. */
static bool with_mistakes(const Doc *evaluation, const Table *table, const Doc *inside, Arena *arena, Doc **out,
                          Error *err)
{
    *out = NULL;
    if (doc_kind(evaluation) != DOC_OBJECT) return true;
    *out = doc_copy(evaluation);
    return !table || inspect_mistakes(table, inside, *out, arena, err);
}

/* The card of the data as they are: made again where the folder has none, or that of others. */
static bool find_card(const Finished *f, Doc **out, Error *err)
{
    *out = NULL;
    if (!f->data.train) return true;
    *out = told_card(&f->place, f->data.train->fingerprint);
    if (!*out) *out = data_card(&f->data);
    return *out || error_memory(err);
}

bool report_document(Finished *f, int top, Doc **out, Error *err)
{
    Doc *card = NULL, *ensemble = NULL, *evaluation = NULL, *inside = NULL, *augmented = NULL;
    Doc *baselines = NULL, *compared = NULL, *validation = NULL, *test = NULL, *best = NULL, *spread = NULL;
    const Data *data = &f->data;
    bool current = false;
    bool ok = find_card(f, &card, err) && told_ensemble(&f->place, &ensemble, err)
           && told_evaluation(&f->place, ensemble, data->test ? data->test->fingerprint : NULL, &evaluation,
                              &current, err)
           && baselines_ready(f, &baselines, err);
    bool tested = current && data->test && doc_kind(doc_get(evaluation, "ensemble")) == DOC_OBJECT;
    ok = ok && compared_ready(f, ensemble, baselines, tested, &compared, err) && look_inside(f, &inside, err)
      && preview_augmented(f->config, data->train, f->arena, &augmented, err)
      && with_mistakes(doc_get(ensemble, "validation"), data->train, inside, f->arena, &validation, err);
    if (current)
        ok = ok && with_mistakes(doc_get(evaluation, "ensemble"), data->test, inside, f->arena, &test, err)
          && with_mistakes(doc_get(evaluation, "best"), data->test, inside, f->arena, &best, err);
    const bool targets = data->train && data->train->targets; /* classes: from the counts in the database */
    int n_alike = 0;
    top = top > 0 ? top : f->config->report.top;
    ok = ok && (!targets || (judged_best_trial(f, &spread, err) && alike_trials(f, top, &n_alike, err)));
    Doc *images = ok ? mistake_images(data->test, test) : NULL;
    Doc *files = deployment(f), *here = machine();
    ReportInput input = {.store = f->store, .study = &f->study, .card = card, .best_interval = spread,
                         .n_alike = n_alike,
                         .task = data->train ? &data->train->task : NULL,
                         .ensemble = ensemble, .validation = validation, .inside = inside,
                         .augmented = augmented, .test = test, .best_test = best,
                         .front_test = current ? doc_get(evaluation, "front") : NULL,
                         .baselines = baselines, .compared = compared, .untested = !current,
                         .images = images, .deployment = files, .machine = here,
                         .top = top};
    ok = ok && document_make(&input, f->arena, out, err);
    Doc *owned[] = {card, ensemble, evaluation, baselines, compared, validation, test, best, inside, augmented,
                    images, files, here, spread};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) doc_free(owned[i]);
    return ok;
}

bool product_report(Finished *f, int top, const char **page, Error *err)
{
    Doc *document;
    ReportFiles files;
    if (!report_document(f, top, &document, err)) return false;
    bool ok = report_write(f, document, &files, err);
    if (ok) *page = files.html;
    doc_free(document);
    return ok;
}
