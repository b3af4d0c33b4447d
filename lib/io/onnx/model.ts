/** An ONNX model as plain data, and how it is written and read: the messages of onnx.proto that are used here. */
import type { DType } from '../../tensor/dtype.js'
import { numel, type Shape } from '../../tensor/shape.js'
import { dtypeOf, bytesOf, type ElementType } from '../elements.js'
import { FileFormatError } from '../files.js'
import { floatOf, floatsOf, intsOf, ProtoWriter, protoFields, signed } from './protobuf.js'

/** Constant elements, little-endian. */
export interface OnnxTensor {
  readonly type: ElementType
  readonly shape: Shape
  readonly data: Uint8Array
}

export type Attribute =
  | number
  | string
  | readonly number[]
  | { float: number }
  | { floats: readonly number[] }
  | { strings: readonly string[] }
  | OnnxTensor

export interface OnnxNode {
  readonly op: string
  /** Names of values; '' where an optional one is left out. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: Readonly<Record<string, Attribute>>
}

/** An input or output: sizes are numbers, or names where they may vary. */
export interface OnnxValue {
  readonly name: string
  readonly dtype: DType
  readonly shape: readonly (number | string)[]
}

export interface OnnxModel {
  readonly opset: number
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
  readonly nodes: readonly OnnxNode[]
  readonly constants: ReadonlyMap<string, OnnxTensor>
}

/** TensorProto.DataType. */
const codes: Readonly<Partial<Record<ElementType, number>>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  bfloat16: 16,
}

export function typeCode(type: ElementType): number {
  return codes[type] as number
}

/** The element type of a code. @throws FileFormatError for those that no tensor of ours can hold. */
export function typeOfCode(code: number, name: string): ElementType {
  const found = Object.entries(codes).find(([, known]) => known === code)
  if (!found) throw new FileFormatError(`${name}: has elements of type number ${code}, which are not read`)
  return found[0] as ElementType
}

// ---- writing -------------------------------------------------------------------------------------------------------

export function encodeModel({ opset, inputs, outputs, nodes, constants }: OnnxModel): Uint8Array {
  return new ProtoWriter()
    .int(1, 8) // version of the format: the first that knows all operators used here
    .text(2, 'gradbook')
    .message(7, (graph) => {
      for (const node of nodes) graph.message(1, (inner) => writeNode(inner, node))
      graph.text(2, 'gradbook')
      for (const [name, tensor] of constants) graph.message(5, (inner) => writeTensor(inner, tensor, name))
      for (const value of inputs) graph.message(11, (inner) => writeValue(inner, value))
      for (const value of outputs) graph.message(12, (inner) => writeValue(inner, value))
    })
    .message(8, (set) => set.text(1, '').int(2, opset))
    .finish()
}

function writeNode(writer: ProtoWriter, { op, inputs, outputs, attributes }: OnnxNode): void {
  for (const name of inputs) writer.text(1, name)
  for (const name of outputs) writer.text(2, name)
  writer.text(3, outputs[0]).text(4, op)
  for (const [name, value] of Object.entries(attributes))
    writer.message(5, (inner) => writeAttribute(inner, name, value))
}

/** AttributeProto: each kind of value has a field and a number of its own. */
function writeAttribute(writer: ProtoWriter, name: string, value: Attribute): void {
  writer.text(1, name)
  if (typeof value === 'number') writer.int(3, value).int(20, 2)
  else if (typeof value === 'string') writer.text(4, value).int(20, 3)
  else if ('float' in value) writer.float(2, value.float).int(20, 1)
  else if ('floats' in value) {
    for (const number of value.floats) writer.float(7, number)
    writer.int(20, 6)
  } else if ('strings' in value) {
    for (const text of value.strings) writer.text(9, text)
    writer.int(20, 8)
  } else if ('data' in value) writer.message(5, (inner) => writeTensor(inner, value, '')).int(20, 4)
  else {
    for (const number of value) writer.int(8, number)
    writer.int(20, 7)
  }
}

function writeTensor(writer: ProtoWriter, { type, shape, data }: OnnxTensor, name: string): void {
  for (const size of shape) writer.int(1, size)
  writer.int(2, typeCode(type)).text(8, name).bytes(9, data)
}

function writeValue(writer: ProtoWriter, { name, dtype, shape }: OnnxValue): void {
  writer.text(1, name).message(2, (type) =>
    type.message(1, (tensor) =>
      tensor.int(1, typeCode(dtype)).message(2, (sizes) => {
        for (const size of shape)
          sizes.message(1, (dim) => (typeof size === 'number' ? dim.int(1, size) : dim.text(2, size)))
      }),
    ),
  )
}

// ---- reading -------------------------------------------------------------------------------------------------------

const decoder = new TextDecoder()

/** Reads a model. @throws FileFormatError when it is damaged, or keeps its weights in other files. */
export function decodeModel(bytes: Uint8Array, name: string): OnnxModel {
  let graph: Uint8Array | undefined
  let opset = 0
  for (const { field, value } of protoFields(bytes, name)) {
    if (field === 7 && value instanceof Uint8Array) graph = value
    if (field === 8 && value instanceof Uint8Array) opset = Math.max(opset, readOpset(value, name))
  }
  if (!graph || opset === 0)
    throw new FileFormatError(`${name}: this is no ONNX model: it has no graph or no operator set`)
  const nodes: OnnxNode[] = []
  const constants = new Map<string, OnnxTensor>()
  const inputs: OnnxValue[] = []
  const outputs: OnnxValue[] = []
  for (const { field, value } of protoFields(graph, name)) {
    if (!(value instanceof Uint8Array)) continue
    if (field === 1) nodes.push(readNode(value, name))
    else if (field === 5) {
      const { key, tensor } = readTensor(value, name)
      if (constants.has(key)) throw new FileFormatError(`${name}: two constants are named '${key}'`)
      constants.set(key, tensor)
    } else if (field === 11) inputs.push(readValue(value, name))
    else if (field === 12) outputs.push(readValue(value, name))
  }
  return { opset, nodes, constants, inputs: inputs.filter((input) => !constants.has(input.name)), outputs }
}

/** The version of the standard operators; 0 for those of other domains. */
function readOpset(bytes: Uint8Array, name: string): number {
  let domain = ''
  let version = 0
  for (const { field, value } of protoFields(bytes, name)) {
    if (field === 1 && value instanceof Uint8Array) domain = decoder.decode(value)
    if (field === 2 && typeof value === 'bigint') version = signed(value)
  }
  return domain === '' || domain === 'ai.onnx' ? version : 0
}

function readNode(bytes: Uint8Array, name: string): OnnxNode {
  const inputs: string[] = []
  const outputs: string[] = []
  const attributes: [string, Attribute][] = []
  let op = ''
  let domain = ''
  for (const { field, value } of protoFields(bytes, name)) {
    if (!(value instanceof Uint8Array)) continue
    if (field === 1) inputs.push(decoder.decode(value))
    else if (field === 2) outputs.push(decoder.decode(value))
    else if (field === 4) op = decoder.decode(value)
    else if (field === 5) attributes.push(readAttribute(value, name))
    else if (field === 7) domain = decoder.decode(value)
  }
  if (domain !== '' && domain !== 'ai.onnx') op = `${domain}.${op}`
  return { op, inputs, outputs, attributes: Object.fromEntries(attributes) }
}

/** Arguments of `push` lie on the stack, which a layer's weights would overflow. */
function append(list: number[], values: Iterable<number>): void {
  for (const value of values) list.push(value)
}

function readAttribute(bytes: Uint8Array, name: string): [string, Attribute] {
  let key = ''
  let kind = 0
  let single: Attribute | undefined
  const ints: number[] = []
  const floats: number[] = []
  const strings: string[] = []
  for (const { field, value } of protoFields(bytes, name)) {
    if (field === 9 && value instanceof Uint8Array) strings.push(decoder.decode(value))
    else if (field === 8) append(ints, intsOf(value, name))
    else if (field === 7) append(floats, floatsOf(value))
    else if (typeof value === 'bigint') {
      if (field === 2) single = { float: floatOf(value) }
      else if (field === 3) single = signed(value)
      else if (field === 20) kind = signed(value)
    } else if (field === 1) key = decoder.decode(value)
    else if (field === 4) single = decoder.decode(value)
    else if (field === 5) single = readTensor(value, name).tensor
  }
  // A value of 0 or an empty list need not be written; the kind says what it is.
  const missing: Readonly<Record<number, Attribute>> = { 1: { float: 0 }, 2: 0, 3: '' }
  if (kind === 7 || (kind === 0 && ints.length > 0)) return [key, ints]
  if (kind === 6 || (kind === 0 && floats.length > 0)) return [key, { floats }]
  if (kind === 8 || (kind === 0 && strings.length > 0)) return [key, { strings }]
  return [key, single ?? missing[kind] ?? '']
}

function readTensor(bytes: Uint8Array, name: string): { key: string; tensor: OnnxTensor } {
  let key = ''
  let type: ElementType = 'float32'
  const shape: number[] = []
  let data: Uint8Array | undefined
  const numbers: number[] = []
  const doubles: Uint8Array[] = []
  for (const { field, value } of protoFields(bytes, name)) {
    if (field === 1) append(shape, intsOf(value, name))
    else if (field === 2 && typeof value === 'bigint') type = typeOfCode(signed(value), name)
    else if (field === 8 && value instanceof Uint8Array) key = decoder.decode(value)
    else if (field === 9 && value instanceof Uint8Array) data = value
    else if (field === 4) append(numbers, floatsOf(value))
    else if (field === 5 || field === 7) append(numbers, intsOf(value, name))
    else if (field === 10 && value instanceof Uint8Array) doubles.push(value)
    else if (field === 13 || field === 14)
      throw new FileFormatError(
        `${name}: constant '${key}' is kept in another file, which is not read; save the model with its weights inside`,
      )
  }
  data ??= doubles.length > 0 ? Buffer.concat(doubles) : numbersAsBytes(numbers, type, name)
  if (shape.some((size) => !Number.isSafeInteger(size) || size < 0) || numel(shape) * bytesOf(type) !== data.length)
    throw new FileFormatError(
      `${name}: constant '${key}' of sizes [${shape.join(', ')}] has ${data.length} bytes of ${type}`,
    )
  return { key, tensor: { type, shape, data } }
}

/** Elements that were written as a list of numbers. */
function numbersAsBytes(numbers: readonly number[], type: ElementType, name: string): Uint8Array {
  const width = bytesOf(type)
  const view = new DataView(new ArrayBuffer(numbers.length * width))
  numbers.forEach((number, i) => {
    if (type === 'float32') view.setFloat32(4 * i, number, true)
    else if (type === 'int64') view.setBigInt64(8 * i, BigInt(Math.trunc(number) || 0), true)
    else if (width === 4) view.setInt32(4 * i, number, true)
    else if (width === 2) view.setUint16(2 * i, number, true)
    else if (width === 1) view.setUint8(i, number)
    else throw new FileFormatError(`${name}: a constant of ${type} is damaged`)
  })
  return new Uint8Array(view.buffer)
}

function readValue(bytes: Uint8Array, name: string): OnnxValue {
  let key = ''
  let dtype: DType = 'float32'
  const shape: (number | string)[] = []
  const inside = (value: bigint | Uint8Array, wanted: number, visit: (value: bigint | Uint8Array) => void): void => {
    if (!(value instanceof Uint8Array)) return
    for (const inner of protoFields(value, name)) if (inner.field === wanted) visit(inner.value)
  }
  for (const { field, value } of protoFields(bytes, name)) {
    if (field === 1 && value instanceof Uint8Array) key = decoder.decode(value)
    if (field !== 2) continue
    inside(value, 1, (tensor) => {
      inside(tensor, 1, (code) => {
        if (typeof code === 'bigint') dtype = dtypeOf(typeOfCode(signed(code), name))
      })
      inside(tensor, 2, (sizes) =>
        inside(sizes, 1, (dim) => {
          let size: number | string = '?'
          inside(dim, 1, (known) => (size = typeof known === 'bigint' ? signed(known) : size))
          inside(dim, 2, (symbol) => (size = symbol instanceof Uint8Array ? decoder.decode(symbol) : size))
          shape.push(size)
        }),
      )
    })
  }
  return { name: key, dtype, shape }
}
