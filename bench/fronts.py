"""Early termination with several goals: what `type: forecast` saves of the epochs, and what of the front it keeps.

    python3 bench/fronts.py build/consort [--seeds 10] [--trials 50] [--methods bayes,random]
                            [--only digits_size,...] [--rule '{type: forecast}'] [--write]

Ten problems of two goals (PROBLEMS): networks on small tables that scikit-learn ships or makes, judged by a metric
and a cost known beforehand or by two metrics of each epoch; and three programs with learning curves from formulas.
Each study without early termination and its pair with it have the same seed. The hypervolume is that of the trials
that ran to their end, costs as logarithms, from a reference a tenth beyond the worst of all studies' fronts.
Columns: epochs with it, as a share of those without; the hypervolume then, as a share of that without (means over
the seeds); the share that the study without it has after half of its epochs, and the study with it after as many,
for which it may start more trials. The last row of a method has the standard errors of its means, by the seeds.
Needs scikit-learn for the tables. --write puts the table into bench/RESULTS.md.

--known instead: what stopping could save at most. Of the studies without early termination alone: the share of the
trials that join the front of those before them; and epochs and hypervolumes as above of a rule that knows from the
third epoch on where each run will end, and stops who will not join the front, once five have finished, on the same
trials. A margin (0, .02, .05): who joins must better the front by that share of its width in one goal.
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


def reference_of(studies):
    """A tenth beyond the worst of all fronts."""
    points = [p for rows in studies for p in front([r[2] for r in rows if r[2]])]
    low, high = [min(p[i] for p in points) for i in (0, 1)], [max(p[i] for p in points) for i in (0, 1)]
    return [h + 0.1 * (h - l) for l, h in zip(low, high)]


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


def known(rows, margin):
    """How many join the front of those before; and the rows, had the ends been known from the third epoch on."""
    joined, ended, cut = 0, [], []
    for state, epochs, point in rows:
        if not point:
            cut.append((state, epochs, point))
            continue
        steps = front(ended)
        width = [steps[-1][0] - steps[0][0], steps[0][1] - steps[-1][1]] if steps else [0, 0]
        joins = not any(a - margin * width[0] <= point[0] and b - margin * width[1] <= point[1] for a, b in steps)
        joined += joins
        whole = joins or len(ended) < 5
        cut.append((state, epochs, point) if whole else ("PRUNED", min(3, epochs), None))
        if whole:
            ended.append(point)
    return joined, cut


def most_saved(options, method, folder):
    """The tables of --known."""
    lines = {margin: [] for margin in (0, 0.02, 0.05)}
    for problem in options.only.split(","):
        runs = [study(options, problem, method, seed, "{type: none}", options.trials, folder)
                for seed in range(1, options.seeds + 1)]
        reference = reference_of(runs)
        for margin, all_ in lines.items():
            sums = [0.0] * 7  # trials, joined; epochs: all, known; volumes: all, known; known at half
            for rows in runs:
                joined, cut = known(rows, margin)
                n = sum(r[1] for r in rows)
                shares = [len(rows), joined, n, sum(r[1] for r in cut)]
                shares += [volume([r[2] for r in of if r[2]], reference) for of in (rows, cut)]
                shares += [volume(until(cut, n / 2), reference)]
                sums = [a + b for a, b in zip(sums, shares)]
            line = [sums[1] / sums[0], sums[3] / sums[2], sums[5] / sums[4], sums[6] / sums[4]]
            all_.append(line)
            print("  ".join([method, problem, f"margin {margin}"] + [f"{m:.3f}" for m in line]), flush=True)
    for margin, all_ in lines.items():
        mean = [statistics.mean(line[i] for line in all_) for i in range(4)]
        print("  ".join([method, "mean", f"margin {margin}"] + [f"{m:.3f}" for m in mean]), flush=True)


def shares_of(each):
    """The four shares of a problem over its seeds, sums by sums, and their standard errors (NaN: one seed)."""
    n, line, errors = len(each), [], []
    for part, whole in ((1, 0), (3, 2), (4, 2), (5, 2)):
        sum_ = sum(row[whole] for row in each)
        line.append(sum(row[part] for row in each) / sum_)
        square = sum((row[part] - line[-1] * row[whole]) ** 2 for row in each)
        errors.append(math.sqrt(square * n / (n - 1)) / sum_ if n > 1 else math.nan)
    return line, errors


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("consort")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--trials", type=int, default=50)
    parser.add_argument("--methods", default="bayes")
    parser.add_argument("--only", default=",".join(PROBLEMS))
    parser.add_argument("--rule", default="{type: forecast}")
    parser.add_argument("--keep", help="a folder for the databases of studies without early termination")
    parser.add_argument("--known", action="store_true")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    options.consort = os.path.abspath(options.consort)
    head = ["Method", "Problem", "epochs", "hypervolume", "half: without", "half: with"]
    lines, all_, errors = [], {}, {}
    with tempfile.TemporaryDirectory() as folder:
        write_tables(folder)
        for method in options.methods.split(","):
            if options.known:
                most_saved(options, method, folder)
                continue
            for problem in options.only.split(","):
                runs = []
                for seed in range(1, options.seeds + 1):
                    whole = study(options, problem, method, seed, "{type: none}", options.trials, folder)
                    keep, options.keep = options.keep, None
                    cut = study(options, problem, method, seed, options.rule, 2 * options.trials, folder)
                    options.keep = keep
                    runs.append((whole, cut))
                reference = reference_of([rows for pair in runs for rows in pair])
                each = []  # epochs and volumes: without, with; volumes at half: without, with
                for whole, cut in runs:
                    n, same = sum(r[1] for r in whole), cut[:len(whole)]
                    shares = [n, sum(r[1] for r in same)]
                    shares += [volume([r[2] for r in rows if r[2]], reference) for rows in (whole, same)]
                    shares += [volume(until(rows, n / 2), reference) for rows in (whole, cut)]
                    each.append(shares)
                line, error = shares_of(each)
                all_.setdefault(method, []).append(line)
                errors.setdefault(method, []).append(error)
                lines.append([method, problem] + [f"{m:.3f}" for m in line])
                print("  ".join(lines[-1]), flush=True)
            lines.append([method, "mean"] + [f"{statistics.mean(m[i] for m in all_[method]):.3f}" for i in range(4)])
            print("  ".join(lines[-1]), flush=True)
            lines.append([method, "s.e."] + [f"{math.hypot(*(e[i] for e in errors[method])) / len(errors[method]):.3f}"
                                             for i in range(4)])
            print("  ".join(lines[-1]), flush=True)
    if options.write and not options.known:
        from results import write_table
        head_line = (f"{options.trials} trials of {EPOCHS} epochs, {options.seeds} seeds, `{options.rule}`,"
                     f" {datetime.date.today()}.\n\n")
        write_table(MARK, head_line + "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * 2 + ["--:"] * 4] + lines)
                    + "\n")


if __name__ == "__main__":
    sys.exit(main())
