/* The encoding steps of a plan as tables and calls: what plan/encode_run.c does here, written down. */
#include "export/c_encode.h"

#include <math.h>

#include "plan/coding.h"

/* ---- constants ---------------------------------------------------------------------------------- */

const char *c_cell_type(const CExport *e)
{
    return e->plan->wide ? "double" : "float";
}

static void number(CExport *e, bool wide, double v)
{
    if (wide) c_double(e->out, v);
    else if (isfinite((float)v)) c_float(e->out, (float)v);
    else text_add(e->out, "NAN");
}

void c_cell(CExport *e, double v)
{
    const double most = 3.4028234663852886e38; /* as plan/runtime/narrow.h */
    if (!e->plan->wide && isfinite(v)) v = fmax(-most, fmin(most, v));
    number(e, e->plan->wide, v);
}

static void begin(CExport *e, const char *type, int s, const char *what, int n)
{
    text_print(e->out, "static const %s %s_encode%d_%s[%d] = {", type, e->name, s, what, n);
}

static void list(CExport *e, int s, const char *what, const CodingList *list)
{
    if (list->n == 0) return;
    begin(e, list->wide ? "double" : "float", s, what, list->n);
    for (int i = 0; i < list->n; i++) {
        c_break(e->out, (size_t)i, list->wide ? 4 : 8);
        if (list->wide) c_double(e->out, list->wide[i]);
        else c_float(e->out, list->narrow[i]);
    }
    text_add(e->out, "};\n");
}

static void place_table(CExport *e, int s, const char *what, const CodingPlace *place)
{
    if (place->bits == 0) return;
    begin(e, place->bits == 8 ? "unsigned char" : "unsigned short", s, what, place->n_known);
    for (int i = 0; i < place->n_known; i++) {
        c_break(e->out, (size_t)i, 20);
        text_print(e->out, "%d", place->bits == 8 ? place->byte[i] : place->word[i]);
    }
    text_add(e->out, "};\n");
}

/* ", NAME_encodeS_WHAT" or ", 0". */
static void reference(CExport *e, int s, const char *what, bool there)
{
    if (there) text_print(e->out, ", %s_encode%d_%s", e->name, s, what);
    else text_add(e->out, ", 0");
}

static void run_tables(CExport *e, int s, const Coding *c)
{
    const char *piece = c->wide ? "numbers_wide" : "numbers";
    c_piece(e, piece);
    list(e, s, "shift", &c->shift);
    list(e, s, "scale", &c->scale);
    list(e, s, "fill", &c->fill);
    text_print(e->out, "static const %s_%s %s_encode%d = {%d, %d, %d, %d, %d, %d", e->name,
               c->wide ? "columns_wide" : "columns", e->name, s, c->n, c->shift.n > 1, c->scale.n > 1,
               c->fill.n > 1, c->column->clip, c->column->flag);
    reference(e, s, "shift", true);
    reference(e, s, "scale", true);
    reference(e, s, "fill", c->fill.n > 0);
    text_add(e->out, "};\n");
}

static void text_tables(CExport *e, int s, const Coding *c)
{
    const TextPrep *text = &c->column->text;
    if (text->n == 0) return;
    const CodingList idf = {c->idf ? text->n : 0, c->idf, NULL};
    c_piece(e, "text");
    begin(e, "uint16_t", s, "bucket", text->n);
    for (int k = 0; k < text->n; k++) {
        c_break(e->out, (size_t)k, 14);
        text_print(e->out, "%d", c->bucket[k]);
    }
    text_add(e->out, "};\n");
    list(e, s, "idf", &idf);
    text_print(e->out, "static const %s_text_column %s_encode%d = {%d, %d, %d, %d", e->name, e->name, s,
               c->n_buckets, text->n, (int)text->ngrams, (int)text->weight);
    reference(e, s, "bucket", true);
    reference(e, s, "idf", c->idf != NULL);
    text_add(e->out, "};\n");
}

/* The coding of a step; NULL: no memory, and the output is broken. */
static const Coding *coding_of(CExport *e, int s)
{
    if (!e->coding) e->coding = ARENA_NEW(e->arena, const Coding *, e->plan->n_steps);
    if (e->coding && !e->coding[s]) {
        Coding *made = ARENA_NEW(e->arena, Coding, 1);
        if (made && plan_coding(e->plan, &e->plan->steps[s], e->arena, made)) e->coding[s] = made;
    }
    if (e->coding && e->coding[s]) return e->coding[s];
    e->out->broken = true;
    return NULL;
}

void c_encode_tables(CExport *e)
{
    text_add(e->out, "\n/* How cells become features, by steps of encoding. */\n");
    for (int s = 0; s < e->plan->n_steps; s++) {
        if (e->plan->steps[s].op > PLAN_DERIVED) continue;
        const Coding *c = coding_of(e, s);
        if (!c) return;
        switch (e->plan->steps[s].op) {
        case PLAN_PIXELS:
            list(e, s, "shift", &c->shift);
            list(e, s, "scale", &c->scale);
            break;
        case PLAN_TEXT: text_tables(e, s, c); break;
        case PLAN_NUMBERS:
            if (c->run) {
                run_tables(e, s, c);
                break;
            } /* fall through */
        default:
            list(e, s, "knots", &c->knots);
            list(e, s, "edges", &c->edges);
            list(e, s, "cells", &c->cells);
            place_table(e, s, "place", &c->place);
            place_table(e, s, "cross", &c->cross);
        }
    }
}

/* ---- one column --------------------------------------------------------------------------------- */

/* Where floats and doubles of a row are found: x itself, or a copy. */
static const char *narrow_cells(const CExport *e)
{
    return e->plan->wide || e->has_texts ? "narrow" : "x";
}

static const char *wide_cells(const CExport *e)
{
    return e->has_texts ? "wide" : "x";
}

/* "NAME_piece(", and the piece. */
static void open(CExport *e, const char *piece)
{
    c_piece(e, piece);
    text_print(e->out, "%s_%s(", e->name, piece);
}

/* ", shift, scale, clip)", as floats where `wide` is not. */
static void scaled(CExport *e, const Coding *c, bool wide)
{
    text_add(e->out, ", ");
    number(e, wide, c->wide ? *c->shift.wide : (double)*c->shift.narrow);
    text_add(e->out, ", ");
    number(e, wide, c->wide ? *c->scale.wide : (double)*c->scale.narrow);
    text_print(e->out, ", %d);\n", c->column->clip);
}

static double scale_of(const Coding *c)
{
    return c->wide ? *c->scale.wide : (double)*c->scale.narrow;
}

/* The features of the number `v`, which is there, and of `cell`, which may not be. */
static void features(CExport *e, int s, const Coding *c)
{
    const PrepColumn *column = c->column;
    int at = column->out;
    text_print(e->out, "        f[%d] = ", at++);
    if (scale_of(c) == 0) {
        text_add(e->out, "0;\n");
    } else if (c->knots.n > 0) {
        open(e, "number");
        open(e, "normal_score");
        open(e, "rank");
        text_print(e->out, "%s_encode%d_knots, %d, v))", e->name, s, c->knots.n);
        scaled(e, c, false);
    } else {
        open(e, c->wide ? "number_wide" : "number");
        text_add(e->out, "v");
        scaled(e, c, c->wide);
    }
    if (c->edges.n > 0) {
        text_add(e->out, "        ");
        open(e, c->wide ? "bins_wide" : "bins");
        text_print(e->out, "%s_encode%d_edges, %d, v, f + %d);\n", e->name, s, c->edges.n, at);
        at += c->edges.n - 1;
    }
    if (column->parts) {
        text_add(e->out, "        ");
        open(e, "date_parts");
        text_print(e->out, "cell, %u, ", column->parts);
        c_double(e->out, column->year_shift);
        text_add(e->out, ", ");
        c_double(e->out, column->year_scale);
        text_print(e->out, ", f + %d);\n", at);
        at = column->out + column->n_out - column->flag;
    }
    if (column->flag) text_print(e->out, "        f[%d] = isfinite(cell) ? 0.0f : 1.0f;\n", at);
}

static void begin_cell(CExport *e, const Coding *c)
{
    text_print(e->out, "    {\n        const %s cell = ", c->wide ? "double" : "float");
}

static bool needs_value(const Coding *c)
{
    return scale_of(c) != 0 || c->edges.n > 0;
}

/* Behind the cell: what it is where it is missing. */
static void end_cell(CExport *e, int s, const Coding *c)
{
    if (needs_value(c)) {
        text_add(e->out, ", v = isfinite(cell) ? cell : ");
        number(e, c->wide, c->wide ? *c->fill.wide : (double)*c->fill.narrow);
    }
    text_add(e->out, ";\n");
    features(e, s, c);
    text_add(e->out, "    }\n");
}

static void thermometer(CExport *e, const Coding *c, int j)
{
    const PrepColumn *column = c->column;
    const int n = column->high - column->low;
    if (n < 1) {
        text_print(e->out, "    f[%d] = 0;\n", column->out);
        return;
    }
    text_add(e->out, "    ");
    open(e, "thermometer");
    open(e, "ordered");
    text_print(e->out, "%s[%d]), ", narrow_cells(e), j);
    number(e, false, column->fill);
    text_print(e->out, ", %d, %d, %d, f + %d);\n", column->low, n, column->flag, column->out);
}

static void one(CExport *e, int s, const Coding *c, int j)
{
    const ColumnKind kind = c->column->kind;
    if (c->thermometer) {
        thermometer(e, c, j);
        return;
    }
    if (!needs_value(c) && !c->column->flag) {
        text_print(e->out, "    f[%d] = 0;\n", c->column->out);
        return;
    }
    begin_cell(e, c);
    if (kind == COLUMN_ORDERED) open(e, "ordered");
    if (kind == COLUMN_DATE) open(e, "days");
    text_print(e->out, "%s[%d]%s", c->wide && kind != COLUMN_ORDERED ? wide_cells(e) : narrow_cells(e), j,
               kind == COLUMN_NUMERIC ? "" : ")");
    end_cell(e, s, c);
}

/* ---- words and what is made of columns ---------------------------------------------------------- */

static void place(CExport *e, int s, const char *what, const CodingPlace *p, int j)
{
    open(e, p->bits == 8 ? "place8" : p->bits == 16 ? "place16" : "place");
    if (p->bits) text_print(e->out, "%s_encode%d_%s, ", e->name, s, what);
    text_print(e->out, "%d, ", p->n_known);
    if (p->bits) text_print(e->out, "%d, ", p->n_levels);
    text_print(e->out, "%s[%d], %d, %d)", narrow_cells(e), j, p->missing, p->unseen);
}

static void word(CExport *e, int s, const Coding *c, int j)
{
    const PrepColumn *column = c->column;
    const bool coded = column->coded, sign = !coded && column->n_levels == 2;
    text_add(e->out, "    ");
    if (coded || sign) text_print(e->out, "f[%d] = ", column->out);
    if (coded) text_add(e->out, "(float)(");
    else open(e, sign ? "sign" : "hot");
    place(e, s, "place", &c->place, j);
    if (coded) text_add(e->out, " + 1);\n");
    else if (sign) text_add(e->out, ");\n");
    else text_print(e->out, ", %d, f + %d);\n", column->n_out, column->out);
}

static void derived(CExport *e, int s, const Coding *c)
{
    const Derivation *d = c->derivation;
    const char *cells = wide_cells(e);
    begin_cell(e, c);
    if (!derive_by_words(d->kind)) {
        open(e, "arithmetic");
        text_print(e->out, "%d, %s[%d], %s[%d])", (int)d->kind, cells, d->a, cells, d->b);
    } else {
        const bool less = d->kind == DERIVE_DEVIATION;
        if (less) {
            open(e, "arithmetic");
            text_print(e->out, "%d, %s[%d], ", DERIVE_DIFFERENCE, cells, d->a);
        }
        text_print(e->out, "%s_encode%d_cells[", e->name, s);
        place(e, s, "place", &c->place, c->by);
        if (c->with >= 0) {
            text_print(e->out, " * %d + ", c->cross.n_levels + 2);
            place(e, s, "cross", &c->cross, c->with);
        }
        text_add(e->out, less ? "])" : "]");
    }
    end_cell(e, s, c);
}

/* ---- a preprocessing ---------------------------------------------------------------------------- */

static void step(CExport *e, int s)
{
    const PlanStep *step = &e->plan->steps[s];
    const Coding *c = coding_of(e, s);
    const int j = step->column;
    if (!c) return;
    switch (step->op) {
    case PLAN_PIXELS:
        c_call(e, "pixels", "x, %d, %s_encode%d_shift, %s_encode%d_scale, %d, f", c->n, e->name, s, e->name, s,
               c->shift.n > 1);
        break;
    case PLAN_NUMBERS:
        if (!c->run) one(e, s, c, j);
        else c_call(e, c->wide ? "numbers_wide" : "numbers", "&%s_encode%d, %s + %d, f + %d", e->name, s,
                    c->wide ? wide_cells(e) : narrow_cells(e), j, step->first);
        break;
    case PLAN_WORD: word(e, s, c, j); break;
    case PLAN_TEXT:
        if (c->column->text.n == 0) text_print(e->out, "    f[%d] = 0;\n", step->first);
        else c_call(e, "text", "&%s_encode%d, x[%d].text, f + %d", e->name, s, j, step->first);
        break;
    case PLAN_DERIVED: derived(e, s, c); break;
    default: break;
    }
}

/* Does a step read cells as floats, or as doubles? A derived column may do both. */
static void reads(const PlanStep *step, const Coding *c, bool *narrow, bool *wide)
{
    const bool ordered = c->column && c->column->kind == COLUMN_ORDERED;
    if (step->op == PLAN_WORD) *narrow = true;
    if (step->op == PLAN_NUMBERS) {
        const bool reads = c->run || needs_value(c) || c->column->flag;
        if (c->wide && !ordered) *wide = *wide || reads;
        else *narrow = *narrow || reads;
    }
    if (step->op == PLAN_DERIVED) {
        if (derive_by_words(c->derivation->kind)) *narrow = true;
        if (!derive_by_words(c->derivation->kind) || c->derivation->kind == DERIVE_DEVIATION) *wide = true;
    }
}

/* Copies of the cells, where they do not stand side by side in the type that is asked for. */
static void copies(CExport *e, int prep)
{
    bool narrow = false, wide = false;
    for (int s = 0; s < e->plan->n_steps; s++) {
        const PlanStep *step = &e->plan->steps[s];
        if (step->op > PLAN_DERIVED || step->prep != prep) continue;
        const Coding *c = coding_of(e, s);
        if (c) reads(step, c, &narrow, &wide);
    }
    narrow = narrow && (e->plan->wide || e->has_texts);
    wide = wide && e->has_texts;
    if (narrow) c_emit(e, "    float narrow[$_N_INPUTS];\n");
    if (wide) c_emit(e, "    double wide[$_N_INPUTS];\n");
    if (!narrow && !wide) return;
    if (!e->has_texts) {
        c_call(e, "narrow_row", "x, %s_N_INPUTS, narrow", e->capitals);
        return;
    }
    c_emit(e, "    for (int i = 0; i < $_N_INPUTS; i++) {\n");
    if (narrow && e->plan->wide) {
        c_piece(e, "narrow");
        c_emit(e, "        narrow[i] = @_narrow(x[i].number);\n");
    } else if (narrow) {
        c_emit(e, "        narrow[i] = x[i].number;\n");
    }
    if (wide) c_emit(e, "        wide[i] = x[i].number;\n");
    c_emit(e, "    }\n");
}

/* A preprocessing that says nothing of the cells. */
static bool looks_at_cells(CExport *e, int prep)
{
    bool narrow = false, wide = false;
    for (int s = 0; s < e->plan->n_steps; s++) {
        const PlanStep *step = &e->plan->steps[s];
        if (step->op > PLAN_DERIVED || step->prep != prep) continue;
        const Coding *c = coding_of(e, s);
        if (!c || step->op == PLAN_PIXELS || (step->op == PLAN_TEXT && c->column->text.n > 0)) return true;
        reads(step, c, &narrow, &wide);
    }
    return narrow || wide;
}

static bool has_steps(const CExport *e, int prep)
{
    for (int s = 0; s < e->plan->n_steps; s++)
        if (e->plan->steps[s].op <= PLAN_DERIVED && e->plan->steps[s].prep == prep) return true;
    return false;
}

void c_encode_prep(CExport *e, int prep)
{
    if (!has_steps(e, prep)) return;
    text_print(e->out, "\nstatic void %s_encode_%d(const %s_input *x, float *f)\n{\n", e->name, prep, e->name);
    copies(e, prep);
    if (!looks_at_cells(e, prep)) text_add(e->out, "    (void)x;\n");
    for (int s = 0; s < e->plan->n_steps; s++)
        if (e->plan->steps[s].op <= PLAN_DERIVED && e->plan->steps[s].prep == prep) step(e, s);
    text_add(e->out, "}\n");
}

/* ---- the header --------------------------------------------------------------------------------- */

static void because(CExport *e, const PrepColumn *column, PlanWide why, int n)
{
    enum { MOST = 6 };
    if (n == MOST) text_add(e->out, ",\n *     and more");
    if (n >= MOST) return;
    text_add(e->out, n ? ",\n *     " : "\n *     ");
    c_comment(e->out, column->name);
    text_print(e->out, " (%s)", plan_wide_names[why]);
}

void c_encode_contract(CExport *e)
{
    const double most = e->plan->features;
    int n = 0;
    if (e->image) return;
    if (!e->plan->wide) {
        text_add(e->out, " *     Floats are enough for all columns.\n");
        return;
    }
    const int power = (int)floor(log10(most) + 1e-9);
    text_print(e->out, " *     Doubles, since features would be wrong by more than %.0fe%d with floats, of",
               most / pow(10, power), power);
    bool *said = ARENA_NEW(e->arena, bool, e->n_inputs);
    for (int s = 0; said && s < e->plan->n_steps; s++) {
        const PlanStep *step = &e->plan->steps[s];
        if (step->op > PLAN_DERIVED || !step->wide) continue;
        const Prep *prep = e->model->preps[step->prep];
        const PrepColumn *made = &prep->columns[prep_table_columns(prep) + step->column];
        if (step->op == PLAN_DERIVED) because(e, made, plan_derived_why(prep, step->column, most), n++);
        for (int j = step->column; step->op != PLAN_DERIVED && j < step->column + step->n_columns; j++) {
            if (!said[j]) because(e, &prep->columns[j], plan_column_why(&prep->columns[j], most), n++);
            said[j] = true;
        }
    }
    if (!said) e->out->broken = true;
    text_add(e->out, ".\n");
}
