/* Influences of rows on scores, from the confusion matrix and along the curves. */
#include "model/spread.h"

#include <math.h>

/* ---- the confusion matrix ---------------------------------------------------------------------- */

/* A table with half a hit and half an error more in each class that has rows. */
typedef struct {
    int k, with_rows;
    double *cell, *support, *predicted, *hits; /* (K, K), (K) */
    double total;
} Smooth;

static bool smooth(const Metrics *m, Arena *arena, Smooth *out, Error *err)
{
    const size_t k = (size_t)m->n_classes;
    Smooth s = {.k = m->n_classes, .cell = ARENA_NEW(arena, double, k * k)};
    s.support = ARENA_NEW(arena, double, k);
    s.predicted = ARENA_NEW(arena, double, k);
    s.hits = ARENA_NEW(arena, double, k);
    if (!s.cell || !s.support || !s.predicted || !s.hits) return error_memory(err);
    for (size_t i = 0; i < k; i++) s.with_rows += m->per_class[i].support > 0;
    for (size_t i = 0; i < k; i++) {
        double support = (double)m->per_class[i].support;
        if (!(support > 0)) continue;
        for (size_t j = 0; j < k; j++) {
            bool other = i != j && m->per_class[j].support > 0;
            double more = i == j ? 0.5 : other ? 0.5 / (s.with_rows - 1) : 0;
            s.cell[i * k + j] = ((double)m->confusion[i * k + j] + more) * support / (support + 1);
            s.support[i] += s.cell[i * k + j];
            s.predicted[j] += s.cell[i * k + j];
        }
        s.hits[i] = s.cell[i * k + i];
        s.total += s.support[i];
    }
    *out = s;
    return true;
}

enum { F1_MACRO, F1_WEIGHTED, PRECISION, RECALL, MCC, N_SCORES };

static double f1_of(const Smooth *s, int c) /* 0 for a class without rows, as it is not averaged */
{
    return s->support[c] > 0 ? 2 * s->hits[c] / (s->support[c] + s->predicted[c]) : 0;
}

/* Sums that the influences need, and the scores of the smoothed table. */
typedef struct {
    double value[N_SCORES], hits, cross, square_p, square_t; /* MCC = cross / sqrt(square_p square_t) */
} Scores;

static void scores_of(const Smooth *s, Scores *out)
{
    Scores v = {.hits = 0};
    double tp = 0, pp = 0, tt = 0;
    for (int c = 0; c < s->k; c++) {
        double t = s->support[c], p = s->predicted[c];
        tp += t * p, pp += p * p, tt += t * t;
        if (!(t > 0)) continue;
        v.hits += s->hits[c];
        v.value[F1_MACRO] += f1_of(s, c) / s->with_rows;
        v.value[F1_WEIGHTED] += f1_of(s, c) * t / s->total;
        v.value[PRECISION] += s->hits[c] / p / s->with_rows;
        v.value[RECALL] += s->hits[c] / t / s->with_rows;
    }
    v.cross = v.hits * s->total - tp;
    v.square_p = s->total * s->total - pp;
    v.square_t = s->total * s->total - tt;
    v.value[MCC] = v.cross / sqrt(v.square_p * v.square_t);
    *out = v;
}

/* What one more row of class i, predicted as j, does to each score. */
static void influence(const Smooth *s, const Scores *v, int i, int j, double out[N_SCORES])
{
    const double hit = i == j, classes = s->with_rows;
    const double rows_i = s->support[i] + s->predicted[i], rows_j = s->support[j] + s->predicted[j];
    const double lost_i = f1_of(s, i) / rows_i, lost_j = s->support[j] > 0 ? f1_of(s, j) / rows_j : 0;
    out[F1_MACRO] = (2 * hit / rows_i - lost_i - lost_j) / classes;
    out[F1_WEIGHTED] = (f1_of(s, i) - v->value[F1_WEIGHTED] + 2 * hit * s->support[i] / rows_i
                        - s->support[i] * lost_i - s->support[j] * lost_j) / s->total;
    out[PRECISION] = s->support[j] > 0 ? (hit - s->hits[j] / s->predicted[j]) / s->predicted[j] / classes : 0;
    out[RECALL] = (hit - s->hits[i] / s->support[i]) / s->support[i] / classes;
    double cross = hit * s->total + v->hits - s->predicted[i] - s->support[j];
    double square_p = 2 * (s->total - s->predicted[j]), square_t = 2 * (s->total - s->support[i]);
    out[MCC] = cross / sqrt(v->square_p * v->square_t)
             - v->value[MCC] / 2 * (square_p / v->square_p + square_t / v->square_t);
}

bool spread_of_confusion(const Metrics *metrics, Arena *arena, double rows[METRIC_COUNT], Error *err)
{
    Smooth s = {0};
    Scores v;
    double variance[N_SCORES] = {0}, one[N_SCORES];
    if (!smooth(metrics, arena, &s, err)) return false;
    scores_of(&s, &v);
    for (int i = 0; i < s.k; i++)
        for (int j = 0; j < s.k; j++) {
            double cell = s.cell[(size_t)i * (size_t)s.k + (size_t)j];
            if (!(cell > 0)) continue;
            influence(&s, &v, i, j, one);
            for (int m = 0; m < N_SCORES; m++) variance[m] += cell * one[m] * one[m];
        }
    v.value[MCC] = (1 + v.value[MCC]) / 2;
    variance[MCC] /= 4;
    static const MetricId of[N_SCORES] = {METRIC_F1_MACRO, METRIC_F1_WEIGHTED, METRIC_PRECISION_MACRO,
                                          METRIC_RECALL_MACRO, METRIC_MCC};
    for (int m = 0; m < N_SCORES; m++)
        rows[of[m]] = variance[m] > 0 ? v.value[m] * (1 - v.value[m]) / variance[m] : NAN;
    rows[METRIC_BALANCED_ACCURACY] = rows[METRIC_RECALL_MACRO];
    rows[METRIC_ACCURACY] = rows[METRIC_F1_MICRO] = (double)metrics->n_rows;
    return true;
}

/* ---- areas ------------------------------------------------------------------------------------- */

/* Along one curve: rows of equal score together. */
typedef struct {
    double hit, miss, above_hit, above_miss; /* in this group; with it and before */
    double below_hit, below_miss;            /* what a row here does to the precisions from here on down */
    int from, to;                            /* places in the order */
} Group;

typedef struct {
    Group *group;   /* (n) */
    double *roc, *pr; /* (n) influences of rows, summed over classes */
} Work;

static int groups_of(const Rescore *r, int curve, Group *group)
{
    const int32_t *order = r->order + (size_t)curve * (size_t)r->in.n;
    Group g = {0};
    int n = 0;
    for (int i = 0; i < r->in.n; i++) {
        bool hit = r->in.labels[order[i] < 0 ? ~order[i] : order[i]] == r->first + curve;
        g.hit += hit, g.miss += !hit;
        if (order[i] >= 0) continue;
        g.above_hit += g.hit, g.above_miss += g.miss;
        g.to = i + 1;
        group[n++] = g;
        g = (Group){.above_hit = g.above_hit, .above_miss = g.above_miss, .from = i + 1};
    }
    return n;
}

/* Adds the influences of one class's rows; false where it has no rows, or all. */
static bool add_curve(const Rescore *r, int curve, Work *work, double *roc, double *pr)
{
    const int32_t *order = r->order + (size_t)curve * (size_t)r->in.n;
    Group *group = work->group;
    const int n = groups_of(r, curve, group);
    const double hits = n ? group[n - 1].above_hit : 0, misses = n ? group[n - 1].above_miss : 0;
    double area = 0, precision = 0, below_hit = 0, below_miss = 0;
    if (!(hits > 0 && misses > 0)) return false;
    for (int g = n - 1; g >= 0; g--) {
        double all = group[g].above_hit + group[g].above_miss;
        area += group[g].miss * (group[g].above_hit - group[g].hit / 2) / (hits * misses);
        precision += group[g].hit * group[g].above_hit / all / hits;
        below_hit += group[g].hit * group[g].above_miss / (all * all);
        below_miss += group[g].hit * group[g].above_hit / (all * all);
        group[g].below_hit = below_hit, group[g].below_miss = below_miss;
    }
    for (int g = 0; g < n; g++) {
        const Group *at = &group[g];
        /* few rows: DeLong's divisor is one less */
        double won = (misses - at->above_miss + at->miss / 2) / misses - area;
        double lost = (at->above_hit - at->hit / 2) / hits - area;
        won /= sqrt(hits * fmax(1, hits - 1)), lost /= sqrt(misses * fmax(1, misses - 1));
        double up = (at->above_hit / (at->above_hit + at->above_miss) - precision + at->below_hit) / hits;
        for (int i = at->from; i < at->to; i++) {
            int32_t row = order[i] < 0 ? ~order[i] : order[i];
            bool hit = r->in.labels[row] == r->first + curve;
            work->roc[row] += hit ? won : lost;
            work->pr[row] += hit ? up : -at->below_miss / hits;
        }
    }
    *roc += area, *pr += precision;
    return true;
}

/* 1 / rows that an area near 1 of so many hits and misses is worth. */
static double hanley(double area, double hits, double misses)
{
    double star = (hits + misses) / 2 - 1;
    return (1 + star * ((1 - area) / (2 - area) + area / (1 + area))) / (hits * misses);
}

bool spread_of_areas(const Rescore *r, Arena *arena, double value[METRIC_COUNT], double rows[METRIC_COUNT],
                     Error *err)
{
    const int n = r->in.n;
    Work work = {ARENA_NEW(arena, Group, n + 1), ARENA_NEW(arena, double, n + 1),
                 ARENA_NEW(arena, double, n + 1)};
    double roc = 0, pr = 0, of_roc = 0, of_pr = 0, most_roc = 0, most_pr = 0;
    int used = 0;
    if (!work.group || !work.roc || !work.pr) return error_memory(err);
    for (int c = 0; c < r->n_curves; c++) {
        double hits = (double)r->metrics.per_class[r->first + c].support, before = roc;
        if (!add_curve(r, c, &work, &roc, &pr)) continue;
        used++;
        most_roc += hanley(fmin(roc - before, 1), hits, n - hits);
        most_pr += 1 / hits;
    }
    value[METRIC_ROC_AUC] = used ? roc / used : NAN;
    value[METRIC_PR_AUC] = used ? pr / used : NAN;
    rows[METRIC_ROC_AUC] = rows[METRIC_PR_AUC] = NAN;
    if (!used) return true;
    for (int i = 0; i < n; i++) {
        of_roc += work.roc[i] * work.roc[i] / used / used;
        of_pr += work.pr[i] * work.pr[i] / used / used;
    }
    roc /= used, pr /= used;
    double most = used * (double)used / most_roc, seen = of_roc > 0 ? roc * (1 - roc) / of_roc : INFINITY;
    rows[METRIC_ROC_AUC] = fmin(seen, most);
    most = used * (double)used / most_pr, seen = of_pr > 0 ? pr * (1 - pr) / of_pr : INFINITY;
    rows[METRIC_PR_AUC] = fmin(seen, most);
    return true;
}
