"""Problems of numbers that are made up, each with a number that says which one of its kind: rugged ones (many local
optima, steps, noise), where an evolution strategy is strong, smooth ones, where a model is, and what losses of small
networks look like. Moved about and, where it says so, turned by that number. All are minimized.

The functions are those of Rastrigin, Griewank, Schwefel, Weierstrass, Ackley and Rosenbrock, Gallagher's peaks and the
step ellipsoid, after Hansen and others 2009 (the noiseless functions of BBOB); hills and nets are of our own making.
"""
import math
import zlib

import numpy as np

from space import Problem, number, whole


def draws(kind, k):
    return np.random.default_rng([zlib.crc32(kind.encode()), k])


def turned(d, rng):
    q, r = np.linalg.qr(rng.normal(size=(d, d)))
    return q * np.sign(np.diag(r))


def box(kind, k, d, f, best=0., noise=0.):
    """f of a vector in [-5, 5]^d."""
    names = ["x%d" % i for i in range(d)]

    def value(p):
        return float(f(np.array([p[n] for n in names])))

    def told(p, rng):
        return value(p) + rng.gauss(0, noise)
    return Problem("%s-%d" % (kind, k), [number(n, -5, 5) for n in names], value, told if noise else None, best, False)


def rastrigin(k, d=10, kind="rastrigin"):
    """Turned where k is odd."""
    rng = draws(kind, k)
    s, q = rng.uniform(-3, 3, d), turned(d, rng) if k % 2 else np.eye(d)

    def f(x):
        z = q @ (x - s)
        return 10 * d + np.sum(z * z - 10 * np.cos(2 * np.pi * z))
    return box(kind, k, d, f)


def rastrigin5(k):
    return rastrigin(k, 5, "rastrigin5")


def griewank(k, d=10):
    rng = draws("griewank", k)
    s, q, r = rng.uniform(-3, 3, d), turned(d, rng), np.sqrt(np.arange(1, d + 1))

    def f(x):
        z = 6 * (q @ (x - s))
        return np.sum(z * z) / 400 + 1 - np.prod(np.cos(z / r))
    return box("griewank", k, d, f)


def schwefel(k, d=8):
    g = draws("schwefel", k).choice([-1., 1.], d)

    def f(x):
        z = 100 * g * x
        return 418.982887272433 * d - np.sum(z * np.sin(np.sqrt(np.abs(z))))
    return box("schwefel", k, d, f)


def weierstrass(k, d=6):
    rng = draws("weierstrass", k)
    s, q = rng.uniform(-3, 3, d), turned(d, rng)
    half, three = .5 ** np.arange(12), 2 * np.pi * 3. ** np.arange(12)
    least = np.sum(half * np.cos(.5 * three))

    def f(x):
        z = q @ (x - s)
        rough = np.mean([np.sum(half * np.cos(three * (v + .5))) for v in .1 * z]) - least
        return 10 * rough ** 3 + np.sum(z * z)
    return box("weierstrass", k, d, f)


def gallagher(k, d=6, peaks=60):
    rng = draws("gallagher", k)
    at, q = rng.uniform(-4, 4, (peaks, d)), turned(d, rng)
    height, narrow = np.r_[10., np.linspace(1.1, 9.1, peaks - 1)], 10 ** rng.uniform(-1.5, .5, (peaks, d))

    def f(x):
        return 10 - np.max(height * np.exp(-.5 / d * np.sum(narrow * ((x - at) @ q.T) ** 2, 1)))
    return box("gallagher", k, d, f, None)


def ackley(k, d=10):
    s = draws("ackley", k).uniform(-3, 3, d)

    def f(x):
        z = 4 * (x - s)
        return 20 + math.e - 20 * np.exp(-.2 * np.sqrt(np.mean(z * z))) - np.exp(np.mean(np.cos(2 * np.pi * z)))
    return box("ackley", k, d, f)


def steps(k, d=10):
    """A turned ellipsoid of steps; noisy where k is odd."""
    rng = draws("steps", k)
    s, q, c = rng.uniform(-3, 3, d), turned(d, rng), 100 ** (np.arange(d) / (d - 1.))

    def f(x):
        z = q @ (x - s)
        z = np.where(np.abs(z) > .5, np.round(z), np.round(10 * z) / 10)
        return np.sum(c * z * z) / d
    return box("steps", k, d, f, 0., 2. if k % 2 else 0.)


def hills(k, d=6, n=6):
    """A few broad hills."""
    rng = draws("hills", k)
    at, height = rng.uniform(-4, 4, (n, d)), rng.uniform(.5, 1.2, n)
    narrow = 10 ** rng.uniform(-1.3, 0, (n, d))

    def f(x):
        return -height @ np.exp(-.25 * np.sum(narrow * (x - at) ** 2, 1))
    return box("hills", k, d, f, None)


def ellipsoid(k, d=6):
    """A turned valley, on a logarithmic scale."""
    rng = draws("ellipsoid", k)
    s, q, c = rng.uniform(-3, 3, d), turned(d, rng), 1000 ** (np.arange(d) / (d - 1.))

    def f(x):
        return np.log1p(np.sum(c * (q @ (x - s)) ** 2))
    return box("ellipsoid", k, d, f)


def rosenbrock(k, d=5):
    s = draws("rosenbrock", k).uniform(-1, 1, d)

    def f(x):
        z = .4 * (x - s) + 1
        return np.sum(100 * (z[1:] - z[:-1] ** 2) ** 2 + (1 - z[:-1]) ** 2)
    return box("rosenbrock", k, d, f)


def nets(k):
    """The error of a network trained for a while: a rate that is too high for its momentum and batch diverges, one too
    low does not arrive; size and dropout balance; weight decay hardly matters."""
    rng = draws("nets", k)
    slope, cliff = rng.uniform(.5, 1.5), rng.uniform(-1.2, .2)
    width, deep, drop = rng.uniform(6, 9.5), rng.uniform(1.5, 4), rng.uniform(0, .6)
    weight, floor = rng.uniform(.2, 1, 4), rng.uniform(.05, .3)
    params = [whole("batch", 16, 512, True), number("rate", 1e-4, 1e-1, True), number("momentum", .1, .99),
              number("decay", 1e-5, 1e-1), whole("layers", 1, 5), whole("units", 64, 1024, True), number("dropout", 0, 1)]

    def value(p):
        pace = math.log10(p["rate"] / (1 - p["momentum"])) + slope * .3 * math.log10(64 / p["batch"])
        slow = max(0, cliff - .6 - pace)
        wild = 1 / (1 + math.exp(-8 * (pace - cliff)))
        size = weight[0] * .03 * (math.log2(p["units"]) - width) ** 2 + weight[1] * .03 * (p["layers"] - deep) ** 2
        gap = weight[2] * .6 * (p["dropout"] - drop) ** 2 + max(0, p["dropout"] - .8) * 2
        error = floor + .25 * slow ** 1.5 + size + gap + weight[3] * .3 * p["decay"]
        return (1 - wild) * error / (1 + error) + wild * .8
    return Problem("nets-%d" % k, params, value, None, None, False)


def made(kinds, k):
    return {"%s-%d" % (f.__name__, i): (lambda f=f, i=i: f(i)) for f in kinds for i in range(k)}


RUGGED = made((rastrigin, rastrigin5, griewank, schwefel, weierstrass, gallagher, ackley, steps), 2)
SMOOTH = {**made((hills, ellipsoid, rosenbrock), 2), **made((nets,), 6)}
