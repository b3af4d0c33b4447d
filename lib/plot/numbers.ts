/**
 * How pictures take numbers: arrays, typed arrays, nested arrays, or anything shaped like a tensor.
 */

/** What a tensor must offer to be drawn: its sizes and its values as nested arrays. */
export interface TensorLike {
  readonly shape: readonly number[]
  /** The elements as nested arrays. */
  toArray(): unknown
}

/** A list of numbers: array, typed array, tensor with one dimension, or an array of scalar tensors. */
export type Numbers = ArrayLike<number | bigint | boolean> | ArrayLike<Scalar> | TensorLike

/** Numbers in any number of dimensions: a tensor or nested arrays. */
export type NestedNumbers = Numbers | readonly NestedNumbers[]

/** One number: a plain one, or a tensor with a single element. */
export type Scalar = number | bigint | { item(): number | bigint | boolean }

/** Values in row-major order with their sizes. */
export interface Shaped {
  readonly shape: readonly number[]
  readonly data: Float64Array
  /** True when every value came from an integer or boolean type: images tell 0..255 from 0..1 by it. */
  readonly integers: boolean
}

const integerArrays = new Set([
  'Uint8Array',
  'Uint8ClampedArray',
  'Int8Array',
  'Uint16Array',
  'Int16Array',
  'Uint32Array',
  'Int32Array',
  'BigInt64Array',
  'BigUint64Array',
])

/** True for what can be drawn as numbers; false for plain objects such as `{ name: values }` and for options. */
export function isNumbers(value: unknown): value is NestedNumbers {
  return Array.isArray(value) || isTyped(value) || isTensor(value)
}

/** True for `[x, y]`: a plain array of two lists (two scalars are a list of two values instead). */
export function isPair(value: unknown): value is readonly [Numbers, Numbers] {
  return Array.isArray(value) && value.length === 2 && value.every((part) => part === null || isList(part))
}

/** One number out of `value`; `what` names it in errors. Throws TypeError when it is none. */
export function toScalar(value: unknown, what: string): number {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint' || typeof value === 'boolean') return Number(value)
  if (typeof value === 'object' && value !== null && 'item' in value && typeof value.item === 'function') {
    return Number((value as { item(): unknown }).item())
  }
  throw new TypeError(`${what} is ${describe(value)}; a number was expected`)
}

/** A flat list out of `value`; sizes of 1 around one real dimension are dropped. Throws for matrices. */
export function toNumbers(value: unknown, what: string): Float64Array {
  const { shape, data } = toShaped(value, what)
  if (shape.filter((size) => size !== 1).length > 1) {
    throw new RangeError(`${what} has shape [${shape.join(', ')}]; a list of numbers (one dimension) was expected`)
  }
  return data
}

/** A matrix out of `value`: shape [rows, columns]; further sizes of 1 in front are dropped. */
export function toMatrix(value: unknown, what: string): Shaped & { rows: number; columns: number } {
  const shaped = toShaped(value, what)
  let shape = shaped.shape
  while (shape.length > 2 && shape[0] === 1) shape = shape.slice(1)
  const [rows, columns] = shape
  if (shape.length !== 2 || rows === undefined || columns === undefined) {
    throw new RangeError(`${what} has shape [${shaped.shape.join(', ')}]; a matrix [rows, columns] was expected`)
  }
  return { ...shaped, shape, rows, columns }
}

/** All values of `value` with its sizes. Throws TypeError for what is not numeric, RangeError for ragged rows. */
export function toShaped(value: unknown, what: string): Shaped {
  if (isTyped(value)) return typed(value, [value.length])
  if (isTensor(value)) {
    const shape = [...value.shape]
    const flat = value as TensorLike & { toTypedArray?: () => unknown; dtype?: unknown }
    if (typeof flat.toTypedArray === 'function') {
      const values = flat.toTypedArray()
      if (isTyped(values)) return typed(values, shape)
    }
    const nested = flat.toArray()
    return shape.length === 0
      ? { shape, data: Float64Array.of(toScalar(nested, what)), integers: false }
      : { ...fromNested(nested, what), shape }
  }
  if (Array.isArray(value)) return fromNested(value, what)
  const hint = value === null ? ' (a gradient is null until backward() has run)' : ''
  throw new TypeError(`${what} is ${describe(value)}${hint}; an array or a tensor of numbers was expected`)
}

function fromNested(value: unknown, what: string): Shaped {
  const out: number[] = []
  let integers = true
  const walk = (part: unknown, path: string): number[] => {
    if (!isList(part)) {
      const scalar = toScalar(part, path)
      if (!Number.isInteger(scalar)) integers = false
      out.push(scalar)
      return []
    }
    if (!Array.isArray(part)) {
      const inner = toShaped(part, path)
      if (!inner.integers) integers = false
      for (const v of inner.data) out.push(v)
      return [...inner.shape]
    }
    let first: number[] | undefined
    part.forEach((item: unknown, i) => {
      const shape = walk(item, `${path}[${i}]`)
      if (first && String(first) !== String(shape)) {
        throw new RangeError(`${path}[${i}] has shape [${shape.join(', ')}] but ${path}[0] has [${first.join(', ')}]`)
      }
      first ??= shape
    })
    return [part.length, ...(first ?? [])]
  }
  const shape = walk(value, what)
  return { shape, data: Float64Array.from(out), integers }
}

function typed(values: TypedValues, shape: readonly number[]): Shaped {
  const integers = integerArrays.has(values.constructor.name)
  const data =
    values instanceof BigInt64Array || values instanceof BigUint64Array
      ? Float64Array.from(values, Number)
      : Float64Array.from(values)
  return { shape, data, integers }
}

type TypedValues = (Float64Array | BigInt64Array | BigUint64Array) & ArrayBufferView

function isTyped(value: unknown): value is TypedValues {
  return ArrayBuffer.isView(value) && !(value instanceof DataView)
}

function isTensor(value: unknown): value is TensorLike {
  if (typeof value !== 'object' || value === null) return false
  const candidate = value as Partial<TensorLike>
  return Array.isArray(candidate.shape) && typeof candidate.toArray === 'function'
}

/** A list has at least one dimension; a tensor without dimensions counts as one number. */
function isList(value: unknown): boolean {
  return Array.isArray(value) || isTyped(value) || (isTensor(value) && value.shape.length > 0)
}

/** What `value` is, for an error message. */
export function describe(value: unknown): string {
  if (value === null) return 'null'
  if (value === undefined) return 'undefined'
  if (typeof value === 'string') return `the string ${JSON.stringify(value.slice(0, 40))}`
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
