/* Reads a study's trials back from its database into entries, each as settled as its row says. */
#include "tuner/study/load.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tuner/store/versions.h"
#include "tuner/study/ask.h"
#include "tuner/study/entries.h"
#include "tuner/study/reported.h"
#include "tuner/study/several_goals.h"

static bool load_curve(Study *study, Store *reader, Entry *entry, Arena *arena, Error *err)
{
    EpochRow *rows;
    int n, n_curve = 0;
    if (!store_epochs(reader, entry->trial_id, arena, &rows, &n, err)) return false;
    double *value = ARENA_NEW(study->arena, double, n);
    const int m = pruner_forecasts(study->o->pruner) && study_n_goals(study) > 1 ? study_n_goals(study) - 1 : 0;
    double *more = ARENA_NEW(study->arena, double, m * n);
    if (!value || !more) return error_memory(err);
    for (int i = 0; i < n; i++) {
        if (rows[i].fold != 0) continue;
        if (m > 0) goals_noted(study->o->goals, &rows[i], more + n_curve * m);
        value[n_curve++] = study_sign(study) * rows[i].val_metric;
    }
    entry->curve = (Curve){n_curve, value};
    entry->more = (Curve){n_curve * m, more};
    return true;
}

/* The scores of a finished trial's networks, of which there may be one only: then it has none. */
static bool load_scores(Study *study, Store *reader, Entry *entry, Arena *arena, Error *err)
{
    MetricRow *rows;
    int n, n_scores = 0;
    const char *metric = study->o->info->metric;
    if (strncmp(metric, "val_", 4) == 0) metric += 4;
    if (!store_metrics(reader, entry->trial_id, arena, &rows, &n, err)) return false;
    double *value = ARENA_NEW(study->arena, double, n);
    if (!value) return error_memory(err);
    for (int i = 0; i < n; i++) /* ordered by fold */
        if (rows[i].fold >= 0 && strcmp(rows[i].split, "val") == 0 && strcmp(rows[i].name, metric) == 0)
            value[n_scores++] = study_sign(study) * rows[i].value;
    entry->scores = (Curve){n_scores, value};
    return true;
}

static bool load_goals(Study *study, Store *reader, Entry *entry, Arena *arena, Error *err)
{
    MetricRow *metrics;
    int n;
    const int n_limits = study->o->space->n_limits;
    const bool repeats = study->o->race.most > 1;
    if (study_n_goals(study) == 0 && !repeats && (n_limits == 0 || entry->state != TRIAL_COMPLETE)) return true;
    if (!store_metrics(reader, entry->trial_id, arena, &metrics, &n, err)) return false;
    entry_set_goals(study, entry, metrics, n);
    entry_set_reported(study, entry, metrics, n);
    return true;
}

/* A trial from before a parameter was one is the configuration with what it had of that, too. */
static bool take_filled(Study *study, const Entry *entry, Error *err)
{
    const Space *space = study->o->space;
    Value filled[SPACE_MAX_PARAMS];
    char hash[65];
    bool differs = false;
    if (!entry->values) return true;
    space_decode(space, entry->u, filled);
    for (int i = 0; i < space->n_params; i++) {
        const bool was = entry->values[i].kind != VALUE_NONE;
        differs |= space->params[i].before && !was && filled[i].kind != VALUE_NONE;
    }
    if (!differs) return true;
    space_hash(space, filled, hash);
    return taken_add(study, hash, err);
}

static bool load_entry(Study *study, Store *reader, const TrialRow *row, Arena *arena, Error *err)
{
    const Space *space = study->o->space;
    Entry *entry = entry_add(study, err);
    if (!entry) return false;
    Doc *params = doc_parse(row->params, strlen(row->params), err);
    Value *values = ARENA_NEW(arena, Value, space->n_params);
    bool ok = params && values && space_from_doc(space, params, arena, values, err);
    doc_free(params);
    if (!values) return error_memory(err);
    if (!ok) return error_wrap(err, "trial %d in the database", row->number);
    if (!entry_set_values(study, entry, values, err)) return false;
    entry_price(study, entry);
    int source = names_find(trial_source_names, row->source);
    entry->source = source < 0 ? arena_copy(study->arena, row->source) : trial_source_names[source];
    study->has_baseline |= trial_is_from(row, SOURCE_BASELINE);
    entry->trial_id = row->id;
    entry->attempt = row->attempt;
    entry->state = row->state;
    entry->last_rung = row->rung - 1;
    if (!entry->source) return error_memory(err);
    if (!taken_add(study, row->params_hash, err) || !take_filled(study, entry, err)) return false;
    entry->paused = row->state == TRIAL_QUEUED && row->epochs > 0;
    bool unfinished = row->state == TRIAL_QUEUED || row->state == TRIAL_RUNNING
                   || row->state == TRIAL_INTERRUPTED;
    if (unfinished && !entry_set_trace(entry, row->trace ? row->trace : "{}", err)) return false;
    if (unfinished && !entry->paused) return true;
    entry->merged = !unfinished && row->seed != study->o->info->seed;
    entry->imported = trial_is_from(row, SOURCE_IMPORT) && row->state == TRIAL_COMPLETE;
    if (entry->imported) {
        entry->settled = true;
        entry->score = study_sign(study) * row->value;
        return load_goals(study, reader, entry, arena, err);
    }
    const bool compared = study_keeps_curves(study);
    if (compared && !load_curve(study, reader, entry, arena, err)) return false;
    if (entry->paused) return entry_remember(study, entry, row, err);
    const bool stopped = row->state == TRIAL_PRUNED && study->o->race.most > 1;
    if (compared && (row->state == TRIAL_COMPLETE || stopped) && !load_scores(study, reader, entry, arena, err))
        return false;
    if (row->state == TRIAL_PRUNED && study->o->runner.forget) /* a process that died may have left it */
        study->o->runner.forget(study->o->runner.self, row->number);
    if (!load_goals(study, reader, entry, arena, err)) return false;
    entry_settle(study, row->number, row->state, row->fail_code, row->value, row->seconds);
    if (row->state == TRIAL_COMPLETE || row->state == TRIAL_EXCLUDED) { /* which may come back */
        ArtifactRow *artifacts;
        int n;
        if (!store_artifacts(reader, row->id, arena, &artifacts, &n, err)) return false;
        const bool ranks = row->state == TRIAL_COMPLETE && !entry->breaks;
        double bytes = kept_bytes(artifacts, n), score = ranks ? entry->score : NAN;
        if (bytes > 0) return kept_add(study->kept, row->number, row->id, score, bytes, err);
    }
    return true;
}

/* The trials that are not there before that number, proposed as they were, or will be, elsewhere. */
static bool make_up(Study *study, int number, Error *err)
{
    bool exhausted = false;
    while (study->n_entries < number) {
        const int n = study->n_entries;
        Entry *entry = study->o->numbered ? entry_add(study, err) : NULL;
        if (study->o->numbered && (!entry || !study_propose(study, n, 0, entry, &exhausted, err))) return false;
        if (!entry || exhausted)
            return error_set(err, ERR_STORE, "%s: trial %d is missing from the study",
                             store_path(study->o->store), n);
    }
    return number == study->n_entries
        || error_set(err, ERR_STORE, "%s: trial %d is there twice", store_path(study->o->store), number);
}

/* So many at a time: all of a large study at once would take more than the study itself. */
enum { PAGE = 1000 };

static bool load_page(Study *study, Store *reader, int *n, Arena *arena, Error *err)
{
    TrialRow *rows;
    const int first = study->n_entries;
    arena_reset(arena);
    if (!store_trials_from(reader, study->o->info->id, first, PAGE, arena, &rows, n, err)) return false;
    for (int i = 0; i < *n; i++)
        if (!make_up(study, rows[i].number, err) || !load_entry(study, reader, &rows[i], arena, err))
            return false;
    return true;
}

/* Limits may have been edited since trials were marked by them. */
static bool mark_again(const Study *study, Store *reader, Arena *arena, Error *err)
{
    const StudyOptions *o = study->o;
    SpaceVersion *versions;
    int n;
    if (!store_versions(reader, o->info->id, arena, &versions, &n, err)) return false;
    return n == 0 || reported_again(o->store, o->info->id, o->space, true, err);
}

bool study_load(Study *study, Error *err)
{
    Store *reader = NULL;
    Arena *arena = arena_create(0);
    int n = PAGE;
    if (!arena) return error_memory(err);
    bool ok = store_open(store_path(study->o->store), STORE_READ, &reader, err)
           && mark_again(study, reader, arena, err);
    while (ok && n == PAGE) ok = load_page(study, reader, &n, arena, err);
    if (reader) ok = store_close(reader, ok ? err : NULL) && ok;
    arena_destroy(arena);
    return ok;
}
