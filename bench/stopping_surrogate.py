"""What early termination saves on learning curves of a surrogate (LCBench), as bench/stopping.py does on real
networks: many instances and exact curves, through a sweep of a program that prints one.

    python3 bench/stopping_surrogate.py build/consort BENCH --yahpo DIR [--instances 12] [--seeds 2]
                                        [--trials 100] [--methods random,bayes] [--write]

BENCH is the folder of the benchmark of bench/search.py, DIR its data; both stay where they are. The instances are
spread evenly over those that bench/search.py leaves out. Each study searches seven parameters; a whole run
reports its validation accuracy 52 times. The first study runs all trials to their ends. The others stop some, are given
twice as many trials, and are cut in trial order where a third of the first's epochs are spent. "as good": of so many
studies the best score is the full study's, or at most .02 points below. "epochs of as many trials": the share that
the first so many trials took, and how far their best is from the full study's. Needs numpy and onnx. --write puts
the table into bench/RESULTS.md, between two comments.
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

MARK = "<!-- bench/stopping_surrogate.py -->"
EPOCHS = 52
RULES = {"hyperband": "{type: hyperband}", "halving": "{type: halving, max_iter: 52}",
         "halving, eta 2": "{type: halving, max_iter: 52, eta: 2}", "median": "{type: median}"}


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


def study(method, rule, instance, seed, trials, text, options, folder):
    """Rows (state, value, epochs) in number order."""
    config, out = os.path.join(folder, "sweep.yaml"), os.path.join(folder, "study")
    words = [sys.executable, "-S", "-E", "-c", ASK, os.path.join(folder, "socket"), instance]
    with open(config, "w") as file:
        file.write(f"name: curves\ncommand: {json.dumps(words + ['${args}'])}\nmethod: {method}\n"
                   f"metric: {{name: val_accuracy, goal: maximize}}\nrun_cap: {trials}\nearly_terminate: {rule}\n"
                   f"run: {{seed: {seed}}}\nparameters:\n{text}\n")
    subprocess.run(["rm", "-rf", out], check=True)
    subprocess.run([options.consort, "sweep", config, "--dir", out, "-qq"], check=True, stdout=subprocess.DEVNULL)
    db = sqlite3.connect(os.path.join(out, "trials.db"))
    return db.execute("SELECT state, value, epochs FROM trial ORDER BY number").fetchall()


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
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    options.consort = os.path.abspath(options.consort)
    sys.path.insert(0, options.bench)
    import problems
    with open(os.path.join(options.yahpo, "lcbench", "encoding.json")) as file:
        known = sorted(json.load(file)["OpenML_task_id"])
    others = [name for name in known if name.isdigit() and name not in problems.LCBENCH_INSTANCES]
    instances = others[::max(1, len(others) // options.instances)][:options.instances]
    lines = [f"{len(instances)} instances, {options.seeds} seeds, {options.trials} trials of {EPOCHS} epochs, "
             f"{datetime.date.today()}. Points of validation accuracy.", "",
             "| method | rule | as good, a third of the epochs | points lost, median | mean | epochs of as many trials |"
             " points lost |", "|---|---|--:|--:|--:|--:|--:|"]
    with tempfile.TemporaryDirectory(prefix="stopping-") as folder, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.join(folder, "socket"))
        listener.listen(64)
        threading.Thread(target=serve, args=(listener, problems, options.yahpo), daemon=True).start()
        for method in options.methods.split(","):
            lines += compare(method, instances, problems, options, folder)
    text = "\n".join(lines) + "\n"
    print(text)
    if options.write:
        write_table(MARK, text)


if __name__ == "__main__":
    main()
