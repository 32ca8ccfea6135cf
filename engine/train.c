/* One run: epochs, validation, the networks that are kept, the outcome. */
#include "engine/train.h"

#include <assert.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/threads.h"
#include "engine/denormals.h"
#include "engine/mlp_forward.h"
#include "engine/schedule.h"
#include "engine/train_state.h"

const char *const run_outcome_names[] = {RUN_OUTCOME_LIST(LIST_NAME) NULL};

/* Rows of classes: `lowest` is -1 where unknown ones are let pass. */
static bool check_labels(const Rows *rows, int lowest, const char *what, Error *err)
{
    if (!rows->labels) return error_set(err, ERR_INVALID, "the %s rows have no labels", what);
    for (int i = 0; i < rows->n_rows; i++)
        if (rows->labels[i] < lowest || rows->labels[i] >= rows->n_classes)
            return error_set(err, ERR_INVALID, "%s row %d has no usable label (%d of %d)", what, i,
                             (int)rows->labels[i], rows->n_classes);
    return true;
}

static bool check_rows(const TrainOptions *options, const Rows *train, const Rows *valid,
                       Error *err)
{
    const bool classes = !train->task || task_has_classes(train->task);
    if (train->n_rows < 1) return error_set(err, ERR_INVALID, "there are no training rows");
    if (classes && train->n_classes < 2)
        return error_set(err, ERR_INVALID, "%d class to tell apart; at least 2 are needed",
                         train->n_classes);
    if (classes ? !check_labels(train, 0, "training", err) : !train->targets)
        return classes ? false : error_set(err, ERR_INVALID, "the training rows have no targets");
    if (valid && (valid->n_features != train->n_features || valid->n_classes != train->n_classes
                  || rows_kind(valid) != rows_kind(train) || rows_values(valid) != rows_values(train)))
        return error_set(err, ERR_INVALID,
                         "validation rows of %d features and %d classes, training rows of %d and "
                         "%d", valid->n_features, valid->n_classes, train->n_features,
                         train->n_classes);
    if (valid && (classes ? !check_labels(valid, -1, "validation", err) : !valid->targets))
        return classes ? false : error_set(err, ERR_INVALID, "the validation rows have no targets");
    double steps = (double)options->epochs * (double)train->n_rows;
    if (steps > 1e15) return error_set(err, ERR_INVALID, "%g steps are too many", steps);
    return true;
}

/* M networks of the trainer's shape, `times` over. */
static Mlp **networks(const Run *r, int times, Arena *arena, Error *err)
{
    int n = r->trainer->n_members * times;
    Mlp **nets = ARENA_NEW(arena, Mlp *, n);
    if (!nets) {
        error_memory(err);
        return NULL;
    }
    for (int i = 0; i < n; i++)
        if (!mlp_create_like(&r->trainer->mlp, arena, &nets[i], err)) return NULL;
    return nets;
}

/* Room for a row of values, and the validation rows' targets in units of learning. */
static bool learn_validation(Run *r, Arena *arena)
{
    const Rows *valid = r->valid;
    const size_t width = valid->targets ? (size_t)valid->task->n_targets : 0;
    r->row = ARENA_NEW(arena, float, rows_values(valid));
    r->learned = ARENA_NEW(arena, float, (size_t)valid->n_rows * width);
    if (!r->row || !r->learned) return false;
    for (size_t i = 0; i < (size_t)valid->n_rows * width; i++)
        r->learned[i] = (float)task_learned(valid->task, (int)(i % width), (LossKind)r->trainer->loss.kind,
                                            valid->targets[i]);
    return true;
}

/* Carves what the run needs; also fills the parts of `r` that do not change. */
static bool run_create(Run *r, Arena *arena, Error *err)
{
    const Rows *train = r->train, *valid = r->valid;
    const TrainOptions *options = r->options;
    if (!trainer_create(options, train, r->run->seed, r->run->stream, arena, &r->trainer, err))
        return false;
    r->trainer->threads = threads_possible(r->run->threads);
    const Mlp *mlp = &r->trainer->mlp;
    int batch = r->trainer->batch;
    if (!sampling_create((Sampling)options->sampling, train, arena, &r->rows, err)) return false;
    const int n_epoch = r->rows.n_epoch;
    r->steps_per_epoch = options->drop_last ? n_epoch / batch : (n_epoch + batch - 1) / batch;
    if (r->steps_per_epoch < 1) r->steps_per_epoch = 1; /* few are left of many */
    r->order = ARENA_NEW(arena, int32_t, n_epoch);
    r->labels = ARENA_NEW(arena, int32_t, batch);
    r->curve = ARENA_NEW(arena, EpochRecord, options->epochs);
    if (!r->order || !r->labels || !r->curve) return error_memory(err);
    if (r->run->history && !history_create(mlp->n_layers, options->epochs, arena, &r->history, err))
        return false;
    r->nets = networks(r, 1, arena, err);
    r->best = r->nets ? networks(r, 1, arena, err) : NULL;
    if (!r->best) return false;
    if (options->snapshots > 0) {
        r->snapshot = networks(r, options->snapshots, arena, err);
        if (!r->snapshot) return false;
        r->snapshot_sum = ARENA_NEW(arena, double, proba_floats(valid));
        if (!r->snapshot_sum) return error_memory(err);
    }
    if (!valid) return true;
    int rows = valid->n_rows < MLP_BLOCK ? valid->n_rows : MLP_BLOCK;
    r->work = ARENA_NEW(arena, float, mlp_forward_floats(mlp, rows));
    float *room = ARENA_NEW(arena, float, mlp_block_floats(mlp, valid, rows));
    if (room) mlp_block_open(mlp, valid, room, &r->block);
    r->proba = ARENA_NEW(arena, float, proba_floats(valid));
    r->best_proba = ARENA_NEW(arena, float, proba_floats(valid));
    r->scratch = arena_alloc(arena, scored_scratch_bytes(valid->task, valid->n_rows), 1);
    if (valid->weight && !(r->weight = ARENA_NEW(arena, double, valid->n_rows))) return error_memory(err);
    for (int i = 0; valid->weight && i < valid->n_rows; i++) r->weight[i] = (double)valid->weight[i];
    if (r->trainer->loss.kind != LOSS_CROSS_ENTROPY && !learn_validation(r, arena)) return error_memory(err);
    if (!r->work || !room || !r->proba || !r->best_proba || !r->scratch)
        return error_memory(err);
    return metrics_create_for(valid->task, valid->n_classes, arena, &r->metrics, err);
}

/* One pass over the training rows. False when it diverged: `why` says where. */
static bool train_epoch(Run *r, int epoch, EpochRecord *record)
{
    Trainer *t = r->trainer;
    const int n = r->rows.n_epoch;
    double loss_sum = 0, norm_sum = 0, rate = 0;
    long seen = 0;
    sampling_epoch(&r->rows, r->run->seed, r->run->stream, epoch, r->order);
    for (long i = 0; i < r->steps_per_epoch; i++) {
        long step = (long)(epoch - 1) * r->steps_per_epoch + i;
        int from = (int)i * t->batch, rows = n - from < t->batch ? n - from : t->batch;
        for (int b = 0; r->train->labels && b < rows; b++) r->labels[b] = r->train->labels[r->order[from + b]];
        t->progress = (double)step / ((double)r->options->epochs * (double)r->steps_per_epoch);
        trainer_gather(t, r->train, r->order + from, r->labels, rows, step);
        double norm = 0, loss = trainer_gradient(t, rows, r->labels, step);
        if (isfinite(loss)) {
            loss += trainer_penalty(t);
            rate = schedule_rate(r->options, r->steps_per_epoch, step);
            norm = trainer_update(t, rate, step);
        }
        if (!isfinite(loss) || !(norm <= TRAIN_EXPLODED)) {
            char place[120];
            trainer_diagnose(t, rows, loss, norm, place, sizeof place);
            snprintf(r->why, sizeof r->why, "epoch %d, step %ld: %s", epoch, i + 1, place);
            return false;
        }
        loss_sum += loss * rows;
        r->last_rows = rows;
        seen += rows;
        norm_sum += norm;
    }
    record->learning_rate = rate;
    record->train_loss = loss_sum / (double)seen;
    record->grad_norm = norm_sum / (double)r->steps_per_epoch;
    return true;
}

/* The same where outputs become values row by row (link.h). */
static void predict_values(Run *r, int from, int n)
{
    const Trainer *t = r->trainer;
    const int width = rows_values(r->valid), m = t->n_members, ld = mlp_pad(t->mlp.width[t->mlp.n_layers]);
    mlp_block_at(&r->block, from, n);
    for (int k = 0; k < m; k++) {
        const float *z = mlp_forward(r->nets[k], &r->block, r->work);
        for (int i = 0; i < n; i++) {
            float *to = r->proba + (size_t)(from + i) * (size_t)width;
            link_row(t->mlp.link, t->loss.task, r->valid->n_classes, z + (size_t)i * (size_t)ld, r->row);
            for (int c = 0; c < width; c++) to[c] = k == 0 ? r->row[c] / (float)m
                : to[c] + r->row[c] / (float)m;
        }
    }
}

/* The mean of the members' probabilities, (n, K) for rows from .. from + n - 1, into r->proba; for a
 * network alone also its losses, from the logits, which are more exact. */
static void predict_block(Run *r, int from, int n, double *sum, double *weight)
{
    const Trainer *t = r->trainer;
    const int n_classes = r->valid->n_classes, ld = mlp_pad(n_classes), m = t->n_members;
    mlp_block_at(&r->block, from, n);
    const int32_t *labels = m == 1 ? r->valid->labels + from : NULL;
    Loss loss = t->loss;
    loss.row_weight = r->valid->weight ? r->valid->weight + from : NULL;
    for (int k = 0; k < m; k++) {
        float *p = mlp_forward(r->nets[k], &r->block, r->work);
        loss_rows(&loss, n, ld, p, labels, sum, weight);
        for (int i = 0; i < n; i++) {
            float *to = r->proba + (size_t)(from + i) * (size_t)n_classes;
            const float *row = p + (size_t)i * (size_t)ld;
            for (int c = 0; c < n_classes; c++)
                to[c] = k == 0 ? row[c] / (float)m : to[c] + row[c] / (float)m;
        }
    }
}

/* Weighted losses of probabilities. */
static void proba_losses(const Run *r, double *sum, double *weight)
{
    const Loss *loss = &r->trainer->loss;
    const size_t width = (size_t)rows_values(r->valid);
    for (int i = 0; !r->valid->labels && i < r->valid->n_rows; i++) {
        const size_t at = (size_t)i * (size_t)loss->task->n_targets;
        const double w = r->weight ? r->weight[i] : 1;
        const float *values = r->proba + (size_t)i * width;
        *sum += w * loss_row((LossKind)loss->kind)->of_values(loss, values, r->learned + at);
        *weight += w;
    }
    if (!r->valid->labels) return;
    for (int i = 0; i < r->valid->n_rows; i++) {
        int label = r->valid->labels[i];
        if (label < 0) continue;
        double p = (double)r->proba[(size_t)i * (size_t)loss->n_classes + (size_t)label];
        double w = loss->class_weight ? (double)loss->class_weight[label] : 1;
        if (r->weight) w *= r->weight[i];
        *sum -= w * log(p < 1e-30 ? 1e-30 : p);
        *weight += w;
    }
}

static void score(Run *r, const float *proba, unsigned which)
{
    const Rows *valid = r->valid;
    const ScoredRows scored = {.task = valid->task, .n = valid->n_rows, .n_classes = valid->n_classes,
                               .values = proba,
                           .ld = rows_values(valid), .labels = valid->labels, .targets = valid->targets,
                           .weight = r->weight, .positive = r->run->positive};
    metrics_score(&scored, which, r->scratch, &r->metrics);
}

static double metric_of(Run *r, const float *proba, double loss)
{
    MetricId id = r->run->metric;
    score(r, proba, 1u << id);
    return id == METRIC_LOSS ? loss : r->metrics.value[id];
}

static void score_also(Run *r, EpochRecord *record)
{
    unsigned which = 0;
    for (int i = 0; i < r->run->n_also; i++) which |= 1u << r->run->also[i];
    if (which) score(r, r->proba, which);
    for (int i = 0; i < TRAIN_ALSO; i++) {
        const MetricId id = i < r->run->n_also ? r->run->also[i] : METRIC_COUNT;
        record->also[i] = NAN;
        if (id != METRIC_COUNT) record->also[i] = id == METRIC_LOSS ? record->val_loss : r->metrics.value[id];
    }
}

/* What would be shipped is what is scored. */
static void validate(Run *r, EpochRecord *record)
{
    double sum = 0, weight = 0;
    const bool classes = r->trainer->loss.kind == LOSS_CROSS_ENTROPY;
    r->block.of = NULL;
    for (int from = 0; from < r->valid->n_rows; from += MLP_BLOCK) {
        int left = r->valid->n_rows - from, n = left < MLP_BLOCK ? left : MLP_BLOCK;
        if (classes) predict_block(r, from, n, &sum, &weight);
        else predict_values(r, from, n);
    }
    if (r->trainer->n_members > 1 || !classes) proba_losses(r, &sum, &weight);
    record->val_loss = weight > 0 ? sum / weight : NAN;
    record->val_metric = metric_of(r, r->proba, record->val_loss);
    score_also(r, record);
}

/* Is a better than b, and if equal, is a tie enough? nan is worse than any number. */
static bool better(MetricId id, double a, double b, bool tie)
{
    if (isnan(a) || isnan(b)) return isnan(b) && (tie || !isnan(a));
    if (a == b) return tie;
    return metric_larger_is_better(id) ? a > b : a < b;
}

/* Does one of the schedule's cycles end with this epoch? Schedules without cycles are one. */
static bool ends_cycle(const TrainOptions *options, int epoch)
{
    int ends[SCHEDULE_MAX_CYCLES], n = schedule_cycle_ends(options, ends);
    for (int i = 0; i < n; i++)
        if (ends[i] == epoch) return true;
    return false;
}

/* Keeps the epoch if it is the best so far; without validation rows the last is. With best_of: cycles
 * the first cycle's end replaces what was kept till then, and after it only cycles' ends compete; with last
 * none do. */
static void keep_best(Run *r, const EpochRecord *record)
{
    MetricId id = r->run->metric;
    if (r->best_epoch == 0 || better(id, record->val_metric, r->record_score, false)) {
        r->record_score = record->val_metric;
        r->record_epoch = record->epoch;
    }
    bool contest = r->best_epoch > 0 && r->valid && r->options->best_of != BEST_OF_LAST;
    if (r->options->best_of == BEST_OF_CYCLES) {
        bool end = ends_cycle(r->options, record->epoch);
        if (r->best_is_end && !end) return;
        if (end && !r->best_is_end) contest = false;
        r->best_is_end = end;
    }
    if (contest && !better(id, record->val_metric, r->best_score, true)) return;
    Mlp **nets = r->best;
    r->best = r->nets;
    r->nets = nets;
    float *swap = r->best_proba;
    r->best_proba = r->proba;
    r->proba = swap;
    r->best_score = record->val_metric;
    r->best_epoch = record->epoch;
}

/* Keeps this epoch's networks, too, when one of the schedule's last cycles ends with it. Called
 * before keep_best, which takes them away. */
static void keep_snapshot(Run *r, int epoch)
{
    int ends[SCHEDULE_MAX_CYCLES], m = r->trainer->n_members, most = r->options->snapshots;
    int n = schedule_cycle_ends(r->options, ends), first = n > most ? n - most : 0;
    for (int i = first; i < n; i++) {
        if (ends[i] != epoch || (i + 1 < n && ends[i + 1] == epoch)) continue;
        for (int k = 0; k < m; k++) {
            Mlp *to = r->snapshot[r->n_snapshots * m + k];
            memcpy(to->params, r->nets[k]->params, to->n_floats * sizeof *to->params);
        }
        for (size_t c = 0; c < proba_floats(r->valid); c++) r->snapshot_sum[c] += (double)r->proba[c];
        r->n_snapshots++;
    }
}

/* In the middle of a cycle the rate is high and the metric low: coslog4 stops at a cycle's end only. */
static bool stops_early(const Run *r, int epoch)
{
    if (r->options->schedule == SCHEDULE_COSLOG4 && !ends_cycle(r->options, epoch)) return false;
    return r->valid && r->options->patience > 0 && epoch < r->options->epochs &&
           epoch - r->record_epoch >= r->options->patience;
}

static EpochVerdict report(const Run *r, const EpochRecord *record)
{
    return r->run->on_epoch ? r->run->on_epoch(r->run->context, record) : EPOCH_CONTINUE;
}

/* Would the run be paused with this epoch, unless it ends there anyway? */
static bool pauses(const Run *r, int epoch)
{
    return epoch == r->run->pause_after && epoch < r->options->epochs;
}

static RunOutcome run_epochs(Run *r, int *n_epochs)
{
    static const RunOutcome outcome_of[] = {[EPOCH_PRUNE] = RUN_PRUNED,
                                            [EPOCH_INTERRUPT] = RUN_INTERRUPTED,
                                            [EPOCH_TIMEOUT] = RUN_TIMEOUT};
    const TrainOptions *options = r->options;
    int done = run_keeps_state(r) ? run_load(r) : 0;
    if (done < 0) {
        snprintf(r->why, sizeof r->why, "the run's checkpoint is forged; remove %.140s", r->run->checkpoint);
        return RUN_DIVERGED;
    }
    r->saved_s = clock_seconds();
    for (int epoch = 1; epoch <= done; epoch++) { /* told again, as if they were trained now */
        *n_epochs = epoch;
        EpochVerdict verdict = report(r, &r->curve[epoch - 1]);
        if (verdict != EPOCH_CONTINUE) return outcome_of[verdict];
        if (pauses(r, epoch) && (epoch < done || !stops_early(r, done))) return RUN_PAUSED;
    }
    if (done > 0 && stops_early(r, done)) return RUN_STOPPED_EARLY;
    for (int epoch = done + 1; epoch <= options->epochs; epoch++) {
        double start = clock_seconds();
        EpochRecord *record = &r->curve[epoch - 1];
        *record = (EpochRecord){.epoch = epoch, .val_loss = NAN, .val_metric = NAN,
                                .also = {NAN, NAN, NAN}};
        unsigned long state = denormals_off();
        bool sane = train_epoch(r, epoch, record);
        if (sane) trainer_average(r->trainer);
        for (int k = 0; sane && k < r->trainer->n_members; k++)
            trainer_fold(r->trainer, k, r->nets[k]);
        if (sane && history_wants(&r->history, epoch))
            history_note(&r->history, epoch, r->trainer, r->nets[r->trainer->n_members - 1], r->last_rows);
        if (sane && r->valid) validate(r, record);
        denormals_restore(state);
        if (!sane) return RUN_DIVERGED;
        if (r->valid && isinf(record->val_loss)) record->val_loss = NAN;
        if (r->valid && isnan(record->val_loss) && r->metrics.n_rows > 0) {
            snprintf(r->why, sizeof r->why, "epoch %d: the validation loss is not finite", epoch);
            return RUN_DIVERGED;
        }
        if (options->snapshots > 0) keep_snapshot(r, epoch);
        keep_best(r, record);
        record->seconds = clock_seconds() - start;
        *n_epochs = epoch;
        bool end = epoch == options->epochs || stops_early(r, epoch);
        double waited = clock_seconds() - r->saved_s;
        if (run_keeps_state(r) && (pauses(r, epoch) || (end && r->run->pause_after > 0) ||
                                   (r->run->checkpoint_s > 0 && (waited >= r->run->checkpoint_s ||
                                                                 (end && r->took_state)))))
            run_save(r, epoch), r->took_state = true;
        EpochVerdict verdict = report(r, record);
        if (verdict != EPOCH_CONTINUE) return outcome_of[verdict];
        if (stops_early(r, epoch)) return RUN_STOPPED_EARLY;
        if (pauses(r, epoch)) return RUN_PAUSED;
    }
    return RUN_COMPLETE;
}

static void use_snapshots(Run *r, TrainResult *result)
{
    result->nets = r->snapshot;
    result->n_nets = r->n_snapshots * r->trainer->n_members;
    result->best_epoch = result->n_epochs;
    if (!r->valid) return;
    for (size_t c = 0; c < proba_floats(r->valid); c++)
        r->proba[c] = (float)(r->snapshot_sum[c] / r->n_snapshots);
    double sum = 0, weight = 0;
    proba_losses(r, &sum, &weight);
    result->proba = r->proba;
    result->score = metric_of(r, r->proba, weight > 0 ? sum / weight : NAN);
}

/* Outlives the run: it is on the stack. */
static bool keep_history(const Run *r, Arena *arena, TrainResult *result, Error *err)
{
    if (!r->run->history) return true;
    History *history = ARENA_NEW(arena, History, 1);
    if (!history) return error_memory(err);
    *history = r->history;
    result->history = history;
    return true;
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
        result.nets = r.best;
        result.n_nets = r.trainer->n_members;
        result.proba = valid ? r.best_proba : NULL;
        result.score = r.best_score;
        if (r.n_snapshots > 0) use_snapshots(&r, &result);
        result.mlp = result.nets[0];
    }
    memcpy(result.why, r.why, sizeof result.why);
    if (!keep_history(&r, arena, &result, err)) return false;
    result.train_seconds = clock_seconds() - start;
    *out = result;
    return true;
}

bool train_shape(const TrainOptions *options, const Rows *rows, Arena *arena, Mlp *shape, int *n_members,
                 Error *err)
{
    *n_members = options->members;
    return trainer_mlp_shape(options, rows, arena, shape, err);
}

size_t train_bytes(const TrainOptions *options, const Rows *train, int n_valid, Arena *arena, Error *err)
{
    /* Every block is rounded up to a cache line; there are fewer than 32 of them, and two for each
     * network that is kept. */
    size_t floats = 0, bytes = 36 * 64 + sizeof(Trainer);
    bool images = train->height > 0;
    int batch = train_batch(options, train->n_rows);
    Mlp mlp;
    if (!trainer_floats(options, train, batch, arena, &floats, err) ||
        !trainer_mlp_shape(options, train, arena, &mlp, err))
        return SIZE_MAX; /* cannot run at all */
    size_t rows = (size_t)(n_valid < MLP_BLOCK ? n_valid : MLP_BLOCK);
    size_t nets = (size_t)options->members * (2 + (size_t)options->snapshots);
    size_t cells = (size_t)n_valid * (size_t)rows_values(train);
    if (train->task && train->task->n_targets > 0)
        floats += (size_t)n_valid * (size_t)train->task->n_targets + (size_t)rows_values(train);
    floats += nets * mlp.n_floats + mlp_forward_floats(&mlp, (int)rows) + 2 * cells + (size_t)batch;
    if (images || rows_spread(train)) floats += mlp_block_floats(&mlp, train, (int)rows);
    if (images && augment_is_on(&options->augment))
        floats += (size_t)augment_scratch_floats(train->height, train->width)
                + (size_t)augment_pool_floats(&options->augment, train->height, train->width);
    if (options->snapshots > 0) bytes += cells * sizeof(double) + 64;
    if (options->init == INIT_DATA) floats += trainer_init_floats(&mlp) + (size_t)train->n_rows;
    /* the order */
    floats += (size_t)sampling_most((Sampling)options->sampling, train->n_rows, train->n_classes);
    bytes += sampling_bytes((Sampling)options->sampling, train->n_rows, train->n_classes);
    bytes += nets * (sizeof(Mlp) + sizeof(Mlp *) + 3 * 64);
    bytes += trainer_weight_bytes(train, batch) + (train->weight ? (size_t)n_valid * sizeof(double) + 64 : 0);
    bytes += metrics_bytes_for(train->task, train->n_classes) + scored_scratch_bytes(train->task, n_valid);
    bytes += (size_t)options->epochs * sizeof(EpochRecord) + history_bytes(mlp.n_layers, options->epochs)
           + sizeof(History) + 64;
    return bytes + floats * sizeof(float);
}

size_t train_state_bytes(const TrainOptions *options, const Rows *train, Arena *arena)
{
    Mlp mlp;
    if (!trainer_mlp_shape(options, train, arena, &mlp, NULL))
        return 0;
    OptimizerKind kind = (OptimizerKind)options->optimizer;
    int copies = 1 + optimizer_needs_m(kind, options->momentum) + optimizer_needs_v(kind)
               + (options->ema > 0 || kind == OPT_SCHEDULE_FREE)
               + options->members * (1 + options->snapshots);
    return (size_t)copies * mlp.n_floats * sizeof(float);
}
