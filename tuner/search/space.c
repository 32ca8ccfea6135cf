#include "tuner/search/space.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "tuner/search/space_internal.h"
#include "tuner/search/special.h"

#define X(id, name) name,
const char *const distribution_names[] = {DISTRIBUTION_LIST(X) NULL};
#undef X

static const double BELOW_ONE = 1 - 0x1p-53; /* the largest coordinate */

/* ---- one parameter ---- */

Scale distribution_scale(Distribution distribution)
{
    switch (distribution) {
    case DIST_INT_UNIFORM:
    case DIST_UNIFORM:
    case DIST_Q_UNIFORM: return SCALE_LINEAR;
    case DIST_LOG_UNIFORM:
    case DIST_LOG_UNIFORM_VALUES:
    case DIST_Q_LOG_UNIFORM:
    case DIST_Q_LOG_UNIFORM_VALUES: return SCALE_LOG;
    case DIST_INV_LOG_UNIFORM:
    case DIST_INV_LOG_UNIFORM_VALUES: return SCALE_INVERSE;
    case DIST_NORMAL:
    case DIST_Q_NORMAL: return SCALE_NORMAL;
    case DIST_LOG_NORMAL:
    case DIST_Q_LOG_NORMAL: return SCALE_LOG_NORMAL;
    case DIST_BETA:
    case DIST_Q_BETA: return SCALE_BETA;
    default: return SCALE_NONE;
    }
}

bool distribution_quantized(Distribution distribution)
{
    return distribution == DIST_INT_UNIFORM || distribution == DIST_Q_UNIFORM ||
           distribution == DIST_Q_LOG_UNIFORM || distribution == DIST_Q_LOG_UNIFORM_VALUES ||
           distribution == DIST_Q_NORMAL || distribution == DIST_Q_LOG_NORMAL ||
           distribution == DIST_Q_BETA;
}

bool distribution_chosen(Distribution distribution)
{
    return distribution == DIST_CATEGORICAL || distribution == DIST_CATEGORICAL_P;
}

static double clamp(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

/* The quantile function on the unrounded scale. */
static double scale_value(const Param *p, double t)
{
    double inner = clamp(t, SPACE_TAIL, 1 - SPACE_TAIL);
    switch (distribution_scale(p->distribution)) {
    case SCALE_LINEAR: return p->from + t * (p->to - p->from);
    case SCALE_LOG: return exp(p->from + t * (p->to - p->from));
    case SCALE_INVERSE: return exp(-(p->from + t * (p->to - p->from)));
    case SCALE_NORMAL: return p->mu + p->sigma * normal_quantile(inner);
    case SCALE_LOG_NORMAL: return exp(p->mu + p->sigma * normal_quantile(inner));
    case SCALE_BETA: return beta_quantile(p->a, p->b, inner);
    case SCALE_NONE: break;
    }
    assert(!"a parameter without a scale has no quantiles");
    return NAN;
}

/* Its inverse. */
static double scale_position(const Param *p, double value)
{
    switch (distribution_scale(p->distribution)) {
    case SCALE_LINEAR: return (value - p->from) / (p->to - p->from);
    case SCALE_LOG: return (log(value) - p->from) / (p->to - p->from);
    case SCALE_INVERSE: return (-log(value) - p->from) / (p->to - p->from);
    case SCALE_NORMAL: return normal_cdf((value - p->mu) / p->sigma);
    /* 0 is a multiple of q like any other; its place is the lower end. */
    case SCALE_LOG_NORMAL: return value > 0 ? normal_cdf((log(value) - p->mu) / p->sigma) : 0;
    case SCALE_BETA: return beta_cdf(p->a, p->b, value);
    case SCALE_NONE: break;
    }
    assert(!"a parameter without a scale has no positions");
    return NAN;
}

static bool is_log(const Param *p)
{
    Scale scale = distribution_scale(p->distribution);
    return scale == SCALE_LOG || scale == SCALE_INVERSE || scale == SCALE_LOG_NORMAL;
}

/* To seven significant digits. Dividing whole numbers rounds correctly, so 0.001 comes out as the
 * double that is written 0.001. */
static double round_digits(double x)
{
    if (x == 0) return 0;
    int digits = 6 - (int)floor(log10(fabs(x)));
    double power = pow(10, abs(digits));
    return digits >= 0 ? nearbyint(x * power) / power : nearbyint(x / power) * power;
}

static double round_value(const Param *p, double x)
{
    if (distribution_quantized(p->distribution)) {
        double k = floor(x * p->per / p->unit + 0.5); /* halves go up, on both sides of zero */
        return clamp(k, p->first, p->last) * p->unit / p->per + 0.0;
    }
    if (is_log(p)) return clamp(round_digits(x), p->least, p->most);
    return clamp(nearbyint(x * p->per / p->unit) * p->unit / p->per, p->least, p->most) + 0.0;
}

/* q (or any step) as a fraction of whole numbers, so that multiples of 0.05 are the doubles people
 * write and not 0.15000000000000002. */
static void step_fraction(double step, double *unit, double *per)
{
    double power = 1;
    for (int digits = 0; digits <= 12; digits++, power *= 10) {
        double scaled = nearbyint(step * power);
        if (scaled >= 1 && fabs(scaled / power - step) <= 1e-15 * step) {
            *unit = scaled;
            *per = power;
            return;
        }
    }
    *unit = step;
    *per = 1;
}

/* Rounding for a linear scale of this width around values of this size. */
static void fine_step(double width, double size, double *unit, double *per)
{
    int exponent = (int)floor(log10(width)) - 7;
    while (size / pow(10, exponent) > 0x1p50) exponent++;
    *unit = exponent > 0 ? pow(10, exponent) : 1;
    *per = exponent < 0 ? pow(10, -exponent) : 1;
}

bool param_prepare(Param *p)
{
    Scale scale = distribution_scale(p->distribution);
    bool exponents = p->distribution == DIST_LOG_UNIFORM || p->distribution == DIST_Q_LOG_UNIFORM ||
                     p->distribution == DIST_INV_LOG_UNIFORM;
    p->from = p->low;
    p->to = p->high;
    p->least = p->low;
    p->most = p->high;
    if (exponents) {
        p->least = scale == SCALE_INVERSE ? exp(-p->high) : exp(p->low);
        p->most = scale == SCALE_INVERSE ? exp(-p->low) : exp(p->high);
    } else if (scale == SCALE_LOG) {
        p->from = log(p->low);
        p->to = log(p->high);
    } else if (scale == SCALE_INVERSE) {
        p->from = -log(p->high);
        p->to = -log(p->low);
    } else if (scale == SCALE_NORMAL || scale == SCALE_LOG_NORMAL || scale == SCALE_BETA) {
        p->least = scale_value(p, 0);
        p->most = scale_value(p, 1);
    }
    if (!distribution_quantized(p->distribution)) {
        double width = scale == SCALE_NORMAL ? 10 * p->sigma : scale == SCALE_BETA ? 1 : p->to - p->from;
        double size = fmax(fabs(p->least), fabs(p->most));
        if (!is_log(p)) fine_step(width, size, &p->unit, &p->per);
        if (scale == SCALE_NORMAL || scale == SCALE_LOG_NORMAL || scale == SCALE_BETA) {
            /* The ends are where the quantiles are cut; rounded, they decode to themselves. */
            double least = p->least, most = p->most;
            p->least = -INFINITY;
            p->most = INFINITY;
            least = round_value(p, least);
            most = round_value(p, most);
            p->least = least;
            p->most = most;
        }
        return true;
    }
    step_fraction(p->q, &p->unit, &p->per);
    double size = p->unit / p->per;
    /* The slack lets 0.3 / 0.1 be the 3 that was meant. */
    p->first = ceil(p->least / size * (1 - copysign(1e-12, p->least)));
    p->last = floor(p->most / size * (1 + copysign(1e-12, p->most)));
    if (scale == SCALE_NORMAL || scale == SCALE_LOG_NORMAL || scale == SCALE_BETA) {
        p->first = floor(p->least / size + 0.5);
        p->last = floor(p->most / size + 0.5);
    }
    p->first += 0.0;
    if (p->first > p->last) return false;
    p->least = p->first * p->unit / p->per;
    p->most = p->last * p->unit / p->per;
    if (scale == SCALE_LINEAR || scale == SCALE_LOG) {
        /* Half a step of margin gives the end values whole cells. */
        p->from = (p->first - 0.5) * p->unit / p->per;
        p->to = (p->last + 0.5) * p->unit / p->per;
        if (scale == SCALE_LOG) {
            p->from = log(p->from);
            p->to = log(p->to);
        }
    }
    return true;
}

static Value numeric_value(const Param *p, double number)
{
    bool whole = distribution_quantized(p->distribution) && p->per == 1 &&
                 p->unit == floor(p->unit);
    return whole ? value_int(number) : value_real(number);
}

static int place_of(const Param *p, double u)
{
    if (p->edges) {
        int place = 0;
        while (place < p->n_choices - 1 && u >= p->edges[place + 1]) place++;
        /* Rounding at the ends must not fall on a choice of probability zero. */
        while (place > 0 && p->edges[place + 1] <= p->edges[place]) place--;
        while (place < p->n_choices - 1 && p->edges[place + 1] <= p->edges[place]) place++;
        return place;
    }
    int place = (int)(u * p->n_choices);
    return place < p->n_choices ? place : p->n_choices - 1;
}

Value param_decode(const Param *p, double u)
{
    u = u >= 0 ? (u <= BELOW_ONE ? u : BELOW_ONE) : 0; /* nan, too, becomes 0 */
    if (distribution_chosen(p->distribution)) return p->choices[p->choice_at[place_of(p, u)]];
    if (u < p->zero_prob) return numeric_value(p, 0);
    double t = (u - p->zero_prob) / (1 - p->zero_prob);
    return numeric_value(p, round_value(p, scale_value(p, t)));
}

double param_choice_at(const Param *p, int i)
{
    int place = p->rank[i];
    if (p->edges) return 0.5 * (p->edges[place] + p->edges[place + 1]);
    return (place + 0.5) / p->n_choices;
}

double param_number_at(const Param *p, double value)
{
    if (value == 0 && p->zero_prob > 0) return 0.5 * p->zero_prob;
    double t = scale_position(p, round_value(p, clamp(value, p->least, p->most)));
    t = p->zero_prob + (1 - p->zero_prob) * clamp(t, 0, 1);
    return t < BELOW_ONE ? t : BELOW_ONE;
}

bool param_encode(const Param *p, const Value *value, double *u)
{
    if (distribution_chosen(p->distribution)) {
        for (int i = 0; i < p->n_choices; i++) {
            if (!value_equal(&p->choices[i], value)) continue;
            *u = param_choice_at(p, i);
            return true;
        }
        return false;
    }
    if (value->kind != VALUE_INT && value->kind != VALUE_REAL) return false;
    if (isnan(value->number)) return false;
    *u = param_number_at(p, value->number);
    return true;
}

bool param_reaches_zero(const Param *p)
{
    if (distribution_quantized(p->distribution)) return p->first <= 0 && p->last >= 0;
    return p->least <= 0 && p->most >= 0;
}

/* ---- the whole space ---- */

void space_decode(const Space *space, const double *u, Value *values)
{
    /* Not yet decoded is absent: parents come first in `order`, so nothing reads it too early. */
    for (int i = 0; i < space->n_params; i++) values[i] = value_none();
    for (int k = 0; k < space->n_params; k++) {
        int i = space->order[k];
        const Param *p = &space->params[i];
        if (p->when && !expr_true(p->when, values)) continue;
        if (p->distribution == DIST_CONSTANT) values[i] = p->choices[0];
        else if (p->distribution == DIST_DERIVED) values[i] = expr_eval(p->derived, values);
        else values[i] = param_decode(p, u[p->dim]);
    }
}

bool space_encode(const Space *space, const Value *values, double *u)
{
    double at[SPACE_MAX_PARAMS];
    for (int d = 0; d < space->n_dims; d++) {
        int i = space->param_of_dim[d];
        at[d] = 0.5;
        if (values[i].kind != VALUE_NONE && !param_encode(&space->params[i], &values[i], &at[d]))
            return false;
    }
    if (space->n_dims) memcpy(u, at, (size_t)space->n_dims * sizeof *u);
    return true;
}

void space_snap_active(const Space *space, double *u, bool *active)
{
    Value values[SPACE_MAX_PARAMS];
    space_decode(space, u, values);
    bool known = space_encode(space, values, u);
    assert(known); /* decoded values are in their lists */
    for (int d = 0; active && d < space->n_dims; d++)
        active[d] = values[space->param_of_dim[d]].kind != VALUE_NONE;
}

void space_snap_cells(const Space *space, double *u, bool *active)
{
    for (int i = 0; i < space->n_params; i++)
        if (space->params[i].when) {
            space_snap_active(space, u, active);
            return;
        }
    for (int d = 0; d < space->n_dims; d++) {
        const Param *p = &space->params[space->param_of_dim[d]];
        active[d] = true;
        if (space_dim_kind(space, d) == DIM_CONTINUOUS && !(p->zero_prob > 0)) continue;
        Value value = param_decode(p, u[d]);
        bool known = param_encode(p, &value, &u[d]);
        assert(known);
    }
}

void space_snap(const Space *space, double *u)
{
    space_snap_active(space, u, NULL);
}

void space_active(const Space *space, const double *u, bool *active)
{
    Value values[SPACE_MAX_PARAMS];
    space_decode(space, u, values);
    for (int d = 0; d < space->n_dims; d++)
        active[d] = values[space->param_of_dim[d]].kind != VALUE_NONE;
}

bool space_satisfies(const Space *space, const Value *values, const Value *extras,
                     const char **violated)
{
    Value all[SPACE_MAX_PARAMS + SPACE_MAX_EXTRAS];
    memcpy(all, values, (size_t)space->n_params * sizeof *all);
    for (int i = 0; i < space->n_extras; i++)
        all[space->n_params + i] = extras ? extras[i] : value_none();
    for (int i = 0; i < space->n_constraints; i++) {
        if (expr_true(space->constraints[i], all)) continue;
        if (violated) *violated = space->constraint_texts[i];
        return false;
    }
    return true;
}

/* ---- identity ---- */

/* Calls `add` with the pieces of the canonical JSON object, in order. Values longer than the buffer
 * do not occur: space_read bounds the length of choices. */
static void canonical(const Space *space, const Value *values,
                      void (*add)(void *sink, const char *piece, size_t n), void *sink)
{
    char text[8192];
    bool any = false;
    add(sink, "{", 1);
    for (int k = 0; k < space->n_params; k++) {
        int i = space->sorted[k];
        if (values[i].kind == VALUE_NONE) continue;
        if (any) add(sink, ",", 1);
        any = true;
        add(sink, "\"", 1);
        add(sink, space->params[i].name, strlen(space->params[i].name));
        add(sink, "\":", 2);
        size_t n = value_json(&values[i], text, sizeof text);
        add(sink, text, n < sizeof text ? n : sizeof text - 1);
    }
    add(sink, "}", 1);
}

static void add_to_text(void *sink, const char *piece, size_t n) { text_add_n(sink, piece, n); }
static void add_to_hash(void *sink, const char *piece, size_t n) { sha256_add(sink, piece, n); }

bool space_json(const Space *space, const Value *values, Text *out)
{
    canonical(space, values, add_to_text, out);
    return text_ok(out);
}

void space_hash(const Space *space, const Value *values, char hex[65])
{
    Sha256 sha;
    sha256_start(&sha);
    canonical(space, values, add_to_hash, &sha);
    sha256_end(&sha, hex);
}

/* A list, map or null in the database as the canonical text that Values carry (conf_value). */
static void add_canonical(const Doc *doc, Text *out)
{
    const char *key;
    const Doc *child;
    char number[32];
    switch (doc_kind(doc)) {
    case DOC_NULL: text_add(out, "null"); break;
    case DOC_BOOL: text_add(out, doc_to_bool(doc, false) ? "true" : "false"); break;
    case DOC_NUMBER: text_add(out, text_number(doc_to_number(doc, 0), number)); break;
    case DOC_TEXT: text_json(out, doc_to_text(doc, "")); break;
    case DOC_ARRAY:
        text_add(out, "[");
        for (size_t i = 0; i < doc_count(doc); i++) {
            if (i) text_add(out, ",");
            add_canonical(doc_at(doc, i), out);
        }
        text_add(out, "]");
        break;
    case DOC_OBJECT:
        text_add(out, "{");
        for (size_t i = 0; doc_member(doc, i, &key, &child); i++) {
            if (i) text_add(out, ",");
            text_json(out, key);
            text_add(out, ":");
            add_canonical(child, out);
        }
        text_add(out, "}");
        break;
    }
}

static bool value_of_doc(const Doc *doc, Arena *arena, Value *out, Error *err)
{
    switch (doc_kind(doc)) {
    case DOC_BOOL: *out = value_bool(doc_to_bool(doc, false)); return true;
    case DOC_NUMBER: {
        double number = doc_to_number(doc, 0);
        bool whole = number == floor(number) && fabs(number) <= 0x1p53;
        *out = whole ? value_int(number) : value_real(number);
        return true;
    }
    case DOC_TEXT: {
        const char *copy = arena_copy(arena, doc_to_text(doc, ""));
        if (!copy) return error_memory(err);
        *out = value_text(copy);
        return true;
    }
    default: break;
    }
    Text text = {0};
    add_canonical(doc, &text);
    const char *copy = text_ok(&text) ? arena_copy_n(arena, text.bytes, text.n) : NULL;
    text_free(&text);
    if (!copy) return error_memory(err);
    *out = value_list(copy);
    return true;
}

/* The value with the kind that space_decode would give it, so that both print alike. */
static Value as_param(const Param *p, Value value)
{
    if (p->distribution == DIST_CONSTANT || distribution_chosen(p->distribution)) {
        for (int i = 0; i < p->n_choices; i++)
            if (value_equal(&p->choices[i], &value)) return p->choices[i];
        return value;
    }
    bool number = value.kind == VALUE_INT || value.kind == VALUE_REAL;
    if (!number || p->distribution == DIST_DERIVED) return value;
    return numeric_value(p, value.number);
}

bool space_from_doc(const Space *space, const Doc *object, Arena *arena, Value *values, Error *err)
{
    if (doc_kind(object) != DOC_OBJECT)
        return error_set(err, ERR_INVALID, "parameters are not a map of names and values");
    Value read[SPACE_MAX_PARAMS];
    for (int i = 0; i < space->n_params; i++) read[i] = value_none();
    const char *key;
    const Doc *child;
    for (size_t m = 0; doc_member(object, m, &key, &child); m++) {
        int i = 0;
        while (i < space->n_params && strcmp(space->params[i].name, key) != 0) i++;
        if (i == space->n_params)
            return error_set(err, ERR_INVALID, "`%s` is not a parameter of this study", key);
        if (!value_of_doc(child, arena, &read[i], err)) return error_wrap(err, "parameter `%s`", key);
        read[i] = as_param(&space->params[i], read[i]);
    }
    memcpy(values, read, (size_t)space->n_params * sizeof *values);
    return true;
}

/* ---- what a model needs to know ---- */

DimKind space_dim_kind(const Space *space, int d)
{
    const Param *p = &space->params[space->param_of_dim[d]];
    if (!distribution_chosen(p->distribution))
        return distribution_quantized(p->distribution) ? DIM_ORDINAL : DIM_CONTINUOUS;
    for (int i = 0; i < p->n_choices; i++)
        if (p->choices[i].kind != VALUE_INT && p->choices[i].kind != VALUE_REAL)
            return DIM_CATEGORY;
    return DIM_ORDINAL;
}

int space_dim_levels(const Space *space, int d)
{
    const Param *p = &space->params[space->param_of_dim[d]];
    if (distribution_chosen(p->distribution)) {
        int n = 0;
        for (int i = 0; i < p->n_choices; i++) n += !p->probabilities || p->probabilities[i] > 0;
        return n;
    }
    if (!distribution_quantized(p->distribution)) return 0;
    double n = p->last - p->first + 1 + (p->zero_prob > 0 && !param_reaches_zero(p));
    return n < 2147483647 ? (int)n : 2147483647;
}
