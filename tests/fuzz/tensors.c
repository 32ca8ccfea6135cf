/* Fuzzes the reader of tensor files with the bytes as they are; where there is a digest, it is made right. */
#include "base/tensors.h"
#include "tests/fuzz/tensors_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TensorFile *file;
    Error err;
    char *bytes = fuzz_string(data, size);
    fuzz_seal(bytes, size);
    if (tensors_read(fuzz_file("input.consort", bytes, size), "consort-model 1", &file, &err)) {
        double sum = 0;
        tensors_note(file, "model");
        for (int i = 0; i < tensors_count(file); i++) {
            static const size_t sizes[] = {4, 8, 4, 1};
            const Tensor *tensor = tensors_at(file, i);
            size_t n = sizes[tensor->type];
            for (int d = 0; d < tensor->rank; d++) n *= (size_t)tensor->shape[d];
            for (size_t k = 0; k < n; k++) sum += ((const unsigned char *)tensor->data)[k];
            FUZZ_HOLDS(tensors_find(file, tensor->name, tensor->type, tensor->rank, tensor->shape, &err));
        }
        FUZZ_HOLDS(sum >= 0);
        tensors_free(file);
    } else {
        FUZZ_HOLDS(*err.message && !strchr(err.message, '\n'));
    }
    free(bytes);
    return 0;
}
