/* Fuzzes the reading of a stranger's database: of all of its only table, or what is said instead. */
#include "tests/fuzz/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[1000];
    ReadOptions options = *fuzz_read_options();
    snprintf(path, sizeof path, "sqlite:%s", fuzz_file("input.db", data, size));
    fuzz_round_trip(&(DataFile){.images = path}, FORMAT_AUTO, fuzz_arena());
    const char *none = "none";
    options.label = (TextList){1, &none};
    fuzz_read_table(&(DataFile){.images = path}, &options, fuzz_arena());
    return 0;
}
