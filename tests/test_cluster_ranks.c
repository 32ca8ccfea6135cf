#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "cluster/link_mpi.h"
#include "cluster/ranks.h"

/* Ranks as threads of this process: a box of letters each. */
enum { RANKS = 5 };
typedef struct Post {
    struct Post *next;
    int from, kind;
    size_t n;
    char bytes[];
} Post;
typedef struct {
    int rank, code;
    StudyLink link;
    Post *first;
    bool hangs_up;   /* it is gone before it has said anything */
    bool fails, refused;
    const char *host;
    char heard[200], order[8];
} Box;
static Box boxes[RANKS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char readers[RANKS + 1]; /* who read, in this order */
static int n_readers;

static LinkEvent next(void *of, int timeout_ms, Arena *arena, Letter *out)
{
    Box *box = of;
    (void)timeout_ms;
    pthread_mutex_lock(&lock);
    Post *post = box->first;
    if (post) box->first = post->next;
    for (int i = 1; !post && box->rank == 0 && i < RANKS; i++)
        if (boxes[i].hangs_up) {
            pthread_mutex_unlock(&lock);
            *out = (Letter){.peer = i};
            return LINK_GONE;
        }
    pthread_mutex_unlock(&lock);
    if (!post) {
        nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
        return LINK_NOTHING;
    }
    char *body = ARENA_NEW(arena, char, post->n + 1);
    memcpy(body, post->bytes, post->n);
    *out = (Letter){post->from, 0, (WireKind)post->kind, body, post->n};
    free(post);
    return LINK_LETTER;
}

static bool send_post(void *of, int peer, int seat, WireKind kind, const void *body, size_t n)
{
    Box *from = of;
    Post *post = malloc(sizeof *post + n), **at = &boxes[peer].first;
    (void)seat;
    if (!post) return false;
    *post = (Post){.from = from->rank, .kind = (int)kind, .n = n};
    memcpy(post->bytes, body, n);
    pthread_mutex_lock(&lock);
    while (*at) at = &(*at)->next;
    *at = post;
    pthread_mutex_unlock(&lock);
    return true;
}

static bool check(void *context, int rank, const Doc *facts, Error *err)
{
    (void)context;
    assert_int_equal(doc_to_number(facts, -1), rank * rank);
    return !boxes[rank].refused || error_set(err, ERR_DATA, "other data");
}

/* One rank of a job: all read, agree, and hear what rank 0 says. */
static void *live(void *of)
{
    Box *box = of;
    Ranks *ranks;
    Error err = {0};
    const Doc *said = NULL;
    if (box->hangs_up) return NULL;
    bool ok = ranks_begin_over(&box->link, box->rank, RANKS, box->host, NULL, &ranks, &err);
    if (!ok) {
        box->code = (int)err.code;
        snprintf(box->heard, sizeof box->heard, "%.190s", err.message);
        return NULL;
    }
    ok = ranks_turn(ranks, &err);
    if (ok) {
        pthread_mutex_lock(&lock);
        readers[n_readers++] = (char)('0' + box->rank);
        pthread_mutex_unlock(&lock);
        if (box->fails) ok = error_set(&err, ERR_CONFIG, "no such file");
    }
    ok = ranks_agree(ranks, ok, doc_number(box->rank * box->rank), check, NULL, &err);
    if (ok) ok = ranks_hear(ranks, true, box->rank == 0 ? doc_text("begin") : NULL, &said, &err);
    box->code = (int)err.code;
    snprintf(box->heard, sizeof box->heard, "%.190s", ok ? doc_to_text(said, "-") : err.message);
    snprintf(box->order, sizeof box->order, "%d", ranks_beside(ranks));
    ranks_end(ranks);
    return NULL;
}

static void start_over(void)
{
    static const char *const hosts[RANKS] = {"a", "a", "b", "b", "b"};
    for (int i = 0; i < RANKS; i++) {
        for (Post *post = boxes[i].first, *after; post; post = after) {
            after = post->next;
            free(post);
        }
        boxes[i] = (Box){.rank = i, .host = hosts[i],
                         .link = {.self = &boxes[i], .next = next, .send = send_post}};
    }
    n_readers = 0;
    memset(readers, 0, sizeof readers);
}

static void live_all(void)
{
    pthread_t threads[RANKS];
    for (int i = 0; i < RANKS; i++) assert_int_equal(pthread_create(&threads[i], NULL, live, &boxes[i]), 0);
    for (int i = 0; i < RANKS; i++) pthread_join(threads[i], NULL);
}

static void all_hear_rank_0_and_one_a_host_reads_first(void **state)
{
    (void)state;
    start_over();
    live_all();
    for (int i = 1; i < RANKS; i++) assert_string_equal(boxes[i].heard, "begin");
    assert_int_equal(n_readers, RANKS);
    assert_true(strcspn(readers, "0") < 2 && strcspn(readers, "2") < 2); /* the lowest ranks of a and b */
    assert_string_equal(boxes[0].order, "1");
    assert_string_equal(boxes[1].order, "1");
    assert_string_equal(boxes[4].order, "3");
}

static void what_one_refuses_is_said_once_by_rank_0(void **state)
{
    (void)state;
    start_over();
    boxes[3].fails = boxes[4].fails = true;
    live_all();
    assert_string_equal(boxes[0].heard, "rank 3 (b) and 1 more: no such file");
    assert_int_equal(boxes[0].code, ERR_CONFIG);
    for (int i = 1; i < RANKS; i++) {
        assert_int_equal(boxes[i].code, ERR_NONE);
        assert_string_equal(boxes[i].heard, "");
    }
    start_over();
    boxes[0].fails = true;
    live_all();
    assert_string_equal(boxes[0].heard, "no such file");
    assert_true(n_readers == 2 && strcspn(readers, "134") == 2); /* the others were not asked to */
    assert_string_equal(boxes[4].heard, "");
}

static void what_rank_0_finds_wrong_stops_all(void **state)
{
    (void)state;
    start_over();
    boxes[3].refused = boxes[4].refused = true;
    live_all();
    assert_string_equal(boxes[0].heard, "other data (and 1 more rank)");
    assert_int_equal(boxes[0].code, ERR_DATA);
    assert_int_equal(boxes[1].code, ERR_NONE);
    assert_string_equal(boxes[1].heard, "");
}

static void a_rank_that_is_gone_is_named(void **state)
{
    (void)state;
    start_over();
    boxes[4].hangs_up = true;
    /* Nobody tells the others: with MPI they see that rank 0 has hung up. */
    live(&boxes[4]);
    for (int i = 1; i < 4; i++) {
        Doc *host = doc_text("b");
        Text text = {0};
        doc_print(host, 0, &text);
        send_post(&boxes[i], 0, 0, (WireKind)LINK_MPI_RANKS, text.bytes, text.n);
        text_free(&text);
        doc_free(host);
    }
    live(&boxes[0]);
    assert_string_equal(boxes[0].heard, "rank 4: it is gone");
    start_over();
}

static void alone_there_is_nothing_to_say(void **state)
{
    (void)state;
    Error err = {0};
    const Doc *said;
    assert_true(ranks_turn(NULL, &err));
    assert_true(ranks_agree(NULL, true, doc_object(), check, NULL, &err));
    assert_true(ranks_hear(NULL, true, doc_object(), &said, &err));
    assert_false(ranks_agree(NULL, false, NULL, NULL, NULL, &err));
    assert_false(ranks_hear(NULL, false, NULL, &said, &err));
    assert_int_equal(ranks_rank(NULL), 0);
    assert_int_equal(ranks_size(NULL), 1);
    assert_null(ranks_link(NULL));
    ranks_end(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_hear_rank_0_and_one_a_host_reads_first),
        cmocka_unit_test(what_one_refuses_is_said_once_by_rank_0),
        cmocka_unit_test(what_rank_0_finds_wrong_stops_all),
        cmocka_unit_test(a_rank_that_is_gone_is_named),
        cmocka_unit_test(alone_there_is_nothing_to_say),
    };
    return cmocka_run_group_tests_name("cluster/ranks", tests, NULL, NULL);
}
