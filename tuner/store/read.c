/* Rows back into structs. A list is one statement, so it sees one moment of the database, and holds a
 * lock no longer than it takes to copy. A database may be damaged in ways SQLite does not notice:
 * what is read is checked like any other file. */
#include "tuner/store/queue.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/grow.h"
#include "tuner/store/workers.h"

/* An array in an arena that grows; the struct is the table's. */
typedef struct {
    Arena *arena;
    char *items;
    size_t size;
    int n, room;
} Rows;

static void *rows_add(Rows *rows, Error *err)
{
    if (grow_items(rows->arena, &rows->items, rows->n, &rows->room, rows->size))
        return rows->items + (size_t)rows->n++ * rows->size;
    error_memory(err);
    return NULL;
}

/* No rows: still an array. */
static bool rows_end(Rows *rows, Error *err)
{
    if (!rows->items) rows->items = arena_alloc(rows->arena, 1, rows->size);
    return rows->items || error_memory(err);
}

/* Runs a statement about the rows of a table and reads each into its struct. The connection is entered and left
 * here. */
static bool read_table(Store *store, const char *sql, const RowTable *table, unsigned when,
                       const RowCell *values, int n_values, Rows *rows, Error *err)
{
    rows->size = table->size;
    store_enter(store);
    Statement *s = store_row_bind(store, sql, table, when, values, n_values, err);
    bool row = false;
    bool ok = s && store_step(store, s->statement, &row, "reading", err);
    while (ok && row) {
        Error why;
        void *item = rows_add(rows, err);
        ok = item != NULL;
        if (ok && !store_row_take(s, item, rows->arena, &why))
            ok = why.code == ERR_MEMORY
                     ? error_memory(err)
                     : error_set(err, ERR_STORE, "%s: a row of `%s`: %.200s; the database is damaged",
                                 store->path, table->name, why.message);
        if (ok) ok = store_step(store, s->statement, &row, "reading", err);
    }
    if (s) sqlite3_reset(s->statement);
    store_leave(store);
    return ok && rows_end(rows, err);
}
#define READ_TABLE(store, sql, table, when, rows, err, ...)                                      \
    read_table((store), (sql), (table), (when), (const RowCell[]){__VA_ARGS__},                      \
               (int)(sizeof(const RowCell[]){__VA_ARGS__} / sizeof(RowCell)), (rows), (err))
#define GIVE(rows, out, n) (*(out) = (void *)(rows).items, *(n) = (rows).n)

/* ---- trials --------------------------------------------------------------------------------------- */

enum { MOST_COUNT = 1000000000 }; /* trials are counted on from */

static bool numbers_are_sound(Store *store, const Rows *rows, Error *err)
{
    const TrialRow *trials = (const void *)rows->items;
    for (int i = 0; i < rows->n; i++)
        if (trials[i].number < 0 || trials[i].number > MOST_COUNT)
            return error_set(err, ERR_STORE, "%s: a trial has number %d; the database is damaged", store->path,
                             trials[i].number);
    return true;
}

bool store_trials(Store *store, int64_t study_id, Arena *arena, TrialRow **out, int *n, Error *err)
{
    Rows rows = {.arena = arena};
    if (!READ_TABLE(store, "SELECT @names FROM @table WHERE study_id = ?1 ORDER BY number", &trial_columns,
                    AT_READ, &rows, err, INT(study_id))
        || !numbers_are_sound(store, &rows, err))
        return false;
    GIVE(rows, out, n);
    return true;
}

bool store_trials_from(Store *store, int64_t study_id, int64_t first, int64_t most, Arena *arena,
                       TrialRow **out, int *n, Error *err)
{
    Rows rows = {.arena = arena};
    if (!READ_TABLE(store, "SELECT @names FROM @table WHERE study_id = ?1 AND number >= ?2 ORDER BY number"
                    " LIMIT ?3", &trial_columns, AT_READ, &rows, err, INT(study_id), INT(first), INT(most))
        || !numbers_are_sound(store, &rows, err))
        return false;
    GIVE(rows, out, n);
    return true;
}

/* Texts of many rows lie end to end; what is the same in two rows in a row is there once. */
typedef struct {
    Arena *arena;
    char *at;
    size_t left;
} Texts;

static bool keep_texts(Texts *texts, TrialRow *row, const TrialRow *before)
{
    enum { CHUNK = 1 << 16 };
    for (int i = 0; i < trial_columns.n; i++) {
        const RowColumn *column = &trial_columns.columns[i];
        if (column->member != MEMBER_TEXT) continue;
        const char **text = (void *)((char *)row + column->offset);
        const char *const *other = before ? (const void *)((const char *)before + column->offset) : NULL;
        if (!*text) continue;
        if (other && *other && strcmp(*text, *other) == 0) {
            *text = *other;
            continue;
        }
        const size_t n = strlen(*text) + 1;
        if (n > texts->left) {
            texts->left = n > CHUNK ? n : CHUNK;
            texts->at = arena_alloc(texts->arena, texts->left, 1);
            if (!texts->at) return false;
        }
        memcpy(texts->at, *text, n);
        *text = texts->at;
        texts->at += n;
        texts->left -= n;
    }
    return true;
}

bool store_trials_brief(Store *store, int64_t study_id, Arena *arena, TrialRow **out, int *n, Error *err)
{
    enum { AT_ONCE = 256 };
    Rows rows = {.arena = arena, .size = sizeof(TrialRow)};
    Texts texts = {.arena = arena};
    if (!store_count_trials(store, study_id, &rows.room, err)) return false;
    rows.items = arena_alloc(arena, (size_t)rows.room + 1, rows.size); /* no second copy while it grows */
    Arena *scratch = rows.items ? arena_create(0) : NULL;
    if (!scratch) return error_memory(err);
    store_enter(store);
    const RowCell study = INT(study_id);
    Statement *s = store_row_bind(store, "SELECT @names FROM @table WHERE study_id = ?1 ORDER BY number",
                                  &trial_columns, IN_BRIEF, &study, 1, err);
    bool row = false;
    bool ok = s && store_step(store, s->statement, &row, "reading", err);
    for (TrialRow *before = NULL, *trial; ok && row; before = trial) {
        trial = rows_add(&rows, err);
        ok = trial && store_row_take(s, trial, scratch, err)
          && (keep_texts(&texts, trial, before) || error_memory(err));
        if (rows.n % AT_ONCE == 0) arena_reset(scratch);
        ok = ok && store_step(store, s->statement, &row, "reading", err);
    }
    if (s) sqlite3_reset(s->statement);
    store_leave(store);
    arena_destroy(scratch);
    if (!ok || !numbers_are_sound(store, &rows, err)) return false;
    GIVE(rows, out, n);
    return true;
}

bool store_trial_whole(Store *store, TrialRow *row, Arena *arena, Error *err)
{
    Rows rows = {.arena = arena};
    if (!READ_TABLE(store, "SELECT @names FROM @table WHERE trial_id = ?1", &trial_columns, AT_READ, &rows, err,
                    INT(row->id)))
        return false;
    if (rows.n == 1) *row = *(TrialRow *)(void *)rows.items;
    return true;
}

bool store_best(Store *store, int64_t study_id, const char *metric, bool maximize, Arena *arena,
                TrialRow *out, bool *found, Error *err)
{
    Rows rows = {.arena = arena};
    /* The order is part of the text: an index serves one direction at a time. */
    #define BEST_OF(order) "SELECT @names FROM @table WHERE study_id = ?1 AND state = 'COMPLETE' AND"        \
                           " source <> 'import' AND value IS NOT NULL AND fail_code IS NULL ORDER BY "    \
                           order ", number LIMIT 1"
    #define BEST_BY(order) "SELECT @names FROM @table WHERE trial_id = (SELECT t.trial_id FROM trial t"      \
                           " JOIN metric m ON m.trial_id = t.trial_id AND m.split IN ('val', 'cost') AND"    \
                           " m.fold = -1 AND m.name = ?2 WHERE study_id = ?1 AND state = 'COMPLETE' AND"     \
                           " source <> 'import' AND m.value IS NOT NULL AND t.fail_code IS NULL ORDER BY "   \
                           order ", number LIMIT 1)"
    const RowCell values[] = {INT(study_id), TEXT(metric)};
    const char *sql = metric ? maximize ? BEST_BY("m.value DESC") : BEST_BY("m.value")
                             : maximize ? BEST_OF("value DESC") : BEST_OF("value");
    if (!read_table(store, sql, &trial_columns, AT_READ, values, metric ? 2 : 1, &rows, err)
        || !numbers_are_sound(store, &rows, err))
        return false;
    *found = rows.n > 0;
    if (*found) *out = *(TrialRow *)(void *)rows.items;
    return true;
}

bool store_epochs(Store *store, int64_t trial_id, Arena *arena, EpochRow **out, int *n, Error *err)
{
    Rows rows = {.arena = arena};
    if (!READ_TABLE(store, "SELECT @names FROM @table WHERE trial_id = ?1 ORDER BY fold, epoch", &epoch_columns,
                    0, &rows, err, INT(trial_id)))
        return false;
    GIVE(rows, out, n);
    return true;
}

bool store_metrics(Store *store, int64_t trial_id, Arena *arena, MetricRow **out, int *n, Error *err)
{
    Rows rows = {.arena = arena};
    if (!READ_TABLE(store, "SELECT @names FROM @table WHERE trial_id = ?1 ORDER BY split, fold, name",
                    &metric_columns, 0, &rows, err, INT(trial_id)))
        return false;
    GIVE(rows, out, n);
    return true;
}

bool store_artifacts(Store *store, int64_t trial_id, Arena *arena, ArtifactRow **out, int *n, Error *err)
{
    Rows rows = {.arena = arena};
    int64_t number = -1;
    if (!READ_TABLE(store, "SELECT @names FROM @table WHERE trial_id = ?1 ORDER BY kind, path",
                    &artifact_columns, 0, &rows, err, INT(trial_id)))
        return false;
    store_enter(store);
    bool ok = rows.n == 0 || store_get_int(store, "SELECT number FROM trial WHERE trial_id = ?1",
                                           (const RowCell[]){INT(trial_id)}, 1, -1, &number, err);
    store_leave(store);
    if (!ok) return false;
    const ArtifactRow *files = (const void *)rows.items;
    for (int i = 0; i < rows.n; i++)
        if (!artifact_ending(files[i].path, (int)number))
            return error_set(err, ERR_STORE, "%s: trial %" PRId64 " has a file `%.60s`, which no study writes;"
                             " the database is damaged", store->path, number, files[i].path);
    GIVE(rows, out, n);
    return true;
}

static bool count_classes(Store *store, int64_t trial_id, int64_t *out, Error *err)
{
    store_enter(store);
    bool ok = store_get_int(store, "SELECT count(*) FROM class_label WHERE study_id ="
                            " (SELECT study_id FROM trial WHERE trial_id = ?1)",
                            (const RowCell[]){INT(trial_id)}, 1, 0, out, err);
    store_leave(store);
    return ok;
}

bool store_confusion(Store *store, int64_t trial_id, const char *split, Arena *arena, ConfusionRow *out,
                     Error *err)
{
    enum { MOST_CLASSES = 4096 };
    Rows rows = {.arena = arena};
    int64_t n_classes = 0;
    if (!READ_TABLE(store, "SELECT truth, pred, n FROM @table WHERE trial_id = ?1 AND split = ?2",
                    &confusion_columns, 0, &rows, err, INT(trial_id), TEXT(split))
        || !count_classes(store, trial_id, &n_classes, err))
        return false;
    const char *kept = arena_copy(arena, split);
    if (!kept) return error_memory(err);
    if (rows.n == 0) {
        *out = (ConfusionRow){kept, 0, NULL};
        return true;
    }
    /* Cells of zero are not stored, so the labels say how many classes there are. */
    const ConfusionCell *cells = (const void *)rows.items;
    bool labelled = n_classes > 0;
    for (int i = 0; i < rows.n; i++) {
        int64_t most = cells[i].truth > cells[i].pred ? cells[i].truth : cells[i].pred;
        if (!labelled && most >= n_classes && most < MOST_CLASSES) n_classes = most + 1;
        if (cells[i].truth < 0 || cells[i].pred < 0 || most >= n_classes || n_classes > MOST_CLASSES)
            return error_set(err, ERR_STORE, "%s: trial id %" PRId64 ": a confusion matrix with class %"
                             PRId64 " of %" PRId64 "; the database is damaged", store->path, trial_id,
                             most, n_classes);
        if (cells[i].n < 0 || cells[i].n > INT_MAX)
            return error_set(err, ERR_STORE, "%s: trial id %" PRId64 ": a confusion matrix that counts %" PRId64
                             " rows; the database is damaged", store->path, trial_id, cells[i].n);
    }
    int64_t *counts = arena_alloc(arena, (size_t)n_classes * (size_t)n_classes, sizeof *counts);
    if (!counts) return error_memory(err);
    for (int i = 0; i < rows.n; i++) counts[cells[i].truth * n_classes + cells[i].pred] = cells[i].n;
    *out = (ConfusionRow){kept, (int)n_classes, counts};
    return true;
}

bool store_count_trials(Store *store, int64_t study_id, int *n, Error *err)
{
    int64_t found = 0;
    store_enter(store);
    bool ok = store_get_int(store, "SELECT count(*) FROM trial WHERE study_id = ?1",
                            (const RowCell[]){INT(study_id)}, 1, 0, &found, err);
    store_leave(store);
    if (ok) *n = found > INT_MAX ? INT_MAX : (int)found;
    return ok;
}

bool store_count_events(Store *store, int64_t study_id, const char *code, int *n, Error *err)
{
    int64_t found = 0;
    store_enter(store);
    bool ok = store_get_int(store, "SELECT count(*) FROM event WHERE study_id = ?1 AND code = ?2",
                            (const RowCell[]){INT(study_id), TEXT(code)}, 2, 0, &found, err);
    store_leave(store);
    if (ok) *n = found > INT_MAX ? INT_MAX : (int)found;
    return ok;
}

/* ---- workers -------------------------------------------------------------------------------------- */

bool store_workers(Store *store, int64_t study_id, Arena *arena, WorkerRow **out, int *n, Error *err)
{
    Rows rows = {.arena = arena};
    if (!READ_TABLE(store, "SELECT @names FROM @table WHERE study_id = ?1 ORDER BY worker", &worker_columns, 0,
                    &rows, err, INT(study_id)))
        return false;
    GIVE(rows, out, n);
    return true;
}

/* The plus keeps SQLite from reading all trials in number order to find the few that run. */
bool store_running(Store *store, int64_t study_id, Arena *arena, TrialRow **out, int *n, Error *err)
{
    Rows rows = {.arena = arena};
    if (!READ_TABLE(store, "SELECT @names FROM @table WHERE study_id = ?1 AND state = 'RUNNING' ORDER BY"
                    " +number", &trial_columns, AT_READ, &rows, err, INT(study_id)))
        return false;
    GIVE(rows, out, n);
    return true;
}

/* Few trials have one: from these to their studies, not the other way. */
bool store_stints(Store *store, int64_t study_id, Arena *arena, StintRow **out, int *n, Error *err)
{
    Rows rows = {.arena = arena};
    if (!READ_TABLE(store, "SELECT @names FROM @table WHERE (SELECT study_id FROM trial t WHERE t.trial_id ="
                    " stint.trial_id) = ?1 ORDER BY trial_id, n", &stint_columns, 0, &rows, err, INT(study_id)))
        return false;
    GIVE(rows, out, n);
    return true;
}

/* ---- studies -------------------------------------------------------------------------------------- */

/* Columns that are not a member each; a failed copy is noticed once a row. */
typedef struct {
    sqlite3_stmt *statement;
    Arena *arena;
    bool broken;
} Reader;

static const char *text(Reader *reader, int column)
{
    const char *value = (const char *)sqlite3_column_text(reader->statement, column);
    if (!value) {
        reader->broken |= sqlite3_column_type(reader->statement, column) != SQLITE_NULL;
        return NULL;
    }
    char *copy = arena_copy(reader->arena, value);
    reader->broken |= !copy;
    return copy;
}

static const char *text_or(Reader *reader, int column, const char *otherwise)
{
    const char *value = text(reader, column);
    return value ? value : otherwise;
}

static double number(const Reader *reader, int column) /* NULL: NaN */
{
    return sqlite3_column_type(reader->statement, column) == SQLITE_NULL
               ? NAN : sqlite3_column_double(reader->statement, column);
}

static double number_or_zero(const Reader *reader, int column)
{
    double value = number(reader, column);
    return isnan(value) ? 0 : value;
}

static int64_t whole(const Reader *reader, int column) /* NULL: 0 */
{
    return sqlite3_column_int64(reader->statement, column);
}

static int small(const Reader *reader, int column)
{
    int64_t value = whole(reader, column);
    return value > INT_MAX ? INT_MAX : value < INT_MIN ? INT_MIN : (int)value;
}

typedef bool ReadRow(Store *store, Reader *reader, void *row, Error *err);

/* Runs a statement and hands each of its rows to `read`. The connection is entered and left here. */
static bool read_rows(Store *store, const char *sql, const RowCell *values, int n_values, ReadRow *read,
                      Rows *rows, Error *err)
{
    store_enter(store);
    Reader reader = {store_bind(store, sql, values, n_values, err), rows->arena, false};
    bool row = false;
    bool ok = reader.statement && store_step(store, reader.statement, &row, "reading", err);
    while (ok && row) {
        void *item = rows_add(rows, err);
        ok = item && read(store, &reader, item, err);
        if (ok && reader.broken) ok = error_memory(err);
        if (ok) ok = store_step(store, reader.statement, &row, "reading", err);
    }
    if (reader.statement) sqlite3_reset(reader.statement);
    store_leave(store);
    return ok && rows_end(rows, err);
}
#define READ_ROWS(store, sql, read, rows, err, ...)                                              \
    read_rows((store), (sql), (const RowCell[]){__VA_ARGS__},                                        \
              (int)(sizeof(const RowCell[]){__VA_ARGS__} / sizeof(RowCell)), (read), (rows), (err))

static bool read_study(Store *store, Reader *reader, void *item, Error *err)
{
    const char *goal = (const char *)sqlite3_column_text(reader->statement, 5);
    *(StudyInfo *)item = (StudyInfo){
        .id = whole(reader, 0), .name = text_or(reader, 1, ""), .state = text_or(reader, 2, ""),
        .method = text_or(reader, 3, ""), .metric = text_or(reader, 4, ""),
        .maximize = goal && strcmp(goal, "maximize") == 0, .target = number(reader, 6),
        .seed = (uint64_t)whole(reader, 7), .run_cap = small(reader, 8),
        .time_cap_s = number_or_zero(reader, 9), .config_yaml = text(reader, 10),
        .config_sha256 = text_or(reader, 11, ""), .data_sha256 = text_or(reader, 12, ""),
        .split_sha256 = text_or(reader, 13, ""), .version = text_or(reader, 14, ""), .notes = text(reader, 15),
        .created_utc = text_or(reader, 16, ""), .async = !whole(reader, 17),
        .space_version = small(reader, 18)};
    const StudyInfo *study = item;
    if (!study->config_yaml && !reader->broken)
        return error_set(err, ERR_STORE, "%s: study \"%.60s\" has no configuration; the database is damaged",
                         store->path, study->name);
    return true;
}

static bool read_label(Store *store, Reader *reader, void *item, Error *err)
{
    (void)store, (void)err;
    *(const char **)item = text_or(reader, 0, "");
    return true;
}

static bool read_seconds(Store *store, Reader *reader, void *item, Error *err)
{
    (void)store, (void)err;
    *(double *)item = number_or_zero(reader, 0);
    return true;
}

bool store_recent_seconds(Store *store, int64_t study_id, int most, Arena *arena, double **out, int *n,
                          Error *err)
{
    Rows rows = {.arena = arena, .size = sizeof(double)};
    if (!READ_ROWS(store, "SELECT secs FROM trial WHERE study_id = ?1 AND secs > 0 ORDER BY number DESC"
                   " LIMIT ?2", read_seconds, &rows, err, INT(study_id), INT(most)))
        return false;
    GIVE(rows, out, n);
    return true;
}

#define STUDY_COLUMNS "SELECT study_id, name, state, method, metric, goal, target, seed, run_cap, time_cap_s," \
                      " config_yaml, config_sha256, data_sha256, split_sha256, consort_version, notes,"        \
                      " created_utc, deterministic, (SELECT max(version) FROM space_version v"                 \
                      " WHERE v.study_id = study.study_id) FROM study"

bool store_studies(Store *store, Arena *arena, StudyInfo **out, int *n, Error *err)
{
    Rows rows = {.arena = arena, .size = sizeof(StudyInfo)};
    if (!read_rows(store, STUDY_COLUMNS " ORDER BY study_id", NULL, 0, read_study, &rows, err)) return false;
    StudyInfo *studies = (void *)rows.items;
    for (int i = 0; i < rows.n; i++) {
        Rows labels = {.arena = arena, .size = sizeof(const char *)};
        if (!READ_ROWS(store, "SELECT label FROM class_label WHERE study_id = ?1 ORDER BY class_id",
                       read_label, &labels, err, INT(studies[i].id)))
            return false;
        studies[i].classes = (void *)labels.items;
        studies[i].n_classes = labels.n;
    }
    GIVE(rows, out, n);
    return true;
}

bool store_study_find(Store *store, const char *name, Arena *arena, StudyInfo *out, Error *err)
{
    StudyInfo *studies;
    int n;
    if (!store_studies(store, arena, &studies, &n, err)) return false;
    if (n == 0)
        return error_set(err, ERR_INVALID, "%s: there is no study in it yet", store->path);
    if (!name && n == 1) {
        *out = studies[0];
        return true;
    }
    for (int i = 0; name && i < n; i++)
        if (strcmp(studies[i].name, name) == 0) {
            *out = studies[i];
            return true;
        }
    char list[400] = "";
    size_t used = 0;
    for (int i = 0; i < n && used < sizeof list - 80; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%.60s", i ? ", " : "", studies[i].name);
    if (used >= sizeof list - 80) snprintf(list + used, sizeof list - used, ", ...");
    if (!name)
        return error_set(err, ERR_INVALID, "%s: holds %d studies (%s); name one as %s:NAME", store->path, n,
                         list, store->path);
    return error_set(err, ERR_INVALID, "%s: no study \"%s\" in it; there %s %s", store->path, name,
                     n == 1 ? "is only" : "are", list);
}

/* ---- ensembles ------------------------------------------------------------------------------------ */

static bool read_member(Store *store, Reader *reader, void *item, Error *err)
{
    (void)store, (void)err;
    *(EnsembleMemberRow *)item = (EnsembleMemberRow){whole(reader, 0), number_or_zero(reader, 1)};
    return true;
}

bool store_ensembles(Store *store, int64_t study_id, Arena *arena, EnsembleRow **out, int *n, Error *err)
{
    Rows rows = {.arena = arena};
    if (!READ_TABLE(store, "SELECT @names FROM @table WHERE study_id = ?1 ORDER BY ensemble_id",
                    &ensemble_columns, AT_READ, &rows, err, INT(study_id)))
        return false;
    EnsembleRow *ensembles = (void *)rows.items;
    for (int i = 0; i < rows.n; i++) {
        Rows members = {.arena = arena, .size = sizeof(EnsembleMemberRow)};
        if (!READ_ROWS(store, "SELECT trial_id, weight FROM ensemble_member WHERE ensemble_id = ?1"
                       " ORDER BY ord", read_member, &members, err, INT(ensembles[i].id)))
            return false;
        ensembles[i].members = (void *)members.items;
        ensembles[i].n_members = members.n;
    }
    GIVE(rows, out, n);
    return true;
}
