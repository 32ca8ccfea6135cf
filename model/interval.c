/* Wilson's interval and what is made of it, and how far gaps are from zero without their noise. */
#include "model/interval.h"

#include <math.h>
#include <stdbool.h>

const Interval interval_none = {NAN, NAN};

Interval interval_share(double hits, double n)
{
    const double z2 = NORMAL_95 * NORMAL_95;
    if (!(n > 0)) return interval_none;
    double share = hits / n, middle = (share + z2 / (2 * n)) / (1 + z2 / n);
    double half = NORMAL_95 * sqrt(fmax(0, share * (1 - share)) / n + z2 / (4 * n * n)) / (1 + z2 / n);
    /* rounding must not leave the share outside */
    return (Interval){fmax(0, fmin(share, middle - half)), fmin(1, fmax(share, middle + half))};
}

Interval interval_f1(double hits, double support, double predicted)
{
    Interval share = interval_share(hits, support + predicted - hits);
    return (Interval){2 * share.low / (1 + share.low), 2 * share.high / (1 + share.high)};
}

/* ---- distance ---------------------------------------------------------------------------------- */

typedef struct {
    double distance, mean, variance; /* without noise; of the sum with it */
} Supposed;

/* Adds E|X - a| and its variance, X binomial of `n` and `rate`. */
static void add_exactly(double n, double rate, double a, Supposed *sum)
{
    double p = exp(n * log1p(-rate)), mean = 0, square = 0, mass = 0;
    for (int k = 0; k <= n && mass < 1 - 1e-12; k++) {
        double far = fabs(k - a);
        mass += p, mean += p * far, square += p * far * far;
        p *= (n - k) / (k + 1) * rate / (1 - rate);
    }
    sum->mean += mean;
    sum->variance += fmax(0, square - mean * mean);
}

/* The same of a normal one: the folded normal distribution. */
static void add_folded(double n, double rate, double a, Supposed *sum)
{
    double s = sqrt(n * rate * (1 - rate)), m = fabs(n * rate - a);
    double z = s > 0 ? m / s : 0;
    double mean = s > 0 ? s * 0.7978845608028654 * exp(-z * z / 2) + m * erf(z / 1.4142135623730951) : m;
    sum->mean += mean;
    sum->variance += fmax(0, m * m + s * s - mean * mean);
}

static Supposed suppose(const CountBin *bin, int n, double x)
{
    Supposed sum = {0};
    double rows = 0;
    for (int b = 0; b < n; b++) {
        if (!(bin[b].rows > 0)) continue;
        double rate = (bin[b].foreseen + x * (bin[b].hits - bin[b].foreseen)) / bin[b].rows;
        rate = fmin(1, fmax(0, rate));
        double gap = bin[b].rows * rate - bin[b].foreseen;
        sum.distance += fabs(gap);
        sum.variance += gap * gap / bin[b].rows; /* how many rows a bin gets is chance, too */
        rows += bin[b].rows;
        bool turned = rate > 0.5; /* misses are the rarer */
        double rarer = turned ? 1 - rate : rate;
        double expected = turned ? bin[b].rows - bin[b].foreseen : bin[b].foreseen;
        if (bin[b].rows * rarer < 12) add_exactly(bin[b].rows, rarer, expected, &sum);
        else add_folded(bin[b].rows, rate, bin[b].foreseen, &sum);
    }
    if (rows > 0) sum.variance = fmax(0, sum.variance - sum.distance * sum.distance / rows);
    return sum;
}

/* The distance at which the sum seen lies `z` standard deviations above the expected one; 0 where none does. */
static double distance_at(const CountBin *bin, int n, double spread, double seen, double z)
{
    double low = 0, high = 1;
    for (int i = 0; i < 20; i++) { /* beyond what was seen, for the upper end */
        Supposed s = suppose(bin, n, high);
        if (s.mean + z * spread * sqrt(s.variance) >= seen) break;
        high *= 2;
    }
    for (int i = 0; i < 40; i++) {
        double x = (low + high) / 2;
        Supposed s = suppose(bin, n, x);
        if (s.mean + z * spread * sqrt(s.variance) < seen) low = x;
        else high = x;
    }
    return low > 0 ? suppose(bin, n, high).distance : 0;
}

Distance distance_of(const CountBin *bin, int n, double spread)
{
    double seen = 0;
    for (int b = 0; b < n; b++) seen += fabs(bin[b].hits - bin[b].foreseen);
    if (!isfinite(seen)) return (Distance){NAN, NAN, interval_none};
    return (Distance){seen, distance_at(bin, n, spread, seen, 0),
                      {distance_at(bin, n, spread, seen, NORMAL_95),
                       distance_at(bin, n, spread, seen, -NORMAL_95)}};
}
