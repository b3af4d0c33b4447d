/** A step leaves a stamp, the digest of what it was made from, so that it is not done again until that changes. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Digest of names and contents of the files, folders taken with all that is in them; what does not exist is left out. */
export function digest(paths: readonly string[], ...more: readonly string[]): string {
  const hash = createHash('sha1').update(more.join('\n'))
  const add = (path: string, entries: ReturnType<typeof list>): void => {
    if (entries) for (const name of entries) add(join(path, name), list(join(path, name)))
    else hash.update(`\n${path}\n`).update(readFileSync(path))
  }
  for (const path of paths) if (existsSync(path)) add(path, list(path))
  return hash.digest('hex')
}

/** A folder's names in a fixed order; null for a file. */
function list(path: string): string[] | null {
  try {
    return readdirSync(path).sort()
  } catch {
    return null
  }
}

export const isFresh = (stampFile: string, value: string): boolean =>
  existsSync(stampFile) && readFileSync(stampFile, 'utf8') === value

export function leaveStamp(stampFile: string, value: string): void {
  mkdirSync(dirname(stampFile), { recursive: true })
  writeFileSync(stampFile, value)
}
