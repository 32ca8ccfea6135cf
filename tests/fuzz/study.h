/* tests/fuzz/study.h - a small finished study to damage: of networks, with a model's every kind of row, or of a
 * program with two goals. */
#ifndef CONSORT_TESTS_FUZZ_STUDY_H
#define CONSORT_TESTS_FUZZ_STUDY_H
#include "base/rng.h"
#include "job/config.h"
#include "tests/fuzz/fuzz.h"
#include "tuner/exchange/exchange.h"
#include "tuner/store/curate.h"
#include "tuner/store/workers.h"

static inline const Config *fuzz_config(int kind)
{
    static Config *made[2];
    static const char *const yaml[2] = {
        "name: small\nmethod: random\nmetric: {name: val_f1_macro, goal: maximize}\nrun_cap: 8\n"
        "parameters:\n  learning_rate: {distribution: log_uniform_values, min: 0.0001, max: 0.1}\n"
        "  hidden: {values: [[16], [32, 16]]}\n  optimizer: {values: [adam, sgd]}\n"
        "  batch_size: {distribution: q_uniform, q: 8, min: 8, max: 64}\n"
        "  momentum: {min: 0.0, max: 0.9, when: optimizer == sgd}\n"
        "  dropout: {min: 0.0, max: 0.5, zero_prob: 0.3}\n"
        "data: {format: digits, rows: 60, test_rows: 20}\n",
        "name: prog\nprogram: p.py\nmethod: random\nmetrics: [{name: loss, goal: minimize},"
        " {name: size, goal: minimize}]\n"
        "parameters:\n  lr: {min: 0.001, max: 0.1}\n  depth: {values: [1, 2, 3]}\n  flag: {values: [true, false]}\n"
        "  word: {values: [a, 'b c', '3']}\n"};
    Error err;
    if (!made[kind])
        fuzz_must(config_read_text("a.yaml", yaml[kind], "", fuzz_forever(), &made[kind], &err), &err);
    return made[kind];
}

static inline const Space *fuzz_space(int kind)
{
    return fuzz_config(kind)->space;
}

static inline void fuzz_trial(Store *store, int64_t study_id, int kind, int number, Rng *rng)
{
    static const int64_t counts[4] = {30, 2, 1, 27};
    /* Of networks too few end well for importance, which takes as long as all else together. */
    static const TrialState ends[2][8] = {
        {TRIAL_COMPLETE, TRIAL_COMPLETE, TRIAL_PRUNED, TRIAL_COMPLETE, TRIAL_FAILED, TRIAL_INTERRUPTED, TRIAL_PRUNED,
         TRIAL_FAILED},
        {TRIAL_COMPLETE, TRIAL_COMPLETE, TRIAL_PRUNED, TRIAL_COMPLETE, TRIAL_FAILED, TRIAL_COMPLETE, TRIAL_COMPLETE,
         TRIAL_COMPLETE}};
    const Space *space = fuzz_space(kind);
    double u[SPACE_MAX_PARAMS];
    Value values[SPACE_MAX_PARAMS];
    char hash[65], path[64];
    Text params = {0};
    Error err;
    for (int d = 0; d < space->n_dims; d++) u[d] = rng_uniform(rng);
    space_decode(space, u, values);
    space_hash(space, values, hash);
    FUZZ_HOLDS(space_json(space, values, &params));
    TrialRow row = {.number = number, .state = TRIAL_RUNNING, .source = number ? "tuner" : "baseline",
                    .params = params.bytes, .params_hash = hash, .trace = "{\"kind\":\"random\"}",
                    .seed = 7, .threads = 1, .value = NAN, .value_sd = NAN};
    fuzz_must(store_trial_begin(store, study_id, &row, &err), &err);
    for (int e = 1; e <= 3; e++) {
        EpochRow epoch = {.epoch = e, .learning_rate = 0.01, .train_loss = 1.0 / e, .val_loss = 1.1 / e,
                          .val_metric = 1 - 0.5 / (e + number), .grad_norm = 0.5, .seconds = 0.01};
        fuzz_must(store_epoch(store, row.id, &epoch, &err), &err);
    }
    row.state = ends[kind][number % 8];
    row.epochs = 3, row.best_epoch = 2, row.n_params = 1000 + 10 * number, row.model_bytes = 4 * row.n_params;
    row.seconds = 0.5;
    if (row.state != TRIAL_FAILED) row.value = 0.9 - 0.01 * number;
    else row.fail_code = "DIVERGED", row.fail_text = "epoch 2: the loss is nan";
    const MetricRow metrics[2][2] = {
        {{"val", -1, "f1_macro", row.value, NAN, NAN}, {"val", -1, "accuracy", row.value + 0.01, 0.8, 0.95}},
        {{"val", -1, "loss", row.value, NAN, NAN}, {"val", -1, "size", 100 - row.value, NAN, NAN}}};
    const ConfusionRow confusion = {"val", 2, counts};
    bool whole = row.state == TRIAL_COMPLETE;
    snprintf(path, sizeof path, "artifacts/trial-%06d.consort", number);
    const ArtifactRow artifact = {"weights", path, 4000, hash};
    fuzz_must(store_trial_end(store, &row, metrics[kind], whole ? 2 : 0, &confusion, whole && kind == 0, &artifact,
                              whole && kind == 0, &err), &err);
    text_free(&params);
}

/* kind 0: networks, 1: a program. */
static inline void fuzz_study_make(const char *path, int kind)
{
    static const char *const classes[] = {"no", "yes"};
    const Config *config = fuzz_config(kind);
    Rng rng = rng_stream(7, 1, RNG_TEST);
    Text yaml = {0};
    Store *store;
    StudyStart start;
    Error err;
    unlink(path);
    FUZZ_HOLDS(config_print(config, &yaml));
    StudyInfo info = {.name = config->name, .method = "random", .metric = config->metric_full,
                      .maximize = config->maximize, .target = NAN, .seed = 7, .run_cap = 8,
                      .config_yaml = yaml.bytes, .config_sha256 = "c", .data_sha256 = "d", .split_sha256 = "s",
                      .version = "0.1.0", .n_classes = kind == 0 ? 2 : 0, .classes = classes};
    fuzz_must(store_open(path, STORE_WRITE, &store, &err)
                  && store_study_begin(store, &info, config->space, &start, &err), &err);
    WorkerRow here = {.name = "pid 1", .rank = -1, .seats = 2, .version = "0.1.0"};
    WorkerRow far = {.name = "rank 1", .host = "node-b", .pid = 77, .rank = 1, .seats = 4, .isa = "avx2"};
    fuzz_must(store_worker_joined(store, info.id, &here, &err) && store_worker_joined(store, info.id, &far, &err),
              &err);
    for (int i = 0; i < 8; i++) fuzz_trial(store, info.id, kind, i, &rng);
    fuzz_must(store_attempt_lost(store, info.id, 2, 1, far.worker, 3, &err)
                  && store_worker_left(store, info.id, far.worker, WORKER_LOST, &err), &err);
    const EnsembleMemberRow members[] = {{1, 0.75}, {2, 0.25}};
    EnsembleRow ensemble = {.method = "greedy", .metric = "val_f1_macro", .config = "{\"size\":2}", .value = 0.9,
                            .path = "ensemble.consort", .sha256 = "e", .bytes = 8000, .n_members = 2,
                            .members = members};
    fuzz_must(store_event(store, info.id, 0, "DONE", "8 trials", &err)
                  && (kind == 1 || store_ensemble_add(store, info.id, &ensemble, &err))
                  && store_study_end(store, info.id, "DONE", &err)
                  && curate_note(store, info.id, 1, "a note", &err) && store_close(store, &err), &err);
    text_free(&yaml);
}

/* Every trial of another tool against our space. */
static inline void fuzz_match(const ForeignStudy *study, Arena *arena)
{
    static const Rename renames[] = {{"lr", "learning_rate"}, {"x", ""}};
    const Space *space = fuzz_space(0);
    Value values[SPACE_MAX_PARAMS];
    double u[SPACE_MAX_PARAMS];
    Error err;
    FUZZ_HOLDS(study->tool);
    for (int i = 0; i < study->n; i++) {
        FUZZ_HOLDS(study->trials[i].where && (study->trials[i].useless || isfinite(study->trials[i].score)));
        if (foreign_match(space, study, i, renames, 2, arena, values, &err)) {
            Text json = {0};
            FUZZ_HOLDS(space_encode(space, values, u) && space_json(space, values, &json));
            text_free(&json);
        } else {
            FUZZ_HOLDS(*err.message);
        }
    }
}
#endif
