#!/usr/bin/env python3
"""Noisy trials at an equal number of runs: one run each, three, five, or a race (run.repeats).

  bench/noise.py build/consort [--seeds 10] [--runs 90]

A sweep over a program would take most of its time to start it, so the search is driven by
`ask-tell`, and the race, the seeds' effects and the choice of the winner are written down here once more, with SciPy.
A run's score is the true value plus what its seed does to all (common), plus what it does to this one alone; the
second grows with the true value in the problems called "uneven". The winner is who `consort best` would name: the
lowest mean of those with all repeats. Told is the regret of its true value: 1 what ten random points come to, 0 the
optimum.
"""
import argparse
import json
import math
import random
import statistics
import subprocess
import tempfile

import numpy as np
from scipy.optimize import brentq
from scipy.special import digamma, polygamma
from scipy.stats import t as student


def branin(p):
    x, y = p["x"], p["y"]
    return ((y - 5.1 / (4 * math.pi ** 2) * x * x + 5 / math.pi * x - 6) ** 2
            + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10 - 0.397887) / 20


def bowl(p):
    kind = {"a": 0, "b": 0.3, "c": 0.6}[p["k"]]
    return kind + sum(w * (p[n] - c) ** 2 for n, w, c in (("x", 3, 0.7), ("y", 2, 0.2), ("z", 1, 0.5), ("v", 0.3, 0.9)))


def hartmann(p):
    a = [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
    c = [1, 1.2, 3, 3.2]
    q = [[1312, 1696, 5569, 124, 8283, 5886], [2329, 4135, 8307, 3736, 1004, 9991],
         [2348, 1451, 3522, 2883, 3047, 6650], [4047, 8828, 8732, 5743, 1091, 381]]
    u = [p[f"x{i}"] for i in range(6)]
    return 3.32237 - sum(c[i] * math.exp(-sum(a[i][j] * (u[j] - q[i][j] / 1e4) ** 2 for j in range(6))) for i in range(4))


U = lambda low, high: {"min": float(low), "max": float(high)}
SPACES = {branin: {"x": U(-5, 10), "y": U(0, 15)},
          bowl: {"k": {"values": ["a", "b", "c"]}, **{n: U(0, 1) for n in "xyzv"}},
          hartmann: {f"x{i}": U(0, 1) for i in range(6)}}
# the function, sd of what a seed does to all, sd of what it does to one, does that grow with the value?
PROBLEMS = {"branin": (branin, 0.3, 0.3, False), "branin uneven": (branin, 0, 0.3, True),
            "bowl": (bowl, 0.2, 0.1, False), "bowl alone": (bowl, 0, 0.25, False),
            "hartmann": (hartmann, 0.2, 0.3, False), "hartmann uneven": (hartmann, 0, 0.3, True)}
NEED, RISK = 3, 0.05


def prior(groups):
    v = np.array([g.var(ddof=1) for g in groups if len(g) > 1])
    d = np.array([len(g) - 1.0 for g in groups if len(g) > 1])
    if len(v) == 0 or v.sum() == 0:
        return None
    pooled = (v * d).sum() / d.sum()
    if len(v) < 3:
        return pooled, math.inf
    e = np.log(np.maximum(v, 1e-5 * np.sort(v)[len(v) // 2])) - digamma(d / 2) + np.log(d / 2)
    more = e.var(ddof=1) - polygamma(1, d / 2).mean()
    if more <= 1e-9:
        return pooled, math.inf
    half = math.exp(brentq(lambda x: polygamma(1, math.exp(x)) - more, -20, 20))
    return math.exp(e.mean() + digamma(half) - math.log(half)), 2 * half


def out_of_race(own, finished):
    """own, and the whole rows of those that are finished."""
    best = min(finished, key=lambda f: f.mean(), default=None)
    others = [f - best for f in finished if f is not best]
    known = prior(others) if len(others) >= NEED else None
    if known is None:
        return False
    s0, d0 = known
    d = own - best[:len(own)]
    s2 = s0 if len(d) < 2 or math.isinf(d0) else (d0 * s0 + (len(d) - 1) * d.var(ddof=1)) / (d0 + len(d) - 1)
    return d.mean() > 0 and student.sf(d.mean() / math.sqrt(s2 / len(d)), d0 + len(d) - 1) < RISK


class Search:
    def __init__(self, consort, space, seed):
        self.file = tempfile.NamedTemporaryFile("w", suffix=".yaml")
        json.dump({"parameters": space}, self.file)
        self.file.flush()
        self.run = subprocess.Popen([consort, "ask-tell", self.file.name, "--seed", str(seed)], stdin=subprocess.PIPE,
                                    stdout=subprocess.PIPE, text=True)

    def say(self, question):
        self.run.stdin.write(json.dumps(question) + "\n")
        self.run.stdin.flush()
        answer = json.loads(self.run.stdout.readline())
        assert "error" not in answer, answer
        return answer

    def close(self):
        self.run.stdin.close()
        self.run.wait()


def once(consort, name, seed, runs, least, most, told):
    f, common, alone, uneven = PROBLEMS[name]
    rng = random.Random(seed)
    kind = [rng.gauss(0, common) for _ in range(most)]
    search = Search(consort, SPACES[f], seed)
    trials, used = [], 0
    while used < runs:
        ask = search.say({"cmd": "ask"})
        true = f(ask["params"])
        own = random.Random(f"{seed} {sorted(ask['params'].items())}")
        finished = [t for _, t in trials if len(t) == most]
        scores = np.array([])
        while len(scores) < most:
            k = len(scores)
            scores = np.append(scores, true + kind[k] + own.gauss(0, alone * ((0.3 + true) if uneven else 1)))
            used += 1
            if least <= len(scores) < most and out_of_race(scores, finished):
                break
        trials.append((true, scores))
        value, sd = scores.mean(), scores.std(ddof=1) if len(scores) > 1 else None
        tell = {"cmd": "tell", "id": ask["id"], "value": float(value)}
        if told and most > 1:
            finished = [t for _, t in trials if len(t) == most]
            if len(finished) >= NEED:
                effect = np.mean([t - t.mean() for t in finished], axis=0)
                rest = scores - effect[:len(scores)]
                if len(scores) < most:
                    tell["value"] = float(rest.mean())
                if len(scores) > 1:
                    sd = rest.std(ddof=1) * (math.sqrt(len(finished) / (len(finished) - 1)) if len(scores) == most else 1)
            tell["repeats"] = len(scores)
            if sd is not None:
                tell["sd"] = float(sd)
        search.say(tell)
    search.close()
    whole = [(t.mean(), true) for true, t in trials if len(t) == most]
    return min(whole)[1], len(trials)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("consort")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--runs", type=int, default=90)
    args = parser.parse_args()
    ways = {"1": (1, 1, False), "3": (3, 3, False), "3 told": (3, 3, True), "5 told": (5, 5, True),
            "race 1-3": (1, 3, True), "race 1-5": (1, 5, True), "race 2-5": (2, 5, True)}
    print(f"{'':16}" + "".join(f"{way:>16}" for way in ways))
    for name in PROBLEMS:
        f = PROBLEMS[name][0]
        rng = random.Random(0)
        draw = lambda: f({k: rng.choice(s["values"]) if "values" in s else rng.uniform(s["min"], s["max"])
                          for k, s in SPACES[f].items()})
        ten = statistics.mean(min(draw() for _ in range(10)) for _ in range(2000))
        line = f"{name:16}"
        for least, most, told in ways.values():
            got = [once(args.consort, name, seed, args.runs, least, most, told) for seed in range(args.seeds)]
            line += f"{statistics.mean(g[0] for g in got) / ten:>9.3f} ({statistics.mean(g[1] for g in got):3.0f})"
        print(line, flush=True)


if __name__ == "__main__":
    main()
