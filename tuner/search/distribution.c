/* The quantile functions of one parameter's distribution, their inverses, and the rounding to cells. */
#include "tuner/search/distribution.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "tuner/search/special.h"

const char *const distribution_names[] = {DISTRIBUTION_LIST(LIST_NAME) NULL};

static const double BELOW_ONE = 1 - 0x1p-53; /* the largest coordinate */

#define SCALE_AND_LATTICE(id, name, scale, lattice) {scale, lattice},
static const struct { Scale scale; bool lattice; } kinds[] = {DISTRIBUTION_LIST(SCALE_AND_LATTICE)};

Scale distribution_scale(Distribution distribution) { return kinds[distribution].scale; }
bool distribution_quantized(Distribution distribution) { return kinds[distribution].lattice; }

bool distribution_chosen(Distribution distribution)
{
    return distribution == DIST_CATEGORICAL || distribution == DIST_CATEGORICAL_P;
}

static double clamp(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

double param_scale_at(const Param *p, double t)
{
    double inner = clamp(t, SPACE_TAIL, 1 - SPACE_TAIL);
    switch (distribution_scale(p->distribution)) {
    case SCALE_LINEAR:
    case SCALE_LOG:
    case SCALE_INVERSE: return p->from + t * (p->to - p->from);
    case SCALE_NORMAL:
    case SCALE_LOG_NORMAL: return p->mu + p->sigma * normal_quantile(inner);
    case SCALE_BETA: return beta_quantile(p->a, p->b, inner);
    case SCALE_NONE: break;
    }
    assert(!"a parameter without a scale has no quantiles");
    return NAN;
}

double param_place_of(const Param *p, double scale)
{
    switch (distribution_scale(p->distribution)) {
    case SCALE_LINEAR:
    case SCALE_LOG:
    case SCALE_INVERSE: return (scale - p->from) / (p->to - p->from);
    case SCALE_NORMAL:
    case SCALE_LOG_NORMAL: return normal_cdf((scale - p->mu) / p->sigma);
    case SCALE_BETA: return beta_cdf(p->a, p->b, scale);
    case SCALE_NONE: break;
    }
    assert(!"a parameter without a scale has no positions");
    return NAN;
}

double param_scale_of(const Param *p, double value)
{
    switch (distribution_scale(p->distribution)) {
    case SCALE_LOG:
    /* 0 is a multiple of q like any other; its place is the lower end. */
    case SCALE_LOG_NORMAL: return value > 0 ? log(value) : -INFINITY;
    case SCALE_INVERSE: return -log(value);
    default: return value;
    }
}

/* The quantile function on the unrounded scale. */
static double scale_value(const Param *p, double t)
{
    const double scale = param_scale_at(p, t);
    switch (distribution_scale(p->distribution)) {
    case SCALE_LOG:
    case SCALE_LOG_NORMAL: return exp(scale);
    case SCALE_INVERSE: return exp(-scale);
    default: return scale;
    }
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

Value param_number(const Param *p, double number)
{
    bool whole = distribution_quantized(p->distribution) && p->per == 1 &&
                 p->unit == floor(p->unit);
    return whole ? value_int(number) : value_real(number);
}

bool param_rounds(const Param *p, double number, double nearest)
{
    double size = is_log(p) ? fabs(nearest) : fmax(p->most - p->least, fabs(nearest));
    return fabs(number - nearest) <= 1e-6 * size;
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
    if (u < p->zero_prob) return param_number(p, 0);
    double t = (u - p->zero_prob) / (1 - p->zero_prob);
    return param_number(p, round_value(p, scale_value(p, t)));
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
    double t = param_place_of(p, param_scale_of(p, round_value(p, clamp(value, p->least, p->most))));
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
