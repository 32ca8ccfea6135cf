/* Fuzzes the reader of JSON objects, and what is made of it: the data card, and the table written and read again.
 * Options: label. */
#include "tests/fuzz/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const labels[] = {NULL, "none", "1", "y"};
    FuzzBytes say = fuzz_options(data, &size);
    ReadOptions options = *fuzz_read_options();
    options.format = FORMAT_NDJSON;
    const char *label = labels[fuzz_byte(&say) % 4];
    options.label = label ? TEXT_ONE(label) : (TextList){0};
    const DataFile file = {.images = fuzz_file("input.ndjson", data, size)};
    fuzz_read_table(&file, &options, fuzz_arena());
    fuzz_round_trip(&file, options.format, fuzz_arena());
    return 0;
}
