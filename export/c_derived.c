/* prep/derive.c once more as templates: both must compute the same. */
#include "export/c_derived.h"

static const char finite_code[] =
    "\n"
    "static double @_finite(double v)\n"
    "{\n"
    "    return isfinite(v) ? v : NAN;\n"
    "}\n";

static const char group_code[] =
    "\n"
    "/* Which group a word belongs to: its level, then missing, then rare or never met. */\n"
    "static int @_group(const @_column *c, int n_known, double v)\n"
    "{\n"
    "    const int level = v >= 0 && v < n_known ? c->place[(int)v] : c->n_levels;\n"
    "    if (isnan(v)) return c->n_levels;\n"
    "    return level < c->n_levels ? level : c->n_levels + 1;\n"
    "}\n";

static const char derive_start[] =
    "\n"
    "/* A number made of other columns of the row; NAN where it has none. */\n"
    "static double @_derive(const @_derived *d, const @_column *c, const @_input *x)\n"
    "{\n";
static const char derive_words[] =
    "    int cell;\n"
    "    if (d->kind >= 4) {\n"
    "        cell = @_group(c + d->by, @_words[d->by].n, x[d->by]~);\n"
    "        if (d->kind == 4 && d->b >= 0)\n"
    "            cell = cell * (c[d->b].n_levels + 2) + @_group(c + d->b, @_words[d->b].n, x[d->b]~);\n"
    "        return d->kind == 6 ? @_finite(@_finite(x[d->a]~) - d->cells[cell]) : d->cells[cell];\n"
    "    }\n";
static const char derive_end[] =
    "    switch (d->kind) {\n"
    "    case 0: return @_finite(@_finite(x[d->a]~) - @_finite(x[d->b]~));\n"
    "    case 1: return @_finite(@_finite(x[d->a]~) / @_finite(x[d->b]~));\n"
    "    case 2: return @_finite(@_finite(x[d->a]~) * @_finite(x[d->b]~));\n"
    "    default: return @_finite(@_finite(x[d->a]~) + @_finite(x[d->b]~));\n"
    "    }\n"
    "}\n";

static const char encode_start[] =
    "    for (i = @_derived_from[prep]; i < @_derived_from[prep + 1]; i++) {\n"
    "        const double v = @_derive(&@_made[i], @_columns + prep * $_N_INPUTS, x);\n"
    "        c = &@_made[i].column;\n"
    "        *to++ = @_number(c, isfinite(v) ? v : c->fill);\n";
static const char encode_bins[] = "        to += @_bins(c, isfinite(v) ? v : c->fill, to);\n";
static const char encode_end[] =
    "        if (c->flag) *to++ = isfinite(v) ? 0.0f : 1.0f;\n"
    "    }\n";

void c_derived_code(CExport *e)
{
    c_emit(e, finite_code);
    if (e->has_words) c_emit(e, group_code);
    c_emit(e, derive_start);
    if (e->has_words) c_emit(e, derive_words);
    c_emit(e, derive_end);
}

void c_derived_encode(CExport *e)
{
    c_emit(e, encode_start);
    if (e->has_edges) c_emit(e, encode_bins);
    c_emit(e, encode_end);
}
