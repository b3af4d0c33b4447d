/** The .npy format: one array, preceded by a description of its element type, order and sizes. NumPy's NEP 1. */
import { numel, type Shape } from '../../tensor/shape.js'
import type { Tensor } from '../../tensor/tensor.js'
import { bytesOf, bytesOfTensor, readElements } from '../elements.js'
import { MemoryBytes, type Bytes } from '../files.js'
import { descrOf, knownDescrs, parseDescr } from '../numpy-dtype.js'
import type { PyNumpy } from '../pickle/values.js'

const magic = '\x93NUMPY'

/** NumPy has no more dimensions. */
const maxDimensions = 64

interface Header {
  descr: string
  fortran: boolean
  shape: number[]
  /** Where the elements begin. */
  offset: number
}

/** The header: magic, version, length, and a dict as Python prints it, padded with blanks. */
function readHeader(file: Bytes): Header {
  const start = file.read(0, Math.min(file.size, 12))
  if (Buffer.from(start).toString('latin1', 0, 6) !== magic || start.length < 12)
    file.fail('this is no .npy file: it does not begin with \\x93NUMPY')
  const view = new DataView(start.buffer)
  const version = start[6]
  if (version < 1 || version > 3) file.fail(`version ${version}.${start[7]} of the format is not known`)
  const wide = version > 1
  const length = wide ? view.getUint32(8, true) : view.getUint16(8, true)
  const offset = (wide ? 12 : 10) + length
  // NumPy itself reads no longer ones.
  if (length > 10_000) file.fail(`its header has ${length} bytes, accepted are 10000`)
  const text = Buffer.from(file.read(offset - length, length)).toString(version === 3 ? 'utf8' : 'latin1')
  const entries = new Map<string, string>()
  const entry = /\s*'(\w+)'\s*:\s*('[^']*'|True|False|\([\d\s,L]*\)|\[[^\]]*\])\s*,?/y
  const body = /^\{(.*)\}\s*$/s.exec(text)?.[1] ?? file.fail('its header is damaged')
  for (let match = entry.exec(body); match; match = entry.exec(body)) entries.set(match[1], match[2])
  const descr = entries.get('descr')
  const order = entries.get('fortran_order')
  const shape = entries.get('shape')
  if (!descr || !order || !shape?.startsWith('(')) return file.fail(`its header is damaged: ${body.slice(0, 200)}`)
  if (descr.startsWith('[')) file.fail('it holds records with named fields, which no tensor can hold')
  const sizes = (shape.match(/\d+/g) ?? []).map(Number)
  return { descr: descr.slice(1, -1), fortran: order === 'True', shape: sizes, offset }
}

/** The array of a file. */
export function readArray(file: Bytes): Tensor {
  const { descr, fortran, shape, offset } = readHeader(file)
  return readAt(file, offset, descr, shape, fortran)
}

/** An array from a pickle. */
export function tensorOfNumpy(file: Bytes, { descr, shape, fortran, data }: PyNumpy): Tensor | number {
  const tensor = readAt(new MemoryBytes(file.name, data), 0, descr, shape, fortran)
  return shape.length === 0 && tensor.dtype !== 'int64' ? tensor.item() : tensor
}

function readAt(file: Bytes, offset: number, descr: string, shape: readonly number[], fortran: boolean): Tensor {
  const found = parseDescr(descr)
  if (!found) {
    const hint = descr.includes('O') ? '; an array of Python objects is a pickle, which is not read' : ''
    return file.fail(`its elements are of type '${descr}'; read are ${knownDescrs}${hint}`)
  }
  const { type, little } = found
  const count = numel(shape)
  if (shape.length > maxDimensions || !Number.isSafeInteger(count))
    file.fail(`sizes [${shape.join(', ')}] make no sense`)
  if (file.size - offset !== count * bytesOf(type))
    file.fail(
      `it has ${file.size - offset} bytes of elements, sizes [${shape.join(', ')}] of ${type} need ${count * bytesOf(type)}`,
    )
  const flat = readElements(file, offset, count, type, little)
  if (!fortran) return flat.view(shape)
  // The first dimension varies fastest: the row-major array of the turned one.
  const turned = flat.view([...shape].reverse())
  return turned.permute(shape.map((_, d) => shape.length - 1 - d)).contiguous()
}

/** The parts of a file for a tensor: header, elements. */
export function arrayParts(tensor: Tensor): Uint8Array[] {
  const contiguous = tensor.detach().contiguous()
  return [headerFor(tensor), bytesOfTensor(contiguous)]
}

/** The header as NumPy writes it: version 1.0, elements at a multiple of 64 bytes. */
function headerFor({ dtype, shape }: Tensor): Uint8Array {
  const sizes: Shape = shape
  const tuple = sizes.length === 1 ? `(${sizes[0]},)` : `(${sizes.join(', ')})`
  const text = `{'descr': '${descrOf(dtype)}', 'fortran_order': False, 'shape': ${tuple}, }`
  const total = Math.ceil((10 + text.length + 1) / 64) * 64
  const header = Buffer.alloc(total, ' ', 'latin1')
  header.write(magic, 'latin1')
  header.set([1, 0], 6)
  header.writeUInt16LE(total - 10, 8)
  header.write(text, 10, 'latin1')
  header.write('\n', total - 1, 'latin1')
  return header
}
