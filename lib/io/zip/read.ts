/**
 * Reader of zip archives. Everything the directory says is checked against the file before it is used: entries lie inside,
 * do not overlap, and have names of their own, so their sizes together are no more than the file's.
 *
 * Own, because tensors are read from the file straight into native memory, by position: the libraries inflate or copy
 * whole entries, and none writes entries at aligned places.
 */
import { crc32, inflateRawSync } from 'node:zlib'
import type { Bytes } from '../files.js'

export interface ZipEntry {
  readonly name: string
  /** 0 stored, 8 deflated. */
  readonly method: number
  /** Bytes in the archive. */
  readonly packed: number
  /** Bytes when unpacked. */
  readonly size: number
  /** Where its data begins. */
  readonly offset: number
  readonly crc: number
}

const endSignature = 0x06054b50
const zip64LocatorSignature = 0x07064b50
const zip64EndSignature = 0x06064b50
const centralSignature = 0x02014b50
const localSignature = 0x04034b50
/** A size or offset that stands in the zip64 field. */
const elsewhere = 0xffffffff

/** Whether the file begins as zip archives do. */
export function looksLikeZip(file: Bytes): boolean {
  return file.size >= 4 && view(file.read(0, 4)).getUint32(0, true) === localSignature
}

/** An archive's entries by name. @throws FileFormatError when it is damaged. */
export class ZipArchive {
  readonly entries: ReadonlyMap<string, ZipEntry>

  constructor(readonly file: Bytes) {
    this.entries = readDirectory(file)
  }

  /** The entry of this name. @throws FileFormatError when there is none. */
  entry(name: string): ZipEntry {
    return this.entries.get(name) ?? this.file.fail(`there is no entry '${name}' in the archive`)
  }

  /** The contents of an entry, of which the caller has reason to believe that it is small: at most `limit` bytes. */
  read(entry: ZipEntry, limit: number): Uint8Array {
    if (entry.size > limit)
      this.file.fail(`entry '${entry.name}' has ${entry.size} bytes unpacked, more than the ${limit} that are accepted`)
    const packed = this.file.read(entry.offset, entry.packed)
    const bytes = entry.method === 0 ? packed : this.inflate(entry, packed)
    this.verify(entry, bytes)
    return bytes
  }

  private inflate(entry: ZipEntry, packed: Uint8Array): Uint8Array {
    // Deflate makes at most 1032 bytes out of one.
    if (entry.size > packed.length * 1032 + 1032)
      this.file.fail(
        `entry '${entry.name}' claims to unpack ${packed.length} bytes to ${entry.size}, which is not possible`,
      )
    try {
      const bytes = inflateRawSync(packed, { maxOutputLength: Math.max(entry.size, 1) })
      if (bytes.length === entry.size) return bytes
    } catch {
      // Said below: too long or broken, it does not unpack to what the directory says.
    }
    return this.file.fail(`entry '${entry.name}' does not unpack to its ${entry.size} bytes; it is damaged`)
  }

  /** Compares with the checksum; 0 means that the writer computed none, as PyTorch can be told. */
  verify(entry: ZipEntry, bytes: Uint8Array): void {
    if (entry.crc !== 0 && crc32(bytes) !== entry.crc)
      this.file.fail(`entry '${entry.name}' does not have its checksum; the file is damaged`)
  }
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** A 64-bit number that must be a size. */
function bigSize(file: Bytes, at: DataView, offset: number): number {
  const value = at.getBigUint64(offset, true)
  return value <= BigInt(file.size)
    ? Number(value)
    : file.fail(`a size of ${value} is more than the file's ${file.size}`)
}

function findEnd(file: Bytes): { count: number; offset: number; size: number } {
  const length = Math.min(file.size, 22 + 0xffff)
  const start = file.size - length
  const tail = view(file.read(start, length))
  for (let at = length - 22; at >= 0; at--) {
    if (tail.getUint32(at, true) !== endSignature || at + 22 + tail.getUint16(at + 20, true) !== length) continue
    const size = tail.getUint32(at + 12, true)
    const offset = tail.getUint32(at + 16, true)
    const count = tail.getUint16(at + 10, true)
    if (at < 20 || tail.getUint32(at - 20, true) !== zip64LocatorSignature) return { count, offset, size }
    const record = view(file.read(bigSize(file, tail, at - 20 + 8), 56))
    if (record.getUint32(0, true) !== zip64EndSignature) file.fail('the zip64 record of the archive is damaged')
    return { count: bigSize(file, record, 32), size: bigSize(file, record, 40), offset: bigSize(file, record, 48) }
  }
  return file.fail('the end of the archive is missing; it is damaged or cut off')
}

function readDirectory(file: Bytes): Map<string, ZipEntry> {
  const { count, offset, size } = findEnd(file)
  if (offset + size > file.size || count * 46 > size)
    file.fail(
      `a directory of ${count} entries in ${size} bytes from byte ${offset} on does not fit; it is damaged or cut off`,
    )
  const bytes = file.read(offset, size)
  const directory = view(bytes)
  const entries = new Map<string, ZipEntry>()
  const ranges: [start: number, end: number, name: string][] = []
  for (let i = 0, at = 0; i < count; i++) {
    if (at + 46 > size || directory.getUint32(at, true) !== centralSignature)
      file.fail(`entry ${i} of the archive's directory is damaged`)
    const nameLength = directory.getUint16(at + 28, true)
    const extraLength = directory.getUint16(at + 30, true)
    const next = at + 46 + nameLength + extraLength + directory.getUint16(at + 32, true)
    if (next > size) file.fail(`entry ${i} of the archive's directory is damaged`)
    const rawName = bytes.subarray(at + 46, at + 46 + nameLength)
    const name = new TextDecoder().decode(rawName)
    const wide = zip64Field(bytes.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength))
    const number = (position: number): number => {
      const value = directory.getUint32(position, true)
      return value === elsewhere ? (wide(file) ?? value) : value
    }
    const method = directory.getUint16(at + 10, true)
    // The zip64 field holds what is missing in this order.
    const unpacked = number(at + 24)
    const packed = number(at + 20)
    const header = number(at + 42)
    if (directory.getUint16(at + 8, true) & 1) file.fail(`entry '${name}' is encrypted`)
    if (method !== 0 && method !== 8) file.fail(`entry '${name}' is packed by method ${method}, known are 0 and 8`)
    if (method === 0 && packed !== unpacked)
      file.fail(`entry '${name}' is stored in ${packed} bytes but claims ${unpacked}`)
    if (entries.has(name)) file.fail(`two entries are named '${name}'`)
    const data = dataOffset(file, header, rawName, name)
    if (data + packed > offset)
      file.fail(`entry '${name}' reaches beyond the place of its data; it is damaged or cut off`)
    ranges.push([header, data + packed, name])
    entries.set(name, { name, method, packed, size: unpacked, offset: data, crc: directory.getUint32(at + 16, true) })
    at = next
  }
  ranges.sort((a, b) => a[0] - b[0])
  ranges.forEach(([start, , name], i) => {
    if (i > 0 && start < ranges[i - 1][1]) file.fail(`entries '${ranges[i - 1][2]}' and '${name}' overlap`)
  })
  return entries
}

/** Hands out the 64-bit numbers of the extra field, one at each call. */
function zip64Field(extra: Uint8Array): (file: Bytes) => number | undefined {
  const data = view(extra)
  for (let at = 0; at + 4 <= extra.length;) {
    const length = data.getUint16(at + 2, true)
    if (data.getUint16(at, true) === 1) {
      const end = Math.min(at + 4 + length, extra.length)
      let next = at + 4
      return (file) => {
        if (next + 8 > end) return undefined
        next += 8
        return bigSize(file, data, next - 8)
      }
    }
    at += 4 + length
  }
  return () => undefined
}

/** Where data begins: after the entry's own header, which repeats the name and has extra fields of its own. */
function dataOffset(file: Bytes, header: number, rawName: Uint8Array, name: string): number {
  const bytes = file.read(header, 30 + rawName.length)
  const local = view(bytes)
  const same = local.getUint16(26, true) === rawName.length && rawName.every((byte, i) => bytes[30 + i] === byte)
  if (local.getUint32(0, true) !== localSignature || !same) file.fail(`the header of entry '${name}' is damaged`)
  return header + 30 + rawName.length + local.getUint16(28, true)
}
