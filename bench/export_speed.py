"""C exported for a server beside onnxruntime: networks of the same shapes, one thread, CPU time, in turns; the best turn
of each counts. Pictures are as full as MNIST's (a fifth of the pixels), and full. Rates without encoding would flatter
nobody: the C gets bytes of pixels, onnxruntime the floats that it wants.

    taskset -c 0 python3 bench/export_speed.py BUILD [ROUNDS]
"""
import os
import subprocess
import sys
import time

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

CASES = [("1 x 784-256-128-10", 1, (256, 128)), ("12 x 784-256-128-10", 12, (256, 128)), ("1 x 784-128-10", 1, (128,))]
ROWS = 1000
MAIN = r"""
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "it.h"
static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
int main(int argc, char **argv)
{
    static it_input x[1000 * IT_N_INPUTS];
    static float p[1000 * IT_N_CLASSES];
    double all = 1e9, one = 1e9, at;
    int i, round, full = argc > 1 ? atoi(argv[1]) : 5;
    srand(1);
    for (i = 0; i < 1000 * IT_N_INPUTS; i++) x[i] = (it_input)(rand() % 5 < full ? 1 + rand() % 255 : 0);
    for (round = 0; round < 20; round++) {
        at = now();
        it_predict_batch(x, 1000, p);
        at = now() - at;
        if (at < all) all = at;
    }
    for (i = 0; i < 3000; i++) {
        at = now();
        (void)it_predict(x + i % 1000 * IT_N_INPUTS, p);
        at = now() - at;
        if (at < one) one = at;
    }
    printf("%.9f %.9f %d\n", all, one, it_selftest());
    return 0;
}
"""


def session(members, hidden, random):
    widths, nodes, weights, out = (784, *hidden, 10), [], [], []
    for m in range(members):
        last = "x"
        for l, (a, b) in enumerate(zip(widths, widths[1:])):
            w = (random.standard_normal((a, b)) / np.sqrt(a)).astype(np.float32)
            weights += [numpy_helper.from_array(w, f"w{m}_{l}"), numpy_helper.from_array(np.zeros(b, np.float32), f"b{m}_{l}")]
            nodes.append(helper.make_node("Gemm", [last, f"w{m}_{l}", f"b{m}_{l}"], [f"z{m}_{l}"]))
            final = l + 2 == len(widths)
            last = f"h{m}_{l}"
            nodes.append(helper.make_node("Softmax", [f"z{m}_{l}"], [last], axis=1) if final
                         else helper.make_node("Relu", [f"z{m}_{l}"], [last]))
        out.append(last)
    nodes.append(helper.make_node("Mean", out, ["p"]))
    graph = helper.make_graph(nodes, "mlp", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 784])],
                              [helper.make_tensor_value_info("p", TensorProto.FLOAT, [None, 10])], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def best(call, n):
    times = []
    for _ in range(n):
        at = time.process_time()
        call()
        times.append(time.process_time() - at)
    return min(times)


build, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3
folder = os.path.join(build, "bench", "export_speed.files")
os.makedirs(folder, exist_ok=True)
random = np.random.default_rng(1)
print("| networks | pixels | 1,000 rows, C (ms) | onnxruntime | ratio | one row, C (us) | onnxruntime | ratio |")
print("|---|--:|--:|--:|--:|--:|--:|--:|")
for name, members, hidden in CASES:
    subprocess.run([os.path.join(build, "bench", "export_speed"), folder, "it", str(members), *map(str, hidden)], check=True)
    with open(os.path.join(folder, "main.c"), "w", encoding="ascii") as out:
        out.write(MAIN)
    subprocess.run(["cc", "-O3", "-march=native", "-o", "it", "it.c", "main.c", "-lm"], cwd=folder, check=True)
    peer = session(members, hidden, random)
    for fifths in (1, 5):
        x = (random.random((ROWS, 784)) * (random.random((ROWS, 784)) < fifths / 5)).astype(np.float32)
        mine, theirs = [1e9, 1e9], [1e9, 1e9]
        for _ in range(rounds):
            said = subprocess.run([os.path.join(folder, "it"), str(fifths)], check=True, capture_output=True, text=True).stdout.split()
            assert said[2] == "0", "the self-test fails"
            mine = [min(mine[i], float(said[i])) for i in range(2)]
            theirs = [min(theirs[0], best(lambda: peer.run(None, {"x": x}), 20)),
                      min(theirs[1], best(lambda: peer.run(None, {"x": x[:1]}), 3000))]
        print(f"| {name} | {20 * fifths} % | {1e3 * mine[0]:.2f} | {1e3 * theirs[0]:.2f} | {mine[0] / theirs[0]:.2f} | "
              f"{1e6 * mine[1]:.1f} | {1e6 * theirs[1]:.1f} | {mine[1] / theirs[1]:.2f} |", flush=True)
