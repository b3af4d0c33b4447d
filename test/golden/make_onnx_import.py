"""
ONNX files and values for the tests of the import, from an environment with torch 2.13.0, onnx 1.23.2 and onnxruntime 1.32.0:
python test/golden/make_onnx_import.py

Resize in many settings as onnxruntime computes it; an LSTM, a GRU and an RNN as PyTorch's exporter writes them with their
weights in a file beside, with outputs and gradients of PyTorch.
"""

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper

folder = Path(__file__).parent / "io"


def flat(values):
    array = np.asarray(values, dtype=np.float64)
    return {"shape": list(array.shape), "dtype": "float32", "data": [float(f"{v:.7g}") for v in array.ravel()]}


x = np.sin(np.arange(60, dtype=np.float32) * 1.7).reshape(1, 2, 5, 6)
resizes = []
for opset, factors, sizes, attributes in [
    (10, [1, 1, 2, 1.5], None, {"mode": "nearest"}),
    (10, [1, 1, 0.6, 2], None, {"mode": "linear"}),
    (11, None, [1, 2, 9, 4], {"mode": "linear"}),
    (13, [1, 1, 2, 2], None, {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}),
    (13, None, [1, 2, 8, 11], {"mode": "nearest", "nearest_mode": "round_prefer_ceil"}),
    (13, None, [1, 2, 8, 11], {"mode": "nearest"}),
    (13, [1, 1, 1.3, 0.7], None, {"mode": "nearest", "nearest_mode": "ceil"}),
    (13, None, [1, 2, 10, 9], {"mode": "linear", "coordinate_transformation_mode": "align_corners"}),
    (13, None, [1, 2, 1, 9], {"mode": "linear", "coordinate_transformation_mode": "pytorch_half_pixel"}),
    (13, None, [1, 2, 7, 9], {"mode": "cubic"}),
    (13, [1, 1, 0.8, 1.9], None, {"mode": "cubic", "cubic_coeff_a": -0.5, "exclude_outside": 1}),
    (18, None, [3, 4], {"mode": "linear", "axes": [2, 3]}),
    (19, [1, 1, 1.3, 0.7], None, {"mode": "linear", "coordinate_transformation_mode": "half_pixel_symmetric"}),
]:
    inputs = ["x", "scales"] if opset == 10 else ["x", "", "scales" if factors else ""] + (["sizes"] if sizes else [])
    constants = [helper.make_tensor("scales", TensorProto.FLOAT, [len(factors)], factors)] if factors else []
    constants += [helper.make_tensor("sizes", TensorProto.INT64, [len(sizes)], sizes)] if sizes else []
    if opset == 11:
        inputs[1:3] = ["empty", "empty"]
        constants.append(helper.make_tensor("empty", TensorProto.FLOAT, [0], []))
    node = helper.make_node("Resize", inputs, ["y"], **attributes)
    graph = helper.make_graph(
        [node],
        "resize",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, x.shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None] * 4)],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (y,) = session.run(None, {"x": x})
    resizes.append(
        {"opset": opset, "scales": factors, "sizes": sizes, "inputs": inputs, "attributes": attributes, "y": flat(y)}
    )


class Tagger(torch.nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.layer = layer
        self.out = torch.nn.Linear(layer.hidden_size * (2 if layer.bidirectional else 1), 2)

    def forward(self, x):
        return self.out(self.layer(x)[0])


recurrent = {}
torch.manual_seed(3)
for name, layer in {
    "lstm": torch.nn.LSTM(3, 4, bidirectional=True, batch_first=True),
    "gru": torch.nn.GRU(3, 4, num_layers=2),
    "rnn": torch.nn.RNN(3, 4, nonlinearity="relu"),
}.items():
    net = Tagger(layer).eval()
    given = torch.randn(2, 5, 3, requires_grad=True)
    path = folder / f"torch-{name}.onnx"
    torch.onnx.export(net, (given.detach(),), path, dynamo=True, external_data=True, verbose=False)
    y = net(given)
    y.square().sum().backward()
    recurrent[name] = {"x": flat(given.detach()), "y": flat(y.detach()), "dx": flat(given.grad)}

for data in folder.glob("torch-*.onnx.data"):
    if data.stat().st_size == 0:
        data.unlink()  # weights so small that they stand in the model

target = folder / "onnx-import.json"
target.write_text(json.dumps({"resize": resizes, **recurrent}, separators=(",", ":")) + "\n")
print({f.name: f.stat().st_size for f in [target, *folder.glob("torch-[lgr]*.onnx*")]})
