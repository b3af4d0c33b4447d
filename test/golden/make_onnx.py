"""Exports small networks with both of PyTorch's ONNX exporters, with an input and what the network gives for it.

Usage, from the project's root, in an environment with torch 2.13.0, onnx 1.23.2 and onnxscript: python test/golden/make_onnx.py
"""

import json
import warnings
from pathlib import Path

import onnx
import torch
from torch import nn

warnings.filterwarnings("ignore")
folder = Path(__file__).parent / "io"


class Images(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 2, 3, 1, 1), nn.BatchNorm2d(2), nn.ReLU(), nn.MaxPool2d(2))
        self.up = nn.ConvTranspose2d(2, 2, 3, stride=2, padding=1, output_padding=1)
        self.pool = nn.AdaptiveAvgPool2d(2)
        self.out = nn.Linear(8, 4)

    def forward(self, x):
        x = self.pool(nn.functional.gelu(self.up(self.features(x))))
        return torch.softmax(self.out(x.view(x.size(0), -1)), 1)


class Texts(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(10, 8)
        self.rnn = nn.LSTM(8, 4, batch_first=True, bidirectional=True)
        self.attend = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
        self.norm = nn.LayerNorm(8)

    def forward(self, x):
        y, _ = self.rnn(self.embed(x))
        y = self.norm(self.attend(y)) + torch.arange(8.0)
        return torch.cat([y.mean(1), y.max(1).values.clamp(-1, 1)], 1)[:, 1::2]


torch.manual_seed(0)
cases = {
    "images": (Images().eval(), torch.randn(2, 1, 8, 8)),
    "texts": (Texts().eval(), torch.randint(10, (2, 5))),
}
expected = {}
for name, (module, x) in cases.items():
    for exporter in ("dynamo", "script"):
        path = folder / f"torch-{name}-{exporter}.onnx"
        with torch.no_grad():
            torch.backends.mha.set_fastpath_enabled(False)
            options = {"external_data": False, "verbose": False} if exporter == "dynamo" else {}
            torch.onnx.export(module, (x,), path, input_names=["input"], output_names=["output"], dynamo=exporter == "dynamo", **options)
        model = onnx.load(path)
        # What PyTorch notes about where each node comes from makes files large and says nothing.
        for node in model.graph.node:
            del node.metadata_props[:]
            node.doc_string = ""
        del model.graph.metadata_props[:]
        del model.metadata_props[:]
        del model.functions[:]
        for value in [*model.graph.input, *model.graph.output, *model.graph.value_info]:
            del value.metadata_props[:]
        onnx.save(model, path)
        print(path.name, path.stat().st_size, sorted({node.op_type for node in model.graph.node}))
    y = module(x)
    shown = lambda t: {"shape": list(t.shape), "dtype": str(t.dtype)[6:], "data": t.flatten().tolist()}
    expected[name] = {"x": shown(x), "y": shown(y.detach()), "names": list(module.state_dict())}
(folder / "torch-onnx.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")
