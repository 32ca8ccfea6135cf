"""What derived columns (data.preprocess: target_encoding, crosses, arithmetic, aggregates) bring to one untuned bag.

    python3 bench/features.py build/consort [--data FOLDER] [--rule FOLDER] [--only credit-g,splice] [--repeats 5,6]
                              [--ways plain,crosses] [--preset default]

A way is one of the names below, or what stands in `preprocess`.

Splits are made by the rule of FOLDER/tabdata.py (a fifth of each class, seed 1000 + repeat), for repeats that no
table of results uses; adult10k trains on 10,000 rows of its training file and is tested on other rows of it.
Prints a line a run: table, repeat, way, accuracy, log loss, CPU seconds of training, as JSON.
"""
import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile

from tables import write_parts

WAYS = {
    "plain": "",
    "targets": "target_encoding: oof",
    "crosses": "crosses: 8",
    "arithmetic": "arithmetic: 8",
    "aggregates": "aggregates: 4",
    "all": "target_encoding: oof, crosses: 8, arithmetic: 8, aggregates: 4",
}


def split(options, name, repeat, folder):
    """The lines of `data` and the arguments of evaluate."""
    train, test = (os.path.join(folder, part) for part in ("train.data", "test.data"))
    tables = os.path.join(options.data, "tabular")
    if name == "adult10k":
        with open(os.path.join(tables, "adult-train.csv")) as file:
            lines = [line for line in file if line.count(",") == 14]
        start = 10000 * (repeat - 5) % 20000
        for path, rows in ((train, lines[start:start + 10000]), (test, lines[start + 10000:start + 21000])):
            with open(path, "w") as file:
                file.writelines(rows)
        return (f"  train: {train}\n  format: csv\n  header: false\n  label: 15\n",
                [test, "--format", "csv", "--header", "false", "--label", "15"])
    import tabdata
    held = os.path.join(folder, "held.txt")
    data = tabdata.load([tables], name)
    with open(held, "w") as file:
        file.writelines(f"{row}\n" for row in tabdata.outer(data, repeat)[1])
    write_parts(os.path.join(tables, name + ".arff"), held, train, test)
    return f"  train: {train}\n  format: arff\n", [test, "--format", "arff"]


def run(options, name, repeat, way, folder):
    lines, test = split(options, name, repeat, folder)
    config = os.path.join(folder, "config.yaml")
    preset = f"preset: {options.preset}\n" if options.preset else ""
    with open(config, "w") as file:
        file.write(f"{preset}data:\n{lines}  split: {{type: kfold, folds: 5}}\n  preprocess: {{{WAYS.get(way, way)}}}\n"
                   "run: {seed: 1}\nensemble: {thresholds: none}\n")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    model = os.path.join(folder, "m.consort")
    subprocess.run([options.consort, "train", config, "-q", "-j", "1", "--dir", os.path.join(folder, "run"), "--out", model], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    out = subprocess.run([options.consort, "evaluate", model, *test, "--json"], check=True, capture_output=True, text=True)
    metrics = json.loads(out.stdout)["metrics"]
    print(json.dumps({"data": name, "repeat": repeat, "way": way, "accuracy": metrics["accuracy"]["value"],
                      "log_loss": metrics["log_loss"]["value"], "cpu_s": round(cpu, 2)}), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("consort")
    parser.add_argument("--data", default="../shared/data")
    parser.add_argument("--rule", default="../shared/bench/accuracy")
    parser.add_argument("--only", default="credit-g,tic-tac-toe,vehicle,splice,adult10k")
    parser.add_argument("--repeats", default="5,6")
    parser.add_argument("--ways", default=",".join(WAYS))
    parser.add_argument("--preset", default="default")
    options = parser.parse_args()
    options.consort = os.path.abspath(options.consort)
    sys.path.insert(0, options.rule)
    for repeat in options.repeats.split(","):
        for name in options.only.split(","):
            for way in options.ways.split(","):
                with tempfile.TemporaryDirectory() as folder:
                    run(options, name, int(repeat), way, folder)


if __name__ == "__main__":
    main()
