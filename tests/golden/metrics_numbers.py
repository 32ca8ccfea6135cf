"""Golden numbers of metrics_score for numbers and labels (engine/metrics.h) from scikit-learn (1.9) and SciPy, as a C
header on standard output.

    python3 tests/golden/metrics_numbers.py > tests/golden/metrics_numbers.h

Rows whose truth is not known (NaN) or that weigh nothing are left out target by target; averages over targets are means
of those that are defined. Rank correlation with whole weights is that of rows written as often (SciPy knows no weights).
"""
import numpy as np
import scipy.stats
import sklearn
from sklearn import metrics as sk

rng = np.random.default_rng(11)
NUMBERS = ["RMSE", "MAE", "MEDIAN_AE", "MAPE", "R2", "SPEARMAN", "PINBALL", "COVERAGE", "WIDTH"]
LABELS = ["ACCURACY", "F1_MACRO", "F1_MICRO", "F1_WEIGHTED", "PRECISION_MACRO", "RECALL_MACRO", "LOG_LOSS", "BRIER",
          "ROC_AUC", "PR_AUC"]


def spearman(y, p, w):
    if w is not None:
        assert np.all(w == np.floor(w))
        y, p = np.repeat(y, w.astype(int)), np.repeat(p, w.astype(int))
    if len(np.unique(y)) < 2 or len(np.unique(p)) < 2:
        return np.nan
    return scipy.stats.spearmanr(y, p).statistic


def of_target(y, p, quantiles, w):
    """y (n), p (n) or (n, Q)"""
    known = ~np.isnan(y) & (True if w is None else w > 0)
    if not known.any():
        return dict.fromkeys(NUMBERS, np.nan)
    y, p, w = y[known], p[known], None if w is None else w[known]
    point = p[:, np.argmin(np.abs(np.array(quantiles) - .5))] if quantiles else p[:, 0]
    s = dict(sample_weight=w)
    value = {
        "RMSE": sk.root_mean_squared_error(y, point, **s), "MAE": sk.mean_absolute_error(y, point, **s),
        "MEDIAN_AE": sk.median_absolute_error(y, point, **s),
        "MAPE": sk.mean_absolute_percentage_error(y, point, **s),
        "R2": sk.r2_score(y, point, **s) if len(y) > 1 else np.nan, "SPEARMAN": spearman(y, point, w),
        "PINBALL": sk.mean_pinball_loss(y, point, **s), "COVERAGE": np.nan, "WIDTH": np.nan}
    if quantiles:
        value["PINBALL"] = np.mean([sk.mean_pinball_loss(y, p[:, k], alpha=q, **s) for k, q in enumerate(quantiles)])
        if len(quantiles) > 1:
            value["COVERAGE"] = np.average((y >= p[:, 0]) & (y <= p[:, -1]), weights=w)
            value["WIDTH"] = np.average(p[:, -1] - p[:, 0], weights=w)
    return value


def c_list(xs, end=""):
    return ", ".join("NAN" if x is None or np.isnan(x) else repr(float(x)) + end for x in np.ravel(xs))


def write(name, y, v, scales, quantiles, w, per, mean, names):
    n, t = y.shape
    rows = ",\n      ".join("{" + ", ".join(f"[METRIC_{m}] = {c_list([one[m]])}" for m in names) + "}"
                            for one in per + [mean])
    weight = "NULL" if w is None else "(const double[]){" + c_list(w) + "}"
    print(f'    {{"{name}", {n}, {t}, {len(quantiles)}, {{{c_list(quantiles) or 0}}}, {{{c_list(scales)}}},\n'
          f"     (const double[]){{{c_list(y)}}},\n     (const float[]){{{c_list(v, 'f')}}},\n     {weight},\n"
          f"     {{{rows}}}}},")


def numbers(name, y, p, quantiles=(), w=None, scales=None):
    """y (n, T), p (n, T * Q) in units of y"""
    t, q = y.shape[1], max(1, len(quantiles))
    scales = scales or [(0.0, 1.0)] * t
    origin, unit = np.repeat(np.array(scales), q, 0).T
    v = ((p - origin) / unit).astype(np.float32)
    p = origin + unit * v.astype(float)
    per = [of_target(y[:, k], p[:, k * q:(k + 1) * q], quantiles, w) for k in range(t)]
    with np.errstate(all="ignore"):
        mean = {m: (np.nanmean([one[m] for one in per]) if any(not np.isnan(one[m]) for one in per) else np.nan)
                for m in NUMBERS}
    if w is None and len(y) > 1 and not np.isnan(y).any() and not quantiles:  # and as scikit-learn averages
        assert np.isclose(mean["RMSE"], sk.root_mean_squared_error(y, p), rtol=1e-12)
        assert np.isclose(mean["R2"], sk.r2_score(y, p), rtol=1e-12)
    write(name, y, v, scales, quantiles, w, per, mean, NUMBERS)


def labels(name, y, p, w=None):
    v = p.astype(np.float32)
    p = v.astype(float)
    t = y.shape[1]
    s = dict(sample_weight=w)
    per = []
    for k in range(t):
        known = ~np.isnan(y[:, k]) & (True if w is None else w > 0)
        a, b, u = y[known, k].astype(int), p[known, k], None if w is None else w[known]
        guess, one = (b > .5).astype(int), dict(sample_weight=u)
        f1 = sk.f1_score(a, guess, zero_division=np.nan, **one)
        per.append({
            "ACCURACY": sk.accuracy_score(a, guess, **one), "F1_MACRO": f1, "F1_MICRO": f1, "F1_WEIGHTED": f1,
            "PRECISION_MACRO": sk.precision_score(a, guess, zero_division=np.nan, **one),
            "RECALL_MACRO": sk.recall_score(a, guess, zero_division=np.nan, **one),
            "LOG_LOSS": sk.log_loss(a, b, labels=[0, 1], **one),
            "BRIER": sk.brier_score_loss(a, b, labels=[0, 1], **one),
            "ROC_AUC": sk.roc_auc_score(a, b, **one) if 0 < a.sum() < len(a) else np.nan,
            "PR_AUC": sk.average_precision_score(a, b, **one) if a.sum() else np.nan})
    mean = {m: np.nanmean([one[m] for one in per]) for m in ("LOG_LOSS", "BRIER", "ROC_AUC", "PR_AUC")}
    whole = ~np.isnan(y).any(1) & (True if w is None else w > 0)
    a, guess, u = y[whole].astype(int), (p[whole] > .5).astype(int), None if w is None else w[whole]
    mean["ACCURACY"] = sk.accuracy_score(a, guess, sample_weight=u)
    if not np.isnan(y).any():
        for m, score, average in (("F1_MACRO", sk.f1_score, "macro"), ("F1_MICRO", sk.f1_score, "micro"),
                                  ("F1_WEIGHTED", sk.f1_score, "weighted"),
                                  ("PRECISION_MACRO", sk.precision_score, "macro"),
                                  ("RECALL_MACRO", sk.recall_score, "macro")):
            mean[m] = score(y.astype(int), (p > .5).astype(int), average=average, zero_division=0, **s)
    else:  # scikit-learn knows no missing answers: from the counts of those that are known
        u = np.ones(len(y)) if w is None else w
        hit, said, yes = ([np.nansum(np.where(np.isnan(y[:, k]), 0, u * f(y[:, k], p[:, k] > .5))) for k in range(t)]
                          for f in (lambda a, b: (a == 1) & b, lambda a, b: b, lambda a, b: a == 1))
        f1 = [2 * h / (a + b) if a + b else 0 for h, a, b in zip(hit, said, yes)]
        mean["F1_MACRO"] = np.mean(f1)
        mean["F1_MICRO"] = 2 * sum(hit) / (sum(said) + sum(yes))
        mean["F1_WEIGHTED"] = np.average(f1, weights=yes)
        mean["PRECISION_MACRO"] = np.mean([h / a if a else 0 for h, a in zip(hit, said)])
        mean["RECALL_MACRO"] = np.mean([h / a if a else 0 for h, a in zip(hit, yes)])
    write(name, y, v, [(0.0, 1.0)] * t, (), w, per, mean, LABELS)


print(f"/* Made by tests/golden/metrics_numbers.py with scikit-learn {sklearn.__version__}, SciPy {scipy.__version__}. */")
print("typedef struct {\n    const char *name;\n    int n, n_targets, n_quantiles;\n    double quantiles[5];\n"
      "    double scales[8]; /* origin and unit of each target */\n"
      "    const double *targets;\n    const float *values;\n    const double *weight;\n"
      "    double value[4][METRIC_COUNT]; /* of each target, then the averages */\n} GoldenTargets;")
print("static const GoldenTargets golden_numbers[] = {")
y = rng.normal(size=(41, 1)) * 3 + 2
numbers("one target", y, y + rng.normal(size=y.shape))
numbers("an even number of rows", y[:40], y[:40] + rng.normal(size=(40, 1)))
y = np.round(rng.exponential(size=(37, 1)) * 3)
numbers("ties and zeros", y, np.round(y + rng.normal(size=y.shape)))
y = np.c_[rng.normal(size=33), rng.exponential(size=33) * 1e5, np.round(rng.normal(size=33) * 3 + 2010)]
numbers("three targets", y, y * (1 + .1 * rng.normal(size=y.shape) * [1, 1, .01]), scales=[(0., 1.), (0., 1.), (2010.5, 3.2)])
numbers("whole weights", y, y * (1 + .1 * rng.normal(size=y.shape) * [1, 1, .01]), w=rng.integers(0, 5, 33).astype(float))
z = y.copy()
z[rng.random(z.shape) < .3] = np.nan
numbers("missing truths", z, y * (1 + .1 * rng.normal(size=y.shape)), w=rng.integers(1, 4, 33).astype(float))
c = np.c_[np.full(12, 3.), rng.normal(size=12)]
numbers("a constant target, missed", c, c + rng.normal(size=c.shape))
numbers("a constant target, met", c, c + np.c_[np.zeros(12), rng.normal(size=12)])
numbers("a constant prediction", c, np.full(c.shape, .5))
numbers("one row", c[:1], c[:1] + 1)
quantiles = (.05, .25, .5, .9)
p = np.sort(y[:, :1] + rng.normal(size=(33, 4)), 1)
numbers("quantiles", y[:, :1], p, quantiles)
numbers("quantiles with weights", z[:, :1], p, quantiles, rng.integers(0, 5, 33).astype(float))
p = np.concatenate([np.sort(y[:, [k]] + [1, 2e5, 3][k] * rng.normal(size=(33, 2)), 1) for k in range(3)], 1)
numbers("quantiles of three targets", z, p, (.1, .9), scales=[(0., 1.), (0., 1.), (2010.5, 3.2)])
print("};")
print("static const GoldenTargets golden_labels[] = {")
y = (rng.random((40, 3)) < [.5, .2, .7]).astype(float)
p = 1 / (1 + np.exp(-(2 * y - 1 + rng.normal(size=y.shape))))
labels("three labels", y, p)
labels("labels with weights", y, p, rng.exponential(size=40))
labels("labels with ties", y, np.round(p * 5) / 5 * .98 + .01, rng.integers(0, 4, 40).astype(float))
y[:, 1] = 0
p[:, 1] = rng.random(40) * .4
labels("no yes, none said", y, p)
z = y.copy()
z[rng.random(z.shape) < .2] = np.nan
labels("missing answers", z, p, rng.exponential(size=40))
print("};")
