/** Making tensors: from numbers, filled, and in ranges. */
import { inspect } from 'node:util'
import { addon, type TypedArray } from '../device/addon.js'
import { deviceName, type DeviceLike, type DeviceName } from '../device/gpu.js'
import {
  assertDType,
  dtypeInfo,
  dtypeOfArray,
  dtypes,
  isFloating,
  type DType,
  getDefaultDtype,
} from '../tensor/dtype.js'
import { numel, ShapeError, show, type Shape } from '../tensor/shape.js'
import type { AnyShape } from '../tensor/shape-types.js'
import { emptyTensor, Tensor } from '../tensor/tensor.js'
import { assertIntegers, checkOptions, type Defaults } from '../tensor/options.js'

/** What creation functions accept last. */
export interface TensorOptions {
  /** Default float32 (int64 for bigints, bool for booleans, the array's own type for typed arrays). */
  dtype?: DType
  /** Whether to compute gradients with respect to the tensor. Default false. */
  requiresGrad?: boolean
  /** Where the tensor lies: 'cpu', 'gpu' or 'gpu:1'. Default 'cpu', for `…Like` the device of the other tensor. */
  device?: DeviceLike
}

/** Numbers, booleans or bigints nested in arrays to any depth, or a typed array, or a tensor. */
export type TensorData = number | boolean | bigint | TypedArray | ForeignArray | Tensor | readonly TensorData[]

type ForeignArray = Int8Array | Int16Array | Uint16Array | Uint32Array | Uint8ClampedArray

type Scalar = number | boolean | bigint

/** Their defaults. */
export const tensorDefaults = {
  dtype: undefined,
  requiresGrad: false,
  device: undefined,
} as const satisfies Defaults<TensorOptions>

/** @internal Where the options say that a new tensor lies; undefined for wherever the surrounding op computes. */
export function placeOf({ device }: TensorOptions): DeviceName | undefined {
  return device === undefined ? undefined : deviceName(device)
}

function finish<T extends Tensor>(name: string, tensor: T, options: TensorOptions): T {
  checkOptions(name, options, tensorDefaults)
  const device = placeOf(options)
  const placed = device === undefined ? tensor : (tensor.to(device) as T)
  return options.requiresGrad ? placed.requiresGrad_() : placed
}

/** Typed arrays that are no storage of ours: their values fit into the dtype named here. */
const foreignArrays = new Map<string, DType>([
  ['Int8Array', 'int32'],
  ['Int16Array', 'int32'],
  ['Uint16Array', 'int32'],
  ['Uint32Array', 'int64'],
  ['Uint8ClampedArray', 'uint8'],
])

function isTypedArray(data: unknown): data is TypedArray {
  return ArrayBuffer.isView(data) && dtypes.some((dtype) => data instanceof dtypeInfo[dtype].array)
}

/** Sizes and values of nested arrays; ragged or foreign content is refused with its position. */
function flattenNested(data: TensorData): { shape: number[]; values: Scalar[] } {
  const shape: number[] = []
  for (let level: unknown = data; Array.isArray(level); level = level[0]) shape.push(level.length)
  const values: Scalar[] = []
  const visit = (item: unknown, depth: number, path: string): void => {
    if (Array.isArray(item)) {
      if (depth >= shape.length)
        throw new TypeError(
          `tensor: position ${path} holds a list of ${item.length}, a number was expected there (the first row has depth ${shape.length})`,
        )
      if (item.length !== shape[depth])
        throw new ShapeError(
          `tensor: position ${path || '[]'} has ${item.length} entries, ${shape[depth]} were expected: all rows must be equally long`,
        )
      item.forEach((entry, i) => visit(entry, depth + 1, `${path}[${i}]`))
    } else if (depth < shape.length) {
      throw new ShapeError(
        `tensor: position ${path} holds ${describe(item)}, a list of ${shape[depth]} was expected: all rows must be equally long`,
      )
    } else if (typeof item === 'number' || typeof item === 'boolean' || typeof item === 'bigint') {
      values.push(item)
    } else {
      throw new TypeError(`tensor: position ${path || '[]'} holds ${describe(item)}, which is no number`)
    }
  }
  visit(data, 0, '')
  return { shape, values }
}

function describe(value: unknown): string {
  return typeof value === 'object' && value !== null ? `a ${value.constructor?.name ?? 'object'}` : inspect(value)
}

function toNative(values: ArrayLike<Scalar>, dtype: DType): TypedArray {
  if (dtype === 'int64') {
    return BigInt64Array.from(values as ArrayLike<never>, (v: Scalar, i) => {
      if (typeof v === 'number' && !Number.isFinite(v))
        throw new RangeError(`tensor: ${v} at position ${i} has no int64 value`)
      return typeof v === 'number' ? BigInt(Math.trunc(v)) : BigInt(v)
    })
  }
  const array = new dtypeInfo[dtype].array(values.length) as Exclude<TypedArray, BigInt64Array>
  const integer = !isFloating(dtype) && dtype !== 'bool'
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i])
    if (integer && !Number.isFinite(value))
      throw new RangeError(`tensor: ${value} at position ${i} has no ${dtype} value`)
    array[i] = dtype === 'bool' ? Number(value !== 0) : value
  }
  return array
}

/** bool if all are booleans, int64 if all are bigints or booleans, else float32. */
function commonDType(values: readonly Scalar[]): DType {
  const only = (...types: string[]): boolean =>
    values.length > 0 && values.every((value) => types.includes(typeof value))
  return only('boolean') ? 'bool' : only('bigint', 'boolean') ? 'int64' : getDefaultDtype()
}

function fromValues(values: ArrayLike<Scalar>, shape: Shape, dtype: DType): Tensor {
  const y = emptyTensor(dtype, shape)
  if (values.length > 0) addon().write(y.handle, toNative(values, dtype))
  return y
}

/**
 * A tensor from numbers: a single one, nested arrays, a typed array (its values are copied), or another tensor (copied, detached).
 * Plain numbers become float32 whether whole or not, since JavaScript does not tell 1 from 1.0; ask for integers with
 * `{ dtype: 'int64' }`. torch.tensor.
 *
 * @example tensor([[1, 2], [3, 4]])
 * @example tensor([3, 1], { dtype: 'int64' })
 * @throws ShapeError for ragged rows and TypeError for what is no number, with the position.
 */
export function tensor(data: number | boolean | bigint, options?: TensorOptions): Tensor<[]>
export function tensor(data: TensorData, options?: TensorOptions): Tensor
export function tensor(data: TensorData, options: TensorOptions = {}): Tensor {
  if (options.dtype !== undefined) assertDType(options.dtype)
  if (data instanceof Tensor) {
    const copy = data.detach().to(options.dtype ?? data.dtype)
    return finish('tensor', copy.base ? copy.clone() : copy, options)
  }
  if (isTypedArray(data)) {
    const own = dtypeOfArray(data)
    const dtype = options.dtype ?? own
    if (dtype !== own) return finish('tensor', fromValues(data as ArrayLike<Scalar>, [data.length], dtype), options)
    const y = emptyTensor(dtype, [data.length])
    if (data.length > 0) addon().write(y.handle, data)
    return finish('tensor', y, options)
  }
  const foreign = foreignArrays.get((data as object).constructor?.name)
  if (foreign !== undefined && ArrayBuffer.isView(data))
    return finish(
      'tensor',
      fromValues(data as ArrayLike<Scalar>, [(data as ArrayLike<Scalar>).length], options.dtype ?? foreign),
      options,
    )
  const { shape, values } = flattenNested(data)
  const dtype = options.dtype ?? commonDType(values)
  return finish('tensor', fromValues(values, shape, dtype), options)
}

/** Sizes given one by one or as an array, with options last. */
export function parseSizes<Options extends TensorOptions = TensorOptions>(
  name: string,
  args: readonly unknown[],
  known: Defaults<Options>,
): { shape: number[]; options: Options } {
  const last = args[args.length - 1]
  const hasOptions = typeof last === 'object' && last !== null && !Array.isArray(last)
  const sizes = (hasOptions ? args.slice(0, -1) : args).flat() as number[]
  for (const size of sizes)
    if (!Number.isInteger(size) || size < 0)
      throw new ShapeError(`${name}: sizes must be non-negative integers, got ${describe(size)} in ${show(sizes)}`)
  if (!Number.isSafeInteger(numel(sizes) * 8))
    throw new ShapeError(`${name}: ${show(sizes)} holds more elements than memory can have`)
  const options = (hasOptions ? last : {}) as Options
  checkOptions(name, options, known)
  if (options.dtype !== undefined) assertDType(options.dtype)
  return { shape: sizes, options }
}

function filled(name: string, value: number, args: readonly unknown[]): Tensor {
  const { shape, options } = parseSizes(name, args, tensorDefaults)
  return full(shape, value, options)
}

/** Sizes as separate arguments or one array, then options. */
export interface SizedCreation {
  <D extends number, S extends D[]>(...shape: S): Tensor<S>
  <D extends number, S extends D[]>(...args: [...shape: S, options: TensorOptions]): Tensor<S>
  <D extends number, S extends D[] | []>(shape: S, options?: TensorOptions): Tensor<S>
  (shape: Shape, options?: TensorOptions): Tensor
}

/** Zeros. torch.zeros. @example zeros(2, 3) @example zeros([2, 3], { dtype: 'int64' }) */
export const zeros = ((...args: unknown[]) => filled('zeros', 0, args)) as SizedCreation
/** Ones. torch.ones. */
export const ones = ((...args: unknown[]) => filled('ones', 1, args)) as SizedCreation
/** Memory as it is found: fill it before reading. torch.empty. */
export const empty = ((...args: unknown[]) => {
  const { shape, options } = parseSizes('empty', args, tensorDefaults)
  return finish('empty', emptyTensor(options.dtype ?? getDefaultDtype(), shape), options)
}) as SizedCreation

/** One value everywhere; float32, or bool for a boolean, unless a dtype is given. torch.full. */
export function full<D extends number, S extends D[] | []>(
  shape: S,
  value: number | boolean,
  options?: TensorOptions,
): Tensor<S>
export function full(shape: Shape, value: number | boolean, options?: TensorOptions): Tensor
export function full(shape: Shape, value: number | boolean, options: TensorOptions = {}): Tensor {
  const sizes = parseSizes('full', [shape, options], tensorDefaults).shape
  if (typeof value !== 'number' && typeof value !== 'boolean')
    throw new TypeError(`full: the value must be a number or a boolean, got ${describe(value)}`)
  const y = emptyTensor(options.dtype ?? (typeof value === 'boolean' ? 'bool' : getDefaultDtype()), sizes)
  addon().fill(y.handle, Number(value))
  return finish('full', y, options)
}

const like =
  (name: string, value: number | null) =>
  <S extends Shape = AnyShape>(x: Tensor<S>, options: TensorOptions = {}): Tensor<S> => {
    const device = placeOf(options) ?? x.device
    const y = emptyTensor(options.dtype ?? x.dtype, x.shape, device)
    if (value !== null) addon().fill(y.handle, value)
    return finish(name, y, options)
  }

/** Zeros with the sizes and dtype of x. torch.zeros_like. */
export const zerosLike = like('zerosLike', 0)
/** Ones with the sizes and dtype of x. torch.ones_like. */
export const onesLike = like('onesLike', 1)
/** Uninitialised memory with the sizes and dtype of x. torch.empty_like. */
export const emptyLike = like('emptyLike', null)
/** One number with the sizes and dtype of x. torch.full_like. */
export function fullLike<S extends Shape = AnyShape>(
  x: Tensor<S>,
  value: number,
  options: TensorOptions = {},
): Tensor<S> {
  return like('fullLike', value)(x, options)
}

/** The identity matrix, n × m (default m = n). torch.eye. */
export function eye(n: number, m: number | TensorOptions = n, options: TensorOptions = {}): Tensor {
  if (typeof m === 'object') return eye(n, n, m)
  assertIntegers('eye', { n, m }, 0)
  const y = zeros([n, m], { ...options, requiresGrad: false })
  for (let i = 0; i < Math.min(n, m); i++) addon().fill(y.select(0, i).select(0, i).handle, 1)
  return finish('eye', y, options)
}

/**
 * start, start + step, … up to, not including, end. int64 when all three are whole numbers, else float32. torch.arange.
 * @example arange(5) @example arange(0, 1, 0.25)
 */
export function arange(end: number, options?: TensorOptions): Tensor
export function arange(start: number, end: number, options?: TensorOptions): Tensor
export function arange(start: number, end: number, step: number, options?: TensorOptions): Tensor
export function arange(...args: (number | TensorOptions | undefined)[]): Tensor {
  const numbers = args.filter((a) => typeof a === 'number')
  const options = args.find((a) => typeof a === 'object') ?? {}
  const [start, end, step] = numbers.length === 1 ? [0, numbers[0], 1] : [numbers[0], numbers[1], numbers[2] ?? 1]
  if (step === 0 || !Number.isFinite(start) || !Number.isFinite(end) || (end - start) / step < 0)
    throw new RangeError(
      `arange: from ${start} to ${end} by ${step} never arrives; step must be non-zero and point from start to end`,
    )
  const dtype = options.dtype ?? ([start, end, step].every(Number.isInteger) ? 'int64' : getDefaultDtype())
  const y = emptyTensor(dtype, [Math.ceil((end - start) / step)])
  addon().arange(y.handle, start, step)
  return finish('arange', y, options)
}

/** `steps` numbers from start to end, both included, evenly spaced. torch.linspace. */
export function linspace(start: number, end: number, steps: number, options: TensorOptions = {}): Tensor {
  assertIntegers('linspace', { steps }, 0)
  const y = emptyTensor(options.dtype ?? getDefaultDtype(), [steps])
  addon().linspace(y.handle, start, end)
  return finish('linspace', y, options)
}

/** base to the powers that linspace(start, end, steps) gives; base 10 unless told otherwise. torch.logspace. */
export function logspace(
  start: number,
  end: number,
  steps: number,
  { base = 10, ...options }: TensorOptions & { base?: number } = {},
): Tensor {
  const exponents = linspace(start, end, steps, { dtype: 'float64' }).toTypedArray()
  const powers = Array.from(exponents, Number).map((exponent) => base ** exponent)
  return finish('logspace', fromValues(powers, [steps], options.dtype ?? getDefaultDtype()), options)
}
