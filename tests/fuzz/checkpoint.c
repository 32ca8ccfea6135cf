/* Fuzzes the reader of checkpoints, in the words of tensors_input.h: all parts, or none is touched. */
#include "engine/checkpoint.h"
#include "tests/fuzz/tensors_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    double a[4] = {7, 7, 7, 7};
    float b[3] = {7, 7, 7};
    int32_t c[2] = {7, 7};
    unsigned char d[5] = {7, 7, 7, 7, 7};
    const CheckpointPart parts[] = {{"step", TENSOR_F64, a, 4}, {"weights", TENSOR_F32, b, 3},
                                    {"best", TENSOR_I32, c, 2}, {"mask", TENSOR_U8, d, 5},
                                    {"nothing", TENSOR_F32, NULL, 0}};
    if (!checkpoint_read(fuzz_tensors(data, size, "consort-checkpoint 1"), "id", parts, 5)) {
        for (int i = 0; i < 4; i++) FUZZ_HOLDS(a[i] == 7);
        for (int i = 0; i < 3; i++) FUZZ_HOLDS(b[i] == 7);
        for (int i = 0; i < 5; i++) FUZZ_HOLDS(d[i] == 7);
        FUZZ_HOLDS(c[0] == 7 && c[1] == 7);
    }
    return 0;
}
