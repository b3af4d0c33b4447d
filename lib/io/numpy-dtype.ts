/** Element types as NumPy writes them: '<f4' is a little-endian float of four bytes. */
import type { DType } from '../tensor/dtype.js'
import type { ElementType } from './elements.js'

const types: Readonly<Record<string, ElementType>> = {
  f8: 'float64',
  f4: 'float32',
  f2: 'float16',
  i8: 'int64',
  i4: 'int32',
  i2: 'int16',
  i1: 'int8',
  u4: 'uint32',
  u2: 'uint16',
  u1: 'uint8',
  b1: 'bool',
}

/** The element type and byte order of a description such as '<f4' or '|u1'; undefined for others. */
export function parseDescr(descr: string): { type: ElementType; little: boolean } | undefined {
  const [, order, code] = /^([<>=|]?)([a-z]\d+)$/.exec(descr) ?? []
  const type = types[code]
  return type && { type, little: order !== '>' }
}

/** How NumPy writes a dtype of ours. */
export function descrOf(dtype: DType): string {
  const [code] = Object.entries(types).find(([, type]) => type === dtype) as [string, ElementType]
  return (code.endsWith('1') ? '|' : '<') + code
}

/** NumPy's types, in messages. */
export const knownDescrs = Object.keys(types).join(', ')
