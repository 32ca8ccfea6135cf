/* examples/digits.c - Consort from C: a sweep, the ensemble of its trials, and what that says about new rows.
 *
 *     make build/examples/digits && build/examples/digits runs/from-c
 */
#include <stdio.h>

#include "job/job.h"

static const char wanted[] =
    "name: digits\n"
    "metric: {name: val_accuracy}\n"
    "run_cap: 6\n"
    "parameters:\n"
    "  learning_rate: {distribution: log_uniform_values, min: 0.002, max: 0.02}\n"
    "  hidden: {values: [[32], [64], [64, 32]]}\n"
    "data: {format: digits, rows: 4000, test_rows: 300}\n"
    "train: {epochs: 12, dropout: 0.1}\n";

static void told(void *context, const StudyEvent *event)
{
    int *n_trials = context;
    if (event->kind != EVENT_TRIAL_END) return;
    printf("trial %d: accuracy %.3f%s\n", event->number, event->row->value, event->is_best ? ", the best" : "");
    ++*n_trials;
}

static void print_labels(const Predicted *rows, const Table *truth)
{
    int n_right = 0;
    for (int i = 0; i < rows->n_rows; i++) n_right += rows->decision[i] == truth->labels[i];
    for (int i = 0; i < 10; i++) printf("row %d is a %s\n", i, predicted_label(rows, i));
    printf("%d of %d right\n", n_right, rows->n_rows);
}

int main(int argc, char **argv)
{
    Error err;
    Arena *arena = arena_create(0);
    int n_trials = 0;
    SweepOptions options = {.place.dir = argc > 1 ? argv[1] : NULL, .on_event = told, .context = &n_trials};
    Config *config;
    Sweep sweep;
    Finished study = {0};
    Model *model;
    Predicted rows;
    bool ok = config_read_text("digits", wanted, "", arena, &config, &err)
           && sweep_run(config, &options, arena, &sweep, &err)
           && finished_of_sweep(&sweep, config, arena, &study, &err)
           && product_ensemble(&study, NULL, &err)
           && model_load(study.ensemble.path, arena, &model, &err)
           && predict_table(model, study.data.test, arena, &rows, &err);
    if (ok) printf("%d trials, an ensemble of %d\n", n_trials, study.ensemble.n_members);
    if (ok) print_labels(&rows, study.data.test);
    else fprintf(stderr, "digits: %s\n", err.message);
    finished_close(&study);
    arena_destroy(arena);
    return !ok;
}
