/* Seats that other processes lend, by a made-up link: whoever trains, dies, leaves, falls silent or lies, the study
 * is the one that a single thread makes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/made_link.h"
#include "tuner/study/study.h"

static const char yaml[] = "parameters:\n"
                           "  x: {min: 0.0, max: 1.0}\n"
                           "  y: {min: 0.0, max: 1.0}\n"
                           "  k: {values: [1, 2, 3, 4]}\n";
enum { EPOCHS = 9, LOOKBACK = 8, UNIT = 1000 };

typedef struct {
    Arena *arena;
    char folder[64];
    Space *space;
    StudyInfo info;
    PrunerOptions pruner;
    Goals goals;
    Runner runner;
    Made made;
    StudyOptions options;
    StudySummary summary;
    atomic_int stop;
    int stop_after, n_ended;
    char lines[4][400];
    int n_lines;
} Fixture;

static double number_of(const Space *space, const Value *values, const char *name)
{
    for (int i = 0; i < space->n_params; i++)
        if (strcmp(space->params[i].name, name) == 0) return values[i].number;
    return NAN;
}

static double loss_at(double x, double y, int epoch, int again)
{
    return (x - 0.3) * (x - 0.3) + y / epoch + 0.5 / epoch + 0.01 * again * x;
}

/* A curve that follows from the values alone; epochs that the study knows are not told again. */
static bool run_trial(void *self, const TrialTask *task, Arena *arena, TrialRecord *out, Error *err)
{
    const Fixture *f = self;
    const double x = number_of(f->space, task->values, "x"), y = number_of(f->space, task->values, "y");
    const int last = task->pause_after > 0 && task->pause_after < EPOCHS ? task->pause_after : EPOCHS;
    double *curve = ARENA_NEW(arena, double, EPOCHS);
    (void)err;
    *out = (TrialRecord){.row = {.state = last < EPOCHS ? TRIAL_QUEUED : TRIAL_COMPLETE, .value_sd = NAN,
                                 .value = NAN, .epochs = last}};
    for (int e = 1; e <= last; e++) {
        const EpochRow row = {.epoch = e, .val_metric = loss_at(x, y, e, task->again), .train_loss = y};
        curve[e - 1] = row.val_metric;
        if (e > task->n_known && task->on_epoch && !task->on_epoch(task->context, task->number, &row))
            out->row.state = TRIAL_INTERRUPTED;
        if (task->stop && atomic_load(task->stop)) out->row.state = TRIAL_INTERRUPTED;
    }
    out->curve = (Curve){last, curve};
    if (out->row.state != TRIAL_COMPLETE) return true;
    out->row.value = curve[last - 1];
    out->n_metrics = 2;
    out->metrics = ARENA_NEW(arena, MetricRow, 2);
    out->metrics[0] = (MetricRow){"val", -1, "loss", out->row.value, NAN, NAN};
    out->metrics[1] = (MetricRow){"val", -1, "size", 1 - x, NAN, NAN};
    return true;
}

static int full_epochs(void *self, const Value *values)
{
    (void)self, (void)values;
    return EPOCHS;
}

static void forget(void *self, int number)
{
    (void)self, (void)number;
}

static double memory(void *self, const Value *values)
{
    const Fixture *f = self;
    return UNIT * number_of(f->space, values, "k");
}

static void on_event(void *context, const StudyEvent *event)
{
    Fixture *f = context;
    if (event->kind == EVENT_TRIAL_END && ++f->n_ended == f->stop_after) atomic_store(&f->stop, 1);
}

static void on_line(void *context, bool notice, const char *line)
{
    Fixture *f = context;
    (void)notice;
    if (f->n_lines < 4) snprintf(f->lines[f->n_lines], sizeof f->lines[0], "%s", line);
    f->n_lines++;
}

typedef enum { PLAIN, HALVING, TWO_GOALS, FINALS, KINDS } Kind;

static void set_up(Fixture *f, Kind kind, uint64_t chance)
{
    Error err;
    Conf *conf;
    *f = (Fixture){.arena = arena_create(0)};
    snprintf(f->folder, sizeof f->folder, "/tmp/consort-desk-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    if (!conf_read_text("space", yaml, strlen(yaml), f->arena, &conf, &err)
        || !space_read(conf_get(conf->root, "parameters"), NULL, (const char *const[]){NULL}, f->arena,
                       &f->space, &err))
        fail_msg("%s", err.message);
    f->info = (StudyInfo){.name = "lent", .method = "random", .metric = "loss", .target = NAN, .seed = 3,
                          .config_yaml = "", .config_sha256 = "c", .data_sha256 = "d", .split_sha256 = "s",
                          .version = "0"};
    f->runner = (Runner){.self = f, .run = run_trial, .full_epochs = full_epochs, .forget = forget};
    made_create(&f->made, f->space, &f->runner, chance);
    f->options = (StudyOptions){.space = f->space, .sampler = &sampler_bayes, .runner = f->runner,
                                .info = &f->info, .folder = f->folder, .identity = "us", .link = &f->made.link,
                                .lookback = LOOKBACK, .epochs = EPOCHS, .run_cap = kind == HALVING ? 40 : 24,
                                .stop = &f->stop, .on_event = on_event, .on_line = on_line, .context = f};
    f->pruner = (PrunerOptions){.type = PRUNER_HALVING, .min_iter = 1, .eta = 3};
    if (kind == HALVING) f->options.pruner = &f->pruner;
    if (kind == FINALS) f->options.finalists = 3, f->options.repeats = 4;
    f->goals.n = 2;
    if (!goal_find("loss", true, &f->goals.goal[0]) || !goal_find("size", true, &f->goals.goal[1])) fail();
    if (kind == TWO_GOALS) f->options.goals = &f->goals;
}

static void run(Fixture *f)
{
    Error err = {0};
    StudyStart start;
    Store *store;
    if (!store_open(path_join(f->arena, f->folder, "trials.db"), STORE_WRITE, &store, &err)
        || !store_study_begin(store, &f->info, f->space, &start, &err))
        fail_msg("%s", err.message);
    f->options.store = store;
    f->options.runner = f->runner;
    if (!study_run(&f->options, &f->summary, &err) || !store_close(store, &err)) fail_msg("%s", err.message);
}

static void tear_down(Fixture *f)
{
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", f->folder);
    assert_int_equal(system(command), 0);
    made_destroy(&f->made);
    arena_destroy(f->arena);
}

static bool add_row(void *context, int n, const char *const *columns, const Value *cells)
{
    Text *out = context;
    (void)columns;
    for (int i = 0; i < n; i++) {
        if (cells[i].kind == VALUE_TEXT) text_print(out, "%s ", cells[i].text);
        else text_print(out, "%.17g ", cells[i].kind == VALUE_NONE ? NAN : cells[i].number);
    }
    text_add(out, "\n");
    return true;
}

static const char *ask(Fixture *f, const char *sql)
{
    Error err;
    Store *store;
    Text text = {0};
    text_add(&text, "");
    const QuerySink sink = {.row = add_row, .context = &text};
    if (!store_open(path_join(f->arena, f->folder, "trials.db"), STORE_READ, &store, &err)
        || !store_query(store, sql, 60, &sink, &err) || !store_close(store, &err))
        fail_msg("%s", err.message);
    const char *copy = arena_copy(f->arena, text.bytes);
    text_free(&text);
    return copy;
}

/* All that a study says but times, hosts and attempts. */
static const char *dump(Fixture *f)
{
    static const char *const asked[] = {
        "SELECT number, state, source, params, trace, value, best_epoch, epochs, rung, fail_code FROM trial"
        " ORDER BY number",
        "SELECT trial_id, fold, epoch, train_loss, val_metric FROM epoch ORDER BY 1, 2, 3",
        "SELECT trial_id, split, fold, name, value FROM metric ORDER BY 1, 2, 3, 4",
        "SELECT trial_id, run, seed, state, value, epochs FROM repeat ORDER BY 1, 2"};
    const char *all = "";
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
        all = arena_print(f->arena, "%s%s", all, ask(f, asked[i]));
    return all;
}

static void is_said(Fixture *f, const char *sql, const char *right)
{
    const char *said = ask(f, sql);
    if (strcmp(said, right) != 0) fail_msg("%s: \"%s\", not \"%s\"", sql, said, right);
}

/* What one thread of this process makes of it. */
static const char *alone(Kind kind)
{
    static char *made[KINDS];
    if (made[kind]) return made[kind];
    Fixture f;
    set_up(&f, kind, 1);
    f.options.link = NULL;
    f.options.jobs = 1;
    run(&f);
    const char *all = dump(&f);
    made[kind] = strcpy(malloc(strlen(all) + 1), all);
    tear_down(&f);
    return made[kind];
}

static void same_as_alone(Fixture *f, Kind kind, const char *what)
{
    const char *all = dump(f);
    if (strcmp(all, alone(kind)) == 0) return;
    size_t at = 0;
    while (all[at] == alone(kind)[at]) at++;
    fail_msg("%s, kind %d: another study: \"%.200s\", not \"%.200s\"", what, (int)kind, all + at,
             alone(kind) + at);
}

/* ---- the same study ------------------------------------------------------------------------------ */

static void any_number_of_seats_makes_the_same_study(void **state)
{
    static const struct {
        int jobs, peers, seats;
    } cases[] = {{0, 1, 1}, {0, 1, 2}, {0, 5, 1}, {0, 2, 4}, {2, 3, 2}};
    (void)state;
    for (Kind kind = 0; kind < KINDS; kind++)
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            Fixture f;
            set_up(&f, kind, i);
            f.options.jobs = cases[i].jobs;
            for (int p = 0; p < cases[i].peers; p++) made_peer(&f.made, cases[i].seats, HONEST, 0);
            run(&f);
            same_as_alone(&f, kind, arena_print(f.arena, "case %zu", i));
            for (int p = 0; p < cases[i].peers; p++) assert_true(f.made.peer[p].ended);
            if (cases[i].jobs == 0) { /* it trained nothing itself, and says who did */
                is_said(&f, "SELECT count(*) FROM trial WHERE host <> 'far' OR pid NOT BETWEEN 100 AND 105"
                            " OR attempt > 1", "0 \n");
                if (kind == FINALS) assert_int_equal(f.made.n_records, 24 + 12);
            }
            tear_down(&f);
        }
}

/* Each of the peers fails in its own way, some of them several times over. */
static void losses_change_nothing(void **state)
{
    (void)state;
    for (Kind kind = 0; kind < KINDS; kind++)
        for (int jobs = 0; jobs <= 2; jobs += 2) {
            Fixture f;
            set_up(&f, kind, 7);
            f.options.jobs = jobs;
            made_peer(&f.made, 3, DIES, 2);
            made_peer(&f.made, 2, DIES_TOLD, 3);
            made_peer(&f.made, 1, LEAVES, 1);
            for (int i = 0; i < 4; i++) made_peer(&f.made, 2, DIES, 2 + i)->after = i + 1;
            made_peer(&f.made, 2, HONEST, 0)->after = 2;
            run(&f);
            same_as_alone(&f, kind, "with losses");
            if (jobs == 0 && kind != FINALS)
                assert_string_not_equal(ask(&f, "SELECT count(*) FROM trial WHERE attempt > 1"), "0 \n");
            tear_down(&f);
        }
}

static void who_breaks_the_rules_is_dropped(void **state)
{
    (void)state;
    for (Manner manner = BAD_RECORD; manner <= UNASKED_END; manner++) {
        Fixture f;
        set_up(&f, PLAIN, manner);
        made_peer(&f.made, 2, manner, manner == FREE_SEAT ? 23 : 4); /* at the end a seat is free */
        made_peer(&f.made, 1, HONEST, 0)->after = manner == FREE_SEAT ? 1 : 0;
        run(&f);
        same_as_alone(&f, PLAIN, arena_print(f.arena, "manner %d", manner));
        if (!f.made.peer[0].dropped) fail_msg("manner %d: it stayed", manner);
        tear_down(&f);
    }
}

static void who_is_silent_is_lost(void **state)
{
    (void)state;
    Fixture f;
    set_up(&f, PLAIN, 5);
    f.options.silence_s = 0.3; /* others speak each time somebody listens (made_alive) */
    made_peer(&f.made, 1, SILENT, 3);
    MadePeer *other = made_peer(&f.made, 1, HONEST, 0);
    other->after = 1; /* until then nobody else is there */
    run(&f);
    same_as_alone(&f, PLAIN, "with a silent peer");
    assert_true(f.made.peer[0].dropped);
    tear_down(&f);
}

/* So much is under way that only a part of the trials is looked at: people are told, once. */
static void a_model_of_a_part_is_said_once(void **state)
{
    (void)state;
    Fixture f;
    set_up(&f, PLAIN, 6);
    f.options.lookback = 150;
    f.options.run_cap = 180;
    made_peer(&f.made, 8, HONEST, 0);
    run(&f);
    const char *first = ask(&f, "SELECT min(number) FROM trial WHERE trace LIKE '%gp-part%'");
    assert_string_equal(ask(&f, "SELECT count(*) FROM event WHERE code = 'PART'"), "1 \n");
    assert_int_equal(f.n_lines, 1);
    assert_string_equal(ask(&f, "SELECT substr(text, 12, 4) FROM event WHERE code = 'PART'"),
                        arena_print(f.arena, "%d  \n", atoi(first)));
    assert_non_null(strstr(f.lines[0], arena_print(f.arena, "from trial %d on bayes", atoi(first))));
    tear_down(&f);
}

static void strangers_are_refused(void **state)
{
    (void)state;
    Fixture f;
    set_up(&f, PLAIN, 5);
    made_peer(&f.made, 1, HONEST, 0)->identity = "them";
    made_peer(&f.made, 1, HONEST, 0)->identity = "u";
    made_peer(&f.made, 0, HONEST, 0);
    made_peer(&f.made, 100000, HONEST, 0);
    made_peer(&f.made, 1, HONEST, 0);
    run(&f);
    same_as_alone(&f, PLAIN, "with strangers");
    for (int p = 0; p < 4; p++) assert_true(f.made.peer[p].dropped && f.made.peer[p].n_tasks == 0);
    assert_non_null(strstr(f.made.peer[0].refused, "it has another configuration"));
    tear_down(&f);
}

/* ---- what does not come back well ------------------------------------------------------------------ */

/* The first trial is the end of whoever trains it. */
static void what_ends_three_workers_is_given_up(void **state)
{
    (void)state;
    Fixture f;
    set_up(&f, PLAIN, 5);
    for (int i = 0; i < 3; i++) made_peer(&f.made, 1, DIES, 0)->after = i;
    made_peer(&f.made, 2, HONEST, 0)->after = 3;
    run(&f);
    is_said(&f, "SELECT state, fail_code, attempt, fail_text FROM trial WHERE number = 0",
            "FAILED LOST 3 3 workers were lost while they trained it \n");
    is_said(&f, "SELECT count(*) FROM trial WHERE state = 'COMPLETE'", "23 \n");
    is_said(&f, "SELECT count(*) FROM event WHERE code = 'LEFT'", "3 \n");
    tear_down(&f);
}

static void when_all_are_gone_it_goes_on_alone_or_stops(void **state)
{
    (void)state;
    for (int jobs_alone = 0; jobs_alone <= 2; jobs_alone++) {
        Fixture f;
        set_up(&f, HALVING, 5);
        f.options.jobs_alone = jobs_alone;
        made_peer(&f.made, 2, DIES, 9);
        made_peer(&f.made, 1, DIES, 5);
        run(&f);
        assert_non_null(strstr(f.lines[f.n_lines - 1], "no process is left"));
        if (jobs_alone == 0) { /* the same command goes on */
            assert_int_equal(f.summary.end, STUDY_INTERRUPTED);
            is_said(&f, "SELECT count(*) FROM trial WHERE state = 'RUNNING'", "0 \n");
            f.options.link = NULL;
            f.options.jobs = 1;
            run(&f);
        }
        same_as_alone(&f, HALVING, arena_print(f.arena, "alone with %d", jobs_alone));
        tear_down(&f);
    }
}

static void a_stop_does_not_wait_for_what_came_back(void **state)
{
    (void)state;
    for (int jobs = 0; jobs <= 1; jobs++) {
        Fixture f;
        set_up(&f, HALVING, 5);
        f.options.jobs = jobs;
        f.stop_after = 4;
        made_peer(&f.made, 3, DIES, 6);
        made_peer(&f.made, 1, HONEST, 0);
        f.made.forever = true;
        run(&f);
        assert_int_equal(f.summary.end, STUDY_INTERRUPTED);
        is_said(&f, "SELECT count(*) FROM trial WHERE state = 'RUNNING'", "0 \n");
        atomic_store(&f.stop, 0);
        f.options.link = NULL;
        f.options.jobs = 1;
        run(&f);
        same_as_alone(&f, HALVING, "stopped and continued");
        tear_down(&f);
    }
}

/* Also to a seat that would never end by itself. */
static void a_stop_is_passed_on(void **state)
{
    (void)state;
    Fixture f;
    set_up(&f, PLAIN, 5);
    f.stop_after = 3;
    made_peer(&f.made, 2, HOLDS, -1);
    made_peer(&f.made, 1, HONEST, 0);
    run(&f);
    assert_int_equal(f.summary.end, STUDY_INTERRUPTED);
    is_said(&f, "SELECT count(*) >= 2, min(state), max(state), max(attempt) FROM trial WHERE state <> 'COMPLETE'",
            "1 INTERRUPTED INTERRUPTED 1 \n");
    assert_true(f.made.peer[0].ended);
    tear_down(&f);
}

/* ---- memory -------------------------------------------------------------------------------------- */

static void a_trial_goes_where_it_fits(void **state)
{
    (void)state;
    for (int jobs = 0; jobs <= 1; jobs++) {
        Fixture f;
        set_up(&f, PLAIN, 5);
        f.options.jobs = jobs;
        f.runner.memory = memory;
        made_peer(&f.made, 4, HONEST, 0)->memory = 2.5 * UNIT;
        made_peer(&f.made, 2, HONEST, 0)->memory = 3.5 * UNIT;
        run(&f);
        same_as_alone(&f, PLAIN, "with little memory");
        assert_true(f.made.peer[0].most <= 2.5 * UNIT && f.made.peer[1].most <= 3.5 * UNIT);
        is_said(&f, "SELECT count(*) FROM trial t JOIN param p USING (trial_id) WHERE p.name = 'k' AND p.num = 4"
                    " AND host = 'far'", "0 \n");
        assert_true(f.n_lines <= 1); /* a hand may have had them all */
        if (f.n_lines) assert_non_null(strstr(f.lines[0], "more than any joined worker has: trained here"));
        if (jobs == 0) {
            assert_true(f.made.peer[0].most > 0 && f.made.peer[1].most > 0 && f.n_lines == 1);
            is_said(&f, "SELECT count(*) FROM trial t JOIN param p USING (trial_id) WHERE p.name = 'k' AND p.num < 4"
                        " AND host <> 'far'", "0 \n");
        }
        tear_down(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_seats_makes_the_same_study),
        cmocka_unit_test(losses_change_nothing),
        cmocka_unit_test(who_breaks_the_rules_is_dropped),
        cmocka_unit_test(strangers_are_refused),
        cmocka_unit_test(what_ends_three_workers_is_given_up),
        cmocka_unit_test(when_all_are_gone_it_goes_on_alone_or_stops),
        cmocka_unit_test(a_stop_does_not_wait_for_what_came_back),
        cmocka_unit_test(a_stop_is_passed_on),
        cmocka_unit_test(a_trial_goes_where_it_fits),
        cmocka_unit_test(who_is_silent_is_lost),
        cmocka_unit_test(a_model_of_a_part_is_said_once),
    };
    return cmocka_run_group_tests_name("tuner/study: desk", tests, NULL, NULL);
}
