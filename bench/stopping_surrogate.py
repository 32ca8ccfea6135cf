"""What early termination saves on learning curves of a surrogate (LCBench), as bench/stopping.py does on real
networks: many instances and exact curves, through a sweep of a program that prints one.

    python3 bench/stopping_surrogate.py build/consort BENCH --yahpo DIR [--instances 12] [--seeds 2]
                                        [--trials 100] [--methods random,bayes] [--known] [--write]
                                        [--regret [--rules none,halving,freeze_thaw]]

BENCH is the folder of the benchmark of bench/search.py, DIR its data; both stay where they are. The instances are
spread evenly over those that bench/search.py leaves out. Each study searches seven parameters; a whole run
reports its validation accuracy 52 times. The first study runs all trials to their ends. The others stop some, are given
twice as many trials, and are cut in trial order where a third of the first's epochs are spent. "as good": of so many
studies the best score is the full study's, or at most .02 points below. "epochs of as many trials": the share that
the first so many trials took, and how far their best is from the full study's. Needs numpy and onnx. --write puts
the table into bench/RESULTS.md, between two comments.

--regret: instead, how far the best value of any epoch is from the best there is after as many epochs as 5, 10, 20 and
40 whole runs have, in the order in which they were trained (one job, lookback 1): 1 is the median best of ten
random points, 0 the best of 20,000 or of any study. --known takes the benchmark's own instances instead of the
others. --curves INSTANCE answers bench/thaw.c, which searches the same curves without programs and in seconds.
"""
import argparse
import datetime
import json
import os
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading

from results import write_table

MARK, MARK_REGRET = ("<!-- bench/stopping_surrogate.py%s -->" % x for x in ("", " --regret"))
EPOCHS = 52
RULES = {"hyperband": "{type: hyperband}", "halving": "{type: halving, max_iter: 52}",
         "halving, eta 2": "{type: halving, max_iter: 52, eta: 2}", "median": "{type: median}",
         "freeze_thaw": "{type: freeze_thaw, max_iter: 52}"}
AFTER = [5, 10, 20, 40]  # whole runs
# How many trials spend as many epochs as the last, with something to spare.
REGRET_RULES = {"none": ("{type: none}", 40), "halving": (RULES["halving"], 170),
                "freeze_thaw": (RULES["freeze_thaw"], 100)}


# The program that a trial runs: it prints one curve, from the server that has the surrogate loaded.
ASK = """import os, socket, sys
to = socket.socket(socket.AF_UNIX)
to.connect(sys.argv[1])
to.sendall(" ".join([sys.argv[2]] + [word[2:] for word in sys.argv[3:]]).encode())
to.shutdown(socket.SHUT_WR)
while chunk := to.recv(1 << 16):
    os.write(1, chunk)
"""


def curve(problem, point, names):
    """All epochs at once."""
    import numpy as np
    x = np.array([[e] + [point[name] for name in names[1:]] for e in range(1, EPOCHS + 1)], dtype=np.float32)
    return problem.net({"x_cat": np.full((EPOCHS, 1), problem.cat, dtype=np.int64), "x_cont": x})[:, problem.col]


def serve(listener, problems, yahpo):
    known = {}
    while True:
        try:
            to, _ = listener.accept()
        except OSError:
            return
        with to:
            request = b""
            while chunk := to.recv(4096):
                request += chunk
            instance, *words = request.decode().split()
            if instance not in known:
                known[instance] = problems.LCBench(yahpo, instance)
            point = {key: float(value) for key, value in (word.split("=") for word in words)}
            lines = [json.dumps({"epoch": e + 1, "val_accuracy": float(y)})
                     for e, y in enumerate(curve(known[instance], point, problems._X))]
            to.sendall(("\n".join(lines) + "\n").encode())


def space(problem):
    lines = []
    for p in problem.space.params:
        kind = ("q_log_uniform_values" if p.log else "int_uniform") if p.kind == "int" else (
            "log_uniform_values" if p.log else "uniform")
        step = ", q: 1" if kind.startswith("q_") else ""
        lines.append(f"  {p.name}: {{distribution: {kind}, min: {p.lo}, max: {p.hi}{step}}}")
    return "\n".join(lines)


def sweep(method, rule, instance, seed, trials, text, options, folder):
    """The database, and the lines it said."""
    config, out = os.path.join(folder, "sweep.yaml"), os.path.join(folder, "study")
    words = [sys.executable, "-S", "-E", "-c", ASK, os.path.join(folder, "socket"), instance]
    with open(config, "w") as file:
        file.write(f"name: curves\ncommand: {json.dumps(words + ['${args}'])}\nmethod: {method}\n"
                   f"metric: {{name: val_accuracy, goal: maximize}}\nrun_cap: {trials}\nearly_terminate: {rule}\n"
                   f"run: {{seed: {seed}, lookback: {options.lookback}}}\nparameters:\n{text}\n")
    subprocess.run(["rm", "-rf", out], check=True)
    said = subprocess.run([options.consort, "sweep", config, "--dir", out, "-q", "--json", *options.words],
                          check=True, stdout=subprocess.PIPE, text=True).stdout
    return sqlite3.connect(os.path.join(out, "trials.db")), [json.loads(line) for line in said.splitlines()]


def study(*what):
    """Rows (state, value, epochs) in number order."""
    return sweep(*what)[0].execute("SELECT state, value, epochs FROM trial ORDER BY number").fetchall()


def trained(*what):
    """The best accuracy so far, epoch by epoch as they were trained."""
    db, said = sweep(*what)
    curves, at, best, out = {}, {}, float("-inf"), []
    for number, y in db.execute("SELECT number, val_metric FROM epoch JOIN trial USING (trial_id)"
                                " ORDER BY number, epoch"):
        curves.setdefault(number, []).append(y)
    for line in said:
        if line["event"] in ("trial_pause", "trial_end") and line["trial"] in curves:
            number = line["trial"]
            for y in curves[number][at.get(number, 0):line["epochs"]]:
                best = max(best, y)
                out.append(best)
            at[number] = max(line["epochs"], at.get(number, 0))
    return out


def random_points(problem, n, rng):
    import math
    for _ in range(n):
        point = {}
        for p in problem.space.params:
            u = rng.random()
            x = math.exp(math.log(p.lo) + u * math.log(p.hi / p.lo)) if p.log else p.lo + u * (p.hi - p.lo)
            point[p.name] = round(x) if p.kind == "int" else x
        yield point


def best_and_ten(problem):
    import numpy as np
    ends = [100 - y for y in problem.many(list(random_points(problem, 20000, np.random.default_rng(0))))]
    return max(ends), statistics.median(max(ends[i:i + 10]) for i in range(0, 2010, 10))


def answer(problem, names):
    """bench/thaw.c asks for curves, which it minimizes."""
    known = [100 - y for y in best_and_ten(problem)]
    print(f"{space(problem)}\n---\n{known[0]} {known[1]}", flush=True)
    for line in sys.stdin:
        point = dict(zip((p.name for p in problem.space.params), (float(word) for word in line.split())))
        print(" ".join("%.9g" % (100 - y) for y in curve(problem, point, names)), flush=True)


def regret(instances, problems, options, folder):
    rules = {name: REGRET_RULES[name] for name in options.rules.split(",")}
    found = {name: [] for name in rules}
    for instance in instances:
        problem = problems.LCBench(options.yahpo, instance)
        top, ten = best_and_ten(problem)
        runs = {}
        for seed in range(1, options.seeds + 1):
            for name, (rule, trials) in rules.items():
                runs[name, seed] = trained("bayes", rule, instance, seed, trials, space(problem), options,
                                           folder)
        best = max(top, *(max(run) for run in runs.values()))
        for (name, seed), run in runs.items():
            found[name].append([(best - run[min(n * EPOCHS, len(run)) - 1]) / (best - ten) for n in AFTER])
            print(instance, seed, name, " ".join("%.3f" % x for x in found[name][-1]), flush=True)
    lines, first = [], next(iter(found.values()))
    for name, rows in found.items():
        cells = []
        for k in range(len(AFTER)):
            mean = statistics.mean(row[k] for row in rows)
            won = sum(row[k] < whole[k] - 1e-9 for row, whole in zip(rows, first))
            lost = sum(row[k] > whole[k] + 1e-9 for row, whole in zip(rows, first))
            cells.append("%.2f" % mean + (" (%d:%d)" % (won, lost) if rows is not first else ""))
        lines.append("| %s | %s |" % (name, " | ".join(cells)))
    return lines


def cut(rows, epochs):
    """Best value of the trials that ran to their end before so many epochs are spent."""
    best, spent = float("-inf"), 0
    for state, value, used in rows:
        spent += used
        if spent > epochs:
            break
        if state == "COMPLETE":
            best = max(best, value)
    return best


def compare(method, instances, problems, options, folder):
    found = {rule: [] for rule in ["none", *RULES]}
    for instance in instances:
        text = space(problems.LCBench(options.yahpo, instance))
        for seed in range(1, options.seeds + 1):
            call = lambda rule, trials: study(method, rule, instance, seed, trials, text, options, folder)
            full = call("{type: none}", options.trials)
            total = sum(row[2] for row in full)
            best = cut(full, total)
            found["none"].append((best - cut(full, total / 3), 1, 0))
            for name, rule in RULES.items():
                rows = call(rule, 2 * options.trials)
                first = rows[:options.trials]
                found[name].append((best - cut(rows, total / 3), sum(row[2] for row in first) / total,
                                    best - cut(first, total)))
            print(method, instance, seed, {name: round(all_[-1][0], 3) for name, all_ in found.items()}, flush=True)
    lines = []
    for name, all_ in found.items():
        lost, share, gap = zip(*all_)
        good = sum(x <= .02 for x in lost)
        lines.append(f"| `{method}` | {name} | {good} of {len(lost)} | {statistics.median(lost):.2f} | "
                     f"{statistics.mean(lost):.2f} | {100 * statistics.mean(share):.0f} % | {statistics.mean(gap):.2f} |")
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("consort")
    parser.add_argument("bench")
    parser.add_argument("--yahpo", required=True)
    parser.add_argument("--instances", type=int, default=12)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--methods", default="random,bayes")
    parser.add_argument("--known", action="store_true")
    parser.add_argument("--curves", metavar="INSTANCE")
    parser.add_argument("--regret", action="store_true")
    parser.add_argument("--rules", default=",".join(REGRET_RULES), help="of --regret; the first is compared with")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    options.consort = os.path.abspath(options.consort)
    options.words, options.lookback = (["-j", "1"], 1) if options.regret else ([], "auto")
    sys.path.insert(0, options.bench)
    import problems
    if options.curves:
        return answer(problems.LCBench(options.yahpo, options.curves), problems._X)
    with open(os.path.join(options.yahpo, "lcbench", "encoding.json")) as file:
        known = sorted(json.load(file)["OpenML_task_id"])
    own = problems.LCBENCH_INSTANCES
    others = own if options.known else [name for name in known if name.isdigit() and name not in own]
    instances = others[::max(1, len(others) // options.instances)][:options.instances]
    lines = [f"{len(instances)} instances, {options.seeds} seeds, {options.trials} trials of {EPOCHS} epochs, "
             f"{datetime.date.today()}. Points of validation accuracy.", "",
             "| method | rule | as good, a third of the epochs | points lost, median | mean | epochs of as many trials |"
             " points lost |", "|---|---|--:|--:|--:|--:|--:|"]
    with tempfile.TemporaryDirectory(prefix="stopping-") as folder, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.join(folder, "socket"))
        listener.listen(64)
        threading.Thread(target=serve, args=(listener, problems, options.yahpo), daemon=True).start()
        if options.regret:
            lines = [f"{len(instances)} instances, {options.seeds} seeds, {datetime.date.today()}; in brackets, of as"
                     " many studies, better : worse than whole trials.", "",
                     "| `bayes` | " + " | ".join("%d epochs" % (n * EPOCHS) for n in AFTER) + " |",
                     "|---|" + "--:|" * len(AFTER)] + regret(instances, problems, options, folder)
        for method in options.methods.split(",") if not options.regret else []:
            lines += compare(method, instances, problems, options, folder)
    text = "\n".join(lines) + "\n"
    print(text)
    if options.write:
        write_table(MARK_REGRET if options.regret else MARK, text)


if __name__ == "__main__":
    main()
