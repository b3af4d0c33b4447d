/** Borders around tensors: a constant, or the tensor's own elements mirrored, repeated or wrapped around. */
import { addon } from '../device/addon.js'
import { ShapeError, show, type Shape } from '../tensor/shape.js'
import { emptyTensor, filledTensor, viewTensor, type Tensor } from '../tensor/tensor.js'
import { composite, defineOp, everyDType, type RunOp } from './define.js'
import { fromPositions, resample } from './resample.js'
import { readOptions } from '../tensor/options.js'

/** Elements added before and after along one dimension; negative ones are taken away. */
interface Border {
  readonly before: number
  readonly after: number
}

interface ConstantBorder {
  /** One for each dimension. */
  readonly borders: readonly Border[]
  readonly value: number
}

const opposite = ({ before, after }: Border): Border => ({ before: -before, after: -after })

/** The part of a tensor that is left when borders are taken away; borders that are added count as none. */
function inside(x: Tensor, borders: readonly Border[]): Tensor {
  const cut = (count: number): number => Math.max(0, -count)
  const shape = x.shape.map((size: number, d: number) => size - cut(borders[d].before) - cut(borders[d].after))
  if (shape.includes(0)) return viewTensor(x, shape, x.strides, x.offset)
  const start = borders.reduce((offset, { before }, d) => offset + cut(before) * x.strides[d], x.offset)
  return viewTensor(x, shape, x.strides, start)
}

const constantOp: RunOp<{ x: Tensor }, ConstantBorder> = defineOp<{ x: Tensor }, never, ConstantBorder>('constantPad', {
  torch: 'lambda x, pad, value=0: torch.constant_pad_nd(x, pad, value)',
  dtypes: everyDType,
  forward({ x }, { borders, value }) {
    const shape = x.shape.map((size: number, d: number) => size + borders[d].before + borders[d].after)
    const onlyCut = borders.every(({ before, after }) => before <= 0 && after <= 0)
    const y = onlyCut ? emptyTensor(x.dtype, shape) : filledTensor(x.dtype, shape, value)
    addon().copy(inside(y, borders.map(opposite)).handle, inside(x, borders).handle)
    return y
  },
  grad: { x: (dy, _, { params }) => constantOp({ x: dy }, { borders: params.borders.map(opposite), value: 0 }) },
  samples: [
    { inputs: [{ shape: [2, 3] }], args: [[1, 2]] },
    { inputs: [{ shape: [2, 3] }], args: [[1, -1, -1, 2], 0.5] },
    { inputs: [{ shape: [2, 2, 3] }], args: [[0, 1, 2, 0, 1, 1], -2] },
    { inputs: [{ shape: [0, 3] }], args: [[1, 1, 0, 2], 3] },
    { inputs: [{ shape: [2, 3] }], args: [[-1, -2]] },
    { inputs: [4], args: [[]] },
  ],
  call: (x: Tensor, sizes: Shape, value?: number) => pad(x, sizes, { value }),
})

type Mode = 'constant' | 'reflect' | 'replicate' | 'circular'

const modes: readonly Mode[] = ['constant', 'reflect', 'replicate', 'circular']

/** Settings of `pad`. */
export interface PadOptions {
  /** What stands in the border: a number, or the tensor mirrored, its edge repeated, or its other end. Default 'constant'. */
  mode?: Mode
  /** The number for mode 'constant'. Default 0. */
  value?: number
}

/** The pairs in `pad`, which begins with the last dimension, as borders of all dimensions in order. */
function bordersOf(sizes: Shape, x: Tensor): Border[] {
  if (sizes.length % 2 !== 0)
    throw new RangeError(`pad: needs a pair (before, after) for each dimension, got ${sizes.length} numbers`)
  if (sizes.length > 2 * x.ndim)
    throw new ShapeError(
      `pad: ${show(sizes)} names ${sizes.length / 2} dimensions, a tensor of shape ${show(x.shape)} has ${x.ndim}`,
    )
  for (const size of sizes)
    if (!Number.isInteger(size)) throw new TypeError(`pad: sizes must be integers, got ${size} in ${show(sizes)}`)
  return x.shape.map((_: number, d: number) => {
    const at = 2 * (x.ndim - 1 - d)
    return { before: sizes[at] ?? 0, after: sizes[at + 1] ?? 0 }
  })
}

/** Where each element of the padded dimension comes from. */
function sources(mode: Mode, size: number, { before, after }: Border): number[] {
  const length = size + before + after
  if (mode === 'circular') {
    const [first, end] = [Math.max(0, -before), size + Math.min(0, after)]
    const period = end - first
    const start = Math.max(0, before)
    return Array.from({ length }, (_, i) => first + ((((i - start) % period) + period) % period))
  }
  return Array.from({ length }, (_, i) => {
    const at = i - before
    if (mode === 'replicate') return Math.min(Math.max(at, 0), size - 1)
    return at < 0 ? -at : at >= size ? 2 * (size - 1) - at : at
  })
}

function assertFits(mode: Mode, x: Tensor, d: number, { before, after }: Border): void {
  const size: number = x.shape[d]
  const found = `dimension ${d} of ${show(x.shape)} has ${size} positions, the padding is ${show([before, after])}`
  if (mode === 'reflect' && (before >= size || after >= size))
    throw new RangeError(`pad: mode 'reflect' needs a padding smaller than the dimension: ${found}`)
  if (mode === 'circular' && (before > size || after > size))
    throw new RangeError(`pad: mode 'circular' goes around at most once: ${found}`)
  if (size === 0) throw new RangeError(`pad: mode '${mode}' has nothing to take elements from: ${found}`)
  const left = mode === 'circular' ? size + Math.min(0, before) + Math.min(0, after) : size + before + after
  if (left < 1) throw new RangeError(`pad: mode '${mode}' would leave no element: ${found}`)
}

/**
 * x with a border. `pad` lists pairs (before, after) from the last dimension to the first: [left, right, top, bottom, …];
 * negative sizes cut elements off. Mode 'constant' pads any dimensions; the others pad the last one, two or three of
 * a tensor that has one or two more ([C, W] or [N, C, W], …). torch.nn.functional.pad.
 * @throws RangeError when more is cut off than there is, or a mirrored or wrapped border is larger than the tensor.
 */
export const pad = composite(
  'pad',
  {
    torch: 'F.pad',
    dtypes: everyDType,
    samples: [
      { inputs: [{ shape: [2, 4] }], args: [[1, 2]], options: { mode: 'reflect' } },
      { inputs: [{ shape: [1, 2, 3, 4] }], args: [[3, 2, 0, 1]], options: { mode: 'reflect' } },
      { inputs: [{ shape: [1, 2, 3, 4, 3] }], args: [[2, 1, -1, 1, 1, 0]], options: { mode: 'reflect' } },
      { inputs: [{ shape: [1, 2, 4] }], args: [[4, 2]], options: { mode: 'replicate' } },
      { inputs: [{ shape: [2, 3, 4] }], args: [[3, -1, 0, 1]], options: { mode: 'replicate' } },
      { inputs: [{ shape: [1, 2, 2, 3] }], args: [[3, 2, 1, 2]], options: { mode: 'circular' } },
      { inputs: [{ shape: [1, 2, 5] }], args: [[-1, 3]], options: { mode: 'circular' } },
      { inputs: [{ shape: [0, 2, 5] }], args: [[1, 1]], options: { mode: 'reflect' } },
      { inputs: [{ shape: [3, 2] }], args: [[1, 0]], options: { value: 7 } },
    ],
  },
  (x: Tensor, sizes: Shape, options?: PadOptions): Tensor => {
    const { mode, value } = readOptions('pad', options, { mode: 'constant', value: 0 })
    const borders = bordersOf(sizes, x)
    if (!modes.includes(mode))
      throw new RangeError(`pad: mode is ${modes.map((m) => `'${m}'`).join(', ')}, got ${JSON.stringify(mode)}`)
    if (mode === 'constant') {
      borders.forEach(({ before, after }, d) => {
        const size: number = x.shape[d]
        if (size + before + after < 0 || size + before < 0 || size + after < 0)
          throw new RangeError(
            `pad: ${show([before, after])} cuts more off dimension ${d} of ${show(x.shape)} than its ${size} positions`,
          )
      })
      return constantOp({ x }, { borders, value })
    }
    if (value !== 0) throw new RangeError(`pad: mode '${mode}' takes no value, got ${value}`)
    const padded = sizes.length / 2
    if (padded < 1 || padded > 3 || (x.ndim !== padded + 1 && x.ndim !== padded + 2))
      throw new ShapeError(
        `pad: mode '${mode}' pads the last one, two or three dimensions of a tensor with one or two more; ` +
          `got ${show(sizes)} for a tensor of shape ${show(x.shape)}`,
      )
    return borders.slice(x.ndim - padded).reduce((y, border, i) => {
      const d = x.ndim - padded + i
      assertFits(mode, x, d, border)
      if (border.before === 0 && border.after === 0) return y
      return resample(y, d, fromPositions(x.shape[d], sources(mode, x.shape[d], border)))
    }, x)
  },
)
