"""Golden numbers of ensemble/ from scipy and scikit-learn, as a C header on standard output.

    python3 tests/golden/ensemble.py > tests/golden/ensemble.h
"""
import numpy as np
import scipy
import sklearn
from scipy.optimize import minimize, minimize_scalar
from sklearn import metrics as sk

rng = np.random.default_rng(11)
N, K, M = 90, 3, 3
y = rng.integers(0, K, N)
decision = np.array([1.0, 0.4, 1.7])


def softmax(z):
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def model(strength, sharp):
    z = rng.normal(size=(N, K)) + strength * np.eye(K)[y]
    return np.round(softmax(sharp * z), 4).astype(np.float32)


def loss(p):
    return -np.mean(np.log(np.maximum(p[np.arange(N), y], 1e-15)))


def floats(a):
    return ", ".join(f"{v:.4f}f" for v in a.ravel())


models = [model(1.2, 1.5), model(1.0, 1.0), model(0.9, 2.5)]
stack = np.array([p.astype(float) for p in models])
best = min((minimize(lambda w: loss(np.tensordot(w, stack, 1)), s, method="SLSQP", tol=1e-14,
                     bounds=[(0, 1)] * M, constraints={"type": "eq", "fun": lambda w: w.sum() - 1})
            for s in ([1 / 3] * 3, [.8, .1, .1], [.1, .1, .8])), key=lambda r: r.fun)


def cooled(p, t):
    return softmax(np.log(np.maximum(p.astype(float), 1e-12)) / t)


hot = models[2]
fit = minimize_scalar(lambda t: loss(cooled(hot, np.exp(t))) + (np.exp(-t) - 1 + t) / N, method="bounded",
                      bounds=(np.log(.05), np.log(20)), options={"xatol": 1e-10})
guess = (models[0].astype(float) * decision).argmax(1)
p, r, f, s = sk.precision_recall_fscore_support(y, guess, labels=range(K), zero_division=0)
draws = rng.integers(0, N, (20000, N))
accuracy = (guess == y)[draws].mean(1)
f1 = [sk.f1_score(y[d], guess[d], average="macro", labels=np.unique(y[d])) for d in draws[:4000]]
d0 = models[0].astype(float)


def array(name, values):
    print(f"static const double {name}[] = {{{', '.join(repr(float(v)) for v in values)}}};")


print(f"/* Made by tests/golden/ensemble.py with scipy {scipy.__version__} and scikit-learn "
      f"{sklearn.__version__}. */")
print(f"enum {{ GOLDEN_N = {N}, GOLDEN_K = {K}, GOLDEN_M = {M} }};")
print(f"static const int32_t golden_labels[] = {{{', '.join(map(str, y))}}};")
print("static const float golden_models[GOLDEN_M][GOLDEN_N * GOLDEN_K] = {")
for m in models:
    print(f"    {{{floats(m)}}},")
print("};")
array("golden_weights", best.x)
array("golden_mixture_loss", [best.fun])
array("golden_temperature", [np.exp(fit.x)])
array("golden_cooled_loss", [loss(cooled(hot, np.exp(fit.x))), loss(hot)])
array("golden_cooled_row", cooled(hot, np.exp(fit.x))[0])
array("golden_decision", decision)
print("/* Of model 0, decided with golden_decision: */")
array("golden_precision", p)
array("golden_recall", r)
array("golden_f1", f)
array("golden_support", s)
array("golden_accuracy", [sk.accuracy_score(y, guess), *np.percentile(accuracy, [2.5, 97.5])])
array("golden_f1_macro", [sk.f1_score(y, guess, average="macro"), *np.percentile(f1, [2.5, 97.5])])
array("golden_log_loss", [loss(d0)])
array("golden_confusion", sk.confusion_matrix(y, guess).ravel())
array("golden_auc", [sk.roc_auc_score(y == k, d0[:, k]) for k in range(K)])
array("golden_ap", [sk.average_precision_score(y == k, d0[:, k]) for k in range(K)])
