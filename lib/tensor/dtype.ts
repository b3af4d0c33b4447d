/** Element types: their storage, their typed arrays and PyTorch's rules for mixing them. */
import { dtypeCodes, type TypedArray } from '../device/addon.js'

/** Element type of a tensor, named as in PyTorch. */
export type DType = keyof typeof dtypeCodes

interface DTypeInfo {
  readonly code: number
  readonly bytes: number
  /** 0 bool, 1 integer, 2 floating: a higher category wins a promotion. */
  readonly category: 0 | 1 | 2
  readonly array: {
    new (length: number): TypedArray
    new (buffer: ArrayBuffer, offset: number, length: number): TypedArray
  }
}

export const dtypeInfo: Readonly<Record<DType, DTypeInfo>> = {
  float32: { code: dtypeCodes.float32, bytes: 4, category: 2, array: Float32Array },
  float64: { code: dtypeCodes.float64, bytes: 8, category: 2, array: Float64Array },
  int32: { code: dtypeCodes.int32, bytes: 4, category: 1, array: Int32Array },
  int64: { code: dtypeCodes.int64, bytes: 8, category: 1, array: BigInt64Array },
  uint8: { code: dtypeCodes.uint8, bytes: 1, category: 1, array: Uint8Array },
  bool: { code: dtypeCodes.bool, bytes: 1, category: 0, array: Uint8Array },
}

export const dtypes = Object.keys(dtypeInfo) as readonly DType[]

export function isFloating(dtype: DType): boolean {
  return dtypeInfo[dtype].category === 2
}

export function assertDType(dtype: string): asserts dtype is DType {
  if (!(dtype in dtypeInfo)) throw new TypeError(`unknown dtype '${dtype}'; known are ${dtypes.join(', ')}`)
}

/** Checks what `to` is asked for. */
export function assertTarget(target: string): asserts target is DType | 'cpu' {
  if (target !== 'cpu' && !(target in dtypeInfo))
    throw new TypeError(
      `to: '${target}' is neither a dtype (${dtypes.join(', ')}) nor a device ('cpu', 'gpu', 'gpu:1', …)`,
    )
}

/** Common dtype of two tensors that both have dimensions (torch.promote_types). */
export function promoteTypes(a: DType, b: DType): DType {
  if (a === b) return a
  const ca = dtypeInfo[a].category
  const cb = dtypeInfo[b].category
  if (ca !== cb) return ca > cb ? a : b
  if (ca === 2) return 'float64'
  // Different integers: uint8 fits into both others, and int32 into int64.
  return a === 'int64' || b === 'int64' ? 'int64' : 'int32'
}

/**
 * Result dtype of an operation on two tensors (torch.result_type): a 0-d tensor changes the dtype of one with
 * dimensions only if its category is higher.
 */
export function resultType(a: DType, aDims: number, b: DType, bDims: number): DType {
  if (a === b) return a
  if (aDims > 0 === bDims > 0) return promoteTypes(a, b)
  const [wide, narrow] = aDims > 0 ? [a, b] : [b, a]
  return dtypeInfo[narrow].category > dtypeInfo[wide].category ? narrow : wide
}

/** Result dtype with a plain number: a fraction makes integers float32, a whole number makes bools int64. */
export function resultTypeWithNumber(a: DType, value: number): DType {
  const category = Number.isInteger(value) ? 1 : 2
  if (dtypeInfo[a].category >= category) return a
  return category === 2 ? 'float32' : 'int64'
}

/** The dtype named by a typed array that a user hands in. */
export function dtypeOfArray(array: TypedArray): DType {
  if (array instanceof Float32Array) return 'float32'
  if (array instanceof Float64Array) return 'float64'
  if (array instanceof Int32Array) return 'int32'
  if (array instanceof BigInt64Array) return 'int64'
  return 'uint8'
}

let floatingDefault: DType = 'float32'

/** The dtype of new tensors of numbers: float32 unless it was changed. torch.get_default_dtype. */
export function getDefaultDtype(): DType {
  return floatingDefault
}

/**
 * Makes float64 (or float32 again) the dtype of tensors, parameters and random numbers that are made without saying one.
 * torch.set_default_dtype. @throws TypeError for a dtype that is not floating.
 */
export function setDefaultDtype(dtype: DType): void {
  assertDType(dtype)
  if (!isFloating(dtype)) throw new TypeError(`setDefaultDtype: needs a floating dtype, got ${dtype}`)
  floatingDefault = dtype
}
