/* tests/store_fixture.h - a folder, a space and rows to fill a trial database with. */
#ifndef CONSORT_TESTS_STORE_FIXTURE_H
#define CONSORT_TESTS_STORE_FIXTURE_H
#include <dirent.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "tuner/store/curate.h"
#include "tuner/store/open.h"
#include "tuner/store/queue.h"
#include "tuner/store/schema.h"

static char folder[64], path[128];

static inline void empty_one(const char *which)
{
    DIR *dir = opendir(which);
    for (struct dirent *e; dir && (e = readdir(dir));) {
        char name[400];
        snprintf(name, sizeof name, "%.130s/%s", which, e->d_name);
        if (e->d_name[0] == '.' || unlink(name) == 0) continue;
        empty_one(name);
        rmdir(name);
    }
    if (dir) closedir(dir);
}

static inline void folder_empty(void)
{
    empty_one(folder);
}

static inline int folder_make(void **state)
{
    (void)state;
    /* memory instead of a disk where there is some: the same code, without waiting for fsync */
    strcpy(folder, access("/dev/shm", W_OK) == 0 ? "/dev/shm/consort_store_XXXXXX"
                                                 : "/tmp/consort_store_XXXXXX");
    if (!mkdtemp(folder)) return -1;
    chmod(folder, 0755);
    snprintf(path, sizeof path, "%s/trials.db", folder);
    return 0;
}

static inline int folder_drop(void **state)
{
    (void)state;
    folder_empty();
    return rmdir(folder);
}

static const Value optimizers[] = {{VALUE_TEXT, 0, "adam"}, {VALUE_TEXT, 0, "sgd"}};
static const Value widths[] = {{VALUE_INT, 32, NULL}, {VALUE_INT, 64, NULL}, {VALUE_INT, 128, NULL}};
static const Param fixture_params[] = {
    {.name = "learning_rate", .distribution = DIST_LOG_UNIFORM_VALUES, .low = 1e-4, .high = 0.1},
    {.name = "width_1", .distribution = DIST_CATEGORICAL, .n_choices = 3, .choices = widths},
    {.name = "optimizer", .distribution = DIST_CATEGORICAL, .n_choices = 2, .choices = optimizers},
    {.name = "batch_size", .distribution = DIST_INT_UNIFORM, .low = 16, .high = 256},
    {.name = "augment.rotate-deg", .distribution = DIST_UNIFORM, .low = 0, .high = 15,
     .when_text = "optimizer == sgd"},
    {.name = "epochs", .distribution = DIST_INT_UNIFORM, .low = 1, .high = 30},
    {.name = "order", .distribution = DIST_NORMAL, .mu = 0, .sigma = 1},
};
static const Space fixture_space = {.n_params = 7, .params = fixture_params};
static const char *const fixture_classes[] = {"zero", "one", "two"};

static inline StudyInfo fixture_study(const char *name)
{
    return (StudyInfo){.name = name, .method = "bayes", .metric = "val_f1_macro", .maximize = true,
                       .target = NAN, .seed = 7, .run_cap = 50, .config_yaml = "a: 1\n",
                       .config_sha256 = "c0", .data_sha256 = "d0", .split_sha256 = "s0",
                       .version = "0.1.0", .n_classes = 3, .classes = fixture_classes};
}

typedef struct {
    char params[256], hash[65];
    TrialRow row;
} FixtureTrial;

static inline TrialRow *fixture_trial(FixtureTrial *t, int number)
{
    snprintf(t->params, sizeof t->params,
             "{\"augment.rotate-deg\":%d.5,\"batch_size\":%d,\"epochs\":20,\"learning_rate\":%.17g,"
             "\"optimizer\":\"%s\",\"order\":-0.25,\"width_1\":%d}",
             number % 10, 16 + number % 16, 0.001 * (number + 1), number % 2 ? "sgd" : "adam",
             32 << number % 3);
    sha256_of(t->params, strlen(t->params), t->hash);
    t->row = (TrialRow){.number = number, .state = TRIAL_RUNNING, .source = "tuner", .params = t->params,
                        .params_hash = t->hash, .trace = "{\"kind\":\"sobol\"}",
                        .seed = UINT64_C(0x9000000000000000) + (uint64_t)number, .threads = 1,
                        .value = NAN, .value_sd = NAN};
    return &t->row;
}

static inline void fixture_end(TrialRow *row, double value)
{
    row->state = TRIAL_COMPLETE;
    row->value = value;
    row->best_epoch = 3;
    row->epochs = 4;
    row->n_params = 1000 + row->number % 5 * 100;
    row->model_bytes = row->n_params * 4;
    row->seconds = 0.5;
    row->cpu_s = 0.25;
    row->peak_bytes = 4096;
}

static inline EpochRow fixture_epoch(int trial, int epoch)
{
    return (EpochRow){.epoch = epoch, .learning_rate = 0.01 / epoch, .train_loss = 1.0 / (epoch + trial + 1),
                      .val_loss = 1.1 / (epoch + trial + 1), .val_metric = 1 - 1.0 / (epoch + trial + 1),
                      .grad_norm = 0.5, .seconds = 0.01};
}
#endif
