"""How often do the 95 % intervals of the program hold the truth?

    python3 bench/coverage.py rows  build --data FOLDER [--sets 300] [--sizes 100,300,1000,2000] [--write]
    python3 bench/coverage.py worth build --data FOLDER [--seeds 16] [--repeats 3] [--write]

rows   Scores on fresh rows. A model is trained on few rows of a table (`consort train`), or made up with a truth
       that is known, and predicts many others: these are the world. Test sets are drawn from the world and evaluated by
       the program's own code (bench/coverage_rows.c); the truth is the score on all of the world's rows.
worth  What a trial is worth. A study runs; the program says an interval; the trial's configuration is trained again
       with fresh seeds on the same split (`consort train --seed`); their mean is the truth. The
       interval is widened by that mean's own error, and each of several studies a table counts once a finalist.

Needs nothing but Python itself. --write puts the table into bench/RESULTS.md, between its two comments.
"""
import argparse
import csv
import gzip
import json
import math
import os
import random
import statistics
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from results import write_table  # noqa: E402

MARK = {"rows": "<!-- bench/coverage.py rows -->", "worth": "<!-- bench/coverage.py worth -->"}

# table, rows to train on, what is said of the training
TABLES = [("letter", 2000, ""), ("spambase", 500, ""), ("mushroom", 200, ""), ("nursery", 1000, ""), ("sick", 700, ""),
          ("segment", 400, ""), ("splice", 500, ""), ("adult", 1000, ""), ("adult-balanced", 1000, "train: {class_weight: balanced}\n"),
          ("mnist", 1000, "")]


def run(command, **more):
    done = subprocess.run(command, capture_output=True, text=True, **more)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: {done.stderr}")
    return done.stdout


def arff_parts(path):
    """The header's lines, and the rows."""
    lines = [line.rstrip("\n") for line in open(path, encoding="latin-1")]
    start = 1 + next(i for i, line in enumerate(lines) if line.strip().lower().startswith("@data"))
    return lines[:start], [line for line in lines[start:] if line.strip() and not line.startswith("%")]


# ---- worlds ------------------------------------------------------------------------------------------


def write_rows(path, head, rows):
    with open(path, "w") as file:
        file.write("\n".join(head + rows) + "\n")


def idx_head(path, images, labels, n):
    """The first n of an IDX pair, written beside each other."""
    for source, target, size, dims in [(images, path + "-images", 784, 3), (labels, path + "-labels", 1, 1)]:
        with gzip.open(source) as file, open(target, "wb") as out:
            head = file.read(4 + 4 * dims)
            out.write(head[:4] + struct.pack(">i", n) + head[8:] + file.read(n * size))


def cut(data, table, n, folder, seed=14):
    """Writes n rows to train on and the others; returns the data section, and the arguments that name the others."""
    train, rest = os.path.join(folder, "train"), os.path.join(folder, "rest")
    if table == "mnist":
        mnist = os.path.join(data, "mnist")
        idx_head(train, *(os.path.join(mnist, "train-" + part) for part in
                          ("images-idx3-ubyte.gz", "labels-idx1-ubyte.gz")), n)
        return (f"data:\n  train: {{images: {train}-images, labels: {train}-labels}}\n",
                [os.path.join(mnist, "t10k-images-idx3-ubyte.gz")],
                gzip.open(os.path.join(mnist, "t10k-labels-idx1-ubyte.gz")).read()[8:])
    if table.startswith("adult"):
        rows = [line.rstrip(".\n") for name in ("train", "test")
                for line in open(os.path.join(data, "tabular", f"adult-{name}.csv")) if "," in line]
        head, end = [], ".csv"
    else:
        head, rows = arff_parts(os.path.join(data, "tabular", table + ".arff"))
        end = ".arff"
    random.Random(seed).shuffle(rows)
    write_rows(train + end, head, rows[:n])
    write_rows(rest + end, head, rows[n:])
    labels = [row.split(",")[-1].strip().strip("'\"") for row in rows[n:]]
    return f"data:\n  train: {train}{end}\n", [rest + end], labels


def real_world(program, data, table, n, more, folder, out):
    section, arguments, labels = cut(data, table, n, folder)
    config, model = os.path.join(folder, "one.yaml"), os.path.join(folder, "one.consort")
    with open(config, "w") as file:
        file.write(more + section + "  split: {type: holdout, val_fraction: 0.2}\n")
    run([program, "train", config, "--out", model, "--seed", "1", "-q"], cwd=folder)
    predicted = list(csv.reader(run([program, "predict", model, *arguments, "--proba"], cwd=folder).splitlines()))
    first = 2  # after the label and the confidence
    classes = predicted[0][first:]
    at = {name: c for c, name in enumerate(classes)}
    known = [(at[str(label)], row[first:]) for label, row in zip(labels, predicted[1:]) if str(label) in at]
    write_world(out, len(classes), [label for label, _ in known],
                [[float(cell) for cell in row] for _, row in known])


def write_world(path, k, labels, proba):
    with open(path, "wb") as file:
        file.write(struct.pack("<2i", len(labels), k) + struct.pack(f"<{len(labels)}i", *labels))
        for row in proba:
            file.write(struct.pack(f"<{k}f", *row))


def softmax(z):
    top = max(z)
    e = [math.exp(v - top) for v in z]
    return [v / sum(e) for v in e]


def made_up(out, prior, signal, sharp, shift, n=40000):
    """Normal classes; the posterior is known, then made sharper and shifted towards the last class."""
    rng, k = random.Random(repr((prior, signal, sharp, shift))), len(prior)
    labels = rng.choices(range(k), prior, k=n)
    proba = []
    for y in labels:
        x = [rng.gauss(signal * (c == y), 1) for c in range(k)]
        proba.append(softmax([sharp * (signal * x[c] + math.log(prior[c])) + shift * (c == k - 1) for c in range(k)]))
    write_world(out, k, labels, proba)


MADE_UP = [("made up: two classes, calibrated", [.7, .3], 1.2, 1, 0),
           ("made up: two classes, 3 % positive", [.97, .03], 2, 1, 0),
           ("made up: two classes, overconfident", [.6, .4], 1, 2.5, 0),
           ("made up: two classes, shifted", [.75, .25], 1.3, 1, 1.2),
           ("made up: five classes, calibrated", [.3, .25, .2, .15, .1], 1.8, 1, 0),
           ("made up: ten classes, nearly right", [.1] * 10, 4, .7, 0)]


def worlds(options, folder):
    program = os.path.abspath(os.path.join(options.build, "consort"))
    for table, n, more in TABLES:
        path = os.path.join(folder, f"{table}, trained on {n:,}")
        if not os.path.exists(path) and (not options.only or table in options.only):
            with tempfile.TemporaryDirectory() as own:
                real_world(program, os.path.abspath(options.data), table, n, more, own, path)
        if os.path.exists(path):
            yield path
    for name, *said in MADE_UP:
        path = os.path.join(folder, name)
        if not os.path.exists(path):
            made_up(path, *said)
        yield path


# ---- scores on fresh rows ----------------------------------------------------------------------------

def rows(options):
    with tempfile.TemporaryDirectory() as own:
        folder = options.keep or own
        paths = list(worlds(options, folder))
        lines = []
        for n in options.sizes.split(","):
            lines += [line.split("\t") for line in run(
                [os.path.join(options.build, "bench", "coverage_rows"), n, str(options.sets), *paths]).splitlines()]
    names = list(dict.fromkeys(line[2] for line in lines if int(line[3])))
    sizes = options.sizes.split(",")
    text = "| | " + " | ".join(f"{int(n):,} rows" for n in sizes) + " | worst world |\n|---|" + "--:|" * len(sizes) + "---|\n"
    for name in names:
        cells, worst = [], (2, "")
        for n in sizes:
            mine = [line for line in lines if line[1] == n and line[2] == name and int(line[3]) * 2 >= options.sets]
            if not mine:
                cells.append("–")
                continue
            cover = [float(line[4]) for line in mine]
            cells.append(f"{100 * statistics.mean(cover):.1f}")
            worst = min(worst, *((float(line[4]), f"{100 * float(line[4]):.1f}: {line[0]}, {n}") for line in mine))
        text += f"| {name} | " + " | ".join(cells) + f" | {worst[1]} |\n"
    if options.detail:
        for line in lines:
            if int(line[3]) and not .92 <= float(line[4]) <= .985:
                print("\t".join(line), file=sys.stderr)
    return text


# ---- what a trial is worth ---------------------------------------------------------------------------

# table, rows
STUDIES = [("letter", 1500), ("adult", 1000), ("spambase", 600), ("mushroom", 300), ("nursery", 800), ("mnist", 600),
           ("segment", 500), ("splice", 500), ("sick", 800), ("vehicle", 500), ("credit-g", 700), ("tic-tac-toe", 500)]
SPACE = """method: bayes
metric: {{name: val_{metric}}}
run_cap: 20
finalists: {{top: 3, seeds: 4}}
parameters:
  learning_rate: {{distribution: log_uniform_values, min: 0.0005, max: 0.03}}
  hidden: {{values: [[16], [64], [64, 32]]}}
  dropout: {{min: 0.0, max: 0.4}}
  weight_decay: {{distribution: log_uniform_values, min: 0.0001, max: 0.1}}
train: {{epochs: 15}}
run: {{seed: {seed}, jobs: 1, keep_models: 3}}
{data}  split: {{type: holdout, val_fraction: 0.25}}
"""
T95 = {3: 3.182, 7: 2.365, 11: 2.201, 15: 2.131, 19: 2.093, 23: 2.069}


def one_study(program, options, table, n, repeat, metric):
    """Intervals of the finalists, and the values of fresh seeds: [{rank, said, fresh}]."""
    with tempfile.TemporaryDirectory() as folder:
        section, *_ = cut(os.path.abspath(options.data), table, n, folder, repeat)
        with open(os.path.join(folder, "s.yaml"), "w") as file:
            file.write(SPACE.format(metric=metric, seed=repeat, data=section))
        run([program, "sweep", "s.yaml", "--dir", "runs/s", "-q"], cwd=folder)
        best = json.loads(run([program, "best", "runs/s", "--json"], cwd=folder))
        out = []
        for rank, finalist in enumerate(best["finalists"]):
            trial = str(finalist["trial"])
            with open(os.path.join(folder, "w.yaml"), "w") as file:
                file.write(run([program, "best", "runs/s", "--trial", trial, "--yaml"], cwd=folder))
            fresh = []
            for seed in range(options.seeds):
                said = run([program, "train", "w.yaml", "--seed", str(1000 + seed), "--json", "--out", "w.consort"],
                           cwd=folder)
                fresh += [event["value"] for event in map(json.loads, said.splitlines())
                          if event.get("event") == "trial_end"]
            posterior = [t for t in best.get("posterior", {}).get("trials", []) if t["trial"] == finalist["trial"]]
            out.append({"table": table, "repeat": repeat, "metric": metric, "rank": rank, "finalist": finalist,
                        "posterior": posterior[0] if posterior else None, "fresh": fresh})
        return out


def holds(low, high, fresh):
    """The mean of the fresh seeds has an error, too: the interval is widened by it."""
    middle, half = (low + high) / 2, (high - low) / 2
    error = T95[len(fresh) - 1] * statistics.stdev(fresh) / math.sqrt(len(fresh))
    return abs(statistics.mean(fresh) - middle) <= math.hypot(half, error) + 1e-12


def worth(options):
    program, found = os.path.abspath(os.path.join(options.build, "consort")), []
    for table, n in STUDIES:
        if options.only and table not in options.only:
            continue
        for metric in ("accuracy", "log_loss"):
            for repeat in range(1, options.repeats + 1):
                found += one_study(program, options, table, n, repeat, metric)
                if options.keep:
                    with open(os.path.join(options.keep, "worth.json"), "w") as file:
                        json.dump(found, file)
    return worth_table(found)


def share_held(found):
    held = [holds(f["finalist"]["low95"], f["finalist"]["high95"], f["fresh"]) for f in found
            if f["finalist"].get("low95") is not None]
    return f"{100 * statistics.mean(held):.1f}" if held else "–"


def worth_table(found):
    """A row a table; with three studies of each, only the last row says something in percent."""
    text = ("| | finalists | accuracy: winner | others | log loss: winner | others | width, in sd of one run |\n"
            "|---|--:|--:|--:|--:|--:|--:|\n")
    for table in [t for t, _ in STUDIES] + ["all"]:
        mine = [f for f in found if table in (f["table"], "all")]
        if not mine:
            continue
        cells = [share_held([f for f in mine if f["metric"] == metric and (f["rank"] == 0) == winner])
                 for metric in ("accuracy", "log_loss") for winner in (True, False)]
        width = [(f["finalist"]["high95"] - f["finalist"]["low95"]) / statistics.stdev(f["fresh"]) for f in mine
                 if f["finalist"].get("low95") is not None and statistics.stdev(f["fresh"]) > 0]
        text += f"| {table} | {len(mine)} | {' | '.join(cells)} | {statistics.median(width):.2f} |\n"
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=list(MARK))
    parser.add_argument("build")
    parser.add_argument("--data", default="../shared/data")
    parser.add_argument("--only", default="", help="tables")
    parser.add_argument("--sets", type=int, default=300)
    parser.add_argument("--sizes", default="100,300,1000,2000")
    parser.add_argument("--seeds", type=int, default=16, choices=list(k + 1 for k in T95))
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--keep", help="a folder for the worlds, used again when it is there")
    parser.add_argument("--detail", action="store_true", help="each world that is outside 92 to 98.5 %%")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    text = {"rows": rows, "worth": worth}[options.what](options)
    print(text)
    if options.write:
        write_table(MARK[options.what], text)


if __name__ == "__main__":
    main()
