"""Golden numbers from PyTorch (2.13) in float64 for the parts that recipes are made of, as a C header on
standard output: layer and batch norm, embeddings, focal and mixed losses, schedule-free AdamW, moving
averages and max-norm, and a whole RealMLP in its ntk form.

    python3 tests/golden/recipes_torch.py > tests/golden/recipes_torch.h
"""
import math

import torch
from torch import nn
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)


def numbers(t):
    return ", ".join(repr(float(x)) for x in torch.as_tensor(t).detach().reshape(-1))


def array(name, t):
    t = torch.as_tensor(t)
    print(f"static const double {name}[{t.numel()}] = {{{numbers(t)}}};")


def wave(n, step, phase=0.0):
    """Numbers that C can make again: the float of sin(phase + step * i)."""
    return torch.tensor([math.sin(phase + step * i) for i in range(n)]).float().double()


print(f"/* Made by tests/golden/recipes_torch.py with PyTorch {torch.__version__}, float64. */\n")

# ---- norms: z = wave(6 x 5, 0.7) * 2 + column, gain = wave, shift = wave; the loss is sum(y * wave) ----
for name, norm in (("layer", nn.LayerNorm(5)), ("batch", nn.BatchNorm1d(5))):
    z = (2 * wave(30, 0.7).reshape(6, 5) + torch.arange(5)).float().double().requires_grad_()
    norm.weight.data, norm.bias.data = 1 + wave(5, 0.9), wave(5, 1.1, 0.3)
    y = norm(z)
    (y * wave(30, 0.31, 0.2).reshape(6, 5)).sum().backward()
    array(f"golden_{name}_y", y)
    array(f"golden_{name}_dz", z.grad)
    array(f"golden_{name}_dgain", norm.weight.grad)
    array(f"golden_{name}_dshift", norm.bias.grad)
    if name == "batch":
        array("golden_batch_mean", norm.running_mean)
        array("golden_batch_variance", norm.running_var)
        norm.eval()
        array("golden_batch_eval", norm(z))

# ---- embeddings of x = 1.5 wave(7, 0.8): F = 3 frequencies, S = 4 outputs; loss sum(y * wave) ----
x = 1.5 * wave(7, 0.8)
for name, periodic in (("pbld", False), ("periodic", True)):
    terms, outputs = (6, 4) if periodic else (3, 3)
    w1 = (0.4 * wave(3, 1.3, 0.5)).float().double().requires_grad_()
    b1 = (3 * wave(3, 0.6, 0.1)).float().double().requires_grad_()
    w2 = (0.7 * wave(outputs * terms, 0.45)).float().double().reshape(outputs, terms).requires_grad_()
    b2 = (0.3 * wave(outputs, 0.5)).float().double().requires_grad_()
    angle = 2 * math.pi * x[:, None] * w1 + b1
    part = torch.cat([torch.cos(angle), torch.sin(angle)], 1) if periodic else torch.cos(angle)
    y = part @ w2.t() + b2
    y = F.relu(y) if periodic else torch.cat([x[:, None], y], 1)
    (y * wave(28, 0.37).reshape(7, 4)).sum().backward()
    array(f"golden_{name}_y", y)
    for key, value in (("w1", w1), ("b1", b1), ("w2", w2), ("b2", b2)):
        array(f"golden_{name}_{key}", value.grad)

# ---- losses: logits 3 wave(24, 0.7), 6 rows of 4 classes, labels i mod 4 and (i + 2) mod 4 ----
labels, partners = torch.arange(6) % 4, (torch.arange(6) + 2) % 4
weights = torch.tensor([0.5, 2.0, 1.25, 0.75])
print("static const struct {\n    float smoothing, lambda, gamma;\n    bool weighted;\n    double loss, grad[24];\n"
      "} golden_mixed[] = {")
for smoothing, share, gamma, weighted in [(0, 0.7, 0, False), (0.1, 0.25, 0, True), (0, 1, 2, False),
                                          (0, 1, 0.5, True), (0.2, 0.6, 1.5, False)]:
    z = (3 * wave(24, 0.7)).float().double().reshape(6, 4).requires_grad_()
    y = share * F.one_hot(labels, 4).double() + (1 - share) * F.one_hot(partners, 4).double()
    row = share * weights[labels] + (1 - share) * weights[partners] if weighted else torch.ones(6)
    y = (1 - smoothing) * y + smoothing / 4
    log_p = F.log_softmax(z, 1)
    loss = (row * (-(y * (1 - log_p.exp()) ** gamma * log_p).sum(1))).mean()
    loss.backward()
    print(f"    {{{float(smoothing)}f, {float(share)}f, {float(gamma)}f, {str(weighted).lower()}, {loss.item()!r}, "
          f"{{{numbers(z.grad)}}}}},")
print("};\n")

# ---- schedule-free AdamW: 16 weights, gradient of step t sin(1 + 0.3 i + 0.9 t), decay 0.1, after 5 steps ----
beta1, beta2, eps, rate, decay = 0.9, 0.99, 1e-6, 0.05, 0.1
x = wave(16, 1.0)
z, v, total = x.clone(), torch.zeros(16), 0.0
for t in range(5):
    y = (1 - beta1) * z + beta1 * x
    g = torch.tensor([math.sin(1 + 0.3 * i + 0.9 * t) for i in range(16)]).float().double()
    v = beta2 * v + (1 - beta2) * g * g
    z = z - rate * (g / ((v / (1 - beta2 ** (t + 1))).sqrt() + eps) + decay * y)
    total += rate ** 2
    x = x + rate ** 2 / total * (z - x)
array("golden_schedule_free_x", x)
array("golden_schedule_free_y", (1 - beta1) * z + beta1 * x)

# ---- max-norm: 5 inputs of 7 units, limit 1.2 ----
w = 1.1 * wave(35, 0.83).reshape(5, 7)
array("golden_max_norm", torch.renorm(w.t(), 2, 0, 1.2).t())

# ---- RealMLP in its own ntk form: 6 inputs scaled, 5 and 4 SELU units, 3 classes, 4 steps of Adam ----
rows = wave(8 * 6, 0.53).reshape(8, 6)
target = torch.arange(8) % 3
sizes = [6, 5, 4, 3]
scale = torch.ones(6, requires_grad=True)
W = [(0.8 * wave(a * b, 0.61, l) * math.sqrt(a)).reshape(a, b).requires_grad_()
     for l, (a, b) in enumerate(zip(sizes, sizes[1:]))]
B = [(0.1 * wave(b, 1.0, l)).requires_grad_() for l, b in enumerate(sizes[1:])]
adam = torch.optim.Adam([dict(params=W, lr=0.04), dict(params=B, lr=0.004), dict(params=[scale], lr=0.24)],
                        betas=(0.9, 0.95), eps=1e-8)
losses = []
for _ in range(4):
    h = rows * scale
    for l, (w, b) in enumerate(zip(W, B)):
        h = h @ w / math.sqrt(w.shape[0]) + b
        h = F.selu(h) if l < 2 else h
    loss = F.cross_entropy(h, target, label_smoothing=0.1)
    adam.zero_grad()
    loss.backward()
    adam.step()
    losses.append(loss.item())
array("golden_ntk_loss", losses)
array("golden_ntk_scale", scale)
array("golden_ntk_params", torch.cat([torch.cat([(w / math.sqrt(w.shape[0])).reshape(-1), b]) for w, b in zip(W, B)]))
