/* The trials of one study appended to another: rows copied as they are, files checked and renamed. */
#include "tuner/store/merge.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/grow.h"
#include "tuner/store/queue.h"
#include "tuner/store/repeat_rows.h"
#include "tuner/store/workers.h"

enum { MOST_COLUMNS = 64 };

typedef struct {
    const MergeSide *into, *from;
    const Space *space;
    Arena *arena, *scratch; /* of the merge; of one trial */
    TrialRow *rows;         /* of `from` */
    int64_t *new_id;        /* (n_rows) in `into`; 0: not taken */
    int n_rows;
    int64_t first_id;       /* of number 0 in `into`, where ids go with numbers; 0: they do not */
    const WorkerRow *workers; /* of `from` */
    int64_t *new_worker;    /* (n_workers) its number in `into`; 0: it was not needed yet */
    int n_workers;
    const char **copied;    /* files that are in place */
    int n_copied, copied_room;
} Merge;

/* ---- rows ----------------------------------------------------------------------------------------- */

static void place(const RowTable *table, RowCell *cells, const char *name, int64_t value)
{
    int i = column_index(table, name);
    if (i >= 0) cells[i] = (RowCell)INT(value);
}

/* The number in `into` of who trained something that is taken. One that came with an earlier merge is known by
 * where and since when it was there. */
static bool renumber_worker(const Merge *m, RowCell *cell, Error *err)
{
    Store *into = m->into->store;
    int i = 0;
    for (int high = m->n_workers; cell->kind == CELL_INTEGER && i < high;) { /* they stand in order */
        int middle = i + (high - i) / 2;
        if (m->workers[middle].worker < cell->i) i = middle + 1;
        else high = middle;
    }
    if (cell->kind != CELL_INTEGER || i == m->n_workers || m->workers[i].worker != cell->i) {
        *cell = (RowCell){.kind = CELL_NULL};
        return true;
    }
    WorkerRow row = m->workers[i];
    if (!m->new_worker[i]) {
        const RowCell known[] = {INT(m->into->study->id), TEXT(row.host), INT(row.pid),
                                 TEXT(row.joined_utc)};
        int64_t next;
        if (!store_get_int(into, "SELECT 1 + max(worker) FROM worker WHERE study_id = ?1", known, 1, 1, &next,
                           err)
            || !store_get_int(into, "SELECT worker FROM worker WHERE study_id = ?1 AND host = ?2 AND pid = ?3"
                              " AND joined_utc = ?4", known, 4, next, &m->new_worker[i], err))
            return false;
        row.worker = (int)m->new_worker[i];
        if (!store_row_put(into, replace_owned, &worker_columns, 0, m->into->study->id, &row, err))
            return false;
    }
    cell->i = m->new_worker[i];
    return true;
}

/* The rows of a table that are one trial's, each place as it is; its id, study and number are new. */
static bool copy_rows(const Merge *m, const RowTable *table, int64_t old_id, int64_t new_id, int number,
                      Error *err)
{
    Store *from = m->from->store, *into = m->into->store;
    const char *select = table->owner ? "SELECT @names FROM @table WHERE @owner = ?1"
                                      : "SELECT @names FROM @table WHERE trial_id = ?1";
    bool row;
    assert(table->n < MOST_COLUMNS);
    store_enter(from);
    Statement *s = store_row_bind(from, select, table, 0, (const RowCell[]){INT(old_id)}, 1, err);
    bool ok = s && store_step(from, s->statement, &row, "reading", err);
    while (ok && row) {
        RowCell cells[MOST_COLUMNS] = {INT(new_id)};
        int n = table->owner != NULL;
        for (int i = 0; i < table->n; i++) cells[n++] = store_cell(s->statement, i);
        if (!table->owner) {
            place(table, cells, "trial_id", new_id);
            place(table, cells, "study_id", m->into->study->id);
            place(table, cells, "number", number);
            ok = renumber_worker(m, &cells[column_index(table, "worker")], err);
        }
        ok = ok && store_row_do(into, table->owner ? insert_owned : insert_row, table, 0, cells, n, err)
          && store_step(from, s->statement, &row, "reading", err);
    }
    if (s) sqlite3_reset(s->statement);
    store_leave(from);
    return ok;
}

/* ---- files ---------------------------------------------------------------------------------------- */

/* "artifacts/trial-000003.proba" of trial 3 as trial 12's; NULL when no trial 3 would have written it. */
static const char *renamed(const char *path, int from, int to, Arena *arena)
{
    const char *ending = artifact_ending(path, from);
    return ending ? arena_print(arena, "artifacts/trial-%06d%s", to, ending) : NULL;
}

static bool remember(Merge *m, const char *path, Error *err)
{
    if (!GROW(m->arena, m->copied, m->n_copied, m->copied_room)) return error_memory(err);
    m->copied[m->n_copied] = arena_copy(m->arena, path);
    return m->copied[m->n_copied++] || error_memory(err);
}

/* A study that runs lets go of models: first of their rows, then of their files. */
static bool was_let_go(const Merge *m, int64_t trial_id, const ArtifactRow *file, bool *gone, Error *err)
{
    int64_t n;
    store_enter(m->from->store);
    bool ok = store_get_int(m->from->store, "SELECT count(*) FROM artifact WHERE trial_id = ?1 AND path = ?2",
                            (const RowCell[]){INT(trial_id), TEXT(file->path)}, 2, 0, &n, err);
    store_leave(m->from->store);
    *gone = ok && n == 0;
    return ok;
}

static bool copy_file(Merge *m, const TrialRow *row, int number, int64_t new_id, const ArtifactRow *file,
                      Error *err)
{
    const char *path = renamed(file->path, row->number, number, m->scratch);
    if (!path)
        return error_set(err, ERR_STORE, "%s: trial %d has a file `%.60s`, which no study writes; the database"
                         " is damaged", m->from->store->path, row->number, file->path);
    const char *old = path_join(m->scratch, m->from->folder, file->path);
    const char *new = path_join(m->scratch, m->into->folder, path);
    const char *folder = new ? path_folder(m->scratch, new) : NULL;
    bool gone;
    if (!old || !folder) return error_memory(err);
    if (!file_make_folder(folder, err) || !remember(m, new, err)) return false;
    if (file_copy(old, new, file->bytes, file->sha256, err)) {
        ArtifactRow moved = *file;
        moved.path = path;
        return store_row_put(m->into->store, insert_owned, &artifact_columns, 0, new_id, &moved, err);
    }
    Error ignored;
    if (was_let_go(m, row->id, file, &gone, &ignored) && gone) return true;
    return file_exists(old) ? false : error_set(err, ERR_DATA, "%s is not there; copy the whole folder of a"
                                                " study, not its database alone", old);
}

/* ---- trials -------------------------------------------------------------------------------------- */

static bool has_ended(const TrialRow *row)
{
    return row->state != TRIAL_QUEUED && row->state != TRIAL_RUNNING && row->state != TRIAL_INTERRUPTED;
}

/* A sweep would stop at a trial that is not of its space. */
static bool check(const Merge *m, const TrialRow *row, Error *err)
{
    char hash[65] = "";
    Value *values = ARENA_NEW(m->scratch, Value, m->space->n_params + 1);
    Doc *params = doc_parse(row->params, strlen(row->params), err);
    bool ok = params && (values || error_memory(err))
           && space_from_doc(m->space, params, m->scratch, values, err);
    doc_free(params);
    if (ok) space_hash(m->space, values, hash);
    if (ok && strcmp(hash, row->params_hash) != 0)
        ok = error_set(err, ERR_STORE, "its parameters are not those of its hash; the database is damaged");
    return ok || error_wrap(err, "%s: trial %d", m->from->store->path, row->number);
}

/* The id of a trial that is to have this number. */
static int64_t new_id_for(Merge *m, int number)
{
    Store *store = m->into->store;
    pthread_mutex_lock(&store->lock);
    int64_t id = m->first_id > 0 ? m->first_id + number : store->next_trial_id;
    if (id >= store->next_trial_id) store->next_trial_id = id + 1;
    pthread_mutex_unlock(&store->lock);
    return id;
}

static bool take(Merge *m, int i, int number, Error *err)
{
    /* the artifacts come with their files */
    static const RowTable *const copied[] = {&trial_columns, &param_columns, &epoch_columns, &metric_columns,
                                                &confusion_columns, &repeat_columns, &stint_columns};
    Store *store = m->into->store;
    const TrialRow *row = &m->rows[i];
    ArtifactRow *files;
    int n_files;
    if (!store_artifacts(m->from->store, row->id, m->scratch, &files, &n_files, err)) return false;
    const int64_t id = new_id_for(m, number);
    for (size_t t = 0; t < sizeof copied / sizeof *copied; t++)
        if (!copy_rows(m, copied[t], row->id, id, number, err)) return false;
    /* the test set of another study may be another one */
    if (!STORE_DO(store, err, "DELETE FROM metric WHERE trial_id = ?1 AND split = 'test'", INT(id))
        || !STORE_DO(store, err, "DELETE FROM confusion WHERE trial_id = ?1 AND split = 'test'", INT(id)))
        return false;
    for (int f = 0; f < n_files; f++)
        if (!copy_file(m, row, number, id, &files[f], err)) return false;
    m->new_id[i] = id;
    return true;
}

/* Is it in what was merged so far? In a dry run the sources before this one stand for what they would have
 * become. */
static bool known(const MergeSide *sides, int n, const TrialRow *row, bool dry, bool *there, Error *err)
{
    bool ok = true;
    *there = false;
    for (int i = 0; ok && !*there && i < (dry ? n - 1 : 1); i++) {
        if (!sides[i].store) continue; /* nothing is there yet */
        if (dry) store_enter(sides[i].store);
        ok = store_trial_there(sides[i].store, sides[i].study->id, row, there, err);
        if (dry) store_leave(sides[i].store);
    }
    return ok;
}

/* Of a study that has its database to itself ids go with numbers: those of a study without trials begin where
 * those of the database do. */
static bool ids_by_number(Merge *m, Error *err)
{
    Store *store = m->into->store;
    int64_t n;
    if (!store_first_id(store, m->into->study->id, &m->first_id, err)
        || !store_get_int(store, "SELECT count(*) FROM trial", NULL, 0, 0, &n, err))
        return false;
    if (n == 0) m->first_id = store->next_trial_id;
    return true;
}

static bool is_free(const Merge *m, int number, Error *err)
{
    int64_t n;
    if (!store_get_int(m->into->store, "SELECT count(*) FROM trial WHERE study_id = ?1 AND number = ?2",
                       (const RowCell[]){INT(m->into->study->id), INT(number)}, 2, 0, &n, err))
        return false;
    return n == 0
        || error_set(err, ERR_CONFIG, "%s is a part, and its trial %d is another one than that of %s; merge the"
                     " parts of a study into it before anything else", m->from->store->path, number,
                     m->into->store->path);
}

static bool take_all(Merge *m, const MergeSide *sides, int n, bool dry, MergeCount *count, Error *err)
{
    int64_t next = 0;
    const bool numbered = m->from->numbered;
    if (!dry && numbered && !ids_by_number(m, err)) return false;
    if (!dry && !store_get_int(m->into->store, "SELECT max(number) + 1 FROM trial WHERE study_id = ?1",
                               (const RowCell[]){INT(m->into->study->id)}, 1, 0, &next, err))
        return false;
    for (int i = 0; i < m->n_rows; i++) {
        bool there;
        arena_reset(m->scratch);
        if (!has_ended(&m->rows[i])) {
            count->n_unfinished++;
            continue;
        }
        if (!check(m, &m->rows[i], err) || !known(sides, n, &m->rows[i], dry, &there, err)) return false;
        if (there) {
            count->n_there++;
            continue;
        }
        const int number = numbered ? m->rows[i].number : (int)next + count->n_merged;
        if (!dry && ((numbered && !is_free(m, number, err)) || !take(m, i, number, err))) return false;
        count->n_merged++;
    }
    return true;
}

/* ---- events --------------------------------------------------------------------------------------- */

/* The new id of the trial that had this number; 0: it was not taken. */
static int64_t new_id_of(const Merge *m, int64_t number)
{
    int low = 0, high = m->n_rows;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (m->rows[middle].number < number) low = middle + 1;
        else high = middle;
    }
    return low < m->n_rows && m->rows[low].number == number ? m->new_id[low] : 0;
}

/* What happened to the trials that were taken; of the study its notes and its looks at the test set, each
 * once. */
static bool copy_events(const Merge *m, Error *err)
{
    static const char select[] =
        "SELECT t.number, e.utc, e.code, e.text FROM event e LEFT JOIN trial t USING (trial_id)"
        " WHERE e.study_id = ?1 AND (e.trial_id IS NOT NULL OR e.code IN ('NOTE', 'TEST_LOOK'))"
        " ORDER BY e.event_id";
    static const char insert[] =
        "INSERT INTO event (study_id, trial_id, utc, code, text) SELECT ?1, ?2, ?3, ?4, ?5 WHERE ?2 IS NOT NULL"
        " OR NOT EXISTS (SELECT 1 FROM event WHERE study_id = ?1 AND utc = ?3 AND code = ?4 AND text IS ?5)";
    bool row;
    store_enter(m->from->store);
    sqlite3_stmt *s = STORE_BIND(m->from->store, err, select, INT(m->from->study->id));
    bool ok = s && store_step(m->from->store, s, &row, "reading", err);
    while (ok && row) {
        bool of_study = sqlite3_column_type(s, 0) == SQLITE_NULL;
        int64_t id = of_study ? 0 : new_id_of(m, sqlite3_column_int64(s, 0));
        if (of_study || id)
            ok = STORE_DO(m->into->store, err, insert, INT(m->into->study->id),
                          of_study ? (RowCell)TEXT(NULL) : (RowCell)INT(id), store_cell(s, 1),
                          store_cell(s, 2), store_cell(s, 3));
        ok = ok && store_step(m->from->store, s, &row, "reading", err);
    }
    if (s) sqlite3_reset(s);
    store_leave(m->from->store);
    return ok;
}

/* Where each is from, and that the study is not its seed's alone any more. */
static bool mark(const Merge *m, Error *err)
{
    for (int i = 0; i < m->n_rows; i++) {
        if (!m->new_id[i]) continue;
        const char *text = arena_print(m->scratch, "trial %d of study %s, seed %" PRIu64 ", %s",
                                       m->rows[i].number, m->from->study->name, m->rows[i].seed,
                                       m->from->store->path);
        if (!text) return error_memory(err);
        if (!store_event_now(m->into->store, m->into->study->id, m->new_id[i], "MERGED", text, err))
            return false;
    }
    return STORE_DO(m->into->store, err, "UPDATE study SET deterministic = 0 WHERE study_id = ?1",
                    INT(m->into->study->id));
}

/* ---- the whole ------------------------------------------------------------------------------------ */

static bool write_all(Merge *m, const MergeSide *sides, int n, MergeCount *count, Error *err)
{
    Store *store = m->into->store;
    if (!store_enter_idle(store, m->into->study->id, err)) return false;
    bool ok = take_all(m, sides, n, false, count, err) && copy_events(m, err)
           && (count->n_merged == 0 || m->from->numbered || mark(m, err));
    for (int i = 0; !ok && i < m->n_copied; i++) unlink(m->copied[i]);
    return store_leave_write(store, ok, err);
}

bool merge_study(const MergeSide *sides, int n, const Space *space, bool dry, MergeCount *out, Error *err)
{
    Merge m = {.into = &sides[0], .from = &sides[n - 1], .space = space, .arena = arena_create(0),
               .scratch = arena_create(0)};
    MergeCount count = {0};
    bool ok = (m.arena && m.scratch) || error_memory(err);
    WorkerRow *workers = NULL;
    ok = ok && store_trials(m.from->store, m.from->study->id, m.arena, &m.rows, &m.n_rows, err)
      && store_workers(m.from->store, m.from->study->id, m.arena, &workers, &m.n_workers, err);
    if (ok) {
        count.n_trials = m.n_rows;
        m.workers = workers;
        m.new_id = ARENA_NEW(m.arena, int64_t, m.n_rows + 1);
        m.new_worker = ARENA_NEW(m.arena, int64_t, m.n_workers + 1);
        ok = (m.new_id && m.new_worker) || error_memory(err);
    }
    ok = ok && (dry ? take_all(&m, sides, n, true, &count, err) : write_all(&m, sides, n, &count, err));
    arena_destroy(m.arena);
    arena_destroy(m.scratch);
    if (ok) *out = count;
    return ok;
}
