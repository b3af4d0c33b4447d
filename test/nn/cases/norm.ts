/** Normalisation, in training and in evaluation. */
import { nn } from '../../../lib/index.js'
import type { ModuleCase } from './case.js'

const one = (torch: string, ours: () => nn.Module, shape: number[], training = true): ModuleCase => ({
  torch: `torch.nn.${torch}`,
  ours,
  inputs: [{ shape, low: -1, high: 3 }],
  training,
})

/** Running statistics that are not the initial ones: after a first batch. */
const second = (torch: string, ours: () => nn.Module, shape: number[]): ModuleCase => ({
  ...one(torch, ours, shape),
  torchCall: 'lambda m, x: (m(x.detach() * 2), m(x))[1]',
  call(module: nn.BatchNorm1d, x) {
    module.forward(x.detach().mul(2))
    return module.forward(x)
  },
})

/** Evaluation after a batch of training. */
const evaluated = (torch: string, ours: () => nn.Module, shape: number[]): ModuleCase => ({
  ...one(torch, ours, shape),
  torchCall: 'lambda m, x: (m(x.detach()), m.eval()(x))[1]',
  call(module: nn.BatchNorm1d, x) {
    module.forward(x.detach())
    return module.eval().forward(x)
  },
})

export const norm: ModuleCase[] = [
  one('BatchNorm1d(3)', () => new nn.BatchNorm1d(3), [4, 3]),
  one('BatchNorm1d(3, eps=0.1)', () => new nn.BatchNorm1d(3, { eps: 0.1 }), [2, 3, 5]),
  one('BatchNorm2d(3)', () => new nn.BatchNorm2d(3), [2, 3, 4, 5]),
  one('BatchNorm2d(2)', () => new nn.BatchNorm2d(2), [1, 2, 3, 3], false),
  one('BatchNorm3d(2, affine=False)', () => new nn.BatchNorm3d(2, { affine: false }), [2, 2, 2, 3, 2]),
  one(
    'BatchNorm2d(3, track_running_stats=False)',
    () => new nn.BatchNorm2d(3, { trackRunningStats: false }),
    [2, 3, 2, 2],
    false,
  ),
  second('BatchNorm1d(3, momentum=0.3)', () => new nn.BatchNorm1d(3, { momentum: 0.3 }), [4, 3]),
  second('BatchNorm1d(3, momentum=None)', () => new nn.BatchNorm1d(3, { momentum: null }), [4, 3]),
  evaluated('BatchNorm2d(3)', () => new nn.BatchNorm2d(3), [2, 3, 4, 5]),
  evaluated('BatchNorm1d(3)', () => new nn.BatchNorm1d(3), [5, 3]),
  one('InstanceNorm1d(3)', () => new nn.InstanceNorm1d(3), [2, 3, 5]),
  one('InstanceNorm1d(3, affine=True)', () => new nn.InstanceNorm1d(3, { affine: true }), [3, 5]),
  one('InstanceNorm2d(3)', () => new nn.InstanceNorm2d(3), [2, 3, 4, 5]),
  one('InstanceNorm3d(2, affine=True)', () => new nn.InstanceNorm3d(2, { affine: true }), [2, 2, 2, 3, 2]),
  second(
    'InstanceNorm2d(3, affine=True, track_running_stats=True)',
    () => new nn.InstanceNorm2d(3, { affine: true, trackRunningStats: true }),
    [2, 3, 4, 5],
  ),
  evaluated(
    'InstanceNorm1d(3, track_running_stats=True)',
    () => new nn.InstanceNorm1d(3, { trackRunningStats: true }),
    [2, 3, 5],
  ),
  one('LayerNorm(5)', () => new nn.LayerNorm(5), [2, 3, 5]),
  one('LayerNorm((3, 5), eps=0.1)', () => new nn.LayerNorm([3, 5], { eps: 0.1 }), [2, 3, 5]),
  one('LayerNorm(5, elementwise_affine=False)', () => new nn.LayerNorm(5, { elementwiseAffine: false }), [2, 5]),
  one('LayerNorm(5, bias=False)', () => new nn.LayerNorm(5, { bias: false }), [2, 5]),
  one('RMSNorm(5)', () => new nn.RMSNorm(5), [2, 3, 5]),
  one(
    'RMSNorm((3, 5), eps=0.1, elementwise_affine=False)',
    () => new nn.RMSNorm([3, 5], { eps: 0.1, elementwiseAffine: false }),
    [2, 3, 5],
  ),
  one('GroupNorm(2, 4)', () => new nn.GroupNorm(2, 4), [2, 4, 3, 3]),
  one('GroupNorm(4, 4, affine=False)', () => new nn.GroupNorm(4, 4, { affine: false }), [2, 4, 5]),
  one('LocalResponseNorm(3, alpha=0.5)', () => new nn.LocalResponseNorm(3, { alpha: 0.5 }), [2, 5, 3, 3]),
]
