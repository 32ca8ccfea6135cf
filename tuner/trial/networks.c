#include "tuner/trial/networks.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/machine.h"
#include "model/temperature.h"
#include "tuner/trial/encoded.h"
#include "tuner/trial/footprint.h"
#include "tuner/trial/gate.h"
#include "tuner/trial/goals.h"

const char *const objective_extras[] = {"n_params",  "model_bytes", "flops", "n_features",
                                        "n_classes", "latency_us",  NULL};

/* One prediction alone reads every weight once: a tenth of a microsecond a network, and 12,000 weights in a
 * microsecond. bench/predict_speed measured 0.6 to 0.9, 1.6 to 2.1, 5.6 to 8.8, 12 to 16 and 60 to 115 us for
 * networks of 6,784, 23,936, 101,632, 159,232 and 668,672 weights (3 runs, one core of a server); this says
 * 0.7, 2.1, 8.6, 13.4 and 56. An estimate, so that a study does not depend on how busy the machine is. */
static double latency_us(double nets, double flops)
{
    return nets * (0.1 + flops / 2 / 12000);
}

enum { ENCODED_CAP_BYTES = 1 << 30 };

struct Objective {
    ObjectiveOptions o;
    EncodedCache *encoded;
    double cap;   /* bytes that trials may take at most, by the study or the machine */
    double room;  /* and that there were to take */
    Gate *gate;   /* which holds that many */
};

/* The table is there already, and is counted in what trials may take, not in what is free. */
static void look_at_memory(Objective *objective)
{
    MachineMemory memory = machine_memory("");
    double table = footprint_table(objective->o.table), cap = objective->o.memory_cap;
    if (cap <= 0) cap = memory.total > 0 ? memory.total : INFINITY;
    objective->cap = cap - table;
    objective->room = memory.total > 0 && memory.available < objective->cap ? memory.available : objective->cap;
}

bool objective_create(const ObjectiveOptions *options, Objective **out, Error *err)
{
    Objective *objective = calloc(1, sizeof *objective);
    if (!objective) return error_memory(err);
    objective->o = *options;
    look_at_memory(objective);
    double cache = objective->room / 8;
    objective->encoded = encoded_create(options->table, options->split,
                                        cache < ENCODED_CAP_BYTES ? (size_t)fmax(cache, 0) : ENCODED_CAP_BYTES);
    objective->gate = gate_create(isfinite(objective->room) ? objective->room : 0);
    if (!objective->encoded || !objective->gate) {
        objective_destroy(objective);
        return error_memory(err);
    }
    *out = objective;
    return true;
}

void objective_destroy(Objective *objective)
{
    if (!objective) return;
    encoded_destroy(objective->encoded);
    gate_destroy(objective->gate);
    free(objective);
}

/* The fixed settings with a trial's values on top. */
static bool resolve(const Objective *objective, const Value *values, Arena *arena, Settings *out,
                    Error *err)
{
    const Space *space = objective->o.space;
    *out = *objective->o.settings;
    for (int i = 0; i < space->n_params; i++)
        if (values[i].kind != VALUE_NONE
            && !settings_assign(out, space->params[i].name, &values[i], arena, err))
            return false;
    return true;
}

static bool footprint(const Objective *objective, const Settings *settings, Arena *arena, double *bytes,
                      Error *err)
{
    const ObjectiveOptions *o = &objective->o;
    return footprint_trial(&(FootprintOptions){o->table, o->split, &settings->train, &settings->prep,
                                               o->folder != NULL}, arena, bytes, err);
}

bool objective_fits(Objective *objective, const Value *values, Error *err)
{
    Settings settings;
    double bytes;
    char need[32], have[32];
    Arena *arena = arena_create(0);
    if (!arena) return error_memory(err);
    bool fits = !resolve(objective, values, arena, &settings, NULL)
             || !footprint(objective, &settings, arena, &bytes, NULL) || bytes <= objective->cap;
    arena_destroy(arena);
    if (fits) return true;
    text_bytes(bytes, need);
    text_bytes(fmax(objective->cap, 0), have);
    return objective->o.memory_cap > 0
        ? error_set(err, ERR_MEMORY, "training it takes %s of memory, and run.memory_cap leaves %s", need, have)
        : error_set(err, ERR_MEMORY, "training it takes %s of memory, and this machine has %s", need, have);
}

bool objective_cost(Objective *objective, const Value *values, double extras[OBJECTIVE_EXTRAS],
                    Error *err)
{
    Arena *arena = arena_create(0);
    if (!arena) return error_memory(err);
    Settings settings;
    Encoded encoded;
    bool ok = resolve(objective, values, arena, &settings, err)
           && encoded_get(objective->encoded, &settings.prep, 0, &encoded, err);
    if (ok) {
        const Rows *rows = encoded.train;
        Mlp shape;
        int members;
        ok = train_shape(&settings.train, rows->feature, rows->n_features, rows->n_classes, arena,
                         &shape, &members, err);
        if (ok) {
            double nets = members * (settings.train.snapshots > 0 ? settings.train.snapshots : 1);
            double flops = 0;
            for (int l = 0; l < shape.n_layers; l++)
                flops += 2.0 * shape.width[l] * shape.width[l + 1];
            extras[0] = nets * (double)shape.n_params;
            extras[1] = 4 * extras[0];
            extras[2] = nets * flops;
            extras[3] = rows->n_features;
            extras[4] = rows->n_classes;
            extras[5] = latency_us(nets, flops);
        }
        encoded_release(objective->encoded, &encoded);
    }
    arena_destroy(arena);
    return ok;
}

/* Beside the products, a row costs as much as 90,000 of their operations (loss, activations, gathering), and
 * an update 23 a weight. Fitted to the seconds of 60 random networks of one to three layers of 4 to 512 units,
 * batches of 8 to 256, on 1600 rows of digits, one core: the logarithm is then off by 0.39 (standard
 * deviation), with the products alone by 1.07. */
double objective_work(Objective *objective, const Value *values)
{
    enum { A_ROW = 90000, AN_UPDATE = 23 };
    Error ignored;
    Settings settings;
    Encoded encoded;
    Mlp shape;
    int members;
    double work = 0;
    Arena *arena = arena_create(0);
    if (!arena) return 0;
    if (resolve(objective, values, arena, &settings, &ignored)
        && encoded_get(objective->encoded, &settings.prep, 0, &encoded, &ignored)) {
        const Rows *rows = encoded.train;
        const TrainOptions *train = &settings.train;
        if (train_shape(train, rows->feature, rows->n_features, rows->n_classes, arena, &shape, &members,
                        &ignored)) {
            double flops = 0, updates = ceil((double)rows->n_rows / train->batch_size);
            for (int l = 0; l < shape.n_layers; l++) flops += 2.0 * shape.width[l] * shape.width[l + 1];
            work = members * (double)train->epochs
                 * (rows->n_rows * (flops + A_ROW) + updates * AN_UPDATE * (double)shape.n_params);
        }
        encoded_release(objective->encoded, &encoded);
    }
    arena_destroy(arena);
    return work;
}

/* One trial under way. */
typedef struct {
    Objective *objective;
    const TrialTask *task;
    Settings settings;
    double bytes;     /* of memory it holds a place for */
    Arena *workspace; /* of one run after the other; NULL: there is one, in the trial's arena */
    double started_s;
    int run;          /* repeat * n_folds + fold */
    double sign;      /* -1 when larger is better: scores are minimized */
    double *curve;    /* of run 0, minimized */
    int n_curve;
    Encoded *encoded; /* (n_folds) held until the trial ends: its model refers to their preps */
    int n_encoded;
} Trial;

static EpochVerdict on_epoch(void *context, const EpochRecord *record)
{
    Trial *trial = context;
    const TrialTask *task = trial->task;
    const ObjectiveOptions *o = &trial->objective->o;
    if (trial->run == 0) trial->curve[trial->n_curve++] = trial->sign * record->val_metric;
    EpochRow row = {trial->run, record->epoch, record->learning_rate, record->train_loss,
                    record->val_loss, record->val_metric, record->grad_norm, record->seconds};
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
    return EPOCH_CONTINUE;
}

/* What a run that did not complete means for its trial. */
static void unfinished(const Trial *trial, const TrainResult *result, TrialRecord *out)
{
    int folds = trial->objective->o.split->n_folds;
    switch (result->outcome) {
    case RUN_PRUNED: out->state = TRIAL_PRUNED; return;
    case RUN_PAUSED: out->state = TRIAL_QUEUED; return;
    case RUN_INTERRUPTED: out->state = TRIAL_INTERRUPTED; return;
    case RUN_TIMEOUT:
        out->state = TRIAL_FAILED;
        out->fail_code = "TIMEOUT";
        snprintf(out->fail_text, sizeof out->fail_text,
                 "run.trial_time_cap of %g s reached at epoch %d",
                 trial->objective->o.time_cap_s, result->n_epochs);
        return;
    default:
        out->state = TRIAL_FAILED;
        out->fail_code = "DIVERGED";
        if (folds > 1)
            snprintf(out->fail_text, sizeof out->fail_text, "fold %d: %s", trial->run % folds,
                     result->why);
        else
            snprintf(out->fail_text, sizeof out->fail_text, "%s", result->why);
    }
}

/* Everything the runs of one trial leave behind. */
typedef struct {
    int n_runs, n_rows; /* repeats * folds; validated rows */
    int32_t *row;       /* (n_rows) numbers in the table, increasing */
    int32_t *position;  /* (table rows) -> place in `row`, -1: never validated */
    int32_t *labels;    /* (n_rows) */
    double *sum;        /* (n_rows, K) probabilities, summed over repeats */
    float *proba;       /* (n_rows, K) their mean */
    double *run_score;  /* (n_runs) */
    ModelNet *nets;     /* (n_nets) of all runs; there is room for the members and snapshots of each */
    int n_nets;
    const Prep **preps; /* (n_folds) */
} Gathered;

static bool gathered_create(const ObjectiveOptions *o, const TrainOptions *train, Arena *arena,
                            Gathered *g, Error *err)
{
    const Split *split = o->split;
    int k = o->table->n_classes, repeats = train->seeds_per_trial < 1 ? 1 : train->seeds_per_trial;
    int nets_a_run = train->members * (train->snapshots > 0 ? train->snapshots : 1);
    for (int f = 0; f < split->n_folds; f++) g->n_rows += split->n_valid[f];
    g->n_runs = repeats * split->n_folds;
    size_t cells = (size_t)g->n_rows * (size_t)k;
    g->row = ARENA_NEW(arena, int32_t, g->n_rows);
    g->position = ARENA_NEW(arena, int32_t, o->table->n_rows);
    g->labels = ARENA_NEW(arena, int32_t, g->n_rows);
    g->sum = ARENA_NEW(arena, double, cells);
    g->proba = ARENA_NEW(arena, float, cells);
    g->run_score = ARENA_NEW(arena, double, g->n_runs);
    g->nets = ARENA_NEW(arena, ModelNet, g->n_runs * nets_a_run);
    g->preps = ARENA_NEW(arena, const Prep *, split->n_folds);
    if (!g->row || !g->position || !g->labels || !g->sum || !g->proba || !g->run_score || !g->nets
        || !g->preps)
        return error_memory(err);
    for (int i = 0; i < o->table->n_rows; i++) g->position[i] = -1;
    for (int f = 0; f < split->n_folds; f++)
        for (int i = 0; i < split->n_valid[f]; i++) g->position[split->valid[f][i]] = 0;
    for (int i = 0, n = 0; i < o->table->n_rows; i++)
        if (g->position[i] == 0) {
            g->position[i] = n;
            g->row[n] = i;
            g->labels[n++] = o->table->labels[i];
        }
    return true;
}

static void gathered_add(const ObjectiveOptions *o, Gathered *g, int fold, const float *proba)
{
    int k = o->table->n_classes;
    for (int i = 0; i < o->split->n_valid[fold]; i++) {
        double *to = g->sum + (size_t)g->position[o->split->valid[fold][i]] * (size_t)k;
        for (int c = 0; c < k; c++) to[c] += proba[(size_t)i * (size_t)k + (size_t)c];
    }
}

static char *checkpoint_path(const Objective *objective, int number, int again, int run, Arena *arena)
{
    char *name = again ? arena_print(arena, "artifacts/trial-%06d.again-%d.%d.checkpoint", number, again, run)
                       : arena_print(arena, "artifacts/trial-%06d.%d.checkpoint", number, run);
    return name ? path_join(arena, objective->o.folder, name) : NULL;
}

static bool keeps_state(const Trial *trial)
{
    const ObjectiveOptions *o = &trial->objective->o;
    return o->folder && (o->checkpoint_s > 0 || trial->task->rungs);
}

/* A trial that has an answer needs no states any more; one that was interrupted or paused does. */
static void remove_checkpoints(const Trial *trial, int n_runs, Arena *arena)
{
    for (int run = 0; keeps_state(trial) && run < n_runs; run++) {
        char *path = checkpoint_path(trial->objective, trial->task->number, trial->task->again, run, arena);
        if (path) unlink(path); /* most trials left none */
    }
}

/* The scores of the first n networks. */
static bool describe_runs(const Trial *trial, const Gathered *g, int n, Arena *arena, TrialRecord *out,
                          Error *err)
{
    double *scores = ARENA_NEW(arena, double, n);
    if (!out->metrics) out->metrics = ARENA_NEW(arena, MetricRow, METRIC_COUNT + g->n_runs);
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
static bool stops_between(const Trial *trial, const Gathered *g, int n, Arena *arena, bool *stops,
                          TrialRecord *out, Error *err)
{
    const TrialTask *task = trial->task;
    double *scores = ARENA_NEW(arena, double, n), sum = 0;
    if (!scores) return error_memory(err);
    for (int r = 0; r < n; r++) {
        scores[r] = trial->sign * g->run_score[r];
        sum += g->run_score[r];
    }
    const Curve done = {n, scores};
    *stops = pruner_stops_between(trial->objective->o.pruner, &done, task->n_finished, task->finished, NULL);
    if (!*stops) return true;
    out->state = TRIAL_PRUNED;
    out->value = sum / n;
    return describe_runs(trial, g, n, arena, out, err);
}

/* A run's networks, which outlive its workspace: copies where there are more runs, in the trial's arena with
 * all they refer to. */
static bool keep_nets(const Trial *trial, const TrainResult *result, int fold, Arena *arena, Gathered *g,
                      TrialRecord *out, Error *err)
{
    const Rows *rows = trial->encoded[fold].train;
    Mlp shape = {0};
    int members;
    if (trial->workspace && !train_shape(&trial->settings.train, rows->feature, rows->n_features,
                                         rows->n_classes, arena, &shape, &members, err))
        return false;
    for (int i = 0; i < result->n_nets; i++) {
        Mlp *net = result->nets[i];
        if (trial->workspace) {
            if (!mlp_copy(result->nets[i], arena, &net, err)) return false;
            net->embed = shape.embed;
        }
        g->nets[g->n_nets++] = (ModelNet){net, fold};
        out->n_params += (int64_t)net->n_params;
    }
    return true;
}

/* Trains every repeat and fold, each in the memory of the one before. True when the trial went through, even
 * if it was cut short: then out->state says how. */
static bool train_runs(Trial *trial, Arena *arena, Gathered *g, TrialRecord *out, Error *err)
{
    const ObjectiveOptions *o = &trial->objective->o;
    int folds = o->split->n_folds;
    out->state = TRIAL_COMPLETE;
    if (g->n_runs > 1 && !(trial->workspace = arena_create(0))) return error_memory(err);
    for (int run = 0; run < g->n_runs && out->state == TRIAL_COMPLETE; run++) {
        int fold = run % folds;
        if (run < folds) {
            if (!encoded_get(trial->objective->encoded, &trial->settings.prep, fold,
                             &trial->encoded[fold], err))
                return false;
            trial->n_encoded++;
            g->preps[fold] = trial->encoded[fold].prep;
        }
        const Encoded *encoded = &trial->encoded[fold];
        trial->run = run;
        TrainRun options = {.seed = runner_seed(o->seed, trial->task),
                            .stream = (uint32_t)run, .threads = o->threads,
                            .metric = o->metric, .positive = o->positive, .on_epoch = on_epoch,
                            .context = trial};
        if (keeps_state(trial)) {
            options.checkpoint = checkpoint_path(trial->objective, trial->task->number, trial->task->again, run,
                                                 arena);
            options.checkpoint_s = o->checkpoint_s;
            if (!options.checkpoint) return error_memory(err);
        }
        if (run == 0) options.pause_after = trial->task->pause_after;
        TrainResult result;
        if (trial->workspace) arena_reset(trial->workspace);
        if (!train_network(&trial->settings.train, encoded->train, encoded->valid, &options,
                           trial->workspace ? trial->workspace : arena, &result, err))
            return false;
        out->epochs += result.n_epochs;
        if (run == 0) out->best_epoch = result.best_epoch;
        g->run_score[run] = result.score;
        if (result.outcome != RUN_COMPLETE && result.outcome != RUN_STOPPED_EARLY) {
            unfinished(trial, &result, out);
            out->value = result.outcome == RUN_PRUNED ? result.score : NAN;
            return true;
        }
        if (options.pause_after > 0 && g->n_runs > 1) { /* it ended before the pause, but not the trial */
            out->state = TRIAL_QUEUED;
            return true;
        }
        if (run + 1 < g->n_runs) {
            bool stops = false;
            if (!stops_between(trial, g, run + 1, arena, &stops, out, err)) return false;
            if (stops) return true;
        }
        gathered_add(o, g, fold, result.proba);
        if (!keep_nets(trial, &result, fold, arena, g, out, err)) return false;
    }
    arena_destroy(trial->workspace);
    trial->workspace = NULL;
    return true;
}

static bool score(const Trial *trial, Gathered *g, Arena *arena, TrialRecord *out, Error *err)
{
    const ObjectiveOptions *o = &trial->objective->o;
    int k = o->table->n_classes, folds = o->split->n_folds, repeats = g->n_runs / folds;
    for (size_t i = 0; i < (size_t)g->n_rows * (size_t)k; i++)
        g->proba[i] = (float)(g->sum[i] / repeats);
    Metrics metrics;
    void *scratch = arena_alloc(arena, metrics_scratch_bytes(g->n_rows), 1);
    out->metrics = ARENA_NEW(arena, MetricRow, METRIC_COUNT + g->n_runs);
    if (!scratch || !out->metrics) return error_memory(err);
    if (!metrics_create(k, arena, &metrics, err)) return false;
    metrics_compute(g->n_rows, g->proba, k, g->labels, o->positive, METRICS_ALL, scratch,
                    &metrics);
    for (int m = 0; m < METRIC_COUNT; m++)
        out->metrics[out->n_metrics++] =
            (MetricRow){"val", -1, metric_name((MetricId)m), metrics.value[m], NAN, NAN};
    double sum = 0, square = 0;
    for (int r = 0; r < g->n_runs; r++) sum += g->run_score[r];
    if (g->n_runs > 1 && !describe_runs(trial, g, g->n_runs, arena, out, err)) return false;
    double mean = sum / g->n_runs;
    for (int r = 0; r < g->n_runs; r++)
        square += (g->run_score[r] - mean) * (g->run_score[r] - mean);
    out->value = metrics.value[o->metric];
    out->value_sd = g->n_runs > 1 ? sqrt(square / (g->n_runs - 1)) : NAN;
    out->confusion = (ConfusionRow){"val", k, metrics.confusion};
    out->model_bytes = 4 * out->n_params;
    return true;
}

/* What the configuration costs, known without training, as rows beside the metrics. */
static bool add_costs(const Trial *trial, Arena *arena, TrialRecord *out, Error *err)
{
    double cost[OBJECTIVE_EXTRAS];
    MetricRow *rows = ARENA_NEW(arena, MetricRow, out->n_metrics + OBJECTIVE_EXTRAS);
    if (!rows) return error_memory(err);
    if (!objective_cost(trial->objective, trial->task->values, cost, err)) return false;
    if (out->n_metrics > 0) memcpy(rows, out->metrics, (size_t)out->n_metrics * sizeof *rows);
    for (int i = 0; i < OBJECTIVE_EXTRAS; i++)
        for (int g = 0; goals_costs[g]; g++)
            if (strcmp(objective_extras[i], goals_costs[g]) == 0)
                rows[out->n_metrics++] = (MetricRow){"cost", -1, goals_costs[g], cost[i], NAN, NAN};
    out->metrics = rows;
    return true;
}

static bool describe_file(const char *path, ArtifactRow *row, Arena *arena, Error *err)
{
    Bytes bytes;
    char *hex = ARENA_NEW(arena, char, 65);
    if (!hex) return error_memory(err);
    if (!file_read(path, 0, &bytes, err))
        return err->code != ERR_MEMORY
            && error_set(err, ERR_IO, "%s was written and is not there any more; put its folder back and run"
                         " the same command again", path);
    sha256_of(bytes.bytes, bytes.n, hex);
    row->bytes = (int64_t)bytes.n;
    row->sha256 = hex;
    bytes_free(&bytes);
    return true;
}

/* The model and the predictions, as files that are whole before any row names them. */
static bool write_artifacts(const Trial *trial, const Gathered *g, Arena *arena,
                            TrialRecord *out, Error *err)
{
    const ObjectiveOptions *o = &trial->objective->o;
    int number = trial->task->number;
    ModelMember member = {arena_print(arena, "trial %d", number), 1, g->n_nets, g->nets};
    Doc *doc = doc_object();
    Text provenance = {0};
    doc_set_text(doc, "study", o->name);
    doc_set_number(doc, "trial", number);
    doc_set_number(doc, "seed", (double)o->seed);
    doc_set_text(doc, "params_hash", trial->task->params_hash);
    doc_set_number(doc, metric_name(o->metric), out->value);
    doc_set_text(doc, "version", CONSORT_VERSION);
    bool ok = doc_print(doc, 0, &provenance) || error_memory(err);
    doc_free(doc);
    Model model = {.name = o->name, .schema = table_schema(o->table),
                   .n_preps = o->split->n_folds, .preps = g->preps, .n_members = 1,
                   .members = &member, .provenance = provenance.bytes};
    model.temperature = temperature_fit(g->n_rows, o->table->n_classes, g->proba, g->labels);
    /* The folds' networks predict together, which makes them less sure already. */
    if (g->n_runs > 1 && model.temperature > 1) model.temperature = 1;
    Predictions predictions = {g->n_rows, o->table->n_classes, g->row, g->proba};
    static const char *const kinds[2] = {"weights", "proba"}, *const endings[2] = {"consort",
                                                                                 "proba"};
    for (int i = 0; ok && i < 2; i++) {
        ArtifactRow *row = &out->artifacts[i];
        row->kind = kinds[i];
        row->path = arena_print(arena, "artifacts/trial-%06d.%s", number, endings[i]);
        char *path = row->path ? path_join(arena, o->folder, row->path) : NULL;
        ok = path || error_memory(err);
        ok = ok && (i == 0 ? model_save(&model, path, err)
                           : predictions_save(&predictions, path, err));
        ok = ok && describe_file(path, row, arena, err);
        if (ok) out->n_artifacts++;
    }
    text_free(&provenance);
    return ok;
}

static bool run_trial(Trial *trial, Arena *arena, TrialRecord *out, Error *err)
{
    const ObjectiveOptions *o = &trial->objective->o;
    Gathered gathered = {0};
    trial->curve = ARENA_NEW(arena, double, trial->settings.train.epochs);
    trial->encoded = ARENA_NEW(arena, Encoded, o->split->n_folds);
    if (!trial->curve || !trial->encoded) return error_memory(err);
    if (!gathered_create(o, &trial->settings.train, arena, &gathered, err)
        || !train_runs(trial, arena, &gathered, out, err))
        return false;
    out->curve = (Curve){trial->n_curve, trial->curve};
    if (out->state != TRIAL_INTERRUPTED && out->state != TRIAL_QUEUED)
        remove_checkpoints(trial, gathered.n_runs, arena);
    if (out->state != TRIAL_COMPLETE) return true;
    if (!score(trial, &gathered, arena, out, err) || !add_costs(trial, arena, out, err)) return false;
    return !o->folder || trial->task->again || write_artifacts(trial, &gathered, arena, out, err);
}

/* Its settings, and a place in memory for it. False when it is not to be trained: `out` says how it ended. */
static bool admit(Trial *trial, Arena *arena, TrialRecord *out)
{
    Error why;
    Objective *objective = trial->objective;
    if (!resolve(objective, trial->task->values, arena, &trial->settings, &why)
        || !footprint(objective, &trial->settings, arena, &trial->bytes, &why)) {
        out->state = TRIAL_INFEASIBLE;
        out->fail_code = "SETTING";
        snprintf(out->fail_text, sizeof out->fail_text, "%.230s", why.message);
        return false;
    }
    if (trial->bytes > objective->room) {
        char need[32], have[32];
        out->state = TRIAL_FAILED;
        out->fail_code = "OOM";
        snprintf(out->fail_text, sizeof out->fail_text, "training it takes %s of memory, and %s were free; "
                 "`consort retry` when there is more", text_bytes(trial->bytes, need),
                 text_bytes(fmax(objective->room, 0), have));
        return false;
    }
    if (gate_enter(objective->gate, trial->bytes, trial->task->stop)) return true;
    out->state = TRIAL_INTERRUPTED;
    return false;
}

bool objective_run(Objective *objective, const TrialTask *task, Arena *arena, TrialRecord *out,
                   Error *err)
{
    bool maximize = metric_larger_is_better(objective->o.metric);
    Trial trial = {.objective = objective, .task = task, .sign = maximize ? -1 : 1};
    *out = (TrialRecord){.value = NAN, .value_sd = NAN};
    if (!admit(&trial, arena, out)) return true;
    trial.started_s = clock_seconds();
    bool ok = run_trial(&trial, arena, out, err);
    arena_destroy(trial.workspace);
    for (int f = 0; f < trial.n_encoded; f++)
        encoded_release(objective->encoded, &trial.encoded[f]);
    gate_leave(objective->gate, trial.bytes);
    out->seconds = clock_seconds() - trial.started_s;
    if (!ok && err->code == ERR_MEMORY) { /* this configuration is too large, not the study */
        double seconds = out->seconds;
        *out = (TrialRecord){.state = TRIAL_FAILED, .fail_code = "OOM", .value = NAN,
                             .value_sd = NAN, .seconds = seconds};
        snprintf(out->fail_text, sizeof out->fail_text, "the trial does not fit into memory");
        return true;
    }
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

static int full_epochs(void *self, const Value *values)
{
    const Objective *objective = self;
    const Space *space = objective->o.space;
    for (int i = 0; i < space->n_params; i++)
        if (settings_field(space->params[i].name) == settings_field("epochs")
            && values[i].kind != VALUE_NONE)
            return (int)values[i].number;
    return objective->o.settings->train.epochs;
}

static void forget(void *self, int number)
{
    const Objective *objective = self;
    Arena *arena = objective->o.folder ? arena_create(0) : NULL;
    char *path = arena ? checkpoint_path(objective, number, 0, 0, arena) : NULL;
    if (path) unlink(path); /* not there: it was not paused, or its state could not be written */
    arena_destroy(arena);
}

Runner objective_runner(Objective *objective)
{
    return (Runner){objective, run_task, cost_of, work_of, fits, full_epochs, forget};
}
