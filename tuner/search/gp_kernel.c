/* The kernel of the Gaussian process and the trend beside it, many points at a time: covariances, and the
 * exponentials, logarithms and warps they are made of. The loops are compiled for several widths of vectors,
 * which give the same bits (base/clones.h). */
#include "tuner/search/gp_kernel.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/clones.h"

static const double SQRT_5 = 2.23606797749979;

/* exp(x) for -10,000 < x <= 0 to some 1e-15, without a branch, so that compilers make vector code of it:
 * 2^k times a polynomial of the rest for a sixteenth of x, squared four times. Distances of a kernel are
 * below 7000 in any space. */
static inline double exp_down(double x)
{
    static const double magic = 0x1.8p52; /* adding it rounds to a whole number, in the low bits */
    x *= 1.0 / 16;
    double shifted = x * 1.4426950408889634 + magic, k = shifted - magic;
    double r = (x - k * 0x1.62e42fee00000p-1) - k * 0x1.a39ef35793c76p-33; /* ln 2 in two parts */
    double p = 1.0 / 39916800;
    p = p * r + 1.0 / 3628800;
    p = p * r + 1.0 / 362880;
    p = p * r + 1.0 / 40320;
    p = p * r + 1.0 / 5040;
    p = p * r + 1.0 / 720;
    p = p * r + 1.0 / 120;
    p = p * r + 1.0 / 24;
    p = p * r + 1.0 / 6;
    p = p * r + 0.5;
    p = p * r + 1;
    p = p * r + 1;
    union { double number; uint64_t bits; } scale = {.number = shifted};
    scale.bits = (scale.bits << 52) + 0x3ff0000000000000;
    p *= scale.number;
    p *= p;
    p *= p;
    p *= p;
    return p * p;
}

/* log(x) for 1e-300 < x <= 1 likewise: the exponent, and 2 artanh((m - 1) / (m + 1)) of a mantissa m between
 * the roots of 1/2 and 2. */
static inline double log_unit(double x)
{
    static const double magic = 0x1p52; /* whole numbers added to its bits are added to it */
    union { double number; uint64_t bits; } v = {.number = x}, k = {.number = magic};
    const uint64_t above = v.bits - 0x3fe6a09e667f3bcd; /* less the root of 1/2; wraps to a negative exponent */
    k.bits += (above + (uint64_t)0x4000000000000000) >> 52; /* plus 1024 */
    const double exponent = k.number - (magic + 1024);
    v.bits -= (k.bits - 0x4330000000000400) << 52;
    const double s = (v.number - 1) / (v.number + 1), t = s * s;
    double p = 1.0 / 19;
    p = p * t + 1.0 / 17;
    p = p * t + 1.0 / 15;
    p = p * t + 1.0 / 13;
    p = p * t + 1.0 / 11;
    p = p * t + 1.0 / 9;
    p = p * t + 1.0 / 7;
    p = p * t + 1.0 / 5;
    p = p * t + 1.0 / 3;
    return exponent * 0x1.62e42fefa39efp-1 + (2 * s + 2 * s * t * p);
}

VEC_CLONES
void gp_warp(int n, double a, double b, const double *u, const double *on, double *place, double *by_a,
             double *by_b)
{
#pragma omp simd
    for (int i = 0; i < n; i++) {
        const double at = u[i], x = at < WARP_END ? WARP_END : at > 1 - WARP_END ? 1 - WARP_END : at;
        const double log_x = log_unit(x), power = exp_down(a * log_x), log_rest = log_unit(1 - power);
        const double left = exp_down(b * log_rest);
        place[i] = on[i] > 0 ? 1 - left : at;
        if (!by_a) continue;
        by_a[i] = on[i] > 0 ? a * b * left / (1 - power) * power * log_x : 0;
        by_b[i] = on[i] > 0 ? -b * left * log_rest : 0;
    }
}

VEC_CLONES
void gp_matern(int n, double s2, const double *r2, double *k, double *slope)
{
    if (slope) {
#pragma omp simd
        for (int i = 0; i < n; i++) {
            double r = SQRT_5 * sqrt(r2[i]);
            slope[i] = -(5.0 / 6) * (1 + r) * s2 * exp_down(-r);
        }
    }
#pragma omp simd
    for (int i = 0; i < n; i++) {
        double r = SQRT_5 * sqrt(r2[i]);
        k[i] = (1 + r + (5.0 / 3) * r2[i]) * s2 * exp_down(-r);
    }
}

GpLanes gp_lanes_at(const Gp *gp, double *scratch)
{
    size_t n = (size_t)gp->d * GP_LANES;
    return (GpLanes){scratch, scratch + n, scratch + 2 * n, scratch + 3 * n};
}

bool gp_warps(const Gp *gp, int k) { return !gp->category[k] && !(gp->a[k] == 1 && gp->b[k] == 1); }

void gp_put_places(const Gp *gp, int k, int n, const double *u, const double *on, double *place)
{
    if (gp_warps(gp, k)) gp_warp(n, gp->a[k], gp->b[k], u, on, place, NULL, NULL);
    else if (place != u) memcpy(place, u, (size_t)n * sizeof *u);
}

void gp_set_lane(const Gp *gp, GpLanes *lanes, int k, int c, double u, double place, double on)
{
    const int at = k * GP_LANES + c;
    lanes->place[at] = place;
    lanes->on[at] = on;
    lanes->line[at] = gp->category[k] ? 0 : on * trend_line(u);
    lanes->bow[at] = gp->category[k] ? 0 : on * trend_bow(u);
}

VEC_CLONES
void gp_cross(const Gp *gp, const GpLanes *lanes, int from, int n, double *to, int ld)
{
    for (int i = from; i < n; i++) {
        double r2[GP_LANES], trend[GP_LANES];
        for (int c = 0; c < GP_LANES; c++) r2[c] = trend[c] = 0;
        for (int k = 0; k < gp->d; k++) {
            const size_t at = (size_t)k * (size_t)gp->room + (size_t)i;
            const double *u = lanes->place + k * GP_LANES, *on = lanes->on + k * GP_LANES, il2 = gp->il2[k];
            const double x = gp->place[at], a = gp->active[at];
            if (gp->category[k]) {
                const double alone = gp->lonely + gp->centre[k], unlike = gp->unlike[k];
#pragma omp simd
                for (int c = 0; c < GP_LANES; c++) {
                    double both = a * on[c], apart = u[c] != x ? 1 : 0;
                    r2[c] += il2 * (both * apart + fabs(a - on[c]) * alone);
                    trend[c] += both * (1 + apart * (unlike - 1));
                }
                continue;
            }
            const double *lines = lanes->line + k * GP_LANES, *bows = lanes->bow + k * GP_LANES;
            const double line = a * trend_line(gp->at[at]), bow = a * trend_bow(gp->at[at]);
            const double lonely = il2 * gp->lonely;
#pragma omp simd
            for (int c = 0; c < GP_LANES; c++) {
                r2[c] += il2 * (u[c] - x) * (u[c] - x);
                trend[c] += lines[c] * line + bows[c] * bow;
            }
            if (!gp->conditional[k]) continue;
#pragma omp simd
            for (int c = 0; c < GP_LANES; c++) r2[c] += fabs(a - on[c]) * lonely;
        }
        double *row = to + (size_t)i * (size_t)ld;
#pragma omp simd
        for (int c = 0; c < GP_LANES; c++) {
            double r = SQRT_5 * sqrt(r2[c]);
            row[c] = (1 + r + (5.0 / 3) * r2[c]) * gp->s2 * exp_down(-r) + gp->trend * trend[c];
        }
    }
}

VEC_CLONES
void gp_distances(const Gp *gp, const double *u, const bool *active, double *r2, double *trend)
{
    const int n = gp->n;
    for (int i = 0; i < n; i++) r2[i] = trend[i] = 0;
    for (int k = 0; k < gp->d; k++) {
        const size_t row = (size_t)k * (size_t)gp->room;
        const double *x = gp->at + row, *place = gp->place + row, *on = gp->active + row;
        const double a = active[k], il2 = gp->il2[k];
        double at = u[k];
        gp_put_places(gp, k, 1, &at, &a, &at);
        if (gp->category[k]) {
            const double alone = gp->lonely + gp->centre[k], unlike = gp->unlike[k];
#pragma omp simd
            for (int i = 0; i < n; i++) {
                double both = a * on[i], apart = x[i] != at ? 1 : 0;
                r2[i] += il2 * (both * apart + fabs(a - on[i]) * alone);
                trend[i] += both * (1 + apart * (unlike - 1));
            }
            continue;
        }
        const double line = a * trend_line(u[k]), bow = a * trend_bow(u[k]), lonely = il2 * gp->lonely;
#pragma omp simd
        for (int i = 0; i < n; i++) {
            r2[i] += il2 * (at - place[i]) * (at - place[i]) + fabs(a - on[i]) * lonely;
            trend[i] += on[i] * (line * trend_line(x[i]) + bow * trend_bow(x[i]));
        }
    }
}

double gp_variance_at(const Gp *gp, const double *u, const bool *active)
{
    double sum = 0;
    for (int k = 0; k < gp->d; k++) {
        double line = trend_line(u[k]), bow = trend_bow(u[k]);
        if (active[k]) sum += gp->category[k] ? 1 : line * line + bow * bow;
    }
    return gp->s2 + gp->trend * sum;
}
