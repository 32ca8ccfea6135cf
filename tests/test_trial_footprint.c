/* Footprints: what a trial is said to take of memory, beside the peak of the process that trains it.
 * Prints what it measured. And tuner/gate: who waits for whom. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "data/synth.h"
#include "tuner/trial/footprint.h"
#include "tuner/trial/gate.h"
#include "tuner/trial/networks.h"

#ifdef __SANITIZE_ADDRESS__
enum { MEASURES = 0 }; /* its shadow memory is not ours to know */
#else
enum { MEASURES = 1 };
#endif

typedef enum { DIGITS, LEVELS, NUMBERS } DataKind;

/* Columns of words with many levels, or of numbers. */
static Table table_of(DataKind kind, int n, int n_columns, Arena *arena)
{
    enum { N_LEVELS = 1500 };
    Rng rng = rng_stream(1, 0, RNG_TEST);
    Column *columns = ARENA_NEW(arena, Column, n_columns);
    int32_t *labels = ARENA_NEW(arena, int32_t, n);
    const char **levels = ARENA_NEW(arena, const char *, N_LEVELS);
    for (int i = 0; i < N_LEVELS; i++) levels[i] = arena_print(arena, "level %d", i);
    for (int j = 0; j < n_columns; j++) {
        Column *c = &columns[j];
        c->name = arena_print(arena, "c%d", j);
        c->kind = kind == LEVELS ? COLUMN_NOMINAL : COLUMN_NUMERIC;
        c->number = ARENA_NEW(arena, double, n);
        c->code = ARENA_NEW(arena, int32_t, n);
        c->n_levels = kind == LEVELS ? N_LEVELS : 0;
        c->levels = levels;
        for (int i = 0; i < n; i++) {
            c->number[i] = rng_normal(&rng);
            c->code[i] = (int32_t)rng_below(&rng, N_LEVELS);
        }
    }
    for (int i = 0; i < n; i++) labels[i] = (int32_t)rng_below(&rng, 2);
    static const char *classes[] = {"a", "b"};
    return (Table){.n_rows = n, .n_columns = n_columns, .columns = columns, .label_name = "y", .labels = labels,
                   .n_classes = 2, .classes = classes};
}

static double status(const char *key) /* bytes */
{
    char line[200];
    double kib = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, key, strlen(key)) == 0) kib = atof(line + strlen(key));
    if (file) fclose(file);
    return 1024 * kib;
}

/* How much a process of its own grows that runs the trial; 0: it did not come to an end. */
static double measure(const ObjectiveOptions *options)
{
    int ends[2];
    double grown = 0;
    if (pipe(ends) != 0) return 0;
    pid_t child = fork();
    if (child == 0) {
        Error err;
        Objective *objective;
        TrialRecord record;
        Arena *arena = arena_create(0);
        double before = status("VmRSS:");
        TrialTask task = {.params_hash = "0123456789abcdef"};
        bool ok = objective_create(options, &objective, &err)
               && objective_run(objective, &task, arena, &record, &err) && record.row.state == TRIAL_COMPLETE;
        grown = ok ? status("VmHWM:") - before : 0;
        if (!ok) fprintf(stderr, "%s\n", record.row.fail_code ? record.fail_text : err.message);
        _exit(write(ends[1], &grown, sizeof grown) == sizeof grown ? 0 : 1);
    }
    int rc;
    close(ends[1]);
    if (read(ends[0], &grown, sizeof grown) != sizeof grown) grown = 0;
    close(ends[0]);
    waitpid(child, &rc, 0);
    return grown;
}

static const struct {
    const char *name;
    DataKind data;
    int rows, columns, folds;
    const char *settings;
} cases[] = {
    {"two layers of 1100", DIGITS, 300, 0, 0, "train: {hidden: [1100, 1100]}"},
    {"sgd without moments", DIGITS, 300, 0, 0,
     "train: {hidden: [1500, 1500], optimizer: sgd, momentum: 0.0}"},
    {"2 folds, 2 seeds", DIGITS, 300, 0, 2, "train: {hidden: [1300, 1300], seeds_per_trial: 2}"},
    {"8 members", DIGITS, 300, 0, 0, "train: {hidden: [500, 500], members: 8}"},
    {"averages and snapshots", DIGITS, 300, 0, 0,
     "train: {hidden: [900, 900], ema: 0.9, snapshots: 2, schedule: coslog4, epochs: 4}"},
    {"batch norm, residual, batches of 2048", DIGITS, 3000, 0, 0,
     "train: {hidden: [512, 512, 512, 512], batch_size: 2048, norm: batch, residual: true, activation: silu}"},
    {"elastic pictures, mixup", DIGITS, 300, 0, 0,
     "train: {hidden: [1000, 1000], mixup: 0.4, augment: {elastic_alpha: 30}}"},
    {"3 x 1500 levels one-hot", LEVELS, 6000, 3, 0, "train: {hidden: [512]}"},
    {"200,000 rows of 8 x 1500 levels", LEVELS, 200000, 8, 0, "train: {hidden: [64], batch_size: 1024}"},
    {"5 x 1500 levels embedded", LEVELS, 6000, 5, 0,
     "train: {hidden: [900, 900], category_size: 64}\nprep: {categorical: embed}"},
    {"1,000,000 rows of 4 numbers", NUMBERS, 1000000, 4, 0, "train: {hidden: [8], batch_size: 4096}"},
    {"40 numbers in 32 bins", NUMBERS, 20000, 40, 0,
     "train: {hidden: [32], batch_size: 512}\nprep: {numeric_embedding: ple, ple_bins: 32}"},
};

static bool read_settings(const char *yaml, Settings *settings, Arena *arena, Error *err)
{
    Conf *conf;
    return field_defaults(&train_fields, &settings->train, arena, err)
        && field_defaults(&prep_fields, &settings->prep, arena, err)
        && field_defaults(&missing_fields, &settings->prep, arena, err)
        && ((settings->train.epochs = 1)) && conf_read_text("case", yaml, strlen(yaml), arena, &conf, err)
        && field_read(&train_fields, conf_get(conf->root, "train"), &settings->train, arena, err)
        && (!conf_get(conf->root, "prep")
            || field_read(&prep_fields, conf_get(conf->root, "prep"), &settings->prep, arena, err));
}

static void a_trial_takes_what_was_said(void **state)
{
    (void)state;
    char folder[] = "/tmp/consort-footprint-XXXXXX", path[60], command[80];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/artifacts", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        Error err;
        Arena *arena = arena_create(0);
        Settings settings;
        Table made, *table = &made;
        Split *split;
        Space space = {0};
        double said, grown;
        SplitOptions folds = {.type = cases[c].folds ? SPLIT_KFOLD : SPLIT_HOLDOUT, .folds = cases[c].folds,
                              .val_fraction = 0.2};
        if (!read_settings(cases[c].settings, &settings, arena, &err)) fail_msg("%s", err.message);
        if (cases[c].data == DIGITS)
            assert_true(table_synth_digits(cases[c].rows, 1, 0, 1, arena, &table, &err));
        else made = table_of(cases[c].data, cases[c].rows, cases[c].columns, arena);
        assert_true(split_make(&folds, table->labels, table->n_rows, table->n_classes, arena, &split, &err));
        ObjectiveOptions options = {.table = table, .split = split, .settings = &settings, .space = &space,
                                    .metric = METRIC_ACCURACY, .positive = -1, .seed = 1, .name = "footprint",
                                    .folder = folder, .checkpoint_s = 1e-6};
        grown = MEASURES ? measure(&options) : 0;
        FootprintOptions asked = {table, split, &settings.train, &settings.prep, true};
        assert_true(footprint_trial(&asked, arena, &said, &err));
        print_message("%-38s said %6.1f MB, took %6.1f MB: %.2f\n", cases[c].name, said / 1e6, grown / 1e6,
                      said / grown);
        if (MEASURES && !(said > 0.95 * grown && said < 1.2 * grown))
            fail_msg("%s: said %.0f bytes, took %.0f", cases[c].name, said, grown);
        arena_destroy(arena);
    }
    snprintf(command, sizeof command, "rm -rf %s", folder);
    assert_int_equal(system(command), 0);
}

/* ---- the gate ------------------------------------------------------------------------------------ */

typedef struct {
    Gate *gate;
    double bytes;
    atomic_int stop, inside; /* inside: 1, or -1 when it was turned away */
} Visitor;

static void *visit(void *context)
{
    Visitor *v = context;
    atomic_store(&v->inside, gate_enter(v->gate, v->bytes, &v->stop) ? 1 : -1);
    return NULL;
}

static void those_wait_that_do_not_fit(void **state)
{
    (void)state;
    Gate *gate = gate_create(10);
    Visitor small = {.gate = gate, .bytes = 4}, large = {.gate = gate, .bytes = 5},
            stopped = {.gate = gate, .bytes = 7};
    pthread_t threads[2];
    assert_true(gate_enter(gate, 6, NULL));
    visit(&small); /* 10 of 10: at once */
    assert_int_equal(atomic_load(&small.inside), 1);
    assert_int_equal(pthread_create(&threads[0], NULL, visit, &large), 0);
    assert_int_equal(pthread_create(&threads[1], NULL, visit, &stopped), 0);
    nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    assert_true(atomic_load(&large.inside) == 0 && atomic_load(&stopped.inside) == 0);
    gate_leave(gate, 6); /* 4: room for 5, not for 7 */
    pthread_join(threads[0], NULL);
    assert_int_equal(atomic_load(&large.inside), 1);
    assert_int_equal(atomic_load(&stopped.inside), 0);
    atomic_store(&stopped.stop, 1);
    pthread_join(threads[1], NULL);
    assert_int_equal(atomic_load(&stopped.inside), -1);
    gate_leave(gate, 4);
    gate_leave(gate, 5);
    assert_true(gate_enter(gate, 1000, NULL)); /* alone */
    gate_leave(gate, 1000);
    gate_destroy(gate);
    gate = gate_create(0); /* no limit */
    assert_true(gate_enter(gate, 1e300, NULL) && gate_enter(gate, 1e300, NULL));
    gate_destroy(gate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_trial_takes_what_was_said),
                                       cmocka_unit_test(those_wait_that_do_not_fit)};
    return cmocka_run_group_tests_name("tuner/footprint", tests, NULL, NULL);
}
