/** Limits of dtypes and questions about tensors. */
import {
  assertDType,
  dtypeInfo,
  isFloating,
  resultType as commonType,
  resultTypeWithNumber,
  type DType,
} from '../tensor/dtype.js'
import { Tensor } from '../tensor/tensor.js'
import { tensor, type TensorData, type TensorOptions } from './creation.js'

/** Limits of a floating dtype. */
export interface FloatInfo {
  readonly dtype: DType
  /** Bits of an element. */
  readonly bits: number
  /** Distance from 1 to the next larger number. */
  readonly eps: number
  /** Largest number. */
  readonly max: number
  /** Smallest number, −max. */
  readonly min: number
  /** Smallest positive number of full precision. */
  readonly tiny: number
  /** The same as tiny. */
  readonly smallestNormal: number
  /** Decimal digits that are kept, as 10^−digits. */
  readonly resolution: number
}

/** Limits of an integer dtype. */
export interface IntegerInfo {
  readonly dtype: DType
  /** Bits of an element. */
  readonly bits: number
  /** Smallest integer; that of int64 is rounded to a JavaScript number, as in `Number(-(2n ** 63n))`. */
  readonly min: number
  /** Largest integer, rounded for int64. */
  readonly max: number
}

const floats: Partial<Record<DType, FloatInfo>> = {
  float32: floatInfo('float32', 32, 2 ** -23, (2 - 2 ** -23) * 2 ** 127, 2 ** -126, 1e-6),
  float64: floatInfo('float64', 64, 2 ** -52, Number.MAX_VALUE, 2 ** -1022, 1e-15),
}

function floatInfo(dtype: DType, bits: number, eps: number, max: number, tiny: number, resolution: number): FloatInfo {
  return { dtype, bits, eps, max, min: -max, tiny, smallestNormal: tiny, resolution }
}

/** Limits of float32 (default) or float64. torch.finfo. @example finfo('float64').eps */
export function finfo(dtype: DType = 'float32'): FloatInfo {
  assertDType(dtype)
  const info = floats[dtype]
  if (!info) throw new TypeError(`finfo: ${dtype} is no floating dtype; use iinfo('${dtype}')`)
  return info
}

/** Limits of int32, int64 or uint8. torch.iinfo. @example iinfo('int32').max */
export function iinfo(dtype: DType): IntegerInfo {
  assertDType(dtype)
  if (isFloating(dtype) || dtype === 'bool')
    throw new TypeError(`iinfo: ${dtype} is no integer dtype${isFloating(dtype) ? `; use finfo('${dtype}')` : ''}`)
  const bits = dtypeInfo[dtype].bytes * 8
  if (dtype === 'uint8') return { dtype, bits, min: 0, max: 255 }
  return { dtype, bits, min: -(2 ** (bits - 1)), max: bits === 64 ? 2 ** 63 : 2 ** (bits - 1) - 1 }
}

/** Whether a value is a tensor. torch.is_tensor. */
export function isTensor(value: unknown): value is Tensor {
  return value instanceof Tensor
}

/** Whether a tensor's dtype is floating. torch.is_floating_point. */
export function isFloatingPoint(x: Tensor): boolean {
  return isFloating(x.dtype)
}

/** Number of elements. torch.numel. */
export function numel(x: Tensor): number {
  return x.numel()
}

/** Whether the one element of a tensor is not 0. torch.is_nonzero. @throws unless there is exactly one element. */
export function isNonzero(x: Tensor): boolean {
  return x.item() !== 0
}

/** The dtype that an operation on both gives. torch.result_type. */
export function resultType(a: Tensor, b: Tensor | number): DType {
  return b instanceof Tensor ? commonType(a.dtype, a.ndim, b.dtype, b.ndim) : resultTypeWithNumber(a.dtype, b)
}

const category = (dtype: DType): number => dtypeInfo[dtype].category

/** Whether values of one dtype may be written into another in place: never from floating to integers, nor from integers to bool. torch.can_cast. */
export function canCast(from: DType, to: DType): boolean {
  for (const dtype of [from, to]) assertDType(dtype)
  return category(from) <= category(to)
}

/** A tensor as it is if it already has the dtype, else what `tensor` makes of the numbers. torch.as_tensor. */
export function asTensor(data: TensorData, options: TensorOptions = {}): Tensor {
  if (data instanceof Tensor) return options.dtype === undefined ? data : data.to(options.dtype)
  return tensor(data, options)
}
