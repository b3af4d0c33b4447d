/** Group normalisation, and instance normalisation, which has one channel in each group. */
import { addon } from '../../device/addon.js'
import { numel, ShapeError, show } from '../../tensor/shape.js'
import { assertFloating, emptyLikeTensor, emptyTensor, filledTensor, type Tensor } from '../../tensor/tensor.js'
import { composite } from '../define.js'
import { noGrad } from '../../autograd/index.js'
import { batchNorm } from './batch.js'
import { assertFeatures, assertSeveral } from './check.js'
import { recordNorm } from './record.js'
import { readOptions } from '../../tensor/options.js'

/** Settings of `groupNorm`. */
export interface GroupNormOptions {
  /** Factor of each channel, [C]. Default null: 1. */
  weight?: Tensor | null
  /** Added to each channel, [C]. Default null: 0. */
  bias?: Tensor | null
  /** Added to the variance. Default 1e-5. */
  eps?: number
}

const channels = { shape: [6], low: 0.5, high: 2 }
const three = (shape: number[]) => [{ shape, low: -2, high: 3 }, channels, { shape: [6] }]

type GroupNorm = (x: Tensor, numGroups: number, options?: GroupNormOptions) => Tensor

/**
 * (x − mean) / √(variance + eps) · weight + bias, with the statistics of each sample's groups of C / numGroups channels.
 * x is [N, C] or [N, C, …]. Wu and He 2018; torch.nn.functional.group_norm.
 * @throws RangeError unless the groups divide the channels.
 */
export const groupNorm: GroupNorm = composite(
  'groupNorm',
  {
    torch: 'lambda x, w=None, b=None, n=1, **o: F.group_norm(x, n, w, b, **o)',
    samples: [
      { inputs: three([2, 6, 5]), args: [3] },
      { inputs: three([2, 6, 3, 4]), args: [1], options: { eps: 0.1 } },
      { inputs: three([3, 6]), args: [2] },
      { inputs: three([1, 6, 2, 3, 5]), args: [6] },
      { inputs: three([0, 6, 2]), args: [2] },
    ],
    call: (x: Tensor, weight: Tensor, bias: Tensor, numGroups: number, options?: GroupNormOptions) =>
      groupNorm(x, numGroups, { weight, bias, ...options }),
  },
  (x: Tensor, numGroups: number, options?: GroupNormOptions): Tensor => {
    const { weight, bias, eps } = readOptions('groupNorm', options, { weight: null, bias: null, eps: 1e-5 })
    assertFloating('groupNorm', x)
    if (x.ndim < 2) throw new ShapeError(`groupNorm: the input must be [N, C] or [N, C, …], got ${show(x.shape)}`)
    const size: number = x.shape[1]
    if (!Number.isInteger(numGroups) || numGroups < 1 || size % numGroups !== 0)
      throw new RangeError(`groupNorm: ${size} channels cannot be divided into ${numGroups} groups of one size`)
    assertFeatures('groupNorm', 'weight', weight, x, [size])
    assertFeatures('groupNorm', 'bias', bias, x, [size])
    if (numel(x.shape) > 0) {
      const each = numel(x.shape) / (x.shape[0] * numGroups)
      if (each * x.shape[0] === 1) assertSeveral('groupNorm', 1, x)
    }
    return normalise(x.contiguous(), numGroups, weight, bias, eps)
  },
)

function normalise(x: Tensor, groups: number, w: Tensor | null, b: Tensor | null, eps: number): Tensor {
  const weight = w?.contiguous() ?? null
  const bias = b?.contiguous() ?? null
  const y = emptyLikeTensor(x)
  const statistics = emptyTensor(x.dtype, [2, x.shape[0] * groups])
  addon().groupNorm(y.handle, statistics.handle, x.handle, weight?.handle ?? null, bias?.handle ?? null, groups, eps)
  return recordNorm(
    'groupNorm',
    y,
    { x, weight, bias },
    [statistics],
    (dy, { dx, dweight, dbias }) =>
      addon().groupNormBackward(
        dx?.handle ?? null,
        dweight?.handle ?? null,
        dbias?.handle ?? null,
        dy.handle,
        statistics.handle,
        x.handle,
        weight?.handle ?? null,
        groups,
      ),
    () => ({
      grouped: [x.shape[0], groups, numel(x.shape.slice(1)) / groups],
      over: [2],
      affine: x.shape.map((n: number, d: number) => (d === 1 ? n : 1)),
      eps,
    }),
  )
}

/** Settings of `instanceNorm`. */
export interface InstanceNormOptions extends GroupNormOptions {
  /** Running statistics [C] to be used, and with `useInputStats` learned. Default null. */
  runningMean?: Tensor | null
  runningVar?: Tensor | null
  /** Whether to normalise by each sample's own statistics. Default true. */
  useInputStats?: boolean
  /** Share of this batch in the running statistics. Default 0.1. */
  momentum?: number
}

type InstanceNorm = (x: Tensor, options?: InstanceNormOptions) => Tensor

/**
 * Batch normalisation of each sample by itself: x is [N, C, L], [N, C, H, W] or [N, C, D, H, W]. With running statistics,
 * which are means over the batch of the samples' statistics, and `useInputStats: false`, those are used instead.
 * torch.nn.functional.instance_norm.
 * @throws Error for a single position, ShapeError for less than three dimensions.
 */
export const instanceNorm: InstanceNorm = composite(
  'instanceNorm',
  {
    torch:
      'lambda x, w=None, b=None, use=True, **o: F.instance_norm(x, None if use else torch.full((6,), 0.5, dtype=x.dtype), None if use else torch.full((6,), 2.0, dtype=x.dtype), w, b, use, **o)',
    samples: [
      { inputs: three([2, 6, 5]) },
      { inputs: three([2, 6, 3, 4]), args: [true], options: { eps: 0.1 } },
      { inputs: three([1, 6, 2, 3, 2]) },
      { inputs: three([2, 6, 3]), args: [false] },
    ],
    call: (x: Tensor, weight: Tensor, bias: Tensor, useInputStats = true, options: InstanceNormOptions = {}) =>
      instanceNorm(x, {
        weight,
        bias,
        useInputStats,
        runningMean: useInputStats ? null : filledTensor(x.dtype, [6], 0.5),
        runningVar: useInputStats ? null : filledTensor(x.dtype, [6], 2),
        ...options,
      }),
  },
  (x: Tensor, options: InstanceNormOptions = {}): Tensor => {
    const { weight, bias, eps, momentum, useInputStats } = readOptions('instanceNorm', options, {
      weight: null,
      bias: null,
      eps: 1e-5,
      momentum: 0.1,
      useInputStats: true,
      runningMean: undefined,
      runningVar: undefined,
    })
    const { runningMean = null, runningVar = null } = options
    assertFloating('instanceNorm', x)
    if (x.ndim < 3) throw new ShapeError(`instanceNorm: the input must be [N, C, L, …], got ${show(x.shape)}`)
    if (!useInputStats) return batchNorm(x, runningMean, runningVar, { weight, bias, eps })
    const size: number = x.shape[1]
    assertFeatures('instanceNorm', 'runningMean', runningMean, x, [size])
    assertFeatures('instanceNorm', 'runningVar', runningVar, x, [size])
    assertFeatures('instanceNorm', 'weight', weight, x, [size])
    assertFeatures('instanceNorm', 'bias', bias, x, [size])
    const positions = numel(x.shape.slice(2))
    if (positions === 1)
      throw new Error(`instanceNorm: expected more than 1 spatial element when training, got input ${show(x.shape)}`)
    if (runningMean && runningVar) noGrad(() => learn(x, runningMean, runningVar, momentum))
    return normalise(x.contiguous(), size, weight, bias, eps)
  },
)

/** Blends the means over the batch of each sample's mean and unbiased variance into the running statistics. */
function learn(x: Tensor, runningMean: Tensor, runningVar: Tensor, momentum: number): void {
  const flat = x.reshape([x.shape[0], x.shape[1], -1])
  runningMean.mul_(1 - momentum).add_(flat.mean([0, 2]).mul(momentum))
  runningVar.mul_(1 - momentum).add_(flat.var(2).mean(0).mul(momentum))
}
