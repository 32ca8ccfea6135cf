/* Fuzzes the reader of CIFAR's files. A record is long: the input is what stands in front of each record, and a
 * byte that fills it; what is left over at the end is as it is, so that lengths are wrong, too. */
#include "tests/fuzz/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { PIXELS = 3072, MOST = 12 };
    static uint8_t bytes[MOST * (PIXELS + 2) + 64];
    FuzzBytes in = {data, size};
    const unsigned how = fuzz_byte(&in), classes = how % 2 ? 2 : 1;
    size_t n = 0;
    for (int i = 0; i < MOST && in.n >= classes + 1; i++) {
        for (unsigned k = 0; k < classes; k++) bytes[n++] = (uint8_t)fuzz_byte(&in);
        memset(bytes + n, (int)fuzz_byte(&in), PIXELS);
        n += PIXELS;
    }
    for (int i = 0; how & 2 && in.n > 0 && i < 64; i++) bytes[n++] = (uint8_t)fuzz_byte(&in);
    ReadOptions options = *fuzz_read_options();
    options.format = FORMAT_CIFAR;
    static const char *coarse[] = {"coarse"};
    if (how & 4) options.label = (TextList){1, coarse};
    DataFile file = {.images = fuzz_file("batch", bytes, n)};
    fuzz_read_table(&file, &options, fuzz_arena());
    return 0;
}
