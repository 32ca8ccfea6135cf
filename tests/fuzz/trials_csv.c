/* Fuzzes trials of other tools as CSV, and matches what is read to a search space. Options: which tool, score. */
#include "tests/fuzz/study.h"
#include "tuner/exchange/exchange.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const metrics[] = {"value", "values_0", "val_accuracy", NULL};
    FuzzBytes say = fuzz_options(data, &size);
    Arena *arena = fuzz_arena();
    ForeignStudy study;
    Error err;
    bool wandb = fuzz_byte(&say) & 1;
    const char *metric = fuzz_byte(&say) & 1 ? "loss" : NULL;
    if (!foreign_read_csv(fuzz_file("input.csv", data, size), wandb, metric, metrics, arena, &study, &err)) {
        FUZZ_HOLDS(*err.message && !strchr(err.message, '\n'));
        return 0;
    }
    fuzz_match(&study, arena);
    return 0;
}
