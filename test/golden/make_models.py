"""Computes what a ResNet-18 built from seed 1 gives for one batch: loss, logits, and the norm of every gradient.

Usage, from the project's root, in an environment with torch 2.13.0: python test/golden/make_models.py

The network is built in float32, where it draws its parameters, and computed in float64. test/nn/resnet.test.ts builds the
same one out of our layers.
"""

import json
from pathlib import Path

import torch
from torch import nn


class BasicBlock(nn.Module):
    def __init__(self, planes_in, planes, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(planes_in, planes, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(planes, planes, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.downsample = None
        if stride != 1 or planes_in != planes:
            shortcut = nn.Conv2d(planes_in, planes, 1, stride=stride, bias=False)
            self.downsample = nn.Sequential(shortcut, nn.BatchNorm2d(planes))

    def forward(self, x):
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        y += x if self.downsample is None else self.downsample(x)
        return self.relu(y)


class ResNet18(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1 = nn.Sequential(BasicBlock(64, 64), BasicBlock(64, 64))
        self.layer2 = nn.Sequential(BasicBlock(64, 128, 2), BasicBlock(128, 128))
        self.layer3 = nn.Sequential(BasicBlock(128, 256, 2), BasicBlock(256, 256))
        self.layer4 = nn.Sequential(BasicBlock(256, 512, 2), BasicBlock(512, 512))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(512, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(torch.flatten(self.avgpool(x), 1))


def norms(tensors):
    return {name: float(f"{t.double().norm().item():.9g}") for name, t in tensors}


def main():
    torch.manual_seed(1)
    net = ResNet18()
    x = torch.randn(2, 3, 64, 64).double().requires_grad_()
    initial = norms(net.named_parameters())
    net.double()
    logits = net(x)
    loss = nn.functional.cross_entropy(logits, torch.tensor([3, 7]))
    loss.backward()
    result = {
        "initial": initial,
        "logits": logits.tolist(),
        "loss": loss.item(),
        "gradients": norms((name, p.grad) for name, p in net.named_parameters()),
        "inputGradient": norms([("x", x.grad)])["x"],
        "buffers": norms((name, b) for name, b in net.named_buffers() if "running" in name),
    }
    net.eval()
    result["evaluated"] = net(x).tolist()
    (Path(__file__).parent / "resnet.json").write_text(json.dumps(result, indent=1) + "\n")


main()
