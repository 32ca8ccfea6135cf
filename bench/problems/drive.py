#!/usr/bin/env python3
"""Drives searches over problems that they may be tuned on, and compares them on paired seeds.

  drive.py run --name old --program build/consort --problems models,functions --seeds 0:8
  drive.py run --name tpe --peer tpe --problems models --seeds 0:8
  drive.py compare old new [FILE...]                 paired by problem and seed
  drive.py table [FILE...] [--names a,b] [--write]   all of them: mean regret, and a against the others
  drive.py ask --program build/consort --sampler tpe --at 100,1000,5000 --params 7,30
                                                     milliseconds of a proposal
  drive.py list                                      the problems, and what an evaluation takes

Problems: the sets models, functions, rugged, smooth, all; single names (forest_blobs); names that end in *
(levels*). models.py, functions.py and rugged.py have them. With --shared DIR (a folder with problems.py and
refs.json of the benchmark that bench/search.py drives) and --yahpo DIR also that benchmark's: its sets (real,
lcbench, analytic) and names.
  --out FILE         where runs go (build/bench/problems.jsonl); what compare and table read where no FILE is
                     given, beside the peers' runs in peers.jsonl, which they always read
  --sampler bayes    `method` of the sweep file; --pending 8: so many at a time, which end out of order
  --peer             tpe, gp, cmaes (Optuna), random; smac (--smac-python: a Python that has SMAC3)
  --budget 100       evaluations; compared is the value of the incumbent at 10, 25, 50, 100, 200, 500

Regret is normalized by problem: 0 is the best known of all files given, 1 the median best of ten random points.
The geometric mean counts what is below .001 as .001. A noisy problem tells a fresh seed's value; the incumbent
is the best value heard, and scored is its mean over fixed seeds. A gain's error is its standard error over
seeds (problems are fixed). Runs append to --out, and what is there is skipped: a program that changed needs
another name. Evaluations of models are kept in --cache (build/bench/problems.sqlite), so that repeating costs
nothing; several processes may share it. It needs numpy, scikit-learn and xgboost; optuna, cmaes and torch for
its peers. The table of bench/RESULTS.md, DIR and YAHPO as above:

  drive.py run --name consort --problems models,functions,real --seeds 0:10 --shared DIR --yahpo YAHPO
  drive.py table --names consort,tpe,gp,cmaes,smac,random --shared DIR --yahpo YAHPO --write
"""

import argparse
import collections
import fnmatch
import functools
import heapq
import importlib
import json
import math
import os
import random
import sqlite3
import statistics
import sys
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import space  # noqa: E402
from searches import LABELS, Program, search  # noqa: E402

OURS = ["models", "functions", "rugged", "smooth"]
AT = [10, 25, 50, 100, 200, 500]
MARK = "<!-- bench/problems/drive.py -->"
LEAST = 0.001  # regret, in a geometric mean


# Problems


class Cache:
    """Evaluations by problem, parameters and seed."""

    def __init__(self, path):
        os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
        self.db = sqlite3.connect(path, timeout=60, isolation_level=None)
        self.db.execute("pragma journal_mode=wal")
        self.db.execute("pragma synchronous=off")
        self.db.execute("create table if not exists value (key text primary key, value real) without rowid")

    def get(self, key, compute):
        found = self.db.execute("select value from value where key = ?", (key,)).fetchone()
        if found:
            return found[0]
        value = compute()
        self.db.execute("insert or ignore into value values (?, ?)", (key, value))
        return value


class Problems:
    def __init__(self, a):
        self.a, self.cache = a, Cache(a.cache)
        self.sets, self.refs = {}, {}
        from functions import FUNCTIONS
        from rugged import RUGGED, SMOOTH

        self.sets = {
            "functions": list(FUNCTIONS),
            "models": self.models(),
            "rugged": list(RUGGED),
            "smooth": list(SMOOTH),
        }
        self.sets["all"] = [name for names in self.sets.values() for name in names]
        if a.shared:
            sys.path.append(a.shared)
            sys.dont_write_bytecode = True
            self.theirs = importlib.import_module("problems")
            self.sets.update({k: v for k, v in self.theirs.SETS.items() if k != "all"})
            with open(os.path.join(a.shared, "refs.json")) as f:
                self.refs = json.load(f)

    @staticmethod
    def models():
        from models import MODELS

        return list(MODELS)

    def names(self, words):
        known = [n for s in self.sets.values() for n in s]
        out = []
        for w in words.split(","):
            found = self.sets.get(w) or list(dict.fromkeys(fnmatch.filter(known, w)))
            if not found and not (self.a.shared and ":" in w):
                raise SystemExit("no problem or set is called %s; there are %s" % (w, ", ".join(known)))
            out += found or [w]
        return list(dict.fromkeys(out))

    @functools.lru_cache(None)
    def get(self, name):
        from functions import FUNCTIONS
        from models import MODELS
        from rugged import RUGGED, SMOOTH

        for of in (MODELS, FUNCTIONS, RUGGED, SMOOTH):
            if name in of:
                return of[name]()
        p = self.theirs.get(name, self.a.yahpo)
        told = p.told
        if p.noise:

            def told(x, rng):
                return p.f(x) + rng.gauss(0, p.noise)

        params = [space.Param(q.name, q.kind, q.lo, q.hi, q.log, q.choices, q.cond) for q in p.space.params]
        return space.Problem(name, params, p.f, told, p.best, ":" in name)

    def evaluate(self, p, params, seed=None):
        """The value, or what is told with this seed."""
        compute = (lambda: p.value(params)) if seed is None else (lambda: p.told(params, random.Random(seed)))
        if not p.cached:
            return compute()
        return self.cache.get("%s %s %s" % (p.name, json.dumps(params, sort_keys=True), seed), compute)

    @functools.lru_cache(None)
    def scale(self, name):
        """The best that is known, and the median best of ten random points: of 600 points that quantile where a
        tenth power is a half."""
        if name in self.refs:
            return self.refs[name]["best"], self.refs[name]["random10"]
        p, rng = self.get(name), random.Random("scale " + name)
        values = sorted(self.evaluate(p, space.draw(p.params, rng)) for _ in range(600))
        return values[0] if p.best is None else p.best, values[round(600 * (1 - 0.5**0.1))]


def one_run(a, problems, name, seed):
    p, rng = problems.get(name), random.Random("time %d" % seed)
    opt = search(a, p.params, seed)
    heap, asked, now, best, trace, seen, twice = [], 0, 0.0, math.inf, [], set(), 0
    while len(trace) < a.budget:
        while asked < a.budget and len(heap) < a.pending:
            number, params = opt.ask()
            key = json.dumps(params, sort_keys=True)
            twice += key in seen
            seen.add(key)
            heapq.heappush(heap, (now + math.exp(rng.gauss(0, 0.5)), asked, number, params))
            asked += 1
        now, index, number, params = heapq.heappop(heap)
        told = problems.evaluate(p, params, "%d %d" % (seed, index) if p.told else None)
        opt.tell(number, told if math.isfinite(told) else None)
        if told < best:
            best, value = told, problems.evaluate(p, params) if p.told else told
        trace.append(value)
    seconds = opt.seconds()
    opt.close()
    return {
        "name": a.name,
        "problem": name,
        "seed": seed,
        "q": a.pending,
        "budget": a.budget,
        "best_at": {str(k): trace[k - 1] for k in AT if k <= a.budget},
        "cpu_s": round(seconds, 2),
        "twice": twice,
    }


def seeds_of(text):
    first, _, end = text.partition(":")
    return range(int(first), int(end)) if end else range(int(first))


def run(a):
    problems, done = Problems(a), set()
    if os.path.exists(a.out):
        for r in read([a.out]):
            done.add((r["name"], r["problem"], r["seed"], r["q"], r["budget"]))
    os.makedirs(os.path.dirname(os.path.abspath(a.out)), exist_ok=True)
    started = time.time()
    with open(a.out, "a") as out:
        for seed in seeds_of(a.seeds):
            for name in problems.names(a.problems):
                if a.minutes and time.time() - started > 60 * a.minutes:
                    raise SystemExit("stopped after %g minutes, before seed %d of %s" % (a.minutes, seed, name))
                if (a.name, name, seed, a.pending, a.budget) not in done:
                    out.write(json.dumps(one_run(a, problems, name, seed)) + "\n")
                    out.flush()


# Comparisons


def read(files):
    return [json.loads(line) for file in files for line in open(file)]


class Regret:
    def __init__(self, problems, rows):
        self.scale = {}
        for r in rows:
            name = r["problem"]
            key = name.replace("lcbench-noisy", "lcbench")
            if name not in self.scale:
                self.scale[name] = list(problems.scale(key))
            if problems.get(name).best is None:
                self.scale[name][0] = min([self.scale[name][0]] + list(r["best_at"].values()))

    def __call__(self, r, at):
        best, random10 = self.scale[r["problem"]]
        return (r["best_at"][str(at)] - best) / (random10 - best)


def group_of(name):
    from functions import FUNCTIONS
    from models import MODELS
    from rugged import RUGGED, SMOOTH

    for group, of in zip(OURS, (MODELS, FUNCTIONS, RUGGED, SMOOTH)):
        if name in of:
            return group
    return name.split(":")[0] if ":" in name else "analytic"


def mean_error(by_problem):
    """Mean over problems of means over seeds, and its standard error."""
    by_problem = [v for v in by_problem if v]
    error = sum(statistics.variance(v) / len(v) for v in by_problem if len(v) > 1)
    return statistics.mean(statistics.mean(v) for v in by_problem), math.sqrt(error) / len(by_problem)


def geometric(values):
    return math.exp(statistics.mean(math.log(max(v, LEAST)) for v in values))


def selected(a):
    """Rows that a table or a comparison looks at, and their regret; all files say what is the best known."""
    problems = Problems(a)
    peers = os.path.join(HERE, "peers.jsonl")
    files = (a.files or [a.out]) + [peers] * os.path.exists(peers)
    rows = [r for r in read(files) if a.shared or group_of(r["problem"]) in OURS]
    regret = Regret(problems, rows)
    if a.problems:
        names = problems.names(a.problems)
        rows = [r for r in rows if r["problem"] in names]
    rows = [r for r in rows if r["q"] == a.pending]
    return rows, regret


def compare(a):
    rows, regret = selected(a)
    by = collections.defaultdict(dict)
    for r in rows:  # of several budgets all count, the longer one first
        for at, value in r["best_at"].items():
            by[r["name"], r["problem"]].setdefault((int(at), r["seed"]), r)
    groups = collections.defaultdict(list)
    for name in sorted({p for _, p in by}):
        if by.get((a.a, name)) and by.get((a.b, name)):
            groups[group_of(name)].append(name)
    for group, names in groups.items():
        print("\n%s: %d problems, %s against %s" % (group, len(names), a.a, a.b))
        print(
            "%5s %5s  %8s %8s  %8s %8s  %9s  %s"
            % ("at", "runs", a.a[:8], a.b[:8], "geo", "geo", "won:lost", "gain of " + a.b)
        )
        for at in AT:
            one, two, gain, won, lost = [], [], [], 0, 0
            for name in names:
                x, y = by[a.a, name], by[a.b, name]
                keys = [k for k in x if k[0] == at and k in y]
                v, w = [regret(x[k], at) for k in keys], [regret(y[k], at) for k in keys]
                one.append(v), two.append(w), gain.append([i - j for i, j in zip(v, w)])
                won += sum(i - j > 1e-9 for i, j in zip(v, w))
                lost += sum(j - i > 1e-9 for i, j in zip(v, w))
            if any(one):
                print(
                    "%5d %5d  %8.3f %8.3f  %8.3f %8.3f  %4d:%-4d  %+.3f ± %.3f"
                    % (
                        at,
                        sum(map(len, one)),
                        mean_error(one)[0],
                        mean_error(two)[0],
                        geometric([v for s in one for v in s]),
                        geometric([v for s in two for v in s]),
                        won,
                        lost,
                        *mean_error(gain),
                    )
                )
        ats = [at for at in AT if any(k[0] == at and k in by[a.b, n] for n in names for k in by[a.a, n])]
        print("%-20s" % "mean, won:lost" + "".join("%22s" % ("@%d" % at) for at in ats))
        for name in names:
            cells = ""
            for at in ats:
                x, y = by[a.a, name], by[a.b, name]
                pairs = [(regret(x[k], at), regret(y[k], at)) for k in x if k[0] == at and k in y]
                cells += "%22s" % (
                    "%.3f %.3f %2d:%-2d"
                    % (
                        statistics.mean(p[0] for p in pairs),
                        statistics.mean(p[1] for p in pairs),
                        sum(p[0] - p[1] > 1e-9 for p in pairs),
                        sum(p[1] - p[0] > 1e-9 for p in pairs),
                    )
                    if pairs
                    else ""
                )
            print("%-20s" % name + cells)


def standings(rows, names, regret):
    """Mean regret of all that have every problem, by that after 100 evaluations or the last that there is."""
    ats = [at for at in AT if any(str(at) in r["best_at"] for r in rows)]
    problems = sorted({r["problem"] for r in rows})
    out = [
        "| | runs | %s | CPU s a run |" % " | ".join("@%d" % at for at in ats),
        "|---|--:|" + "--:|" * (len(ats) + 1),
    ]
    lines = []
    for name in names:
        his = [r for r in rows if r["name"] == name]
        if {r["problem"] for r in his} != set(problems):
            continue
        cells = {}
        for at in ats:
            values = [
                [regret(r, at) for r in his if r["problem"] == p and str(at) in r["best_at"]] for p in problems
            ]
            mean, error = mean_error(values) if all(values) else (0, 0)
            cells[at] = "" if not all(values) else "%.3f ± %.3f" % (mean, error) if error else "%.3f" % mean
        words = [LABELS.get(name, name), str(len(his))] + list(cells.values())
        words.append("%.1f" % statistics.mean(r["cpu_s"] for r in his))
        lines.append((cells.get(100) or cells[ats[-1]], "| %s |" % " | ".join(words)))
    return out + [line for _, line in sorted(lines)]


def duels(rows, names, regret):
    """The first name against each other on the same problems and seeds."""
    by = {(r["name"], r["problem"], r["seed"]): r for r in rows}
    out = []
    for name in names[1:]:
        words = []
        for at in (25, 50, 100):
            won = lost = 0
            for (who, problem, seed), r in by.items():
                other = by.get((name, problem, seed))
                if who == names[0] and other and str(at) in r["best_at"] and str(at) in other["best_at"]:
                    gain = regret(other, at) - regret(r, at)
                    won, lost = won + (gain > 1e-9), lost + (gain < -1e-9)
            if won + lost:
                words.append("%d:%d" % (won, lost))
        if words:
            out.append("%s %s" % (LABELS.get(name, name), ", ".join(words)))
    return "%s against them, won:lost after 25, 50 and 100: %s." % (names[0], "; ".join(out)) if out else ""


def table(a):
    rows, regret = selected(a)
    names = a.names.split(",") if a.names else list(dict.fromkeys(r["name"] for r in rows))
    out = []
    for group in dict.fromkeys(group_of(r["problem"]) for r in rows):
        mine = [r for r in rows if group_of(r["problem"]) == group and r["name"] in names]
        if mine:
            title = "%s: %d problems, %d pending." % (group, len({r["problem"] for r in mine}), a.pending)
            won = duels(mine, names, regret)
            out += ["", title, ""] + standings(mine, names, regret) + ["", won][: 2 * bool(won)]
    text = "\n".join(out[1:]) + "\n"
    print(text)
    if a.write:
        sys.path.append(os.path.dirname(HERE))
        from results import write_table

        write_table(MARK, text)


def ask(a):
    """CPU of an ask once so many random points were told; the mean of some that are told, too."""
    for n_params in [int(x) for x in a.params.split(",")]:
        params = [
            (
                space.number("x%d" % i, 0, 1)
                if i % 7 < 3
                else (
                    space.number("x%d" % i, 1e-4, 1, True)
                    if i % 7 < 4
                    else (
                        space.whole("x%d" % i, 1, 30)
                        if i % 7 < 6
                        else space.category("x%d" % i, ["a", "b", "c", "d"])
                    )
                )
            )
            for i in range(n_params)
        ]
        weight = {p.name: 0.8**i for i, p in enumerate(params)}

        def value(x):
            return sum(
                weight[k] * ((ord(v) - 97) / 3 if isinstance(v, str) else abs(v - 0.3)) for k, v in x.items()
            )

        for n in [int(x) for x in a.at.split(",")]:
            rng = random.Random(5)
            opt = Program(params, [a.program, "ask-tell", "{space}", "--seed", "{seed}"], a.sampler, 0)
            for _ in range(n):
                x = space.draw(params, rng)
                opt.observe(x, value(x))
            start, asks = opt.seconds(), 0
            while asks < a.asks and opt.seconds() - start < 20:
                number, x = opt.ask()
                opt.tell(number, value(x))
                asks += 1
            print(
                "%s %d trials, %d parameters: %.1f ms an ask (%d asks)"
                % (a.sampler, n, n_params, 1e3 * (opt.seconds() - start) / asks, asks),
                flush=True,
            )
            opt.close()


def listing(a):
    problems = Problems(a)
    for name in problems.names(a.problems or "all"):
        p, rng = problems.get(name), random.Random(1)
        points = [space.draw(p.params, rng) for _ in range(30)]
        start = time.process_time()
        values = sorted(p.told(x, rng) if p.told else p.value(x) for x in points)
        taken = (time.process_time() - start) / len(points)
        kinds = collections.Counter(q.kind for q in p.params)
        print(
            "%-18s %2d categories, %2d whole, %2d numbers, %2d of these conditional%s; %5.1f ms; %.3f %.3f %.3f"
            % (
                name,
                kinds["cat"],
                kinds["int"],
                kinds["float"],
                sum(q.cond is not None for q in p.params),
                ", noisy" if p.told else "",
                1e3 * taken,
                values[0],
                values[15],
                values[29],
            )
        )


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    sub = ap.add_subparsers(dest="verb", required=True)
    for verb, does in (("run", run), ("compare", compare), ("table", table), ("ask", ask), ("list", listing)):
        s = sub.add_parser(verb)
        s.set_defaults(does=does)
        s.add_argument("--shared", default=os.environ.get("OPTIMIZER_BENCH"))
        s.add_argument("--yahpo", default=os.environ.get("YAHPO_DATA"))
        s.add_argument("--cache", default="build/bench/problems.sqlite")
        s.add_argument("--problems", default="all" if verb == "run" else None)
        s.add_argument("--pending", type=int, default=1)
        s.add_argument("--out", default="build/bench/problems.jsonl")
        if verb in ("run", "ask"):
            s.add_argument("--program", default="build/consort")
            s.add_argument("--sampler", default="bayes")
        if verb == "run":
            s.add_argument("--name", required=True)
            s.add_argument("--peer", choices=list(LABELS))
            s.add_argument("--smac-python", default=sys.executable)
            s.add_argument("--seeds", default="0:8", help="0:8 is 0 to 7")
            s.add_argument("--budget", type=int, default=100)
            s.add_argument("--minutes", type=float, default=0, help="begin no run after so many")
        if verb == "ask":
            s.add_argument("--at", default="100,1000,5000")
            s.add_argument("--params", default="7,30")
            s.add_argument("--asks", type=int, default=20)
        if verb == "compare":
            s.add_argument("a")
            s.add_argument("b")
        if verb == "table":
            s.add_argument("--names", help="only these, the first against the others")
            s.add_argument("--write", action="store_true", help="into bench/RESULTS.md")
        if verb in ("compare", "table"):
            s.add_argument("files", nargs="*")
    a = ap.parse_args()
    a.does(a)


main()
