/* Fuzzes the reader of stored predictions, in the words of tensors_input.h. */
#include "model/model.h"
#include "tests/fuzz/tensors_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Predictions got;
    Error err;
    if (predictions_load(fuzz_tensors(data, size, "consort-proba 1"), fuzz_arena(), &got, &err)) {
        FUZZ_HOLDS(got.n_rows > 0 && got.n_classes > 0);
        for (int r = 0; r < got.n_rows; r++) {
            FUZZ_HOLDS(got.row[r] >= 0 && (r == 0 || got.row[r] > got.row[r - 1]));
            for (int c = 0; c < got.n_classes; c++)
                FUZZ_HOLDS(got.proba[(size_t)r * (size_t)got.n_classes + (size_t)c] >= 0);
        }
    } else {
        FUZZ_HOLDS(*err.message && !strchr(err.message, '\n'));
    }
    return 0;
}
