/* tuner/store/store.h - the trial database. The one file (with its parts store_*.c) that knows SQL.
 *
 * One writer: a Store opened for writing owns the only read-write connection and one thread that
 * uses it. Everything else hands it records through a bounded queue; it writes them in batches
 * (at most 250 ms or 16384 records) in BEGIN IMMEDIATE transactions. store_trial_end and the other
 * calls said to wait return once their record is committed, so what was acknowledged is on disk.
 * Readers open read-only, with short transactions; they never disturb a sweep.
 *
 * A database at rest is one file in DELETE journal mode; while a sweep runs it is in WAL mode.
 * Rows do not depend on which worker was faster: ids follow trial numbers, and the other tables have
 * natural keys, so two runs of one seed differ in times, hosts and pids only.
 *
 * Schema    shared with every user who writes SQL: docs/database.md. application_id "CNSR",
 *           user_version is the schema's number. A newer schema is refused. An older one is migrated when
 *           opened for writing, a copy of the file kept; a reader migrates a copy only it sees.
 * Recovery  store_study_begin finds trials that a dead process left RUNNING, puts them back to
 *           QUEUED with attempt + 1 (their epochs, metrics and artifacts forgotten), and after ten
 *           processes that died on one marks it FAILED/CRASHED.
 * Threads   the writing calls may come from any thread; a reading Store belongs to one.
 * Errors    ERR_STORE, with the path and what to do: busy, corrupt, newer schema, full disk, gone.
 *           Once the writer has failed, every later write returns that same error.
 */
#ifndef CONSORT_TUNER_STORE_STORE_H
#define CONSORT_TUNER_STORE_STORE_H
#include <stdint.h>

#include "base/arena.h"
#include "base/doc.h"
#include "base/error.h"
#include "tuner/search/space.h"

typedef struct Store Store;
typedef enum { STORE_READ, STORE_WRITE } StoreMode; /* WRITE creates the file when it is absent */

bool store_open(const char *path, StoreMode mode, Store **out, Error *err);
/* Writes what is queued; when nobody else has it open, back to DELETE journal mode. */
bool store_close(Store *store, Error *err);
const char *store_path(const Store *store);
/* What the user should hear about opening it for writing, i = 0, 1, ...: that it was migrated and where the
 * copy lies, that the file system allows one process at a time. NULL after the last. */
const char *store_notice(const Store *store, int i);

/* ---- studies -------------------------------------------------------------------------------- */

typedef struct {
    int64_t id;
    const char *name;
    const char *state;  /* OPEN, DONE, STOPPED */
    const char *method, *metric; /* "bayes", "val_f1_macro" */
    bool maximize;
    double target;      /* NaN: none */
    uint64_t seed;
    int run_cap;        /* 0: none */
    double time_cap_s;  /* 0: none */
    bool async;         /* it looks at whatever is there: the same seed gives another study. For good */
    const char *config_yaml;    /* as resolved */
    const char *config_sha256;  /* of what must not change on resume; the app decides what that is */
    const char *data_sha256, *split_sha256;
    const char *version, *notes;
    const char *created_utc;    /* "2026-11-23T22:12:00Z"; filled on creation */
    int n_classes;
    const char *const *classes;
} StudyInfo;

typedef struct {
    bool resumed;      /* the study was there */
    int n_trials;      /* rows found */
    int n_recovered;   /* trials taken back from a dead process */
    int n_crashed;     /* given up after ten attempts */
} StudyStart;

/* Creates the study or opens the one of that name, takes the lease, recovers, sets info->id. A
 * study with another configuration, data or split hash is refused (ERR_CONFIG or ERR_DATA, saying which and the
 * cure: another name, or --fresh); one that a living process is running is ERR_STORE "being run
 * by pid 4711 on host x since 12:03". Waits. Also (re)creates the study's own view: one row a
 * trial, one column a parameter. */
bool store_study_begin(Store *store, StudyInfo *info, const Space *space, StudyStart *start,
                       Error *err);
/* Sets the state, gives the lease back. Waits. */
bool store_study_end(Store *store, int64_t study_id, const char *state, Error *err);
bool store_studies(Store *store, Arena *arena, StudyInfo **out, int *n, Error *err);
/* The study of that name, or the only one when name is NULL. ERR_INVALID names those there are. */
bool store_study_find(Store *store, const char *name, Arena *arena, StudyInfo *out, Error *err);

/* ---- trials --------------------------------------------------------------------------------- */

#define TRIAL_STATE_LIST(X)                                                                      \
    X(TRIAL_QUEUED, "QUEUED") X(TRIAL_RUNNING, "RUNNING") X(TRIAL_COMPLETE, "COMPLETE")           \
    X(TRIAL_PRUNED, "PRUNED") X(TRIAL_FAILED, "FAILED") X(TRIAL_INFEASIBLE, "INFEASIBLE")         \
    X(TRIAL_INTERRUPTED, "INTERRUPTED") X(TRIAL_EXCLUDED, "EXCLUDED")
#define X(id, name) id,
typedef enum { TRIAL_STATE_LIST(X) TRIAL_STATE_COUNT } TrialState;
#undef X
extern const char *const trial_state_names[];

/* One row. Zero or NULL or NaN where nothing is known yet. */
typedef struct {
    int64_t id;
    int number;
    TrialState state;
    const char *source;      /* "tuner", "baseline", "user", "portfolio", "import" */
    const char *params;      /* canonical JSON of the active parameters (space_json) */
    const char *params_hash;
    const char *trace;       /* JSON: why this point (sampler, acquisition, mean, sigma, scales) */
    uint64_t seed;
    int attempt;             /* 1 for the first */
    double value, value_sd;  /* the study's metric in its own direction; NaN: none */
    int best_epoch, epochs;
    int rung;                /* halving: the rung at which it ended or waits, from 1; 0: none */
    int64_t n_params, model_bytes;
    double seconds;
    int threads;
    const char *fail_code;   /* DIVERGED, TIMEOUT, OOM, IO, CRASHED; for INFEASIBLE: CONSTRAINT */
    const char *fail_text;
    const char *queued_utc, *start_utc, *end_utc, *host; /* filled by the store */
    int pid;
} TrialRow;

typedef struct {
    int fold, epoch; /* fold counts folds x repeats */
    double learning_rate, train_loss, val_loss, val_metric, grad_norm, seconds;
} EpochRow;

typedef struct {
    const char *split; /* "val", "test" */
    int fold;          /* -1: pooled over folds */
    const char *name;  /* "f1_macro" */
    double value, low95, high95; /* NaN: no interval */
} MetricRow;

typedef struct {
    const char *kind;  /* "weights", "proba" */
    const char *path;  /* relative to the database's folder */
    int64_t bytes;
    const char *sha256;
} ArtifactRow;

typedef struct {
    const char *split;
    int n_classes;
    const int64_t *count; /* (K, K) [truth * K + predicted] */
} ConfusionRow;

/* The row of a trial that is about to run (RUNNING), will when its turn comes (QUEUED) or never will
 * (INFEASIBLE); row->id is set. One that has an id goes on: it was QUEUED, or paused.
 * Numbers come in order. Waits only for room in the queue. Everything is copied. */
bool store_trial_begin(Store *store, int64_t study_id, TrialRow *row, Error *err);
/* Waits until all that was queued so far is committed. */
bool store_flush(Store *store, Error *err);
bool store_epoch(Store *store, int64_t trial_id, const EpochRow *row, Error *err);
/* The end of a trial, whatever it was: one transaction for the row and all that belongs to it.
 * Artifact files must already be in place. Waits. */
bool store_trial_end(Store *store, const TrialRow *row, const MetricRow *metrics, int n_metrics,
                     const ConfusionRow *confusions, int n_confusions,
                     const ArtifactRow *artifacts, int n_artifacts, Error *err);
/* The same in two steps, for a caller that has something better to do than wait: what is sent, the pointers
 * and what they point to, must stay as it is until the wait for its ticket is over. */
bool store_trial_end_send(Store *store, const TrialRow *row, const MetricRow *metrics, int n_metrics,
                          const ConfusionRow *confusions, int n_confusions,
                          const ArtifactRow *artifacts, int n_artifacts, uint64_t *ticket, Error *err);
bool store_trial_end_wait(Store *store, uint64_t ticket, Error *err);
/* Forgets an artifact's row (its file goes after that). Does not wait. */
bool store_artifact_drop(Store *store, int64_t trial_id, const char *kind, Error *err);
/* Sets state EXCLUDED or back; a note; used between sweeps. Waits. */
bool store_trial_exclude(Store *store, int64_t trial_id, bool excluded, Error *err);
bool store_event(Store *store, int64_t study_id, int64_t trial_id /* 0: none */, const char *code,
                 const char *text, Error *err);

/* May it be called the best? COMPLETE, with a value, and trained here: a result of another tool (source
 * "import") has no model, and nobody can check it. */
bool trial_ranks(const TrialRow *row);
/* All trials in number order. Text lives in the arena. */
bool store_trials(Store *store, int64_t study_id, Arena *arena, TrialRow **out, int *n,
                  Error *err);
/* The best complete trial by the study's value (metric NULL) or by one of its pooled validation metrics
 * or costs; of equals the lowest number. */
bool store_best(Store *store, int64_t study_id, const char *metric, bool maximize, Arena *arena,
                TrialRow *out, bool *found, Error *err);
bool store_epochs(Store *store, int64_t trial_id, Arena *arena, EpochRow **out, int *n,
                  Error *err);
bool store_metrics(Store *store, int64_t trial_id, Arena *arena, MetricRow **out, int *n,
                   Error *err);
bool store_confusion(Store *store, int64_t trial_id, const char *split, Arena *arena,
                     ConfusionRow *out, Error *err); /* n_classes 0 when there is none */
bool store_artifacts(Store *store, int64_t trial_id, Arena *arena, ArtifactRow **out, int *n,
                     Error *err);
bool store_count_events(Store *store, int64_t study_id, const char *code, int *n, Error *err);

/* ---- ensembles ------------------------------------------------------------------------------ */

typedef struct {
    int64_t trial_id;
    double weight;
} EnsembleMemberRow;
typedef struct {
    int64_t id;
    const char *method, *metric, *config; /* config: JSON */
    double value;                         /* on the rows it was selected on */
    const char *path, *sha256;
    int64_t bytes;
    const char *created_utc;
    int n_members;
    const EnsembleMemberRow *members;
} EnsembleRow;
bool store_ensemble_add(Store *store, int64_t study_id, EnsembleRow *row, Error *err); /* waits */
bool store_ensembles(Store *store, int64_t study_id, Arena *arena, EnsembleRow **out, int *n,
                     Error *err);

/* ---- asking --------------------------------------------------------------------------------- */

/* One cell of a result: kind NONE is NULL, numbers INT or REAL, else TEXT (integers beyond 2^53, as seeds
 * are, and blobs, too). `row` may return false to stop early, which is no error. */
typedef struct {
    int n_columns;
    const char *const *columns;
    bool (*row)(void *context, int n_columns, const char *const *columns, const Value *cells);
    void *context;
} QuerySink;
/* Runs one read-only statement. More than one statement, a statement that writes, a syntax error
 * (with the place marked) and more than `timeout_s` seconds are ERR_INVALID / ERR_STOPPED. */
bool store_query(Store *store, const char *sql, double timeout_s, const QuerySink *sink,
                 Error *err);
/* Library version, whether it has the WAL-reset fix, journal mode, file system, integrity_check:
 * for `doctor`. `path` may be NULL. */
Doc *store_health(const char *path);
#endif
