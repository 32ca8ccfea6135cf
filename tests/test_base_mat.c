#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/mat.h"
#include "base/rng.h"

static int start(void **state)
{
    (void)state;
    mat_init(NULL);
    return 0;
}

static void fill(Rng *rng, float *x, int n)
{
    for (int i = 0; i < n; i++) x[i] = (float)rng_normal(rng);
}

static void products_match_naive_loops(void **state)
{
    (void)state;
    static const int shapes[][3] = {{1, 1, 1}, {3, 5, 7}, {64, 10, 784}, {33, 65, 17}, {1, 128, 64}, {7, 1, 9}, {4, 3, 0}};
    Rng rng = rng_stream(5, 0, RNG_TEST);
    Arena *arena = arena_create(0);
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (int flags = 0; flags < 16; flags++) {
            bool ta = flags & 1, tb = flags & 2, keep = flags & 4;
            int pad = flags & 8 ? 3 : 0, m = shapes[s][0], n = shapes[s][1], k = shapes[s][2];
            int lda = (ta ? m : k) + pad, ldb = (tb ? k : n) + pad, ldc = n + pad;
            float *a = ARENA_NEW(arena, float, lda * (ta ? k : m) + 1), *b = ARENA_NEW(arena, float, ldb * (tb ? n : k) + 1);
            float *c = ARENA_NEW(arena, float, ldc * m), *before = ARENA_NEW(arena, float, ldc * m);
            fill(&rng, a, lda * (ta ? k : m)), fill(&rng, b, ldb * (tb ? n : k)), fill(&rng, c, ldc * m);
            if (!keep) c[0] = NAN; /* beta 0 must not read C */
            memcpy(before, c, sizeof *c * (size_t)(ldc * m));
            mat_mul(ta, tb, m, n, k, 1.5f, a, lda, b, ldb, keep ? -0.5f : 0, c, ldc);
            for (int i = 0; i < m; i++)
                for (int j = 0; j < ldc; j++) {
                    if (j >= n) { /* the padding is not ours */
                        assert_memory_equal(&c[i * ldc + j], &before[i * ldc + j], sizeof(float));
                        continue;
                    }
                    double sum = 0, size = 0;
                    for (int t = 0; t < k; t++) {
                        double p = (double)a[ta ? t * lda + i : i * lda + t] * (double)b[tb ? j * ldb + t : t * ldb + j];
                        sum += p;
                        size += fabs(p);
                    }
                    double want = 1.5 * sum + (keep ? -0.5 * (double)before[i * ldc + j] : 0);
                    assert_true(fabs((double)c[i * ldc + j] - want) <= 1e-6 * (size + fabs(want) + 1));
                }
            arena_reset(arena);
        }
    mat_mul(false, false, 0, 5, 3, 1, NULL, 3, NULL, 5, 0, NULL, 5);
    arena_destroy(arena);
}

static void same_product_twice_is_the_same_bits(void **state)
{
    (void)state;
    enum { M = 64, N = 96, K = 300 };
    static float a[M * K], b[K * N], one[M * N], two[M * N];
    Rng rng = rng_stream(6, 0, RNG_TEST);
    fill(&rng, a, M * K), fill(&rng, b, K * N);
    mat_mul(false, false, M, N, K, 1, a, K, b, N, 0, one, N);
    mat_mul(false, false, M, N, K, 1, a, K, b, N, 0, two, N);
    assert_memory_equal(one, two, sizeof one);
}

enum { N = 23, LD = 26 };

static void make_positive(double a[N * LD])
{
    Rng rng = rng_stream(7, 0, RNG_TEST);
    static double g[N][N];
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) g[i][j] = rng_normal(&rng);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            a[i * LD + j] = i == j ? 0.5 : 0;
            for (int t = 0; t < N; t++) a[i * LD + j] += g[i][t] * g[j][t];
        }
}

static void cholesky_solves_and_inverts(void **state)
{
    (void)state;
    double a[N * LD] = {0}, l[N * LD], inverse[N * LD] = {0}, x[N], y[N];
    make_positive(a);
    memcpy(l, a, sizeof a);
    assert_true(mat_cholesky(N, l, LD));
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            double sum = 0;
            for (int t = 0; t < N; t++) sum += l[i * LD + t] * l[j * LD + t];
            assert_true(fabs(sum - a[i * LD + j]) < 1e-10);
            if (j > i) assert_true(l[i * LD + j] == 0);
        }
    for (int transposed = 0; transposed < 2; transposed++) {
        for (int i = 0; i < N; i++) x[i] = y[i] = i - 7.5;
        mat_solve_lower(N, l, LD, x, transposed);
        for (int i = 0; i < N; i++) {
            double sum = 0;
            for (int t = 0; t < N; t++) sum += (transposed ? l[t * LD + i] : l[i * LD + t]) * x[t];
            assert_true(fabs(sum - y[i]) < 1e-9);
        }
    }
    assert_true(mat_inverse_from_cholesky(N, l, LD, inverse, LD));
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            double sum = 0;
            for (int t = 0; t < N; t++) sum += a[i * LD + t] * inverse[t * LD + j];
            assert_true(fabs(sum - (i == j)) < 1e-9);
            assert_true(inverse[i * LD + j] == inverse[j * LD + i]);
        }
}

static void what_is_not_positive_definite_is_refused(void **state)
{
    (void)state;
    double a[N * LD] = {0}, broken[N * LD];
    make_positive(a);
    static const double wrong[] = {-1, 0, NAN, INFINITY};
    for (size_t w = 0; w < sizeof wrong / sizeof *wrong; w++)
        for (int at = 0; at < N; at += 11) {
            memcpy(broken, a, sizeof a);
            broken[at * LD + at] = wrong[w];
            assert_false(mat_cholesky(N, broken, LD));
        }
    assert_true(mat_cholesky(0, NULL, 1));
    assert_true(strstr(mat_library(), "BLAS") != NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_match_naive_loops),
        cmocka_unit_test(same_product_twice_is_the_same_bits),
        cmocka_unit_test(cholesky_solves_and_inverts),
        cmocka_unit_test(what_is_not_positive_definite_is_refused),
    };
    return cmocka_run_group_tests_name("base/mat", tests, start, NULL);
}
