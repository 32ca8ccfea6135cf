/* Tables as CSV and as LaTeX. */
#include "reports/sheet_print.h"

#include <string.h>

/* ---- CSV ------------------------------------------------------------------------------------- */

static bool is_plain_number(const char *text)
{
    return *text && text[strspn(text, "-0123456789,.")] == '\0';
}

static void csv_cell(Text *out, const char *text, bool number)
{
    if (strcmp(text, SHEET_DASH) == 0) return;
    if (strcmp(text, "·") == 0) {
        text_add(out, "0");
        return;
    }
    if (!number || !is_plain_number(text)) {
        text_csv(out, text);
        return;
    }
    for (; *text; text++)
        if (*text != ',') text_add_n(out, text, 1);
}

void sheet_csv(const Sheet *sheet, Text *out)
{
    for (int c = 0; c < sheet->n_columns; c++) {
        text_add(out, c ? "," : "");
        text_csv(out, sheet->heading[c].title);
    }
    text_add(out, "\n");
    for (int r = 0; r < sheet->n_rows; r++) {
        for (int c = 0; c < sheet->n_columns; c++) {
            const char *text = sheet->cell[r * sheet->n_columns + c].text;
            text_add(out, c ? "," : "");
            csv_cell(out, text ? text : "", sheet->heading[c].number);
        }
        text_add(out, "\n");
    }
}

/* ---- LaTeX ------------------------------------------------------------------------------------ */

/* What of our own text, and of most people's, a plain LaTeX does not have. */
static const struct {
    const char *character, *command;
} signs[] = {
    {"↑", "$\\uparrow$"}, {"↓", "$\\downarrow$"}, {"→", "$\\rightarrow$"}, {"×", "$\\times$"}, {"±", "$\\pm$"},
    {"·", "$\\cdot$"}, {"−", "$-$"}, {"–", "--"}, {"µ", "$\\mu$"}, {"…", "\\ldots{}"}, {"≥", "$\\geq$"},
    {"≤", "$\\leq$"}, {"“", "``"}, {"”", "''"},
    {"\\", "\\textbackslash{}"}, {"{", "\\{"}, {"}", "\\}"}, {"%", "\\%"}, {"#", "\\#"}, {"$", "\\$"},
    {"&", "\\&"}, {"_", "\\_"}, {"~", "\\textasciitilde{}"}, {"^", "\\textasciicircum{}"}, {"<",
                                                                                            "\\textless{}"},
    {">", "\\textgreater{}"}, {"|", "\\textbar{}"}, {"\"", "{\\char34}"}, {"`", "{\\char96}"},
    {"'", "{\\char39}"},
    /* behind \\ they would belong to it */
    {"[", "{[}"}, {"*", "{*}"},
    {"--", "-{}-"}, /* no dash was meant */
};

void text_latex(Text *out, const char *text)
{
    while (*text) {
        size_t i = 0, n = sizeof signs / sizeof *signs;
        while (i < n && strncmp(text, signs[i].character, strlen(signs[i].character)) != 0) i++;
        if (i < n) {
            text_add(out, signs[i].command);
            text += strlen(signs[i].character);
        } else if ((unsigned char)*text < 0x20 || *text == 0x7F) {
            text_add(out, " ");
            text++;
        } else {
            text_add_n(out, text++, 1);
        }
    }
}

static void latex_cell(Text *out, const Sheet *sheet, int r, int c)
{
    const char *text = sheet->cell[r * sheet->n_columns + c].text;
    if (!text) return;
    if (sheet->heading[c].number && *text == '-' && is_plain_number(text)) {
        text_add(out, "$-$");
        text++;
    }
    text_latex(out, text);
}

void sheet_latex(const Sheet *sheet, Text *out)
{
    text_add(out, "% \\usepackage{booktabs}\n\\begin{table}\n  \\centering\n  \\caption{");
    text_latex(out, sheet->caption);
    text_print(out, "}\n  \\label{tab:%s}\n  \\begin{tabular}{", sheet->id); /* ids are our own */
    for (int c = 0; c < sheet->n_columns; c++) text_add(out, sheet->heading[c].number ? "r" : "l");
    text_add(out, "}\n    \\toprule\n    ");
    for (int c = 0; c < sheet->n_columns; c++) {
        const Heading *heading = &sheet->heading[c];
        text_add(out, c ? " & " : "");
        text_latex(out, heading->title);
        if (heading->better) text_add(out, heading->better > 0 ? " $\\uparrow$" : " $\\downarrow$");
    }
    text_add(out, " \\\\\n    \\midrule\n");
    for (int r = 0; r < sheet->n_rows; r++) {
        text_add(out, "    ");
        for (int c = 0; c < sheet->n_columns; c++) {
            text_add(out, c ? " & " : "");
            latex_cell(out, sheet, r, c);
        }
        text_add(out, " \\\\\n");
    }
    text_add(out, "    \\bottomrule\n  \\end{tabular}\n");
    if (sheet->note) {
        text_add(out, "  \\par\\smallskip{\\footnotesize ");
        text_latex(out, sheet->note);
        text_add(out, "}\n");
    }
    text_add(out, "\\end{table}\n");
}
