/* model/calibration.h - what is done to a model's probabilities so that they mean what they say.
 *
 * With z = log p, p clipped at 1e-12:
 *
 *     z'_c = bias_c + scale z_c              one scale: a temperature T is 1 / T
 *     z'_c = bias_c + scale_c z_c            one for each class: vector scaling
 *     z'_c = bias_c + sum_k scale_ck z_k     a matrix: structured matrix scaling
 *     p'   = softmax(z')
 *
 * and then, where there are knots, p''_c = f_c(p'_c) / sum: f_c is piecewise linear through its knots, which
 * begin at 0 and end at 1 and rise, so that no two rows change places within a class (isotonic regression of
 * one class against the rest).
 *
 * The bias also holds what undoes class weights. A network trained with weights w_c learns p_c ~ w_c P(c|x),
 * so p_c / w_c, scaled to sum 1, has the prior of the data; that is a bias of -log w_c, known before anything
 * is fitted.
 *
 * Memory  borrows its arrays. Errors none. Fitting is calibration_fit.h.
 * Sources Guo et al., ICML 2017; Saerens, Latinne, Decaestecker, Neural Computation 2002 (priors);
 *         Berta, Holzmüller, Jordan, Bach, arXiv 2511.03685 (structured scaling).
 */
#ifndef CONSORT_MODEL_CALIBRATION_H
#define CONSORT_MODEL_CALIBRATION_H
#include "base/names.h"

/* From the simplest on. */
#define CALIBRATION_LIST(X)                                                                         \
    X(CALIBRATION_NONE, "none") X(CALIBRATION_TEMPERATURE, "temperature") X(CALIBRATION_BIAS, "bias") \
    X(CALIBRATION_VECTOR, "vector") X(CALIBRATION_MATRIX, "matrix") X(CALIBRATION_ISOTONIC, "isotonic")
typedef enum { CALIBRATION_LIST(LIST_ID) CALIBRATION_COUNT } CalibrationMethod;
extern const char *const calibration_names[];

enum {
    CALIBRATION_MATRIX_MOST = 64, /* classes of a matrix */
    CALIBRATION_KNOTS_MOST = 64   /* of one class */
};

/* K classes. */
typedef struct {
    int n_scale;           /* 1, K or K * K (row c makes z'_c) */
    const double *scale;
    const double *bias;    /* (K) */
    const int *n_knots;    /* (K) at least 2 each; NULL: no knots */
    const double *at, *to; /* all classes' knots, one class after the other */
} Calibration;

/* One row of K probabilities, in place. */
void calibration_apply(const Calibration *calibration, int n_classes, float *p);
/* f at p: linear between its n knots, at rising from 0 to 1. */
double calibration_step(int n, const double *at, const double *to, double p);
#endif
