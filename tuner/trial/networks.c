/* One trial of networks from its values to its record: admitted, trained run by run, scored, written. */
#include "tuner/trial/networks.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "tuner/trial/artifacts.h"
#include "tuner/trial/cooled.h"

/* One trial under way. */
typedef struct {
    Objective *objective;
    const TrialTask *task;
    Arena *arena;     /* the worker's: what is to be kept until the record is read */
    TrialRecord *out;
    Settings settings;
    double bytes;     /* of memory it holds a place for */
    Arena *workspace; /* of one run after the other; NULL: there is one, in the trial's arena */
    double started_s, started_cpu_s;
    int64_t peak_bytes; /* of both arenas together */
    int run;          /* repeat * n_folds + fold */
    double sign;      /* -1 when larger is better: scores are minimized */
    double *curve;    /* of run 0, minimized */
    double *more;     /* (n_curve, goals - 1) of the further goals; NULL: nobody asks */
    int n_curve;
    Encoded *encoded; /* (n_folds) held until the trial ends: its model refers to their preps */
    int n_encoded;
    Gathered gathered;
} Trial;

/* The metrics that are goals besides the first; costs are known before. */
static int further_metrics(const ObjectiveOptions *o, MetricId *ids)
{
    int n = 0;
    for (int g = 1; pruner_forecasts(o->pruner) && o->goals && g < o->goals->n; g++)
        if (!o->goals->goal[g].cost) ids[n++] = o->goals->goal[g].metric;
    return n;
}

static void note_goals(Trial *trial, const EpochRecord *record, EpochRow *row)
{
    const Goals *goals = trial->objective->o.goals;
    double value[PARETO_MOST];
    int n = 0;
    for (int g = 1; g < goals->n; g++) value[g] = goals->goal[g].cost ? NAN : record->also[n++];
    goals_note(goals, value, row);
    if (trial->run == 0) goals_noted(goals, row, trial->more + trial->n_curve * (goals->n - 1));
}

static EpochVerdict on_epoch(void *context, const EpochRecord *record)
{
    Trial *trial = context;
    const TrialTask *task = trial->task;
    const ObjectiveOptions *o = &trial->objective->o;
    EpochRow row = {trial->run, record->epoch, record->learning_rate, record->train_loss, record->val_loss,
                    record->val_metric, record->grad_norm, record->seconds, NAN, NAN, NAN};
    if (trial->more) note_goals(trial, record, &row);
    if (trial->run == 0) trial->curve[trial->n_curve++] = trial->sign * record->val_metric;
    bool known = trial->run == 0 && record->epoch <= task->n_known;
    if (!known && task->on_epoch && !task->on_epoch(task->context, task->number, &row))
        return EPOCH_INTERRUPT;
    if (task->stop && atomic_load(task->stop)) return EPOCH_INTERRUPT;
    if (o->time_cap_s > 0 && task->seconds + clock_seconds() - trial->started_s > o->time_cap_s)
        return EPOCH_TIMEOUT;
    /* With its last epoch the network is trained: there is nothing left to save by stopping it. */
    bool last = record->epoch == trial->settings.train.epochs;
    if (trial->run == 0 && !last && pruner_compares(o->pruner)) {
        Curve curve = {trial->n_curve, trial->curve};
        if (pruner_stops(o->pruner, &curve, task->n_others, task->others, NULL))
            return EPOCH_PRUNE;
    }
    const ForecastRun run = {trial->n_curve, task->full, trial->curve, trial->more, NULL, false};
    if (trial->run == 0 && !last && task_forecasts(task, o->pruner, &run)) return EPOCH_PRUNE;
    return EPOCH_CONTINUE;
}

/* What a run that did not complete means for its trial. */
static void unfinished(const Trial *trial, const TrainResult *result)
{
    TrialRecord *out = trial->out;
    int folds = trial->objective->o.split->n_folds;
    switch (result->outcome) {
    case RUN_PRUNED: out->row.state = TRIAL_PRUNED; return;
    case RUN_PAUSED: out->row.state = TRIAL_QUEUED; return;
    case RUN_INTERRUPTED: out->row.state = TRIAL_INTERRUPTED; return;
    case RUN_TIMEOUT:
        out->row.state = TRIAL_FAILED;
        out->row.fail_code = fail_code_names[FAIL_TIMEOUT];
        snprintf(out->fail_text, sizeof out->fail_text,
                 "run.trial_time_cap of %g s reached at epoch %d",
                 trial->objective->o.time_cap_s, result->n_epochs);
        return;
    default:
        out->row.state = TRIAL_FAILED;
        out->row.fail_code = fail_code_names[FAIL_DIVERGED];
        if (folds > 1)
            snprintf(out->fail_text, sizeof out->fail_text, "fold %d: %s", trial->run % folds,
                     result->why);
        else
            snprintf(out->fail_text, sizeof out->fail_text, "%s", result->why);
    }
}

/* The scores of the first n networks. */
static bool describe_runs(const Trial *trial, int n, Error *err)
{
    const Gathered *g = &trial->gathered;
    TrialRecord *out = trial->out;
    double *scores = ARENA_NEW(trial->arena, double, n);
    if (!out->metrics) out->metrics = ARENA_NEW(trial->arena, MetricRow, METRIC_COUNT + g->n_runs);
    if (!scores || !out->metrics) return error_memory(err);
    for (int r = 0; r < n; r++) {
        scores[r] = trial->sign * g->run_score[r];
        out->metrics[out->n_metrics++] = (MetricRow){"val", r, metric_name(trial->objective->o.metric),
                                                     g->run_score[r], NAN, NAN};
    }
    out->scores = (Curve){n, scores};
    return true;
}

/* Is the trial stopped after its first n networks? Its value is then their mean. */
static bool stops_between(const Trial *trial, int n, bool *stops, Error *err)
{
    const TrialTask *task = trial->task;
    const double *run_score = trial->gathered.run_score;
    double *scores = ARENA_NEW(trial->arena, double, n), sum = 0;
    if (!scores) return error_memory(err);
    for (int r = 0; r < n; r++) {
        scores[r] = trial->sign * run_score[r];
        sum += run_score[r];
    }
    const Curve done = {n, scores};
    const ObjectiveOptions *o = &trial->objective->o;
    *stops = race_stops(&o->repeats, o->split->n_folds, &done, task->n_finished, task->finished)
          || pruner_stops_between(o->pruner, &done, task->n_finished, task->finished, NULL);
    if (!*stops) return true;
    trial->out->row.state = TRIAL_PRUNED;
    trial->out->row.value = sum / n;
    return describe_runs(trial, n, err);
}

/* A run's networks, which outlive its workspace: copies where there are more runs, in the trial's arena with
 * all they refer to. */
static bool keep_nets(Trial *trial, const TrainResult *result, int fold, Error *err)
{
    const Rows *rows = trial->encoded[fold].train;
    Gathered *g = &trial->gathered;
    Mlp shape = {0};
    int members;
    if (trial->workspace && !train_shape(&trial->settings.train, rows, trial->arena, &shape, &members, err))
        return false;
    for (int i = 0; i < result->n_nets; i++) {
        Mlp *net = result->nets[i];
        if (trial->workspace) {
            if (!mlp_copy(result->nets[i], trial->arena, &net, err)) return false;
            net->embed = shape.embed;
        }
        g->nets[g->n_nets++] = (ModelNet){net, fold};
        trial->out->row.n_params += (int64_t)net->n_params;
    }
    return true;
}

/* In the trial's arena, as text. */
static bool keep_history(Trial *trial, const TrainResult *result, Error *err)
{
    Text text = {0};
    if (!result->history || result->history->n == 0) return true;
    history_print(result->history, &text);
    trial->gathered.history = text_ok(&text) ? arena_copy(trial->arena, text.bytes) : NULL;
    text_free(&text);
    return trial->gathered.history || error_memory(err);
}

/* An arena only grows until it is reset, so it is enough to look when something is about to be given back. */
static void note_memory(Trial *trial)
{
    size_t bytes = arena_used(trial->arena) + (trial->workspace ? arena_used(trial->workspace) : 0);
    if ((int64_t)bytes > trial->peak_bytes) trial->peak_bytes = (int64_t)bytes;
}

static bool encode(Trial *trial, int fold, Error *err)
{
    Encoded *encoded = &trial->encoded[fold];
    if (!encoded_get(trial->objective->encoded, &trial->settings.prep, fold, encoded, err)) return false;
    trial->n_encoded++;
    trial->gathered.preps[fold] = encoded->prep;
    return gathered_weigh(&trial->gathered, &trial->settings.train, encoded->train,
                          trial->objective->o.split->n_folds, trial->arena, err);
}

/* Trains the network of this run, in the memory of the one before. True when it went through, even if it was
 * cut short: then out->row.state says how. */
static bool train_run(Trial *trial, int run, Error *err)
{
    const ObjectiveOptions *o = &trial->objective->o;
    const TrialTask *task = trial->task;
    Gathered *g = &trial->gathered;
    TrialRecord *out = trial->out;
    int folds = o->split->n_folds, fold = run % folds;
    if (run < folds && !encode(trial, fold, err)) return false;
    const Encoded *encoded = &trial->encoded[fold];
    trial->run = run;
    TrainRun options = {.seed = runner_seed(o->seed, task), .stream = (uint32_t)run, .threads = o->threads,
                        .metric = o->metric, .positive = o->positive, .on_epoch = on_epoch, .context = trial};
    options.n_also = further_metrics(o, options.also);
    if (checkpoints_wanted(trial->objective, task)) {
        options.checkpoint = checkpoint_path(trial->objective, task->number, task->again, run, trial->arena);
        options.checkpoint_s = o->checkpoint_s;
        if (!options.checkpoint) return error_memory(err);
    }
    if (run == 0) options.pause_after = task->pause_after;
    options.history = run == 0 && o->folder && !task->again; /* for the file of its model */
    TrainResult result;
    if (trial->workspace) arena_reset(trial->workspace);
    bool trained = train_network(&trial->settings.train, encoded->train, encoded->valid, &options,
                                 trial->workspace ? trial->workspace : trial->arena, &result, err);
    note_memory(trial);
    if (!trained) return false;
    out->row.epochs += result.n_epochs;
    if (run == 0) out->row.best_epoch = result.best_epoch;
    g->run_score[run] = result.score;
    if (result.outcome != RUN_COMPLETE && result.outcome != RUN_STOPPED_EARLY) {
        unfinished(trial, &result);
        out->row.value = result.outcome == RUN_PRUNED ? result.score : NAN;
        return true;
    }
    if (options.pause_after > 0 && g->n_runs > 1) { /* it ended before the pause, but not the trial */
        out->row.state = TRIAL_QUEUED;
        return true;
    }
    bool stops = false;
    if (run + 1 < g->n_runs && !stops_between(trial, run + 1, &stops, err)) return false;
    if (stops) return true;
    gathered_add(o, g, fold, result.proba);
    return keep_history(trial, &result, err) && keep_nets(trial, &result, fold, err);
}

/* Every repeat and fold, or as far as they come. */
static bool train_runs(Trial *trial, Error *err)
{
    int n_runs = trial->gathered.n_runs;
    trial->out->row.state = TRIAL_COMPLETE;
    if (n_runs > 1 && !(trial->workspace = arena_create(0))) return error_memory(err);
    for (int run = 0; run < n_runs && trial->out->row.state == TRIAL_COMPLETE; run++)
        if (!train_run(trial, run, err)) return false;
    if (trial->out->row.state != TRIAL_COMPLETE) return true;
    arena_destroy(trial->workspace);
    trial->workspace = NULL;
    return true;
}

static bool score(Trial *trial, Error *err)
{
    const ObjectiveOptions *o = &trial->objective->o;
    Gathered *g = &trial->gathered;
    TrialRecord *out = trial->out;
    const Task *task = &o->table->task;
    int k = table_values(o->table), folds = o->split->n_folds, repeats = g->n_runs / folds;
    for (size_t i = 0; i < (size_t)g->n_rows * (size_t)k; i++)
        g->proba[i] = (float)(g->sum[i] / (repeats * o->split->n_times));
    gathered_cool(o, &trial->settings.train, g);
    Metrics metrics;
    void *scratch = arena_alloc(trial->arena, scored_scratch_bytes(task, g->n_rows), 1);
    out->metrics = ARENA_NEW(trial->arena, MetricRow, METRIC_COUNT + g->n_runs);
    if (!scratch || !out->metrics) return error_memory(err);
    if (!metrics_create_for(task, o->table->n_classes, trial->arena, &metrics, err)) return false;
    const ScoredRows scored = {.task = task, .n = g->n_rows, .n_classes = o->table->n_classes,
                               .values = g->proba,
                               .ld = k, .labels = g->labels, .targets = g->targets, .weight = g->weight,
                               .positive = o->positive};
    metrics_score(&scored, metrics_for(task->kind), scratch, &metrics);
    for (int m = 0; m < METRIC_COUNT; m++)
        if (metric_is_for((MetricId)m, task->kind)) out->metrics[out->n_metrics++] =
            (MetricRow){"val", -1, metric_name((MetricId)m), metrics.value[m], NAN, NAN};
    double sum = 0, square = 0;
    for (int r = 0; r < g->n_runs; r++) sum += g->run_score[r];
    if (g->n_runs > 1 && !describe_runs(trial, g->n_runs, err)) return false;
    double mean = sum / g->n_runs;
    for (int r = 0; r < g->n_runs; r++)
        square += (g->run_score[r] - mean) * (g->run_score[r] - mean);
    out->row.value = metrics.value[o->metric];
    out->row.value_sd = g->n_runs > 1 ? sqrt(square / (g->n_runs - 1)) : NAN;
    if (metrics.confusion) out->confusion = (ConfusionRow){"val", k, metrics.confusion};
    out->row.model_bytes = 4 * out->row.n_params;
    return true;
}

/* What the configuration costs, known without training, as rows beside the metrics. */
static bool add_costs(const Trial *trial, Error *err)
{
    TrialRecord *out = trial->out;
    double cost[COST_COUNT];
    MetricRow *rows = ARENA_NEW(trial->arena, MetricRow, out->n_metrics + COST_COUNT);
    if (!rows) return error_memory(err);
    if (!objective_cost(trial->objective, trial->task->values, cost, err)) return false;
    if (out->n_metrics > 0) memcpy(rows, out->metrics, (size_t)out->n_metrics * sizeof *rows);
    for (int i = 0; goals_costs[i]; i++)
        rows[out->n_metrics++] = (MetricRow){"cost", -1, goals_costs[i], cost[i], NAN, NAN};
    out->metrics = rows;
    return true;
}

static bool run_trial(Trial *trial, Error *err)
{
    const ObjectiveOptions *o = &trial->objective->o;
    TrialRecord *out = trial->out;
    const int epochs = trial->settings.train.epochs;
    const int m = pruner_forecasts(o->pruner) && o->goals && o->goals->n > 1 ? o->goals->n - 1 : 0;
    trial->curve = ARENA_NEW(trial->arena, double, epochs);
    if (m > 0 && !(trial->more = ARENA_NEW(trial->arena, double, m * epochs))) return error_memory(err);
    trial->encoded = ARENA_NEW(trial->arena, Encoded, o->split->n_folds);
    if (!trial->curve || !trial->encoded) return error_memory(err);
    if (!gathered_create(o, &trial->settings.train, trial->arena, &trial->gathered, err)
        || !train_runs(trial, err))
        return false;
    out->curve = (Curve){trial->n_curve, trial->curve};
    out->more = (Curve){m * trial->n_curve, trial->more};
    if (out->row.state != TRIAL_INTERRUPTED && out->row.state != TRIAL_QUEUED)
        checkpoints_remove(trial->objective, trial->task, trial->gathered.n_runs, trial->arena);
    if (out->row.state != TRIAL_COMPLETE) return true;
    if (!score(trial, err) || !add_costs(trial, err)) return false;
    return !o->folder || trial->task->again
        || artifacts_write(trial->objective, trial->task, &trial->gathered, trial->arena, out, err);
}

/* Its settings, and a place in memory for it. False when it is not to be trained: `out` says how it ended. */
static bool admit(Trial *trial)
{
    Error why;
    Objective *objective = trial->objective;
    TrialRecord *out = trial->out;
    if (!objective_settings(objective, trial->task->values, trial->arena, &trial->settings, &why)
        || !objective_footprint(objective, &trial->settings, trial->arena, &trial->bytes, &why)) {
        out->row.state = TRIAL_INFEASIBLE;
        out->row.fail_code = fail_code_names[FAIL_SETTING];
        snprintf(out->fail_text, sizeof out->fail_text, "%.230s", why.message);
        return false;
    }
    if (trial->bytes > objective->room) {
        char need[32], have[32];
        out->row.state = TRIAL_FAILED;
        out->row.fail_code = fail_code_names[FAIL_OOM];
        snprintf(out->fail_text, sizeof out->fail_text, "training it takes %s of memory, and %s were free; "
                 "`consort retry` when there is more%s", text_bytes(trial->bytes, need),
                 text_bytes(fmax(objective->room, 0), have),
                 objective_memory_cure(objective, &trial->settings, trial->bytes, trial->arena));
        return false;
    }
    if (gate_enter(objective->gate, trial->bytes, trial->task->stop)) return true;
    out->row.state = TRIAL_INTERRUPTED;
    return false;
}

bool objective_run(Objective *objective, const TrialTask *task, Arena *arena, TrialRecord *out,
                   Error *err)
{
    bool maximize = metric_larger_is_better(objective->o.metric);
    Trial trial = {.objective = objective, .task = task, .arena = arena, .out = out,
                   .sign = maximize ? -1 : 1};
    *out = (TrialRecord){.row = {.value = NAN, .value_sd = NAN}};
    if (!admit(&trial)) return true;
    trial.started_s = clock_seconds();
    trial.started_cpu_s = clock_thread_seconds();
    bool ok = run_trial(&trial, err);
    note_memory(&trial);
    arena_destroy(trial.workspace);
    for (int f = 0; f < trial.n_encoded; f++)
        encoded_release(objective->encoded, &trial.encoded[f]);
    gate_leave(objective->gate, trial.bytes);
    if (!ok && err->code == ERR_MEMORY) { /* this configuration is too large, not the study */
        *out = (TrialRecord){.row = {.state = TRIAL_FAILED, .fail_code = fail_code_names[FAIL_OOM],
                                     .value = NAN, .value_sd = NAN}};
        snprintf(out->fail_text, sizeof out->fail_text, "the trial does not fit into memory");
        ok = true;
    }
    out->row.seconds = clock_seconds() - trial.started_s;
    out->row.cpu_s = clock_thread_seconds() - trial.started_cpu_s;
    out->row.peak_bytes = trial.peak_bytes;
    return ok;
}

/* ---- as a runner ----------------------------------------------------------------------------- */

static bool run_task(void *self, const TrialTask *task, Arena *arena, TrialRecord *out, Error *err)
{
    return objective_run(self, task, arena, out, err);
}

static bool cost_of(void *self, const Value *values, double *extras, Error *err)
{
    return objective_cost(self, values, extras, err);
}

static double work_of(void *self, const Value *values)
{
    return objective_work(self, values);
}

static bool fits(void *self, const Value *values, Error *err)
{
    return objective_fits(self, values, err);
}

static double memory_of(void *self, const Value *values)
{
    return objective_memory(self, values);
}

static double room_of(void *self)
{
    const Objective *objective = self;
    return isfinite(objective->room) ? fmax(objective->room, 1) : 0;
}

static int full_epochs(void *self, const Value *values)
{
    const Objective *objective = self;
    const Space *space = objective->o.space;
    for (int i = 0; i < space->n_params; i++)
        if (settings_field(space->params[i].name) == settings_field("epochs")
            && values[i].kind != VALUE_NONE)
            return (int)values[i].number;
    return objective_base(objective, values)->train.epochs;
}

static void forget(void *self, int number)
{
    const Objective *objective = self;
    Arena *arena = objective->o.folder ? arena_create(0) : NULL;
    char *path = arena ? checkpoint_path(objective, number, 0, 0, arena) : NULL;
    if (path) unlink(path); /* not there: it was not paused, or its state could not be written */
    arena_destroy(arena);
}

static int runs(void *self, const Value *values)
{
    const Objective *objective = self;
    Settings settings;
    Arena *arena = arena_create(0);
    int seeds = 1;
    if (arena && objective_settings(objective, values, arena, &settings, NULL)
        && settings.train.seeds_per_trial > 1)
        seeds = settings.train.seeds_per_trial;
    arena_destroy(arena);
    return seeds * objective->o.split->n_folds;
}

static bool move(void *self, const char *folder, Error *err)
{
    Objective *objective = self;
    (void)err;
    if (objective->o.folder) objective->o.folder = folder;
    return true;
}

Runner objective_runner(Objective *objective)
{
    return (Runner){.self = objective, .run = run_task, .cost = cost_of, .work = work_of, .fits = fits,
                    .memory = memory_of, .room = room_of, .full_epochs = full_epochs, .forget = forget,
                    .runs = runs, .move = move};
}
