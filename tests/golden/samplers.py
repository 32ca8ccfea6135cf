#!/usr/bin/env python3
"""Golden numbers for the samplers: the `cmaes` package (pip install cmaes) and scipy's truncated normal.

  samplers.py > samplers.h      tests/test_search_evolution.c, tests/test_search_parzen.c
"""
import numpy as np
from cmaes import CMA
from scipy.stats import truncnorm


def show(name, values):
    values = np.ravel(values)
    print("static const double %s[%d] = {" % (name, len(values)))
    for i in range(0, len(values), 4):
        print("    " + ", ".join(repr(float(v)) for v in values[i:i + 4]) + ",")
    print("};")


# Points of generation g that depend on no state, so that both sides can compute them.
def point(g, i, d):
    return np.array([.5 + .3 * .8 ** g * np.sin(1.7 * (i + 1) + 2.3 * (k + 1) + .9 * g) for k in range(d)])


def value(x):
    return float(sum((k + 1) * (v - .3) ** 2 for k, v in enumerate(x)))


def evolution():
    d = 4
    cma = CMA(mean=np.full(d, .5), sigma=.25)
    for g in range(6):
        xs = [point(g, i, d) for i in range(cma.population_size)]
        cma.tell([(x, value(x)) for x in xs])
    print("/* cmaes package, 6 generations in 4 dimensions. */")
    print("enum { CMA_LAMBDA = %d };" % cma.population_size)
    show("cma_mean", cma._mean)
    show("cma_sigma", [cma._sigma])
    show("cma_c", cma._C)
    show("cma_p_sigma", cma._p_sigma)
    show("cma_p_c", cma._pc)


# The space of test_search_parzen.c: a float, an int of 4 levels, a category of 3, and a float that is active
# only where the int is 3 or 4. Cell centres.
X = np.array([[.10, .125, 1 / 6, .5], [.90, .375, .5, .5], [.50, .625, 5 / 6, .20], [.30, .875, 1 / 6, .70],
              [.70, .125, .5, .5]])
Q = np.array([[.15, .125, 1 / 6, .5], [.55, .875, .5, .35], [.0, .625, 5 / 6, .99]])


def on(x):
    return [True, True, True, x[1] > .5]


def width(k):
    v = np.array([x[k] for x in X if on(x)[k]])
    m, d = len(v), X.shape[1]
    shrink = (m + 1) ** (-1 / (d + 4))
    if k == 2:
        return shrink / (m + 1) + .1 * shrink
    return max(np.sqrt((((v - v.mean()) ** 2).sum() + 1 / 12) / (m + 1)) * shrink, 1 / min(100, m + 1))


def factor(k, centre, x):
    w = width(k)
    if k == 2:
        return ((1 - w) * (x == centre) + w / 3) * 3
    t = truncnorm((0 - centre) / w, (1 - centre) / w, loc=centre, scale=w)
    if k == 1:
        return (t.cdf(x + .125) - t.cdf(x - .125)) * 4
    return t.pdf(x)


def density(q):
    total = 1.0
    for x in X:
        p = 1.0
        for k in range(4):
            if on(x)[k] and on(q)[k]:
                p *= factor(k, x[k], q[k])
        total += p
    return total / (len(X) + 1)


def main():
    print("/* Made by samplers.py: do not edit. */")
    evolution()
    print("/* Parzen estimator: widths, and log densities of three points. */")
    show("parzen_widths", [width(k) for k in range(4)])
    show("parzen_logs", [np.log(density(q)) for q in Q])


main()
