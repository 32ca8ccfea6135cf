#!/usr/bin/env python3
"""Do priors and earlier studies help on models that are trained for real?

  knowledge.py PROGRAM [--seeds 0:4] [--budget 100] [--kinds none,guess,...] [--method bayes] [--out FILE]

PROGRAM is a `consort`. Three models (random forest, support vector machine, boosted trees), each on one data set
after a study of 50 trials of the same model on another. Kinds of knowledge:
  none
  guess      priors around what did best of 200 random points, and no further, on half of the rows: confidence medium
  defaults   priors around scikit-learn's and XGBoost's defaults, confidence medium
  wrong      priors around the worst of 100 random points, confidence high
  related    transfer from the other data set
  half       the same, from a study that searched half of the parameters
  shuffled   the same as related, with its scores shuffled among its trials
Regret by problem: 0 is the best of all runs here, 1 the median best of ten random points. Behind each mean: runs
better and worse than `none` on the same seed. It needs numpy, scikit-learn, xgboost.
"""
import argparse
import functools
import json
import os
import random
import statistics
import sys

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import space  # noqa: E402
from models import capped, log_loss, rows  # noqa: E402
from searches import Program  # noqa: E402
from space import category, number, whole  # noqa: E402
from sklearn import ensemble, metrics, pipeline, preprocessing, svm  # noqa: E402
import xgboost  # noqa: E402

AT = [10, 25, 50, 100]
BEFORE = 50


def forest(p):
    return ensemble.RandomForestClassifier(
        p["trees"],
        criterion=p["criterion"],
        max_depth=p["depth"],
        min_samples_leaf=p["leaf"],
        min_samples_split=p["split"],
        max_features={"sqrt": "sqrt", "third": 0.34, "all": None}[p["features"]],
        class_weight=None if p["weight"] == "none" else p["weight"],
        random_state=0,
    )


def vectors(p):
    scaler = {"none": None, "standard": preprocessing.StandardScaler(), "minmax": preprocessing.MinMaxScaler()}
    model = svm.SVC(
        C=p["c"], kernel=p["kernel"], gamma=p["gamma"], coef0=p["coef"], tol=p["tolerance"],
        shrinking=p["shrinking"] == "yes", max_iter=2000, decision_function_shape="ovr",
    )
    return pipeline.make_pipeline(*[s for s in (scaler[p["scaler"]], model) if s is not None])


def boosted(p):
    return xgboost.XGBClassifier(
        n_estimators=p["trees"], learning_rate=p["rate"], max_depth=p["depth"], min_child_weight=p["child"],
        subsample=p["rows"], colsample_bytree=p["columns"], reg_lambda=p["lambda"], gamma=p["gain"],
        n_jobs=1, random_state=0, verbosity=0,
    )


MODELS = {
    "forest": (forest, "blobs", "digits", [
        whole("trees", 2, 16), whole("depth", 1, 16), whole("leaf", 1, 30, True), whole("split", 2, 60, True),
        category("criterion", ["gini", "entropy"]), category("features", ["sqrt", "third", "all"]),
        category("weight", ["none", "balanced"]),
    ], {"trees": 16, "depth": 16, "leaf": 1, "split": 2, "criterion": "gini", "features": "sqrt", "weight": "none"}),
    "vectors": (vectors, "digits", "blobs", [
        number("c", 1e-3, 1e3, True), number("gamma", 1e-5, 1e1, True), number("coef", 0, 2),
        number("tolerance", 1e-5, 1e-1, True), category("kernel", ["rbf", "poly", "sigmoid"]),
        category("scaler", ["none", "standard", "minmax"]), category("shrinking", ["yes", "no"]),
    ], {"c": 1.0, "gamma": 1 / 64, "coef": 0.0, "tolerance": 1e-3, "kernel": "rbf", "scaler": "standard",
        "shrinking": "yes"}),
    "boosted": (boosted, "blobs", "wine", [
        whole("trees", 3, 40, True), number("rate", 0.01, 1.0, True), whole("depth", 1, 8),
        number("child", 0.1, 30, True), number("rows", 0.3, 1.0), number("columns", 0.3, 1.0),
        number("lambda", 1e-3, 1e2, True), number("gain", 1e-4, 1e1, True),
    ], {"trees": 40, "rate": 0.3, "depth": 6, "child": 1.0, "rows": 1.0, "columns": 1.0, "lambda": 1.0,
        "gain": 1e-4}),
}


def error(model, name):
    """For what gives no probabilities: the share of rows that are wrong."""
    x, y, held, truth = rows(name)
    return capped(lambda: 1 - metrics.accuracy_score(truth, model.fit(x, y).predict(held)))


def scorer(make, data, params):
    score = error if make is vectors else log_loss

    @functools.lru_cache(None)
    def of(key):
        return score(make(dict(key)), data)

    return lambda p: of(tuple((q.name, p[q.name]) for q in params))


def half_rows(make, data, p):
    x, y, held, truth = rows(data)
    n = len(y) // 2
    return capped(lambda: 1 - metrics.accuracy_score(truth, make(p).fit(x[:n], y[:n]).predict(held)))


def sweep_file(params, method, guess, confidence, transfer):
    lines = space.sweep_file(params, method).splitlines()
    out = []
    for line in lines:
        name = line.split(":")[0].strip()
        if guess and line.startswith("  ") and name in guess:
            value = guess[name]
            line = "%s, prior: {value: %s, confidence: %s}}" % (line[:-1], value, confidence)
        out.append(line)
    if transfer:
        out += ["transfer:", "  - study: before", "    goal: minimize", "    trials:"]
        out += ["      - {score: %.17g, params: %s}" % (s, json.dumps(p)) for p, s in transfer]
    return "\n".join(out) + "\n"


def search(program, params, text, value, seed, budget):
    found, told = [], Program(params, [program, "ask-tell", "{space}", "--seed", "{seed}"], text, seed)
    for _ in range(budget):
        i, p = told.ask()
        v = value(p)
        told.tell(i, v)
        found.append((p, v))
    told.close()
    return found


def knowledge(kind, name, seed, program, method):
    """The sweep file of a kind."""
    make, data, other, params, defaults = MODELS[name]
    r = random.Random("%s-%d" % (name, seed))
    if kind == "none":
        return sweep_file(params, method, None, None, None)
    if kind == "defaults":
        return sweep_file(params, method, defaults, "medium", None)
    if kind == "guess":
        points = [space.draw(params, r) for _ in range(200)]
        best = min(points, key=lambda p: half_rows(make, data, p))
        return sweep_file(params, method, best, "medium", None)
    if kind == "wrong":
        value = scorer(make, data, params)
        worst = max([space.draw(params, r) for _ in range(100)], key=value)
        return sweep_file(params, method, worst, "high", None)
    value = scorer(make, other, params)
    searched = params[::2] if kind == "half" else params
    rest = {p.name: defaults[p.name] for p in params if p not in searched}
    before = search(program, searched, sweep_file(searched, method, None, None, None),
                    lambda p: value({**rest, **p}), seed + 500, BEFORE)
    if kind == "shuffled":
        scores = [s for _, s in before]
        r.shuffle(scores)
        before = [(p, s) for (p, _), s in zip(before, scores)]
    return sweep_file(params, method, None, None, before)


def show(records, kinds):
    names = sorted({r["problem"] for r in records})
    best = {n: min(min(r["best"]) for r in records if r["problem"] == n) for n in names}
    base = {r["problem"]: r["base"] for r in records}

    def regret(r, at):
        low = best[r["problem"]]
        return (r["best"][at] - low) / max(base[r["problem"]] - low, 1e-9)

    plain = {(r["problem"], r["seed"]): r for r in records if r["kind"] == "none"}
    for name in names + ["all"]:
        for kind in kinds:
            mine = [r for r in records if r["kind"] == kind and name in ("all", r["problem"])]
            line = "%-9s %-9s" % (name, kind)
            for i, at in enumerate(AT):
                if not mine or len(mine[0]["best"]) <= i:
                    continue
                pairs = [(r["best"][i], plain[r["problem"], r["seed"]]["best"][i]) for r in mine
                         if (r["problem"], r["seed"]) in plain]
                line += "  @%-3d %.3f %2d:%-2d" % (
                    at, statistics.mean(regret(r, i) for r in mine),
                    sum(a < b - 1e-12 for a, b in pairs), sum(a > b + 1e-12 for a, b in pairs))
            print(line, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--seeds", default="0:4")
    parser.add_argument("--budget", type=int, default=100)
    parser.add_argument("--method", default="bayes")
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--kinds", default="none,guess,defaults,wrong,related,half,shuffled")
    parser.add_argument("--out")
    a = parser.parse_args()
    low, high = map(int, a.seeds.split(":"))
    kinds, records = a.kinds.split(","), []
    for seed in range(low, high):
        for name in a.models.split(","):
            make, data, _, params, _ = MODELS[name]
            value = scorer(make, data, params)
            r = random.Random(1)
            base = statistics.median(min(value(space.draw(params, r)) for _ in range(10)) for _ in range(25))
            for kind in kinds:
                text = knowledge(kind, name, seed, os.path.abspath(a.program), a.method)
                found = search(os.path.abspath(a.program), params, text, value, seed, a.budget)
                best = [min(v for _, v in found[:at]) for at in AT if at <= a.budget]
                records.append({"problem": name, "seed": seed, "kind": kind, "best": best, "base": base})
                if a.out:
                    with open(a.out, "a") as f:
                        f.write(json.dumps(records[-1]) + "\n")
    show(records, kinds)


if __name__ == "__main__":
    main()
