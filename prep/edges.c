/* Bins by weighted quantiles, and by a tree on one column. */
#include "prep/edges.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static void add_edge(double edge, double *edges, int *n)
{
    if (*n == 0 || (edge > edges[*n - 1] && isfinite(edge - edges[*n - 1]))) edges[(*n)++] = edge;
}

/* The next place with another value. */
static int next_value(const double *sorted, int n, int at)
{
    int to = at + 1;
    while (to < n && sorted[to] == sorted[at]) to++;
    return to;
}

int edges_spread(const double *sorted, int n, int bins, double *edges)
{
    const double most = fmax(1, (double)n / bins);
    double sum = 0, so_far = 0;
    int distinct = 0, n_edges = 0, t = 0;
    for (int i = 0, to; i < n; i = to) {
        to = next_value(sorted, n, i);
        sum += fmin(to - i, most);
        distinct++;
    }
    for (int i = 0, to; i < n; i = to) {
        to = next_value(sorted, n, i);
        so_far += fmin(to - i, most);
        bool due = so_far * bins >= t * sum * (1 - 1e-12);
        if (distinct <= bins + 1 || due) add_edge(sorted[i], edges, &n_edges);
        while (t <= bins && so_far * bins >= t * sum * (1 - 1e-12)) t++;
        if (n_edges == bins && to < n && distinct > bins + 1) { /* the last one is the largest value */
            add_edge(sorted[n - 1], edges, &n_edges);
            break;
        }
    }
    return n_edges < 3 ? 0 : n_edges;
}

/* A leaf: its rows, and where it would be split. */
typedef struct {
    int from, to, at;  /* rows [from, to); split before row `at` */
    double gain;
} Leaf;

static double x_log_x(double x) { return x > 0 ? x * log(x) : 0; }

/* The best split of a leaf of classes. before, after: (n_classes) scratch. */
static void split_classes(const EdgeRows *r, int least, double *before, double *after, Leaf *leaf)
{
    double n_before = 0, n_after = 0, of_before = 0, of_after = 0;
    const size_t bytes = (size_t)r->n_classes * sizeof *before;
    memset(before, 0, bytes);
    memset(after, 0, bytes);
    for (int i = leaf->from; i < leaf->to; i++)
        if (r->label[i] >= 0) after[r->label[i]]++, n_after++;
    for (int c = 0; c < r->n_classes; c++) of_after += x_log_x(after[c]);
    const double whole = x_log_x(n_after) - of_after;
    for (int i = leaf->from; i + 1 < leaf->to; i++) {
        int c = r->label[i];
        if (c >= 0) {
            of_before += x_log_x(before[c] + 1) - x_log_x(before[c]);
            of_after += x_log_x(after[c] - 1) - x_log_x(after[c]);
            before[c]++, after[c]--;
            n_before++, n_after--;
        }
        if (r->value[i] == r->value[i + 1] || i + 1 - leaf->from < least || leaf->to - i - 1 < least) continue;
        double gain = whole - (x_log_x(n_before) - of_before) - (x_log_x(n_after) - of_after);
        if (gain > leaf->gain) leaf->gain = gain, leaf->at = i + 1;
    }
}

/* The same of numbers: squares about the means, taken about the leaf's first for the digits' sake. */
static void split_numbers(const EdgeRows *r, int least, Leaf *leaf)
{
    double middle = NAN, sum = 0, n = 0, before = 0, n_before = 0;
    for (int i = leaf->from; i < leaf->to; i++) {
        if (isnan(r->target[i])) continue;
        if (isnan(middle)) middle = r->target[i];
        sum += r->target[i] - middle, n++;
    }
    for (int i = leaf->from; i + 1 < leaf->to; i++) {
        if (!isnan(r->target[i])) before += r->target[i] - middle, n_before++;
        if (r->value[i] == r->value[i + 1] || i + 1 - leaf->from < least || leaf->to - i - 1 < least) continue;
        double rest = sum - before, n_rest = n - n_before;
        if (n_before < 1 || n_rest < 1) continue;
        double gain = before * before / n_before + rest * rest / n_rest - sum * sum / n;
        if (isfinite(gain) && gain > leaf->gain) leaf->gain = gain, leaf->at = i + 1;
    }
}

static void find_split(const EdgeRows *r, int least, double *scratch, Leaf *leaf)
{
    leaf->at = -1;
    leaf->gain = 0;
    if (leaf->to - leaf->from < 2 * least) return;
    if (r->label) split_classes(r, least, scratch, scratch + r->n_classes, leaf);
    else split_numbers(r, least, leaf);
}

int edges_tree(const EdgeRows *rows, int bins, Arena *arena, double *edges)
{
    enum { LEAST_ROWS = 4 };
    const int n = rows->n, least = n / (4 * bins) > LEAST_ROWS ? n / (4 * bins) : LEAST_ROWS;
    Leaf *leaf = ARENA_NEW(arena, Leaf, bins);
    double *scratch = ARENA_NEW(arena, double, 2 * (size_t)(rows->n_classes + 1));
    if (!leaf || !scratch) return -1;
    int n_leaves = 1, n_edges = 0;
    leaf[0] = (Leaf){0, n, -1, 0};
    find_split(rows, least, scratch, &leaf[0]);
    while (n_leaves < bins) {
        int best = 0;
        for (int l = 1; l < n_leaves; l++)
            if (leaf[l].gain > leaf[best].gain) best = l;
        if (leaf[best].at < 0) break;
        Leaf right = {leaf[best].at, leaf[best].to, -1, 0};
        leaf[best].to = leaf[best].at;
        find_split(rows, least, scratch, &leaf[best]);
        find_split(rows, least, scratch, &right);
        int at = n_leaves++;
        for (; at > 0 && leaf[at - 1].from > right.from; at--) leaf[at] = leaf[at - 1];
        leaf[at] = right;
    }
    if (n > 0) add_edge(rows->value[0], edges, &n_edges);
    for (int l = 1; l < n_leaves; l++) {
        double a = rows->value[leaf[l].from - 1], b = rows->value[leaf[l].from];
        add_edge(isfinite(b - a) ? a + (b - a) / 2 : a / 2 + b / 2, edges, &n_edges);
    }
    if (n > 0) add_edge(rows->value[n - 1], edges, &n_edges);
    return n_edges < 3 ? 0 : n_edges;
}
