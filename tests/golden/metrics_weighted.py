"""Golden numbers of engine/metrics_weighted.c from scikit-learn's sample_weight, as a C header on standard output.

    python3 tests/golden/metrics_weighted.py > tests/golden/metrics_weighted.h

Rows that weigh 0 do not count at all: scikit-learn gets the others. The calibration errors are NumPy's.
"""
import numpy as np
import sklearn
from sklearn import metrics as sk

from cooling import calibrated

rng = np.random.default_rng(7)


def softmax(z):
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def gaps(p, hit, w):
    bins = np.minimum((p * 15).astype(int), 14)
    return sum(abs((w * (hit - p))[bins == b].sum()) for b in range(15))


def case(name, p, y, w):
    p = p.astype(np.float32)
    k, every = p.shape[1], (p, y, w)
    p, y, w = p[w > 0].astype(float), y[w > 0], w[w > 0]
    guess, present = p.argmax(1), np.unique(y)
    average = dict(labels=present, zero_division=0, sample_weight=w)
    onehot = np.eye(k)[y]
    classes = [1] if k == 2 else [c for c in range(k)]
    rest = [c for c in (classes if k == 2 else present) if 0 < (y == c).sum() < len(y)]
    values = {
        "ACCURACY": sk.accuracy_score(y, guess, sample_weight=w),
        "F1_MACRO": sk.f1_score(y, guess, average="macro", **average),
        "F1_MICRO": sk.accuracy_score(y, guess, sample_weight=w),
        "F1_WEIGHTED": sk.f1_score(y, guess, average="weighted", **average),
        "PRECISION_MACRO": sk.precision_score(y, guess, average="macro", **average),
        "RECALL_MACRO": sk.recall_score(y, guess, average="macro", **average),
        "BALANCED_ACCURACY": sk.recall_score(y, guess, average="macro", **average),
        "MCC": sk.matthews_corrcoef(y, guess, sample_weight=w),
        "LOG_LOSS": np.average(-np.log(np.maximum(p[np.arange(len(y)), y], 1e-15)), weights=w),
        "BRIER": np.average(((p - onehot)**2).sum(1), weights=w) / (2 if k == 2 else 1),
        "ECE": gaps(p.max(1), guess == y, w) / w.sum(),
        "ECE_CLASSWISE": np.mean([gaps(p[:, c], y == c, w) for c in classes]) / w.sum(),
        "LOG_LOSS_CALIBRATED": calibrated(p, y, w),
        "ROC_AUC": np.mean([sk.roc_auc_score(y == c, p[:, c], sample_weight=w) for c in rest]),
        "PR_AUC": np.mean([sk.average_precision_score(y == c, p[:, c], sample_weight=w)
                           for c in (classes if k == 2 else present)]),
    }
    normal = p / p.sum(1, keepdims=True)
    assert abs(sk.log_loss(y, normal, labels=range(k), sample_weight=w) - values["LOG_LOSS"]) < 1e-6
    brier = sk.brier_score_loss(y, normal if k > 2 else p[:, 1], labels=list(range(k)), sample_weight=w)
    assert abs(brier - values["BRIER"]) < 1e-6
    precision, recall, f1, support = sk.precision_recall_fscore_support(
        y, guess, labels=range(k), zero_division=np.nan, sample_weight=w)
    f1 = np.where((np.bincount(guess, minlength=k) > 0) & (support > 0), f1, np.nan)

    def c_list(xs):
        return ", ".join("NAN" if np.isnan(x) else repr(float(x)) for x in xs)

    p, y, w = every
    print(f'    {{"{name}", {len(y)}, {k},\n     (const float[]){{'
          + ", ".join(f"{x!r}f" for x in map(float, p.ravel())) + "},\n     (const int32_t[]){"
          + ", ".join(map(str, y)) + "},\n     (const double[]){" + c_list(w) + "},\n     {"
          + ", ".join(f"[METRIC_{n}] = {c_list([v])}" for n, v in values.items()) + "},\n     {"
          + c_list(precision) + "}, {" + c_list(recall) + "}, {" + c_list(f1) + "}},")


print(f"/* Made by tests/golden/metrics_weighted.py with scikit-learn {sklearn.__version__}. */")
print("static const struct {\n    const char *name;\n    int n, n_classes;\n    const float *proba;\n"
      "    const int32_t *labels;\n    const double *weight;\n"
      "    double value[METRIC_COUNT], precision[4], recall[4], f1[4];\n} golden_weighted[] = {")
y = rng.integers(0, 2, 40)
case("binary", softmax(np.c_[-(y * 2 - 1) * .6, (y * 2 - 1) * .6] + rng.normal(size=(40, 2))), y,
     rng.exponential(size=40))
q = np.round(rng.random(40) * 4) / 4 * .98 + .01
case("binary with ties and rows of nothing", np.c_[1 - q, q], (q + rng.normal(size=40) * .4 > .5).astype(int),
     rng.integers(0, 4, 40).astype(float))
y = rng.integers(0, 4, 50)
case("four classes", softmax(1.2 * np.eye(4)[y] + rng.normal(size=(50, 4))), y, rng.exponential(size=50) * 1e4)
y = rng.choice([0, 1, 3], 30)
case("a class without rows", softmax(1.2 * np.eye(4)[y] + rng.normal(size=(30, 4))), y, rng.random(30))
y = rng.integers(0, 3, 30)
z = 1.2 * np.eye(3)[y] + rng.normal(size=(30, 3))
z[:, 1] = -5
case("a class never predicted", softmax(z), y, rng.random(30) + .1)
print("};")
