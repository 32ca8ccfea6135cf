/* Letters through a socket in a folder: of any size, in both directions, in order; who comes, goes, is dropped. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tuner/study/link_socket.h"

enum { PATIENCE_MS = 600000 };

typedef struct {
    char folder[64], path[100];
    Arena *arena;
    StudyLink host;
} Fixture;

static int set_up(void **state)
{
    Fixture *f = calloc(1, sizeof *f);
    Error err;
    f->arena = arena_create(0);
    snprintf(f->folder, sizeof f->folder, "/tmp/consort-link-XXXXXX");
    if (!mkdtemp(f->folder) || !link_socket_listen(f->folder, &f->host, &err)) return -1;
    snprintf(f->path, sizeof f->path, "%s/join.socket", f->folder);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    Fixture *f = *state;
    link_socket_destroy(&f->host);
    arena_destroy(f->arena);
    int rc = access(f->path, F_OK) == 0 ? -1 : rmdir(f->folder); /* the socket goes with its host */
    free(f);
    return rc;
}

static Letter expect(Fixture *f, StudyLink *link, LinkEvent event)
{
    Letter letter = {0};
    arena_reset(f->arena);
    assert_int_equal(link->next(link->self, PATIENCE_MS, f->arena, &letter), event);
    return letter;
}

static StudyLink guest(Fixture *f, int number)
{
    StudyLink link;
    assert_true(link_socket_connect(f->folder, &link));
    assert_int_equal(expect(f, &f->host, LINK_CAME).peer, number);
    return link;
}

typedef struct {
    StudyLink *link;
    int peer, n;
    size_t size;
} Flood;

/* More than a socket holds, to an end that does not read yet. */
static void *flood(void *context)
{
    const Flood *flood = context;
    char *body = malloc(flood->size + 1);
    for (int i = 0; i < flood->n; i++) {
        memset(body, 'a' + i % 26, flood->size);
        if (!flood->link->send(flood->link->self, flood->peer, i, WIRE_RECORD, body, flood->size - (size_t)i))
            abort();
    }
    free(body);
    return NULL;
}

static void letters_of_any_size_keep_their_order(void **state)
{
    Fixture *f = *state;
    StudyLink link = guest(f, 0);
    static const size_t sizes[] = {200, 70000, 1000000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        Flood out = {&link, 0, 60, sizes[i]}, in = {&f->host, 0, 60, sizes[i]};
        pthread_t thread;
        flood(&in); /* nobody reads: it must not wait */
        assert_int_equal(pthread_create(&thread, NULL, flood, &out), 0);
        pthread_join(thread, NULL);
        /* Each end sends what is queued while it waits for what comes, here by turns. */
        int got[2] = {0, 0};
        while (got[0] < out.n || got[1] < in.n)
            for (int end = 0; end < 2; end++) {
                StudyLink *reads = end ? &link : &f->host;
                Letter letter;
                arena_reset(f->arena);
                if (reads->next(reads->self, 0, f->arena, &letter) != LINK_LETTER) continue;
                assert_int_equal(letter.seat, got[end]);
                assert_int_equal(letter.n, sizes[i] - (size_t)got[end]);
                assert_int_equal(letter.body[letter.n - 1], 'a' + got[end] % 26);
                got[end]++;
            }
    }
    link_socket_destroy(&link);
    assert_int_equal(expect(f, &f->host, LINK_GONE).peer, 0);
}

/* What is queued for it never comes to an end. */
static void who_lags_behind_misses_nothing(void **state)
{
    enum { N = 300, LAG = 10, SIZE = 70000 };
    Fixture *f = *state;
    StudyLink link = guest(f, 0);
    char *body = malloc(SIZE);
    for (int i = 0; i < N + LAG; i++) {
        memset(body, 'a' + i % 26, SIZE);
        if (i < N) assert_true(f->host.send(f->host.self, 0, i, WIRE_TASK, body, SIZE));
        Letter letter;
        if (i >= N) f->host.next(f->host.self, 0, f->arena, &letter);
        if (i < LAG) continue;
        letter = expect(f, &link, LINK_LETTER);
        assert_int_equal(letter.seat, i - LAG);
        assert_true(letter.n == SIZE && letter.body[0] == 'a' + letter.seat % 26);
        assert_memory_equal(letter.body, letter.body + 1, SIZE - 1);
    }
    free(body);
    link_socket_destroy(&link);
}

static void what_was_said_last_is_heard(void **state)
{
    Fixture *f = *state;
    StudyLink first = guest(f, 0), second = guest(f, 1);
    assert_true(f->host.send(f->host.self, 0, 0, WIRE_END, "why", 3));
    assert_true(second.send(second.self, 0, 0, WIRE_ALIVE, NULL, 0)); /* the host never reads that */
    assert_true(f->host.send(f->host.self, 1, 0, WIRE_END, "not", 3));
    f->host.drop(f->host.self, 0);
    f->host.drop(f->host.self, 1);
    assert_false(f->host.send(f->host.self, 0, 0, WIRE_END, "", 0));
    assert_string_equal(expect(f, &first, LINK_LETTER).body, "why");
    expect(f, &first, LINK_GONE);
    expect(f, &first, LINK_OVER);
    assert_string_equal(expect(f, &second, LINK_LETTER).body, "not");
    expect(f, &second, LINK_GONE);
    Letter letter; /* nor is it told of those it has dropped */
    assert_int_equal(f->host.next(f->host.self, 0, f->arena, &letter), LINK_NOTHING);
    link_socket_destroy(&first);
    link_socket_destroy(&second);
}

static void *wake(void *context)
{
    StudyLink *link = context;
    link->wake(link->self);
    return NULL;
}

static void a_wait_can_be_ended(void **state)
{
    Fixture *f = *state;
    Letter letter;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, wake, &f->host), 0);
    assert_int_equal(f->host.next(f->host.self, PATIENCE_MS, f->arena, &letter), LINK_NOTHING);
    pthread_join(thread, NULL);
}

/* One byte after the other it is a letter, too; half a letter and a length without its bytes are none. */
static void strangers_cost_nothing(void **state)
{
    Fixture *f = *state;
    static const struct {
        uint32_t head[3];
        size_t n; /* bytes that are sent */
        enum { LETTER, PIECE, REFUSED } comes;
    } cases[] = {{{WIRE_ALIVE, 7, 3}, 15, LETTER}, {{WIRE_ALIVE, 7, 3}, 14, PIECE}, {{WIRE_ALIVE, 7, 0}, 5, PIECE},
                 {{99, 7, 3}, 15, REFUSED}, {{WIRE_ALIVE, 7, UINT32_MAX}, 15, REFUSED},
                 {{WIRE_ALIVE, 7, WIRE_FIRST_MOST}, 15, PIECE},
                 {{WIRE_ALIVE, 7, WIRE_FIRST_MOST + 1}, 15, REFUSED}, {{WIRE_ALIVE, UINT32_MAX, 3}, 15, LETTER}};
    struct stat file;
    assert_int_equal(stat(f->path, &file), 0);
    assert_int_equal(file.st_mode & 0777, 0600);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        char bytes[15] = "............abc";
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);
        Letter letter;
        memcpy(bytes, cases[i].head, 12);
        strcpy(address.sun_path, f->path);
        assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
        assert_int_equal(expect(f, &f->host, LINK_CAME).peer, (int)i);
        LinkEvent event = LINK_NOTHING;
        for (size_t k = 0; k < cases[i].n && event != LINK_GONE; k++) {
            assert_int_equal(send(fd, bytes + k, 1, MSG_NOSIGNAL), 1);
            event = f->host.next(f->host.self, 0, f->arena, &letter);
            assert_int_equal(event == LINK_LETTER, cases[i].comes == LETTER && k == 14);
            if (event == LINK_LETTER) assert_int_equal(letter.seat, cases[i].head[1] == 7 ? 7 : -1);
        }
        assert_int_equal(event == LINK_GONE, cases[i].comes == REFUSED);
        close(fd);
        if (event != LINK_GONE) assert_int_equal(expect(f, &f->host, LINK_GONE).peer, (int)i);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(letters_of_any_size_keep_their_order),
        TEST(who_lags_behind_misses_nothing),
        TEST(what_was_said_last_is_heard),
        TEST(a_wait_can_be_ended),
        TEST(strangers_cost_nothing),
    };
    return cmocka_run_group_tests_name("tuner/study: link", tests, NULL, NULL);
}
