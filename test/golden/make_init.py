"""Computes what torch.nn.init gives from seed 1, for test/nn/init.test.ts.

Usage: python test/golden/make_init.py, from the project's root, in an environment with torch 2.13.0.
"""

import json
from pathlib import Path

import torch
from torch.nn import init

calls = {
    "orthogonalTall": ((5, 3), lambda x: init.orthogonal_(x)),
    "orthogonalWide": ((2, 3, 2), lambda x: init.orthogonal_(x, gain=2)),
    "truncNormal": ((20,), lambda x: init.trunc_normal_(x)),
    "truncNormalNarrow": ((20,), lambda x: init.trunc_normal_(x, 1.0, 2.0, 0.5, 0.75)),
    "sparse": ((6, 3), lambda x: init.sparse_(x, 0.4)),
    "dirac": ((4, 2, 3), lambda x: init.dirac_(x, 2)),
    "dirac2d": ((2, 3, 2, 3), lambda x: init.dirac_(x)),
    "eye": ((2, 3), lambda x: init.eye_(x)),
    "xavierUniform": ((3, 2, 2), lambda x: init.xavier_uniform_(x, 2)),
    "xavierNormal": ((3, 2), lambda x: init.xavier_normal_(x)),
    "kaimingUniform": ((3, 2), lambda x: init.kaiming_uniform_(x, mode="fan_out", nonlinearity="relu")),
    "kaimingNormal": ((3, 2), lambda x: init.kaiming_normal_(x, a=0.2)),
    "gumbelSoftmax": ((2, 3), lambda x: torch.nn.functional.gumbel_softmax(x.zero_(), tau=0.5)),
}

result = {}
for name, (shape, fill) in calls.items():
    torch.manual_seed(1)
    y = fill(torch.empty(shape))
    result[name] = {"shape": list(shape), "dtype": "float32", "data": [float(f"{v:.9g}") for v in y.flatten().tolist()]}
(Path(__file__).parent / "init.json").write_text(json.dumps(result, separators=(",", ":")) + "\n")
