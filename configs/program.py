"""A program to be tuned: logistic regression on polynomials, by gradient descent, on two half-moons.

It knows nothing of Consort. It takes its settings as arguments and prints a line of JSON after each
epoch; that is all. Python's own library is enough for it.

    python3 configs/program.py --learning_rate=0.3 --degree=3
"""
import argparse
import json
import math
import os
import random

parser = argparse.ArgumentParser()
parser.add_argument("--learning_rate", type=float, default=0.1)
parser.add_argument("--momentum", type=float, default=0.0)
parser.add_argument("--l2", type=float, default=0.0)
parser.add_argument("--degree", type=int, default=1)
parser.add_argument("--epochs", type=int, default=27)
settings = parser.parse_args()


def moons(n, chance):
    """Points of two interleaved half circles, with noise, and which of the two each belongs to."""
    points = []
    for i in range(n):
        label, angle = i % 2, math.pi * chance.random()
        x, y = math.cos(angle), math.sin(angle)
        if label:
            x, y = 1 - x, 0.5 - y
        points.append((x + chance.gauss(0, 0.2), y + chance.gauss(0, 0.2), label))
    return points


def features(x, y):
    return [x**i * y**j for i in range(settings.degree + 1) for j in range(settings.degree + 1 - i)]


def probability(weights, row):
    z = sum(w * f for w, f in zip(weights, row))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, z))))


data = moons(400, random.Random(1))  # the data are the same for every trial
rows = [(features(x, y), label) for x, y, label in data]
train, valid = rows[:200], rows[200:]
chance = random.Random(int(os.environ.get("CONSORT_SEED", "0")))  # the order of the rows is not
weights = [0.0] * len(rows[0][0])
velocity = [0.0] * len(weights)

for epoch in range(1, settings.epochs + 1):
    chance.shuffle(train)
    for row, label in train:
        error = probability(weights, row) - label
        for k, f in enumerate(row):
            gradient = error * f + settings.l2 * weights[k]
            velocity[k] = settings.momentum * velocity[k] - settings.learning_rate * gradient
            weights[k] += velocity[k]
    p = [(probability(weights, row), label) for row, label in valid]
    loss = -sum(math.log(max(1e-12, q if label else 1 - q)) for q, label in p) / len(p)
    accuracy = sum((q > 0.5) == (label == 1) for q, label in p) / len(p)
    print(json.dumps({"epoch": epoch, "val_loss": loss, "val_accuracy": accuracy}), flush=True)
