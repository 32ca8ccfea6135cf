/* data/synth: the synthetic digits. */
#include "tests/data_fixture.h"

static Table *make(Fixture *fixture, int n, uint64_t seed, int part, double noise)
{
    Error err = {0};
    Table *table = NULL;
    if (!table_synth_digits(n, seed, part, noise, fixture->arena, &table, &err))
        fail_msg("%s", err.message);
    fixture_check(table);
    return table;
}

static void are_a_function_of_seed_part_and_row(void **state)
{
    Fixture *fixture = *state;
    Table *t = make(fixture, 57, 1, 0, 1), *longer = make(fixture, 90, 1, 0, 1);
    assert_memory_equal(t->pixels, longer->pixels, 57 * 784);
    assert_memory_equal(t->labels, longer->labels, 57 * sizeof *t->labels);
    assert_string_equal(make(fixture, 57, 1, 0, 1)->fingerprint, t->fingerprint);
    const Table *others[] = {make(fixture, 57, 2, 0, 1), make(fixture, 57, 1, 1, 1),
                             make(fixture, 57, 1, 0, 0.9)};
    for (int i = 0; i < 3; i++) {
        assert_memory_not_equal(t->pixels, others[i]->pixels, 57 * 784);
        for (int row = 0; row < 57; row++) /* no picture in common */
            for (int other = 0; other < 57; other++)
                assert_memory_not_equal(t->pixels + row * 784, others[i]->pixels + other * 784, 784);
    }
}

static void are_balanced_and_shuffled(void **state)
{
    Table *t = make(*state, 1000, 3, 0, 1);
    int follows = 0;
    for (int block = 0; block < 100; block++) {
        int seen = 0;
        for (int i = 0; i < 10; i++) seen |= 1 << t->labels[block * 10 + i];
        assert_int_equal(seen, 1023);
        follows += t->labels[block * 10] == t->labels[(block * 10 + 10) % 1000];
    }
    assert_in_range(follows, 1, 30);
}

/* Ink on paper: neither blank nor black, mostly in the middle, dark at its darkest. */
static void look_like_ink_on_paper(void **state)
{
    Table *t = make(*state, 500, 4, 0, 1);
    for (int i = 0; i < t->n_rows; i++) {
        const uint8_t *p = t->pixels + (size_t)i * 784;
        double all = 0, edge = 0;
        int darkest = 0;
        for (int k = 0; k < 784; k++) {
            all += p[k];
            if (k % 28 < 3 || k % 28 > 24 || k / 28 < 2 || k / 28 > 25) edge += p[k];
            if (p[k] > darkest) darkest = p[k];
        }
        assert_true(all / 784 > 10 && all / 784 < 120);
        assert_true(edge < 0.5 * all);
        assert_true(darkest > 120);
    }
    /* Without noise the paper is white and each digit has a handful of faces. */
    t = make(*state, 500, 4, 0, 0);
    int different = 0;
    for (int i = 0; i < t->n_rows; i++) {
        bool seen = false;
        for (int k = 0; k < i && !seen; k++)
            seen = memcmp(t->pixels + i * 784, t->pixels + k * 784, 784) == 0;
        different += !seen;
        assert_int_equal(t->pixels[i * 784], 0);
    }
    assert_int_equal(different, 32);
}

/* The nearest mean picture of a class, a very weak classifier, must be far better than chance and
 * far from perfect; a nearest neighbour must beat it clearly. So there is something to learn. */
static void are_neither_trivial_nor_hopeless(void **state)
{
    enum { N = 1000, M = 300 };
    Table *train = make(*state, N, 1, 0, 1), *test = make(*state, M, 1, 1, 1);
    static double mean[10][784];
    memset(mean, 0, sizeof mean);
    for (int i = 0; i < N; i++)
        for (int k = 0; k < 784; k++)
            mean[train->labels[i]][k] += train->pixels[i * 784 + k] * 10.0 / N;
    int by_mean = 0, by_neighbour = 0;
    for (int i = 0; i < M; i++) {
        const uint8_t *p = test->pixels + i * 784;
        double best = INFINITY;
        int answer = -1;
        for (int c = 0; c < 10; c++) {
            double d = 0;
            for (int k = 0; k < 784; k++) d += (p[k] - mean[c][k]) * (p[k] - mean[c][k]);
            if (d < best) best = d, answer = c;
        }
        by_mean += answer == test->labels[i];
        long nearest = -1;
        for (int r = 0; r < N; r++) {
            const uint8_t *q = train->pixels + r * 784;
            long d = 0;
            for (int k = 0; k < 784; k++) d += (p[k] - q[k]) * (p[k] - q[k]);
            if (nearest < 0 || d < nearest) nearest = d, answer = train->labels[r];
        }
        by_neighbour += answer == test->labels[i];
    }
    if (by_mean < 0.6 * M || by_mean > 0.85 * M || by_neighbour < by_mean + 0.05 * M)
        fail_msg("nearest mean %d, nearest neighbour %d of %d", by_mean, by_neighbour, M);
}

static void refuse_and_fail_well(void **state)
{
    Fixture *fixture = *state;
    static const struct {
        int n;
        double noise;
    } bad[] = {{0, 1}, {-5, 1}, {10, -0.1}, {10, 4.1}, {10, NAN}, {10, INFINITY}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        Error err = {0};
        Table *table = NULL;
        assert_false(table_synth_digits(bad[i].n, 1, 0, bad[i].noise, fixture->arena, &table, &err));
        assert_int_equal(err.code, ERR_INVALID);
        assert_null(table);
    }
    for (long n = 0; n < 4; n++) {
        Error err = {0};
        Table *table = NULL;
        arena_fail_after(fixture->arena, n);
        assert_false(table_synth_digits(10, 1, 0, 1, fixture->arena, &table, &err));
        assert_int_equal(err.code, ERR_MEMORY);
        assert_null(table);
    }
    arena_fail_after(fixture->arena, -1);
    make(fixture, 50, UINT64_MAX, 1, 4); /* as hard as it gets, still sound */
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, fixture_reset)
    const struct CMUnitTest tests[] = {
        TEST(are_a_function_of_seed_part_and_row),
        TEST(are_balanced_and_shuffled),
        TEST(look_like_ink_on_paper),
        TEST(are_neither_trivial_nor_hopeless),
        TEST(refuse_and_fail_well),
    };
    return cmocka_run_group_tests_name("data/synth", tests, fixture_open, fixture_close);
}
