"""The networks of bench/train_speed.c, trained by scikit-learn's MLPClassifier.partial_fit on one thread, with its
own shuffling and Adam. Prints samples a CPU second, median of the repeats.

    taskset -c 0 python3 bench/train_sklearn.py [seconds per case, default 2] [repeats, default 5]
"""
import statistics
import sys
import time

import numpy as np
import sklearn
from sklearn.neural_network import MLPClassifier

from peer_cases import CASES


def measure(net, x, y, seconds):
    start, passes = time.process_time(), 0
    while time.process_time() - start < seconds:
        net.partial_fit(x, y)
        passes += 1
    return passes * len(x) / (time.process_time() - start)


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 2
    repeats = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    random = np.random.default_rng(0)
    print(f"scikit-learn {sklearn.__version__}\n")
    print("| network | batch | samples/s | us a step |\n|---|--:|--:|--:|")
    for widths, batch in CASES:
        x = random.standard_normal((10000, widths[0]), dtype=np.float32)
        y = random.integers(widths[-1], size=10000)
        net = MLPClassifier(widths[1:-1], batch_size=batch, learning_rate_init=1e-4)
        net.partial_fit(x, y, classes=np.arange(widths[-1]))
        speed = statistics.median(measure(net, x, y, seconds / repeats) for _ in range(repeats))
        print(f"| {'-'.join(map(str, widths))} | {batch} | {speed:.0f} | {1e6 * batch / speed:.0f} |", flush=True)


main()
