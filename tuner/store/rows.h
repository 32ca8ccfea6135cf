/* tuner/store/rows.h - what the rows of the trial database hold: plain records, one comment a member.
 *
 * Memory  texts are borrowed by who writes; who reads says where they live.
 */
#ifndef CONSORT_TUNER_STORE_ROWS_H
#define CONSORT_TUNER_STORE_ROWS_H
#include <stdbool.h>
#include <stdint.h>

/* ---- studies ---------------------------------------------------------------------------------- */

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

/* ---- trials ----------------------------------------------------------------------------------- */

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

/* May it be called the best? COMPLETE, with a value, and trained here: a result of another tool (source
 * "import") has no model, and nobody can check it. */
bool trial_ranks(const TrialRow *row);

/* ---- ensembles -------------------------------------------------------------------------------- */

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
#endif
