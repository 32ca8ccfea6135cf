/* Columns of numbers: missing, quantiles, scale, clip, bins, flag. */
#include "export/onnx_numbers.h"

#include <float.h>
#include <math.h>

#include "export/onnx_dates.h"

/* ---- quantiles ------------------------------------------------------------------------------- */

/* From this many different knots on a value is first sought among every 32nd, then within these. */
enum { KNOTS_PLAIN = 96, KNOTS_BLOCK = 32 };

/* The different knots; of each its first and its last place among all. */
typedef struct {
    int n;
    double *at, *last, *middle, *width; /* (n) width to the next; 1 behind the last */
} Knots;

static bool distinct(const PrepColumn *column, Arena *arena, Knots *out)
{
    const int n = column->n_knots;
    *out = (Knots){0, ARENA_NEW(arena, double, n), ARENA_NEW(arena, double, n), ARENA_NEW(arena, double, n),
                   ARENA_NEW(arena, double, n)};
    if (!out->at || !out->last || !out->middle || !out->width) return false;
    for (int i = 0, first = 0; i < n; i++) {
        const double at = column->knots[i];
        if (out->n == 0 || at > out->at[out->n - 1]) out->at[out->n++] = at, first = i;
        out->last[out->n - 1] = i;
        out->middle[out->n - 1] = ((double)first + i) / 2;
    }
    for (int i = 0; i < out->n; i++) out->width[i] = i + 1 < out->n ? out->at[i + 1] - out->at[i] : 1;
    return true;
}

/* How many of a row of numbers v is not below: (N, 1) INT64, less one, at least 0. */
static OnnxValue place_among(OnnxGraph *g, OnnxValue v, OnnxValue row, int axis)
{
    const OnnxValue ones = onnx_cast(g, onnx_op2(g, "GreaterOrEqual", v, row), ONNX_FLOAT);
    const OnnxValue n = onnx_cast(g, onnx_sum(g, ones, axis, axis == 1), ONNX_INT64);
    return onnx_with(g, "Max", onnx_with(g, "Sub", n, 1), 0);
}

static OnnxValue place_of(OnnxExport *e, const Knots *knots, OnnxValue v)
{
    OnnxGraph *g = &e->g;
    if (knots->n <= KNOTS_PLAIN) return place_among(g, v, onnx_row(g, v.type, knots->n, knots->at), 1);
    const int blocks = (knots->n + KNOTS_BLOCK - 1) / KNOTS_BLOCK;
    double *coarse = ARENA_NEW(e->arena, double, blocks), *fine = ARENA_NEW(e->arena, double,
                                                                              blocks * KNOTS_BLOCK);
    if (!coarse || !fine) {
        g->broken = true;
        return v;
    }
    for (int i = 0; i < blocks * KNOTS_BLOCK; i++) fine[i] = i < knots->n ? knots->at[i] : INFINITY;
    for (int b = 0; b < blocks; b++) coarse[b] = knots->at[b * KNOTS_BLOCK];
    const OnnxValue block = place_among(g, v, onnx_row(g, v.type, blocks, coarse), 1);
    const OnnxValue rows = onnx_numbers(g, v.type, 2, (const int[]){blocks, KNOTS_BLOCK}, fine);
    const OnnxValue within = place_among(g, onnx_reshape(g, v, 3, (const int[]){0, 1, 1}),
                                         onnx_gather(g, rows, block, 0), 2);
    return onnx_op2(g, "Add", onnx_with(g, "Mul", block, KNOTS_BLOCK), within);
}

static OnnxValue knot_values(OnnxExport *e, const double *values, int n, OnnxValue place)
{
    return onnx_gather(&e->g, onnx_numbers(&e->g, ONNX_DOUBLE, 1, &n, values), place, 0);
}

/* prep.c's knot_rank(): in [0, 1]. */
static OnnxValue rank_of(OnnxExport *e, const PrepColumn *column, OnnxValue v)
{
    OnnxGraph *g = &e->g;
    Knots knots;
    if (!distinct(column, e->arena, &knots)) {
        g->broken = true;
        return v;
    }
    const int last = knots.n - 1;
    const OnnxValue place = place_of(e, &knots, v);
    const OnnxValue left = knot_values(e, knots.at, knots.n, place);
    const OnnxValue share = onnx_op2(g, "Div", onnx_op2(g, "Sub", v, left),
                                     knot_values(e, knots.width, knots.n, place));
    const OnnxValue between = onnx_op2(g, "Add", knot_values(e, knots.last, knots.n, place), share);
    OnnxValue rank = onnx_where(g, onnx_op2(g, "Equal", v, left),
                                knot_values(e, knots.middle, knots.n, place), between);
    /* Below the first is 0, beyond the last n - 1. */
    rank = onnx_where(g, onnx_with(g, "Less", v, knots.at[0]), onnx_number(g, ONNX_DOUBLE, 0), rank);
    rank = onnx_where(g, onnx_with(g, "Greater", v, knots.at[last]),
                      onnx_number(g, ONNX_DOUBLE, column->n_knots - 1), rank);
    return onnx_with(g, "Mul", rank, 1.0 / (column->n_knots - 1));
}

/* c[0] + c[1] x + ... by Horner's rule. */
static OnnxValue polynomial(OnnxGraph *g, OnnxValue x, int n, const double *c)
{
    OnnxValue sum = onnx_with(g, "Mul", x, c[n - 1]);
    for (int i = n - 2; i > 0; i--) sum = onnx_op2(g, "Mul", onnx_with(g, "Add", sum, c[i]), x);
    return onnx_with(g, "Add", sum, c[0]);
}

/* The inverse of the normal distribution to seven digits, PPND7 without its third range, which lies beyond
 * +-5.2: a quotient of polynomials around 0, another one of sqrt(-log tail). */
static OnnxValue normal_score(OnnxGraph *g, OnnxValue p)
{
    static const double a[] = {3.3871327179, 50.434271938, 159.29113202, 59.109374720};
    static const double b[] = {1, 17.895169469, 78.757757664, 67.187563600};
    static const double c[] = {1.4234372777, 2.7568153900, 1.3067284816, 0.17023821103};
    static const double d[] = {1, 0.73700164250, 0.12021132975};
    static const double central = 0.425, turn = 0.180625, shift = 1.6, least_tail = 1e-8;
    const OnnxValue q = onnx_with(g, "Sub", p, 0.5), size = onnx_op1(g, "Abs", q);
    const OnnxValue r = onnx_op2(g, "Sub", onnx_number(g, ONNX_DOUBLE, turn), onnx_op2(g, "Mul", q, q));
    const OnnxValue near = onnx_op2(g, "Mul", q, onnx_op2(g, "Div", polynomial(g, r, 4, a),
                                                          polynomial(g, r, 4, b)));
    const OnnxValue tail = onnx_with(g, "Max", onnx_op2(g, "Sub", onnx_number(g, ONNX_DOUBLE, 0.5), size),
                                     least_tail);
    const OnnxValue s = onnx_with(g, "Sub", onnx_op1(g, "Sqrt", onnx_op1(g, "Neg", onnx_op1(g, "Log", tail))),
                                  shift);
    OnnxValue far = onnx_op2(g, "Div", polynomial(g, s, 4, c), polynomial(g, s, 3, d));
    far = onnx_op2(g, "Mul", far, onnx_op1(g, "Sign", q));
    const OnnxValue score = onnx_where(g, onnx_with(g, "LessOrEqual", size, central), near, far);
    return onnx_clip(g, score, -5.2, 5.2);
}

/* ---- scale, clip, bins ----------------------------------------------------------------------- */

/* What all of n columns say of one thing, as a row; NULL without memory. */
typedef struct {
    double *fill, *shift, *rest, *scale;
    bool shifts, rests, scales;
} Scales;

static bool scales_of(const PrepColumn *columns, int n, OnnxType type, Arena *arena, Scales *out)
{
    *out = (Scales){ARENA_NEW(arena, double, n), ARENA_NEW(arena, double, n), ARENA_NEW(arena, double, n),
                    ARENA_NEW(arena, double, n), false, false, false};
    if (!out->fill || !out->shift || !out->rest || !out->scale) return false;
    for (int i = 0; i < n; i++) {
        const PrepColumn *column = &columns[i];
        const bool counts = column->scale != 0;
        const double shift = counts ? column->shift : 0;
        out->fill[i] = counts ? column->fill : 0;
        out->shift[i] = type == ONNX_FLOAT ? (double)(float)shift : shift;
        out->rest[i] = shift - out->shift[i]; /* what a float cuts off, where it would be seen */
        out->scale[i] = column->scale;
        out->shifts = out->shifts || shift != 0;
        out->rests = out->rests || fabs(out->rest[i] * column->scale) > 1e-7;
        out->scales = out->scales || column->scale != 1;
    }
    return true;
}

static OnnxValue scaled(OnnxGraph *g, const Scales *s, int n, bool clip, OnnxValue v)
{
    /* Squares must stay within the type. */
    const double most = clip && v.type == ONNX_FLOAT ? 1e15 : 1e30;
    if (s->shifts) v = onnx_op2(g, "Sub", v, onnx_row(g, v.type, n, s->shift));
    if (s->rests) v = onnx_op2(g, "Sub", v, onnx_row(g, v.type, n, s->rest));
    if (s->scales) v = onnx_op2(g, "Mul", v, onnx_row(g, v.type, n, s->scale));
    v = onnx_clip(g, v, -most, most);
    if (clip) {
        const OnnxValue third = onnx_with(g, "Mul", v, 1.0 / 3);
        const OnnxValue square = onnx_with(g, "Add", onnx_op2(g, "Mul", third, third), 1);
        v = onnx_op2(g, "Div", v, onnx_op1(g, "Sqrt", square));
    }
    return onnx_cast(g, v, ONNX_FLOAT);
}

/* e_t = (v - b_{t-1}) / (b_t - b_{t-1}), kept within 0 and 1. */
static OnnxValue bins(OnnxExport *e, const PrepColumn *column, OnnxValue v, bool rounded)
{
    const int n = column->n_edges - 1;
    double *from = ARENA_NEW(e->arena, double, n), *width = ARENA_NEW(e->arena, double, n);
    if (!from || !width) {
        e->g.broken = true;
        return v;
    }
    for (int t = 0; t < n; t++) {
        const double low = column->edges[t], high = column->edges[t + 1];
        from[t] = rounded ? (double)(float)low : low;
        width[t] = (rounded ? (double)(float)high : high) - from[t];
    }
    v = onnx_op2(&e->g, "Sub", v, onnx_row(&e->g, v.type, n, from));
    v = onnx_op2(&e->g, "Div", v, onnx_row(&e->g, v.type, n, width));
    return onnx_cast(&e->g, onnx_clip(&e->g, v, 0, 1), ONNX_FLOAT);
}

/* ---- the features of a step ------------------------------------------------------------------ */

OnnxValue onnx_finite(OnnxExport *e, OnnxValue raw)
{
    const double most = raw.type == ONNX_FLOAT ? (double)FLT_MAX : DBL_MAX;
    return onnx_with(&e->g, "LessOrEqual", onnx_op1(&e->g, "Abs", raw), most);
}

/* x_0, flag_0, x_1, flag_1, ... */
static OnnxValue beside(OnnxGraph *g, OnnxValue x, OnnxValue flag, int n)
{
    if (n == 1) return onnx_concat(g, 1, 2, (const OnnxValue[]){x, flag});
    const int deep[3] = {0, n, 1}, flat[2] = {0, 2 * n};
    const OnnxValue pair[2] = {onnx_reshape(g, x, 3, deep), onnx_reshape(g, flag, 3, deep)};
    return onnx_reshape(g, onnx_concat(g, 2, 2, pair), 2, flat);
}

void onnx_number_features(OnnxExport *e, const PlanStep *step, const PrepColumn *columns, int n, OnnxValue raw,
                          OnnxValue present, bool rounded)
{
    OnnxGraph *g = &e->g;
    const PrepColumn *one = &columns[0];
    Scales s;
    if (one->n_knots > 0) raw = onnx_cast(g, raw, ONNX_DOUBLE);
    if (!scales_of(columns, n, raw.type, e->arena, &s)) {
        g->broken = true;
        return;
    }
    for (int i = 0; rounded && i < n; i++) s.fill[i] = (double)(float)s.fill[i];
    const OnnxValue filled = onnx_where(g, present, raw, onnx_row(g, raw.type, n, s.fill));
    const OnnxValue v = one->n_knots > 0 && one->scale != 0
        ? normal_score(g, rank_of(e, one, filled)) : filled;
    const OnnxValue x = scaled(g, &s, n, one->clip, v);
    const OnnxValue flag = one->flag ? onnx_cast(g, onnx_op1(g, "Not", present), ONNX_FLOAT) : present;
    if (one->n_edges < 2 && !one->parts) {
        onnx_part(e, step->out, step->first, one->flag ? beside(g, x, flag, n) : x);
        return;
    }
    int at = step->first;
    onnx_part(e, step->out, at++, x);
    if (one->n_edges > 1) {
        onnx_part(e, step->out, at, bins(e, one, filled, rounded));
        at += one->n_edges - 1;
    }
    if (one->parts) {
        onnx_part(e, step->out, at, onnx_date_parts(e, one, raw, present));
        at += prep_part_features(one);
    }
    if (one->flag) onnx_part(e, step->out, at, flag);
}
