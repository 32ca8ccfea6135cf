/* Constants of a plan, as floats and without padding. */
#include "plan/constants.h"

#include <string.h>

const float *plan_weights(const PlanStep *step, Arena *arena)
{
    const MlpLayer layer = mlp_layer(step->mlp, step->layer);
    const size_t n_in = (size_t)step->mlp->width[step->layer], n = (size_t)step->mlp->width[step->layer + 1];
    if (n == (size_t)layer.ld) return layer.w;
    float *w = (float *)arena_room(arena, n_in * n, sizeof *w);
    for (size_t i = 0; w && i < n_in; i++) memcpy(w + i * n, layer.w + i * (size_t)layer.ld, n * sizeof *w);
    return w;
}

PlanEmbedded plan_embedded(const Embed *embed, int j)
{
    PlanEmbedded one = {.feature = j, .n = 1, .input = embed->first_input[j], .kind = embed->feature[j]};
    while (one.kind == FEATURE_PLAIN && j + one.n < embed->n_features
           && embed->feature[j + one.n] == FEATURE_PLAIN)
        one.n++;
    one.n_inputs = one.kind == FEATURE_PLAIN ? one.n : one.kind > 0 ? embed->category_size : embed->size;
    return one;
}

const float *plan_embedding(const Mlp *mlp, const PlanEmbedded *one, Arena *arena, int *n)
{
    const Embed *embed = mlp->embed;
    const float *from = mlp->params + embed->offset[one->feature];
    if (one->kind > 0) {
        *n = (one->kind + 1) * embed->category_size;
        return from;
    }
    const bool periodic = one->kind == FEATURE_PERIODIC;
    const int f = embed->frequencies, terms = periodic ? 2 * f : f;
    const int outputs = periodic ? embed->size : embed->size - 1;
    *n = 2 * f + outputs * (terms + 1);
    float *to = ARENA_NEW(arena, float, *n), *at = to;
    if (!to) return NULL;
    for (int i = 0; i < 2; i++, from += mlp_pad(f), at += f) memcpy(at, from, (size_t)f * sizeof *at);
    for (int o = 0; o < outputs; o++, from += mlp_pad(terms), at += terms)
        memcpy(at, from, (size_t)terms * sizeof *at);
    memcpy(at, from, (size_t)outputs * sizeof *at);
    return to;
}

int plan_link_numbers(Link link)
{
    switch (link) {
    case LINK_IDENTITY: case LINK_QUANTILES: return 2;
    case LINK_LOG: case LINK_RATE: return 4;
    default: return 0;
    }
}

bool plan_link_wide(const Task *task, Link link)
{
    bool far = false;
    for (int t = 0; t < task->n_targets; t++) far = far || task->targets[t].origin != 0;
    return far && plan_link_numbers(link) == 4;
}

const double *plan_link(const Task *task, Link link, Arena *arena)
{
    const int a_row = plan_link_numbers(link);
    double *c = ARENA_NEW(arena, double, task->n_targets * a_row), *at = c;
    for (int t = 0; c && t < task->n_targets; t++, at += a_row) {
        const Target *target = &task->targets[t];
        if (a_row == 2) {
            at[0] = task_value(task, t, target->shift);
            at[1] = target->scale / target->unit;
            continue;
        }
        at[0] = link == LINK_RATE ? target->log_mean : target->log_shift;
        at[1] = link == LINK_RATE ? 1 : target->log_scale;
        at[2] = task_value(task, t, link == LINK_RATE ? 0 : -target->log_offset);
        at[3] = 1 / target->unit;
    }
    return c;
}

const double *plan_units(const Task *task, Arena *arena)
{
    double *c = ARENA_NEW(arena, double, 2 * task->n_targets);
    for (int t = 0; c && t < task->n_targets; t++) {
        c[2 * t] = task->targets[t].origin;
        c[2 * t + 1] = task->targets[t].unit;
    }
    return c;
}

const float *plan_floats(const double *from, int n, Arena *arena)
{
    float *to = ARENA_NEW(arena, float, n);
    for (int i = 0; to && i < n; i++) to[i] = (float)from[i];
    return to;
}

int plan_knots(const Calibration *calibration, int n_classes)
{
    int n = 0;
    for (int c = 0; calibration->n_knots && c < n_classes; c++) n += calibration->n_knots[c];
    return n;
}
