"""Ridge regression of scikit-learn, for tests/test_engine_linear.c:
    python3 linear.py > linear.h"""
import numpy as np
from sklearn.linear_model import Ridge

rng = np.random.default_rng(15)


def numbers(name, values, form="%.17g"):
    flat = [form % v for v in np.asarray(values).ravel()]
    lines = [", ".join(flat[i:i + 6]) for i in range(0, len(flat), 6)]
    print("     .%s = {%s}," % (name, ",\n        ".join(lines)))


print("/* By tests/golden/linear.py, of scikit-learn. */")
print("static const struct {")
print("    const char *name;\n    int n, d, t;\n    double l2;\n    bool weighted;\n    float x[320], weight[64];")
print("    double y[128], w[32], said[128];\n} golden_linear[] = {")
for name, n, d, t, l2, weighted in [("one target", 40, 4, 1, 0.1, False), ("two targets", 50, 5, 2, 0.003, False),
                                    ("weights", 40, 4, 1, 0.02, True), ("a year", 40, 3, 1, 1e-5, False),
                                    ("more features than rows", 6, 12, 1, 0.05, False)]:
    x = rng.normal(size=(n, d)).astype(np.float32) * np.linspace(0.5, 2, d).astype(np.float32)
    x[rng.random((n, d)) < 0.2] = 0
    y = x @ rng.normal(size=(d, t)) + rng.normal(size=(n, t)) + (2e9 if name == "a year" else 3)
    weight = rng.integers(0, 4, n).astype(float) if weighted else np.ones(n)
    fit = Ridge(alpha=l2 * weight.sum(), solver="svd").fit(x.astype(float), y, sample_weight=weight)
    w = np.hstack([np.atleast_2d(fit.coef_), np.atleast_1d(fit.intercept_)[:, None]])
    print('    {.name = "%s", .n = %d, .d = %d, .t = %d, .l2 = %.17g, .weighted = %s,'
          % (name, n, d, t, l2, "true" if weighted else "false"))
    numbers("x", x, "%.9g")
    numbers("weight", weight, "%.9g")
    numbers("y", y)
    numbers("w", w)
    numbers("said", fit.predict(x.astype(float)).reshape(n, t))
    print("    },")
print("};")
