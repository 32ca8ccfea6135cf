/* export/c_dressed.c - data/dressed.c once more, as a template: both must read the same. */
#include "export/c_dressed.h"

static const char signs[] =
    "\n"
    "static size_t @_one_of(const char *const *list, const char *text, size_t n)\n"
    "{\n"
    "    for (; *list; list++) {\n"
    "        size_t k = strlen(*list);\n"
    "        if (n >= k && memcmp(text, *list, k) == 0) return k;\n"
    "    }\n"
    "    return 0;\n"
    "}\n"
    "\n"
    "/* The length of a currency; 0: none. One of letters is none right before a digit. */\n"
    "static size_t @_currency_at(const char *text, size_t n, int in_front)\n"
    "{\n"
    "    size_t k = @_one_of(@_currencies, text, n);\n"
    "    if (!in_front || k == 0 || k == n || text[k] < '0' || text[k] > '9') return k;\n"
    "    return *text >= 'A' && *text <= 'z' && text[k - 1] != '\\044' && text[k - 1] != '.' ? 0 : k;\n"
    "}\n";

static const char digits[] =
    "\n"
    "static size_t @_digits(const char *text, size_t n, size_t *at, int column, char *out, size_t k)\n"
    "{\n"
    "    const char thousands = @_styles[column].thousands, decimal = @_styles[column].decimal;\n"
    "    size_t i = *at, group = 0, parts = 0, n_digits = 0, width = 3, leading = 0, gap;\n"
    "    int point = 0;\n"
    "    while (i < n && k + 2 < 64) {\n"
    "        gap = 0;\n"
    "        if (thousands == ' ' && !point) gap = @_one_of(@_blanks, text + i, n - i);\n"
    "        else if (thousands == '\\'' && !point) gap = @_one_of(@_quotes, text + i, n - i);\n"
    "        else if (thousands && !point) gap = text[i] == thousands;\n"
    "        if (text[i] >= '0' && text[i] <= '9') {\n"
    "            out[k++] = text[i++];\n"
    "            n_digits++;\n"
    "            if (!point) group++;\n"
    "        } else if (text[i] == decimal && !point) {\n"
    "            point = 1;\n"
    "            out[k++] = '.';\n"
    "            i++;\n"
    "        } else if (gap && i + gap < n && text[i + gap] >= '0' && text[i + gap] <= '9') {\n"
    "            if (parts == 0) leading = group;\n"
    "            if (parts == 1 && group == 2 && thousands == ',' && leading < 3) width = 2;\n"
    "            if (parts ? group != width : group < 1 || group > 3 || (group == 1 && out[k - 1] == '0'))\n"
    "                return 0;\n"
    "            parts++;\n"
    "            group = 0;\n"
    "            i += gap;\n"
    "        } else {\n"
    "            break;\n"
    "        }\n"
    "    }\n"
    "    *at = i;\n"
    "    return n_digits && (!parts || group == 3) ? k : 0;\n"
    "}\n";

static const char bare[] =
    "\n"
    "/* The number without currency, percent and thousands, as -1234.5 in `out` (64); 0: it is none. */\n"
    "static size_t @_bare(const char *text, size_t n, int column, char *out)\n"
    "{\n"
    "    size_t i = 0, k = 0, step;\n"
    "    int open = 0, sign = 0, minus = 0;\n"
    "    for (; i < n; i += step) {\n"
    "        step = 1;\n"
    "        if (text[i] == '(' && !open && !sign) {\n"
    "            open = 1;\n"
    "        } else if ((text[i] == '-' || text[i] == '+') && !sign) {\n"
    "            sign = 1;\n"
    "            minus = text[i] == '-';\n"
    "        } else if (!sign && n - i >= 3 && memcmp(text + i, \"\\342\\210\\222\", 3) == 0) {\n"
    "            sign = minus = 1;\n"
    "            step = 3;\n"
    "        } else {\n"
    "            step = @_one_of(@_blanks, text + i, n - i);\n"
    "            if (!step) step = @_currency_at(text + i, n - i, 1);\n"
    "            if (!step) break;\n"
    "        }\n"
    "    }\n"
    "    if (minus || open) out[k++] = '-';\n"
    "    k = @_digits(text, n, &i, column, out, k);\n"
    "    if (!k) return 0;\n"
    "    for (; i < n; i += step) {\n"
    "        step = 1;\n"
    "        if (text[i] == ')' && open) {\n"
    "            open = 0;\n"
    "        } else if (text[i] != '%') {\n"
    "            step = @_one_of(@_blanks, text + i, n - i);\n"
    "            if (!step) step = @_currency_at(text + i, n - i, 0);\n"
    "            if (!step) return 0;\n"
    "        }\n"
    "    }\n"
    "    return open ? 0 : k;\n"
    "}\n";

bool c_has_dressed(const CExport *e)
{
    const Schema *schema = &e->model->schema;
    for (int i = 0; i < schema->n_columns; i++)
        if (schema->columns[i].style != STYLE_PLAIN) return true;
    return false;
}

static void character(Text *out, char c)
{
    if (c == '\0') text_add(out, "0");
    else text_print(out, c == '\'' ? "'\\%c'" : "'%c'", c);
}

/* A list of data/dressed.c. */
static void list(CExport *e, const char *name, const char *const *items)
{
    c_emit(e, "static const char *const @_");
    text_print(e->out, "%s[] = {", name);
    for (size_t i = 0; items[i]; i++) {
        c_break(e->out, i, 6);
        c_string(e->out, items[i]);
    }
    text_add(e->out, ", 0};\n");
}

void c_dressed(CExport *e)
{
    const Schema *schema = &e->model->schema;
    c_emit(e, "\n/* How the numbers of a column are written; decimal is 0 where they stand bare. */\n"
              "static const struct {\n    char thousands, decimal;\n} @_styles[$_N_INPUTS] = {");
    for (int i = 0; i < schema->n_columns; i++) {
        NumberStyle style = schema->columns[i].style;
        c_break(e->out, (size_t)i, 8);
        text_add(e->out, "{");
        character(e->out, style ? dressed_thousands(style) : '\0');
        text_add(e->out, ", ");
        character(e->out, style ? dressed_decimal(style) : '\0');
        text_add(e->out, "}");
    }
    text_add(e->out, "};\n");
    c_emit(e, "\n/* Blanks, also those of typography, and signs of currencies, in UTF-8. */\n");
    list(e, "blanks", dressed_blanks);
    list(e, "quotes", dressed_quotes);
    list(e, "currencies", dressed_currencies);
    c_emit(e, signs);
    c_emit(e, digits);
    c_emit(e, bare);
}
