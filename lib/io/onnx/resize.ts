/**
 * ONNX's Resize and its forerunner Upsample: along each dimension every new element is a weighted sum of old ones, by the
 * specification's own coordinates, so every combination of settings is one form.
 */
import * as ops from '../../ops/index.js'
import type { Tensor } from '../../tensor/tensor.js'
import { int64Tensor } from '../../tensor/tensor.js'
import { FileFormatError } from '../files.js'
import { numbersOf, type Attributes } from './attributes.js'
import type { Operator } from './operators-basic.js'

/** One dimension: its old and new size and the factor between the two. */
interface Axis {
  readonly old: number
  readonly now: number
  readonly scale: number
}

/** Old coordinates of new positions. */
const coordinates: Readonly<Record<string, (x: number, axis: Axis) => number>> = {
  half_pixel: (x, { scale }) => (x + 0.5) / scale - 0.5,
  half_pixel_symmetric: (x, { scale, old, now }) => (old / 2) * (1 - now / (scale * old)) + (x + 0.5) / scale - 0.5,
  pytorch_half_pixel: (x, { scale, now }) => (now > 1 ? (x + 0.5) / scale - 0.5 : 0),
  align_corners: (x, { old, now }) => (now > 1 ? (x * (old - 1)) / (now - 1) : 0),
  asymmetric: (x, { scale }) => x / scale,
}

const roundings: Readonly<Record<string, (x: number) => number>> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
}

/** A named setting. @throws FileFormatError for one that is not known. */
function chosen<T>(what: string, name: string, from: Readonly<Record<string, T>>): T {
  if (!Object.hasOwn(from, name)) throw new FileFormatError(`ONNX: Resize with ${what} '${name}' is not read`)
  return from[name]
}

type Tap = readonly [position: number, weight: number]

const cubicWeights = (t: number, a: number): number[] => {
  const far = (d: number): number => ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
  const near = (d: number): number => ((a + 2) * d - (a + 3)) * d * d + 1
  return [far(t + 1), near(t), near(1 - t), far(2 - t)]
}

/** Which old elements a coordinate is made of. */
function tapsOf(attributes: Attributes): (x: number) => Tap[] {
  const mode = attributes.text('mode', 'nearest')
  if (mode === 'nearest') {
    const fallback = attributes.opset < 11 ? 'floor' : 'round_prefer_floor'
    const round = chosen('nearest_mode', attributes.text('nearest_mode', fallback), roundings)
    return (x) => [[round(x), 1]]
  }
  if (mode === 'linear')
    return (x) => {
      const left = Math.floor(x)
      return [
        [left, 1 - (x - left)],
        [left + 1, x - left],
      ]
    }
  if (mode !== 'cubic') throw new FileFormatError(`ONNX: Resize with mode '${mode}' is not read`)
  const a = attributes.float('cubic_coeff_a', -0.75)
  return (x) => {
    const left = Math.floor(x)
    return cubicWeights(x - left, a).map((weight, k): Tap => [left - 1 + k, weight])
  }
}

function along(x: Tensor, dim: number, axis: Axis, attributes: Attributes): Tensor {
  const fallback = attributes.opset < 11 ? 'asymmetric' : 'half_pixel'
  const name = attributes.text('coordinate_transformation_mode', fallback)
  const place = chosen('coordinate_transformation_mode', name, coordinates)
  const taps = tapsOf(attributes)
  const excludes = attributes.int('exclude_outside', 0) === 1
  const rows = Array.from({ length: axis.now }, (_, i) => {
    const all = taps(place(i, axis))
    if (!excludes) return all
    const inside = all.map(([at, weight]): Tap => [at, at < 0 || at >= axis.old ? 0 : weight])
    const sum = inside.reduce((total, [, weight]) => total + weight, 0)
    return inside.map(([at, weight]): Tap => [at, weight / sum])
  })
  const shape = x.shape.map((_: number, d: number) => (d === dim ? axis.now : 1)) as number[]
  const parts = rows[0].map((_, k) => {
    const positions = rows.map((row) => Math.min(Math.max(row[k][0], 0), axis.old - 1))
    const picked = ops.indexSelect(x, dim, int64Tensor(positions))
    const weights = rows.map((row) => row[k][1])
    if (weights.every((weight) => weight === 1)) return picked
    return picked.mul(ops.tensor(weights, { dtype: x.dtype }).view(shape))
  })
  return parts.reduce((sum, part) => sum.add(part))
}

/** Sizes and factors of all dimensions. @throws FileFormatError when they do not fit. */
function axesOf(x: Tensor, scales: Tensor | undefined, sizes: Tensor | undefined, attributes: Attributes): Axis[] {
  const listed = (attributes.ints('axes') ?? x.shape.map((_: number, d: number) => d)) as readonly number[]
  const dims = listed.map((axis) => (axis < 0 ? axis + x.ndim : axis))
  const given = sizes && sizes.numel() > 0 ? numbersOf(sizes) : undefined
  const factors = given ? undefined : scales && scales.numel() > 0 ? numbersOf(scales) : attributes.floats('scales')
  const values = given ?? factors
  if (values?.length !== dims.length)
    throw new FileFormatError(`ONNX: Resize of ${x.ndim} dimensions needs ${dims.length} sizes or scales`)
  return x.shape.map((old: number, d: number): Axis => {
    const i = dims.indexOf(d)
    if (i < 0) return { old, now: old, scale: 1 }
    const now = given ? given[i] : Math.floor(old * values[i])
    if (!(Number.isSafeInteger(now) && now > 0 && old > 0))
      throw new FileFormatError(`ONNX: Resize of dimension ${d} from ${old} to ${now} elements is not possible`)
    return { old, now, scale: given ? now / old : values[i] }
  }) as Axis[]
}

export const resize: Operator = (inputs, attributes) => {
  const [x] = inputs
  // Before version 11 the factors stood second.
  const [scales, sizes] = attributes.opset < 11 ? [inputs[1], undefined] : [inputs[2], inputs[3]]
  if (attributes.int('antialias', 0) !== 0) throw new FileFormatError('ONNX: Resize with antialias is not read')
  if (attributes.text('keep_aspect_ratio_policy', 'stretch') !== 'stretch')
    throw new FileFormatError('ONNX: Resize with keep_aspect_ratio_policy is not read')
  const axes = axesOf(x, scales, sizes, attributes)
  const total = axes.reduce((product, { now }) => product * now, 1)
  if (total > 2 ** 40) throw new FileFormatError(`ONNX: Resize to ${total} elements is not possible`)
  return axes.reduce((y, axis, d) => (axis.now === axis.old && axis.scale === 1 ? y : along(y, d, axis, attributes)), x)
}
