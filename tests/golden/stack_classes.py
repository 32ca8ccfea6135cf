"""Golden numbers of a stack of classes from scikit-learn and scipy, as a C header on standard output.

    python3 tests/golden/stack_classes.py > tests/golden/stack_classes.h

Two classes: scikit-learn's LogisticRegression on the members' log odds, which is the same regression. Three: the
penalized loss itself, minimized by scipy in a box.
"""
import numpy as np
import scipy
import sklearn
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax
from sklearn.linear_model import LogisticRegression

rng = np.random.default_rng(5)
M = 3


def floats(a):
    return ", ".join(f"{v:.4f}f" for v in a.ravel())


def array(name, values, form="static const double"):
    print(f"{form} {name}[] = {{{', '.join(repr(float(v)) for v in np.ravel(values))}}};")


def case(n, k, strengths):
    """Labels, and members that say what they see: rounded, as the header has them."""
    y = rng.integers(0, k, n)
    members = []
    for strength, sharp in strengths:
        z = rng.normal(size=(n, k)) + strength * np.eye(k)[y]
        members.append(np.round(np.clip(softmax(sharp * z, axis=1), 2e-4, None), 4).astype(np.float32))
    return y, members


def write(name, y, members):
    print(f"static const int32_t {name}_labels[] = {{{', '.join(map(str, y))}}};")
    print(f"static const float {name}_models[{len(members)}][{members[0].size}] = {{")
    for p in members:
        print(f"    {{{floats(p)}}},")
    print("};")


print(f"/* Made by tests/golden/stack_classes.py with scikit-learn {sklearn.__version__} and scipy "
      f"{scipy.__version__}. */")
y, members = case(150, 2, [(1.2, 1.5), (0.9, 0.7), (1.0, 2.0)])
weight = np.round(rng.uniform(0.2, 3, 150), 3)
odds = np.stack([np.log(p[:, 1].astype(float)) - np.log(p[:, 0].astype(float)) for p in members], 1)
print("enum { STACK_TWO_N = 150, STACK_THREE_N = 120 };")
write("stack_two", y, members)
array("stack_two_weight", weight)
for name, w in (("plain", None), ("weighted", weight)):
    fit = LogisticRegression(penalty=None, tol=1e-10, max_iter=10000).fit(odds, y, sample_weight=w)
    assert (fit.coef_ > 0).all()
    array(f"stack_two_{name}", fit.coef_[0])

y, members = case(120, 3, [(1.1, 1.0), (0.8, 2.0), (-0.2, 1.0)])
centre = np.array([0.5, 0.3, 0.2])
logs = np.stack([np.log(p.astype(float)) for p in members], 1)


def loss(x, ridge):
    w, b = x[:M], x[M:]
    z = log_softmax(np.tensordot(logs, w, ((1,), (0,))) + b, axis=1)
    return -z[np.arange(120), y].mean() + ridge * ((w - w.sum() * centre) ** 2).sum() + 0.05 * (b ** 2).sum() / 120


write("stack_three", y, members)
for i, ridge in enumerate((0.0, 0.02, 1.0)):
    fit = minimize(loss, np.r_[centre, np.zeros(3)], (ridge,), "L-BFGS-B", bounds=[(0, 20)] * 3 + [(-30, 30)] * 3,
                   options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 5000})
    array(f"stack_three_{i}", fit.x)
