/**
 * Constants that an ONNX model keeps in other files. These lie in the model's own folder or below it: a name that leads
 * elsewhere is refused, so that a model cannot read other files of its user.
 */
import { realpathSync } from 'node:fs'
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path'
import { FileFormatError, withBytes, type FileSource } from '../files.js'

/** Where elements stand, by the names of the specification. */
export type ExternalPlace = ReadonlyMap<string, string>

/** The bytes at a place, as many as are expected. */
export type ExternalReader = (place: ExternalPlace, constant: string, expected: number) => Uint8Array

const inside = (folder: string, path: string): boolean => {
  const way = relative(folder, path)
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

function pathOf(folder: string, location: string, fail: (message: string) => never): string {
  const path = resolve(folder, location)
  if (location === '' || isAbsolute(location) || !inside(folder, path))
    fail(`is said to be kept in '${location}', which is not in the model's folder`)
  let real: string
  try {
    real = realpathSync(path)
  } catch {
    return fail(`is kept in ${path}, which is not there; put the file beside the model`)
  }
  // A link may lead elsewhere.
  if (!inside(realpathSync(folder), real)) fail(`is said to be kept in '${location}', which leads out of the folder`)
  return real
}

/** Reads what the model at `source` keeps elsewhere; no byte of a file is read twice, so no more than its size is allocated. */
export function externalReader(source: FileSource, name: string): ExternalReader {
  const known = new Map<string, Uint8Array>()
  const taken = new Map<string, number>()
  return (place, constant, expected) => {
    const fail = (message: string): never => {
      throw new FileFormatError(`${name}: constant '${constant}' ${message}`)
    }
    if (typeof source !== 'string') return fail('is kept in another file; give the path of the model, not its bytes')
    const path = pathOf(dirname(resolve(source)), place.get('location') ?? '', fail)
    const number = (key: string, otherwise: number): number => {
      const text = place.get(key)
      if (text === undefined) return otherwise
      const value = /^\d+$/.test(text) ? Number(text) : NaN
      return Number.isSafeInteger(value) ? value : fail(`has the ${key} '${text}' in another file; it is damaged`)
    }
    const offset = number('offset', 0)
    const length = number('length', expected)
    if (length !== expected) fail(`has ${length} bytes in another file, its sizes need ${expected}`)
    const key = `${offset} ${length} ${path}`
    const before = known.get(key)
    if (before) return before
    return withBytes('importOnnx', path, (file) => {
      const sum = (taken.get(path) ?? 0) + length
      if (sum > file.size) file.fail(`constants of ${name} read ${sum} bytes of it, it has ${file.size}`)
      const bytes = file.read(offset, length)
      taken.set(path, sum)
      known.set(key, bytes)
      return bytes
    })
  }
}
