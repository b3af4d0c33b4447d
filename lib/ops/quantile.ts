/** Quantiles: values between the elements in order. */
import { isFloating } from '../tensor/dtype.js'
import { ShapeError, show, wrapDim } from '../tensor/shape.js'
import { Tensor } from '../tensor/tensor.js'
import { movedim } from './arrange.js'
import { lerp } from './choose.js'
import { tensor } from './creation.js'
import { composite } from './define.js'
import { gather, where } from './index-ops.js'
import { expand, narrow, reshape } from './shape.js'
import { sort } from './sort.js'
import { readOptions } from '../tensor/options.js'

/** What lies between two elements: their mean by distance, the lower, the higher, the nearer one, or their middle. */
export type Interpolation = 'linear' | 'lower' | 'higher' | 'nearest' | 'midpoint'

/** What quantile and nanquantile accept last. */
export interface QuantileOptions {
  /** Dimension along which to order. Default: all elements together. */
  dim?: number
  /** Keep reduced dimensions with size 1. Default false. */
  keepdim?: boolean
  /** Default 'linear'. */
  interpolation?: Interpolation
}

const interpolations: readonly string[] = ['linear', 'lower', 'higher', 'nearest', 'midpoint']

/** Positions in the order at which the quantiles lie, [..., number of quantiles]: whole ones with a fraction. */
function ranksOf(sorted: Tensor, q: Tensor, ignoreNaN: boolean): Tensor {
  const last: number = sorted.shape[sorted.ndim - 1] - 1
  if (ignoreNaN) {
    const count = sorted.eq(sorted).sum(-1, { keepdim: true }).to(q.dtype)
    return q.mul(count.sub(1)).clamp(0)
  }
  // A NaN stands last: there all quantiles are.
  return where(narrow(sorted, -1, last, 1).isnan(), last, q.mul(last))
}

function quantiles(
  name: 'quantile' | 'nanquantile',
  x: Tensor,
  given: number | Tensor,
  options: QuantileOptions | undefined,
): Tensor {
  const { dim, keepdim, interpolation } = readOptions(name, options, {
    dim: undefined,
    keepdim: false,
    interpolation: 'linear',
  })
  if (!isFloating(x.dtype))
    throw new TypeError(`${name}: needs a floating tensor, got ${x.dtype}; convert it with .float() first`)
  if (x.numel() === 0) throw new ShapeError(`${name}: a tensor of shape ${show(x.shape)} has no elements to order`)
  if (!interpolations.includes(interpolation))
    throw new Error(`${name}: interpolation must be one of ${interpolations.join(', ')}, got '${interpolation}'`)
  const q = given instanceof Tensor ? given.detach() : tensor(given, { dtype: x.dtype })
  if (q.dtype !== x.dtype)
    throw new TypeError(`${name}: q is ${q.dtype}, the tensor ${x.dtype}; convert it with .to('${x.dtype}')`)
  if (q.ndim > 1) throw new ShapeError(`${name}: q must be a number, 0-d or 1-D, got shape ${show(q.shape)}`)
  if (q.ge(0).logicalAnd(q.le(1)).all().item() === 0)
    throw new RangeError(`${name}: q must lie between 0 and 1, got ${JSON.stringify(q.toArray())}`)

  const d = dim === undefined ? 0 : wrapDim(name, dim, x.ndim)
  const lines = dim === undefined || x.ndim === 0 ? reshape(x, [-1]) : movedim(x, d, -1)
  const sorted = sort(lines).values
  const ranks = ranksOf(sorted.detach(), reshape(q, [-1]), name === 'nanquantile')
  const shape = [...sorted.shape.slice(0, -1), q.numel()]
  const at = (positions: Tensor): Tensor => gather(sorted, -1, expand(positions.long(), shape))
  const found = interpolated(ranks, at, interpolation)

  // The quantiles become the first dimension, the reduced ones return with size 1 where asked for.
  const first = movedim(found, -1, 0)
  const kept = dim === undefined ? x.shape.map(() => 1) : x.ndim === 0 ? [] : x.shape.with(d, 1)
  const reduced = keepdim ? reshape(first, [q.numel(), ...kept]) : first
  return q.ndim === 0 ? reduced.select(0, 0) : reduced
}

function interpolated(ranks: Tensor, at: (positions: Tensor) => Tensor, how: Interpolation): Tensor {
  if (how === 'lower') return at(ranks.floor())
  if (how === 'higher') return at(ranks.ceil())
  if (how === 'nearest') return at(ranks.round())
  const [below, above] = [at(ranks.floor()), at(ranks.ceil())]
  return lerp(below, above, how === 'midpoint' ? 0.5 : ranks.sub(ranks.floor()))
}

const cube = { shape: [2, 3, 4] }
const three = [0.25, 0.5, 0.9]

const listed = (run: (x: Tensor, q: number | Tensor, options?: QuantileOptions) => Tensor) => {
  return (x: Tensor, q: number | number[], options?: QuantileOptions): Tensor =>
    run(x, typeof q === 'number' ? q : tensor(q, { dtype: x.dtype }), options)
}

const python = (name: string): string =>
  `lambda x, q, **o: torch.${name}(x, torch.tensor(q, dtype=x.dtype) if isinstance(q, list) else q, **o)`

/**
 * The q-quantiles of all elements, or along a dimension: the element below which a share q lies, between two elements as
 * `interpolation` says. A 1-D q puts a dimension in front. NaN where any element is. torch.quantile.
 * @example x.quantile(0.5) @example x.quantile(tensor([0.25, 0.75]), { dim: 1 })
 */
export const quantile: (x: Tensor, q: number | Tensor, options?: QuantileOptions) => Tensor = composite(
  'quantile',
  {
    torch: python('quantile'),
    samples: [
      { inputs: [cube], args: [0.3] },
      { inputs: [cube], args: [three], options: { dim: 1 } },
      { inputs: [cube], args: [three], options: { keepdim: true } },
      ...interpolations.map((interpolation) => ({
        inputs: [cube],
        args: [three],
        options: { dim: -1, interpolation },
      })),
      { inputs: [5], args: [0.5] },
      {
        inputs: [
          [
            [1, NaN, 2],
            [5, 3, 4],
          ],
        ],
        args: [0.6],
        options: { dim: 1, keepdim: true },
        skipGradcheck: 'NaN has no neighbours',
      },
    ],
    call: listed((...args) => quantile(...args)),
  },
  (x: Tensor, q: number | Tensor, options?: QuantileOptions): Tensor => quantiles('quantile', x, q, options),
)

/** Like quantile, of the elements that are not NaN. torch.nanquantile. */
export const nanquantile: (x: Tensor, q: number | Tensor, options?: QuantileOptions) => Tensor = composite(
  'nanquantile',
  {
    torch: python('nanquantile'),
    samples: [
      { inputs: [cube], args: [three], options: { dim: 0 } },
      {
        inputs: [
          [
            [1, NaN, 2, 7],
            [NaN, NaN, NaN, NaN],
          ],
        ],
        args: [[0.1, 0.7]],
        options: { dim: 1 },
        skipGradcheck: 'NaN has no neighbours',
      },
    ],
    call: listed((...args) => nanquantile(...args)),
  },
  (x: Tensor, q: number | Tensor, options?: QuantileOptions): Tensor => quantiles('nanquantile', x, q, options),
)
