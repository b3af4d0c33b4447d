/** Reads zip archives piece by piece: regular files and folders. */
import { createReadStream } from 'node:fs'
import { crc32, createInflateRaw } from 'node:zlib'
import { withBytes } from '../../io/files.js'
import { ZipArchive, type ZipEntry } from '../../io/zip/read.js'
import type { Unpacking } from './unpack.js'

/** The contents of an entry. @throws Error when they are not what the directory says. */
async function readEntry(path: string, entry: ZipEntry, use: (bytes: Buffer) => void): Promise<void> {
  let [size, sum] = [0, 0]
  const damaged = (): never => {
    throw new Error(`${path}: entry '${entry.name}' does not unpack to its ${entry.size} bytes; it is damaged`)
  }
  if (entry.packed > 0) {
    const packed = createReadStream(path, { start: entry.offset, end: entry.offset + entry.packed - 1 })
    const inflate = createInflateRaw()
    packed.on('error', (error) => inflate.destroy(error))
    const source: AsyncIterable<Buffer> = entry.method === 0 ? packed : packed.pipe(inflate)
    try {
      for await (const bytes of source) {
        size += bytes.length
        if (size > entry.size) break
        sum = crc32(bytes, sum)
        use(bytes)
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code?.startsWith('Z_')) damaged()
      throw error
    } finally {
      packed.destroy()
    }
  }
  if (size !== entry.size || sum !== entry.crc) damaged()
}

/** Hands over the files of an archive. @throws Error for an archive that is damaged or cut off. */
export async function readZip(path: string, to: Unpacking): Promise<void> {
  const { entries } = withBytes('unpack', path, (bytes) => new ZipArchive(bytes))
  for (const [name, entry] of entries)
    if (name.endsWith('/')) to.folder(name)
    else await to.file(name, (use) => readEntry(path, entry, use))
}
