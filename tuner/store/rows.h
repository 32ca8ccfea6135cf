/* tuner/store/rows.h - what the rows of the trial database hold: plain records, one comment a member; and for
 * each of them the table of its columns (rows.c), which is the one place where they are listed.
 *
 * A new column of a trial is a member of TrialRow, a row of trial_list in rows.c, and a step in migrate.c. What
 * it takes part in is said by the bits of its `when`, below. A column that measures a run (OF_RUN) is filled by
 * the runner in TrialRecord.row; from there on it travels, is stored, merged and shown by itself.
 *
 * Memory  texts are borrowed by who writes; who reads says where they live.
 */
#ifndef CONSORT_TUNER_STORE_ROWS_H
#define CONSORT_TUNER_STORE_ROWS_H
#include "base/arena.h"
#include "base/names.h"
#include "base/record.h"

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
    int space_version;          /* of its search space (versions.h); 0: it was never edited */
    int n_classes;              /* 0: numbers or yes/no labels are predicted, or a program is run */
    const char *const *classes;
} StudyInfo;
/* A program of the user's: what is no network of ours has no data that we know of. */
static inline bool study_runs_program(const StudyInfo *study)
{
    return study->n_classes == 0 && !(study->data_sha256 && *study->data_sha256);
}

/* ---- trials ----------------------------------------------------------------------------------- */

/* The statements and documents a column of `trial` stands in. */
enum {
    AT_BEGIN = 1 << 0,  /* INSERT of a trial that is about to run, will when its turn comes, or never will */
    AT_ADD = 1 << 1,    /* INSERT of one that people put in between two sweeps */
    AT_AGAIN = 1 << 2,  /* UPDATE of one that waited and now runs */
    AT_END = 1 << 3,    /* UPDATE of one that has ended, or is paused */
    AT_RETRY = 1 << 4,  /* UPDATE of one that is to run again: forgotten */
    AT_READ = 1 << 5,   /* SELECT; the rest is SQL's own business */
    OF_RUN = 1 << 6,    /* what a run came to: the runner fills it, and tells other processes */
    IN_JSON = 1 << 7,
    IN_CSV_HEAD = 1 << 8, /* before the parameters */
    IN_CSV = 1 << 9,      /* after them */
    IN_LS = 1 << 10,      /* `ls` lists it by default, behind the columns of the study's view */
    IN_COLUMNS = 1 << 11, /* `ls --columns` and its like may name it */
    IN_SHOW = 1 << 12,    /* `show` has it in a line of measurements */
    IN_BRIEF = 1 << 13    /* SELECT of all trials of a study that may have a million: what is short */
};

#define TRIAL_STATE_LIST(X)                                                                      \
    X(TRIAL_QUEUED, "QUEUED") X(TRIAL_RUNNING, "RUNNING") X(TRIAL_COMPLETE, "COMPLETE")           \
    X(TRIAL_PRUNED, "PRUNED") X(TRIAL_FAILED, "FAILED") X(TRIAL_INFEASIBLE, "INFEASIBLE")         \
    X(TRIAL_INTERRUPTED, "INTERRUPTED") X(TRIAL_EXCLUDED, "EXCLUDED")
/* Why it did not end well. CONSTRAINT, MEMORY and SETTING: it is INFEASIBLE; LIMIT: it is COMPLETE, and what it
 * reported breaks a constraint; else FAILED. */
#define FAIL_CODE_LIST(X)                                                                        \
    X(FAIL_DIVERGED, "DIVERGED") X(FAIL_TIMEOUT, "TIMEOUT") X(FAIL_OOM, "OOM")                    \
    X(FAIL_CRASHED, "CRASHED") X(FAIL_CONSTRAINT, "CONSTRAINT") X(FAIL_MEMORY, "MEMORY")          \
    X(FAIL_SETTING, "SETTING") X(FAIL_EXIT, "EXIT") X(FAIL_NO_METRIC, "NO_METRIC")          \
    X(FAIL_LOST, "LOST") X(FAIL_LIMIT, "LIMIT")
/* Whose idea it was. */
#define TRIAL_SOURCE_LIST(X)                                                                     \
    X(SOURCE_TUNER, "tuner") X(SOURCE_BASELINE, "baseline") X(SOURCE_PORTFOLIO, "portfolio")      \
    X(SOURCE_USER, "user") X(SOURCE_IMPORT, "import")
#define ARTIFACT_KIND_LIST(X)                                                                    \
    X(ARTIFACT_WEIGHTS, "weights") X(ARTIFACT_PROBA, "proba") X(ARTIFACT_LOG, "log")
typedef enum { TRIAL_STATE_LIST(LIST_ID) TRIAL_STATE_COUNT } TrialState;
typedef enum { FAIL_CODE_LIST(LIST_ID) FAIL_CODE_COUNT } FailCode;
typedef enum { TRIAL_SOURCE_LIST(LIST_ID) TRIAL_SOURCE_COUNT } TrialSource;
typedef enum { ARTIFACT_KIND_LIST(LIST_ID) ARTIFACT_KIND_COUNT } ArtifactKind;
extern const char *const trial_state_names[], *const fail_code_names[], *const trial_source_names[],
    *const artifact_kind_names[]; /* each ends with NULL */

/* One row. Zero or NULL or NaN where nothing is known yet. */
typedef struct {
    int64_t id;
    int number;
    TrialState state;
    const char *source;      /* of trial_source_names */
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
    double cpu_s;            /* of processors, by whoever trained it (docs/reference/database.md) */
    int64_t peak_bytes;      /* the most memory it held; 0: not known, as of cpu_s */
    int threads;
    const char *fail_code;   /* of fail_code_names; NULL: none */
    const char *fail_text;
    int worker;              /* who trains it, of the study's workers; 0: this process, where that is one */
    const char *host;        /* of another worker; NULL, and pid 0: this process, filled by the store */
    int pid;
    const char *queued_utc, *start_utc, *end_utc; /* from here on filled by the store */
    const char *run_utc;     /* when it last began or went on, where that is not start_utc */
    int64_t study_id;        /* these are not read back */
    const char *heartbeat_utc, *boot_id;
} TrialRow;
extern const RowTable trial_columns;

/* One of a trial's parameters: a number, a word or list (as JSON), or a truth value (both). */
typedef struct {
    const char *name;
    double number;
    const char *text;
} ParamRow;
extern const RowTable param_columns;

typedef struct {
    int fold, epoch; /* fold counts folds x repeats */
    double learning_rate, train_loss, val_loss, val_metric, grad_norm, seconds;
    double goal_2, goal_3, goal_4; /* of several goals the further ones, as they are; NaN: not known */
} EpochRow;
extern const RowTable epoch_columns;

typedef struct {
    const char *split; /* "val", "test" */
    int fold;          /* -1: pooled over folds */
    const char *name;  /* "f1_macro" */
    double value, low95, high95; /* NaN: no interval */
} MetricRow;
extern const RowTable metric_columns;
/* What a table of trials calls it: "val_f1_macro". A program's metrics are what it calls them itself, but for a
 * name that, with or without val_, is one of `taken` (NULL-ended; NULL: none): then with val_ in front. So two
 * metrics never have one name. NULL: no memory. */
const char *metric_heading(const MetricRow *row, bool program, const char *const *taken, Arena *arena);

typedef struct {
    const char *kind;  /* of artifact_kind_names */
    const char *path;  /* relative to the database's folder */
    int64_t bytes;
    const char *sha256;
} ArtifactRow;
extern const RowTable artifact_columns;
bool artifact_is(const ArtifactRow *row, ArtifactKind kind);
/* What follows "artifacts/trial-000012" in the path of a file that trial 12 may own: ".proba", "/log.txt".
 * NULL: the path leads elsewhere. A database may come from anywhere, and its paths are opened and removed. */
const char *artifact_ending(const char *path, int number);

typedef struct {
    const char *split;
    int n_classes;
    const int64_t *count; /* (K, K) [truth * K + predicted] */
} ConfusionRow;
typedef struct {
    const char *split;
    int64_t truth, pred, n;
} ConfusionCell; /* as it is stored; those of n 0 are not */
extern const RowTable confusion_columns;

/* What comes of a run, and goes when it is run again. Ends with NULL. */
extern const RowTable *const run_tables[];

bool trial_is_from(const TrialRow *row, TrialSource source);
/* May it be called the best? COMPLETE, with a value, within all limits, and trained here: a result of another
 * tool (source "import") has no model, and nobody can check it. */
bool trial_ranks(const TrialRow *row);
/* The one rule of who is the better of two that rank: the better value, and of equal values the lower number.
 * Values as they are; `leaderboard` and `best` of the database order by the same (schema.c). */
bool trial_before(double value, int number, double other_value, int other_number, bool maximize);
/* How many networks of one size, one a fold and repeat, its n_params counts: 5 of 81,666 weights. 1 where its
 * metrics do not say what one has. */
int trial_networks(const TrialRow *row, const MetricRow *metrics, int n);

/* ---- workers ---------------------------------------------------------------------------------- */

/* Why a worker left. LOST: it died or was cut off; SILENT: it gave no sign of life, and was given up. */
#define WORKER_END_LIST(X)                                                                       \
    X(WORKER_ENDED, "ended") X(WORKER_LOST, "lost") X(WORKER_SILENT, "silent")                    \
    X(WORKER_REFUSED, "refused") X(WORKER_STOPPED, "stopped")
typedef enum { WORKER_END_LIST(LIST_ID) WORKER_END_COUNT } WorkerEnd;
extern const char *const worker_end_names[];

/* A process that trains for a study, from when it came to when it left. */
typedef struct {
    int worker;              /* its number in the study, from 1 */
    const char *name;        /* "rank 3", "pid 77" */
    const char *host;        /* NULL when written: this process; pid is filled, too */
    int64_t pid;
    int rank;                /* -1: none */
    int seats;
    const char *isa;
    int64_t memory_bytes;    /* 0: not known */
    const char *version;
    const char *joined_utc, *left_utc; /* from here on filled by the store; left NULL: it is there */
    const char *reason;      /* of worker_end_names */
    int done, failed;        /* trials that ended there; of them FAILED */
    int lost;                /* attempts that came to nothing */
    double busy_s, lost_s;   /* seconds of training that counted, and that did not */
} WorkerRow;
extern const RowTable worker_columns;

/* A part of a trial's training that was not its last: until a pause, or for nothing. */
typedef struct {
    int64_t trial_id;
    int n;                   /* from 1 */
    int worker;              /* 0: not known */
    int attempt;
    const char *end_utc;
    double seconds;
    const char *how;         /* "paused"; "forgotten" since; "lost" with its worker; "stopped" */
} StintRow;
extern const RowTable stint_columns;

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
extern const RowTable ensemble_columns;
#endif
