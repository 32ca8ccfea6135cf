/* Fuzzes the reader of Optuna's databases: cells of one that we wrote are replaced (database.h). */
#include "tests/fuzz/database.h"
#include "tests/fuzz/study.h"
#include "tuner/exchange/exchange.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static DatabaseImage image;
    Error err;
    ForeignStudy study;
    Arena *arena = fuzz_arena();
    if (!image.bytes) {
        Store *store;
        StudyInfo info;
        int n;
        const char *path = fuzz_path("optuna.db");
        const OptunaOptions options = {.utc = true};
        fuzz_study_make(fuzz_path("study.db"), 0);
        fuzz_must(store_open(fuzz_path("study.db"), STORE_READ, &store, &err)
                      && store_study_find(store, NULL, arena, &info, &err)
                      && exchange_to_optuna(store, &info, fuzz_space(0), &options, path, &n, &err)
                      && store_close(store, &err), &err);
        database_image(path, &image);
        arena = fuzz_arena();
    }
    const char *path = database_damaged(&image, (FuzzBytes){data, size});
    if (!foreign_read_optuna(path, NULL, NULL, (const char *const[]){"loss", NULL}, arena, &study, &err)) {
        FUZZ_HOLDS(*err.message && !strchr(err.message, '\n'));
        return 0;
    }
    fuzz_match(&study, arena);
    return 0;
}
