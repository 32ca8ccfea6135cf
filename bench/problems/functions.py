"""Problems that are made up: generators, each with a number that says which of its kind (levels-0, levels-1).
All are minimized; the least possible value is 0 where `best` says so."""

import math
import random

from space import Problem, category, number, whole


def draws(kind, k):
    return random.Random("%s-%d" % (kind, k))


def made(kind, k, params, value, best=0.0):
    return Problem("%s-%d" % (kind, k), params, value, best=best, cached=False)


def levels(k):
    """Each level of two categories has its optimum elsewhere, and an offset of its own."""
    r = draws("levels", k)
    first, second = list("abcde"), ["p", "q", "r"]
    off = dict(zip(first, r.sample([0, 0.1, 0.2, 0.4, 0.8], 5)))
    beside = dict(zip(second, r.sample([0, 0.1, 0.3], 3)))
    at = {c: [r.uniform(0.1, 0.9) for _ in range(3)] for c in first}
    params = [
        category("c", first),
        category("g", second),
        whole("n", 0, 20),
        number("x", 0, 1),
        number("y", 0, 1),
    ]

    def value(p):
        a = at[p["c"]]
        bend = {"p": 0, "q": 0.1, "r": -0.1}[p["g"]]
        return (
            off[p["c"]]
            + beside[p["g"]]
            + 4 * (p["x"] - a[0]) ** 2
            + 3 * (p["y"] - a[1] - bend) ** 2
            + 2 * ((p["n"] - round(20 * a[2])) / 20) ** 2
        )

    return made("levels", k, params, value)


def rare(k):
    """One level of twelve is good, in a hole; the others are a bowl that ends above it."""
    r = draws("rare", k)
    good = "v%d" % r.randrange(12)
    at, hole = [r.uniform(0.2, 0.8) for _ in range(3)], [r.uniform(0.2, 0.8) for _ in range(3)]
    params = [category("c", ["v%d" % i for i in range(12)])] + [number("x%d" % i, 0, 1) for i in range(3)]

    def value(p):
        x = [p["x%d" % i] for i in range(3)]
        if p["c"] == good:
            return 1.2 * (1 - math.exp(-sum((a - b) ** 2 for a, b in zip(x, hole)) / 0.08))
        return 0.5 + int(p["c"][1:]) * 0.01 + sum((a - b) ** 2 for a, b in zip(x, at))

    return made("rare", k, params, value)


def additive(k):
    """A sum over four categories, three whole numbers and three numbers of falling weight."""
    r = draws("additive", k)
    names = ["c%d" % i for i in range(4)] + ["n%d" % i for i in range(3)] + ["x%d" % i for i in range(3)]
    weight = {n: 0.7**i for i, n in enumerate(r.sample(names, len(names)))}
    gain = {n: dict(zip("stuv", r.sample([0, 0.3, 0.6, 1], 4))) for n in names[:4]}
    at = {n: r.uniform(0.05, 0.95) for n in names[4:]}
    params = (
        [category(n, list("stuv")) for n in names[:4]]
        + [whole(n, 1, 24) for n in names[4:7]]
        + [number(n, 1e-4, 1, True) for n in names[7:]]
    )

    def value(p):
        out = sum(weight[n] * gain[n][p[n]] for n in names[:4])
        out += sum(weight[n] * abs(p[n] - round(1 + 23 * at[n])) / 23 for n in names[4:7])
        return out + sum(weight[n] * 2 * (1 + math.log10(p[n]) / 4 - at[n]) ** 2 for n in names[7:])

    return made("additive", k, params, value)


def stepped(k):
    """What a forest's settings look like: plateaus of whole numbers, some depend on a category."""
    r = draws("stepped", k)
    params = [
        category("kind", ["a", "b"]),
        category("way", ["l", "m", "n"]),
        category("boot", ["yes", "no"]),
        whole("depth", 1, 24),
        whole("leaf", 1, 40, True),
        whole("split", 2, 60, True),
        whole("nodes", 4, 256, True),
        number("x", 1e-6, 0.1, True),
    ]
    depth = {"a": r.randrange(4, 9), "b": r.randrange(10, 18)}
    leaf = {"yes": r.choice([1, 2, 4]), "no": r.choice([8, 12, 16])}
    way = dict(zip("lmn", r.sample([0, 0.05, 0.15], 3)))
    least = r.uniform(4, 6)

    def value(p):
        out = way[p["way"]] + (0.08 if p["kind"] == "a" else 0) + (0.06 if p["boot"] == "no" else 0)
        short = max(0, depth[p["kind"]] - p["depth"])
        out += 0.12 * short**0.7 + 0.01 * max(0, p["depth"] - depth[p["kind"]] - 4)
        size = max(p["leaf"], math.ceil(p["split"] / 3))
        out += 0.25 * abs(math.log(size / leaf[p["boot"]])) ** 1.3
        return (
            out
            + 0.1 * max(0, least - math.log(p["nodes"]))
            + 0.2 * (math.floor(max(0, 4 + math.log10(p["x"])) * 3) / 3)
        )

    return made("stepped", k, params, value, None)


def branches(k):
    """A tree of choices: three branches with parameters of their own, the good one narrow."""
    r = draws("branches", k)
    names = r.sample(["s", "t", "u"], 3)
    at = [r.uniform(0.15, 0.85) for _ in range(9)]
    params = [category("kind", ["s", "t", "u"]), number("rate", 1e-5, 1, True)]
    params += [number("%s%d" % (b, i), 0, 1, False, ("kind", "eq", b)) for b in "stu" for i in range(2)]
    params += [whole("deep", 1, 8, False, ("kind", "eq", names[0]))]

    def value(p):
        u, b = 1 + math.log10(p["rate"]) / 5, names.index(p["kind"])
        a = at[3 * b : 3 * b + 3]
        bowl = sum((p["%s%d" % (p["kind"], i)] - a[i]) ** 2 for i in range(2)) + (u - a[2]) ** 2
        if b == 0:
            return 1.5 * (1 - math.exp(-4 * bowl - 0.1 * (p["deep"] - 5) ** 2))
        return (0.35, 0.6)[b - 1] + bowl

    return made("branches", k, params, value)


FUNCTIONS = {
    "%s-%d" % (f.__name__, k): (lambda f=f, k=k: f(k))
    for f in (levels, rare, additive, stepped, branches)
    for k in range(2)
}
