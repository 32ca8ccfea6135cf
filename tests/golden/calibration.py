"""Golden numbers of model/calibration_fit.h and ensemble/decide.h from scipy and scikit-learn, as a C header.

    python3 tests/golden/calibration.py > tests/golden/calibration.h
"""
import numpy as np
import scipy
import sklearn
from scipy.optimize import minimize
from scipy.stats import beta
from sklearn.isotonic import IsotonicRegression

rng = np.random.default_rng(7)
N, K = 600, 3
y = rng.choice(K, N, p=[.6, .3, .1])


def softmax(z):
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


# Too sure, and of another prior than the rows.
p = np.round(softmax(1.8 * (rng.normal(size=(N, K)) + 1.1 * np.eye(K)[y]) + [0, .4, 1.1]), 4).astype(np.float32)
z = np.log(np.maximum(p.astype(float), 1e-12))


def objective(x, kind, z):
    b = x[-K:]
    if kind == "bias":
        out, penalty = x[0] * z + b, x[0] - 1 - np.log(max(x[0], 1e-9))
    elif kind == "vector":
        out, penalty = (1 + x[:K]) * z + b, K * np.sum(x[:K] ** 2)
    else:
        V = x[:K * K].reshape(K, K)
        own = np.diag(V)
        out, penalty = z + z @ V.T + b, K * np.sum(own ** 2) + K * (K - 1) * (np.sum(V ** 2) - np.sum(own ** 2))
    losses = scipy.special.logsumexp(out, axis=1) - out[np.arange(N), y]
    return losses.mean() + (penalty + .05 * np.sum(b ** 2)) / N


def fit(kind, start, z):
    return minimize(objective, start, args=(kind, z), method="BFGS", options={"gtol": 1e-9, "maxiter": 5000}).x


base = fit("bias", [1] + [0] * K, z)
a, b = base[0], base[1:]
vector = fit("vector", [0] * K + list(b), a * z)
matrix = fit("matrix", [0] * K * K + list(b), a * z)
V = matrix[:K * K].reshape(K, K)


def knots(q, c):
    """Groups of equal size along q, then scikit-learn's isotonic regression of their shares."""
    order = np.argsort(q, kind="stable")
    groups = min(15, N // 50)
    bounds = [N * g // groups for g in range(groups + 1)]
    part = [order[i:j] for i, j in zip(bounds, bounds[1:])]
    share = np.array([np.mean(y[rows] == c) for rows in part])
    size = np.array([len(rows) for rows in part])
    level = IsotonicRegression().fit_transform(np.arange(len(part)), share, sample_weight=size)
    at, to = [0.0], [0.0]
    for value in np.unique(level):
        rows = np.concatenate([r for r, v in zip(part, level) if v == value])
        x, s = q[rows].mean(), ((y[rows] == c).sum() + .5) / (len(rows) + 1)
        if x > at[-1] and s > to[-1]:
            at.append(x), to.append(s)
    return at + [1.0], to + [1.0]


q = softmax(a * z + b).astype(np.float32).astype(float)
at, to = zip(*(knots(q[:, c], c) for c in range(K)))


def array(name, values):
    print(f"static const double {name}[] = {{{', '.join(repr(float(v)) for v in values)}}};")


print(f"/* Made by tests/golden/calibration.py with scipy {scipy.__version__} and scikit-learn "
      f"{sklearn.__version__}. */")
print(f"enum {{ CAL_N = {N}, CAL_K = {K} }};")
print(f"static const int32_t cal_labels[] = {{{', '.join(map(str, y))}}};")
print(f"static const float cal_proba[] = {{{', '.join(f'{v:.4f}f' for v in p.ravel())}}};")
array("cal_bias", base)
array("cal_bias_row", softmax(a * z + b)[0])
array("cal_vector", [*(a * (1 + vector[:K])), *vector[K:]])
array("cal_matrix", [*(a * (np.eye(K) + V)).ravel(), *matrix[K * K:]])
print(f"static const int cal_n_knots[] = {{{', '.join(str(len(v)) for v in at)}}};")
array("cal_at", np.concatenate(at))
array("cal_to", np.concatenate(to))
print("/* The least k with P(Beta(k, n - k + 1) >= q) >= 0.9; 0: there is none. */")
cases = [(n, q) for n in (10, 30, 100, 400) for q in (.5, .8, .95)]
print("static const struct { int n; double q; int k; } cal_recall[] = {")
for n, share in cases:
    k = next((k for k in range(1, n + 1) if beta.sf(share, k, n - k + 1) >= .9), 0)
    print(f"    {{{n}, {share}, {k}}},")
print("};")
# What thresholds come to, of class 2 against the rest, as scikit-learn counts.
from sklearn import metrics as sk  # noqa: E402
print("/* precision, recall, F1 and share flagged of class 2 from 0.2 and from 0.55 on */")
for at_p in (.2, .55):
    guess, truth = p[:, 2].astype(float) >= at_p, y == 2
    array(f"cal_at_{int(100 * at_p)}", [sk.precision_score(truth, guess), sk.recall_score(truth, guess),
                                         sk.f1_score(truth, guess), guess.mean()])
