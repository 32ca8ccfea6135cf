/* job/: what a program in C can do with a study, without a command line: stop and continue it, take another name,
 * wish, exclude and note, compare, and ask how far it is. examples/digits.c goes on from there to predictions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "job/job.h"
#include "tests/arena_fixture.h"

static char folder[] = "/tmp/consort_job_XXXXXX";
static Error err;

#define TRY(call) do { if (!(call)) fail_msg(#call ": %s", err.message); } while (0)

static const char text[] =
    "name: t\n"
    "metric: {name: val_accuracy}\n"
    "run_cap: 6\n"
    "run: {jobs: 2, lookback: 2}\n"
    "parameters:\n"
    "  learning_rate: {distribution: log_uniform_values, min: 0.001, max: 0.1}\n"
    "  hidden: {values: [[8], [16]]}\n"
    "data: {format: digits, rows: 120, test_rows: 20}\n"
    "train: {epochs: 2}\n";

static Config *configuration(void)
{
    Config *config;
    TRY(config_read_text("t", text, "", arena, &config, &err));
    return config;
}

static const char *in_folder(const char *name)
{
    return arena_print(arena, "%s/%s", folder, name);
}

typedef struct {
    atomic_int stop;
    int stop_after, n_ended, n_begun;
} Watcher;

static void on_begin(void *context, const Sweep *sweep)
{
    Watcher *watcher = context;
    assert_true(sweep->place.db && sweep->jobs == 2);
    watcher->n_begun++;
}

static void on_event(void *context, const StudyEvent *event)
{
    Watcher *watcher = context;
    if (event->kind == EVENT_TRIAL_END && ++watcher->n_ended == watcher->stop_after)
        atomic_store(&watcher->stop, 1);
}

static Sweep sweep_in(const char *name, int stop_after, bool fresh, Watcher *watcher)
{
    Sweep sweep;
    *watcher = (Watcher){.stop_after = stop_after};
    SweepOptions options = {.place.db = fresh ? in_folder(name) : NULL,
                            .place.dir = fresh ? NULL : in_folder(name), .fresh = fresh,
                            .stop = &watcher->stop, .on_begin = on_begin, .on_event = on_event,
                            .context = watcher};
    TRY(sweep_run(configuration(), &options, arena, &sweep, &err));
    assert_true(sweep.ended);
    assert_int_equal(watcher->n_begun, 1);
    return sweep;
}

static const char *all_params(const Place *place)
{
    OpenStudy open;
    TrialRow *rows;
    int n;
    char *all = "";
    TRY(study_open(place, arena, &open, &err));
    TRY(store_trials(open.store, open.study.id, arena, &rows, &n, &err));
    for (int i = 0; i < n; i++) all = arena_print(arena, "%s%s %.17g\n", all, rows[i].params, rows[i].value);
    study_close(&open);
    return all;
}

static void a_stopped_study_is_continued_to_the_same_end(void **state)
{
    (void)state;
    Watcher watcher;
    Sweep whole = sweep_in("whole", 0, false, &watcher);
    assert_int_equal(whole.summary.end, STUDY_DONE_CAP);
    assert_int_equal(watcher.n_ended, 6);
    assert_false(whole.start.resumed);
    Sweep part = sweep_in("parts", 2, false, &watcher);
    assert_int_equal(part.summary.end, STUDY_INTERRUPTED);
    part = sweep_in("parts", 0, false, &watcher);
    assert_true(part.start.resumed);
    assert_int_equal(part.summary.end, STUDY_DONE_CAP);
    assert_string_equal(all_params(&whole.place), all_params(&part.place));
}

static void a_fresh_study_takes_another_name(void **state)
{
    (void)state;
    Watcher watcher;
    assert_string_equal(sweep_in("shared.db", 0, true, &watcher).info.name, "t");
    Sweep second = sweep_in("shared.db", 0, true, &watcher);
    assert_string_equal(second.info.name, "t-2");
    assert_false(second.start.resumed);
}

static void people_change_a_study(void **state)
{
    (void)state;
    Place place;
    OpenStudy open;
    Enqueued enqueued;
    Status status;
    Best best;
    Diff diff;
    const ConfNode *wishes;
    static const char *const pairs[] = {"learning_rate=0.02", "hidden=[16]"};
    TRY(place_find(in_folder("whole"), NULL, arena, &place, &err));
    for (int again = 0; again < 2; again++) {
        TRY(wishes_of_pairs(pairs, 2, arena, &wishes, &err));
        TRY(study_open(&place, arena, &open, &err));
        TRY(enqueue_wishes(&open, wishes, &enqueued, &err));
        assert_int_equal(enqueued.n, 1);
        assert_int_equal(enqueued.n_added, !again); /* nothing is trained twice */
    }
    TRY(study_open(&place, arena, &open, &err));
    TRY(best_find(&open, &(BestOptions){.number = -1}, &best, &err));
    int winner = best.row.number;
    TRY(trials_exclude(&open, &winner, 1, true, &err));
    TRY(study_open(&place, arena, &open, &err));
    TRY(note_add(&open, winner, "too good", &err));
    TRY(study_open(&place, arena, &open, &err));
    TRY(best_find(&open, &(BestOptions){.number = -1}, &best, &err));
    assert_int_not_equal(best.row.number, winner);
    TRY(status_read(&open, &status, &err));
    assert_true(status_count(&status, "queued") == 1 && status_count(&status, "excluded") == 1);
    status_free(&status);
    study_close(&open);
    TRY(diff_trials(&place, (int[2]){0, 1}, arena, &diff, &err));
    assert_true(diff.tested);
    diff_free(&diff);
    assert_false(diff_trials(&place, (int[2]){0, 99}, arena, &diff, &err));
    assert_string_equal(err.message, "study t has no trial 99; it has 0 to 6");
    diff_free(&diff);
}

static void trials_are_listed_written_and_let_go(void **state)
{
    (void)state;
    Place place;
    OpenStudy open;
    Garbage garbage;
    Text csv = {0};
    int n;
    TRY(place_find(in_folder("whole"), NULL, arena, &place, &err));
    TRY(study_open(&place, arena, &open, &err));
    const char *question = list_question(&open, &(ListOptions){.top = 2, .columns = "trial,value"}, &err);
    if (!question) fail_msg("%s", err.message);
    Doc *rows = doc_array();
    TRY(query_rows(open.store, question, 5, rows, &err));
    assert_int_equal(doc_count(rows), 2);
    assert_true(doc_to_number(doc_get(doc_at(rows, 0), "value"), 0)
                >= doc_to_number(doc_get(doc_at(rows, 1), "value"), 1));
    doc_free(rows);
    TRY(trials_csv(&open, 3, NULL, &csv, &n, &err));
    assert_int_equal(n, 3);
    assert_memory_equal(csv.bytes, "trial,state,", 12);
    text_free(&csv);
    for (int dry = 1; dry >= 0; dry--) { /* of six trials one is excluded, and two are kept */
        TRY(garbage_collect(&open, 2, dry, &garbage, &err));
        assert_int_equal(garbage.n_files, 8);
        assert_int_equal(file_exists(garbage.files[0].path), dry);
        TRY(study_open(&place, arena, &open, &err));
    }
    study_close(&open);
}

static void one_study_warms_another(void **state)
{
    (void)state;
    Imported in;
    const char *yaml = in_folder("next.yaml");
    FILE *file = fopen(yaml, "w");
    fputs(text, file);
    fclose(file);
    ImportOptions options = {.study = yaml, .place.dir = in_folder("next"), .from = "consort",
                             .file = in_folder("whole")};
    TRY(import_trials(&options, arena, &in, &err));
    assert_string_equal(in.made.folder, options.place.dir);
    assert_true(in.n_added >= 5 && in.n_added == in.n_fit && in.n_refused == 0);
    options.from = "optnua";
    assert_false(import_trials(&options, arena, &in, &err));
    assert_string_equal(err.message, "--from optnua: did you mean optuna");
}

static void trials_of_two_seeds_become_one_study(void **state)
{
    (void)state;
    Merged merged;
    Sweep other;
    Config *config = configuration();
    config->run.seed = 9;
    SweepOptions options = {.place.dir = in_folder("other")};
    TRY(sweep_run(config, &options, arena, &other, &err));
    const char *studies[] = {in_folder("parts"), in_folder("other")};
    TRY(merge_studies(&(MergeOptions){.studies = studies, .n = 2}, arena, &merged, &err));
    assert_int_equal(merged.n_from, 1);
    assert_int_equal(merged.n_merged, 6);
}

static int start_in_folder(void **state)
{
    return mkdtemp(folder) ? start(state) : -1;
}

static int finish_in_folder(void **state)
{
    char *command = arena_print(arena, "rm -rf %s", folder);
    int rc = system(command);
    return finish(state) || rc;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stopped_study_is_continued_to_the_same_end),
        cmocka_unit_test(a_fresh_study_takes_another_name),
        cmocka_unit_test(people_change_a_study),
        cmocka_unit_test(trials_are_listed_written_and_let_go),
        cmocka_unit_test(one_study_warms_another),
        cmocka_unit_test(trials_of_two_seeds_become_one_study),
    };
    return cmocka_run_group_tests_name("job/study", tests, start_in_folder, finish_in_folder);
}
