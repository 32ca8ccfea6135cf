/* The functions of an exported model, as templates: see c_text.h. They are C99 and C++,
 * convert nothing silently, allocate nothing and change nothing but what they are given.
 */
#include "export/c_code.h"

#include "export/c_columns.h"
#include "export/c_conformal.h"
#include "export/c_decide.h"
#include "export/c_derived.h"
#include "export/c_dressed.h"
#include "export/c_tables.h"
#include "export/c_targets.h"
#include "export/c_texts.h"

/* ---- from text to numbers -------------------------------------------------------------------- */

static const char text_tools[] =
    "\n"
    "static int @_is_blank(char c)\n"
    "{\n"
    "    return c == ' ' || c == '\\t' || c == '\\r' || c == '\\n';\n"
    "}\n"
    "\n"
    "/* Skips blanks at both ends; returns the length of what is left. */\n"
    "static size_t @_trim(const char **text)\n"
    "{\n"
    "    size_t n;\n"
    "    while (@_is_blank(**text)) ++*text;\n"
    "    n = strlen(*text);\n"
    "    while (n > 0 && @_is_blank((*text)[n - 1])) n--;\n"
    "    return n;\n"
    "}\n"
    "\n"
    "static int @_same(const char *text, size_t n, const char *word)\n"
    "{\n"
    "    return strlen(word) == n && memcmp(text, word, n) == 0;\n"
    "}\n"
    "\n"
    "static int @_is_missing(const char *text, size_t n)\n"
    "{\n"
    "    int i;\n"
    "    for (i = 0; i < (int)(sizeof @_missing / sizeof @_missing[0]); i++)\n"
    "        if (@_same(text, n, @_missing[i])) return 1;\n"
    "    return 0;\n"
    "}\n";

static const char level_code[] =
    "\n"
    "double @_level(int column, const char *text)\n"
    "{\n"
    "    int i;\n"
    "    size_t n;\n"
    "    if (!text) return NAN;\n"
    "    n = @_trim(&text);\n"
    "    for (i = 0; i < @_words[column].n; i++)\n"
    "        if (@_same(text, n, @_words[column].text[i])) return i;\n"
    "    return ";
static const char level_ordered[] = "@_words[column].ordered || ";
static const char level_end[] =
    "@_is_missing(text, n) ? NAN : $_UNSEEN;\n"
    "}\n";

static const char number_parser[] =
    "\n"
    "/* inf, infinity or nan, in letters of any case. */\n"
    "static int @_no_number(const char *text, size_t n)\n"
    "{\n"
    "    static const char *const words[3] = {\"inf\", \"infinity\", \"nan\"};\n"
    "    size_t i;\n"
    "    int w;\n"
    "    for (w = 0; w < 3; w++) {\n"
    "        for (i = 0; i < n && words[w][i] && (text[i] | 32) == words[w][i];) i++;\n"
    "        if (i == n && !words[w][i]) return 1;\n"
    "    }\n"
    "    return 0;\n"
    "}\n"
    "\n"
    "/* A decimal number, whatever the locale; 0 when the text is none. */\n"
    "static int @_parse(const char *text, size_t n, double *number)\n"
    "{\n"
    "    size_t i = 0;\n"
    "    double value = 0, power = 10;\n"
    "    int digits = 0, exponent = 0, written = 0, point = 0, down = 0, minus;\n"
    "    minus = n > 0 && text[0] == '-';\n"
    "    if (n > 0 && (text[0] == '-' || text[0] == '+')) i++;\n"
    "    if (@_no_number(text + i, n - i)) {\n"
    "        *number = NAN;\n"
    "        return 1;\n"
    "    }\n"
    "    for (; i < n; i++) {\n"
    "        if (text[i] >= '0' && text[i] <= '9') {\n"
    "            digits++;\n"
    "            if (value < 1e18) {\n"
    "                value = 10 * value + (text[i] - '0');\n"
    "                exponent -= point;\n"
    "            } else {\n"
    "                exponent += !point;\n"
    "            }\n"
    "        } else if (!point && (text[i] == '.'";
static const char number_comma[] = " || text[i] == ','";
static const char number_parser_end[] =
    ")) {\n"
    "            point = 1;\n"
    "        } else {\n"
    "            break;\n"
    "        }\n"
    "    }\n"
    "    if (digits == 0) return 0;\n"
    "    if (i < n && (text[i] == 'e' || text[i] == 'E')) {\n"
    "        i++;\n"
    "        down = i < n && text[i] == '-';\n"
    "        if (i < n && (text[i] == '-' || text[i] == '+')) i++;\n"
    "        if (i == n) return 0;\n"
    "        for (; i < n && text[i] >= '0' && text[i] <= '9'; i++)\n"
    "            if (written < 10000) written = 10 * written + (text[i] - '0');\n"
    "        exponent += down ? -written : written;\n"
    "    }\n"
    "    if (i < n) return 0;\n"
    "    down = exponent < 0;\n"
    "    if (down) exponent = -exponent;\n"
    "    if (exponent > 400) exponent = 400;\n"
    "    if (exponent <= 22) { /* powers of ten up to here are exact: round once */\n"
    "        for (power = 1; exponent > 0; exponent--) power *= 10;\n"
    "        value = down ? value / power : value * power;\n"
    "    } else {\n"
    "        for (; exponent > 0; exponent--) value = down ? value / power : value * power;\n"
    "    }\n"
    "    *number = minus ? -value : value;\n"
    "    return 1;\n"
    "}\n";

static const char row_start[] =
    "\n"
    "int @_encode_row(const char *const fields[$_N_INPUTS], @_input x[$_N_INPUTS])\n"
    "{\n"
    "    int i;\n"
    "    for (i = 0; i < $_N_INPUTS; i++) {\n"
    "        const char *text = fields[i];\n";
static const char row_words[] =
    "        if (@_words[i].n >= 0) {\n"
    "            x[i]~ = @_level(i, text);\n"
    "            continue;\n"
    "        }\n";
static const char row_numbers[] =
    "        {\n"
    "            size_t n = text ? @_trim(&text) : 0;\n"
    "            x[i]~ = NAN;\n"
    "            if (!text || @_is_missing(text, n)) continue;\n";
static const char row_dates[] =
    "            if (@_formats[i]) {\n"
    "                x[i]~ = @_date(@_formats[i], text, n);\n"
    "                continue;\n"
    "            }\n";
static const char row_only_dates[] =
    "            x[i]~ = @_date(@_formats[i], text, n);\n";
static const char row_dressed[] =
    "            if (@_styles[i].decimal) {\n"
    "                char bare[64];\n"
    "                n = @_bare(text, n, i, bare);\n"
    "                if (!n || !@_parse(bare, n, &x[i]~)) return i + 1;\n"
    "            } else if (!@_parse(text, n, &x[i]~)) {\n"
    "                return i + 1;\n"
    "            }\n";
static const char row_bare[] =
    "            if (!@_parse(text, n, &x[i]~)) return i + 1;\n";
static const char row_missing[] =
    "            for (n = 0; n < sizeof @_missing_number / sizeof @_missing_number[0]; n++)\n"
    "                if (!(x[i]~ < @_missing_number[n]) && !(x[i]~ > @_missing_number[n])) x[i]~ = NAN;\n";
static const char row_bare_end[] =
    "        }\n";
static const char row_end[] =
    "    }\n"
    "    return 0;\n"
    "}\n";

static void write_text_tools(CExport *e)
{
    c_emit(e, text_tools);
    if (e->has_words) c_emit(e, level_code);
    if (e->has_levels) c_emit(e, level_ordered);
    if (e->has_words) c_emit(e, level_end);
    if (e->has_numbers) {
        c_emit(e, number_parser);
        if (e->model->schema.rules.decimal_comma) c_emit(e, number_comma);
        c_emit(e, number_parser_end);
        if (c_has_dressed(e)) c_dressed(e);
    }
    if (e->has_dates) c_columns_read(e);
    c_emit(e, row_start);
    if (e->has_texts) c_texts_row(e);
    if (e->has_words) c_emit(e, row_words);
    if (e->has_numbers || e->has_dates) c_emit(e, row_numbers);
    if (e->has_dates) c_emit(e, e->has_numbers ? row_dates : row_only_dates);
    if (e->has_numbers) {
        c_emit(e, c_has_dressed(e) ? row_dressed : row_bare);
        if (c_has_missing_numbers(e)) c_emit(e, row_missing);
    }
    if (e->has_numbers || e->has_dates) c_emit(e, row_bare_end);
    c_emit(e, row_end);
}

/* ---- from raw values to features ------------------------------------------------------------- */

static const char quantile_code[] =
    "\n"
    "/* The place of v among the knots, in [0, 1]; among equal ones the middle. */\n"
    "static double @_rank(const double *knots, int n, double v)\n"
    "{\n"
    "    int below = 0, end = n, last, middle;\n"
    "    double left, span;\n"
    "    while (below < end) {\n"
    "        middle = below + (end - below) / 2;\n"
    "        if (knots[middle] < v) below = middle + 1;\n"
    "        else end = middle;\n"
    "    }\n"
    "    if (below == n) return 1;\n"
    "    if (!(knots[below] > v)) {\n"
    "        for (last = below; last + 1 < n && !(knots[last + 1] > v);) last++;\n"
    "        return ((double)below + last) / 2 / (n - 1);\n"
    "    }\n"
    "    if (below == 0) return 0;\n"
    "    left = knots[below - 1];\n"
    "    span = knots[below] - left;\n"
    "    return (below - 1 + (isfinite(span) ? (v - left) / span : 0.5)) / (n - 1);\n"
    "}\n"
    "\n"
    "/* Inverse of the normal distribution: a rational start (Abramowitz and Stegun 26.2.23), then\n"
    " * two steps of Halley's method. */\n"
    "static double @_normal_score(double p)\n"
    "{\n"
    "    double q = p < 0.5 ? p : 1 - p, t, z, newton;\n"
    "    int step;\n"
    "    if (!(q > 0)) return p < 0.5 ? -5.2 : 5.2;\n"
    "    t = sqrt(-2 * log(q));\n"
    "    z = t - (2.515517 + t * (0.802853 + t * 0.010328)) /\n"
    "                (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));\n"
    "    for (step = 0; step < 2; step++) {\n"
    "        newton = (0.5 * erfc(z * 0.70710678118654752440) - q) * 2.50662827463100050242 *\n"
    "                 exp(z * z / 2);\n"
    "        z += newton / (1 - z * newton / 2);\n"
    "    }\n"
    "    if (z > 5.2) z = 5.2;\n"
    "    return p < 0.5 ? -z : z;\n"
    "}\n";

static const char number_start[] =
    "\n"
    "static float @_number(const @_column *c, double v)\n"
    "{\n"
    "    double x;\n"
    "    if (!(c->scale < 0 || c->scale > 0)) return 0;\n";
static const char number_knots[] =
    "    if (c->n_knots > 0) v = @_normal_score(@_rank(c->knots, c->n_knots, v));\n";
static const char number_end[] =
    "    x = (v - c->shift) * c->scale;\n"
    "    if (x > 1e30) x = 1e30;\n"
    "    if (x < -1e30) x = -1e30;\n"
    "    if (c->clip) x /= sqrt(1 + x / 3 * (x / 3));\n"
    "    return (float)x;\n"
    "}\n";

static const char encode_words[] =
    "\n"
    "/* One feature a level; two levels are one feature, -1 or +1. Returns how many. */\n"
    "static int @_word(const @_column *c, int n_known, double v, float *to)\n"
    "{\n"
    "    int i, n = c->n_levels + c->missing + c->unseen, level = c->n_levels;\n"
    "    if (v >= 0 && v < n_known) level = c->place[(int)v];\n";
static const char encode_coded_word[] =
    "    if (c->coded) {\n"
    "        if (level < c->n_levels) to[0] = (float)(level + 1);\n"
    "        else if (isnan(v)) to[0] = c->missing ? (float)(c->n_levels + 1) : 0.0f;\n"
    "        else to[0] = c->unseen ? (float)n : 0.0f;\n"
    "        return 1;\n"
    "    }\n";
static const char encode_words_end[] =
    "    if (c->n_levels == 2) {\n"
    "        to[0] = level == 0 ? -1.0f : level == 1 ? 1.0f : 0.0f;\n"
    "        return 1;\n"
    "    }\n"
    "    if (n == 0) n = 1;\n"
    "    for (i = 0; i < n; i++) to[i] = 0;\n"
    "    if (level < c->n_levels) to[level] = 1;\n"
    "    else if (isnan(v) && c->missing) to[c->n_levels] = 1;\n"
    "    else if (!isnan(v) && c->unseen) to[c->n_levels + c->missing] = 1;\n"
    "    return n;\n"
    "}\n";

static const char encode_start[] =
    "\n"
    "static void @_encode(int prep, const @_input *x, float *to)\n"
    "{\n"
    "    const @_column *c = @_columns + prep * $_N_INPUTS;\n"
    "    int i;\n"
    "    for (i = 0; i < $_N_INPUTS; i++, c++) {\n";
static const char encode_word_case[] =
    "        if (c->n_levels >= 0) {\n"
    "            to += @_word(c, @_words[i].n, x[i]~, to);\n"
    "            continue;\n"
    "        }\n";
static const char bins_code[] =
    "\n"
    "/* Piecewise-linear encoding: full bins are 1, the one that holds v is filled in part. */\n"
    "static int @_bins(const @_column *c, double v, float *e)\n"
    "{\n"
    "    int t;\n"
    "    for (t = 1; t < c->n_edges; t++) {\n"
    "        const double low = c->edges[t - 1], high = c->edges[t];\n"
    "        e[t - 1] = v <= low ? 0.0f : v >= high ? 1.0f : (float)((v - low) / (high - low));\n"
    "    }\n"
    "    return t > 1 ? t - 1 : 0;\n"
    "}\n";
static const char encode_bins_case[] =
    "        *to++ = @_number(c, isfinite(x[i]~) ? x[i]~ : c->fill);\n"
    "        to += @_bins(c, isfinite(x[i]~) ? x[i]~ : c->fill, to);\n"
    "        if (c->flag) *to++ = isfinite(x[i]~) ? 0.0f : 1.0f;\n";
static const char encode_number_case[] =
    "        *to++ = @_number(c, isfinite(x[i]~) ? x[i]~ : c->fill);\n"
    "        if (c->flag) *to++ = isfinite(x[i]~) ? 0.0f : 1.0f;\n";

static const char encode_same_pixels[] =
    "\n"
    "static void @_encode(int prep, const @_input *x, float *to)\n"
    "{\n"
    "    int i;\n"
    "    for (i = 0; i < $_N_INPUTS; i++)\n"
    "        to[i] = ((float)x[i] - @_preps[prep].shift) * @_preps[prep].scale;\n"
    "}\n";
static const char encode_each_pixel[] =
    "\n"
    "static void @_encode(int prep, const @_input *x, float *to)\n"
    "{\n"
    "    int i;\n"
    "    for (i = 0; i < $_N_INPUTS; i++)\n"
    "        to[i] = ((float)x[i] - @_preps[prep].shift[i]) * @_preps[prep].scale[i];\n"
    "}\n";

static void write_encode(CExport *e)
{
    if (e->image) {
        c_emit(e, e->same_pixels ? encode_same_pixels : encode_each_pixel);
        return;
    }
    if (e->has_knots) c_emit(e, quantile_code);
    if (e->has_scaled) {
        c_emit(e, number_start);
        if (e->has_knots) c_emit(e, number_knots);
        c_emit(e, number_end);
    }
    if (e->has_edges) c_emit(e, bins_code);
    if (e->has_derived) c_derived_code(e);
    c_columns_code(e);
    if (e->has_texts) c_texts_code(e);
    if (e->has_words) {
        c_emit(e, encode_words);
        if (e->has_codes) c_emit(e, encode_coded_word);
        c_emit(e, encode_words_end);
    }
    c_emit(e, encode_start);
    if (e->has_texts) c_texts_encode(e);
    if (e->has_words) c_emit(e, encode_word_case);
    if (e->has_dates || e->has_ordered) c_columns_encode(e);
    else if (e->has_scaled) c_emit(e, e->has_edges ? encode_bins_case : encode_number_case);
    c_emit(e, "    }\n");
    if (e->has_derived) c_derived_encode(e);
    c_emit(e, "}\n");
}

/* ---- the network ----------------------------------------------------------------------------- */

static const char *const activation_code[ACTIVATION_COUNT] = {
    [ACT_RELU] = "z > 0 ? z : 0.0f",
    [ACT_LEAKY_RELU] = "z > 0 ? z : 0.01f * z",
    [ACT_TANH] = "tanhf(z)",
    [ACT_SIGMOID] = "1.0f / (1.0f + expf(-z))",
    [ACT_GELU] = "0.5f * z * erfcf(-0.707106781f * z)",
    [ACT_SILU] = "z / (1.0f + expf(-z))",
    [ACT_SELU] = "z > 0 ? 1.05070099f * z : 1.75809934f * expm1f(z)",
    [ACT_MISH] = "z > 20.0f ? z : z * tanhf(log1pf(expf(z)))",
};

static void write_activation(CExport *e)
{
    c_emit(e, "\nstatic float @_activation(int kind, float z)\n{\n    switch (kind) {\n");
    for (int i = 0; i < ACTIVATION_COUNT; i++)
        if (e->used[i])
            text_print(e->out, "    case %d: return %s; /* %s */\n", i, activation_code[i],
                       activation_names[i]);
    c_emit(e, "    default: return z;\n    }\n}\n");
}

static const char dense_code[] =
    "\n"
    "/* y = x w + b, four inputs at a time. Inputs are often zero (pixels, one-hot), which saves work. */\n"
    "static void @_dense(const @_layer *layer, const float *x, float *y)\n"
    "{\n"
    "    const int n = layer->n_out;\n"
    "    const float *w0 = layer->w;\n"
    "    int i, j;\n"
    "    for (j = 0; j < n; j++) y[j] = layer->b[j];\n"
    "    for (i = 0; i + 4 <= layer->n_in; i += 4, w0 += 4 * n) {\n"
    "        const float x0 = x[i], x1 = x[i + 1], x2 = x[i + 2], x3 = x[i + 3];\n"
    "        const float *w1 = w0 + n, *w2 = w1 + n, *w3 = w2 + n;\n"
    "        if (fabsf(x0) + fabsf(x1) + fabsf(x2) + fabsf(x3) <= 0) continue;\n"
    "        for (j = 0; j < n; j++) y[j] += x0 * w0[j] + x1 * w1[j] + x2 * w2[j] + x3 * w3[j];\n"
    "    }\n"
    "    for (; i < layer->n_in; i++, w0 += n)\n"
    "        for (j = 0; j < n; j++) y[j] += x[i] * w0[j];\n"
    "}\n";
static const char softmax_code[] =
    "\n"
    "static void @_softmax(float *z)\n"
    "{\n"
    "    float top = z[0], sum = 0;\n"
    "    int c;\n"
    "    for (c = 1; c < $_N_CLASSES; c++)\n"
    "        if (z[c] > top) top = z[c];\n"
    "    for (c = 0; c < $_N_CLASSES; c++) sum += z[c] = expf(z[c] - top);\n"
    "    for (c = 0; c < $_N_CLASSES; c++) z[c] /= sum;\n"
    "}\n";

static const char norm_code[] =
    "\n"
    "static void @_norm(const @_layer *layer, float *z)\n"
    "{\n"
    "    float mean = 0, square = 0;\n"
    "    int c;\n"
    "    for (c = 0; c < layer->n_out; c++) mean += z[c];\n"
    "    mean /= (float)layer->n_out;\n"
    "    for (c = 0; c < layer->n_out; c++) square += (z[c] - mean) * (z[c] - mean);\n"
    "    square = 1.0f / sqrtf(square / (float)layer->n_out + 1e-5f);\n"
    "    for (c = 0; c < layer->n_out; c++)\n"
    "        z[c] = (z[c] - mean) * square * layer->gain[c] + layer->shift[c];\n"
    "}\n";

static const char embed_code[] =
    "\n"
    "/* One number as waves: pbld keeps it and adds weighted cosines, periodic has sines too. */\n"
    "static int @_waves(const @_embedding *e, int kind, const float *w1, float x, float *to)\n"
    "{\n"
    "    const int n = e->frequencies, pad = (n + 15) / 16 * 16, terms = kind == -1 ? n : 2 * n;\n"
    "    const int row = (terms + 15) / 16 * 16, outputs = kind == -1 ? e->size - 1 : e->size;\n"
    "    const float *b1 = w1 + pad, *w2 = b1 + pad, *b2 = w2 + outputs * row;\n"
    "    int o, i;\n"
    "    if (kind == -1) *to++ = x;\n"
    "    for (o = 0; o < outputs; o++, w2 += row) {\n"
    "        float y = b2[o];\n"
    "        for (i = 0; i < n; i++) y += w2[i] * cosf(6.28318531f * w1[i] * x + b1[i]);\n"
    "        for (i = 0; i < n && kind != -1; i++)\n"
    "            y += w2[n + i] * sinf(6.28318531f * w1[i] * x + b1[i]);\n"
    "        to[o] = kind != -1 && y < 0 ? 0.0f : y;\n"
    "    }\n"
    "    return e->size;\n"
    "}\n"
    "\n"
    "static void @_embed(const @_embedding *e, const float *x, float *to)\n"
    "{\n"
    "    int j, i, code;\n"
    "    for (j = 0; j < e->n_features; j++) {\n"
    "        const int kind = e->kind[j];\n"
    "        const float *p = e->p + e->at[j];\n"
    "        if (kind == 0) {\n"
    "            *to++ = x[j];\n"
    "        } else if (kind < 0) {\n"
    "            to += @_waves(e, kind, p, x[j], to);\n"
    "        } else {\n"
    "            code = x[j] >= 0 && x[j] <= (float)kind ? (int)x[j] : 0;\n"
    "            for (i = 0; i < e->category_size; i++) *to++ = p[code * e->category_size + i];\n"
    "        }\n"
    "    }\n"
    "}\n";

static const char predict_start[] =
    "\n"
    "int @_predict(const @_input x[$_N_INPUTS], float p[$_N_CLASSES])\n"
    "{\n"
    "    float features[$_MOST_FEATURES], one[$_MOST_WIDTH], other[$_MOST_WIDTH];\n";
static const char predict_inputs[] = "    float inputs[$_MOST_INPUTS];\n";
/* Of votes and pools members are taken apart. */
static const char predict_member_sum[] = "    float member[$_N_CLASSES];\n";
static const char predict_nets[] =
    "    int prep = -1, i, l, c, best = 0;\n"
    "    for (c = 0; c < $_N_CLASSES; c++) p[c] = 0;\n";
static const char predict_member_clear[] = "    for (c = 0; c < $_N_CLASSES; c++) member[c] = 0;\n";
static const char predict_loop[] =
    "    for (i = 0; i < (int)(sizeof @_nets / sizeof @_nets[0]); i++) {\n"
    "        const @_net *net = &@_nets[i];\n"
    "        const float *in = features;\n"
    "        float *out = one;\n"
    "        if (net->prep != prep) @_encode(net->prep, x, features);\n"
    "        prep = net->prep;\n";
static const char predict_embed[] =
    "        if (net->embed) {\n"
    "            @_embed(net->embed, features, inputs);\n"
    "            in = inputs;\n"
    "        }\n";
static const char predict_layers[] =
    "        for (l = 0; l < net->n_layers; l++) {\n"
    "            const @_layer *layer = &@_layers[net->first + l];\n"
    "            out = in == one ? other : one;\n"
    "            @_dense(layer, in, out);\n";
static const char predict_norm[] =
    "            if (layer->gain) @_norm(layer, out);\n";
static const char predict_activation[] =
    "            for (c = 0; c < layer->n_out && l + 1 < net->n_layers; c++)\n"
    "                out[c] = @_activation(net->activation, out[c]);\n";
static const char predict_skip[] =
    "            for (c = 0; c < layer->n_out && layer->skip; c++) out[c] += in[c];\n";
static const char predict_loop_end[] =
    "            in = out;\n"
    "        }\n";
static const char predict_average[] =
    "        for (c = 0; c < $_N_CLASSES; c++) p[c] += net->weight * out[c];\n"
    "    }\n";
static const char predict_vote[] =
    "        for (c = 0; c < $_N_CLASSES; c++) member[c] += out[c];\n"
    "        if (net->weight <= 0) continue; /* more networks of this member follow */\n"
    "        best = 0;\n"
    "        for (c = 1; c < $_N_CLASSES; c++)\n"
    "            if (member[c] > member[best]) best = c;\n"
    "        p[best] += net->weight;\n"
    "        for (c = 0; c < $_N_CLASSES; c++) member[c] = 0;\n"
    "    }\n";
static const char predict_pool[] =
    "        for (c = 0; c < $_N_CLASSES; c++) member[c] += net->part * out[c];\n"
    "        if (net->weight <= 0) continue; /* more networks of this member follow */\n"
    "        for (c = 0; c < $_N_CLASSES; c++) {\n"
    "            p[c] += net->weight * logf(member[c] > 1e-6f ? member[c] : 1e-6f);\n"
    "            member[c] = 0;\n"
    "        }\n"
    "    }\n"
    "    @_softmax(p);\n";

static void write_predict(CExport *e)
{
    const int combine = e->model->combine;
    const bool apart = combine != COMBINE_AVERAGE, targets = c_has_targets(e);
    if (targets) {
        c_targets_predict_start(e);
    } else {
        c_emit(e, predict_start);
        if (e->has_embeds) c_emit(e, predict_inputs);
        if (apart) c_emit(e, predict_member_sum);
        c_emit(e, predict_nets);
        if (apart) c_emit(e, predict_member_clear);
    }
    c_emit(e, predict_loop);
    if (e->has_embeds) c_emit(e, predict_embed);
    c_emit(e, predict_layers);
    if (e->has_norms) c_emit(e, predict_norm);
    c_emit(e, predict_activation);
    if (e->has_skips) c_emit(e, predict_skip);
    c_emit(e, predict_loop_end);
    c_targets_predict_net(e);
    if (targets) {
        c_targets_predict_end(e);
        return;
    }
    c_emit(e, combine == COMBINE_VOTE ? predict_vote
              : combine == COMBINE_POOL ? predict_pool : predict_average);
    c_decide_code(e);
}

/* Some network's, a pool's, or calibration's. */
static bool needs_softmax(const CExport *e)
{
    const Model *model = e->model;
    if (c_has_targets(e)) return false;
    if (model->combine == COMBINE_POOL) return true;
    for (int m = 0; m < model->n_members; m++)
        for (int k = 0; k < model->members[m].n_nets; k++)
            if (model->members[m].nets[k].mlp->link == LINK_SOFTMAX) return true;
    return model->combine != COMBINE_VOTE && (model->calibration || model->temperature != 1);
}

void c_code(CExport *e)
{
    if (!e->image) write_text_tools(e);
    write_encode(e);
    write_activation(e);
    c_emit(e, dense_code);
    if (needs_softmax(e)) c_emit(e, softmax_code);
    c_targets_links(e);
    if (e->has_norms) c_emit(e, norm_code);
    if (e->has_embeds) c_emit(e, embed_code);
    c_decide_tools(e);
    write_predict(e);
    c_conformal_code(e);
}
