"""The networks of bench/train_speed.c, trained by PyTorch eager on one CPU thread, the way a fast
user loop does it: data in memory as float32, a permutation an epoch, index_select for each batch,
torch.optim.Adam, cross-entropy. Prints samples a CPU second, median of the repeats.

    taskset -c 0 python3 bench/train_torch.py [seconds per case, default 2] [repeats, default 5]
"""
import statistics
import sys
import time

import torch
from torch import nn

CASES = [((784, 128, 10), 32), ((784, 128, 10), 128), ((784, 512, 512, 10), 128),
         ((16, 64, 64, 26), 32), ((57, 128, 128, 2), 32)]


def measure(net, optimizer, x, y, batch, seconds):
    start, samples = time.process_time(), 0
    while True:
        order = torch.randperm(len(x))
        for i in range(0, len(x) - batch + 1, batch):
            rows = order[i:i + batch]
            loss = nn.functional.cross_entropy(net(x.index_select(0, rows)), y.index_select(0, rows))
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            samples += batch
            if time.process_time() - start > seconds:
                return samples / (time.process_time() - start)


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 2
    repeats = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    torch.set_num_threads(1)
    torch.manual_seed(0)
    print(f"PyTorch {torch.__version__}, eager, 1 thread\n")
    print("| network | batch | samples/s | us a step |\n|---|--:|--:|--:|")
    for widths, batch in CASES:
        x, y = torch.randn(10000, widths[0]), torch.randint(widths[-1], (10000,))
        layers = []
        for a, b in zip(widths, widths[1:]):
            layers += [nn.Linear(a, b), nn.ReLU()]
        net = nn.Sequential(*layers[:-1])
        optimizer = torch.optim.Adam(net.parameters(), lr=1e-4)
        measure(net, optimizer, x, y, batch, seconds / 4)
        speed = statistics.median(measure(net, optimizer, x, y, batch, seconds / repeats)
                                  for _ in range(repeats))
        print(f"| {'-'.join(map(str, widths))} | {batch} | {speed:.0f} | {1e6 * batch / speed:.0f} |",
              flush=True)


main()
