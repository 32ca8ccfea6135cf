/* Fits a temperature: a convex function of its inverse, two derivatives, Newton's method. */
#include "engine/cooling.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

static double log_of(double p)
{
    return log(p < 1e-12 ? 1e-12 : p); /* written so that a nan stays one */
}

static bool counts(const CoolingRows *rows, int i, double *weight)
{
    *weight = rows->weight ? rows->weight[i] : 1;
    return rows->labels[i] >= 0 && *weight > 0;
}

static double largest(int n, const float *p)
{
    double top = p[0];
    for (int c = 1; c < n; c++) top = p[c] > top ? p[c] : top;
    return top;
}

double cooling_row_loss(double temperature, int n_classes, const float *p, int label)
{
    const double top = log_of(largest(n_classes, p));
    double total = 0;
    for (int c = 0; c < n_classes; c++) total += exp((log_of(p[c]) - top) / temperature);
    return log(total) - (log_of(p[label]) - top) / temperature;
}

double cooling_loss(const CoolingRows *rows, double temperature)
{
    double sum = 0, all = 0, weight;
    for (int i = 0; i < rows->n; i++) {
        if (!counts(rows, i, &weight)) continue;
        sum += weight * cooling_row_loss(temperature, rows->n_classes,
                                         rows->proba + (size_t)i * (size_t)rows->ld, rows->labels[i]);
        all += weight;
    }
    return all > 0 ? sum / all : NAN;
}

/* Derivatives by b = 1/T: of a row's loss the mean of z = log p minus z at the label, and the variance of z. */
static void slopes(const CoolingRows *rows, double b, double *first, double *second)
{
    double sum = 0, spread = 0, all = 0, n = 0, weight;
    for (int i = 0; i < rows->n; i += rows->every > 1 ? rows->every : 1) {
        if (!counts(rows, i, &weight)) continue;
        const float *p = rows->proba + (size_t)i * (size_t)rows->ld;
        const double top = log_of(largest(rows->n_classes, p));
        double total = 0, mean = 0, square = 0;
        for (int c = 0; c < rows->n_classes; c++) {
            const double z = log_of(p[c]) - top, e = exp(b * z);
            total += e;
            mean += e * z;
            square += e * z * z;
        }
        mean /= total;
        sum += weight * (mean - (log_of(p[rows->labels[i]]) - top));
        spread += weight * fmax(square / total - mean * mean, 0);
        all += weight;
        n++;
    }
    *first = sum / all + (1 - 1 / b) / n;
    *second = spread / all + 1 / (b * b * n);
}

static bool any_counts(const CoolingRows *rows)
{
    double weight;
    for (int i = 0; i < rows->n; i += rows->every > 1 ? rows->every : 1)
        if (counts(rows, i, &weight)) return true;
    return false;
}

int cooling_every(int n, int n_classes)
{
    enum { ENOUGH = 20000 };
    const double cells = (double)n * n_classes;
    return cells > ENOUGH ? (int)(cells / ENOUGH) : 1;
}

double cooling_fit(const CoolingRows *rows)
{
    enum { MOST_STEPS = 100 };
    const double tolerance = rows->every > 0 ? 1e-6 : 1e-11;
    double b = 1, low = 1 / COOLING_MOST, high = 1 / COOLING_LEAST;
    if (!any_counts(rows)) return 1;
    for (int step = 0; step < MOST_STEPS; step++) {
        double first, second;
        slopes(rows, b, &first, &second);
        if (!isfinite(first)) return NAN;
        if (first > 0) high = b;
        else low = b;
        double next = b - first / second;
        if (!(next > low && next < high)) next = sqrt(low * high);
        if (fabs(next - b) <= tolerance * b) break;
        b = next;
    }
    return 1 / b;
}
