/**
 * Writer of zip archives: entries one after the other, stored or deflated, their data at multiples of 64 bytes where
 * asked for, as PyTorch writes them so that files can be mapped into memory. Zip64 where sizes need it.
 */
import { crc32, deflateRawSync } from 'node:zlib'
import type { Sink } from '../files.js'

export interface ZipWriteOptions {
  /** Data begins at multiples of this. Default 1. */
  align?: number
  /** Whether to pack entries. Default false. */
  compress?: boolean
}

interface Written {
  name: Uint8Array
  method: number
  crc: number
  packed: number
  size: number
  header: number
}

const limit = 0xffffffff
/** 1980-01-01: the same contents make the same file. */
const date = 0x0021

export class ZipWriter {
  private position = 0
  private readonly written: Written[] = []
  private readonly align: number
  private readonly compress: boolean

  constructor(
    private readonly sink: Sink,
    { align = 1, compress = false }: ZipWriteOptions = {},
  ) {
    this.align = align
    this.compress = compress
  }

  /** Appends an entry. */
  add(entry: string, data: Uint8Array | string): void {
    const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data
    const packed = this.compress ? deflateRawSync(bytes) : bytes
    const name = new TextEncoder().encode(entry)
    const method = this.compress ? 8 : 0
    const written = {
      name,
      method,
      crc: crc32(bytes),
      packed: packed.length,
      size: bytes.length,
      header: this.position,
    }
    const wide = written.size >= limit || written.packed >= limit
    const sizes = wide ? zip64Extra([written.size, written.packed]) : new Uint8Array(0)
    const padding = this.padding(30 + name.length + sizes.length)
    const header = new DataView(new ArrayBuffer(30))
    header.setUint32(0, 0x04034b50, true)
    describe(header, 4, written, wide)
    header.setUint16(28, sizes.length + padding.length, true)
    for (const part of [new Uint8Array(header.buffer), name, sizes, padding, packed]) this.write(part)
    this.written.push(written)
  }

  /** Writes the directory. */
  end(): void {
    const start = this.position
    for (const entry of this.written) {
      const wide = entry.size >= limit || entry.packed >= limit || entry.header >= limit
      const extra = wide ? zip64Extra([entry.size, entry.packed, entry.header]) : new Uint8Array(0)
      const header = new DataView(new ArrayBuffer(46))
      header.setUint32(0, 0x02014b50, true)
      header.setUint16(4, wide ? 45 : 20, true)
      describe(header, 6, entry, wide)
      header.setUint16(30, extra.length, true)
      header.setUint32(42, wide ? limit : entry.header, true)
      for (const part of [new Uint8Array(header.buffer), entry.name, extra]) this.write(part)
    }
    const size = this.position - start
    const count = this.written.length
    if (start >= limit || size >= limit || count >= 0xffff) this.writeZip64End(start, size)
    const end = new DataView(new ArrayBuffer(22))
    end.setUint32(0, 0x06054b50, true)
    end.setUint16(8, Math.min(count, 0xffff), true)
    end.setUint16(10, Math.min(count, 0xffff), true)
    end.setUint32(12, Math.min(size, limit), true)
    end.setUint32(16, Math.min(start, limit), true)
    this.write(new Uint8Array(end.buffer))
  }

  private writeZip64End(start: number, size: number): void {
    const record = new DataView(new ArrayBuffer(56 + 20))
    const at = this.position
    record.setUint32(0, 0x06064b50, true)
    record.setBigUint64(4, 44n, true)
    record.setUint16(12, 45, true)
    record.setUint16(14, 45, true)
    record.setBigUint64(24, BigInt(this.written.length), true)
    record.setBigUint64(32, BigInt(this.written.length), true)
    record.setBigUint64(40, BigInt(size), true)
    record.setBigUint64(48, BigInt(start), true)
    record.setUint32(56, 0x07064b50, true)
    record.setBigUint64(64, BigInt(at), true)
    record.setUint32(72, 1, true)
    this.write(new Uint8Array(record.buffer))
  }

  /** An extra field of PyTorch's kind ('FB', filled with 'Z') that moves the data to its place. */
  private padding(header: number): Uint8Array {
    if (this.align === 1) return new Uint8Array(0)
    const fill = (this.align - ((this.position + header + 4) % this.align)) % this.align
    const field = new Uint8Array(4 + fill).fill(0x5a)
    field.set([0x46, 0x42, fill & 0xff, fill >> 8])
    return field
  }

  private write(bytes: Uint8Array): void {
    this.sink(bytes)
    this.position += bytes.length
  }
}

/** The fields that both kinds of header share: version needed, flags (UTF-8 names), method, time, checksum, sizes, length of the name. */
function describe(header: DataView, at: number, { method, crc, packed, size, name }: Written, wide: boolean): void {
  header.setUint16(at, wide ? 45 : 20, true)
  header.setUint16(at + 2, 0x0800, true)
  header.setUint16(at + 4, method, true)
  header.setUint16(at + 8, date, true)
  header.setUint32(at + 10, crc, true)
  header.setUint32(at + 14, wide ? limit : packed, true)
  header.setUint32(at + 18, wide ? limit : size, true)
  header.setUint16(at + 22, name.length, true)
}

function zip64Extra(numbers: readonly number[]): Uint8Array {
  const field = new DataView(new ArrayBuffer(4 + 8 * numbers.length))
  field.setUint16(0, 1, true)
  field.setUint16(2, 8 * numbers.length, true)
  numbers.forEach((number, i) => field.setBigUint64(4 + 8 * i, BigInt(number), true))
  return new Uint8Array(field.buffer)
}
