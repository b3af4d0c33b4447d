/** Writer of pickles of protocol 2, which every Python and PyTorch reads: values, containers, and calls of named functions. */

/** A function of Python's with arguments, written as a call: what the reader gets is its result. */
export class PyCall {
  constructor(
    /** 'module name', as a pickle has it. */
    readonly callee: string,
    readonly args: readonly unknown[],
  ) {}
}

/** A tuple; plain arrays become lists. */
export class PyTuple {
  constructor(readonly items: readonly unknown[]) {}
}

/** A class by name. */
export class PyName {
  constructor(readonly name: string) {}
}

/** Something outside of the pickle. */
export class PyReference {
  constructor(readonly id: PyTuple) {}
}

/** A whole number written as a float: JavaScript does not tell 1 from 1.0. */
export class PyFloat {
  constructor(readonly value: number) {}
}

/**
 * Called once for every object, array and Map: returns what to write in its place, one of the above or plain data, or the
 * object itself. Throws for what cannot be saved, at `path`.
 */
export type Reduce = (value: object, path: string) => unknown

/** How deep containers may lie in one another. */
const deepest = 400

/** The pickle of a value. The same object is written once and then referred to, so that it is one object again. */
export function pickle(root: unknown, reduce: Reduce): Uint8Array {
  return new Writer(reduce).write(root)
}

class Writer {
  private buffer = Buffer.alloc(4096)
  private length = 0
  private readonly memo = new Map<unknown, number>()
  private readonly reduced = new Map<object, unknown>()

  constructor(private readonly reduce: Reduce) {}

  write(root: unknown): Uint8Array {
    this.bytes(0x80, 2)
    this.value(root, 'the value', 0)
    this.op('.')
    return this.buffer.subarray(0, this.length)
  }

  private room(length: number): void {
    if (this.length + length <= this.buffer.length) return
    const wider = Buffer.alloc(Math.max(2 * this.buffer.length, this.length + length))
    wider.set(this.buffer.subarray(0, this.length))
    this.buffer = wider
  }

  private bytes(...bytes: number[]): void {
    this.room(bytes.length)
    for (const byte of bytes) this.buffer[this.length++] = byte
  }

  private op(letter: string): void {
    this.bytes(letter.charCodeAt(0))
  }

  private uint32(value: number): void {
    this.room(4)
    this.length = this.buffer.writeUInt32LE(value, this.length)
  }

  private text(text: string): void {
    this.room(Buffer.byteLength(text))
    this.length += this.buffer.write(text, this.length)
  }

  /** Writes a reference if the value was written before; otherwise `write` it and remember it. */
  private once(key: unknown, write: () => void): void {
    const known = this.memo.get(key)
    if (known !== undefined) return this.indexed('h', 'j', known)
    write()
    this.remember(key)
  }

  private remember(key: unknown): void {
    this.indexed('q', 'r', this.memo.size)
    this.memo.set(key, this.memo.size)
  }

  private indexed(short: string, long: string, index: number): void {
    this.op(index < 256 ? short : long)
    if (index < 256) this.bytes(index)
    else this.uint32(index)
  }

  private value(value: unknown, path: string, depth: number): void {
    if (depth > deepest)
      throw new RangeError(`save: ${path.slice(0, 80)}… lies more than ${deepest} deep in containers`)
    if (value === null || value === undefined) this.op('N')
    else if (typeof value === 'boolean') this.bytes(value ? 0x88 : 0x89)
    else if (typeof value === 'number') this.number(value)
    else if (typeof value === 'bigint') this.long(value)
    else if (typeof value === 'string') this.string(value)
    else if (typeof value === 'object') this.object(value, path, depth)
    else throw new TypeError(`save: ${path} is a ${typeof value}, which no file can hold`)
  }

  private number(value: number): void {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) this.float(value)
    else if (value >= 0 && value < 256) this.bytes(0x4b, value)
    else if (value >= -(2 ** 31) && value < 2 ** 31) {
      this.op('J')
      this.uint32(value >>> 0)
    } else this.long(BigInt(value))
  }

  private float(value: number): void {
    this.op('G')
    this.room(8)
    this.length = this.buffer.writeDoubleBE(value, this.length)
  }

  private long(value: bigint): void {
    let width = 1
    while (BigInt.asIntN(8 * width, value) !== value) width++
    if (width > 64) throw new RangeError(`save: a whole number of ${width} bytes is too long; 64 are possible`)
    this.bytes(0x8a, width)
    for (let i = 0; i < width; i++) this.bytes(Number((value >> BigInt(8 * i)) & 0xffn))
  }

  private string(value: string): void {
    this.once(value, () => {
      this.op('X')
      this.uint32(Buffer.byteLength(value))
      this.text(value)
    })
  }

  private name(name: string): void {
    this.once(`\0${name}`, () => this.text(`c${name.replace(' ', '\n')}\n`))
  }

  private object(value: object, path: string, depth: number): void {
    if (value instanceof PyFloat) this.float(value.value)
    else if (value instanceof PyName) this.name(value.name)
    else if (value instanceof PyTuple) this.tuple(value.items, path, depth)
    else if (value instanceof PyReference) {
      this.value(value.id, path, depth)
      this.op('Q')
    } else if (this.memo.has(value)) this.once(value, () => {})
    else if (value instanceof PyCall) this.once(value, () => this.call(value, path, depth))
    else {
      const reduced = this.reduced.has(value) ? this.reduced.get(value) : this.reduce(value, path)
      this.reduced.set(value, reduced)
      if (reduced === value) this.container(value, path, depth)
      else this.value(reduced, path, depth + 1)
    }
  }

  private container(value: object, path: string, depth: number): void {
    if (Array.isArray(value)) this.list(value, path, depth)
    else if (value instanceof Map) {
      this.call(new PyCall('collections OrderedDict', []), path, depth)
      this.remember(value)
      this.items(value, path, depth)
    } else {
      this.op('}')
      this.remember(value)
      const key = (name: string): string | number => (/^(0|[1-9]\d{0,14})$/.test(name) ? Number(name) : name)
      this.items(
        Object.entries(value)
          .filter(([, item]) => item !== undefined)
          .map(([name, item]): [unknown, unknown] => [key(name), item]),
        path,
        depth,
      )
    }
  }

  private tuple(items: readonly unknown[], path: string, depth: number): void {
    this.op('(')
    for (const item of items) this.value(item, path, depth + 1)
    this.op('t')
  }

  private call({ callee, args }: PyCall, path: string, depth: number): void {
    this.name(callee)
    this.tuple(args, path, depth + 1)
    this.op('R')
  }

  private list(items: readonly unknown[], path: string, depth: number): void {
    this.op(']')
    this.remember(items)
    this.op('(')
    items.forEach((item, i) => this.value(item, `${path}[${i}]`, depth + 1))
    this.op('e')
  }

  private items(entries: Iterable<[unknown, unknown]>, path: string, depth: number): void {
    this.op('(')
    for (const [key, item] of entries) {
      const name = typeof key === 'string' ? `.${key}` : `[${String(key)}]`
      this.value(key, `a key of ${path}`, depth + 1)
      this.value(item, `${path}${name}`, depth + 1)
    }
    this.op('u')
  }
}
