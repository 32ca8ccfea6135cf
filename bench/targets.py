"""What sixteen targets cost beside one: CPU seconds of training, side by side.

    python3 bench/targets.py build/consort [--rows 4000] [--turns 3] [--write]

The same rows, features and network (`preset: default`, 30 epochs, one fit), told to predict y1 or y1 .. y16. Turns alternate, the best of
each counts, reading the file is in both. --write puts the table into bench/RESULTS.md. Needs nothing but Python itself.
"""
import argparse
import math
import os
import random
import resource
import subprocess
import tempfile

from results import write_table

MARK = "<!-- bench/targets.py -->"
FEATURES, TARGETS = 12, 16
CONFIG = """name: targets
preset: default
metric: {{name: val_r2}}
train: {{epochs: 30, hidden: {hidden}}}
data: {{train: {table}, label: {label}, drop: {drop}, split: {{type: holdout, val_fraction: 0.2}}}}
"""


def write_table(path, n):
    rng = random.Random(1)
    weights = [[rng.gauss(0, 0.5) for _ in range(FEATURES)] for _ in range(TARGETS)]
    with open(path, "w") as file:
        names = [f"x{i + 1}" for i in range(FEATURES)] + [f"y{i + 1}" for i in range(TARGETS)]
        file.write(",".join(names) + "\n")
        for _ in range(n):
            x = [rng.gauss(0, 1) for _ in range(FEATURES)]
            y = [math.sin(sum(a * b for a, b in zip(w, x))) + rng.gauss(0, 0.1) for w in weights]
            file.write(",".join(f"{v:.4f}" for v in x + y) + "\n")


def seconds(consort, folder, hidden, n):
    names = [f"y{i + 1}" for i in range(TARGETS)]
    label, drop = "[" + ", ".join(names[:n]) + "]", "[" + ", ".join(names[n:]) + "]"
    config = os.path.join(folder, "targets.yaml")
    with open(config, "w") as file:
        file.write(CONFIG.format(hidden=hidden, table=os.path.join(folder, "table.csv"), label=label, drop=drop))
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    with tempfile.TemporaryDirectory() as run:
        subprocess.run([consort, "train", config, "-q", "-j", "1", "--dir", os.path.join(run, "run"), "--out",
                        os.path.join(run, "model.consort")], check=True, stdout=subprocess.DEVNULL)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("consort")
    parser.add_argument("--rows", type=int, default=4000)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    consort = os.path.abspath(options.consort)
    lines = ["| hidden layers | one target, CPU s | sixteen | ratio, wanted 1.5 |", "|---|--:|--:|--:|"]
    with tempfile.TemporaryDirectory() as folder:
        write_table(os.path.join(folder, "table.csv"), options.rows)
        for hidden in ("[32]", "[128, 128]", "[256, 256]"):
            best = {1: math.inf, TARGETS: math.inf}
            for _ in range(options.turns):
                for n in best:
                    best[n] = min(best[n], seconds(consort, folder, hidden, n))
            ratio = best[TARGETS] / best[1]
            lines.append(f"| {hidden} | {best[1]:.2f} | {best[TARGETS]:.2f} | {ratio:.2f} |")
    print("\n".join(lines))
    if options.write:
        write_table(MARK, "\n".join(lines) + "\n")


main()
