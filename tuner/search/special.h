/* tuner/search/special.h - distribution functions that libm does not have.
 *
 * Accuracy  about 1e-14 relative where the result is not itself ill-conditioned.
 * Errors    none; arguments outside the domain give nan.
 * Source    starting value of the normal quantile: Abramowitz & Stegun 26.2.23, sharpened by
 *           Halley's method; incomplete beta: DLMF 8.17.22 (continued fraction), modified Lentz
 *           (Thompson & Barnett 1986); erfcx: DLMF 7.9.3 (continued fraction) beyond 4, and
 *           exp(x^2) erfc(x) with a split square below.
 */
#ifndef CONSORT_TUNER_SEARCH_SPECIAL_H
#define CONSORT_TUNER_SEARCH_SPECIAL_H
double normal_cdf(double x);
/* Its logarithm, finite for every finite t, and the derivative of that by t unless `slope` is NULL. */
double normal_log_cdf(double t, double *slope);
double normal_quantile(double p);                  /* -inf at 0, inf at 1 */
double beta_cdf(double a, double b, double x);     /* regularized incomplete beta, a and b > 0 */
double beta_quantile(double a, double b, double p);
/* P(T > t) of Student's t with so many degrees of freedom (INFINITY: normal). */
double student_above(double t, double freedom);
double scaled_erfc(double x);                      /* exp(x^2) erfc(x), no overflow for x > -26 */
/* log of phi(t) + t Phi(t), where phi and Phi are the normal density and distribution: expected
 * improvement in units of sigma. Finite for every finite t (to -1e150). Source: Ament et
 * al. 2023. */
double log_improvement(double t);
#endif
