/* Fuzzes the reader of ARFF, and the data card of what it accepts. Options: label. */
#include "tests/fuzz/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const labels[] = {NULL, "none", "1", "class"};
    FuzzBytes say = fuzz_options(data, &size);
    ReadOptions options = *fuzz_read_options();
    options.format = FORMAT_ARFF;
    const char *label = labels[fuzz_byte(&say) % 4];
    options.label = (TextList){label != NULL, &label};
    fuzz_read_table(&(DataFile){.images = fuzz_file("input.arff", data, size)}, &options, fuzz_arena());
    return 0;
}
