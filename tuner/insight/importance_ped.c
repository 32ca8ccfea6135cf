/* Parzen densities as PED-ANOVA has them: all observations in one of at most 50 cells a coordinate, so
 * that a density costs cells x cells whatever the number of trials.
 *
 * Numbers     Gaussian kernels on the cells, each cut off at the ends and integrated over unit cells;
 *             bandwidth by Scott's rule, 1.059 min(sd, IQR / 1.34) n^(-1/5), at least so wide that 90 %
 *             of a kernel stays in its cell. One kernel more, as wide as the grid, is the prior.
 * Categories  each kernel has 1 on its category and 1 / n_kernels on all, scaled; the prior is even.
 */
#include "tuner/insight/importance_ped.h"

#include <math.h>
#include <string.h>

#include "tuner/search/distribution.h"
#include "tuner/search/special.h"

/* The place of a value among the levels of an ordered or unordered list. */
static int level_of(const Param *p, int n_levels, double u)
{
    if (distribution_chosen(p->distribution)) {
        if (!p->edges) {
            int level = (int)(u * n_levels);
            return level < n_levels ? level : n_levels - 1;
        }
        int place = 0, level = 0; /* values of probability 0 have no level */
        while (place < p->n_choices - 1 && u >= p->edges[place + 1]) {
            level += p->edges[place + 1] > p->edges[place];
            place++;
        }
        return level < n_levels ? level : n_levels - 1;
    }
    Value value = param_decode(p, u);
    bool apart = p->zero_prob > 0 && !param_reaches_zero(p); /* then 0 comes first */
    if (apart && value.number == 0) return 0;
    double level = floor(value.number * p->per / p->unit + 0.5) - p->first + apart;
    return level < 0 ? 0 : level < n_levels ? (int)level : n_levels - 1;
}

bool axis_make(const Points *trials, int dim, Arena *arena, Axis *out, Error *err)
{
    const Space *space = trials->space;
    const Param *param = &space->params[space->param_of_dim[dim]];
    DimKind kind = space_dim_kind(space, dim);
    int levels = space_dim_levels(space, dim), d = space->n_dims;
    int *bin = ARENA_NEW(arena, int, trials->n);
    bool *active = ARENA_NEW(arena, bool, d);
    *out = (Axis){.category = kind == DIM_CATEGORY, .bin = bin};
    out->n_bins = kind == DIM_CATEGORY || (levels > 0 && levels < GRID_STEPS) ? levels : GRID_STEPS;
    out->top = ARENA_NEW(arena, double, out->n_bins);
    out->region = ARENA_NEW(arena, double, out->n_bins);
    out->count = ARENA_NEW(arena, double, out->n_bins);
    out->kernel = ARENA_NEW(arena, double, 2 * out->n_bins + 2);
    if (!bin || !active || !out->top || !out->region || !out->count || !out->kernel)
        return error_memory(err);
    for (int i = 0; i < trials->n; i++) {
        const double *u = trials->u + (size_t)i * (size_t)d;
        space_active(space, u, active);
        if (!active[dim]) {
            bin[i] = -1;
            continue;
        }
        double at = u[dim]; /* in [0, 1] */
        if (levels > 0) {
            int level = level_of(param, levels, at);
            if (out->n_bins == levels) {
                bin[i] = level;
                continue;
            }
            at = (double)level / (levels - 1);
        }
        int cell = (int)ceil(at * (GRID_STEPS - 1) - 0.5);
        bin[i] = cell < 0 ? 0 : cell < GRID_STEPS ? cell : GRID_STEPS - 1;
    }
    return true;
}

static double bandwidth(const double *count, int n_bins, double total)
{
    const double least = 0.5 / 1.64;
    double mean = 0, square = 0, below = 0;
    int first = -1, third = -1, last = 0;
    for (int g = 0; g < n_bins; g++) mean += count[g] * g;
    mean /= total;
    for (int g = 0; g < n_bins; g++) {
        square += count[g] * (g - mean) * (g - mean);
        below += count[g];
        if (count[g] <= 0) continue;
        last = g;
        if (first < 0 && below >= floor(total / 4)) first = g;
        if (third < 0 && below > floor(3 * total / 4)) third = g;
    }
    double sd = sqrt(square / fmax(1, total - 1)), iqr = (third < 0 ? last : third) - first;
    return fmax(least, 1.059 * fmin(iqr / 1.34, sd) * pow(total, -0.2));
}

static void number_density(Axis *axis, double total, double *density)
{
    const int n = axis->n_bins;
    const double *count = axis->count, middle = (n - 1) / 2.0;
    /* at[j] is the distribution function at the lower edge of the cell j to the right of a kernel */
    double sigma = bandwidth(count, n, total), *at = axis->kernel + n;
    for (int j = -n; j <= n; j++) at[j] = normal_cdf((j - 0.5) / sigma);
    double inside = normal_cdf((n - 0.5 - middle) / n) - normal_cdf((-0.5 - middle) / n);
    for (int g = 0; g < n; g++)
        density[g] = (normal_cdf((g + 0.5 - middle) / n) - normal_cdf((g - 0.5 - middle) / n)) / inside;
    for (int k = 0; k < n; k++) {
        if (count[k] <= 0) continue;
        double scale = count[k] / (at[n - k] - at[-k]);
        for (int g = 0; g < n; g++) density[g] += scale * (at[g - k + 1] - at[g - k]);
    }
}

static void category_density(Axis *axis, double *density)
{
    const int n = axis->n_bins;
    int n_kernels = 1;
    for (int k = 0; k < n; k++) n_kernels += axis->count[k] > 0;
    double even = 1.0 / n_kernels, sum = 1 + even * n;
    for (int g = 0; g < n; g++) density[g] = 1.0 / n; /* the prior's */
    for (int k = 0; k < n; k++)
        for (int g = 0; g < n; g++) density[g] += axis->count[k] * (even + (g == k)) / sum;
}

/* Parzen density of the trials with their multiplicities `weight` (n): 0 is absent. Returns the sum of the
 * weights of the active ones. */
static double axis_density(Axis *axis, int n, const int *weight, double *density)
{
    double total = 0;
    for (int g = 0; g < axis->n_bins; g++) axis->count[g] = 0;
    for (int i = 0; i < n; i++) {
        if (weight[i] == 0 || axis->bin[i] < 0) continue;
        axis->count[axis->bin[i]] += weight[i];
        total += weight[i];
    }
    if (total <= 0) return 0;
    if (axis->category) category_density(axis, density);
    else number_density(axis, total, density);
    for (int g = 0; g < axis->n_bins; g++) density[g] = density[g] / (total + 1) + 1e-12;
    return total;
}

double axis_divergence(Axis *axis, int n, const int *top, const int *region, double *share)
{
    double all_top = 0, all_region = 0, divergence = 0;
    for (int i = 0; i < n; i++) {
        all_top += top[i];
        all_region += region[i];
    }
    *share = 0;
    if (axis->n_bins < 2) return 0;
    double active_top = axis_density(axis, n, top, axis->top);
    double active_region = axis_density(axis, n, region, axis->region);
    if (active_top <= 0 || active_region < 2) return 0;
    double alpha = active_top / all_top, beta = active_region / all_region;
    *share = alpha * alpha / beta;
    for (int g = 0; g < axis->n_bins; g++) {
        double ratio = axis->top[g] / axis->region[g] - 1;
        divergence += axis->region[g] * ratio * ratio;
    }
    return divergence;
}
