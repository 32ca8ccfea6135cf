/* bench/gemm_speed.c - engine/gemm.h beside BLAS, one thread, CPU time, medians.
 *
 *     gemm_speed [milliseconds per measurement, default 30]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/mat.h"
#include "engine/gemm.h"

typedef struct {
    int n, k, out;
} Shape;

static const Shape shapes[] = {{32, 784, 128}, {128, 784, 128}, {128, 784, 512}, {128, 512, 512},
                               {128, 512, 16}, {32, 16, 64},    {32, 64, 64},    {32, 64, 32},
                               {32, 57, 128},  {32, 128, 128},  {32, 128, 16},   {256, 16, 256},
                               {256, 256, 256}, {256, 256, 32}, {256, 1024, 1024}, {1, 784, 128}};

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void once(int what, bool blas, Shape s, const float *x, const float *w, const float *g, float *out)
{
    if (blas && what == 0) mat_mul(false, false, s.n, s.out, s.k, 1, x, s.k, w, s.out, 0, out, s.out);
    if (blas && what == 1) mat_mul(true, false, s.k, s.out, s.n, 1, x, s.k, g, s.out, 0, out, s.out);
    if (blas && what == 2) mat_mul(false, true, s.n, s.k, s.out, 1, g, s.out, w, s.out, 0, out, s.k);
    if (!blas && what == 0) gemm_forward(s.n, s.k, s.out, x, s.k, w, s.out, out, s.out);
    if (!blas && what == 1) gemm_weight_grad(s.n, s.k, s.out, x, s.k, g, s.out, out, s.out);
    if (!blas && what == 2) gemm_input_grad(s.n, s.k, s.out, g, s.out, w, s.out, out, (s.k + 15) / 16 * 16);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    double seconds = (argc > 1 ? atof(argv[1]) : 30) * 1e-3;
    enum { MOST = 1 << 21, REPEATS = 5 };
    Arena *arena = arena_create(0);
    float *x = ARENA_NEW(arena, float, MOST), *w = ARENA_NEW(arena, float, MOST);
    float *g = ARENA_NEW(arena, float, MOST), *out = ARENA_NEW(arena, float, MOST);
    if (!out) return 1;
    for (int i = 0; i < MOST; i++) x[i] = w[i] = g[i] = (float)(i % 17 - 8) / 17;
    mat_init(NULL);
    printf("GFLOP/s, ours / BLAS\n\n| n, inputs, outputs | forward | weight gradient | input gradient |\n"
           "|---|--:|--:|--:|\n");
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        Shape s = shapes[i];
        printf("| %d, %d, %d |", s.n, s.k, s.out);
        for (int what = 0; what < 3; what++) {
            double rate[2][REPEATS];
            for (int k = 0; k < REPEATS; k++)
                for (int blas = 0; blas < 2; blas++) {
                    long count = 0;
                    double start = now(), time = 0;
                    for (; time < seconds / REPEATS; time = now() - start)
                        for (int j = 0; j < 16; j++, count++) once(what, blas, s, x, w, g, out);
                    rate[blas][k] = 2e-9 * s.n * s.k * s.out * (double)count / time;
                }
            for (int blas = 0; blas < 2; blas++) qsort(rate[blas], REPEATS, sizeof(double), by_size);
            printf(" %.0f / %.0f |", rate[0][REPEATS / 2], rate[1][REPEATS / 2]);
        }
        printf("\n");
    }
    arena_destroy(arena);
    return 0;
}
