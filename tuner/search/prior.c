/* Densities, quantiles and modes of priors; what a space of them comes to. */
#include "tuner/search/prior.h"

#include <math.h>

#include "tuner/search/special.h"

static const double BELOW_ONE = 1 - 0x1p-53, SQRT_2PI = 2.5066282746310002, STEP = 1e-6;

static double normal_density(double z) { return exp(-0.5 * z * z) / SQRT_2PI; }

static double clamp(double x) { return x < 0 ? 0 : x > BELOW_ONE ? BELOW_ONE : x; }

/* ---- numbers: over t, which is uniform without a prior, zero_prob apart ---------------------------- */

/* The scale moves by so much for each unit of t. */
static double stretch(const Param *p, double t)
{
    const double inner = fmin(fmax(t, SPACE_TAIL), 1 - SPACE_TAIL);
    switch (distribution_scale(p->distribution)) {
    case SCALE_NORMAL:
    case SCALE_LOG_NORMAL: return p->sigma / normal_density(normal_quantile(inner));
    case SCALE_BETA: {
        const double x = beta_quantile(p->a, p->b, inner);
        return exp(lgamma(p->a) + lgamma(p->b) - lgamma(p->a + p->b) - (p->a - 1) * log(x)
                   - (p->b - 1) * log1p(-x));
    }
    default: return p->to - p->from;
    }
}

/* The share below a place on the scale. */
static double share_below(const Prior *prior, double scale)
{
    const double at = normal_cdf((scale - prior->mu) / prior->sigma);
    return fmin(fmax((at - prior->low) / (prior->high - prior->low), 0), 1);
}

/* The cell of lattice point k: its ends in t, and its mass. */
static double lattice_density(const Param *p, double value)
{
    const double step = p->unit / p->per, k = nearbyint(value / step);
    const double low = k > p->first ? param_place_of(p, param_scale_of(p, (k - 0.5) * step)) : 0;
    const double high = k < p->last ? param_place_of(p, param_scale_of(p, (k + 0.5) * step)) : 1;
    if (!(high > low)) return 1;
    return (share_below(p->prior, param_scale_at(p, high)) - share_below(p->prior, param_scale_at(p, low)))
         / (high - low);
}

static double number_density(const Param *p, double u)
{
    const Prior *prior = p->prior;
    if (u < p->zero_prob) return prior->zero / p->zero_prob;
    const double rest = (1 - prior->zero) / (1 - p->zero_prob), t = (u - p->zero_prob) / (1 - p->zero_prob);
    if (prior->sigma == 0) return rest;
    if (distribution_quantized(p->distribution)) return rest * lattice_density(p, param_decode(p, u).number);
    const double z = (param_scale_at(p, t) - prior->mu) / prior->sigma;
    return rest * normal_density(z) / prior->sigma / (prior->high - prior->low) * stretch(p, t);
}

static double number_at(const Param *p, double v)
{
    const Prior *prior = p->prior;
    if (v < prior->zero) return p->zero_prob * v / prior->zero;
    double t = (v - prior->zero) / (1 - prior->zero);
    if (prior->sigma > 0) {
        const double share = prior->low + t * (prior->high - prior->low);
        t = param_place_of(p, prior->mu + prior->sigma * normal_quantile(share));
    }
    return p->zero_prob + (1 - p->zero_prob) * fmin(fmax(t, 0), 1);
}

/* ---- lists ----------------------------------------------------------------------------------------- */

static double edge(const Param *p, int place) { return p->edges ? p->edges[place]
                                               : (double)place / p->n_choices; }

static double choice_density(const Param *p, double u)
{
    int place = 0;
    while (place < p->n_choices - 1 && u >= edge(p, place + 1)) place++;
    const double width = edge(p, place + 1) - edge(p, place);
    return width > 0 ? p->prior->mass[place] / width : 1;
}

static double choice_at(const Param *p, double v)
{
    const double *mass = p->prior->mass;
    int place = 0;
    for (; place < p->n_choices - 1 && v >= mass[place]; place++) v -= mass[place];
    while (place > 0 && mass[place] <= 0) place--;
    const double inside = mass[place] > 0 ? fmin(v / mass[place], BELOW_ONE) : 0.5;
    return edge(p, place) + inside * (edge(p, place + 1) - edge(p, place));
}

/* ---- one parameter --------------------------------------------------------------------------------- */

double param_log_prior(const Param *p, double u)
{
    const double density = p->prior->mass ? choice_density(p, u) : number_density(p, u);
    return log(PRIOR_BLIND + (1 - PRIOR_BLIND) * density);
}

double param_prior_at(const Param *p, double v)
{
    if (v < PRIOR_BLIND) return v / PRIOR_BLIND;
    v = (v - PRIOR_BLIND) / (1 - PRIOR_BLIND);
    return clamp(p->prior->mass ? choice_at(p, v) : number_at(p, v));
}

double param_prior_mode(const Param *p)
{
    const Prior *prior = p->prior;
    if (!prior->mass) {
        if (prior->zero > 0.5) return 0.5 * p->zero_prob;
        return clamp(p->zero_prob + (1 - p->zero_prob) * param_place_of(p, prior->mu));
    }
    int most = 0;
    for (int place = 1; place < p->n_choices; place++)
        if (prior->mass[place] > prior->mass[most]) most = place;
    return 0.5 * (edge(p, most) + edge(p, most + 1));
}

/* ---- the space ------------------------------------------------------------------------------------- */

bool space_has_prior(const Space *space)
{
    for (int d = 0; d < space->n_dims; d++)
        if (space->params[space->param_of_dim[d]].prior) return true;
    return false;
}

double space_log_prior(const Space *space, const double *u, const bool *active)
{
    bool here[SPACE_MAX_PARAMS];
    double sum = 0;
    if (!active) space_active(space, u, here);
    for (int d = 0; d < space->n_dims; d++) {
        const Param *p = &space->params[space->param_of_dim[d]];
        if (p->prior && (active ? active : here)[d]) sum += param_log_prior(p, u[d]);
    }
    return sum;
}

double space_add_log_prior(const Space *space, const double *u, const bool *active, double weight,
                           double *gradient)
{
    for (int d = 0; d < space->n_dims; d++) {
        const Param *p = &space->params[space->param_of_dim[d]];
        if (!p->prior || !active[d] || space_dim_kind(space, d) != DIM_CONTINUOUS) continue;
        const double low = clamp(u[d] - STEP), high = clamp(u[d] + STEP);
        gradient[d] += weight * (param_log_prior(p, high) - param_log_prior(p, low)) / (high - low);
    }
    return weight * space_log_prior(space, u, active);
}

void space_prior_at(const Space *space, double *u)
{
    for (int d = 0; d < space->n_dims; d++) {
        const Param *p = &space->params[space->param_of_dim[d]];
        if (p->prior) u[d] = param_prior_at(p, u[d]);
    }
}

void space_prior_mode(const Space *space, double *u)
{
    for (int d = 0; d < space->n_dims; d++) {
        const Param *p = &space->params[space->param_of_dim[d]];
        u[d] = p->prior ? param_prior_mode(p) : 0.5;
    }
}
