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

void columns_cut(Text *out, const char *cell, int width)
{
    const int letters = columns_letters(cell), tail = (width - 1) / 2, head = width - 1 - tail;
    int at = 0;
    for (; *cell; cell++) {
        if (((unsigned char)*cell & 0xC0) != 0x80 && at++ == head && letters > width) text_add(out, "…");
        if (letters > width && at > head && at <= letters - tail) continue;
        text_add_n(out, (unsigned char)*cell < 0x20 ? " " : cell, 1);
    }
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

/* ---- as wide as there is room ------------------------------------------------------------------ */

enum { MOST_COLUMNS = 64, GAP = 2 };
typedef struct {
    int n, width[MOST_COLUMNS];
    bool right[MOST_COLUMNS];
} Layout;

static Layout layout_of(const Sheet *sheet)
{
    Layout layout = {.n = sheet->n_columns < MOST_COLUMNS ? sheet->n_columns : MOST_COLUMNS};
    for (int c = 0; c < layout.n; c++) {
        layout.right[c] = sheet->n_rows > 0;
        for (int r = -1; r < sheet->n_rows; r++) {
            const char *cell = cell_at(sheet, r, c);
            if (columns_letters(cell) > layout.width[c]) layout.width[c] = columns_letters(cell);
            if (r >= 0) layout.right[c] = layout.right[c] && is_numeric(cell);
        }
    }
    return layout;
}

static int over(const Layout *layout, int room)
{
    int total = -GAP - room;
    for (int c = 0; c < layout->n; c++) total += layout->width[c] + GAP;
    return total;
}

/* Columns of words give what is too much, the widest first, until each is no wider than a third of the room. */
static void squeeze(Layout *layout, int room)
{
    const int least = room / 3 > 16 ? room / 3 : 16;
    for (int much; (much = over(layout, room)) > 0;) {
        int widest = -1;
        for (int c = 0; c < layout->n; c++)
            if (!layout->right[c] && layout->width[c] > (widest < 0 ? least : layout->width[widest]))
                widest = c;
        if (widest < 0) return;
        int less = layout->width[widest] - much;
        layout->width[widest] = less > least ? less : least;
    }
}

/* The first column, and `n` from column `from` on. */
static void put_block(const Sheet *sheet, const Layout *layout, int from, int n, Text *out)
{
    for (int r = -1; r < sheet->n_rows; r++) {
        for (int k = 0; k <= n; k++) {
            const int c = k ? from + k - 1 : 0;
            const char *cell = cell_at(sheet, r, c);
            int blank = layout->width[c] - columns_letters(cell);
            if (k > 0) columns_pad(out, GAP);
            if (layout->right[c]) columns_pad(out, blank);
            columns_cut(out, cell, layout->width[c]);
            if (!layout->right[c] && k < n) columns_pad(out, blank);
        }
        text_add(out, "\n");
    }
}

void sheet_print(const Sheet *sheet, int room, Text *out)
{
    Layout layout = layout_of(sheet);
    if (layout.n == 0) return;
    if (room > 0) squeeze(&layout, room);
    for (int from = 1, n; from == 1 || from < layout.n; from += n) {
        int wide = layout.width[0];
        for (n = 0; from + n < layout.n; n++) {
            wide += GAP + layout.width[from + n];
            if (room > 0 && n > 0 && wide > room) break;
        }
        if (from > 1) text_add(out, "\n");
        put_block(sheet, &layout, from, n, out);
        if (n == 0) return;
    }
}
