/** Writing at positions named by an index, and reading at flat positions: scatter, maskedScatter, take, takeAlongDim. */
import { addon, type TypedArray } from '../device/addon.js'
import {
  broadcastShapes,
  contiguousStrides,
  numel,
  sameShape,
  ShapeError,
  show,
  wrapDim,
  type Shape,
} from '../tensor/shape.js'
import { emptyTensor, Tensor } from '../tensor/tensor.js'
import { tensor } from './creation.js'
import { composite, defineOp, everyDType, type RunOp } from './define.js'
import { gather, indexSelect, nonzero, where } from './index-ops.js'
import { expand, narrow, reshape } from './shape.js'

function assertIndex(name: string, index: Tensor): void {
  if (index.dtype !== 'int64' && index.dtype !== 'int32')
    throw new TypeError(
      `${name}: the index must be int64 or int32, got ${index.dtype}; make it with { dtype: 'int64' } or convert it with .long()`,
    )
}

/** Flat positions in a contiguous tensor of sizes `shape` to which an index along `dim` points, in the index's order. */
function targets(name: string, shape: Shape, dim: number, index: Tensor): Float64Array {
  const strides = contiguousStrides(shape)
  const values = index.toTypedArray()
  const sizes: Shape = index.shape
  const at = new Array<number>(sizes.length).fill(0)
  const out = new Float64Array(values.length)
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i])
    if (value < 0 || value >= shape[dim])
      throw new RangeError(
        `${name}: index ${value} at position ${i} is outside of dimension ${dim} of ${show(shape)}, which has ${shape[dim]} positions`,
      )
    let position = 0
    for (let d = 0; d < at.length; d++) position += (d === dim ? value : at[d]) * strides[d]
    out[i] = position
    for (let d = at.length - 1; d >= 0 && ++at[d] === sizes[d]; d--) at[d] = 0
  }
  return out
}

const scatterOp: RunOp<{ x: Tensor; index: Tensor; source: Tensor }, { dim: number }> = defineOp<
  { x: Tensor; index: Tensor; source: Tensor },
  'index',
  { dim: number }
>('scatter', {
  torch: 'lambda x, source, dim, index: torch.scatter(x, dim, torch.tensor(index), source)',
  dtypes: everyDType,
  forward({ x, index, source }, { dim }) {
    const y = emptyTensor(x.dtype, x.shape)
    addon().copy(y.handle, x.handle)
    if (index.numel() === 0) return y
    const into = targets('scatter', x.shape, dim, index)
    const written: TypedArray = y.data()
    const values: TypedArray = source.toTypedArray()
    for (let i = 0; i < into.length; i++) written[into[i]] = values[i]
    return y
  },
  saves: ['index'],
  grad: {
    x: (dy, { index }, { params }) => scatter(dy, params.dim, index, 0),
    source: (dy, { index }, { params }) => gather(dy, params.dim, index),
  },
  samples: [
    {
      inputs: [{ shape: [3, 4] }, { shape: [3, 2] }],
      args: [
        1,
        [
          [0, 3],
          [1, 0],
          [2, 0],
        ],
      ],
    },
    {
      inputs: [{ shape: [3, 2] }, { shape: [2, 2] }],
      args: [
        0,
        [
          [0, 2],
          [1, 0],
        ],
      ],
    },
  ],
  call: (x: Tensor, source: Tensor, dim: number, index: number[][]) =>
    scatter(x, dim, tensor(index, { dtype: 'int64' }), source),
})

/**
 * x with `source` (a tensor, or one number) written element by element at positions along `dim`; of several values for one
 * position the last counts, and gradients are right only if there are none such. torch.scatter.
 * @throws RangeError for an index outside of the dimension, with its position.
 */
export function scatter(x: Tensor, dim: number, index: Tensor, source: Tensor | number): Tensor {
  assertIndex('scatter', index)
  const d = wrapDim('scatter', dim, x.ndim)
  const fits = (other: Tensor, except: number): boolean =>
    index.ndim === other.ndim && index.shape.every((size: number, i: number) => i === except || size <= other.shape[i])
  if (!fits(x, d) || (source instanceof Tensor && !fits(source, -1)))
    throw new ShapeError(
      `scatter: an index of shape ${show(index.shape)} does not fit ${show(x.shape)}` +
        `${source instanceof Tensor ? ` and source ${show(source.shape)}` : ''} along dimension ${dim}: same number of dimensions, and no larger`,
    )
  if (source instanceof Tensor) {
    if (source.dtype !== x.dtype)
      throw new TypeError(
        `scatter: source is ${source.dtype}, the tensor ${x.dtype}; convert it with .to('${x.dtype}')`,
      )
    const used = index.shape.reduce((s: Tensor, size: number, i: number) => narrow(s, i, 0, size), source) as Tensor
    return scatterOp({ x, index, source: used }, { dim: d })
  }
  const filled = emptyTensor(x.dtype, index.shape)
  addon().fill(filled.handle, source)
  return scatterOp({ x, index, source: filled }, { dim: d })
}

/** The elements of the flattened x at the positions `index`, in its shape; negative positions count from the end. torch.take. */
export const take: (x: Tensor, index: Tensor) => Tensor = composite(
  'take',
  {
    torch: 'lambda x, index: torch.take(x, torch.tensor(index))',
    dtypes: everyDType,
    samples: [
      {
        inputs: [{ shape: [2, 3] }],
        args: [
          [
            [5, 0],
            [-1, 2],
          ],
        ],
      },
    ],
    call: (x: Tensor, index: number[][]) => take(x, tensor(index, { dtype: 'int64' })),
  },
  (x: Tensor, index: Tensor): Tensor => {
    assertIndex('take', index)
    const wrapped = where(index.lt(0), index.add(x.numel()), index)
    return reshape(indexSelect(reshape(x, [-1]), 0, reshape(wrapped, [-1])), index.shape)
  },
)

/** Like gather, with x and index broadcast except along `dim`; without dim both are flattened. torch.take_along_dim. */
export const takeAlongDim: (x: Tensor, index: Tensor, dim?: number) => Tensor = composite(
  'takeAlongDim',
  {
    torch: 'lambda x, index, dim=None: torch.take_along_dim(x, torch.tensor(index), dim)',
    dtypes: everyDType,
    samples: [
      { inputs: [{ shape: [3, 4] }], args: [[[0], [3], [1]], 1] },
      { inputs: [{ shape: [3, 4] }], args: [[[2, 0, 1, 0]], 0] },
      { inputs: [{ shape: [3, 4] }], args: [[[7, 0]]] },
    ],
    call: (x: Tensor, index: number[][], dim?: number) => takeAlongDim(x, tensor(index, { dtype: 'int64' }), dim),
  },
  (x: Tensor, index: Tensor, dim?: number): Tensor => {
    if (dim === undefined) return gather(reshape(x, [-1]), 0, reshape(index, [-1]))
    const d = wrapDim('takeAlongDim', dim, x.ndim)
    if (index.ndim !== x.ndim)
      throw new ShapeError(
        `takeAlongDim: index ${show(index.shape)} and tensor ${show(x.shape)} need as many dimensions`,
      )
    const common = broadcastShapes('takeAlongDim', x.shape.with(d, 1), index.shape.with(d, 1))
    return gather(expand(x, common.with(d, x.shape[d])), d, expand(index, common.with(d, index.shape[d])))
  },
)

/** x with the elements where the bool mask holds taken from `source`, in order. torch.masked_scatter. */
export const maskedScatter: (x: Tensor, mask: Tensor, source: Tensor) => Tensor = composite(
  'maskedScatter',
  {
    torch: 'lambda x, m, source: torch.masked_scatter(x, m != 0, source)',
    dtypes: everyDType,
    samples: [{ inputs: [{ shape: [2, 3] }, [1, 0, 1], { shape: [5] }], skipGradcheck: 'the second input is a mask' }],
    call: (x: Tensor, mask: Tensor, source: Tensor) => maskedScatter(x, mask.to('bool'), source),
  },
  (x: Tensor, mask: Tensor, source: Tensor): Tensor => {
    if (mask.dtype !== 'bool') throw new TypeError(`maskedScatter: the mask must be bool, got ${mask.dtype}`)
    if (!sameShape(broadcastShapes('maskedScatter', x.shape, mask.shape), x.shape))
      throw new ShapeError(`maskedScatter: a mask of shape ${show(mask.shape)} does not broadcast to ${show(x.shape)}`)
    const index = reshape(nonzero(reshape(expand(mask, x.shape), [-1])), [-1])
    if (index.numel() > source.numel())
      throw new ShapeError(
        `maskedScatter: the mask asks for ${index.numel()} elements, source has ${numel(source.shape)}`,
      )
    return reshape(scatter(reshape(x, [-1]), 0, index, narrow(reshape(source, [-1]), 0, 0, index.numel())), x.shape)
  },
)
