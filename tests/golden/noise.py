#!/usr/bin/env python3
"""Golden numbers for tests/test_search_noise.c: limma's moments (fitFDist) and moderated paired t-tests, in NumPy and SciPy.

  noise.py > noise.h
"""
import numpy as np
import scipy
from scipy.optimize import brentq
from scipy.special import digamma, polygamma
from scipy.stats import t as student

N, M, RUNS = 8, 9, 5


def prior(variance, repeats):
    keep = repeats >= 2
    v, d = variance[keep], repeats[keep] - 1.0
    pooled = (v * d).sum() / d.sum()
    if len(v) < 3:
        return pooled, np.inf
    e = np.log(np.maximum(v, 1e-5 * np.sort(v)[len(v) // 2])) - digamma(d / 2) + np.log(d / 2)
    more = e.var(ddof=1) - polygamma(1, d / 2).mean()
    if more <= 1e-9:
        return pooled, np.inf
    half = np.exp(brentq(lambda x: polygamma(1, np.exp(x)) - more, -20, 20, xtol=1e-14))
    return np.exp(e.mean() + digamma(half) - np.log(half)), 2 * half


def row(values):
    return "{" + ", ".join("NAN" if np.isnan(x) else "INFINITY" if np.isinf(x) else repr(float(x)) for x in values) + "}"


rng = np.random.default_rng(8)
print(f"/* Made by tests/golden/noise.py with SciPy {scipy.__version__}. */")
print(f"enum {{ GOLDEN_N = {N}, GOLDEN_CASES = 6, GOLDEN_M = {M}, GOLDEN_RUNS = {RUNS}, GOLDEN_RACES = 12 }};")
print("static const struct { double variance[GOLDEN_N]; int repeats[GOLDEN_N]; double s0, d0, shrunk[GOLDEN_N]; }"
      " golden_priors[GOLDEN_CASES] = {")
for case in range(6):
    repeats = rng.integers(1, 7, N) if case < 5 else np.array([1, 3, 1, 1, 2, 1, 1, 1])
    spread = np.exp(rng.normal(0, [0, 0.4, 1.2, 2, 1, 1][case], N))
    variance = spread * rng.chisquare(np.maximum(repeats - 1, 1)) / np.maximum(repeats - 1, 1)
    variance[repeats < 2] = np.nan
    if case == 4:
        variance[np.argmax(repeats >= 2)] = 0
    s0, d0 = prior(variance, repeats)
    shrunk = [s0 if np.isinf(d0) or r < 2 else (d0 * s0 + (r - 1) * v) / (d0 + r - 1) for v, r in zip(variance, repeats)]
    print(f"    {{{row(variance)}, {{{', '.join(map(str, repeats))}}}, {row([s0])[1:-1]}, {row([d0])[1:-1]}, {row(shrunk)}}},")
print("};")
print("static const double golden_finished[GOLDEN_M][GOLDEN_RUNS] = {")
effect = rng.normal(0, 1, RUNS)
finished = rng.normal(0, 1, (M, 1)) + effect + rng.normal(0, 0.3, (M, RUNS)) * np.exp(rng.normal(0, 0.5, (M, 1)))
for f in finished:
    print(f"    {row(f)},")
print("};")
best = finished.mean(axis=1).argmin()
pairs = np.array([finished[i] - finished[best] for i in range(M) if i != best])
s0, d0 = prior(pairs.var(axis=1, ddof=1), np.full(M - 1, RUNS))
print("static const struct { int k; double score[GOLDEN_RUNS], p; } golden_races[GOLDEN_RACES] = {")
for race in range(12):
    k = 1 + race % 4
    own = finished[best] + rng.normal([-0.1, 0.15, 0.5][race // 4], 0.3, RUNS)
    d = own[:k] - finished[best][:k]
    s2 = s0 if k < 2 or np.isinf(d0) else (d0 * s0 + (k - 1) * d.var(ddof=1)) / (d0 + k - 1)
    p = student.sf(d.mean() / np.sqrt(s2 / k), d0 + k - 1)
    print(f"    {{{k}, {row(own)}, {float(p)!r}}},")
print("};")
print("static const double golden_effect[GOLDEN_RUNS] =", row((finished - finished.mean(axis=1, keepdims=True)).mean(axis=0)) + ";")
print("static const struct { double t, freedom, p; } golden_student[] = {")
for t, f in [(0, 3), (1.2, 1), (2.5, 4.5), (-1, 7), (8, 30), (3, np.inf)]:
    print(f"    {{{float(t)!r}, {row([f])[1:-1]}, {float(student.sf(t, f))!r}}},")
print("};")
