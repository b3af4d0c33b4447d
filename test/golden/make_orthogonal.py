"""Orthogonal weights and their gradients as PyTorch computes them, for test/nn/orthogonal.test.ts: orthogonal.json."""
import json
from pathlib import Path

import torch
from torch import nn


def values(rows, columns, seed):
    return (((torch.arange(rows * columns) * 7 + seed * 5) % 11).double() / 10 - 0.5).reshape(rows, columns)


cases = []
for rows, columns in ((3, 3), (3, 2), (2, 3)):
    for mapping in ("matrix_exp", "cayley", "householder"):
        layer = nn.Linear(columns, rows, bias=False).double()
        nn.utils.parametrizations.orthogonal(layer, "weight", orthogonal_map=mapping)
        computed = layer.parametrizations.weight
        original = values(rows, columns, 2)
        if mapping == "householder":
            original.fill_diagonal_(-1.0)
        with torch.no_grad():
            computed[0].base.copy_(torch.eye(3, dtype=torch.float64).roll(1, 0))
            computed.original.copy_(original)
        weight = layer.weight
        (weight * values(rows, columns, 3)).sum().backward()
        cases.append(
            {
                "map": mapping,
                "original": original.tolist(),
                "dy": values(rows, columns, 3).tolist(),
                "weight": weight.tolist(),
                "grad": computed.original.grad.tolist(),
            }
        )
Path(__file__).with_name("orthogonal.json").write_text(json.dumps(cases) + "\n")
