/**
 * Files as readers and writers of formats see them. Reading is by position and never beyond the end, so that no size which
 * a file claims is believed before the file is known to hold it. Writing goes to another name first.
 */
import { randomBytes } from 'node:crypto'
import { closeSync, fstatSync, fsyncSync, openSync, readSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { checkInterrupt } from '../device/interrupt.js'

/** A file that is damaged, hostile, or of another format than expected. The message begins with the file's name. */
export class FileFormatError extends Error {
  override name = 'FileFormatError'
}

/** What can be read: the name of a file, or its contents. */
export type FileSource = string | Uint8Array | ArrayBuffer

/** How much is read or written between two looks at the stop button. */
const slice = 1 << 26

/** Bytes by position. */
export abstract class Bytes {
  constructor(
    /** How messages call the file. */
    readonly name: string,
    readonly size: number,
  ) {}

  /** Fills `target` from `offset` on. @throws FileFormatError when the file ends before. */
  readInto(offset: number, target: Uint8Array): void {
    this.assertRange(offset, target.length)
    this.copy(offset, target)
  }

  /** A copy of `length` bytes from `offset` on. @throws FileFormatError when the file ends before; nothing is allocated then. */
  read(offset: number, length: number): Uint8Array<ArrayBuffer> {
    this.assertRange(offset, length)
    const bytes = new Uint8Array(length)
    this.copy(offset, bytes)
    return bytes
  }

  fail(message: string): never {
    throw new FileFormatError(`${this.name}: ${message}`)
  }

  private assertRange(offset: number, length: number): void {
    const whole = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0
    if (!whole || offset + length > this.size)
      this.fail(
        `${length} bytes from byte ${offset} on are needed, the file has ${this.size}; it is damaged or cut off`,
      )
  }

  protected abstract copy(offset: number, target: Uint8Array): void
}

/** Bytes in memory. */
export class MemoryBytes extends Bytes {
  constructor(
    name: string,
    private readonly bytes: Uint8Array,
  ) {
    super(name, bytes.length)
  }

  protected copy(offset: number, target: Uint8Array): void {
    target.set(this.bytes.subarray(offset, offset + target.length))
  }
}

class OpenFile extends Bytes {
  constructor(
    name: string,
    size: number,
    private readonly descriptor: number,
  ) {
    super(name, size)
  }

  protected copy(offset: number, target: Uint8Array): void {
    for (let done = 0; done < target.length;) {
      checkInterrupt()
      const length = Math.min(slice, target.length - done)
      const got = readSync(this.descriptor, target, done, length, offset + done)
      if (got === 0) this.fail(`ends at byte ${offset + done} while it is read; is something writing to it?`)
      done += got
    }
  }
}

/** Runs `use` on a file or on bytes in memory; the file is closed afterwards. */
export function withBytes<T>(caller: string, source: FileSource, use: (bytes: Bytes) => T): T {
  if (source instanceof Uint8Array) return use(new MemoryBytes('the given bytes', source))
  if (source instanceof ArrayBuffer) return use(new MemoryBytes('the given bytes', new Uint8Array(source)))
  assertPath(caller, source)
  let descriptor: number
  try {
    descriptor = openSync(source, 'r')
  } catch (error) {
    throw new Error(`${caller}: cannot open ${resolve(source)}: ${(error as Error).message}`, { cause: error })
  }
  try {
    const stat = fstatSync(descriptor)
    if (!stat.isFile()) throw new Error(`${caller}: ${resolve(source)} is no file`)
    return use(new OpenFile(basename(source), stat.size, descriptor))
  } finally {
    closeSync(descriptor)
  }
}

function assertPath(caller: string, path: unknown): asserts path is string {
  if (typeof path !== 'string' || path === '')
    throw new TypeError(`${caller}: the file must be given by its path (or as bytes), got ${typeof path}`)
}

/** Appends bytes to the file that is being written. */
export type Sink = (bytes: Uint8Array) => void

/**
 * Writes a file that appears whole or not at all: to a temporary name in the same folder, onto the disk, then renamed.
 * @throws when the folder does not exist, naming it; whatever `produce` throws. What was there before stays in both cases.
 */
export function writeAtomically(caller: string, path: string, produce: (sink: Sink) => void): void {
  assertPath(caller, path)
  const target = resolve(path)
  const folder = dirname(target)
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new Error(`${caller}: cannot write ${basename(target)}: there is no folder ${folder}; create it first`)
  const temporary = join(folder, `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`)
  const descriptor = openSync(temporary, 'wx')
  try {
    try {
      produce((bytes) => {
        for (let done = 0; done < bytes.length;) {
          checkInterrupt()
          done += writeSync(descriptor, bytes, done, Math.min(slice, bytes.length - done))
        }
      })
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    renameSync(temporary, target)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}
