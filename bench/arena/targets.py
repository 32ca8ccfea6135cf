"""What the arena wants of the program, and whether it is there."""
PAIRS, ADULT_LOSS, RANK_CPU = 75, 0.2, 20
WON = ("spambase", "sick", "segment", "letter")  # tables that must be among those won
# accuracy in percent, macro F1, log loss, CPU seconds
TABLES = {
    "vehicle": (84.5, 0.845, 0.36, 5), "credit-g": (78.5, 0.735, 0.48, 5), "segment": (99.0, 0.990, 0.035, 8),
    "splice": (97.3, 0.970, 0.11, 12), "spambase": (95.6, 0.954, 0.13, 12), "sick": (98.7, 0.940, 0.045, 12),
    "adult10k": (86.7, 0.804, 0.290, 25), "letter": (98.6, 0.986, 0.05, 60), "mnist": (99.6, None, None, 3000)}
COLUMNS = (("acc", "accuracy", "{:.2f}", 1), ("f1", "F1", "{:.4f}", 1), ("logloss", "log loss", "{:.4f}", -1),
           ("cpu", "CPU", "{:.1f}", -1))


def met(holds):
    return "met" if holds else "**not met**"


def of_tables(mean):
    """Lines of a table; `mean`: {(table, key): the program's mean}."""
    lines = ["| data | accuracy, wanted | macro F1, wanted | log loss, wanted | CPU s, wanted | |",
             "|---|--:|--:|--:|--:|---|"]
    for name, wanted in TABLES.items():
        if (name, "acc") not in mean:
            continue
        cells, short = [], []
        for (key, title, form, sign), limit in zip(COLUMNS, wanted):
            value = mean[name, key] * (100 if key == "acc" else 1)
            cells.append(form.format(value) + (f", {limit:g}" if limit is not None else ""))
            if limit is not None and sign * (value - limit) < -1e-9:
                short.append(title)
        cells.append("**not met**: " + ", ".join(short) if short else "met")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def of_peer(pair, names):
    """A line for a peer that 75 % of the pairs are to be won against."""
    shares = [100 * pair[key]["share"] for key in ("acc", "logloss")]
    holds = min(shares) >= PAIRS and pair["cpu"] <= 1
    return (f"- {PAIRS} % of the pairs against {names}, at no more than its CPU seconds: {shares[0]:.0f} % in "
            f"accuracy, {shares[1]:.0f} % in log loss, at {pair['cpu']:.2f} times its CPU: {met(holds)}.")


def of_catboost(difference):
    """Lines of single tables; `difference`: {table: (points of accuracy, log loss)}, ours less CatBoost's."""
    lines = []
    for name in WON:
        if name in difference:
            points, loss = difference[name]
            lines.append(f"- {name} won against CatBoost: {points:+.2f} points, log loss {loss:+.4f}: "
                         f"{met(points > 0 > loss)}.")
    if "adult10k" in difference:
        points = difference["adult10k"][0]
        holds = met(points >= -ADULT_LOSS)
        lines.append(f"- adult10k not lost by more than {ADULT_LOSS} points: {points:+.2f}: {holds}.")
    return lines


def of_ranks(ranks, hero, cpu):
    """`ranks`: {what: {method: mean rank}}"""
    first = {what: min(of, key=of.get) == hero for what, of in ranks.items()}
    found = ", ".join(f"{of[hero]:.2f} in {what}" for what, of in ranks.items())
    return (f"- First in mean rank of all at {RANK_CPU} CPU s per 1,000 rows: {found}, at {cpu:.1f} CPU s: "
            f"{met(all(first.values()) and cpu <= RANK_CPU)}.")
