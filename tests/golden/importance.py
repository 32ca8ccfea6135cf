#!/usr/bin/env python3
"""Golden numbers for tests/test_insight_importance.c: PED-ANOVA by Optuna's evaluator.

  importance.py > importance.h     (Optuna 5.0)
"""
import math

import numpy as np
import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.importance import PedAnovaImportanceEvaluator

optuna.logging.set_verbosity(optuna.logging.ERROR)
N = 90
rng = np.random.default_rng(7)
dists = {"x": FloatDistribution(-1, 3), "rate": FloatDistribution(1e-4, 1e-1, log=True), "few": IntDistribution(1, 8),
         "many": IntDistribution(0, 200), "kind": CategoricalDistribution(["a", "b", "c"]),
         "part": FloatDistribution(0, 1)}
study = optuna.create_study(direction="minimize")
rows, scores = [], []
for i in range(N):
    p = {"x": round(rng.uniform(-1, 3), 4), "rate": float(f"{10 ** rng.uniform(-4, -1):.4g}"),
         "few": int(rng.integers(1, 9)), "many": int(rng.integers(0, 201)), "kind": "abc"[rng.integers(3)]}
    if p["kind"] == "b":
        p["part"] = round(rng.uniform(0, 1), 4)
    y = round((p["x"] - 1.2) ** 2 + 0.8 * (math.log10(p["rate"]) + 2.5) ** 2 + 0.05 * p["few"]
              + (1.5 * abs(p["part"] - 0.3) if "part" in p else 0.4) + 0.1 * rng.normal(), 6)
    study.add_trial(optuna.trial.create_trial(params=p, distributions={k: dists[k] for k in p}, value=y))
    rows.append([p["x"], p["rate"], p["few"], p["many"], "abc".index(p["kind"]), p.get("part", -1)])
    scores.append(y)

print(f"/* Made by tests/golden/importance.py with Optuna {optuna.__version__}. */")
print(f"enum {{ GOLDEN_N = {N} }};")
print("/* x, rate, few, many, kind (0 to 2), part (-1: not active) */")
print("static const double golden_params[GOLDEN_N][6] = {")
for r in rows:
    print("    {" + ", ".join(repr(v) for v in r) + "},")
print("};\nstatic const double golden_scores[GOLDEN_N] = {")
for i in range(0, N, 9):
    print("    " + ", ".join(repr(v) for v in scores[i:i + 9]) + ",")
print("};")
print("/* D alpha^2 / beta by parameter, at a top share */")
print("static const struct { double top_share, weighted[6]; } golden_importance[] = {")
for q in (0.1, 0.25, 0.5):
    out = PedAnovaImportanceEvaluator(target_quantile=q).evaluate(study)
    k = math.ceil(q * N) / N
    print(f"    {{{q}, {{" + ", ".join(repr(out[name] / k ** 2) for name in dists) + "}},")
print("};")
