/* engine/team.h - the matrix products of gemm.h and the optimizer's pass, divided among threads.
 *
 * For refits of one model: a sweep has trials to keep its cores busy, a single training run has not. Work
 * is divided by elements of the result, and gemm.h computes each element in one order whatever it is
 * computed beside; so the bits do not depend on how many threads there are. One thread: no OpenMP at
 * all.
 */
#ifndef CONSORT_ENGINE_TEAM_H
#define CONSORT_ENGINE_TEAM_H
#include "engine/gemm.h"
#include "engine/optimizer.h"

void team_forward(int threads, int n, int k, int n_out, const float *x, int ldx, const float *w,
                  int ldw, float *z, int ldz);
void team_weight_grad(int threads, int n, int k, int n_out, const float *x, int ldx, const float *g,
                      int ldg, float *dw, int ldw);
void team_input_grad(int threads, int n, int k, int n_out, const float *g, int ldg, const float *w,
                     int ldw, float *dx, int ldx);
void team_sparse_forward(int threads, const SparseBatch *x, int n_out, const float *w, int ldw,
                         float *z, int ldz);
void team_sparse_weight_grad(int threads, const SparseBatch *x, int n_out, const float *g, int ldg,
                             float *dw, int ldw);
void team_listed(int threads, const SparseLists *x, int n_out, const float *w, int ldw, float *z, int ldz);
/* As optimizer_update; sums of squares are taken part by part, in the same parts for any team. */
double team_update(int threads, const OptimizerStep *step, size_t n, float *w, const float *g,
                   float *m, float *v);
#endif
