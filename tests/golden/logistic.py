"""Logistic regression of scikit-learn at its optimum, for tests/test_engine_logistic.c:
    python3 logistic.py > logistic.h"""
import numpy as np
from sklearn.linear_model import LogisticRegression

rng = np.random.default_rng(14)


def numbers(name, values, form="%.9g"):
    flat = [form % v for v in np.asarray(values).ravel()]
    lines = [", ".join(flat[i:i + 8]) for i in range(0, len(flat), 8)]
    print("     .%s = {%s}," % (name, ",\n        ".join(lines)))


print("/* By tests/golden/logistic.py, of scikit-learn. */")
print("static const struct {")
print("    const char *name;\n    int n, d, k;\n    double l2;\n    float x[320];\n    int32_t labels[64];")
print("    double w[32], loss, proba[192];\n} golden_logistic[] = {")
for name, n, d, k, l2 in [("two classes", 40, 4, 2, 0.02), ("three classes", 60, 5, 3, 0.004),
                          ("hardly any penalty", 60, 3, 3, 1e-4), ("a class of two rows", 40, 4, 3, 0.01)]:
    x = rng.normal(size=(n, d)).astype(np.float32) * np.linspace(0.5, 2, d).astype(np.float32)
    true = rng.normal(size=(d, k)) * 1.5
    y = np.array([rng.choice(k, p=np.exp(z) / np.exp(z).sum()) for z in x @ true])
    if "two rows" in name:
        y = np.where(y == 2, 0, y)
        y[:2] = 2
    c = (2 if k == 2 else 1) / (n * l2)
    fit = LogisticRegression(C=c, tol=1e-12, max_iter=100000, solver="lbfgs").fit(x.astype(float), y)
    p = fit.predict_proba(x.astype(float))
    w, b = fit.coef_.T, fit.intercept_
    if k == 2:  # one vector for two: of equal penalties the halves are the smallest
        w, b = np.hstack([-w / 2, w / 2]), np.array([-b[0] / 2, b[0] / 2])
    loss = -np.mean(np.log(p[np.arange(n), y])) + l2 / 2 * (w ** 2).sum()
    print('    {.name = "%s", .n = %d, .d = %d, .k = %d, .l2 = %.17g,' % (name, n, d, k, l2))
    numbers("x", x)
    numbers("labels", y, "%d")
    numbers("w", w)
    print("     .loss = %.12g," % loss)
    numbers("proba", p)
    print("    },")
print("};")
