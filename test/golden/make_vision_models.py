"""
Computes golden values of the image models with torchvision 0.28 and PyTorch 2.13: python test/golden/make_vision_models.py

Of each model built from seed 1: the number of parameters, a hash of the names in its state dict, the sum of magnitudes of all
initial values and the output on seeded images in evaluation; of some, the sum for each parameter and a loss in training.
"""

import hashlib
import json
from pathlib import Path

import torch
from torchvision import models

names = (
    "alexnet vgg11 vgg11_bn vgg13 vgg13_bn vgg16 vgg16_bn vgg19 vgg19_bn resnet18 resnet34 resnet50 resnet101 resnet152 "
    "squeezenet1_0 squeezenet1_1 densenet121 densenet161 densenet169 densenet201"
).split()
detailed = ("alexnet", "vgg11", "resnet18", "resnet50", "squeezenet1_0", "squeezenet1_1", "densenet121")


def digest(t, digits=9):
    return float(f"{t.detach().double().abs().sum().item():.{digits}g}")


def short(t, digits=7):
    return [float(f"{v:.{digits}g}") for v in t.detach().reshape(-1).tolist()]


if __name__ == "__main__":
    torch.set_num_threads(1)
    golden = {}
    for name in names:
        torch.manual_seed(1)
        net = getattr(models, name)(num_classes=10)
        x = torch.rand(2, 3, 64, 64)
        entry = {
            "count": sum(p.numel() for p in net.parameters()),
            "names": hashlib.sha256("\n".join(net.state_dict()).encode()).hexdigest(),
            "initial": [digest(p) for p in net.parameters()],
        }
        if name not in detailed:
            entry["initial"] = [sum(entry["initial"])]
        with torch.no_grad():
            entry["output"] = short(net.eval()(x))
        if name.startswith(("resnet", "densenet")) and name in detailed:
            with torch.no_grad():
                entry["loss"] = torch.nn.functional.cross_entropy(net.train()(x), torch.tensor([3, 7])).item()
        # Counts of the full size come from the shapes alone.
        with torch.device("meta"):
            entry["full"] = sum(p.numel() for p in getattr(models, name)().parameters())
        golden[name] = entry
    Path(__file__).with_name("vision_models.json").write_text(json.dumps(golden, separators=(",", ":")))
