/** Batch normalisation: statistics of each channel over the batch and all positions. */
import { addon } from '../../device/addon.js'
import { numel, ShapeError, show } from '../../tensor/shape.js'
import { assertFloating, emptyLikeTensor, emptyTensor, type Tensor } from '../../tensor/tensor.js'
import { composite } from '../define.js'
import { assertFeatures, assertSeveral } from './check.js'
import { recordNorm } from './record.js'
import { readOptions } from '../../tensor/options.js'

/** Settings of `batchNorm`. */
export interface BatchNormOptions {
  /** Factor of each channel, [C]. Default null: 1. */
  weight?: Tensor | null
  /** Added to each channel, [C]. Default null: 0. */
  bias?: Tensor | null
  /** Whether to use, and learn, the statistics of this batch instead of the running ones. Default false. */
  training?: boolean
  /** Share of this batch in the running statistics. Default 0.1. */
  momentum?: number
  /** Added to the variance. Default 1e-5. */
  eps?: number
}

type BatchNorm = (
  x: Tensor,
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  options?: BatchNormOptions,
) => Tensor

/** The same with each tensor among the inputs, for tests. */
const withTensors = (
  x: Tensor,
  mean: Tensor,
  variance: Tensor,
  weight?: Tensor,
  bias?: Tensor,
  options?: BatchNormOptions,
): Tensor => batchNorm(x, mean.detach().clone(), variance.detach().clone(), { weight, bias, ...options })

const channels = { shape: [3], low: 0.5, high: 2 }
const five = (shape: number[]) => [{ shape, low: -2, high: 3 }, channels, channels, channels, { shape: [3] }]
/**
 * (x − mean) / √(variance + eps) · weight + bias for each channel of [N, C] or [N, C, …]. In training with the statistics
 * of the batch, which are blended into `runningMean` and `runningVar` (with the unbiased variance); else with those.
 * Either may be null in training. Ioffe and Szegedy 2015; torch.nn.functional.batch_norm.
 * @throws Error for a single value per channel in training, ShapeError for parameters of another length than C.
 */
export const batchNorm: BatchNorm = composite(
  'batchNorm',
  {
    torch: 'lambda x, m, v, w=None, b=None, **o: F.batch_norm(x, m.detach().clone(), v.detach().clone(), w, b, **o)',
    samples: [
      { inputs: five([4, 3]), options: { training: true } },
      { inputs: five([2, 3, 5]), options: { training: true, eps: 0.1 } },
      { inputs: five([2, 3, 5, 7]), options: { training: true, momentum: 0.3 } },
      { inputs: five([1, 3, 1, 2, 40]), options: { training: true } },
      { inputs: five([2, 3, 5]), options: { training: false } },
      { inputs: five([5, 3]), options: { training: false } },
      { inputs: five([0, 3, 2]), options: { training: false } },
    ],
    call: withTensors,
  },
  (x: Tensor, runningMean: Tensor | null, runningVar: Tensor | null, options?: BatchNormOptions): Tensor => {
    const { weight, bias, training, momentum, eps } = readOptions('batchNorm', options, {
      weight: null,
      bias: null,
      training: false,
      momentum: 0.1,
      eps: 1e-5,
    })
    assertFloating('batchNorm', x)
    if (x.ndim < 2) throw new ShapeError(`batchNorm: the input must be [N, C] or [N, C, …], got ${show(x.shape)}`)
    const size: number = x.shape[1]
    assertFeatures('batchNorm', 'runningMean', runningMean, x, [size])
    assertFeatures('batchNorm', 'runningVar', runningVar, x, [size])
    assertFeatures('batchNorm', 'weight', weight, x, [size])
    assertFeatures('batchNorm', 'bias', bias, x, [size])
    if (!training && !(runningMean && runningVar))
      throw new Error('batchNorm: without training it needs runningMean and runningVar')
    if (training) assertSeveral('batchNorm', numel(x.shape) / size, x)
    return normalise({ x: x.contiguous(), weight, bias }, runningMean, runningVar, { training, momentum, eps })
  },
)

function normalise(
  inputs: { x: Tensor; weight: Tensor | null; bias: Tensor | null },
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  options: { training: boolean; momentum: number; eps: number },
): Tensor {
  const { x } = inputs
  const weight = inputs.weight?.contiguous() ?? null
  const bias = inputs.bias?.contiguous() ?? null
  const size: number = x.shape[1]
  const y = emptyLikeTensor(x)
  const statistics = emptyTensor(x.dtype, [2, size])
  const [mean, variance] = [runningMean, runningVar].map((running) => running?.contiguous() ?? null)
  addon().batchNorm(
    y.handle,
    statistics.handle,
    x.handle,
    weight?.handle ?? null,
    bias?.handle ?? null,
    mean?.handle ?? null,
    variance?.handle ?? null,
    options,
  )
  if (options.training) {
    learn(runningMean, mean)
    learn(runningVar, variance)
  }
  const across = x.shape.map((n: number, d: number) => (d === 1 ? n : 1))
  return recordNorm(
    'batchNorm',
    y,
    { x, weight, bias },
    [statistics],
    (dy, { dx, dweight, dbias }) =>
      addon().batchNormBackward(
        dx?.handle ?? null,
        dweight?.handle ?? null,
        dbias?.handle ?? null,
        dy.handle,
        statistics.handle,
        x.handle,
        weight?.handle ?? null,
        options.training,
      ),
    () => ({
      grouped: x.shape,
      over: x.shape.map((_: number, d: number) => d).filter((d: number) => d !== 1),
      affine: across,
      eps: options.eps,
      statistics: options.training
        ? 'own'
        : { mean: statistics.select(0, 0).reshape(across), scale: statistics.select(0, 1).reshape(across) },
    }),
  )
}

/** The running statistics were changed in place: in a copy, if they are not contiguous. */
function learn(running: Tensor | null, changed: Tensor | null): void {
  if (!running || !changed) return
  if (changed !== running) addon().copy(running.handle, changed.handle)
  running.version.count++
}
