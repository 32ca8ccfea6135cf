"""The arena's tables: who won how many pairs, ranks, Elo, CPU seconds, means of each table, and what was wanted."""
import datetime
import math
import statistics

import chart
import elo
import targets
from splits import TABLES

LABELS = {"catboost": "CatBoost", "lightgbm": "LightGBM", "rf": "random forest", "mlp": "MLPClassifier",
          "xgb": "XGBoost", "realmlp": "RealMLP, five folds"}
KEYS = {"acc": "accuracy", "logloss": "log loss"}
FLOOR = 0.002  # log losses are compared as ratios: below this they are equal


def label(method):
    return LABELS.get(method, f"`{method}`")


def error_of(row, key):
    return -row[key] if key == "acc" else row[key]


def spread(values):
    """Standard error of a mean, 0 of one value."""
    return statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else 0.0


def geometric(values):
    return math.exp(statistics.mean(map(math.log, values)))


class Arena:
    """Results on the splits that the hero played, by split and method."""

    def __init__(self, rows, hero):
        played = {(row["dataset"], row["rep"]) for row in rows if row["method"] == hero}
        if not played:
            raise SystemExit(f"no results of {hero}")
        self.hero, self.splits = hero, {}
        for row in rows:
            key = row["dataset"], row["rep"]
            if key in played:
                self.splits.setdefault(key, {}).setdefault(row["method"], row)
        count = {}
        for split in self.splits.values():
            for method in split:
                count[method] = count.get(method, 0) + 1
        others = sorted((method for method in count if method != hero), key=lambda m: (m not in LABELS, m))
        self.methods, self.count = [hero, *others], count
        self.tables = [name for name in [*TABLES, "mnist"] if any(name == key[0] for key in self.splits)]

    def values(self, name, method, key):
        return [split[method][key] for (table, _), split in sorted(self.splits.items())
                if table == name and method in split]

    def errors(self, key, methods):
        return {at: {method: error_of(row, key) for method, row in split.items() if method in methods}
                for at, split in self.splits.items()}

    def cpu(self, method):
        """Geometric mean over tables, CPU seconds per 1,000 training rows."""
        means = []
        for name in self.tables:
            costs = [1000 * c / n for c, n in zip(self.values(name, method, "cpu"), self.values(name, method, "n"))]
            means += [statistics.mean(costs)] if costs else []
        return geometric([max(cost, 1e-3) for cost in means])

    def pair(self, other):
        """The hero beside another on the splits that both played."""
        tables = {}
        for (name, _), split in sorted(self.splits.items()):
            if other in split:
                tables.setdefault(name, []).append((split[self.hero], split[other]))
        answer = {"tables": len(tables)}
        for key in KEYS:
            scores = {name: [elo.half_wins(error_of(a, key), error_of(b, key)) for a, b in rows]
                      for name, rows in tables.items()}
            every = [score for of in scores.values() for score in of]
            share = statistics.mean(every)
            clustered = sum(sum(score - share for score in of) ** 2 for of in scores.values())
            answer[key] = {"won": every.count(1.0), "lost": every.count(0.0), "tied": every.count(0.5),
                           "share": share, "error": math.sqrt(clustered) / len(every)}
        each = lambda of: {name: statistics.mean(of(a, b) for a, b in rows) for name, rows in tables.items()}
        answer["points"] = each(lambda a, b: 100 * (a["acc"] - b["acc"]))
        answer["loss"] = each(lambda a, b: a["logloss"] - b["logloss"])
        ratio = each(lambda a, b: math.log(max(a["logloss"], FLOOR) / max(b["logloss"], FLOOR)))
        answer["ratio"] = list(ratio.values())
        answer["cpu"] = geometric([sum(a["cpu"] for a, _ in rows) / max(sum(b["cpu"] for _, b in rows), 1e-3)
                                   for rows in tables.values()])
        return answer


def standing(arena, ranked, ratings, ranks):
    lines = ["| method | splits | Elo, accuracy | Elo, log loss | rank, accuracy | rank, log loss |"
             " CPU s per 1,000 rows |",
             "|---|--:|--:|--:|--:|--:|--:|"]
    for method in sorted(ranked, key=lambda m: -ratings["acc"][m][0] - ratings["logloss"][m][0]):
        cells = [f"{ratings[key][method][0]:.0f} ± {ratings[key][method][1]:.0f}" for key in KEYS]
        cells += [f"{ranks[key][method]:.2f}" for key in KEYS] + [f"{arena.cpu(method):.2f}"]
        lines.append(f"| {label(method)} | {arena.count[method]} | " + " | ".join(cells) + " |")
    return lines


def pairs_table(arena, methods):
    lines = [f"| `{arena.hero}` against | tables | accuracy: won, lost, tied | share % | points |"
             " log loss: won, lost, tied | share % | ratio | CPU, ratio |", "|---|--:|--:|--:|--:|--:|--:|--:|--:|"]
    for method in methods:
        pair = arena.pair(method)
        counts = [f"{pair[key]['won']}, {pair[key]['lost']}, {pair[key]['tied']}" for key in KEYS]
        shares = [f"{100 * pair[key]['share']:.0f} ± {100 * pair[key]['error']:.0f}" for key in KEYS]
        points, ratio = list(pair["points"].values()), statistics.mean(pair["ratio"])
        lines.append(f"| {label(method)} | {pair['tables']} | {counts[0]} | {shares[0]} | "
                     f"{statistics.mean(points):+.2f} ± {spread(points):.2f} | {counts[1]} | {shares[1]} | "
                     f"{math.exp(ratio):.3f} ± {math.exp(ratio) * spread(pair['ratio']):.3f} | {pair['cpu']:.2f} |")
    return lines


def means_table(arena, key, form, scale=1):
    lines = ["| data | splits | " + " | ".join(map(label, arena.methods)) + " |",
             "|---|--:|" + "--:|" * len(arena.methods)]
    for name in arena.tables:
        cells = []
        for method in arena.methods:
            values = [scale * value for value in arena.values(name, method, key)]
            bar = f" ± {form.format(spread(values))}" if len(values) > 1 and key != "cpu" else ""
            cells.append(form.format(statistics.mean(values)) + bar if values else "")
        lines.append(f"| {name} | {len(arena.values(name, arena.hero, key))} | " + " | ".join(cells) + " |")
    return lines


def wanted(arena, ranks):
    mean = {(name, key): statistics.mean(arena.values(name, arena.hero, key))
            for name in arena.tables for key in ("acc", "f1", "logloss", "cpu")}
    lines = targets.of_tables(mean) + [""]
    for peer in ("catboost", "realmlp"):
        if peer in arena.methods:
            pair = arena.pair(peer)
            lines.append(targets.of_peer(pair, label(peer)))
            if peer == "catboost":
                lines += targets.of_catboost({name: (points, pair["loss"][name])
                                              for name, points in pair["points"].items()})
    return lines + [targets.of_ranks({KEYS[key]: of for key, of in ranks.items()}, arena.hero, arena.cpu(arena.hero))]


def report(rows, hero, beside):
    """(the text, the chart); the hero, peers and those `beside` are ranked, if they played half of the tables"""
    arena = Arena(rows, hero)
    enough = [method for method in arena.methods if 2 * arena.pair(method)["tables"] >= len(arena.tables)]
    ranked = [method for method in enough if method in (hero, *beside, *LABELS)]
    errors = {key: arena.errors(key, ranked) for key in KEYS}
    ratings = {key: elo.ratings(errors[key], ranked) for key in KEYS}
    ranks, complete = {}, 0
    for key in KEYS:
        ranks[key], complete = elo.mean_ranks(errors[key], ranked)
    distance = [elo.bencheval_distance(errors[key], ranked) if complete else None for key in KEYS]
    points = {label(method).strip("`"): (arena.cpu(method), statistics.mean(ratings[key][method][0] for key in KEYS))
              for method in ranked}
    front = chart.front(points)
    text = [f"`{hero}` on {len(arena.splits)} splits of {len(arena.tables)} tables, {datetime.date.today()}. A table"
            f" counts one in Elo and ranks; ranks are of the {complete} tables on which all played. ± is a standard"
            " error: over tables for shares, points and ratios, of tables drawn anew for Elo, over splits for means."
            " Ratios and CPU are geometric means. Who played fewer than half of the tables is not ranked.", ""]
    text += standing(arena, ranked, ratings, ranks)
    text += ["", "Nobody is better for less CPU than (Elo: mean of both): " + ", ".join(front) + "."]
    if distance[0] is not None:
        text += [f"bencheval's ratings on the splits that all played differ by {max(distance):.2g} Elo at most."]
    text += [""] + pairs_table(arena, [method for method in arena.methods if method != hero])
    for title, key, form, scale in (("Accuracy, %", "acc", "{:.2f}", 100), ("Log loss", "logloss", "{:.4f}", 1),
                                    ("CPU seconds", "cpu", "{:.1f}", 1)):
        text += ["", title + ":", ""] + means_table(arena, key, form, scale)
    text += ["", "Wanted:", ""] + wanted(arena, ranks)
    return "\n".join(text) + "\n", chart.draw(points, "Elo (accuracy and log loss, random forest = 1000)")
