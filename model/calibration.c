/* Calibration of one row: a linear map of log probabilities, then a rising line through knots. */
#include "model/calibration.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

const char *const calibration_names[] = {CALIBRATION_LIST(LIST_NAME) NULL};

enum { N_LOGS = CALIBRATION_MATRIX_MOST };
static const double least = 1e-12;

/* z'_c; `logs` are those of all classes where there is a matrix, else not looked at. */
static double logit(const Calibration *calibration, int n_classes, int c, double p, const double *logs)
{
    double z = calibration->bias[c];
    if (calibration->n_scale == 1) return z + calibration->scale[0] * log(fmax(p, least));
    if (calibration->n_scale == n_classes) return z + calibration->scale[c] * log(fmax(p, least));
    for (int k = 0; k < n_classes; k++) z += calibration->scale[c * n_classes + k] * logs[k];
    return z;
}

double calibration_step(int n, const double *at, const double *to, double p)
{
    int i = 1;
    while (i < n - 1 && p > at[i]) i++;
    double width = at[i] - at[i - 1];
    return width > 0 ? to[i - 1] + (to[i] - to[i - 1]) * (p - at[i - 1]) / width : to[i];
}

static void step(const Calibration *calibration, int n_classes, float *p)
{
    const double *at = calibration->at, *to = calibration->to;
    double total = 0;
    for (int c = 0; c < n_classes; c++) {
        const int n = calibration->n_knots[c];
        p[c] = (float)fmax(calibration_step(n, at, to, p[c]), least);
        total += p[c];
        at += n;
        to += n;
    }
    for (int c = 0; c < n_classes; c++) p[c] = (float)(p[c] / total);
}

/* Logarithms are taken twice, since of many classes there is no place to keep them. */
void calibration_apply(const Calibration *calibration, int n_classes, float *p)
{
    double logs[N_LOGS], top = -INFINITY, total = 0;
    bool matrix = calibration->n_scale != 1 && calibration->n_scale != n_classes;
    for (int c = 0; matrix && c < n_classes; c++) logs[c] = log(fmax(p[c], least));
    for (int c = 0; c < n_classes; c++) top = fmax(top, logit(calibration, n_classes, c, p[c], logs));
    for (int c = 0; c < n_classes; c++) {
        double e = exp(logit(calibration, n_classes, c, p[c], logs) - top);
        total += e;
        p[c] = (float)e;
    }
    for (int c = 0; c < n_classes; c++) p[c] = (float)(p[c] / total);
    if (calibration->n_knots) step(calibration, n_classes, p);
}
