/** Damaged files by the thousand, for the readers of all formats. */
import { strict as assert } from 'node:assert'
import { addon } from '../../lib/device/addon.js'

const rounds = 10_000

/** Small, fast, and the same in every run. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** Numbers that break arithmetic. */
const awkward = [0, 1, 0x7f, 0x80, 0xff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff]

/** Changes bytes, cuts, repeats and moves pieces. */
function damage(file: Buffer, random: (below: number) => number): Buffer {
  let bytes = Buffer.from(file)
  for (let n = 1 + random(4); n > 0 && bytes.length > 8; n--) {
    const at = random(bytes.length)
    const kind = random(8)
    if (kind < 3) bytes[at] = random(256)
    else if (kind === 3) bytes[at] ^= 1 << random(8)
    else if (kind === 4) bytes.writeUInt32LE(awkward[random(awkward.length)], Math.min(at, bytes.length - 4))
    else if (kind === 5) bytes = bytes.subarray(0, at)
    else {
      const piece = bytes.subarray(at, at + 1 + random(64))
      const place = random(bytes.length)
      bytes = kind === 6 ? Buffer.concat([bytes.subarray(0, place), piece, bytes.subarray(place)]) : bytes
      if (kind === 7) piece.copy(bytes, place)
    }
  }
  return bytes
}

/** How damaged files of a format are read. */
export interface Fuzzed {
  /** The test's name. */
  readonly name: string
  readonly read: (bytes: Buffer) => unknown
  /** A whole one, small. */
  readonly file: Buffer
  /** Whether damage may end in this error. */
  readonly allowed: (error: Error) => boolean
  /** The most that a file may become, for pictures and packed files. Default 0: no more than the file. */
  readonly unpacked?: number
}

/** Declares the test: whatever is in the files, the answer is a value or an error of ours, without large allocations. */
export function fuzz({ name, read, file, allowed, unpacked = 0 }: Fuzzed): void {
  it(`reads ${name}`, function () {
    this.timeout(120_000)
    const random = randomNumbers(file.length)
    const before = process.memoryUsage().arrayBuffers + addon().memory().peak
    let readable = 0
    for (let i = 0; i < rounds; i++) {
      const bytes = damage(file, random)
      try {
        read(bytes)
        readable++
      } catch (error) {
        if (!(error instanceof Error && allowed(error)))
          throw new Error(`round ${i}: ${String((error as Error).stack)}`, { cause: error })
      }
    }
    assert.ok(readable < rounds)
    // All rounds together, uncollected: what one of them could have taken is far less.
    const grown = process.memoryUsage().arrayBuffers + addon().memory().peak - before
    assert.ok(grown < rounds * (40 * file.length + unpacked), `${grown} bytes more`)
  })
}
