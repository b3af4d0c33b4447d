"""Computes golden values with PyTorch 2.13 for optimizers, schedules of the learning rate and gradient clipping.

Usage, from the project's root, in an environment with torch 2.13.0: python test/golden/make_optim.py

Names and options stand in the file as the TypeScript tests use them, in camelCase.
"""

import json
import re
from pathlib import Path

import torch

torch.set_num_threads(1)
STEPS = 20
x = torch.tensor([[((7 * i + 3 * j) % 11 - 5) / 4 for j in range(3)] for i in range(8)], dtype=torch.float64)
y = torch.tensor([[((5 * i + 2 * j) % 7 - 3) / 4 for j in range(2)] for i in range(8)], dtype=torch.float64)


def start():
    """Two layers, and a parameter that never gets a gradient; values that float32 holds exactly."""
    def grid(*shape):
        n = 1
        for size in shape:
            n *= size
        return torch.tensor([((13 * k + 5) % 17 - 8) / 16 for k in range(n)], dtype=torch.float64).reshape(shape)

    return [grid(3, 4), grid(4), grid(4, 2), grid(2), grid(2, 2)]


def snake(name):
    return re.sub(r"([A-Z])", lambda m: "_" + m.group(1).lower(), name)


def translate(options):
    values = {"strongWolfe": "strong_wolfe", "expRange": "exp_range", "matchRmsAdamw": "match_rms_adamw"}
    names = {"tMult": "T_mult"}
    return {names.get(k, snake(k)): values.get(v, v) if isinstance(v, str) else v for k, v in options.items()}


def rounded(values):
    return [float(f"{v:.14g}") for v in values]


def encode(t):
    return {"shape": list(t.shape), "dtype": "float64", "data": rounded(t.detach().double().reshape(-1).tolist())}


def run(name, options, groups, dtype):
    w1, b1, w2, b2, unused = params = [t.to(dtype).requires_grad_() for t in start()]
    inputs, targets = x.to(dtype), y.to(dtype)
    first, second = groups
    suited = [p for p in params if name != "Muon" or p.ndim == 2]
    optimizer = getattr(torch.optim, name)(
        suited if first is None else
        [{"params": [p for p in suited if p is w1 or p is b1], **translate(first)},
         {"params": [p for p in suited if p is not w1 and p is not b1], **translate(second)}],
        **translate(options),
    )

    def closure():
        optimizer.zero_grad()
        loss = ((torch.tanh(inputs @ w1 + b1) @ w2 + b2 - targets) ** 2).mean()
        if options.get("maximize"):
            loss = -loss
        loss.backward()
        return loss

    losses = [optimizer.step(closure).item() for _ in range(STEPS)]
    return {"losses": rounded(losses), "final": [encode(p) for p in params]}


def optimizers():
    none, rates = (None, None), ({"lr": 0.02}, {"weightDecay": 0.05})
    cases = [
        ("SGD", {"lr": 0.1}, rates),
        ("SGD", {"lr": 0.05, "momentum": 0.9, "dampening": 0.1, "weightDecay": 0.01}, none),
        ("SGD", {"lr": 0.05, "momentum": 0.9, "nesterov": True, "maximize": True}, none),
        ("Adam", {"lr": 0.03}, rates),
        ("Adam", {"lr": 0.03, "betas": [0.8, 0.95], "amsgrad": True, "weightDecay": 0.1}, none),
        ("Adam", {"lr": 0.03, "weightDecay": 0.1, "decoupledWeightDecay": True, "maximize": True}, none),
        ("AdamW", {"lr": 0.03}, rates),
        ("Adagrad", {}, none),
        ("Adagrad", {"lr": 0.1, "lrDecay": 0.1, "weightDecay": 0.01, "initialAccumulatorValue": 0.1}, rates),
        ("Adagrad", {"lr": 0.1, "eps": 1e-3, "maximize": True}, none),
        ("Adadelta", {}, none),
        ("Adadelta", {"lr": 0.5, "rho": 0.8, "eps": 1e-4, "weightDecay": 0.01}, rates),
        ("Adadelta", {"maximize": True}, none),
        ("RMSprop", {}, none),
        ("RMSprop", {"lr": 0.02, "alpha": 0.9, "momentum": 0.8, "weightDecay": 0.01}, rates),
        ("RMSprop", {"lr": 0.02, "alpha": 0.9, "centered": True, "eps": 1e-4}, none),
        ("RMSprop", {"centered": True, "momentum": 0.5, "eps": 1e-4, "maximize": True}, none),
        ("Adamax", {}, none),
        ("Adamax", {"lr": 0.03, "betas": [0.8, 0.95], "weightDecay": 0.1}, rates),
        ("Adamax", {"lr": 0.03, "eps": 1e-3, "maximize": True}, none),
        ("Adafactor", {}, none),
        ("Adafactor", {"lr": 0.05, "beta2Decay": -0.6, "d": 1.5, "weightDecay": 0.1}, rates),
        ("Adafactor", {"lr": 0.05, "eps": [1e-4, 1e-2], "maximize": True}, none),
        ("NAdam", {}, none),
        ("NAdam", {"lr": 0.03, "betas": [0.8, 0.95], "momentumDecay": 0.02, "weightDecay": 0.1}, rates),
        ("NAdam", {"lr": 0.03, "weightDecay": 0.1, "decoupledWeightDecay": True, "maximize": True}, none),
        ("RAdam", {}, none),
        ("RAdam", {"lr": 0.03, "betas": [0.8, 0.95], "weightDecay": 0.1}, rates),
        ("RAdam", {"lr": 0.03, "weightDecay": 0.1, "decoupledWeightDecay": True, "maximize": True}, none),
        ("Rprop", {}, none),
        ("Rprop", {"lr": 0.05, "etas": [0.4, 1.5], "stepSizes": [1e-3, 0.1]}, ({"lr": 0.02}, {"etas": [0.3, 1.1]})),
        ("Rprop", {"maximize": True}, none),
        ("ASGD", {}, none),
        ("ASGD", {"lr": 0.1, "lambd": 0.01, "alpha": 0.5, "t0": 5, "weightDecay": 0.01}, rates),
        ("ASGD", {"lr": 0.1, "t0": 0, "maximize": True}, none),
        ("Muon", {}, none),
        ("Muon", {"lr": 0.02, "nesterov": False, "weightDecay": 0, "nsSteps": 3, "momentum": 0.8}, rates),
        ("Muon", {"lr": 0.05, "adjustLrFn": "matchRmsAdamw", "nsCoefficients": [2, -1.5, 0.5]}, none),
        ("LBFGS", {"maxIter": 2, "lr": 0.3}, none),
        ("LBFGS", {"maxIter": 1, "historySize": 3, "lr": 0.5}, none),
        ("LBFGS", {"maxIter": 2, "lineSearchFn": "strongWolfe"}, none),
        ("LBFGS", {"maxIter": 1, "historySize": 4, "lineSearchFn": "strongWolfe", "maxEval": 8}, none),
        ("LBFGS", {"maxIter": 1, "lr": 8, "lineSearchFn": "strongWolfe", "maxEval": 20}, none),
    ]
    return [
        {"optimizer": name, "options": options, "groups": None if groups[0] is None else groups,
         "float64": run(name, options, groups, torch.float64), "float32": run(name, options, groups, torch.float32)}
        for name, options, groups in cases
    ]


functions = {"decay": lambda epoch: 0.95**epoch, "third": lambda epoch: 1 / (3 + epoch)}
scheduler_names = torch.optim.lr_scheduler


def build(optimizer, spec):
    """A schedule from its description: name, positional arguments, options, or parts."""
    args = [functions[a] if isinstance(a, str) else a for a in spec.get("args", [])]
    if "parts" in spec:
        parts = [build(optimizer, part) for part in spec["parts"]]
        if spec["name"] == "ChainedScheduler":
            return scheduler_names.ChainedScheduler(parts)
        return scheduler_names.SequentialLR(optimizer, parts, *args)
    return getattr(scheduler_names, spec["name"])(optimizer, *args, **translate(spec.get("options", {})))


def schedulers():
    metrics = [1, 0.9, 0.8, 0.8, 0.79999, 0.8, 0.81, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.6, 0.7, 0.4, 0.4, 0.4, 0.4, 0.4]
    specs = [
        {"name": "StepLR", "args": [4]},
        {"name": "StepLR", "args": [3], "options": {"gamma": 0.5}},
        {"name": "MultiStepLR", "args": [[3, 8, 8, 15]], "options": {"gamma": 0.3}},
        {"name": "ExponentialLR", "args": [0.9]},
        {"name": "ConstantLR"},
        {"name": "ConstantLR", "options": {"factor": 0.5, "totalIters": 3}},
        {"name": "LinearLR"},
        {"name": "LinearLR", "options": {"startFactor": 0.9, "endFactor": 0.1, "totalIters": 12}},
        {"name": "PolynomialLR", "options": {"totalIters": 8, "power": 2}},
        {"name": "LambdaLR", "args": ["decay"]},
        {"name": "MultiplicativeLR", "args": ["third"]},
        {"name": "CosineAnnealingLR", "args": [6]},
        {"name": "CosineAnnealingLR", "args": [20], "options": {"etaMin": 0.01}},
        {"name": "CosineAnnealingWarmRestarts", "args": [5]},
        {"name": "CosineAnnealingWarmRestarts", "args": [3], "options": {"tMult": 2, "etaMin": 0.01}},
        {"name": "OneCycleLR", "args": [0.5], "options": {"totalSteps": 21}},
        {"name": "OneCycleLR", "args": [[0.5, 0.2]], "options": {"epochs": 3, "stepsPerEpoch": 7, "threePhase": True, "annealStrategy": "linear"}},
        {"name": "OneCycleLR", "args": [0.5], "options": {"totalSteps": 30, "pctStart": 0.5, "divFactor": 10, "cycleMomentum": False}},
        {"name": "OneCycleLR", "args": [0.5], "options": {"totalSteps": 21}, "optimizer": "Adam"},
        {"name": "CyclicLR", "args": [0.01, 0.1], "options": {"stepSizeUp": 4}},
        {"name": "CyclicLR", "args": [0.01, 0.1], "options": {"stepSizeUp": 3, "stepSizeDown": 5, "mode": "triangular2"}},
        {"name": "CyclicLR", "args": [0.01, 0.1], "options": {"stepSizeUp": 4, "mode": "expRange", "gamma": 0.9}, "optimizer": "Adam"},
        {"name": "ReduceLROnPlateau", "options": {"patience": 1}, "metrics": metrics},
        {"name": "ReduceLROnPlateau", "options": {"patience": 0, "factor": 0.5, "cooldown": 2, "minLr": [0.01, 0.002]}, "metrics": metrics},
        {"name": "ReduceLROnPlateau", "options": {"mode": "max", "patience": 2, "thresholdMode": "abs", "threshold": 0.05}, "metrics": metrics},
        {"name": "SequentialLR", "args": [[4]], "parts": [
            {"name": "LinearLR", "options": {"startFactor": 0.1, "totalIters": 4}}, {"name": "CosineAnnealingLR", "args": [12]}]},
        {"name": "SequentialLR", "args": [[3, 9]], "parts": [
            {"name": "ConstantLR", "options": {"factor": 0.1, "totalIters": 2}}, {"name": "ExponentialLR", "args": [0.9]},
            {"name": "StepLR", "args": [2]}]},
        {"name": "ChainedScheduler", "parts": [
            {"name": "ConstantLR", "options": {"factor": 0.1, "totalIters": 4}}, {"name": "ExponentialLR", "args": [0.9]}]},
    ]
    result = []
    for spec in specs:
        a, b = torch.zeros(1, requires_grad=True), torch.zeros(1, requires_grad=True)
        groups = [{"params": [a], "lr": 0.1}, {"params": [b], "lr": 0.02}]
        name = spec.setdefault("optimizer", "SGD")
        optimizer = torch.optim.Adam(groups) if name == "Adam" else torch.optim.SGD(groups, momentum=0.9)
        scheduler = build(optimizer, spec)
        rows = []
        for step in range(STEPS + 1):
            rows.append({
                "lr": rounded(g["lr"] for g in optimizer.param_groups),
                "momentum": rounded(g["betas"][0] if name == "Adam" else g["momentum"] for g in optimizer.param_groups),
            })
            if step == STEPS:
                break
            optimizer.step()
            if "metrics" in spec:
                scheduler.step(spec["metrics"][step])
            else:
                scheduler.step()
        result.append({**spec, "rows": rows})
    return result


def clipping():
    grads = [[1.5, -2, 0.5], [[4, -1], [0, 2.5]]]
    cases = []
    for norm_type in (1, 2, 3, float("inf")):
        for limit in (1.0, 100.0):
            params = [torch.zeros_like(torch.tensor(g), dtype=torch.float64, requires_grad=True) for g in grads]
            for p, g in zip(params, grads):
                p.grad = torch.tensor(g, dtype=torch.float64)
            total = torch.nn.utils.clip_grad_norm_(params, limit, norm_type)
            cases.append({"normType": "Infinity" if norm_type == float("inf") else norm_type, "maxNorm": limit,
                          "total": rounded([total.item()])[0], "grads": [encode(p.grad) for p in params]})
    return {"grads": grads, "cases": cases}


def main():
    content = {"x": encode(x), "y": encode(y), "start": [encode(t) for t in start()],
               "optimizers": optimizers(), "schedulers": schedulers(), "clipping": clipping()}
    path = Path(__file__).parent / "optim.json"
    path.write_text(json.dumps(content, separators=(",", ":")) + "\n")


main()
