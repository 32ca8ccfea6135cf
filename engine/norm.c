/* Layer and batch normalization, forward and backward. */
#include "engine/norm.h"

#include "engine/vec.h"

static const double EPSILON = 1e-5, MOVE = 0.1;

/* Sums of a row's first `width` numbers, of a or of a * b. */
VEC_INLINE double row_dot(int width, const float *a, const float *b)
{
    double lane[VEC_LANES] = {0};
    int j = 0;
    for (; j + VEC_LANES <= width; j += VEC_LANES)
        for (int v = 0; v < VEC_LANES; v++)
            lane[v] += b ? (double)(a[j + v] * b[j + v]) : (double)a[j + v];
    for (int v = 0; j + v < width; v++)
        lane[v] += b ? (double)(a[j + v] * b[j + v]) : (double)a[j + v];
    return vec_lanes_sum(lane);
}

VEC_CLONES static double row_sum(int width, const float *a) { return row_dot(width, a, NULL); }
VEC_CLONES static double row_product(int width, const float *a, const float *b)
{
    return row_dot(width, a, b);
}

VEC_CLONES static double row_squares(int width, const float *a, float mean)
{
    double lane[VEC_LANES] = {0};
    for (int j = 0; j < width; j += VEC_LANES)
        for (int v = 0; v < VEC_LANES && j + v < width; v++) {
            float d = a[j + v] - mean;
            lane[v] += (double)(d * d);
        }
    return vec_lanes_sum(lane);
}

/* y = (z - mean) * scale, times gain plus shift; the padding becomes 0. */
VEC_CLONES static void row_normalize(int width, int ld, float mean, float scale, const float *gain,
                                     const float *shift, float *z, float *z_hat)
{
    for (int j = 0; j < width; j++) {
        float hat = (z[j] - mean) * scale;
        if (z_hat) z_hat[j] = hat;
        z[j] = gain[j] * hat + shift[j];
    }
    for (int j = width; j < ld; j++) {
        if (z_hat) z_hat[j] = 0;
        z[j] = 0;
    }
}

void norm_layer_forward(int n, int width, int ld, float *z, const float *gain, const float *shift,
                        float *z_hat, float *spread)
{
    for (int r = 0; r < n; r++) {
        float *row = z + (size_t)r * (size_t)ld;
        float mean = (float)(row_sum(width, row) / width);
        float scale = (float)(1 / sqrt(row_squares(width, row, mean) / width + EPSILON));
        row_normalize(width, ld, mean, scale, gain, shift, row,
                      z_hat ? z_hat + (size_t)r * (size_t)ld : NULL);
        if (spread) spread[r] = scale;
    }
}

VEC_CLONES static void add_gains(int width, const float *g, const float *hat, float *d_gain,
                                 float *d_shift)
{
    float *restrict to_gain = d_gain, *restrict to_shift = d_shift;
    for (int j = 0; j < width; j++) {
        to_gain[j] += g[j] * hat[j];
        to_shift[j] += g[j];
    }
}

VEC_CLONES static void multiply(int width, const float *by, float *x)
{
    for (int j = 0; j < width; j++) x[j] *= by[j];
}

/* g = (g - mean - hat * slope) * scale */
VEC_CLONES static void row_backward(int width, float mean, float slope, float scale,
                                    const float *hat, float *g)
{
    for (int j = 0; j < width; j++) g[j] = (g[j] - mean - hat[j] * slope) * scale;
}

void norm_layer_backward(int n, int width, int ld, const float *z_hat, const float *spread,
                         const float *gain, float *g, float *d_gain, float *d_shift)
{
    for (int j = 0; j < ld; j++) d_gain[j] = d_shift[j] = 0;
    for (int r = 0; r < n; r++) {
        float *row = g + (size_t)r * (size_t)ld;
        const float *hat = z_hat + (size_t)r * (size_t)ld;
        add_gains(width, row, hat, d_gain, d_shift);
        multiply(width, gain, row);
        row_backward(width, (float)(row_sum(width, row) / width),
                     (float)(row_product(width, row, hat) / width), spread[r], hat, row);
        for (int j = width; j < ld; j++) row[j] = 0;
    }
}

/* ---- batch norm: units side by side, rows one after the other ---- */

enum { UNITS = 64 }; /* at a time, so that their sums stay on the stack */

VEC_CLONES static void column_moments(int n, int units, int ld, const float *z, double *mean,
                                      double *variance)
{
    for (int j = 0; j < units; j++) mean[j] = variance[j] = 0;
    for (int r = 0; r < n; r++)
        for (int j = 0; j < units; j++) mean[j] += (double)z[(size_t)r * (size_t)ld + j];
    for (int j = 0; j < units; j++) mean[j] /= n;
    for (int r = 0; r < n; r++)
        for (int j = 0; j < units; j++) {
            double d = (double)z[(size_t)r * (size_t)ld + j] - mean[j];
            variance[j] += d * d;
        }
    for (int j = 0; j < units; j++) variance[j] /= n;
}

VEC_CLONES static void column_normalize(int n, int units, int ld, const float *mean,
                                        const float *scale, const float *gain, const float *shift,
                                        float *z, float *z_hat)
{
    for (int r = 0; r < n; r++) {
        float *restrict row = z + (size_t)r * (size_t)ld;
        float *restrict hat = z_hat + (size_t)r * (size_t)ld;
        for (int j = 0; j < units; j++) {
            hat[j] = (row[j] - mean[j]) * scale[j];
            row[j] = gain[j] * hat[j] + shift[j];
        }
    }
}

void norm_batch_forward(int n, int width, int ld, float *z, const float *gain, const float *shift,
                        float *z_hat, float *spread, float *running_mean, float *running_variance)
{
    for (int from = 0; from < width; from += UNITS) {
        int units = width - from < UNITS ? width - from : UNITS;
        double mean[UNITS] = {0}, variance[UNITS] = {0};
        float middle[UNITS];
        column_moments(n, units, ld, z + from, mean, variance);
        for (int j = 0; j < units; j++) {
            double unbiased = n > 1 ? variance[j] * n / (n - 1) : 0;
            float *m = &running_mean[from + j], *v = &running_variance[from + j];
            *m = (float)((1 - MOVE) * (double)*m + MOVE * mean[j]);
            *v = (float)((1 - MOVE) * (double)*v + MOVE * unbiased);
            middle[j] = (float)mean[j];
            spread[from + j] = (float)(1 / sqrt(variance[j] + EPSILON));
        }
        column_normalize(n, units, ld, middle, spread + from, gain + from, shift + from, z + from,
                         z_hat + from);
    }
    for (int r = 0; r < n; r++)
        for (int j = width; j < ld; j++)
            z[(size_t)r * (size_t)ld + (size_t)j] = z_hat[(size_t)r * (size_t)ld + (size_t)j] = 0;
}

VEC_CLONES static void column_sums(int n, int units, int ld, const float *g, const float *z_hat,
                                   double *sum, double *product)
{
    for (int j = 0; j < units; j++) sum[j] = product[j] = 0;
    for (int r = 0; r < n; r++)
        for (int j = 0; j < units; j++) {
            size_t at = (size_t)r * (size_t)ld + (size_t)j;
            sum[j] += (double)g[at];
            product[j] += (double)(g[at] * z_hat[at]);
        }
}

VEC_CLONES static void column_backward(int n, int units, int ld, const float *mean,
                                       const float *slope, const float *scale, const float *z_hat,
                                       float *g)
{
    for (int r = 0; r < n; r++) {
        float *restrict row = g + (size_t)r * (size_t)ld;
        const float *restrict hat = z_hat + (size_t)r * (size_t)ld;
        for (int j = 0; j < units; j++) row[j] = (row[j] - mean[j] - hat[j] * slope[j]) * scale[j];
    }
}

void norm_batch_backward(int n, int width, int ld, const float *z_hat, const float *spread,
                         const float *gain, float *g, float *d_gain, float *d_shift)
{
    for (int from = 0; from < width; from += UNITS) {
        int units = width - from < UNITS ? width - from : UNITS;
        double sum[UNITS] = {0}, product[UNITS] = {0};
        float mean[UNITS], slope[UNITS], scale[UNITS];
        column_sums(n, units, ld, g + from, z_hat + from, sum, product);
        for (int j = 0; j < units; j++) {
            d_shift[from + j] += (float)sum[j];
            d_gain[from + j] += (float)product[j];
            mean[j] = (float)(sum[j] / n);
            slope[j] = (float)(product[j] / n);
            scale[j] = gain[from + j] * spread[from + j];
        }
        column_backward(n, units, ld, mean, slope, scale, z_hat + from, g + from);
    }
    for (int r = 0; r < n; r++)
        for (int j = width; j < ld; j++) g[(size_t)r * (size_t)ld + (size_t)j] = 0;
}

void norm_batch_fold(int k, int width, int ld, const float *running_mean,
                     const float *running_variance, const float *gain, const float *shift,
                     float *w, float *b)
{
    for (int j = 0; j < width; j++) {
        double scale = (double)gain[j] / sqrt((double)running_variance[j] + EPSILON);
        for (int i = 0; i < k; i++) {
            float *at = &w[(size_t)i * (size_t)ld + (size_t)j];
            *at = (float)((double)*at * scale);
        }
        b[j] = (float)(((double)b[j] - (double)running_mean[j]) * scale + (double)shift[j]);
    }
}
