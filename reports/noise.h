/* reports/noise.h - how far the best value can be trusted.
 *
 * Notation  v_1 the best value of n trials, s its standard error on the validation rows.
 * Alike     trial i cannot be told from the best when |v_1 - v_i| < 2 sqrt(2) s: two standard errors
 *           of a difference of two independent estimates. Trials are judged on the same rows, so
 *           their errors go together and the true band is narrower: this errs towards "alike".
 * Pairs     where predictions were compared row by row (ReportInput.n_alike), that counts instead.
 * Optimism  the best of k equally good trials looks better than it is by up to s E[max of k normal
 *           draws] (the same remark: at most). By simulation (tests/test_reports_noise.c) what is left
 *           after it is taken off is no more than the truth on average where half of the error is the
 *           rows', which is common to all, or the trials differ; of errors that had nothing in common half
 *           a standard error would stay.
 */
#ifndef CONSORT_REPORTS_NOISE_H
#define CONSORT_REPORTS_NOISE_H
#include "reports/facts.h"

/* A trial whose value differs from the best by less than `band` cannot be told from it. */
typedef struct {
    double error, band;    /* standard error of the best value; 2 x sqrt(2) x that; NaN: unknown */
    const char *method;    /* how `error` was found, for the reader; NULL: it was not */
    int64_t n_rows;        /* validation rows; 0: unknown */
    bool paired;           /* n_alike is by pairs, not by the band */
    int n_alike;           /* first so many of the leaderboard; 1: the best stands alone */
    double optimism;       /* how much of the best value may be luck, at most; NaN: unknown */
} Noise;

bool noise_estimate(const Facts *facts, Noise *out, Error *err);
/* From its `error`: band, who is alike among `value` (n), best first, and the optimism. */
void noise_among(const double *value, int n, Noise *noise);
/* Expected maximum of n independent standard normal draws. */
double expected_maximum(int n);
#endif
