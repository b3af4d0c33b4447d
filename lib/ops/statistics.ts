/** Statistics made of reductions: pairs of moments, sums without NaN, both extremes, covariances. */
import { readOptions, readCall } from '../tensor/options.js'
import { isFloating } from '../tensor/dtype.js'
import { ShapeError, show } from '../tensor/shape.js'
import { Tensor } from '../tensor/tensor.js'
import { isOptions } from '../tensor/options.js'
import { composite, numeric } from './define.js'
import { matmul } from './matmul.js'
import { maximum, minimum } from './pointwise.js'
import {
  amax,
  amin,
  extremeWithIndex,
  mean,
  std,
  varianceDefaults,
  sum,
  variance,
  type DimOptions,
  type Dims,
  type ReduceOptions,
  type ValuesIndices,
  type VarianceOptions,
} from './reduce.js'

const cube = { shape: [2, 3, 4] }
const holes = {
  inputs: [
    [
      [1, NaN, 3],
      [NaN, 4, 2],
    ],
  ],
}
const reason = 'NaN has no differences'

/** Variance and mean. torch.var_mean. */
export function varMean(x: Tensor, dim?: Dims | VarianceOptions, options?: VarianceOptions): [Tensor, Tensor] {
  const settings = readCall<VarianceOptions, typeof varianceDefaults>(
    'varMean',
    ['dim'],
    [dim, options],
    varianceDefaults,
  )
  return [variance(x, settings), mean(x, settings.dim, { keepdim: settings.keepdim })]
}

/** Standard deviation and mean. torch.std_mean. */
export function stdMean(x: Tensor, dim?: Dims | VarianceOptions, options?: VarianceOptions): [Tensor, Tensor] {
  const settings = readCall<VarianceOptions, typeof varianceDefaults>(
    'stdMean',
    ['dim'],
    [dim, options],
    varianceDefaults,
  )
  return [std(x, settings), mean(x, settings.dim, { keepdim: settings.keepdim })]
}

composite(
  'varMean',
  {
    torch: 'lambda x, dim=None, **o: sum(torch.var_mean(x, dim, **o))',
    samples: [
      { inputs: [cube], args: [1] },
      { inputs: [cube], args: [[0, 2]], options: { correction: 0, keepdim: true } },
    ],
    call: (x: Tensor, dim?: Dims, options?: VarianceOptions) => varMean(x, dim, options).reduce((a, b) => a.add(b)),
  },
  varMean,
)
composite(
  'stdMean',
  {
    torch: 'lambda x, dim=None, **o: sum(torch.std_mean(x, dim, **o))',
    samples: [
      { inputs: [cube], args: [1] },
      { inputs: [cube], args: [2], options: { unbiased: false } },
    ],
    call: (x: Tensor, dim?: Dims, options?: VarianceOptions) => stdMean(x, dim, options).reduce((a, b) => a.add(b)),
  },
  stdMean,
)

/** Sum of the elements that are not NaN; integers add up in int64. torch.nansum. */
export const nansum = composite(
  'nansum',
  {
    torch: 'torch.nansum',
    dtypes: numeric,
    samples: [
      { ...holes, skipGradcheck: reason },
      { ...holes, args: [1], skipGradcheck: reason },
      { inputs: [cube], args: [[0, 1]], options: { keepdim: true } },
    ],
  },
  (x: Tensor, dim?: Dims | ReduceOptions, options?: ReduceOptions): Tensor =>
    sum(isFloating(x.dtype) ? x.isnan().where(0, x) : x, dim, options),
)

/** Mean of the elements that are not NaN; NaN where there are none. torch.nanmean. */
export const nanmean = composite(
  'nanmean',
  {
    torch: 'torch.nanmean',
    samples: [
      { ...holes, skipGradcheck: reason },
      { ...holes, args: [0], skipGradcheck: reason },
      { inputs: [cube], args: [[0, 1]], options: { keepdim: true } },
    ],
  },
  (x: Tensor, dim?: Dims | ReduceOptions, options?: ReduceOptions): Tensor => {
    if (!isFloating(x.dtype))
      throw new TypeError(`nanmean: needs a floating tensor, got ${x.dtype}; convert it with .float() first`)
    return nansum(x, dim, options).div(sum(x.isnan().logicalNot(), dim, options))
  },
)

/** Options of aminmax. */
export interface AminmaxOptions extends ReduceOptions {
  /** Dimension to reduce; all when left out. */
  dim?: number
}

/** The smallest and the largest element, of all or along one dimension. torch.aminmax. */
export function aminmax(x: Tensor, options?: AminmaxOptions): { min: Tensor; max: Tensor } {
  const { dim, keepdim } = readOptions('aminmax', options, { dim: undefined, keepdim: false })
  return { min: amin(x, dim, { keepdim }), max: amax(x, dim, { keepdim }) }
}

composite(
  'aminmax',
  {
    torch: 'lambda x, **o: torch.aminmax(x, **o).max - torch.aminmax(x, **o).min',
    dtypes: numeric,
    samples: [{ inputs: [cube] }, { inputs: [cube], options: { dim: 1, keepdim: true } }],
    call(x: Tensor, options?: AminmaxOptions) {
      const { min, max } = aminmax(x, options)
      return max.sub(min)
    },
  },
  aminmax,
)

function extreme(op: 'max' | 'min') {
  return (x: Tensor, by?: Tensor | number | DimOptions, options?: ReduceOptions): Tensor | ValuesIndices => {
    if (by instanceof Tensor) return (op === 'max' ? maximum : minimum)(x, by)
    const dim = isOptions(by) ? by.dim : by
    if (dim === undefined) return (op === 'max' ? amax : amin)(x)
    return extremeWithIndex(op, x, dim, isOptions(by) ? by : options)
  }
}

interface Extreme {
  (x: Tensor): Tensor<[]>
  (x: Tensor, other: Tensor): Tensor
  (x: Tensor, dim: number | DimOptions, options?: ReduceOptions): ValuesIndices
}

/** The largest element; the larger of two tensors; or along `dim` the largest values and their positions. torch.max. */
export const max = extreme('max') as Extreme
/** The smallest element; the smaller of two tensors; or along `dim` the smallest values and their positions. torch.min. */
export const min = extreme('min') as Extreme

/** Options of cov. */
export interface CovOptions {
  /** Subtracted from the number of observations. Default 1. */
  correction?: number
  /** How often each observation counts; integers [n]. */
  fweights?: Tensor | null
  /** Importance of each observation, floating [n]. */
  aweights?: Tensor | null
}

/** Covariances of variables (rows) over observations (columns); a vector is one variable. torch.cov. */
export const cov = composite(
  'cov',
  {
    torch: 'torch.cov',
    samples: [
      { inputs: [{ shape: [3, 5] }] },
      { inputs: [{ shape: [3, 5] }], options: { correction: 0 } },
      { inputs: [{ shape: [5] }] },
    ],
  },
  (x: Tensor, options?: CovOptions): Tensor => {
    const { correction, fweights, aweights } = readOptions('cov', options, {
      correction: 1,
      fweights: null,
      aweights: null,
    })
    if (x.ndim > 2) throw new ShapeError(`cov: needs at most two dimensions, got ${show(x.shape)}`)
    const rows = x.ndim === 2 ? x : x.view(1, -1)
    const data = isFloating(rows.dtype) ? rows : rows.float()
    const n = data.shape[1] as number
    for (const [name, weights] of Object.entries({ fweights, aweights }))
      if (weights && (weights.ndim !== 1 || weights.shape[0] !== n))
        throw new ShapeError(`cov: ${name} must have shape [${n}], got ${show(weights.shape)}`)
    if (fweights && isFloating(fweights.dtype))
      throw new TypeError(`cov: fweights must be integers, got ${fweights.dtype}`)
    if (aweights && !isFloating(aweights.dtype))
      throw new TypeError(`cov: aweights must be floating, got ${aweights.dtype}`)
    const f = fweights?.to(data.dtype) ?? null
    const a = aweights?.to(data.dtype) ?? null
    const w = f && a ? f.mul(a) : (f ?? a)
    if (!w) {
      const centred = data.sub(data.mean(1, { keepdim: true }))
      return matmul(centred, centred.mT)
        .div(Math.max(0, n - correction))
        .squeeze()
    }
    const total = w.sum()
    const centred = data.sub(data.mul(w).sum(1, { keepdim: true }).div(total))
    const lost = a ? w.mul(a).sum().div(total).mul(correction) : correction
    const count = total.sub(lost as Tensor)
    return matmul(centred, centred.mul(w).mT).div(count.relu()).squeeze()
  },
)

/** Pearson's correlation coefficients of variables (rows). torch.corrcoef. */
export const corrcoef = composite(
  'corrcoef',
  { torch: 'torch.corrcoef', samples: [{ inputs: [{ shape: [3, 5] }] }, { inputs: [{ shape: [5] }] }] },
  (x: Tensor): Tensor => {
    const c = cov(x)
    // 1, or NaN without variance; with gradient 0.
    if (c.ndim === 0) return c.detach().div(c.detach()).add(c.mul(0))
    const scale = c.diagonal().sqrt()
    return c.div(scale.unsqueeze(1)).div(scale.unsqueeze(0)).clamp(-1, 1)
  },
)
