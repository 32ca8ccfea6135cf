#!/usr/bin/env python3
"""Golden numbers for tests/test_search_forecast.c: ridge regression by numpy's least squares over stacked rows, each
run's error by fitting again without it, chances by SciPy's t distribution over a fine grid of quantiles.

  forecast.py > forecast.h     (NumPy, SciPy)
"""
import numpy as np
from scipy import stats

N, EPOCHS, CASES = 14, 16, 6
rng = np.random.default_rng(8)


def stand(curve):
    e, k = len(curve), max(1, len(curve) // 4)
    level = curve[-k:].mean()
    return np.array([curve[-1], curve.min(), level, level - curve[e - 2 * k:e - k].mean() if e >= 2 * k else 0])


def fit(z, target, weight):
    root = np.sqrt(weight)[:, None]
    penalty = np.sqrt(np.diag([1e-9, 1, 1, 1, 1]))
    return np.linalg.lstsq(np.vstack([z * root, penalty]), np.r_[target * root[:, 0], np.zeros(5)], rcond=None)[0]


def forecast(curve, others, ends):
    """Mean and sigma of where `curve` ends."""
    e, mine, x = len(curve), stand(curve), np.array([stand(o[:len(curve)]) for o in others])
    away = abs(x[:, 2] - mine[2])
    level = np.sort(x[:, 2])
    n = len(x)
    spread = level[3 * (n - 1) // 4] - level[(n - 1) // 4]
    weight = np.exp(-0.5 * (np.maximum(away - np.sort(away)[4], 0) / spread) ** 2)
    center = np.average(x, axis=0, weights=weight)
    deviation = np.sqrt(np.average((x - center) ** 2, axis=0, weights=weight)) + 1e-12 * (1 + abs(center))
    z, at = np.c_[np.ones(n), (x - center) / deviation], np.r_[1, (mine - center) / deviation]
    target = ends - x[:, 2]
    off = np.empty(n)
    for i in range(n):
        rest = np.arange(n) != i
        off[i] = target[i] - z[i] @ fit(z[rest], target[rest], weight[rest])
    few = weight.sum() ** 2 / (weight ** 2).sum()
    square = (weight @ off ** 2 + 2 * (off ** 2).mean()) / (weight.sum() + 2)
    apart = at @ np.linalg.solve((z * weight[:, None]).T @ z + np.diag([1e-9, 1, 1, 1, 1]), at)
    return mine[2] + at @ fit(z, target, weight), np.sqrt(square * (1 + apart) * (few + 1) / (few - 1))


def chance(mean, sigma, points):
    """The mean over the first goal's quantiles of the chance that the second is below the front there."""
    u = (np.arange(400000) + 0.5) / 400000
    x = mean[0] + sigma[0] * stats.t.ppf(u, 4)
    floor = np.full(len(x), np.inf)
    for a, b in points:
        floor = np.where(a <= x, np.minimum(floor, b), floor)
    return stats.t.cdf((floor - mean[1]) / sigma[1], 4).mean()


def row(values):
    return "{" + ", ".join(repr(float(v)) for v in values) + "}"


print("/* Made by tests/golden/forecast.py with NumPy, SciPy. */")
print(f"enum {{ GOLDEN_N = {N}, GOLDEN_EPOCHS = {EPOCHS}, GOLDEN_CASES = {CASES} }};")
print("static const struct {\n    int age;\n    double first[GOLDEN_N + 1][GOLDEN_EPOCHS], more[GOLDEN_N + 1][GOLDEN_EPOCHS],"
      " end[GOLDEN_N][2];\n    double mean[2], sigma[2], chance;\n} golden[GOLDEN_CASES] = {")
for case in range(CASES):
    age = [3, 5, 8, 9, 12, 15][case]
    t = np.arange(1, EPOCHS + 1)
    curves = []
    for goal in range(2):
        floor, gain, speed = rng.uniform(0.1, 0.4, N + 1), rng.uniform(0.3, 1, N + 1), rng.uniform(0.3, 1.2, N + 1)
        curves.append(np.round(floor[:, None] + gain[:, None] * t ** -speed[:, None]
                               + rng.normal(0, 0.01, (N + 1, EPOCHS)), 5))
    ends = np.round(np.column_stack([c[:N].min(axis=1) for c in curves]) + rng.normal(0, 0.005, (N, 2)), 5)
    told = [forecast(c[N][:age], c[:N], ends[:, g]) for g, c in enumerate(curves)]
    mean, sigma = [m for m, _ in told], [s for _, s in told]
    first, more = ["{" + ",\n      ".join(row(r) for r in c) + "}" for c in curves]
    print(f"    {{{age},\n     {first},\n     {more},\n     {{{', '.join(row(e) for e in ends)}}},\n     {row(mean)}, "
          f"{row(sigma)}, {float(chance(mean, sigma, ends))!r}}},")
print("};")
