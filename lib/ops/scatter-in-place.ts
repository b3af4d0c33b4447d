/** Writing at positions into the tensor itself: only what the index names is touched. */
import { isGradEnabled } from '../autograd/mode.js'
import { addon } from '../device/addon.js'
import { broadcastShapes, sameShape, ShapeError, show, wrapDim } from '../tensor/shape.js'
import { Tensor } from '../tensor/tensor.js'
import { changeInPlace, separateIndex, separateOperand, type InPlaceGradients } from './in-place.js'
import {
  assertFill,
  assertIndex,
  assertSlices,
  gather,
  indexedPart,
  indexSelect,
  maskedFill,
  type IndexAddOptions,
} from './index-ops.js'
import {
  fillPlan,
  flatPositions,
  indexOfSlices,
  maskedScatter,
  put,
  scatter,
  scatterKind,
  scatterReduce,
  type PutOptions,
  type ScatterOptions,
  type ScatterReduceOptions,
  type ReductionArgument,
  type ScatterReduction,
} from './scatter.js'
import { expand, reshape, view } from './shape.js'
import { readOptions } from '../tensor/options.js'

/** The change of x by a function that needs the old x for its gradient: computed beside it and copied. */
function replace<T extends Tensor>(x: T, changed: (before: Tensor) => Tensor): T {
  return x.copy_(changed(isGradEnabled() && x.requiresGrad ? x.clone() : x))
}

/** Runs a native scatter on x with the gradients of replacing ('set') or adding. */
function write<T extends Tensor>(
  name: string,
  x: T,
  kind: 'set' | 'add',
  dim: number,
  positions: Tensor,
  source: Tensor | number,
): T {
  if (positions.numel() === 0) return x
  const index = separateIndex(name, x, positions)
  const values = source instanceof Tensor ? separateOperand(x, source) : source
  const others: Record<string, Tensor> = values instanceof Tensor ? { source: values } : {}
  const gradients: InPlaceGradients = {
    self: (dy) => (kind === 'add' ? dy : scatter(dy, dim, index, 0)),
    ...(values instanceof Tensor ? { source: (dy: Tensor) => gather(dy, dim, index) } : {}),
  }
  const operand = values instanceof Tensor ? values.handle : values
  return changeInPlace(name, x, others, () => addon().scatter(kind, x.handle, dim, index.handle, operand), gradients, [
    index,
  ])
}

/** In place: `source` (a tensor, or one number) written element by element at positions along `dim`. torch.Tensor.scatter_. */
export function scatter_<T extends Tensor>(
  x: T,
  dim: number,
  index: Tensor,
  source: Tensor | number,
  options?: ScatterOptions,
): T {
  const { reduce } = readOptions('scatter_', options, { reduce: undefined })
  const d = wrapDim('scatter_', dim, x.ndim)
  const used = indexedPart('scatter_', x, d, index, source instanceof Tensor ? source : null)
  const kind = scatterKind('scatter_', reduce)
  if (kind === 'mul') return replace(x, (before) => scatter(before, d, index, source, { reduce }))
  return write('scatter_', x, kind === 'add' ? 'add' : 'set', d, index, used ?? (source as number))
}

/** In place: `source` added element by element at positions along `dim`. torch.Tensor.scatter_add_. */
export function scatterAdd_<T extends Tensor>(x: T, dim: number, index: Tensor, source: Tensor): T {
  const d = wrapDim('scatterAdd_', dim, x.ndim)
  return write('scatterAdd_', x, 'add', d, index, indexedPart('scatterAdd_', x, d, index, source) as Tensor)
}

/** In place: values for one position along `dim` reduced to one. torch.Tensor.scatter_reduce_. */
export function scatterReduce_<T extends Tensor>(
  x: T,
  dim: number,
  index: Tensor,
  source: Tensor,
  reduce: ReductionArgument,
  options?: ScatterReduceOptions,
): T {
  return replace(x, (before) => scatterReduce(before, dim, index, source, reduce, options))
}

/** In place: the slices of `source`, times alpha, added at positions along `dim`. torch.Tensor.index_add_. */
export function indexAdd_<T extends Tensor>(
  x: T,
  dim: number,
  index: Tensor,
  source: Tensor,
  options?: IndexAddOptions,
): T {
  const { alpha } = readOptions('indexAdd_', options, { alpha: 1 })
  assertIndex('indexAdd_', index)
  const d = wrapDim('indexAdd_', dim, x.ndim)
  assertSlices('indexAdd_', x, d, index, source)
  const values = separateOperand(x, alpha === 1 ? source : source.mul(alpha))
  const at = separateIndex('indexAdd_', x, index.ndim === 0 ? reshape(index, [1]) : index)
  return changeInPlace(
    'indexAdd_',
    x,
    { source: values },
    () => addon().indexWrite('add', x.handle, d, at.handle, values.handle),
    { self: (dy) => dy, source: (dy) => (x.ndim === 0 ? dy : indexSelect(dy, d, at)) },
    [at],
  )
}

/** In place: the slices at positions along `dim` replaced by those of `source`. torch.Tensor.index_copy_. */
export function indexCopy_<T extends Tensor>(x: T, dim: number, index: Tensor, source: Tensor): T {
  assertIndex('indexCopy_', index)
  const d = wrapDim('indexCopy_', dim, x.ndim)
  assertSlices('indexCopy_', x, d, index, source)
  return write('indexCopy_', x, 'set', d, indexOfSlices(index, d, source.shape), source)
}

/** In place: the slices at positions along `dim` filled with a number. torch.Tensor.index_fill_. */
export function indexFill_<T extends Tensor>(x: T, dim: number, index: Tensor, value: number | Tensor): T {
  const { d, at, filling } = fillPlan('indexFill_', x, dim, index, value)
  return write('indexFill_', x, 'set', d, at, filling instanceof Tensor ? expand(filling, at.shape) : filling)
}

/** In place: the slices of `source` reduced in at positions along `dim`. torch.Tensor.index_reduce_. */
export function indexReduce_<T extends Tensor>(
  x: T,
  dim: number,
  index: Tensor,
  source: Tensor,
  reduce: ReductionArgument<Exclude<ScatterReduction, 'sum'>>,
  options?: ScatterReduceOptions,
): T {
  return replace(x, (before) => before.indexReduce(dim, index, source, reduce, options))
}

/** In place: elements of `source` at positions of the flattened tensor. torch.Tensor.put_. */
export function put_<T extends Tensor>(x: T, index: Tensor, source: Tensor, options: PutOptions = {}): T {
  if (!x.isContiguous()) return replace(x, (before) => put(before, index, source, options))
  const at = separateIndex('put_', x, flatPositions('put_', x, index))
  const kind = options.accumulate ? scatterAdd_ : scatter_
  if (source.numel() !== at.numel())
    throw new ShapeError(`put_: ${at.numel()} positions for the ${source.numel()} elements of source`)
  kind(view(x, [-1]), 0, at, reshape(source, [-1]))
  return x
}

/** In place: elements of `source` where the mask holds, in order. torch.Tensor.masked_scatter_. */
export function maskedScatter_<T extends Tensor>(x: T, mask: Tensor, source: Tensor): T {
  return replace(x, (before) => maskedScatter(before, mask, source))
}

/** In place: `value` (a number or a 0-d tensor) where the bool mask holds. torch.Tensor.masked_fill_. */
export function maskedFill_<T extends Tensor>(x: T, mask: Tensor, value: number | Tensor): T {
  assertFill('maskedFill_', mask, value)
  if (!sameShape(broadcastShapes('maskedFill_', x.shape, mask.shape), x.shape))
    throw new ShapeError(`maskedFill_: a mask of shape ${show(mask.shape)} does not broadcast to ${show(x.shape)}`)
  const filling = value instanceof Tensor ? separateOperand(x, value.to(x.dtype)) : value
  const held = separateOperand(x, mask)
  return changeInPlace(
    'maskedFill_',
    x,
    filling instanceof Tensor ? { value: filling } : {},
    () => addon().where(x.handle, held.handle, filling instanceof Tensor ? filling.handle : filling, x.handle),
    {
      self: (dy) => maskedFill(dy, held, 0),
      ...(filling instanceof Tensor ? { value: (dy: Tensor) => maskedFill(dy, held.logicalNot(), 0).sum() } : {}),
    },
    [held],
  )
}
