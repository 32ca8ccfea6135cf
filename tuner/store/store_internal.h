/* tuner/store/store_internal.h - what the parts of the store share.
 *
 *     store.c          open, close, errors, statements, file system
 *     schema.c   the tables and views
 *     migrate.c  from one schema to the next; how to add one
 *     view.c     each study's own view
 *     queue.c    the queue and the writer thread
 *     write.c    what is written about trials
 *     begin_end.c    begin and end of a study: checks, lease, recovery; ensembles
 *     lease.c    who holds a study: identity of processes
 *     guard.c    is the file still ours and whole? if not, a copy of what we hold
 *     read.c     rows back into structs
 *     repeat_rows.c  leaders run again on fresh seeds
 *     curate.c   what people change between two sweeps
 *     merge.c    the trials of one study appended to another
 *     query.c    the user's own SQL, and the health of a file
 *
 * Locks. `connection` is held by whoever uses `db`: the writer thread for a batch, or a caller for
 * a call that waits or reads. `lock` guards the queue and is never held while SQLite works.
 * Order: connection before lock. */
#ifndef CONSORT_TUNER_STORE_STORE_INTERNAL_H
#define CONSORT_TUNER_STORE_STORE_INTERNAL_H
#include <pthread.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <time.h>

#include "base/file.h"
#include "tuner/store/store.h"

enum {
    STORE_SCHEMA = 2,                   /* PRAGMA user_version; steps in migrate.c */
    STORE_APPLICATION = 0x434E5352,     /* PRAGMA application_id: "CNSR" */
    SAFE_WAL_VERSION = 3051003,         /* SQLite with the WAL-reset fix */
    QUEUE_ROOM = 32768, BATCH_RECORDS = 16384, BATCH_MS = 250,
    STATEMENT_ROOM = 64,
    BEAT_S = 5, BEATS_UNTIL_DEAD = 3,
    CLOCKS_DIFFER_S = 86400, /* at most, between two machines or before and after being set */
    MAX_CRASHES = 10 /* a machine that is taken away kills whatever runs: a few such ends say nothing */
};

/* What tests turn and users do not. Zero: the default. */
typedef struct {
    bool rollback_journal; /* as on a network file system */
    int max_pages;         /* the disk is full after so many pages */
    int beat_ms;           /* instead of BEAT_S */
} StoreHooks;
bool store_open_with(const char *path, StoreMode mode, const StoreHooks *hooks, Store **out,
                     Error *err);

/* ---- processes (lease.c) ---------------------------------------------------------------- */

/* A pid means something only on its host, since its boot, in its pid namespace, and only until it is
 * used again: hence the start time (clock ticks since boot, 0 where the system does not say). */
typedef struct {
    char host[65], boot_id[40];
    int64_t pid, pid_space, started;
} Process;
void process_self(Process *self);
/* `beat_age_s`: since its last heartbeat, which decides where its pid cannot be looked up. */
bool process_alive(const Process *other, const Process *self, double beat_age_s);

/* ---- the store ---------------------------------------------------------------------------------- */

typedef enum { RECORD_BEGIN, RECORD_EPOCH, RECORD_END, RECORD_DROP, RECORD_EVENT } RecordKind;

typedef struct BeginRecord BeginRecord; /* copies; the writer frees them */
typedef struct TextRecord TextRecord;
typedef struct EndRecord EndRecord;     /* itself a copy; what it points to is borrowed: its sender waits */

typedef struct {
    RecordKind kind;
    bool again;          /* BEGIN: the row is there, QUEUED, of an earlier attempt */
    int number, attempt; /* BEGIN */
    int64_t study_id, trial_id;
    union {
        EpochRow epoch;
        BeginRecord *begin;
        TextRecord *text; /* DROP, EVENT */
        EndRecord *end;
    } as;
} Record;

typedef struct {
    int64_t study_id, trial_id;
    int number, attempt;
} Requeued; /* a row that waits to be run again */

typedef struct {
    int64_t study_id;
    int last_number; /* of the rows there are; -1: none */
} Held; /* a study whose lease is ours */

struct Store {
    char *path; /* as the user wrote it, for messages */
    StoreMode mode;
    sqlite3 *db;
    pthread_mutex_t connection;
    bool wal;
    struct stat file; /* at opening: notices when the file is replaced */
    struct stat left; /* as our last transaction left it: notices when somebody else writes */
    struct stat wal_file;
    bool has_wal_file;
    bool damaged; /* by somebody else: nothing more may be written into it, not even a checkpoint */
    Process self;
    int beat_ms;
    struct {
        const char *sql;
        sqlite3_stmt *statement;
    } statements[STATEMENT_ROOM]; /* found by the address of their text */
    int n_statements;
    char created_utc[32]; /* StudyInfo.created_utc of the study begun last */
    char journal_note[160]; /* why not WAL; goes to the events of the study begun next */
    char lease_note[200]; /* whose lease was given up */
    bool watched; /* leases of processes that cannot be looked up: those left are alive */
    char migrate_note[400]; /* from which schema the file came, and where the copy of it lies */

    pthread_t thread;
    bool has_thread;
    pthread_mutex_t lock; /* everything below */
    pthread_cond_t work, room, settled;
    Record *ring; /* (QUEUE_ROOM) */
    int head, count;
    struct timespec oldest; /* when the ring stopped being empty */
    uint64_t n_pushed, n_settled, n_committed; /* settled: committed, or dropped after a failure */
    double callers_s; /* how long callers were kept from their work here, together */
    int n_waiting; /* callers that wait for a commit: do not linger */
    bool stopping, failed;
    Error failure; /* the first one; every later write gets it */
    int64_t next_trial_id;
    Requeued *requeued;
    int n_requeued;
    Held *held;
    int n_held;
    Record *batch; /* (BATCH_RECORDS), the writer's own */
};

/* ---- SQL, short (store.c). Call these with `connection` held. --------------------------------- */

typedef struct {
    enum { BIND_INTEGER, BIND_REAL, BIND_TEXT } kind;
    int64_t i;
    double d; /* NaN: NULL */
    const char *t; /* NULL: NULL; must live until the statement is reset */
} Bind;
#define INT(x) {BIND_INTEGER, (int64_t)(x), 0, NULL}
#define REAL(x) {BIND_REAL, 0, (x), NULL}
#define TEXT(x) {BIND_TEXT, 0, 0, (x)}

/* err = "trials.db: <doing>: <what SQLite says>, and the cure where there is one"; false. */
bool store_sql_error(Store *store, int rc, Error *err, const char *doing);
bool store_exec(Store *store, const char *sql, Error *err); /* a fixed text without values */
/* A cached statement, reset and with its parameters bound; `sql` must be a constant. */
sqlite3_stmt *store_bind(Store *store, const char *sql, const Bind *values, int n, Error *err);
bool store_do(Store *store, const char *sql, const Bind *values, int n, Error *err);
/* The first column of the first row; `otherwise` when there is none or it is NULL. */
bool store_get_int(Store *store, const char *sql, const Bind *values, int n, int64_t otherwise,
                   int64_t *out, Error *err);
#define STORE_BIND(store, err, sql, ...)                                                         \
    store_bind((store), (sql), (const Bind[]){__VA_ARGS__},                                       \
               (int)(sizeof(const Bind[]){__VA_ARGS__} / sizeof(Bind)), (err))
#define STORE_DO(store, err, sql, ...)                                                           \
    store_do((store), (sql), (const Bind[]){__VA_ARGS__},                                         \
             (int)(sizeof(const Bind[]){__VA_ARGS__} / sizeof(Bind)), (err))
/* Steps; sets *row. False and err when SQLite failed. Resets the statement unless there is a row. */
bool store_step(Store *store, sqlite3_stmt *statement, bool *row, const char *doing, Error *err);

/* BEGIN IMMEDIATE, patient with readers; COMMIT or, when !ok, ROLLBACK. */
bool store_begin(Store *store, Error *err);
bool store_commit(Store *store, bool ok, Error *err);

/* "2026-11-23T22:12:00.123Z", or without the fraction */
char *store_utc(char out[32], bool milliseconds);

/* Is the file on a file system where several machines, or a daemon, stand between us and the disk?
 * `name` gets its name. */
bool store_on_network(const char *path, const char **name);
bool store_library_has_wal_fix(void);

/* ---- schema ------------------------------------------------------------------------------------- */

/* New file: creates everything in one transaction. Else checks that it is ours and its version, and
 * migrates what is older. */
bool store_schema_open(Store *store, Error *err);
typedef struct {
    const char *name, *sql; /* CREATE VIEW name AS sql */
} SchemaView;
extern const SchemaView schema_views[]; /* those all studies share; ends with NULL */
/* The steps from a schema to STORE_SCHEMA, and all views. In a transaction. */
bool store_migrate_steps(Store *store, int from, Error *err);
bool store_migrate(Store *store, Error *err);
int store_copy_pages(sqlite3 *from, sqlite3 *to); /* all, as `from` sees them now; SQLite's code */
/* The reader's way: its connection becomes one to a migrated copy that only it sees. */
bool store_migrate_copy(Store *store, int from, Error *err);
bool store_settings(Store *store, Error *err); /* of the connection (store.c) */
bool store_view_replace(Store *store, const char *name, const char *select, Error *err);
/* param_def rows and the view of one study. In a transaction. */
bool store_schema_study(Store *store, int64_t study_id, const Space *space, Error *err);
/* A free name for a study's view. */
bool store_schema_view_name(Store *store, const char *study, char **out, Error *err);

/* ---- writer ------------------------------------------------------------------------------------- */

bool store_writer_start(Store *store, Error *err);
void store_writer_stop(Store *store); /* writes what is queued first */
/* Queues the record; a BEGIN gets its id and attempt. `ticket` (may be NULL) is what to wait for. */
bool store_push(Store *store, Record *record, uint64_t *ticket, Error *err);
/* Waits until what has this ticket is committed. */
bool store_await(Store *store, uint64_t ticket, Error *err);
/* In a transaction. */
bool store_record_write(Store *store, const Record *record, Error *err);
void store_record_free(Record *record); /* what it owns */
/* The connection for a call that reads: with a writer's store, after a flush. Reading goes on after a
 * failed write. */
void store_enter(Store *store);
void store_leave(Store *store);
/* The connection, in a transaction, for a call that writes and waits; store_leave_write
 * commits when ok and makes the error sticky when the database failed. */
bool store_enter_write(Store *store, Error *err);
bool store_leave_write(Store *store, bool ok, Error *err);
/* The same, and nobody else runs the study or can begin to before it is left. */
bool store_enter_idle(Store *store, int64_t study_id, Error *err);
/* Does the study have this configuration with this seed? */
bool store_trial_there(Store *store, int64_t study_id, const TrialRow *row, bool *there, Error *err);
/* The rows of `param`, from a trial's parameters. */
bool store_params_write(Store *store, int64_t trial_id, const Doc *params, Error *err);
bool store_event_now(Store *store, int64_t study_id, int64_t trial_id, const char *code,
                     const char *text, Error *err);

/* ---- the file (guard.c) ------------------------------------------------------------------- */

/* Before a transaction: still there, still ours, and nobody damaged it? Else ERR_STORE, and where what was
 * acknowledged lies now. With `connection`. */
bool store_guard(Store *store, Error *err);
void store_guard_mark(Store *store); /* after one: so we left it */

/* ---- lease -------------------------------------------------------------------------------------- */

/* Another writer's lease, if it lives: `study_id` 0 is any study. Fills err and returns false. */
bool store_lease_free(Store *store, int64_t study_id, Error *err);
/* Before anything is written: leases whose holder cannot be looked up, and whose time of the last heartbeat
 * proves nothing, are watched until they beat or have stood still for three beats; then they go. */
bool store_lease_watch(Store *store, Error *err);
bool store_lease_take(Store *store, int64_t study_id, Error *err);
/* In a batch: are all we hold still ours? Else ERR_STORE. `beat` renews them. */
bool store_lease_check(Store *store, bool beat, Error *err);
bool store_lease_give(Store *store, int64_t study_id, Error *err); /* 0: all */
#endif
