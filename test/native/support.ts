/** Helpers for tests of the native engine: tensors from arrays, arrays from tensors, plain reference loops. */
import { addon, dtypeCodes, type Handle, type TypedArray } from '../../lib/device/addon.js'

export type DTypeName = keyof typeof dtypeCodes

/** A number array in the array type of a dtype. */
export function typedArray(dtype: DTypeName, values: readonly number[]): TypedArray {
  switch (dtype) {
    case 'float32':
      return Float32Array.from(values)
    case 'float64':
      return Float64Array.from(values)
    case 'int32':
      return Int32Array.from(values)
    case 'int64':
      return BigInt64Array.from(values, (value) => BigInt(value))
    case 'uint8':
    case 'bool':
      return Uint8Array.from(values)
  }
}

export function count(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1)
}

export function make(shape: readonly number[], values: readonly number[], dtype: DTypeName = 'float32'): Handle {
  const handle = addon().empty(dtypeCodes[dtype], shape)
  addon().write(handle, typedArray(dtype, values))
  return handle
}

export function empty(shape: readonly number[], dtype: DTypeName = 'float32'): Handle {
  return addon().empty(dtypeCodes[dtype], shape)
}

/** The elements in row-major order. */
export function values(handle: Handle, size: number, dtype: DTypeName = 'float32'): number[] {
  const array = typedArray(dtype, new Array<number>(size).fill(0))
  addon().read(handle, array)
  return Array.from(array as ArrayLike<number | bigint>, Number)
}

/** Deterministic numbers in [-1, 1), exact in float32. */
export function noise(size: number, seed = 1): number[] {
  let state = seed * 2654435761
  return Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return Math.fround(state / 2 ** 31)
  })
}

/** The id of an elementwise op. */
export function op(name: string): number {
  const id = addon().elementwiseOps().indexOf(name)
  if (id < 0) throw new Error(`there is no elementwise op ${name}`)
  return id
}

export function strides(shape: readonly number[]): number[] {
  const result = new Array<number>(shape.length).fill(1)
  for (let dim = shape.length - 2; dim >= 0; dim--) result[dim] = (result[dim + 1] ?? 1) * (shape[dim + 1] ?? 1)
  return result
}

/** The largest |a - b| / (1 + |b|); NaN and infinities must agree exactly. */
export function distance(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) return Infinity
  let largest = 0
  for (let i = 0; i < a.length; i++) {
    const x = a[i] ?? 0
    const y = b[i] ?? 0
    if (Object.is(x, y) || x === y) continue
    if (!Number.isFinite(x) || !Number.isFinite(y)) return Infinity
    largest = Math.max(largest, Math.abs(x - y) / (1 + Math.abs(y)))
  }
  return largest
}
