/** Unpacks tar archives, packed with gzip or not: regular files and folders, into a folder and never outside of it. */
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  createReadStream,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join, normalize } from 'node:path'
import { createGunzip } from 'node:zlib'

const block = 512

/** Bytes in chunks as they come, read in pieces of any size. */
class Chunks {
  #waiting: Buffer = Buffer.alloc(0)
  readonly #source: AsyncIterator<Buffer>

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  /** At most `most` bytes; fewer at the end of a chunk, none at the end. */
  async some(most: number): Promise<Buffer> {
    if (this.#waiting.length === 0) {
      const { done, value } = await this.#source.next()
      if (done) return Buffer.alloc(0)
      this.#waiting = value
    }
    const given = this.#waiting.subarray(0, most)
    this.#waiting = this.#waiting.subarray(given.length)
    return given
  }

  /** Hands `size` bytes to `use`, piece by piece. @returns how many there were. */
  async each(size: number, use: (bytes: Buffer) => void): Promise<number> {
    let done = 0
    while (done < size) {
      const piece = await this.some(size - done)
      if (piece.length === 0) break
      use(piece)
      done += piece.length
    }
    return done
  }
}

const textOf = (header: Buffer, start: number, length: number): string =>
  header.toString('utf8', start, start + length).replace(/\0.*$/s, '')

/** The name of an entry, below the folder. */
function nameOf(archive: string, header: Buffer, long: string | undefined): string {
  const prefix = textOf(header, 257, 5) === 'ustar' ? textOf(header, 345, 155) : ''
  const name = long ?? (prefix ? `${prefix}/${textOf(header, 0, 100)}` : textOf(header, 0, 100))
  const path = normalize(name)
  if (path.startsWith('..') || path.startsWith('/') || /^[a-z]:/i.test(path))
    throw new Error(`${archive}: the entry '${name}' would be written outside of the folder`)
  return path
}

/**
 * Unpacks an archive: its folders and files appear in `folder` when all of it has been read; what is there under the same name
 * stays. @throws Error for an archive that is damaged, cut off, or has names that lead elsewhere.
 */
export async function unpackTar(path: string, folder: string): Promise<void> {
  const archive = basename(path)
  const temporary = join(folder, `.${archive}.${randomBytes(6).toString('hex')}.tmp`)
  mkdirSync(temporary)
  try {
    const file = createReadStream(path)
    const gunzip = createGunzip()
    file.on('error', (error) => gunzip.destroy(error))
    const source = /\.t?gz$/.test(archive) ? file.pipe(gunzip) : file
    await unpackInto(archive, new Chunks(source as AsyncIterable<Buffer>), temporary)
    for (const name of readdirSync(temporary))
      if (!existsSync(join(folder, name))) renameSync(join(temporary, name), join(folder, name))
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

async function unpackInto(archive: string, chunks: Chunks, folder: string): Promise<void> {
  let long: string | undefined
  for (;;) {
    const parts: Buffer[] = []
    if ((await chunks.each(block, (piece) => parts.push(Buffer.from(piece)))) < block)
      throw new Error(`${archive}: it ends in the middle; it is damaged or cut off`)
    const header = Buffer.concat(parts)
    if (header.every((byte) => byte === 0)) return
    const size = parseInt(textOf(header, 124, 12).trim() || '0', 8)
    if (!Number.isSafeInteger(size) || size < 0) throw new Error(`${archive}: an entry has no size; it is damaged`)
    const kind = String.fromCharCode(header[156] || 48)
    const text: Buffer[] = []
    let use: (bytes: Buffer) => void = () => {}
    let output: number | undefined
    if (kind === '0') {
      const target = join(folder, nameOf(archive, header, long))
      mkdirSync(dirname(target), { recursive: true })
      const opened = openSync(target, 'wx')
      output = opened
      use = (bytes) => {
        for (let done = 0; done < bytes.length;) done += writeSync(opened, bytes, done)
      }
    } else if (kind === '5') mkdirSync(join(folder, nameOf(archive, header, long)), { recursive: true })
    else if (kind === 'L') use = (bytes) => text.push(Buffer.from(bytes))
    try {
      const padded = Math.ceil(size / block) * block
      if ((await chunks.each(size, use)) < size || (await chunks.each(padded - size, () => {})) < padded - size)
        throw new Error(`${archive}: it ends in the middle of an entry; it is damaged or cut off`)
    } finally {
      if (output !== undefined) closeSync(output)
    }
    // A long name stands in an entry before the one that it belongs to.
    long = kind === 'L' ? Buffer.concat(text).toString('utf8').replace(/\0.*$/s, '') : undefined
  }
}
