/**
 * Numbers as files store them. Those of our own dtypes go straight between the file and native memory; half floats and
 * small integers, which we do not compute with, are converted to the smallest dtype of ours that holds them all.
 */
import { addon } from '../device/addon.js'
import { dtypeInfo, type DType } from '../tensor/dtype.js'
import { emptyTensor, type Tensor } from '../tensor/tensor.js'
import type { Bytes } from './files.js'

/** Element types found in files. */
export type ElementType = DType | 'float16' | 'bfloat16' | 'int8' | 'int16' | 'uint16' | 'uint32'

/** Reads element i of a little- or big-endian view. */
type Get = (view: DataView, at: number, little: boolean) => number | bigint

const foreign: Partial<Record<ElementType, { bytes: number; dtype: DType; get: Get }>> = {
  float16: { bytes: 2, dtype: 'float32', get: (view, at, little) => halfToNumber(view.getUint16(at, little)) },
  bfloat16: { bytes: 2, dtype: 'float32', get: (view, at, little) => bfloatToNumber(view.getUint16(at, little)) },
  int8: { bytes: 1, dtype: 'int32', get: (view, at) => view.getInt8(at) },
  int16: { bytes: 2, dtype: 'int32', get: (view, at, little) => view.getInt16(at, little) },
  uint16: { bytes: 2, dtype: 'int32', get: (view, at, little) => view.getUint16(at, little) },
  uint32: { bytes: 4, dtype: 'int64', get: (view, at, little) => BigInt(view.getUint32(at, little)) },
}

const bits = new DataView(new ArrayBuffer(4))

/** The upper half of a float32. */
function bfloatToNumber(half: number): number {
  bits.setUint32(0, half << 16)
  return bits.getFloat32(0)
}

/** IEEE 754 binary16: 5 bits of exponent, 10 of fraction. */
function halfToNumber(half: number): number {
  const sign = half & 0x8000 ? -1 : 1
  const exponent = (half >> 10) & 0x1f
  const fraction = half & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** Bytes of one element in the file. */
export function bytesOf(type: ElementType): number {
  return foreign[type]?.bytes ?? dtypeInfo[type as DType].bytes
}

/** The dtype in which elements of this type arrive. */
export function dtypeOf(type: ElementType): DType {
  return foreign[type]?.dtype ?? (type as DType)
}

/** How many elements are converted at a time. */
const portion = 1 << 16

/** How `readElements` reads. */
interface ReadOptions {
  /** Byte order. Default little-endian. */
  little?: boolean
  /** Sees the bytes as they stand in the file, piece by piece in order. */
  watch?: (bytes: Uint8Array) => void
}

/** `count` elements from `offset` on as a new 1-D tensor. @throws FileFormatError when the file ends before, allocating nothing. */
export function readElements(
  file: Bytes,
  offset: number,
  count: number,
  type: ElementType,
  { little = true, watch }: ReadOptions = {},
): Tensor {
  const width = bytesOf(type)
  if (!Number.isSafeInteger(count) || count < 0 || count * width > file.size - offset)
    file.fail(
      `${count} elements of ${type} from byte ${offset} on do not fit into its ${file.size} bytes; is it cut off?`,
    )
  const y = emptyTensor(dtypeOf(type), [count])
  if (count === 0) return y
  const target = y.asTypedArray()
  const convert = foreign[type]
  if (!convert) {
    const bytes = new Uint8Array(target.buffer, target.byteOffset, count * width)
    file.readInto(offset, bytes)
    watch?.(bytes)
    if (!little) swapBytes(bytes, width)
    // The engine relies on 0 and 1.
    if (type === 'bool') for (let i = 0; i < count; i++) if (bytes[i] > 1) bytes[i] = 1
    return y
  }
  for (let done = 0; done < count; done += portion) {
    const length = Math.min(portion, count - done)
    const bytes = file.read(offset + done * width, length * width)
    watch?.(bytes)
    const view = new DataView(bytes.buffer)
    for (let i = 0; i < length; i++) target[done + i] = convert.get(view, i * width, little)
  }
  return y
}

/** Reverses the bytes of each element in place. */
export function swapBytes(bytes: Uint8Array, width: number): void {
  if (width === 1) return
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (width === 2) buffer.swap16()
  else if (width === 4) buffer.swap32()
  else buffer.swap64()
}

/** The memory of a contiguous tensor as bytes, without a copy unless it lies on a device. */
export function bytesOfTensor(tensor: Tensor): Uint8Array {
  if (tensor.numel() === 0) return new Uint8Array(0)
  const length = tensor.numel() * dtypeInfo[tensor.dtype].bytes
  return new Uint8Array(addon().buffer(tensor.cpu().handle), 0, length)
}
