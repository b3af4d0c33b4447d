/** Layer normalisation and root-mean-square normalisation: statistics of each row of the last dimensions. */
import { addon } from '../../device/addon.js'
import { numel, sameShape, ShapeError, show, type Shape } from '../../tensor/shape.js'
import { assertFloating, emptyLikeTensor, emptyTensor, type Tensor } from '../../tensor/tensor.js'
import { composite } from '../define.js'
import { assertFeatures } from './check.js'
import { recordNorm } from './record.js'
import { readOptions } from '../../tensor/options.js'

/** Settings of `layerNorm`. */
export interface LayerNormOptions {
  /** Factor of each element, of the normalised shape. Default null: 1. */
  weight?: Tensor | null
  /** Added to each element, of the normalised shape. Default null: 0. */
  bias?: Tensor | null
  /** Added to the variance. Default 1e-5. */
  eps?: number
}

/** The last dimension's size, or those of the last dimensions. */
export type NormalizedShape = number | readonly number[]

type LayerNorm = (x: Tensor, normalizedShape: NormalizedShape, options?: LayerNormOptions) => Tensor

function lastSizes(name: string, x: Tensor, normalizedShape: NormalizedShape): Shape {
  assertFloating(name, x)
  const sizes = typeof normalizedShape === 'number' ? [normalizedShape] : [...normalizedShape]
  if (sizes.length === 0) throw new ShapeError(`${name}: normalizedShape must have at least one size`)
  if (x.ndim < sizes.length || !sameShape(x.shape.slice(x.ndim - sizes.length), sizes))
    throw new ShapeError(`${name}: the input must end in ${show(sizes)}, got shape ${show(x.shape)}`)
  return sizes
}

function normalise(
  name: string,
  x: Tensor,
  sizes: Shape,
  w: Tensor | null,
  b: Tensor | null,
  root: boolean,
  eps: number,
): Tensor {
  const weight = w?.contiguous() ?? null
  const bias = b?.contiguous() ?? null
  const features = numel(sizes)
  const y = emptyLikeTensor(x)
  const rows = features === 0 ? 0 : numel(x.shape) / features
  const statistics = emptyTensor(x.dtype, [2, rows])
  if (rows > 0)
    addon().layerNorm(
      y.handle,
      statistics.handle,
      x.handle,
      weight?.handle ?? null,
      bias?.handle ?? null,
      features,
      root,
      eps,
    )
  return recordNorm(
    name,
    y,
    { x, weight, bias },
    [statistics],
    (dy, { dx, dweight, dbias }) =>
      addon().layerNormBackward(
        dx?.handle ?? null,
        dweight?.handle ?? null,
        dbias?.handle ?? null,
        dy.handle,
        statistics.handle,
        x.handle,
        weight?.handle ?? null,
        Math.max(features, 1),
        root,
      ),
    () => ({
      grouped: [rows, features],
      over: [1],
      affine: [...x.shape.slice(0, x.ndim - sizes.length).map(() => 1), ...sizes],
      eps,
      statistics: root ? 'root' : 'own',
    }),
  )
}

const spread = (shape: number[]) => ({ shape, low: -2, high: 3 })
const factor = (shape: number[]) => ({ shape, low: 0.5, high: 2 })

/**
 * (x − mean) / √(variance + eps) · weight + bias, with the statistics over the last dimensions, whose sizes are
 * `normalizedShape`. Ba, Kiros and Hinton 2016; torch.nn.functional.layer_norm.
 * @throws ShapeError when x does not end in those sizes.
 */
export const layerNorm: LayerNorm = composite(
  'layerNorm',
  {
    torch: 'lambda x, w=None, b=None, n=None, **o: F.layer_norm(x, n, w, b, **o)',
    samples: [
      { inputs: [spread([3, 5]), factor([5]), { shape: [5] }], args: [[5]] },
      { inputs: [spread([2, 3, 20]), factor([3, 20]), { shape: [3, 20] }], args: [[3, 20]], options: { eps: 0.1 } },
      { inputs: [spread([70, 4]), factor([4]), { shape: [4] }], args: [[4]] },
      { inputs: [spread([7]), factor([7]), { shape: [7] }], args: [[7]] },
      { inputs: [{ shape: [0, 3] }, factor([3]), { shape: [3] }], args: [[3]] },
    ],
    call: (x: Tensor, weight: Tensor, bias: Tensor, normalizedShape: number[], options?: LayerNormOptions) =>
      layerNorm(x, normalizedShape, { weight, bias, ...options }),
  },
  (x: Tensor, normalizedShape: NormalizedShape, options?: LayerNormOptions): Tensor => {
    const { weight, bias, eps } = readOptions('layerNorm', options, { weight: null, bias: null, eps: 1e-5 })
    const sizes = lastSizes('layerNorm', x, normalizedShape)
    assertFeatures('layerNorm', 'weight', weight, x, sizes)
    assertFeatures('layerNorm', 'bias', bias, x, sizes)
    return normalise('layerNorm', x.contiguous(), sizes, weight, bias, false, eps)
  },
)

/** Settings of `rmsNorm`. */
export interface RmsNormOptions {
  /** Factor of each element, of the normalised shape. Default null: 1. */
  weight?: Tensor | null
  /** Added to the mean square. Default null: the smallest step from 1 of the input's dtype. */
  eps?: number | null
}

type RmsNorm = (x: Tensor, normalizedShape: NormalizedShape, options?: RmsNormOptions) => Tensor

/**
 * x / √(mean of x² + eps) · weight, over the last dimensions, whose sizes are `normalizedShape`. Zhang and Sennrich 2019;
 * torch.nn.functional.rms_norm.
 * @throws ShapeError when x does not end in those sizes.
 */
export const rmsNorm: RmsNorm = composite(
  'rmsNorm',
  {
    torch: 'lambda x, w=None, n=None, **o: F.rms_norm(x, n, w, **o)',
    samples: [
      { inputs: [spread([3, 5]), factor([5])], args: [[5]] },
      { inputs: [spread([2, 3, 20]), factor([3, 20])], args: [[3, 20]], options: { eps: 0.1 } },
      { inputs: [{ shape: [0, 3] }, factor([3])], args: [[3]] },
    ],
    call: (x: Tensor, weight: Tensor, normalizedShape: number[], options?: RmsNormOptions) =>
      rmsNorm(x, normalizedShape, { weight, ...options }),
  },
  (x: Tensor, normalizedShape: NormalizedShape, options: RmsNormOptions = {}): Tensor => {
    const { weight } = readOptions('rmsNorm', options, { weight: null, eps: undefined })
    const sizes = lastSizes('rmsNorm', x, normalizedShape)
    assertFeatures('rmsNorm', 'weight', weight, x, sizes)
    const eps = options.eps ?? (x.dtype === 'float32' ? 2 ** -23 : 2 ** -52)
    return normalise('rmsNorm', x.contiguous(), sizes, weight, null, true, eps)
  },
)
