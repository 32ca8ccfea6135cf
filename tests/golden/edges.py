"""Golden numbers for tests/test_prep_edges.c, from NumPy and scikit-learn.

    python tests/golden/edges.py > tests/golden/edges.h

Needs scikit-learn (made with scikit-learn 1.9.1). Numbers are multiples of 1/64, which the float32 of
scikit-learn's trees keeps. The last rows are the first ones again, without a label: they weigh nothing there, but
count for a leaf's least rows.
"""
import numpy as np
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

rng = np.random.default_rng(20261130)
n, n_unknown = 300, 30


def grid(x):
    return np.round(np.asarray(x) * 64) / 64


columns = {
    "normal": grid(rng.normal(3, 2, n)),
    "zeros": np.where(rng.random(n) < 0.7, 0.0, grid(rng.gamma(2, 3, n))),
    "few": rng.integers(0, 7, n) * 1.5,
    "peaks": np.choose(rng.choice(4, n, p=[.4, .3, .1, .2]), [np.full(n, -2.0), np.full(n, 5.0), np.full(n, 9.0),
                                                               grid(rng.normal(0, 6, n))]),
    "holes": np.where(rng.random(n) < 0.25, np.nan, grid(rng.uniform(-5, 5, n))),
    "three": rng.integers(0, 3, n) * 1.0,
}
x = np.array(list(columns.values())).T
x[-n_unknown:] = x[:n_unknown]
unknown = np.arange(n) >= n - n_unknown
filled = np.nan_to_num(x)
score = np.sin(filled[:, 0]) + (filled[:, 1] > 4) + (np.abs(filled[:, 4]) < 1.5) + 0.2 * filled[:, 3] / 5
label = np.digitize(score + rng.normal(0, 0.5, n), [0.3, 1.2])
label = np.where(unknown, -1, label)
target = np.where(unknown, np.nan, np.round(1000 + 7 * score + rng.normal(0, 2, n), 3))


def quantile(v, bins):
    return np.unique(np.quantile(v, np.linspace(0, 1, bins + 1)))


def spread(v, bins):
    """Weighted quantiles, by the inverse of the distribution: a value weighs at most one bin's rows."""
    values, counts = np.unique(v, return_counts=True)
    if len(values) <= bins + 1:
        return values
    share = np.cumsum(np.minimum(counts, max(1, len(v) / bins)))
    at = np.searchsorted(share / share[-1], np.arange(bins + 1) / bins - 1e-12)
    return np.unique(values[np.minimum(at, len(values) - 1)])


def tree(v, y, bins, classes):
    known = y >= 0 if classes else ~np.isnan(y)
    kind = DecisionTreeClassifier(criterion="entropy") if classes else DecisionTreeRegressor()
    kind.set_params(max_leaf_nodes=bins, min_samples_leaf=max(4, len(v) // (4 * bins)), random_state=0,
                    min_impurity_decrease=1e-8)  # which rows without weight would bring
    middle = 0 if classes else np.mean(y[known])  # the order of splits does not depend on it; digits do
    y = np.where(known, y if classes else y - middle, 0)
    fitted = kind.fit(v[:, None], y.astype(int) if classes else y, sample_weight=np.where(known, 1, 1e-9)).tree_
    return np.unique(np.r_[v.min(), fitted.threshold[fitted.children_left >= 0], v.max()])


print("/* Made by tests/golden/edges.py; do not edit. */")
print(f"enum {{ EDGE_ROWS = {n}, EDGE_COLUMNS = {len(columns)}, EDGE_MOST = 33 }};")
names = ", ".join(f'"{k}"' for k in columns)
print(f"static const char *const edge_names[EDGE_COLUMNS] = {{{names}}};")


def line(values):
    return ", ".join("NAN" if np.isnan(v) else repr(float(v)) for v in values)


print("static const double edge_raw[EDGE_COLUMNS][EDGE_ROWS] = {")
for column in x.T:
    print("    {" + line(column) + "},")
print("};")
print(f"static const int32_t edge_label[EDGE_ROWS] = {{{', '.join(map(str, label))}}};")
print(f"static const double edge_target[EDGE_ROWS] = {{{line(target)}}};")
print("static const struct {\n    int way, numbers, column, bins, n; /* way: PleEdges */\n    double edge[EDGE_MOST];\n"
      "} golden_edges[] = {")
for bins in (4, 8, 32):
    for j, column in enumerate(x.T):
        v, here = column[~np.isnan(column)], ~np.isnan(column)
        rows = [("PLE_QUANTILE", 0, quantile(v, bins)), ("PLE_SPREAD", 0, spread(v, bins)),
                ("PLE_TREE", 0, tree(v, label[here], bins, True)),
                ("PLE_TREE", 1, tree(v, target[here], bins, False))]
        for way, numbers, edges in rows:
            if len(edges) < 3:
                edges = []
            print(f"    {{{way}, {numbers}, {j}, {bins}, {len(edges)}, {{{line(edges) or 0}}}}},")
print("};")
