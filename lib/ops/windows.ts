/** Weights that fade a stretch of signal in and out, and positions of triangles: tensors made from numbers alone. */
import { addon } from '../device/addon.js'
import { checkInterrupt } from '../device/interrupt.js'
import { getDefaultDtype, type DType } from '../tensor/dtype.js'
import { show } from '../tensor/shape.js'
import { emptyTensor, int64List, int64Tensor, type Tensor } from '../tensor/tensor.js'
import type { TensorOptions } from './creation.js'
import { composite, everyDType } from './define.js'
import { readOptions, readCall, type Defaults, type Filled } from '../tensor/options.js'

/** What windows take after their length. */
export interface WindowOptions extends TensorOptions {
  /** Whether the window repeats without a doubled end, as spectra want; false makes it symmetric. Default true. */
  periodic?: boolean
}

const windowDefaults = { periodic: true, dtype: undefined, requiresGrad: false, device: 'cpu' } as const

function assertLength(name: string, length: number): void {
  if (!Number.isInteger(length) || length < 0)
    throw new RangeError(`${name}: the length must be a non-negative integer, got ${length}`)
}

/** The window whose value at each position is `weight` of that position's share of the way, from 0 to 1. */
function made(
  name: string,
  length: number,
  weight: (share: number) => number,
  options: Filled<WindowOptions, typeof windowDefaults>,
): Tensor {
  assertLength(name, length)
  const { periodic, dtype = getDefaultDtype(), requiresGrad } = options
  if (dtype !== 'float32' && dtype !== 'float64')
    throw new TypeError(`${name}: a window is float32 or float64, got ${dtype}`)
  const steps = periodic ? length : length - 1
  const values = Float64Array.from({ length }, (_, i) => (length === 1 ? 1 : weight(i / steps)))
  const y = emptyTensor(dtype, [length])
  addon().write(y.handle, dtype === 'float64' ? values : Float32Array.from(values))
  return requiresGrad ? y.requiresGrad_() : y
}

const fromNumbers = 'made from numbers alone'
const lengths = [
  { inputs: [], args: [7] },
  { inputs: [], args: [8], options: { periodic: false } },
  { inputs: [], args: [1] },
  { inputs: [], args: [0] },
]

/** Golden values are exact in both dtypes, so the registry's call computes in float64. */
const exact = (options?: WindowOptions): WindowOptions => ({ ...options, dtype: 'float64' })

function cosines(name: 'hannWindow' | 'blackmanWindow' | 'bartlettWindow', weight: (share: number) => number) {
  const torch = name.replace('Window', '_window')
  const run = composite(
    name,
    {
      torch: `lambda n, periodic=True: torch.${torch}(n, periodic, dtype=torch.float64)`,
      gradient: fromNumbers,
      samples: lengths,
      call: (length: number, options?: WindowOptions) => run(length, exact(options)),
    },
    (length: number, options?: WindowOptions): Tensor =>
      made(name, length, weight, readOptions(name, options, windowDefaults)),
  )
  return run
}

const cosine = (share: number, times = 1): number => Math.cos(2 * Math.PI * times * share)

/** Half a raised cosine: (1 − cos 2πt)/2. torch.hann_window. */
export const hannWindow = cosines('hannWindow', (t) => 0.5 - 0.5 * cosine(t))
/** 0.42 − 0.5·cos 2πt + 0.08·cos 4πt. torch.blackman_window. */
export const blackmanWindow = cosines('blackmanWindow', (t) => 0.42 - 0.5 * cosine(t) + 0.08 * cosine(t, 2))
/** A triangle from 0 to 1 and back. torch.bartlett_window. */
export const bartlettWindow = cosines('bartlettWindow', (t) => 1 - Math.abs(2 * t - 1))

/** The coefficients of Hamming's window. */
export interface HammingOptions extends WindowOptions {
  /** Default 0.54. */
  alpha?: number
  /** Default 0.46. */
  beta?: number
}

/** alpha − beta·cos 2πt. torch.hamming_window. */
export const hammingWindow: (length: number, options?: HammingOptions) => Tensor = composite(
  'hammingWindow',
  {
    torch:
      'lambda n, periodic=True, alpha=0.54, beta=0.46: torch.hamming_window(n, periodic, alpha, beta, dtype=torch.float64)',
    gradient: fromNumbers,
    samples: [...lengths, { inputs: [], args: [6], options: { alpha: 0.6, beta: 0.3 } }],
    call: (length: number, options?: HammingOptions) => hammingWindow(length, exact(options)),
  },
  (length: number, options?: HammingOptions): Tensor => {
    const { alpha, beta, ...others } = readOptions('hammingWindow', options, {
      ...windowDefaults,
      alpha: 0.54,
      beta: 0.46,
    })
    return made('hammingWindow', length, (t) => alpha - beta * cosine(t), others)
  },
)

/** The shape of Kaiser's window. */
export interface KaiserOptions extends WindowOptions {
  /** How narrow the window is. Default 12. */
  beta?: number
}

/** The modified Bessel function of order 0, by its power series: all terms are positive, so nothing cancels. */
function bessel(x: number): number {
  let [sum, term] = [1, 1]
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= (x / (2 * k)) ** 2
    sum += term
  }
  return sum
}

/** I₀(beta·√(1 − (2t − 1)²)) / I₀(beta), I₀ the modified Bessel function. torch.kaiser_window. */
export const kaiserWindow: (length: number, options?: KaiserOptions) => Tensor = composite(
  'kaiserWindow',
  {
    torch: 'lambda n, periodic=True, beta=12.0: torch.kaiser_window(n, periodic, beta, dtype=torch.float64)',
    gradient: fromNumbers,
    samples: [...lengths, { inputs: [], args: [9], options: { beta: 5.5 } }],
    call: (length: number, options?: KaiserOptions) => kaiserWindow(length, exact(options)),
  },
  (length: number, options?: KaiserOptions): Tensor => {
    const { beta, ...others } = readOptions('kaiserWindow', options, { ...windowDefaults, beta: 12 })
    const highest = bessel(beta)
    return made(
      'kaiserWindow',
      length,
      (t) => bessel(beta * Math.sqrt(Math.max(0, 1 - (2 * t - 1) ** 2))) / highest,
      others,
    )
  },
)

/** Which triangle's positions are listed. */
export interface TriangleOptions {
  /** The diagonal where the triangle ends; > 0 lies above the main one. Default 0. */
  offset?: number
  /** Default 'int64'. */
  dtype?: DType
}

const triangleDefaults = { offset: 0, dtype: 'int64' } as const satisfies Defaults<TriangleOptions>

/** How many positions of a matrix lie in columns before the diagonal `offset`: Σ of i + offset, within 0 … columns. */
function before(rows: number, columns: number, offset: number): number {
  const first = Math.min(rows, Math.max(0, -offset))
  const full = Math.min(rows, Math.max(first, columns - offset))
  return ((full - first) * (first + full - 1 + 2 * offset)) / 2 + (rows - full) * columns
}

function triangleIndices(name: 'trilIndices' | 'triuIndices', lower: boolean) {
  const torch = name.replace('Indices', '_indices')
  return composite(
    name,
    {
      torch: `torch.${torch}`,
      dtypes: everyDType,
      gradient: 'the result is positions',
      samples: [
        { inputs: [], args: [3, 4] },
        { inputs: [], args: [4, 3], options: { offset: 1 } },
        { inputs: [], args: [3, 3], options: { offset: -2 } },
        { inputs: [], args: [0, 3] },
      ],
    },
    (rows: number, columns: number, given?: number | TriangleOptions, options?: TriangleOptions): Tensor => {
      const { offset, dtype } = readCall<TriangleOptions, typeof triangleDefaults>(
        name,
        ['offset'],
        [given, options],
        triangleDefaults,
      )
      for (const size of [rows, columns]) assertLength(name, size)
      if (!Number.isInteger(offset)) throw new TypeError(`${name}: offset must be an integer, got ${offset}`)
      const below = before(rows, columns, lower ? offset + 1 : offset)
      const count = lower ? below : rows * columns - below
      const positions = int64List(2 * count, () => `${name}: the triangle of ${show([rows, columns])}`)
      const every = BigInt64Array.from({ length: count > 0 ? columns : 0 }, (_, j) => BigInt(j))
      let at = 0
      for (let i = lower ? Math.max(0, -offset) : 0; at < count; i++) {
        if (i % 1024 === 0) checkInterrupt()
        const edge = Math.min(columns, Math.max(0, lower ? i + offset + 1 : i + offset))
        const part = lower ? every.subarray(0, edge) : every.subarray(edge)
        positions.fill(BigInt(i), at, at + part.length)
        positions.set(part, count + at)
        at += part.length
      }
      return int64Tensor(positions).view(2, count).to(dtype)
    },
  )
}

/** Rows and columns, [2, n], of the lower triangle of a matrix. torch.tril_indices. */
export const trilIndices = triangleIndices('trilIndices', true)
/** Rows and columns, [2, n], of the upper triangle of a matrix. torch.triu_indices. */
export const triuIndices = triangleIndices('triuIndices', false)
