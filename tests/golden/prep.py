"""Golden numbers for tests/test_prep_columns.c, from scikit-learn, NumPy and SciPy.

    python tests/golden/prep.py > tests/golden/prep.h

Needs scikit-learn and SciPy (made with scikit-learn 1.9.1). Training rows are the first 60 of 80.
"""
import numpy as np
from scipy.stats import norm
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import (MaxAbsScaler, MinMaxScaler, QuantileTransformer, RobustScaler,
                                   StandardScaler)

rng = np.random.default_rng(20240607)
n, n_train = 80, 60
columns = {
    "normal": rng.normal(3, 2, n),
    "tail": np.exp(rng.normal(0, 3, n)),
    "zeros": np.where(rng.random(n) < 0.8, 0.0, rng.gamma(2, 1, n)),  # q25 == q75
    "offset": 1e9 + rng.integers(0, 50, n),
    "holes": np.where(rng.random(n) < 0.25, np.nan, rng.uniform(-5, 5, n)),
}
x = np.array([np.round(c, 6) for c in columns.values()]).T
x[70, 0], x[71, 0] = 1e6, -1e6  # far outside what training saw
train = x[:n_train]


def robust(scaler_input, everything):
    """RobustScaler, the half-range rule where the quartiles are equal, and the smooth clip."""
    out = RobustScaler().fit(scaler_input).transform(everything)
    for j in range(x.shape[1]):
        column = scaler_input[:, j][~np.isnan(scaler_input[:, j])]
        q25, q75 = np.percentile(column, [25, 75])
        if q25 == q75:
            out[:, j] = (everything[:, j] - np.median(column)) / (np.ptp(column) / 2)
    return out / np.sqrt(1 + (out / 3) ** 2)


def quantile(column, everything):
    column = column[~np.isnan(column)]
    k = max(10, min(1000, len(column) // 30))
    knots = np.quantile(column, np.linspace(0, 1, k))
    ranks = np.linspace(0, 1, k)
    p = (np.interp(everything, knots, ranks)
         + 1 - np.interp(-everything, -knots[::-1], ranks)) / 2  # the middle of a tied run
    return np.clip(norm.ppf(p), -5.2, 5.2), k


filled = SimpleImputer(strategy="median").fit(train).transform(x)
scaled = {
    "none": filled,
    "unit": MaxAbsScaler().fit(train).transform(filled),
    "standard": StandardScaler().fit(train).transform(filled),
    "minmax": MinMaxScaler().fit(train).transform(filled),
    "robust": robust(train, filled),
    "quantile": np.array([quantile(train[:, j], filled[:, j])[0] for j in range(5)]).T,
}
# The quantile rule against scikit-learn's, where they mean to agree: no ties, inside the range.
k = quantile(train[:, 1], filled[:, 1])[1]
theirs = QuantileTransformer(n_quantiles=k, output_distribution="normal").fit(train[:, 1:2])
inside = (filled[:, 1] > train[:, 1].min()) & (filled[:, 1] < train[:, 1].max())
assert np.allclose(theirs.transform(filled[:, 1:2])[inside, 0], scaled["quantile"][inside, 1])
mean_filled = SimpleImputer(strategy="mean").fit(train).transform(x)


def piecewise(column, everything, bins):
    """Piecewise-linear encoding over the quantiles of the present values; equal edges once."""
    edges = np.unique(np.quantile(column[~np.isnan(column)], np.linspace(0, 1, bins + 1)))
    return np.clip((everything[:, None] - edges[:-1]) / np.diff(edges), 0, 1)


encoded = [piecewise(train[:, j], filled[:, j], 8) for j in range(x.shape[1])]


def show(name, a, shape):
    print(f"static const double {name}{shape} = {{")
    for row in a:
        print("    {" + ", ".join("NAN" if np.isnan(v) else repr(float(v)) for v in row) + "},")
    print("};")


print("/* Made by tests/golden/prep.py; do not edit. */")
print(f"enum {{ GOLDEN_ROWS = {n}, GOLDEN_TRAIN = {n_train}, GOLDEN_COLUMNS = {len(columns)} }};")
print("static const char *const golden_names[] = {"
      + ", ".join(f'"{c}"' for c in columns) + "};")
show("golden_raw", x, "[GOLDEN_ROWS][GOLDEN_COLUMNS]")
for name, values in scaled.items():
    show(f"golden_{name}", values, "[GOLDEN_ROWS][GOLDEN_COLUMNS]")
print(f"static const double golden_mean_fill = {mean_filled[np.isnan(x[:, 4]), 4][0]!r};"
      .replace("np.float64(", "").replace(")", ""))
print("enum { GOLDEN_BINS = 8 };")
print(f"static const int golden_bins[GOLDEN_COLUMNS] = {{{', '.join(str(e.shape[1]) for e in encoded)}}};")
show("golden_encoded", np.hstack([np.pad(e, ((0, 0), (0, 8 - e.shape[1]))) for e in encoded]),
     "[GOLDEN_ROWS][GOLDEN_COLUMNS * GOLDEN_BINS]")
points = [1e-9, 1e-7, 1e-6, 0.001, 0.02425, 0.1, 0.25, 0.49, 0.5, 0.500001, 0.75, 0.9, 0.99, 0.9999,
          0.9999999, 1 - 1e-9]
show("golden_scores", [[p, float(np.clip(norm.ppf(p), -5.2, 5.2))] for p in points], "[][2]")
