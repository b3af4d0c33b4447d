/** Where two values first differ: numbers, text, arrays, tensors and plain objects, to the element. */
import { show } from '../tensor/shape.js'
import { Tensor } from '../tensor/tensor.js'

/** Values with their sizes, as both a tensor and nested arrays have them. */
export interface Values {
  readonly shape: readonly number[]
  readonly data: Float64Array
}

/** Tensors, numbers and nested arrays of numbers as values; null for anything else. */
export function valuesOf(value: unknown): Values | null {
  if (value instanceof Tensor) return { shape: value.shape, data: Float64Array.from(value.toTypedArray(), Number) }
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return { shape: [], data: Float64Array.of(Number(value)) }
  if (ArrayBuffer.isView(value) && !(value instanceof DataView))
    return { shape: [value.byteLength / bytesOf(value)], data: Float64Array.from(value as Float64Array, Number) }
  if (!Array.isArray(value)) return null
  const parts = value.map(valuesOf)
  if (parts.some((part) => part === null)) return null
  const known = parts as Values[]
  const shape = known[0]?.shape ?? []
  if (known.some((part) => String(part.shape) !== String(shape))) return null
  return { shape: [value.length, ...shape], data: Float64Array.from(known.flatMap((part) => Array.from(part.data))) }
}

/** Sizes of the answer against the expected ones; a message when they differ. */
export function shapeDifference(actual: readonly number[], expected: readonly number[]): string | null {
  if (String(actual) === String(expected)) return null
  if (actual.length === expected.length) {
    const at = actual.findIndex((size, i) => size !== expected[i])
    return `the shape is ${show(actual)}, expected ${show(expected)}: dimension ${at} has ${actual[at]} instead of ${expected[at]}`
  }
  const words = (n: number): string => (n === 0 ? 'a single number' : `${n} dimension${n === 1 ? '' : 's'}`)
  return `the shape is ${show(actual)} (${words(actual.length)}), expected ${show(expected)} (${words(expected.length)})`
}

/** How far apart two lists of values are. */
export interface Difference {
  /** Position of the first pair that differs. */
  readonly first: number
  readonly count: number
  /** Position of the pair that differs most. */
  readonly worst: number
}

/** The pairs further apart than atol + rtol · |expected|; NaN equals NaN only if `equalNan`. Null when all agree. */
export function valueDifference(
  actual: Float64Array,
  expected: Float64Array,
  { rtol, atol, equalNan }: { rtol: number; atol: number; equalNan: boolean },
): Difference | null {
  let [first, count, worst, most] = [-1, 0, -1, -Infinity]
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i], expected[i]]
    if (a === e || (equalNan && Number.isNaN(a) && Number.isNaN(e))) continue
    const gap = Math.abs(a - e)
    if (gap <= atol + rtol * Math.abs(e) && Number.isFinite(e)) continue
    if (first < 0) first = i
    count++
    const size = Number.isNaN(gap) ? Infinity : gap
    if (size > most) [worst, most] = [i, size]
  }
  return count === 0 ? null : { first, count, worst }
}

/** The place of element `i` in row-major order, as an index: [0, 2]. */
export function placeOf(i: number, shape: readonly number[]): string {
  const index: number[] = []
  for (let d = shape.length - 1, rest = i; d >= 0; d--) {
    index.unshift(rest % shape[d])
    rest = Math.floor(rest / shape[d])
  }
  return `[${index.join(', ')}]`
}

/** Path and values of the first difference between two values of any kind; null when they are equal. */
export function deepDifference(actual: unknown, expected: unknown, path = ''): { path: string; why: string } | null {
  if (Object.is(actual, expected)) return null
  const [a, e] = [valuesOf(actual), valuesOf(expected)]
  if (a && e) return numericDifference(a, e, path)
  if (actual instanceof Date && expected instanceof Date)
    return Object.is(actual.getTime(), expected.getTime()) ? null : { path, why: '' }
  // By what they hold, in whatever order; keys and members are compared as they are.
  if (actual instanceof Map && expected instanceof Map) return deepDifference(parts(actual), parts(expected), path)
  if (actual instanceof Set && expected instanceof Set) {
    const missing = [...expected].filter((member) => !actual.has(member)).length
    const more = actual.size - (expected.size - missing)
    return missing + more === 0 ? null : { path, why: `${missing} members missing, ${more} not expected` }
  }
  if (!isContainer(actual) || !isContainer(expected))
    return { path, why: typeof actual === typeof expected ? '' : `a ${kind(actual)} instead of a ${kind(expected)}` }
  if (Array.isArray(actual) !== Array.isArray(expected))
    return { path, why: `a ${kind(actual)} instead of a ${kind(expected)}` }
  if (Array.isArray(actual) && Array.isArray(expected) && actual.length !== expected.length)
    return { path, why: `length ${actual.length} instead of ${expected.length}` }
  const keys = new Set([...Object.keys(actual), ...Object.keys(expected)])
  for (const key of keys) {
    const at = Array.isArray(expected) ? `${path}[${key}]` : `${path}.${key}`
    if (!(key in actual)) return { path: at, why: 'missing' }
    if (!(key in expected)) return { path: at, why: 'not expected' }
    const found = deepDifference(actual[key], expected[key], at)
    if (found) return found
  }
  return null
}

/** A map as an object. */
function parts(map: ReadonlyMap<unknown, unknown>): Record<string, unknown> {
  return Object.fromEntries([...map].map(([key, value]) => [String(key), value]))
}

function numericDifference(a: Values, e: Values, path: string): { path: string; why: string } | null {
  const shapes = shapeDifference(a.shape, e.shape)
  if (shapes) return { path, why: shapes }
  const found = valueDifference(a.data, e.data, { rtol: 0, atol: 0, equalNan: true })
  if (!found) return null
  const place = e.shape.length === 0 ? '' : placeOf(found.first, e.shape)
  const more = found.count > 1 ? ` (${found.count} of ${e.data.length} differ)` : ''
  const why = e.shape.length === 0 ? '' : `${a.data[found.first]} instead of ${e.data[found.first]}${more}`
  return { path: path + place, why }
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !(value instanceof Tensor)
}

function kind(value: unknown): string {
  if (value === null) return 'null'
  if (value instanceof Tensor) return 'tensor'
  return Array.isArray(value) ? 'array' : typeof value
}

function bytesOf(view: ArrayBufferView): number {
  return (view as Uint8Array).BYTES_PER_ELEMENT
}
