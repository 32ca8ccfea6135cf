"""Golden numbers for tests/test_prep_derive.c, from scikit-learn's TargetEncoder and pandas.

    python tests/golden/derive.py > tests/golden/derive.h

Needs scikit-learn and pandas (made with scikit-learn 1.9.1). Training rows are the first 60 of 80.
"""
import numpy as np
import pandas as pd
from sklearn.preprocessing import TargetEncoder

rng = np.random.default_rng(20261130)
n, n_train, smooth = 80, 60, 10.0
city = rng.integers(-1, 6, n)  # -1 is missing
city[62:65] = 6  # never met in training
job = rng.integers(0, 4, n)
x = np.round(rng.normal(5, 3, n), 6)
x[rng.random(n) < 0.1] = np.nan
two = (rng.random(n) < 0.3 + 0.1 * (city % 3)).astype(int)
three = rng.integers(0, 3, n)
y = np.round(rng.gamma(2, 3, n) + city, 6)


def word(codes):
    return np.array([["missing" if c < 0 else f"level {c}"] for c in codes], dtype=object)


def encoded(words, target, kind):
    encoder = TargetEncoder(smooth=smooth, target_type=kind).fit(words[:n_train], target[:n_train])
    return encoder.transform(words)


def inner_fold(row):
    """SplitMix64's finalizer of seed 5 and the row's number, once more."""
    m = (1 << 64) - 1
    z = (5 + 0x9E3779B97F4A7C15 * (row + 1)) & m
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & m
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & m
    return (z ^ (z >> 31)) % 5


def out_of_fold(codes, target):
    """Of a training row: its group in the other folds, with all training rows' mean."""
    folds = np.array([inner_fold(i) for i in range(n_train)])
    prior, out = target[:n_train].mean(), []
    for i in range(n_train):
        others = target[:n_train][(folds != folds[i]) & (codes[:n_train] == codes[i])]
        out.append((others.sum() + smooth * prior) / (len(others) + smooth))
    return out


pair = np.array([[f"{a[0]} & {b[0]}"] for a, b in zip(word(city), word(job))], dtype=object)
frame = pd.DataFrame({"city": city, "x": x})
means = frame[:n_train].groupby("city").x.mean()
mean = [means.get(c, np.nanmean(x[:n_train])) for c in city]


def show(name, values, kind="double"):
    items = ["NAN" if v != v else repr(float(v)) if kind == "double" else str(int(v)) for v in values]
    lines = ["    " + ", ".join(items[i:i + 5]) for i in range(0, len(items), 5)]
    print(f"static const {kind} {name}[] = {{\n" + ",\n".join(lines) + "};")


print("/* Made by tests/golden/derive.py; do not edit. */")
print(f"enum {{ GOLDEN_ROWS = {n}, GOLDEN_TRAIN = {n_train} }};")
show("golden_city", city, "int")
show("golden_job", job, "int")
show("golden_two", two, "int")
show("golden_three", three, "int")
show("golden_x", x)
show("golden_y", y)
show("golden_city_two", encoded(word(city), two, "binary")[:, 0])
for k, column in enumerate(encoded(word(city), three, "multiclass").T):
    show(f"golden_city_three_{k}", column)
show("golden_city_y", encoded(word(city), y, "continuous")[:, 0])
show("golden_pair_two", encoded(pair, two, "binary")[:, 0])
show("golden_training_two", out_of_fold(city, two))
show("golden_training_y", out_of_fold(city, y))
show("golden_mean", mean)
