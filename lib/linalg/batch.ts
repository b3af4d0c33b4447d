/**
 * Between tensors and the linear algebra of single matrices: checks, float64 copies of a batch, results in the input's dtype.
 * All factorisations compute in float64; float32 results are rounded from that.
 */
import { addon } from '../device/addon.js'
import { assertOnCpu } from '../ops/cpu-only.js'
import { checkInterrupt } from '../device/interrupt.js'
import { isFloating, type DType } from '../tensor/dtype.js'
import { numel, ShapeError, show, type Shape } from '../tensor/shape.js'
import { assertTensor, emptyTensor, type Tensor } from '../tensor/tensor.js'

/** A batch of matrices in float64, row-major one after another. */
export interface Batch {
  readonly count: number
  readonly rows: number
  readonly columns: number
  readonly data: Float64Array
}

/** Throws unless x is a floating tensor of at least two dimensions. */
export function assertMatrix(name: string, x: Tensor, what = 'the input'): void {
  assertTensor(name, what, x)
  if (x.ndim < 2)
    throw new ShapeError(`${name}: ${what} must be a matrix or a batch of matrices, got shape ${show(x.shape)}`)
  if (!isFloating(x.dtype))
    throw new TypeError(`${name}: ${what} must be floating, got ${x.dtype}; convert it with .float() first`)
}

/** The same for square matrices. */
export function assertSquare(name: string, x: Tensor, what = 'the input'): void {
  assertMatrix(name, x, what)
  if (x.shape[x.ndim - 1] !== x.shape[x.ndim - 2])
    throw new ShapeError(`${name}: ${what} must be a square matrix or a batch of them, got shape ${show(x.shape)}`)
}

/** Throws unless both have the same dtype. */
export function assertSameType(name: string, a: Tensor, b: Tensor): void {
  if (a.dtype !== b.dtype)
    throw new TypeError(`${name}: both tensors must have the same dtype, got ${a.dtype} and ${b.dtype}`)
}

/** The matrices of x as float64. Throws for a tensor on a device, in the name of the function. */
export function batchOf(x: Tensor, name: string): Batch {
  assertOnCpu(name, x)
  const [rows, columns] = x.shape.slice(-2) as [number, number]
  const data = x.detach().to('float64').toTypedArray() as Float64Array
  return { count: numel(x.shape.slice(0, -2)), rows, columns, data }
}

/** The numbers as a tensor of these sizes. */
export function tensorOf(data: Float64Array, shape: Shape, dtype: DType): Tensor {
  const y = emptyTensor(dtype, shape)
  if (data.length > 0) addon().write(y.handle, dtype === 'float32' ? Float32Array.from(data) : data)
  return y
}

/** Runs `body` for every matrix of a batch; a stop is possible between two of them. */
export function forEachMatrix({ count, rows, columns, data }: Batch, body: (a: Float64Array, i: number) => void): void {
  const size = rows * columns
  for (let i = 0; i < count; i++) {
    checkInterrupt()
    body(data.subarray(i * size, (i + 1) * size), i)
  }
}
