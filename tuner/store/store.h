/* tuner/store/store.h - the trial database. No other room but exchange/ knows SQL.
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
 * Schema    shared with every user who writes SQL: docs/reference/database.md. application_id "CNSR",
 *           user_version is the schema's number. A newer schema is refused. An older one is migrated when
 *           opened for writing, a copy of the file kept; a reader migrates a copy only it sees.
 * Recovery  store_study_begin finds trials that a dead process left RUNNING, puts them back to
 *           QUEUED with attempt + 1 (their epochs, metrics and artifacts forgotten), and after ten
 *           processes that died on one marks it FAILED/CRASHED.
 * Threads   the writing calls may come from any thread; a reading Store belongs to one.
 * Errors    ERR_STORE, with the path and what to do: busy, corrupt, newer schema, full disk, gone.
 *           Once the writer has failed, every later write returns that same error.
 *
 * Parts     from the ground floor up; each calls only those before it:
 *
 *     rows.c         what a row holds
 *     filesystem.c   where the file lies, and what that means for its journal
 *     schema.c       the tables and views, as text
 *     holder.c       a process, as another can tell it apart
 *     sql.c          the Store itself; statements, errors, transactions
 *     view.c         each study's own view
 *     guard.c        is the file still ours and whole? if not, a copy of what we hold
 *     lease.c        who holds a study
 *     migrate.c      from one schema to the next; how to add one
 *     write.c        what each record becomes in the tables
 *     queue.c        the queue and the writer thread
 *     send.c         what callers send there
 *     read.c         rows back into structs
 *     begin_end.c    begin and end of a study: checks, recovery; ensembles
 *     versions.c     edits of a study's search space
 *     workers.c      who trained
 *     repeat_rows.c  leaders run again on fresh seeds
 *     score_rows.c   how good the products are, on the test set
 *     curate.c       what people change between two sweeps
 *     merge.c        the trials of one study appended to another
 *     open.c         open and close
 *     query.c        the user's own SQL, and the health of a file
 */
#ifndef CONSORT_TUNER_STORE_STORE_H
#define CONSORT_TUNER_STORE_STORE_H
#include "base/arena.h"
#include "base/doc.h"
#include "tuner/search/space.h"
#include "tuner/store/rows.h"

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
    bool resumed;      /* the study was there */
    int n_trials;      /* rows found */
    int n_recovered;   /* trials taken back from a dead process ... */
    int n_beyond;      /* ... of which run_cap has no room for so many now */
    int n_crashed;     /* given up after ten attempts */
} StudyStart;

/* Creates the study or opens the one of that name, takes the lease, recovers, sets info->id. A
 * study with another configuration, data or split hash is refused (ERR_CONFIG or ERR_DATA, saying which and the
 * cure: another name, or --fresh); one that a living process is running is ERR_STORE "being run
 * by pid 4711 on host x since 12:03". Waits. Also (re)creates the study's own view: one row a
 * trial, one column a parameter. */
bool store_study_begin(Store *store, StudyInfo *info, const Space *space, StudyStart *start,
                       Error *err);
/* Is it there, and if so, is it the same? Refused as above; nothing is written. */
bool store_study_check(Store *store, StudyInfo *info, bool *there, Error *err);
/* Sets the state, gives the lease back. Waits. */
bool store_study_end(Store *store, int64_t study_id, const char *state, Error *err);
bool store_studies(Store *store, Arena *arena, StudyInfo **out, int *n, Error *err);
/* The study of that name, or the only one when name is NULL. ERR_INVALID names those there are. */
bool store_study_find(Store *store, const char *name, Arena *arena, StudyInfo *out, Error *err);

/* ---- trials --------------------------------------------------------------------------------- */

/* The row of a trial that is about to run (RUNNING), will when its turn comes (QUEUED) or never will
 * (INFEASIBLE); row->id is set. One that has an id goes on: it was QUEUED, or paused.
 * Numbers come in order. Waits only for room in the queue. Everything is copied. */
bool store_trial_begin(Store *store, int64_t study_id, TrialRow *row, Error *err);
/* A trial that is RUNNING has lost whoever ran it, and is run by another: row->attempt is the new one. */
bool store_trial_again(Store *store, const TrialRow *row, Error *err);
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
bool store_event(Store *store, int64_t study_id, int64_t trial_id /* 0: none */, const char *code,
                 const char *text, Error *err);

/* All trials in number order. Text lives in the arena. */
bool store_trials(Store *store, int64_t study_id, Arena *arena, TrialRow **out, int *n,
                  Error *err);
/* At most so many of them, from this number on: whoever goes through a large study keeps no more than that. */
bool store_trials_from(Store *store, int64_t study_id, int64_t first, int64_t most, Arena *arena,
                       TrialRow **out, int *n, Error *err);
/* All of them with what is short (IN_BRIEF) alone, the rest zero: some 300 bytes a trial. */
bool store_trials_brief(Store *store, int64_t study_id, Arena *arena, TrialRow **out, int *n, Error *err);
/* One of these whole. */
bool store_trial_whole(Store *store, TrialRow *row, Arena *arena, Error *err);
bool store_count_trials(Store *store, int64_t study_id, int *n, Error *err);
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
