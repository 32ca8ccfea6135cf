/* Widths in letters, blanks, and a sheet laid out with them. */
#include "reports/columns.h"

#include <string.h>

int columns_letters(const char *text)
{
    int n = 0;
    for (; *text; text++) n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

void columns_pad(Text *out, int n)
{
    for (; n > 0; n--) text_add_n(out, " ", 1);
}

void columns_right(Text *out, const char *cell, int width)
{
    columns_pad(out, width - columns_letters(cell));
    text_add(out, cell);
}

void columns_name(Text *out, const char *name, int width)
{
    columns_pad(out, width - columns_letters(name));
    for (; *name; name++) text_add_n(out, (unsigned char)*name < 0x20 ? " " : name, 1);
}

static bool is_numeric(const char *cell)
{
    if (!*cell || strcmp(cell, SHEET_DASH) == 0 || strcmp(cell, "-") == 0) return true;
    if (*cell == '-' || *cell == '+') cell++;
    return (*cell >= '0' && *cell <= '9') || (*cell == '.' && cell[1] >= '0' && cell[1] <= '9');
}

static const char *cell_at(const Sheet *sheet, int row, int column)
{
    const char *text = row < 0 ? sheet->heading[column].title
                               : sheet->cell[row * sheet->n_columns + column].text;
    return text ? text : "";
}

void sheet_print(const Sheet *sheet, Text *out)
{
    enum { MOST_COLUMNS = 64 };
    const int n_columns = sheet->n_columns < MOST_COLUMNS ? sheet->n_columns : MOST_COLUMNS;
    int width[MOST_COLUMNS];
    bool right[MOST_COLUMNS];
    for (int c = 0; c < n_columns; c++) {
        width[c] = 0;
        right[c] = sheet->n_rows > 0;
        for (int r = -1; r < sheet->n_rows; r++) {
            const char *cell = cell_at(sheet, r, c);
            if (columns_letters(cell) > width[c]) width[c] = columns_letters(cell);
            if (r >= 0) right[c] = right[c] && is_numeric(cell);
        }
    }
    for (int r = -1; r < sheet->n_rows; r++) {
        for (int c = 0; c < n_columns; c++) {
            const char *cell = cell_at(sheet, r, c);
            bool last = c == n_columns - 1;
            if (c > 0) text_add(out, "  ");
            if (right[c]) columns_pad(out, width[c] - columns_letters(cell));
            columns_name(out, cell, 0);
            if (!right[c] && !last) columns_pad(out, width[c] - columns_letters(cell));
        }
        text_add(out, "\n");
    }
}
