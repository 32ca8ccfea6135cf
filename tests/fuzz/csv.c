/* Fuzzes the reader of CSV, and the data card of what it accepts. Options: header, delimiter, label, lists, what is skipped. */
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
    options.label = labels[fuzz_byte(&say) % 8];
    unsigned lists = fuzz_byte(&say);
    if (lists & 1) options.features = (TextList){3, some};
    if (lists & 2) options.drop = (TextList){1, some};
    if (lists & 4) options.numeric = (TextList){2, some};
    if (lists & 8) options.nominal = (TextList){1, some + 1};
    if (lists & 16) options.missing_tokens = (TextList){4, odd};
    if (lists & 32) options.comment = "#";
    if (lists & 64) options.skip = 1;
    if (lists & 128) options.decimal = DECIMAL_COMMA;
    fuzz_read_table(&(DataFile){.images = fuzz_file("input.csv", data, size)}, &options, fuzz_arena());
    return 0;
}
