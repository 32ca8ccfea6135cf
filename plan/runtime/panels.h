/* plan/runtime/panels.h - affine maps on processors with vectors.
 *
 * Weights lie in panels of 16 outputs, one input after the other, padded with zeros: w (n_out / 16, n_in, 16).
 * A tile of rows and outputs stays in registers while all inputs pass by; how large it is depends on how long
 * the processor's vectors are (compile with -O3 and -march=native, or what the server has).
 */
#ifndef CONSORT_PLAN_RUNTIME_PANELS_H
#define CONSORT_PLAN_RUNTIME_PANELS_H
#include <stddef.h>
#include <string.h>

#if defined __AVX512F__
enum { RT_LANES = 16, RT_TILE = 12 };
#elif defined __AVX__
enum { RT_LANES = 8, RT_TILE = 6 };
#else
enum { RT_LANES = 4, RT_TILE = 2 };
#endif
enum { RT_PANEL = 16, RT_VECTORS = RT_PANEL / RT_LANES };
#ifdef __GNUC__
typedef float rt_vector __attribute__((vector_size(4 * RT_LANES), aligned(4), may_alias));
#else
typedef struct {
    float lane[RT_LANES];
} rt_vector;
#endif

/* sum += x w, of as many numbers as a vector has. */
static inline void rt_fused(float x, const float *w, rt_vector *sum)
{
#ifdef __GNUC__
    *sum += x * *(const rt_vector *)(const void *)w;
#else
    int i;
    for (i = 0; i < RT_LANES; i++) sum->lane[i] += x * w[i];
#endif
}

/* `rows` rows, at most RT_TILE, times one panel of which n outputs are there. */
static inline void rt_tile(int rows, int n_in, int n, const float *w, const float *b, const float *x, int ld_y,
                           float *y)
{
    rt_vector sum[RT_TILE][RT_VECTORS];
    const float *row[RT_TILE];
    float out[RT_PANEL];
    int r, v, k;
    for (r = 0; r < RT_TILE; r++) {
        row[r] = x + (r < rows ? r : 0) * (ptrdiff_t)n_in;
        for (v = 0; v < RT_VECTORS; v++) memcpy(&sum[r][v], b + v * RT_LANES, sizeof sum[r][v]);
    }
    for (k = 0; k < n_in; k++, w += RT_PANEL)
        for (r = 0; r < RT_TILE; r++)
            for (v = 0; v < RT_VECTORS; v++) rt_fused(row[r][k], w + v * RT_LANES, &sum[r][v]);
    for (r = 0; r < rows; r++, y += ld_y) {
        memcpy(out, sum[r], sizeof out);
        memcpy(y, out, (size_t)n * sizeof *y);
    }
}

/* One row: inputs of zero, of which there are often many, are left out. Four panels at a time. */
static inline void rt_one(int n_in, int n_out, const float *w, const float *b, const float *x, float *y)
{
    enum { GROUP = 4, INPUTS = 256 };
    const ptrdiff_t panel = (ptrdiff_t)n_in * RT_PANEL;
    int at[INPUTS], from, j, p, v, i, n;
    for (j = 0; j < n_out; j++) y[j] = b[j];
    for (from = 0; from < n_in; from += INPUTS) {
        const int end = n_in - from < INPUTS ? n_in : from + INPUTS;
        for (n = 0, i = from; i < end; i++) {
            at[n] = i;
            n += x[i] < 0 || x[i] > 0 || !(x[i] <= 0);
        }
        for (j = 0; j < n_out; j += GROUP * RT_PANEL) {
            const int wide = n_out - j < GROUP * RT_PANEL ? n_out - j : GROUP * RT_PANEL;
            const float *group = w + j / RT_PANEL * panel;
            float out[GROUP * RT_PANEL];
            rt_vector sum[GROUP][RT_VECTORS];
            ptrdiff_t next[GROUP];
            memset(out, 0, sizeof out);
            memcpy(out, y + j, (size_t)wide * sizeof *out);
            memcpy(sum, out, sizeof sum);
            for (p = 0; p < GROUP; p++) next[p] = p * RT_PANEL < wide ? p * panel : 0;
            for (i = 0; i < n; i++) {
                const float *input = group + (ptrdiff_t)at[i] * RT_PANEL, one = x[at[i]];
                for (p = 0; p < GROUP; p++)
                    for (v = 0; v < RT_VECTORS; v++)
                        rt_fused(one, input + next[p] + v * RT_LANES, &sum[p][v]);
            }
            memcpy(out, sum, sizeof out);
            memcpy(y + j, out, (size_t)wide * sizeof *out);
        }
    }
}

/* y = x w + b of some rows. */
static inline void rt_panels(int rows, int n_in, int n_out, const float *w, const float *b, const float *x,
                             float *y)
{
    int j, r;
    if (rows == 1) {
        rt_one(n_in, n_out, w, b, x, y);
        return;
    }
    for (j = 0; j < n_out; j += RT_PANEL)
        for (r = 0; r < rows; r += RT_TILE)
            rt_tile(rows - r < RT_TILE ? rows - r : RT_TILE, n_in, n_out - j < RT_PANEL ? n_out - j : RT_PANEL,
                    w + j * (ptrdiff_t)n_in, b + j, x + r * (ptrdiff_t)n_in, n_out,
                    y + r * (ptrdiff_t)n_out + j);
}
#endif
