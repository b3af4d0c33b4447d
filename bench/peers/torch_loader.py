"""The loader of bench/loader.ts in PyTorch: MNIST's files, torchvision's transforms for tensors, workers of a DataLoader."""

import json
import os
import time

import numpy
import torch
import torch.nn.functional as F

BATCHES, WARMUP = 300, 20


class Digits(torch.utils.data.Dataset):
    """Images and labels in the folder that the environment variable names, with a transform for each image."""

    def __init__(self, folder, transform):
        def read(name, offset):
            with open(os.path.join(folder, name), "rb") as file:
                return torch.from_numpy(numpy.frombuffer(file.read(), dtype=numpy.uint8, offset=offset).copy())

        self.images = read("train-images-idx3-ubyte", 16).view(-1, 1, 28, 28)
        self.labels = read("train-labels-idx1-ubyte", 8).long()
        self.transform = transform

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        return self.transform(self.images[index].float().div(255)), self.labels[index]


def one_pass(loader, body):
    seen, waited, begin, before = 0, 0.0, 0.0, time.perf_counter()
    for images, labels in loader:
        now = time.perf_counter()
        if seen == WARMUP:
            begin = now
        if seen > WARMUP:
            waited += now - before
        body(images, labels)
        before = time.perf_counter()
        if seen == WARMUP + BATCHES:
            break
        seen += 1
    return (before - begin) / BATCHES * 1000, waited / BATCHES * 1000


def time_loader(workers):
    """Milliseconds for each batch as JSON; an empty line without torchvision."""
    try:
        from torchvision import transforms
    except Exception:
        return ""
    torch.manual_seed(1)
    transform = transforms.Compose(
        [transforms.RandomCrop(28, padding=2), transforms.RandomRotation(10), transforms.Normalize(0.1307, 0.3081)]
    )
    digits = Digits(os.environ["GRADBOOK_MNIST"], transform)
    loader = torch.utils.data.DataLoader(
        digits, batch_size=100, shuffle=True, num_workers=workers, persistent_workers=workers > 0
    )
    net = torch.nn.Sequential(
        torch.nn.Flatten(), torch.nn.Linear(784, 500), torch.nn.ReLU(), torch.nn.Linear(500, 10)
    )
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)

    def step(images, labels):
        optimizer.zero_grad()
        F.cross_entropy(net(images), labels).backward()
        optimizer.step()

    with torch.set_grad_enabled(True):
        one = (digits.images[:100].float() / 255, digits.labels[:100])
        alone, _ = one_pass(loader, lambda images, labels: None)
        steps, _ = one_pass([one] * (WARMUP + BATCHES + 1), step)
        together, waiting = one_pass(loader, step)
    return json.dumps({"loader": alone, "step": steps, "together": together, "waiting": waiting})
