/**
 * Printing by PyTorch's rules: four digits, one width for all numbers, scientific notation when magnitudes differ too much,
 * three edge items per dimension above a thousand elements.
 */
import type { Tensor } from './tensor.js'
import { isFloating } from './dtype.js'
import { numel } from './shape.js'

const precision = 4
const threshold = 1000
const edgeItems = 3
const lineWidth = 80

type Formatter = (value: number) => string

/** Decimal exponent with at least two digits, as C prints it: 1.0000e-05. */
function scientific(value: number): string {
  return value.toExponential(precision).replace(/e([+-])(\d)$/, 'e$10$2')
}

/** One format for all values shown, chosen as torch._tensor_str does. */
function floatFormatter(values: readonly number[]): Formatter {
  const finite = values.filter((v) => Number.isFinite(v) && v !== 0).map(Math.abs)
  const wholes = finite.every(Number.isInteger)
  const max = Math.max(...finite, -Infinity)
  const min = Math.min(...finite, Infinity)
  const any = finite.length > 0
  const useScientific = wholes ? max / min > 1000 || max > 1e8 : max / min > 1000 || max > 1e8 || min < 1e-4
  const text: Formatter = (v) => {
    if (!Number.isFinite(v)) return Number.isNaN(v) ? 'nan' : v > 0 ? 'inf' : '-inf'
    if (any && useScientific) return scientific(v)
    if (wholes) return `${Object.is(v, -0) ? '-0' : v.toFixed(0)}.`
    return Object.is(v, -0) ? `-${(0).toFixed(precision)}` : v.toFixed(precision)
  }
  // Like PyTorch, the width is that of the finite non-zero values: zeros and infinities do not widen a column.
  return padded(
    values.filter((v) => Number.isFinite(v) && v !== 0),
    text,
  )
}

function padded(values: readonly number[], text: Formatter): Formatter {
  const width = values.reduce((w, v) => Math.max(w, text(v).length), 0)
  return (v) => text(v).padStart(width)
}

/** Positions shown along a dimension; null stands for the dots. */
function shownPositions(size: number, summarise: boolean): (number | null)[] {
  const all = Array.from({ length: size }, (_, i) => i)
  return summarise && size > 2 * edgeItems ? [...all.slice(0, edgeItems), null, ...all.slice(-edgeItems)] : all
}

/** `tensor([[1., 2.]], dtype=…, requiresGrad=true)`: what `console.log` and a cell's result show. */
export function formatTensor(tensor: Tensor): string {
  const shape: readonly number[] = tensor.shape
  const suffixes: string[] = []
  const elements = numel(shape)
  const summarise = elements > threshold
  const flat = tensor.toTypedArray()
  const strides = new Array<number>(shape.length)
  for (let d = shape.length - 1, step = 1; d >= 0; d--) {
    strides[d] = step
    step *= shape[d]
  }

  const shown: number[] = []
  const visit = (d: number, offset: number): void => {
    if (d === shape.length) shown.push(Number(flat[offset]))
    else for (const i of shownPositions(shape[d], summarise)) if (i !== null) visit(d + 1, offset + i * strides[d])
  }
  if (elements > 0) visit(0, 0)
  const format = isFloating(tensor.dtype)
    ? floatFormatter(shown)
    : tensor.dtype === 'bool'
      ? padded(shown, (v) => (v ? 'true' : 'false'))
      : padded(shown, String)

  const prefix = 'tensor('
  const nested = (d: number, offset: number, indent: number): string => {
    if (d === shape.length) return format(Number(flat[offset]))
    const parts = shownPositions(shape[d], summarise).map((i) =>
      i === null ? null : nested(d + 1, offset + i * strides[d], indent + 1),
    )
    if (d < shape.length - 1) {
      const gap = ',' + '\n'.repeat(shape.length - 1 - d) + ' '.repeat(indent + 1)
      return `[${parts.map((p) => p ?? '...').join(gap)}]`
    }
    const width = (parts.find((p) => p !== null)?.length ?? 0) + 2
    const perLine = Math.max(1, Math.floor((lineWidth - indent) / width))
    const lines: string[] = []
    for (let i = 0; i < parts.length; i += perLine)
      lines.push(
        parts
          .slice(i, i + perLine)
          .map((p) => p ?? ' ...')
          .join(', '),
      )
    return `[${lines.join(',\n' + ' '.repeat(indent + 1))}]`
  }
  const body = elements === 0 ? emptyBody(shape) : nested(0, 0, prefix.length)
  if (elements === 0 && shape.length > 1) suffixes.push(`size=[${shape.join(', ')}]`)
  if (tensor.device !== 'cpu') suffixes.push(`device='${tensor.device}'`)
  if (!['float32', 'int64', 'bool'].includes(tensor.dtype)) suffixes.push(`dtype=${tensor.dtype}`)
  if (tensor.gradFn) suffixes.push(`gradFn=<${tensor.gradFn.name}>`)
  else if (tensor.requiresGrad) suffixes.push('requiresGrad=true')
  return `${prefix}${[body, ...suffixes].join(', ')})`
}

function emptyBody(shape: readonly number[]): string {
  return shape.length === 0 ? '' : '[]'
}
