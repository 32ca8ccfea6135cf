"""Golden numbers of the engine from PyTorch (2.13) in float64, as a C header on standard output:
activations and slopes, the loss and its gradient, optimizer steps, and whole networks trained for
a few steps.

    python3 tests/golden/engine_torch.py > tests/golden/engine_torch.h
"""
import math

import torch
from torch import nn
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)


def numbers(t):
    return ", ".join(repr(float(x)) for x in torch.as_tensor(t).reshape(-1))


def wave(n, step, phase=0.0):
    """Numbers that C can make again: sin(phase + step * i)."""
    return torch.tensor([math.sin(phase + step * i) for i in range(n)])


print(f"/* Made by tests/golden/engine_torch.py with PyTorch {torch.__version__}, float64. */\n")

# ---- activations: value and slope ----
points = [-30, -8, -3, -1.5, -1, -0.3, -0.01, 0.01, 0.3, 1, 1.4, 1.5, 3, 8, 19, 21, 40]
functions = {"RELU": F.relu, "LEAKY_RELU": F.leaky_relu, "TANH": torch.tanh,
             "SIGMOID": torch.sigmoid, "GELU": F.gelu, "SILU": F.silu, "SELU": F.selu,
             "MISH": F.mish}
print(f"enum {{ N_POINTS = {len(points)} }};\nstatic const float golden_points[N_POINTS] = {{"
      + ", ".join(f"{p}.f" if isinstance(p, int) else f"{p}f" for p in points) + "};")
print("static const double golden_activation[ACTIVATION_COUNT][2][N_POINTS] = {")
for name, f in functions.items():
    x = torch.tensor([float(torch.tensor(float(p), dtype=torch.float32)) for p in points],
                     requires_grad=True)
    y = f(x)
    y.sum().backward()
    print(f"    [ACT_{name}] = {{{{{numbers(y.detach())}}},\n        {{{numbers(x.grad)}}}}},")
print("};\n")

# ---- loss: logits 3 * sin(0.7 i), labels i mod 4, 6 rows of 4 classes ----
labels = torch.arange(6) % 4
weights = torch.tensor([0.5, 2.0, 1.25, 0.75])
print("static const struct {\n    float smoothing;\n    bool weighted;\n    double loss, grad[24];\n"
      "} golden_loss[] = {")
for smoothing, weighted in [(0, False), (0.1, False), (0, True), (0.1, True), (1, False)]:
    z = (3 * wave(24, 0.7)).float().double().reshape(6, 4).requires_grad_()
    rows = F.cross_entropy(z, labels, label_smoothing=smoothing, reduction="none")
    loss = (rows * weights[labels] if weighted else rows).mean()
    loss.backward()
    print(f"    {{{float(smoothing)}f, {str(weighted).lower()}, {loss.item()!r}, {{{numbers(z.grad)}}}}},")
print("};\n")

# ---- optimizers: w_i = sin(i), gradient of step t is sin(1 + 0.3 i + 0.9 t) * 2^(i mod 5 - 2) ----
print("static const struct {\n    OptimizerStep step;\n    double w[16];\n} golden_optimizer[] = {")
for kind, text, make in [
    ("SGD", "", lambda p: torch.optim.SGD(p, lr=0.05)),
    ("SGD", ".momentum = 0.9", lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9)),
    ("SGD", ".momentum = 0.8, .nesterov = true",
     lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.8, nesterov=True)),
    ("RMSPROP", ".rms_decay = 0.95",
     lambda p: torch.optim.RMSprop(p, lr=0.05, alpha=0.95, eps=1e-6)),
    ("ADAM", ".beta1 = 0.9, .beta2 = 0.999",
     lambda p: torch.optim.Adam(p, lr=0.05, eps=1e-6)),
    ("ADAM", ".beta1 = 0.7, .beta2 = 0.95",
     lambda p: torch.optim.Adam(p, lr=0.05, betas=(0.7, 0.95), eps=1e-6)),
    ("ADAMW", ".beta1 = 0.9, .beta2 = 0.999, .decay = 0.05 * 0.1",
     lambda p: torch.optim.AdamW(p, lr=0.05, weight_decay=0.1, eps=1e-6)),
]:
    w = wave(16, 1.0).float().double().requires_grad_()
    optimizer = make([w])
    for t in range(10):
        w.grad = (wave(16, 0.3, 1 + 0.9 * t)
                  * torch.tensor([2.0**(i % 5 - 2) for i in range(16)])).float().double()
        optimizer.step()
    print(f"    {{{{.kind = OPT_{kind}, .rate = 0.05, .epsilon = 1e-6, .grad_scale = 1"
          + (", " + text if text else "") + f"}},\n     {{{numbers(w.detach())}}}}},")
print("};\n")

# ---- whole networks: 5 - 7 - 6 - 3, 8 rows, full batch, 6 steps ----
# x = sin(0.37 i), labels i mod 3, weights 0.8 sin(0.61 i + layer), biases 0.1 sin(i + layer)
names = {"RELU": nn.ReLU, "TANH": nn.Tanh, "SIGMOID": nn.Sigmoid, "LEAKY_RELU": nn.LeakyReLU,
         "GELU": nn.GELU, "SILU": nn.SiLU, "SELU": nn.SELU, "MISH": nn.Mish}
runs = [(a, "ADAMW", dict(weight_decay=0.1)) for a in names]
runs += [("TANH", "SGD", dict(momentum=0.9, nesterov=True, l1=0.01, l2=0.1)),
         ("GELU", "ADAM", dict(smoothing=0.2, clip=0.05)),
         ("SELU", "RMSPROP", dict(l2=0.05, clip=0.3)),
         ("RELU", "SGD", dict(clip=0.2, smoothing=0.1, l1=0.02))]
widths = (5, 7, 6, 3)
n_params = sum((a + 1) * b for a, b in zip(widths, widths[1:]))
print(f"enum {{ N_GOLDEN_PARAMS = {n_params} }};")
print("static const struct {\n    TrainOptions options;\n    double loss[6], params[N_GOLDEN_PARAMS];\n"
      "} golden_network[] = {")
for activation, kind, o in runs:
    layers = []
    for l, (a, b) in enumerate(zip(widths, widths[1:])):
        linear = nn.Linear(a, b)
        with torch.no_grad():
            linear.weight.copy_((0.8 * wave(a * b, 0.61, l)).float().double().reshape(a, b).T)
            linear.bias.copy_((0.1 * wave(b, 1.0, l)).float().double())
        layers += [linear, names[activation]()]
    net = nn.Sequential(*layers[:-1])
    weights = [m.weight for m in net if isinstance(m, nn.Linear)]
    biases = [m.bias for m in net if isinstance(m, nn.Linear)]
    groups = [dict(params=weights), dict(params=biases, weight_decay=0)]
    optimizer = {
        "ADAMW": lambda: torch.optim.AdamW(groups, lr=0.02, weight_decay=o.get("weight_decay", 0)),
        "ADAM": lambda: torch.optim.Adam(groups, lr=0.02),
        "RMSPROP": lambda: torch.optim.RMSprop(groups, lr=0.02),
        "SGD": lambda: torch.optim.SGD(groups, lr=0.02, momentum=o.get("momentum", 0),
                                       nesterov=o.get("nesterov", False)),
    }[kind]()
    x = wave(40, 0.37).float().double().reshape(8, 5)
    y = torch.arange(8) % 3
    losses = []
    for _ in range(6):
        loss = F.cross_entropy(net(x), y, label_smoothing=o.get("smoothing", 0))
        loss = loss + o.get("l1", 0) * sum(w.abs().sum() for w in weights)
        loss = loss + o.get("l2", 0) / 2 * sum((w * w).sum() for w in weights)
        optimizer.zero_grad()
        loss.backward()
        if "clip" in o:
            nn.utils.clip_grad_norm_(net.parameters(), o["clip"])
        optimizer.step()
        losses.append(loss.item())
    params = torch.cat([torch.cat([w.detach().T.reshape(-1), b.detach()])
                        for w, b in zip(weights, biases)])
    fields = {"momentum": o.get("momentum", 0), "l1": o.get("l1", 0), "l2": o.get("l2", 0),
              "weight_decay": o.get("weight_decay", 0), "clip_norm": o.get("clip", 0),
              "label_smoothing": o.get("smoothing", 0)}
    text = "".join(f", .{k} = {v}" for k, v in fields.items() if v)
    text += ", .nesterov = true" if o.get("nesterov") else ""
    print(f"    {{{{.activation = ACT_{activation}, .optimizer = OPT_{kind}{text}}},\n"
          f"     {{{numbers(losses)}}},\n     {{{numbers(params)}}}}},")
print("};")
