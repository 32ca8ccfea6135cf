#!/usr/bin/env python3
"""Golden numbers for tests/test_search_gp.c and test_tuner_special: a second implementation of the
Gaussian process of tuner/search/gp.h in plain numpy, and distribution functions from scipy and mpmath.

  gp.py posterior    points, targets, objective and predictions, without a warp and with one
  gp.py transform    the target transform
  gp.py special      log improvement, erfcx, beta and normal
"""
import sys

import numpy as np

# Space of the test: a float, an int (levels 1..4), a category of three, and a float that is
# active only when the int is at least 3, and so is a category of two. Coordinates are cell centres;
# inactive ones 0.5.
X = np.array([
    [0.10, 0.125, 1 / 6, 0.5, 0.5], [0.90, 0.375, 0.5, 0.5, 0.5], [0.50, 0.625, 5 / 6, 0.20, 0.25],
    [0.30, 0.875, 1 / 6, 0.70, 0.75], [0.70, 0.125, 0.5, 0.5, 0.5], [0.20, 0.625, 0.5, 0.90, 0.25],
    [0.60, 0.875, 5 / 6, 0.40, 0.75], [0.80, 0.375, 1 / 6, 0.5, 0.5]])
Y = np.array([1.0, 0.4, 0.7, np.nan, 0.2, 3.0, 0.9, 0.25])
EXTRA = np.array([0, 0, 0.1, 0, 0, 0, 0.3, 0])
THETA = np.array([np.log(.4), np.log(.9), np.log(1.5), np.log(.3), np.log(.7), np.log(1.2), np.log(.01),
                  np.log(.4), np.log(.06)] + 10 * [0.])
WARP = np.log([1.3, .5, 1, 2.2, 1, .7, 1.8, 1, .9, 1])  # a, then b
CAT = np.array([False, False, True, False, True])
LEVELS = [0, 4, 3, 0, 2]
D = 5
Q = np.array([[0.15, 0.125, 1 / 6, 0.5, 0.5], [0.55, 0.875, 0.5, 0.35, 0.25], [0.10, 0.125, 1 / 6, 0.5, 0.5]])


def on(x):
    return np.array([True, True, True, x[1] > 0.5, x[1] > 0.5])


def transform(y):
    y = np.asarray(y, float)
    f = y[np.isfinite(y)]
    q1, q2, q3 = np.percentile(f, [25, 50, 75])
    worst = f.max()
    if q3 - q1 > 1e-9 * (worst - f.min()):
        worst = min(worst, q2 + 5 * (q3 - q1))
    z = np.where(np.isfinite(y), np.minimum(np.where(np.isfinite(y), y, 0), worst), worst)
    z = (z - z.mean()) / z.std()
    best, out = -np.inf, z
    for lam in -3 + 0.2 * np.arange(26):
        t = np.empty_like(z)
        p = z >= 0
        t[p] = ((z[p] + 1) ** lam - 1) / lam if abs(lam) > 1e-6 else np.log1p(z[p])
        m = 2 - lam
        t[~p] = -((1 - z[~p]) ** m - 1) / m if abs(m) > 1e-6 else -np.log1p(-z[~p])
        ll = -len(z) / 2 * np.log(t.var()) + (lam - 1) * (np.sign(z) * np.log1p(np.abs(z))).sum()
        if ll > best:
            best, out = ll, t
    return (out - out.mean()) / out.std()


def warp(x, th):  # where the kernel sees a point
    a, b = np.exp(th[D + 4:2 * D + 4]), np.exp(th[2 * D + 4:])
    return np.where(CAT | ~on(x) | (a == 1) & (b == 1), x, 1 - (1 - x ** a) ** b)


def dist2(a, b, th):
    r2, A, B = 0.0, on(a), on(b)
    a, b = warp(a, th), warp(b, th)
    for k in range(len(a)):
        l2 = np.exp(2 * th[k])
        if A[k] and B[k]:
            d = (a[k] != b[k]) if CAT[k] else (a[k] - b[k]) ** 2
        elif A[k] != B[k]:  # (r - 1) / 2r is the squared radius of a simplex of r levels, edge 1
            away = (LEVELS[k] - 1) / (2 * LEVELS[k]) if CAT[k] else ((a if A[k] else b)[k] - .5) ** 2
            d = np.exp(th[D + 2]) + away
        else:
            d = 0.0
        r2 += d / l2
    return r2


def kern(a, b, th):
    r2 = dist2(a, b, th)
    r = np.sqrt(5 * r2)
    return np.exp(th[D]) * (1 + r + r * r / 3) * np.exp(-r) + np.exp(th[D + 3]) * trend(a, b)


def trend(a, b):  # orthonormal polynomials of degree 1 and 2, and the contrast of categories
    t, A, B = 0.0, on(a), on(b)
    for k in range(D):
        if not (A[k] and B[k]):
            continue
        if CAT[k]:
            t += 1 if a[k] == b[k] else -1 / (LEVELS[k] - 1)
        else:
            t += 3 * (2 * a[k] - 1) * (2 * b[k] - 1)
            t += 5 * (6 * a[k] ** 2 - 6 * a[k] + 1) * (6 * b[k] ** 2 - 6 * b[k] + 1)
    return t


def posterior(th, warped):
    z = transform(Y)
    n = len(X)
    s2, noise = np.exp(th[D]), np.exp(th[D + 1])
    K = np.array([[kern(a, b, th) for b in X] for a in X]) + np.diag(s2 * 1e-6 + noise + EXTRA)
    al = np.linalg.solve(K, z)
    d = D
    lp = sum((th[k] - PRIOR_MEAN - .5 * np.log(d)) ** 2 / (2 * PRIOR_VAR) for k in range(d))
    lp += th[D] ** 2 / 2 + (th[D + 1] + 5) ** 2 / (2 * 1.5 ** 2) + (th[D + 2] - np.log(.25)) ** 2 / 2
    lp += (th[D + 3] - np.log(TREND / d)) ** 2 / (2 * TREND_VAR)
    if warped:
        lp += sum(th[i * D + 4 + k] ** 2 / (2 * WARP_VAR) for i in (1, 2) for k in range(D) if not CAT[k])
    f = .5 * z @ al + .5 * np.linalg.slogdet(K)[1] + lp
    print("z", ["%.15g" % v for v in z])
    print("objective %.15g" % f)
    for q in Q:
        k = np.array([kern(q, b, th) for b in X])
        print("mean %.15g sigma %.15g" % (k @ al, np.sqrt(kern(q, q, th) - k @ np.linalg.solve(K, k))))
    # believing Q[1] at 0.3, then predicting Q[0]
    X2, z2 = np.vstack([X, Q[1]]), np.append(z, 0.3)
    K2 = np.array([[kern(a, b, th) for b in X2] for a in X2]) + np.diag(
        s2 * 1e-6 + noise + np.append(EXTRA, 0))
    k = np.array([kern(Q[0], b, th) for b in X2])
    print("believed: mean %.15g sigma %.15g" % (k @ np.linalg.solve(K2, z2),
                                                 np.sqrt(kern(Q[0], Q[0], th) - k @ np.linalg.solve(K2, k))))
    print("mean at the points", ["%.15g" % v for v in z - np.diag(s2 * 1e-6 + noise + EXTRA) @ al])


PRIOR_MEAN, PRIOR_VAR, TREND, TREND_VAR, WARP_VAR = -0.5, 0.7, 0.1, 2.25, .25  # tuner/search/gp_fit.c

if sys.argv[1] == "posterior":
    posterior(THETA, False)
    posterior(np.append(THETA[:D + 4], WARP), True)
elif sys.argv[1] == "transform":
    for y in ([3, 1, 2, 10, 4], [1, 2, 3, 4, 5, 1000, np.nan], [0, 0, 0, 0, 1], [-1, -2, -3.5, -8]):
        print(y, ["%.15g" % v for v in transform(y)])
else:
    import mpmath as mp
    from scipy import special, stats
    mp.mp.dps = 60
    for t in (5, 1, 0, -0.5, -0.999, -1.001, -2, -3.9, -4.1, -8, -29, -31, -100, -1e4, -1e8, -1e150):
        t = mp.mpf(t)
        if t > -1e5:
            v = mp.log(mp.npdf(t) + t * mp.ncdf(t)) if t > -1000 else None
        else:
            v = None
        if v is None:  # h = phi(t) (1/t^2 - 3/t^4 + 15/t^6 ...)
            v = -t * t / 2 - mp.log(2 * mp.pi) / 2 + mp.log(1 / t ** 2 - 3 / t ** 4 + 15 / t ** 6 - 105 / t ** 8)
        print("    {%s, %s}," % (mp.nstr(t, 6), mp.nstr(v, 17)))
    for x in (-5, -1, 0, 0.5, 3.9, 4.1, 11.9, 12.1, 30, 1e5):
        print("    {%g, %.17g}," % (x, special.erfcx(x)))
    for a, b, x in ((2, 5, .3), (.5, .5, .1), (1, 1, .7), (100, 3, .99), (1e-1, 2, 1e-8), (5000, 5000, .49)):
        print("    {%g, %g, %g, %.17g}," % (a, b, x, special.betainc(a, b, x)))
    for a, b, p in ((2, 5, 1e-7), (2, 5, .5), (.5, .5, .9), (.1, 2, .3), (1e4, 1, .5), (3, 200, 1 - 1e-7)):
        print("    {%g, %g, %.17g, %.17g}," % (a, b, p, special.betaincinv(a, b, p)))
    for p in (1e-300, 1e-7, .01, .3, .5, .975, 1 - 1e-12):
        print("    {%.17g, %.17g}," % (p, stats.norm.ppf(p)))
