"""scikit-learn's permutation importance and partial dependence of a small network: prints tests/golden/inside.h.

    python tests/golden/inside.py > tests/golden/inside.h

A network of 3 inputs, 4 tanh units and 2 classes with fixed weights, the third input unused; 120 rows, labels drawn
from its own probabilities. Importance by accuracy and by log loss: mean and standard error over 2000 shuffles.
"""
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.inspection import partial_dependence, permutation_importance

rng = np.random.default_rng(7)
W1 = np.float32(rng.normal(size=(3, 4)))
W1[2] = 0
B1 = np.float32(.3 * rng.normal(size=4))
W2 = np.float32(1.5 * rng.normal(size=(4, 2)))
X = np.float32(np.round(rng.normal(size=(120, 3)), 3))


def proba(x):
    z = np.tanh(np.asarray(x, float) @ W1.astype(float) + B1.astype(float)) @ W2.astype(float)
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


class Net(ClassifierMixin, BaseEstimator):
    def fit(self, x, y):
        self.classes_ = np.array([0, 1])
        return self

    def predict_proba(self, x):
        return proba(x)

    def predict(self, x):
        return proba(x).argmax(axis=1)


y = (rng.uniform(size=120) < proba(X)[:, 1]).astype(int)
net = Net().fit(X, y)


def numbers(kind, name, values):
    flat = np.asarray(values).ravel()
    words = [f"{v:d}" if kind == "int" else f"{v:.9g}" + ("" if "." in f"{v:.9g}" or "e" in f"{v:.9g}" else ".0")
             + ("f" if kind == "float" else "") for v in flat]
    lines, line = [], "   "
    for word in words:
        if len(line) + len(word) > 105:
            lines.append(line)
            line = "   "
        line += f" {word},"
    print(f"static const {kind} {name}[] = {{\n" + "\n".join(lines + [line.rstrip(',')]) + "};")


print("/* Written by tests/golden/inside.py. */")
numbers("float", "golden_w1", W1)
numbers("float", "golden_b1", B1)
numbers("float", "golden_w2", W2)
numbers("double", "golden_x", X)
numbers("int", "golden_y", y)
for name, scoring in (("accuracy", "accuracy"), ("log_loss", "neg_log_loss")):
    found = permutation_importance(net, X, y, scoring=scoring, n_repeats=2000, random_state=1)
    numbers("double", f"golden_{name}_drop", found.importances_mean)
    numbers("double", f"golden_{name}_sd", found.importances_std)
for c in range(2):
    grid = np.quantile(X[:, c].astype(float), [.01, .3, .5, .99])
    mean = [proba(np.column_stack([np.full(120, v) if j == c else X[:, j] for j in range(3)]))[:, 1].mean() for v in grid]
    numbers("double", f"golden_at_{c}", grid)
    numbers("double", f"golden_mean_{c}", mean)
# The same by scikit-learn, on its own grid.
own = partial_dependence(net, X.astype(float), [0], grid_resolution=5, percentiles=(.1, .9), response_method="predict_proba")
by_hand = [proba(np.column_stack([np.full(120, v), X[:, 1], X[:, 2]]))[:, 1].mean() for v in own["grid_values"][0]]
assert np.allclose(own["average"][0], by_hand)
