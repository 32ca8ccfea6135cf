/* Rules of decision: class weights, metrics, costs, and cuts that keep a promise. */
#include "ensemble/decide.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- promises -------------------------------------------------------------------------------- */

/* P(Bin(n, q) <= k) */
static double binomial_below(int n, double q, int k)
{
    double sum = 0;
    for (int i = 0; i <= k && i <= n; i++)
        sum += exp(lgamma(n + 1.0) - lgamma(i + 1.0) - lgamma(n - i + 1.0) + i * log(q) + (n - i) * log1p(-q));
    return fmin(sum, 1);
}

typedef struct {
    double cut; /* the least weight that decides for the class; infinite where its p is 0 */
    bool is;    /* of the class */
} Row;

static int by_cut(const void *a, const void *b)
{
    double x = ((const Row *)a)->cut, y = ((const Row *)b)->cut;
    return x < y ? -1 : x > y;
}

/* The labelled rows, by cut. */
static Row *cuts(const JudgedRows *rows, int label, Arena *arena, int *n)
{
    Row *row = ARENA_NEW(arena, Row, rows->n);
    *n = 0;
    for (int i = 0; row && i < rows->n; i++) {
        const float *p = rows->proba + (size_t)i * (size_t)rows->n_classes;
        double rival = 0;
        if (rows->labels[i] < 0) continue;
        for (int c = 0; c < rows->n_classes; c++)
            if (c != label) rival = fmax(rival, p[c]);
        row[(*n)++] = (Row){p[label] > 0 ? rival / p[label] : INFINITY, rows->labels[i] == label};
    }
    if (row) qsort(row, (size_t)*n, sizeof *row, by_cut);
    return row;
}

/* A weight above the first `m` cuts and below the next. */
static double above(const Row *row, int n, int m)
{
    enum { FARTHEST = 1000000 }; /* nobody should decide beyond */
    double low = m > 0 ? row[m - 1].cut : row[0].cut / 4, high = m < n ? row[m].cut : low * 4;
    low = fmin(fmax(low, 1.0 / FARTHEST), FARTHEST);
    high = fmin(fmax(high, 1.0 / FARTHEST), FARTHEST);
    return high > low ? sqrt(low * high) : low * (1 + 1e-9);
}

static double for_recall(const Row *row, int n, double share, bool *assured)
{
    int of_class = 0, k = 1, seen = 0, m = 0;
    for (int i = 0; i < n; i++) of_class += row[i].is;
    while (k < of_class && binomial_below(of_class, share, k - 1) < 0.9) k++;
    *assured = of_class > 0 && binomial_below(of_class, share, k - 1) >= 0.9;
    for (int i = 0; i < n && seen < k; i++) {
        seen += row[i].is;
        m = i + 1;
    }
    while (m < n && row[m].cut <= row[m - 1].cut) m++; /* equal cuts fall together */
    return above(row, n, m);
}

static double for_precision(const Row *row, int n, double share, bool *assured)
{
    enum { MOST_CUTS = 500 };
    const int step = n / MOST_CUTS + 1;
    int hits = 0, best = 0;
    double nearest = INFINITY;
    *assured = false;
    for (int m = 1; m <= n; m++) {
        hits += row[m - 1].is;
        if (m % step != 0 || (m < n && row[m].cut <= row[m - 1].cut)) continue;
        double chance = 1 - binomial_below(m, share, hits - 1);
        bool holds = chance <= 0.05;
        if (holds || (!*assured && chance < nearest)) best = m, nearest = chance;
        *assured = *assured || holds;
    }
    return above(row, n, best);
}

/* ---- forms ----------------------------------------------------------------------------------- */

static double *ones(int n, Arena *arena)
{
    double *w = ARENA_NEW(arena, double, n);
    for (int c = 0; w && c < n; c++) w[c] = 1;
    return w;
}

static bool by_promise(const JudgedRows *rows, const Thresholds *asked, Arena *arena, Decision *out, Error *err)
{
    int n;
    const Row *row = cuts(rows, asked->label, arena, &n);
    double *w = ones(rows->n_classes, arena);
    if (!row || !w) return error_memory(err);
    if (n > 0)
        w[asked->label] = (asked->kind == THRESHOLDS_RECALL ? for_recall : for_precision)(row, n, asked->at,
                                                                                       &out->assured);
    else out->assured = false;
    out->weight = w;
    return true;
}

/* Weights for a metric, as factors of the class weights. */
static bool by_metric(const JudgedRows *rows, const Thresholds *asked, const double *class_weight,
                      uint64_t seed, Arena *arena, Decision *out, Error *err)
{
    const size_t k = (size_t)rows->n_classes, n = (size_t)rows->n;
    JudgedRows weighed = *rows;
    double *w = ones(rows->n_classes, arena);
    bool kept;
    if (!w) return error_memory(err);
    if (class_weight) {
        float *proba = ARENA_NEW(arena, float, n * k);
        if (!proba) return error_memory(err);
        for (size_t i = 0; i < n; i++) {
            double sum = 0;
            const float *p = rows->proba + i * k;
            for (size_t c = 0; c < k; c++) sum += p[c] * class_weight[c];
            for (size_t c = 0; c < k; c++) proba[i * k + c] = (float)(p[c] * class_weight[c] / sum);
        }
        weighed.proba = proba;
    }
    if (!calibrate_decision(&weighed, asked->metric, seed, arena, w, &kept, err)) return false;
    for (size_t c = 0; c < k && class_weight; c++) w[c] *= class_weight[c];
    if (kept || class_weight) out->weight = w;
    if (!kept) out->asked = class_weight ? "class_weight" : NULL;
    return true;
}

bool decide_fit(const JudgedRows *rows, const Thresholds *asked, const double *class_weight, uint64_t seed,
                Arena *arena, Decision *out, Error *err)
{
    *out = (Decision){.asked = asked->asked, .assured = true};
    double *w;
    switch (asked->kind) {
    case THRESHOLDS_METRIC: return by_metric(rows, asked, class_weight, seed, arena, out, err);
    case THRESHOLDS_COST: out->cost = asked->cost; return true;
    case THRESHOLDS_RECALL:
    case THRESHOLDS_PRECISION: return by_promise(rows, asked, arena, out, err);
    case THRESHOLDS_FIXED:
        if (!(w = ones(rows->n_classes, arena))) return error_memory(err);
        w[asked->label] = (1 - asked->at) / asked->at;
        out->weight = w;
        return true;
    default:
        out->weight = class_weight;
        out->asked = class_weight ? "class_weight" : NULL;
        return true;
    }
}
