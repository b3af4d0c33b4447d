/** Pooling: windows of one size, adaptive ones, and what brings elements back. */
import { F, nn, tensor } from '../../../lib/index.js'
import type { ModuleCase } from './case.js'

const sequence = [2, 3, 7]
const image = [1, 2, 6, 5]
const volume = [1, 2, 4, 5, 3]

const one = (torch: string, ours: () => nn.Module, shape: number[]): ModuleCase => ({
  torch: `torch.nn.${torch}`,
  ours,
  inputs: [{ shape }],
})

const positive = (torch: string, ours: () => nn.Module, shape: number[]): ModuleCase => ({
  ...one(torch, ours, shape),
  inputs: [{ shape, low: 0.1, high: 2 }],
})

/** Pools without a gradient of its own for the indices, then unpools the maxima. */
const unpooled = (n: 1 | 2 | 3, ours: () => nn.Module, shape: number[]): ModuleCase => ({
  torch: `torch.nn.MaxUnpool${n}d(2)`,
  torchCall: `lambda m, x: m(*F.max_pool${n}d(x, 2, return_indices=True))`,
  ours,
  call(module: nn.MaxUnpool1d, x) {
    const pool = { 1: F.maxPool1d, 2: F.maxPool2d, 3: F.maxPool3d }[n]
    const { output, indices } = pool(x, 2, { returnIndices: true })
    return module.forward(output, indices)
  },
  inputs: [{ shape }],
})

const places2d = [
  [
    [0.25, 0.75],
    [0.5, 0.125],
  ],
]
const places3d = [
  [
    [0.25, 0.75, 0.5],
    [0.5, 0.125, 0.875],
  ],
]

export const pooling: ModuleCase[] = [
  one('MaxPool1d(3, stride=2, padding=1)', () => new nn.MaxPool1d(3, { stride: 2, padding: 1 }), sequence),
  one('MaxPool2d(2)', () => new nn.MaxPool2d(2), image),
  one('MaxPool2d((2, 3), dilation=(1, 2))', () => new nn.MaxPool2d([2, 3], { dilation: [1, 2] }), [2, 6, 7]),
  one('MaxPool3d(2, ceil_mode=True)', () => new nn.MaxPool3d(2, { ceilMode: true }), volume),
  one('AvgPool1d(2)', () => new nn.AvgPool1d(2), sequence),
  one(
    'AvgPool2d(3, stride=2, padding=1, count_include_pad=False)',
    () => new nn.AvgPool2d(3, { stride: 2, padding: 1, countIncludePad: false }),
    image,
  ),
  one('AvgPool3d(2, divisor_override=3)', () => new nn.AvgPool3d(2, { divisorOverride: 3 }), volume),
  positive('LPPool1d(2, 3)', () => new nn.LPPool1d(2, 3), sequence),
  positive('LPPool2d(3, 2, stride=1)', () => new nn.LPPool2d(3, 2, { stride: 1 }), image),
  positive('LPPool3d(2, 2, ceil_mode=True)', () => new nn.LPPool3d(2, 2, { ceilMode: true }), volume),
  one('AdaptiveAvgPool1d(4)', () => new nn.AdaptiveAvgPool1d(4), sequence),
  one('AdaptiveAvgPool2d((None, 3))', () => new nn.AdaptiveAvgPool2d([null, 3]), image),
  one('AdaptiveAvgPool2d(1)', () => new nn.AdaptiveAvgPool2d(1), image),
  one('AdaptiveAvgPool3d(2)', () => new nn.AdaptiveAvgPool3d(2), volume),
  one('AdaptiveMaxPool1d(4)', () => new nn.AdaptiveMaxPool1d(4), sequence),
  one('AdaptiveMaxPool2d((4, 2))', () => new nn.AdaptiveMaxPool2d([4, 2]), image),
  one('AdaptiveMaxPool3d(3)', () => new nn.AdaptiveMaxPool3d(3), volume),
  unpooled(1, () => new nn.MaxUnpool1d(2), [2, 3, 6]),
  unpooled(2, () => new nn.MaxUnpool2d(2), [2, 6, 4]),
  unpooled(3, () => new nn.MaxUnpool3d(2), [1, 2, 4, 4, 6]),
  {
    torch: 'torch.nn.Identity()',
    torchCall: `lambda m, x: F.fractional_max_pool2d(x, 2, output_size=3, _random_samples=torch.tensor(${JSON.stringify(places2d)}).double())`,
    ours: () => new nn.FractionalMaxPool2d(2, { outputSize: 3, randomSamples: tensor(places2d) }),
    inputs: [{ shape: image }],
  },
  {
    torch: 'torch.nn.Identity()',
    torchCall: `lambda m, x: F.fractional_max_pool3d(x, 2, output_size=(2, 3, 1), _random_samples=torch.tensor(${JSON.stringify(places3d)}).double())`,
    ours: () => new nn.FractionalMaxPool3d(2, { outputSize: [2, 3, 1], randomSamples: tensor(places3d) }),
    inputs: [{ shape: volume }],
  },
  {
    torch: 'torch.nn.Identity()',
    torchCall: 'lambda m, x: F.avg_pool2d(x * x, 2) / F.avg_pool2d(x, 2)',
    ours: () => new nn.StochasticPool2d(2),
    inputs: [{ shape: image, low: 0.1, high: 2 }],
    training: false,
  },
]
