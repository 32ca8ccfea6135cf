#!/usr/bin/env python3
"""What weighing costs is worth: the best validation accuracy over CPU seconds of `bayes` with and without
cost_aware, each with whole trials and with halving, beside Optuna's TPE that drives scikit-learn's MLP.

  bench/costs.py build/consort --data FOLDER [--only vehicle,credit-g,segment] [--seeds 0:4] [--trials 50]
                 [--contenders plain,cost,halving,halving-cost,optuna] [--runs build/bench/costs.jsonl]

FOLDER holds the tables as .arff. All search layers, widths (4 to 256), batch (8 to 256), rate, decay, activation,
epochs (5 to 100; with halving 50) on the same rows, a quarter of them held out, with one job. Seconds are of the
whole process, spread over its trials as these took them. optuna and scikit-learn are for their contender alone.
Runs are kept in --runs and not repeated. The table says the mean best accuracy when a share of what Optuna takes
for all its trials has been spent, and after which share each seed had reached Optuna's mean.
"""
import argparse
import csv
import json
import os
import random
import re
import resource
import sqlite3
import statistics
import subprocess
import tempfile
import time
import warnings

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"

SHARES = (60, 30, 15, 8, 4)
EPOCHS = '  epochs: {distribution: q_log_uniform_values, min: 5, max: 100, q: 1}\n'
SPACE = """parameters:
  learning_rate: {distribution: log_uniform_values, min: 0.0003, max: 0.1}
  batch_size: {distribution: q_log_uniform_values, min: 8, max: 256, q: 1}
  num_layers: {min: 1, max: 3}
  width_1: {distribution: q_log_uniform_values, min: 4, max: 256, q: 1}
  width_2: {distribution: q_log_uniform_values, min: 4, max: 256, q: 1, when: "num_layers >= 2"}
  width_3: {distribution: q_log_uniform_values, min: 4, max: 256, q: 1, when: "num_layers >= 3"}
  activation: {values: [relu, tanh]}
  weight_decay: {distribution: log_uniform_values, min: 0.00001, max: 0.3}
"""


def read_table(folder, name):
    """Rows of words, each with train or valid at its end: a quarter of every class is held out."""
    rows, inside = [], False
    with open(os.path.join(folder, name + ".arff")) as file:
        for line in map(str.strip, file):
            if inside and line and line[0] != "%":
                rows.append([w.strip() for w in next(csv.reader([line], quotechar="'", skipinitialspace=True))])
            inside |= line.lower().startswith("@data")
    draw, of_class = random.Random(1), {}
    for i, row in enumerate(rows):
        of_class.setdefault(row[-1], []).append(i)
    part = ["train"] * len(rows)
    for label in sorted(of_class):
        draw.shuffle(of_class[label])
        for i in of_class[label][: round(len(of_class[label]) / 4)]:
            part[i] = "valid"
    return [row + [p] for row, p in zip(rows, part)]


def ours(a, name, contender, seed, folder):
    """Seconds so far and accuracy of every trial."""
    rows = read_table(a.data, name)
    with open(os.path.join(folder, "table.csv"), "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["c%d" % i for i in range(len(rows[0]) - 2)] + ["class", "part"])
        writer.writerows(rows)
    halving = "halving" in contender
    with open(os.path.join(folder, "costs.yaml"), "w") as file:
        file.write("name: costs\nmethod: bayes\nmetric: {name: val_accuracy}\n"
                   "run_cap: %d\ncost_aware: %s\n%s%s%s"
                   "data: {train: table.csv, label: class, split_column: part}\ntrain: {schedule: cosine%s}\n"
                   "run: {seed: %d, jobs: 1, keep_models: 1}\n" % (
                       a.trials, 50 if "cost" in contender else "none", SPACE, "" if halving else EPOCHS,
                       "early_terminate: {type: halving}\n" if halving else "",
                       ", epochs: 50" if halving else "", seed))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([os.path.abspath(a.consort), "sweep", "costs.yaml", "--dir", "study", "-qq"], cwd=folder,
                   check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    trials = sqlite3.connect(os.path.join(folder, "study", "trials.db")).execute(
        "SELECT coalesce(cpu_s, 0), coalesce(value, 0) FROM trial ORDER BY number").fetchall()
    out, spent, factor = [], 0, used / sum(t[0] for t in trials)
    for seconds, value in trials:
        spent += factor * seconds
        out.append((spent, value))
    return out


def optuna_runs(a, name, seed):
    import numpy as np
    import optuna
    from sklearn.neural_network import MLPClassifier
    from sklearn.preprocessing import StandardScaler
    warnings.filterwarnings("ignore")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    rows = read_table(a.data, name)
    train = np.array([row[-1] == "train" for row in rows])
    labels = np.array([row[-2] for row in rows])
    columns = []
    for words in list(zip(*rows))[:-2]:
        if all(re.fullmatch(r"[-+.\deE]+", w) for w in words):
            columns.append(np.array(words, float)[:, None])
        else:
            columns.append((np.array(words)[:, None] == np.unique(words)[None]).astype(float))
    x = np.hstack(columns)
    x = StandardScaler().fit(x[train]).transform(x)
    out, start = [], time.process_time()

    def objective(trial):
        layers = trial.suggest_int("num_layers", 1, 3)
        model = MLPClassifier(
            hidden_layer_sizes=[trial.suggest_int("width_%d" % i, 4, 256, log=True) for i in range(layers)],
            learning_rate_init=trial.suggest_float("learning_rate", .0003, .1, log=True),
            batch_size=trial.suggest_int("batch_size", 8, 256, log=True),
            activation=trial.suggest_categorical("activation", ["relu", "tanh"]),
            alpha=trial.suggest_float("alpha", 1e-5, .3, log=True),
            max_iter=trial.suggest_int("epochs", 5, 100, log=True), random_state=0, tol=0,
            n_iter_no_change=1000)
        value = float((model.fit(x[train], labels[train]).predict(x[~train]) == labels[~train]).mean())
        out.append((time.process_time() - start, value))
        return value
    optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed)).optimize(
        objective, n_trials=a.trials)
    return out


def best(run, seconds):
    return max([value for spent, value in run if spent <= seconds] or [0])


def table(runs, a):
    for name in a.only.split(","):
        peers = [r["run"] for r in runs if r["name"] == name and r["contender"] == "optuna"]
        if not peers:
            continue
        used = statistics.mean(run[-1][0] for run in peers)
        goal = statistics.mean(best(run, 1e9) for run in peers)
        print("\n%s: Optuna and scikit-learn take %.1f s for %d trials and reach %.4f (%d seeds)\n"
              % (name, used, a.trials, goal, len(peers)))
        print("| | seeds | %s | all trials, s | reached after |" % " | ".join("1/%d" % s for s in SHARES))
        print("|---|--:|" + "--:|" * (len(SHARES) + 1) + "---|")
        for contender in a.contenders.split(","):
            own = [r["run"] for r in runs if r["name"] == name and r["contender"] == contender]
            if not own or contender == "optuna":
                continue
            reached = [next((spent for spent, value in run if value >= goal - 1e-9), None) for run in own]
            print("| %s | %d | %s | %.1f | %s |" % (
                contender, len(own),
                " | ".join("%.4f" % statistics.mean(best(run, used / s) for run in own) for s in SHARES),
                statistics.mean(run[-1][0] for run in own),
                ", ".join("1/%.0f" % (used / t) if t else "never" for t in reached)))


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("consort")
    ap.add_argument("--data", required=True)
    ap.add_argument("--only", default="vehicle,credit-g,segment")
    ap.add_argument("--seeds", default="0:4")
    ap.add_argument("--trials", type=int, default=50)
    ap.add_argument("--contenders", default="plain,cost,halving,halving-cost,optuna")
    ap.add_argument("--runs", default="build/bench/costs.jsonl")
    a = ap.parse_args()
    os.makedirs(os.path.dirname(os.path.abspath(a.runs)), exist_ok=True)
    runs = [json.loads(line) for line in open(a.runs)] if os.path.exists(a.runs) else []
    done = {(r["name"], r["contender"], r["seed"], len(r["run"])) for r in runs}
    for seed in range(*map(int, a.seeds.split(":"))):
        for name in a.only.split(","):
            for contender in a.contenders.split(","):
                if (name, contender, seed, a.trials) in done:
                    continue
                with tempfile.TemporaryDirectory() as folder:
                    run = (optuna_runs(a, name, seed) if contender == "optuna"
                           else ours(a, name, contender, seed, folder))
                runs.append({"name": name, "contender": contender, "seed": seed, "run": run})
                with open(a.runs, "a") as file:
                    file.write(json.dumps(runs[-1]) + "\n")
    table(runs, a)


main()
