/**
 * A reader of LMDB databases of version 1, the format of LMDB 0.9 in which data sets are published: keys in order, values by
 * place. Read-only, without locks. Every page number and size is checked against the file, so that a damaged one gives an error.
 *
 * A file is pages. Pages 0 and 1 hold the state (the one with the higher transaction counts); from the root a tree of branch
 * pages leads to leaf pages, whose nodes hold keys and values; long values lie in pages of their own.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { resolve } from 'node:path'

const magic = 0xbeefc0de
const header = 16
/** Page kinds. */
const branch = 1
const leaf = 2
const overflow = 4
/** The value of a node lies in pages of its own. */
const bigData = 1
const noPage = 0xffffffffffffffffn
/** Trees of LMDB are never deeper. */
const deepest = 32

/** Where a value is. */
export interface LmdbEntry {
  readonly key: Buffer
  readonly offset: number
  readonly size: number
}

/** An open database. */
export class LmdbFile {
  readonly #file: number
  readonly #size: number
  readonly #pageSize: number
  readonly #root: bigint
  /** Number of entries, as the file says. */
  readonly entries: number

  /** @param path the file data.mdb */
  constructor(readonly path: string) {
    this.#file = openSync(path, 'r')
    try {
      this.#size = fstatSync(this.#file).size
      const first = this.#state(0)
      // The size of pages stands in the first; the second state is a page further on.
      const states = [first, this.#state(first.pageSize)]
      const { pageSize, root, entries } = states[Number(states[1].transaction > states[0].transaction)]
      this.#pageSize = pageSize
      this.#root = root
      this.entries = entries
    } catch (error) {
      this.close()
      throw error
    }
  }

  #fail(message: string): never {
    throw new Error(`LMDB: ${resolve(this.path)} ${message}`)
  }

  /** Bytes of the file. */
  read(offset: number, size: number): Buffer {
    if (!Number.isSafeInteger(offset) || offset < 0 || offset + size > this.#size)
      this.#fail(`is damaged: bytes ${offset} to ${offset + size} lie beyond its end at ${this.#size}`)
    const bytes = Buffer.alloc(size)
    for (let done = 0; done < size;) {
      const got = readSync(this.#file, bytes, done, size - done, offset + done)
      if (got === 0) this.#fail(`ended at byte ${offset + done} while it was read`)
      done += got
    }
    return bytes
  }

  #state(offset: number): { pageSize: number; root: bigint; entries: number; transaction: bigint } {
    if (offset + 152 > this.#size) this.#fail(`has ${this.#size} bytes, too few for a database`)
    const page = this.read(offset, 152)
    if (page.readUInt32LE(header) !== magic) this.#fail('is no LMDB database')
    const version = page.readUInt32LE(header + 4)
    if (version !== 1) this.#fail(`is of version ${version}; version 1, that of LMDB 0.9, is read`)
    // After magic, version, address and map size come the tables of free pages and of the data, 48 bytes each.
    const [free, main] = [header + 24, header + 72]
    const pageSize = page.readUInt32LE(free)
    if (pageSize < 512 || pageSize > 65536 || (pageSize & (pageSize - 1)) !== 0)
      this.#fail(`is damaged: pages of ${pageSize} bytes make no sense`)
    const flags = page.readUInt16LE(main + 4)
    if ((flags & 0x04) !== 0) this.#fail('holds several values for a key, which is not read')
    return {
      pageSize,
      entries: Number(page.readBigUInt64LE(main + 32)),
      root: page.readBigUInt64LE(main + 40),
      transaction: page.readBigUInt64LE(main + 56),
    }
  }

  /** All keys in order, with the places of their values. */
  *list(): Generator<LmdbEntry> {
    if (this.#root !== noPage) yield* this.#below(this.#root, 0)
  }

  *#below(number: bigint, depth: number): Generator<LmdbEntry> {
    if (depth > deepest) this.#fail('is damaged: its tree goes round in circles')
    const offset = Number(number) * this.#pageSize
    const page = this.read(offset, this.#pageSize)
    const kind = page.readUInt16LE(10)
    const nodes = (page.readUInt16LE(12) - header) >> 1
    if ((kind & (branch | leaf)) === 0 || nodes < 0 || header + 2 * nodes > this.#pageSize)
      this.#fail(`is damaged: page ${number} is neither branch nor leaf`)
    for (let i = 0; i < nodes; i++) {
      const at = page.readUInt16LE(header + 2 * i)
      if (at + 8 > this.#pageSize) this.#fail(`is damaged: node ${i} of page ${number} lies outside of it`)
      const [low, high, flags, keySize] = [0, 2, 4, 6].map((skip) => page.readUInt16LE(at + skip))
      if (at + 8 + keySize > this.#pageSize) this.#fail(`is damaged: a key of page ${number} lies outside of it`)
      if (kind & branch) {
        yield* this.#below(BigInt(low) | (BigInt(high) << 16n) | (BigInt(flags) << 32n), depth + 1)
        continue
      }
      const key = Buffer.from(page.subarray(at + 8, at + 8 + keySize))
      const size = low + high * 65536
      if (flags & bigData) yield { key, size, offset: this.#longValue(page, at + 8 + keySize, number) }
      else if (at + 8 + keySize + size > this.#pageSize)
        this.#fail(`is damaged: a value of page ${number} lies outside of it`)
      else yield { key, size, offset: offset + at + 8 + keySize }
    }
  }

  #longValue(page: Buffer, at: number, number: bigint): number {
    if (at + 8 > this.#pageSize) this.#fail(`is damaged: a value of page ${number} lies outside of it`)
    const offset = Number(page.readBigUInt64LE(at)) * this.#pageSize
    if ((this.read(offset, header).readUInt16LE(10) & overflow) === 0)
      this.#fail(`is damaged: a long value of page ${number} is not where it should be`)
    return offset + header
  }

  /** The value of an entry. */
  value({ offset, size }: LmdbEntry): Buffer {
    return this.read(offset, size)
  }

  /** Closes the file. */
  close(): void {
    closeSync(this.#file)
  }
}
