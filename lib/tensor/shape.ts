/** The arithmetic of sizes and strides, with the errors that name both sides. No tensors here. */
import { inspect } from 'node:util'

/** Sizes of a tensor, one for each dimension. */
export type Shape = readonly number[]

/** Sizes that do not fit together. The message names the operation, both sides and what to change. */
export class ShapeError extends Error {
  override name = 'ShapeError'
}

/** `[2, 3]`: how sizes are written in messages; also what should have been sizes. */
export function show(shape: Shape): string {
  return Array.isArray(shape) ? `[${shape.join(', ')}]` : inspect(shape)
}

export function numel(shape: Shape): number {
  let n = 1
  for (const size of shape) n *= size
  return n
}

/** Row-major strides in elements. */
export function contiguousStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length)
  let step = 1
  for (let d = shape.length - 1; d >= 0; d--) {
    strides[d] = step
    step *= Math.max(shape[d], 1)
  }
  return strides
}

/** Whether elements lie in row-major order without gaps; strides of dims of size 1 do not matter. */
export function isContiguous(shape: Shape, strides: Shape): boolean {
  let step = 1
  for (let d = shape.length - 1; d >= 0; d--) {
    if (shape[d] === 0) return true
    if (shape[d] !== 1) {
      if (strides[d] !== step) return false
      step *= shape[d]
    }
  }
  return true
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true
  if (a.length !== b.length) return false
  for (let d = 0; d < a.length; d++) if (a[d] !== b[d]) return false
  return true
}

/** Sizes to which both broadcast. Throws ShapeError naming the dimension. */
export function broadcastShapes(op: string, a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a
  const dims = Math.max(a.length, b.length)
  const out = new Array<number>(dims)
  for (let d = 1; d <= dims; d++) {
    const sa = d <= a.length ? a[a.length - d] : 1
    const sb = d <= b.length ? b[b.length - d] : 1
    if (sa !== sb && sa !== 1 && sb !== 1)
      throw new ShapeError(
        `${op}: sizes ${show(a)} and ${show(b)} do not broadcast: dimension ${-d} has ${sa} and ${sb} (they must be equal, or one of them 1)`,
      )
    out[dims - d] = sa === 1 ? sb : sa
  }
  return out
}

/** A dimension counted from the end when negative, checked. 0-d tensors accept 0 and -1 as PyTorch does. */
export function wrapDim(op: string, dim: number, dims: number): number {
  const range = Math.max(dims, 1)
  if (!Number.isInteger(dim) || dim < -range || dim >= range)
    throw new RangeError(`${op}: dimension ${dim} is out of range, a ${dims}-d tensor has ${-range} to ${range - 1}`)
  return dim < 0 ? dim + range : dim
}

/** Several dimensions, sorted and without repeats; undefined or empty means all. */
export function wrapDims(op: string, dim: number | readonly number[] | undefined, dims: number): number[] {
  if (dim === undefined || (Array.isArray(dim) && dim.length === 0)) return Array.from({ length: dims }, (_, d) => d)
  const wrapped = (typeof dim === 'number' ? [dim] : [...dim]).map((d) => wrapDim(op, d, dims))
  wrapped.sort((x, y) => x - y)
  for (let i = 1; i < wrapped.length; i++)
    if (wrapped[i] === wrapped[i - 1])
      throw new RangeError(`${op}: dimension ${wrapped[i]} appears twice in ${show([dim].flat() as number[])}`)
  return dims === 0 ? [] : wrapped
}

/** Sizes after a reduction over `dims`. */
export function reducedShape(shape: Shape, dims: readonly number[], keepdim: boolean): number[] {
  return keepdim ? shape.map((size, d) => (dims.includes(d) ? 1 : size)) : shape.filter((_, d) => !dims.includes(d))
}

/** Fills in a single -1 and checks the number of elements. */
export function inferSizes(op: string, from: Shape, sizes: Shape): number[] {
  const total = numel(from)
  const unknown = sizes.indexOf(-1)
  for (const size of sizes)
    if (!Number.isInteger(size) || size < -1) throw new ShapeError(`${op}: ${size} is no size (in ${show(sizes)})`)
  if (sizes.lastIndexOf(-1) !== unknown)
    throw new ShapeError(`${op}: only one size can be inferred, ${show(sizes)} has several -1`)
  const known = sizes.reduce((product, size) => (size === -1 ? product : product * size), 1)
  const out = [...sizes]
  if (unknown >= 0) {
    if (known === 0) throw new ShapeError(`${op}: -1 in ${show(sizes)} could be any size, since another size is 0`)
    out[unknown] = total / known
  }
  if (!Number.isInteger(out[unknown] ?? 0) || numel(out) !== total)
    throw new ShapeError(`${op}: ${show(sizes)} does not hold the ${total} elements of ${show(from)}`)
  return out
}

/**
 * Strides under which the same memory reads as `sizes`, or null when only a copy can do that (Tensor.view's rule):
 * every new dimension must lie inside one block of old dimensions that are contiguous with each other.
 */
export function viewStrides(shape: Shape, strides: Shape, sizes: Shape): number[] | null {
  if (numel(shape) === 0) return contiguousStrides(sizes)
  const out = new Array<number>(sizes.length)
  let target = sizes.length - 1
  let step = strides.length ? strides[strides.length - 1] : 1
  let block = 1
  let filled = 1
  for (let d = shape.length - 1; d >= 0; d--) {
    block *= shape[d]
    if (d === 0 || (shape[d - 1] !== 1 && strides[d - 1] !== block * step)) {
      while (target >= 0 && (filled < block || sizes[target] === 1)) {
        out[target] = filled * step
        filled *= sizes[target]
        target--
      }
      if (filled !== block) return null
      if (d > 0) {
        step = strides[d - 1]
        block = 1
        filled = 1
      }
    }
  }
  for (; target >= 0; target--) out[target] = step
  return out
}
