#include "reports/markdown.h"

#include <math.h>
#include <string.h>

#include "reports/sheet.h"

/* Letters on the terminal: bytes that do not continue a UTF-8 character. */
static int letters(const char *text)
{
    int n = 0;
    for (; *text; text++) n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

static void pad(Text *out, int n)
{
    for (; n > 0; n--) text_add_n(out, " ", 1);
}

static void add_right(Text *out, const char *cell, int width)
{
    pad(out, width - letters(cell));
    text_add(out, cell);
}

/* A newline in a class name must not break the table. */
static void add_name(Text *out, const char *name, int width)
{
    pad(out, width - letters(name));
    for (; *name; name++) text_add_n(out, (unsigned char)*name < 0x20 ? " " : name, 1);
}

/* ---- scikit-learn's classification_report ------------------------------------------------------ */

/* Its layout: the name set right in the widest name (at least "weighted avg"), two blanks, then
 * columns of nine set right and parted by a blank. */
static void add_share(Text *out, double share, bool *undefined)
{
    char text[32] = SHEET_DASH;
    Text number = {0};
    if (isfinite(share)) {
        text_print(&number, "%.2f", share);
        if (text_ok(&number) && number.n < sizeof text) memcpy(text, number.bytes, number.n + 1);
        text_free(&number);
    } else {
        *undefined = true;
    }
    text_add(out, " ");
    add_right(out, text, 9);
}

static double number_of(const Doc *object, const char *key)
{
    return doc_to_number(doc_get(object, key), NAN);
}

static void add_row(Text *out, const char *name, int width, const Doc *entry, double support,
                    bool *undefined)
{
    add_name(out, name, width);
    text_add(out, " ");
    add_share(out, number_of(entry, "precision"), undefined);
    add_share(out, number_of(entry, "recall"), undefined);
    add_share(out, number_of(entry, "f1"), undefined);
    text_print(out, " %9.0f\n", support);
}

static void add_metric(const Doc *evaluation, const char *name, const char *label, int width, Text *out)
{
    const Doc *entry = doc_get(doc_get(evaluation, "metrics"), name);
    double value = doc_to_number(entry, number_of(entry, "value"));
    double low = number_of(entry, "low95"), high = number_of(entry, "high95");
    if (!entry) return; /* not asked for; what is there and undefined is a dash */
    add_right(out, label, width);
    if (!isfinite(value)) {
        text_add(out, "           " SHEET_DASH "\n");
        return;
    }
    text_print(out, "  %10.4f", value);
    if (isfinite(low) && isfinite(high)) text_print(out, "   %.4f to %.4f", low, high);
    text_add(out, "\n");
}

void classification_report(const Doc *evaluation, Text *out)
{
    const Doc *classes = doc_get(evaluation, "per_class"), *labels = doc_get(evaluation, "classes");
    const Doc *averages = doc_get(evaluation, "averages");
    double rows = doc_to_number(doc_get(evaluation, "rows"), 0);
    int width = letters("weighted avg");
    bool undefined = false;
    for (size_t i = 0; i < doc_count(classes); i++) {
        const Doc *name = doc_get(doc_at(classes, i), "label");
        int n = letters(doc_to_text(name, doc_to_text(doc_at(labels, i), "")));
        if (n > width) width = n;
    }
    pad(out, width + 1);
    text_add(out, " precision    recall  f1-score   support\n\n");
    for (size_t i = 0; i < doc_count(classes); i++) {
        const Doc *entry = doc_at(classes, i), *name = doc_get(entry, "label");
        add_row(out, doc_to_text(name, doc_to_text(doc_at(labels, i), "")), width, entry,
                doc_to_number(doc_get(entry, "support"), 0), &undefined);
    }
    const Doc *accuracy = doc_get(doc_get(evaluation, "metrics"), "accuracy");
    text_add(out, "\n");
    add_right(out, "accuracy", width);
    pad(out, 21);
    add_share(out, doc_to_number(accuracy, number_of(accuracy, "value")), &undefined);
    text_print(out, " %9.0f\n", rows);
    add_row(out, "macro avg", width, doc_get(averages, "macro"), rows, &undefined);
    add_row(out, "weighted avg", width, doc_get(averages, "weighted"), rows, &undefined);
    text_add(out, "\n");
    add_metric(evaluation, "accuracy", "accuracy", width + 8, out);
    add_metric(evaluation, "f1_macro", "macro F1", width + 8, out);
    add_metric(evaluation, "balanced_accuracy", "balanced accuracy", width + 8, out);
    add_metric(evaluation, "mcc", "MCC", width + 8, out);
    add_metric(evaluation, "log_loss", "log loss", width + 8, out);
    add_metric(evaluation, "ece", "calibration error", width + 8, out);
    if (undefined)
        text_add(out, "\n" SHEET_DASH " undefined (never predicted, or no rows): counts as 0 in the "
                      "averages; a class without rows is left out of the macro average\n");
}

/* ---- aligned columns --------------------------------------------------------------------------- */

static bool is_numeric(const char *cell)
{
    if (!*cell || strcmp(cell, SHEET_DASH) == 0 || strcmp(cell, "-") == 0) return true;
    if (*cell == '-' || *cell == '+') cell++;
    return (*cell >= '0' && *cell <= '9') || (*cell == '.' && cell[1] >= '0' && cell[1] <= '9');
}

static const char *cell_at(const char *const *cells, int column)
{
    for (int c = 0; c < column; c++)
        if (!cells[c]) return "";
    return cells[column] ? cells[column] : "";
}

void text_table(const char *const *header, const char *const *const *rows, int n_rows, Text *out)
{
    enum { MOST_COLUMNS = 64 };
    int width[MOST_COLUMNS], n_columns = 0;
    bool right[MOST_COLUMNS];
    while (n_columns < MOST_COLUMNS && header[n_columns]) n_columns++;
    for (int c = 0; c < n_columns; c++) {
        width[c] = letters(header[c]);
        right[c] = n_rows > 0;
        for (int r = 0; r < n_rows; r++) {
            const char *cell = cell_at(rows[r], c);
            if (letters(cell) > width[c]) width[c] = letters(cell);
            right[c] = right[c] && is_numeric(cell);
        }
    }
    for (int r = -1; r < n_rows; r++) {
        for (int c = 0; c < n_columns; c++) {
            const char *cell = r < 0 ? header[c] : cell_at(rows[r], c);
            bool last = c == n_columns - 1;
            if (c > 0) text_add(out, "  ");
            if (right[c]) pad(out, width[c] - letters(cell));
            add_name(out, cell, 0);
            if (!right[c] && !last) pad(out, width[c] - letters(cell));
        }
        text_add(out, "\n");
    }
}
