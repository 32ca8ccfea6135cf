/* The distribution of CMA-ES: its eigenvectors, its update, a point of it. */
#include "tuner/search/cma.h"

#include <math.h>
#include <string.h>

#include "base/mat.h"

bool cma_create(int d, int lambda, double sigma, Arena *arena, Cma **out, Error *err)
{
    Cma *cma = ARENA_NEW(arena, Cma, 1);
    if (!cma) return error_memory(err);
    if (lambda < 4) lambda = 4 + (int)(3 * log(d));
    const size_t n = (size_t)d;
    *cma = (Cma){.d = d, .lambda = lambda, .mu = lambda / 2, .sigma = sigma};
    cma->weights = ARENA_NEW(arena, double, lambda);
    cma->mean = ARENA_NEW(arena, double, d);
    cma->p_sigma = ARENA_NEW(arena, double, d);
    cma->p_c = ARENA_NEW(arena, double, d);
    cma->length = ARENA_NEW(arena, double, d);
    cma->c = arena_alloc(arena, n * n, sizeof *cma->c);
    cma->axes = arena_alloc(arena, n * n, sizeof *cma->axes);
    cma->work = arena_alloc(arena, n * ((size_t)lambda + 4 + n), sizeof *cma->work);
    if (!cma->weights || !cma->mean || !cma->p_sigma || !cma->p_c || !cma->length || !cma->c ||
        !cma->axes || !cma->work)
        return error_memory(err);
    double plus = 0, plus_square = 0, minus = 0, minus_square = 0;
    for (int i = 0; i < lambda; i++) {
        double w = cma->weights[i] = log(0.5 * (lambda + 1)) - log(i + 1);
        if (i < cma->mu) plus += w, plus_square += w * w;
        else minus += w, minus_square += w * w;
    }
    cma->mu_eff = plus * plus / plus_square;
    const double eff = cma->mu_eff, eff_minus = minus * minus / minus_square;
    cma->c_1 = 2 / ((d + 1.3) * (d + 1.3) + eff);
    cma->c_mu = fmin(1 - cma->c_1 - 1e-8, 2 * (eff - 2 + 1 / eff) / ((d + 2.0) * (d + 2) + eff));
    /* How much the negative weights may sum to. */
    double most = fmin(1 + cma->c_1 / cma->c_mu, 1 + 2 * eff_minus / (eff + 2));
    most = fmin(most, (1 - cma->c_1 - cma->c_mu) / (d * cma->c_mu));
    plus = minus = 0;
    for (int i = 0; i < lambda; i++) {
        if (cma->weights[i] > 0) plus += cma->weights[i];
        else minus -= cma->weights[i];
    }
    for (int i = 0; i < lambda; i++) cma->weights[i] *= cma->weights[i] > 0 ? 1 / plus : most / minus;
    cma->c_sigma = (eff + 2) / (d + eff + 5);
    cma->d_sigma = 1 + 2 * fmax(0, sqrt((eff - 1) / (d + 1)) - 1) + cma->c_sigma;
    cma->c_c = (4 + eff / d) / (d + 4 + 2 * eff / d);
    cma->chi = sqrt(d) * (1 - 1 / (4.0 * d) + 1 / (21.0 * d * d));
    for (size_t k = 0; k < n; k++) cma->c[k * n + k] = cma->axes[k * n + k] = cma->length[k] = 1;
    *out = cma;
    return true;
}

void cma_point(const Cma *cma, const double *z, double *x)
{
    const int d = cma->d;
    for (int k = 0; k < d; k++) {
        double sum = 0;
        for (int j = 0; j < d; j++) sum += cma->axes[k * d + j] * cma->length[j] * z[j];
        x[k] = cma->mean[k] + cma->sigma * sum;
    }
}

/* C^(-1/2) y. */
static void whiten(const Cma *cma, const double *y, double *across, double *out)
{
    const int d = cma->d;
    for (int j = 0; j < d; j++) {
        across[j] = 0;
        for (int k = 0; k < d; k++) across[j] += cma->axes[k * d + j] * y[k];
        across[j] /= cma->length[j];
    }
    for (int k = 0; k < d; k++) {
        out[k] = 0;
        for (int j = 0; j < d; j++) out[k] += cma->axes[k * d + j] * across[j];
    }
}

static double norm(int d, const double *x)
{
    double sum = 0;
    for (int k = 0; k < d; k++) sum += x[k] * x[k];
    return sqrt(sum);
}

static bool decompose(Cma *cma, Error *err)
{
    const int d = cma->d;
    memcpy(cma->axes, cma->c, (size_t)d * (size_t)d * sizeof *cma->axes);
    if (!mat_eigen(d, cma->axes, d, cma->length))
        return error_set(err, ERR_NUMERIC, "the covariance of %d coordinates has no eigenvalues", d);
    for (int j = 0; j < d; j++) cma->length[j] = sqrt(fmax(cma->length[j], 1e-20));
    return true;
}

bool cma_reshape(Cma *cma, Error *err)
{
    const int d = cma->d;
    if (!decompose(cma, err)) return false;
    double sum = 0;
    for (int k = 0; k < d; k++) sum += log(cma->length[k]);
    const double size = exp(sum / d);
    cma->sigma *= size;
    for (int k = 0; k < d * d; k++) cma->c[k] /= size * size;
    for (int k = 0; k < d; k++) cma->length[k] /= size;
    return true;
}

double cma_distance(const Cma *cma, const double *x)
{
    const int d = cma->d;
    double *y = cma->work, *across = y + d, *white = across + d;
    for (int k = 0; k < d; k++) y[k] = (x[k] - cma->mean[k]) / cma->sigma;
    whiten(cma, y, across, white);
    return norm(d, white);
}

bool cma_update(Cma *cma, const double *const *x, Error *err)
{
    const int d = cma->d, lambda = cma->lambda;
    double *y = cma->work, *step = y + (size_t)lambda * (size_t)d, *white = step + d, *across = white + d;
    for (int i = 0; i < lambda; i++)
        for (int k = 0; k < d; k++) y[i * d + k] = (x[i][k] - cma->mean[k]) / cma->sigma;
    for (int k = 0; k < d; k++) {
        step[k] = 0;
        for (int i = 0; i < cma->mu; i++) step[k] += cma->weights[i] * y[i * d + k];
        cma->mean[k] += cma->sigma * step[k];
    }
    whiten(cma, step, across, white);
    const double cs = cma->c_sigma, cc = cma->c_c;
    for (int k = 0; k < d; k++)
        cma->p_sigma[k] = (1 - cs) * cma->p_sigma[k] + sqrt(cs * (2 - cs) * cma->mu_eff) * white[k];
    const double length = norm(d, cma->p_sigma);
    cma->generation++;
    const bool stalled = length / sqrt(1 - pow(1 - cs, 2.0 * (cma->generation + 1)))
                       >= (1.4 + 2 / (d + 1.0)) * cma->chi;
    for (int k = 0; k < d; k++)
        cma->p_c[k] = (1 - cc) * cma->p_c[k] + (stalled ? 0 : sqrt(cc * (2 - cc) * cma->mu_eff)) * step[k];
    double sum = 0;
    for (int i = 0; i < lambda; i++) sum += cma->weights[i];
    const double keep = 1 + (stalled ? cma->c_1 * cc * (2 - cc) : 0) - cma->c_1 - cma->c_mu * sum;
    for (int k = 0; k < d; k++)
        for (int j = 0; j < d; j++)
            cma->c[k * d + j] = keep * cma->c[k * d + j] + cma->c_1 * cma->p_c[k] * cma->p_c[j];
    for (int i = 0; i < lambda; i++) {
        double w = cma->weights[i];
        if (w < 0) {
            whiten(cma, y + i * d, across, white);
            double size = norm(d, white);
            w *= d / (size * size + 1e-8);
        }
        for (int k = 0; k < d; k++)
            for (int j = 0; j < d; j++) cma->c[k * d + j] += cma->c_mu * w * y[i * d + k] * y[i * d + j];
    }
    cma->sigma = fmin(cma->sigma * exp(cs / cma->d_sigma * (length / cma->chi - 1)), 1e32);
    return decompose(cma, err);
}
