/* What stands between the text of a cell and its value, as data/ reads it. */
#include "export/c_cells.h"

#include <math.h>
#include <string.h>

#include "data/reader.h"
#include "export/c_encode.h"

/* ---- tables ------------------------------------------------------------------------------------- */

static bool is_number(const char *word, double *number)
{
    return reading_number(word, strlen(word), false, number) && isfinite(*number);
}

static bool has_missing_numbers(const CExport *e)
{
    const ReadRules *rules = &e->model->schema.rules;
    double number;
    for (int i = 0; i < rules->n_missing; i++)
        if (is_number(rules->missing[i], &number)) return true;
    return false;
}

static bool has_dressed(const CExport *e)
{
    const Schema *schema = &e->model->schema;
    for (int i = 0; i < schema->n_columns; i++)
        if (schema->columns[i].style != STYLE_PLAIN) return true;
    return false;
}

static void missing(CExport *e)
{
    const ReadRules *rules = &e->model->schema.rules;
    const int n = rules->n_missing > 0 ? rules->n_missing : N_MISSING_UNSAID;
    text_print(e->out, "\n/* Cells that mean missing, unless the column knows them as a word. */\n"
               "static const char *const %s_missing[%d] = {", e->name, n);
    c_strings(e, n, rules->n_missing > 0 ? rules->missing : missing_unsaid);
    if (!e->has_numbers || !has_missing_numbers(e)) return;
    c_emit(e, "/* And the numbers among them, however they are written. */\n"
              "static const double @_missing_number[] = {");
    double number;
    for (int i = 0, k = 0; i < rules->n_missing; i++)
        if (is_number(rules->missing[i], &number)) {
            c_break(e->out, (size_t)k++, 6);
            text_print(e->out, "%.17g", number);
        }
    text_add(e->out, "};\n");
}

static bool has_levels(const Column *column)
{
    return column_has_words(column->kind) && column->kind != COLUMN_FREE_TEXT;
}

static void words(CExport *e)
{
    const Schema *schema = &e->model->schema;
    for (int i = 0; i < schema->n_columns; i++) {
        const Column *column = &schema->columns[i];
        if (column->n_levels == 0 || !has_levels(column)) continue;
        text_print(e->out, "static const char *const %s_levels%d[] = {", e->name, i);
        c_strings(e, column->n_levels, column->levels);
    }
    c_emit(e, "\n/* The words that a column knows; n is -1 where it holds numbers. */\n"
              "static const struct {\n    int n;\n    const char *const *text;\n");
    if (e->has_levels) c_emit(e, "    int ordered; /* what it does not know is missing */\n");
    c_emit(e, "} @_words[$_N_INPUTS] = {");
    for (int i = 0; i < schema->n_columns; i++) {
        const Column *column = &schema->columns[i];
        const char *more = !e->has_levels ? "" : column->kind == COLUMN_ORDERED ? ", 1" : ", 0";
        c_break(e->out, (size_t)i, 4);
        if (!has_levels(column)) text_print(e->out, "{-1, 0%s}", more);
        else if (column->n_levels == 0) text_print(e->out, "{0, 0%s}", more);
        else text_print(e->out, "{%d, %s_levels%d%s}", column->n_levels, e->name, i, more);
    }
    text_add(e->out, "};\n");
}

static void formats(CExport *e)
{
    const Schema *schema = &e->model->schema;
    c_emit(e, "\n/* How the dates of a column are written; 0 where it holds none. */\n"
              "static const char *const @_formats[$_N_INPUTS] = {");
    for (int i = 0; i < schema->n_columns; i++) {
        c_break(e->out, (size_t)i, 4);
        if (schema->columns[i].kind == COLUMN_DATE) c_string(e->out, schema->columns[i].format);
        else text_add(e->out, "0");
    }
    text_add(e->out, "};\n");
}

static void texts(CExport *e)
{
    const Schema *schema = &e->model->schema;
    c_emit(e, "\n/* Which columns hold text. */\nstatic const unsigned char @_is_text[$_N_INPUTS] = {");
    for (int i = 0; i < schema->n_columns; i++) {
        c_break(e->out, (size_t)i, 16);
        text_print(e->out, "%d", schema->columns[i].kind == COLUMN_FREE_TEXT);
    }
    text_add(e->out, "};\n");
}

static void character(Text *out, char c)
{
    if (c == '\0') text_add(out, "0");
    else text_print(out, c == '\'' ? "'\\%c'" : "'%c'", c);
}

/* A list of data/dressed.c. */
static void signs(CExport *e, const char *name, const char *const *items)
{
    text_print(e->out, "static const char *const %s_%s[] = {", e->name, name);
    for (size_t i = 0; items[i]; i++) {
        c_break(e->out, i, 6);
        c_string(e->out, items[i]);
    }
    text_add(e->out, ", 0};\n");
}

static void dressed(CExport *e)
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
    signs(e, "blanks", dressed_blanks);
    signs(e, "quotes", dressed_quotes);
    signs(e, "currencies", dressed_currencies);
    c_emit(e, "static const @_signs @_all_signs = {@_blanks, @_quotes, @_currencies};\n");
}

/* ---- functions ---------------------------------------------------------------------------------- */

/* A cell that is missing. */
static const char *nothing(const CExport *e)
{
    return e->plan->wide ? "(double)NAN" : "NAN";
}

static void level(CExport *e)
{
    text_print(e->out, "\n%s ", c_cell_type(e));
    c_emit(e, "@_level(int column, const char *text)\n"
              "{\n"
              "    if (!text) return ");
    text_print(e->out, "%s;\n", nothing(e));
    c_emit(e, "    const size_t n = @_trim(&text);\n"
              "    const int level = @_find(text, n, @_words[column].text, @_words[column].n);\n");
    text_print(e->out, "    if (level >= 0) return (%s)level;\n    return ", c_cell_type(e));
    if (e->has_levels) c_emit(e, "@_words[column].ordered || ");
    c_emit(e, "@_is_missing(text, n) ? ");
    text_add(e->out, nothing(e));
    c_emit(e, " : $_UNSEEN;\n}\n");
}

/* "x[i] = ", and what makes a double a cell. */
static void assign(CExport *e, const char *value)
{
    if (e->plan->wide) c_emit(e, "            x[i]~ = ");
    else c_emit(e, "            x[i]~ = @_narrow(");
    c_emit(e, value);
    text_add(e->out, e->plan->wide ? ";\n" : ");\n");
}

static void row_number(CExport *e)
{
    const char *name = e->name, *comma = e->model->schema.rules.decimal_comma ? "1" : "0";
    text_add(e->out, "            double v;\n");
    if (has_dressed(e)) {
        c_emit(e, "            if (@_styles[i].decimal) {\n"
                  "                char bare[$_BARE_MOST];\n"
                  "                n = @_bare(&@_all_signs, @_styles[i].thousands, @_styles[i].decimal, text,"
                  " n, bare);\n");
        text_print(e->out, "                if (!n || !%s_parse(bare, n, %s, &v)) return i + 1;\n"
                   "            } else if (!%s_parse(text, n, %s, &v)) {\n"
                   "                return i + 1;\n            }\n", name, comma, name, comma);
    } else {
        text_print(e->out, "            if (!%s_parse(text, n, %s, &v)) return i + 1;\n", name, comma);
    }
    if (has_missing_numbers(e))
        c_emit(e, "            for (n = 0; n < sizeof @_missing_number / sizeof @_missing_number[0]; n++)\n"
                  "                if (!(v < @_missing_number[n]) && !(v > @_missing_number[n]))"
                  " v = (double)NAN;\n");
    assign(e, "v");
}

static void row_value(CExport *e)
{
    c_emit(e, "        {\n"
              "            size_t n = text ? @_trim(&text) : 0;\n"
              "            x[i]~ = NAN;\n"
              "            if (!text || @_is_missing(text, n)) continue;\n");
    if (e->has_dates && e->has_numbers) {
        c_emit(e, "            if (@_formats[i]) {\n    ");
        assign(e, "@_date(@_formats[i], text, n)");
        c_emit(e, "                continue;\n            }\n");
    } else if (e->has_dates) {
        assign(e, "@_date(@_formats[i], text, n)");
    }
    if (e->has_numbers) row_number(e);
    c_emit(e, "        }\n");
}

static void encode_row(CExport *e)
{
    c_emit(e, "\nint @_encode_row(const char *const fields[$_N_INPUTS], @_input x[$_N_INPUTS])\n"
              "{\n"
              "    for (int i = 0; i < $_N_INPUTS; i++) {\n"
              "        const char *text = fields[i];\n");
    if (e->has_texts)
        c_emit(e, "        x[i].text = 0;\n"
                  "        if (@_is_text[i]) {\n"
                  "            const size_t length = text ? @_trim(&text) : 0;\n"
                  "            x[i].number = NAN;\n"
                  "            if (text && !@_is_missing(text, length)) x[i].text = text;\n"
                  "            continue;\n"
                  "        }\n");
    if (e->has_words && !e->has_numbers && !e->has_dates)
        c_emit(e, "        x[i]~ = @_level(i, text);\n");
    else if (e->has_words)
        c_emit(e, "        if (@_words[i].n >= 0) {\n"
                  "            x[i]~ = @_level(i, text);\n"
                  "            continue;\n"
                  "        }\n");
    if (e->has_numbers || e->has_dates) row_value(e);
    c_emit(e, "    }\n    return 0;\n}\n");
}

/* Functions of plan/runtime/ that only reading needs. */
static void pieces(CExport *e)
{
    Text kept = e->pieces;
    e->pieces = (Text){0};
    c_piece(e, "cell");
    if (e->has_numbers) c_piece(e, "parse");
    if (has_dressed(e)) c_piece(e, "bare");
    if (e->has_dates) c_piece(e, "date");
    if (!e->plan->wide && e->has_numbers) c_piece(e, "narrow");
    if (text_ok(&e->pieces)) text_add_n(e->out, e->pieces.bytes, e->pieces.n);
    else e->out->broken = true;
    text_free(&e->pieces);
    e->pieces = kept;
}

void c_cells(CExport *e)
{
    const Schema *schema = &e->model->schema;
    if (e->image) return;
    c_emit(e, "\n#ifndef $_NO_STRINGS\nconst char *const @_input_names[$_N_INPUTS] = {");
    const char **names = ARENA_NEW(e->arena, const char *, schema->n_columns);
    for (int i = 0; names && i < schema->n_columns; i++) names[i] = schema->columns[i].name;
    if (names) c_strings(e, schema->n_columns, names);
    else e->out->broken = true;
    pieces(e);
    missing(e);
    if (e->has_dates) formats(e);
    if (e->has_texts) texts(e);
    if (e->has_words) words(e);
    if (e->has_numbers && has_dressed(e)) dressed(e);
    c_emit(e, "\nstatic int @_is_missing(const char *text, size_t n)\n"
              "{\n"
              "    return @_find(text, n, @_missing, (int)(sizeof @_missing / sizeof @_missing[0])) >= 0;\n"
              "}\n");
    if (e->has_words) level(e);
    encode_row(e);
    c_emit(e, "#endif\n");
}

/* ---- the header --------------------------------------------------------------------------------- */

static const char api[] =
    "/* What follows reads text, and can be left out with -D$_NO_STRINGS. */\n"
    "#ifndef $_NO_STRINGS\n"
    "extern const char *const @_input_names[$_N_INPUTS];\n"
    "\n"
    "/* Reads a row of texts, blanks around them ignored: a null pointer, an empty cell, NA, nan,\n"
    " * null and the like are missing. Returns 0, or the place (from 1) of a text that is no number. */\n"
    "int @_encode_row(const char *const fields[$_N_INPUTS], @_input x[$_N_INPUTS]);\n";

void c_cells_api(CExport *e)
{
    if (e->image) return;
    c_emit(e, api);
    if (e->has_words) {
        c_emit(e, "\n"
                  "/* The value of a word in column `column` (from 0): its number among the words known from\n"
                  " * training, $_UNSEEN, or NAN when it means missing. */\n");
        text_print(e->out, "%s ", c_cell_type(e));
        c_emit(e, "@_level(int column, const char *text);\n");
    }
    c_emit(e, "#endif\n");
    if (e->has_words) {
        c_emit(e, "#define $_UNSEEN ");
        text_add(e->out, e->plan->wide ? "(-1.0)\n" : "(-1.0f)\n");
    }
}
