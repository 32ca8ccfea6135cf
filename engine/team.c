/* Products and updates cut into parts of the result, one part a thread. */
#include "engine/team.h"

#include <stdbool.h>

/* Below so many multiply-adds a thread is not worth waking (a few microseconds). */
static const double SMALLEST = 200000;

static int team_of(int threads, double products, int pieces)
{
    if (threads > pieces) threads = pieces;
    return products < SMALLEST * threads ? 1 : threads;
}

/* Where part `part` of `parts` begins, in units of `unit`. */
static int begin(int total, int unit, int part, int parts)
{
    int units = (total + unit - 1) / unit;
    int at = (int)((long)units * part / parts) * unit;
    return at < total ? at : total;
}

void team_forward(int threads, int n, int k, int n_out, const float *x, int ldx, const float *w,
                  int ldw, float *z, int ldz)
{
    enum { UNIT = 8 };
    int team = team_of(threads, (double)n * k * n_out, n / UNIT + 1);
#pragma omp parallel for num_threads(team) if (team > 1) schedule(static)
    for (int part = 0; part < team; part++) {
        int from = begin(n, UNIT, part, team), to = begin(n, UNIT, part + 1, team);
        gemm_forward(to - from, k, n_out, x + (size_t)from * (size_t)ldx, ldx, w, ldw,
                     z + (size_t)from * (size_t)ldz, ldz);
    }
}

void team_weight_grad(int threads, int n, int k, int n_out, const float *x, int ldx, const float *g,
                      int ldg, float *dw, int ldw)
{
    enum { UNIT = 16 };
    int team = team_of(threads, (double)n * k * n_out, k / UNIT + 1);
#pragma omp parallel for num_threads(team) if (team > 1) schedule(static)
    for (int part = 0; part < team; part++) {
        int from = begin(k, UNIT, part, team), to = begin(k, UNIT, part + 1, team);
        gemm_weight_grad(n, to - from, n_out, x + from, ldx, g, ldg,
                         dw + (size_t)from * (size_t)ldw, ldw);
    }
}

void team_input_grad(int threads, int n, int k, int n_out, const float *g, int ldg, const float *w,
                     int ldw, float *dx, int ldx)
{
    enum { UNIT = 32 };
    int team = team_of(threads, (double)n * k * n_out, k / UNIT + 1);
#pragma omp parallel for num_threads(team) if (team > 1) schedule(static)
    for (int part = 0; part < team; part++) {
        int from = begin(k, UNIT, part, team), to = begin(k, UNIT, part + 1, team);
        gemm_input_grad(n, to - from, n_out, g, ldg, w + (size_t)from * (size_t)ldw, ldw, dx + from,
                        ldx);
    }
}

void team_sparse_forward(int threads, const SparseBatch *x, int n_out, const float *w, int ldw,
                         float *z, int ldz)
{
    int team = team_of(threads, (double)x->start[x->n] * n_out, x->n);
#pragma omp parallel for num_threads(team) if (team > 1) schedule(static)
    for (int part = 0; part < team; part++) {
        int from = begin(x->n, 1, part, team), to = begin(x->n, 1, part + 1, team);
        SparseBatch rows = *x;
        rows.n = to - from;
        rows.x += (size_t)from * (size_t)x->ldx;
        rows.start += from;
        gemm_sparse_forward(&rows, n_out, w, ldw, z + (size_t)from * (size_t)ldz, ldz);
    }
}

void team_sparse_weight_grad(int threads, const SparseBatch *x, int n_out, const float *g, int ldg,
                             float *dw, int ldw)
{
    int team = team_of(threads, (double)x->start[x->n] * n_out, x->k);
#pragma omp parallel for num_threads(team) if (team > 1) schedule(static)
    for (int part = 0; part < team; part++) {
        int from = begin(x->k, 1, part, team), to = begin(x->k, 1, part + 1, team);
        gemm_sparse_weight_grad(x, from, to, n_out, g, ldg, dw + (size_t)from * (size_t)ldw, ldw);
    }
}

void team_listed(int threads, const SparseLists *x, int n_out, const float *w, int ldw, float *z, int ldz)
{
    int team = team_of(threads, (double)x->start[x->n] * n_out, x->n);
#pragma omp parallel for num_threads(team) if (team > 1) schedule(static)
    for (int part = 0; part < team; part++) {
        int from = begin(x->n, 1, part, team), to = begin(x->n, 1, part + 1, team);
        SparseLists rows = *x;
        rows.n = to - from;
        rows.start += from;
        gemm_listed(&rows, n_out, w, ldw, z + (size_t)from * (size_t)ldz, ldz);
    }
}

double team_update(int threads, const OptimizerStep *step, size_t n, float *w, const float *g,
                   float *m, float *v)
{
    enum { PART = 1 << 16, MOST = 256 };
    double squares[MOST], sum = 0;
    for (size_t done = 0; done < n; done += (size_t)PART * MOST) {
        size_t left = n - done;
        int parts = left > (size_t)PART * MOST ? MOST : (int)((left + PART - 1) / PART);
        int team = threads < parts ? threads : parts;
#pragma omp parallel for num_threads(team) if (team > 1) schedule(static)
        for (int p = 0; p < parts; p++) {
            size_t at = done + (size_t)p * PART, size = n - at < PART ? n - at : PART;
            squares[p] = optimizer_update(step, size, w + at, g + at, m ? m + at : NULL,
                                          v ? v + at : NULL);
        }
        for (int p = 0; p < parts; p++) sum += squares[p];
    }
    return sum;
}
