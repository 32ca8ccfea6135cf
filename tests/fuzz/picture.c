/* Fuzzes the readers of single pictures, and what makes them another size. */
#include "pictures/read.h"
#include "pictures/resize.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Picture seen, p;
    Error err = {0};
    bool looked = picture_read((const char *)data, size, true, 255, &seen, &err);
    if (looked && (double)seen.width * seen.height > 1 << 20) return 0; /* slow, and nothing else */
    if (!picture_read((const char *)data, size, false, 255, &p, &err)) {
        FUZZ_HOLDS(err.code != ERR_NONE && *err.message && !strchr(err.message, '\n'));
        return 0;
    }
    FUZZ_HOLDS(looked && seen.width == p.width && seen.height == p.height && seen.channels == p.channels);
    FUZZ_HOLDS((p.channels == 1 || p.channels == 3) && p.bytes);
    uint8_t out[3 * 13 * 11];
    PicturePart part = {p.bytes, p.width, p.height, p.channels, (size_t)p.width * (size_t)p.channels};
    fuzz_must(picture_resize(part, 13, 11, out, (size_t)(13 * p.channels), &err), &err);
    fuzz_must(picture_make_channels(&p, p.channels == 1 ? 3 : 1, &err), &err);
    picture_free(&p);
    return 0;
}
