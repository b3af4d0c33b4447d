/**
 * The safetensors format: the length of a header, the header in JSON, and the tensors' elements. A file is checked as the
 * reference implementation does: the header has at most 100 MB, names are unique, and the tensors fill the rest of the
 * file without gaps or overlaps.
 */
import { numel, type Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import type { DType } from '../tensor/dtype.js'
import { bytesOf, bytesOfTensor, dtypeOf, readElements, type ElementType } from './elements.js'
import { withBytes, writeAtomically, type Bytes, type FileSource } from './files.js'
import { ourName, torchName, translateAll } from './names.js'
import type { LoadOptions } from './torch/read.js'
import type { SaveOptions } from './torch/write.js'
import { assertNamedTensors, type NamedTensors } from './named-tensors.js'

const types: Readonly<Record<string, ElementType>> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  I64: 'int64',
  I32: 'int32',
  I16: 'int16',
  I8: 'int8',
  U32: 'uint32',
  U16: 'uint16',
  U8: 'uint8',
  BOOL: 'bool',
}
const headerLimit = 100_000_000

interface Entry {
  readonly type: ElementType
  readonly shape: number[]
  /** Bytes from the start of the file. */
  readonly offset: number
}

interface Contents {
  readonly metadata: Readonly<Record<string, string>>
  readonly entries: ReadonlyMap<string, Entry>
}

/** How `saveSafetensors` writes. */
export interface SafetensorsOptions extends SaveOptions {
  /** Texts to keep with the tensors, such as `{ format: 'pt' }`. */
  metadata?: Readonly<Record<string, string>>
}

/**
 * All tensors of a safetensors file by name; names are translated to ours as `load` does. float16 and bfloat16 are
 * converted to float32, int8, int16 and uint16 to int32, uint32 to int64. safetensors.torch.load_file.
 * @throws FileFormatError for a file that is damaged or cut off, naming what is wrong.
 * @example net.loadStateDict(io.loadSafetensors('model.safetensors'))
 */
export function loadSafetensors(source: FileSource, options: LoadOptions = {}): Map<string, Tensor> {
  return withBytes('loadSafetensors', source, (file) => {
    const { entries } = readHeader(file)
    const names = [...entries.keys()]
    const named = options.names === 'asWritten' ? names : translateAll(names, ourName)
    return new Map([...entries.values()].map((entry, i) => [named[i], readEntry(file, entry)]))
  })
}

/** A safetensors file of which tensors are read one by one, when they are asked for. safetensors.safe_open. */
export class SafetensorsFile {
  readonly #source: FileSource
  readonly #contents: Contents
  /** Names as written in the file, by the names given out. */
  readonly #names: ReadonlyMap<string, string>

  /** @internal Use openSafetensors. */
  constructor(source: FileSource, { names = 'ours' }: LoadOptions) {
    this.#source = source
    this.#contents = withBytes('openSafetensors', source, readHeader)
    const written = [...this.#contents.entries.keys()]
    const given = names === 'ours' ? translateAll(written, ourName) : written
    this.#names = new Map(given.map((name, i) => [name, written[i]]))
  }

  /** Texts that were kept with the tensors. */
  get metadata(): Readonly<Record<string, string>> {
    return this.#contents.metadata
  }

  /** Names of the tensors, in the order of the file. */
  keys(): string[] {
    return [...this.#names.keys()]
  }

  /** Sizes of a tensor, without reading it. */
  shapeOf(name: string): Shape {
    return [...this.#entry(name).shape]
  }

  /** The dtype in which a tensor arrives. */
  dtypeOf(name: string): DType {
    return dtypeOf(this.#entry(name).type)
  }

  /** Reads one tensor; the rest of the file is not touched. */
  getTensor(name: string): Tensor {
    const entry = this.#entry(name)
    return withBytes('getTensor', this.#source, (file) => readEntry(file, entry))
  }

  #entry(name: string): Entry {
    const entry = this.#contents.entries.get(this.#names.get(name) ?? '')
    if (entry) return entry
    throw new RangeError(`safetensors: there is no tensor '${name}'; there are ${this.keys().slice(0, 20).join(', ')}`)
  }
}

/**
 * Opens a safetensors file to read single tensors of it. Only the header is read now.
 * @example const embedding = io.openSafetensors('model.safetensors').getTensor('embed.weight')
 */
export function openSafetensors(source: FileSource, options: LoadOptions = {}): SafetensorsFile {
  return new SafetensorsFile(source, options)
}

/**
 * Writes tensors by name, such as a state dict; names are translated to PyTorch's as `save` does. Tensors that share memory
 * are written apart. The file appears whole or not at all. safetensors.torch.save_file.
 * @example io.saveSafetensors(net.stateDict(), 'model.safetensors', { metadata: { format: 'pt' } })
 */
export function saveSafetensors(tensors: NamedTensors, path: string, options: SafetensorsOptions = {}): void {
  const { metadata = {}, names = 'torch' } = options
  const given = assertNamedTensors('saveSafetensors', tensors)
  for (const [key, text] of Object.entries(metadata) as [string, unknown][])
    if (typeof text !== 'string')
      throw new TypeError(`saveSafetensors: metadata.${key} must be a string, got ${typeof text}`)
  const keys = given.map(([name]) => name)
  const named = names === 'asWritten' ? keys : translateAll(keys, torchName)
  if (named.includes('__metadata__'))
    throw new RangeError(
      "saveSafetensors: no tensor can be called '__metadata__', the name of the file's notes; rename it",
    )
  // Wide elements first, as the reference does: so every tensor begins at a multiple of its element's size.
  const ordered = given
    .map(([, tensor], i) => ({ name: named[i], tensor }))
    .sort((a, b) => bytesOf(b.tensor.dtype) - bytesOf(a.tensor.dtype) || (a.name < b.name ? -1 : 1))
  let end = 0
  const entries = ordered.map(({ name, tensor }): [string, unknown] => {
    const [dtype] = Object.entries(types).find(([, type]) => type === tensor.dtype) as [string, ElementType]
    const start = end
    end += tensor.numel() * bytesOf(tensor.dtype)
    return [name, { dtype, shape: tensor.shape as Shape, data_offsets: [start, end] }]
  })
  const about = Object.keys(metadata).length ? [['__metadata__', metadata] as [string, unknown]] : []
  const text = Buffer.from(JSON.stringify(Object.fromEntries([...about, ...entries])))
  const header = Buffer.alloc(8 + Math.ceil(text.length / 8) * 8, ' ')
  header.writeBigUInt64LE(BigInt(header.length - 8))
  header.set(text, 8)
  writeAtomically('saveSafetensors', path, (sink) => {
    sink(header)
    for (const { tensor } of ordered) sink(bytesOfTensor(tensor.detach().contiguous()))
  })
}

function readEntry(file: Bytes, { type, shape, offset }: Entry): Tensor {
  return readElements(file, offset, numel(shape), type).view(shape)
}

function readHeader(file: Bytes): Contents {
  if (file.size < 8) file.fail('this is no safetensors file: it has no header')
  const length = new DataView(file.read(0, 8).buffer).getBigUint64(0, true)
  if (length > BigInt(headerLimit))
    file.fail(`this is no safetensors file: its header would have ${length} bytes, accepted are ${headerLimit}`)
  const start = 8 + Number(length)
  const text = Buffer.from(file.read(8, Number(length))).toString()
  if (!text.startsWith('{')) file.fail('this is no safetensors file: its header is no JSON object')
  let parsed: Record<string, unknown>
  try {
    parsed = JSON.parse(text) as Record<string, unknown>
  } catch (error) {
    return file.fail(`its header is no JSON: ${(error as Error).message}`)
  }
  if (countKeys(text) !== Object.keys(parsed).length) file.fail('two tensors have the same name')
  const { __metadata__: metadata = {}, ...tensors } = parsed
  if (!isTexts(metadata)) return file.fail('its metadata must be texts')
  const entries = new Map<string, Entry>()
  const ranges: [number, number, string][] = []
  for (const [name, entry] of Object.entries(tensors)) {
    const {
      dtype,
      shape,
      data_offsets: range,
    } = (entry ?? {}) as { dtype?: unknown; shape?: unknown; data_offsets?: unknown }
    if (!isSizes(shape) || !isSizes(range) || range.length !== 2)
      return file.fail(`the description of '${name}' is damaged`)
    const type = types[String(dtype)]
    if (!Object.hasOwn(types, String(dtype)))
      file.fail(`'${name}' is of type ${String(dtype)}; read are ${Object.keys(types).join(', ')}`)
    const bytes = numel(shape) * bytesOf(type)
    if (range[1] - range[0] !== bytes)
      file.fail(
        `'${name}' of sizes [${shape.join(', ')}] needs ${bytes} bytes, the file gives it ${range[1] - range[0]}`,
      )
    entries.set(name, { type, shape, offset: start + range[0] })
    ranges.push([range[0], range[1], name])
  }
  ranges.sort((a, b) => a[0] - b[0] || a[1] - b[1])
  let end = 0
  for (const [from, to, name] of ranges) {
    if (from !== end) file.fail(`'${name}' begins at byte ${from}, the one before it ends at ${end}`)
    end = to
  }
  if (start + end !== file.size)
    file.fail(`its tensors end at byte ${start + end}, the file at ${file.size}; it is damaged or cut off`)
  return { metadata, entries }
}

const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length <= 64 && value.every((size) => Number.isSafeInteger(size) && size >= 0)

const isTexts = (value: unknown): value is Record<string, string> =>
  typeof value === 'object' && value !== null && Object.values(value).every((text) => typeof text === 'string')

/** How many keys the outermost object has, counting those that stand twice; JSON.parse keeps the last without a word. */
function countKeys(json: string): number {
  let depth = 0
  let keys = 0
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:]/g)) {
    if (token === '{' || token === '[') depth++
    else if (token === '}' || token === ']') depth--
    else if (token === ':' && depth === 1) keys++
  }
  return keys
}
