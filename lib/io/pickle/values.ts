/** What a pickle can hold, before it becomes values of ours: Python's containers and the objects that a format allows. */
import type { ElementType } from '../elements.js'

/** A list or a tuple. */
export class PyList {
  constructor(
    readonly items: PyValue[],
    readonly isTuple = false,
  ) {}
}

/** A dict, or one of the kinds that collections has. */
export class PyDict {
  readonly entries: [PyValue, PyValue][] = []
  constructor(readonly ordered = false) {}
}

export class PySet {
  constructor(readonly items: PyValue[] = []) {}
}

/** A class or function by name, with what calling it gives; calling it is refused without `call`. */
export class PyGlobal {
  constructor(
    readonly name: string,
    readonly call?: (args: PyValue[]) => PyValue,
  ) {}
}

/** Memory that tensors share, by its number in the file. */
export class PyStorage {
  constructor(
    readonly key: string,
    readonly type: ElementType | 'bytes',
    /** Elements (or bytes). */
    readonly length: number,
  ) {}
}

/** A view of a storage. */
export class PyTensor {
  constructor(
    readonly storage: PyStorage,
    readonly type: ElementType,
    readonly offset: number,
    readonly shape: number[],
    readonly strides: number[],
    readonly requiresGrad: boolean,
    readonly isParameter: boolean,
  ) {}
}

/** A NumPy array or number type in the making: filled in by its state. */
export class PyNumpy {
  /** Element type as NumPy writes it, such as '<f4'. */
  descr = ''
  shape: number[] = []
  fortran = false
  data: Uint8Array = new Uint8Array(0)
  constructor(readonly kind: 'array' | 'dtype') {}
}

export type PyValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PyList
  | PyDict
  | PySet
  | PyGlobal
  | PyStorage
  | PyTensor
  | PyNumpy

/** How messages call a value. */
export function describeValue(value: PyValue | undefined): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'None'
  if (value instanceof PyGlobal) return value.name
  if (value instanceof PyList) return value.isTuple ? 'a tuple' : 'a list'
  if (value instanceof PyDict) return 'a dict'
  if (value instanceof Uint8Array) return 'bytes'
  return typeof value === 'object' ? value.constructor.name.replace(/^Py/, '').toLowerCase() : `a ${typeof value}`
}
