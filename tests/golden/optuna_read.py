"""Reads an exported study with Optuna and compares it with the same study as JSON; then goes on with it.

python3 optuna_read.py STUDY.db STUDY.json     (called by tests/cli_optuna.sh)
"""
import datetime
import json
import math
import sys
import warnings

import optuna

warnings.simplefilter("error", UserWarning)
optuna.logging.set_verbosity(optuna.logging.WARNING)
database, document = "sqlite:///" + sys.argv[1], json.load(open(sys.argv[2]))
study = optuna.load_study(study_name=document["study"]["name"], storage=database)
states = {"COMPLETE": "COMPLETE", "PRUNED": "PRUNED", "FAILED": "FAIL", "INFEASIBLE": "FAIL"}
n = 0


def same(what, got, want):
    global n
    n += 1
    if got != want:
        sys.exit("%s: Optuna has %r, Consort %r" % (what, got, want))


def plain(value):
    return "-".join(str(item) for item in value) if isinstance(value, list) else value


def local(utc):
    at = datetime.datetime.fromisoformat(utc.replace("Z", "+00:00"))
    return at.astimezone().replace(tzinfo=None)


same("direction", study.direction.name.lower(), document["study"]["goal"])
same("metric", study.metric_names, [document["study"]["metric"]])
same("number of trials", len(study.trials), len(document["trials"]))
for ours, theirs in zip(document["trials"], study.get_trials(deepcopy=False)):
    name = "trial %d: " % ours["trial"]
    theirs._validate()  # every value lies in its distribution
    same(name + "state", theirs.state.name, states[ours["state"]])
    want = {}
    for key, value in ours["params"].items():
        if key == "l2":
            want["l2_on"] = value != 0
        if key != "l2" or value != 0:
            want[key] = plain(value)
    same(name + "parameters", theirs.params, want)
    curve = {p["epoch"] - 1: p["val_metric"] for p in ours["curve"] if p["fold"] == 0}
    same(name + "curve", theirs.intermediate_values, curve)
    if ours["state"] == "COMPLETE":
        same(name + "value", theirs.value, ours["value"])
    elif ours["state"] == "PRUNED":
        same(name + "value", theirs.value, curve[max(curve)])
    else:
        same(name + "value", theirs.values, None)
    if ours["state"] != "INFEASIBLE":
        same(name + "start", theirs.datetime_start, local(ours["start_utc"]))
    same(name + "end", theirs.datetime_complete, local(ours["end_utc"]))
    for metric, value in ours["metrics"].items():
        same(name + metric, theirs.user_attrs.get("val_" + metric), value)
best = max if document["study"]["goal"] == "maximize" else min
done = [t for t in document["trials"] if t["state"] == "COMPLETE"]
same("best value", study.best_value, best(t["value"] for t in done))

# Go on: TPE must understand every distribution, and Optuna write to the file.
study.sampler = optuna.samplers.TPESampler(seed=1, n_startup_trials=1)


def objective(trial):
    last = {}
    for old in study.get_trials(deepcopy=False):
        last.update(old.distributions)
    for key, d in last.items():
        trial._suggest(key, d)
    return 0.5


study.optimize(objective, n_trials=3)
same("trials after going on", len(study.trials), len(document["trials"]) + 3)
assert all(math.isfinite(t.value) for t in study.trials[-3:])
print("%d comparisons" % n)
