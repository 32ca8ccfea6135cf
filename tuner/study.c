#include "tuner/study.h"

#include <math.h>
#include <omp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "tuner/kept.h"

const char *const study_end_names[] = {"all trials of run_cap are done",
                                       "the search space is used up",
                                       "time cap reached",
                                       "target reached",
                                       "no more progress",
                                       "too many failed trials",
                                       "interrupted"};

/* A trial as the study remembers it. */
typedef struct {
    TrialState state;
    bool settled, stored; /* settled: its result counts; stored: the database has a row */
    Value *values;
    double *u;            /* canonical point */
    char hash[65];
    const char *source, *trace;
    int attempt;
    int64_t trial_id;
    double value, score;  /* score: minimized */
    double share;
    Curve curve;
} Entry;

typedef struct {
    const StudyOptions *o;
    pthread_mutex_t lock; /* everything below */
    pthread_cond_t settled;
    Arena *arena;         /* what lives as long as the study */
    Entry **entries;
    int n_entries, capacity;
    int next;             /* the number to claim */
    uint64_t *taken;      /* open-addressed set of hash heads; 0 is empty */
    size_t n_taken, taken_size;
    Value *scratch;       /* (n_params) for accept */
    Kept *kept;
    int n_settled, n_of_state[TRIAL_STATE_COUNT], n_running, best_number;
    double best_score, started_s;
    bool ended;
    StudyEnd end;
    bool failed;
    Error error;
} Study;

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- the set of configurations that were ever proposed --------------------------------------- */

static uint64_t hash_key(const char *hex)
{
    char head[17] = {0};
    memcpy(head, hex, 16);
    uint64_t key = strtoull(head, NULL, 16);
    return key ? key : 1;
}

static bool taken_has(const Study *study, uint64_t key)
{
    if (study->taken_size == 0) return false;
    for (size_t i = key % study->taken_size;; i = (i + 1) % study->taken_size) {
        if (study->taken[i] == key) return true;
        if (study->taken[i] == 0) return false;
    }
}

static bool taken_add(Study *study, uint64_t key, Error *err)
{
    if (2 * (study->n_taken + 1) > study->taken_size) {
        size_t size = study->taken_size ? 2 * study->taken_size : 256;
        uint64_t *old = study->taken, *grown = calloc(size, sizeof *grown);
        if (!grown) return error_memory(err);
        for (size_t i = 0; i < study->taken_size; i++) {
            if (!old[i]) continue;
            size_t to = old[i] % size;
            while (grown[to]) to = (to + 1) % size;
            grown[to] = old[i];
        }
        free(old);
        study->taken = grown;
        study->taken_size = size;
    }
    size_t to = key % study->taken_size;
    while (study->taken[to] && study->taken[to] != key) to = (to + 1) % study->taken_size;
    if (!study->taken[to]) study->n_taken++;
    study->taken[to] = key;
    return true;
}

/* ---- entries --------------------------------------------------------------------------------- */

static Entry *entry_add(Study *study, Error *err)
{
    if (study->n_entries == study->capacity) {
        int capacity = study->capacity ? 2 * study->capacity : 64;
        Entry **grown = realloc(study->entries, (size_t)capacity * sizeof *grown);
        if (!grown) return error_memory(err), NULL;
        study->entries = grown;
        study->capacity = capacity;
    }
    const Space *space = study->o->space;
    Entry *entry = ARENA_NEW(study->arena, Entry, 1);
    if (entry) {
        entry->values = ARENA_NEW(study->arena, Value, space->n_params);
        entry->u = ARENA_NEW(study->arena, double, space->n_dims);
    }
    if (!entry || !entry->values || !entry->u) return error_memory(err), NULL;
    entry->attempt = 1;
    entry->source = "tuner";
    entry->value = entry->score = NAN;
    entry->share = 1;
    study->entries[study->n_entries++] = entry;
    return entry;
}

static double sign(const Study *study)
{
    return study->o->maximize ? -1 : 1;
}

/* The epochs this configuration could have had. */
static int full_epochs(const Study *study, const Entry *entry)
{
    const Space *space = study->o->space;
    for (int i = 0; i < space->n_params; i++)
        if (strcmp(space->params[i].name, "epochs") == 0 && entry->values[i].kind != VALUE_NONE)
            return (int)entry->values[i].number;
    return study->o->epochs;
}

/* Marks an entry's result as known, from a fresh record or from a row. */
static void entry_settle(Study *study, int number, TrialState state, double value)
{
    Entry *entry = study->entries[number];
    entry->settled = true;
    entry->state = state;
    study->n_settled++;
    study->n_of_state[state]++;
    entry->value = value;
    entry->score = sign(study) * value;
    if (state == TRIAL_PRUNED)
        entry->share = fmin(1, (double)entry->curve.n / full_epochs(study, entry));
    if (state == TRIAL_COMPLETE && isfinite(value)
        && (study->best_number < 0 || entry->score < study->best_score
            || (entry->score == study->best_score && number < study->best_number))) {
        study->best_number = number;
        study->best_score = entry->score;
    }
}

/* ---- asking ---------------------------------------------------------------------------------- */

static bool feasible(Study *study, const Value *values, const char **violated, Error *err)
{
    const Space *space = study->o->space;
    *violated = NULL;
    if (space->n_constraints == 0) return true;
    double cost[5];
    Value extras[5];
    if (!objective_cost(study->o->objective, values, cost, err)) return false;
    for (int i = 0; i < 5; i++) extras[i] = value_real(cost[i]);
    return space_satisfies(space, values, extras, violated);
}

static bool accept(void *context, const double *u)
{
    Study *study = context;
    char hash[65];
    const char *violated;
    space_decode(study->o->space, u, study->scratch);
    space_hash(study->o->space, study->scratch, hash);
    return !taken_has(study, hash_key(hash)) && feasible(study, study->scratch, &violated, NULL);
}

static const char *trace_json(Study *study, const Trace *trace)
{
    Doc *doc = doc_object();
    doc_set_text(doc, "kind", trace->kind);
    if (isfinite(trace->acquisition)) doc_set_number(doc, "acquisition", trace->acquisition);
    if (isfinite(trace->mean)) doc_set_number(doc, "mean", trace->mean);
    if (isfinite(trace->sigma)) doc_set_number(doc, "sigma", trace->sigma);
    if (isfinite(trace->noise)) doc_set_number(doc, "noise", trace->noise);
    if (trace->n_scales > 0) {
        Doc *scales = doc_set(doc, "scales", doc_array());
        for (int i = 0; i < trace->n_scales; i++) doc_add(scales, doc_number(trace->scales[i]));
    }
    Text text = {0};
    const char *json = doc_print(doc, 0, &text) ? arena_copy(study->arena, text.bytes) : NULL;
    text_free(&text);
    doc_free(doc);
    return json;
}

/* What the sampler may see when it is asked for trial n: results up to n - lookback. */
static bool seen_for(Study *study, int n, Arena *arena, Ask *ask, Error *err)
{
    Seen *seen = ARENA_NEW(arena, Seen, n);
    if (!seen) return error_memory(err);
    int n_seen = 0;
    for (int i = 0; i < n; i++) {
        const Entry *entry = study->entries[i];
        if (entry->state == TRIAL_INFEASIBLE || entry->state == TRIAL_EXCLUDED) continue;
        Seen *s = &seen[n_seen++];
        *s = (Seen){(uint32_t)i, SEEN_PENDING, entry->u, NAN, 1};
        if (i > n - study->o->lookback) continue;
        switch (entry->state) {
        case TRIAL_COMPLETE: s->state = isfinite(entry->score) ? SEEN_DONE : SEEN_FAILED; break;
        case TRIAL_PRUNED: s->state = isfinite(entry->score) ? SEEN_PRUNED : SEEN_FAILED; break;
        default: s->state = SEEN_FAILED; break;
        }
        if (s->state != SEEN_FAILED) s->score = entry->score;
        s->share = entry->share;
    }
    ask->seen = seen;
    ask->n_seen = n_seen;
    return true;
}

/* Fills the entry of number n: enqueued configurations first, then the sampler's. */
static bool propose(Study *study, int n, Entry *entry, bool *exhausted, Error *err)
{
    const StudyOptions *o = study->o;
    const Space *space = o->space;
    Trace trace = {.acquisition = NAN, .mean = NAN, .sigma = NAN, .noise = NAN};
    *exhausted = false;
    if (n < o->n_enqueued) {
        memcpy(entry->values, o->enqueued[n], (size_t)space->n_params * sizeof *entry->values);
        entry->source = o->enqueued_source[n];
        snprintf(trace.kind, sizeof trace.kind, "%s", entry->source);
    } else {
        Arena *arena = arena_create(0);
        if (!arena) return error_memory(err);
        Ask ask = {.space = space, .seed = o->info->seed, .number = (uint32_t)n, .accept = accept,
                   .context = study};
        AskResult result = ASK_POINT;
        bool ok = seen_for(study, n, arena, &ask, err)
               && o->sampler->ask(&ask, arena, entry->u, &trace, &result, err);
        arena_destroy(arena);
        if (!ok) return error_wrap(err, "proposing trial %d", n);
        *exhausted = result == ASK_EXHAUSTED;
        if (*exhausted) return true;
        space_decode(space, entry->u, entry->values);
    }
    /* The canonical point, so that a resumed study sees the very same coordinates. */
    space_encode(space, entry->values, entry->u);
    space_hash(space, entry->values, entry->hash);
    entry->trace = trace_json(study, &trace);
    return entry->trace ? taken_add(study, hash_key(entry->hash), err) : error_memory(err);
}

/* Stopping rules look at the same trials as the proposal of n does, so they are as repeatable. */
static bool should_end(Study *study, int n)
{
    const StudyOptions *o = study->o;
    int n_failed = 0, since_gain = 0, last = n - o->lookback;
    double best = INFINITY;
    for (int i = 0; i <= last && i < study->n_entries; i++) {
        const Entry *entry = study->entries[i];
        n_failed += entry->state == TRIAL_FAILED;
        if (entry->state == TRIAL_INFEASIBLE || entry->state == TRIAL_EXCLUDED) continue;
        since_gain++;
        if (entry->state != TRIAL_COMPLETE || !isfinite(entry->score)) continue;
        if (entry->score < best - o->plateau_delta) since_gain = 0;
        if (entry->score < best) best = entry->score;
    }
    bool end = true;
    if (isfinite(o->info->target) && best <= sign(study) * o->info->target)
        study->end = STUDY_DONE_TARGET;
    else if (o->max_failed > 0 && n_failed >= o->max_failed)
        study->end = STUDY_DONE_FAILED;
    else if (o->plateau_trials > 0 && since_gain >= o->plateau_trials && isfinite(best))
        study->end = STUDY_DONE_PLATEAU;
    else if (o->run_cap > 0 && n >= o->run_cap)
        study->end = STUDY_DONE_CAP;
    else if (o->time_cap_s > 0 && now_s() - study->started_s >= o->time_cap_s)
        study->end = STUDY_DONE_TIME;
    else
        end = false;
    return end;
}

static void study_fail(Study *study, const Error *err)
{
    if (!study->failed) study->error = *err;
    study->failed = true;
    pthread_cond_broadcast(&study->settled);
}

static void notify(Study *study, StudyEvent event)
{
    if (!study->o->on_event) return;
    event.n_settled = study->n_settled;
    event.n_complete = study->n_of_state[TRIAL_COMPLETE];
    event.n_pruned = study->n_of_state[TRIAL_PRUNED];
    event.n_failed = study->n_of_state[TRIAL_FAILED];
    event.n_running = study->n_running;
    event.best_number = study->best_number;
    event.best_value = study->best_number < 0 ? NAN : sign(study) * study->best_score;
    study->o->on_event(study->o->context, &event);
}

static TrialRow row_of(const Study *study, int number, Arena *arena)
{
    const Entry *entry = study->entries[number];
    Text params = {0};
    TrialRow row = {.id = entry->trial_id, .number = number, .state = entry->state,
                    .source = entry->source, .params_hash = entry->hash, .trace = entry->trace,
                    .seed = study->o->info->seed, .attempt = entry->attempt, .value = NAN,
                    .value_sd = NAN, .threads = 1};
    if (space_json(study->o->space, entry->values, &params))
        row.params = arena_copy(arena, params.bytes);
    text_free(&params);
    return row;
}

/* A configuration that breaks a constraint, given by the user: recorded, and done with. */
static bool refuse_infeasible(Study *study, int n, Arena *arena, bool *refused, Error *err)
{
    Entry *entry = study->entries[n];
    const char *violated;
    Error why = {0};
    *refused = !feasible(study, entry->values, &violated, &why);
    if (!*refused) return true;
    entry->state = TRIAL_INFEASIBLE;
    TrialRow row = row_of(study, n, arena);
    row.fail_code = "CONSTRAINT";
    row.fail_text = violated ? violated : why.message;
    if (!row.params) return error_memory(err);
    if (!store_trial_begin(study->o->store, study->o->info->id, &row, err)) return false;
    entry->trial_id = row.id;
    entry->stored = true;
    entry_settle(study, n, TRIAL_INFEASIBLE, NAN);
    return true;
}

/* Waits for trial n - lookback. False when the study ends meanwhile. */
static bool wait_for_turn(Study *study, int n)
{
    int needed = n - study->o->lookback;
    while (needed >= 0 && !study->entries[needed]->settled) {
        if (study->failed || (study->o->stop && atomic_load(study->o->stop))) return false;
        struct timespec until; /* a signal only sets a flag: look at it now and then */
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += 100000000;
        if (until.tv_nsec >= 1000000000) {
            until.tv_sec++;
            until.tv_nsec -= 1000000000;
        }
        pthread_cond_timedwait(&study->settled, &study->lock, &until);
        if (study->next != n) return true; /* another worker took it */
    }
    return true;
}

/* Takes the next number that is to be trained; -1 when there is none. Called with the lock. */
static int claim(Study *study, Arena *arena, Error *err)
{
    const StudyOptions *o = study->o;
    for (;;) {
        if (study->failed || study->ended) return -1;
        if (o->stop && atomic_load(o->stop)) {
            study->ended = true;
            study->end = STUDY_INTERRUPTED;
            return -1;
        }
        int n = study->next;
        if (n < study->n_entries && study->entries[n]->settled) {
            study->next++;
            continue;
        }
        if (!wait_for_turn(study, n) || study->next != n) continue;
        if (should_end(study, n)) {
            study->ended = true;
            return -1;
        }
        if (n >= study->n_entries) {
            bool exhausted, refused;
            Entry *entry = entry_add(study, err);
            if (!entry || !propose(study, n, entry, &exhausted, err)) goto failed;
            if (exhausted) {
                study->n_entries--;
                study->ended = true;
                study->end = STUDY_DONE_EXHAUSTED;
                return -1;
            }
            if (!refuse_infeasible(study, n, arena, &refused, err)) goto failed;
            if (refused) continue;
        }
        study->next++;
        Entry *entry = study->entries[n];
        entry->state = TRIAL_RUNNING;
        TrialRow row = row_of(study, n, arena);
        if (!row.params) {
            error_memory(err);
            goto failed;
        }
        if (!store_trial_begin(o->store, o->info->id, &row, err)) goto failed;
        entry->trial_id = row.id;
        entry->stored = true;
        study->n_running++;
        notify(study, (StudyEvent){.kind = EVENT_TRIAL_START, .number = n, .row = &row});
        return n;
    }
failed:
    study_fail(study, err);
    return -1;
}

/* ---- running and settling -------------------------------------------------------------------- */

static bool on_epoch(void *context, int number, const EpochRow *row)
{
    Study *study = context;
    Error err;
    if (!store_epoch(study->o->store, study->entries[number]->trial_id, row, &err)) {
        pthread_mutex_lock(&study->lock);
        study_fail(study, &err);
        pthread_mutex_unlock(&study->lock);
        return false;
    }
    if (study->o->on_event) {
        pthread_mutex_lock(&study->lock);
        notify(study, (StudyEvent){.kind = EVENT_EPOCH, .number = number, .epoch = row});
        pthread_mutex_unlock(&study->lock);
    }
    return true;
}

/* The curves that pruning of trial n may look at. Called with the lock. */
static bool curves_for(const Study *study, int n, Arena *arena, TrialTask *task, Error *err)
{
    if (!study->o->pruner || study->o->pruner->type == PRUNER_NONE) return true;
    Curve *curves = ARENA_NEW(arena, Curve, n + 1);
    if (!curves) return error_memory(err);
    for (int i = 0; i <= n - study->o->lookback; i++)
        if (study->entries[i]->curve.n > 0) curves[task->n_others++] = study->entries[i]->curve;
    task->others = curves;
    return true;
}

static bool keep_curve(Study *study, Entry *entry, const Curve *curve, Error *err)
{
    double *copy = ARENA_NEW(study->arena, double, curve->n);
    if (!copy) return error_memory(err);
    if (curve->n > 0) memcpy(copy, curve->value, (size_t)curve->n * sizeof *copy);
    entry->curve = (Curve){curve->n, copy};
    return true;
}

/* Writes the trial's end, waits until it is on disk, and only then lets the study know. */
static bool settle(Study *study, int n, const TrialRecord *record, Arena *arena, Error *err)
{
    pthread_mutex_lock(&study->lock);
    TrialRow row = row_of(study, n, arena);
    long mark = kept_mark(study->kept);
    pthread_mutex_unlock(&study->lock);
    if (!row.params) return error_memory(err);
    row.state = record->state;
    row.value = record->value;
    row.value_sd = record->value_sd;
    row.best_epoch = record->best_epoch;
    row.epochs = record->epochs;
    row.n_params = record->n_params;
    row.model_bytes = record->model_bytes;
    row.seconds = record->seconds;
    row.fail_code = record->fail_code;
    row.fail_text = record->fail_code ? record->fail_text : NULL;
    if (!store_trial_end(study->o->store, &row, record->metrics, record->n_metrics,
                         &record->confusion, record->confusion.count ? 1 : 0, record->artifacts,
                         record->n_artifacts, err))
        return false;
    pthread_mutex_lock(&study->lock);
    kept_sweep(study->kept, mark);
    Entry *entry = study->entries[n];
    bool ok = true;
    int best_before = study->best_number;
    study->n_running--;
    if (record->state == TRIAL_INTERRUPTED) {
        entry->state = TRIAL_INTERRUPTED;
    } else {
        ok = keep_curve(study, entry, &record->curve, err);
        entry_settle(study, n, record->state, record->value);
        if (ok && record->n_artifacts > 0)
            ok = kept_add(study->kept, n, entry->trial_id, entry->score,
                          (double)(record->artifacts[0].bytes + record->artifacts[1].bytes), err);
    }
    notify(study, (StudyEvent){.kind = EVENT_TRIAL_END, .number = n, .row = &row, .record = record,
                               .is_best = study->best_number != best_before});
    pthread_cond_broadcast(&study->settled);
    pthread_mutex_unlock(&study->lock);
    return ok;
}

static void work(Study *study, Arena *arena)
{
    for (;;) {
        Error err = {0};
        arena_reset(arena);
        pthread_mutex_lock(&study->lock);
        int n = claim(study, arena, &err);
        TrialTask task = {.number = n, .stop = study->o->stop, .on_epoch = on_epoch,
                          .context = study};
        bool ok = n < 0 || curves_for(study, n, arena, &task, &err);
        if (n >= 0) {
            task.values = study->entries[n]->values;
            task.params_hash = study->entries[n]->hash;
        }
        pthread_mutex_unlock(&study->lock);
        if (n < 0) return;
        TrialRecord record;
        ok = ok && objective_run(study->o->objective, &task, arena, &record, &err);
        if (!ok) { /* not the trial's fault: leave it to be run again */
            Error ignored;
            record = (TrialRecord){.state = TRIAL_INTERRUPTED, .value = NAN, .value_sd = NAN};
            settle(study, n, &record, arena, &ignored);
        } else {
            ok = settle(study, n, &record, arena, &err);
        }
        if (!ok) {
            pthread_mutex_lock(&study->lock);
            study_fail(study, &err);
            pthread_mutex_unlock(&study->lock);
            return;
        }
    }
}

/* ---- a study that was begun earlier ---------------------------------------------------------- */

static bool load_curve(Study *study, Store *reader, Entry *entry, Arena *arena, Error *err)
{
    EpochRow *rows;
    int n, n_curve = 0;
    if (!store_epochs(reader, entry->trial_id, arena, &rows, &n, err)) return false;
    double *value = ARENA_NEW(study->arena, double, n);
    if (!value) return error_memory(err);
    for (int i = 0; i < n; i++)
        if (rows[i].fold == 0) value[n_curve++] = sign(study) * rows[i].val_metric;
    entry->curve = (Curve){n_curve, value};
    return true;
}

static bool load_entry(Study *study, Store *reader, const TrialRow *row, Arena *arena, Error *err)
{
    const Space *space = study->o->space;
    Entry *entry = entry_add(study, err);
    if (!entry) return false;
    Doc *params = doc_parse(row->params, strlen(row->params), err);
    bool ok = params && space_from_doc(space, params, study->arena, entry->values, err);
    doc_free(params);
    if (!ok) return error_wrap(err, "trial %d in the database", row->number);
    space_encode(space, entry->values, entry->u);
    memcpy(entry->hash, row->params_hash, strlen(row->params_hash) < 65 ? strlen(row->params_hash)
                                                                        : 64);
    entry->source = arena_copy(study->arena, row->source);
    entry->trace = arena_copy(study->arena, row->trace ? row->trace : "{}");
    entry->trial_id = row->id;
    entry->attempt = row->attempt;
    entry->state = row->state;
    entry->stored = true;
    if (!entry->source || !entry->trace) return error_memory(err);
    if (!taken_add(study, hash_key(entry->hash), err)) return false;
    if (row->state == TRIAL_QUEUED || row->state == TRIAL_RUNNING
        || row->state == TRIAL_INTERRUPTED)
        return true;
    if (!load_curve(study, reader, entry, arena, err)) return false;
    entry_settle(study, row->number, row->state, row->value);
    if (row->state == TRIAL_COMPLETE) {
        ArtifactRow *artifacts;
        int n;
        if (!store_artifacts(reader, row->id, arena, &artifacts, &n, err)) return false;
        double bytes = 0;
        for (int i = 0; i < n; i++) bytes += (double)artifacts[i].bytes;
        if (n > 0) return kept_add(study->kept, row->number, row->id, entry->score, bytes, err);
    }
    return true;
}

static bool load(Study *study, Error *err)
{
    Store *reader = NULL;
    Arena *arena = arena_create(0);
    TrialRow *rows = NULL;
    int n = 0;
    if (!arena) return error_memory(err);
    bool ok = store_open(store_path(study->o->store), STORE_READ, &reader, err)
           && store_trials(reader, study->o->info->id, arena, &rows, &n, err);
    for (int i = 0; ok && i < n; i++) {
        if (rows[i].number != i)
            ok = error_set(err, ERR_STORE, "%s: trial %d is missing from the study",
                           store_path(study->o->store), i);
        else
            ok = load_entry(study, reader, &rows[i], arena, err);
    }
    if (reader) ok = store_close(reader, ok ? err : NULL) && ok;
    arena_destroy(arena);
    return ok;
}

/* ---- the study ------------------------------------------------------------------------------- */

static void study_free(Study *study)
{
    kept_destroy(study->kept);
    arena_destroy(study->arena);
    free(study->entries);
    free(study->taken);
    pthread_mutex_destroy(&study->lock);
    pthread_cond_destroy(&study->settled);
}

static bool study_start(Study *study, const StudyOptions *options, Error *err)
{
    *study = (Study){.o = options, .best_number = -1, .started_s = now_s()};
    pthread_mutex_init(&study->lock, NULL);
    pthread_cond_init(&study->settled, NULL);
    study->arena = arena_create(0);
    study->kept = kept_create(options->store, options->folder, options->keep_models,
                              options->disk_cap_bytes);
    if (!study->arena || !study->kept) return error_memory(err);
    study->scratch = ARENA_NEW(study->arena, Value, options->space->n_params);
    if (!study->scratch) return error_memory(err);
    if (!load(study, err)) return false;
    kept_clean(study->kept);
    return true;
}

static void summarize(const Study *study, StudySummary *out)
{
    *out = (StudySummary){.end = study->end, .best_number = study->best_number,
                          .best_value = study->best_number < 0 ? NAN
                                                               : sign(study) * study->best_score,
                          .seconds = now_s() - study->started_s};
    out->n_trials = study->n_settled;
    out->n_complete = study->n_of_state[TRIAL_COMPLETE];
    out->n_pruned = study->n_of_state[TRIAL_PRUNED];
    out->n_failed = study->n_of_state[TRIAL_FAILED];
    out->n_infeasible = study->n_of_state[TRIAL_INFEASIBLE];
}

bool study_run(const StudyOptions *options, StudySummary *out, Error *err)
{
    Study study;
    bool ok = study_start(&study, options, err);
    Arena **arenas = ok ? calloc((size_t)options->jobs, sizeof *arenas) : NULL;
    if (ok && !arenas) ok = error_memory(err);
    for (int i = 0; ok && i < options->jobs; i++)
        if (!(arenas[i] = arena_create(0))) ok = error_memory(err);
    if (ok) {
#pragma omp parallel num_threads(options->jobs)
        work(&study, arenas[omp_get_thread_num()]);
        if (study.failed) {
            ok = false;
            *err = study.error;
        }
    }
    if (ok) {
        summarize(&study, out);
        const char *state = out->end == STUDY_INTERRUPTED || out->end == STUDY_DONE_TIME
                              ? "STOPPED" : "DONE";
        ok = store_study_end(options->store, options->info->id, state, err);
        if (ok) kept_sweep(study.kept, kept_mark(study.kept));
    }
    for (int i = 0; arenas && i < options->jobs; i++) arena_destroy(arenas[i]);
    free(arenas);
    study_free(&study);
    return ok;
}
