/* Fuzzes the JSON files of a study that the report reads back (ensemble.json, evaluation.json, the card, ...): one
 * object whose members go where their names say. Whatever they hold, there is a page, and it is a page. */
#include "reports/classification.h"
#include "reports/document.h"
#include "reports/html.h"
#include "reports/markdown.h"
#include "tests/fuzz/study.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static Store *store;
    static StudyInfo info;
    Arena *arena = fuzz_arena();
    Error err;
    if (!store) {
        fuzz_study_make(fuzz_path("study.db"), 0);
        fuzz_must(store_open(fuzz_path("study.db"), STORE_READ, &store, &err)
                      && store_study_find(store, NULL, fuzz_forever(), &info, &err), &err);
    }
    char *text = fuzz_string(data, size);
    Doc *said = doc_parse(text, size, NULL), *document;
    const ReportInput input = {
        .store = store, .study = &info, .card = doc_get(said, "card"), .ensemble = doc_get(said, "ensemble"),
        .validation = doc_get(said, "validation"), .test = doc_get(said, "test"),
        .best_test = doc_get(said, "best_test"), .images = doc_get(said, "images"),
        .deployment = doc_get(said, "deployment"), .machine = doc_get(said, "machine"), .top = 5};
    if (said && document_make(&input, arena, &document, &err)) {
        Text page = {0}, markdown = {0}, table = {0};
        FUZZ_HOLDS(html_write(document, &page, &err) && strstr(page.bytes, "</html>"));
        FUZZ_HOLDS(markdown_write(document, &markdown, &err));
        if (input.test) classification_report(input.test, 0, &table);
        text_free(&page), text_free(&markdown), text_free(&table);
        doc_free(document);
    }
    doc_free(said);
    free(text);
    return 0;
}
