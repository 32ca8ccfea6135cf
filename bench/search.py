#!/usr/bin/env python3
"""How good the search is: drives a benchmark of optimizers over the line protocol of `consort ask-tell` and
writes what came out into bench/RESULTS.md, between its two comments.

  bench/search.py CONSORT BENCH --yahpo DIR [--seeds 10] [--records FILE...] [--write]

BENCH is the folder of that benchmark: bench.py (subcommands run and overhead), refs.json, results/*.jsonl of
peers; --records adds further files of such runs. DIR holds lcbench/, the surrogate. Both stay where they are;
nothing of them is copied. Runs are kept in --out (build/bench/search.jsonl) and continued, so the script may be
stopped and started again; remove the file after a change to the sampler. --python names a Python that has numpy,
onnx and PyYAML. --parts: any of lcbench, analytic, batch (8 pending), overhead.
"""
import argparse
import collections
import glob
import json
import math
import os
import statistics
import subprocess
import sys

from results import write_table

MARK = "<!-- bench/search.py -->"
NAME = "consort"
PEER = "gp-4.9"  # Optuna 4.9 GPSampler
TARGETS = {("lcbench", 1): {"25": .20, "50": .06, "100": .025}, ("lcbench", 8): {"50": .10, "100": .04}}
PROBLEM_TARGETS = {"condmlp10": .10, "lognoisy6": .06, "mixed6": .01, "hartmann6": .005}


def call(a, words):
    env = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", PYTHONDONTWRITEBYTECODE="1")
    return subprocess.run([a.python, "bench.py"] + words, cwd=a.bench, env=env, check=True,
                          stdout=subprocess.PIPE, text=True).stdout


def measure(a):
    command = "cmd=%s ask-tell {space} --seed {seed}" % os.path.abspath(a.consort)
    common = ["--name", NAME, "--optimizer", "external", "--opt", command, "--yahpo", os.path.abspath(a.yahpo)]
    run = ["run", "--seeds", str(a.seeds), "--budget", "100", "--out", os.path.abspath(a.out)] + common
    for part, words in (("lcbench", ["--problems", "lcbench"]), ("analytic", ["--problems", "analytic"]),
                        ("batch", ["--problems", "lcbench", "--batch", "8"])):
        if part in a.parts:
            call(a, run + words)
    cost = a.out + ".overhead"
    if "overhead" in a.parts:
        text = call(a, ["overhead", "--at", "100,500,1000,2000", "--reps", "20"] + common)
        with open(cost, "w") as f:
            f.write(text)
    return [json.loads(line) for line in open(cost)] if os.path.exists(cost) else []


def read_runs(a):
    """Runs by (name, problem, seed, pending); of several budgets the shorter: it has what is compared."""
    runs = {}
    for file in sorted(glob.glob(os.path.join(a.bench, "results", "*.jsonl"))) + a.records + [a.out]:
        for line in open(file):
            r = json.loads(line)
            key = (r["name"], r["problem"], r["seed"], r["q"])
            if key not in runs or r["budget"] < runs[key]["budget"]:
                runs[key] = r
    return runs


class Score:
    """(value - best known) / (median best of 10 random points - best known), as the benchmark defines it."""

    def __init__(self, a, runs):
        self.refs = json.load(open(os.path.join(a.bench, "refs.json")))
        for r in runs.values():
            k = r["problem"].replace("lcbench-noisy", "lcbench")
            if k.startswith("lcbench"):
                self.refs[k]["best"] = min([self.refs[k]["best"]] + list(r["best_at"].values()))

    def __call__(self, r, at):
        ref = self.refs[r["problem"].replace("lcbench-noisy", "lcbench")]
        return (r["best_at"][at] - ref["best"]) / (ref["random10"] - ref["best"])


def summary(score, runs, at):
    """Mean over problems of means over seeds, its standard error from the spread over seeds, the worst run."""
    by = collections.defaultdict(list)
    for r in runs:
        by[r["problem"]].append(score(r, at))
    means = [statistics.mean(v) for v in by.values()]
    error = math.sqrt(sum(statistics.pvariance(v) / len(v) for v in by.values())) / len(by)
    return statistics.mean(means), error, max(max(v) for v in by.values())


def sign_test(wins, losses):
    n, m = wins + losses, min(wins, losses)
    return min(1.0, 2 * sum(math.comb(n, k) for k in range(m + 1)) / 2 ** n) if n else 1.0


def tables(a, runs, costs):
    score = Score(a, runs)
    out = []
    for group, q in (("lcbench", 1), ("lcbench", 8)):
        chosen = collections.defaultdict(list)
        for (name, problem, _, pending), r in runs.items():
            if problem.startswith(group + ":") and pending == q:
                chosen[name].append(r)
        problems = {r["problem"] for r in chosen.get(NAME, [])}
        if not problems:
            continue
        target = TARGETS[(group, q)]
        out += ["", "LCBench, %d instances, %d pending: mean normalized regret after so many evaluations."
                % (len(problems), q), "",
                "| | runs | @25 | @50 | @100 | worst run @100 | CPU s/run |", "|---|--:|--:|--:|--:|--:|--:|",
                "| target | | %s | %s | %s | %s | |" % tuple(
                    [target.get(k, "") for k in ("25", "50", "100")] + [.3 if q == 1 else ""])]
        rows = []
        for name, rs in chosen.items():
            rs = [r for r in rs if r["problem"] in problems]
            if {r["problem"] for r in rs} != problems:
                continue
            cells = {k: summary(score, rs, k) for k in ("25", "50", "100")}
            rows.append((cells["100"][0], "| %s | %d | %s | %.2f | %.1f |" % (
                name, len(rs), " | ".join("%.3f ± %.3f" % cells[k][:2] for k in ("25", "50", "100")),
                cells["100"][2], statistics.mean(r["cpu_s"] for r in rs))))
        out += [row for _, row in sorted(rows)]
    pairs = []
    for at in ("50", "100"):
        wins = losses = 0
        gain = []
        for (name, problem, seed, q), r in runs.items():
            other = runs.get((PEER, problem, seed, q))
            if name == NAME and other and problem.startswith("lcbench:") and q == 1:
                d = score(other, at) - score(r, at)
                gain.append(d)
                wins, losses = wins + (d > 0), losses + (d < 0)
        if gain:
            p = sign_test(wins, losses)
            pairs.append("@%s %d to %d, mean gain %.3f, p %s" % (
                at, wins, losses, statistics.mean(gain), "< 0.001" if p < .001 else "= %.3f" % p))
    if pairs:
        out += ["", "Against Optuna 4.9's GPSampler on the same LCBench instances and seeds, wins to losses (sign"
                " test): " + "; ".join(pairs) + "."]
    analytic = sorted({r["problem"] for r in runs.values() if r["name"] == NAME and ":" not in r["problem"]})
    if analytic:
        out += ["", "Analytic problems, one pending.", "",
                "| problem | runs | @25 | @50 | @100 | worst run @100 | target @100 |",
                "|---|--:|--:|--:|--:|--:|--:|"]
    for p in analytic:
        rs = [r for (name, problem, _, q), r in runs.items() if (name, problem, q) == (NAME, p, 1)]
        cells = [summary(score, rs, k)[0] for k in ("25", "50", "100")]
        out.append("| %s | %d | %.3f | %.3f | %.3f | %.2f | %s |" % (
            p, len(rs), *cells, summary(score, rs, "100")[2], PROBLEM_TARGETS.get(p, "")))
    if costs:
        out += ["", "CPU of one ask once so many evaluations have been handed over (7 dimensions):", "",
                "| evaluations | first ask | the next, each |", "|--:|--:|--:|"]
        out += ["| %d | %.0f ms | %.1f ms |" % (c["n"], 1e3 * c["first_ask_cpu_s"], 1e3 * c["next_asks_cpu_s"])
                for c in costs]
    return "\n".join(out[1:]) + "\n"


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("consort")
    ap.add_argument("bench", nargs="?", default=os.environ.get("OPTIMIZER_BENCH"))
    ap.add_argument("--yahpo", default=os.environ.get("YAHPO_DATA"))
    ap.add_argument("--python", default=os.environ.get("PYTHON", sys.executable))
    ap.add_argument("--seeds", type=int, default=10)
    ap.add_argument("--out", default="build/bench/search.jsonl")
    ap.add_argument("--records", nargs="+", default=[])
    ap.add_argument("--parts", default="lcbench,analytic,batch,overhead")
    ap.add_argument("--write", action="store_true", help="the tables into bench/RESULTS.md")
    a = ap.parse_args()
    if not a.bench or not a.yahpo:
        ap.error("BENCH and --yahpo (or OPTIMIZER_BENCH and YAHPO_DATA) say where the benchmark and its data are")
    os.makedirs(os.path.dirname(os.path.abspath(a.out)), exist_ok=True)
    a.parts = [p for p in a.parts.split(",") if p]
    costs = measure(a)
    text = tables(a, read_runs(a), costs)
    print(text)
    if a.write:
        write_table(MARK, text)


main()
