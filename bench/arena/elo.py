"""Ranks and Elo ratings of methods that were tried on the same splits.

Errors are {(table, repeat): {method: error}}, less is better, equal is half a win for each. Every table has the
weight of one, spread over its splits. Elo is the maximum of Bradley and Terry's likelihood on a scale where 400
points are ten to one; `ANCHOR` stands at 1000. As in TabArena's bencheval a ridge of 0.5 / (10^6 log(10)^2) on the
log-strengths keeps the rating of who never loses finite. Methods need not have played everywhere.
"""
import math
import random

ANCHOR = "rf"
POINTS = 400 / math.log(10)
RIDGE = 0.5 / (1e6 * math.log(10) ** 2)


def half_wins(a, b):
    return 1.0 if a < b else 0.5 if a == b else 0.0


def by_table(errors):
    """{table: [errors of each of its splits]}"""
    tables = {}
    for (table, _), split in sorted(errors.items()):
        tables.setdefault(table, []).append(split)
    return tables


def wins_of(tables, methods):
    """What each won against each, a table counting one; `tables` may repeat one."""
    wins = [[0.0] * len(methods) for _ in methods]
    for splits in tables:
        for split in splits:
            for i, one in enumerate(methods):
                for j, other in enumerate(methods):
                    if i != j and one in split and other in split:
                        wins[i][j] += half_wins(split[one], split[other]) / len(splits)
    return wins


def strengths(wins, tolerance):
    """Log-strengths at the likelihood's maximum: one coordinate's Newton step after another."""
    n = len(wins)
    t = [0.0] * n
    for _ in range(5000):
        largest = 0.0
        for i in range(n):
            slope, bend = -2 * RIDGE * t[i], 2 * RIDGE
            for j in range(n):
                games = wins[i][j] + wins[j][i]
                if games:
                    p = 1 / (1 + math.exp(min(t[j] - t[i], 700)))
                    slope += wins[i][j] - games * p
                    bend += games * p * (1 - p)
            step = max(-1.0, min(1.0, slope / bend))
            t[i] += step
            largest = max(largest, abs(step))
        if largest < tolerance:
            break
    return t


def ratings(errors, methods):
    """{method: (Elo, half the width of the middle 68 % when the tables are drawn anew)}"""
    tables = list(by_table(errors).values())

    def fit(some, tolerance):
        t = strengths(wins_of(some, methods), tolerance)
        zero = t[methods.index(ANCHOR)] if ANCHOR in methods else sum(t) / len(t)
        return [1000 + POINTS * (value - zero) for value in t]

    draw = random.Random(1)
    drawn = [fit(draw.choices(tables, k=len(tables)), 1e-4) for _ in range(60)]
    widths = [(column[50] - column[9]) / 2 for column in map(sorted, zip(*drawn))]
    return dict(zip(methods, zip(fit(tables, 1e-10), widths)))


def mean_ranks(errors, methods):
    """({method: mean rank}, tables): over the tables on whose splits all played, a table counting one."""
    ranks = {method: [] for method in methods}
    complete = {key: split for key, split in errors.items() if all(method in split for method in methods)}
    for splits in by_table(complete).values():
        for one in methods:
            rank = [0.5 + sum(half_wins(split[other], split[one]) for other in methods) for split in splits]
            ranks[one].append(sum(rank) / len(rank))
    return {method: sum(r) / len(r) if r else math.nan for method, r in ranks.items()}, len(ranks[methods[0]])


def bencheval_distance(errors, methods):
    """The largest difference from bencheval's ratings, in Elo, on the splits that all played; None without it."""
    try:
        import pandas as pd
        from bencheval.evaluator import BenchmarkEvaluator
    except ImportError:
        return None
    complete = {key: split for key, split in errors.items() if all(method in split for method in methods)}
    rows = pd.DataFrame([{"method": method, "task": table, "seed": repeat, "metric_error": split[method]}
                         for (table, repeat), split in complete.items() for method in methods])
    theirs = BenchmarkEvaluator(seed_column="seed").compute_elo(
        results_per_task=rows, BOOTSTRAP_ROUNDS=1, include_quantiles=False, round_decimals=None,
        calibration_framework=ANCHOR if ANCHOR in methods else None)["elo"]
    ours = ratings(complete, methods)
    return max(abs(ours[method][0] - theirs[method]) for method in methods)
