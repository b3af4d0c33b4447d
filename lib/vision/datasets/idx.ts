/** Reader of the IDX format in which MNIST and its relatives are published. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { constants, gunzipSync } from 'node:zlib'

export interface IdxFile {
  /** Sizes of the dimensions, from the header. */
  shape: number[]
  /** The values, row-major. */
  data: Uint8Array
}

/**
 * Reads an IDX file of unsigned bytes, plain or gzipped. Layout: two zero bytes, type 0x08, number of dimensions, each
 * size as a big-endian 32-bit integer, then the values.
 * @throws Error naming the file, what was expected and what was found.
 */
export function readIdx(path: string, dimensions: number): IdxFile {
  const name = basename(path)
  let bytes: Uint8Array
  try {
    bytes = readFileSync(path)
  } catch (error) {
    throw new Error(`${name}: cannot be read (${path}): ${(error as Error).message}`, { cause: error })
  }
  const packed = bytes[0] === 0x1f && bytes[1] === 0x8b
  const file = bytes
  if (packed)
    bytes = unpack(name, path, () => gunzipSync(file.subarray(0, headLength), { finishFlush: constants.Z_SYNC_FLUSH }))
  const header = 4 + 4 * dimensions
  // Too little for a header: unpacked to the end, a file that was cut off says so.
  if (packed && bytes.length < header) bytes = unpack(name, path, () => gunzipSync(file, { maxOutputLength: header }))
  if (bytes.length < header)
    throw new Error(
      `${name}: ${bytes.length} bytes are too few for a header of ${header}; replace ${path} by a fresh copy`,
    )
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const magic = view.getUint32(0)
  const expected = 0x0800 + dimensions
  if (magic !== expected)
    throw new Error(
      `${name}: magic number 0x${hex(magic)}, expected 0x${hex(expected)} (unsigned bytes in ${dimensions} dimensions); is ${path} the right file?`,
    )
  const shape = Array.from({ length: dimensions }, (_, d) => view.getUint32(4 + 4 * d))
  const size = shape.reduce((a, b) => a * b, 1)
  // The header says how much there may be, so that a small file cannot unpack to any size.
  if (packed) bytes = unpack(name, path, () => gunzipSync(file, { maxOutputLength: header + size }))
  if (bytes.length - header !== size)
    throw new Error(
      `${name}: ${bytes.length - header} bytes of data, the header announces ${size} (${shape.join(' × ')}); replace ${path} by a fresh copy`,
    )
  return { shape, data: bytes.subarray(header) }
}

/** Bytes of a packed file that hold the header for certain. */
const headLength = 1 << 12

function unpack(name: string, path: string, inflate: () => Uint8Array): Uint8Array {
  try {
    return inflate()
  } catch (error) {
    throw new Error(
      `${name}: the gzip data is damaged (${(error as Error).message}); replace ${path} by a fresh copy`,
      {
        cause: error,
      },
    )
  }
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0')
}
