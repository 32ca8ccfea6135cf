#!/usr/bin/env python3
"""Golden numbers for tests/test_insight_settings.c: rank correlations by SciPy, means of an unbalanced design's levels with
the residual of the sum of their effects.

  settings.py > settings.h     (NumPy, SciPy)
"""
import numpy as np
from scipy import stats

rng = np.random.default_rng(3)
x = np.round(rng.normal(size=14), 1)
y = np.round(x + rng.normal(size=14), 1)
print("/* Made by tests/golden/settings.py. */")
print("enum { PAIRS = 14, CELLS = 18 };")
for name, v in (("pair_x", x), ("pair_y", y)):
    print("static const double %s[PAIRS] = {%s};" % (name, ", ".join(map(repr, map(float, v)))))
print("static const double pair_rho = %.15g;" % stats.spearmanr(x, y)[0])

# a grid of 3 x 3, twice; scores by an effect of each and noise
rate = np.tile(np.repeat([0.0, 0.2, 0.5], 3), 2)
l2 = np.tile(np.tile([0.0, 1e-4, 1e-2], 3), 2)
score = np.round(0.9 + 0.03 * (rate == .2) - 0.05 * (l2 == 1e-2) + 0.01 * rng.normal(size=18), 4)
print("static const double cell_score[CELLS] = {%s};" % ", ".join(map(repr, map(float, score))))
mean = score.mean()
fit = np.full(18, mean)
for v in (rate, l2):
    for level in np.unique(v):
        fit[v == level] += score[v == level].mean() - mean
freedom = 18 - 1 - 2 - 2
sigma = np.sqrt(np.sum((score - fit) ** 2) / freedom)
print("static const double cell_mean[2][3] = {%s};" % ", ".join(
    "{%s}" % ", ".join("%.12g" % score[v == level].mean() for level in np.unique(v)) for v in (rate, l2)))
print("static const double cell_half = %.12g;" % (stats.t.ppf(.975, freedom) * sigma / np.sqrt(6)))
