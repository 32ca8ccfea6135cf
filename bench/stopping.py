"""What early termination saves: the same study without it, and with a third of its epochs with it.

    python3 bench/stopping.py build/consort [--data FOLDER] [--only spambase,segment,splice] [--seeds 3]
                              [--trials 54] [--methods random,bayes] [--write]

Each study searches the same eight parameters of a network on one table (hold-out of a quarter, 27 epochs, one
cosine). The first runs so many trials to their ends. The others may start more, and are cut in trial order
where a third of the first's epochs are spent. The best validation accuracy is that of trials that ran to
their end. Epochs do not depend on how busy the machine is. The second table says how early epochs rank: over
the first study's trials, the rank correlation of the best value up to an epoch, and of the value at it, with the
best of all epochs. Needs nothing but Python itself. --write puts the tables into bench/RESULTS.md, between two
comments.
"""
import argparse
import datetime
import os
import sqlite3
import statistics
import subprocess
import tempfile

from results import write_table

MARK = "<!-- bench/stopping.py -->"
EPOCHS, RANKED = 27, (2, 3, 6, 9, 13)
SPACE = """parameters:
  learning_rate: {distribution: log_uniform_values, min: 0.0005, max: 0.05}
  batch_size: {values: [32, 64, 128, 256]}
  num_layers: {min: 1, max: 3}
  width_1: {distribution: q_log_uniform_values, min: 16, max: 256, q: 16}
  width_2: {distribution: q_log_uniform_values, min: 16, max: 256, q: 16, when: "num_layers >= 2"}
  width_3: {distribution: q_log_uniform_values, min: 16, max: 256, q: 16, when: "num_layers >= 3"}
  activation: {values: [relu, selu, mish]}
  dropout: {distribution: q_uniform, min: 0.0, max: 0.5, q: 0.05}
  weight_decay: {distribution: log_uniform_values, min: 0.0001, max: 0.3, zero_prob: 0.3}
"""
RULES = {"none": "{type: none}", "hyperband": "{type: hyperband}", "halving": "{type: halving}"}


def study(method, name, seed, rule, trials, options, folder):
    """Rows (state, value, epochs) in number order, and the learning curves of full trials."""
    config, out = os.path.join(folder, "stopping.yaml"), os.path.join(folder, f"{method}-{name}-{seed}-{rule}")
    with open(config, "w") as file:
        file.write(f"name: stopping\nmethod: {method}\nmetric: {{name: val_accuracy}}\n{SPACE}"
                   f"run_cap: {trials}\nearly_terminate: {RULES[rule]}\n"
                   f"data:\n  train: {os.path.abspath(options.data)}/tabular/{name}.arff\n"
                   "  split: {type: holdout, val_fraction: 0.25, seed: 1}\n"
                   f"train: {{epochs: {EPOCHS}, schedule: cosine}}\nrun: {{seed: {seed}, keep_models: 1}}\n")
    subprocess.run([options.consort, "sweep", config, "--dir", out, "-qq"], check=True, stdout=subprocess.DEVNULL)
    db = sqlite3.connect(os.path.join(out, "trials.db"))
    rows = db.execute("SELECT state, value, epochs FROM trial ORDER BY number").fetchall()
    curves = {}
    for number, value in db.execute("SELECT number, val_metric FROM epoch JOIN trial USING (trial_id)"
                                    " ORDER BY number, epoch"):
        curves.setdefault(number, []).append(value or 0)
    return rows, [c for c in curves.values() if len(c) == EPOCHS]


def cut(rows, epochs):
    """Best value of the full trials, and how many trials were started, before so many epochs are spent."""
    best, spent, n = float("nan"), 0, 0
    for state, value, used in rows:
        spent += used
        if spent > epochs:
            break
        n += 1
        if state == "COMPLETE" and not best >= value:
            best = value
    return best, n


def ranks(values):
    order = sorted(range(len(values)), key=lambda i: values[i])
    out, i = [0.0] * len(values), 0
    while i < len(order):
        j = i
        while j + 1 < len(order) and values[order[j + 1]] == values[order[i]]:
            j += 1
        for k in range(i, j + 1):
            out[order[k]] = (i + j) / 2
        i = j + 1
    return out


def spearman(a, b):
    return statistics.correlation(ranks(a), ranks(b)) if len(set(a)) > 1 and len(set(b)) > 1 else float("nan")


def percent(values):
    return f"{100 * statistics.mean(values):.2f}"


def compare(method, options):
    """The lines of the two tables of one method."""
    lines = [f"`method: {method}`, {options.trials} trials of {EPOCHS} epochs, mean of {options.seeds} seeds, "
             f"{datetime.date.today()}. In brackets: trials started.", "",
             "| best validation accuracy | all epochs, nobody stopped | a third, nobody stopped | a third, hyperband |"
             " a third, halving |", "|---|--:|--:|--:|--:|"]
    order = ["", "| rank correlation, best so far / value there | " + " | ".join(f"epoch {e}" for e in RANKED) + " |",
             "|---|" + "--:|" * len(RANKED)]
    for name in options.only.split(","):
        cells = {"all": [], "none": [], "hyperband": [], "halving": []}
        started = {key: [] for key in cells}
        early = {e: [] for e in RANKED}
        for seed in range(1, options.seeds + 1):
            with tempfile.TemporaryDirectory(prefix="stopping-") as folder:
                rows, curves = study(method, name, seed, "none", options.trials, options, folder)
                total = sum(row[2] for row in rows)
                for key, (best, n) in (("all", cut(rows, total)), ("none", cut(rows, total / 3))):
                    cells[key].append(best)
                    started[key].append(n)
                for rule in ("hyperband", "halving"):
                    more, _ = study(method, name, seed, rule, 2 * options.trials, options, folder)
                    best, n = cut(more, total / 3)
                    cells[rule].append(best)
                    started[rule].append(n)
            final = [max(c) for c in curves]
            for e in RANKED:
                early[e].append((spearman([max(c[:e]) for c in curves], final),
                                 spearman([c[e - 1] for c in curves], final)))
            print(method, name, seed, {key: round(values[-1], 4) for key, values in cells.items()}, flush=True)
        lines.append(f"| {name} | " + " | ".join(f"{percent(cells[k])} ({statistics.mean(started[k]):.0f})"
                                                for k in cells) + " |")
        order.append(f"| {name} | " + " | ".join(
            f".{100 * statistics.mean(p[0] for p in early[e]):02.0f} / .{100 * statistics.mean(p[1] for p in early[e]):02.0f}"
            for e in RANKED) + " |")
    return lines + order + [""]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("consort")
    parser.add_argument("--data", default=os.environ.get("CONSORT_DATA", "../shared/data"))
    parser.add_argument("--only", default="spambase,segment,splice")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--trials", type=int, default=54)
    parser.add_argument("--methods", default="random,bayes")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    text = "\n".join(line for method in options.methods.split(",") for line in compare(method, options)) + "\n"
    print(text)
    if options.write:
        write_table(MARK, text)


if __name__ == "__main__":
    main()
