#!/usr/bin/env python3
"""Searches within limits on what trials report, beside what one would do without them.

  bench/limits.py build/consort [--seeds 10] [--n 60] [--method bayes]

Four problems whose constrained optimum is known (the last by a fine grid). A search is told
  limits    the value, and what is limited
  penalty   the value plus ten times the violation: what people write into their program
  failure   null where a limit is broken
  ignored   the value alone
  random    nothing
and is judged by the best point that keeps the limits, after a third, two thirds and all of the evaluations: the regret
in units of what ten random points that keep them come to (1), 0 the optimum. 2 where nothing was found.
"""
import argparse
import json
import math
import random
import statistics
import subprocess
import tempfile

U = lambda low, high: {"min": float(low), "max": float(high)}


def gardner1(p):
    x, y = p["x"], p["y"]
    return math.cos(2 * x) * math.cos(y) + math.sin(x), {"c": math.cos(x) * math.cos(y) - math.sin(x) * math.sin(y)}


def gardner2(p):
    return math.sin(p["x"]) + p["y"], {"c": math.sin(p["x"]) * math.sin(p["y"])}


def gramacy(p):  # Gramacy et al. 2016: two limits
    x, y = p["x"], p["y"]
    return x + y, {"c": 1.5 - x - 2 * y - 0.5 * math.sin(2 * math.pi * (x * x - 2 * y)), "d": x * x + y * y - 1.5}


def network(p):
    """A made network: wide and deep ones err less, some kinds of layer cost more, the rate has its own best."""
    kind = {"plain": (1.0, 0.0), "residual": (1.3, -0.35), "attention": (2.6, -0.6)}[p["kind"]]
    size = math.log2(p["width"]) * 0.5 + 0.45 * p["depth"] - 0.03 * p["depth"] ** 2
    loss = 3.2 - 0.55 * size + kind[1] + 0.5 * (math.log10(p["rate"]) + 2.6 + 0.12 * p["depth"]) ** 2
    latency = 0.4 + kind[0] * p["depth"] * (p["width"] / 64) ** 1.5 * 0.31
    return loss, {"latency": latency}


PROBLEMS = {
    "gardner1": (gardner1, {"x": U(0, 6), "y": U(0, 6)}, ["c <= 0.5"], None),
    "gardner2": (gardner2, {"x": U(0, 6), "y": U(0, 6)}, ["c <= -0.95"], None),
    "gramacy": (gramacy, {"x": U(0, 1), "y": U(0, 1)}, ["c <= 0", "d <= 0"], 0.5998),
    "network": (network, {"width": {"distribution": "q_log_uniform_values", "min": 16, "max": 512, "q": 8},
                          "depth": {"min": 1, "max": 8}, "kind": {"values": ["plain", "residual", "attention"]},
                          "rate": {"distribution": "log_uniform_values", "min": 0.0001, "max": 0.1}},
                ["latency <= 4"], None),
}


def violation(limits, reported):
    total = 0
    for limit in limits:
        name, _, bound = limit.split()
        total += max(0, reported[name] - float(bound))
    return total


def draw(rng, space):
    out = {}
    for name, s in space.items():
        if "values" in s:
            out[name] = rng.choice(s["values"])
        elif "log" in s.get("distribution", ""):
            v = math.exp(rng.uniform(math.log(s["min"]), math.log(s["max"])))
            out[name] = round(v / s["q"]) * s["q"] if "q" in s else v
        elif isinstance(s["min"], int):
            out[name] = rng.randint(s["min"], s["max"])
        else:
            out[name] = rng.uniform(s["min"], s["max"])
    return out


def scale(name):
    """The optimum, and what ten random points come to."""
    f, space, limits, known = PROBLEMS[name]
    rng = random.Random(1)
    good = []
    for _ in range(300000):
        v, r = f(draw(rng, space))
        if violation(limits, r) == 0:
            good.append(v)
    best = min(good) if known is None else known
    if known is None:  # a local search from the best point sharpens it
        at = None
        rng = random.Random(1)
        for _ in range(300000):
            p = draw(rng, space)
            v, r = f(p)
            if violation(limits, r) == 0 and (at is None or v < f(at)[0]):
                at = p
        width = 0.1
        for i in range(20000):
            q = dict(at)
            for k, s in space.items():
                if "values" in s:
                    continue
                if "q" in s or isinstance(s["min"], int):
                    if rng.random() < 0.3:
                        q[k] = min(max(q[k] + rng.choice([-1, 1]) * s.get("q", 1), s["min"]), s["max"])
                elif "log" in s.get("distribution", ""):
                    q[k] = min(max(q[k] * math.exp(rng.gauss(0, width)), s["min"]), s["max"])
                else:
                    q[k] = min(max(q[k] + rng.gauss(0, width) * (s["max"] - s["min"]), s["min"]), s["max"])
            v, r = f(q)
            if violation(limits, r) == 0 and v < f(at)[0]:
                at = q
            if i % 2000 == 1999:
                width /= 3
        best = f(at)[0]
    tens = [min(rng.choices(good, k=10)) for _ in range(4000)]
    return best, statistics.mean(tens)


def search(consort, name, how, n, seed, method):
    f, space, limits, _ = PROBLEMS[name]
    if how == "random":
        method = "random"
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        json.dump({"method": method, "parameters": space, "constraints": limits if how == "limits" else []}, file)
        file.flush()
        run = subprocess.Popen([consort, "ask-tell", file.name, "--seed", str(seed)], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True)

        def say(question):
            run.stdin.write(json.dumps(question) + "\n")
            run.stdin.flush()
            return json.loads(run.stdout.readline())

        best, course, values = math.inf, [], []
        for _ in range(n):
            ask = say({"cmd": "ask"})
            value, reported = f(ask["params"])
            off = violation(limits, reported)
            values.append(value)
            if off == 0:
                best = min(best, value)
            course.append(best)
            tell = {"cmd": "tell", "id": ask["id"], "value": value}
            if how == "limits":
                tell["limits"] = reported
            elif how == "penalty":
                tell["value"] += 10 * off
            elif how == "failure" and off > 0:
                tell["value"] = None
            assert "ok" in say(tell)
        run.stdin.close()
        run.wait()
    return course


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("consort")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--n", type=int, default=60)
    parser.add_argument("--method", default="bayes")
    args = parser.parse_args()
    hows = ["limits", "penalty", "failure", "ignored", "random"]
    marks = [args.n // 3, 2 * args.n // 3, args.n]
    print(f"{'':10}" + "".join(f"{how:>24}" for how in hows))
    for name in PROBLEMS:
        least, ten = scale(name)
        line = f"{name:10}"
        for how in hows:
            courses = [search(args.consort, name, how, args.n, seed, args.method) for seed in range(args.seeds)]
            means = [statistics.mean(min(2, (c[m - 1] - least) / (ten - least)) for c in courses) for m in marks]
            line += f"{' / '.join(f'{m:.3f}' for m in means):>24}"
        print(line, flush=True)


if __name__ == "__main__":
    main()
