/**
 * A reader of MATLAB's files of version 5 (save -v6 and -v7): numeric arrays by name, as far as data sets need it. Elements may
 * be compressed; sizes are compared with the bytes that are there before anything is allocated.
 */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { constants, inflateSync } from 'node:zlib'

/** A numeric array. */
export interface MatArray {
  /** Sizes; the first dimension varies fastest. */
  readonly shape: readonly number[]
  readonly data:
    Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array
}

const matrix = 14
const compressed = 15

/** Typed arrays by the code of the type in the file. */
const numeric: Readonly<Record<number, new (buffer: ArrayBuffer) => MatArray['data']>> = {
  1: Int8Array,
  2: Uint8Array,
  3: Int16Array,
  4: Uint16Array,
  5: Int32Array,
  6: Uint32Array,
  7: Float32Array,
  9: Float64Array,
}

/** Bytes of compressed data that hold an element's tag for certain. */
const headLength = 1 << 12

interface Element {
  readonly type: number
  readonly data: Buffer
  /** Where the next element begins. */
  readonly end: number
}

class Reader {
  constructor(
    readonly name: string,
    readonly path: string,
  ) {}

  fail(message: string): never {
    throw new Error(`${this.name}: ${message}; replace ${this.path} by a fresh copy`)
  }

  element(bytes: Buffer, at: number): Element {
    if (at + 8 > bytes.length) this.fail(`it ends at byte ${bytes.length} in the middle of an array`)
    const first = bytes.readUInt32LE(at)
    // Up to four bytes of data may stand in the tag itself.
    const small = first >>> 16
    const [type, size, start] =
      small > 0 ? [first & 0xffff, small, at + 4] : [first, bytes.readUInt32LE(at + 4), at + 8]
    if (small > 4 || start + size > bytes.length)
      this.fail(`an element of ${size} bytes at byte ${at} reaches beyond the end at ${bytes.length}`)
    const padded = small > 0 ? at + 8 : type === compressed ? start + size : start + Math.ceil(size / 8) * 8
    return { type, data: bytes.subarray(start, start + size), end: padded }
  }

  /** The parts of an array: flags, sizes, name, values. */
  array(bytes: Buffer): [string, MatArray] | null {
    const flags = this.element(bytes, 0)
    const sizes = this.element(bytes, flags.end)
    const label = this.element(bytes, sizes.end)
    const kind = flags.data.length >= 4 ? flags.data[0] : 0
    const isComplex = flags.data.length >= 4 && (flags.data[1] & 8) !== 0
    // Classes 6 to 15 are numbers; cells, structures, texts and sparse matrices are passed over.
    if (kind < 6 || kind > 15 || isComplex) return null
    const values = this.element(bytes, label.end)
    const View = numeric[values.type]
    const name = label.data.toString('latin1')
    if (sizes.type !== 5 || !View) return this.fail(`the array '${name}' has values of type ${values.type}`)
    const shape = Array.from({ length: sizes.data.length / 4 }, (_, d) => sizes.data.readInt32LE(4 * d))
    const count = shape.reduce((a, b) => a * b, 1)
    const width = values.data.length / count
    if (shape.some((n) => n < 0) || (count > 0 && width !== new View(new ArrayBuffer(0)).BYTES_PER_ELEMENT))
      this.fail(`the array '${name}' of sizes ${shape.join(' × ')} has ${values.data.length} bytes of values`)
    return [name, { shape, data: new View(Uint8Array.from(values.data).buffer) }]
  }
}

/** The numeric arrays of a MATLAB file by name. @throws Error naming the file and what is wrong with it. */
export function readMat(path: string): Map<string, MatArray> {
  const reader = new Reader(basename(path), path)
  const bytes = readFileSync(path)
  if (bytes.length < 128 || bytes.toString('latin1', 126, 128) !== 'IM' || bytes.readUInt16LE(124) !== 0x0100) {
    const hdf = bytes.toString('latin1', 0, 10) === 'MATLAB 7.3'
    reader.fail(hdf ? 'it is an HDF5 file (version 7.3), which is not read' : 'it is no MATLAB file of version 5')
  }
  const found = new Map<string, MatArray>()
  for (let at = 128; at < bytes.length;) {
    let element = reader.element(bytes, at)
    at = element.end
    if (element.type === compressed) element = reader.element(inflate(reader, element.data), 0)
    const array = element.type === matrix ? reader.array(element.data) : null
    if (array) found.set(...array)
  }
  return found
}

/** The element in compressed data: its tag says how long it is, so that a few bytes cannot unpack to any size. */
function inflate(reader: Reader, data: Buffer): Buffer {
  try {
    const head = inflateSync(data.subarray(0, headLength), { finishFlush: constants.Z_SYNC_FLUSH })
    return inflateSync(data, { maxOutputLength: 8 + (head.length < 8 ? 0 : head.readUInt32LE(4)) })
  } catch (error) {
    return reader.fail(`its compressed data is damaged (${(error as Error).message})`)
  }
}
