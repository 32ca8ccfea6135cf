/* The columns of each table of the database, listed once, and the words they may hold. */
#include "tuner/store/rows.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *const trial_state_names[] = {TRIAL_STATE_LIST(LIST_NAME) NULL};
const char *const fail_code_names[] = {FAIL_CODE_LIST(LIST_NAME) NULL};
const char *const trial_source_names[] = {TRIAL_SOURCE_LIST(LIST_NAME) NULL};
const char *const artifact_kind_names[] = {ARTIFACT_KIND_LIST(LIST_NAME) NULL};

/* ---- trials ------------------------------------------------------------------------------------- */

/* What a run came to: written when it ends, told by it, forgotten when it is run again. */
#define RESULT (AT_END | AT_RETRY | AT_READ | IN_BRIEF | OF_RUN)
/* What a trial is: written once. */
#define GIVEN (AT_BEGIN | AT_ADD | AT_READ)

#define COUNT_IF_KNOWN .counts = true, .zero_is_null = true

/* In the order in which JSON and CSV have them. */
static const RowColumn trial_list[] = {
    COLUMN_NAMED(TrialRow, id, "trial_id", INTEGER, .when = GIVEN | IN_BRIEF),
    COLUMN(TrialRow, study_id, INTEGER, .when = AT_BEGIN | AT_ADD),
    COLUMN(TrialRow, number, INTEGER, .when = GIVEN | IN_BRIEF | IN_JSON | IN_CSV_HEAD, .label = "trial"),
    COLUMN(TrialRow, state, TEXT, .names = trial_state_names,
           .when = GIVEN | IN_BRIEF | AT_AGAIN | AT_END | OF_RUN | IN_JSON | IN_CSV_HEAD),
    COLUMN_ONLY("state_before", TEXT),
    COLUMN(TrialRow, source, TEXT, .when = GIVEN | IN_BRIEF | IN_JSON | IN_CSV_HEAD | IN_LS,
           .null_text = "tuner"),
    COLUMN(TrialRow, value, REAL, .when = RESULT | AT_ADD | IN_JSON | IN_CSV_HEAD),
    COLUMN(TrialRow, value_sd, REAL, .when = RESULT | IN_JSON | IN_CSV_HEAD | IN_COLUMNS),
    COLUMN(TrialRow, best_epoch, INTEGER, COUNT_IF_KNOWN, .when = RESULT | IN_JSON | IN_CSV),
    COLUMN(TrialRow, epochs, INTEGER, .counts = true, .when = RESULT | IN_JSON | IN_CSV),
    COLUMN(TrialRow, rung, INTEGER, COUNT_IF_KNOWN, .when = AT_END | AT_RETRY | AT_READ | IN_COLUMNS),
    COLUMN(TrialRow, n_params, INTEGER, COUNT_IF_KNOWN, .when = RESULT | IN_JSON | IN_CSV),
    COLUMN(TrialRow, model_bytes, INTEGER, COUNT_IF_KNOWN, .when = RESULT | IN_CSV | IN_COLUMNS),
    COLUMN_NAMED(TrialRow, seconds, "secs", REAL, .when = RESULT | IN_JSON | IN_CSV, .zero_is_null = true,
                 .label = "seconds", .pause = PAUSE_ADDS, .unit = "s"),
    COLUMN(TrialRow, cpu_s, REAL, .when = RESULT | IN_JSON | IN_CSV | IN_COLUMNS | IN_SHOW,
           .zero_is_null = true, .pause = PAUSE_ADDS, .unit = "s"),
    COLUMN(TrialRow, peak_bytes, INTEGER, COUNT_IF_KNOWN, .pause = PAUSE_KEEPS_LARGER, .unit = "bytes",
           .when = RESULT | IN_JSON | IN_CSV | IN_COLUMNS | IN_SHOW),
    COLUMN(TrialRow, threads, INTEGER, COUNT_IF_KNOWN,
           .when = AT_BEGIN | AT_AGAIN | AT_END | AT_READ | IN_COLUMNS),
    COLUMN(TrialRow, queued_utc, TEXT, .when = GIVEN | IN_COLUMNS),
    COLUMN(TrialRow, start_utc, TEXT, .stays = true,
           .when = AT_BEGIN | AT_AGAIN | AT_RETRY | AT_READ | IN_BRIEF | IN_JSON | IN_CSV | IN_COLUMNS),
    COLUMN(TrialRow, end_utc, TEXT, .when = AT_BEGIN | AT_ADD | AT_AGAIN | AT_END | AT_RETRY | AT_READ
                                          | IN_BRIEF | IN_JSON | IN_CSV | IN_COLUMNS),
    COLUMN(TrialRow, heartbeat_utc, TEXT, .when = AT_BEGIN | AT_AGAIN | AT_END | AT_RETRY),
    COLUMN(TrialRow, fail_code, TEXT, .when = RESULT | AT_BEGIN | AT_AGAIN | IN_JSON | IN_CSV | IN_LS),
    COLUMN(TrialRow, fail_text, TEXT,
           .when = AT_BEGIN | AT_AGAIN | AT_END | AT_RETRY | AT_READ | IN_JSON | IN_CSV | IN_LS),
    COLUMN(TrialRow, params_hash, TEXT, .when = GIVEN | IN_JSON | IN_CSV | IN_COLUMNS, .null_text = ""),
    COLUMN(TrialRow, params, TEXT, .when = GIVEN, .null_text = "{}"),
    COLUMN(TrialRow, trace, TEXT, .when = GIVEN | AT_AGAIN),
    COLUMN(TrialRow, seed, INTEGER, .when = GIVEN | IN_COLUMNS),
    COLUMN(TrialRow, attempt, INTEGER, .counts = true, .when = GIVEN | IN_COLUMNS),
    COLUMN_ONLY("crashes", INTEGER),
    COLUMN(TrialRow, worker, INTEGER, COUNT_IF_KNOWN, .lasts = true,
           .when = AT_BEGIN | AT_AGAIN | AT_END | AT_RETRY | AT_READ | IN_BRIEF | IN_COLUMNS),
    COLUMN(TrialRow, run_utc, TEXT, .when = AT_AGAIN | AT_RETRY | AT_READ | IN_BRIEF),
    COLUMN(TrialRow, host, TEXT, .lasts = true,
           .when = AT_BEGIN | AT_AGAIN | AT_END | AT_RETRY | AT_READ | IN_COLUMNS),
    COLUMN(TrialRow, pid, INTEGER, .zero_is_null = true, .lasts = true,
           .when = AT_BEGIN | AT_AGAIN | AT_END | AT_RETRY | AT_READ),
    COLUMN(TrialRow, boot_id, TEXT, .when = AT_BEGIN | AT_AGAIN | AT_RETRY),
};
const RowTable trial_columns = COLUMN_TABLE("trial", NULL, TrialRow, trial_list);

bool trial_is_from(const TrialRow *row, TrialSource source)
{
    return strcmp(row->source, trial_source_names[source]) == 0;
}

bool trial_ranks(const TrialRow *row)
{
    return row->state == TRIAL_COMPLETE && isfinite(row->value) && !row->fail_code
        && !trial_is_from(row, SOURCE_IMPORT);
}

bool trial_before(double value, int number, double other_value, int other_number, bool maximize)
{
    if (value != other_value) return maximize ? value > other_value : value < other_value;
    return number < other_number;
}

int trial_networks(const TrialRow *row, const MetricRow *metrics, int n)
{
    for (int i = 0; i < n; i++) {
        bool own = strcmp(metrics[i].split, "cost") == 0 && strcmp(metrics[i].name, "n_params") == 0;
        double share = own ? (double)row->n_params / metrics[i].value : 0;
        if (share >= 1.5 && share < 1e6) return (int)round(share);
    }
    return 1;
}

/* ---- what belongs to a trial -------------------------------------------------------------------- */

static const RowColumn param_list[] = {
    COLUMN(ParamRow, name, TEXT, .null_text = ""),
    COLUMN_NAMED(ParamRow, number, "num", REAL),
    COLUMN_NAMED(ParamRow, text, "txt", TEXT),
};
const RowTable param_columns = COLUMN_TABLE("param", "trial_id", ParamRow, param_list);

static const RowColumn epoch_list[] = {
    COLUMN(EpochRow, fold, INTEGER, .counts = true),
    COLUMN(EpochRow, epoch, INTEGER, .counts = true),
    COLUMN_NAMED(EpochRow, learning_rate, "lr", REAL),
    COLUMN(EpochRow, train_loss, REAL),
    COLUMN(EpochRow, val_loss, REAL),
    COLUMN(EpochRow, val_metric, REAL),
    COLUMN(EpochRow, grad_norm, REAL),
    COLUMN_NAMED(EpochRow, seconds, "secs", REAL, .null_is_zero = true),
    COLUMN(EpochRow, goal_2, REAL),
    COLUMN(EpochRow, goal_3, REAL),
    COLUMN(EpochRow, goal_4, REAL),
};
const RowTable epoch_columns = COLUMN_TABLE("epoch", "trial_id", EpochRow, epoch_list);

static const RowColumn metric_list[] = {
    COLUMN(MetricRow, split, TEXT, .null_text = ""),
    COLUMN(MetricRow, fold, INTEGER),
    COLUMN(MetricRow, name, TEXT, .null_text = ""),
    COLUMN(MetricRow, value, REAL),
    COLUMN_NAMED(MetricRow, low95, "lo95", REAL),
    COLUMN_NAMED(MetricRow, high95, "hi95", REAL),
};
const RowTable metric_columns = COLUMN_TABLE("metric", "trial_id", MetricRow, metric_list);

const char *metric_heading(const MetricRow *row, bool program, const char *const *taken, Arena *arena)
{
    const char *bare = row->name;
    while (strncmp(bare, "val_", 4) == 0) bare += 4;
    bool own = program && strcmp(row->split, "val") == 0 && (!taken || names_find(taken, bare) < 0);
    return own ? arena_copy(arena, row->name) : arena_print(arena, "%s_%s", row->split, row->name);
}

static const RowColumn confusion_list[] = {
    COLUMN(ConfusionCell, split, TEXT, .null_text = ""),
    COLUMN(ConfusionCell, truth, INTEGER),
    COLUMN(ConfusionCell, pred, INTEGER),
    COLUMN(ConfusionCell, n, INTEGER),
};
const RowTable confusion_columns = COLUMN_TABLE("confusion", "trial_id", ConfusionCell, confusion_list);

static const RowColumn artifact_list[] = {
    COLUMN(ArtifactRow, kind, TEXT, .null_text = ""),
    COLUMN(ArtifactRow, path, TEXT, .null_text = ""),
    COLUMN(ArtifactRow, bytes, INTEGER, .counts = true),
    COLUMN(ArtifactRow, sha256, TEXT),
};
const RowTable artifact_columns = COLUMN_TABLE("artifact", "trial_id", ArtifactRow, artifact_list);

bool artifact_is(const ArtifactRow *row, ArtifactKind kind)
{
    return strcmp(row->kind, artifact_kind_names[kind]) == 0;
}

const char *artifact_ending(const char *path, int number)
{
    char start[40];
    int n = snprintf(start, sizeof start, "artifacts/trial-%06d", number);
    bool ours = strncmp(path, start, (size_t)n) == 0 && (path[n] == '.' || path[n] == '/')
             && !strstr(path, "..");
    return ours ? path + n : NULL;
}

const RowTable *const run_tables[] = {&epoch_columns, &metric_columns, &confusion_columns, &artifact_columns,
                                         NULL};

/* ---- workers ------------------------------------------------------------------------------------ */

const char *const worker_end_names[] = {WORKER_END_LIST(LIST_NAME) NULL};

static const RowColumn worker_list[] = {
    COLUMN(WorkerRow, worker, INTEGER, .counts = true),
    COLUMN(WorkerRow, name, TEXT, .null_text = ""),
    COLUMN(WorkerRow, host, TEXT, .null_text = ""),
    COLUMN(WorkerRow, pid, INTEGER, COUNT_IF_KNOWN),
    COLUMN(WorkerRow, rank, INTEGER),
    COLUMN(WorkerRow, seats, INTEGER, .counts = true),
    COLUMN(WorkerRow, isa, TEXT),
    COLUMN(WorkerRow, memory_bytes, INTEGER, COUNT_IF_KNOWN),
    COLUMN(WorkerRow, version, TEXT),
    COLUMN(WorkerRow, joined_utc, TEXT, .null_text = ""),
    COLUMN(WorkerRow, left_utc, TEXT),
    COLUMN(WorkerRow, reason, TEXT),
    COLUMN(WorkerRow, done, INTEGER, .counts = true),
    COLUMN(WorkerRow, failed, INTEGER, .counts = true),
    COLUMN(WorkerRow, lost, INTEGER, .counts = true),
    COLUMN(WorkerRow, busy_s, REAL, .null_is_zero = true),
    COLUMN(WorkerRow, lost_s, REAL, .null_is_zero = true),
};
const RowTable worker_columns = COLUMN_TABLE("worker", "study_id", WorkerRow, worker_list);

static const RowColumn stint_list[] = {
    COLUMN(StintRow, trial_id, INTEGER),
    COLUMN(StintRow, n, INTEGER, .counts = true),
    COLUMN(StintRow, worker, INTEGER, COUNT_IF_KNOWN),
    COLUMN(StintRow, attempt, INTEGER, .counts = true),
    COLUMN(StintRow, end_utc, TEXT, .null_text = ""),
    COLUMN_NAMED(StintRow, seconds, "secs", REAL, .null_is_zero = true),
    COLUMN(StintRow, how, TEXT, .null_text = ""),
};
const RowTable stint_columns = COLUMN_TABLE("stint", NULL, StintRow, stint_list);

/* ---- ensembles ---------------------------------------------------------------------------------- */

static const RowColumn ensemble_list[] = {
    COLUMN_NAMED(EnsembleRow, id, "ensemble_id", INTEGER, .when = AT_READ),
    COLUMN(EnsembleRow, method, TEXT, .when = AT_ADD | AT_READ, .null_text = ""),
    COLUMN(EnsembleRow, metric, TEXT, .when = AT_ADD | AT_READ, .null_text = ""),
    COLUMN(EnsembleRow, value, REAL, .when = AT_ADD | AT_READ),
    COLUMN(EnsembleRow, config, TEXT, .when = AT_ADD | AT_READ),
    COLUMN(EnsembleRow, path, TEXT, .when = AT_ADD | AT_READ),
    COLUMN(EnsembleRow, bytes, INTEGER, .counts = true, .when = AT_ADD | AT_READ),
    COLUMN(EnsembleRow, sha256, TEXT, .when = AT_ADD | AT_READ),
    COLUMN(EnsembleRow, created_utc, TEXT, .when = AT_ADD | AT_READ, .null_text = ""),
};
const RowTable ensemble_columns = COLUMN_TABLE("ensemble", "study_id", EnsembleRow, ensemble_list);
