#include "engine/train.h"

#include <assert.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "engine/schedule.h"
#include "engine/train_internal.h"

/* Everything of one run besides the trainer; carved before the first step. */
typedef struct {
    const TrainOptions *options;
    const TrainRun *run;
    const Rows *train, *valid; /* valid NULL: none */
    Trainer *trainer;
    int32_t *order;      /* (n_train) this epoch's order of rows */
    int32_t *labels;     /* (B) of the batch */
    float *block, *work; /* validation: gathered rows, activations */
    float *proba;        /* (n_valid, K) of this epoch */
    Metrics metrics;
    void *scratch;       /* of the metrics */
    EpochRecord *curve;
    float *best_params, *best_proba;
    double best_score, record_score; /* record: the score that patience counts from */
    int best_epoch, record_epoch;
    long steps_per_epoch;
    char why[200];
} Run;

static bool check_rows(const TrainOptions *options, const Rows *train, const Rows *valid,
                       Error *err)
{
    if (train->n_rows < 1) return error_set(err, ERR_INVALID, "there are no training rows");
    if (train->n_classes < 2)
        return error_set(err, ERR_INVALID, "%d class to tell apart; at least 2 are needed",
                         train->n_classes);
    if (!train->labels) return error_set(err, ERR_INVALID, "the training rows have no labels");
    for (int i = 0; i < train->n_rows; i++)
        if (train->labels[i] < 0 || train->labels[i] >= train->n_classes)
            return error_set(err, ERR_INVALID, "training row %d has no usable label (%d of %d)",
                             i, (int)train->labels[i], train->n_classes);
    if (valid && (valid->n_features != train->n_features || valid->n_classes != train->n_classes))
        return error_set(err, ERR_INVALID,
                         "validation rows of %d features and %d classes, training rows of %d and "
                         "%d", valid->n_features, valid->n_classes, train->n_features,
                         train->n_classes);
    if (valid && !valid->labels)
        return error_set(err, ERR_INVALID, "the validation rows have no labels");
    for (int i = 0; valid && i < valid->n_rows; i++)
        if (valid->labels[i] < -1 || valid->labels[i] >= valid->n_classes)
            return error_set(err, ERR_INVALID, "validation row %d has label %d of %d", i,
                             (int)valid->labels[i], valid->n_classes);
    double steps = (double)options->epochs * (double)train->n_rows;
    if (steps > 1e15) return error_set(err, ERR_INVALID, "%g steps are too many", steps);
    return true;
}

static size_t proba_floats(const Rows *valid)
{
    return valid ? (size_t)valid->n_rows * (size_t)valid->n_classes : 0;
}

/* Carves what the run needs; also fills the parts of `r` that do not change. */
static bool run_create(Run *r, Arena *arena, Error *err)
{
    const Rows *train = r->train, *valid = r->valid;
    const TrainOptions *options = r->options;
    if (!trainer_create(options, train, r->run->seed, r->run->stream, arena, &r->trainer, err))
        return false;
    const Mlp *mlp = &r->trainer->mlp;
    int batch = r->trainer->batch;
    r->steps_per_epoch = (train->n_rows + batch - 1) / batch;
    r->order = ARENA_NEW(arena, int32_t, train->n_rows);
    r->labels = ARENA_NEW(arena, int32_t, batch);
    r->curve = ARENA_NEW(arena, EpochRecord, options->epochs);
    r->best_params = ARENA_NEW(arena, float, mlp->n_floats);
    if (!r->order || !r->labels || !r->curve || !r->best_params) return error_memory(err);
    if (!valid) return true;
    int rows = valid->n_rows < MLP_BLOCK ? valid->n_rows : MLP_BLOCK;
    r->work = ARENA_NEW(arena, float, mlp_forward_floats(mlp, rows));
    if (!valid->x) r->block = ARENA_NEW(arena, float, (size_t)rows * (size_t)r->trainer->ld_x);
    r->proba = ARENA_NEW(arena, float, proba_floats(valid));
    r->best_proba = ARENA_NEW(arena, float, proba_floats(valid));
    r->scratch = arena_alloc(arena, metrics_scratch_bytes(valid->n_rows), 1);
    if (!r->work || (!valid->x && !r->block) || !r->proba || !r->best_proba || !r->scratch)
        return error_memory(err);
    return metrics_create(valid->n_classes, arena, &r->metrics, err);
}

/* One pass over the training rows. False when it diverged: `why` says where. */
static bool train_epoch(Run *r, int epoch, EpochRecord *record)
{
    Trainer *t = r->trainer;
    const int n = r->train->n_rows;
    double loss_sum = 0, norm_sum = 0, rate = 0;
    /* From the sorted order each time, so that an epoch's order depends on its number alone. */
    for (int i = 0; i < n; i++) r->order[i] = i;
    Rng shuffle = rng_stream(rng_mix(r->run->seed, (uint64_t)epoch), r->run->stream, RNG_SHUFFLE);
    rng_shuffle(&shuffle, r->order, (size_t)n);
    for (long i = 0; i < r->steps_per_epoch; i++) {
        long step = (long)(epoch - 1) * r->steps_per_epoch + i;
        int from = (int)i * t->batch, rows = n - from < t->batch ? n - from : t->batch;
        for (int b = 0; b < rows; b++) r->labels[b] = r->train->labels[r->order[from + b]];
        trainer_gather(t, r->train, r->order + from, rows, step);
        trainer_forward(t, rows, step);
        double norm = 0, loss = trainer_backward(t, rows, r->labels);
        if (isfinite(loss)) {
            loss += trainer_penalty(t);
            rate = schedule_rate(r->options, r->steps_per_epoch, step);
            norm = trainer_update(t, rate, step);
        }
        if (!isfinite(loss) || !isfinite(norm)) {
            char place[120];
            trainer_diagnose(t, rows, loss, norm, place, sizeof place);
            snprintf(r->why, sizeof r->why, "epoch %d, step %ld: %s", epoch, i + 1, place);
            return false;
        }
        loss_sum += loss * rows;
        norm_sum += norm;
    }
    record->learning_rate = rate;
    record->train_loss = loss_sum / n;
    record->grad_norm = norm_sum / (double)r->steps_per_epoch;
    return true;
}

static void validate(Run *r, EpochRecord *record)
{
    const Rows *valid = r->valid;
    const Trainer *t = r->trainer;
    const int n_classes = valid->n_classes, ld = mlp_pad(n_classes);
    double sum = 0, weight = 0;
    for (int from = 0; from < valid->n_rows; from += MLP_BLOCK) {
        int n = valid->n_rows - from < MLP_BLOCK ? valid->n_rows - from : MLP_BLOCK, ld_x;
        const float *x = mlp_rows(valid, from, n, r->block, &ld_x);
        float *p = mlp_forward(&t->mlp, n, x, ld_x, r->work);
        loss_rows(&t->loss, n, ld, p, valid->labels + from, &sum, &weight);
        for (int i = 0; i < n; i++)
            memcpy(r->proba + (size_t)(from + i) * (size_t)n_classes, p + (size_t)i * (size_t)ld,
                   (size_t)n_classes * sizeof *p);
    }
    MetricId id = r->run->metric;
    record->val_loss = weight > 0 ? sum / weight : NAN;
    metrics_compute(valid->n_rows, r->proba, n_classes, valid->labels, r->run->positive, 1u << id,
                    r->scratch, &r->metrics);
    record->val_metric = id == METRIC_LOSS ? record->val_loss : r->metrics.value[id];
}

/* Is a better than b, and if equal, is a tie enough? nan is worse than any number. */
static bool better(MetricId id, double a, double b, bool tie)
{
    if (isnan(a) || isnan(b)) return isnan(b) && (tie || !isnan(a));
    if (a == b) return tie;
    return metric_larger_is_better(id) ? a > b : a < b;
}

/* Keeps the epoch if it is the best so far; without validation rows the last is. */
static void keep_best(Run *r, const EpochRecord *record)
{
    MetricId id = r->run->metric;
    if (r->best_epoch == 0 || better(id, record->val_metric, r->record_score, false)) {
        r->record_score = record->val_metric;
        r->record_epoch = record->epoch;
    }
    if (r->best_epoch > 0 && r->valid && !better(id, record->val_metric, r->best_score, true))
        return;
    const Mlp *mlp = &r->trainer->mlp;
    memcpy(r->best_params, mlp->params, mlp->n_floats * sizeof *mlp->params);
    float *swap = r->best_proba;
    r->best_proba = r->proba;
    r->proba = swap;
    r->best_score = record->val_metric;
    r->best_epoch = record->epoch;
}

static RunOutcome run_epochs(Run *r, int *n_epochs)
{
    static const RunOutcome outcome_of[] = {[EPOCH_PRUNE] = RUN_PRUNED,
                                            [EPOCH_INTERRUPT] = RUN_INTERRUPTED,
                                            [EPOCH_TIMEOUT] = RUN_TIMEOUT};
    const TrainOptions *options = r->options;
    for (int epoch = 1; epoch <= options->epochs; epoch++) {
        double start = clock_seconds();
        EpochRecord *record = &r->curve[epoch - 1];
        *record = (EpochRecord){.epoch = epoch, .val_loss = NAN, .val_metric = NAN};
        unsigned long state = mlp_denormals_off();
        bool sane = train_epoch(r, epoch, record);
        if (sane && r->valid) validate(r, record);
        mlp_denormals_restore(state);
        if (!sane) return RUN_DIVERGED;
        if (r->valid && isinf(record->val_loss)) record->val_loss = NAN;
        if (r->valid && isnan(record->val_loss) && r->metrics.n_rows > 0) {
            snprintf(r->why, sizeof r->why, "epoch %d: the validation loss is not finite", epoch);
            return RUN_DIVERGED;
        }
        keep_best(r, record);
        record->seconds = clock_seconds() - start;
        *n_epochs = epoch;
        EpochVerdict verdict =
            r->run->on_epoch ? r->run->on_epoch(r->run->context, record) : EPOCH_CONTINUE;
        if (verdict != EPOCH_CONTINUE) return outcome_of[verdict];
        if (r->valid && options->patience > 0 && epoch < options->epochs &&
            epoch - r->record_epoch >= options->patience)
            return RUN_STOPPED_EARLY;
    }
    return RUN_COMPLETE;
}

bool train_network(const TrainOptions *options, const Rows *train, const Rows *valid,
                   const TrainRun *run, Arena *arena, TrainResult *out, Error *err)
{
    assert(run->metric < METRIC_COUNT);
    double start = clock_seconds();
    if (valid && valid->n_rows == 0) valid = NULL;
    Run r = {.options = options, .run = run, .train = train, .valid = valid};
    if (!check_rows(options, train, valid, err) || !run_create(&r, arena, err)) return false;
    TrainResult result = {.curve = r.curve, .score = NAN};
    result.outcome = run_epochs(&r, &result.n_epochs);
    result.best_epoch = r.best_epoch;
    if (r.best_epoch > 0) {
        result.mlp = &r.trainer->mlp;
        result.mlp->params = r.best_params;
        result.proba = valid ? r.best_proba : NULL;
        result.score = r.best_score;
    }
    memcpy(result.why, r.why, sizeof result.why);
    result.train_seconds = clock_seconds() - start;
    *out = result;
    return true;
}

size_t train_bytes(const TrainOptions *options, int n_features, int n_classes, int n_valid)
{
    /* Every block is rounded up to a cache line; there are fewer than 32 of them. */
    size_t floats = 0, bytes = 32 * 64 + sizeof(Trainer);
    int hidden[FIELD_LIST_MAX], n_hidden;
    Mlp mlp;
    if (!trainer_floats(options, n_features, n_classes, options->batch_size, &floats, NULL) ||
        !train_hidden(options, hidden, &n_hidden, NULL) ||
        !mlp_shape(n_features, hidden, n_hidden, n_classes, (Activation)options->activation, &mlp,
                   NULL))
        return SIZE_MAX; /* cannot run at all */
    size_t rows = (size_t)(n_valid < MLP_BLOCK ? n_valid : MLP_BLOCK);
    floats += mlp.n_floats + mlp_forward_floats(&mlp, (int)rows) +
              rows * (size_t)mlp_pad(n_features) + 2 * (size_t)n_valid * (size_t)n_classes +
              (size_t)options->batch_size;
    bytes += (size_t)n_classes * (size_t)n_classes * sizeof(int64_t) +
             (size_t)n_classes * sizeof(ClassMetrics) + metrics_scratch_bytes(n_valid) +
             (size_t)options->epochs * sizeof(EpochRecord);
    return bytes + floats * sizeof(float);
}
