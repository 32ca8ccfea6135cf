/* Fuzzes the reader of JSON: what it accepts is printed, and reads back the same; and a row that is read in one walk
 * says what the whole reader says. */
#include "base/doc.h"
#include "tests/fuzz/fuzz.h"
#include "tests/json_row_same.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Error err;
    char *text = fuzz_string(data, size);
    Doc *doc = doc_parse(text, size, &err);
    if (doc) {
        Text once = {0}, wide = {0}, twice = {0};
        FUZZ_HOLDS(doc_print(doc, 0, &once) && doc_print(doc, 2, &wide));
        Doc *again = doc_parse(wide.bytes, wide.n, &err), *copy = doc_copy(doc);
        fuzz_must(again != NULL, &err);
        FUZZ_HOLDS(doc_print(again, 0, &twice) && fuzz_same(&once, &twice));
        twice.n = 0;
        FUZZ_HOLDS(doc_print(copy, 0, &twice) && fuzz_same(&once, &twice));
        doc_free(again);
        doc_free(copy);
        text_free(&once);
        text_free(&wide);
        text_free(&twice);
    } else {
        FUZZ_HOLDS(*err.message && !strchr(err.message, '\n'));
    }
    doc_free(doc);
    bool taken;
    if (size < 4096 && text_is_utf8(text, size)) FUZZ_HOLDS(json_row_same(text, size, &taken));
    free(text);
    return 0;
}
