#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/grow.h"
#include "base/rng.h"
#include "base/set.h"

static void texts_are_numbered_as_they_come(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    TextSet set = {0};
    assert_int_equal(text_set_find(&set, "a", 1), -1);
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 5000; i++) {
            char text[16];
            int n = snprintf(text, sizeof text, "t%d|tail", i);
            assert_int_equal(text_set_add(&set, arena, text, (size_t)n - 5), i);
        }
    assert_int_equal(set.n, 5000);
    assert_string_equal(set.text[4711], "t4711");
    assert_int_equal(text_set_find(&set, "t4711", 5), 4711);
    assert_int_equal(text_set_find(&set, "t4711", 4), 471); /* a part is another text */
    assert_int_equal(text_set_find(&set, "t5000", 5), -1);
    assert_int_equal(text_set_find(&set, "", 0), -1);
    assert_int_equal(text_set_add(&set, arena, "", 0), 5000);
    assert_int_equal(text_set_find(&set, "", 0), 5000);
    arena_destroy(arena);
}

/* All numbers with the same hash are told, whatever else lies between them. */
static void equal_hashes_are_all_told(void **state)
{
    (void)state;
    Set set = {0};
    for (int i = 0; i < 300; i++) assert_true(set_add(&set, NULL, (uint64_t)i % 3, i)); /* one clump */
    for (uint64_t hash = 0; hash < 4; hash++) {
        uint32_t step = 0;
        int n = 0, sum = 0;
        for (int i; (i = set_next(&set, hash, &step)) >= 0; n++) {
            assert_int_equal(i % 3, hash);
            sum += i;
        }
        assert_int_equal(n, hash < 3 ? 100 : 0);
        assert_int_equal(sum, hash < 3 ? 14850 + 100 * (int)hash : 0);
    }
    set_free(&set);
    assert_null(set.slots);
}

/* 64-bit keys against a search from the start. */
static void keys_are_found_as_by_a_search(void **state)
{
    (void)state;
    enum { N = 600 };
    static uint64_t keys[N];
    Rng rng = rng_stream(1, 0, RNG_TEST);
    Set set = {0};
    for (int i = 0; i < N; i++) {
        uint64_t key = (uint64_t)(rng_u32(&rng) % 1000) << 40; /* low bits alike */
        uint32_t step = 0;
        int first = 0;
        while (first < i && keys[first] != key) first++;
        assert_int_equal(set_next(&set, key, &step), first < i ? first : -1);
        keys[i] = key;
        if (first == i) assert_true(set_add(&set, NULL, key, i));
    }
    set_free(&set);
}

static void a_seed_changes_the_hash(void **state)
{
    (void)state;
    assert_true(set_hash("key", 3, 0) == set_hash("key and more", 3, 0));
    assert_true(set_hash("key", 3, 0) != set_hash("key", 3, 1));
    assert_true(set_hash("key", 3, 0) != set_hash("kez", 3, 0));
}

/* Words written so that their hashes collide collide in no set: each set has its own hash of them, and the
 * same numbers. */
static void a_set_of_texts_has_a_seed_of_its_own(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    TextSet set[2] = {{0}, {0}};
    int alike = 0;
    for (int i = 0; i < 100; i++) {
        char text[8];
        size_t n = (size_t)snprintf(text, sizeof text, "w%d", i);
        for (int k = 0; k < 2; k++) {
            uint32_t step = 0;
            assert_int_equal(text_set_add(&set[k], arena, text, n), i);
            alike += set_next(&set[k].index, set_hash(text, n, 0), &step) >= 0;
            step = 0;
            alike += set_next(&set[k].index, set_hash(text, n, set[1 - k].seed), &step) >= 0;
        }
    }
    assert_true(set[0].seed != set[1].seed);
    assert_in_range(alike, 0, 1);
    arena_destroy(arena);
}

/* Without memory nothing changes, and a reserved place is enough for the next number. */
static int steps_to(const TextSet *set, const char *text, uint64_t seed)
{
    uint32_t step = 0;
    uint64_t hash = set_hash(text, strlen(text), seed);
    for (int i; (i = set_next(&set->index, hash, &step)) >= 0;)
        if (strcmp(set->text[i], text) == 0) break;
    return (int)step;
}

/* Words whose hashes, without a seed, all lie in one place of a table of SLOTS: there each is compared with most
 * of those before it. In a TextSet they are as far apart as any. Steps are counted, not timed. */
static void words_that_are_written_to_collide_do_not(void **state)
{
    (void)state;
    enum { WORDS = 1500, SLOTS = 4096 };
    Arena *arena = arena_create(0);
    TextSet set = {0};
    Set without = {0};
    long n_steps = 0, n_without = 0;
    char word[16];
    for (unsigned i = 0; set.n < WORDS; i++) {
        size_t n = (size_t)snprintf(word, sizeof word, "w%u", i);
        uint64_t hash = set_hash(word, n, 0);
        if (hash % SLOTS > 1) continue;
        uint32_t step = 0;
        while (set_next(&without, hash, &step) >= 0) {}
        n_without += step;
        assert_true(set_add(&without, NULL, hash, set.n));
        assert_true(text_set_add(&set, arena, word, n) >= 0);
    }
    for (int i = 0; i < WORDS; i++) n_steps += steps_to(&set, set.text[i], set.seed);
    if (n_steps > 4 * WORDS) fail_msg("%ld steps for %d words", n_steps, WORDS);
    assert_true(n_without > (long)WORDS * WORDS / 4);
    set_free(&without);
    arena_destroy(arena);
}

static void a_failed_allocation_leaves_the_set_alone(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    TextSet set = {0};
    int failed = 0;
    for (int i = 0; i < 200; i++) {
        char text[8];
        size_t n = (size_t)snprintf(text, sizeof text, "%d", i);
        for (long attempt = 0;; attempt++) {
            arena_fail_after(arena, attempt / 2); /* what succeeded stays: twice reaches each one */
            int number = text_set_add(&set, arena, text, n);
            if (number == i) break;
            failed++;
            assert_int_equal(number, -1);
            assert_int_equal(set.n, i);
            assert_int_equal(text_set_find(&set, text, n), -1);
            assert_true(i == 0 || text_set_find(&set, "0", 1) == 0);
        }
    }
    assert_true(failed > 200);
    arena_fail_after(arena, -1);
    assert_true(set_reserve(&set.index, arena));
    arena_fail_after(arena, 0);
    assert_true(set_add(&set.index, arena, 1, 200));
    arena_destroy(arena);
}

static void arrays_grow(void **state)
{
    (void)state;
    Arena *arenas[] = {NULL, arena_create(0)};
    for (int a = 0; a < 2; a++) {
        struct { int i; double more[3]; } *items = NULL;
        int n = 0, capacity = 0;
        for (; n < 1000; n++) {
            assert_true(GROW(arenas[a], items, n, capacity));
            assert_true(n < capacity && capacity <= 1024);
            items[n].i = 3 * n;
        }
        for (int i = 0; i < n; i++) assert_int_equal(items[i].i, 3 * i);
        if (!arenas[a]) free(items);
    }
    short *items = NULL;
    int n = 0, capacity = 0;
    for (; n < 8; n++) {
        assert_true(GROW(arenas[1], items, n, capacity));
        items[n] = (short)n;
    }
    arena_fail_after(arenas[1], 0);
    assert_false(GROW(arenas[1], items, n, capacity));
    assert_int_equal(capacity, 8);
    assert_int_equal(items[7], 7);
    char *text = NULL;
    int most = 2000000000;
    assert_false(GROW(NULL, text, most, most));
    arena_destroy(arenas[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_numbered_as_they_come),
        cmocka_unit_test(equal_hashes_are_all_told),
        cmocka_unit_test(keys_are_found_as_by_a_search),
        cmocka_unit_test(a_seed_changes_the_hash),
        cmocka_unit_test(a_set_of_texts_has_a_seed_of_its_own),
        cmocka_unit_test(words_that_are_written_to_collide_do_not),
        cmocka_unit_test(a_failed_allocation_leaves_the_set_alone),
        cmocka_unit_test(arrays_grow),
    };
    return cmocka_run_group_tests_name("base/set", tests, NULL, NULL);
}
