/** Copying and changing dtype: `to`, `clone`, `contiguous`, `detach`, and copying into existing memory. */
import { addon } from '../device/addon.js'
import { deviceName, isDevice, type DeviceLike, type DeviceName } from '../device/gpu.js'
import { installArithmetic } from '../autograd/engine.js'
import { assertTarget, isFloating, type DType } from '../tensor/dtype.js'
import { broadcastShapes, sameShape, ShapeError, show, type Shape } from '../tensor/shape.js'
import type { AnyShape } from '../tensor/shape-types.js'
import { emptyLikeTensor, emptyTensor, Tensor, viewTensor } from '../tensor/tensor.js'
import { addMethods, defineOp, everyDType, type RunOp } from './define.js'
import { changeInPlace, separateOperand } from './in-place.js'

const cast = defineOp<{ x: Tensor }, never, { dtype: DType; from: DType }>('to', {
  torch: 'torch.Tensor.to',
  dtypes: everyDType,
  forward({ x }, { dtype }) {
    const y = emptyLikeTensor(x, dtype)
    addon().copy(y.handle, x.handle)
    return y
  },
  grad: { x: (dy, _, { params }) => dy.to(params.from) },
  samples: [
    { inputs: [[-1.5, 0, 2.7]], args: ['float64'] },
    { inputs: [{ shape: [2, 3] }], args: ['int64'], skipGradcheck: 'the result is no floating tensor' },
    { inputs: [[-2, 0, 300]], args: ['bool'], skipGradcheck: 'the result is no floating tensor' },
  ],
  call: (x: Tensor, dtype: DType) => x.to(dtype),
})

interface Move {
  device: DeviceName
  from: DeviceName
}

const move: RunOp<{ x: Tensor }, Move> = defineOp<{ x: Tensor }, never, Move>('toDevice', {
  torch: 'torch.Tensor.to',
  dtypes: everyDType,
  forward({ x }, { device }) {
    const y = emptyTensor(x.dtype, x.shape, device)
    addon().copy(y.handle, x.handle)
    return y
  },
  grad: { x: (dy, _, { params }) => move({ x: dy }, { device: params.from, from: params.device }) },
  samples: [{ inputs: [{ shape: [2, 3] }], args: ['cpu'] }],
  call: (x: Tensor, device: DeviceLike) => move({ x }, { device: deviceName(device), from: x.device }),
})

const copy = defineOp<{ x: Tensor }>('clone', {
  torch: 'torch.clone',
  dtypes: everyDType,
  forward({ x }) {
    const y = emptyLikeTensor(x)
    addon().copy(y.handle, x.handle)
    return y
  },
  grad: { x: (dy) => dy },
  samples: [{ inputs: [{ shape: [2, 3] }] }, { inputs: [5] }, { inputs: [{ shape: [0, 3] }] }],
  call: (x: Tensor) => x.clone(),
})

declare module '../tensor/tensor.js' {
  interface Tensor<S extends Shape = AnyShape> {
    /**
     * This tensor in another dtype, or on another device: 'cpu', 'gpu' or 'gpu:1'; itself if it is there already. Gradients
     * flow through both. torch.Tensor.to.
     * @throws Error where there is no such device.
     */
    to(target: DType | DeviceLike): Tensor<S>
    /** Another name of `.to(dtype)`. torch.Tensor.type. */
    type(dtype: DType): Tensor<S>
    /** Same as `.to('float32')`. */
    float(): Tensor<S>
    /** Same as `.to('float64')`. */
    double(): Tensor<S>
    /** Same as `.to('int32')`. */
    int(): Tensor<S>
    /** Same as `.to('uint8')`. */
    byte(): Tensor<S>
    /** Same as `.to('int64')`. */
    long(): Tensor<S>
    /** Same as `.to('bool')`: true where the element is not 0. */
    bool(): Tensor<S>
    /** This tensor in main memory; itself if it is there. */
    cpu(): Tensor<S>
    /** Same as `.to('gpu')` (torch.Tensor.cuda). */
    gpu(): Tensor<S>
    /** A contiguous copy through which gradients flow (torch.clone). */
    clone(): Tensor<S>
    /** This tensor if its elements lie in row-major order, else a copy in which they do. */
    contiguous(): Tensor<S>
    /** The same memory outside the graph: gradients stop here (torch.Tensor.detach). */
    detach(): Tensor<S>
    /**
     * Takes this tensor itself out of the graph: it becomes a leaf without gradients (torch.Tensor.detach_).
     * @throws for a view, whose base stays in the graph.
     */
    detach_(): this
    /** Overwrites the elements with `source`, broadcast and converted. In place; returns this tensor. */
    copy_(source: Tensor): this
  }
}

addMethods(Tensor.prototype, {
  to(this: Tensor, target: DType | DeviceLike): Tensor {
    if (isDevice(target)) {
      const device = deviceName(target)
      return device === this.device ? this : move({ x: this }, { device, from: this.device })
    }
    if (target === this.dtype) return this
    assertTarget(target)
    return cast({ x: this }, { dtype: target, from: this.dtype })
  },
  float(this: Tensor) {
    return this.to('float32')
  },
  double(this: Tensor) {
    return this.to('float64')
  },
  int(this: Tensor) {
    return this.to('int32')
  },
  byte(this: Tensor) {
    return this.to('uint8')
  },
  long(this: Tensor) {
    return this.to('int64')
  },
  bool(this: Tensor) {
    return this.to('bool')
  },
  cpu(this: Tensor) {
    return this.to('cpu')
  },
  gpu(this: Tensor) {
    return this.to('gpu')
  },
  clone(this: Tensor) {
    return copy({ x: this }, undefined)
  },
  contiguous(this: Tensor) {
    return this.isContiguous() ? this : copy({ x: this }, undefined)
  },
  type(this: Tensor, dtype: DType): Tensor {
    return this.to(dtype)
  },
  detach_(this: Tensor) {
    if (this.viewOf !== null) throw new Error('detach_: a view cannot be cut from the graph of its base; use .detach()')
    this.gradFn = null
    return this.requiresGrad_(false)
  },
  detach(this: Tensor) {
    const y = viewTensor(this, this.shape, this.strides, this.offset)
    y.viewOf = null
    return y
  },
  copy_(this: Tensor, from: Tensor) {
    const source = separateOperand(this, from)
    if (!sameShape(broadcastShapes('copy_', this.shape, source.shape), this.shape))
      throw new ShapeError(`copy_: a source of shape ${show(source.shape)} does not broadcast to ${show(this.shape)}`)
    return changeInPlace('copy_', this, { source }, () => addon().copy(this.handle, source.handle), {
      source: (dy) => dy.sumTo(source.shape).to(source.dtype),
    })
  },
})

installArithmetic({
  add: (a, b) => a.add(b),
  addInPlace: (a, b) => void a.add_(b),
  clone: (a) => a.clone(),
  hasNaN: (a) => a.isnan().any().item() !== 0,
  onesLike(a) {
    const ones = emptyLikeTensor(a)
    addon().fill(ones.handle, 1)
    return ones
  },
})

/** A copy with memory of its own, through which gradients flow. torch.clone. */
export const clone = <S extends Shape>(x: Tensor<S>): Tensor<S> => x.clone()

/** The same memory outside the graph. torch.detach. */
export const detach = <S extends Shape>(x: Tensor<S>): Tensor<S> => x.detach()

/** Integers become float32, as PyTorch's floating functions do with them. */
export function toFloating(x: Tensor): Tensor {
  return isFloating(x.dtype) ? x : x.to('float32')
}
