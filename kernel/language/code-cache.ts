/**
 * V8's compiled form of a large script, kept in a file from one start to the next. It lies beside the code, so that whoever could put
 * something else there could also have changed the code. Where that folder cannot be written, each start compiles anew.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import vm from 'node:vm'

export interface CachedScript {
  exports: unknown
  /** Writes what was compiled so far, if the file has to be made or made anew. Takes a moment. */
  save(): void
}

/** Loads a CommonJS file that needs no other file, as `require` does. `version` names its contents. */
export function requireCached(file: string, version: string, folder: string): CachedScript {
  const cacheFile = path.join(folder, `${version}-v8-${process.versions.v8}-${process.arch}.bin`)
  const cachedData = readIfThere(cacheFile)
  const source = `(function (exports, require, module, __filename, __dirname) {${readFileSync(file, 'utf8')}\n})`
  const script = new vm.Script(source, { filename: file, ...(cachedData ? { cachedData } : {}) })
  const module = { exports: {} }
  const run = script.runInThisContext() as (...args: unknown[]) => void
  run.call(module.exports, module.exports, createRequire(file), module, file, path.dirname(file))
  let isSaved = cachedData !== undefined && script.cachedDataRejected !== true
  const save = () => {
    if (!isSaved) write(cacheFile, script.createCachedData())
    isSaved = true
  }
  return { exports: module.exports, save }
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file)
  } catch {
    return undefined
  }
}

function write(file: string, data: Buffer): void {
  const temporary = `${file}.${process.pid}`
  try {
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(temporary, data)
    renameSync(temporary, file)
  } catch {
    // A full disk, or a package that belongs to someone else.
    rmSync(temporary, { force: true })
  }
}
