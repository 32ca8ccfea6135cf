"""Early termination with several goals: what `type: forecast` saves of the epochs, and what of the front it keeps.

    python3 bench/fronts.py build/consort [--seeds 10] [--trials 50] [--methods bayes,random]
                            [--only digits_size,...] [--rule '{type: forecast}'] [--write]

Ten problems of two goals (PROBLEMS): networks on small tables that scikit-learn ships or makes, judged by a metric
and a cost known beforehand or by two metrics of each epoch; and three programs with learning curves from formulas.
Each study without early termination and its pair with it have the same seed. The hypervolume is that of the trials
that ran to their end, costs as logarithms, from a reference a tenth beyond the worst of all studies' fronts.
Columns: epochs with it, as a share of those without; the hypervolume then, as a share of that without (means over
the seeds); the share that the study without it has after half of its epochs, and the study with it after as many,
for which it may start more trials. Needs scikit-learn for the tables. --write puts the table into bench/RESULTS.md.
"""
import argparse
import datetime
import math
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile

MARK = "<!-- bench/fronts.py -->"
EPOCHS = 30
SPACE = """parameters:
  learning_rate: {distribution: log_uniform_values, min: 0.0003, max: 0.05}
  batch_size: {values: [32, 64, 128]}
  num_layers: {min: 1, max: 2}
  width_1: {distribution: q_log_uniform_values, min: 4, max: 96, q: 4}
  width_2: {distribution: q_log_uniform_values, min: 4, max: 96, q: 4, when: "num_layers >= 2"}
  dropout: {distribution: q_uniform, min: 0.0, max: 0.5, q: 0.05}
  weight_decay: {distribution: log_uniform_values, min: 0.0001, max: 0.3, zero_prob: 0.3}
"""
PROGRAM_SPACE = """parameters:
  rate: {distribution: log_uniform_values, min: 0.001, max: 1}
  size: {distribution: uniform, min: 0, max: 1}
  mix: {distribution: uniform, min: 0, max: 1}
  decay: {distribution: uniform, min: 0, max: 1}
"""
# Curves as power laws whose end, speed and noise follow from the parameters; `kind` says what the second goal is.
PROGRAM = r"""END {
    best = -1.2 - 0.6 * size                              # logarithm of the rate that suits that size
    off = (log(rate) / log(10) - best) ^ 2
    end = 0.08 + 0.25 * (1 - size) ^ 2 + 0.12 * off + 0.1 * (decay > 0.4 ? decay - 0.4 : 0.4 - decay)
    speed = 0.5 + 1.2 * rate ^ 0.25 * (1 - 0.5 * decay)
    state = int(1e6 * (rate + 3 * size + 7 * mix + 11 * decay)) % 2147483647 + 1
    for (epoch = 1; epoch <= EPOCHS; epoch++) {
        state = state * 48271 % 2147483647
        noise = (state / 2147483647 - 0.5) * 0.02
        loss = end + 0.9 * epoch ^ -speed + 0.05 * mix + noise
        if (kind == "fairness")                           # falls, then rises as the model fits the majority
            other = 0.3 * (1 - mix) ^ 2 + 0.1 * epoch ^ -0.8 + 0.1 * size * epoch / EPOCHS + 0.5 * noise
        else if (kind == "energy")                        # grows with every epoch, faster for large models
            other = (spent += (0.2 + size ^ 2) * (1 + 2 * rate))
        else                                              # latency: the same from the first epoch on
            other = 1 + 9 * size ^ 2 + 2 * mix
        printf "{\"epoch\": %d, \"loss\": %.6f, \"other\": %.6f}\n", epoch, loss, other
    }
}
""".replace("EPOCHS", str(EPOCHS))

# name: table, goals (name, logarithm?), epochs are the same for all
PROBLEMS = {
    "digits_size": ("digits", ["val_f1_macro", "n_params"]),
    "digits_calibration": ("digits", ["val_accuracy", "val_ece"]),
    "spirals_latency": ("spirals", ["val_log_loss", "latency_us"]),
    "rare_recall": ("rare", ["val_recall_macro", "val_precision_macro"]),
    "clusters_flops": ("clusters", ["val_accuracy", "flops"]),
    "friedman_bytes": ("friedman", ["val_rmse", "model_bytes"]),
    "diabetes_errors": ("diabetes", ["val_rmse", "val_median_ae"]),
    "loss_fairness": ("fairness", ["loss", "other"]),
    "loss_energy": ("energy", ["loss", "other"]),
    "loss_latency": ("latency", ["loss", "other"]),
}
LARGER = {"val_f1_macro", "val_accuracy", "val_recall_macro", "val_precision_macro"}
COSTS = {"n_params", "latency_us", "flops", "model_bytes"}


def spirals(n):
    """Two of them, one and a half turns, blurred."""
    import numpy
    draw, label = numpy.random.default_rng(4), numpy.arange(n) % 2
    turn = numpy.sqrt(draw.uniform(0.05, 1, n)) * 3 * math.pi
    x = numpy.column_stack([turn * numpy.cos(turn + math.pi * label), turn * numpy.sin(turn + math.pi * label)])
    return x + draw.normal(0, 0.6, x.shape), label


def write_tables(folder):
    from sklearn import datasets
    made = {
        "spirals": spirals(1200),
        "diabetes": datasets.load_diabetes(return_X_y=True),
        "rare": datasets.make_classification(1500, 12, n_informative=6, weights=[0.93], flip_y=0.03, class_sep=0.9,
                                             random_state=1),
        "clusters": datasets.make_classification(1200, 10, n_informative=6, n_classes=4, n_clusters_per_class=2,
                                                 class_sep=1.0, random_state=2),
        "friedman": datasets.make_friedman1(1000, 8, noise=0.5, random_state=3),
    }
    for name, (x, y) in made.items():
        numbers = name in ("diabetes", "friedman")
        with open(os.path.join(folder, name + ".csv"), "w") as file:
            file.write(",".join(f"x{i}" for i in range(x.shape[1])) + ",y\n")
            for row, label in zip(x, y):
                file.write(",".join(f"{v:.6g}" for v in row) + (f",{label:.6g}\n" if numbers else f",c{label}\n"))
    with open(os.path.join(folder, "curves.awk"), "w") as file:
        file.write(PROGRAM)


def config_of(problem, method, seed, rule, trials, folder):
    table, goals = PROBLEMS[problem]
    metrics = "".join(f"  - {{name: {g}, goal: {'maximize' if g in LARGER else 'minimize'}}}\n" for g in goals)
    head = (f"name: {problem}\nmethod: {method}\nmetrics:\n{metrics}run_cap: {trials}\nearly_terminate: {rule}\n")
    if table in ("fairness", "energy", "latency"):
        return (head + PROGRAM_SPACE + f"  kind: {{value: {table}}}\nprogram: {folder}/curves.awk\n"
                "command: [awk, -f, '${program}', '${args_no_hyphens}', /dev/null]\n" f"run: {{seed: {seed}, jobs: 1}}\n")
    data = ("{format: digits, rows: 600, test_rows: 50, split: {type: holdout, val_fraction: 0.3, seed: 1}}"
            if table == "digits" else
            f"{{train: {folder}/{table}.csv, label: y, split: {{type: holdout, val_fraction: 0.3, seed: 1}}}}")
    return (head + SPACE + f"data: {data}\ntrain: {{epochs: {EPOCHS}, schedule: cosine}}\n"
            f"run: {{seed: {seed}, keep_models: 1, jobs: 1}}\nbaseline: false\n")


def study(options, problem, method, seed, rule, trials, folder):
    """(state, epochs, point) in number order."""
    out = os.path.join(folder, "study")
    path = os.path.join(folder, "study.yaml")
    subprocess.run(["rm", "-rf", out], check=True)
    with open(path, "w") as file:
        file.write(config_of(problem, method, seed, rule, trials, folder))
    subprocess.run([options.consort, "sweep", path, "--dir", out, "-qq"], check=True, stdout=subprocess.DEVNULL)
    db = sqlite3.connect(os.path.join(out, "trials.db"))
    goals = [(g[4:] if g.startswith("val_") else g) for g in PROBLEMS[problem][1]]
    rows = []
    for trial, state, epochs in db.execute("SELECT trial_id, state, epochs FROM trial ORDER BY number").fetchall():
        value = dict(db.execute("SELECT name, value FROM metric WHERE trial_id = ? AND fold = -1", (trial,)))
        point = None
        if state == "COMPLETE" and all(value.get(g) is not None for g in goals):
            point = tuple(math.log(value[g]) if g in COSTS else -value[g] if n in LARGER else value[g]
                          for g, n in zip(goals, PROBLEMS[problem][1]))
        rows.append((state, epochs, point))
    if options.keep:
        os.makedirs(options.keep, exist_ok=True)
        subprocess.run(["cp", os.path.join(out, "trials.db"),
                        os.path.join(options.keep, f"{problem}-{method}-{seed}.db")], check=True)
    return rows


def front(points):
    kept, floor = [], math.inf
    for a, b in sorted(set(points)):
        if b < floor:
            kept.append((a, b))
            floor = b
    return kept


def volume(points, reference):
    sum_, ceiling = 0.0, reference[1]
    for a, b in front(points):
        if a < reference[0] and b < ceiling:
            sum_ += (reference[0] - a) * (ceiling - b)
            ceiling = b
    return sum_


def until(rows, epochs):
    """The points of whole trials by then."""
    points, spent = [], 0
    for _, n, point in rows:
        spent += n
        if spent > epochs:
            break
        if point:
            points.append(point)
    return points


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("consort")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--trials", type=int, default=50)
    parser.add_argument("--methods", default="bayes")
    parser.add_argument("--only", default=",".join(PROBLEMS))
    parser.add_argument("--rule", default="{type: forecast}")
    parser.add_argument("--keep", help="a folder for the databases of studies without early termination")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    options.consort = os.path.abspath(options.consort)
    head = ["Method", "Problem", "epochs", "hypervolume", "half: without", "half: with"]
    lines, all_ = [], {}
    with tempfile.TemporaryDirectory() as folder:
        write_tables(folder)
        for method in options.methods.split(","):
            for problem in options.only.split(","):
                runs = []
                for seed in range(1, options.seeds + 1):
                    whole = study(options, problem, method, seed, "{type: none}", options.trials, folder)
                    keep, options.keep = options.keep, None
                    cut = study(options, problem, method, seed, options.rule, 2 * options.trials, folder)
                    options.keep = keep
                    runs.append((whole, cut))
                points = [p for pair in runs for rows in pair for p in front([r[2] for r in rows if r[2]])]
                low, high = [min(p[i] for p in points) for i in (0, 1)], [max(p[i] for p in points) for i in (0, 1)]
                reference = [h + 0.1 * (h - l) for l, h in zip(low, high)]
                sums = [0.0] * 6  # epochs and volumes: without, with; volumes at half: without, with
                for whole, cut in runs:
                    n, same = sum(r[1] for r in whole), cut[:len(whole)]
                    shares = [n, sum(r[1] for r in same)]
                    shares += [volume([r[2] for r in rows if r[2]], reference) for rows in (whole, same)]
                    shares += [volume(until(rows, n / 2), reference) for rows in (whole, cut)]
                    sums = [a + b for a, b in zip(sums, shares)]
                line = [sums[1] / sums[0]] + [sums[i] / sums[2] for i in (3, 4, 5)]
                all_.setdefault(method, []).append(line)
                lines.append([method, problem] + [f"{m:.3f}" for m in line])
                print("  ".join(lines[-1]), flush=True)
            lines.append([method, "mean"] + [f"{statistics.mean(m[i] for m in all_[method]):.3f}" for i in range(4)])
            print("  ".join(lines[-1]), flush=True)
    if options.write:
        from results import write_table
        head_line = (f"{options.trials} trials of {EPOCHS} epochs, {options.seeds} seeds, `{options.rule}`,"
                     f" {datetime.date.today()}.\n\n")
        write_table(MARK, head_line + "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * 2 + ["--:"] * 4] + lines)
                    + "\n")


if __name__ == "__main__":
    sys.exit(main())
