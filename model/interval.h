/* model/interval.h - 95 % intervals of estimates from rows that were drawn once.
 *
 * Share      Wilson's score interval: of the simple ones it covers best near 0 and 1 and for few rows
 *            (Brown, Cai, DasGupta, Statistical Science 16 (2001), 101-133).
 * Any value  in [0, 1] with a standard error s: Wilson's of as many rows as a share with that error would
 *            have had, v (1 - v) / s^2. So it stays in [0, 1], leans to the middle, and has a width at 1
 *            (design effects of survey statistics: Korn & Graubard, Survey Methodology 24 (1998), 193-201).
 * Distance   sum over bins of |hits - sum of p|, what a calibration error counts. Noise makes it larger
 *            than it is without, so the plain sum neither estimates well nor has a useful interval. So the
 *            rates of the bins are supposed to lie x of the way from what was foreseen to what was seen
 *            (and beyond), and x is that at which the sum seen is the expected one, or its 2.5 or 97.5 %
 *            point. Hits are binomial, their moments exact where few are expected, the sum is normal.
 */
#ifndef CONSORT_MODEL_INTERVAL_H
#define CONSORT_MODEL_INTERVAL_H

#define NORMAL_95 1.959963984540054

typedef struct {
    double low, high; /* NaN: none */
} Interval;

extern const Interval interval_none;
/* Of `hits` in `n`, which need not be whole; none when n is 0. */
Interval interval_share(double hits, double n);
/* Of F1 = 2 J / (1 + J), J the share of hits among the rows that are of the class or predicted as it. */
Interval interval_f1(double hits, double support, double predicted);

typedef struct {
    double rows, foreseen, hits; /* rows of a bin; the sum of their probabilities; how many came true */
} CountBin;
typedef struct {
    double counted, estimate; /* the sum as it is; without noise */
    Interval interval;        /* of the latter */
} Distance;
/* All in rows: the caller divides. `spread` multiplies the standard deviation of the sum, where bins go
 * together. */
Distance distance_of(const CountBin *bin, int n, double spread);
#endif
