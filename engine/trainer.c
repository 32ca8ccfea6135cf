/* A trainer made: its shape, its parameters in groups, and one plan of all its memory. */
#include <math.h>
#include <string.h>

#include "engine/norm.h"
#include "engine/trainer.h"
#include "engine/trainer_tile.h"

enum { SPARSE_WIDTH = 32 }; /* fewer inputs are never worth looking for zeros */

/* ---- the plan: the same walk counts and carves ---- */

typedef struct {
    float *base; /* NULL: only count */
    size_t used;
} Carver;

static float *take(Carver *carver, size_t n)
{
    float *at = carver->base ? carver->base + carver->used : NULL;
    carver->used += (n + MLP_PAD - 1) / MLP_PAD * MLP_PAD;
    return at;
}

static int widest(const Trainer *t)
{
    int most = t->ld_in > t->ld_x ? t->ld_in : t->ld_x;
    for (int l = 1; l <= t->mlp.n_layers; l++)
        if (mlp_pad(t->mlp.width[l]) > most) most = mlp_pad(t->mlp.width[l]);
    return most;
}

/* The activations of layer l and what its backward pass needs of them. */
static void plan_layer(Trainer *t, Carver *carver, int l)
{
    size_t rows = (size_t)t->batch, ld = (size_t)mlp_pad(t->mlp.width[l + 1]), size = rows * ld;
    bool hidden = l + 1 < t->mlp.n_layers;
    NormKind norm = hidden ? (NormKind)t->options.norm : NORM_NONE;
    t->h[l] = take(carver, size);
    /* The slope of ReLU is readable from its output, unless something was added to that. */
    bool readable = t->mlp.activation == ACT_RELU && !mlp_skips(&t->mlp, l);
    t->d[l] = hidden && !readable ? take(carver, size) : NULL;
    t->g[l] = hidden ? take(carver, size) : t->h[l]; /* the loss works in place */
    t->z_hat[l] = norm != NORM_NONE ? take(carver, size) : NULL;
    t->spread[l] = norm != NORM_NONE ? take(carver, rows > ld ? rows : ld) : NULL;
    t->running[l] = norm == NORM_BATCH ? take(carver, 2 * ld * (size_t)t->n_members) : NULL;
}

static size_t plan(Trainer *t, float *base)
{
    Carver carver = {.base = base};
    const TrainOptions *o = &t->options;
    const Embed *embed = t->mlp.embed;
    size_t rows = (size_t)t->batch, n = t->n_floats;
    OptimizerKind kind = (OptimizerKind)o->optimizer;
    t->params = take(&carver, n);
    t->grad = take(&carver, n);
    t->m = optimizer_needs_m(kind, o->momentum) ? take(&carver, n) : NULL;
    t->v = optimizer_needs_v(kind) ? take(&carver, n) : NULL;
    t->average = o->ema > 0 || kind == OPT_SCHEDULE_FREE ? take(&carver, n) : NULL;
    t->mlp.params = t->plain ? t->params : take(&carver, t->mlp.n_floats);
    t->eff_grad = t->plain ? t->grad : take(&carver, t->mlp.n_floats);
    t->x = take(&carver, rows * (size_t)t->ld_x);
    t->inputs = embed ? take(&carver, rows * (size_t)t->ld_in) : t->x;
    size_t words = t->skips_zeros ? (size_t)sparse_words(t->batch, t->mlp.width[0]) : 0;
    t->sparse_memory = words ? (uint32_t *)(void *)take(&carver, words) : NULL;
    t->d_inputs = embed ? take(&carver, rows * (size_t)t->ld_in) : NULL;
    t->keep = embed && t->drop_input.threshold ? take(&carver, rows * (size_t)t->ld_in) : NULL;
    for (int l = 0; l < t->mlp.n_layers; l++) plan_layer(t, &carver, l);
    t->skip = t->mlp.residual ? take(&carver, rows * (size_t)widest(t)) : NULL;
    t->zeros = take(&carver, (size_t)widest(t));
    t->class_weight = take(&carver, (size_t)t->loss.n_classes);
    size_t n_targets = t->loss.task && !task_has_classes(t->loss.task) ? (size_t)t->loss.task->n_targets : 0;
    t->learned = n_targets ? take(&carver, (size_t)t->n_rows * n_targets) : NULL;
    t->targets = n_targets ? take(&carver, rows * n_targets) : NULL;
    bool mixes = o->mixup > 0 || o->cutmix > 0;
    t->places = n_targets && mixes ? (int32_t *)(void *)take(&carver, rows) : NULL;
    t->copy = o->mixup > 0 || o->cutmix > 0 ? take(&carver, rows * (size_t)t->ld_x) : NULL;
    t->labels2 = (int32_t *)(void *)take(&carver, rows);
    int tile = widest(t) > TRAINER_TILE ? widest(t) : TRAINER_TILE;
    t->words = (uint32_t *)(void *)take(&carver, (size_t)tile / 2);
    return carver.used;
}

/* ---- the parameters: the shipped network's, then the extras ---- */

static void add_group(Trainer *t, size_t at, size_t n, double rate, double epsilon, bool weights)
{
    t->groups[t->n_groups++] = (ParamGroup){at, n, rate, epsilon, weights};
}

static size_t add_extra(Trainer *t, size_t n, double rate)
{
    size_t at = t->n_floats;
    t->n_floats += n;
    add_group(t, at, n, rate, 1, false);
    return at;
}

/* Lays out params and says how the optimizer treats each part of it. Adam does not see the scale of
 * a gradient, so a network written as z = x W~ / sqrt(K) ("ntk") is an ordinary one whose weights
 * have a rate of 1 / sqrt(K) and an epsilon of sqrt(K). */
static void lay_out(Trainer *t)
{
    const TrainOptions *o = &t->options;
    const size_t m = (size_t)t->n_members;
    t->n_floats = 0;
    t->n_groups = 0;
    if (t->mlp.embed) {
        add_group(t, 0, t->mlp.embed->n_floats, o->embed_lr, 1, false);
        t->n_floats = t->mlp.embed->n_floats;
    }
    for (int l = 0; l < t->mlp.n_layers; l++) {
        size_t in = (size_t)t->mlp.width[l], ld = (size_t)mlp_pad(t->mlp.width[l + 1]);
        double root = o->lr_scaling == LR_NTK ? sqrt((double)in) : 1;
        double layer = l == 0 ? o->first_layer_lr : 1;
        add_group(t, t->n_floats, in * ld, layer / root, root, true);
        add_group(t, t->n_floats + in * ld, ld, layer * o->bias_lr, 1, false);
        t->n_floats += (in + 1) * ld;
        if (t->mlp.layer_norm && l + 1 < t->mlp.n_layers) {
            add_group(t, t->n_floats, 2 * ld, 1, 1, false);
            t->n_floats += 2 * ld;
        }
    }
    for (int l = 0; l < t->mlp.n_layers; l++) {
        LayerExtras *extras = &t->extras[l];
        size_t in = (size_t)mlp_pad(t->mlp.width[l]), ld = (size_t)mlp_pad(t->mlp.width[l + 1]);
        *extras = (LayerExtras){0};
        if (l == 0 && o->input_scaling) extras->scale = add_extra(t, in, o->scaling_lr);
        if (m > 1) {
            extras->r = add_extra(t, m * in, 1);
            extras->s = add_extra(t, m * ld, 1);
            extras->b = add_extra(t, m * ld, o->bias_lr * (l == 0 ? o->first_layer_lr : 1));
        }
        if (o->norm == NORM_BATCH && l + 1 < t->mlp.n_layers) {
            extras->gain = add_extra(t, ld, 1);
            extras->shift = add_extra(t, ld, 1);
        }
    }
}

/* ---- checks ---- */

/* The table of options decides, also for callers that build the record themselves. */
static bool check_options(const TrainOptions *o, Error *err)
{
    const char *wrong = field_misfit(&train_fields, o);
    if (wrong) return error_set(err, ERR_INVALID, "train.%s has a value that cannot be", wrong);
    if (o->optimizer == OPT_SCHEDULE_FREE && o->ema > 0)
        return error_set(err, ERR_CONFIG,
                         "train: the optimizer schedule_free averages the weights itself; set ema: 0");
    if (o->optimizer == OPT_SCHEDULE_FREE && o->beta1 == 0)
        return error_set(err, ERR_CONFIG, "train: schedule_free needs a beta1 above 0; 0.9 is usual");
    return true;
}

bool trainer_mlp_shape(const TrainOptions *options, const Rows *rows, Arena *arena, Mlp *out, Error *err)
{
    LossKind loss;
    int hidden[FIELD_LIST_MAX], n_hidden;
    const EmbedOptions embed_options = {options->embed_frequencies, options->embed_size,
                                        options->category_size, options->embed_sigma};
    Embed *embed = NULL;
    if (!train_hidden(options, hidden, &n_hidden, err) || !task_loss(rows->task, (LossKind)options->loss, &loss,
                                                                     err))
        return false;
    if (rows->feature && !embed_make(&embed_options, rows->feature, rows->n_features, arena, &embed, err))
        return false;
    Mlp mlp;
    int n_in = embed ? embed->n_inputs : rows->n_features;
    if (!mlp_shape(n_in, hidden, n_hidden, rows_outputs(rows), (Activation)options->activation, &mlp, err))
        return false;
    mlp.embed = embed;
    mlp.link = loss_row(loss)->link;
    mlp.layer_norm = options->norm == NORM_LAYER;
    mlp.residual = options->residual;
    if (!mlp_measure(&mlp, err)) return false;
    *out = mlp;
    return true;
}

static bool has_codes(const Embed *embed)
{
    for (int j = 0; embed && j < embed->n_features; j++)
        if (embed->feature[j] > 0) return true;
    return false;
}

static bool trainer_shape(const TrainOptions *options, const Rows *rows, int batch, Arena *arena, Trainer *t,
                          Error *err)
{
    LossKind loss;
    if (!check_options(options, err)) return false;
    *t = (Trainer){.options = *options, .batch = batch, .n_members = options->members, .n_rows = rows->n_rows,
                   .threads = 1, .lambda = 1};
    if (!trainer_mlp_shape(options, rows, arena, &t->mlp, err)
        || !task_loss(rows->task, (LossKind)options->loss, &loss, err))
        return false;
    if (options->mixup > 0 && has_codes(t->mlp.embed))
        return error_set(err, ERR_CONFIG,
                         "train.mixup cannot mix categories that are embedded; use "
                         "`categorical: onehot`, or cutmix");
    t->plain = options->members == 1 && !options->input_scaling;
    t->ld_x = mlp_pad(rows->n_features);
    t->ld_in = mlp_pad(t->mlp.width[0]);
    t->loss = (Loss){.n_classes = rows->n_classes, .task = rows->task, .kind = loss,
                     .delta = (float)options->huber_delta,
                     .smoothing = (float)options->label_smoothing,
                     .focal_gamma = (float)options->focal_gamma};
    t->drop_input = dropout_make(options->input_dropout);
    t->drop_hidden = dropout_make(options->dropout);
    lay_out(t);
    return true;
}

bool trainer_floats(const TrainOptions *options, const Rows *rows, int batch, Arena *arena, size_t *floats,
                    Error *err)
{
    Trainer t;
    if (!trainer_shape(options, rows, batch, arena, &t, err)) return false;
    t.skips_zeros = !t.mlp.embed && rows->n_features >= SPARSE_WIDTH; /* it may */
    *floats = plan(&t, NULL);
    return true;
}

void trainer_class_weights(ClassWeight kind, const Rows *rows, float *weight)
{
    /* balanced: n / (K n_c); sqrt_balanced: its root. Scaling to mean 1 over the rows keeps the
     * step size comparable, and needs no factor n / K in the first place. */
    double sum = 0;
    for (int c = 0; c < rows->n_classes; c++) weight[c] = 0;
    for (int i = 0; i < rows->n_rows; i++) weight[rows->labels[i]]++;
    for (int c = 0; c < rows->n_classes; c++) {
        double count = weight[c];
        double w = count == 0 || kind == CLASS_WEIGHT_NONE ? 1
                 : kind == CLASS_WEIGHT_BALANCED           ? 1 / count
                                                           : 1 / sqrt(count);
        weight[c] = (float)w;
        sum += w * count;
    }
    for (int c = 0; c < rows->n_classes; c++)
        weight[c] = (float)(weight[c] * (double)rows->n_rows / sum);
}

/* Are so many inputs of these rows 0 that it pays to skip them? From the first rows alone: rows come
 * in no order that matters here. */
static bool mostly_zero(const Rows *rows)
{
    enum { LOOK = 256 };
    const int n = rows->n_rows < LOOK ? rows->n_rows : LOOK, width = rows->n_features;
    long zeros = 0;
    if (width < SPARSE_WIDTH) return false;
    for (int i = 0; i < n; i++) zeros += rows_zeros(rows, i);
    return (double)zeros > TRAINER_SPARSE * (double)n * width;
}

/* The targets as the network learns them, worked out once. */
static void learn_targets(Trainer *t, const Rows *rows)
{
    const Task *task = t->loss.task;
    for (int i = 0; t->learned && i < rows->n_rows; i++)
        for (int k = 0; k < task->n_targets; k++) {
            size_t at = (size_t)i * (size_t)task->n_targets + (size_t)k;
            t->learned[at] = (float)task_learned(task, k, (LossKind)t->loss.kind, rows->targets[at]);
        }
    for (int b = 0; t->places && b < t->batch; b++) t->places[b] = b;
}

int trainer_batch(const TrainOptions *options, const Rows *rows)
{
    enum { STEPS = 8, LEAST = 16 };
    const bool numbers = rows->task && rows->task->kind == TASK_NUMBERS;
    int most = numbers ? rows->n_rows / STEPS : rows->n_rows;
    if (numbers && most < LEAST) most = LEAST < rows->n_rows ? LEAST : rows->n_rows;
    return options->batch_size < most ? options->batch_size : most;
}

bool trainer_create(const TrainOptions *options, const Rows *rows, uint64_t seed, uint32_t stream,
                    Arena *arena, Trainer **out, Error *err)
{
    int batch = trainer_batch(options, rows);
    Trainer *t = ARENA_NEW(arena, Trainer, 1);
    if (!t) return error_memory(err);
    if (!trainer_shape(options, rows, batch, arena, t, err)) return false;
    t->skips_zeros = !t->mlp.embed && mostly_zero(rows);
    float *block = ARENA_NEW(arena, float, plan(t, NULL));
    bool images = !rows->x && augment_is_on(&options->augment);
    if (block && images)
        t->augment = ARENA_NEW(arena, float,
                               augment_scratch_floats(rows->height, rows->width) +
                                   augment_pool_floats(&options->augment, rows->height, rows->width));
    if (!block || (images && !t->augment)) return error_memory(err);
    plan(t, block);
    Rng fields = rng_stream(rng_mix(seed, UINT64_MAX), stream, RNG_AUGMENT);
    if (images)
        augment_fill_pool(&options->augment, rows->height, rows->width, &fields, t->augment);
    t->seed = seed;
    t->stream = stream;
    learn_targets(t, rows);
    if (options->class_weight != CLASS_WEIGHT_NONE && rows->labels) {
        trainer_class_weights((ClassWeight)options->class_weight, rows, t->class_weight);
        t->loss.class_weight = t->class_weight;
    }
    if (!trainer_init(t, rows, arena, err)) return false;
    *out = t;
    return true;
}
