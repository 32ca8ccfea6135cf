/* L-BFGS with the box kept by projection. */
#include "base/lbfgs.h"

#include <math.h>
#include <stdbool.h>

static double dot(int n, const double *a, const double *b)
{
    double sum = 0;
    for (int i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

typedef struct {
    int n_pairs, newest;
    double *s, *y; /* (LBFGS_PAIRS, n) steps and changes of the gradient */
} Memory;

static bool is_free(const Lbfgs *p, const double *x, const double *gradient, int i)
{
    return !(x[i] <= p->low[i] && gradient[i] > 0) && !(x[i] >= p->high[i] && gradient[i] < 0);
}

/* direction = -H gradient on the free coordinates, 0 elsewhere. `mask` holds 1 and 0. The two loops
 * see only the free parts of the pairs. */
static void find_direction(const Lbfgs *p, const Memory *memory, const double *gradient,
                           const double *mask, double *direction)
{
    const int n = p->n;
    double alpha[LBFGS_PAIRS], rho[LBFGS_PAIRS], scale = 1;
    for (int i = 0; i < n; i++) direction[i] = -gradient[i] * mask[i];
    for (int k = 0; k < memory->n_pairs; k++) {
        int at = (memory->newest - k + LBFGS_PAIRS) % LBFGS_PAIRS;
        const double *s = memory->s + at * n, *y = memory->y + at * n;
        double sy = 0, yy = 0;
        for (int i = 0; i < n; i++) {
            sy += s[i] * y[i] * mask[i];
            yy += y[i] * y[i] * mask[i];
        }
        rho[k] = sy > 1e-14 * yy ? 1 / sy : 0; /* 0: skipped */
        if (rho[k] == 0) continue;
        if (scale == 1) scale = sy / yy;
        alpha[k] = rho[k] * dot(n, s, direction);
        for (int i = 0; i < n; i++) direction[i] -= alpha[k] * y[i] * mask[i];
    }
    for (int i = 0; i < n; i++) direction[i] *= scale;
    for (int k = memory->n_pairs - 1; k >= 0; k--) {
        if (rho[k] == 0) continue;
        int at = (memory->newest - k + LBFGS_PAIRS) % LBFGS_PAIRS;
        const double *s = memory->s + at * n, *y = memory->y + at * n;
        double beta = rho[k] * dot(n, y, direction);
        for (int i = 0; i < n; i++) direction[i] += (alpha[k] - beta) * s[i] * mask[i];
    }
}

double lbfgs_minimize(const Lbfgs *p, double *x)
{
    const int n = p->n;
    double *gradient = p->work, *direction = gradient + n, *trial = direction + n, *other = trial + n;
    Memory memory = {.s = other + n, .y = other + n + LBFGS_PAIRS * n};
    for (int i = 0; i < n; i++) x[i] = fmin(fmax(x[i], p->low[i]), p->high[i]);
    double value = p->function(p->context, x, gradient);
    if (!isfinite(value)) return value;
    for (int iteration = 0; iteration < p->max_iterations; iteration++) {
        double largest = 0, *mask = other;
        for (int i = 0; i < n; i++) {
            mask[i] = is_free(p, x, gradient, i);
            largest = fmax(largest, fabs(gradient[i]) * mask[i]);
        }
        if (!(largest > p->gradient_tolerance)) break;
        find_direction(p, &memory, gradient, mask, direction);
        if (!(dot(n, direction, gradient) < 0)) {
            memory.n_pairs = 0;
            for (int i = 0; i < n; i++) direction[i] = -gradient[i] * mask[i];
        }
        double step = memory.n_pairs ? 1 : fmin(1, 1 / sqrt(dot(n, direction, direction)));
        double next = NAN, slope = 0;
        bool better = false;
        for (int halving = 0; halving < 30 && !better; halving++, step *= better ? 1 : 0.5) {
            slope = 0;
            for (int i = 0; i < n; i++) {
                trial[i] = fmin(fmax(x[i] + step * direction[i], p->low[i]), p->high[i]);
                slope += gradient[i] * (trial[i] - x[i]);
            }
            next = p->function(p->context, trial, other); /* overwrites the mask */
            better = isfinite(next) && next <= value + 1e-4 * slope && next < value;
        }
        if (!better) break;
        int at = memory.n_pairs ? (memory.newest + 1) % LBFGS_PAIRS : 0;
        double *s = memory.s + at * n, *y = memory.y + at * n, sy = 0, yy = 0;
        for (int i = 0; i < n; i++) {
            s[i] = trial[i] - x[i];
            y[i] = other[i] - gradient[i];
            sy += s[i] * y[i];
            yy += y[i] * y[i];
            x[i] = trial[i];
            gradient[i] = other[i];
        }
        if (sy > 1e-14 * yy) {
            memory.newest = at;
            if (memory.n_pairs < LBFGS_PAIRS) memory.n_pairs++;
        }
        bool small = value - next < p->value_tolerance;
        value = next;
        if (small) break;
    }
    return value;
}
