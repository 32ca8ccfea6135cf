/* Growing the trees of forest.h, and walking them. */
#include "tuner/search/forest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_LEVELS = 64 };
static const double INACTIVE = -1, LOOKED_AT = 5.0 / 6, LEAST_SIGMA = 1e-3;

/* A leaf's `dim` is -1. To the left goes what is below `threshold`, or the levels in `levels`. */
typedef struct {
    int dim, left, right;
    double threshold, mean;
    uint64_t levels;
} Node;

struct Forest {
    const Space *space;
    int d;
    int *n_levels; /* (d) of a category that is parted as sets; else 0 */
    Node *tree[FOREST_TREES];
};

/* One tree as it grows. */
typedef struct {
    const Forest *forest;
    int d, n;
    const double *x, *y; /* (d, n) by coordinate, (n) */
    const int *sorted;   /* (d, n) points by coordinate */
    int *weight;         /* (n) how often the bootstrap drew a point */
    int *order;          /* (d, n) `sorted` of the points drawn; a node has the same stretch of each row */
    int *spare;          /* (n) */
    bool *goes_left;     /* (n) */
    Node *node;
    int n_nodes;
    Rng *rng;
} Growth;

/* The stretch of a node, and the sums of what is in it. */
typedef struct { int from, to; double sum, weight; } Stretch;
typedef struct { double gain, threshold; int dim; uint64_t levels; } Split;
typedef struct { double sum, weight; int level; } LevelSum;

static int level_of(const Forest *forest, int dim, double u)
{
    const int n = forest->n_levels[dim];
    if (u < 0) return n; /* inactive */
    const double *edges = forest->space->params[forest->space->param_of_dim[dim]].edges;
    int level = edges ? 0 : (int)(u * n);
    while (edges && level < n - 1 && u >= edges[level + 1]) level++;
    return level < n ? level : n - 1;
}

static bool lies_left(const Forest *forest, const Node *node, double u)
{
    if (!forest->n_levels[node->dim]) return u < node->threshold;
    return node->levels >> level_of(forest, node->dim, u) & 1;
}

/* By how much parting off `sum` of `weight` lowers the squared error, but for what all splits share. */
static double gain_of(double sum, double weight, const Stretch *all)
{
    const double rest = all->sum - sum;
    return sum * sum / weight + rest * rest / (all->weight - weight);
}

static void split_number(const Growth *g, int dim, const Stretch *all, Split *best)
{
    const size_t row = (size_t)dim * (size_t)g->n;
    const int *order = g->order + row;
    const double *x = g->x + row;
    double sum = 0, weight = 0;
    for (int i = all->from; i + 1 < all->to; i++) {
        const double low = x[order[i]], high = x[order[i + 1]];
        sum += g->weight[order[i]] * g->y[order[i]];
        weight += g->weight[order[i]];
        if (!(low < high)) continue;
        const double gain = gain_of(sum, weight, all);
        if (!(gain > best->gain)) continue;
        *best = (Split){.gain = gain, .dim = dim, .threshold = high - (high - low) * rng_uniform(g->rng)};
        if (low < 0) best->threshold = 0; /* the inactive ones from all others */
    }
}

static int by_mean(const void *a, const void *b)
{
    const LevelSum *p = a, *q = b;
    const double x = p->sum / p->weight, y = q->sum / q->weight;
    if (x != y) return x < y ? -1 : 1;
    return (p->level > q->level) - (p->level < q->level);
}

static void split_category(const Growth *g, int dim, const Stretch *all, Split *best)
{
    const int n_levels = g->forest->n_levels[dim], *order = g->order + (size_t)dim * (size_t)g->n;
    const double *x = g->x + (size_t)dim * (size_t)g->n;
    LevelSum of[MOST_LEVELS] = {{0}};
    for (int i = all->from; i < all->to; i++) {
        const int at = order[i], level = level_of(g->forest, dim, x[at]);
        of[level].sum += g->weight[at] * g->y[at];
        of[level].weight += g->weight[at];
    }
    uint64_t left = 0, unseen = 0;
    int seen = 0;
    for (int k = 0; k <= n_levels; k++) {
        of[k].level = k;
        if (of[k].weight > 0) of[seen++] = of[k];
        else unseen |= (uint64_t)1 << k;
    }
    qsort(of, (size_t)seen, sizeof *of, by_mean);
    double sum = 0, weight = 0;
    for (int k = 0; k + 1 < seen; k++) {
        sum += of[k].sum;
        weight += of[k].weight;
        left |= (uint64_t)1 << of[k].level;
        const double gain = gain_of(sum, weight, all);
        if (!(gain > best->gain)) continue;
        const uint64_t chance = (uint64_t)rng_u32(g->rng) << 32 | rng_u32(g->rng);
        *best = (Split){.gain = gain, .dim = dim, .levels = left | (unseen & chance)};
    }
}

/* Its `dim` is -1 where no split gains anything. */
static Split best_split(const Growth *g, const Stretch *all)
{
    Split best = {.gain = all->sum * all->sum / all->weight + 1e-9, .dim = -1};
    for (int k = 0; k < g->d; k++) {
        if (rng_uniform(g->rng) >= LOOKED_AT) continue;
        if (g->forest->n_levels[k]) split_category(g, k, all, &best);
        else split_number(g, k, all, &best);
    }
    return best;
}

/* In each row of the stretch those that go left come first, in their order. Returns where the others begin. */
static int part(const Growth *g, const Node *node, const Stretch *all)
{
    const double *x = g->x + (size_t)node->dim * (size_t)g->n;
    for (int i = all->from; i < all->to; i++)
        g->goes_left[g->order[i]] = lies_left(g->forest, node, x[g->order[i]]);
    int middle = all->from;
    for (int k = 0; k < g->d; k++) {
        int *order = g->order + (size_t)k * (size_t)g->n, others = 0;
        middle = all->from;
        for (int i = all->from; i < all->to; i++) {
            if (g->goes_left[order[i]]) order[middle++] = order[i];
            else g->spare[others++] = order[i];
        }
        memcpy(order + middle, g->spare, (size_t)others * sizeof *order);
    }
    return middle;
}

static int grow_node(Growth *g, int from, int to)
{
    const int at = g->n_nodes++;
    Stretch all = {.from = from, .to = to};
    for (int i = from; i < to; i++) {
        all.sum += g->weight[g->order[i]] * g->y[g->order[i]];
        all.weight += g->weight[g->order[i]];
    }
    Node node = {.dim = -1, .mean = all.sum / all.weight};
    const Split split = best_split(g, &all);
    if (split.dim >= 0) {
        node.dim = split.dim;
        node.threshold = split.threshold;
        node.levels = split.levels;
        const int middle = part(g, &node, &all);
        node.left = grow_node(g, from, middle);
        node.right = grow_node(g, middle, to);
    }
    g->node[at] = node;
    return at;
}

static void grow_tree(Growth *g)
{
    int m = 0;
    memset(g->weight, 0, (size_t)g->n * sizeof *g->weight);
    for (int i = 0; i < g->n; i++) g->weight[rng_below(g->rng, (uint32_t)g->n)]++;
    for (int i = 0; i < g->n; i++) m += g->weight[i] > 0;
    for (int k = 0; k < g->d; k++) {
        const int *from = g->sorted + (size_t)k * (size_t)g->n;
        int *to = g->order + (size_t)k * (size_t)g->n;
        for (int i = 0; i < g->n; i++)
            if (g->weight[from[i]] > 0) *to++ = from[i];
    }
    g->n_nodes = 0;
    grow_node(g, 0, m);
}

typedef struct { double value; int at; } Ranked;

static int by_value(const void *a, const void *b)
{
    const Ranked *x = a, *y = b;
    if (x->value != y->value) return x->value < y->value ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

/* The points by coordinate, and their order in each. */
static bool lay_out(const Space *space, int n, const double *x, double *by_dim, int *sorted, Arena *arena)
{
    const int d = space->n_dims;
    bool *active = ARENA_NEW(arena, bool, d);
    Ranked *ranked = ARENA_NEW(arena, Ranked, n);
    if (!active || !ranked) return false;
    for (int i = 0; i < n; i++) {
        const double *point = x + (size_t)i * (size_t)d;
        space_active(space, point, active);
        for (int k = 0; k < d; k++) by_dim[(size_t)k * (size_t)n + (size_t)i] = active[k] ? point[k] : INACTIVE;
    }
    for (int k = 0; k < d; k++, by_dim += n, sorted += n) {
        for (int i = 0; i < n; i++) ranked[i] = (Ranked){by_dim[i], i};
        qsort(ranked, (size_t)n, sizeof *ranked, by_value);
        for (int i = 0; i < n; i++) sorted[i] = ranked[i].at;
    }
    return true;
}

bool forest_grow(const Space *space, int n, const double *x, const double *y, Rng *rng, Arena *arena,
                 Forest **out, Error *err)
{
    const int d = space->n_dims;
    Forest *forest = ARENA_NEW(arena, Forest, 1);
    double *by_dim = arena_alloc(arena, (size_t)n * (size_t)d, sizeof *by_dim);
    int *sorted = arena_alloc(arena, (size_t)n * (size_t)d, sizeof *sorted);
    Growth growth = {.forest = forest, .d = d, .n = n, .x = by_dim, .y = y, .sorted = sorted, .rng = rng};
    growth.order = arena_alloc(arena, (size_t)n * (size_t)d, sizeof *growth.order);
    growth.weight = ARENA_NEW(arena, int, n);
    growth.spare = ARENA_NEW(arena, int, n);
    growth.goes_left = ARENA_NEW(arena, bool, n);
    if (!forest || !by_dim || !sorted || !growth.order || !growth.weight || !growth.spare || !growth.goes_left)
        return error_memory(err);
    forest->space = space;
    forest->d = d;
    forest->n_levels = ARENA_NEW(arena, int, d);
    if (!forest->n_levels || !lay_out(space, n, x, by_dim, sorted, arena)) return error_memory(err);
    for (int k = 0; k < d; k++) {
        const int levels = space_dim_levels(space, k);
        const bool as_sets = space_dim_kind(space, k) == DIM_CATEGORY && levels < MOST_LEVELS;
        forest->n_levels[k] = as_sets ? levels : 0;
    }
    for (int t = 0; t < FOREST_TREES; t++) {
        forest->tree[t] = growth.node = ARENA_NEW(arena, Node, 2 * n);
        if (!growth.node) return error_memory(err);
        grow_tree(&growth);
    }
    *out = forest;
    return true;
}

void forest_predict(const Forest *forest, int m, const double *u, const bool *active, double *mean,
                    double *sigma)
{
    const int d = forest->d;
    double x[SPACE_MAX_PARAMS];
    for (int i = 0; i < m; i++, u += d, active += d) {
        double sum = 0, square = 0;
        for (int k = 0; k < d; k++) x[k] = active[k] ? u[k] : INACTIVE;
        for (int t = 0; t < FOREST_TREES; t++) {
            const Node *tree = forest->tree[t], *node = tree;
            while (node->dim >= 0)
                node = tree + (lies_left(forest, node, x[node->dim]) ? node->left : node->right);
            sum += node->mean;
            square += node->mean * node->mean;
        }
        mean[i] = sum / FOREST_TREES;
        sigma[i] = fmax(sqrt(fmax(square / FOREST_TREES - mean[i] * mean[i], 0)), LEAST_SIGMA);
    }
}
