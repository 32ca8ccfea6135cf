"""Golden numbers of model/paired.h from SciPy and scikit-learn, as a C header on standard output.

    python3 tests/golden/paired.py > tests/golden/paired.h

Tango's interval: the score of a supposed difference with the nuisance share found by numerical maximization of
the likelihood, not by its closed form. The differences: scikit-learn's metrics; their standard deviation: 4,000 draws
of numpy's generator.
"""
import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import binomtest, norm
from sklearn import metrics as sk

print("/* Made by tests/golden/paired.py. */")
print("static const struct { int a, b; double p; } golden_mcnemar[] = {")
for a, b in [(0, 0), (1, 0), (5, 5), (6, 5), (10, 2), (228, 10), (0, 20), (1000, 1100), (100000, 99000)]:
    print("    {%d, %d, %.17g}," % (a, b, binomtest(a, a + b, 0.5).pvalue if a + b else 1))
print("};")


def tango(n, a, b):
    def log_likelihood(q, d):
        terms = [(b, q + d), (a, q), (n - a - b, 1 - 2 * q - d)]
        return sum(k * np.log(max(p, 1e-300)) for k, p in terms if k)

    def score(d):
        low, high = max(0, -d), (1 - d) / 2
        q = minimize_scalar(lambda q: -log_likelihood(q, d), bounds=(low, high), method="bounded",
                            options={"xatol": 1e-13}).x
        return (b - a - n * d) / np.sqrt(n * (2 * q + d * (1 - d)))

    z, seen = norm.ppf(.975), (b - a) / n
    tiny = 1e-9
    low = brentq(lambda d: score(d) - z, -1 + 1e-6, seen - tiny, xtol=1e-12)
    high = brentq(lambda d: score(d) + z, seen + tiny, 1 - 1e-6, xtol=1e-12)
    return low, high


print("static const struct { int n, a, b; double low, high; } golden_tango[] = {")
for n, a, b in [(100, 5, 12), (50, 0, 7), (1000, 30, 54), (10000, 30, 54), (40, 3, 3), (44, 1, 0)]:
    print("    {%d, %d, %d, %.12g, %.12g}," % (n, a, b, *tango(n, a, b)))
print("};")

rng = np.random.default_rng(3)
N = 120
y = (rng.random(N) < .4).astype(int)
logit = rng.normal(size=N) + 1.5 * (y - .5)
p = [np.round(1 / (1 + np.exp(-s * (logit + rng.normal(size=N) * noise))), 4).astype(np.float32)
     for s, noise in [(1.4, 1.2), (1.0, .4)]]


def ece(q, y):
    bins = np.minimum((q * 15).astype(int), 14)
    return np.abs([(y[bins == b] - q[bins == b]).sum() for b in range(15)]).sum() / len(y)


def scores(q, y):
    q = q.astype(float)
    guess = (q > .5).astype(int)
    return [sk.accuracy_score(y, guess), sk.f1_score(y, guess, average="macro"), sk.matthews_corrcoef(y, guess),
            sk.log_loss(y, q), ((q - y)**2).mean(), sk.roc_auc_score(y, q), sk.average_precision_score(y, q),
            ece(q, y)]


names = ["ACCURACY", "F1_MACRO", "MCC", "LOG_LOSS", "BRIER", "ROC_AUC", "PR_AUC", "ECE_CLASSWISE"]
both = [np.array(scores(q, y)) for q in p]
draws = [rng.integers(0, N, N) for _ in range(4000)]
spread = np.std([np.subtract(scores(p[1][d], y[d]), scores(p[0][d], y[d])) for d in draws], axis=0)
print("enum { PAIRED_N = %d };" % N)
print("static const int32_t paired_labels[] = {%s};" % ", ".join(map(str, y)))
for name, q in zip("ab", p):
    print("static const float paired_%s[] = {%s};" % (name, ", ".join("%.4ff" % v for v in q)))
print("static const struct { MetricId metric; double a, b, sd; } golden_paired[] = {")
for m, name in enumerate(names):
    print("    {METRIC_%s, %.12g, %.12g, %.6g}," % (name, both[0][m], both[1][m], spread[m]))
print("};")

# Two networks of one set of normal classes, as tests/test_model_paired.c draws them; 4,000,000 rows.
n = 4_000_000
y = rng.random(n) < .35
side, common = np.where(y, 1., -1.), .8 * rng.normal(size=n)
z = [side * (1 + shift) + common + .8 * rng.normal(size=n) - .3 for shift in (0, .3)]
true = []
for v in z:
    q, spread = 1 / (1 + np.exp(-v)), .8 * np.sqrt(2)
    mean = 1 if v is z[0] else 1.3
    accuracy = .35 * norm.cdf((mean - .3) / spread) + .65 * norm.cdf((mean + .3) / spread)
    true.append([accuracy, ((q - y)**2).mean(), norm.cdf(2 * mean / (spread * np.sqrt(2))),
                 sk.f1_score(y, v > 0, average="macro")])
for name, value in zip(["ACCURACY", "BRIER", "AUC", "F1"], np.subtract(true[1], true[0])):
    print("#define TRUE_%s %.6g" % (name, value))
