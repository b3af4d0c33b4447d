/** Unpacks archives into a folder and never outside of it. */
import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, writeSync } from 'node:fs'
import { basename, dirname, join, normalize } from 'node:path'
import { readTar } from './tar.js'
import { readZip } from './unzip.js'

/** Where the readers of archives put what they find. */
export interface Unpacking {
  folder(name: string): void
  /** @param read hands all bytes of the file, piece by piece, to the function that it is given */
  file(name: string, read: (use: (bytes: Buffer) => void) => Promise<void>): Promise<void>
}

function unpackingInto(folder: string, archive: string): Unpacking {
  const pathOf = (name: string): string => {
    const path = normalize(name)
    if (path.startsWith('..') || path.startsWith('/') || /^[a-z]:/i.test(path))
      throw new Error(`${archive}: the entry '${name}' would be written outside of the folder`)
    return join(folder, path)
  }
  return {
    folder: (name) => void mkdirSync(pathOf(name), { recursive: true }),
    file: async (name, read) => {
      const path = pathOf(name)
      mkdirSync(dirname(path), { recursive: true })
      const output = openSync(path, 'wx')
      try {
        await read((bytes) => {
          for (let done = 0; done < bytes.length;) done += writeSync(output, bytes, done)
        })
      } finally {
        closeSync(output)
      }
    },
  }
}

/**
 * Unpacks a zip or tar archive: its folders and files appear in `folder` when all of it has been read; what is there under the
 * same name stays. @throws Error for an archive that is damaged, cut off, or has names that lead elsewhere.
 */
export async function unpackArchive(path: string, folder: string): Promise<void> {
  const archive = basename(path)
  const temporary = join(dirname(path), `.${archive}.${randomBytes(6).toString('hex')}.tmp`)
  mkdirSync(temporary)
  try {
    await (archive.endsWith('.zip') ? readZip : readTar)(path, unpackingInto(temporary, archive))
    if (!existsSync(folder)) return renameSync(temporary, folder)
    for (const name of readdirSync(temporary))
      if (!existsSync(join(folder, name))) renameSync(join(temporary, name), join(folder, name))
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}
