"""What one untuned model is worth: accuracy, macro F1, log loss and CPU seconds on fixed splits, beside
scikit-learn's MLPClassifier and XGBoost.

    python3 bench/accuracy.py build/consort [--data FOLDER] [--splits FOLDER] [--only letter,sick]
                              [--repeats 5] [--peers] [--write] [--set key=value ...]

The splits are lists of test rows (row numbers in file order, from 0), one file for each data set and
repeat; adult has a test file of its own and is trained on its first 10,000 rows, MNIST on all. The
program is used as a user would: it trains from a YAML file and evaluates its model file on the test
rows. CPU seconds are those of the training process, user and system, reading and writing included.
Needs nothing but Python itself, without --peers; scikit-learn, XGBoost and the splits' own loader with it
(on MNIST the peers train on all 784 pixels / 255, MLPClassifier and XGBoost with their defaults, once).
--write puts the table into bench/RESULTS.md, between its two comments; rows of cases that did not run stay.
"""
import argparse
import datetime
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile

from tables import write_parts

MARK = "<!-- make bench-accuracy -->"
BAG = "  split: {type: kfold, folds: 5}\n"
ONE = "  split: {type: holdout, val_fraction: 0.2}\n"

# data set, name, head of the YAML, data section, target accuracy in percent, target CPU seconds
CASES = [
    ("vehicle", "bag", "preset: default\n", BAG, 82.8, 2),
    ("credit-g", "bag", "preset: default\n", BAG, 77.5, 2),
    ("segment", "bag", "preset: default\n", BAG, 98.4, 4),
    ("splice", "bag", "preset: default\n", BAG, 96.9, 8),
    ("spambase", "one fit", "preset: default\n", ONE, 94.7, 5),
    ("sick", "one fit, PLE", "preset: default\n", ONE + "  preprocess: {numeric_embedding: ple}\n", 97.8, 4),
    ("letter", "bag", "preset: default\n", BAG, 98.2, 40),
    ("adult10k", "one fit", "preset: default\n", ONE, 85.5, 6),
    ("mnist", "keras", "preset: keras\n", "  split: {type: holdout, val_fraction: 0.02}\n", 97.5, 2),
    ("mnist", "no augmentation",
     "train: {hidden: [512, 512], dropout: 0.4, input_dropout: 0.2, epochs: 36, batch_size: 512, max_norm: 2, "
     "learning_rate: 0.004, ema: 0.998}\n",
     "  split: {type: holdout, val_fraction: 0.02}\n", 98.8, 60),
    ("mnist", "preset: image", "preset: image\n", "  split: {type: holdout, val_fraction: 0.02}\n", 99.45, 600),
    ("mnist", "preset: image; five nets", "preset: image\ntrain: {seeds_per_trial: 5}\n",
     "  split: {type: holdout, val_fraction: 0.02}\n", 99.6, 3000),
]
# Those that are also evaluated with test-time augmentation, and how many views of a row that takes.
VIEWS = {("mnist", "preset: image"): 9, ("mnist", "preset: image; five nets"): 9}
# Peers have no augmentation and no bag of five: one run of theirs stands beside the first case of MNIST.
NO_PEERS = {("mnist", "no augmentation"), ("mnist", "preset: image"), ("mnist", "preset: image; five nets")}


HEAD = """| data | model | splits | accuracy | macro F1 | log loss | CPU s | wanted |
|---|---|--:|--:|--:|--:|--:|---|"""


def write_split(name, repeat, options, folder):
    """Writes the training and test file; returns the lines of `data` that say where they are."""
    tables = os.path.join(options.data, "tabular")
    if name == "mnist":
        idx = os.path.join(options.data, "mnist")
        part = lambda kind, what: os.path.join(idx, f"{kind}-{what}-idx{3 if what == 'images' else 1}-ubyte.gz")
        return (f"  train: {{images: {part('train', 'images')}, labels: {part('train', 'labels')}}}\n",
                [part("t10k", "images"), "--labels", part("t10k", "labels")])
    train, test = (os.path.join(folder, f"{part}.data") for part in ("train", "test"))
    if name == "adult10k":
        for source, target, most in (("train", train, 10000), ("test", test, None)):
            with open(os.path.join(tables, f"adult-{source}.csv")) as file:
                lines = [line.strip().rstrip(".") for line in file if line.count(",") == 14]
            with open(target, "w") as file:
                file.write("\n".join(lines[:most]) + "\n")
        return (f"  train: {train}\n  format: csv\n  header: false\n  label: 15\n",
                [test, "--format", "csv", "--header", "false", "--label", "15"])
    write_parts(os.path.join(tables, name + ".arff"), os.path.join(options.splits, f"{name}.r{repeat}.test.txt"), train, test)
    return f"  train: {train}\n  format: arff\n", [test, "--format", "arff"]


def run_case(case, repeat, options, folder):
    name, _, head, section, _, _ = case
    where, test = write_split(name, repeat, options, folder)
    config, model = (os.path.join(folder, file) for file in ("config.yaml", "model.consort"))
    with open(config, "w") as file:
        file.write(f"name: bench\nmetric: {{name: val_accuracy}}\n{head}run: {{seed: {repeat}}}\nensemble: {{thresholds: none}}\ndata:\n{where}{section}")
    command = [options.consort, "train", config, "-q", "-j", "1", "--dir", os.path.join(folder, "run"), "--out", model]
    for assignment in options.set:
        command += ["--set", assignment]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    answers = []
    for views in sorted({1, VIEWS.get(case[:2], 1)}):
        answer = subprocess.run([options.consort, "evaluate", model, *test, "--json"] + ["--views", str(views)] * (views > 1),
                                check=True, capture_output=True)
        answers.append((views, json.loads(answer.stdout)))
    return answers, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def idx(path):
    """The bytes of a gzipped IDX file, as NumPy array."""
    import gzip

    import numpy as np
    with gzip.open(path) as file:
        data = file.read()
    shape = np.frombuffer(data, ">i4", data[3], 4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(shape)


def peer_data(case, repeat, options):
    """Inputs for the network, inputs for the trees, classes: training, then test."""
    import numpy as np
    if case[0] == "mnist":
        parts = []
        for part in ("train", "t10k"):
            path = os.path.join(options.data, "mnist", part)
            x = idx(path + "-images-idx3-ubyte.gz").reshape(-1, 784).astype(np.float32) / 255
            parts += [x, x, idx(path + "-labels-idx1-ubyte.gz").astype(int)]
        return parts
    sys.path.insert(0, os.path.dirname(os.path.abspath(options.splits)))
    import tabdata
    data = tabdata.load([os.path.join(options.data, "tabular")], case[0])
    train, test = tabdata.outer(data, repeat)
    known = np.where(np.isnan(data.num[train]).all(0), 0, data.num[train])  # a column may be empty
    middle = np.nanmedian(known, axis=0) if data.num.shape[1] else np.zeros(0)
    numbers = np.where(np.isnan(data.num), middle, data.num)
    parts = [(numbers - numbers[train].mean(0)) / (numbers[train].std(0) + 1e-12)]
    parts += [np.eye(size)[data.cat[:, j]] * (data.cat[:, j] >= 0)[:, None] for j, size in enumerate(data.cat_sizes)]
    x = np.hstack(parts)
    trees = np.hstack([data.num] + parts[1:])
    return [x[train], trees[train], data.y[train], x[test], trees[test], data.y[test]]


def run_peers(case, repeat, options):
    """(name, accuracy, macro F1, log loss, CPU seconds) of each peer."""
    import time
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.metrics import f1_score, log_loss
    from sklearn.neural_network import MLPClassifier
    from xgboost import XGBClassifier
    warnings.simplefilter("ignore", ConvergenceWarning)
    x, trees, y, x_test, trees_test, truth = peer_data(case, repeat, options)
    for name, model, inputs, test in (("MLPClassifier", MLPClassifier(random_state=repeat), x, x_test),
                                      ("XGBoost", XGBClassifier(n_jobs=1, random_state=repeat), trees, trees_test)):
        start = time.process_time()
        model.fit(inputs, y)
        seconds = time.process_time() - start
        proba = model.predict_proba(test)
        guess = proba.argmax(1)
        yield (name, float((guess == truth).mean()), float(f1_score(truth, guess, average="macro")),
               float(log_loss(truth, proba, labels=list(range(proba.shape[1])))), seconds)


def write_table(rows, path):
    """Replaces the rows of the cases that ran, in what stands between the two comments of the results' page."""
    with open(path) as file:
        page = file.read()
    start = page.index(MARK) + len(MARK)
    end = page.index("<!-- end -->", start)
    cells = lambda line: tuple(cell.strip() for cell in line.split("|")[1:3])
    ran = {cells(row) for row in rows + HEAD.splitlines()}
    kept = [row for row in page[start:end].splitlines() if row.startswith("| ") and cells(row) not in ran]
    order = [case[0] for case in CASES]
    rows = sorted(kept + rows, key=lambda row: order.index(cells(row)[0]))
    machine = "unknown"
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo") as file:
            machine = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), machine)
    head = f"Machine: {machine}, one core, {datetime.date.today()}.\n\n{HEAD}\n"
    with open(path, "w") as file:
        file.write(page[:start] + "\n" + head + "\n".join(rows) + "\n" + page[end:])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("consort")
    parser.add_argument("--data", default=os.environ.get("CONSORT_DATA", "../shared/data"))
    parser.add_argument("--splits", default="../shared/bench/accuracy/splits")
    parser.add_argument("--only", default="")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--set", action="append", default=[])
    options = parser.parse_args()
    options.consort = os.path.abspath(options.consort)
    options.data = os.path.abspath(options.data)
    wanted = [word for word in options.only.split(",") if word]
    table = []
    print(HEAD, flush=True)
    for case in CASES:
        name, kind, _, _, accuracy, seconds = case
        if wanted and name not in wanted and f"{name}/{kind}" not in wanted:
            continue
        repeats = 1 if name in ("mnist", "adult10k") else options.repeats
        lines = {}
        for repeat in range(repeats):
            with tempfile.TemporaryDirectory() as folder:
                answers, cost = run_case(case, repeat, options, folder)
            for views, answer in answers:
                model = f"Consort, {kind}" + (f"; {views} views" if views > 1 else "")
                lines.setdefault(model, []).append(
                    [answer["metrics"][key]["value"] for key in ("accuracy", "f1_macro", "log_loss")] + [cost])
            if options.peers and (name, kind) not in NO_PEERS:
                for peer, *values in run_peers(case, repeat, options):
                    lines.setdefault(peer, []).append(values)
        for model, values in lines.items():
            a, f, l, s = (statistics.mean(column) for column in zip(*values))
            want = ""
            if model.startswith("Consort"):
                met = 100 * a >= accuracy - 1e-9 and s <= seconds
                want = f"{accuracy} in {seconds} s: {'met' if met else 'not met'}"
            table.append(f"| {name} | {model} | {len(values)} | {100 * a:.2f} | {f:.4f} | {l:.4f} | {s:.2f} | {want} |")
            print(table[-1], flush=True)
    if options.write:
        write_table(table, os.path.join(os.path.dirname(os.path.abspath(__file__)), "RESULTS.md"))


main()
