#include "engine/train_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/mat.h"

/* Floats a fused pass works on at a time: what stays in the first-level cache between bias,
 * activation and dropout. */
enum { TILE = 4096 };

/* ---- the plan of the workspace: the same walk counts and carves ---- */

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

static int tile_floats(const Trainer *t)
{
    int most = t->ld_x > TILE ? t->ld_x : TILE;
    for (int l = 0; l < t->mlp.n_layers; l++)
        if (mlp_pad(t->mlp.width[l + 1]) > most) most = mlp_pad(t->mlp.width[l + 1]);
    return most;
}

static size_t plan(Trainer *t, float *base)
{
    Carver carver = {.base = base};
    const TrainOptions *o = &t->options;
    size_t rows = (size_t)t->batch, n = t->mlp.n_floats;
    OptimizerKind kind = (OptimizerKind)o->optimizer;
    t->mlp.params = take(&carver, n);
    t->grad = take(&carver, n);
    t->m = optimizer_needs_m(kind, o->momentum) ? take(&carver, n) : NULL;
    t->v = optimizer_needs_v(kind) ? take(&carver, n) : NULL;
    t->x = take(&carver, rows * (size_t)t->ld_x);
    for (int l = 0; l < t->mlp.n_layers; l++) {
        size_t size = rows * (size_t)mlp_pad(t->mlp.width[l + 1]);
        bool hidden = l + 1 < t->mlp.n_layers;
        t->h[l] = take(&carver, size);
        t->d[l] = hidden && t->mlp.activation != ACT_RELU ? take(&carver, size) : NULL;
        t->g[l] = hidden ? take(&carver, size) : t->h[l]; /* the loss works in place */
    }
    t->class_weight = take(&carver, (size_t)t->loss.n_classes);
    t->words = (uint32_t *)(void *)take(&carver, (size_t)tile_floats(t) / 2);
    return carver.used;
}

static bool in_range(double x, double low, double high) { return x >= low && x <= high; }

/* What the table of options would have refused, for callers that build the record themselves. */
static bool check_options(const TrainOptions *o, Error *err)
{
    const char *wrong = NULL;
    if (!(o->learning_rate > 0 && isfinite(o->learning_rate))) wrong = "learning_rate";
    if (o->batch_size < 1) wrong = "batch_size";
    if (o->epochs < 1) wrong = "epochs";
    if (!in_range(o->dropout, 0, 0.999)) wrong = "dropout";
    if (!in_range(o->input_dropout, 0, 0.999)) wrong = "input_dropout";
    if (!in_range(o->label_smoothing, 0, 1)) wrong = "label_smoothing";
    if (!in_range(o->beta1, 0, 0.9999999)) wrong = "beta1";
    if (!in_range(o->beta2, 0, 0.9999999)) wrong = "beta2";
    if (!in_range(o->rms_decay, 0, 0.9999999)) wrong = "rms_decay";
    if (!(o->lr_step_epochs > 0)) wrong = "lr_step_epochs";
    if (!(o->warmup_epochs >= 0)) wrong = "warmup_epochs";
    if (!(o->l1 >= 0)) wrong = "l1";
    if (!(o->l2 >= 0)) wrong = "l2";
    if (!(o->weight_decay >= 0)) wrong = "weight_decay";
    if (!(o->clip_norm >= 0)) wrong = "clip_norm";
    if (wrong) return error_set(err, ERR_INVALID, "train.%s has a value that cannot be", wrong);
    return true;
}

static bool trainer_shape(const TrainOptions *options, int n_features, int n_classes, int batch,
                          Trainer *t, Error *err)
{
    int hidden[FIELD_LIST_MAX], n_hidden;
    if (!check_options(options, err) || !train_hidden(options, hidden, &n_hidden, err))
        return false;
    *t = (Trainer){.options = *options, .batch = batch};
    if (!mlp_shape(n_features, hidden, n_hidden, n_classes, (Activation)options->activation,
                   &t->mlp, err))
        return false;
    t->ld_x = mlp_pad(n_features);
    t->loss = (Loss){.n_classes = n_classes, .smoothing = (float)options->label_smoothing};
    t->drop_input = dropout_make(options->input_dropout);
    t->drop_hidden = dropout_make(options->dropout);
    return true;
}

bool trainer_floats(const TrainOptions *options, int n_features, int n_classes, int batch,
                    size_t *floats, Error *err)
{
    Trainer t;
    if (!trainer_shape(options, n_features, n_classes, batch, &t, err)) return false;
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

/* ---- first weights ---- */

static void init_layer(Trainer *t, int l)
{
    MlpLayer layer = mlp_layer(&t->mlp, l);
    int in = t->mlp.width[l], out = t->mlp.width[l + 1];
    InitKind kind = (InitKind)t->options.init;
    if (kind == INIT_AUTO) {
        Activation f = t->mlp.activation;
        bool last = l + 1 == t->mlp.n_layers; /* linear: neither He's nor LeCun's argument holds */
        kind = last || f == ACT_TANH || f == ACT_SIGMOID ? INIT_GLOROT
             : f == ACT_SELU                             ? INIT_LECUN
                                                         : INIT_HE;
    }
    Rng rng = rng_stream(rng_mix(t->seed, (uint64_t)l), t->stream, RNG_INIT);
    double spread = kind == INIT_GLOROT ? sqrt(6.0 / ((double)in + out))
                  : kind == INIT_HE     ? sqrt(2.0 / in)
                                        : sqrt(1.0 / in);
    for (int i = 0; i < in; i++) {
        float *row = layer.w + (size_t)i * (size_t)layer.ld;
        for (int j = 0; j < out; j++)
            row[j] = (float)(spread * (kind == INIT_GLOROT ? 2 * rng_uniform(&rng) - 1
                                                           : rng_normal(&rng)));
    }
}

bool trainer_create(const TrainOptions *options, const Rows *rows, uint64_t seed, uint32_t stream,
                    Arena *arena, Trainer **out, Error *err)
{
    int batch = options->batch_size < rows->n_rows ? options->batch_size : rows->n_rows;
    Trainer shape;
    if (!trainer_shape(options, rows->n_features, rows->n_classes, batch, &shape, err))
        return false;
    Trainer *t = ARENA_NEW(arena, Trainer, 1);
    float *block = t ? ARENA_NEW(arena, float, plan(&shape, NULL)) : NULL;
    bool images = !rows->x && augment_is_on(&options->augment);
    float *augment = NULL;
    if (block && images)
        augment = ARENA_NEW(arena, float, augment_scratch_floats(rows->height, rows->width));
    if (!block || (images && !augment)) return error_memory(err);
    *t = shape;
    plan(t, block);
    t->augment = augment;
    t->seed = seed;
    t->stream = stream;
    if (options->class_weight != CLASS_WEIGHT_NONE) {
        trainer_class_weights((ClassWeight)options->class_weight, rows, t->class_weight);
        t->loss.class_weight = t->class_weight;
    }
    for (int l = 0; l < t->mlp.n_layers; l++) init_layer(t, l);
    *out = t;
    return true;
}

/* ---- a step ---- */

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

static Rng mask_stream(const Trainer *t, long step, int layer)
{
    uint64_t key = rng_mix(rng_mix(t->seed, (uint64_t)step), (uint64_t)layer);
    return rng_stream(key, t->stream, RNG_DROPOUT);
}

void trainer_gather(Trainer *t, const Rows *rows, const int32_t *index, int n, long step)
{
    double last = t->profile ? now() : 0;
    const Augment *augment = augment_is_on(&t->options.augment) ? &t->options.augment : NULL;
    Rng rng = rng_stream(rng_mix(t->seed, (uint64_t)step), t->stream, RNG_AUGMENT);
    rows_gather(rows, index, 0, n, augment, &rng, t->augment, t->x, t->ld_x);
    if (t->drop_input.threshold) {
        int tile = TILE / t->ld_x > 1 ? TILE / t->ld_x : 1;
        Rng mask = mask_stream(t, step, 0);
        for (int r = 0; r < n; r += tile) {
            size_t size = (size_t)(n - r < tile ? n - r : tile) * (size_t)t->ld_x;
            rng_fill(&mask, t->words, size / 2);
            activation_drop(t->drop_input, size, t->words, t->x + (size_t)r * (size_t)t->ld_x, NULL);
        }
    }
    LAP(t, &last, gather);
}

/* Bias, activation, slope and dropout of layer l, tile by tile. */
static void activate(Trainer *t, int l, int n, long step)
{
    MlpLayer layer = mlp_layer(&t->mlp, l);
    int tile = TILE / layer.ld > 1 ? TILE / layer.ld : 1;
    Rng mask = mask_stream(t, step, l + 1);
    for (int r = 0; r < n; r += tile) {
        int rows = n - r < tile ? n - r : tile;
        size_t at = (size_t)r * (size_t)layer.ld, size = (size_t)rows * (size_t)layer.ld;
        float *h = t->h[l] + at, *d = t->d[l] ? t->d[l] + at : NULL;
        activation_forward(t->mlp.activation, rows, layer.ld, layer.b, h, d);
        if (t->drop_hidden.threshold) {
            rng_fill(&mask, t->words, size / 2);
            activation_drop(t->drop_hidden, size, t->words, h, d);
        }
    }
}

void trainer_forward(Trainer *t, int n, long step)
{
    double last = t->profile ? now() : 0;
    const float *in = t->x;
    int ld_in = t->ld_x;
    for (int l = 0; l < t->mlp.n_layers; l++) {
        MlpLayer layer = mlp_layer(&t->mlp, l);
        mat_mul(false, false, n, layer.ld, t->mlp.width[l], 1, in, ld_in, layer.w, layer.ld, 0,
                t->h[l], layer.ld);
        if (l + 1 < t->mlp.n_layers)
            activate(t, l, n, step);
        else
            activation_bias(n, layer.ld, layer.b, t->h[l]);
        in = t->h[l];
        ld_in = layer.ld;
    }
    LAP(t, &last, forward);
}

double trainer_backward(Trainer *t, int n, const int32_t *labels)
{
    double last = t->profile ? now() : 0;
    const int n_layers = t->mlp.n_layers;
    double loss = loss_gradient(&t->loss, n, mlp_layer(&t->mlp, n_layers - 1).ld,
                                t->g[n_layers - 1], labels);
    LAP(t, &last, loss);
    if (!isfinite(loss)) return loss;
    for (int l = n_layers - 1; l >= 0; l--) {
        MlpLayer layer = mlp_layer(&t->mlp, l);
        float *dw = t->grad + (layer.w - t->mlp.params), *db = t->grad + (layer.b - t->mlp.params);
        const float *in = l > 0 ? t->h[l - 1] : t->x;
        int ld_in = l > 0 ? mlp_pad(t->mlp.width[l]) : t->ld_x;
        bool hidden = l + 1 < n_layers;
        if (hidden && !t->d[l])
            activation_backward_relu(n, layer.ld, t->h[l], t->drop_hidden.scale, t->g[l], db);
        else
            activation_backward(n, layer.ld, t->d[l], t->g[l], db);
        mat_mul(true, false, t->mlp.width[l], layer.ld, n, 1, in, ld_in, t->g[l], layer.ld, 0, dw,
                layer.ld);
        if (l > 0)
            mat_mul(false, true, n, t->mlp.width[l], layer.ld, 1, t->g[l], layer.ld, layer.w,
                    layer.ld, 0, t->g[l - 1], ld_in);
    }
    LAP(t, &last, backward);
    return loss;
}

double trainer_penalty(Trainer *t)
{
    double sum = 0;
    if (t->options.l1 == 0 && t->options.l2 == 0) return 0;
    for (int l = 0; l < t->mlp.n_layers; l++) {
        MlpLayer layer = mlp_layer(&t->mlp, l);
        sum += optimizer_penalty((size_t)t->mlp.width[l] * (size_t)layer.ld, layer.w,
                                 t->grad + (layer.w - t->mlp.params), t->options.l1,
                                 t->options.l2);
    }
    return sum;
}

double trainer_update(Trainer *t, double rate, long step)
{
    double last = t->profile ? now() : 0;
    const TrainOptions *o = &t->options;
    OptimizerStep s = {.kind = (OptimizerKind)o->optimizer, .nesterov = o->nesterov, .rate = rate,
                       .momentum = o->momentum, .beta1 = o->beta1, .beta2 = o->beta2,
                       .rms_decay = o->rms_decay, .epsilon = o->epsilon, .grad_scale = 1,
                       .step = step + 1};
    if (o->clip_norm > 0) {
        double norm = sqrt(optimizer_sum_squares(t->mlp.n_floats, t->grad));
        if (norm > o->clip_norm) s.grad_scale = o->clip_norm / (norm + 1e-6);
    }
    double squares = 0;
    for (int l = 0; l < t->mlp.n_layers; l++) {
        MlpLayer layer = mlp_layer(&t->mlp, l);
        size_t w = (size_t)(layer.w - t->mlp.params), b = (size_t)(layer.b - t->mlp.params);
        s.weight_decay = o->weight_decay;
        squares += optimizer_update(&s, b - w, layer.w, t->grad + w, t->m ? t->m + w : NULL,
                                    t->v ? t->v + w : NULL);
        s.weight_decay = 0;
        squares += optimizer_update(&s, (size_t)layer.ld, layer.b, t->grad + b,
                                    t->m ? t->m + b : NULL, t->v ? t->v + b : NULL);
    }
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

void trainer_diagnose(const Trainer *t, int n, double loss, double norm, char *out, size_t size)
{
    double bad = first_bad(t->x, (size_t)n, (size_t)t->mlp.width[0], (size_t)t->ld_x);
    if (bad != 0) {
        snprintf(out, size, "the input is %s", kind_of(bad));
        return;
    }
    for (int l = 0; l < t->mlp.n_layers; l++) {
        MlpLayer layer = mlp_layer(&t->mlp, l);
        size_t columns = (size_t)t->mlp.width[l + 1], ld = (size_t)layer.ld;
        const float *g = t->grad + (layer.w - t->mlp.params);
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
    if (isfinite(loss))
        snprintf(out, size, "gradient norm is %g", norm);
    else
        snprintf(out, size, "loss is %g", loss);
}
