/* A trainer made: its shape, its parameters in groups, and one plan of all its memory. */
#include <math.h>
#include <string.h>

#include "engine/layer.h"
#include "engine/teach.h"
#include "engine/trainer.h"
#include "engine/trainer_tile.h"

enum { SPARSE_WIDTH = 32 }; /* fewer inputs are never worth looking for zeros */

/* ---- the plan: the same walk counts and carves ---- */

static int widest(const Trainer *t)
{
    int most = t->ld_in > t->ld_x ? t->ld_in : t->ld_x;
    for (int l = 1; l <= t->mlp.n_layers; l++)
        if (mlp_pad(t->mlp.width[l]) > most) most = mlp_pad(t->mlp.width[l]);
    return most;
}

static size_t plan(Trainer *t, const Rows *shape, float *base)
{
    Carver carver = {.base = base};
    const TrainOptions *o = &t->options;
    size_t rows = (size_t)t->batch, n = t->n_floats;
    OptimizerKind kind = (OptimizerKind)o->optimizer;
    t->params = carver_take(&carver, n);
    t->grad = carver_take(&carver, n);
    t->m = optimizer_needs_m(kind, o->momentum) ? carver_take(&carver, n) : NULL;
    t->v = optimizer_needs_v(kind) ? carver_take(&carver, n) : NULL;
    t->average = o->ema > 0 || kind == OPT_SCHEDULE_FREE ? carver_take(&carver, n) : NULL;
    t->mlp.params = t->plain ? t->params : carver_take(&carver, t->mlp.n_floats);
    t->eff_grad = t->plain ? t->grad : carver_take(&carver, t->mlp.n_floats);
    t->x = t->n_ramps ? NULL : carver_take(&carver, rows * (size_t)t->ld_x);
    t->inputs = t->x; /* without an embedding, whose plan makes room for others */
    size_t words = t->skips_zeros ? (size_t)sparse_words(t->batch, t->mlp.width[0]) : 0;
    t->sparse_memory = words ? (uint32_t *)(void *)carver_take(&carver, words) : NULL;
    size_t weights = t->n_ramps ? (size_t)t->mlp.width[0] * (size_t)mlp_pad(t->mlp.width[1]) : 0;
    t->sums = weights ? carver_take(&carver, weights) : NULL;
    words = t->n_ramps ? ramps_words(shape, t->batch, true) : 0;
    t->hats.memory = words ? (uint32_t *)(void *)carver_take(&carver, words) : NULL;
    Stage stages[LAYER_MOST_STAGES];
    const int n_stages = layer_stages(&t->mlp, stages);
    for (int s = 0; s < n_stages; s++) stages[s].kind->plan(t, &carver, stages[s].l);
    t->skip = t->mlp.residual ? carver_take(&carver, rows * (size_t)widest(t)) : NULL;
    t->zeros = carver_take(&carver, (size_t)widest(t));
    t->class_weight = carver_take(&carver, (size_t)t->loss.n_classes);
    size_t n_targets = t->loss.task && !task_has_classes(t->loss.task) ? (size_t)t->loss.task->n_targets : 0;
    t->learned = n_targets ? carver_take(&carver, (size_t)t->n_rows * n_targets) : NULL;
    t->targets = n_targets ? carver_take(&carver, rows * n_targets) : NULL;
    bool mixes = o->mixup > 0 || o->cutmix > 0;
    size_t n_shares = t->taught && !n_targets ? (size_t)t->loss.n_classes : 0;
    t->aims = n_shares ? carver_take(&carver, (size_t)t->n_rows * n_shares) : NULL;
    t->soft = n_shares ? carver_take(&carver, rows * n_shares) : NULL;
    t->places = (n_targets || n_shares) && mixes ? (int32_t *)(void *)carver_take(&carver, rows) : NULL;
    t->copy = o->mixup > 0 || o->cutmix > 0 ? carver_take(&carver, rows * (size_t)t->ld_x) : NULL;
    t->labels2 = (int32_t *)(void *)carver_take(&carver, rows);
    int tile = widest(t) > TRAINER_TILE ? widest(t) : TRAINER_TILE;
    t->words = (uint32_t *)(void *)carver_take(&carver, (size_t)tile / 2);
    return carver.used;
}

/* ---- the parameters: the shipped network's, then the extras ---- */

/* Lays out params and says how the optimizer treats each part of it. */
static void lay_out(Trainer *t)
{
    Stage stages[LAYER_MOST_STAGES];
    const int n = layer_stages(&t->mlp, stages);
    t->n_floats = 0;
    t->n_groups = 0;
    for (int s = 0; s < n; s++) stages[s].kind->groups(t, stages[s].l);
    for (int s = 0; s < n; s++)
        if (stages[s].kind->extras) stages[s].kind->extras(t, stages[s].l);
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
                   .threads = 1, .lambda = 1, .taught = rows->soft != NULL};
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

/* Do the rows come as hats? What works on floats of all features takes those. */
static bool takes_ramps(const TrainOptions *o, const Rows *rows)
{
    return ramps_pay(rows) && o->input_dropout == 0 && o->mixup == 0 && o->cutmix == 0
        && !augment_is_on(&o->augment);
}

bool trainer_floats(const TrainOptions *options, const Rows *rows, int batch, Arena *arena, size_t *floats,
                    Error *err)
{
    Trainer t;
    if (!trainer_shape(options, rows, batch, arena, &t, err)) return false;
    t.n_ramps = takes_ramps(options, rows) ? rows->n_ramps : 0;
    t.skips_zeros = !t.n_ramps && !t.mlp.embed && rows->n_features >= SPARSE_WIDTH; /* it may */
    *floats = plan(&t, rows, NULL);
    return true;
}

void trainer_class_weights(ClassWeight kind, const Rows *rows, float *weight)
{
    /* balanced: n / (K n_c); sqrt_balanced: its root. Scaling to mean 1 over the rows keeps the
     * step size comparable, and needs no factor n / K in the first place. */
    double sum = 0;
    for (int c = 0; c < rows->n_classes; c++) weight[c] = 0;
    double all = rows->n_rows;
    for (int i = 0; !rows->weight && i < rows->n_rows; i++) weight[rows->labels[i]]++;
    if (rows->weight) {
        all = 0;
        for (int i = 0; i < rows->n_rows; i++) {
            weight[rows->labels[i]] += rows->weight[i];
            all += (double)rows->weight[i];
        }
    }
    for (int c = 0; c < rows->n_classes; c++) {
        double count = weight[c];
        double w = count == 0 || kind == CLASS_WEIGHT_NONE ? 1
                 : kind == CLASS_WEIGHT_BALANCED           ? 1 / count
                                                           : 1 / sqrt(count);
        weight[c] = (float)w;
        sum += w * count;
    }
    for (int c = 0; c < rows->n_classes; c++)
        weight[c] = (float)(weight[c] * all / sum);
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

/* The targets as the network learns them, worked out once, a teacher's word in them. */
static void learn_targets(Trainer *t, const Rows *rows)
{
    const Task *task = t->loss.task;
    for (int i = 0; t->learned && i < rows->n_rows; i++)
        for (int k = 0; k < task->n_targets; k++) {
            size_t at = (size_t)i * (size_t)task->n_targets + (size_t)k;
            t->learned[at] = (float)task_learned(task, k, (LossKind)t->loss.kind,
                                                 teach_target(&t->options, rows, i, k));
        }
    for (int b = 0; t->places && b < t->batch; b++) t->places[b] = b;
}

size_t trainer_weight_bytes(const Rows *rows, int batch)
{
    return rows->weight ? ((size_t)rows->n_rows + 3 * (size_t)batch) * sizeof(float) + 4 * 64 : 0;
}

/* Scaled to mean 1, so that losses and steps are comparable. */
static bool weigh_rows(Trainer *t, const Rows *rows, Arena *arena, Error *err)
{
    double sum = 0;
    if (!rows->weight) return true;
    t->row_weight = ARENA_NEW(arena, float, rows->n_rows);
    t->weight = ARENA_NEW(arena, float, t->batch);
    t->weight2 = ARENA_NEW(arena, float, t->batch);
    if (!t->places) t->places = ARENA_NEW(arena, int32_t, t->batch);
    if (!t->row_weight || !t->weight || !t->weight2 || !t->places) return error_memory(err);
    for (int i = 0; i < rows->n_rows; i++) sum += (double)rows->weight[i];
    for (int i = 0; i < rows->n_rows; i++)
        t->row_weight[i] = (float)((double)rows->weight[i] * rows->n_rows / sum);
    return true;
}

bool trainer_create(const TrainOptions *options, const Rows *rows, uint64_t seed, uint32_t stream,
                    Arena *arena, Trainer **out, Error *err)
{
    int batch = train_batch(options, rows->n_rows);
    Trainer *t = ARENA_NEW(arena, Trainer, 1);
    if (!t) return error_memory(err);
    if (!trainer_shape(options, rows, batch, arena, t, err)) return false;
    t->n_ramps = takes_ramps(options, rows) ? rows->n_ramps : 0;
    t->ramp = rows->ramp;
    t->skips_zeros = !t->n_ramps && !t->mlp.embed && mostly_zero(rows);
    float *block = ARENA_NEW(arena, float, plan(t, rows, NULL));
    bool images = !rows->x && augment_is_on(&options->augment);
    if (block && images)
        t->augment = ARENA_NEW(arena, float,
                               augment_scratch_floats(rows->height, rows->width) +
                                   augment_pool_floats(&options->augment, rows->height, rows->width));
    if (!block || (images && !t->augment)) return error_memory(err);
    plan(t, rows, block);
    Rng fields = rng_stream(rng_mix(seed, UINT64_MAX), stream, RNG_AUGMENT);
    if (images)
        augment_fill_pool(&options->augment, rows->height, rows->width, &fields, t->augment);
    t->seed = seed;
    t->stream = stream;
    if (!weigh_rows(t, rows, arena, err)) return false;
    learn_targets(t, rows);
    teach_aims(t, rows);
    if (options->class_weight != CLASS_WEIGHT_NONE && rows->labels) {
        trainer_class_weights((ClassWeight)options->class_weight, rows, t->class_weight);
        t->loss.class_weight = t->class_weight;
    }
    if (!trainer_init(t, rows, arena, err)) return false;
    *out = t;
    return true;
}
