/* Fuzzes the reader of IDX: the pictures, and from the last "\0\0\10\1" on their labels. */
#include "tests/fuzz/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t n = size;
    for (size_t at = size; n == size && at-- > 4;)
        if (size - at >= 4 && memcmp(data + at, "\0\0\10\1", 4) == 0) n = at;
    ReadOptions options = *fuzz_read_options();
    options.format = FORMAT_IDX;
    DataFile file = {.images = fuzz_file("pictures", data, n),
                     .labels = n < size ? fuzz_file("classes", data + n, size - n) : NULL};
    fuzz_read_table(&file, &options, fuzz_arena());
    return 0;
}
