"""The networks of bench/train_speed.c, trained by PyTorch eager on one CPU thread, the way a fast
user loop does it: data in memory as float32, a permutation an epoch, index_select for each batch,
torch.optim.Adam, cross-entropy. Prints samples a CPU second, median of the repeats.

    taskset -c 0 python3 bench/train_torch.py [seconds per case, default 2] [repeats, default 5] [--compile]

--compile: the network and the loss through torch.compile, which needs a C++ compiler; its time to compile is
not counted.
"""
import statistics
import sys
import time

import torch
from torch import nn

from peer_cases import CASES


def measure(loss_of, optimizer, x, y, batch, seconds):
    start, samples = time.process_time(), 0
    while True:
        order = torch.randperm(len(x))
        for i in range(0, len(x) - batch + 1, batch):
            rows = order[i:i + batch]
            loss = loss_of(x.index_select(0, rows), y.index_select(0, rows))
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            samples += batch
            if time.process_time() - start > seconds:
                return samples / (time.process_time() - start)


def main():
    compiled = "--compile" in sys.argv
    given = [word for word in sys.argv[1:] if word != "--compile"]
    seconds = float(given[0]) if given else 2
    repeats = int(given[1]) if len(given) > 1 else 5
    torch.set_num_threads(1)
    torch.manual_seed(0)
    print(f"PyTorch {torch.__version__}, {'torch.compile' if compiled else 'eager'}, 1 thread\n")
    print("| network | batch | samples/s | us a step |\n|---|--:|--:|--:|")
    for widths, batch in CASES:
        x, y = torch.randn(10000, widths[0]), torch.randint(widths[-1], (10000,))
        layers = []
        for a, b in zip(widths, widths[1:]):
            layers += [nn.Linear(a, b), nn.ReLU()]
        net = nn.Sequential(*layers[:-1])
        optimizer = torch.optim.Adam(net.parameters(), lr=1e-4)

        def loss_of(rows, labels, net=net):
            return nn.functional.cross_entropy(net(rows), labels)

        if compiled:
            loss_of = torch.compile(loss_of)
            for _ in range(3):
                loss_of(x[:batch], y[:batch]).backward()
        measure(loss_of, optimizer, x, y, batch, seconds / 4)
        speed = statistics.median(measure(loss_of, optimizer, x, y, batch, seconds / repeats)
                                  for _ in range(repeats))
        print(f"| {'-'.join(map(str, widths))} | {batch} | {speed:.0f} | {1e6 * batch / speed:.0f} |",
              flush=True)


main()
