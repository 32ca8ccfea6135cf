/* Fuzzes files of the cache. The input is one without its footer, which is made here, or no hash would ever hold;
 * its last byte says how many times 64 bytes of it are arrays. What is loaded is a sound table, or there is none.
 * CACHE_CORPUS=FOLDER build/tests/test_cache_tables writes seeds of today's layout. */
#include "base/file.h"
#include "cache/file.h"
#include "tests/fuzz/table.h"

static const char key[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct {
        char magic[16];
        uint32_t version, order;
        uint64_t bytes, at, n;
        char sha256[64];
    } footer = {.magic = "consort table\n", .version = CACHE_VERSION, .order = 0x01020304};
    char hex[65];
    if (size < 2) return 0;
    size_t at = data[size - 1] % 64 * 64;
    size--;
    if (at > size) return 0;
    footer.bytes = size + sizeof footer;
    footer.at = at;
    footer.n = size - at;
    sha256_of(data + at, size - at, hex);
    memcpy(footer.sha256, hex, 64);
    uint8_t *bytes = malloc(size + sizeof footer);
    if (!bytes) abort();
    memcpy(bytes, data, size);
    memcpy(bytes + size, &footer, sizeof footer);
    CachePlace place = {fuzz_file("kept.table", bytes, size + sizeof footer), key, "", false};
    free(bytes);
    Arena *arena = fuzz_arena();
    Table *table = NULL;
    if (cache_load(&place, arena, &table) == CACHE_FOUND) {
        for (int i = 0; i < table->n_columns; i++) {
            const Column *column = &table->columns[i];
            for (int r = 0; column->code && r < table->n_rows; r++)
                FUZZ_HOLDS(column->code[r] >= -1 && column->code[r] < column->n_levels);
            for (int r = 0; r < table->n_rows; r++) FUZZ_HOLDS(column_cell(column, r, arena));
        }
        for (int i = 0; table->labels && i < table->n_rows; i++)
            FUZZ_HOLDS(table->labels[i] >= -1 && table->labels[i] < table->n_classes);
        table_fingerprint(table);
    } else {
        FUZZ_HOLDS(!table);
    }
    (void)cache_source(place.path, arena);
    return 0;
}
