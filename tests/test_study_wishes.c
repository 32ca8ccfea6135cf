/* What a running study does with questions of all kinds that come through its socket. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "tuner/store/curate.h"
#include "tuner/study/request.h"
#include "tuner/study/study.h"
#include "tuner/study/link_socket.h"

static const char yaml[] = "parameters:\n"
                           "  x: {min: 0.0, max: 1.0}\n"
                           "  word: {values: [a, b]}\n"
                           "  k: {min: 1, max: 9}\n"
                           "constraints: ['k < 8']\n";

typedef struct {
    Arena *arena;
    char folder[64];
    Space *space;
    Store *store;
    StudyInfo info;
    StudyOptions options;
    StudySummary summary;
    atomic_int stop;
    bool ok;
    Error error;
    pthread_t thread;
} Fixture;

static bool run_trial(void *self, const TrialTask *task, Arena *arena, TrialRecord *out, Error *err)
{
    (void)self, (void)arena, (void)err;
    nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    *out = (TrialRecord){.row = {.state = TRIAL_COMPLETE, .value = task->values[0].number, .value_sd = NAN}};
    return true;
}

static void *run_study(void *context)
{
    Fixture *f = context;
    f->ok = study_run(&f->options, &f->summary, &f->error);
    return NULL;
}

/* A study of very many short trials, which is running and listens. */
static int set_up(void **state)
{
    Error err;
    Conf *conf;
    StudyStart start;
    Fixture *f = calloc(1, sizeof *f);
    f->arena = arena_create(0);
    snprintf(f->folder, sizeof f->folder, "/tmp/consort-wishes-XXXXXX");
    if (!mkdtemp(f->folder)) return -1;
    f->info = (StudyInfo){.name = "wished", .method = "random", .metric = "loss", .target = NAN, .seed = 3,
                          .config_yaml = "", .config_sha256 = "c", .data_sha256 = "d", .split_sha256 = "s",
                          .version = "0"};
    if (!conf_read_text("space", yaml, strlen(yaml), f->arena, &conf, &err)
        || !space_read(conf_get(conf->root, "parameters"), conf_get(conf->root, "constraints"),
                       (const char *const[]){NULL}, f->arena, &f->space, &err)
        || !store_open(path_join(f->arena, f->folder, "trials.db"), STORE_WRITE, &f->store, &err)
        || !store_study_begin(f->store, &f->info, f->space, &start, &err)) {
        fprintf(stderr, "%s\n", err.message);
        return -1;
    }
    f->options = (StudyOptions){.space = f->space, .sampler = &sampler_random, .runner = {.run = run_trial},
                                .store = f->store, .info = &f->info, .folder = f->folder, .identity = "us",
                                .jobs = 2, .lookback = 4, .run_cap = 1000000, .stop = &f->stop};
    if (pthread_create(&f->thread, NULL, run_study, f) != 0) return -1;
    StudyLink link;
    for (int i = 0; i < 200000 && !link_socket_connect(f->folder, &link); i++)
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    link_socket_destroy(&link);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    Fixture *f = *state;
    char command[100];
    Error err;
    atomic_store(&f->stop, 1);
    pthread_join(f->thread, NULL);
    bool ok = f->ok && store_close(f->store, &err);
    if (!f->ok) fprintf(stderr, "%s\n", f->error.message);
    snprintf(command, sizeof command, "rm -rf %s", f->folder);
    ok = system(command) == 0 && ok;
    arena_destroy(f->arena);
    free(f);
    return ok ? 0 : -1;
}

/* Asks; the answer as JSON, or "ERROR CODE: message". */
static const char *ask(Fixture *f, const char *identity, const char *question)
{
    Error err = {0};
    Text text = {0};
    Doc *asked = doc_parse(question, strlen(question), &err), *answer = NULL;
    assert_non_null(asked);
    bool ok = study_ask(f->folder, identity, asked, f->arena, &answer, &err);
    if (!ok) text_print(&text, "%s: %s", err.code == ERR_INVALID ? "invalid" : "refused", err.message);
    else if (!answer) text_add(&text, "nobody");
    else doc_print(answer, 0, &text);
    const char *copy = arena_copy(f->arena, text.bytes);
    text_free(&text);
    doc_free(asked);
    doc_free(answer);
    return copy;
}

static void expect(Fixture *f, const char *question, const char *pattern)
{
    const char *said = ask(f, "us", question);
    if (!strstr(said, pattern)) fail_msg("%s: %s, not %s", question, said, pattern);
}

static int numbers_of(const char *answer, int numbers[4])
{
    for (int i = 0; i < 4; i++) numbers[i] = -7;
    return sscanf(answer, "{\"numbers\":[%d,%d,%d,%d]}", &numbers[0], &numbers[1], &numbers[2], &numbers[3]);
}

static void wishes_become_trials(void **state)
{
    Fixture *f = *state;
    Error err;
    int n[4], n_rows;
    const char *said = ask(f, "us", "{\"enqueue\": [{\"x\": 0.25, \"word\": \"a\", \"k\": 3},"
                                    " {\"x\": 0.5, \"word\": \"b\", \"k\": 9}, {\"x\": 0.25, \"word\": \"a\","
                                    " \"k\": 3}]}");
    if (numbers_of(said, n) != 3 || n[1] != n[0] + 1 || n[2] != -1) fail_msg("%s", said);
    expect(f, "{\"enqueue\": [{\"x\": 0.25, \"word\": \"a\", \"k\": 3}]}", "{\"numbers\":[-1]}");
    expect(f, "{\"enqueue\": []}", "{\"numbers\":[]}");
    expect(f, "{\"note\": \"a \\\"note\\\"\", \"trial\": 0}", "{}");
    Store *reader;
    TrialRow *rows;
    NoteRow *notes;
    for (int i = 0; i < 30000; i++) { /* until both had their turn */
        assert_true(store_open(path_join(f->arena, f->folder, "trials.db"), STORE_READ, &reader, &err)
                    && store_trials(reader, f->info.id, f->arena, &rows, &n_rows, &err));
        store_close(reader, NULL);
        if (rows[n[0]].state == TRIAL_COMPLETE && rows[n[1]].state == TRIAL_INFEASIBLE) break;
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    assert_true(store_open(path_join(f->arena, f->folder, "trials.db"), STORE_READ, &reader, &err));
    assert_int_equal(rows[n[0]].state, TRIAL_COMPLETE);
    assert_true(rows[n[0]].value == 0.25);
    assert_string_equal(rows[n[0]].source, "user");
    assert_int_equal(rows[n[1]].state, TRIAL_INFEASIBLE);
    assert_string_equal(rows[n[1]].fail_code, "CONSTRAINT");
    assert_true(curate_notes(reader, f->info.id, f->arena, &notes, &n_rows, &err));
    assert_int_equal(n_rows, 1);
    assert_string_equal(notes[0].text, "a \"note\"");
    assert_int_equal(notes[0].number, 0);
    store_close(reader, NULL);
}

static void what_makes_no_sense_changes_nothing(void **state)
{
    Fixture *f = *state;
    expect(f, "{\"enqueue\": [{\"x\": 0.75, \"word\": \"a\", \"k\": 3},"
              " {\"x\": 2, \"word\": \"a\", \"k\": 3}]}",
           "invalid: a configuration is not in the search space");
    expect(f, "{\"enqueue\": [{\"x\": 0.5, \"word\": \"c\", \"k\": 3}]}", "invalid: ");
    expect(f, "{\"enqueue\": [{\"x\": 0.5, \"word\": 7, \"k\": 3}]}", "invalid: ");
    expect(f, "{\"enqueue\": [{\"x\": 0.5, \"word\": \"a\", \"k\": 3.5}]}", "invalid: ");
    expect(f, "{\"enqueue\": [{\"x\": 0.5, \"word\": \"a\"}]}", "invalid: ");
    expect(f, "{\"enqueue\": [{\"y\": 0.5}]}", "invalid: `y` is not a parameter");
    expect(f, "{\"enqueue\": [17, null]}", "invalid: ");
    expect(f, "{\"enqueue\": {\"x\": 0.5}}", "invalid: ");
    expect(f, "{\"enqueue\": \"all\"}", "invalid: ");
    expect(f, "{\"note\": \"x\", \"trial\": 123456789}",
           "invalid: there is no trial 123456789; the study has 0 to");
    expect(f, "{\"note\": \"x\", \"trial\": 1e300}", "invalid: ");
    expect(f, "{\"delete\": 1}", "invalid: ");
    expect(f, "[]", "invalid: ");
    const char *said = ask(f, "them", "{\"note\": \"x\"}");
    if (!strstr(said, "refused: ") || !strstr(said, "of another version")) fail_msg("%s", said);
    /* Not even JSON, cut off, or nothing at all: the study goes on, and answers the next. */
    static const char *const garbage[] = {"us\n{\"enqueue\": [", "us\n", "us", "", "us\n\xff\xfe"};
    for (size_t i = 0; i < sizeof garbage / sizeof *garbage; i++) {
        StudyLink link;
        Letter letter;
        assert_true(link_socket_connect(f->folder, &link));
        assert_true(link.send(link.self, 0, 0, WIRE_ASK, garbage[i], strlen(garbage[i])));
        if (link.next(link.self, 600000, f->arena, &letter) == LINK_LETTER)
            assert_true(letter.kind == WIRE_END || strstr(letter.body, "error"));
        link_socket_destroy(&link);
    }
    expect(f, "{\"enqueue\": [{\"x\": 0.75, \"word\": \"a\", \"k\": 3}]}", "{\"numbers\":[");
}

static void nobody_is_there_when_it_has_ended(void **state)
{
    Fixture *f = *state;
    atomic_store(&f->stop, 1);
    for (int i = 0; i < 200000 && !f->ok; i++) nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    expect(f, "{\"note\": \"x\"}", "nobody");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(wishes_become_trials),
        TEST(what_makes_no_sense_changes_nothing),
        TEST(nobody_is_there_when_it_has_ended),
    };
    return cmocka_run_group_tests_name("tuner/wishes", tests, NULL, NULL);
}
