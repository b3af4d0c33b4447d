/**
 * An unpickler that builds containers, and of everything else only what the caller's list of names allows. A pickle is a
 * program for a stack machine whose GLOBAL and REDUCE can call any function of Python; here names that are not on the list
 * end the reading, so a file can name `os.system` but nothing happens.
 *
 * Nothing is allocated by a size that the file claims: lengths are compared with the bytes that follow.
 * Protocols 2 to 5 (Python 2.3 to now); the format is described in Python's pickletools.
 */
import type { Bytes } from '../files.js'
import { describeValue, PyDict, PyGlobal, PyList, PySet, type PyValue } from './values.js'

export interface PickleRules {
  /** What may be named, by 'module.name'. */
  readonly globals: ReadonlyMap<string, PyGlobal>
  /** Turns a reference to something outside of the pickle into a value; none are allowed without. */
  readonly persistent?: (id: PyValue) => PyValue
  /** Sets an object's state; returns false when it has none. */
  readonly build?: (object: PyValue, state: PyValue) => boolean
}

/** Reads one pickle from `start` on, at most `limit` bytes. @returns the value and where the next byte is. */
export function unpickle(
  file: Bytes,
  start: number,
  limit: number,
  rules: PickleRules,
): { value: PyValue; end: number } {
  const machine = new Machine(file, start, Math.min(limit, file.size - start), rules)
  return { value: machine.run(), end: start + machine.position }
}

type Step = (machine: Machine) => void

const mark = Symbol('mark')
type Slot = PyValue | typeof mark

const utf8 = new TextDecoder()

class Machine {
  position = 0
  readonly memo = new Map<number, PyValue>()
  private readonly stack: Slot[] = []
  private bytes = new Uint8Array(0)
  private view = new DataView(this.bytes.buffer)
  /** What calls were given so far, in items, characters and bytes. */
  private copied = 0

  constructor(
    private readonly file: Bytes,
    private readonly start: number,
    /** Bytes from start on that may belong to the pickle. */
    private readonly limit: number,
    private readonly rules: PickleRules,
  ) {}

  run(): PyValue {
    for (;;) {
      const code = this.uint(1)
      if (code === stop) return this.pop()
      const step = steps.get(code)
      if (!step)
        this.fail(
          `has the instruction 0x${code.toString(16).padStart(2, '0')} at byte ${this.position - 1}, which is not read`,
        )
      step(this)
    }
  }

  fail(message: string): never {
    return this.file.fail(`its pickle ${message}`)
  }

  // ---- bytes ---------------------------------------------------------------------------------------------------------

  /** Has at least `end` bytes in memory, and about twice as many as before: what follows the pickle may be long. */
  private reach(end: number): void {
    if (end <= this.bytes.length) return
    this.bytes = this.file.read(this.start, Math.min(this.limit, Math.max(end, 2 * this.bytes.length, firstReach)))
    this.view = new DataView(this.bytes.buffer)
  }

  /** Moves on by `length` bytes. @returns where they begin. */
  private skip(length: number): number {
    if (!(length >= 0 && length <= this.limit - this.position))
      this.fail(
        `needs ${length} bytes at byte ${this.position}, ${this.limit - this.position} are left; it is damaged or cut off`,
      )
    this.reach(this.position + length)
    this.position += length
    return this.position - length
  }

  take(length: number): Uint8Array {
    const at = this.skip(length)
    return this.bytes.subarray(at, at + length)
  }

  uint(width: 1 | 2 | 4 | 8): number {
    const at = this.skip(width)
    if (width === 1) return this.view.getUint8(at)
    if (width === 2) return this.view.getUint16(at, true)
    if (width === 4) return this.view.getUint32(at, true)
    return Number(this.view.getBigUint64(at, true))
  }

  int32(): number {
    return this.uint(4) | 0
  }

  float(): number {
    return this.view.getFloat64(this.skip(8), false)
  }

  text(length: number): string {
    return utf8.decode(this.take(length))
  }

  latin1(length: number): string {
    const { buffer, byteOffset } = this.take(length)
    return Buffer.from(buffer, byteOffset, length).toString('latin1')
  }

  line(): string {
    // No name in Python is longer.
    this.reach(Math.min(this.position + 1024, this.limit))
    const end = this.bytes.indexOf(0x0a, this.position)
    if (end < 0) this.fail('names something without an end; it is damaged or cut off')
    const text = this.text(end - this.position)
    this.position++
    return text
  }

  /** A signed number of any length. */
  long(length: number): number | bigint {
    const bytes = this.take(length)
    // Longer ones than any number here would only cost time.
    if (length > 64) this.fail(`has a whole number of ${length} bytes`)
    let value = 0n
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i])
    value = BigInt.asIntN(8 * length, value)
    return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value
  }

  // ---- stack ---------------------------------------------------------------------------------------------------------

  push(value: Slot): void {
    this.stack.push(value)
  }

  pop(): PyValue {
    const value = this.stack.pop()
    if (value === undefined || value === mark)
      return this.fail(`takes a value that is not there at byte ${this.position}`)
    return value
  }

  top(): PyValue {
    const value = this.stack.at(-1)
    if (value === undefined || value === mark)
      return this.fail(`takes a value that is not there at byte ${this.position}`)
    return value
  }

  /** The values above the last mark, which goes as well. */
  popMark(): PyValue[] {
    const at = this.stack.lastIndexOf(mark)
    if (at < 0) this.fail(`takes values that are not there at byte ${this.position}`)
    const values = this.stack.splice(at)
    return values.slice(1) as PyValue[]
  }

  remember(index: number): void {
    this.memo.set(index, this.top())
  }

  recall(index: number): void {
    const value = this.memo.get(index)
    if (value === undefined) this.fail(`refers to value ${index}, which it has not given`)
    this.push(value)
  }

  /** Frames only say how much follows. */
  frame(): void {
    const length = this.uint(8)
    if (length > this.limit - this.position) this.fail('is cut off')
  }

  // ---- containers and objects ------------------------------------------------------------------------------------------

  append(values: readonly PyValue[]): void {
    const list = this.top()
    if (list instanceof PyList && !list.isTuple) for (const value of values) list.items.push(value)
    else this.fail(`appends to ${describeValue(list)}`)
  }

  add(values: readonly PyValue[]): void {
    const set = this.top()
    if (set instanceof PySet) for (const value of values) set.items.push(value)
    else this.fail(`adds to ${describeValue(set)}`)
  }

  setItems(values: readonly PyValue[]): void {
    const dict = this.top()
    if (!(dict instanceof PyDict) || values.length % 2 !== 0) return this.fail(`sets items of ${describeValue(dict)}`)
    for (let i = 0; i < values.length; i += 2) dict.entries.push([values[i], values[i + 1]])
  }

  global(module: string, name: string): void {
    const full = `${module}.${name}`.replace(/^__builtin__\./, 'builtins.')
    const found = this.rules.globals.get(full)
    if (!found) this.refuse(full)
    this.push(found)
  }

  private refuse(name: string): never {
    const isModel = /^(__main__|torch\.nn\.|torchvision\.models)/.test(name)
    return this.file.fail(
      isModel
        ? `refuses to build ${JSON.stringify(name)}: it holds a whole Python model, whose classes are Python code. ` +
            'Save its parameters instead, in Python: torch.save(model.state_dict(), path)'
        : `refuses to build ${JSON.stringify(name)}: of a pickle only tensors, containers, numbers and strings are read`,
    )
  }

  reduce(): void {
    const args = this.pop()
    const callee = this.pop()
    if (!(callee instanceof PyGlobal) || !(args instanceof PyList)) return this.fail(`calls ${describeValue(callee)}`)
    if (!callee.call) this.file.fail(`refuses to call ${JSON.stringify(callee.name)}`)
    // Each thing that a program made takes bytes of it, so only copying the same one again and again can exceed them.
    for (const value of args.items) this.copied += weight(value)
    if (this.copied > this.limit) this.fail('copies the same values over and over')
    this.push(callee.call(args.items))
  }

  build(): void {
    const state = this.pop()
    const object = this.top()
    // Attributes of an ordered dict, such as the versions that PyTorch notes in a state dict, have no place here.
    if (object instanceof PyDict) return
    if (!this.rules.build?.(object, state)) this.fail(`sets the state of ${describeValue(object)}`)
  }

  persistent(id: PyValue): void {
    if (!this.rules.persistent) return this.fail('refers to something outside of it')
    this.push(this.rules.persistent(id))
  }
}

const stop = 0x2e
/** How much is read at first. */
const firstReach = 1 << 16

/** How much copying a value costs. */
function weight(value: PyValue): number {
  if (typeof value === 'string' || value instanceof Uint8Array) return value.length
  if (value instanceof PyList || value instanceof PySet) return value.items.length
  return value instanceof PyDict ? value.entries.length : 0
}

const tuple = (items: PyValue[]): PyList => new PyList(items, true)

/** The instructions by their letter. */
const steps = new Map<number, Step>(
  Object.entries<Step>({
    '\x80': (m) => {
      const protocol = m.uint(1)
      if (protocol < 2 || protocol > 5) m.fail(`is of protocol ${protocol}, known are 2 to 5`)
    },
    '\x95': (m) => m.frame(),
    // Marks, memo
    '(': (m) => m.push(mark),
    '0': (m) => void m.pop(),
    '1': (m) => void m.popMark(),
    '2': (m) => m.push(m.top()),
    q: (m) => m.remember(m.uint(1)),
    r: (m) => m.remember(m.uint(4)),
    '\x94': (m) => m.remember(m.memo.size),
    h: (m) => m.recall(m.uint(1)),
    j: (m) => m.recall(m.uint(4)),
    // Plain values
    N: (m) => m.push(null),
    '\x88': (m) => m.push(true),
    '\x89': (m) => m.push(false),
    K: (m) => m.push(m.uint(1)),
    M: (m) => m.push(m.uint(2)),
    J: (m) => m.push(m.int32()),
    '\x8a': (m) => m.push(m.long(m.uint(1))),
    '\x8b': (m) => m.push(m.long(m.int32())),
    G: (m) => m.push(m.float()),
    X: (m) => m.push(m.text(m.uint(4))),
    '\x8c': (m) => m.push(m.text(m.uint(1))),
    '\x8d': (m) => m.push(m.text(m.uint(8))),
    // Strings of Python 2 may be text or data; as Latin-1 nothing is lost.
    U: (m) => m.push(m.latin1(m.uint(1))),
    T: (m) => m.push(m.latin1(m.int32())),
    C: (m) => m.push(m.take(m.uint(1))),
    B: (m) => m.push(m.take(m.uint(4))),
    '\x8e': (m) => m.push(m.take(m.uint(8))),
    '\x96': (m) => m.push(m.take(m.uint(8))),
    // Containers
    ']': (m) => m.push(new PyList([])),
    l: (m) => m.push(new PyList(m.popMark())),
    a: (m) => {
      const value = m.pop()
      m.append([value])
    },
    e: (m) => {
      const values = m.popMark()
      m.append(values)
    },
    ')': (m) => m.push(tuple([])),
    t: (m) => m.push(tuple(m.popMark())),
    '\x85': (m) => m.push(tuple([m.pop()])),
    '\x86': (m) => m.push(tuple([m.pop(), m.pop()].reverse())),
    '\x87': (m) => m.push(tuple([m.pop(), m.pop(), m.pop()].reverse())),
    '}': (m) => m.push(new PyDict()),
    d: (m) => {
      const values = m.popMark()
      m.push(new PyDict())
      m.setItems(values)
    },
    s: (m) => {
      const value = m.pop()
      const key = m.pop()
      m.setItems([key, value])
    },
    u: (m) => {
      const values = m.popMark()
      m.setItems(values)
    },
    '\x8f': (m) => m.push(new PySet()),
    '\x90': (m) => {
      const values = m.popMark()
      m.add(values)
    },
    '\x91': (m) => m.push(new PySet(m.popMark())),
    // Objects
    c: (m) => {
      const module = m.line()
      m.global(module, m.line())
    },
    '\x93': (m) => {
      const name = m.pop()
      const module = m.pop()
      if (typeof name !== 'string' || typeof module !== 'string') m.fail('names an object by no string')
      else m.global(module, name)
    },
    R: (m) => m.reduce(),
    '\x81': (m) => m.reduce(),
    b: (m) => m.build(),
    Q: (m) => m.persistent(m.pop()),
  }).map(([letter, step]) => [letter.charCodeAt(0), step]),
)

/** Python's own containers by name, allowed everywhere. */
export const containerGlobals: readonly PyGlobal[] = [
  new PyGlobal('collections.OrderedDict', ([from]) => dictFrom(from, true)),
  new PyGlobal('collections.Counter', ([from]) => dictFrom(from, false)),
  new PyGlobal('builtins.dict', ([from]) => dictFrom(from, false)),
  new PyGlobal('builtins.list', ([from]) => new PyList(itemsOf(from))),
  new PyGlobal('builtins.tuple', ([from]) => new PyList(itemsOf(from), true)),
  new PyGlobal('builtins.set', ([from]) => new PySet(itemsOf(from))),
  new PyGlobal('builtins.frozenset', ([from]) => new PySet(itemsOf(from))),
  new PyGlobal('builtins.bytearray', ([from]) => (from instanceof Uint8Array ? from : new Uint8Array(0))),
  new PyGlobal('_codecs.encode', ([text]) => Buffer.from(typeof text === 'string' ? text : '', 'latin1')),
]

function itemsOf(value: PyValue | undefined): PyValue[] {
  return value instanceof PyList || value instanceof PySet ? [...value.items] : []
}

/** A dict from another or from pairs. */
function dictFrom(value: PyValue | undefined, ordered: boolean): PyDict {
  const dict = new PyDict(ordered)
  if (value instanceof PyDict) dict.entries.push(...value.entries)
  for (const pair of itemsOf(value)) {
    if (pair instanceof PyList && pair.items.length === 2) dict.entries.push([pair.items[0], pair.items[1]])
  }
  return dict
}
