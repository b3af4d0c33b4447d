/** Reads tar archives, packed with gzip or not: regular files and folders. */
import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { createGunzip } from 'node:zlib'
import type { Unpacking } from './unpack.js'

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

/** The name of an entry. */
function nameOf(header: Buffer): string {
  const prefix = textOf(header, 257, 5) === 'ustar' ? textOf(header, 345, 155) : ''
  return prefix ? `${prefix}/${textOf(header, 0, 100)}` : textOf(header, 0, 100)
}

/** Hands over the files of an archive. @throws Error for an archive that is damaged or cut off. */
export async function readTar(path: string, to: Unpacking): Promise<void> {
  const archive = basename(path)
  const file = createReadStream(path)
  const gunzip = createGunzip()
  file.on('error', (error) => gunzip.destroy(error))
  const source = /\.t?gz$/.test(archive) ? file.pipe(gunzip) : file
  const chunks = new Chunks(source as AsyncIterable<Buffer>)
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
    const name = long ?? nameOf(header)
    const text: Buffer[] = []
    const padded = Math.ceil(size / block) * block
    const read = async (use: (bytes: Buffer) => void): Promise<void> => {
      if ((await chunks.each(size, use)) < size || (await chunks.each(padded - size, () => {})) < padded - size)
        throw new Error(`${archive}: it ends in the middle of an entry; it is damaged or cut off`)
    }
    if (kind === '0') await to.file(name, read)
    else {
      if (kind === '5') to.folder(name)
      await read((bytes) => kind === 'L' && text.push(Buffer.from(bytes)))
    }
    // A long name stands in an entry before the one that it belongs to.
    long = kind === 'L' ? Buffer.concat(text).toString('utf8').replace(/\0.*$/s, '') : undefined
  }
}
