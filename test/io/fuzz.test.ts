/**
 * Ten thousand damaged files of each format: whatever is in them, the answer is a value or an error of ours, at once, and
 * without allocating more than a small multiple of the file.
 */
import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { addon } from '../../lib/device/addon.js'
import { FileFormatError } from '../../lib/io/index.js'
import { io, load } from '../../lib/index.js'
import { golden } from './support.js'

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

/** What a damaged file may end in, besides a value. */
const allowed = (error: unknown): boolean =>
  error instanceof FileFormatError || (error instanceof Error && /is not known here/.test(error.message))

function fuzz(name: string, read: (bytes: Buffer) => unknown, file: Buffer): void {
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
        if (!allowed(error)) throw new Error(`round ${i}: ${String((error as Error).stack)}`, { cause: error })
      }
    }
    assert.ok(readable < rounds)
    // All rounds together, uncollected: what one of them could have taken is far less.
    const grown = process.memoryUsage().arrayBuffers + addon().memory().peak - before
    assert.ok(grown < rounds * 40 * file.length, `${grown} bytes more`)
  })
}

/** An archive whose writer computed no checksums, so that damage reaches what lies behind them. */
function withoutChecksums(archive: Buffer): Buffer {
  for (let at = archive.indexOf('PK\x01\x02'); at >= 0; at = archive.indexOf('PK\x01\x02', at + 1))
    archive.writeUInt32LE(0, at + 16)
  return archive
}

describe('damaged files', () => {
  const bytes = (name: string): Buffer => readFileSync(golden(name))
  fuzz('PyTorch archives', (file) => load(file), withoutChecksums(bytes('everything.pt')))
  fuzz('old PyTorch files', (file) => load(file), bytes('legacy.pth'))
  fuzz('pickles', (file) => load(file), bytes('batch.pkl'))
  fuzz('safetensors', (file) => io.loadSafetensors(file), bytes('everything.safetensors'))
  fuzz('.npy files', (file) => io.loadNpy(file), bytes('fortran.npy'))
  fuzz('.npz files', (file) => io.loadNpz(file, { maxBytes: 1 << 20 }), withoutChecksums(bytes('stored.npz')))
  fuzz('CSV', (file) => io.loadCsv(file), Buffer.from('a,b,"c"\n1,2.5,x\n-3e4,NA,"y,""z"\n'.repeat(4)))
  fuzz('compressed .npz files', (file) => io.loadNpz(file, { maxBytes: 1 << 20 }), bytes('packed.npz'))
})
