"""Runs exported ONNX files with onnxruntime, compares with what the modules gave, and notes their graphs for the tests.

Usage, from the project's root, in an environment with torch 2.13.0, onnx 1.23.2 and onnxruntime 1.32.0:
    node dist/test/golden/onnx.js FOLDER && python test/golden/check_onnx.py FOLDER

Only graphs that onnx's checker accepts and onnxruntime computes alike get into test/golden/io/onnx.json.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch

folder = Path(sys.argv[1])
graphs = {}


def shown(attribute):
    value = onnx.helper.get_attribute_value(attribute)
    if isinstance(value, float):
        return f"{value:.5e}"
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, list):
        return ",".join(v.decode() if isinstance(v, bytes) else str(v) for v in value)
    return str(value)


def described(model):
    lines = []
    for value in [*model.graph.input, *model.graph.output]:
        sizes = [d.dim_param or d.dim_value for d in value.type.tensor_type.shape.dim]
        lines.append(f"{value.name} [{', '.join(map(str, sizes))}]")
    for node in model.graph.node:
        settings = " ".join(f"{a.name}={shown(a)}" for a in sorted(node.attribute, key=lambda a: a.name))
        lines.append(f"{' '.join(node.output)} = {node.op_type}({' '.join(node.input)}) {settings}".strip())
    for constant in model.graph.initializer:
        array = onnx.numpy_helper.to_array(constant)
        values = " " + ",".join(map(str, array.ravel())) if array.dtype == np.int64 and array.size < 40 else ""
        lines.append(f"{constant.name}: {array.dtype} [{', '.join(map(str, array.shape))}]{values}")
    return lines


for name, runs in torch.load(folder / "runs.pt").items():
    path = str(folder / f"{name}.onnx")
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    for run in runs:
        given = {value.name: x.numpy() for value, x in zip(session.get_inputs(), run["inputs"])}
        results = session.run(None, given)
        assert len(results) == len(run["outputs"]), name
        for i, (got, wanted) in enumerate(zip(results, run["outputs"])):
            wanted = wanted.numpy()
            assert got.shape == wanted.shape and got.dtype == wanted.dtype, (name, i, got.shape, wanted.shape)
            scale = max(1.0, np.abs(wanted.astype(float)).max(initial=0))
            error = np.abs(got.astype(float) - wanted.astype(float)).max(initial=0)
            assert error < 1e-5 * scale, (name, i, error)
    graphs[name] = described(model)
    print(f"{name}: {len(graphs[name])} lines, {len(runs)} runs agree")

target = Path(__file__).parent / "io" / "onnx.json"
lines = [f'"{name}": {json.dumps(graph)}' for name, graph in graphs.items()]
target.write_text("{\n" + ",\n".join(lines) + "\n}\n")
