/* A training step: rows in, gradient out, weights moved. See trainer.h. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "engine/floats.h"
#include "engine/layer.h"
#include "engine/mix.h"
#include "engine/schedule.h"
#include "engine/teach.h"
#include "engine/team.h"
#include "engine/trainer.h"
#include "engine/trainer_tile.h"

/* CPU seconds of this thread, for the profile. */
static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Adds the time since *last to *part and moves *last; nothing when nobody asks (part NULL). */
static void lap(double *last, double *part)
{
    if (!part) return;
    double time = now();
    *part += time - *last;
    *last = time;
}
#define LAP(t, last, part) lap((last), (t)->profile ? &(t)->profile->part : NULL)

/* The share of dropout or decay that is in force now. */
static double strength(const Trainer *t, int schedule)
{
    return schedule == STRENGTH_FLAT_COS ? schedule_flat_cos(t->progress) : 1;
}

/* ---- the batch ---- */

/* Mixes the rows of x with one another; labels2 and lambda say how their labels mix. */
static void mix_rows(Trainer *t, const int32_t *labels, int n, long step)
{
    const TrainOptions *o = &t->options;
    t->lambda = 1;
    if ((o->mixup == 0 && o->cutmix == 0) || !labels) return;
    Rng rng = rng_stream(rng_mix(t->seed, (uint64_t)step), t->stream, RNG_MIX);
    bool columns = o->cutmix > 0 && (o->mixup == 0 || rng_uniform(&rng) < 0.5);
    double alpha = columns ? o->cutmix : o->mixup;
    t->lambda = columns ? mix_columns(alpha, &rng, n, mlp_features(&t->mlp), t->ld_x, t->x,
                                      t->copy, labels, t->labels2)
                        : mix_up(alpha, &rng, n, t->ld_x, t->x, t->copy, labels, t->labels2);
}

/* Drops units tile by tile: `h` (n, ld) and, unless NULL, the factors `d` beside it. */
static void drop_tiles(Trainer *t, Dropout drop, Rng *mask, int n, int ld, float *h, float *d)
{
    int tile = TRAINER_TILE / ld > 1 ? TRAINER_TILE / ld : 1;
    for (int r = 0; r < n; r += tile) {
        size_t at = (size_t)r * (size_t)ld;
        size_t size = (size_t)(n - r < tile ? n - r : tile) * (size_t)ld;
        rng_fill(mask, t->words, size / 2);
        activation_drop(drop, size, t->words, h + at, d ? d + at : NULL);
    }
}

/* The targets of the batch, of mixed rows mixed alike; where one of the two is not known, neither is the
 * mix. */
static void gather_targets(Trainer *t, const int32_t *index, int n, long step)
{
    const size_t width = (size_t)t->loss.task->n_targets;
    const float share = (mix_rows(t, t->places, n, step), t->lambda);
    for (int i = 0; i < n; i++) {
        const float *of = t->learned + (size_t)index[i] * width;
        const float *other = share < 1 ? t->learned + (size_t)index[t->labels2[i]] * width : of;
        float *to = t->targets + (size_t)i * width;
        for (size_t k = 0; k < width; k++) to[k] = share < 1 ? share * of[k] + (1 - share) * other[k] : of[k];
        if (!t->row_weight) continue;
        const float own = t->row_weight[index[i]];
        t->weight[i] = share < 1 ? share * own + (1 - share) * t->row_weight[index[t->labels2[i]]] : own;
    }
}

/* What stands beside the features: the weights of the batch and what a teacher says of it, and of the rows that
 * are mixed in, whose labels come by their places. */
static void gather_beside(Trainer *t, const int32_t *index, const int32_t *labels, int n, long step)
{
    const bool classes = t->loss.kind == LOSS_CROSS_ENTROPY;
    mix_rows(t, classes && labels ? t->places : NULL, n, step);
    for (int i = 0; t->row_weight && i < n; i++) t->weight[i] = t->row_weight[index[i]];
    if (t->soft) teach_gather(t, index, t->labels2, n);
    for (int i = 0; t->lambda < 1 && i < n; i++) {
        if (t->row_weight) t->weight2[i] = t->row_weight[index[t->labels2[i]]];
        t->labels2[i] = labels[t->labels2[i]];
    }
}

void trainer_gather(Trainer *t, const Rows *rows, const int32_t *index, const int32_t *labels,
                    int n, long step)
{
    double last = t->profile ? now() : 0;
    const Augment *augment = augment_is_on(&t->options.augment) ? &t->options.augment : NULL;
    Rng rng = rng_stream(rng_mix(t->seed, (uint64_t)step), t->stream, RNG_AUGMENT);
    if (t->n_ramps) {
        ramps_gather(rows, index, 0, n, &t->hats);
        ramps_turn(rows->n_features, &t->hats);
    } else
        rows_gather(rows, index, 0, n, augment, &rng, t->augment, t->x, t->ld_x);
    if (t->learned) gather_targets(t, index, n, step);
    else if (t->row_weight || t->soft) gather_beside(t, index, labels, n, step);
    else mix_rows(t, t->loss.kind == LOSS_CROSS_ENTROPY ? labels : NULL, n, step);
    if (t->mlp.embed) layer_embed.forward(t, 0, n, step, 0);
    if (t->drop_input.threshold) {
        Rng mask = trainer_mask(t, step, 0, 0);
        size_t size = (size_t)n * (size_t)t->ld_in;
        for (size_t i = 0; t->keep && i < size; i++) t->keep[i] = 1;
        drop_tiles(t, t->drop_input, &mask, n, t->ld_in, t->inputs, t->keep);
    }
    t->sparse.n = 0;
    if (t->sparse_memory) {
        const int k = t->mlp.width[0];
        sparse_make(n, k, t->inputs, t->ld_in, t->sparse_memory, &t->sparse);
        if ((double)t->sparse.start[n] > (1 - TRAINER_SPARSE) * (double)n * k) t->sparse.n = 0;
    }
    LAP(t, &last, gather);
}

/* ---- the gradient ---- */

double trainer_gradient(Trainer *t, int n, const int32_t *labels, long step)
{
    const int last_layer = t->mlp.n_layers - 1, ld = mlp_pad(t->mlp.width[t->mlp.n_layers]);
    const Truth truth = {.labels = labels, .u = t->targets, .weight = t->row_weight ? t->weight : NULL};
    Stage stages[LAYER_MOST_STAGES];
    const int n_stages = layer_stages(&t->mlp, stages), first = t->mlp.embed != NULL;
    double loss = 0;
    Loss batch = t->loss;
    batch.row_weight = t->row_weight ? t->weight : NULL;
    batch.row_weight2 = t->weight2;
    batch.soft = t->soft;
    if (t->lambda < 1) {
        batch.labels2 = t->labels2;
        batch.lambda = t->lambda;
    }
    t->drop_hidden = dropout_make(t->options.dropout * strength(t, t->options.dropout_schedule));
    if (!t->plain) memset(t->grad, 0, t->n_floats * sizeof *t->grad);
    for (int k = 0; k < t->n_members; k++) {
        double last = t->profile ? now() : 0;
        trainer_effective(t, k);
        for (int s = first; s < n_stages; s++) stages[s].kind->forward(t, stages[s].l, n, step, k);
        LAP(t, &last, forward);
        double one = (t->loss.kind == LOSS_CROSS_ENTROPY
                          ? loss_gradient(&batch, n, ld, t->h[last_layer], labels)
                          : loss_row((LossKind)t->loss.kind)->gradient(&batch, &truth, n, ld, t->h[last_layer]))
                   / t->n_members;
        if (t->n_members > 1)
            floats_scale((size_t)n * (size_t)ld, 1.0f / (float)t->n_members,
                             t->h[last_layer]);
        LAP(t, &last, loss);
        loss += one;
        if (!isfinite(loss)) return loss;
        for (int s = n_stages - 1; s >= 0; s--) stages[s].kind->backward(t, stages[s].l, n, k);
        trainer_adjoint(t, k);
        LAP(t, &last, backward);
    }
    return loss;
}

/* ---- the weights ---- */

double trainer_penalty(Trainer *t)
{
    double sum = 0;
    if (t->options.l1 == 0 && t->options.l2 == 0) return 0;
    for (int i = 0; i < t->n_groups; i++) {
        const ParamGroup *group = &t->groups[i];
        if (group->weights)
            sum += optimizer_penalty(group->n, t->params + group->at, t->grad + group->at,
                                     t->options.l1, t->options.l2);
    }
    return sum;
}

static void limit_norms(Trainer *t)
{
    Mlp mlp = t->mlp;
    mlp.params = t->params;
    for (int l = 0; l + 1 < t->mlp.n_layers; l++) {
        MlpLayer layer = mlp_layer(&mlp, l);
        optimizer_max_norm(t->mlp.width[l], t->mlp.width[l + 1], layer.ld, t->options.max_norm,
                           layer.w);
    }
}

/* The averaged weights follow: every few steps, with the memory of as many, since one pass over the
 * weights costs like a small layer. At first they remember less: the first weights mean nothing. */
static void follow(Trainer *t, long step)
{
    enum { EVERY = 4 };
    if (t->options.ema == 0 || (step + 1) % EVERY != 0) return;
    double memory = t->options.ema, early = (1 + (double)step) / (10 + (double)step);
    if (early < memory) memory = early;
    optimizer_ema(t->n_floats, pow(memory, EVERY), t->params, t->average);
}

double trainer_update(Trainer *t, double rate, long step)
{
    double last = t->profile ? now() : 0;
    const TrainOptions *o = &t->options;
    OptimizerStep s = {.kind = (OptimizerKind)o->optimizer, .nesterov = o->nesterov,
                       .momentum = o->momentum, .beta1 = o->beta1, .beta2 = o->beta2,
                       .rms_decay = o->rms_decay, .grad_scale = 1, .step = step + 1};
    if (o->clip_norm > 0) {
        double norm = sqrt(optimizer_sum_squares(t->n_floats, t->grad));
        if (norm > o->clip_norm) s.grad_scale = o->clip_norm / (norm + 1e-6);
    }
    if (o->optimizer == OPT_SCHEDULE_FREE) {
        t->schedule_free_sum += rate * rate;
        s.mix = t->schedule_free_sum > 0 ? rate * rate / t->schedule_free_sum : 1;
    }
    const double decay = rate * o->weight_decay * strength(t, o->decay_schedule);
    double squares = 0;
    for (int i = 0; i < t->n_groups; i++) {
        const ParamGroup *group = &t->groups[i];
        s.rate = rate * group->rate;
        s.epsilon = o->epsilon * group->epsilon;
        s.decay = group->weights ? decay : 0;
        squares += team_update(t->threads, &s, group->n, t->params + group->at,
                               t->grad + group->at, t->m ? t->m + group->at : NULL,
                               t->v ? t->v + group->at : NULL);
    }
    if (o->max_norm > 0) limit_norms(t);
    follow(t, step);
    LAP(t, &last, update);
    return sqrt(squares);
}

/* ---- where a run went wrong ---- */

static const char *kind_of(double x)
{
    return isnan(x) ? "nan" : x > 0 ? "inf" : "-inf";
}

/* The first number of (rows, columns) that is not finite, or 0. */
static double first_bad(const float *x, size_t rows, size_t columns, size_t ld)
{
    for (size_t r = 0; r < rows; r++)
        for (size_t j = 0; j < columns; j++)
            if (!isfinite(x[r * ld + j])) return x[r * ld + j];
    return 0;
}

/* The layer whose weights have the longest gradient. */
static int longest_layer(const Trainer *t)
{
    int longest = 0;
    double most = -1;
    for (int l = 0; l < t->mlp.n_layers; l++) {
        MlpLayer layer = mlp_layer(&t->mlp, l);
        double squares =
            optimizer_sum_squares((size_t)t->mlp.width[l] * (size_t)layer.ld,
                                  t->eff_grad + (layer.w - t->mlp.params));
        if (squares > most) most = squares, longest = l;
    }
    return longest;
}

void trainer_diagnose(const Trainer *t, int n, double loss, double norm, char *out, size_t size)
{
    double bad = t->n_ramps ? first_bad(t->hats.rows.value, 1, (size_t)t->hats.rows.start[n], 0)
                            : first_bad(t->x, (size_t)n, (size_t)t->mlp.width[0], (size_t)t->ld_x);
    if (bad != 0) {
        snprintf(out, size, "the input is %s", kind_of(bad));
        return;
    }
    for (int l = 0; l < t->mlp.n_layers; l++) {
        MlpLayer layer = mlp_layer(&t->mlp, l);
        size_t columns = (size_t)t->mlp.width[l + 1], ld = (size_t)layer.ld;
        const float *g = t->eff_grad + (layer.w - t->mlp.params);
        bool output = l + 1 == t->mlp.n_layers; /* its activations are the loss's gradient by now */
        bad = output && isfinite(loss) ? 0 : first_bad(t->h[l], (size_t)n, columns, ld);
        if (bad != 0) {
            snprintf(out, size, "layer %d: %s is %s", l + 1, output ? "logit" : "activation",
                     kind_of(bad));
            return;
        }
        if (!isfinite(loss)) continue;
        bad = first_bad(g, (size_t)t->mlp.width[l] + 1, columns, ld); /* the bias is the last row */
        if (bad != 0) {
            snprintf(out, size, "layer %d: gradient norm is %s", l + 1, kind_of(bad));
            return;
        }
    }
    if (!isfinite(loss))
        snprintf(out, size, "loss is %g", loss);
    else if (norm > TRAIN_EXPLODED)
        snprintf(out, size, "layer %d: gradient norm is %.3g, beyond %g", longest_layer(t) + 1, norm,
                 (double)TRAIN_EXPLODED);
    else
        snprintf(out, size, "gradient norm is %g", norm);
}
