"""Search spaces of the problems here: numbers, whole numbers (either on a log scale), categories, conditions.

A condition is (parent, "eq" or "ge", value). A problem is minimized: `value(params)` is what a run is scored
by, `told(params, rng)` what the optimizer hears (None: the value), `best` the least value where it is known.
"""

import math


class Param:
    def __init__(self, name, kind, lo=None, hi=None, log=False, choices=None, cond=None):
        self.name, self.kind, self.lo, self.hi = name, kind, lo, hi
        self.log, self.choices, self.cond = log, choices, cond

    def active(self, params):
        if self.cond is None:
            return True
        parent, relation, value = self.cond
        return parent in params and (params[parent] >= value if relation == "ge" else params[parent] == value)

    def draw(self, rng):
        if self.kind == "cat":
            return rng.choice(self.choices)
        lo, hi = (self.lo - 0.5, self.hi + 0.5) if self.kind == "int" else (self.lo, self.hi)
        x = math.exp(rng.uniform(math.log(lo), math.log(hi))) if self.log else rng.uniform(lo, hi)
        x = min(max(x, self.lo), self.hi)
        return min(max(round(x), self.lo), self.hi) if self.kind == "int" else x

    def check(self, value):
        if self.kind == "cat":
            ok = value in self.choices
        else:
            ok = self.lo <= value <= self.hi and (self.kind == "float" or value == int(value))
        if not ok:
            raise ValueError("%s: %r is not of the space" % (self.name, value))
        return value if self.kind == "cat" else int(value) if self.kind == "int" else float(value)


def number(name, lo, hi, log=False, cond=None):
    return Param(name, "float", lo, hi, log=log, cond=cond)


def whole(name, lo, hi, log=False, cond=None):
    return Param(name, "int", lo, hi, log=log, cond=cond)


def category(name, choices, cond=None):
    return Param(name, "cat", choices=choices, cond=cond)


class Problem:
    def __init__(self, name, params, value, told=None, best=None, cached=True):
        self.name, self.params, self.value, self.told, self.best = name, params, value, told, best
        self.cached = cached  # worth keeping on disk: a model is trained


def draw(params, rng):
    out = {}
    for p in params:
        if p.active(out):
            out[p.name] = p.draw(rng)
    return out


def clean(params, raw):
    """What was answered, checked, without what is not active."""
    out = {}
    for p in params:
        if p.active(out):
            if p.name not in raw:
                raise ValueError("%s is missing" % p.name)
            out[p.name] = p.check(raw[p.name])
    return out


def sweep_file(params, method):
    """The space as a sweep file."""
    lines = ["method: %s" % method, "metric: {name: value, goal: minimize}", "parameters:"]
    for p in params:
        if p.kind == "cat":
            words = ["values: [%s]" % ", ".join(str(c) for c in p.choices)]
        else:
            words = [
                "distribution: %s"
                % {
                    ("float", False): "uniform",
                    ("float", True): "log_uniform_values",
                    ("int", False): "int_uniform",
                    ("int", True): "q_log_uniform_values",
                }[p.kind, p.log],
                "min: %r" % p.lo,
                "max: %r" % p.hi,
            ] + ["q: 1"] * (p.kind == "int" and p.log)
        if p.cond:
            words.append('when: "%s %s %s"' % (p.cond[0], {"ge": ">=", "eq": "=="}[p.cond[1]], p.cond[2]))
        lines.append("  %s: {%s}" % (p.name, ", ".join(words)))
    return "\n".join(lines) + "\n"
