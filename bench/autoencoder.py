"""An autoencoder as alarm: trained on the sound of a healthy motor, its error tells faults from health.

    python3 bench/autoencoder.py build/consort [--windows 3000] [--keep FOLDER] [--cc gcc] [--write]

A window is 128 samples at 2 kHz of a motor that is synthesized here: speed 20 to 30 turns a second and load vary from
window to window, harmonics of both follow, and there is noise. Its 64 features are the logarithms of the spectrum's power. The
network (`label: features`, hidden [24, 4, 24]) sees healthy windows only. The score of a window is the mean squared error of
what `consort predict` gives back, each feature in units of its deviation over the training windows. AUC: the chance that a faulty
window scores higher than a healthy one. With --cc the exported C scores the windows as well. --write puts the table into bench/RESULTS.md. Needs nothing but Python itself.
"""
import argparse
import cmath
import csv
import datetime
import math
import os
import random
import resource
import subprocess
import tempfile

from results import write_table

N, RATE = 128, 2000
FAULTS = {"bearing": "bursts at 3.6 times a turn, ringing at 700 Hz", "imbalance": "the first harmonic 2.5 times as loud",
          "missing harmonic": "the tone of the gears gone", "looseness": "tones at half a turn and its odd multiples"}
MARK = "<!-- bench/autoencoder.py -->"
CONFIG = """name: motor
metric: {name: val_rmse}
data: {train: TRAIN, label: features, split: {type: holdout, val_fraction: 0.2}}
train: {hidden: [24, 4, 24], activation: mish, epochs: 150, batch_size: 64, learning_rate: 0.004, weight_decay: 0.001}
"""


def transform(x):
    """The Fourier transform of a power of two of samples."""
    n = len(x)
    if n == 1:
        return x
    even, odd = transform(x[0::2]), transform(x[1::2])
    turned = [cmath.exp(-2j * math.pi * k / n) * odd[k] for k in range(n // 2)]
    return [e + o for e, o in zip(even, turned)] + [e - o for e, o in zip(even, turned)]


def window(rng, fault):
    """The features of one window."""
    speed, load = rng.uniform(20, 30), rng.uniform(0, 1)
    tones = [(k * speed, (0.3 + 0.7 * load) / k**1.2) for k in range(1, 9)]
    tones += [(11 * speed, 0.25 + 0.35 * load), (22 * speed, 0.12 + 0.15 * load), (100, 0.3)]
    if fault == "imbalance":
        tones[0] = (speed, 2.5 * tones[0][1])
    if fault == "missing harmonic":
        del tones[8]
    if fault == "looseness":
        tones += [((k + 0.5) * speed, 0.35 * (0.5 + load) / (k + 1)) for k in range(6)]
    tones = [(f, a * rng.gauss(1, 0.05), rng.uniform(0, 2 * math.pi)) for f, a in tones]
    start = rng.random()
    x = []
    for i in range(N):
        t = i / RATE
        y = sum(a * math.sin(2 * math.pi * f * t + phase) for f, a, phase in tones) + rng.gauss(0, 0.08 + 0.05 * load)
        if fault == "bearing":
            since = (t * 3.6 * speed + start) % 1 / (3.6 * speed)
            y += 0.6 * math.exp(-250 * since) * math.sin(2 * math.pi * 700 * since)
        x.append(y * (0.5 - 0.5 * math.cos(2 * math.pi * i / N)))
    return [math.log10(abs(z) ** 2 + 1e-2) for z in transform(x)[1:N // 2 + 1]]


def write_windows(path, windows):
    with open(path, "w", newline="") as file:
        out = csv.writer(file)
        out.writerow([f"bin{k}" for k in range(1, N // 2 + 1)])
        out.writerows([[f"{v:.5f}" for v in w] for w in windows])


def area(healthy, faulty):
    """The chance that a faulty window scores higher."""
    both = sorted([(s, 0) for s in healthy] + [(s, 1) for s in faulty])
    below = wins = 0
    for _, bad in both:
        wins += below * bad
        below += 1 - bad
    return wins / (len(healthy) * len(faulty))


def deviations(windows):
    columns = list(zip(*windows))
    means = [sum(c) / len(c) for c in columns]
    return [math.sqrt(sum((v - m) ** 2 for v in c) / len(c)) or 1 for c, m in zip(columns, means)]


def scores(windows, predicted, deviation):
    return [sum(((a - b) / d) ** 2 for a, b, d in zip(w, p, deviation)) / len(deviation)
            for w, p in zip(windows, predicted)]


def predictions(consort, model, path):
    out = subprocess.run([consort, "predict", model, path], check=True, capture_output=True, text=True).stdout
    rows = list(csv.DictReader(out.splitlines()))
    names = [f"bin{k}" for k in range(1, N // 2 + 1)]
    return [[float(row[name]) for name in names] for row in rows]


def predictions_of_c(consort, cc, model, path, folder):
    """The same from the exported C, in a program that reads rows of numbers."""
    at = lambda name: os.path.join(folder, name)
    subprocess.run([consort, "export", model, "--to", "c", "--out", at("motor_net")], check=True, stdout=subprocess.DEVNULL)
    with open(at("main.c"), "w") as file:
        file.write("""#include <stdio.h>
#include "motor_net.h"
int main(void)
{
    motor_net_input x[MOTOR_NET_N_INPUTS];
    double y[MOTOR_NET_N_VALUES];
    for (;;) {
        for (int i = 0; i < MOTOR_NET_N_INPUTS; i++)
            if (scanf("%lf", &x[i]) != 1) return 0;
        motor_net_predict(x, y);
        for (int i = 0; i < MOTOR_NET_N_VALUES; i++) printf("%.9g ", y[i]);
        printf("\\n");
    }
}
""")
    subprocess.run([cc, "-O2", "-Werror", "-o", at("motor_net.run"), at("main.c"), at("motor_net.c"), "-lm"], check=True)
    with open(path) as file:
        rows = file.read().replace(",", " ").splitlines()[1:]
    out = subprocess.run([at("motor_net.run")], input="\n".join(rows), check=True, capture_output=True, text=True).stdout
    return [[float(v) for v in line.split()] for line in out.splitlines()]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("consort")
    parser.add_argument("--windows", type=int, default=3000)
    parser.add_argument("--keep", default="", help="leave the tables and the model in this folder")
    parser.add_argument("--cc", default="", help="compile the exported C with this, and compare")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    consort = os.path.abspath(options.consort)
    rng = random.Random(1)
    train = [window(rng, None) for _ in range(options.windows)]
    deviation = deviations(train)
    tests = {None: [window(rng, None) for _ in range(400)]}
    tests.update({fault: [window(rng, fault) for _ in range(200)] for fault in FAULTS})
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or scratch
        os.makedirs(folder, exist_ok=True)
        at = lambda name: os.path.join(folder, name)
        write_windows(at("healthy.csv"), train)
        with open(at("motor.yaml"), "w") as file:
            file.write(CONFIG.replace("TRAIN", at("healthy.csv")))
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        subprocess.run([consort, "train", at("motor.yaml"), "-q", "--dir", at("run"), "--out", at("motor.consort")],
                       check=True, stdout=subprocess.DEVNULL)
        cost = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
        got, apart = {}, 0
        for fault, windows in tests.items():
            write_windows(at("windows.csv"), windows)
            got[fault] = scores(windows, predictions(consort, at("motor.consort"), at("windows.csv")), deviation)
            if options.cc:
                answers = predictions_of_c(consort, options.cc, at("motor.consort"), at("windows.csv"), folder)
                apart = max(apart, *(abs(a - b) for a, b in zip(got[fault], scores(windows, answers, deviation))))
    lines = ["| windows | what | mean error | AUC |", "|---|---|--:|--:|",
             f"| healthy | | {sum(got[None]) / len(got[None]):.3f} | |"]
    for fault, what in FAULTS.items():
        lines.append(f"| {fault} | {what} | {sum(got[fault]) / len(got[fault]):.3f} | {area(got[None], got[fault]):.3f} |")
    every = [s for fault in FAULTS for s in got[fault]]
    lines.append(f"| all faults | wanted .85 | {sum(every) / len(every):.3f} | {area(got[None], every):.3f} |")
    lines += ["", f"{options.windows} healthy windows, 64-24-4-24-64, {cost:.1f} CPU s, {datetime.date.today()}."]
    if options.cc:
        lines[-1] += f" Errors by the exported C: at most {apart:.0e} apart."
    print("\n".join(lines))
    if options.write:
        write_table(MARK, "\n".join(lines) + "\n")


main()
