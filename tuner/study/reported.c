/* Limits against what trials reported. */
#include "tuner/study/reported.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "tuner/store/versions.h"

/* A metric of networks is val_recall to people, and `recall` in its row. */
static bool is_named(const MetricRow *row, const char *name)
{
    return strcmp(row->name, name) == 0 || (strncmp(name, "val_", 4) == 0 && strcmp(row->name, name + 4) == 0);
}

static double value_of(const char *name, const MetricRow *rows, int n_rows)
{
    for (int i = 0; i < n_rows; i++)
        if (rows[i].fold == -1 && strcmp(rows[i].split, "val") == 0 && is_named(&rows[i], name))
            return isfinite(rows[i].value) ? rows[i].value : NAN;
    return NAN;
}

/* By the scores of its runs, n_folds of them a repeat. What was stopped within a repeat has none. */
static void set_noise(const Study *study, Entry *entry, const MetricRow *rows, int n_rows)
{
    enum { MOST = 1000 };
    const int n_folds = study->o->n_folds > 0 ? study->o->n_folds : 1;
    double mean[MOST] = {0}, sum = 0, square = 0;
    int n = 0;
    for (int i = 0; i < n_rows; i++) {
        const int repeat = rows[i].fold / n_folds;
        if (rows[i].fold < 0 || repeat >= MOST || strcmp(rows[i].split, "val") != 0) continue;
        mean[repeat] += rows[i].value / n_folds;
        n++;
    }
    const bool whole = n % n_folds == 0;
    n /= n_folds;
    entry->n_repeats = whole && n < MOST && study->o->race.most > 1 ? n : 0;
    for (int r = 0; r < entry->n_repeats; r++) sum += mean[r];
    for (int r = 0; r < entry->n_repeats; r++) square += (mean[r] - sum / n) * (mean[r] - sum / n);
    entry->variance = entry->n_repeats > 1 ? square / (n - 1) : NAN;
}

void entry_set_reported(const Study *study, Entry *entry, const MetricRow *rows, int n_rows)
{
    const Space *space = study->o->space;
    set_noise(study, entry, rows, n_rows);
    if (entry->state != TRIAL_COMPLETE) return;
    for (int i = 0; i < space->n_limits; i++)
        entry->slack[i] = limit_slack(&space->limits[i], value_of(space->limits[i].name, rows, n_rows));
    entry->breaks = !limits_hold(space->n_limits, entry->slack);
}

/* Which limits are broken, and by what; false: none. */
static bool say_broken(const Space *space, const MetricRow *rows, int n_rows, char *out, size_t room)
{
    size_t n = 0;
    bool breaks = false;
    for (int i = 0; i < space->n_limits; i++) {
        const Limit *limit = &space->limits[i];
        const double value = value_of(limit->name, rows, n_rows);
        if (limit_slack(limit, value) <= 0) continue;
        breaks = true;
        if (n + 60 > room) continue;
        const char *between = n ? "; " : "";
        if (isnan(value))
            n += (size_t)snprintf(out + n, room - n, "%s%.80s: not reported", between, limit->text);
        else
            n += (size_t)snprintf(out + n, room - n, "%s%.80s: %.6g", between, limit->text, value);
        if (n >= room) n = room - 1;
    }
    return breaks;
}

void reported_mark(const Space *space, TrialRecord *record)
{
    if (record->row.state == TRIAL_COMPLETE
        && say_broken(space, record->metrics, record->n_metrics, record->fail_text, sizeof record->fail_text))
        record->row.fail_code = fail_code_names[FAIL_LIMIT];
}

/* Marks of a page of trials that are others now. */
static bool page_again(Store *reader, const Space *space, const TrialRow *rows, int n_rows, LimitMark *marks,
                       int *n, Arena *arena, Error *err)
{
    *n = 0;
    for (int i = 0; i < n_rows; i++) {
        char text[sizeof ((TrialRecord *)0)->fail_text];
        MetricRow *metrics;
        int n_metrics;
        const char *was = rows[i].fail_code ? rows[i].fail_text : NULL;
        if (rows[i].state != TRIAL_COMPLETE || trial_is_from(&rows[i], SOURCE_IMPORT)) continue;
        if (!store_metrics(reader, rows[i].id, arena, &metrics, &n_metrics, err)) return false;
        const bool breaks = say_broken(space, metrics, n_metrics, text, sizeof text);
        if (breaks ? was && strcmp(was, text) == 0 : !rows[i].fail_code) continue;
        marks[*n] = (LimitMark){rows[i].id, breaks ? arena_copy(arena, text) : NULL};
        if (breaks && !marks[*n].text) return error_memory(err);
        ++*n;
    }
    return true;
}

bool reported_again(Store *store, int64_t study_id, const Space *space, bool holds, Error *err)
{
    enum { PAGE = 1000 };
    Store *reader = NULL;
    Arena *arena = arena_create(0);
    int64_t first = 0;
    int n_rows = PAGE;
    if (!arena) return error_memory(err);
    bool ok = store_open(store_path(store), STORE_READ, &reader, err);
    while (ok && n_rows == PAGE) {
        TrialRow *rows;
        int n = 0;
        arena_reset(arena);
        LimitMark *marks = ARENA_NEW(arena, LimitMark, PAGE);
        ok = (marks || error_memory(err))
          && store_trials_from(reader, study_id, first, PAGE, arena, &rows, &n_rows, err)
          && page_again(reader, space, rows, n_rows, marks, &n, arena, err)
          && (n == 0 || store_limit_marks(store, study_id, marks, n, holds, err));
        if (ok && n_rows > 0) first = rows[n_rows - 1].number + 1;
    }
    if (reader) ok = store_close(reader, ok ? err : NULL) && ok;
    arena_destroy(arena);
    return ok;
}

bool reported_check(Study *study, int number, const TrialRecord *record, Error *err)
{
    const Space *space = study->o->space;
    const Entry *entry = study->entries[number];
    if (space->n_limits == 0 || entry->state != TRIAL_COMPLETE || study->reported) return true;
    int missing = 0;
    while (missing < space->n_limits && !isnan(entry->slack[missing])) missing++;
    study->reported = missing == space->n_limits;
    if (study->reported) return true;
    const Limit *limit = &space->limits[missing];
    const char *names[64], *near;
    int n = 0;
    for (int i = 0; i < record->n_metrics && n < 63; i++)
        if (record->metrics[i].fold == -1) names[n++] = record->metrics[i].name;
    names[n] = NULL;
    near = n > 0 ? text_nearest(limit->name, names) : NULL;
    if (!near && n > 0) near = names[0];
    return error_set(err, ERR_CONFIG, "trial %d is complete and did not report `%.60s`, on which `constraints`"
                     " has `%.80s`%s%.60s%s", number, limit->name, limit->text, near ? "; it reported `" : "",
                     near ? near : "", near ? "`" : "");
}
