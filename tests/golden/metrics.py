"""Golden numbers of engine/metrics.h from scikit-learn (1.9) and SciPy, as a C header on standard output.

    python3 tests/golden/metrics.py > tests/golden/metrics.h

Our one rule for the undefined is scikit-learn's zero_division=0 over the classes that have rows.
The calibration error is not in scikit-learn and is computed here with numpy.
"""
import numpy as np
import sklearn
from sklearn import metrics as sk

from cooling import calibrated

rng = np.random.default_rng(5)


def softmax(z):
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def ece(p, y):
    top, hit = p.max(1).astype(float), p.argmax(1) == y
    bins = np.minimum((top * 15).astype(int), 14)
    return sum(abs(hit[bins == b].sum() - top[bins == b].sum()) for b in range(15)) / len(y)


def ece_classwise(p, y):
    k = p.shape[1]
    d, classes = p.astype(float), [1] if k == 2 else range(k)
    bins = np.minimum((d * 15).astype(int), 14)
    gaps = [[(y[bins[:, c] == b] == c).sum() - d[bins[:, c] == b, c].sum() for b in range(15)] for c in classes]
    return np.abs(gaps).sum() / len(y) / len(gaps)


def case(name, p, y):
    p = p.astype(np.float32)
    k = p.shape[1]
    guess, present = p.argmax(1), np.unique(y)
    average = dict(labels=present, zero_division=0)
    d = p.astype(float)
    onehot = np.eye(k)[y]
    values = {
        "ACCURACY": sk.accuracy_score(y, guess),
        "F1_MACRO": sk.f1_score(y, guess, average="macro", **average),
        "F1_MICRO": sk.f1_score(y, guess, average="micro", labels=range(k), zero_division=0),
        "F1_WEIGHTED": sk.f1_score(y, guess, average="weighted", **average),
        "PRECISION_MACRO": sk.precision_score(y, guess, average="macro", **average),
        "RECALL_MACRO": sk.recall_score(y, guess, average="macro", **average),
        "BALANCED_ACCURACY": sk.recall_score(y, guess, average="macro", **average),
        "MCC": sk.matthews_corrcoef(y, guess),
        "LOG_LOSS": float(np.mean(-np.log(np.maximum(d[np.arange(len(y)), y], 1e-15)))),
        "BRIER": ((d - onehot)**2).sum(1).mean() / (2 if k == 2 else 1),
        "ECE": ece(p, y),
        "ECE_CLASSWISE": ece_classwise(p, y),
        "LOG_LOSS_CALIBRATED": calibrated(p, y, None),
    }
    if d.min() > 0 and len(present) > 1:  # scikit-learn clips elsewhere and normalizes
        rows = d / d.sum(1, keepdims=True)
        assert abs(sk.log_loss(y, rows, labels=range(k)) - values["LOG_LOSS"]) < 1e-6
    if len(present) > 1:
        brier = sk.brier_score_loss(y, d / d.sum(1, keepdims=True) if k > 2 else d[:, 1],
                                    labels=list(range(k)))
        assert abs(brier - values["BRIER"]) < 1e-6, (name, brier, values["BRIER"])
    if k == 2:
        two = len(present) == 2
        values["ROC_AUC"] = sk.roc_auc_score(y, d[:, 1]) if two else None
        values["PR_AUC"] = sk.average_precision_score(y, d[:, 1]) if 1 in present else None
    else:
        values["ROC_AUC"] = np.mean([sk.roc_auc_score(y == c, d[:, c]) for c in present]) \
            if len(present) > 1 else None
        values["PR_AUC"] = np.mean([sk.average_precision_score(y == c, d[:, c]) for c in present])
    precision, recall, f1, _ = sk.precision_recall_fscore_support(
        y, guess, labels=range(k), zero_division=np.nan)
    predicted = np.bincount(guess, minlength=k)
    support = np.bincount(y, minlength=k)
    f1 = np.where((predicted > 0) & (support > 0), f1, np.nan)  # ours: no precision, no F1

    def c_list(xs):
        return ", ".join("NAN" if x is None or np.isnan(x) else repr(float(x)) for x in xs)

    print(f'    {{"{name}", {len(y)}, {k},\n     (const float[]){{'
          + ", ".join(f"{x!r}f" for x in map(float, p.ravel())) + "},\n     (const int32_t[]){"
          + ", ".join(map(str, y)) + "},\n     {"
          + ", ".join(f"[METRIC_{n}] = {c_list([v])}" for n, v in values.items()) + "},\n     {"
          + c_list(precision) + "}, {" + c_list(recall) + "}, {" + c_list(f1) + "}},")


print(f"/* Made by tests/golden/metrics.py with scikit-learn {sklearn.__version__}. */")
print("static const struct {\n    const char *name;\n    int n, n_classes;\n    const float *proba;\n"
      "    const int32_t *labels;\n    double value[METRIC_COUNT], precision[4], recall[4], f1[4];\n"
      "} golden_metrics[] = {")
y = rng.integers(0, 2, 40)
case("binary", softmax(np.c_[-(y * 2 - 1) * .6, (y * 2 - 1) * .6] + rng.normal(size=(40, 2))), y)
q = np.round(rng.random(30) * 4) / 4
case("binary with ties", np.c_[1 - q, q], (q + rng.normal(size=30) * .4 > .5).astype(int))
y = rng.integers(0, 4, 50)
case("four classes", softmax(1.2 * np.eye(4)[y] + rng.normal(size=(50, 4))), y)
y = rng.choice([0, 1, 3], 30)
case("a class without rows", softmax(1.2 * np.eye(4)[y] + rng.normal(size=(30, 4))), y)
y = rng.integers(0, 3, 30)
z = 1.2 * np.eye(3)[y] + rng.normal(size=(30, 3))
z[:, 1] = -5
case("a class never predicted", softmax(z), y)
case("certain and wrong", np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0.0]]),
     np.array([0, 1, 1, 2]))
case("one class alone", softmax(rng.normal(size=(10, 2))), np.ones(10, int))
case("everything predicted as one", np.tile([[.7, .3]], (12, 1)), np.array([0, 1] * 6))
print("};")
