/* The candidates of acquisition.h: one pool of rows that grows, is scored in blocks, and bred from. */
#include "tuner/search/acquisition.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/lbfgs.h"
#include "tuner/search/prior.h"
#include "tuner/search/sobol.h"
#include "tuner/search/space_only.h"
#include "tuner/search/special.h"

enum {
    N_SOBOL = 512, N_TOP = 5, N_NEAR = 16, N_ROUNDS = 4, N_PARENTS = 6, N_CHILDREN = 18, N_POLISH = 4,
    N_LOOSE = 16, N_ENUMERATE = 2000, MAX_SWEEP = 16,
    N_POOL = 2200
};
static const double SLACK = 0.1;
static const double near_widths[3] = {0.2, 0.08, 0.03};
static const double round_widths[N_ROUNDS] = {0.1, 0.05, 0.025, 0.012};

typedef enum { UNKNOWN, TAKEN, REFUSED } Verdict;
/* Candidates descend from the best observed points or from the Sobol points. Where categories or conditions
 * break the space into pieces, each family breeds and is polished for itself: another piece must not lose to a
 * refined neighbour before it has been refined, too. (In spaces of numbers alone this did harm: 0.16
 * instead of 0.14; bench/NOTES.md, Candidates.) */
typedef enum { NEAR, FAR, ANY } Family;

/* The candidates: rows of u and active, their acquisition values, whether they are allowed. */
typedef struct {
    Acquisition *search;
    const Space *space;
    int d, n, room;
    double *u, *value, *mean, *sigma; /* (room, d), (room) ... */
    bool *active;
    unsigned char *verdict, *family; /* a Verdict; who it descends from */
    DimKind *kind;                    /* (d) */
    int *levels;
    double *low, *high;               /* (d) the box */
    bool boxed;                       /* it is less than the cube */
    bool pieces;                      /* categories or conditions */
} Pool;

static double *next_row(Pool *pool) { return pool->u + (size_t)pool->n * (size_t)pool->d; }

/* The point in next_row() becomes a candidate. */
static void take_row(Pool *pool, Family family)
{
    double *u = next_row(pool);
    for (int k = 0; pool->boxed && k < pool->d; k++)
        if (pool->kind[k] != DIM_CATEGORY) u[k] = fmin(fmax(u[k], pool->low[k]), pool->high[k]);
    space_snap_cells(pool->space, next_row(pool), pool->active + (size_t)pool->n * (size_t)pool->d);
    pool->family[pool->n] = (unsigned char)family;
    pool->verdict[pool->n++] = UNKNOWN;
}

/* log(1 - sqrt(noise / (noise + sigma^2))): how much of the doubt an observation settles. Its derivative by
 * sigma goes to *slope, which may be NULL. `noise`: a variance. */
static double log_settled(double noise, double sigma, double *slope)
{
    const double tau = sqrt(noise), whole = hypot(sigma, tau);
    if (slope) *slope = tau * (whole + tau) / (whole * whole * sigma);
    return 2 * log(sigma) - log(whole * (whole + tau));
}

/* Half of the improvement is the forest's: the logarithm of the mean of both. */
static void hear_forest(const Acquisition *search, int n, const double *u, const bool *active, double *mean,
                        double *sigma, double *value)
{
    forest_predict(search->forest, n, u, active, mean, sigma);
    for (int i = 0; i < n; i++) {
        const double other = gp_log_ei(search->forest_best, mean[i], sigma[i]);
        value[i] = fmax(value[i], other) + log1p(exp(-fabs(value[i] - other))) - log(2);
    }
}

void acquisition_values(const Acquisition *search, int n, const double *u, const bool *active, double *mean,
                        double *sigma, double *value)
{
    const Ask *ask = search->ask;
    gp_predict_many(search->gp, n, u, active, mean, sigma);
    const double noise = gp_noise_variance(search->gp);
    for (int i = 0; i < n; i++)
        value[i] = gp_log_ei(search->best, mean[i], sigma[i]) + log_settled(noise, sigma[i], NULL);
    if (search->forest) hear_forest(search, n, u, active, mean, sigma, value);
    limits_weigh(search->limits, n, u, active, value);
    for (int i = 0; i < n; i++) {
        const size_t row = (size_t)i * (size_t)ask->space->n_dims;
        if (ask->cost_weight > 0) /* what is cheap may promise less */
            value[i] -= ask->cost_weight * ask->log_cost(ask->context, u + row);
        if (search->prior_weight > 0)
            value[i] += search->prior_weight * space_log_prior(ask->space, u + row, active + row);
    }
}

static void score(Pool *pool, int from)
{
    const size_t at = (size_t)from * (size_t)pool->d;
    acquisition_values(pool->search, pool->n - from, pool->u + at, pool->active + at, pool->mean + from,
                       pool->sigma + from, pool->value + from);
}

/* Asking costs a hash and the constraints, so only candidates that would be used are asked about. */
static bool allowed(Pool *pool, int i)
{
    if (pool->verdict[i] == UNKNOWN) {
        const Ask *ask = pool->search->ask;
        double *u = pool->u + (size_t)i * (size_t)pool->d;
        space_snap(pool->space, u); /* all of it: what is asked about is what would be tried */
        bool ok = ask->accept(ask->context, u);
        pool->verdict[i] = ok ? TAKEN : REFUSED;
    }
    return pool->verdict[i] == TAKEN;
}

typedef struct { double value; int row; } Ranked;

static int best_first(const void *a, const void *b)
{
    const Ranked *x = a, *y = b;
    if (x->value != y->value) return x->value < y->value ? 1 : -1;
    return (x->row > y->row) - (x->row < y->row);
}

/* The rows of up to `want` allowed and different candidates of a family, best first. */
static int best_rows(Pool *pool, Family family, Ranked *ranked, int want, int *rows)
{
    int members = 0;
    for (int i = 0; i < pool->n; i++)
        if (family == ANY || pool->family[i] == family) ranked[members++] = (Ranked){pool->value[i], i};
    qsort(ranked, (size_t)members, sizeof *ranked, best_first);
    const size_t size = (size_t)pool->d * sizeof *pool->u;
    int n = 0;
    for (int i = 0; i < members && n < want; i++) {
        int row = ranked[i].row;
        bool repeated = false;
        for (int j = 0; j < n && !repeated; j++)
            repeated = memcmp(pool->u + (size_t)rows[j] * (size_t)pool->d,
                              pool->u + (size_t)row * (size_t)pool->d, size) == 0;
        if (!repeated && allowed(pool, row)) rows[n++] = row;
    }
    return n;
}

/* Half of them from each family, or all from any. */
static int best_of_families(Pool *pool, Ranked *ranked, int want, int *rows)
{
    if (!pool->pieces) return best_rows(pool, ANY, ranked, want, rows);
    int n = best_rows(pool, NEAR, ranked, want / 2, rows);
    return n + best_rows(pool, FAR, ranked, want / 2, rows + n);
}

/* Keeps these rows, in this order, at the front, and forgets the rest. */
static void keep_rows(Pool *pool, const int *rows, int n, double *scratch)
{
    const size_t d = (size_t)pool->d;
    double *u = scratch, *value = u + (size_t)n * d;
    unsigned char family[N_PARENTS];
    for (int i = 0; i < n; i++) {
        family[i] = pool->family[rows[i]];
        memcpy(u + (size_t)i * d, pool->u + (size_t)rows[i] * d, d * sizeof *u);
        value[i] = pool->value[rows[i]];
    }
    for (int i = 0; i < n; i++) {
        memcpy(pool->u + (size_t)i * d, u + (size_t)i * d, d * sizeof *u);
        pool->value[i] = value[i];
        pool->family[i] = family[i];
        space_active(pool->space, pool->u + (size_t)i * d, pool->active + (size_t)i * d);
        pool->verdict[i] = TAKEN;
    }
    pool->n = n;
}

static double reflect(double x)
{
    x = fabs(x);
    if (x > 1) x = 2 - x;
    return fmin(fmax(x, 0), 1 - 1e-9);
}

/* A neighbour of `base`: each coordinate moves with probability 2.5/d (4/d for short steps), one at
 * least; categories are drawn again, and ordered levels move by one at least. */
static void perturb(Pool *pool, Family family, const double *base, double width)
{
    Rng *rng = &pool->search->rng;
    const int d = pool->d;
    double *to = next_row(pool), share = (width > 0.05 ? 2.5 : 4.0) / d;
    int always = (int)rng_below(rng, (uint32_t)d);
    for (int k = 0; k < d; k++) {
        double x = base[k];
        if (k == always || rng_uniform(rng) < share) {
            double step = width * rng_normal(rng);
            if (pool->kind[k] == DIM_CATEGORY) {
                x = rng_uniform(rng);
            } else {
                if (pool->kind[k] == DIM_ORDINAL && fabs(step) < 1.0 / pool->levels[k])
                    step = copysign(1.0 / pool->levels[k], step);
                x = reflect(x + step);
            }
        }
        to[k] = x;
    }
    take_row(pool, family);
}

/* ---- polish ---- */

typedef struct {
    const Acquisition *search;
    int n;               /* continuous, active coordinates */
    int dims[SPACE_MAX_PARAMS];
    double u[SPACE_MAX_PARAMS], gradient[SPACE_MAX_PARAMS];
    bool active[SPACE_MAX_PARAMS];
} Polish;

/* Phi(t) / h(t), the derivative of log h, for any t. */
static double log_improvement_slope(double t)
{
    return exp(normal_log_cdf(t, NULL) - log_improvement(t));
}

double acquisition_gradient(const Acquisition *search, const double *u, const bool *active,
                            double *gradient)
{
    double mean, sigma, sigma_gradient[SPACE_MAX_PARAMS];
    gp_predict_gradient(search->gp, u, active, &mean, &sigma, gradient, sigma_gradient);
    double t = (search->best - mean) / sigma, slope = log_improvement_slope(t), settles;
    double value = gp_log_ei(search->best, mean, sigma)
                 + log_settled(gp_noise_variance(search->gp), sigma, &settles);
    for (int k = 0; k < search->ask->space->n_dims; k++) {
        double dm = gradient[k], ds = sigma_gradient[k];
        gradient[k] = (ds - slope * (dm + t * ds)) / sigma + settles * ds;
    }
    value = limits_weigh_gradient(search->limits, u, active, value, gradient);
    if (search->prior_weight > 0)
        value += space_add_log_prior(search->ask->space, u, active, search->prior_weight, gradient);
    return value;
}

static double negative_acquisition(void *context, const double *x, double *gradient)
{
    Polish *p = context;
    for (int i = 0; i < p->n; i++) p->u[p->dims[i]] = x[i];
    double value = acquisition_gradient(p->search, p->u, p->active, p->gradient);
    for (int i = 0; i < p->n; i++) gradient[i] = -p->gradient[p->dims[i]];
    return -value;
}

/* Follows the gradient from row i on; the end is a new candidate. */
static void climb(Pool *pool, int i, double *work)
{
    if (pool->n == pool->room) return;
    Polish p = {.search = pool->search};
    const size_t at = (size_t)i * (size_t)pool->d;
    double x[SPACE_MAX_PARAMS], low[SPACE_MAX_PARAMS], high[SPACE_MAX_PARAMS];
    for (int k = 0; k < pool->d; k++) {
        p.u[k] = pool->u[at + (size_t)k];
        p.active[k] = pool->active[at + (size_t)k];
        if (pool->kind[k] != DIM_CONTINUOUS || !p.active[k]) continue;
        low[p.n] = pool->low[k];
        high[p.n] = pool->high[k];
        x[p.n] = p.u[k];
        p.dims[p.n++] = k;
    }
    if (p.n == 0) return;
    const Lbfgs problem = {.n = p.n, .low = low, .high = high, .function = negative_acquisition,
                           .context = &p, .max_iterations = 25, .gradient_tolerance = 1e-6,
                           .value_tolerance = 1e-9, .work = work};
    lbfgs_minimize(&problem, x);
    for (int j = 0; j < p.n; j++) p.u[p.dims[j]] = x[j];
    memcpy(next_row(pool), p.u, (size_t)pool->d * sizeof *p.u);
    take_row(pool, pool->family[i]);
    score(pool, pool->n - 1);
}

/* Every level of each discrete coordinate in turn (of long lists the neighbours and a few others),
 * keeping the best. Returns the row of the best. */
static int sweep(Pool *pool, int i)
{
    for (int k = 0; k < pool->d; k++) {
        const int levels = pool->levels[k];
        if (levels < 2 || !pool->active[(size_t)i * (size_t)pool->d + (size_t)k]) continue;
        const int from = pool->n, tries = levels < MAX_SWEEP ? levels : MAX_SWEEP;
        for (int j = 0; j < tries && pool->n < pool->room; j++) {
            double *to = next_row(pool);
            memcpy(to, pool->u + (size_t)i * (size_t)pool->d, (size_t)pool->d * sizeof *to);
            if (levels <= MAX_SWEEP) to[k] = (j + 0.5) / levels;
            else if (j < 8) to[k] = reflect(to[k] + (j < 4 ? j - 4 : j - 3) / (double)levels);
            else to[k] = rng_uniform(&pool->search->rng);
            take_row(pool, pool->family[i]);
        }
        score(pool, from);
        for (int j = from; j < pool->n; j++)
            if (pool->value[j] > pool->value[i] && allowed(pool, j)) i = j;
    }
    return i;
}

/* ---- loosening ---- */

/* A coordinate with a long length scale gains nothing by any choice, so maximizing leaves it at a
 * bound, trial after trial, and the model never learns whether it matters. So each coordinate in turn,
 * in random order, is drawn afresh, and a draw is kept while all of them together cost less than
 * SLACK of the logarithm. Returns the row of the loosened point. */
static int loosen(Pool *pool)
{
    const double floor_value = pool->value[0] - SLACK;
    int at = 0, dims[SPACE_MAX_PARAMS];
    for (int k = 0; k < pool->d; k++) dims[k] = k;
    rng_shuffle(&pool->search->rng, dims, (size_t)pool->d);
    for (int i = 0; i < pool->d && pool->n + N_LOOSE <= pool->room; i++) {
        const int from = pool->n;
        for (int j = 0; j < N_LOOSE; j++) {
            double *to = next_row(pool);
            memcpy(to, pool->u + (size_t)at * (size_t)pool->d, (size_t)pool->d * sizeof *to);
            to[dims[i]] = rng_uniform(&pool->search->rng);
            take_row(pool, pool->family[at]);
        }
        score(pool, from);
        int next = from;
        while (next < pool->n && !(pool->value[next] >= floor_value && allowed(pool, next))) next++;
        if (next < pool->n) at = next;
    }
    return at;
}

/* ---- the whole search ---- */

bool acquisition_in_pieces(const Space *space)
{
    for (int k = 0; k < space->n_dims; k++)
        if (space_dim_kind(space, k) == DIM_CATEGORY || space->params[space->param_of_dim[k]].when) return true;
    return false;
}

static bool pool_create(Pool *pool, Acquisition *search, Arena *arena)
{
    const Space *space = search->ask->space;
    *pool = (Pool){.search = search, .space = space, .d = space->n_dims, .room = N_POOL};
    pool->u = arena_alloc(arena, (size_t)N_POOL * (size_t)pool->d, sizeof *pool->u);
    pool->active = arena_alloc(arena, (size_t)N_POOL * (size_t)pool->d, sizeof *pool->active);
    pool->value = ARENA_NEW(arena, double, N_POOL);
    pool->mean = ARENA_NEW(arena, double, N_POOL);
    pool->sigma = ARENA_NEW(arena, double, N_POOL);
    pool->verdict = ARENA_NEW(arena, unsigned char, N_POOL);
    pool->family = ARENA_NEW(arena, unsigned char, N_POOL);
    pool->kind = ARENA_NEW(arena, DimKind, pool->d);
    pool->levels = ARENA_NEW(arena, int, pool->d);
    pool->low = ARENA_NEW(arena, double, pool->d);
    pool->high = ARENA_NEW(arena, double, pool->d);
    if (!pool->low || !pool->high || !pool->family) return false;
    if (!pool->u || !pool->active || !pool->value || !pool->mean || !pool->sigma || !pool->verdict ||
        !pool->kind || !pool->levels)
        return false;
    for (int k = 0; k < pool->d; k++) {
        pool->kind[k] = space_dim_kind(space, k);
        pool->levels[k] = space_dim_levels(space, k);
        param_limits(&space->params[space->param_of_dim[k]], &pool->low[k], &pool->high[k]);
    }
    pool->pieces = acquisition_in_pieces(space);
    pool->boxed = search->box > 0 || space_is_narrowed(space);
    const double *best = search->centre;
    if (search->box > 0 && (best || gp_best_points(search->gp, 1, &best) == 1))
        for (int k = 0; k < pool->d; k++) {
            const double centre = fmin(fmax(best[k], pool->low[k]), pool->high[k]);
            pool->low[k] = fmax(pool->low[k], centre - search->box);
            pool->high[k] = fmin(pool->high[k], centre + search->box);
        }
    return true;
}

static void seed_pool(Pool *pool)
{
    Acquisition *search = pool->search;
    uint64_t scrambling = (uint64_t)rng_u32(&search->rng) << 32;
    scrambling |= rng_u32(&search->rng);
    sobol_points(pool->d, scrambling, N_SOBOL, pool->u);
    for (int i = 0; i < N_SOBOL; i++) {
        double *u = next_row(pool);
        for (int k = 0; pool->boxed && k < pool->d; k++)
            if (pool->kind[k] != DIM_CATEGORY)
                u[k] = pool->low[k] + u[k] * (pool->high[k] - pool->low[k]);
        take_row(pool, FAR);
    }
    const double *top[N_TOP];
    int n_top = gp_best_points(search->gp, N_TOP, top);
    for (int w = 0; w < 3; w++)
        for (int i = 0; i < n_top; i++)
            for (int j = 0; j < N_NEAR; j++) perturb(pool, NEAR, top[i], near_widths[w]);
}

bool acquisition_maximize(Acquisition *search, Arena *arena, double *u, double *value, bool *found,
                          Error *err)
{
    Pool pool;
    const double size = space_size(search->ask->space);
    if (size <= N_ENUMERATE) search->box = 0;
    Ranked *ranked = ARENA_NEW(arena, Ranked, N_POOL);
    double *work = ARENA_NEW(arena, double, lbfgs_work(search->ask->space->n_dims) + N_PARENTS);
    if (!ranked || !work || !pool_create(&pool, search, arena)) return error_memory(err);
    const size_t d = (size_t)pool.d;
    int rows[N_PARENTS];
    *found = false;
    if (size <= N_ENUMERATE) {
        for (int i = 0; i < (int)size; i++) {
            space_cell(pool.space, i, next_row(&pool));
            take_row(&pool, FAR);
        }
        score(&pool, 0);
    } else {
        seed_pool(&pool);
        score(&pool, 0);
        for (int round = 0; round < N_ROUNDS; round++) {
            int n = best_of_families(&pool, ranked, N_PARENTS, rows);
            keep_rows(&pool, rows, n, work);
            for (int i = 0; i < n; i++)
                for (int j = 0; j < N_CHILDREN; j++)
                    perturb(&pool, (Family)pool.family[i], pool.u + (size_t)i * d, round_widths[round]);
            score(&pool, n);
        }
        int n = best_of_families(&pool, ranked, N_POLISH, rows);
        for (int i = 0; i < n; i++) {
            climb(&pool, rows[i], work);
            int last = pool.n - 1; /* the end of the climb, or some other candidate */
            if (pool.value[last] > pool.value[rows[i]] && allowed(&pool, last)) rows[i] = last;
            int best = sweep(&pool, rows[i]);
            if (best != rows[i]) climb(&pool, best, work);
        }
    }
    if (best_rows(&pool, ANY, ranked, 1, rows) == 1) {
        if (size > N_ENUMERATE) {
            keep_rows(&pool, rows, 1, work);
            rows[0] = loosen(&pool);
        }
        memcpy(u, pool.u + (size_t)rows[0] * d, d * sizeof *u);
        *value = pool.value[rows[0]];
        *found = true;
    }
    return true;
}
