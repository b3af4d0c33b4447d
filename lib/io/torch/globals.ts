/**
 * The names that a PyTorch file may contain: containers, tensors with their storages, dtypes and devices, and what NumPy's
 * arrays and numbers consist of. This list is the whole of what unpickling can build.
 */
import { FileFormatError } from '../files.js'
import type { ElementType } from '../elements.js'
import { containerGlobals } from '../pickle/read.js'
import {
  describeValue,
  PyDict,
  PyGlobal,
  PyList,
  PyNumpy,
  PyStorage,
  PyTensor,
  type PyValue,
} from '../pickle/values.js'

/** Element types by the names of PyTorch's storage classes. */
const storageTypes: Readonly<Record<string, ElementType>> = {
  DoubleStorage: 'float64',
  FloatStorage: 'float32',
  HalfStorage: 'float16',
  BFloat16Storage: 'bfloat16',
  LongStorage: 'int64',
  IntStorage: 'int32',
  ShortStorage: 'int16',
  CharStorage: 'int8',
  ByteStorage: 'uint8',
  BoolStorage: 'bool',
}

/** Element types by the names of PyTorch's dtypes. */
const dtypeNames: Readonly<Record<string, ElementType>> = {
  ...Object.fromEntries(Object.values(storageTypes).map((type) => [type, type])),
  uint16: 'uint16',
  uint32: 'uint32',
}

/** The class names for writing. */
export function storageClass(type: ElementType): string {
  return (Object.entries(storageTypes).find(([, known]) => known === type) as [string, ElementType])[0]
}

/** What the storage named in a persistent id holds. @throws FileFormatError naming what is not known. */
export function storageTypeOf(value: PyValue): ElementType | 'bytes' {
  const [, module, name] = /^(torch|torch\.storage)\.(\w+)$/.exec(value instanceof PyGlobal ? value.name : '') ?? []
  if (module && name === 'UntypedStorage') return 'bytes'
  return storageTypes[name] ?? refuse(`a storage of ${describeValue(value)}`)
}

function refuse(what: string): never {
  throw new FileFormatError(`its pickle has ${what} where that makes no sense`)
}

const shownNumber = (value: PyValue | undefined): string =>
  typeof value === 'number' ? String(value) : describeValue(value)

function sizes(value: PyValue | undefined): number[] {
  // PyTorch has no more than 64 dimensions.
  if (!(value instanceof PyList) || value.items.length > 64) return refuse(`${describeValue(value)} as sizes`)
  return value.items.map((size) =>
    typeof size === 'number' && Number.isSafeInteger(size) && size >= 0
      ? size
      : refuse(`${shownNumber(size)} as a size`),
  )
}

/** torch._utils._rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks), and v3 with a dtype after them. */
function rebuildTensor([storage, offset, size, stride, requiresGrad, , dtype]: PyValue[]): PyTensor {
  if (!(storage instanceof PyStorage)) return refuse(`${describeValue(storage)} as a storage`)
  if (typeof offset !== 'number' || !Number.isSafeInteger(offset) || offset < 0)
    return refuse(`${shownNumber(offset)} as an offset`)
  const type = storage.type === 'bytes' ? dtypeNames[nameOf(dtype)] : storage.type
  if (!type) return refuse(`${describeValue(dtype)} as a dtype`)
  const [shape, strides] = [sizes(size), sizes(stride)]
  if (shape.length !== strides.length) return refuse(`${shape.length} sizes and ${strides.length} strides`)
  return new PyTensor(storage, type, offset, shape, strides, requiresGrad === true, false)
}

const nameOf = (value: PyValue | undefined): string =>
  value instanceof PyGlobal ? value.name.replace(/^torch\./, '') : ''

/** torch._utils._rebuild_parameter(data, requires_grad, hooks). */
function rebuildParameter([data, requiresGrad]: PyValue[]): PyTensor {
  if (!(data instanceof PyTensor)) return refuse(`${describeValue(data)} as a parameter`)
  return new PyTensor(data.storage, data.type, data.offset, data.shape, data.strides, requiresGrad !== false, true)
}

/** numpy.dtype('f4', align, copy); its byte order follows as state. */
function numpyDtype([code]: PyValue[]): PyNumpy {
  const dtype = new PyNumpy('dtype')
  dtype.descr = typeof code === 'string' ? code : refuse(`${describeValue(code)} as a NumPy dtype`)
  return dtype
}

function numpyScalar([dtype, data]: PyValue[]): PyNumpy {
  if (!(dtype instanceof PyNumpy)) return refuse(`${describeValue(dtype)} as a NumPy dtype`)
  const scalar = new PyNumpy('array')
  scalar.descr = dtype.descr
  scalar.data = dataOf(data)
  return scalar
}

/** Bytes, or a string of Python 2. */
function dataOf(value: PyValue | undefined): Uint8Array {
  if (value instanceof Uint8Array) return value
  return typeof value === 'string' ? Buffer.from(value, 'latin1') : refuse(`${describeValue(value)} as data`)
}

/** The states of NumPy's objects. dtype: (3, '<', …); array: (1, shape, dtype, fortran order, data). */
export function buildNumpy(object: PyValue, state: PyValue): boolean {
  if (!(object instanceof PyNumpy) || !(state instanceof PyList)) return false
  if (object.kind === 'dtype') {
    const order = state.items[1]
    if (typeof order === 'string' && /^[<>=|]$/.test(order)) object.descr = order + object.descr.replace(/^[<>=|]/, '')
    return true
  }
  const [, shape, dtype, fortran, data] = state.items
  if (!(dtype instanceof PyNumpy)) return false
  object.shape = sizes(shape)
  object.descr = dtype.descr
  object.fortran = fortran === true
  object.data = dataOf(data)
  return true
}

const named = (name: string, call?: (args: PyValue[]) => PyValue): PyGlobal => new PyGlobal(name, call)

const numpyModules = ['numpy.core.multiarray', 'numpy._core.multiarray']

const globals: readonly PyGlobal[] = [
  ...containerGlobals,
  named('collections.defaultdict', () => new PyDict()),
  named('torch._utils._rebuild_tensor', rebuildTensor),
  named('torch._utils._rebuild_tensor_v2', rebuildTensor),
  named('torch._utils._rebuild_tensor_v3', rebuildTensor),
  named('torch._utils._rebuild_parameter', rebuildParameter),
  named('torch._utils._rebuild_parameter_with_state', rebuildParameter),
  named('torch.Size', ([size]) => new PyList(sizes(size), true)),
  named('torch.device', ([type]) => (typeof type === 'string' ? type : refuse(`${describeValue(type)} as a device`))),
  named('torch.UntypedStorage'),
  named('torch.storage.UntypedStorage'),
  ...Object.keys(storageTypes).map((name) => named(`torch.${name}`)),
  ...[...Object.keys(dtypeNames), 'complex64', 'complex128'].map((name) => named(`torch.${name}`)),
  named('numpy.ndarray'),
  named('numpy.dtype', numpyDtype),
  ...numpyModules.flatMap((module) => [
    named(`${module}._reconstruct`, () => new PyNumpy('array')),
    named(`${module}.scalar`, numpyScalar),
  ]),
]

export const torchGlobals: ReadonlyMap<string, PyGlobal> = new Map(globals.map((entry) => [entry.name, entry]))
