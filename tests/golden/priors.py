#!/usr/bin/env python3
"""Densities and quantiles of priors over a coordinate, and Kendall's tau as a weight, from scipy.

    priors.py > priors.h
"""
import math

import numpy as np
from scipy import stats

BLIND = 0.1
U = [0.0375, 0.25, 0.5125, 0.8, 0.9625]
V = [0.05, 0.2, 0.5, 0.75, 0.99]


def cut(mu, sigma, low, high):
    return stats.truncnorm((low - mu) / sigma, (high - mu) / sigma, loc=mu, scale=sigma)


class Even:
    """A coordinate that is linear on its scale."""

    def __init__(self, low, high):
        self.low, self.high = low, high

    def scale(self, t):
        return self.low + t * (self.high - self.low)

    def place(self, s):
        return (s - self.low) / (self.high - self.low)

    def stretch(self, t):
        return self.high - self.low


class Of:
    """A coordinate that is the quantile of a distribution."""

    def __init__(self, dist):
        self.dist = dist
        self.low, self.high = dist.ppf(1e-7), dist.ppf(1 - 1e-7)

    def scale(self, t):
        return self.dist.ppf(t)

    def place(self, s):
        return self.dist.cdf(s)

    def stretch(self, t):
        return 1 / self.dist.pdf(self.dist.ppf(t))


def smooth(param, axis, mu, sigma):
    t = cut(mu, sigma, axis.low, axis.high)
    density = [t.pdf(axis.scale(u)) * axis.stretch(u) for u in U]
    at = [v / BLIND if v < BLIND else axis.place(t.ppf((v - BLIND) / (1 - BLIND))) for v in V]
    return param, density, at, axis.place(mu)


def lattice(param, first, last, step, mu, sigma, log=False):
    """Cells of values first, first + step, ..., last; half a step beyond either end belongs to the range."""
    f = math.log if log else float
    ends = [f(first + (k - 0.5) * step) for k in range(round((last - first) / step) + 2)]
    width = ends[-1] - ends[0]
    t = cut(mu, sigma, ends[0], ends[-1])
    density = []
    for u in U:
        k = int(np.searchsorted(ends, ends[0] + u * width, side="right")) - 1
        density.append((t.cdf(ends[k + 1]) - t.cdf(ends[k])) / (ends[k + 1] - ends[k]) * width)
    at = [v / BLIND if v < BLIND else (t.ppf((v - BLIND) / (1 - BLIND)) - ends[0]) / width for v in V]
    return param, density, at, (mu - ends[0]) / width


def listed(param, mass, shares=None):
    mass = np.array(mass, float) / sum(mass)
    edges = np.concatenate([[0], np.cumsum(shares if shares else [1 / len(mass)] * len(mass))])
    sums = np.concatenate([[0], np.cumsum(mass)])
    density = []
    for u in U:
        k = int(np.searchsorted(edges, u, side="right")) - 1
        density.append(mass[k] / (edges[k + 1] - edges[k]))
    at = [v / BLIND if v < BLIND else float(np.interp((v - BLIND) / (1 - BLIND), sums, edges)) for v in V]
    k = int(np.argmax(mass))
    return param, density, at, (edges[k] + edges[k + 1]) / 2


def zeroed(case, param, p):
    """A share p of zeros before the rest, which keeps its density."""
    _, _, _, mode = case
    dist = cut(math.log(1e-4), math.log(3), math.log(1e-6), math.log(1e-2))
    axis = Even(math.log(1e-6), math.log(1e-2))
    density = [1 if u < p else dist.pdf(axis.scale((u - p) / (1 - p))) * axis.stretch(0) for u in U]
    at = []
    for v in V:
        w = (v - BLIND) / (1 - BLIND)
        at.append(v / BLIND if v < BLIND else w if w < p else p + (1 - p) * axis.place(dist.ppf((w - p) / (1 - p))))
    return param, density, at, p + (1 - p) * mode


def main():
    ln = math.log
    log = Even(ln(1e-5), 0)
    decay = smooth("", Even(ln(1e-6), ln(1e-2)), ln(1e-4), ln(3))
    weights = [stats.norm.cdf((i - 2 + .5) / .625) - stats.norm.cdf((i - 2 - .5) / .625) for i in range(5)]
    cases = [
        smooth("distribution: log_uniform_values, min: 1e-5, max: 1, prior: {mu: 0.003, sigma: 2}", log, ln(.003),
               ln(2)),
        smooth("distribution: log_uniform_values, min: 1e-5, max: 1, prior: {value: 0.003, confidence: high}", log,
               ln(.003), -ln(1e-5) / 8),
        smooth("distribution: log_uniform, min: -11, max: 0, prior: 0.003", Even(-11, 0), ln(.003), 11 / 4),
        smooth("distribution: inv_log_uniform_values, min: 0.001, max: 1, prior: {mu: 0.1, sigma: 3}",
               Even(0, -ln(.001)), -ln(.1), ln(3)),
        smooth("min: -1.0, max: 3.0, prior: {mu: 0.5, sigma: 0.8}", Even(-1, 3), .5, .8),
        smooth("distribution: normal, mu: 2, sigma: 3, prior: {mu: 4, sigma: 1}", Of(stats.norm(2, 3)), 4, 1),
        smooth("distribution: log_normal, mu: 1, sigma: 0.5, prior: {mu: 4, sigma: 1.5}", Of(stats.norm(1, .5)),
               ln(4), ln(1.5)),
        smooth("distribution: beta, a: 2, b: 5, prior: {mu: 0.4, sigma: 0.1}", Of(stats.beta(2, 5)), .4, .1),
        lattice("min: 1, max: 8, prior: {mu: 3, sigma: 1.5}", 1, 8, 1, 3, 1.5),
        lattice("distribution: q_log_uniform_values, min: 16, max: 512, q: 16, prior: {value: 64, confidence: low}",
                16, 512, 16, ln(64), ln(520 / 8) / 2, True),
        listed("values: [adam, sgd, lamb], prior: {value: sgd, confidence: high}", [1, 8, 1]),
        listed("values: [adam, sgd, lamb], prior: {weights: [3, 2, 0]}", [3, 2, 0]),
        listed("values: [adam, sgd, lamb], probabilities: [0.5, 0.25, 0.25], prior: {weights: [1, 1, 4]}",
               [1, 1, 4], [.5, .25, .25]),
        listed("values: [128, 16, 32, 64, 256], prior: {value: 64, confidence: high}", weights),
        zeroed(decay, "distribution: log_uniform_values, min: 1e-6, max: 1e-2, zero_prob: 0.2, prior: {mu: 1e-4,"
                      " sigma: 3}", .2),
    ]
    print("/* Made by priors.py: do not edit. */")
    print("static const double prior_u[%d] = {%s};" % (len(U), ", ".join(map(repr, U))))
    print("static const double prior_v[%d] = {%s};" % (len(V), ", ".join(map(repr, V))))
    print("static const struct { const char *param; double logs[%d], at[%d], mode; } prior_cases[] = {"
          % (len(U), len(V)))
    for param, density, at, mode in cases:
        logs = [math.log(BLIND + (1 - BLIND) * d) for d in density]
        print('    {"%s",' % param)
        print("     {%s}," % ", ".join("%.15g" % x for x in logs))
        print("     {%s}, %.15g}," % (", ".join("%.15g" % x for x in at), mode))
    print("};")
    rng = np.random.default_rng(7)
    said = np.round(rng.normal(size=12), 3)
    y = np.round(said + 0.7 * rng.normal(size=12), 3)
    tau = stats.kendalltau(said, y).statistic
    error = math.sqrt(2 * (2 * 12 + 5) / (9 * 12 * 11))
    weight = max(0, (5 * 0.6 + 12 * math.sin(math.pi / 2 * (tau - error))) / 17)
    print("/* Twelve opinions and scores, their tau and what it weighs. */")
    print("static const double agree_said[12] = {%s};" % ", ".join(map(repr, map(float, said))))
    print("static const double agree_y[12] = {%s};" % ", ".join(map(repr, map(float, y))))
    print("static const double agree_weight = %.15g;" % weight)


main()
