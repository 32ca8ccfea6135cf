/* tuner/store/sql.h - the Store, and SQL for the rest of the room: statements that are prepared once,
 * transactions, errors that say what to do.
 *
 * Locks. `connection` is held by whoever uses `db`: the writer thread for a batch, or a caller for
 * a call that waits or reads. `lock` guards the queue and is never held while SQLite works.
 * Order: connection before lock. What is declared here is called with `connection` held.
 */
#ifndef CONSORT_TUNER_STORE_SQL_H
#define CONSORT_TUNER_STORE_SQL_H
#include <pthread.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <time.h>

#include "base/record.h"
#include "tuner/store/holder.h"
#include "tuner/store/store.h"

/* ---- the store ---------------------------------------------------------------------------------- */

typedef struct {
    int64_t study_id, trial_id;
    int number, attempt;
} Requeued; /* a row that waits to be run again */

typedef struct {
    int64_t study_id;
    int last_number; /* of the rows there are; -1: none */
    bool gaps;       /* below it numbers are missing, which may be begun yet */
    int64_t first_id; /* of number 0, where ids go with numbers; 0: they do not */
    int last_worker, own_worker; /* of the rows there are, 0: none; this process, 0: it is none */
} Held; /* a study whose lease is ours */

typedef struct Record Record; /* on its way to the tables (write.h) */

enum { STATEMENT_ROOM = 96 };
/* Prepared once, and found again by the address of its text; about rows, by its table and columns, too. */
typedef struct {
    const char *sql;
    const RowTable *table;
    unsigned when;
    sqlite3_stmt *statement;
    const RowColumn **columns; /* of each of its results, or else of each of its parameters; NULL: the owner */
    int n;
} Statement;

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
    Holder self;
    int beat_ms;
    Statement statements[STATEMENT_ROOM];
    int n_statements;
    char created_utc[32]; /* StudyInfo.created_utc of the study begun last */
    char journal_note[160]; /* why not WAL; goes to the events of the study begun next */
    char lease_note[200]; /* whose lease was given up */
    struct timespec read_until; /* of a reader's statement; 0: none is under way */
    int read_most_s;
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

/* ---- statements --------------------------------------------------------------------------------- */

/* Texts must live until the statement is reset. */
#define INT(x) {CELL_INTEGER, (int64_t)(x), 0, NULL}
#define REAL(x) {CELL_REAL, 0, (x), NULL}
#define TEXT(x) {CELL_TEXT, 0, 0, (x)}
#define COUNT(x) {(x) ? CELL_INTEGER : CELL_NULL, (int64_t)(x), 0, NULL} /* 0: NULL, not known */

/* err = "trials.db: <doing>: <what SQLite says>, and the cure where there is one"; false. */
bool store_sql_error(Store *store, int rc, Error *err, const char *doing);
bool store_exec(Store *store, const char *sql, Error *err); /* a fixed text without values */
/* A cached statement, reset and with its parameters bound; `sql` must be a constant. */
sqlite3_stmt *store_bind(Store *store, const char *sql, const RowCell *values, int n, Error *err);
bool store_do(Store *store, const char *sql, const RowCell *values, int n, Error *err);
/* The first column of the first row; `otherwise` when there is none or it is NULL. */
/* The id of trial number 0, where the study has its database to itself and ids go with numbers; else 0. */
bool store_first_id(Store *store, int64_t study_id, int64_t *id, Error *err);
bool store_get_int(Store *store, const char *sql, const RowCell *values, int n, int64_t otherwise,
                   int64_t *out, Error *err);
#define STORE_BIND(store, err, sql, ...)                                                         \
    store_bind((store), (sql), (const RowCell[]){__VA_ARGS__},                                       \
               (int)(sizeof(const RowCell[]){__VA_ARGS__} / sizeof(RowCell)), (err))
#define STORE_DO(store, err, sql, ...)                                                           \
    store_do((store), (sql), (const RowCell[]){__VA_ARGS__},                                         \
             (int)(sizeof(const RowCell[]){__VA_ARGS__} / sizeof(RowCell)), (err))
/* Steps; sets *row. False and err when SQLite failed. Resets the statement unless there is a row. */
bool store_step(Store *store, sqlite3_stmt *statement, bool *row, const char *doing, Error *err);

/* Statements about the rows of a table (base/record.h). In their text stand, for the columns of `when`,
 *
 *     @names    state, value          @sets     state = :state, value = :value
 *     @marks    :state, :value        @forgets  value = NULL, epochs = 0
 *
 * and @table and @owner, the names of the table and of the column that says whose its rows are. */
Statement *store_row_bind(Store *store, const char *sql, const RowTable *table, unsigned when,
                          const RowCell *values, int n, Error *err);
bool store_row_do(Store *store, const char *sql, const RowTable *table, unsigned when, const RowCell *values,
                  int n, Error *err);
/* Each parameter :name is the member of that column, and :owner is the owner. */
bool store_row_put(Store *store, const char *sql, const RowTable *table, unsigned when, int64_t owner,
                   const void *row, Error *err);
/* The result that a statement stands at, into the members of the columns it names; texts into the arena. */
bool store_row_take(const Statement *statement, void *row, Arena *arena, Error *err);
RowCell store_cell(sqlite3_stmt *statement, int column); /* as it is; a text lives until the next step */
extern const char insert_row[], insert_owned[], replace_owned[]; /* INSERT INTO @table ... */

/* BEGIN IMMEDIATE, patient with readers; COMMIT or, when !ok, ROLLBACK. */
bool store_begin(Store *store, Error *err);
bool store_commit(Store *store, bool ok, Error *err);

/* "2026-11-23T22:12:00.123Z", or without the fraction */
char *store_utc(char out[32], bool milliseconds);
/* An event, now. 0: of no study, of no trial. */
bool store_event_now(Store *store, int64_t study_id, int64_t trial_id, const char *code,
                     const char *text, Error *err);

/* ---- connections -------------------------------------------------------------------------------- */

void store_forget_statements(Store *store);
bool store_settings(Store *store, Error *err);
void store_limit_reader(Store *store); /* a statement that takes longer than read_most_s is interrupted */
int store_copy_pages(sqlite3 *from, sqlite3 *to); /* all, as `from` sees them now; SQLite's code */
#endif
