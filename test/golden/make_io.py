"""Writes small files with PyTorch, safetensors and NumPy, and what they hold as JSON, for the tests of lib/io.

Usage, from the project's root, in an environment with torch 2.13.0, numpy and safetensors 0.8.0: python test/golden/make_io.py
"""

import collections
import json
import pickle
import zipfile
from pathlib import Path

import numpy as np
import safetensors.torch
import torch
from torch import nn

folder = Path(__file__).parent / "io"
folder.mkdir(exist_ok=True)


def shown(value):
    if isinstance(value, torch.Tensor):
        data = value.detach().double() if value.dtype.is_floating_point else value.detach().long()
        dtype = str(value.dtype).replace("torch.", "")
        return {"shape": list(value.shape), "dtype": dtype, "data": data.flatten().tolist()}
    native = np.array(value, dtype=value.dtype.newbyteorder("="), order="C")
    return shown(torch.from_numpy(native))


class Net(nn.Module):
    """Modules whose state dicts have names of several parts."""

    def __init__(self):
        super().__init__()
        self.conv_block = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU())
        self.rnn = nn.LSTM(3, 4, num_layers=2, bidirectional=True)
        self.attn = nn.MultiheadAttention(4, 2)
        self.out_proj2 = nn.Linear(4, 2)


class Small(nn.Module):
    """The network of section 6 in small."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Sequential(nn.Conv2d(1, 2, 3, 1, 1), nn.ReLU(), nn.MaxPool2d(2))
        self.conv2 = nn.Sequential(nn.Conv2d(2, 3, 3, 1, 1), nn.ReLU(), nn.MaxPool2d(2))
        self.out = nn.Linear(3 * 2 * 2, 4)

    def forward(self, x):
        x = self.conv2(self.conv1(x))
        return self.out(x.view(x.size(0), -1))


expected = {}

# Every dtype, views, memory in common, containers.
torch.manual_seed(1)
values = torch.tensor([0.0, 1.0, -2.5, 3.25, 100.0, -0.125])
dtypes = {}
for name in "float64 float32 float16 bfloat16 int64 int32 int16 int8 uint8 uint16 uint32".split():
    dtype = getattr(torch, name)
    dtypes[name] = values.abs().to(dtype) if name.startswith("u") else values.to(dtype)
dtypes["bool"] = torch.tensor([True, False, True])
dtypes["half_extremes"] = torch.tensor([65504.0, -65504.0, 6e-8, 6.1e-5, float("inf"), float("nan")]).half()
base = torch.arange(24.0).view(4, 6)
views = {
    "base": base,
    "turned": base.t(),
    "block": base[1:3, 2:5],
    "column": base[:, 1],
    "expanded": torch.ones(1, 3).expand(2, 3),
    "scalar": torch.tensor(7.5),
    "empty": torch.zeros(0, 3),
}
containers = {
    "none": None,
    "flags": [True, False],
    "numbers": [0, 255, 256, -1, 65536, -(2**31), 2**40, 2**80, 1.5, float("inf")],
    "tuple": (1, ("a", 2.0)),
    "nested": {"deep": {"deeper": [{"x": torch.tensor([1, 2])}]}},
    "by_number": {0: "zero", 10: "ten"},
    "mixed": {1: "one", "two": 2, (3, 4): None},
    "ordered": collections.OrderedDict([("b", 1), ("a", 2)]),
    "text": "äöü 数字 \U0001f600",
    "size": torch.Size([2, 3]),
    "dtype": torch.float16,
    "device": torch.device("cpu"),
    "parameter": nn.Parameter(torch.ones(2)),
    "frozen": nn.Parameter(torch.ones(2), requires_grad=False),
    "loss": np.float64(0.25),
    "array": np.arange(6, dtype=np.int16).reshape(2, 3),
}
everything = {"dtypes": dtypes, "views": views, "containers": containers}
torch.save(everything, folder / "everything.pt")
torch.save(everything, folder / "protocol4.pt", pickle_protocol=4)
# The old format does not know the newest dtypes.
old = {name: tensor for name, tensor in dtypes.items() if name not in ("uint16", "uint32")}
torch.save({**everything, "dtypes": old}, folder / "legacy.pth", _use_new_zipfile_serialization=False)
# As a big-endian machine writes it: the bytes of each element turned round. PyTorch forgets to turn the newest dtypes back.
torch.save(old, folder / "big-endian.pt")
widths = [tensor.element_size() for tensor in old.values()]
with zipfile.ZipFile(folder / "big-endian.pt") as archive:
    entries = {name: archive.read(name) for name in archive.namelist()}
with zipfile.ZipFile(folder / "big-endian.pt", "w") as archive:
    for name, content in entries.items():
        if name.endswith("/byteorder"):
            content = b"big"
        elif "/data/" in name:
            width = widths[int(name.rsplit("/", 1)[1])]
            content = np.frombuffer(content, np.uint8).reshape(-1, width)[:, ::-1].tobytes()
        archive.writestr(name, content)
turned = torch.load(folder / "big-endian.pt")
assert all(torch.equal(turned[name].nan_to_num(), tensor.nan_to_num()) for name, tensor in old.items())
expected["dtypes"] = {name: shown(tensor) for name, tensor in dtypes.items() if name != "half_extremes"}
expected["views"] = {name: shown(tensor) for name, tensor in views.items()}

# State dicts: names, tied weights.
net = Net()
torch.save(net.state_dict(), folder / "names.pt")
expected["names"] = {name: shown(tensor) for name, tensor in net.state_dict().items()}
embedding, decoder = nn.Embedding(5, 3), nn.Linear(3, 5, bias=False)
decoder.weight = embedding.weight
torch.save(nn.ModuleDict({"embed": embedding, "decode": decoder}).state_dict(), folder / "tied.pt")

# A trained network and its optimizers' states after three steps.
torch.manual_seed(2)
small, x = Small(), torch.randn(5, 1, 8, 8)
target = torch.tensor([0, 1, 2, 3, 0])
fresh = {name: value.clone() for name, value in small.state_dict().items()}
optimizers = {}
for name, settings in {
    "SGD": {"lr": 0.1, "momentum": 0.9},
    "Adam": {},
    "NAdam": {},
    "Adagrad": {},
    "RMSprop": {"centered": True, "momentum": 0.9},
    "Rprop": {},
    "ASGD": {},
    "AdamW": {"amsgrad": True},
    "Adamax": {},
    "RAdam": {},
    "Adadelta": {},
    "Adafactor": {},
    "LBFGS": {"max_iter": 1, "line_search_fn": "strong_wolfe"},
}.items():
    if name == "LBFGS":  # from the start: near the minimum its steps hang on the last bit
        small.load_state_dict(fresh)
    optimizer = getattr(torch.optim, name)(small.parameters(), **settings)

    def closure():
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(small(x), target)
        loss.backward()
        return loss

    for _ in range(3):
        optimizer.step(closure)
    optimizers[name] = optimizer
    torch.save({"model": small.state_dict(), "optimizer": optimizer.state_dict()}, folder / f"{name}.pt")
    before = [p.detach().clone() for p in small.parameters()]
    logits = small(x)
    optimizer.step(closure)
    expected[name] = {"x": shown(x), "logits": shown(logits), "after": shown(small.out.weight)}
    with torch.no_grad():
        for p, b in zip(small.parameters(), before):
            p.copy_(b)

# What must be refused.
torch.save(small, folder / "whole-model.pt")
(folder / "attack.pkl").write_bytes(b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R.")

# safetensors
plain = {k: v for k, v in dtypes.items()}
safetensors.torch.save_file({**plain, "scalar": torch.tensor(7.5), "empty": torch.zeros(0, 3)}, folder / "everything.safetensors", metadata={"format": "pt", "note": "ä"})

# NumPy
arrays = {
    "c": np.arange(6, dtype=np.float32).reshape(2, 3),
    "fortran": np.asfortranarray(np.arange(24, dtype=np.float64).reshape(2, 3, 4)),
    "big": np.arange(4, dtype=">i4"),
    "big_half": np.array([1.5, -2], dtype=">f2"),
    "bool": np.array([[True], [False]]),
    "int64": np.array([-(2**40), 2**40]),
    "uint8": np.arange(5, dtype=np.uint8),
    "int8": np.array([-128, 127], dtype=np.int8),
    "scalar": np.array(2.5),
    "empty": np.zeros((0, 2), dtype=np.float32),
}
np.savez(folder / "stored.npz", **arrays)
np.savez_compressed(folder / "packed.npz", **arrays)
np.save(folder / "fortran.npy", arrays["fortran"])
with open(folder / "v2.npy", "wb") as file:
    np.lib.format.write_array(file, arrays["c"], version=(2, 0))
np.save(folder / "text.npy", np.array(["a", "bc"]))
np.save(folder / "objects.npy", np.array([{}], dtype=object), allow_pickle=True)
(folder / "batch.pkl").write_bytes(pickle.dumps({b"labels": [1, 2], b"data": arrays["uint8"]}, protocol=2))
expected["arrays"] = {name: shown(array) for name, array in arrays.items()}

text = json.dumps(expected, separators=(",", ":")).replace("NaN", '"NaN"').replace("-Infinity", '"-Infinity"').replace(":Infinity", ':"Infinity"')
(folder / "expected.json").write_text(text + "\n")
