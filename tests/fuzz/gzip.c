/* Fuzzes file_read: gzip is taken apart, all else comes out as it is, and nothing beyond the limit. */
#include "base/file.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { LIMIT = 1 << 20 };
    Bytes bytes;
    Error err;
    bool gzip = size >= 2 && data[0] == 0x1f && data[1] == 0x8b;
    if (file_read(fuzz_file("input.gz", data, size), LIMIT, &bytes, &err)) {
        FUZZ_HOLDS(bytes.n <= LIMIT && bytes.bytes[bytes.n] == '\0');
        FUZZ_HOLDS(gzip || (bytes.n == size && (size == 0 || memcmp(bytes.bytes, data, size) == 0)));
        bytes_free(&bytes);
    } else {
        FUZZ_HOLDS(gzip && *err.message);
    }
    return 0;
}
