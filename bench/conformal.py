#!/usr/bin/env python3
"""Do intervals cover what they promise, and how wide are they? Of every regression table 20 splits, drawn anew, by a
held-out part and by folds; sets of classes likewise, beside MAPIE's formula on the same probabilities (LAC: a class is
in when 1 - p is at most the ceil((n + 1) level)-th smallest of the validation rows' 1 - p of the truth).

    bench/conformal.py CONSORT REGRESSION TABULAR FOLDER [SPLITS]

Networks are small, one of three trials' ensembles each: coverage does not depend on how good a model is, and that is
what is measured. At most 1,500 rows of a table train, 2,000 test. Needs NumPy. Prints Markdown."""
import csv, json, os, random, struct, subprocess, sys
import numpy as np

LEVELS = [0.8, 0.9]
CONSORT, NUMBERS, CLASSES, FOLDER = (os.path.realpath(p) for p in sys.argv[1:5])
SPLITS = int(sys.argv[5]) if len(sys.argv) > 5 else 20
CONFIG = """name: study
data: {{train: {train}, label: {label}, task: {task}, split: {split}}}
method: random
run_cap: 3
run: {{keep_models: 4, seed: {seed}}}
train: {{epochs: {epochs}}}
ensemble: {{intervals: [0.8, 0.9]{more}}}
parameters:
  learning_rate: {{min: 0.002, max: 0.02, distribution: log_uniform_values}}
"""

def arff(path):
    head, rows, names = [], [], []
    for line in open(path, encoding="utf-8", errors="replace"):
        bare = line.strip()
        if rows is not None and head and head[-1].lower().startswith("@data") and bare and bare[0] != "%":
            rows.append(bare)
        elif bare.startswith("@"):
            head.append(bare)
            if bare.lower().startswith("@attribute"):
                names.append(next(csv.reader([bare.split(None, 1)[1].replace("\t", " ")], delimiter=" ",
                                             quotechar="'", skipinitialspace=True))[0])
    return head, rows, names

def run(*words, where):
    done = subprocess.run([CONSORT, *words], cwd=where, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{words}: {done.stderr[-300:]}")
    return done.stdout

def truth(rows, at):
    return [r[at].strip().strip("'\"") for r in csv.reader(rows, quotechar="'", skipinitialspace=True)]

def proba_file(path):
    blob = open(path, "rb").read()
    n = struct.unpack("<Q", blob[:8])[0]
    head, out = json.loads(blob[8:8 + n]), {}
    for name, t in head.items():
        if name != "__metadata__":
            a, b = t["data_offsets"]
            out[name] = np.frombuffer(blob[8 + n + a:8 + n + b],
                                      {"I32": "<i4", "F32": "<f4"}[t["dtype"]]).reshape(t["shape"])
    return out

def study(path, seed, split, task, epochs, more=""):
    """Trains on some rows, predicts others: (rows of train, rows of test, where, place of the label)."""
    head, rows, names = arff(path)
    order = list(range(len(rows)))
    random.Random(seed * 7919 + 13).shuffle(order)
    n_train = min(1500, int(len(rows) * 0.7))
    parts = [rows[i] for i in order[:n_train]], [rows[i] for i in order[n_train:n_train + 2000]]
    where = os.path.join(FOLDER, f"{os.path.basename(path)}-{seed}-{split[7:12]}")
    os.makedirs(where)
    for name, part in zip(("train", "test"), parts):
        open(os.path.join(where, name + ".arff"), "w").write("\n".join(head + part) + "\n")
    named = [i for i, n in enumerate(names) if n.lower() == "class"]
    label = named[0] if named else len(names) - 1
    open(os.path.join(where, "s.yaml"), "w").write(CONFIG.format(train="train.arff", label=json.dumps(names[label]),
                                                                split=split, epochs=epochs, seed=seed, task=task, more=more))
    run("sweep", "s.yaml", "-q", "-j", "1", where=where)
    run("ensemble", "study", where=where)
    return parts[0], parts[1], where, label

def numbers(path, seed, split):
    _, test, where, label = study(path, seed, split, "numbers", 20)
    out = list(csv.DictReader(run("predict", "study", "test.arff", "--interval", "0.8,0.9", where=where).splitlines()))
    y = np.array([float(v) for v in truth(test, label)])
    method = json.load(open(os.path.join(where, "runs/study/ensemble.json")))["conformal"]["parts"][0]["method"]
    found = [method]
    for level in LEVELS:
        low, high = (np.array([float(r[f"{side}_{level}"]) for r in out]) for side in ("low", "high"))
        found += [np.mean((y >= low) & (y <= high)), np.mean(high - low) / np.std(y)]
    return found

def classes(path, seed, split):
    train, test, where, label = study(path, seed, split, "classes", 10)
    out = list(csv.DictReader(run("predict", "study", "test.arff", "--interval", "0.8,0.9", "--proba",
                                  where=where).splitlines()))
    names = list(out[0])[2:-2]
    y = truth(test, label)
    p = np.array([[float(r[c]) for c in names] for r in out])
    kept = proba_file(os.path.join(where, "runs/study/ensemble.proba"))
    known = [names.index(v) for v in truth(train, label)]
    scores = np.sort([1 - float(q[known[i]]) for i, q in zip(kept["row"], kept["proba"])])
    found = []
    for level in LEVELS:
        sets = [r[f"set_{level}"].split("|") if r[f"set_{level}"] else [] for r in out]
        k = int(np.ceil((len(scores) + 1) * level - 1e-9))
        peer = 1 - p <= scores[min(k, len(scores)) - 1] + 1e-7
        found += [np.mean([t in s for t, s in zip(y, sets)]), np.mean([len(s) for s in sets]), peer.sum(1).mean()]
    return found

def pct(x):
    return f"{100 * x:.1f}"

def table(title, folder, one, splits, columns):
    print(f"\n{title}\n\n| Table | {' | '.join(columns)} |\n|---|{'---|' * len(columns)}")
    every = []
    for name in sorted(f for f in os.listdir(folder) if f.endswith(".arff")):
        rows = []
        for seed in range(1, SPLITS + 1):
            try:
                rows.append(one(os.path.join(folder, name), seed, splits))
            except RuntimeError as e:
                print(e, file=sys.stderr)
        if not rows:
            continue
        if isinstance(rows[0][0], str):
            methods = sorted({r[0] for r in rows}, key=lambda m: -sum(r[0] == m for r in rows))
            cells = [", ".join(f"{m} {sum(r[0] == m for r in rows)}" for m in methods)]
            mean = np.mean([r[1:] for r in rows], axis=0)
            cells += [pct(mean[0]), f"{mean[1]:.2f}", pct(mean[2]), f"{mean[3]:.2f}"]
        else:
            mean = np.mean(rows, axis=0)
            cells = [pct(mean[0]), f"{mean[1]:.2f}", f"{mean[2]:.2f}", pct(mean[3]), f"{mean[4]:.2f}", f"{mean[5]:.2f}"]
        every.append(mean)
        print(f"| {name[:-5]} | {' | '.join(cells)} |", flush=True)
    mean = np.mean(every, axis=0)
    if len(mean) == 4:
        print(f"| mean | | {pct(mean[0])} | {mean[1]:.2f} | {pct(mean[2])} | {mean[3]:.2f} |", flush=True)
    else:
        print(f"| mean | {pct(mean[0])} | {mean[1]:.2f} | {mean[2]:.2f} | {pct(mean[3])} | {mean[4]:.2f} | {mean[5]:.2f} |",
              flush=True)

HOLDOUT, FOLDS = "{type: holdout, val_fraction: 0.3}", "{type: kfold, folds: 5}"
INTERVALS = ["Method (splits)", "80 %: covered", "width / sd", "90 %: covered", "width / sd"]
SETS = ["80 %: covered", "size", "MAPIE's", "90 %: covered", "size", "MAPIE's"]
table("Intervals, fitted on 30 % held out", NUMBERS, numbers, HOLDOUT, INTERVALS)
table("Intervals, fitted on five folds", NUMBERS, numbers, FOLDS, INTERVALS)
table("Sets of classes, fitted on 30 % held out", CLASSES, classes, HOLDOUT, SETS)
