/**
 * The tensor: a thin JavaScript handle on native memory. Only what a tensor *is* stands here (sizes, strides, dtype, reading
 * values out, its place in the autograd graph); what can be *done* with it is added by lib/autograd and lib/ops.
 */
import { inspect } from 'node:util'
import { addon, type Handle, type TypedArray } from '../device/addon.js'
import { currentDevice, deviceIndex, type DeviceName } from '../device/gpu.js'
import { onStop } from '../device/interrupt.js'
import { dtypeInfo, isFloating, type DType } from './dtype.js'
import { formatTensor } from './print.js'
import { contiguousStrides, isContiguous, numel, sameShape, ShapeError, show, type Shape } from './shape.js'
import type { AnyShape } from './shape-types.js'

/** A nested array of numbers (booleans for bool tensors), as deep as the tensor has dimensions. */
export type NestedArray = number | boolean | NestedArray[]

/** The operation that made a tensor, as the graph sees it; implemented in lib/autograd. */
export interface GradFn {
  readonly name: string
}

/** Counts in-place changes of one storage; shared by all views of it. */
export interface Version {
  count: number
  /** How many of them the graph recorded: afterwards the views' own gradFn is out of date. */
  recorded: number
}

let renewGradFn: (view: Tensor) => void

/** @internal lib/ops hands over how a view is seen as an operation on the tensor that it is a view of. */
export function installRenewGradFn(renew: (view: Tensor) => void): void {
  renewGradFn = renew
}

/**
 * An n-dimensional array with a dtype, a shape and, when asked for, a gradient. The same names as torch.Tensor in camelCase.
 *
 * `S` is the shape where the type checker knows it: `Tensor<[100, 784]>`; plain `Tensor` fits everything.
 * Memory belongs to the native engine and is reclaimed by itself; `dispose()` and `using` free it early.
 */
export class Tensor<S extends Shape = AnyShape> {
  /** Sizes of the dimensions; `[]` for a single number. */
  readonly shape: S
  /** Elements to skip in memory for a step along each dimension. */
  readonly strides: Shape
  /** First element, counted in elements from the start of the storage. */
  readonly offset: number
  readonly dtype: DType
  /** Where the memory is: 'cpu' or 'gpu:0', 'gpu:1', … */
  readonly device: DeviceName
  /** @internal Which result of gradFn this is. */
  outputIndex = 0
  /** @internal */
  readonly handle: Handle
  /** @internal */
  readonly version: Version
  /** @internal The tensor whose memory this one is a view of. */
  base: Tensor | null = null
  /** @internal The tensor of which this is a view as far as gradients go; null for others, and after detach(). */
  viewOf: Tensor | null = null
  #grad: Tensor<S> | null = null
  #leafRequiresGrad = false
  #gradFn: GradFn | null = null
  #recorded = 0

  /** @internal Tensors are made by `tensor`, `zeros`, …; this wraps a native descriptor. */
  constructor(
    handle: Handle,
    dtype: DType,
    shape: Shape,
    strides?: Shape,
    offset = 0,
    version?: Version,
    device: DeviceName = 'cpu',
  ) {
    this.handle = handle
    this.device = device
    this.dtype = dtype
    this.shape = shape as S
    this.strides = strides ?? contiguousStrides(shape)
    this.offset = offset
    this.version = version ?? { count: 0, recorded: 0 }
    this.#recorded = this.version.recorded
    created?.push(this)
  }

  /** Number of dimensions. */
  get ndim(): number {
    return this.shape.length
  }

  /** The operation that computed this tensor; null for leaves, the tensors that a user made. */
  get gradFn(): GradFn | null {
    if (this.viewOf !== null && this.#recorded !== this.version.recorded) renewGradFn(this)
    return this.#gradFn
  }

  set gradFn(operation: GradFn | null) {
    this.#gradFn = operation
    this.#recorded = this.version.recorded
  }

  /** The gradient accumulated by `backward()`; null before, and after `optimizer.zeroGrad()`. */
  get grad(): Tensor<S> | null {
    return this.#grad
  }

  /** @throws TypeError for what is no tensor of this dtype, ShapeError for one of another shape. */
  set grad(gradient: Tensor<S> | null) {
    if (gradient != null) {
      if (!(gradient instanceof Tensor)) throw new TypeError(`grad: needs a tensor or null, got ${typeof gradient}`)
      if (!sameShape(gradient.shape, this.shape))
        throw new ShapeError(
          `grad: a gradient of shape ${show(gradient.shape)} cannot belong to a tensor of shape ${show(this.shape)}`,
        )
      if (gradient.dtype !== this.dtype)
        throw new TypeError(
          `grad: a ${gradient.dtype} gradient cannot belong to a ${this.dtype} tensor; convert it with .to('${this.dtype}')`,
        )
    }
    this.#grad = gradient ?? null
  }

  /**
   * The values alone: a tensor on the same memory that the graph does not know, so that it may be changed in place; backward()
   * does not notice. Prefer `detach()`, of which it does, or noGrad. Setting it gives this tensor another's memory and sizes.
   * torch.Tensor.data. @example net.fc.weight.data.mul_(0.5)
   */
  get data(): Tensor<S> {
    const { shape, strides, offset } = this
    return new Tensor<S>(addon().view(this.handle, shape, strides, offset), this.dtype, shape, strides, offset)
  }

  /** @throws TypeError for what is no tensor of this dtype. */
  set data(values: Tensor<S>) {
    if (!(values instanceof Tensor)) throw new TypeError(`data: needs a tensor, got ${inspect(values, { depth: 0 })}`)
    if (values.dtype !== this.dtype)
      throw new TypeError(
        `data: a ${this.dtype} tensor cannot take the values of a ${values.dtype} one; convert it with .to('${this.dtype}')`,
      )
    adoptMemory(this, values)
  }

  /** Whether gradients flow to or through this tensor. Setting it is for leaves, as in PyTorch. */
  get requiresGrad(): boolean {
    return this.gradFn !== null || this.#leafRequiresGrad
  }

  set requiresGrad(value: boolean) {
    this.requiresGrad_(value)
  }

  /** Whether a user made this tensor, rather than an operation on tensors that require gradients. */
  get isLeaf(): boolean {
    return this.gradFn === null
  }

  /**
   * Asks for gradients with respect to this tensor. Returns the tensor itself.
   * @throws if the dtype is not floating, or when turning it off for a tensor computed by an operation (use `detach()`).
   */
  requiresGrad_(value = true): this {
    if (value && !isFloating(this.dtype))
      throw new TypeError(
        `requiresGrad: only floating tensors have gradients, this one is ${this.dtype}; convert it with .to('float32')`,
      )
    if (this.gradFn !== null) {
      if (!value)
        throw new Error(
          'requiresGrad: cannot be turned off for a tensor computed by an operation; use .detach() to cut it from the graph',
        )
      return this
    }
    // A view that becomes a leaf begins a graph of its own: its views are views of a leaf. (Those of a tensor with gaps stay
    // views of the whole, whose memory alone can say where they lie.)
    if (value && this.viewOf !== null && this.isContiguous()) this.viewOf = null
    this.#leafRequiresGrad = value
    return this
  }

  /** Number of elements. */
  numel(): number {
    return numel(this.shape)
  }

  /** Number of dimensions (torch.Tensor.dim). */
  dim(): number {
    return this.shape.length
  }

  /** The shape, or the size of one dimension (negative counts from the end). */
  size(): S
  size(dim: number): number
  size(dim?: number): S | number {
    if (dim === undefined) return this.shape
    const size = this.shape.at(dim)
    if (size === undefined) throw new RangeError(`size: dimension ${dim} is out of range for shape ${show(this.shape)}`)
    return size
  }

  /** Whether elements lie in row-major order without gaps. */
  isContiguous(): boolean {
    return isContiguous(this.shape, this.strides)
  }

  /**
   * The value of a tensor with one element, as a number (bool: 1 or 0; int64 beyond 2^53 is rounded).
   * @throws if there is not exactly one element.
   */
  item(): number {
    if (this.numel() !== 1)
      throw new Error(
        `item: needs a tensor with one element, this one has shape ${show(this.shape)} (${this.numel()} elements); use .toArray()`,
      )
    return addon().item(this.handle)
  }

  /** A copy of the elements in row-major order; int64 gives BigInt64Array, bool Uint8Array of 0 and 1. */
  toTypedArray(): TypedArray {
    const array = new dtypeInfo[this.dtype].array(this.numel())
    addon().read(this.handle, array)
    return array
  }

  /**
   * The elements in place: a typed array on the tensor's own memory, without a copy. Changes are seen by both.
   * @throws if the tensor is not contiguous (call `.contiguous()` first).
   */
  asTypedArray(): TypedArray {
    if (!this.isContiguous())
      throw new Error(
        `asTypedArray: shape ${show(this.shape)} with strides ${show(this.strides)} is not contiguous; call .contiguous() first`,
      )
    const info = dtypeInfo[this.dtype]
    return new info.array(addon().buffer(this.handle), 0, this.numel())
  }

  /** The elements as nested arrays of numbers (booleans for bool); a plain number for a 0-d tensor. */
  toArray(): NestedArray {
    const flat = this.toTypedArray()
    const value = (i: number): number | boolean => (this.dtype === 'bool' ? flat[i] !== 0 : Number(flat[i]))
    let position = 0
    const nest = (d: number): NestedArray =>
      d === this.shape.length ? value(position++) : Array.from({ length: this.shape[d] }, () => nest(d + 1))
    return nest(0)
  }

  /** Frees the memory now, for those who cannot wait; never needed. Using the tensor afterwards is an error. */
  dispose(): void {
    addon().release(this.handle)
  }

  [Symbol.dispose](): void {
    this.dispose()
  }

  /** PyTorch's printed form: four digits, the middle left out above 1,000 elements. */
  toString(): string {
    return formatTensor(this)
  }

  [inspect.custom](): string {
    return this.toString()
  }
}

/** Throws a TypeError that names the function and the argument unless `value` is a tensor. */
export function assertTensor(name: string, argument: string, value: unknown): asserts value is Tensor {
  if (!(value instanceof Tensor))
    throw new TypeError(
      `${name}: ${argument} must be a tensor, got ${inspect(value, { depth: 0 })}; make one with tensor(…)`,
    )
}

/** @throws TypeError unless x is a floating tensor. */
export function assertFloating(name: string, x: Tensor): void {
  assertTensor(name, 'the input', x)
  if (!isFloating(x.dtype))
    throw new TypeError(`${name}: needs a floating tensor, got ${x.dtype}; convert it with .float() first`)
}

/** Tensors made since `collectCreated` began; undefined when nobody counts. */
let created: Tensor[] | undefined

/**
 * Runs `body` and returns its result with every tensor made meanwhile, so that the caller can free the temporaries at once.
 */
export function collectCreated<T>(body: () => T): { result: T; tensors: Tensor[] } {
  const outer = created
  const tensors: Tensor[] = []
  created = tensors
  try {
    return { result: body(), tensors }
  } finally {
    created = outer
    if (outer) for (const tensor of tensors) outer.push(tensor)
  }
}

/** Takes a tensor out of what an enclosing collectCreated will free: somebody outside holds it now. */
export function keepCreated(tensor: Tensor): void {
  const at = created?.lastIndexOf(tensor) ?? -1
  if (at >= 0) created?.splice(at, 1)
}

/** Runs `body` so that no enclosing collectCreated frees what it makes: a user's function, say, who may keep it. */
export function uncollected<T>(body: () => T): T {
  const outer = created
  created = undefined
  try {
    return body()
  } finally {
    created = outer
  }
}

onStop(() => {
  created = undefined
})

/**
 * @internal Gives a leaf another tensor's memory, dtype and sizes, while it stays the same object for all who hold it.
 * Its gradient is not touched.
 */
export function adoptMemory(leaf: Tensor, source: Tensor): void {
  const handle = addon().retain(source.handle)
  addon().release(leaf.handle)
  const { dtype, shape, strides, offset, version, base, device } = source
  Object.assign(leaf, { handle, dtype, shape, strides, offset, version, base, device })
}

/** @internal A new contiguous tensor whose contents are not yet set. */
export function emptyTensor(dtype: DType, shape: Shape, device: DeviceName = currentDevice()): Tensor {
  const { code } = dtypeInfo[dtype]
  if (device === 'cpu') return new Tensor(addon().empty(code, shape), dtype, shape)
  const handle = addon().empty(code, shape, deviceIndex(device))
  return new Tensor(handle, dtype, shape, undefined, 0, undefined, device)
}

/** @internal A new contiguous tensor with one number everywhere. */
export function filledTensor(dtype: DType, shape: Shape, value: number, device?: DeviceName): Tensor {
  const tensor = emptyTensor(dtype, shape, device)
  addon().fill(tensor.handle, value)
  return tensor
}

/** @internal Room for `count` positions; throws RangeError, beginning with `what` holds them, when no array can be that long. */
export function int64List(count: number, what: () => string): BigInt64Array<ArrayBuffer> {
  try {
    return new BigInt64Array(count)
  } catch {
    throw new RangeError(`${what()} has ${count} positions, more than memory can hold`)
  }
}

/** @internal A 1-D int64 tensor of positions. */
export function int64Tensor(values: readonly number[] | BigInt64Array, device?: DeviceName): Tensor {
  const tensor = emptyTensor('int64', [values.length], device)
  addon().write(tensor.handle, values instanceof BigInt64Array ? values : BigInt64Array.from(values, BigInt))
  return tensor
}

/** @internal A new contiguous tensor of another's sizes; cheaper than emptyTensor. */
export function emptyLikeTensor(like: Tensor, dtype: DType = like.dtype): Tensor {
  const handle = addon().emptyLike(like.handle, dtypeInfo[dtype].code)
  return new Tensor(handle, dtype, like.shape, undefined, 0, undefined, like.device)
}

/** @internal Another view of the same memory. */
export function viewTensor(of: Tensor, shape: Shape, strides: Shape, offset: number): Tensor {
  const handle = addon().view(of.handle, shape, strides, offset)
  const view = new Tensor(handle, of.dtype, shape, strides, offset, of.version, of.device)
  view.base = of.base ?? of
  view.viewOf = of.viewOf ?? of
  return view
}
