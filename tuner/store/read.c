/* Rows back into structs. A list is one statement, so it sees one moment of the database, and holds a
 * lock no longer than it takes to copy. A database may be damaged in ways SQLite does not notice:
 * what is read is checked like any other file. */
#include "tuner/store/queue.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* An array in an arena that doubles. */
typedef struct {
    Arena *arena;
    char *items;
    size_t size;
    int n, room;
} Rows;

static void *rows_add(Rows *rows, Error *err)
{
    if (rows->n == rows->room) {
        int room = rows->room ? rows->room * 2 : 16;
        char *items = rows->room > INT_MAX / 2 ? NULL : arena_alloc(rows->arena, (size_t)room, rows->size);
        if (!items) {
            error_memory(err);
            return NULL;
        }
        if (rows->n) memcpy(items, rows->items, (size_t)rows->n * rows->size);
        rows->items = items;
        rows->room = room;
    }
    return rows->items + (size_t)rows->n++ * rows->size;
}

/* Column readers; a failed copy is noticed once a row. */
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
static bool read_rows(Store *store, const char *sql, const Bind *values, int n_values, ReadRow *read,
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
    if (ok && !rows->items) { /* no rows: still an array */
        rows->items = arena_alloc(rows->arena, 1, rows->size);
        ok = rows->items || error_memory(err);
    }
    return ok;
}
#define READ_ROWS(store, sql, read, rows, err, ...)                                              \
    read_rows((store), (sql), (const Bind[]){__VA_ARGS__},                                        \
              (int)(sizeof(const Bind[]){__VA_ARGS__} / sizeof(Bind)), (read), (rows), (err))
#define GIVE(rows, out, n) (*(out) = (void *)(rows).items, *(n) = (rows).n)

/* ---- trials --------------------------------------------------------------------------------------- */

static bool read_trial(Store *store, Reader *reader, void *item, Error *err)
{
    TrialRow *row = item;
    const char *state = (const char *)sqlite3_column_text(reader->statement, 2);
    row->id = whole(reader, 0);
    row->number = small(reader, 1);
    int i = 0;
    while (i < TRIAL_STATE_COUNT && (!state || strcmp(state, trial_state_names[i]) != 0)) i++;
    if (i == TRIAL_STATE_COUNT)
        return error_set(err, ERR_STORE, "%s: trial %d: unknown state; the database is damaged",
                         store->path, row->number);
    if (row->number < 0)
        return error_set(err, ERR_STORE, "%s: a trial has number %d; the database is damaged",
                         store->path, row->number);
    row->state = (TrialState)i;
    row->source = text_or(reader, 3, "tuner");
    row->params = text_or(reader, 4, "{}");
    row->params_hash = text_or(reader, 5, "");
    row->trace = text(reader, 6);
    row->seed = (uint64_t)whole(reader, 7);
    row->attempt = small(reader, 8);
    row->value = number(reader, 9);
    row->value_sd = number(reader, 10);
    row->best_epoch = small(reader, 11);
    row->epochs = small(reader, 12);
    row->n_params = whole(reader, 13);
    row->model_bytes = whole(reader, 14);
    row->seconds = number_or_zero(reader, 15);
    row->threads = small(reader, 16);
    row->fail_code = text(reader, 17);
    row->fail_text = text(reader, 18);
    row->queued_utc = text(reader, 19);
    row->start_utc = text(reader, 20);
    row->end_utc = text(reader, 21);
    row->host = text(reader, 22);
    row->pid = small(reader, 23);
    row->rung = small(reader, 24);
    return true;
}

#define TRIAL_COLUMNS                                                                            \
    "SELECT t.trial_id, number, state, source, params, params_hash, trace, seed, attempt, t.value,"      \
    " value_sd, best_epoch, epochs, n_params, model_bytes, secs, threads, fail_code, fail_text,"      \
    " queued_utc, start_utc, end_utc, host, pid, rung FROM trial t "
bool store_trials(Store *store, int64_t study_id, Arena *arena, TrialRow **out, int *n, Error *err)
{
    Rows rows = {.arena = arena, .size = sizeof(TrialRow)};
    if (!READ_ROWS(store, TRIAL_COLUMNS "WHERE study_id = ?1 ORDER BY number", read_trial, &rows, err,
                   INT(study_id)))
        return false;
    GIVE(rows, out, n);
    return true;
}

bool store_best(Store *store, int64_t study_id, const char *metric, bool maximize, Arena *arena,
                TrialRow *out, bool *found, Error *err)
{
    Rows rows = {.arena = arena, .size = sizeof(TrialRow)};
    /* The order is part of the text: an index serves one direction at a time. */
    #define BEST_OF(order) TRIAL_COLUMNS "WHERE study_id = ?1 AND state = 'COMPLETE' AND source <> 'import'" \
                           " AND value IS NOT NULL"                                                \
                           " ORDER BY " order ", number LIMIT 1"
    #define BEST_BY(order) TRIAL_COLUMNS "JOIN metric m ON m.trial_id = t.trial_id AND m.split IN"          \
                           " ('val', 'cost') AND m.fold = -1 AND m.name = ?2 WHERE study_id = ?1"           \
                           " AND state = 'COMPLETE' AND source <> 'import'"                                 \
                           " AND m.value IS NOT NULL ORDER BY " order ", number LIMIT 1"
    bool ok;
    if (!metric && maximize)
        ok = READ_ROWS(store, BEST_OF("value DESC"), read_trial, &rows, err, INT(study_id));
    else if (!metric)
        ok = READ_ROWS(store, BEST_OF("value"), read_trial, &rows, err, INT(study_id));
    else if (maximize)
        ok = READ_ROWS(store, BEST_BY("m.value DESC"), read_trial, &rows, err, INT(study_id), TEXT(metric));
    else
        ok = READ_ROWS(store, BEST_BY("m.value"), read_trial, &rows, err, INT(study_id), TEXT(metric));
    if (!ok) return false;
    *found = rows.n > 0;
    if (*found) *out = *(TrialRow *)(void *)rows.items;
    return true;
}

static bool read_epoch(Store *store, Reader *reader, void *item, Error *err)
{
    (void)store, (void)err;
    *(EpochRow *)item = (EpochRow){small(reader, 0), small(reader, 1), number(reader, 2),
                                   number(reader, 3), number(reader, 4), number(reader, 5),
                                   number(reader, 6), number_or_zero(reader, 7)};
    return true;
}

bool store_epochs(Store *store, int64_t trial_id, Arena *arena, EpochRow **out, int *n, Error *err)
{
    Rows rows = {.arena = arena, .size = sizeof(EpochRow)};
    if (!READ_ROWS(store, "SELECT fold, epoch, lr, train_loss, val_loss, val_metric, grad_norm, secs"
                   " FROM epoch WHERE trial_id = ?1 ORDER BY fold, epoch", read_epoch, &rows, err,
                   INT(trial_id)))
        return false;
    GIVE(rows, out, n);
    return true;
}

static bool read_metric(Store *store, Reader *reader, void *item, Error *err)
{
    (void)store, (void)err;
    *(MetricRow *)item = (MetricRow){text_or(reader, 0, ""), small(reader, 1), text_or(reader, 2, ""),
                                     number(reader, 3), number(reader, 4), number(reader, 5)};
    return true;
}

bool store_metrics(Store *store, int64_t trial_id, Arena *arena, MetricRow **out, int *n, Error *err)
{
    Rows rows = {.arena = arena, .size = sizeof(MetricRow)};
    if (!READ_ROWS(store, "SELECT split, fold, name, value, lo95, hi95 FROM metric WHERE trial_id = ?1"
                   " ORDER BY split, fold, name", read_metric, &rows, err, INT(trial_id)))
        return false;
    GIVE(rows, out, n);
    return true;
}

static bool read_artifact(Store *store, Reader *reader, void *item, Error *err)
{
    (void)store, (void)err;
    *(ArtifactRow *)item = (ArtifactRow){text_or(reader, 0, ""), text_or(reader, 1, ""),
                                         whole(reader, 2), text(reader, 3)};
    return true;
}

bool store_artifacts(Store *store, int64_t trial_id, Arena *arena, ArtifactRow **out, int *n, Error *err)
{
    Rows rows = {.arena = arena, .size = sizeof(ArtifactRow)};
    if (!READ_ROWS(store, "SELECT kind, path, bytes, sha256 FROM artifact WHERE trial_id = ?1"
                   " ORDER BY kind, path", read_artifact, &rows, err, INT(trial_id)))
        return false;
    GIVE(rows, out, n);
    return true;
}

static bool read_int(Store *store, Reader *reader, void *item, Error *err)
{
    (void)store, (void)err;
    *(int64_t *)item = whole(reader, 0);
    return true;
}

/* One number, through the same door as everything else. */
static bool read_count(Store *store, const char *sql, const Bind *values, int n_values, Arena *arena,
                       int64_t *out, Error *err)
{
    Rows rows = {.arena = arena, .size = sizeof(int64_t)};
    if (!read_rows(store, sql, values, n_values, read_int, &rows, err)) return false;
    memcpy(out, rows.items, sizeof *out); /* zero when there was no row */
    return true;
}

typedef struct {
    int64_t truth, pred, n;
} Cell;

static bool read_cell(Store *store, Reader *reader, void *item, Error *err)
{
    (void)store, (void)err;
    *(Cell *)item = (Cell){whole(reader, 0), whole(reader, 1), whole(reader, 2)};
    return true;
}

bool store_confusion(Store *store, int64_t trial_id, const char *split, Arena *arena, ConfusionRow *out,
                     Error *err)
{
    enum { MOST_CLASSES = 4096 };
    Rows rows = {.arena = arena, .size = sizeof(Cell)};
    int64_t n_classes = 0;
    if (!READ_ROWS(store, "SELECT truth, pred, n FROM confusion WHERE trial_id = ?1 AND split = ?2",
                   read_cell, &rows, err, INT(trial_id), TEXT(split)) ||
        !read_count(store, "SELECT count(*) FROM class_label WHERE study_id ="
                    " (SELECT study_id FROM trial WHERE trial_id = ?1)", (const Bind[]){INT(trial_id)}, 1,
                    arena, &n_classes, err))
        return false;
    const char *kept = arena_copy(arena, split);
    if (!kept) return error_memory(err);
    if (rows.n == 0) {
        *out = (ConfusionRow){kept, 0, NULL};
        return true;
    }
    /* Cells of zero are not stored, so the labels say how many classes there are. */
    const Cell *cells = (const void *)rows.items;
    bool labelled = n_classes > 0;
    for (int i = 0; i < rows.n; i++) {
        int64_t most = cells[i].truth > cells[i].pred ? cells[i].truth : cells[i].pred;
        if (!labelled && most >= n_classes && most < MOST_CLASSES) n_classes = most + 1;
        if (cells[i].truth < 0 || cells[i].pred < 0 || most >= n_classes || n_classes > MOST_CLASSES)
            return error_set(err, ERR_STORE, "%s: trial id %" PRId64 ": a confusion matrix with class %"
                             PRId64 " of %" PRId64 "; the database is damaged", store->path, trial_id,
                             most, n_classes);
    }
    int64_t *counts = arena_alloc(arena, (size_t)n_classes * (size_t)n_classes, sizeof *counts);
    if (!counts) return error_memory(err);
    for (int i = 0; i < rows.n; i++) counts[cells[i].truth * n_classes + cells[i].pred] = cells[i].n;
    *out = (ConfusionRow){kept, (int)n_classes, counts};
    return true;
}

bool store_count_events(Store *store, int64_t study_id, const char *code, int *n, Error *err)
{
    int64_t found = 0;
    store_enter(store);
    bool ok = store_get_int(store, "SELECT count(*) FROM event WHERE study_id = ?1 AND code = ?2",
                            (const Bind[]){INT(study_id), TEXT(code)}, 2, 0, &found, err);
    store_leave(store);
    if (ok) *n = found > INT_MAX ? INT_MAX : (int)found;
    return ok;
}

/* ---- studies -------------------------------------------------------------------------------------- */

static bool read_study(Store *store, Reader *reader, void *item, Error *err)
{
    (void)store, (void)err;
    const char *goal = (const char *)sqlite3_column_text(reader->statement, 5);
    *(StudyInfo *)item = (StudyInfo){
        .id = whole(reader, 0), .name = text_or(reader, 1, ""), .state = text_or(reader, 2, ""),
        .method = text_or(reader, 3, ""), .metric = text_or(reader, 4, ""),
        .maximize = goal && strcmp(goal, "maximize") == 0, .target = number(reader, 6),
        .seed = (uint64_t)whole(reader, 7), .run_cap = small(reader, 8),
        .time_cap_s = number_or_zero(reader, 9), .config_yaml = text(reader, 10),
        .config_sha256 = text(reader, 11), .data_sha256 = text(reader, 12),
        .split_sha256 = text(reader, 13), .version = text(reader, 14), .notes = text(reader, 15),
        .created_utc = text_or(reader, 16, ""), .async = !whole(reader, 17)};
    return true;
}

static bool read_label(Store *store, Reader *reader, void *item, Error *err)
{
    (void)store, (void)err;
    *(const char **)item = text_or(reader, 0, "");
    return true;
}

#define STUDY_COLUMNS "SELECT study_id, name, state, method, metric, goal, target, seed, run_cap, time_cap_s," \
                      " config_yaml, config_sha256, data_sha256, split_sha256, consort_version, notes,"        \
                      " created_utc, deterministic FROM study"

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

static bool read_ensemble(Store *store, Reader *reader, void *item, Error *err)
{
    (void)store, (void)err;
    *(EnsembleRow *)item = (EnsembleRow){
        .id = whole(reader, 0), .method = text_or(reader, 1, ""), .metric = text_or(reader, 2, ""),
        .config = text(reader, 3), .value = number(reader, 4), .path = text(reader, 5),
        .sha256 = text(reader, 6), .bytes = whole(reader, 7), .created_utc = text_or(reader, 8, "")};
    return true;
}

static bool read_member(Store *store, Reader *reader, void *item, Error *err)
{
    (void)store, (void)err;
    *(EnsembleMemberRow *)item = (EnsembleMemberRow){whole(reader, 0), number_or_zero(reader, 1)};
    return true;
}

bool store_ensembles(Store *store, int64_t study_id, Arena *arena, EnsembleRow **out, int *n, Error *err)
{
    Rows rows = {.arena = arena, .size = sizeof(EnsembleRow)};
    if (!READ_ROWS(store, "SELECT ensemble_id, method, metric, config, value, path, sha256, bytes, created_utc"
                   " FROM ensemble WHERE study_id = ?1 ORDER BY ensemble_id", read_ensemble, &rows, err,
                   INT(study_id)))
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
