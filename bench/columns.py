"""The two tables of docs/guides/columns.md: orders.csv, where a date matters, and reviews.csv, where a text does.

    python3 bench/columns.py [FOLDER]
"""
import csv
import datetime
import itertools
import os
import random
import sys

folder = sys.argv[1] if len(sys.argv) > 1 else "."


def orders():
    random.seed(1)
    yield ["when", "size", "x", "y"]
    for _ in range(2000):
        d = datetime.datetime(2019, 1, 1) + datetime.timedelta(seconds=random.randrange(86400 * 700))
        s = random.choice(["S", "M", "L", "XL", ""])
        z = (d.weekday() >= 5) * 2 - 1 + (8 <= d.hour < 18) * 1.0 - .5 + (["", "S", "M", "L", "XL"].index(s) - 2) * .5
        y = "yes" if z + random.gauss(0, .7) > 0 else "no"
        yield [d.strftime("%d.%m.%Y %H:%M"), s, random.random(), y]


def reviews():
    """Words by Zipf's law, 120 of the middle ones two to eight times as frequent in one of three classes."""
    random.seed(2)
    words = ["".join(random.choice("bcdfghklmnprstvz") + random.choice("aeiou") for _ in range(random.randint(1, 4)))
             for _ in range(3000)]
    lean = {w: (random.randrange(3), random.uniform(2, 8)) for w in random.sample(words[20:800], 120)}
    weights = [list(itertools.accumulate((lean[w][1] if w in lean and lean[w][0] == k else 1) / (i + 5)
                                         for i, w in enumerate(words))) for k in range(3)]
    yield ["review", "stars", "y"]
    for _ in range(4000):
        k = random.randrange(3)
        text = " ".join(random.choices(words, cum_weights=weights[k], k=random.randint(8, 40)))
        text = "" if random.random() < .02 else text[0].upper() + text[1:] + random.choice(["", ".", "!", "..."])
        yield [text, round(random.gauss(k * .4, 1), 2), "abc"[k]]


for name, rows in (("orders.csv", orders()), ("reviews.csv", reviews())):
    with open(os.path.join(folder, name), "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
