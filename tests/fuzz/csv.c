/* Fuzzes the reader of CSV, and the data card of what it accepts, with and without a model. Options: header, delimiter, label, lists, what is skipped. */
#include "tests/fuzz/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const delimiters[] = {"auto", ",", ";", "tab", "|", "space", ".", "\""};
    static const char *const labels[] = {NULL, "none", "1", "2", "-2", "class", "y", "99"};
    static const char *some[] = {"x", "column_1", "y"}, *odd[] = {"", "NA", "-999", "\xC3\xA9"};
    FuzzBytes say = fuzz_options(data, &size);
    ReadOptions options = *fuzz_read_options();
    options.format = FORMAT_CSV;
    options.header = (int)(fuzz_byte(&say) % 3);
    options.delimiter = delimiters[fuzz_byte(&say) % 8];
    const char *label = labels[fuzz_byte(&say) % 8];
    options.label = (TextList){label != NULL, &label};
    unsigned lists = fuzz_byte(&say);
    if (lists & 1) options.features = (TextList){3, some};
    if (lists & 2) options.drop = (TextList){1, some};
    if (lists & 4) options.numeric = (TextList){2, some};
    if (lists & 8) options.nominal = (TextList){1, some + 1};
    if (lists & 16) options.missing_tokens = (TextList){4, odd};
    if (lists & 32) options.comment = "#";
    if (lists & 64) options.skip = 1;
    if (lists & 128) options.decimal = DECIMAL_COMMA;
    Arena *arena = fuzz_arena();
    const Table *table = fuzz_read_table(&(DataFile){.images = fuzz_file("input.csv", data, size)}, &options, arena);
    /* A file of another form: all but the first line. */
    const uint8_t *rest = table ? memchr(data, '\n', size) : NULL;
    if (!rest) return 0;
    const char *other = fuzz_file("other.csv", rest + 1, (size_t)(data + size - rest - 1));
    fuzz_read_other(&(DataFile){.images = other}, options.format, table, arena);
    return 0;
}
