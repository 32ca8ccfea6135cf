/* base/lbfgs.h - minimize a smooth function over a box.
 *
 * Limited-memory BFGS on the coordinates that are free: those not held at a bound by the gradient.
 * The line search halves along the path projected into the box until the decrease is sufficient
 * (Armijo), so every iterate is feasible and the value never rises. Deterministic, allocates nothing.
 *
 * Errors  none. Where the function is not finite the search steps back.
 * Source  Nocedal & Wright, "Numerical Optimization" (2006), algorithm 7.4 (two loops) and section
 *         16.7 (projection).
 */
#ifndef CONSORT_BASE_LBFGS_H
#define CONSORT_BASE_LBFGS_H

enum { LBFGS_PAIRS = 8 };

typedef double (*LbfgsFunction)(void *context, const double *x, double *gradient);

typedef struct {
    int n;
    const double *low, *high; /* (n) */
    LbfgsFunction function;
    void *context;
    int max_iterations;
    double gradient_tolerance; /* stop when no free component is larger */
    double value_tolerance;    /* ... or a step gains less than this */
    double *work;              /* lbfgs_work(n) doubles */
} Lbfgs;

#define lbfgs_work(n) ((2 * LBFGS_PAIRS + 4) * (n))
/* Improves x in place (put into the box first) and returns the value there. */
double lbfgs_minimize(const Lbfgs *problem, double *x);
#endif
