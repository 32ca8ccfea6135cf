/* Hyperparameters by slices, functions by random features and what the trials add to them. */
#include "tuner/insight/draws.h"

#include <math.h>
#include <string.h>

#include "base/mat.h"
#include "base/rng.h"
#include "tuner/search/gp_kernel.h"

enum { FIRST_STEPS = 24, STEPS = 4, MOST_SHRINKS = 40 };
enum { EACH = DRAWS_EACH, FEATURES = DRAWS_FEATURES };

struct Draws {
    Gp *gp;
    const Space *space;
    int d, n_theta, n_turns;
    Rng rng;
    double *best, *theta, *tried, *across, *gradient; /* (n_theta) */
    double *mean, *deviation; /* (n_theta) of the prior; 0: stays */
    double likelihood;        /* log, at theta */
    double left_out;
    /* Of the turn. A category's levels stand one after another from first[k]; their centre comes last. */
    int *first;               /* (d) rows of `level` */
    int n_levels;
    double *slope;            /* (d, FEATURES) frequency of a number */
    double *away;             /* (d, FEATURES) where it is not active */
    double *level;            /* (n_levels, FEATURES) */
    double *wave;             /* (2 FEATURES, EACH) weights of cosines and sines */
    double *line, *bow;       /* (d, EACH) */
    double *contrast;         /* (n_levels, EACH) */
    double *pull;             /* (n, EACH) K^-1 of what is missing at the trials */
    double *column;           /* (n) scratch */
    double *phase;            /* (FEATURES) scratch */
};

/* ---- hyperparameters ---- */

static double log_likelihood(Draws *w, const double *theta)
{
    double value = -gp_objective(w->gp, theta, w->gradient);
    for (int i = 0; i < w->n_theta; i++) {
        if (!(w->deviation[i] > 0)) continue;
        double by = (theta[i] - w->mean[i]) / w->deviation[i];
        value += 0.5 * by * by;
    }
    return isfinite(value) ? value : -INFINITY;
}

/* One step: along an ellipse through where we are and a draw of the prior, until the likelihood allows it. */
static void slice(Draws *w)
{
    for (int i = 0; i < w->n_theta; i++) w->across[i] = w->deviation[i] * rng_normal(&w->rng);
    const double floor = w->likelihood + log(fmax(rng_uniform(&w->rng), 1e-300));
    double angle = 2 * 3.14159265358979 * rng_uniform(&w->rng), low = angle - 2 * 3.14159265358979,
        high = angle;
    for (int tries = 0; tries < MOST_SHRINKS; tries++) {
        for (int i = 0; i < w->n_theta; i++)
            w->tried[i] = w->deviation[i] > 0 ? w->mean[i] + (w->theta[i] - w->mean[i]) * cos(angle)
                                                + w->across[i] * sin(angle)
                                              : w->theta[i];
        double value = log_likelihood(w, w->tried);
        if (value > floor) {
            memcpy(w->theta, w->tried, (size_t)w->n_theta * sizeof *w->theta);
            w->likelihood = value;
            return;
        }
        if (angle < 0) low = angle;
        else high = angle;
        angle = low + (high - low) * rng_uniform(&w->rng);
    }
}

/* ---- a function from the prior ---- */

static void draw_frequencies(Draws *w)
{
    const Gp *gp = w->gp;
    double stretch[FEATURES];
    for (int f = 0; f < FEATURES; f++) {
        double square = 0;
        for (int i = 0; i < 5; i++) {
            double z = rng_normal(&w->rng);
            square += z * z;
        }
        stretch[f] = sqrt(5 / fmax(square, 1e-12));
    }
    for (int k = 0; k < w->d; k++) {
        const double per = 1 / gp->scales[k], across = per * sqrt(gp->lonely);
        const int levels = gp->category[k] ? space_dim_levels(w->space, k) : 0;
        for (int f = 0; f < FEATURES; f++) {
            double centre = 0;
            w->away[k * FEATURES + f] = gp->conditional[k] ? across * stretch[f] * rng_normal(&w->rng) : 0;
            if (levels == 0) {
                w->slope[k * FEATURES + f] = per * stretch[f] * rng_normal(&w->rng);
                continue;
            }
            /* levels are corners of a simplex with sides of 1 */
            for (int c = 0; c < levels; c++) {
                double z = per * stretch[f] * rng_normal(&w->rng) / sqrt(2);
                w->level[(w->first[k] + c) * FEATURES + f] = z;
                centre += z / levels;
            }
            w->level[(w->first[k] + levels) * FEATURES + f] = centre;
        }
    }
}

static void draw_weights(Draws *w)
{
    const Gp *gp = w->gp;
    const double each = sqrt(gp->s2 / FEATURES), trend = sqrt(gp->trend);
    for (int i = 0; i < 2 * FEATURES * EACH; i++) w->wave[i] = each * rng_normal(&w->rng);
    for (int i = 0; i < w->d * EACH; i++) {
        w->line[i] = trend * rng_normal(&w->rng);
        w->bow[i] = trend * rng_normal(&w->rng);
    }
    for (int k = 0; k < w->d; k++) {
        const int levels = gp->category[k] ? space_dim_levels(w->space, k) : 0;
        double *of = w->contrast + w->first[k] * EACH;
        for (int s = 0; s < EACH && levels > 0; s++) {
            double mean = 0;
            for (int c = 0; c < levels; c++) mean += (of[c * EACH + s] = trend * rng_normal(&w->rng)) / levels;
            for (int c = 0; c < levels; c++)
                of[c * EACH + s] = levels > 1 ? (of[c * EACH + s] - mean) * sqrt(levels / (levels - 1.0)) : 0;
            of[levels * EACH + s] = 0;
        }
    }
}

/* Which level a coordinate stands for: values of probability 0 have none. */
static int level_of(const Space *space, int k, double u)
{
    const Param *p = &space->params[space->param_of_dim[k]];
    const int levels = space_dim_levels(space, k);
    int level = 0;
    if (!p->edges) level = (int)(u * levels);
    for (int place = 0; p->edges && place < p->n_choices - 1 && u >= p->edges[place + 1]; place++)
        level += p->edges[place + 1] > p->edges[place];
    return level < levels ? level : levels - 1;
}

/* EACH functions of the prior at a point. */
static void prior_at(const Draws *w, const double *u, const bool *active, double *out)
{
    const Gp *gp = w->gp;
    double *phase = w->phase;
    for (int f = 0; f < FEATURES; f++) phase[f] = 0;
    for (int s = 0; s < EACH; s++) out[s] = 0;
    for (int k = 0; k < w->d; k++) {
        const double *away = w->away + k * FEATURES;
        if (gp->category[k]) {
            int level = active[k] ? level_of(w->space, k, u[k]) : space_dim_levels(w->space, k);
            const double *of = w->level + (w->first[k] + level) * FEATURES;
            const double *contrast = w->contrast + (w->first[k] + level) * EACH;
            for (int f = 0; f < FEATURES; f++) phase[f] += of[f];
            for (int s = 0; s < EACH; s++) out[s] += contrast[s];
        } else {
            const double *slope = w->slope + k * FEATURES, line = trend_line(u[k]), bow = trend_bow(u[k]);
            for (int f = 0; f < FEATURES; f++) phase[f] += slope[f] * u[k];
            for (int s = 0; s < EACH && active[k]; s++)
                out[s] += w->line[k * EACH + s] * line + w->bow[k * EACH + s] * bow;
        }
        for (int f = 0; f < FEATURES && !active[k]; f++) phase[f] += away[f];
    }
    for (int f = 0; f < FEATURES; f++) {
        const double *cosines = w->wave + 2 * f * EACH, *sines = cosines + EACH;
        const double c = cosf((float)phase[f]), s = sinf((float)phase[f]); /* as exact as 192 waves need */
        for (int e = 0; e < EACH; e++) out[e] += c * cosines[e] + s * sines[e];
    }
}

/* ---- turns ---- */

bool draws_turn(Draws *w)
{
    Gp *gp = w->gp;
    for (int i = w->n_turns++ == 0 ? FIRST_STEPS : STEPS; i > 0; i--) slice(w);
    if (!gp_condition(gp, w->theta, NULL)) return false;
    draw_frequencies(w);
    draw_weights(w);
    const int n = gp->n;
    for (int i = 0; i < n; i++) {
        const size_t row = (size_t)i * (size_t)w->d;
        bool active[SPACE_MAX_PARAMS];
        const double noise = sqrt(gp->s2 * gp->jitter + gp->noise + gp->extra[i]);
        double *pull = w->pull + i * EACH;
        space_active(w->space, gp->x + row, active);
        prior_at(w, gp->x + row, active, pull);
        for (int s = 0; s < EACH; s++) pull[s] = gp->z[i] - pull[s] - noise * rng_normal(&w->rng);
    }
    for (int s = 0; s < EACH; s++) {
        for (int i = 0; i < n; i++) w->column[i] = w->pull[i * EACH + s];
        mat_solve_lower(n, gp->l, gp->room, w->column, false);
        mat_solve_lower(n, gp->l, gp->room, w->column, true);
        for (int i = 0; i < n; i++) w->pull[i * EACH + s] = w->column[i];
    }
    return true;
}

void draws_at(Draws *w, int m, const double *u, const bool *active, double *out)
{
    const Gp *gp = w->gp;
    GpLanes lanes = gp_lanes_at(gp, gp->scratch);
    double *block = gp->scratch + 4 * w->d * GP_LANES;
    for (int from = 0; from < m; from += GP_LANES) {
        const int count = m - from < GP_LANES ? m - from : GP_LANES;
        for (int k = 0; k < w->d; k++)
            for (int c = 0; c < GP_LANES; c++) {
                const size_t at = (size_t)(from + (c < count ? c : count - 1)) * (size_t)w->d + (size_t)k;
                gp_set_lane(gp, &lanes, k, c, u[at], u[at], active[at]);
            }
        gp_cross(gp, &lanes, 0, gp->n, block, GP_LANES);
        for (int c = 0; c < count; c++) {
            const size_t row = (size_t)(from + c) * (size_t)w->d;
            double *to = out + (size_t)(from + c) * EACH;
            prior_at(w, u + row, active + row, to);
            for (int i = 0; i < gp->n; i++) {
                const double weight = block[i * GP_LANES + c], *pull = w->pull + i * EACH;
                for (int s = 0; s < EACH; s++) to[s] += weight * pull[s];
            }
        }
    }
}

bool draws_settle(Draws *w, const Gp **gp, Error *err)
{
    *gp = w->gp;
    return gp_condition(w->gp, w->best, err);
}

/* ---- the beginning ---- */

/* What a trial is taken for by the others is z - alpha / (K^-1)_ii. */
static bool leave_out(Draws *w, Arena *arena, Error *err)
{
    const Gp *gp = w->gp;
    const int n = gp->n;
    double *inverse = arena_alloc(arena, (size_t)n * (size_t)n, sizeof *inverse);
    double missed = 0, mean = 0, all = 0;
    if (!inverse) return error_memory(err);
    if (!mat_inverse_from_cholesky(n, gp->l, gp->room, inverse, n))
        return error_set(err, ERR_NUMERIC, "the covariance of %d points has no inverse", n);
    for (int i = 0; i < n; i++) mean += gp->z[i] / n;
    for (int i = 0; i < n; i++) {
        double by = gp->alpha[i] / inverse[(size_t)i * (size_t)n + (size_t)i];
        missed += by * by;
        all += (gp->z[i] - mean) * (gp->z[i] - mean);
    }
    w->left_out = all > 0 ? 1 - missed / all : 0;
    return true;
}

static bool carve(Draws *w, int n, Arena *arena)
{
    const int d = w->d, n_theta = w->n_theta;
    double **vectors[] = {&w->best, &w->theta, &w->tried, &w->across, &w->gradient, &w->mean, &w->deviation};
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
        if (!(*vectors[i] = ARENA_NEW(arena, double, n_theta))) return false;
    w->slope = ARENA_NEW(arena, double, d * FEATURES);
    w->away = ARENA_NEW(arena, double, d * FEATURES);
    w->level = ARENA_NEW(arena, double, w->n_levels * FEATURES + 1);
    w->wave = ARENA_NEW(arena, double, 2 * FEATURES * EACH);
    w->line = ARENA_NEW(arena, double, d * EACH);
    w->bow = ARENA_NEW(arena, double, d * EACH);
    w->contrast = ARENA_NEW(arena, double, w->n_levels * EACH + 1);
    w->pull = ARENA_NEW(arena, double, n * EACH);
    w->column = ARENA_NEW(arena, double, n);
    w->phase = ARENA_NEW(arena, double, FEATURES);
    return w->slope && w->away && w->level && w->wave && w->line && w->bow && w->contrast && w->pull
        && w->column
        && w->phase;
}

bool draws_create(const GpData *data, uint64_t seed, Arena *arena, Draws **out, Error *err)
{
    const int d = data->space->n_dims;
    const GpTheta is = gp_theta(d);
    Draws *w = ARENA_NEW(arena, Draws, 1);
    if (!w) return error_memory(err);
    *w = (Draws){.space = data->space, .d = d, .n_theta = is.n, .first = ARENA_NEW(arena, int, d),
                 .rng = rng_stream(seed, 0, RNG_BOOTSTRAP)};
    if (!w->first) return error_memory(err);
    for (int k = 0; k < d; k++) {
        w->first[k] = w->n_levels;
        if (space_dim_kind(data->space, k) == DIM_CATEGORY) w->n_levels += space_dim_levels(data->space, k) + 1;
    }
    if (!carve(w, data->n, arena)) return error_memory(err);
    if (!gp_fit(data, GP_TREND, arena, &w->gp, err) || !leave_out(w, arena, err)) return false;
    gp_prior(d, w->mean, w->deviation);
    for (int i = 0; i < is.n; i++) w->deviation[i] = i < is.a ? sqrt(w->deviation[i]) : 0;
    memcpy(w->best, w->gp->theta, (size_t)is.n * sizeof *w->best);
    memcpy(w->theta, w->best, (size_t)is.n * sizeof *w->theta);
    w->likelihood = log_likelihood(w, w->theta);
    *out = w;
    return true;
}

double draws_evidence(const Draws *w, const double *log_slope)
{
    const FitData *fit = &w->gp->fit;
    double value = -gp_objective(w->gp, w->best, w->gradient);
    for (int i = 0; i < fit->m; i++) value += log_slope[fit->rows[i]];
    return value;
}

double draws_left_out(const Draws *w) { return w->left_out; }
const Gp *draws_gp(const Draws *w) { return w->gp; }
