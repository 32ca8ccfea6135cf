/* export/c_dressed.c - data/dressed.c once more, as a template: both must read the same. */
#include "export/c_dressed.h"

static const char signs[] =
    "\n"
    "/* Blanks, also those of typography, and signs of currencies, in UTF-8. */\n"
    "static const char *const @_blanks[5] = {\" \", \"\\302\\240\", \"\\342\\200\\257\",\n"
    "                                        \"\\342\\200\\211\", 0};\n"
    "static const char *const @_currencies[7] = {\"\\044\", \"\\342\\202\\254\", \"\\302\\243\",\n"
    "                                            \"\\302\\245\", \"\\342\\202\\271\",\n"
    "                                            \"\\342\\202\\251\", 0};\n"
    "\n"
    "static size_t @_one_of(const char *const *list, const char *text, size_t n)\n"
    "{\n"
    "    for (; *list; list++) {\n"
    "        size_t k = strlen(*list);\n"
    "        if (n >= k && memcmp(text, *list, k) == 0) return k;\n"
    "    }\n"
    "    return 0;\n"
    "}\n";

static const char digits[] =
    "\n"
    "static size_t @_digits(const char *text, size_t n, size_t *at, int column, char *out, size_t k)\n"
    "{\n"
    "    const char thousands = @_styles[column].thousands, decimal = @_styles[column].decimal;\n"
    "    size_t i = *at, group = 0, parts = 0, n_digits = 0, gap;\n"
    "    int point = 0;\n"
    "    while (i < n && k + 2 < 64) {\n"
    "        gap = 0;\n"
    "        if (thousands && !point && thousands == ' ') gap = @_one_of(@_blanks, text + i, n - i);\n"
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
    "            if (parts ? group != 3 : group < 1 || group > 3 || (group == 1 && out[k - 1] == '0'))\n"
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
    "            if (!step) step = @_one_of(@_currencies, text + i, n - i);\n"
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
    "            if (!step) step = @_one_of(@_currencies, text + i, n - i);\n"
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
    c_emit(e, signs);
    c_emit(e, digits);
    c_emit(e, bare);
}
