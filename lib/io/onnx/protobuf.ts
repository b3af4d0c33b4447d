/**
 * Protocol buffers, as much as ONNX needs: fields with a number and a kind, each a varint, eight or four bytes, or a length
 * and so many bytes. Own: six messages are used of a format that fits on a page, and a library would come with a
 * compiler or a schema loaded at run time.
 */
import { FileFormatError } from '../files.js'

/** Writes the fields of a message one after the other. */
export class ProtoWriter {
  private readonly parts: Uint8Array[] = []

  /** A whole number; negative ones as 64 bits in two's complement. */
  int(field: number, value: number | bigint): this {
    this.parts.push(varint(BigInt(field) << 3n), varint(BigInt.asUintN(64, BigInt(value))))
    return this
  }

  float(field: number, value: number): this {
    const bytes = new DataView(new ArrayBuffer(4))
    bytes.setFloat32(0, value, true)
    this.parts.push(varint((BigInt(field) << 3n) | 5n), new Uint8Array(bytes.buffer))
    return this
  }

  bytes(field: number, value: Uint8Array): this {
    this.parts.push(varint((BigInt(field) << 3n) | 2n), varint(BigInt(value.length)), value)
    return this
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value))
  }

  /** A message inside. */
  message(field: number, write: (inner: ProtoWriter) => unknown): this {
    const inner = new ProtoWriter()
    write(inner)
    return this.bytes(field, inner.finish())
  }

  finish(): Uint8Array {
    return Buffer.concat(this.parts)
  }
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = []
  do {
    bytes.push(Number(value & 0x7fn) | (value > 0x7fn ? 0x80 : 0))
    value >>= 7n
  } while (value > 0n)
  return Uint8Array.from(bytes)
}

/** One field as it stands in a message. */
export interface ProtoField {
  readonly field: number
  readonly value: bigint | Uint8Array
}

/** The fields of a message, in order. @throws FileFormatError when it is damaged. */
export function* protoFields(bytes: Uint8Array, name: string): Generator<ProtoField> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  const fail = (): never => {
    throw new FileFormatError(`${name}: this is no ONNX file, or it is damaged or cut off`)
  }
  const readVarint = (): bigint => {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      if (at >= bytes.length) fail()
      const byte = bytes[at++]
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return BigInt.asUintN(64, value)
    }
    return fail()
  }
  while (at < bytes.length) {
    const key = readVarint()
    const field = Number(key >> 3n)
    const kind = Number(key & 7n)
    if (kind === 0) yield { field, value: readVarint() }
    else if (kind === 1 || kind === 5) {
      const width = kind === 1 ? 8 : 4
      if (at + width > bytes.length) fail()
      yield { field, value: kind === 1 ? view.getBigUint64(at, true) : BigInt(view.getUint32(at, true)) }
      at += width
    } else if (kind === 2) {
      const length = Number(readVarint())
      if (length > bytes.length - at) fail()
      yield { field, value: bytes.subarray(at, at + length) }
      at += length
    } else fail()
  }
}

/** A 64-bit number in two's complement, as a JavaScript number. */
export const signed = (value: bigint): number => Number(BigInt.asIntN(64, value))

/** A field that holds a list of whole numbers, packed or one at a time. */
export function intsOf(value: bigint | Uint8Array, name: string): number[] {
  if (typeof value === 'bigint') return [signed(value)]
  const numbers: number[] = []
  let current = 0n
  let shift = 0n
  for (const byte of value) {
    current |= BigInt(byte & 0x7f) << shift
    shift += 7n
    if (shift > 70n) throw new FileFormatError(`${name}: a number of the ONNX file is damaged`)
    if (byte >= 0x80) continue
    numbers.push(signed(BigInt.asUintN(64, current)))
    current = 0n
    shift = 0n
  }
  return numbers
}

const word = new DataView(new ArrayBuffer(4))

/** The float32 whose bits these are. */
export function floatOf(bits: bigint): number {
  word.setUint32(0, Number(bits & 0xffffffffn))
  return word.getFloat32(0)
}

/** A field that holds a list of float32, packed or one at a time. */
export function floatsOf(value: bigint | Uint8Array): number[] {
  if (typeof value === 'bigint') return [floatOf(value)]
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength)
  return Array.from({ length: value.length >> 2 }, (_, i) => view.getFloat32(4 * i, true))
}
