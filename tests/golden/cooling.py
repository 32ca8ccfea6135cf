"""The log loss after the best temperature, by SciPy: shared by metrics.py and metrics_weighted.py."""
import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp


def calibrated(p, y, w):
    """The log loss at the best temperature; to T = 1 pulls a term of one row's weight (engine/cooling.h)."""
    z = np.log(np.maximum(p.astype(float), 1e-12))

    def loss(t):
        out = z / np.exp(t)
        return np.average(logsumexp(out, axis=1) - out[np.arange(len(y)), y], weights=w)

    best = minimize_scalar(lambda t: loss(t) + (np.exp(-t) - 1 + t) / len(y), method="bounded",
                           bounds=(np.log(.05), np.log(20)), options={"xatol": 1e-9, "maxiter": 2000})
    return loss(best.x)
