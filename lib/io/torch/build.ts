/** From what a pickle holds to values of ours: tensors on shared memory, Maps, objects, arrays. */
import { addon } from '../../device/addon.js'
import { Parameter } from '../../nn/parameter.js'
import { stridedExtent } from './extent.js'
import { numel } from '../../tensor/shape.js'
import { Tensor } from '../../tensor/tensor.js'
import { isOptimizerState, ourName, translateAll, translateOptimizer } from '../names.js'
import { isModuleRecord, restoreModule } from '../module/record.js'
import { tensorOfNumpy } from '../npy/array.js'
import type { Bytes } from '../files.js'
import type { ElementType } from '../elements.js'
import { PyDict, PyGlobal, PyList, PyNumpy, PySet, PyStorage, PyTensor, type PyValue } from '../pickle/values.js'

/** Reads a storage's elements as a 1-D tensor. Called once for each storage and type. */
export type ReadStorage = (storage: PyStorage, type: ElementType) => Tensor

/** How deep containers may lie in one another. */
const deepest = 500

/** Builds the value. Names of parameters become ours unless `names` is 'asWritten'. */
export function buildValue(file: Bytes, root: PyValue, readStorage: ReadStorage, names: 'ours' | 'asWritten'): unknown {
  const built = new Map<PyValue, unknown>()
  const memory = new Map<string, Tensor>()
  const translate = names === 'ours' ? ourName : (name: string): string => name

  const storage = (given: PyStorage, type: ElementType): Tensor => {
    const key = `${type} ${given.key}`
    const found = memory.get(key) ?? readStorage(given, type)
    memory.set(key, found)
    return found
  }

  const tensor = ({ storage: given, type, offset, shape, strides, requiresGrad, isParameter }: PyTensor): Tensor => {
    const whole = storage(given, type)
    const end = offset + stridedExtent(shape, strides)
    if (!Number.isSafeInteger(end) || !Number.isSafeInteger(numel(shape)) || end > whole.numel())
      file.fail(`a tensor of sizes [${shape.join(', ')}] reaches beyond its storage of ${whole.numel()} elements`)
    const handle = addon().view(whole.handle, shape, strides, offset)
    const view = new Tensor(handle, whole.dtype, shape, strides, offset, whole.version)
    if (isParameter) return new Parameter(view, requiresGrad)
    return requiresGrad ? view.requiresGrad_() : view
  }

  const dict = (given: PyDict, depth: number): unknown => {
    const keys = given.entries.map(([key]) => (key instanceof Uint8Array ? Buffer.from(key).toString() : key))
    const isState =
      keys.length > 0 && given.entries.every(([, value], i) => typeof keys[i] === 'string' && value instanceof PyTensor)
    if (given.ordered || !keys.every(isObjectKey)) {
      const map = new Map<unknown, unknown>()
      built.set(given, map)
      const named = isState ? translateAll(keys as string[], translate) : keys.map((key) => build(key, depth))
      given.entries.forEach(([, value], i) => map.set(named[i], build(value, depth)))
      return map
    }
    const object: Record<string, unknown> = {}
    built.set(given, object)
    const named = isState ? translateAll(keys as string[], translate) : (keys as (string | number)[]).map(String)
    // A key such as __proto__ is data like any other.
    given.entries.forEach(([, value], i) =>
      Object.defineProperty(object, named[i], {
        value: build(value, depth),
        enumerable: true,
        writable: true,
        configurable: true,
      }),
    )
    const result = isModuleRecord(object)
      ? restoreModule(file, object)
      : names === 'ours' && isOptimizerState(object)
        ? translateOptimizer(object, ourName, (value) =>
            value instanceof Tensor && value.numel() === 1 ? value.item() : value,
          )
        : object
    built.set(given, result)
    return result
  }

  const container = (value: PyList | PySet | PyDict, depth: number): unknown => {
    if (depth > deepest) file.fail(`its containers lie more than ${deepest} deep in one another`)
    if (value instanceof PyDict) return dict(value, depth + 1)
    if (value instanceof PySet) return new Set(value.items.map((item) => build(item, depth + 1)))
    const array: unknown[] = []
    built.set(value, array)
    for (const item of value.items) array.push(build(item, depth + 1))
    return array
  }

  const build = (value: PyValue, depth: number): unknown => {
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
    if (built.has(value)) return built.get(value)
    const made =
      value instanceof PyTensor
        ? tensor(value)
        : value instanceof PyStorage
          ? storage(value, value.type === 'bytes' ? 'uint8' : value.type)
          : value instanceof PyNumpy
            ? tensorOfNumpy(file, value)
            : value instanceof PyGlobal
              ? constant(file, value)
              : container(value, depth)
    built.set(value, made)
    return made
  }
  return build(root, 0)
}

/** Keys of objects: strings that do not look like numbers, and whole numbers. */
function isObjectKey(key: PyValue): boolean {
  return typeof key === 'string'
    ? !/^(0|[1-9]\d*)$/.test(key)
    : typeof key === 'number' && Number.isSafeInteger(key) && key >= 0
}

/** A dtype by its name; other names mean nothing by themselves. */
function constant(file: Bytes, { name }: PyGlobal): string {
  const [, dtype] = /^torch\.([a-z]+\d*)$/.exec(name) ?? []
  return dtype ?? file.fail(`refuses ${JSON.stringify(name)}, which is neither a tensor nor a container`)
}
