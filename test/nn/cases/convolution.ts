/** Convolutions and transposed ones. */
import { nn } from '../../../lib/index.js'
import type { ModuleCase } from './case.js'

const one = (torch: string, ours: () => nn.Module, shape: number[]): ModuleCase => ({
  torch: `torch.nn.${torch}`,
  ours,
  inputs: [{ shape }],
})

export const convolution: ModuleCase[] = [
  one('Conv1d(3, 4, 3)', () => new nn.Conv1d(3, 4, 3), [2, 3, 7]),
  one(
    'Conv1d(2, 4, 3, padding=2, groups=2, padding_mode="circular")',
    () => new nn.Conv1d(2, 4, 3, { padding: 2, groups: 2, paddingMode: 'circular' }),
    [2, 5],
  ),
  one('Conv2d(1, 3, 5, padding=2)', () => new nn.Conv2d(1, 3, 5, { padding: 2 }), [2, 1, 6, 6]),
  one('Conv2d(3, 2, 1, stride=2)', () => new nn.Conv2d(3, 2, 1, { stride: 2 }), [2, 3, 5, 4]),
  one(
    'Conv2d(2, 3, (2, 3), stride=(2, 1), padding=(1, 2), dilation=(1, 2), bias=False)',
    () => new nn.Conv2d(2, 3, [2, 3], { stride: [2, 1], padding: [1, 2], dilation: [1, 2], bias: false }),
    [1, 2, 5, 6],
  ),
  one(
    'Conv2d(2, 2, 3, padding=(1, 2), padding_mode="reflect")',
    () => new nn.Conv2d(2, 2, 3, { padding: [1, 2], paddingMode: 'reflect' }),
    [1, 2, 4, 5],
  ),
  one(
    'Conv2d(2, 2, (2, 4), padding="same", padding_mode="replicate")',
    () => new nn.Conv2d(2, 2, [2, 4], { padding: 'same', paddingMode: 'replicate' }),
    [1, 2, 3, 5],
  ),
  one('Conv2d(2, 3, (4, 3), padding="same")', () => new nn.Conv2d(2, 3, [4, 3], { padding: 'same' }), [2, 5, 4]),
  one('Conv2d(4, 4, 3, groups=4)', () => new nn.Conv2d(4, 4, 3, { groups: 4 }), [2, 4, 4, 5]),
  one('Conv3d(2, 3, 2, padding=1)', () => new nn.Conv3d(2, 3, 2, { padding: 1 }), [1, 2, 3, 2, 3]),
  one(
    'Conv3d(1, 2, (1, 2, 3), stride=2, padding=1, padding_mode="circular")',
    () => new nn.Conv3d(1, 2, [1, 2, 3], { stride: 2, padding: 1, paddingMode: 'circular' }),
    [1, 3, 3, 4],
  ),
  one('ConvTranspose1d(3, 2, 3, stride=2)', () => new nn.ConvTranspose1d(3, 2, 3, { stride: 2 }), [2, 3, 4]),
  one(
    'ConvTranspose2d(4, 2, 3, stride=2, padding=1, output_padding=1, groups=2)',
    () => new nn.ConvTranspose2d(4, 2, 3, { stride: 2, padding: 1, outputPadding: 1, groups: 2 }),
    [1, 4, 3, 2],
  ),
  one(
    'ConvTranspose2d(2, 3, 2, dilation=2, bias=False)',
    () => new nn.ConvTranspose2d(2, 3, 2, { dilation: 2, bias: false }),
    [2, 3, 3],
  ),
  {
    torch: 'torch.nn.ConvTranspose2d(2, 1, 3, stride=3)',
    torchCall: 'lambda m, x: m(x, output_size=[8, 6])',
    ours: () => new nn.ConvTranspose2d(2, 1, 3, { stride: 3 }),
    call: (m, x) => (m as nn.ConvTranspose2d).forward(x, { outputSize: [8, 6] }),
    inputs: [{ shape: [1, 2, 2, 2] }],
  },
  one(
    'ConvTranspose3d(2, 2, (1, 2, 3), stride=(1, 2, 2), padding=(0, 1, 1))',
    () => new nn.ConvTranspose3d(2, 2, [1, 2, 3], { stride: [1, 2, 2], padding: [0, 1, 1] }),
    [1, 2, 2, 3, 2],
  ),
]
