"""python3 distill.py CONSORT DATA SPLITS [NAME.REPEAT...]: teacher, the same network on labels, and the distilled one.

Of each table a stratified fifth tests, by the rule of SPLITS/tabdata.py (repeats 5 and up: 0 to 4 judge). The teacher is what
`consort run FILE` makes; students have 2,000 weights, taught out of fold, and by the ensemble's own word (--in-sample).
Prints a row for each; RESULTS of several repeats are means with standard errors. Needs NumPy.
"""
import csv, json, os, subprocess, sys, tempfile

consort, data, splits = sys.argv[1:4]
wanted = [w.rsplit(".", 1) for w in sys.argv[4:] or ["segment.5", "segment.6", "segment.7"]]
sys.path.insert(0, splits)
import numpy as np
import tabdata


def call(*arguments):
    return subprocess.run([consort, *arguments], check=True, capture_output=True, text=True).stdout


def divide(work, name, repeat):
    """NAME.REPEAT.train.csv and .test.csv; returns the label."""
    call("data", "convert", os.path.join(data, name + ".arff"), f"{work}/{name}.csv")
    head, *rows = csv.reader(open(f"{work}/{name}.csv"))
    for part, index in zip(("train", "test"), tabdata.outer(tabdata.load([data], name), repeat)):
        with open(f"{work}/{name}.{repeat}.{part}.csv", "w", newline="") as out:
            csv.writer(out).writerows([head] + [rows[i] for i in index])
    return head[-1]


scores = {}
with tempfile.TemporaryDirectory() as work:
    for name, repeat in wanted:
        label, at = divide(work, name, int(repeat)), f"{work}/{name}.{repeat}"
        call("run", at + ".train.csv", "--label", label, "--test", at + ".test.csv", "--dir", at, "-j", "1", "-q")
        for way in ([], ["--in-sample"]):
            d = json.loads(call("distill", at, "--budget", "params=2000", "--out", at + ".consort", "--json", "-q", *way))
            who = {"teacher": d["teacher"], "labels": d["labels"], "own word" if way else "out of fold": d["student"]}
            for w, of in who.items():
                m = of["metrics"]
                print(f"{name}.{repeat:<3} {w:12} {m['accuracy']:.4f} {m['log_loss']:.4f} {of['n_params']:9.0f}", flush=True)
                scores.setdefault((name, w), {})[repeat] = (m["accuracy"], m["log_loss"])
for (name, w), of in scores.items():
    x = np.array(list(of.values()))
    se = x.std(0, ddof=1) / len(x) ** 0.5 if len(x) > 1 else x[0] * np.nan
    print(f"{name} {w:12} {len(x)} repeats: accuracy {x[:, 0].mean():.4f} ({se[0]:.4f}), log loss {x[:, 1].mean():.4f} ({se[1]:.4f})")
