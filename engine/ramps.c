/* Piecewise-linear columns as hats: gathered, and the sums of weights that belong to them. */
#include "engine/ramps.h"

#include <string.h>

#include "base/clones.h"
#include "engine/trainer_tile.h"

static int most_of(const Rows *rows)
{
    return rows->n_plain + rows->n_hot + 2 * rows->n_ramps;
}

bool ramps_pay(const Rows *rows)
{
    return rows->n_ramps > 0 && rows->n_texts == 0 && !rows->feature
        && most_of(rows) < (1 - TRAINER_SPARSE) * rows->n_features;
}

size_t ramps_words(const Rows *rows, int n, bool turned)
{
    const size_t entries = (size_t)n * (size_t)most_of(rows);
    return 2 * entries + (size_t)n + 1 + (turned ? 2 * entries + (size_t)rows->n_features + 2 : 0);
}

/* Asks for a row ahead of time: the next one of a shuffled batch is somewhere else. */
static void fetch(const Rows *rows, size_t row)
{
#if defined(__GNUC__)
    const char *const part[] = {(const char *)(rows->x + row * (size_t)rows->ld),
                                (const char *)(rows->hot + row * (size_t)rows->n_hot),
                                (const char *)(rows->climbed + row * (size_t)rows->n_ramps)};
    const size_t bytes[] = {(size_t)rows->n_plain * sizeof *rows->x, (size_t)rows->n_hot * sizeof *rows->hot,
                            (size_t)rows->n_ramps * sizeof *rows->climbed};
    for (int p = 0; p < 3; p++)
        for (size_t at = 0; at < bytes[p]; at += 64) __builtin_prefetch(part[p] + at);
#else
    (void)rows, (void)row;
#endif
}

void ramps_gather(const Rows *rows, const int32_t *index, int from, int n, RampBatch *out)
{
    enum { AHEAD = 4 };
    const size_t most = (size_t)most_of(rows), entries = (size_t)n * most;
    int32_t *const start = (int32_t *)out->memory, *const at = start + n + 1;
    float *const value = (float *)(void *)(at + entries);
    int32_t e = 0;
    for (int i = 0; i < n; i++) {
        const size_t row = (size_t)(index ? index[i] : from + i);
        const float *own = rows->x + row * (size_t)rows->ld;
        const int32_t *hot = rows->hot + row * (size_t)rows->n_hot;
        const RampValue *climbed = rows->climbed + row * (size_t)rows->n_ramps;
        if (index && i + AHEAD < n) fetch(rows, (size_t)index[i + AHEAD]);
        start[i] = e;
        for (int p = 0; p < rows->n_plain; p++) {
            at[e] = rows->plain[p];
            value[e] = own[p];
            e += own[p] != 0;
        }
        for (int c = 0; c < rows->n_ramps; c++) { /* hats: C[0], which is 0, has no place */
            const int place = rows->ramp[c].first + climbed[c].bin;
            at[e] = place - 1;
            value[e] = 1 - climbed[c].part;
            e += climbed[c].bin > 0;
            at[e] = place;
            value[e++] = climbed[c].part;
        }
        for (int c = 0; c < rows->n_hot; c++) {
            at[e] = hot[c];
            value[e] = 1;
            e += hot[c] >= 0;
        }
    }
    start[n] = e;
    out->most = (int)most;
    out->rows = (SparseLists){n, start, at, value};
}

/* A counting sort by input: rows stay in their order. */
void ramps_turn(int k, RampBatch *out)
{
    const SparseLists *rows = &out->rows;
    const int n = rows->n;
    const size_t entries = (size_t)n * (size_t)out->most;
    int32_t *const next = (int32_t *)out->memory + (size_t)n + 1 + 2 * entries; /* (k + 2): one place ahead */
    int32_t *const at = next + k + 2;
    float *const value = (float *)(void *)(at + entries);
    memset(next, 0, ((size_t)k + 2) * sizeof *next);
    for (int32_t e = 0; e < rows->start[n]; e++) next[rows->at[e] + 2]++;
    for (int i = 2; i <= k; i++) next[i + 1] += next[i];
    for (int r = 0; r < n; r++)
        for (int32_t e = rows->start[r]; e < rows->start[r + 1]; e++) {
            const int32_t to = next[rows->at[e] + 1]++;
            at[to] = r;
            value[to] = rows->value[e];
        }
    out->columns = (SparseLists){k, next, at, value};
}

VEC_CLONES static void add_rows(int n, const float *a, const float *b, float *out)
{
#pragma omp simd
    for (int j = 0; j < n; j++) out[j] = a[j] + b[j];
}

void ramps_sums(const Ramp *ramp, int n_ramps, int k, int ld, const float *w, float *c)
{
    const size_t step = (size_t)ld;
    int done = 0; /* inputs that stand in c */
    for (int r = 0; r <= n_ramps; r++) {
        const int first = r < n_ramps ? ramp[r].first + 1 : k; /* C[1] is W[0] */
        memcpy(c + (size_t)done * step, w + (size_t)done * step, (size_t)(first - done) * step * sizeof *c);
        done = r < n_ramps ? ramp[r].first + ramp[r].n : k;
        for (int i = first; i < done; i++)
            add_rows(ld, c + (size_t)(i - 1) * step, w + (size_t)i * step, c + (size_t)i * step);
    }
}

void ramps_adjoint(const Ramp *ramp, int n_ramps, int ld, float *dc)
{
    const size_t step = (size_t)ld;
    for (int r = 0; r < n_ramps; r++)
        for (int i = ramp[r].first + ramp[r].n - 2; i >= ramp[r].first; i--)
            add_rows(ld, dc + (size_t)i * step, dc + (size_t)(i + 1) * step, dc + (size_t)i * step);
}
