"""Computes golden values with PyTorch 2.13 for every sample of every op, every module case and seeded training runs.

Usage, from the project's root, in an environment with torch 2.13.0:
    node dist/test/golden/samples.js > /tmp/samples.json && python test/golden/make.py /tmp/samples.json [name …]

With names, only the files of these ops and module families are written (and random, training or print, if named).
Inputs are rounded to float32; results and gradients are computed in float64, so that they are exact for both dtypes.
"""

import json
import math  # noqa: F401  (named by samples)
import re
import sys
import zlib
from pathlib import Path

import mpmath  # comes with torch
import torch
import torch.nn.functional as F  # noqa: F401  (named by samples)

folder = Path(__file__).parent
special = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
dtypes = {name: getattr(torch, name) for name in ("float32", "float64", "int32", "int64", "uint8", "bool")}


def decode(value):
    if isinstance(value, str):
        return special.get(value, dtypes.get(value, value))
    if isinstance(value, list):
        return [decode(v) for v in value]
    if isinstance(value, dict):
        return {k: decode(v) for k, v in value.items()}
    return value


def encode_number(v, digits=12):
    if isinstance(v, bool) or isinstance(v, int):
        return int(v)
    if v != v:
        return "NaN"
    if v in (float("inf"), float("-inf")):
        return "Infinity" if v > 0 else "-Infinity"
    return float(f"{v:.{digits}g}")


def encode(t, digits=12):
    return {
        "shape": list(t.shape),
        "dtype": str(t.dtype).removeprefix("torch."),
        "data": [encode_number(v, digits) for v in t.detach().reshape(-1).tolist()],
    }


def make_input(spec):
    if isinstance(spec, dict):
        low, high = spec.get("low", -1), spec.get("high", 1)
        t = torch.rand(spec["shape"], dtype=torch.float64) * (high - low) + low
        return t.to(spec.get("dtype") or torch.float32)
    return torch.tensor(spec, dtype=torch.float32)


def snake(name):
    return re.sub(r"([A-Z])", lambda m: "_" + m.group(1).lower(), name)


def brackets(x, *items):
    """x[items], with slices as strings and index tensors as lists."""

    def entry(item):
        if isinstance(item, list):
            return torch.tensor(item) if item else torch.tensor([], dtype=torch.int64)
        if isinstance(item, str):
            return ... if item == "..." else slice(*(int(part) if part else None for part in item.split(":")))
        return item

    return x[tuple(entry(item) for item in items)]


def exact(function):
    return lambda x: torch.tensor([float(function(v)) for v in x.flatten().tolist()], dtype=x.dtype).reshape(x.shape)


# PyTorch's Bessel functions are right to 4e-9 only, also in float64.
better = {
    "besselJ0": exact(lambda v: mpmath.besselj(0, v)),
    "besselJ1": exact(lambda v: mpmath.besselj(1, v)),
}


def seed_of(name, number):
    return zlib.crc32(f"{name}{number}".encode())


def op_cases(op):
    call = better.get(op["name"]) or eval(op["torch"])
    for number, raw in enumerate(op["samples"]):
        torch.manual_seed(seed_of(op["name"], number))
        sample = decode(raw)
        inputs = [make_input(spec) for spec in sample["inputs"]]
        wide = [t.double().requires_grad_() if t.is_floating_point() else t for t in inputs]
        options = {snake(k): v for k, v in sample.get("options", {}).items()}
        out = call(*wide, *sample.get("args", []), **options)
        case = {"inputs": [encode(t) for t in inputs], "output": encode(out)}
        if op["differentiable"] and out.requires_grad:
            dy, grads = gradients(out, [t for t in wide if t.requires_grad])
            case |= {"dy": dy, "grads": grads}
        yield case


def module_cases(family, samples):
    """Each module is built from seed 1 in float32; what it computes is computed in float64."""
    for number, raw in enumerate(samples):
        torch.manual_seed(1)
        module = eval(raw["torch"])
        initial = {k: encode(v, 9) for k, v in module.state_dict().items()}
        module.double().train(raw["training"])
        torch.manual_seed(seed_of(family, number))
        inputs = [make_input(spec) for spec in decode(raw["inputs"])]
        wide = [t.double().requires_grad_() if t.is_floating_point() else t for t in inputs]
        out = eval(raw["call"])(module, *wide)
        case = {"initial": initial, "inputs": [encode(t) for t in inputs], "output": encode(out)}
        if out.requires_grad:
            names = [k for k, p in module.named_parameters() if p.requires_grad]
            parameters = [p for p in module.parameters() if p.requires_grad]
            dy, grads = gradients(out, [t for t in wide if t.requires_grad] + parameters)
            count = len(grads) - len(parameters)
            case |= {"dy": dy, "grads": grads[:count], "parameterGrads": dict(zip(names, grads[count:]))}
        case["buffers"] = {k: encode(v) for k, v in module.named_buffers() if k in initial}
        yield case


def gradients(out, wanted):
    dy = (torch.rand(out.shape, dtype=torch.float64) * 2 - 1).float().to(out.dtype)
    found = torch.autograd.grad(out, wanted, dy, allow_unused=True)
    return encode(dy), [None if g is None else encode(g) for g in found]


def random_streams():
    """Draws in a fixed order from seed 1: every generator function, over sizes around the block limits."""
    torch.manual_seed(1)
    draws = []

    def draw(name, t, **arguments):
        draws.append({"call": name, **arguments, "values": encode(t)})

    draw("rand", torch.rand(5), shape=[5])
    draw("rand", torch.rand(3, dtype=torch.float64), shape=[3], dtype="float64")
    for n in (1, 3, 15, 16, 17, 33):
        draw("randn", torch.randn(n), shape=[n])
    draw("randn", torch.randn(5, dtype=torch.float64), shape=[5], dtype="float64")
    draw("randn", torch.randn(20, dtype=torch.float64), shape=[20], dtype="float64")
    draw("randint", torch.randint(-5, 100, (7,)), low=-5, high=100, shape=[7])
    draw("randperm", torch.randperm(10), n=10)
    draw("randperm", torch.randperm(0), n=0)
    draw("normal", torch.normal(2.0, 0.5, (4,)), mean=2.0, std=0.5, shape=[4])
    draw("bernoulli", torch.empty(9).bernoulli_(0.3), p=0.3, shape=[9])
    draw("uniform", torch.empty(4).uniform_(-2, 3), low=-2, high=3, shape=[4])
    draw("rand", torch.rand(3), shape=[3])
    weights = [[0.1, 0, 3, 2.5], [1, 1, 1, 1e-3]]
    for n, replacement in ((1, False), (3, False), (1, True), (6, True)):
        drawn = torch.multinomial(torch.tensor(weights), n, replacement)
        draw("multinomial", drawn, weights=weights, n=n, replacement=replacement)
    wide = torch.tensor(weights[0], dtype=torch.float64)
    draw("multinomial", torch.multinomial(wide, 5, True), weights=weights[0], n=5, replacement=True, dtype="float64")
    for dtype in ("float32", "float64"):
        of = {"shape": [5], "dtype": dtype}
        empty = lambda: torch.empty(5, dtype=dtypes[dtype])
        draw("exponential", empty().exponential_(1.5), **of, rate=1.5)
        draw("geometric", empty().geometric_(0.3), **of, p=0.3)
        draw("cauchy", empty().cauchy_(1, 2), **of, mean=1, std=2)
        draw("logNormal", empty().log_normal_(0.5, 0.25), **of, mean=0.5, std=0.25)
        rates = [0, 0.5, 4, 9.9, 10, 31.5, 1000, 2.25]
        draw("poisson", torch.poisson(torch.tensor(rates, dtype=dtypes[dtype])), rates=rates, dtype=dtype)
        counts, chances = [0, 5, 20, 20, 400, 400, 1000, 7], [0.5, 0.25, 0.5, 0.75, 0.125, 0.875, 0.5, 1]
        drawn = torch.binomial(*(torch.tensor(v, dtype=dtypes[dtype]) for v in (counts, chances)))
        draw("binomial", drawn, rates=counts, chances=chances, dtype=dtype)
        draw("bernoulliOf", torch.bernoulli(torch.tensor([0.5] * 9, dtype=dtypes[dtype])), p=0.5, dtype=dtype)
    for dtype in ("float32", "float64", "int32", "int64", "uint8", "bool"):
        drawn = torch.empty(4, dtype=dtypes[dtype]).random_()
        if dtype == "int64":
            drawn = drawn >> 11  # JSON numbers have 53 bits
        draw("random", drawn, shape=[4], dtype=dtype)
    draw("random", torch.empty(4).random_(-5, 100), shape=[4], dtype="float32", low=-5, high=100)
    draw("geometric", torch.empty(5, dtype=torch.int64).geometric_(0.01), shape=[5], dtype="int64", p=0.01)
    draw("rand", torch.rand(3), shape=[3])
    return draws


def training():
    """A small network trained from seed 1 by each optimizer: initial weights, loader order, losses, final weights."""
    def run(make):
        torch.manual_seed(1)
        x, y = torch.randn(30, 6), torch.randint(0, 3, (30,))
        net = torch.nn.Sequential(torch.nn.Linear(6, 8), torch.nn.ReLU(), torch.nn.Linear(8, 3))
        initial = {k: encode(v.clone()) for k, v in net.state_dict().items()}
        loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=4, shuffle=True)
        optimizer = make(net.parameters())
        losses = []
        for _ in range(3):
            for bx, by in loader:
                optimizer.zero_grad()
                loss = F.cross_entropy(net(bx), by)
                loss.backward()
                optimizer.step()
                losses.append(encode_number(loss.item()))
        final = {k: encode(v) for k, v in net.state_dict().items()}
        return {"initial": initial, "losses": losses, "final": final}

    o = torch.optim
    return {
        "sgd": run(lambda p: o.SGD(p, lr=0.1)),
        "sgdMomentum": run(lambda p: o.SGD(p, lr=0.05, momentum=0.9, dampening=0.1, weight_decay=0.01)),
        "sgdNesterov": run(lambda p: o.SGD(p, lr=0.05, momentum=0.9, nesterov=True)),
        "adam": run(lambda p: o.Adam(p, lr=0.01)),
        "adamAmsgrad": run(lambda p: o.Adam(p, lr=0.01, weight_decay=0.1, amsgrad=True)),
        "adamw": run(lambda p: o.AdamW(p, lr=0.01)),
    }


def printed():
    """How tensors print, for values that choose each of the formats."""
    cases = [
        [1.0, 2.0], [1.5, -2.25], [[1, 2], [3, 4.5]], [1e-5, 1.0], [1e9, 1.0], [0.0, -0.0], [float("nan"), 1.0, float("inf")],
        [[0.1, 0.22, 0.333], [1, 2, 3]], [], 3.25, [1e10, 2.0], [123456.0, 0.5], [0.001, 1.0],
    ]
    return [{"data": json.loads(json.dumps(c), parse_constant=lambda s: {"NaN": "NaN", "Infinity": "Infinity"}.get(s, s)), "text": str(torch.tensor(c))} for c in cases]


def write(path, content):
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content, separators=(",", ":")) + "\n")


def write_cases(path, cases):
    """One case a line, so that a change shows which."""
    path.parent.mkdir(exist_ok=True)
    path.write_text("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")


def main():
    samples, names = json.loads(Path(sys.argv[1]).read_text()), sys.argv[2:]
    for op in samples["ops"]:
        if not names or op["name"] in names:
            write_cases(folder / "ops" / f"{op['name']}.json", op_cases(op))
    for family, cases in samples["modules"].items():
        if not names or family in names:
            write_cases(folder / "modules" / f"{family}.json", module_cases(family, cases))
    for name, content in {"random": random_streams, "training": training, "print": printed}.items():
        if not names or name in names:
            write(folder / f"{name}.json", content())


main()
