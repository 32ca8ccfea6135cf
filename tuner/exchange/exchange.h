/* tuner/exchange/exchange.h - trials to the files of other tools, and from them.
 *
 * Out. `exchange_to_optuna` writes an SQLite file that Optuna 3.2 and later (RDBStorage, schema 12) and
 * optuna-dashboard read as their own. What differs between the two worlds is mapped:
 *
 *     q_log_uniform...         Int log (whole numbers) or Float log: Optuna has no log with a step
 *     zero_prob                two parameters, NAME_on (false, true) and NAME where it is on
 *     normal, log_normal, ...  Float over the range that was drawn: Optuna has no unbounded ones
 *     a list, [256, 128]       the choice "256-128": Optuna's choices are plain values
 *     metrics: [...]           objectives, in their order
 *     constant                 a choice of one;  an `expr` is a user attribute, derived:NAME
 *     QUEUED                   WAITING, with `fixed_params`, as enqueue_trial leaves it
 *     FAILED, INFEASIBLE, INTERRUPTED and a value of nan   FAIL
 *     EXCLUDED                 left out; numbers count from 0 without gaps
 *
 * In. A reader (foreign_read_optuna, _csv, _study) takes another tool's file apart into
 * ForeignTrials: names, values, a score. foreign_match maps one of them by name onto a search space:
 * every searched parameter that applies must be there and be a value the space can propose. What comes
 * out goes into the study as a row of source "import" (curate.h), which samplers see from the start.
 *
 * Memory  what readers return lives in the arena.
 * Errors  ERR_DATA for a foreign file that cannot be read; ERR_INVALID for a row that does not fit.
 */
#ifndef CONSORT_TUNER_EXCHANGE_EXCHANGE_H
#define CONSORT_TUNER_EXCHANGE_EXCHANGE_H
#include "tuner/store/store.h"
#include "tuner/trial/goals.h"

/* ---- out ------------------------------------------------------------------------------------------ */

typedef struct {
    bool utc; /* times as UTC, which Optuna 5 expects; else local, which Optuna up to 4.9 expects */
    int top;  /* only the best so many; 0: all */
    const Goals *goals; /* several objectives; NULL or n 0: the study's metric */
} OptunaOptions;

/* Keeps the best `top` rows (0: all), in number order; those without a value come last. Returns how many
 * are left. (match.c) */
int exchange_top(TrialRow *rows, int n, int top, bool maximize);

/* `path` must not be there yet. It appears complete or not at all. (optuna_write.c) */
bool exchange_to_optuna(Store *store, const StudyInfo *study, const Space *space,
                        const OptunaOptions *options, const char *path, int *n_trials, Error *err);

/* ---- in ------------------------------------------------------------------------------------------- */

typedef struct {
    const char *where;   /* "trial 12", "line 13" */
    const char *useless; /* NULL: it has a score; else why not: "PRUNED", "no score" */
    int n;
    const char **names;  /* (n) */
    Value *values;       /* (n) */
    double score;        /* in its own direction */
    bool breaks;         /* a limit of its study on what trials report */
} ForeignTrial;

typedef struct {
    const char *tool;    /* "optuna", "csv", "wandb-csv", "consort" */
    int n;
    ForeignTrial *trials;
    int goal;            /* 1 maximize, -1 minimize, 0 the file does not say */
    const char *metric;  /* what the score is called there; NULL: it has no name */
    bool only_params;    /* every name is a parameter; else others are expected, and ignored */
} ForeignStudy;

/* An Optuna database. `study` NULL: the only one. `metric` NULL: the only objective, or the one that is called
 * like one of `metrics` (NULL-ended), of which "#1" is the second where they have no names. (optuna_read.c) */
bool foreign_read_optuna(const char *path, const char *study, const char *metric, const char *const *metrics,
                         Arena *arena, ForeignStudy *out, Error *err);
/* A table with a line of names, one row a trial: our own `export --to csv`, Optuna's
 * trials_dataframe().to_csv(), W&B's export of a table of runs. `metric` is the column of the score;
 * `metrics` (NULL-ended) are the names to try when it is NULL. (csv.c) */
bool foreign_read_csv(const char *path, bool wandb, const char *metric, const char *const *metrics,
                      Arena *arena, ForeignStudy *out, Error *err);

/* Another study of our own: a database, or the folder that has one. `study` NULL: the only one. `metric` NULL:
 * its own; else one of its pooled validation metrics. (consort.c) */
bool foreign_read_study(const char *path, const char *study, const char *metric, Arena *arena,
                        ForeignStudy *out, Error *err);

typedef struct {
    const char *from, *to; /* to "": left out */
} Rename;

/* Trial i as an assignment of the space: `values` (n_params), the parameters that do not apply NONE.
 * False with a reason that names the parameter, what is wrong, and the nearest value or name. */
bool foreign_match(const Space *space, const ForeignStudy *study, int i, const Rename *renames,
                   int n_renames, Arena *arena, Value *values, Error *err);
#endif
