/* A run's state: which arrays it is, and where they come from. The file itself is checkpoint.c's. */
#include <stdio.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "engine/checkpoint.h"
#include "engine/train_state.h"

/* What is not an array. */
typedef struct {
    double best_score, record_score, schedule_free_sum;
    int32_t epoch, best_epoch, record_epoch, n_snapshots, best_is_end, n_history;
} Scalars;

/* Everything that decides the run's bits but the rows themselves, which are the study's identity. */
static void run_identity(const Run *r, char hex[65])
{
    Text text = {0};
    field_print_yaml(&train_fields, r->options, 0, &text);
    text_print(&text, "version %s\nseed %llu\nstream %u\nmetric %d\npositive %d\nrows %d\nvalid %d\n"
               "features %d\nclasses %d\nrecord %zu\n", CONSORT_VERSION,
               (unsigned long long)r->run->seed, r->run->stream, (int)r->run->metric,
               r->run->positive, r->train->n_rows, r->valid ? r->valid->n_rows : 0,
               r->train->n_features, r->train->n_classes, sizeof(EpochRecord));
    Sha256 sha;
    sha256_start(&sha);
    if (text_ok(&text)) sha256_add(&sha, text.bytes, text.n);
    const Rows *train = r->train;
    if (train->weight) sha256_add(&sha, train->weight, (size_t)train->n_rows * sizeof *train->weight);
    if (train->labels) sha256_add(&sha, train->labels, (size_t)train->n_rows * sizeof *train->labels);
    if (train->targets)
        sha256_add(&sha, train->targets,
                   (size_t)train->n_rows * (size_t)train->task->n_targets * sizeof *train->targets);
    sha256_end(&sha, hex);
    text_free(&text);
}

/* The parts of the state; `names` is room for the numbered ones. */
static int state_parts(Run *r, Scalars *scalars, char names[CHECKPOINT_MAX_PARTS][24],
                       CheckpointPart *parts)
{
    Trainer *t = r->trainer;
    const size_t n = t->n_floats, net = t->mlp.n_floats;
    const int m = t->n_members, most = r->options->snapshots;
    int count = 0;
    parts[count++] = (CheckpointPart){"snapshot_sum", TENSOR_F64, r->snapshot_sum,
                                      r->snapshot_sum ? proba_floats(r->valid) : 0};
    parts[count++] = (CheckpointPart){"params", TENSOR_F32, t->params, n};
    parts[count++] = (CheckpointPart){"m", TENSOR_F32, t->m, t->m ? n : 0};
    parts[count++] = (CheckpointPart){"v", TENSOR_F32, t->v, t->v ? n : 0};
    parts[count++] = (CheckpointPart){"average", TENSOR_F32, t->average, t->average ? n : 0};
    parts[count++] = (CheckpointPart){"proba", TENSOR_F32, r->best_proba, proba_floats(r->valid)};
    for (int l = 0; l < t->mlp.n_layers; l++) {
        size_t size = 2 * (size_t)mlp_pad(t->mlp.width[l + 1]) * (size_t)m;
        if (!t->running[l]) continue;
        snprintf(names[count], sizeof names[count], "running%d", l);
        parts[count] = (CheckpointPart){names[count], TENSOR_F32, t->running[l], size};
        count++;
    }
    for (int k = 0; k < m * (1 + most) && count < CHECKPOINT_MAX_PARTS - 4; k++) {
        snprintf(names[count], sizeof names[count], k < m ? "best%d" : "snapshot%d",
                 k < m ? k : k - m);
        float *params = k < m ? r->best[k]->params : r->snapshot[k - m]->params;
        parts[count] = (CheckpointPart){names[count], TENSOR_F32, params, net};
        count++;
    }
    parts[count++] = (CheckpointPart){"curve", TENSOR_U8, r->curve,
                                      (size_t)r->options->epochs * sizeof *r->curve};
    const History *h = &r->history;
    const size_t noted = (size_t)h->most, cells = noted * (size_t)h->n_layers * HISTORY_KINDS * HISTORY_CELL;
    parts[count++] = (CheckpointPart){"history_epochs", TENSOR_U8, h->epoch, noted * sizeof *h->epoch};
    parts[count++] = (CheckpointPart){"history", TENSOR_U8, h->cell, cells};
    parts[count++] = (CheckpointPart){"scalars", TENSOR_U8, scalars, sizeof *scalars};
    return count;
}

/* Members and snapshots beyond what a state holds would be lost: such runs have none. */
bool run_keeps_state(const Run *r)
{
    int nets = r->trainer->n_members * (1 + r->options->snapshots);
    return r->run->checkpoint && nets + MLP_MAX_LAYERS + 10 < CHECKPOINT_MAX_PARTS;
}

void run_save(Run *r, int epoch)
{
    char identity[65], names[CHECKPOINT_MAX_PARTS][24];
    CheckpointPart parts[CHECKPOINT_MAX_PARTS];
    Scalars scalars = {.best_score = r->best_score, .record_score = r->record_score,
                       .schedule_free_sum = r->trainer->schedule_free_sum, .epoch = epoch,
                       .best_epoch = r->best_epoch, .record_epoch = r->record_epoch,
                       .n_snapshots = r->n_snapshots, .best_is_end = r->best_is_end,
                       .n_history = r->history.n};
    run_identity(r, identity);
    int n = state_parts(r, &scalars, names, parts);
    checkpoint_write(r->run->checkpoint, identity, parts, n, NULL);
    r->saved_s = clock_seconds();
}

int run_load(Run *r)
{
    char identity[65], names[CHECKPOINT_MAX_PARTS][24];
    CheckpointPart parts[CHECKPOINT_MAX_PARTS];
    Scalars scalars;
    run_identity(r, identity);
    int n = state_parts(r, &scalars, names, parts), epochs = r->options->epochs;
    if (!checkpoint_read(r->run->checkpoint, identity, parts, n)) return 0;
    if (scalars.epoch < 1 || scalars.epoch > epochs || scalars.best_epoch < 1 ||
        scalars.best_epoch > scalars.epoch || scalars.record_epoch < 1 ||
        scalars.record_epoch > scalars.epoch || scalars.n_snapshots < 0 ||
        scalars.n_snapshots > r->options->snapshots || scalars.n_history < 0 ||
        scalars.n_history > r->history.most)
        return -1; /* forged: the hash was right, the numbers cannot be */
    r->best_score = scalars.best_score;
    r->record_score = scalars.record_score;
    r->best_epoch = scalars.best_epoch;
    r->record_epoch = scalars.record_epoch;
    r->n_snapshots = scalars.n_snapshots;
    r->best_is_end = scalars.best_is_end != 0;
    r->history.n = scalars.n_history;
    r->trainer->schedule_free_sum = scalars.schedule_free_sum;
    return scalars.epoch;
}
