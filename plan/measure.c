/* Flash, memory and instructions of a plan, from its shapes and from a table of what gcc makes of the functions
 * of plan/runtime/.
 *
 * The table is of gcc 12 with -O2 -std=c99 for a Cortex-M4F and of newlib's libm, and was read off an
 * emulator that runs each function with several sizes (tests/boards/pieces.c prints such readings). What a
 * function takes is close to a line in its sizes; where values decide (expf, a search among knots) it is a
 * mean.
 */
#include "plan/measure.h"

#include <math.h>

/* A function: bytes of code; instructions of a call, and for each number. */
typedef struct {
    int code;
    double call, each;
} Piece;

/* Things that are in the file once, however many steps use them: a bit each. */
typedef enum {
    ONCE_ACTIVATION, /* and those behind it */
    ONCE_LINK = ONCE_ACTIVATION + ACTIVATION_COUNT,
    ONCE_OP = ONCE_LINK + LINK_COUNT,
    ONCE_SQUASH = ONCE_OP + PLAN_OP_COUNT,
    ONCE_NUMBERS,
    ONCE_NUMBERS_WIDE,
    ONCE_SCALED,
    ONCE_SCALED_WIDE,
    ONCE_KNOTS,
    ONCE_BINS,
    ONCE_BINS_WIDE,
    ONCE_DATE,
    ONCE_THERMOMETER,
    ONCE_NARROW,
    ONCE_HOT,
    ONCE_PLACE,
    ONCE_SIGN,
    ONCE_WAVES,
    ONCE_CATEGORY,
    ONCE_RISE,
    ONCE_COUNT
} Once;

static const Piece activation_piece[ACTIVATION_COUNT] = {
    [ACT_RELU] = {36, 8, 8},      [ACT_LEAKY_RELU] = {40, 8, 8}, [ACT_TANH] = {36, 10, 92},
    [ACT_SIGMOID] = {60, 10, 68}, [ACT_GELU] = {68, 10, 57},     [ACT_SILU] = {60, 10, 70},
    [ACT_SELU] = {88, 10, 35},    [ACT_MISH] = {84, 10, 239},
};
static const Piece link_piece[LINK_COUNT] = {
    [LINK_SOFTMAX] = {140, 10, 84},     [LINK_CUMULATIVE] = {168, 10, 210}, [LINK_IDENTITY] = {60, 10, 9},
    [LINK_LOG] = {112, 10, 86},         [LINK_RATE] = {112, 10, 86},        [LINK_QUANTILES] = {272, 20, 120},
    [LINK_SIGMOID] = {68, 10, 75},
};
/* Of those whose sizes are the length of their output. */
static const Piece op_piece[PLAN_OP_COUNT] = {
    [PLAN_NORM] = {160, 30, 20},    [PLAN_ADD] = {20, 10, 6},      [PLAN_CLEAR] = {20, 38, 1.75},
    [PLAN_MIX] = {52, 10, 7},       [PLAN_VOTE] = {108, 10, 12},   [PLAN_LOG_MIX] = {88, 12, 86},
    [PLAN_SOFTMAX] = {140, 10, 84}, [PLAN_STACK] = {52, 10, 7},    [PLAN_CALIBRATE] = {110, 15, 160},
};

typedef struct {
    const Plan *plan;
    double live;      /* groups of four features, of the last preprocessing, of which some is not 0 */
    bool once[ONCE_COUNT];
    int calls[2];     /* of layers of integers, and of those that hand on integers */
    size_t constants, code;
    double instructions;
} Measure;

/* Code that is there once. */
static void once(Measure *m, int which, int bytes)
{
    if (m->once[which]) return;
    m->once[which] = true;
    m->code += (size_t)bytes;
}

static void call(Measure *m, int which, Piece piece, int n)
{
    once(m, which, piece.code);
    m->instructions += piece.call + piece.each * n;
}

static void floats(Measure *m, size_t n)
{
    m->constants += 4 * n;
}

/* ---- features --------------------------------------------------------------------------------- */

/* Of how many numbers a run has to keep each, where all are alike one. */
static int kept(const PrepColumn *columns, int n, double (*of)(const PrepColumn *))
{
    for (int j = 1; j < n; j++)
        if (of(&columns[j]) != of(&columns[0])) return n;
    return 1;
}
static double shift_of(const PrepColumn *c)
{
    return c->shift;
}
static double scale_of(const PrepColumn *c)
{
    return c->scale;
}
static double filled(const PrepColumn *c)
{
    return (c->fill - c->shift) * c->scale;
}

static void numbers(Measure *m, const PrepColumn *columns, int n, bool wide)
{
    const PrepColumn *c = columns;
    const size_t size = wide ? 8 : 4;
    if (c->coding == ORDERED_THERMOMETER && c->kind == COLUMN_ORDERED) {
        call(m, ONCE_THERMOMETER, (Piece){136, 20, 11}, c->n_out);
        return;
    }
    if (c->kind == COLUMN_NUMERIC && c->n_knots == 0 && c->n_edges == 0) {
        const bool fills = kept(columns, n, filled) > 1 || filled(c) != 0;
        const int each = kept(columns, n, shift_of) + kept(columns, n, scale_of) + fills * n;
        m->constants += 24 + size * (size_t)each;
        call(m, wide ? ONCE_NUMBERS_WIDE : ONCE_NUMBERS,
             wide ? (Piece){448, 30, 338} : (Piece){296, 30, 30 + 10.0 * c->clip + 6.0 * c->flag}, n);
        return;
    }
    m->constants += 3 * size;
    call(m, wide ? ONCE_SCALED_WIDE : ONCE_SCALED,
         wide ? (Piece){200, 20, 330} : (Piece){180, 10, 25 + 10.0 * c->clip + 6.0 * c->flag}, 1);
    if (c->n_knots > 0) {
        m->constants += size * (size_t)c->n_knots;
        call(m, ONCE_KNOTS, (Piece){680, 1900, 45}, (int)log2(c->n_knots));
    }
    if (c->n_edges > 0) {
        m->constants += size * (size_t)c->n_edges;
        call(m, wide ? ONCE_BINS_WIDE : ONCE_BINS, wide ? (Piece){450, 20, 103} : (Piece){380, 10, 11},
             c->n_edges - 1);
    }
    if (c->kind == COLUMN_DATE) {
        m->constants += 16;
        const int turning = (c->parts >> 1 & 1) + (c->parts >> 2 & 1) + (c->parts >> 3 & 1);
        call(m, ONCE_DATE, (Piece){850, 2450, 160}, turning);
    }
}

static void word(Measure *m, const PrepColumn *column, int n_known)
{
    const bool mapped = column->n_levels != n_known;
    if (mapped) m->constants += (size_t)n_known * (column->n_levels > 255 ? 2 : 1);
    call(m, ONCE_PLACE, (Piece){60, 20, 0}, 1);
    if (column->coded || column->n_out == 1) call(m, ONCE_SIGN, (Piece){30, 6, 0}, 1);
    else call(m, ONCE_HOT, (Piece){40, 12, 8}, column->n_out);
}

/* How likely the network finds one of four features that is not 0, where they lie in a column of n features. */
static double lit(const PrepColumn *column, int n)
{
    const bool by_number = prep_by_number(column);
    if (!by_number && column->kind != COLUMN_FREE_TEXT && column->n_out > 2)
        return fmin(1, n / (double)column->n_out);
    if (by_number && column->n_edges > 5) return fmin(1, 0.5 + 2.0 / column->n_edges);
    return 1;
}

/* Groups of four features that a dense layer does not skip, on average; pixels may all be lit. */
static double live_groups(const Prep *prep)
{
    if (prep->n_columns == 0) return prep->n_features / 4;
    double live = 0, dark = 1;
    const PrepColumn *c = prep->columns, *end = c + prep->n_columns;
    for (int f = 0; f < prep->n_features / 4 * 4;) {
        while (c + 1 < end && c->out + c->n_out <= f) c++;
        const int to = c->out + c->n_out < f / 4 * 4 + 4 ? c->out + c->n_out : f / 4 * 4 + 4;
        if (to <= f) return prep->n_features / 4;
        dark *= 1 - lit(c, to - f);
        if (to % 4 == 0) {
            live += 1 - dark;
            dark = 1;
        }
        f = to;
    }
    return live;
}

static void encode(Measure *m, const PlanStep *step)
{
    const Plan *plan = m->plan;
    const Prep *prep = plan->model->preps[step->prep];
    if (step->first == 0) m->live = live_groups(prep);
    m->code += !step->wide ? 24 : step->prep == 0 ? 140 : 340;
    if (plan->wide && !step->wide && step->op != PLAN_TEXT)
        call(m, ONCE_NARROW, (Piece){120, 10, 10}, step->n_columns);
    switch (step->op) {
    case PLAN_PIXELS:
        m->constants += 8;
        call(m, ONCE_OP + PLAN_PIXELS, (Piece){80, 12, 12}, prep->n_features);
        break;
    case PLAN_NUMBERS: numbers(m, &prep->columns[step->column], step->n_columns, step->wide); break;
    case PLAN_WORD:
        word(m, &prep->columns[step->column], plan->model->schema.columns[step->column].n_levels);
        break;
    case PLAN_TEXT: {
        const PrepColumn *column = &prep->columns[step->column];
        m->constants += 24 + (size_t)column->n_out * (column->text.idf ? 6 : 2);
        call(m, ONCE_OP + PLAN_TEXT, (Piece){1400, 4000, 12}, column->n_out);
        break;
    }
    case PLAN_DERIVED: {
        const Derivation *derived = &prep->derived[step->column];
        m->constants += 8 * (size_t)derived->n_cells;
        call(m, ONCE_OP + PLAN_DERIVED, (Piece){220, 290, 0}, 1);
        numbers(m, &prep->columns[prep->n_columns - prep->n_derived + step->column], 1, step->wide);
        break;
    }
    default: break;
    }
}

/* ---- networks ---------------------------------------------------------------------------------- */

static void embed(Measure *m, const Embed *e)
{
    const int f = e->frequencies;
    for (int j = 0; j < e->n_features; j++) {
        const int kind = e->feature[j];
        if (kind > 0) {
            floats(m, (size_t)(kind + 1) * (size_t)e->category_size);
            call(m, ONCE_CATEGORY, (Piece){60, 38, 2}, e->category_size);
        } else if (kind != FEATURE_PLAIN) {
            const bool periodic = kind == FEATURE_PERIODIC;
            const int terms = periodic ? 2 * f : f, outputs = periodic ? e->size : e->size - 1;
            floats(m, (size_t)(2 * f + outputs * (terms + 1)));
            once(m, ONCE_WAVES, periodic ? 190 : 140);
            m->instructions += 40 + f * (periodic ? 150 : 88) + outputs * f * (periodic ? 14 : 9);
        } else {
            m->instructions += 4;
        }
        m->code += kind == FEATURE_PLAIN ? 2 : 20;
    }
}

/* The same with weights of 8 bits, two outputs at a time; nothing is skipped. */
static void dense_integers(Measure *m, const PlanStep *step)
{
    const PlanVector *in = &m->plan->vectors[step->in];
    const int n = m->plan->vectors[step->out].n, rest = in->n % 4;
    const bool whole = step->integers->multiplier != NULL;
    const double each = in->type == PLAN_INT8 ? 15 : 18, pair = whole ? 92 : 58;
    const int odd = n % 2, alone = whole ? 345 + 45 * odd : 195 + 25 * odd + 28 * (rest > 0);
    const int calls = m->calls[whole]++; /* a function that is called once becomes part of its caller */
    if (calls == 0) m->code += (size_t)alone;
    if (calls == 1) m->code += (size_t)((whole ? 425 : 350) + 40 - alone);
    if (calls > 0) m->code += 40;
    m->constants += (size_t)n * ((size_t)in->n + 4 + (whole ? 5 : 4));
    m->instructions += 30 + (n + 1) / 2 * (pair + each * (in->n / 4) + (rest ? 5 + 7 * rest : 0));
    if (odd) m->instructions -= whole ? 28 : 10;
    if (step->activation < 0 || whole) return;
    call(m, ONCE_ACTIVATION + step->activation, activation_piece[step->activation], n);
    m->code += 10;
}

/* x W + b, four inputs at a time: those that are all 0 are skipped. */
static void dense(Measure *m, const PlanStep *step)
{
    if (step->integers) {
        dense_integers(m, step);
        return;
    }
    const PlanVector *in = &m->plan->vectors[step->in], *out = &m->plan->vectors[step->out];
    const int groups = in->n / 4, rest = in->n % 4;
    const bool features = step->layer == 0 && !step->mlp->embed, relu = step->mlp->activation == ACT_RELU;
    const double live = features ? fmin(m->live, groups) : relu && step->layer > 0 ? 0.96 * groups : groups;
    once(m, ONCE_OP + PLAN_DENSE, 300);
    floats(m, (size_t)(in->n + 1) * (size_t)out->n);
    m->instructions += 40 + 2.25 * out->n + live * (27.5 + 16.0 * out->n) + (groups - live) * 22
        + rest * (12.5 + 6.75 * out->n);
    m->code += 20;
    if (step->activation >= 0) {
        call(m, ONCE_ACTIVATION + step->activation, activation_piece[step->activation], out->n);
        m->code += 10;
    }
}

static void link(Measure *m, const PlanStep *step)
{
    const Link link = step->mlp->link;
    const int n = m->plan->vectors[step->out].n, n_targets = m->plan->model->schema.task.n_targets;
    const bool logarithm = link == LINK_LOG || link == LINK_RATE;
    if (logarithm) floats(m, 4 * (size_t)n_targets);
    if (link == LINK_IDENTITY || link == LINK_QUANTILES) floats(m, 2 * (size_t)n_targets);
    call(m, ONCE_LINK + (int)link, link_piece[link], n);
    if (link == LINK_SOFTMAX) m->once[ONCE_OP + PLAN_SOFTMAX] = true;
    m->code += step->net > 0 ? 64 : 14; /* several are functions of their own */
}

static void calibrate(Measure *m, int n)
{
    const Calibration *c = m->plan->model->calibration;
    call(m, ONCE_OP + PLAN_CALIBRATE, op_piece[PLAN_CALIBRATE], n);
    if (!c) return;
    floats(m, (size_t)(c->n_scale + n));
    if (c->n_scale > n) m->instructions += 4.0 * n * n;
    if (!c->n_knots) return;
    once(m, ONCE_RISE, 200);
    for (int k = 0; k < n; k++) {
        floats(m, 2 * (size_t)c->n_knots[k]);
        m->instructions += 45 + 4.0 * c->n_knots[k];
    }
    m->constants += (size_t)n;
}

static void measure_step(Measure *m, const PlanStep *step)
{
    const int n = m->plan->vectors[step->out].n;
    switch (step->op) {
    case PLAN_PIXELS: case PLAN_NUMBERS: case PLAN_WORD: case PLAN_TEXT: case PLAN_DERIVED:
        encode(m, step);
        return;
    case PLAN_EMBED: embed(m, step->mlp->embed); return;
    case PLAN_DENSE: dense(m, step); return;
    case PLAN_ACTIVATE:
        call(m, ONCE_ACTIVATION + step->activation, activation_piece[step->activation], n);
        break;
    case PLAN_LINK: link(m, step); return;
    case PLAN_CALIBRATE: calibrate(m, n); break;
    case PLAN_NORM: floats(m, 2 * (size_t)n); call(m, ONCE_OP + PLAN_NORM, op_piece[PLAN_NORM], n); break;
    case PLAN_STACK: floats(m, (size_t)m->plan->model->schema.task.n_targets); /* fall through */
    case PLAN_ADD: case PLAN_CLEAR: case PLAN_MIX: case PLAN_VOTE: case PLAN_LOG_MIX: case PLAN_SOFTMAX:
        call(m, ONCE_OP + (int)step->op, op_piece[step->op], n);
        break;
    case PLAN_QUANTIZE: call(m, ONCE_OP + PLAN_QUANTIZE, (Piece){140, 17, 20}, n); break;
    case PLAN_OP_COUNT: break;
    }
    m->code += 18;
}

/* What follows the steps: the class that is decided for, or numbers in the user's unit. */
static void decide(Measure *m)
{
    const Model *model = m->plan->model;
    const int n = m->plan->vectors[m->plan->result].n;
    if (model->schema.task.kind == TASK_NUMBERS) {
        m->constants += 16 * (size_t)model->schema.task.n_targets;
        m->code += 40;
        m->instructions += 10 + 40 * n;
        return;
    }
    m->code += 40;
    m->instructions += 20 + 8 * n;
    if (model->cost) floats(m, (size_t)n * (size_t)n);
    else if (model->decision) floats(m, (size_t)n);
}

void plan_measure(const Plan *plan, PlanSize *out)
{
    enum { FRAMES = 104, SOFT = 48, MATRIX = 64 /* runtime/calibrate_matrix.h */ };
    Measure m = {.plan = plan, .instructions = 20};
    for (int s = 0; s < plan->n_steps; s++) measure_step(&m, &plan->steps[s]);
    decide(&m);
    const Calibration *c = plan->model->calibration;
    size_t stack = plan->scratch_bytes + FRAMES;
    const size_t n_columns = (size_t)plan->model->schema.n_columns;
    if (plan->wide) stack += SOFT + 4 * n_columns; /* cells as floats */
    if (m.once[ONCE_OP + PLAN_TEXT]) stack += 12 * n_columns;
    if (c && c->n_scale > plan->vectors[plan->result].n) stack += 4 * MATRIX;
    *out = (PlanSize){.constants = m.constants, .code = m.code, .flash = m.constants + m.code, .stack = stack,
                      .cycles_m4 = m.instructions};
}
