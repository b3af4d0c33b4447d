/** Writer of PyTorch's zip archives. */
import { addon } from '../../device/addon.js'
import { Module } from '../../nn/module.js'
import { Parameter } from '../../nn/parameter.js'
import { contiguousStrides } from '../../tensor/shape.js'
import { filledTensor, Tensor, type Version } from '../../tensor/tensor.js'
import { bytesOfTensor } from '../elements.js'
import { writeAtomically } from '../files.js'
import { recordModule } from '../module/record.js'
import { isOptimizerState, isPlain, torchName, translateAll, translateOptimizer } from '../names.js'
import { pickle, PyCall, PyName, PyReference, PyTuple, type Reduce } from '../pickle/write.js'
import { ZipWriter } from '../zip/write.js'
import { stridedExtent } from './extent.js'
import { storageClass } from './globals.js'

/** How `save` writes. */
export interface SaveOptions {
  /**
   * 'torch' (default) translates the names of parameters, buffers and optimizers' states to PyTorch's, `runningMean` to
   * `running_mean`; 'asWritten' leaves them as they are.
   */
  names?: 'torch' | 'asWritten'
}

/**
 * Writes a value so that both `load` and PyTorch's `torch.load` read it: tensors and parameters, state dicts, optimizers'
 * states, numbers, strings, booleans, null, and arrays, objects and Maps of them. Maps become OrderedDicts, objects dicts
 * (keys that are whole numbers as numbers), arrays lists. Names in state dicts are translated to PyTorch's, so that
 * `model.load_state_dict(torch.load(path))` fits in Python. Tensors that share memory share it in the file.
 *
 * A module is written whole, with the names of its classes, and comes back as a module (see `load`); PyTorch reads its
 * parameters as `torch.load(path)['state_dict']`. Functions among its fields must be those of `F`; hooks are not saved.
 *
 * The file appears whole or not at all. Its entries are stored at multiples of 64 bytes, as PyTorch's. torch.save.
 *
 * @throws naming the place of what cannot be written: a function, an object of a class other than these.
 * @example save(net.stateDict(), 'cnn2.pkl')
 * @example save({ epoch, model: net.stateDict(), optimizer: optimizer.stateDict() }, 'checkpoint.pt')
 */
export function save(value: unknown, path: string, options: SaveOptions = {}): void {
  const { names = 'torch' } = options
  if (names !== 'torch' && names !== 'asWritten')
    throw new RangeError(`save: names must be 'torch' or 'asWritten', got '${String(names)}'`)
  const pieces = new Pieces()
  const reduce = reducer(pieces, names === 'torch' ? torchName : (name) => name)
  // The first time only to see which tensors there are: what is written of their memory depends on all of them.
  pickle(value, reduce)
  pieces.resolve()
  const data = pickle(value, reduce)
  writeAtomically('save', path, (sink) => {
    const zip = new ZipWriter(sink, { align: 64 })
    zip.add('archive/data.pkl', data)
    zip.add('archive/.format_version', '1')
    zip.add('archive/.storage_alignment', '64')
    zip.add('archive/byteorder', 'little')
    pieces.elements.forEach((elements, key) => zip.add(`archive/data/${key}`, bytesOfTensor(elements)))
    zip.add('archive/version', '3\n')
    zip.end()
  })
}

/** What stands in a pickle for each object: calls that rebuild tensors, state dicts with PyTorch's names, records of modules. */
function reducer(pieces: Pieces, translate: (name: string) => string): Reduce {
  const replaced = new Map<object, unknown>()
  const replace = (value: object, path: string): unknown => {
    if (value instanceof Map) return renamedState(value, translate)
    if (Array.isArray(value)) return value
    if (translate === torchName && isOptimizerState(value)) return translateOptimizer(value, translate, asTensor)
    if (isPlain(value)) return value
    if (value instanceof Module) return recordModule(value, path)
    if (value instanceof Uint8Array)
      return new PyCall('_codecs encode', [Buffer.from(value).toString('latin1'), 'latin1'])
    const name = (value.constructor as { name?: string } | undefined)?.name ?? 'object'
    const hint =
      typeof (value as { stateDict?: unknown }).stateDict === 'function' ? '; save its .stateDict()' : hintFor(value)
    throw new TypeError(`save: ${path} is of class ${name}, which no file can hold${hint}`)
  }
  return (value, path) => {
    if (value instanceof Tensor) return pieces.rebuild(value)
    // Twice the same: the second pickle must hold what the first one did.
    if (replaced.has(value)) return replaced.get(value)
    const result = replace(value, path)
    replaced.set(value, result)
    // What is translated is not translated again.
    if (typeof result === 'object' && result !== null) replaced.set(result, result)
    return result
  }
}

function hintFor(value: object): string {
  if (ArrayBuffer.isView(value)) return '; make a tensor of it'
  return value instanceof Set ? '; spread it into an array' : '; save plain objects, arrays, Maps and tensors'
}

/** A Map of tensors by name is a state dict. */
function renamedState(map: Map<unknown, unknown>, translate: (name: string) => string): Map<unknown, unknown> {
  const keys = [...map.keys()]
  if (keys.length === 0 || ![...map].every(([key, value]) => typeof key === 'string' && value instanceof Tensor))
    return map
  const names = translateAll(keys as string[], translate)
  return names.every((name, i) => name === keys[i])
    ? map
    : new Map([...map.values()].map((value, i) => [names[i], value]))
}

/** PyTorch keeps numbers of an optimizer's state as float32 tensors. */
function asTensor(value: unknown): unknown {
  return typeof value === 'number' ? filledTensor('float32', [], value) : value
}

/** The memory that the saved tensors share, in pieces: of each storage as much as the tensors reach. */
class Pieces {
  /** 1-D contiguous tensors, in the order of their keys. */
  elements: Tensor[] = []
  private readonly groups = new Map<Version, { key: number; tensors: Tensor[]; start: number; copy: boolean }>()
  private resolved = false

  /** Settles what is written, once all tensors are noted. */
  resolve(): void {
    this.elements = [...this.groups.values()].map((group) => {
      const [first] = group.tensors
      const ends = group.tensors.map((tensor) => tensor.offset + stridedExtent(tensor.shape, tensor.strides))
      group.start = Math.min(...group.tensors.map((tensor) => tensor.offset))
      const length = Math.max(...ends) - group.start
      // One tensor with gaps, such as a column, is written without them.
      group.copy = group.tensors.length === 1 && length !== first.numel()
      if (group.copy) return flat(first.detach().contiguous())
      const handle = addon().view(first.handle, [length], [1], group.start)
      return new Tensor(handle, first.dtype, [length], [1], group.start, first.version, first.device)
    })
    this.resolved = true
  }

  /** The call that makes the tensor; before `resolve`, a note that there is one. */
  rebuild(tensor: Tensor): unknown {
    if (addon().isReleased(tensor.handle)) throw new Error('save: a tensor was disposed of; nothing of it can be saved')
    const group = this.groups.get(tensor.version) ?? { key: this.groups.size, tensors: [], start: 0, copy: false }
    this.groups.set(tensor.version, group)
    if (!this.resolved) {
      group.tensors.push(tensor)
      return null
    }
    const { dtype, shape } = tensor
    const length = this.elements[group.key].numel()
    const storage = new PyTuple([
      'storage',
      new PyName(`torch ${storageClass(dtype)}`),
      String(group.key),
      'cpu',
      length,
    ])
    const strides = group.copy ? contiguousStrides(shape) : tensor.strides
    const isParameter = tensor instanceof Parameter
    const data = new PyCall('torch._utils _rebuild_tensor_v2', [
      new PyReference(storage),
      group.copy ? 0 : tensor.offset - group.start,
      new PyTuple(shape),
      new PyTuple(strides),
      tensor.requiresGrad && !isParameter,
      noHooks(),
    ])
    return isParameter ? new PyCall('torch._utils _rebuild_parameter', [data, tensor.requiresGrad, noHooks()]) : data
  }
}

const noHooks = (): PyCall => new PyCall('collections OrderedDict', [])

const flat = (tensor: Tensor): Tensor => tensor.view(-1)
