"""Computes with PyTorch 2.13 which dtype mixed operations have, and what conversions between dtypes give.

Usage, from the project's root, in an environment with torch 2.13.0: python test/golden/make_dtypes.py
"""

import json
from pathlib import Path

import torch

names = ["float32", "float64", "int32", "int64", "uint8", "bool"]
dtypes = {name: getattr(torch, name) for name in names}
numbers = {"2": 2, "0.5": 0.5}


def short(dtype):
    return str(dtype).removeprefix("torch.")


def promotions():
    """result_type of every pair, each with dimensions or 0-d, and of every dtype with a whole and a broken number."""
    pairs = [
        [a, da, b, db, short(torch.result_type(torch.ones([2] * da, dtype=dtypes[a]), torch.ones([2] * db, dtype=dtypes[b])))]
        for a in names
        for b in names
        for da in (0, 1)
        for db in (0, 1)
    ]
    scalars = [
        [a, da, text, short(torch.result_type(torch.ones([2] * da, dtype=dtypes[a]), value))]
        for a in names
        for da in (0, 1)
        for text, value in numbers.items()
    ]
    return {"pairs": pairs, "scalars": scalars}


def operations():
    """The dtype of results by operation and dtype."""
    calls = {
        "add": lambda t: t + t,
        "div": lambda t: t / t,
        "sum": lambda t: t.sum(),
        "prod": lambda t: t.prod(),
        "exp": lambda t: t.exp(),
        "eq": lambda t: t == t,
        "argmax": lambda t: t.to(torch.uint8).argmax() if t.dtype == torch.bool else t.argmax(),
        "cat": lambda t: torch.cat([t, t]),
        "any": lambda t: t.any(),
        "pow": lambda t: t**0.5,
    }
    return {name: {d: short(call(torch.ones(2, dtype=dtypes[d])).dtype) for d in names} for name, call in calls.items()}


def conversions():
    """Values that every dtype holds or truncates, from floats and integers, as each dtype."""
    floats = [-1.75, -0.5, 0.0, 0.5, 1.0, 2.999, 100.5]
    small = [v for v in floats if v >= 0]
    result = []
    for source in ("float32", "float64", "int32", "int64"):
        for target in names:
            values = small if target == "uint8" else floats
            t = torch.tensor(values, dtype=torch.float64).to(dtypes[source])
            as_numbers = lambda x: [float(v) for v in x.to(torch.float64).tolist()]
            result.append({"from": source, "to": target, "input": as_numbers(t), "output": as_numbers(t.to(dtypes[target]))})
    return result


content = {"promotions": promotions(), "operations": operations(), "conversions": conversions()}
(Path(__file__).parent / "dtypes.json").write_text(json.dumps(content, separators=(",", ":")) + "\n")
