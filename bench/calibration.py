"""Do shipped probabilities have the prior of the data? Over tables and class weights, on rows nobody fitted.

    bench/calibration.py build/consort [--before PROGRAM] [--data FOLDER] [--only credit-g,sick] [--trials 4]
                         [--epochs 12] [--seeds 1] [--folds 0] [--work FOLDER] [--write]

For every table and class_weight a study of few trials is run, 30 % of the rows held out, and the ensemble's probabilities of these are compared with their classes. Of each class, of the mean of p_c
against its share: the distance in standard errors of the share, sqrt(s (1 - s) / m), and in standard errors of the
mean of p_c - y_c, which are smaller the better the model, with what the calibration's own rows add, times
sqrt(1 + m / n) for m test rows and n validation rows. A class without test rows, or predicted and found never, counts
not. Calibration error: 15 bins of the largest probability, and the mean over classes of that of p_c. Log loss is of
the test rows; `before` is another program's, such as one from before a change, on the same networks.
--folds makes trials bags of so many networks. --write puts the tables into bench/RESULTS.md. Needs NumPy.
"""
import argparse
import csv
import io
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

from results import write_table

MARK = "<!-- bench/calibration.py -->"
TABLES = ["iris.csv", "tic-tac-toe.arff", "vehicle.arff", "credit-g.arff", "soybean.arff", "segment.arff", "splice.arff",
          "sick.arff", "hypothyroid.arff", "spambase.arff", "mushroom.arff", "nursery.arff", "letter.arff",
          "adult-train.csv"]
WEIGHTS = ["none", "sqrt_balanced", "balanced"]

CONFIG = """name: calibration
method: random
metric: {{name: val_f1_macro}}
run_cap: {trials}
run: {{seed: {seed}, jobs: 2}}
data:
  train: {path}
{split}train: {{epochs: {epochs}, class_weight: {weight}}}
ensemble: {{thresholds: none}}
parameters:
  learning_rate: {{distribution: log_uniform_values, min: 0.001, max: 0.01}}
  label_smoothing: {{values: [0, 0.1]}}
  focal_gamma: {{values: [0, 1]}}
"""


def ece(p, y):
    bins = np.minimum((p * 15).astype(int), 14)
    return sum(abs(p[bins == b].sum() - y[bins == b].sum()) for b in range(15)) / len(p)


def run(program, folder, config):
    os.makedirs(folder)
    with open(os.path.join(folder, "c.yaml"), "w", encoding="utf-8") as file:
        file.write(config)
    said = subprocess.run([program, "run", "c.yaml", "-q"], cwd=folder, capture_output=True, text=True)
    if said.returncode:
        sys.exit(f"{folder}: {said.stderr}")
    study = os.path.join(folder, "runs/calibration")
    with open(os.path.join(study, "ensemble.json"), encoding="utf-8") as file:
        return study, json.load(file)


def predict(program, study, path):
    said = subprocess.run([program, "predict", study, path, "--proba"], capture_output=True, text=True, check=True)
    rows = list(csv.reader(io.StringIO(said.stdout)))
    return rows[0][2:], np.array([[float(v) for v in row[2:]] for row in rows[1:]])


def read(path):
    """The table as CSV lines and its last column, whatever it is written as."""
    with open(path, encoding="utf-8") as file:
        lines = [line.rstrip("\n") for line in file if line.strip() and not line.startswith("%")]
    head = []
    if path.endswith(".arff"):
        at = next(i for i, line in enumerate(lines) if line.lower().startswith("@data"))
        head, lines = lines[:at + 1], lines[at + 1:]
    elif not lines[0].rsplit(",", 1)[1].strip() in {line.rsplit(",", 1)[1].strip() for line in lines[1:]}:
        head, lines = lines[:1], lines[1:]
    label = [next(csv.reader([line.replace("'", '"')], skipinitialspace=True))[-1].strip() for line in lines]
    return head, lines, np.array(label)


def measure(options, table, weight, seed, work):
    """Rows are dealt out here, so that classes and probabilities of the held-out are known."""
    path = os.path.join(options.data, "tabular", table)
    head, lines, label = read(path)
    order = np.random.default_rng(seed).permutation(len(lines))
    held = np.sort(order[:int(.3 * len(lines))])
    rest = np.sort(order[int(.3 * len(lines)):])
    end = os.path.splitext(table)[1]
    for name, rows in ("rest", rest), ("held", held):
        with open(os.path.join(work, name + end), "w", encoding="utf-8") as file:
            file.write("\n".join(head + [lines[i] for i in rows]) + "\n")
    split = f"  split: {{type: kfold, folds: {options.folds}, stratify: true, seed: 1}}\n" if options.folds else ""
    config = CONFIG.format(path=os.path.join(work, "rest" + end), seed=seed, split=split, trials=options.trials,
                           epochs=options.epochs, weight=weight)
    out = {}
    for which, program in ("after", options.program), ("before", options.before):
        if not program:
            continue
        study, ensemble = run(program, os.path.join(work, which), config)
        classes, p = predict(program, study, os.path.join(work, "held" + end))
        y = np.array([[c == cell for c in classes] for cell in label[held]], float)
        known = y.sum(1) == 1  # a class of a row or two may be among the held-out only
        y, p = y[known], p[known]
        if known.mean() < .98:
            sys.exit(f"{table}: classes {classes} are not those of the file")
        m, n = len(y), ensemble["rows"]
        share, d = y.mean(0), p - y
        counts = share > 0
        with np.errstate(divide="ignore", invalid="ignore"):
            z = np.abs(p.mean(0) - share) / np.sqrt(share * (1 - share) / m)
            paired = np.abs(d.mean(0)) / (d.std(0) / np.sqrt(m)) / np.sqrt(1 + m / n)
        top = p.max(1)
        out[which] = {"z": z[counts], "paired": paired[counts],
                      "ece": ece(top, y[np.arange(m), p.argmax(1)]),
                      "classwise": np.mean([ece(p[:, c], y[:, c]) for c in range(p.shape[1])]),
                      "loss": -np.mean(np.log(np.maximum((p * y).sum(1), 1e-15))),
                      "method": ensemble.get("calibration", {}).get("method", "temperature"), "m": m, "n": n}
    return out


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=os.path.abspath)
    parser.add_argument("--before", type=os.path.abspath)
    parser.add_argument("--data", default="../shared/data", type=os.path.abspath)
    parser.add_argument("--only")
    parser.add_argument("--weights", default=",".join(WEIGHTS))
    parser.add_argument("--trials", type=int, default=4)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--folds", type=int, default=0)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    tables = [t for t in TABLES if not options.only or os.path.splitext(t)[0] in options.only.split(",")]
    lines = ["| table | class_weight | chosen | worst, SE of the share | worst, SE of p - y | calibration error |"
             " classwise | log loss |", "|---|---|---|--:|--:|--:|--:|--:|"]
    every = {"after": [[], []], "before": [[], []]}
    for table in tables:
        for weight in options.weights.split(","):
            for seed in range(1, options.seeds + 1):
                with tempfile.TemporaryDirectory() as work:
                    out = measure(options, table, weight, seed, work)
                for which, r in out.items():
                    every[which][0].extend(r["z"])
                    every[which][1].extend(r["paired"])

                def both(key, digits):
                    words = [f"{np.max(out[w][key]):.{digits}f}" for w in ("before", "after") if w in out]
                    return " → ".join(words)
                line = (f"| {os.path.splitext(table)[0]} | {weight} | {out['after']['method']} | {both('z', 1)} |"
                        f" {both('paired', 1)} | {both('ece', 3)} | {both('classwise', 3)} | {both('loss', 4)} |")
                lines.append(line)
                print(line, flush=True)
    summary = []
    for which in ("before", "after"):
        z, paired = map(np.array, every[which])
        if len(z):
            summary.append(f"{which}: of {len(z)} classes {np.sum(z > 2)} beyond 2 SE of the share ({np.mean(z > 2):.1%}),"
                           f" {np.sum(paired > 2)} beyond 2 SE of p - y ({np.mean(paired > 2):.1%}), worst {z.max():.1f}"
                           f" and {paired.max():.1f}")
    text = "\n".join(["; ".join(summary) + ".", ""] + lines)
    print(summary)
    if options.write:
        write_table(MARK.replace("py", "py --folds") if options.folds else MARK, text + "\n")


if __name__ == "__main__":
    main()
