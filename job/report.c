/* job/report.c - gathers what a report shows beyond the database: mistakes as pictures, files, the machine. */
#include "job/report.h"

#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mat.h"
#include "reports/document.h"
#include "reports/html.h"
#include "reports/markdown.h"

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

bool report_document(Finished *f, int top, Doc **out, Error *err)
{
    Doc *card = NULL, *ensemble = NULL, *evaluation = NULL;
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
    ok = ok && document_make(&input, f->arena, out, err);
    Doc *owned[] = {card, ensemble, evaluation, images, files, here};
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
