/* Draws rows and scores both predictions of their numbers or labels. */
#include "model/paired_targets.h"

#include <math.h>

#include "model/rescore.h"

static bool make_room(const Pair *pair, int n_metrics, Arena *arena, TargetDraws *out, Error *err)
{
    const int draws = pair->draws > 0 ? pair->draws : 0;
    TargetDraws d = {.a = ARENA_NEW(arena, double, n_metrics), .b = ARENA_NEW(arena, double, n_metrics),
                     .drawn = ARENA_NEW(arena, double *, n_metrics),
                     .n_drawn = ARENA_NEW(arena, int, n_metrics)};
    double *all = ARENA_NEW(arena, double, (size_t)draws * (size_t)n_metrics + 1);
    if (!d.a || !d.b || !d.drawn || !d.n_drawn || !all) return error_memory(err);
    for (int m = 0; m < n_metrics; m++) d.drawn[m] = all + (size_t)m * (size_t)draws;
    *out = d;
    return true;
}

/* How far from the truth a row is: the sum of its targets' distances, each in units of learning so that none
 * counts for more than another; of labels whether an answer is wrong. */
static double distance(const Pair *pair, const float *values, int row)
{
    const Task *task = pair->task;
    double sum = 0;
    for (int t = 0; t < task->n_targets; t++) {
        const float *v = values + (size_t)row * (size_t)pair->n_classes + (size_t)(t * task_stride(task));
        double y = pair->targets[(size_t)row * (size_t)task->n_targets + (size_t)t];
        if (isnan(y)) continue;
        if (task->kind == TASK_LABELS) sum += (v[0] > 0.5f) != (y > 0.5);
        else sum += fabs(task_number(task, t, (double)v[task_point(task)]) - y) / task->targets[t].scale;
    }
    return task->kind == TASK_LABELS ? sum > 0 : sum;
}

static void count_nearer(const Pair *pair, TargetDraws *out)
{
    for (int i = 0; i < pair->n; i++) {
        double a = distance(pair, pair->a, i), b = distance(pair, pair->b, i);
        out->only_a += a < b;
        out->only_b += b < a;
    }
}

bool paired_targets_draw(const Pair *pair, const MetricId *metrics, int n_metrics, Arena *arena,
                         TargetDraws *out, Error *err)
{
    const int n = pair->n;
    ScoredRows rows[2];
    Metrics got[2];
    unsigned which = 0;
    void *scratch = arena_alloc(arena, 1, scored_scratch_bytes(pair->task, n));
    int32_t *times = ARENA_NEW(arena, int32_t, n + 1);
    double *weight = ARENA_NEW(arena, double, n + 1);
    if (!scratch || !times || !weight) return error_memory(err);
    if (!make_room(pair, n_metrics, arena, out, err)) return false;
    for (int m = 0; m < n_metrics; m++) which |= 1u << metrics[m];
    for (int s = 0; s < 2; s++) {
        rows[s] = (ScoredRows){.task = pair->task, .n = n, .n_classes = pair->n_classes, .ld = pair->n_classes,
                               .values = s ? pair->b : pair->a, .targets = pair->targets,
                               .weight = pair->weight};
        if (!metrics_create_for(pair->task, pair->n_classes, arena, &got[s], err)) return false;
        metrics_score(&rows[s], which, scratch, &got[s]);
        for (int m = 0; m < n_metrics; m++) (s ? out->b : out->a)[m] = got[s].value[metrics[m]];
        rows[s].weight = weight;
    }
    for (int d = 0; d < pair->draws && n > 0; d++) {
        rescore_draw(n, pair->seed, (uint32_t)d, times);
        for (int i = 0; i < n; i++) weight[i] = times[i] * (pair->weight ? pair->weight[i] : 1);
        for (int s = 0; s < 2; s++) metrics_score(&rows[s], which, scratch, &got[s]);
        for (int m = 0; m < n_metrics; m++) {
            double delta = got[1].value[metrics[m]] - got[0].value[metrics[m]];
            if (!isnan(delta)) out->drawn[m][out->n_drawn[m]++] = delta;
        }
    }
    count_nearer(pair, out);
    return true;
}
