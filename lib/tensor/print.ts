/**
 * Printing by PyTorch's rules: four digits, one width for all numbers, scientific notation when magnitudes differ too much,
 * three edge items per dimension above a thousand elements.
 */
import { checkOptions } from './options.js'
import { type Tensor, viewTensor } from './tensor.js'
import { isFloating } from './dtype.js'
import { numel } from './shape.js'

/** How tensors are printed. */
export interface PrintOptions {
  /** Digits behind the point. Default 4. */
  precision?: number
  /** Tensors of more elements are printed in part. Default 1000. */
  threshold?: number
  /** Items shown at each end of a dimension of those. Default 3. */
  edgeitems?: number
  /** Characters in a line. Default 80. */
  linewidth?: number
  /** Whether numbers are written with an exponent; null decides by their sizes. Default null. */
  sciMode?: boolean | null
  /** Settings to begin with: 'short' has 2 digits and 2 items, 'full' prints everything. */
  profile?: 'default' | 'short' | 'full'
}

type Settings = Required<Omit<PrintOptions, 'profile'>>

const profiles: Readonly<Record<NonNullable<PrintOptions['profile']>, Omit<Settings, 'sciMode'>>> = {
  default: { precision: 4, threshold: 1000, edgeitems: 3, linewidth: 80 },
  short: { precision: 2, threshold: 1000, edgeitems: 2, linewidth: 80 },
  full: { precision: 4, threshold: Infinity, edgeitems: 3, linewidth: 80 },
}

let { precision, threshold, edgeitems, linewidth, sciMode }: Settings = { ...profiles.default, sciMode: null }

/**
 * Changes how tensors are printed from now on; what is left out stays as it is. torch.set_printoptions.
 * @example setPrintoptions({ precision: 2, sciMode: false })
 */
export function setPrintoptions(options: PrintOptions): void {
  const now: Settings = { precision, threshold, edgeitems, linewidth, sciMode }
  checkOptions('setPrintoptions', options, { ...now, profile: 'default' })
  const { profile, ...given } = options
  if (profile !== undefined && !Object.hasOwn(profiles, profile))
    throw new RangeError(
      `setPrintoptions: profile must be one of ${Object.keys(profiles).join(', ')}, got '${profile}'`,
    )
  const next: Settings = { ...now, ...(profile && { ...profiles[profile], sciMode: null }), ...given }
  for (const name of ['precision', 'threshold', 'edgeitems', 'linewidth'] as const)
    if (!(next[name] >= 0))
      throw new RangeError(`setPrintoptions: ${name} must be a number that is not negative, got ${String(next[name])}`)
  ;({ precision, threshold, edgeitems, linewidth, sciMode } = next)
}

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
  const large = wholes ? max / min > 1000 || max > 1e8 : max / min > 1000 || max > 1e8 || min < 1e-4
  const useScientific = sciMode ?? large
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
  const from = (start: number, length: number) => Array.from({ length }, (_, i) => start + i)
  return summarise && size > 2 * edgeitems
    ? [...from(0, edgeitems), null, ...from(size - edgeitems, edgeitems)]
    : from(0, size)
}

/** The elements that a summary shows, in order. They alone are read: a large tensor is not copied to be printed. */
function edges(tensor: Tensor): number[] {
  const shape: readonly number[] = tensor.shape
  const { strides } = tensor
  const last = shape.length - 1
  const pieces = shape[last] > 2 * edgeitems ? [0, shape[last] - edgeitems] : [0]
  const length = pieces.length > 1 ? edgeitems : shape[last]
  const values: number[] = []
  const visit = (d: number, offset: number): void => {
    if (d < last) {
      for (const i of shownPositions(shape[d], true)) if (i !== null) visit(d + 1, offset + i * strides[d])
      return
    }
    for (const start of pieces) {
      const piece = viewTensor(tensor, [length], [strides[d]], offset + start * strides[d])
      values.push(...Array.from(piece.toTypedArray(), Number))
      piece.dispose()
    }
  }
  visit(0, tensor.offset)
  return values
}

/** `tensor([[1., 2.]], dtype=…, requiresGrad=true)`: what `console.log` and a cell's result show. */
export function formatTensor(tensor: Tensor): string {
  const shape: readonly number[] = tensor.shape
  const suffixes: string[] = []
  const elements = numel(shape)
  const summarise = elements > threshold
  const shown = summarise ? edges(tensor) : Array.from(tensor.toTypedArray(), Number)
  const format = isFloating(tensor.dtype)
    ? floatFormatter(shown)
    : tensor.dtype === 'bool'
      ? padded(shown, (v) => (v ? 'true' : 'false'))
      : padded(shown, String)

  const prefix = 'tensor('
  let next = 0
  const nested = (d: number, indent: number): string => {
    if (d === shape.length) return format(shown[next++])
    const parts = shownPositions(shape[d], summarise).map((i) => (i === null ? null : nested(d + 1, indent + 1)))
    if (d < shape.length - 1) {
      const gap = ',' + '\n'.repeat(shape.length - 1 - d) + ' '.repeat(indent + 1)
      return `[${parts.map((p) => p ?? '...').join(gap)}]`
    }
    const width = (parts.find((p) => p !== null)?.length ?? 0) + 2
    const perLine = Math.max(1, Math.floor((linewidth - indent) / width))
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
  const body = elements === 0 ? emptyBody(shape) : nested(0, prefix.length)
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
