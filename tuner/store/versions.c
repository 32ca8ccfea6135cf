/* Versions of a search space: read; and the next one added, with the study's configuration and view. */
#include "tuner/store/versions.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "tuner/store/lease.h"
#include "tuner/store/queue.h"
#include "tuner/store/view.h"

static const char *copy_text(sqlite3_stmt *s, int column, Arena *arena, bool *ok)
{
    const char *text = (const char *)sqlite3_column_text(s, column);
    const char *copy = text ? arena_copy(arena, text) : NULL;
    *ok = *ok && (copy || !text);
    return copy;
}

static bool take(Store *store, sqlite3_stmt *s, SpaceVersion *out, Arena *arena, Error *err)
{
    const int64_t version = sqlite3_column_int64(s, 0), from = sqlite3_column_int64(s, 1);
    bool ok = true;
    *out = (SpaceVersion){.version = (int)version, .from_trial = (int)from};
    const char **texts[] = {&out->parameters, &out->constraints, &out->changes, &out->utc, &out->note};
    for (int i = 0; i < (int)(sizeof texts / sizeof *texts); i++) *texts[i] = copy_text(s, 2 + i, arena, &ok);
    if (!ok) return error_memory(err);
    const bool dated = out->utc && strlen(out->utc) >= strlen("2026-11-23T22:12");
    return (version > 0 && version < INT_MAX && from >= 0 && from <= INT_MAX && out->parameters && dated)
        || error_set(err, ERR_STORE, "%s: a row of `space_version` that cannot be; the database is damaged",
                     store->path);
}

bool store_versions(Store *store, int64_t study_id, Arena *arena, SpaceVersion **out, int *n, Error *err)
{
    int64_t most = 0;
    int found = 0;
    bool row = false;
    store_enter(store);
    bool ok = store_get_int(store, "SELECT count(*) FROM space_version WHERE study_id = ?1",
                            (const RowCell[]){INT(study_id)}, 1, 0, &most, err);
    SpaceVersion *rows = ok ? ARENA_NEW(arena, SpaceVersion, most + 1) : NULL;
    if (ok && !rows) ok = error_memory(err);
    sqlite3_stmt *s = !ok ? NULL
        : STORE_BIND(store, err, "SELECT version, from_trial, parameters, coalesce(constraints, ''),"
                     " coalesce(changes, ''), utc, note FROM space_version WHERE study_id = ?1"
                     " ORDER BY version",
                     INT(study_id));
    ok = s && store_step(store, s, &row, "reading", err);
    for (; ok && row && found < most; found++)
        ok = take(store, s, &rows[found], arena, err) && store_step(store, s, &row, "reading", err);
    if (s) sqlite3_reset(s);
    store_leave(store);
    if (!ok) return false;
    *out = rows;
    *n = found;
    return true;
}

const SpaceVersion *version_of(const SpaceVersion *versions, int n, int number)
{
    while (n > 1 && versions[n - 1].from_trial > number) n--;
    return n > 0 ? &versions[n - 1] : NULL;
}

static bool put(Store *store, int64_t study_id, const SpaceVersion *v, int64_t from, const char *now,
                Error *err)
{
    return STORE_DO(store, err, "INSERT INTO space_version (study_id, version, from_trial, parameters,"
                    " constraints, changes, utc, note)"
                    " VALUES (?1, ?2, ?3, ?4, nullif(?5, ''), nullif(?6, ''), ?7, ?8)",
                    INT(study_id), INT(v->version), INT(from), TEXT(v->parameters), TEXT(v->constraints),
                    TEXT(v->changes), TEXT(now), TEXT(v->note));
}

/* A study that was done is not: its space is another. */
static bool write_edit(Store *store, int64_t study_id, const SpaceEdited *edit, int64_t *from, Error *err)
{
    int64_t newest = 0;
    char now[32], text[80];
    const char *at = store_utc(now, true);
    if (!store_get_int(store, "SELECT max(version) FROM space_version WHERE study_id = ?1",
                       (const RowCell[]){INT(study_id)}, 1, 0, &newest, err)
        || !store_get_int(store, "SELECT max(number) + 1 FROM trial WHERE study_id = ?1",
                          (const RowCell[]){INT(study_id)}, 1, 0, from, err))
        return false;
    if (edit->next.version != (newest ? newest : 1) + 1)
        return error_set(err, ERR_INVALID, "somebody else has edited the study just now; look at it (`consort"
                         " edit STUDY`), and edit again");
    snprintf(text, sizeof text, "the search space: version %d from trial %d on", edit->next.version,
             (int)*from);
    return (newest > 0 || put(store, study_id, &edit->first, 0, at, err))
        && put(store, study_id, &edit->next, *from, at, err)
        && STORE_DO(store, err, "UPDATE study SET config_yaml = ?2, state = CASE state WHEN 'DONE' THEN"
                    " 'STOPPED' ELSE state END WHERE study_id = ?1", INT(study_id), TEXT(edit->config_yaml))
        && store_view_study(store, study_id, edit->space, err)
        && store_event_now(store, study_id, 0, "EDITED", text, err);
}

/* Of the process that runs the study, or else of one that finds nobody running it. */
static bool enter(Store *store, int64_t study_id, bool holds, Error *err)
{
    return holds ? store_enter_write(store, err) : store_enter_idle(store, study_id, err);
}

bool store_limit_marks(Store *store, int64_t study_id, const LimitMark *marks, int n, bool holds, Error *err)
{
    if (!enter(store, study_id, holds, err)) return false;
    bool ok = !holds || store_lease_check(store, false, err);
    for (int i = 0; ok && i < n; i++)
        ok = STORE_DO(store, err, "UPDATE trial SET fail_code = ?2, fail_text = ?3 WHERE trial_id = ?1 AND"
                      " state = 'COMPLETE'", INT(marks[i].trial_id),
                      TEXT(marks[i].text ? fail_code_names[FAIL_LIMIT] : NULL), TEXT(marks[i].text));
    return store_leave_write(store, ok, err);
}

bool store_version_add(Store *store, int64_t study_id, SpaceEdited *edit, Error *err)
{
    int64_t from = 0;
    if (!enter(store, study_id, edit->holds, err)) return false;
    const bool ok = (!edit->holds || store_lease_check(store, false, err))
                 && write_edit(store, study_id, edit, &from, err);
    if (!store_leave_write(store, ok, err)) return false;
    edit->next.from_trial = (int)from;
    return true;
}
