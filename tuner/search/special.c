/* Functions of the normal and the beta distribution. */
#include "tuner/search/special.h"

#include <math.h>

static const double SQRT_2 = 1.4142135623730951, SQRT_2PI = 2.5066282746310002,
                    SQRT_PI = 1.7724538509055159, LOG_SQRT_2PI = 0.91893853320467278;

double normal_cdf(double x)
{
    return 0.5 * erfc(-x / SQRT_2);
}

double normal_quantile(double p)
{
    if (!(p >= 0 && p <= 1)) return NAN;
    if (p == 0) return -INFINITY;
    if (p == 1) return INFINITY;
    if (p > 0.5) return -normal_quantile(1 - p); /* 1 - p is exact here */
    double t = sqrt(-2 * log(p));
    double x = -(t - (2.515517 + t * (0.802853 + t * 0.010328)) /
                         (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))));
    for (int i = 0; i < 3; i++) {
        /* Halley on Phi(x) - p; phi'(x)/phi(x) is -x. */
        double step = (normal_cdf(x) - p) * SQRT_2PI * exp(0.5 * x * x);
        x -= step / (1 + 0.5 * x * step);
    }
    return x;
}

/* The continued fraction of the incomplete beta function, for x below (a + 1) / (a + b + 2). */
static double beta_fraction(double a, double b, double x)
{
    const double tiny = 1e-300;
    double c = 1, d = 1 - (a + b) * x / (a + 1);
    if (fabs(d) < tiny) d = tiny;
    d = 1 / d;
    double h = d;
    for (int m = 1; m < 20000; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 + even * d;
        c = 1 + even / c;
        if (fabs(d) < tiny) d = tiny;
        if (fabs(c) < tiny) c = tiny;
        d = 1 / d;
        h *= c * d;
        d = 1 + odd * d;
        c = 1 + odd / c;
        if (fabs(d) < tiny) d = tiny;
        if (fabs(c) < tiny) c = tiny;
        d = 1 / d;
        h *= c * d;
        if (fabs(c * d - 1) < 1e-16) break;
    }
    return h;
}

/* lgamma_r is not in C11's math.h and lgamma writes a global; threads call this. Stirling's series
 * with the argument shifted above 16 (DLMF 5.11.1), error below 1e-16. */
static double log_gamma(double x)
{
    double shift = 0;
    while (x < 16) {
        shift += log(x);
        x += 1;
    }
    double z = 1 / (x * x);
    double series = (1.0 / 12 - z * (1.0 / 360 - z * (1.0 / 1260 - z * (1.0 / 1680 - z / 1188)))) / x;
    return (x - 0.5) * log(x) - x + LOG_SQRT_2PI + series - shift;
}

double beta_cdf(double a, double b, double x)
{
    if (!(a > 0 && b > 0 && x >= 0 && x <= 1)) return NAN;
    if (x == 0 || x == 1) return x;
    double front = exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * log(x) + b * log1p(-x));
    if (x < (a + 1) / (a + b + 2)) return front * beta_fraction(a, b, x) / a;
    return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

double beta_quantile(double a, double b, double p)
{
    if (!(a > 0 && b > 0 && p >= 0 && p <= 1)) return NAN;
    if (p == 0 || p == 1) return p;
    const double scale = log_gamma(a + b) - log_gamma(a) - log_gamma(b);
    double low = 0, high = 1, x = a / (a + b);
    /* Newton, kept inside a bracket that at least halves when Newton leaves it. */
    for (int i = 0; i < 200; i++) {
        double error = beta_cdf(a, b, x) - p;
        if (error == 0) break;
        if (error > 0) high = x;
        else low = x;
        double density = exp(scale + (a - 1) * log(x) + (b - 1) * log1p(-x));
        double next = x - error / density;
        if (!(next > low && next < high)) next = 0.5 * (low + high);
        if (next == x || fabs(next - x) <= 1e-16 * x) break;
        x = next;
    }
    return x;
}

double scaled_erfc(double x)
{
    if (x < 4) {
        /* x^2 = h^2 + (x - h)(x + h) with h short enough for an exact square: the rounding error
         * of x * x would be multiplied by exp. */
        double h = nearbyint(x * 1048576) / 1048576;
        return exp(h * h) * exp((x - h) * (x + h)) * erfc(x);
    }
    /* 1/sqrt(pi) / (x + (1/2)/(x + 1/(x + (3/2)/(x + ...)))) from the far end. */
    double tail = x;
    for (int k = x > 12 ? 9 : 22; k > 0; k--) tail = x + 0.5 * k / tail; /* 21 do at 4, 8 at 12 */
    return 1 / (SQRT_PI * tail);
}

double log_improvement(double t)
{
    if (t > -1) return log(exp(-0.5 * t * t) / SQRT_2PI + 0.5 * t * erfc(-t / SQRT_2));
    /* h(t) = phi(t) (1 - x m(x)) with x = -t and Mills' ratio m(x) = Phi(-x) / phi(x). */
    double x = -t, bracket;
    if (x < 4) {
        bracket = log1p(-SQRT_PI / SQRT_2 * scaled_erfc(x / SQRT_2) * x);
    } else {
        /* The difference would cancel to 1/x^2. With m = 1/(x + tail), tail = 1/(x + 2/(x + 3/...)),
         * it is tail / (x + tail). */
        double tail = x;
        for (int k = x > 8 ? 18 : 38; k > 1; k--) tail = x + k / tail; /* 37 do at 4, 17 at 8 */
        tail = 1 / tail;
        bracket = log(tail / (x + tail));
    }
    return -0.5 * t * t - LOG_SQRT_2PI + bracket;
}

double normal_log_cdf(double t, double *slope)
{
    if (t > -5) {
        const double p = normal_cdf(t);
        if (slope) *slope = exp(-0.5 * t * t) / SQRT_2PI / p;
        return log(p);
    }
    const double tail = scaled_erfc(-t / SQRT_2);
    if (slope) *slope = 2 / (SQRT_2PI * tail);
    return log(0.5 * tail) - 0.5 * t * t;
}

double student_above(double t, double freedom)
{
    if (isinf(freedom)) return normal_cdf(-t);
    const double tail = 0.5 * beta_cdf(0.5 * freedom, 0.5, freedom / (freedom + t * t));
    return t > 0 ? tail : 1 - tail;
}
