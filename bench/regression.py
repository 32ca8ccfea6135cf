"""What a network is worth where a number is predicted: RMSE and CPU seconds on fixed splits of nine tables, beside
five peers with their defaults.

    python3 bench/regression.py build/consort [--data FOLDER] [--peers FOLDER] [--only servo,stock] [--repeats 3]
                                [--kinds bag,run] [--keep FILE] [--write] [--set key=value ...]

bag is one untuned model: `consort train` of `preset: default` on five folds. run is `consort run` of
configs/tabular.yaml, tuned and ensembled, on all training rows. The splits are lists of test rows (row numbers in file
order, from 0), one file for each table and repeat; the model file of each is evaluated on them. Peers are not run:
PEERS/results.jsonl has theirs. CPU seconds are those of the training process and its children, user and system.

The rule: the geometric mean over the tables of the mean RMSE over the repeats, CatBoost's = 1. Ratios are of
the same repeats. --keep continues a file of results, a JSON object a line. --write puts the table into bench/RESULTS.md, between its
two comments. Needs nothing but Python itself.
"""
import argparse
import datetime
import json
import math
import os
import resource
import statistics
import subprocess
import tempfile

from results import write_table
from tables import write_parts

MARK = "<!-- bench/regression.py -->"
TABLES = "abalone autompg cal-housing cpu-act housing kin8nm puma8NH servo stock".split()
WANTED = {"bag": (0.97, 5), "run": (0.92, 20)}
NAMES = {"bag": "Consort, one untuned bag", "run": "Consort, `consort run`, tuned and ensembled"}
PEERS = {"catboost": "CatBoost", "lightgbm": "LightGBM", "xgb": "XGBoost", "rf": "random forest", "mlp": "MLPRegressor"}
BAG = """name: bench
preset: default
metric: {name: val_rmse}
run: {seed: SEED}
data: {format: arff, task: numbers, split: {type: kfold, folds: 5}}
"""


def write_split(name, repeat, options, folder):
    """Writes the training and the test file; returns both and the number of training rows."""
    train, test = (os.path.join(folder, f"{part}.arff") for part in ("train", "test"))
    n_rows = write_parts(os.path.join(options.data, name + ".arff"),
                         os.path.join(options.peers, "splits", f"{name}.r{repeat}.test.txt"), train, test)
    return train, test, n_rows


def command_of(kind, train, test, repeat, options, folder):
    """The command line, and the model file that it leaves."""
    model = os.path.join(folder, "model.consort")
    if kind == "bag":
        config = os.path.join(folder, "bag.yaml")
        with open(config, "w") as file:
            file.write(BAG.replace("SEED", str(repeat)))
        return ["train", config, "-q", "-j", "1", "--set", f"data.train={train}", "--dir", os.path.join(folder, "run"),
                "--out", model], model
    config = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "configs", "tabular.yaml")
    return ["run", config, "-q", "--dir", os.path.join(folder, "run"), "--set", f"data.train={train}", "--set",
            f"data.test={test}", "--set", "data.task=numbers", "--set", f"run.seed={repeat}"], os.path.join(folder, "run", "ensemble.consort")


def run_case(kind, name, repeat, options):
    with tempfile.TemporaryDirectory() as folder:
        train, test, n_rows = write_split(name, repeat, options, folder)
        command, model = command_of(kind, train, test, repeat, options, folder)
        for assignment in options.set:
            command += ["--set", assignment]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([options.consort, *command], check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        answer = subprocess.run([options.consort, "evaluate", model, test, "--format", "arff", "--json"], check=True,
                                capture_output=True)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return {"dataset": name, "method": kind, "rep": repeat, "cpu": round(cpu, 2), "rows": n_rows,
                "rmse": json.loads(answer.stdout)["metrics"]["rmse"]["value"]}


def geometric(values):
    return math.exp(statistics.mean(map(math.log, values)))


def ratio(rows, name, method, done):
    """A method's mean RMSE on a table, CatBoost's on the same splits = 1."""
    ours = {r["rep"]: r["rmse"] for r in rows if (r["dataset"], r["method"]) == (name, method) and (name, r["rep"]) in done}
    theirs = [r["rmse"] for r in rows if (r["dataset"], r["method"]) == (name, "catboost") and r["rep"] in ours]
    return statistics.mean(ours.values()) / statistics.mean(theirs)


def tables_of(results, peers):
    """The lines of the table: a row a table, a column a method, and the rule's mean below."""
    done = {(r["dataset"], r["rep"]) for r in results}
    names = [name for name in TABLES if any(name == d for d, _ in done)]
    kinds = [kind for kind in WANTED if any(r["method"] == kind for r in results)]
    columns = [(kind, NAMES[kind]) for kind in kinds] + list(PEERS.items())
    mean = {}
    for r in results + [r for r in peers if (r["dataset"], r["rep"]) in done]:
        mean.setdefault((r["dataset"], r["method"]), []).append(r["rmse"])
    mean = {key: statistics.mean(values) for key, values in mean.items()}
    lines = ["| data | splits | " + " | ".join(label for _, label in columns) + " |",
             "|---|--:|" + "--:|" * len(columns)]
    for name in names:
        cells = []
        for method, _ in columns:
            value = mean.get((name, method))
            ours = [r for r in results if r["dataset"] == name and r["method"] == method]
            cost = f" ({statistics.mean(1000 * r['cpu'] / r['rows'] for r in ours):.1f})" if ours else ""
            cells.append(f"{value:.4g}{cost}" if value is not None else "")
        splits = " and ".join(str(sum((name, kind) == (r["dataset"], r["method"]) for r in results)) for kind in kinds)
        lines.append(f"| {name} | {splits} | " + " | ".join(cells) + " |")
    cells, notes = [], []
    for method, label in columns:
        have = [name for name in names if (name, method) in mean]
        rule = geometric([ratio(results + peers, name, method, done) for name in have]) if have else None
        cells.append(f"{rule:.3f}" if rule else "")
        if method not in WANTED or rule is None:
            continue
        ours = [r for r in results if r["method"] == method]
        cost = statistics.mean(statistics.mean(1000 * r["cpu"] / r["rows"] for r in ours if r["dataset"] == name)
                               for name in have)
        limit, seconds = WANTED[method]
        met = "met" if rule <= limit and cost <= seconds else "not met"
        if len(have) < len(TABLES):
            met += " on these; the others did not run"
        notes.append(f"{label}: {rule:.3f} in {cost:.1f} CPU s per 1,000 rows, on {len(have)} tables; wanted {limit} in"
                     f" {seconds}: {met}.")
    lines.append("| geometric mean, CatBoost = 1 | | " + " | ".join(cells) + " |")
    return lines + [""] + notes


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("consort")
    parser.add_argument("--data", default="../shared/data/regression")
    parser.add_argument("--peers", default="../shared/bench/regression")
    parser.add_argument("--only", default="")
    parser.add_argument("--kinds", default="bag,run")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--keep", default="")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--set", action="append", default=[])
    options = parser.parse_args()
    options.consort = os.path.abspath(options.consort)
    wanted = [word for word in options.only.split(",") if word]
    results = []
    if options.keep and os.path.exists(options.keep):
        with open(options.keep) as file:
            results = [json.loads(line) for line in file if line.strip()]
    done = {(r["dataset"], r["method"], r["rep"]) for r in results}
    with open(os.path.join(options.peers, "results.jsonl")) as file:
        peers = [json.loads(line) for line in file]
    for kind in options.kinds.split(","):
        for repeat in range(options.repeats):
            for name in TABLES:
                if (wanted and name not in wanted) or (name, kind, repeat) in done:
                    continue
                results.append(run_case(kind, name, repeat, options))
                print(json.dumps(results[-1]), flush=True)
                if options.keep:
                    with open(options.keep, "a") as file:
                        file.write(json.dumps(results[-1]) + "\n")
    lines = tables_of(results, peers)
    print("\n".join(lines))
    if options.write:
        head = f"Test RMSE, in brackets CPU seconds per 1,000 training rows, {datetime.date.today()}.\n\n"
        write_table(MARK, head + "\n".join(lines) + "\n")


main()
