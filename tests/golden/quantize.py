"""Layers of integers in Python's whole numbers, which do not overflow and are rounded by fractions: inputs and results as
C. Second implementation of plan/runtime/dense8_relu.h, dense16_relu.h, quantize8.h, quantize16.h.

    quantize.py > quantize.h
"""
from fractions import Fraction
from math import floor

import numpy as np

rng = np.random.default_rng(5)
N_IN, N_OUT = 13, 7


def show(kind, name, values):
    print(f"static const {kind} {name}[] = {{{', '.join(values if isinstance(values[0], str) else map(str, values))}}};")


def nearest(v):  # halves up
    return floor(v + Fraction(1, 2))


print("/* Written by quantize.py. */")
print(f"enum {{ N_IN = {N_IN}, N_OUT = {N_OUT} }};")
w = rng.integers(-127, 128, (N_OUT, N_IN))
multiplier = [int(v) for v in rng.integers(1 << 30, 1 << 31, N_OUT)]
show("int8_t", "w", list(w.ravel()))
show("int32_t", "multiplier", multiplier)
for bits, most, zero, shifts in ((8, 127, -128, (7, 9)), (16, 20011, 0, (8, 10))):
    x = rng.integers(-128 if bits == 8 else -most, most + 1, N_IN)
    bias = [int(v) for v in rng.integers(-20000, 60000, N_OUT) * (1 if bits == 8 else 200)]
    shift = [int(v) for v in rng.integers(shifts[0], shifts[1] + 1, N_OUT)]
    shift[3] = -1 if bits == 8 else 31  # larger than 1; nothing left
    sums = [bias[o] + sum(int(a) * int(b) for a, b in zip(w[o], x)) for o in range(N_OUT)]
    y = [min(most, max(zero, zero + nearest(Fraction(sums[o] * multiplier[o], 1 << (31 + shift[o]))))) for o in range(N_OUT)]
    show(f"int{bits}_t", f"x{bits}", list(x))
    show("int32_t", f"bias{bits}", bias)
    show("int8_t", f"shift{bits}", shift)
    show("int32_t", f"sum{bits}", sums)
    show(f"int{bits}_t", f"y{bits}", y)
# Halves go away from zero; what is too far stays at the end.
f = [-1e9, -3.5, -2.5, -0.5, -0.49, 0.0, 0.49, 0.5, 1.5, 2.25, 63.0, 1e9]
show("float", "floats", [f"{v!r}f" for v in f])


def away(v):
    return floor(v + Fraction(1, 2)) if v >= 0 else -floor(-v + Fraction(1, 2))


show("int8_t", "q8", [min(127, max(-128, away(Fraction(v) * 2 + 3))) for v in f])
show("int16_t", "q16", [min(1000, max(-1000, away(Fraction(v) * 8))) for v in f])
