"""Golden numbers of model/interval.h and model/spread.h, as a C header on standard output.

    python3 tests/golden/intervals.py > tests/golden/intervals.h

Wilson's interval: SciPy. Effective rows: influences by numerical differences of scikit-learn's own metrics with
sample_weight, DeLong's variance by comparing all pairs. Distances: the sum's moments by enumerating binomials (SciPy).
"""
import numpy as np
from scipy.optimize import brentq
from scipy.stats import binom, binomtest
from sklearn import metrics as sk

print("/* Made by tests/golden/intervals.py. */")
print("static const struct { double hits, n, low, high; } golden_share[] = {")
for hits, n in [(0, 10), (1, 10), (99, 100), (100, 100), (50, 200), (812, 1000)]:
    ci = binomtest(hits, n).proportion_ci(method="wilson")
    print(f"    {{{hits}, {n}, {ci.low:.12g}, {ci.high:.12g}}},")
print("};")

rng = np.random.default_rng(8)


def softmax(z):
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def influence_rows(score, w, value):
    """v (1 - v) / variance, the variance by moving each weight a little."""
    h, square = 1e-5, 0
    for i in np.flatnonzero(w):
        up, down = w.copy(), w.copy()
        up[i] += h
        down[i] -= h
        square += w[i] * ((score(up) - score(down)) / (2 * h))**2
    return value * (1 - value) / square


def confusion_case(name, y, guess, k):
    """The smoothed table as weighted rows, one a cell."""
    support = np.bincount(y, minlength=k)
    rows, with_rows = [], (support > 0).sum()
    for i in range(k):
        for j in range(k):
            if support[i] and support[j]:
                more = .5 if i == j else .5 / (with_rows - 1)
                rows.append((i, j, (((y == i) & (guess == j)).sum() + more) * support[i] / (support[i] + 1)))
    t, p, w = (np.array(column) for column in zip(*rows))
    present = np.flatnonzero(support)
    more = dict(labels=present, zero_division=0)
    scores = {
        "F1_MACRO": lambda w: sk.f1_score(t, p, average="macro", sample_weight=w, **more),
        "F1_WEIGHTED": lambda w: sk.f1_score(t, p, average="weighted", sample_weight=w, **more),
        "PRECISION_MACRO": lambda w: sk.precision_score(t, p, average="macro", sample_weight=w, **more),
        "RECALL_MACRO": lambda w: sk.recall_score(t, p, average="macro", sample_weight=w, **more),
        "MCC": lambda w: (1 + sk.matthews_corrcoef(t, p, sample_weight=w)) / 2,
    }
    print(f'    {{"{name}", {len(y)}, {k}, (const int32_t[]){{{", ".join(map(str, y))}}},\n'
          f'     (const int32_t[]){{{", ".join(map(str, guess))}}},\n     {{'
          + ", ".join(f"[METRIC_{m}] = {influence_rows(f, w, f(w)):.9g}" for m, f in scores.items()) + "}},")


print("static const struct {\n    const char *name;\n    int n, n_classes;\n    const int32_t *labels, *predicted;\n"
      "    double rows[METRIC_COUNT];\n} golden_confusion[] = {")
y = rng.integers(0, 3, 60)
confusion_case("three classes", y, np.where(rng.random(60) < .7, y, rng.integers(0, 3, 60)), 3)
y = (rng.random(50) < .2).astype(int)
confusion_case("two classes, all right", y, y, 2)
y = rng.choice([0, 2, 3], 70, p=[.5, .3, .2])
confusion_case("a class without rows", y, np.where(rng.random(70) < .6, y, rng.choice([0, 2, 3], 70)), 4)
print("};")

N, K = 80, 3
y = rng.integers(0, K, N)
p = np.round(softmax(1.1 * np.eye(K)[y] + rng.normal(size=(N, K))), 2).astype(np.float32)  # with ties


def delong(y, score):
    """Structural components, by all pairs; each row's part of the area, scaled for divisors of one less."""
    hit, miss = np.flatnonzero(y), np.flatnonzero(~y)
    wins = (score[hit][:, None] > score[miss]) + .5 * (score[hit][:, None] == score[miss])
    part = np.zeros(len(y))
    part[hit] = (wins.mean(1) - wins.mean()) / np.sqrt(len(hit) * (len(hit) - 1))
    part[miss] = (wins.mean(0) - wins.mean()) / np.sqrt(len(miss) * (len(miss) - 1))
    return wins.mean(), part


areas, parts = zip(*(delong(y == c, p[:, c]) for c in range(K)))
roc = np.mean(areas)
roc_rows = roc * (1 - roc) / (np.mean(parts, axis=0)**2).sum()


def pr_of(w):
    return np.mean([sk.average_precision_score(y == c, p[:, c], sample_weight=w) for c in range(K)])


pr = pr_of(np.ones(N))
print("enum { AREA_N = %d, AREA_K = %d };" % (N, K))
print("static const int32_t area_labels[] = {%s};" % ", ".join(map(str, y)))
print("static const float area_proba[] = {%s};" % ", ".join("%.2ff" % v for v in p.ravel()))
print(f"static const double area_roc[] = {{{roc:.12g}, {roc_rows:.9g}}}, area_pr[] = {{{pr:.12g}, "
      f"{influence_rows(pr_of, np.ones(N), pr):.9g}}};")


def distances(bins, spread):
    rows, foreseen, hits = (np.array(column, float) for column in zip(*bins))
    seen = np.abs(hits - foreseen).sum()

    def at(x):
        rate = np.clip((foreseen + x * (hits - foreseen)) / rows, 0, 1)
        gap, mean, variance = rows * rate - foreseen, 0, 0
        for n, r, a in zip(rows, rate, foreseen):
            k = np.arange(int(n) + 1)
            mass, far = binom.pmf(k, int(n), r), np.abs(k - a)
            mean += (mass * far).sum()
            variance += (mass * far**2).sum() - (mass * far).sum()**2
        distance = np.abs(gap).sum()
        variance += (gap**2 / rows).sum() - distance**2 / rows.sum()
        return distance, mean, variance

    def solve(z):
        def off(x):
            _, mean, variance = at(x)
            return mean + z * spread * np.sqrt(max(0, variance)) - seen
        return 0 if off(0) >= 0 else at(brentq(off, 0, 8))[0]

    return [seen, solve(0), solve(1.959963984540054), solve(-1.959963984540054)]


print("static const struct { int n; CountBin bin[4]; double spread, counted, estimate, low, high; } golden_distance[]"
      " = {")
for bins, spread in [([(40, 2.5, 9), (30, 9, 7), (25, 17.5, 20), (60, 54.2, 50)], 1),
                     ([(400, 25, 60), (300, 90, 70), (250, 175, 200), (600, 542, 500)], 1.2),
                     ([(50, .6, 0), (20, 1.5, 2), (10, 8.9, 9)], 1)]:
    values = ", ".join("%.9g" % v for v in distances(bins, spread))
    print("    {%d, {%s}, %g, %s}," % (len(bins), ", ".join("{%g, %g, %g}" % b for b in bins), spread, values))
print("};")
