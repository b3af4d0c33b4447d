/** Putting tensors together and taking them apart: cat, stack, split, chunk, unbind. */
import { addon } from '../device/addon.js'
import { promoteTypes } from '../tensor/dtype.js'
import { sameShape, ShapeError, show, wrapDim } from '../tensor/shape.js'
import { assertTensor, emptyTensor, type Tensor } from '../tensor/tensor.js'
import { assertIntegers, assertList, named, type OrNamed } from '../tensor/options.js'
import { composite, everyDType, recordVariadic } from './define.js'
import { narrow, select, unsqueeze } from './shape.js'

const parts = { inputs: [{ shape: [2, 3] }, { shape: [1, 3] }] }

/** Tensors one after the other along `dim`; all other sizes must agree. torch.cat. */
export const cat: (tensors: readonly Tensor[], dim?: OrNamed<'dim', number>) => Tensor = composite(
  'cat',
  {
    torch: 'lambda a, b, dim=0: torch.cat((a, b), dim)',
    dtypes: everyDType,
    samples: [
      parts,
      { inputs: [{ shape: [2, 1] }, { shape: [2, 3] }], args: [1] },
      { inputs: [{ shape: [2, 1] }, { shape: [2, 3] }], options: { dim: -1 } },
    ],
    call: (a: Tensor, b: Tensor, dim?: OrNamed<'dim', number>) => cat([a, b], dim),
  },
  (tensors: readonly Tensor[], along: OrNamed<'dim', number> = 0): Tensor => {
    const dim = named('cat', 'dim', along) ?? 0
    assertList('cat', 'tensors', tensors)
    tensors.forEach((t, i) => assertTensor('cat', `entry ${i}`, t))
    if (tensors.length === 0) throw new Error('cat: needs at least one tensor, got an empty list')
    const first = tensors.find((t) => t.ndim !== 1 || t.shape[0] !== 0) ?? tensors[0]
    const used = tensors.filter((t) => t === first || t.ndim !== 1 || t.shape[0] !== 0)
    if (first.ndim === 0) throw new ShapeError('cat: 0-d tensors cannot be concatenated; use stack()')
    const d = wrapDim('cat', dim, first.ndim)
    used.forEach((t, i) => {
      if (t.ndim !== first.ndim || t.shape.some((size: number, k: number) => k !== d && size !== first.shape[k]))
        throw new ShapeError(
          `cat: tensor ${i} has shape ${show(t.shape)}, tensor 0 ${show(first.shape)}; sizes must agree except in dimension ${d}`,
        )
    })
    const dtype = used.reduce((type, t) => promoteTypes(type, t.dtype), first.dtype)
    const converted = used.map((t) => t.to(dtype))
    const starts: number[] = []
    let total = 0
    for (const t of converted) {
      starts.push(total)
      total += t.shape[d]
    }
    const y = emptyTensor(dtype, first.shape.with(d, total))
    converted.forEach((t, i) => addon().copy(narrow(y, d, starts[i], t.shape[d]).handle, t.handle))
    return recordVariadic('cat', y, converted, (dy, i) => narrow(dy, d, starts[i], converted[i].shape[d]))
  },
)

/** Tensors of one shape along a new dimension. torch.stack. */
export const stack: (tensors: readonly Tensor[], dim?: OrNamed<'dim', number>) => Tensor = composite(
  'stack',
  {
    torch: 'lambda a, b, dim=0: torch.stack((a, b), dim)',
    dtypes: everyDType,
    samples: [
      { inputs: [{ shape: [2, 3] }, { shape: [2, 3] }], args: [1] },
      { inputs: [1, 2], options: { dim: -1 } },
    ],
    call: (a: Tensor, b: Tensor, dim?: OrNamed<'dim', number>) => stack([a, b], dim),
  },
  (tensors: readonly Tensor[], along: OrNamed<'dim', number> = 0): Tensor => {
    const dim = named('stack', 'dim', along) ?? 0
    assertList('stack', 'tensors', tensors)
    tensors.forEach((t, i) => {
      assertTensor('stack', `entry ${i}`, t)
      if (!sameShape(t.shape, tensors[0].shape))
        throw new ShapeError(
          `stack: tensor ${i} has shape ${show(t.shape)}, tensor 0 ${show(tensors[0].shape)}; all must have the same`,
        )
    })
    return cat(
      tensors.map((t) => unsqueeze(t, dim)),
      dim,
    )
  },
)

/** Pieces of `size` positions along `dim` (the last may be smaller), or pieces of the listed sizes. Views. torch.split. */
export function split(x: Tensor, size: number | readonly number[], along: OrNamed<'dim', number> = 0): Tensor[] {
  const dim = named('split', 'dim', along) ?? 0
  const d = wrapDim('split', dim, x.ndim)
  const total: number = x.shape[d]
  if (typeof size === 'number' && !(Number.isInteger(size) && size > 0))
    throw new RangeError(`split: size must be a positive integer, got ${size}`)
  if (typeof size !== 'number') assertList('split', 'sizes', size)
  const sizes =
    typeof size === 'number'
      ? Array.from({ length: Math.max(1, Math.ceil(total / size)) }, (_, i) => Math.min(size, total - i * size))
      : size
  const sum = sizes.reduce((a, b) => a + b, 0)
  if (sum !== total)
    throw new ShapeError(
      `split: sizes ${show(sizes)} add up to ${sum}, dimension ${dim} of ${show(x.shape)} has ${total}`,
    )
  let start = 0
  return sizes.map((length) => {
    const piece = narrow(x, d, start, length)
    start += length
    return piece
  })
}

/** At most `chunks` pieces of equal size along `dim`. Views. torch.chunk. */
export function chunk(x: Tensor, chunks: number, along: OrNamed<'dim', number> = 0): Tensor[] {
  const dim = named('chunk', 'dim', along) ?? 0
  assertIntegers('chunk', { chunks }, 1)
  return split(x, Math.max(1, Math.ceil(x.size(dim) / chunks)), dim)
}

/** The slices along `dim`, without it. Views. torch.unbind. */
export function unbind(x: Tensor, along: OrNamed<'dim', number> = 0): Tensor[] {
  const dim = named('unbind', 'dim', along) ?? 0
  return Array.from({ length: x.size(dim) }, (_, i) => select(x, dim, i))
}
