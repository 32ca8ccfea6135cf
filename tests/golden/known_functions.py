#!/usr/bin/env python3
"""The truth about the six functions of tests/known_functions.h: total and first-order Sobol indices of the rank of
the score over the whole space, from two million pairs of points each.

  known_functions.py > known_functions.h     (NumPy)
"""
import numpy as np

N = 1 << 20
rng = np.random.default_rng(1)


def log(u, low, high):
    return np.exp(np.log(low) + u * (np.log(high) - np.log(low)))


def lattice(u, low, high, q):
    """q_log_uniform_values: the multiples of q, each with its cell of the coordinate, halves of q at the ends."""
    first, last = round(low / q), round(high / q)
    x = np.exp(np.log(low - q / 2) + u * (np.log(high + q / 2) - np.log(low - q / 2)))
    return np.clip(np.rint(x / q), first, last) * q


def whole(u, low, high):
    return low + np.minimum((u * (high - low + 1)).astype(int), high - low)


def bowl(u):
    return 4 * (u[0] - .7) ** 2 + 2 * (u[1] - .35) ** 2 + 1.2 * (u[2] - .6) ** 2 + .3 * u[3]


def rates(u):
    at = np.log10(log(u[0], 1e-4, 1)) + 2.4 - .15 * whole(u[1], 0, 3)
    score = .1 + .08 * at ** 2 + .12 * (u[2] < .5) + .1 * (.8 * u[3] - .3) ** 2
    return np.where(at > 1.4, score + 5 * (at - 1.4) ** 2, score)


def product(u):
    return 4 * (u[0] - .5) * (u[1] - .5) + .7 * u[2]


def layers(u):
    n = whole(u[0], 1, 3)
    score = np.array([.20, .06, .05])[n - 1] + .06 * (np.log10(log(u[1], 1e-4, .1)) + 2.2) ** 2
    score = score + .02 * (np.log2(lattice(u[2], 16, 512, 16) / 128) / 2) ** 2
    score = score + (n >= 2) * .01 * (np.log2(lattice(u[3], 16, 512, 16) / 64) / 2) ** 2
    return score + (n >= 3) * .005 * (np.log2(lattice(u[4], 16, 512, 16) / 64) / 2) ** 2


def kinds(u):
    k = whole(u[0], 0, 2)
    own = np.where(k == 0, .8 + .1 * u[1], np.where(k == 1, .25 + 1.6 * (u[2] - .3) ** 2, .5))
    return own + .5 * (u[3] - .8) ** 2


def degree(u):
    return (np.array([.9, .55, .2, .12, .1])[whole(u[0], 1, 5) - 1]
            + .16 * (np.log10(log(u[1], 1e-3, 1)) + 1) ** 2 + .06 * .95 * u[2])


def indices(f, d):
    a, b = rng.random((d, N)), rng.random((d, N))
    fa, fb = f(a), f(b)
    order = np.sort(np.concatenate([fa, fb]))

    def rank(x):
        return (np.searchsorted(order, x, "left") + np.searchsorted(order, x, "right")) / 2 / order.size
    ra, rb = rank(fa), rank(fb)
    variance = np.var(np.concatenate([ra, rb]))
    total, first = [], []
    for k in range(d):
        mixed = a.copy()
        mixed[k] = b[k]
        rm = rank(f(mixed))
        total.append(np.mean((ra - rm) ** 2) / 2 / variance)
        first.append(max(0, 1 - np.mean((rb - rm) ** 2) / 2 / variance))
    return total, first


def main():
    print("/* Made by tests/golden/known_functions.py. */")
    print("enum { KNOWN_MOST = 5 };")
    print("static const struct { int d; double total[KNOWN_MOST], first[KNOWN_MOST]; } known_truth[] = {")
    for f, d in ((bowl, 5), (rates, 5), (product, 4), (layers, 5), (kinds, 4), (degree, 4)):
        total, first = indices(f, d)
        row = ", ".join("{%s}" % ", ".join("%.4f" % x for x in values) for values in (total, first))
        print("    {%d, %s}, /* %s */" % (d, row, f.__name__))
    print("};")


main()
