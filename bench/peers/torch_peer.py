"""Times the cases of bench/cases.ts in PyTorch with its default settings. Usage: python torch_peer.py THREADS

Reads names of cases from stdin, a line each, and answers each with its milliseconds, so that the two sides can take
turns. Exits with status 3 when PyTorch is not installed.
"""

import statistics
import sys
import time

try:
    import torch
    import torch.nn.functional as F
except ImportError:
    sys.exit(3)

from torch_loader import time_loader  # noqa: E402

torch.set_num_threads(int(sys.argv[1]))


def median_ms(body, rounds=15, minimum=0.020):
    body()
    repeats = 1
    while True:
        start = time.perf_counter()
        for _ in range(repeats):
            body()
        if time.perf_counter() - start >= minimum:
            break
        repeats *= 2
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(repeats):
            body()
        times.append((time.perf_counter() - start) / repeats * 1000)
    return statistics.median(times)


def mlp_step():
    net = torch.nn.Sequential(torch.nn.Linear(784, 500), torch.nn.ReLU(), torch.nn.Linear(500, 10))
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    images, labels = torch.rand(100, 784), torch.randint(0, 10, (100,))

    def step():
        optimizer.zero_grad()
        F.cross_entropy(net(images), labels).backward()
        optimizer.step()

    return step


def cnn_step():
    nn = torch.nn
    net = nn.Sequential(
        nn.Conv2d(1, 16, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(32 * 7 * 7, 10),
    )
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    images, labels = torch.rand(50, 1, 28, 28), torch.randint(0, 10, (50,))

    def step():
        optimizer.zero_grad()
        F.cross_entropy(net(images), labels).backward()
        optimizer.step()

    return step


def adam_ten_million():
    x = torch.zeros(10_000_000, requires_grad=True)
    x.grad = torch.rand(10_000_000)
    return torch.optim.Adam([x]).step


def unary(sizes, f):
    x = torch.randn(sizes)
    return lambda: f(x)


def matmul(m, k, n):
    a, b = torch.randn(m, k), torch.randn(k, n)
    return lambda: a @ b


def layer(sizes, f):
    """Forward and backward, for a gradient as large as the result."""
    x = torch.randn(sizes, requires_grad=True)
    gradient = torch.randn(f(x).shape)

    def step():
        x.grad = None
        f(x).backward(gradient)

    return step


def conv(images, kernel, **options):
    x, weight = torch.randn(images), torch.randn(kernel)
    return lambda: F.conv2d(x, weight, None, **options)


def conv_with_gradients(images, kernel, **options):
    x, weight = torch.randn(images, requires_grad=True), torch.randn(kernel, requires_grad=True)
    gradient = F.conv2d(x, weight, None, **options).detach()

    def step():
        x.grad = weight.grad = None
        F.conv2d(x, weight, None, **options).backward(gradient)

    return step


def max_pool(*sizes):
    return lambda: layer(sizes, lambda x: F.max_pool2d(x, 2))


def first(f):
    """The first of a layer's results."""
    return lambda x: f(x)[0]


layers = {
    "maxpool2d 32x64x56x56": max_pool(32, 64, 56, 56),
    "maxpool2d 50x16x28x28": max_pool(50, 16, 28, 28),
    "maxpool2d 50x32x14x14": max_pool(50, 32, 14, 14),
    "batchnorm2d 32x64x56x56": lambda: layer([32, 64, 56, 56], torch.nn.BatchNorm2d(64)),
    "lstm 128 to 128, 50 steps, batch 32": lambda: layer([50, 32, 128], first(torch.nn.LSTM(128, 128))),
    "gru 128 to 128, 50 steps, batch 32": lambda: layer([50, 32, 128], first(torch.nn.GRU(128, 128))),
    "transformer layer 64x16x128": lambda: layer(
        [64, 16, 128], torch.nn.TransformerEncoderLayer(128, 4, 512, dropout=0.0)
    ),
    "attention 4x8x256x64": lambda: layer([4, 8, 256, 64], lambda x: F.scaled_dot_product_attention(x, x, x)),
    "causal attention 4x8x256x64": lambda: layer(
        [4, 8, 256, 64], lambda x: F.scaled_dot_product_attention(x, x, x, is_causal=True)
    ),
    "layernorm 4096x768": lambda: layer([4096, 768], torch.nn.LayerNorm(768)),
}

cases = {
    **layers,
    "mlp 784-500-10 batch 100 adam step": mlp_step,
    "cnn of section 6 batch 50 adam step": cnn_step,
    "adam 10M": adam_ten_million,
    "add 4x4": lambda: unary([4, 4], lambda x: x + x),
    "view 4x4": lambda: unary([4, 4], lambda x: x.view(16)),
    "add 10M": lambda: unary([10_000_000], lambda x: x + x),
    "exp 10M": lambda: unary([10_000_000], torch.exp),
    "sum 10M": lambda: unary([10_000_000], torch.sum),
    "softmax 4096x1000": lambda: unary([4096, 1000], lambda x: x.softmax(1)),
    "transpose copy 10000x1000": lambda: unary([10_000, 1000], lambda x: x.t().contiguous()),
    "channels last 16x64x56x56": lambda: unary([16, 64, 56, 56], lambda x: x.permute(0, 2, 3, 1).contiguous()),
    "heads 64x64x8x16": lambda: unary([64, 64, 8, 16], lambda x: x.transpose(1, 2).contiguous()),
    "pixelShuffle 8x64x56x56": lambda: unary([8, 64, 56, 56], lambda x: F.pixel_shuffle(x, 2)),
    "flip 1000x1000": lambda: unary([1000, 1000], lambda x: x.flip(1)),
    "add rows of 3": lambda: unary([300_000, 3], lambda x: x + x[0]),
    "sum rows of 5": lambda: unary([100_000, 5], lambda x: x.sum(1)),
    "cumsum 1000x1000": lambda: unary([1000, 1000], lambda x: x.cumsum(1)),
    "softmax of channels 16x21x64x64": lambda: unary([16, 21, 64, 64], lambda x: x.softmax(1)),
    "nonzero 1000x1000": lambda: unary([1000, 1000], lambda x: F.relu(x).nonzero()),
    "square by pow 1000x1000": lambda: unary([1000, 1000], lambda x: x**2),
    "matmul 100x784x500": lambda: matmul(100, 784, 500),
    "matmul 100x500x10": lambda: matmul(100, 500, 10),
    "matmul 512": lambda: matmul(512, 512, 512),
    "matmul 1024": lambda: matmul(1024, 1024, 1024),
    "conv 50x1x28² 16 5x5": lambda: conv([50, 1, 28, 28], [16, 1, 5, 5], padding=2),
    "conv 32x64x56² 64 3x3": lambda: conv([32, 64, 56, 56], [64, 64, 3, 3], padding=1),
    "conv+grad 32x64x56² 64 3x3": lambda: conv_with_gradients([32, 64, 56, 56], [64, 64, 3, 3], padding=1),
    "conv+grad 50x16x14² 32 5x5": lambda: conv_with_gradients([50, 16, 14, 14], [32, 16, 5, 5], padding=2),
    "conv+grad 8x3x64² 64 7x7 stride 2": lambda: conv_with_gradients([8, 3, 64, 64], [64, 3, 7, 7], padding=3, stride=2),
    "conv+grad 8x64x16² 128 1x1 stride 2": lambda: conv_with_gradients([8, 64, 16, 16], [128, 64, 1, 1], stride=2),
    "conv+grad 8x256x4² 256 3x3": lambda: conv_with_gradients([8, 256, 4, 4], [256, 256, 3, 3], padding=1),
    "conv+grad 8x512x2² 512 3x3": lambda: conv_with_gradients([8, 512, 2, 2], [512, 512, 3, 3], padding=1),
    "conv+grad 8x64x56² depthwise 3x3": lambda: conv_with_gradients([8, 64, 56, 56], [64, 1, 3, 3], padding=1, groups=64),
}

learning = {name for name in cases if "step" in name or "grad" in name or name == "adam 10M" or name in layers}
for line in sys.stdin:
    name = line.rstrip("\n")
    if name == "augmented MNIST, 2 workers":
        print(time_loader(2), flush=True)
        continue
    with torch.set_grad_enabled(name in learning):
        print(median_ms(cases[name]()), flush=True)
