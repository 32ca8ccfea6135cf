"""What a portfolio of first trials is worth, and how the entries of job/portfolio.c were chosen.

    python3 bench/portfolio.py build/consort [--data FOLDER] [--points 72] [--size 6]

Trains the same Sobol points of one space on ten tables (hold-out of a quarter, 40 epochs), and chooses entries
greedily: each time the point that lowers the mean regret of the best so far most. Regret is in validation log loss: 0
is the best of all points on that table, 1 the median point; 3 at most. "left out": chosen on the other nine tables,
judged on the tenth. "random": the best of so many points drawn at random. Needs nothing but Python itself; ten
minutes.
"""
import argparse
import json
import os
import random
import sqlite3
import statistics
import subprocess
import tempfile

TABLES = "vehicle tic-tac-toe credit-g soybean segment splice hypothyroid sick spambase nursery".split()
SWEEP = """name: {table}
method: qmc
baseline: false
metric: {{name: val_log_loss, goal: minimize}}
run_cap: {points}
parameters:
  learning_rate: {{distribution: log_uniform_values, min: 0.0003, max: 0.1}}
  num_layers: {{min: 1, max: 3}}
  width_1: {{distribution: q_log_uniform_values, min: 16, max: 256, q: 8}}
  width_2: {{expr: "width_1", when: "num_layers >= 2"}}
  width_3: {{expr: "width_1", when: "num_layers >= 3"}}
  batch_size: {{values: [32, 64, 128, 256]}}
  activation: {{values: [relu, selu, mish]}}
  dropout: {{distribution: q_uniform, min: 0.0, max: 0.5, q: 0.05}}
  weight_decay: {{distribution: log_uniform_values, min: 0.0001, max: 0.3, zero_prob: 0.3}}
  label_smoothing: {{values: [0.0, 0.05, 0.1]}}
data:
  train: {data}/tabular/{table}.arff
  split: {{type: holdout, val_fraction: 0.25, seed: 1}}
train: {{epochs: 40, schedule: cosine, optimizer: adamw}}
run: {{seed: 1, keep_models: 1}}
"""
WORST = 3


def train(table, options, folder):
    """(regret of each point, its parameters)"""
    config, out = os.path.join(folder, table + ".yaml"), os.path.join(folder, table)
    with open(config, "w") as file:
        file.write(SWEEP.format(table=table, points=options.points, data=os.path.abspath(options.data)))
    subprocess.run([options.consort, "sweep", config, "--dir", out, "-qq"], check=True, stdout=subprocess.DEVNULL)
    rows = sqlite3.connect(os.path.join(out, "trials.db")).execute(
        "SELECT CASE state WHEN 'COMPLETE' THEN value END, params FROM trial ORDER BY number").fetchall()
    known = [value for value, _ in rows if value is not None]
    best, median = min(known), statistics.median(known)
    regret = [WORST if value is None else min(WORST, (value - best) / (median - best)) for value, _ in rows]
    return regret, [json.loads(params) for _, params in rows]


def choose(tables, size):
    chosen, so_far = [], [WORST] * len(tables)
    for _ in range(size):
        gain = lambda p: sum(min(r, t[p]) for r, t in zip(so_far, tables))
        chosen.append(min(range(len(tables[0])), key=gain))
        so_far = [min(r, t[chosen[-1]]) for r, t in zip(so_far, tables)]
    return chosen


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("consort")
    parser.add_argument("--data", default=os.environ.get("CONSORT_DATA", "../shared/data"))
    parser.add_argument("--points", type=int, default=72)
    parser.add_argument("--size", type=int, default=6)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="portfolio-") as folder:
        tables, params = [], []
        for table in TABLES:
            regret, params = train(table, options, folder)
            tables.append(regret)
            print(table, flush=True)
    draw = random.Random(1)
    print("entries   left out   random")
    for size in range(1, options.size + 1):
        left_out = [min(t[p] for p in choose(tables[:i] + tables[i + 1:], size)) for i, t in enumerate(tables)]
        by_chance = [statistics.mean(min(draw.sample(t, size)) for _ in range(500)) for t in tables]
        print(f"{size:7}   {statistics.mean(left_out):8.2f}   {statistics.mean(by_chance):6.2f}")
    for point in choose(tables, options.size):
        print(json.dumps(params[point]))


if __name__ == "__main__":
    main()
