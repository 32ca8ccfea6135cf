/* Fuzzes the readers of NumPy's arrays, one or several of them: the data card, and the table written and read again. */
#include "tests/fuzz/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ReadOptions options = *fuzz_read_options();
    options.format = size > 0 && data[0] == 'P' ? FORMAT_NPZ : FORMAT_NPY;
    const DataFile file = {.images = fuzz_file("input.npy", data, size)};
    fuzz_read_table(&file, &options, fuzz_arena());
    fuzz_round_trip(&file, options.format, fuzz_arena());
    return 0;
}
