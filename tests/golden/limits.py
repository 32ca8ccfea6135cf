#!/usr/bin/env python3
"""Golden numbers for tests/test_search_limits.c: the logarithm of the normal distribution and its slope, by SciPy.

  limits.py > limits.h
"""
import numpy as np
import scipy
from scipy.special import erfcx, log_ndtr

print(f"/* Made by tests/golden/limits.py with SciPy {scipy.__version__}. */")
print("static const struct { double t, log, slope; } golden_normal[] = {")
for t in [-1e4, -300, -40, -38.6, -12.5, -5.01, -5, -4.99, -2, -0.5, 0, 0.3, 1, 4, 9, 40]:
    slope = np.sqrt(2 / np.pi) / erfcx(-t / np.sqrt(2)) if t < 5 else np.exp(-t * t / 2) / np.sqrt(2 * np.pi)
    print(f"    {{{t!r}, {float(log_ndtr(t))!r}, {float(slope)!r}}},")
print("};")
