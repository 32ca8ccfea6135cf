#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cluster/frames.h"

/* Cut, and put together again in the same `coming`. */
static void goes_through(Coming *coming, size_t n)
{
    char *body = malloc(n + 1);
    assert_non_null(body);
    for (size_t i = 0; i < n; i++) body[i] = (char)(i * 7 + i / 251);
    Parcelled *letter = frames_of(7, (int)(n % 100), body, n);
    assert_non_null(letter);
    FrameEnd end = FRAME_MORE;
    size_t frames = 0;
    const size_t had = coming->room;
    for (size_t at = 0; at < letter->n; frames++) {
        const size_t left = letter->n - at, part = left < FRAME_BYTES ? left : FRAME_BYTES;
        assert_int_equal(end, FRAME_MORE);
        end = frames_take(coming, letter->bytes + at, part);
        assert_true(coming->room <= had || coming->room <= 2 * (at + part) + FRAME_BYTES);
        at += part;
    }
    assert_int_equal(frames, (n + sizeof(LetterHead) + FRAME_BYTES - 1) / FRAME_BYTES);
    assert_int_equal(end, FRAME_LETTER);
    assert_int_equal(coming->head.kind, 7);
    assert_int_equal(coming->head.seat, n % 100);
    assert_int_equal(coming->head.n, n);
    if (n > 0) assert_memory_equal(coming->body, body, n);
    free(letter);
    free(body);
}

static void letters_of_all_lengths_arrive_as_they_were(void **state)
{
    (void)state;
    static const size_t lengths[] = {0, 1, 300, FRAME_BYTES - 17, FRAME_BYTES - 16, FRAME_BYTES - 15, FRAME_BYTES,
                                     3 * FRAME_BYTES - 16, 3 * FRAME_BYTES, 5000000, 0, 2};
    Coming coming = {0};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) goes_through(&coming, lengths[i]);
    frames_free(&coming);
    assert_null(coming.body);
}

static void what_cannot_be_a_letter_is_refused(void **state)
{
    (void)state;
    char frame[FRAME_BYTES] = {0};
    LetterHead head = {1, 0, 3};
    Coming coming = {0};
    assert_int_equal(frames_take(&coming, frame, 0), FRAME_BROKEN);
    assert_int_equal(frames_take(&coming, frame, sizeof head - 1), FRAME_BROKEN);
    memcpy(frame, &head, sizeof head);
    assert_int_equal(frames_take(&coming, frame, sizeof head + 4), FRAME_BROKEN); /* more than it says */
    frames_free(&coming);
    assert_int_equal(frames_take(&coming, frame, sizeof head + 2), FRAME_MORE);
    assert_int_equal(frames_take(&coming, frame, 0), FRAME_BROKEN); /* for ever nothing */
    frames_free(&coming);
    head.n = LETTER_MOST + 1;
    memcpy(frame, &head, sizeof head);
    assert_int_equal(frames_take(&coming, frame, sizeof frame), FRAME_BROKEN);
    frames_free(&coming);
    /* It says two gigabytes, and takes what has come. */
    head.n = LETTER_MOST;
    memcpy(frame, &head, sizeof head);
    assert_int_equal(frames_take(&coming, frame, sizeof frame), FRAME_MORE);
    assert_true(coming.room <= 2 * FRAME_BYTES);
    frames_free(&coming);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_of_all_lengths_arrive_as_they_were),
        cmocka_unit_test(what_cannot_be_a_letter_is_refused),
    };
    return cmocka_run_group_tests_name("cluster/frames", tests, NULL, NULL);
}
