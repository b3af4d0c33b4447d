"""Computes the golden orders of samplers, splits and loaders with PyTorch 2.13: python test/golden/make_data.py"""

import json
from pathlib import Path

import torch
from torch.utils import data


class Draws(data.Dataset):
    """Samples that are random numbers, to see how workers are seeded."""

    def __len__(self):
        return 12

    def __getitem__(self, i):
        return torch.rand(2)


class Plain(data.Dataset):
    def __len__(self):
        return 7

    def __getitem__(self, i):
        return i


def batches(loader):
    return [batch.tolist() for batch in loader]


def seeded(seed, make):
    torch.manual_seed(seed)
    return make()


def own(seed=5):
    return torch.Generator().manual_seed(seed)


if __name__ == "__main__":
    samplers = {
        "random": lambda g: data.RandomSampler(range(7), generator=g),
        "more": lambda g: data.RandomSampler(range(7), num_samples=17, generator=g),
        "replacement": lambda g: data.RandomSampler(range(7), replacement=True, num_samples=70, generator=g),
        "subset": lambda g: data.SubsetRandomSampler([9, 3, 5, 1, 8], generator=g),
        "weighted": lambda g: data.WeightedRandomSampler([0.1, 0.9, 0.4, 0.7, 3.0, 0.6], 12, generator=g),
        "weightedOnce": lambda g: data.WeightedRandomSampler([0.9, 0.4, 0.05, 0.2, 0.3, 0.1], 5, False, generator=g),
    }
    drawn = {}
    for name, make in samplers.items():
        torch.manual_seed(1)
        shared = make(None)
        g = own()
        private = make(g)
        drawn[name] = {
            "shared": [list(shared), list(shared)],
            "own": [list(private), list(private)],
            "after": [torch.rand(1).item(), torch.rand(1, generator=g).item()],
        }
    splits = {
        "counts": [list(s.indices) for s in seeded(1, lambda: data.random_split(range(10), [3, 7]))],
        "fractions": [list(s.indices) for s in data.random_split(range(11), [0.3, 0.3, 0.4], generator=own(42))],
    }

    def epochs(**options):
        torch.manual_seed(3)
        loader = data.DataLoader(Plain(), **options)
        return {"passes": [batches(loader), batches(loader)], "after": torch.rand(1).item()}

    sampler = data.WeightedRandomSampler([1.0, 2, 3, 4, 5, 6, 7], 9)
    loaders = {
        "shuffle": epochs(batch_size=3, shuffle=True),
        "dropLast": epochs(batch_size=3, shuffle=True, drop_last=True),
        "sampler": epochs(batch_size=4, sampler=sampler),
        "batchSampler": epochs(batch_sampler=data.BatchSampler(data.RandomSampler(range(7)), 2, True)),
        "own": epochs(batch_size=3, shuffle=True, generator=own()),
    }
    torch.manual_seed(7)
    workers = [[b.flatten().tolist() for b in data.DataLoader(Draws(), batch_size=2, num_workers=2)] for _ in range(2)]
    golden = {"samplers": drawn, "splits": splits, "loaders": loaders, "workers": workers, "after": torch.rand(1).item()}
    Path(__file__).with_name("data.json").write_text(json.dumps(golden))
