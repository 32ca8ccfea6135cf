/* base/packed: what was packed comes out; damage, bombs and names that lie are refused. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/packed.h"
#include "base/rng.h"

static char *content(size_t n)
{
    char *bytes = malloc(n + 1);
    assert_non_null(bytes);
    for (size_t i = 0; i < n; i++) bytes[i] = (char)(i * 31 % 253 ^ i / 1000);
    return bytes;
}

static void streams_come_back(void **state)
{
    static const size_t sizes[] = {1, 1000, (1 << 18) - 1, 1 << 18, 3000000};
    (void)state;
    char *bytes = content(3000000);
    for (int p = PACKED_GZIP; p < PACKING_COUNT; p++)
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            Bytes packed, back;
            Error err = {0};
            if (!packed_pack(bytes, sizes[s], (Packing)p, &packed, &err)) fail_msg("%d: %s", p, err.message);
            assert_int_equal(packed_how(packed.bytes, packed.n), p);
            if (p != PACKED_GZIP) { /* which base/file.h reads */
                if (!packed_unpack("a", packed.bytes, packed.n, &back, &err)) fail_msg("%d: %s", p, err.message);
                assert_int_equal(back.n, sizes[s]);
                assert_memory_equal(back.bytes, bytes, back.n);
                assert_int_equal(back.bytes[back.n], 0);
                bytes_free(&back);
            }
            bytes_free(&packed);
        }
    free(bytes);
}

static void archives_come_back(void **state)
{
    (void)state;
    char *bytes = content(600000);
    const Member members[] = {{"a.csv", bytes, 600000}, {"d/caf\xC3\xA9.txt", "x", 1}, {"__MACOSX/._a.csv", "y", 1},
                              {"empty", "", 0}};
    Bytes zip, again, back;
    Arena *arena = arena_create(0);
    Member *list;
    Error err = {0};
    int n;
    assert_true(packed_zip(members, 4, &zip, &err));
    assert_true(packed_zip(members, 4, &again, &err)); /* nothing in it says when or where */
    assert_int_equal(zip.n, again.n);
    assert_memory_equal(zip.bytes, again.bytes, zip.n);
    assert_true(packed_is_archive(zip.bytes, zip.n));
    assert_true(packed_members("a.zip", zip.bytes, zip.n, arena, &list, &n, &err));
    assert_int_equal(n, 3);
    assert_string_equal(list[0].name, "a.csv");
    assert_int_equal(list[0].n, 600000);
    assert_string_equal(list[1].name, "d/caf\xC3\xA9.txt");
    assert_true(packed_member("a.zip", zip.bytes, zip.n, "a.csv", &back, &err));
    assert_int_equal(back.n, 600000);
    assert_memory_equal(back.bytes, bytes, 600000);
    bytes_free(&back);
    assert_true(packed_member("a.zip", zip.bytes, zip.n, "empty", &back, &err));
    assert_int_equal(back.n, 0);
    bytes_free(&back);
    assert_false(packed_member("a.zip", zip.bytes, zip.n, "b.csv", &back, &err));
    assert_string_equal(err.message, "a.zip: no file `b.csv` in it");
    zip.bytes[100000] ^= 1; /* what the checksum is for */
    assert_false(packed_member("a.zip", zip.bytes, zip.n, "a.csv", &back, &err));
    assert_int_equal(err.code, ERR_DATA);
    assert_non_null(strstr(err.message, "a.zip: cut off or damaged"));
    bytes_free(&zip);
    bytes_free(&again);
    arena_destroy(arena);
    free(bytes);
}

static void names_say_how(void **state)
{
    (void)state;
    size_t n;
    assert_int_equal(packed_how_named("a/b.csv.XZ", &n), PACKED_XZ);
    assert_int_equal(n, 7);
    assert_int_equal(packed_how_named("b.csv", &n), PACKED_NOT);
    assert_int_equal(n, 5);
    assert_int_equal(packed_how_named(".gz", &n), PACKED_NOT);
    assert_int_equal(packed_how("BZh,a,b", 7), PACKED_NOT); /* a column may be called so */
    assert_int_equal(packed_how("", 0), PACKED_NOT);
}

/* Cut and spoilt: an answer or an error, never a crash; what a checksum covers is never wrong. */
static void survives_battering(void **state)
{
    (void)state;
    char *bytes = content(5000);
    const Member member = {"a.csv", bytes, 5000};
    Arena *arena = arena_create(0);
    Rng rng = rng_stream(3, 0, RNG_TEST);
    for (int p = PACKED_NOT; p < PACKING_COUNT; p++) { /* NOT: a zip */
        Bytes packed, back;
        Error err = {0};
        if (p == PACKED_GZIP) continue;
        assert_true(p ? packed_pack(bytes, 5000, (Packing)p, &packed, &err) : packed_zip(&member, 1, &packed, &err));
        char *copy = malloc(packed.n);
        for (int round = 0; round < 400; round++) {
            size_t n = round % 2 ? packed.n : rng_below(&rng, (uint32_t)packed.n);
            memcpy(copy, packed.bytes, n);
            for (int k = 0; k < 3 && n == packed.n; k++) copy[rng_below(&rng, (uint32_t)n)] = (char)rng_u32(&rng);
            bool ok;
            Member *list;
            int count;
            arena_reset(arena);
            if (p) ok = packed_how(copy, n) == (Packing)p && packed_unpack("a", copy, n, &back, &err);
            else ok = packed_members("a", copy, n, arena, &list, &count, &err) && count
                   && packed_member("a", copy, n, list[0].name, &back, &err);
            if (!ok) continue;
            bool checked = p == PACKED_XZ || p == PACKED_BZIP2; /* have checksums in any case */
            assert_true(!checked || back.n == 0 || (back.n == 5000 && memcmp(back.bytes, bytes, 5000) == 0));
            bytes_free(&back);
        }
        free(copy);
        bytes_free(&packed);
    }
    arena_destroy(arena);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_come_back),
        cmocka_unit_test(archives_come_back),
        cmocka_unit_test(names_say_how),
        cmocka_unit_test(survives_battering),
    };
    return cmocka_run_group_tests_name("base/packed", tests, NULL, NULL);
}
