/* export/write_libsvm.c - LIBSVM's sparse rows: what is not zero.
 *
 * Places begin with 1, or with 0 where the columns are called 0, 1, 2, ... A missing number is `nan`. That
 * there are as many columns as there are, the first row says: it has a pair for the last of them, even if
 * that is zero. A row whose label is missing has none, which not every program can read.
 */
#include <math.h>
#include <string.h>

#include "export/writer.h"

static bool counts_from_zero(const WriteRows *rows)
{
    int place = 0;
    for (int c = 0; c < rows->n_columns; c++) {
        char text[16];
        if (c == rows->label) continue;
        const char *name = write_name(rows, c);
        if (!name || strcmp(name, text_number(place++, text)) != 0) return false;
    }
    return true;
}

static bool add_label(const WriteRows *rows, Text *out, int row, Error *err)
{
    char text[32];
    const int c = rows->label;
    if (write_is_number(rows, c)) {
        double number = write_number(rows, row, c);
        if (!isnan(number)) text_add(out, text_number(number, text));
        return true;
    }
    const char *word = write_word(rows, row, c);
    if (word && word[strcspn(word, " \t\r\n:,#")])
        return error_set(err, ERR_CONFIG,
                         "row %d: the label `%.60s` cannot stand in libsvm, whose labels are numbers or plain"
                                          " words; write csv, ndjson or arff", row + 1, word);
    if (word) text_add(out, word);
    return true;
}

bool write_libsvm(const WriteRows *rows, Text *out, Text *beside, Error *err)
{
    (void)beside;
    char text[32];
    if (rows->label < 0) return error_set(err, ERR_CONFIG, "libsvm needs a label; --label names its column");
    if (!write_numbers_only(rows, "libsvm", err)) return false;
    const int first = counts_from_zero(rows) ? 0 : 1;
    int last = rows->n_columns - 1;
    if (last == rows->label) last--;
    for (int i = 0; i < rows->n_rows && text_ok(out); i++) {
        const size_t from = out->n;
        if (!add_label(rows, out, i, err)) return false;
        int place = first;
        bool any = false;
        for (int c = 0; c < rows->n_columns; c++) {
            if (c == rows->label) continue;
            double number = write_number(rows, i, c);
            if (number != 0 || (c == last && (i == 0 || (!any && out->n == from)))) { /* NaN is not zero */
                text_print(out, out->n > from ? " %d:%s" : "%d:%s", place, isnan(number) ? "nan"
                           : text_number(number, text));
                any = true;
            }
            place++;
        }
        text_add(out, "\n");
    }
    return true;
}
