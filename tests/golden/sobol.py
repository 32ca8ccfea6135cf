#!/usr/bin/env python3
"""Direction numbers of the first 64 Sobol dimensions and golden points, from scipy's copy of the
table that Joe & Kuo publish (new-joe-kuo-6.21201).

  sobol.py table    the rows of tuner/search/sobol.c
  sobol.py points   points of the unscrambled sequence for tests/test_search_sobol.c
"""
import os
import sys

import numpy as np
import scipy
from scipy.stats import qmc

if sys.argv[1:] == ["table"]:
    z = np.load(os.path.join(os.path.dirname(scipy.__file__), "stats", "_sobol_direction_numbers.npz"))
    line = "   "
    for poly, m in zip(z["poly"][:64], z["vinit"][:64]):
        cell = " {%d, {%s}}," % (poly, ", ".join(str(x) for x in m if x))
        if len(line) + len(cell) > 100:
            print(line)
            line = "   "
        line += cell
    print(line)
else:
    x = qmc.Sobol(64, scramble=False, bits=32).random(4097)
    for i in (1, 2, 3, 7, 100, 1023, 4096):
        for d in (0, 1, 2, 9, 31, 63):
            print("    {%d, %d, %d}," % (i, d, int(round(x[i, d] * 2**32))))
    s = x[:4096].sum(axis=1)
    print("/* sums over the first 4096 points, by dimension: all", set(np.round(x[:4096].sum(axis=0), 6)), "*/")
    w = np.arange(1, 65) * x[:4097]
    print("/* weighted sum of everything */ %.17g" % float((w * (np.arange(4097)[:, None] % 7 + 1)).sum()))
