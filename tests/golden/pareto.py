#!/usr/bin/env python3
"""Golden numbers for tests/test_search_pareto.c: fronts by brute force in numpy, hypervolumes by Optuna's WFG.

  pareto.py > pareto.h     (Optuna 5.0)
"""
import numpy as np
import optuna
from optuna._hypervolume import compute_hypervolume

rng = np.random.default_rng(3)
print(f"/* Made by tests/golden/pareto.py with Optuna {optuna.__version__}. */")
print("enum { GOLDEN_N = 24, GOLDEN_CASES = 6 };")
print("static const struct { int m; double points[GOLDEN_N][4]; bool on_front[GOLDEN_N]; double volume; }"
      " golden[GOLDEN_CASES] = {")
for case in range(6):
    m = [2, 2, 3, 3, 4, 4][case]
    p = np.round(rng.uniform(0, 1.15, (24, m)), 3)
    if case % 2:  # with ties and equal points
        p = np.round(p * 4) / 4
        p[5] = p[7]
    front = [not any((p[k] <= p[i]).all() and (p[k] < p[i]).any() for k in range(24)) for i in range(24)]
    inside = p[(p < 1).all(axis=1)]
    volume = compute_hypervolume(inside, np.ones(m))
    rows = ", ".join("{" + ", ".join(map(repr, map(float, r))) + "}" for r in p)
    print(f"    {{{m}, {{{rows}}},\n     {{{', '.join(str(int(f)) for f in front)}}}, {float(volume)!r}}},")
print("};")
