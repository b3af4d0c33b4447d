/** Reductions over some or all dimensions, and the positions of extremes. */
import { gradName, Node, type Backward } from '../autograd/node.js'
import { isGradEnabled } from '../autograd/mode.js'
import { addon, type ReduceOp } from '../device/addon.js'
import { checkInterrupt } from '../device/interrupt.js'
import { isFloating, type DType } from '../tensor/dtype.js'
import { numel, reducedShape, sameShape, ShapeError, show, wrapDim, wrapDims, type Shape } from '../tensor/shape.js'
import { emptyTensor, type Tensor } from '../tensor/tensor.js'
import { readOptions, readCall, type Defaults, type Filled } from '../tensor/options.js'
import { composite, defineOp, everyDType, inputEdges, numeric, recordVariadic, standAlone } from './define.js'
import { productOfOthers } from './scan.js'
import { expand, reshape, squeeze } from './shape.js'

/** One dimension, several, or all when left out. */
export type Dims = number | readonly number[] | undefined

/** Settings of a reduction. */
export interface ReduceOptions {
  /** One dimension or several, unless they were given before. Default: all. */
  dim?: Dims
  /** Keep reduced dimensions with size 1. Default false. */
  keepdim?: boolean
}

/** Settings of a reduction along one dimension, named among them. */
export interface DimOptions extends ReduceOptions {
  /** The dimension. */
  dim: number
}

/** Settings of sum, mean and prod. */
export interface SumOptions extends ReduceOptions {
  /** Convert to this dtype first. Default: the tensor's own if floating, else int64. */
  dtype?: DType
}

interface ReduceParams {
  dims: readonly number[]
  keepdim: boolean
}

const cube = { shape: [2, 3, 4] }
const samples = [
  { inputs: [cube] },
  { inputs: [cube], args: [1] },
  { inputs: [cube], args: [[0, -1]], options: { keepdim: true } },
  { inputs: [5] },
]
const withEmpty = [...samples, { inputs: [{ shape: [0, 3] }], args: [0] }]

function reduced(op: ReduceOp, x: Tensor, { dims, keepdim }: ReduceParams, dtype: DType): Tensor {
  const out = emptyTensor(dtype, reducedShape(x.shape, dims, true), x.device)
  addon().reduce(op, out.handle, x.handle, dims)
  return keepdim ? out : reshape(out, reducedShape(x.shape, dims, false))
}

/** A reduced gradient spread over the sizes before the reduction. */
function spread(dy: Tensor, { dims, keepdim }: ReduceParams, shape: Shape): Tensor {
  return expand(keepdim ? dy : reshape(dy, reducedShape(shape, dims, true)), shape)
}

/** Their defaults. */
export const reduceDefaults = { dim: undefined, keepdim: false } as const satisfies Defaults<ReduceOptions>
const sumDefaults = { ...reduceDefaults, dtype: undefined } as const satisfies Defaults<SumOptions>
export const varianceDefaults = {
  ...reduceDefaults,
  correction: undefined,
  unbiased: true,
} as const satisfies Defaults<VarianceOptions>

/** Options as they were given, last or in the place of the dimension. */
export const reduceSettings = (
  name: string,
  dim: unknown,
  options: unknown,
): Filled<ReduceOptions, typeof reduceDefaults> =>
  readCall<ReduceOptions, typeof reduceDefaults>(name, ['dim'], [dim, options], reduceDefaults)

function parse(name: string, x: Tensor, dim: Dims | ReduceOptions, options?: ReduceOptions): ReduceParams {
  return paramsOf(name, x, reduceSettings(name, dim, options))
}

const paramsOf = (name: string, x: Tensor, { dim, keepdim = false }: ReduceOptions): ReduceParams => ({
  dims: wrapDims(name, dim, x.ndim),
  keepdim,
})

/** Runs a reduction in the dtype that the options ask for. */
function inDType(
  name: string,
  x: Tensor,
  dim: Dims | SumOptions,
  options: SumOptions | undefined,
  run: (x: Tensor, options: SumOptions) => Tensor,
): Tensor {
  const settings = readCall<SumOptions, typeof sumDefaults>(name, ['dim'], [dim, options], sumDefaults)
  return settings.dtype ? run(x.to(settings.dtype), settings).to(settings.dtype) : run(x, settings)
}

const sumOp = defineOp<{ x: Tensor }, never, ReduceParams>('sum', {
  torch: 'torch.sum',
  dtypes: everyDType,
  forward: ({ x }, params) => reduced('sum', x, params, isFloating(x.dtype) ? x.dtype : 'int64'),
  grad: { x: (dy, _, { params, shapes }) => spread(dy, params, shapes.x) },
  samples: [
    ...withEmpty,
    { inputs: [cube], options: { dtype: 'float64' } },
    { inputs: [cube], args: [1], options: { dtype: 'float64' } },
    { inputs: [cube], options: { dim: [0, 1], keepdim: true } },
  ],
  call: (x: Tensor, dim?: Dims | SumOptions, options?: SumOptions) => x.sum(dim, options),
})

/** Sum; integers and bools add up in int64. torch.sum. */
export function sum(x: Tensor, dim?: Dims | SumOptions, options?: SumOptions): Tensor {
  return inDType('sum', x, dim, options, (x, settings) => sumOp({ x }, paramsOf('sum', x, settings)))
}

const meanOp = defineOp<{ x: Tensor }, never, ReduceParams>('mean', {
  torch: 'torch.mean',
  forward: ({ x }, params) => reduced('mean', x, params, x.dtype),
  grad: {
    x: (dy, _, { params, shapes }) => spread(dy.div(numel(params.dims.map((d) => shapes.x[d]))), params, shapes.x),
  },
  samples,
  call: (x: Tensor, dim?: Dims | SumOptions, options?: SumOptions) => x.mean(dim, options),
})

/** Mean of a floating tensor. Throws TypeError for integers, as PyTorch does. torch.mean. */
export function mean(x: Tensor, dim?: Dims | SumOptions, options?: SumOptions): Tensor {
  return inDType('mean', x, dim, options, (x, settings) => {
    if (!isFloating(x.dtype))
      throw new TypeError(`mean: needs a floating tensor, got ${x.dtype}; convert it with .float() first`)
    return meanOp({ x }, paramsOf('mean', x, settings))
  })
}

/** Options of variance and std. */
export interface VarianceOptions extends ReduceOptions {
  /** Subtracted from the count. Default 1: Bessel's correction. */
  correction?: number
  /** Older form: true is correction 1, false is correction 0. */
  unbiased?: boolean
}

/** Mean square deviation of a floating tensor; `correction` is subtracted from the count (default 1). torch.var. */
export const variance = composite(
  'var',
  { torch: 'torch.var', samples: [...samples.slice(0, 3), { inputs: [cube], args: [1], options: { correction: 0 } }] },
  (x: Tensor, given?: Dims | VarianceOptions, options?: VarianceOptions): Tensor => {
    const { dim, keepdim, correction, unbiased } = readCall<VarianceOptions, typeof varianceDefaults>(
      'var',
      ['dim'],
      [given, options],
      varianceDefaults,
    )
    const dims = wrapDims('var', dim, x.ndim)
    const count = numel(dims.map((d) => x.shape[d]))
    const centred = x.sub(mean(x, dims, { keepdim: true }))
    return sum(centred.square(), dims, { keepdim }).div(Math.max(0, count - (correction ?? Number(unbiased))))
  },
)

/** √Σx² in one pass; its gradient is 0 where it is 0. */
export function euclideanNorm(x: Tensor, dim: Dims, options?: ReduceOptions): Tensor {
  checkInterrupt()
  const params = parse('norm', x, dim, options)
  const y = reduced('norm', x, params, x.dtype)
  const edges = isGradEnabled() ? inputEdges([x]) : null
  if (!edges) return y
  const backward: Backward = ([dy]) => {
    if (!dy) return [null]
    const zero = y.detach().eq(0)
    return [x.mul(spread(zero.where(0, dy.div(zero.where(1, y))), params, x.shape))]
  }
  standAlone(y, [x])
  y.gradFn = new Node(gradName('vectorNorm'), edges, 1, backward, [x, y])
  return y
}

/** √s with gradient 0 at 0, where the root's own slope is infinite. */
export function rootOf(s: Tensor): Tensor {
  const zero = s.detach().eq(0)
  return zero.where(0, zero.where(1, s).sqrt())
}

/** Standard deviation, the root of `var`; its gradient is 0 where it is 0. torch.std. */
export const std = composite(
  'std',
  { torch: 'torch.std', samples: samples.slice(0, 3) },
  (x: Tensor, dim?: Dims | VarianceOptions, options?: VarianceOptions): Tensor => rootOf(variance(x, dim, options)),
)

/** ln Σ eˣ without overflow. torch.logsumexp. */
export const logsumexp = composite(
  'logsumexp',
  {
    torch: 'torch.logsumexp',
    samples: [
      { inputs: [cube], args: [1] },
      {
        inputs: [
          [
            [1000, 1000],
            [-1000, 0],
          ],
        ],
        args: [1],
        options: { keepdim: true },
      },
    ],
  },
  (x: Tensor, given: Dims | ReduceOptions, options?: ReduceOptions): Tensor => {
    const { dim, keepdim } = reduceSettings('logsumexp', given, options)
    const dims = wrapDims('logsumexp', dim, x.ndim)
    const peak = amax(x.detach(), dims, { keepdim: true })
    const safe = peak.isfinite().where(peak, 0)
    const total = x.sub(safe).exp().sum(dims, { keepdim: true }).log().add(safe)
    return keepdim ? total : reshape(total, reducedShape(x.shape, dims, false))
  },
)

function extreme(name: 'amax' | 'amin', op: 'max' | 'min') {
  return defineOp<{ x: Tensor }, 'x' | 'y', ReduceParams>(name, {
    torch: `torch.${name}`,
    dtypes: everyDType,
    forward({ x }, params) {
      if (params.dims.some((d) => x.shape[d] === 0) || (x.numel() === 0 && params.dims.length === 0))
        throw new ShapeError(
          `${op}: there is no ${op === 'max' ? 'largest' : 'smallest'} of no elements (shape ${show(x.shape)})`,
        )
      return reduced(op, x, params, x.dtype)
    },
    saves: ['x', 'y'],
    grad: {
      // Equal extremes share the gradient.
      x(dy, { x, y }, { params, shapes }) {
        const mask = x.eq(spread(y, params, shapes.x)).to(dy.dtype)
        return mask.mul(spread(dy, params, shapes.x)).div(mask.sum(params.dims, { keepdim: true }))
      },
    },
    samples,
    call: (x: Tensor, dim?: Dims | ReduceOptions, options?: ReduceOptions) =>
      (name === 'amax' ? amax : amin)(x, dim, options),
  })
}

const amaxOp = extreme('amax', 'max')
const aminOp = extreme('amin', 'min')

/** Largest element; several share the gradient. torch.amax. */
export function amax(x: Tensor, dim?: Dims | ReduceOptions, options?: ReduceOptions): Tensor {
  return amaxOp({ x }, parse('amax', x, dim, options))
}

/** Smallest element; several share the gradient. torch.amin. */
export function amin(x: Tensor, dim?: Dims | ReduceOptions, options?: ReduceOptions): Tensor {
  return aminOp({ x }, parse('amin', x, dim, options))
}

export interface ValuesIndices {
  values: Tensor
  /** int64 positions along the reduced dimension. */
  indices: Tensor
}

/** Values and positions of the extremes along one dimension. */
export function extremeWithIndex(op: 'max' | 'min', x: Tensor, dim: number, options?: ReduceOptions): ValuesIndices {
  const { keepdim } = readOptions(op, options, reduceDefaults)
  const d = wrapDim(op, dim, x.ndim)
  const wide = x.ndim === 0 ? reshape(x, [1]) : x
  if (wide.shape[d] === 0) throw new ShapeError(`${op}: dimension ${dim} of ${show(x.shape)} is empty`)
  const shape = reducedShape(wide.shape, [d], true)
  const values = emptyTensor(x.dtype, shape, x.device)
  const indices = emptyTensor('int64', shape, x.device)
  addon().reduceWithIndex(op, values.handle, indices.handle, wide.handle, d)
  recordVariadic(op, values, [wide], (dy) => {
    const dx = emptyTensor(dy.dtype, wide.shape)
    addon().fill(dx.handle, 0)
    return dx.scatterAdd(d, indices, dy)
  })
  return keepdim && x.ndim > 0 ? { values, indices } : { values: squeeze(values, d), indices: squeeze(indices, d) }
}

const first = {
  inputs: [
    [
      [1, 5, 2],
      [7, 0, 7],
    ],
  ],
  args: [1],
}

composite(
  'max',
  {
    torch: 'lambda x, dim: torch.max(x, dim).values',
    dtypes: numeric,
    samples: [{ inputs: [cube], args: [1] }],
    call: (x: Tensor, dim: number) => extremeWithIndex('max', x, dim).values,
  },
  extremeWithIndex,
)
composite(
  'min',
  {
    torch: 'lambda x, dim: torch.min(x, dim).values',
    dtypes: numeric,
    samples: [{ inputs: [cube], args: [0] }],
    call: (x: Tensor, dim: number) => extremeWithIndex('min', x, dim).values,
  },
  extremeWithIndex,
)

function argExtreme(name: 'argmax' | 'argmin', op: 'max' | 'min') {
  return composite(
    name,
    {
      torch: `torch.${name}`,
      dtypes: numeric,
      gradient: 'the result is a position',
      samples: [first, { inputs: [cube] }, { inputs: [cube], args: [-1], options: { keepdim: true } }],
    },
    (x: Tensor, given?: number | ReduceOptions, options?: ReduceOptions): Tensor => {
      const { dim: dims, keepdim } = reduceSettings(name, given, options)
      const dim = dims === undefined ? undefined : wrapDims(name, dims, x.ndim)[0]
      const flat = dim === undefined ? reshape(x, [-1]) : x.ndim === 0 ? reshape(x, [1]) : x
      const d = wrapDim(name, dim ?? 0, flat.ndim)
      if (flat.shape[d] === 0) throw new ShapeError(`${name}: dimension ${d} of ${show(x.shape)} is empty`)
      const indices = emptyTensor('int64', reducedShape(flat.shape, [d], true), x.device)
      addon().reduceWithIndex(op, null, indices.handle, flat.handle, d)
      return keepdim && dim !== undefined ? indices : squeeze(indices, d)
    },
  )
}

/** Position of the largest element along `dim`, or in the flattened tensor; the first on ties. int64. torch.argmax. */
export const argmax = argExtreme('argmax', 'max')
/** Position of the smallest element along `dim`, or in the flattened tensor; the first on ties. int64. torch.argmin. */
export const argmin = argExtreme('argmin', 'min')

function logical(name: 'any' | 'all') {
  return composite(
    name,
    {
      torch: `torch.${name}`,
      dtypes: everyDType,
      gradient: 'the result is bool',
      samples: [
        {
          inputs: [
            [
              [0, 1],
              [1, 1],
            ],
          ],
        },
        {
          inputs: [
            [
              [0, 1],
              [1, 1],
            ],
          ],
          args: [1],
        },
      ],
    },
    (x: Tensor, dim?: Dims | ReduceOptions, options?: ReduceOptions): Tensor => {
      const found = reduced(name, x.to('bool'), parse(name, x, dim, options), 'bool')
      return x.dtype === 'uint8' ? found.to('uint8') : found
    },
  )
}

/** Whether any element is non-zero, as bool (uint8 for uint8, as in PyTorch). torch.any. */
export const any = logical('any')
/** Whether all elements are non-zero, as bool (uint8 for uint8, as in PyTorch). torch.all. */
export const all = logical('all')

const prodOp = defineOp<{ x: Tensor }, 'x' | 'y', ReduceParams>('prod', {
  torch: 'torch.prod',
  dtypes: everyDType,
  forward: ({ x }, params) => reduced('prod', x, params, isFloating(x.dtype) ? x.dtype : 'int64'),
  saves: ['x', 'y'],
  grad: {
    x(dy, { x, y }, { params, shapes }) {
      // Dividing by x is quicker, but says nothing where x is 0.
      if (x.detach().eq(0).any().item() === 0) return spread(dy.mul(y), params, shapes.x).div(x)
      const all = params.dims.length !== 1
      const others = all ? reshape(productOfOthers(reshape(x, [-1]), 0), shapes.x) : productOfOthers(x, params.dims[0])
      return spread(dy, params, shapes.x).mul(others)
    },
  },
  samples: [
    { inputs: [{ shape: [2, 3], low: 0.5, high: 2 }] },
    { inputs: [{ shape: [2, 3], low: 0.5, high: 2 }], args: [1] },
    { inputs: [[2, 0, 3]] },
    {
      inputs: [
        [
          [2, 0, 3],
          [0, 4, 0],
          [1, 2, 3],
        ],
      ],
      args: [1],
    },
  ],
  call: (x: Tensor, dim?: number | SumOptions, options?: SumOptions) => prod(x, dim, options),
})

/** Product of all elements or along one dimension; integers multiply in int64. torch.prod. */
export function prod(x: Tensor, dim?: number | SumOptions, options?: SumOptions): Tensor {
  return inDType('prod', x, dim, options, (x, settings) => prodOp({ x }, paramsOf('prod', x, settings)))
}

/** Sums away what broadcasting added, down to `shape`. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x
  const added = x.ndim - shape.length
  const dims: number[] = []
  for (let d = 0; d < x.ndim; d++) if (d < added || (shape[d - added] === 1 && x.shape[d] !== 1)) dims.push(d)
  return reshape(dims.length ? sum(x, dims, { keepdim: true }) : x, shape)
}
