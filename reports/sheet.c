/* How numbers look in every form, and the building of a table. */
#include "reports/sheet.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- how numbers look ------------------------------------------------------------------------ */

const char *sheet_or_dash(const char *text)
{
    return text ? text : SHEET_DASH;
}

const char *sheet_score(Arena *arena, double score)
{
    double size = fabs(score);
    if (!isfinite(score)) return SHEET_DASH;
    if (size >= 1e4 && size < 1e9) return sheet_count(arena, score); /* of a quantity in its own unit */
    if (size != 0 && (size < 1e-4 || size >= 1e5)) return sheet_or_dash(arena_print(arena, "%.2e", score));
    return sheet_or_dash(arena_print(arena, size >= 1000 ? "%.1f" : "%.4f", score));
}

/* No power of ten where a reader does without. */
const char *sheet_quantity(Arena *arena, double x)
{
    bool large = fabs(x) >= 1e4 && fabs(x) < 1e9;
    if (!isfinite(x)) return SHEET_DASH;
    return large ? sheet_count(arena, x) : sheet_or_dash(arena_print(arena, "%.4g", x));
}

const char *sheet_range(Arena *arena, double low, double high)
{
    if (!isfinite(low) || !isfinite(high)) return SHEET_DASH;
    return sheet_or_dash(arena_print(arena, "%s to %s", sheet_score(arena, low), sheet_score(arena, high)));
}

/* As sheet_score writes `beside`, so that one end of an interval is not "8.06e-05" and the other "0.0075". */
static const char *signed_beside(Arena *arena, double value, double beside)
{
    char fixed[32];
    const char *sign = value > 0 ? "+" : value < 0 ? "−" : "", *text = sheet_score(arena, fabs(value));
    if (fabs(value) < 1e-4 && beside >= 1e-4 && beside < 1e5) {
        snprintf(fixed, sizeof fixed, "%.4f", fabs(value));
        text = fixed;
        if (fabs(value) < 5e-5) sign = "";
    }
    return sheet_or_dash(arena_print(arena, "%s%s", sign, text));
}

const char *sheet_signed(Arena *arena, double difference)
{
    return isfinite(difference) ? signed_beside(arena, difference, 0) : SHEET_DASH;
}

const char *sheet_signed_range(Arena *arena, double low, double high)
{
    if (!isfinite(low) || !isfinite(high)) return SHEET_DASH;
    return sheet_or_dash(arena_print(arena, "%s to %s", signed_beside(arena, low, fabs(high)),
                                     signed_beside(arena, high, fabs(low))));
}

const char *sheet_percent(Arena *arena, double share)
{
    if (!isfinite(share)) return SHEET_DASH;
    return sheet_or_dash(arena_print(arena, "%.1f %%", 100 * share));
}

bool sheet_shares(Arena *arena, const double *share, size_t n, const char **out)
{
    double sum = 0, shown = 0;
    int *tenths = ARENA_NEW(arena, int, n + 1);
    if (!tenths) return false;
    for (size_t i = 0; i < n; i++) {
        double part = isfinite(share[i]) && share[i] >= 0 && share[i] <= 1 ? share[i] : 0;
        sum += part;
        tenths[i] = (int)floor(1000 * part);
        shown += tenths[i];
    }
    if (fabs(sum - 1) > 1e-6 || n > 2000) { /* no whole; or tenths mean nothing */
        for (size_t i = 0; i < n; i++) out[i] = sheet_percent(arena, share[i]);
        return true;
    }
    for (int left = (int)(1000 - shown); left > 0; left--) {
        size_t best = 0;
        for (size_t i = 1; i < n; i++)
            if (1000 * share[i] - tenths[i] > 1000 * share[best] - tenths[best]) best = i;
        tenths[best]++;
    }
    for (size_t i = 0; i < n; i++) out[i] = sheet_percent(arena, tenths[i] / 1000.0);
    return true;
}

const char *sheet_count(Arena *arena, double count)
{
    if (!isfinite(count)) return SHEET_DASH;
    char digits[64], out[96];
    Text plain = {0};
    text_print(&plain, "%.0f", fabs(count) < 1e18 ? count : 1e18);
    size_t n = text_ok(&plain) && plain.n < sizeof digits ? plain.n : 0, m = 0;
    if (n) memcpy(digits, plain.bytes, n);
    text_free(&plain);
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0 && digits[i - 1] != '-') out[m++] = ',';
        out[m++] = digits[i];
    }
    return n ? sheet_or_dash(arena_copy_n(arena, out, m)) : SHEET_DASH;
}

const char *sheet_weights(Arena *arena, const Doc *row)
{
    double networks = doc_to_number(doc_get(row, "networks"), 1), n_params = sheet_number(row, "n_params");
    if (!(networks > 1)) return sheet_count(arena, n_params);
    return sheet_or_dash(arena_print(arena, "%.0f × %s", networks, sheet_count(arena, n_params / networks)));
}

const char *sheet_bytes(Arena *arena, double bytes)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    int unit = 0;
    if (!isfinite(bytes) || bytes < 0) return SHEET_DASH;
    while (bytes >= 999.5 && unit < 4) bytes /= 1000, unit++;
    return sheet_or_dash(arena_print(arena, unit > 0 && bytes < 99.95 ? "%.1f %s" : "%.0f %s", bytes,
                               units[unit]));
}

const char *sheet_seconds(Arena *arena, double seconds)
{
    char text[32];
    if (!isfinite(seconds) || seconds < 0) return SHEET_DASH;
    if (seconds < 0.1) return sheet_or_dash(arena_print(arena, "%.0fms", seconds * 1e3));
    return sheet_or_dash(arena_copy(arena, text_duration(seconds, text)));
}

/* ---- building -------------------------------------------------------------------------------- */

bool sheet_create(const char *id, const char *caption, size_t most_columns, size_t most_rows,
                  Arena *arena, Sheet *out, Error *err)
{
    *out = (Sheet){.id = id, .caption = caption};
    out->heading = ARENA_NEW(arena, Heading, most_columns);
    out->strong = ARENA_NEW(arena, bool, most_rows);
    out->cell = arena_alloc(arena, most_rows, most_columns * sizeof(Cell));
    return (out->heading && out->strong && out->cell && caption) || error_memory(err);
}

void sheet_column(Sheet *sheet, const char *title, bool number, int better, const char *hint)
{
    sheet->heading[sheet->n_columns++] = (Heading){title, hint, better, number, NULL};
}

void sheet_key(Sheet *sheet, const char *key)
{
    sheet->heading[sheet->n_columns - 1].key = key;
}

Cell *sheet_row(Sheet *sheet)
{
    return &sheet->cell[(size_t)sheet->n_rows++ * (size_t)sheet->n_columns];
}

bool sheet_plain(const char *const *titles, size_t most_rows, Arena *arena, Sheet *out, Error *err)
{
    size_t n = 0;
    while (titles[n]) n++;
    if (!sheet_create("", "", n, most_rows, arena, out, err)) return false;
    for (size_t c = 0; c < n; c++) sheet_column(out, titles[c], false, 0, NULL);
    return true;
}

bool sheet_whole(const Sheet *sheet)
{
    for (int i = 0; i < sheet->n_rows * sheet->n_columns; i++)
        if (!sheet->cell[i].text) return false;
    return true;
}

double sheet_number(const Doc *object, const char *key)
{
    return doc_to_number(doc_get(object, key), NAN);
}

const char *sheet_text(const Doc *object, const char *key)
{
    return doc_to_text(doc_get(object, key), "");
}

const char *sheet_value(Arena *arena, const Doc *value)
{
    switch (doc_kind(value)) {
    case DOC_TEXT: return doc_to_text(value, "");
    case DOC_NULL: return SHEET_DASH;
    case DOC_BOOL: return doc_to_bool(value, false) ? "true" : "false";
    case DOC_NUMBER: {
        double number = doc_to_number(value, NAN);
        bool whole = number == floor(number) && fabs(number) < 1e15;
        return sheet_or_dash(arena_print(arena, whole ? "%.0f" : "%.3g", number));
    }
    case DOC_ARRAY:
    case DOC_OBJECT: break;
    }
    Text json = {0};
    const char *text = doc_print(value, 0, &json) ? arena_copy(arena, json.bytes) : NULL;
    text_free(&json);
    return sheet_or_dash(text);
}
