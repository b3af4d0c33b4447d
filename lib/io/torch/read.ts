/** Reader of PyTorch's files: the zip archive that it writes since 1.6, and the sequence of pickles before. */
import { crc32 } from 'node:zlib'
import type { Tensor } from '../../tensor/tensor.js'
import { bytesOf, readElements, type ElementType } from '../elements.js'
import { FileFormatError, withBytes, type Bytes, type FileSource } from '../files.js'
import { unpickle, type PickleRules } from '../pickle/read.js'
import { PyList, PyStorage, type PyValue } from '../pickle/values.js'
import { looksLikeZip, ZipArchive } from '../zip/read.js'
import { buildValue } from './build.js'
import { buildNumpy, storageTypeOf, torchGlobals } from './globals.js'

/** How `load` reads. */
export interface LoadOptions {
  /**
   * 'ours' (default) translates the names of parameters, buffers and optimizers' states to camelCase, `running_mean` to
   * `runningMean`; 'asWritten' leaves them as they stand in the file.
   */
  names?: 'ours' | 'asWritten'
}

/** The first pickle of the old format. */
const legacyMagic = 0x1950a86a20f9469cfc6cn
/** Files of formats that are often given to the wrong function, by their first bytes. */
const otherFormats: readonly (readonly [start: string, what: string])[] = [
  ['\x93NUMPY', 'a NumPy array: use io.loadNpy'],
  ['\x89PNG', 'a picture'],
  ['\x89HDF', 'an HDF5 file, which is not read'],
  ['ustar', 'a tar archive, as PyTorch wrote before 0.1.10; load and save it once with a newer PyTorch'],
]

/**
 * Reads a file that PyTorch (`.pt`, `.pth`, `.pkl`; also its format before 1.6) or `save` wrote, by its path or its bytes.
 *
 * State dicts come as Maps, ready for `loadStateDict`; their names are translated (see LoadOptions), as are those of an
 * optimizer's state. Other dicts with strings or whole numbers as keys come as objects, the rest as Maps; lists and tuples
 * as arrays, None as null, whole numbers beyond 2^53 as bigint. Tensors that shared memory share it again.
 * float16 and bfloat16 are converted to float32, int8, int16 and uint16 to int32, uint32 to int64; everything is in main
 * memory wherever it was. Whole models that `save` wrote come back as modules, if their classes are known: those of `nn`
 * and those defined in cells (or named with `io.registerModule`). Plain pickles with NumPy arrays are read, too.
 *
 * A pickle is a program; this reader runs only what builds tensors and containers and refuses everything else by its name.
 * It allocates no more than the file's size (four times that for converted dtypes). torch.load.
 *
 * @throws FileFormatError for a file that is damaged, cut off, of another format, or that names anything else.
 * @example net.loadStateDict(load('cnn2.pkl'))
 */
export function load<T = LoadedState>(source: FileSource, options: LoadOptions = {}): T {
  const { names = 'ours' } = options
  if (names !== 'ours' && names !== 'asWritten')
    throw new RangeError(`load: names must be 'ours' or 'asWritten', got '${String(names)}'`)
  return withBytes('load', source, (file) => {
    try {
      return (looksLikeZip(file) ? readArchive(file, names) : readSequence(file, names)) as T
    } catch (error) {
      // What the pickle's own values are made of does not know the file.
      if (error instanceof FileFormatError && !error.message.startsWith(`${file.name}: `)) file.fail(error.message)
      throw error
    }
  })
}

/** What `load` returns when nothing else is said: what `loadStateDict` takes. */
export type LoadedState = Map<string, Tensor>

function rules(persistent?: (id: PyValue) => PyValue): PickleRules {
  return { globals: torchGlobals, build: buildNumpy, persistent }
}

/** ('storage', class, key, place, length), with more in old files. One object for each key. */
function storages(file: Bytes, found: Map<string, PyStorage>): (id: PyValue) => PyStorage {
  return (id) => {
    const [tag, type, key, , length] = id instanceof PyList ? id.items : []
    const isKey = (typeof key === 'string' && /^[\w-]+$/.test(key)) || typeof key === 'number'
    if (tag !== 'storage' || !isKey || typeof length !== 'number' || !Number.isSafeInteger(length) || length < 0)
      return file.fail('a reference to a storage is damaged')
    const storage = found.get(String(key)) ?? new PyStorage(String(key), storageTypeOf(type), length)
    if (storage.length !== length) file.fail(`storage '${storage.key}' has two lengths`)
    found.set(storage.key, storage)
    return storage
  }
}

/** Elements of a type in a storage. */
function countOf(file: Bytes, storage: PyStorage, type: ElementType): number {
  if (storage.type !== 'bytes') return storage.length
  if (storage.length % bytesOf(type) !== 0) file.fail(`storage '${storage.key}' holds no whole number of elements`)
  return storage.length / bytesOf(type)
}

/** NAME/data.pkl, NAME/data/0, NAME/data/1 …, NAME/byteorder. */
function readArchive(file: Bytes, names: 'ours' | 'asWritten'): unknown {
  const archive = new ZipArchive(file)
  const pickle = [...archive.entries.values()].find(({ name }) => /^[^/]+\/data\.pkl$/.test(name))
  if (!pickle) {
    const isNumpy = [...archive.entries.keys()].every((name) => name.endsWith('.npy'))
    file.fail(isNumpy ? 'holds NumPy arrays: use io.loadNpz' : 'has no data.pkl, so PyTorch did not write it')
  }
  const root = pickle.name.slice(0, pickle.name.indexOf('/'))
  if (archive.entries.has(`${root}/constants.pkl`))
    file.fail('holds a TorchScript program; save its state_dict() instead')
  const order = archive.entries.get(`${root}/byteorder`)
  const little = !order || Buffer.from(archive.read(order, 16)).toString() !== 'big'
  for (const { name, method } of archive.entries.values())
    if (method !== 0) file.fail(`entry '${name}' is packed; PyTorch writes its entries unpacked`)
  archive.verify(pickle, file.read(pickle.offset, pickle.size))
  const { value } = unpickle(file, pickle.offset, pickle.size, rules(storages(file, new Map())))
  return buildValue(
    file,
    value,
    (storage, type) => {
      const entry = archive.entry(`${root}/data/${storage.key}`)
      const count = countOf(file, storage, type)
      if (entry.size !== count * bytesOf(type))
        file.fail(
          `entry '${entry.name}' has ${entry.size} bytes, ${count} elements of ${type} need ${count * bytesOf(type)}`,
        )
      let checksum = 0
      const watch = (bytes: Uint8Array): void => void (checksum = crc32(bytes, checksum))
      const elements = readElements(file, entry.offset, count, type, { little, watch })
      archive.compare(entry, checksum)
      return elements
    },
    names,
  )
}

/** Pickles one after the other: magic number, version, system, value, storage keys; then each storage's length and elements. */
function readSequence(file: Bytes, names: 'ours' | 'asWritten'): unknown {
  const start = Buffer.from(file.read(0, Math.min(file.size, 8))).toString('latin1')
  const tar = file.size > 262 ? Buffer.from(file.read(257, 5)).toString('latin1') : ''
  for (const [first, what] of otherFormats) if (start.startsWith(first) || tar === first) file.fail(`this is ${what}`)
  if (!start.startsWith('\x80')) {
    const isSafetensors = start.length === 8 && file.size > 9 && file.read(8, 1)[0] === 0x7b
    file.fail(isSafetensors ? 'this looks like safetensors: use io.loadSafetensors' : 'this is no file of PyTorch')
  }
  const found = new Map<string, PyStorage>()
  let position = 0
  const next = (persistent?: (id: PyValue) => PyValue): PyValue => {
    const { value, end } = unpickle(file, position, file.size - position, rules(persistent))
    position = end
    return value
  }
  const first = next()
  const absent = (storage: PyStorage): never => file.fail(`storage '${storage.key}' is missing`)
  if (first !== legacyMagic) return buildValue(file, first, absent, names)
  next() // the version of the protocol, 1001 ever since
  next() // what the writer noted about its machine; the elements are little-endian whatever it was
  const value = next(storages(file, found))
  const keys = next()
  if (!(keys instanceof PyList)) file.fail('the list of storages is missing')
  const places = new Map<string, number>()
  for (const key of keys.items) {
    const name = typeof key === 'string' || typeof key === 'number' ? String(key) : ''
    const storage = found.get(name)
    if (!storage) file.fail(`storage '${name}' is listed but not used`)
    const length = new DataView(file.read(position, 8).buffer).getBigInt64(0, true)
    if (length !== BigInt(storage.length))
      file.fail(`storage '${storage.key}' has ${length} elements, expected ${storage.length}`)
    if (storage.type === 'bytes') file.fail(`storage '${storage.key}' has no element type`)
    places.set(storage.key, position + 8)
    position += 8 + storage.length * bytesOf(storage.type)
    if (position > file.size)
      file.fail(`storage '${storage.key}' of ${storage.length} elements does not fit; the file is cut off`)
  }
  return buildValue(
    file,
    value,
    (storage, type) =>
      readElements(file, places.get(storage.key) ?? absent(storage), countOf(file, storage, type), type),
    names,
  )
}
