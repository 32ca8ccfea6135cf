/* Fuzzes what unpacks files: streams, archives, archives in streams. What comes out is packed and unpacked again. */
#include "base/packed.h"
#include "data/source.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena *arena = fuzz_arena();
    Bytes bytes, packed, again;
    Error err = {0};
    const char *path = fuzz_file("input.zip", data, size);
    if (!source_read(path, arena, &bytes, &err)) {
        FUZZ_HOLDS(err.code != ERR_NONE && *err.message && !strchr(err.message, '\n'));
        return 0;
    }
    FUZZ_HOLDS(bytes.bytes[bytes.n] == '\0');
    const Member member = {"a.csv", bytes.bytes, bytes.n};
    if (bytes.n < 1 << 16 && bytes.n > 0) {
        fuzz_must(packed_zip(&member, 1, &packed, &err), &err);
        fuzz_must(packed_member("again", packed.bytes, packed.n, "a.csv", &again, &err), &err);
        FUZZ_HOLDS(again.n == bytes.n && memcmp(again.bytes, bytes.bytes, bytes.n) == 0);
        bytes_free(&packed);
        bytes_free(&again);
    }
    bytes_free(&bytes);
    return 0;
}
