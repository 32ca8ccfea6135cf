/* Metrics of rows that count several times or not at all: one pass a draw. */
#include "model/rescore.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "model/model.h"

typedef struct {
    float score;
    int32_t row;
} Scored;

static int by_score(const void *a, const void *b) /* largest first; equal ones in row order */
{
    const Scored *x = a, *y = b;
    if (x->score != y->score) return x->score > y->score ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* The rows along one curve; false: a score is not a number, so there is no order. */
static bool sort_rows(const RescoreInput *in, int class, Scored *scratch, int32_t *order)
{
    for (int i = 0; i < in->n; i++) {
        scratch[i] = (Scored){in->proba[(size_t)i * (size_t)in->n_classes + (size_t)class], i};
        if (isnan(scratch[i].score)) return false;
    }
    qsort(scratch, (size_t)in->n, sizeof *scratch, by_score);
    for (int i = 0; i < in->n; i++) {
        bool last = i + 1 == in->n || scratch[i + 1].score != scratch[i].score;
        order[i] = last ? ~scratch[i].row : scratch[i].row;
    }
    return true;
}

static void cost_of_row(const RescoreInput *in, int row, double *log_loss, double *brier)
{
    const float *p = in->proba + (size_t)row * (size_t)in->n_classes;
    double sum = 0, at_label = p[in->labels[row]];
    for (int c = 0; c < in->n_classes; c++) {
        double miss = (double)p[c] - (c == in->labels[row]);
        sum += miss * miss;
    }
    *log_loss = -log(at_label <= 1e-15 ? 1e-15 : at_label);
    *brier = in->n_classes == 2 ? sum / 2 : sum;
}

bool rescore_create(const RescoreInput *in, unsigned which, Arena *arena, Rescore *out, Error *err)
{
    const Model decider = {.schema = {.n_classes = in->n_classes}, .decision = in->decision,
                           .cost = in->cost};
    const bool curves = which & (1u << METRIC_ROC_AUC | 1u << METRIC_PR_AUC);
    Rescore r = {.in = *in, .which = which, .predicted = ARENA_NEW(arena, int32_t, in->n),
                 .log_loss = ARENA_NEW(arena, double, in->n), .brier = ARENA_NEW(arena, double, in->n)};
    if (r.in.positive < 0 || r.in.positive >= in->n_classes) r.in.positive = in->n_classes > 1;
    if (curves && in->n_classes <= RESCORE_MOST_CURVES) {
        r.n_curves = in->n_classes == 2 ? 1 : in->n_classes;
        r.first = in->n_classes == 2 ? r.in.positive : 0;
    }
    Scored *scratch = ARENA_NEW(arena, Scored, r.n_curves ? in->n : 0);
    r.order = ARENA_NEW(arena, int32_t, (size_t)r.n_curves * (size_t)in->n);
    if (!r.predicted || !r.log_loss || !r.brier || !scratch || !r.order) return error_memory(err);
    if (!metrics_create(in->n_classes, arena, &r.metrics, err)) return false;
    for (int i = 0; i < in->n; i++) {
        r.predicted[i] = model_decide(&decider, in->proba + (size_t)i * (size_t)in->n_classes);
        cost_of_row(in, i, &r.log_loss[i], &r.brier[i]);
    }
    for (int c = 0; c < r.n_curves; c++)
        if (!sort_rows(in, r.first + c, scratch, r.order + (size_t)c * (size_t)in->n)) r.n_curves = 0;
    *out = r;
    return true;
}

/* ---- one draw ---------------------------------------------------------------------------------- */

static double worth(const Rescore *r, const int32_t *times, int row)
{
    return (times ? times[row] : 1) * (r->in.weight ? r->in.weight[row] : 1);
}

/* The areas under one curve, by the same walk as engine/metrics.c. */
static void walk(const Rescore *r, int curve, const int32_t *times, double *roc, double *pr)
{
    const int32_t *order = r->order + (size_t)curve * (size_t)r->in.n;
    const int class = r->first + curve;
    double tp = 0, fp = 0, hit = 0, miss = 0, area = 0, precision = 0;
    for (int i = 0; i < r->in.n; i++) {
        int32_t row = order[i] < 0 ? ~order[i] : order[i];
        double weight = worth(r, times, row);
        if (r->in.labels[row] == class) hit += weight;
        else miss += weight;
        if (order[i] >= 0) continue; /* the next has the same score */
        area += miss * (tp + hit / 2);
        tp += hit;
        fp += miss;
        if (hit > 0) precision += hit * tp / (tp + fp);
        hit = miss = 0;
    }
    *roc = tp > 0 && fp > 0 ? area / (tp * fp) : NAN;
    *pr = tp > 0 ? precision / tp : NAN;
}

static void areas(const Rescore *r, const int32_t *times, double value[METRIC_COUNT])
{
    double sum_roc = 0, sum_pr = 0;
    int n_roc = 0, n_pr = 0;
    for (int c = 0; c < r->n_curves; c++) {
        double roc, pr;
        walk(r, c, times, &roc, &pr);
        if (!isnan(roc)) sum_roc += roc, n_roc++;
        if (!isnan(pr)) sum_pr += pr, n_pr++;
    }
    value[METRIC_ROC_AUC] = n_roc ? sum_roc / n_roc : NAN;
    value[METRIC_PR_AUC] = n_pr ? sum_pr / n_pr : NAN;
}

/* Of the most probable class, whatever was decided. */
static double top_error(const Rescore *r, const int32_t *times, double total)
{
    const int k = r->in.n_classes;
    double gap[ECE_BINS] = {0}, sum = 0;
    for (int i = 0; i < r->in.n; i++) {
        const float *p = r->in.proba + (size_t)i * (size_t)k;
        int top = 0;
        for (int c = 1; c < k; c++)
            if (p[c] > p[top]) top = c;
        gap[calibration_bin(p[top])] += worth(r, times, i) * ((top == r->in.labels[i]) - (double)p[top]);
    }
    for (int b = 0; b < ECE_BINS; b++) sum += fabs(gap[b]);
    return sum / total;
}

static double classwise_error(const Rescore *r, const int32_t *times, double total)
{
    const int k = r->in.n_classes, first = k == 2 ? r->in.positive : 0, last = k == 2 ? first : k - 1;
    double sum = 0;
    for (int c = first; c <= last; c++) {
        double gap[ECE_BINS] = {0};
        for (int i = 0; i < r->in.n; i++) {
            double p = r->in.proba[(size_t)i * (size_t)k + (size_t)c];
            gap[calibration_bin(p)] += worth(r, times, i) * ((r->in.labels[i] == c) - p);
        }
        for (int b = 0; b < ECE_BINS; b++) sum += fabs(gap[b]);
    }
    return sum / total / (last - first + 1);
}

/* The same with weights: what is right by class, and the losses. */
static void weigh(Rescore *r, const int32_t *times, double *log_loss, double *brier, double *total)
{
    *log_loss = *brier = *total = 0;
    for (int i = 0; i < r->in.n; i++) {
        const double weight = worth(r, times, i);
        if (!(weight > 0)) continue;
        metrics_weigh_row(&r->metrics, r->in.labels[i], r->predicted[i], weight);
        *log_loss += weight * r->log_loss[i];
        *brier += weight * r->brier[i];
        *total += weight;
    }
    metrics_from_masses(*total, &r->metrics);
}

void rescore(Rescore *r, const int32_t *times, double value[METRIC_COUNT])
{
    const size_t k = (size_t)r->in.n_classes;
    double log_loss = 0, brier = 0, total = 0;
    memset(r->metrics.confusion, 0, k * k * sizeof *r->metrics.confusion);
    for (int i = 0; i < r->in.n; i++) {
        int weight = times ? times[i] : 1;
        if (weight == 0) continue;
        r->metrics.confusion[(size_t)r->in.labels[i] * k + (size_t)r->predicted[i]] += weight;
        log_loss += weight * r->log_loss[i];
        brier += weight * r->brier[i];
        total += weight;
    }
    metrics_from_confusion(&r->metrics);
    if (r->in.weight) weigh(r, times, &log_loss, &brier, &total);
    memcpy(value, r->metrics.value, METRIC_COUNT * sizeof *value);
    if (!(total > 0)) return;
    value[METRIC_LOG_LOSS] = value[METRIC_LOSS] = log_loss / total;
    value[METRIC_BRIER] = brier / total;
    if (r->n_curves) areas(r, times, value);
    if (r->which & 1u << METRIC_ECE) value[METRIC_ECE] = top_error(r, times, total);
    if (r->which & 1u << METRIC_ECE_CLASSWISE) value[METRIC_ECE_CLASSWISE] = classwise_error(r, times, total);
}

/* rng_below() n times, its words taken many at a time. */
void rescore_draw(int n, uint64_t seed, uint32_t draw, int32_t *times)
{
    enum { WORDS = 1024 };
    uint32_t words[WORDS];
    Rng rng = rng_stream(seed, draw, RNG_BOOTSTRAP);
    const uint32_t rows = (uint32_t)n, rejected = rows ? -rows % rows : 0;
    memset(times, 0, (size_t)n * sizeof *times);
    for (int i = 0; i < n;) {
        const int most = n - i < WORDS ? n - i : WORDS;
        rng_fill(&rng, words, (size_t)most);
        for (int k = 0; k < most; k++) {
            const uint64_t product = (uint64_t)words[k] * rows;
            if ((uint32_t)product < rejected) continue;
            times[product >> 32]++;
            i++;
        }
    }
}
