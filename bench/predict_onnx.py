"""The networks of bench/predict_speed.c in onnxruntime: the same layers made with onnx.helper, random weights, a
softmax at the end, one thread. Two ways to call: session.run with a NumPy array, and with the input and output
bound in advance (io binding), the cheapest call it has; the better of the two counts.

    taskset -c 0 python3 bench/predict_onnx.py [seconds per case, default 0.5]
"""
import statistics
import sys
import time

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

CASES = [("784-128-10", (784, 128, 10)), ("784-512-512-10", (784, 512, 512, 10)),
         ("16-64-64-26", (16, 64, 64, 26)), ("57-128-128-2", (57, 128, 128, 2)),
         ("108-256x3-2", (108, 256, 256, 256, 2))]


def session(widths, random):
    nodes, weights, last = [], [], "x"
    for l, (a, b) in enumerate(zip(widths, widths[1:])):
        w = (random.standard_normal((a, b)) / np.sqrt(a)).astype(np.float32)
        weights += [numpy_helper.from_array(w, f"w{l}"), numpy_helper.from_array(np.zeros(b, np.float32), f"b{l}")]
        nodes.append(helper.make_node("Gemm", [last, f"w{l}", f"b{l}"], [f"z{l}"]))
        final = l + 2 == len(widths)
        nodes.append(helper.make_node("Softmax", [f"z{l}"], ["p"], axis=1) if final
                     else helper.make_node("Relu", [f"z{l}"], [f"h{l}"]))
        last = f"h{l}"
    graph = helper.make_graph(nodes, "mlp", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, widths[0]])],
                              [helper.make_tensor_value_info("p", TensorProto.FLOAT, [None, widths[-1]])], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def measure(call, seconds, repeats=5):
    times = []
    for _ in range(repeats):
        start, calls, spent = time.process_time(), 0, 0
        while spent < seconds / repeats:
            for _ in range(8):
                call()
            calls += 8
            spent = time.process_time() - start
        times.append(spent / calls)
    return statistics.median(times)


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 0.5
    random = np.random.default_rng(0)
    print(f"onnxruntime {onnxruntime.__version__}, 1 thread\n")
    print("| network | rows | rows/s | us a call |\n|---|--:|--:|--:|")
    for name, widths in CASES:
        run = session(widths, random)
        for rows in (1000, 1):
            x = random.standard_normal((rows, widths[0]), dtype=np.float32)
            binding = run.io_binding()
            binding.bind_cpu_input("x", x)
            binding.bind_output("p", "cpu")
            best = min(measure(lambda: run.run(None, {"x": x}), seconds),
                       measure(lambda: run.run_with_iobinding(binding), seconds))
            print(f"| {name} | {rows} | {rows / best:.0f} | {1e6 * best:.2f} |", flush=True)


main()
