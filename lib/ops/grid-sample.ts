/** Images and volumes read at free places, [N, C, …] at the coordinates of a grid, and the grids of affine maps. */
import { noGrad } from '../autograd/mode.js'
import { addon } from '../device/addon.js'
import { isFloating } from '../tensor/dtype.js'
import { numel, ShapeError, show, type Shape } from '../tensor/shape.js'
import { emptyTensor, type Tensor } from '../tensor/tensor.js'
import { composite } from './define.js'
import { where } from './index-ops.js'
import { stack } from './join.js'
import { matmul } from './matmul.js'
import { reshape, select } from './shape.js'
import { gatherTaps } from './taps.js'
import { readOptions } from '../tensor/options.js'

/** What gridSample takes besides images and grid. */
export interface GridSampleOptions {
  /** Default 'bilinear', which is trilinear for volumes; 'bicubic' is for images only. */
  mode?: 'bilinear' | 'nearest' | 'bicubic'
  /** What lies outside: zeros, the edge, or the mirror image. Default 'zeros'. */
  paddingMode?: 'zeros' | 'border' | 'reflection'
  /** Whether −1 and 1 are the centres of the corner elements rather than their outer edges. Default false. */
  alignCorners?: boolean
}

/** One of the old positions that a new element is made of, along one dimension, for all outputs; as floating numbers. */
interface Tap {
  readonly at: Tensor
  readonly inside: Tensor
  readonly weight: Tensor
}

interface Axis extends Required<GridSampleOptions> {
  readonly size: number
  /** Whether an image has more elements than float32 can count. */
  readonly large: boolean
}

/** Coordinates in [−1, 1] as positions. */
function unnormalized(coordinate: Tensor, { size, alignCorners }: Axis): Tensor {
  return alignCorners
    ? coordinate.add(1).mul((size - 1) / 2)
    : coordinate
        .add(1)
        .mul(size / 2)
        .sub(0.5)
}

/** Positions mirrored at the edges until they lie inside. */
function reflected(position: Tensor, { size, alignCorners }: Axis): Tensor {
  const [low, span] = alignCorners ? [0, size - 1] : [-0.5, size]
  if (span === 0) return position.mul(0)
  const distance = position.sub(low).abs()
  const turns = distance.detach().div(span).floor()
  const odd = turns.sub(turns.div(2).floor().mul(2))
  return distance.sub(turns.mul(span)).mul(odd.mul(-2).add(1)).add(odd.mul(span).add(low))
}

/** Positions kept inside; no gradient passes at the edges and outside. */
function clipped(position: Tensor, { size }: Axis): Tensor {
  const here = position.detach()
  // What is no number reads position 0, as in PyTorch.
  const nearest = here.maskedFill(here.isnan(), 0).clamp(0, size - 1)
  return where(here.gt(0).logicalAnd(here.lt(size - 1)), position, nearest)
}

function padded(position: Tensor, axis: Axis): Tensor {
  if (axis.paddingMode === 'zeros') return position
  return clipped(axis.paddingMode === 'border' ? position : reflected(position, axis), axis)
}

const within = (at: Tensor, { size }: Axis): Tensor => at.ge(0).logicalAnd(at.lt(size))

function tap(at: Tensor, weight: Tensor, axis: Axis): Tap {
  return { at: axis.large ? at.double() : at, inside: within(at, axis), weight }
}

function nearestTaps(coordinate: Tensor, axis: Axis): Tap[] {
  const position = padded(unnormalized(coordinate, axis), axis)
  // A weight of 1 whose gradient is 0, so that the grid has a gradient as it has in PyTorch.
  const always = emptyTensor('bool', position.shape)
  addon().fill(always.handle, 1)
  return [tap(position.detach().round(), where(always, 1, position), axis)]
}

function linearTaps(coordinate: Tensor, axis: Axis): Tap[] {
  const position = padded(unnormalized(coordinate, axis), axis)
  const left = position.detach().floor()
  const share = position.sub(left)
  return [tap(left, share.neg().add(1), axis), tap(left.add(1), share, axis)]
}

function cubicTaps(coordinate: Tensor, axis: Axis): Tap[] {
  const position = unnormalized(coordinate, axis)
  const left = position.detach().floor()
  const t = position.sub(left)
  const a = -0.75
  const far = (d: Tensor): Tensor =>
    d
      .mul(a)
      .sub(5 * a)
      .mul(d)
      .add(8 * a)
      .mul(d)
      .sub(4 * a)
  const near = (d: Tensor): Tensor =>
    d
      .mul(a + 2)
      .sub(a + 3)
      .mul(d)
      .mul(d)
      .add(1)
  const rest = t.neg().add(1)
  return [far(t.add(1)), near(t), near(rest), far(rest.add(1))].map((weight, i) =>
    tap(
      noGrad(() => padded(left.add(i - 1), axis)),
      weight,
      axis,
    ),
  )
}

const taps = { nearest: nearestTaps, bilinear: linearTaps, bicubic: cubicTaps }

/** Taps of several dimensions together: the first dimension outermost. */
function crossed(outer: readonly Tap[], inner: readonly Tap[], size: number): Tap[] {
  return outer.flatMap((a) => {
    const row = a.at.mul(size)
    return inner.map((b) => ({
      at: row.add(b.at),
      inside: a.inside.logicalAnd(b.inside),
      weight: a.weight.mul(b.weight),
    }))
  })
}

function assertGrid(x: Tensor, grid: Tensor, options: Required<GridSampleOptions>): void {
  for (const [name, allowed] of [
    ['mode', ['bilinear', 'nearest', 'bicubic']],
    ['paddingMode', ['zeros', 'border', 'reflection']],
  ] as const)
    if (!(allowed as readonly string[]).includes(options[name]))
      throw new RangeError(
        `gridSample: ${name} is ${allowed.map((one) => `'${one}'`).join(', ')}, got ${JSON.stringify(options[name])}`,
      )
  if (!isFloating(x.dtype) || x.dtype !== grid.dtype)
    throw new TypeError(
      `gridSample: input and grid must be of one floating dtype, got ${x.dtype} and ${grid.dtype}; convert one with .to('${x.dtype}')`,
    )
  const dims = x.ndim - 2
  if ((dims !== 2 && dims !== 3) || grid.ndim !== x.ndim || grid.shape[0] !== x.shape[0] || grid.size(-1) !== dims)
    throw new ShapeError(
      `gridSample: needs [N, C, H, W] with a grid [N, H', W', 2], or [N, C, D, H, W] with [N, D', H', W', 3]; got ${show(x.shape)} and ${show(grid.shape)}`,
    )
  if (x.shape.slice(2).includes(0))
    throw new ShapeError(`gridSample: an image of shape ${show(x.shape)} has nothing to read`)
  if (options.mode === 'bicubic' && dims === 3)
    throw new ShapeError(`gridSample: mode 'bicubic' is for images, got a volume of shape ${show(x.shape)}`)
}

const image = { shape: [1, 2, 3, 4] }
const places = { shape: [1, 2, 2, 2], low: -1.4, high: 1.4 }
const volume = { shape: [1, 1, 2, 3, 4] }
const volumePlaces = { shape: [1, 1, 2, 2, 3], low: -1.4, high: 1.4 }

/**
 * The images x [N, C, H, W] read at `grid` [N, H', W', 2], whose last dimension holds (x, y) from −1 (left, top) to 1: [N, C, H', W'].
 * Volumes take a grid [N, D', H', W', 3] of (x, y, z). torch.nn.functional.grid_sample.
 */
export const gridSample = composite(
  'gridSample',
  {
    torch:
      'lambda x, g, mode="bilinear", padding_mode="zeros", align_corners=False: F.grid_sample(x, g, mode, padding_mode, align_corners)',
    samples: [
      { inputs: [image, places] },
      { inputs: [image, places], options: { alignCorners: true } },
      { inputs: [image, places], options: { paddingMode: 'border' } },
      { inputs: [image, places], options: { paddingMode: 'border', alignCorners: true } },
      { inputs: [image, { ...places, low: -5, high: 5 }], options: { paddingMode: 'reflection' } },
      { inputs: [image, { ...places, low: -5, high: 5 }], options: { paddingMode: 'reflection', alignCorners: true } },
      { inputs: [image, places], options: { mode: 'nearest' } },
      { inputs: [image, places], options: { mode: 'nearest', paddingMode: 'border', alignCorners: true } },
      { inputs: [image, places], options: { mode: 'bicubic' } },
      { inputs: [image, places], options: { mode: 'bicubic', paddingMode: 'border', alignCorners: true } },
      { inputs: [image, places], options: { mode: 'bicubic', paddingMode: 'reflection' } },
      { inputs: [volume, volumePlaces] },
      { inputs: [volume, volumePlaces], options: { paddingMode: 'reflection', alignCorners: true } },
      { inputs: [volume, volumePlaces], options: { mode: 'nearest', paddingMode: 'border' } },
      { inputs: [{ shape: [0, 2, 3, 4] }, { shape: [0, 2, 2, 2] }] },
      {
        inputs: [{ shape: [1, 1, 1, 1] }, { shape: [1, 2, 2, 2] }],
        options: { paddingMode: 'reflection', alignCorners: true },
      },
    ],
  },
  (x: Tensor, grid: Tensor, options?: GridSampleOptions): Tensor => {
    const { mode, paddingMode, alignCorners } = readOptions('gridSample', options, {
      mode: 'bilinear',
      paddingMode: 'zeros',
      alignCorners: false,
    })
    const settings = { mode, paddingMode, alignCorners }
    assertGrid(x, grid, settings)
    const sizes: Shape = x.shape.slice(2)
    const [batch, channels]: Shape = x.shape
    const outputs: Shape = grid.shape.slice(1, -1)
    const count = numel(outputs)
    const large = numel(sizes) > 2 ** 24
    // The grid lists the last dimension first.
    const along = sizes.map((size, d) =>
      taps[mode](reshape(select(grid, -1, sizes.length - 1 - d), [batch, count]), { ...settings, size, large }),
    )
    const all = along.slice(1).reduce((outer, inner, d) => crossed(outer, inner, sizes[d + 1]), along[0])
    const positions = stack(all.map(({ at, inside }) => where(inside, at, -1))).long()
    const weights = stack(all.map(({ weight }) => weight))
    const flat = reshape(x, [batch, channels, numel(sizes)])
    return reshape(gatherTaps({ x: flat, weights, positions }, undefined), [batch, channels, ...outputs])
  },
)

/** Coordinates from −1 to 1 of `size` elements: of their centres, or of the corners' centres. */
function coordinates(size: number, alignCorners: boolean): number[] {
  const reach = alignCorners ? 1 : (size - 1) / size
  return Array.from({ length: size }, (_, i) => (size === 1 ? 0 : reach * ((2 * i) / (size - 1) - 1)))
}

/**
 * The grid for gridSample that reads through affine maps: theta [N, 2, 3] for images of `size` [N, C, H, W] gives [N, H, W, 2];
 * theta [N, 3, 4] for volumes [N, C, D, H, W] gives [N, D, H, W, 3]. torch.nn.functional.affine_grid.
 */
export const affineGrid = composite(
  'affineGrid',
  {
    torch: 'lambda theta, size, align_corners=False: F.affine_grid(theta, size, align_corners)',
    samples: [
      { inputs: [{ shape: [2, 2, 3] }], args: [[2, 1, 3, 4]] },
      { inputs: [{ shape: [2, 2, 3] }], args: [[2, 1, 3, 1]], options: { alignCorners: true } },
      { inputs: [{ shape: [1, 3, 4] }], args: [[1, 2, 2, 1, 3]] },
    ],
  },
  (theta: Tensor, size: Shape, options?: Pick<GridSampleOptions, 'alignCorners'>): Tensor => {
    const { alignCorners } = readOptions('affineGrid', options, { alignCorners: false })
    const dims = size.length - 2
    if (!isFloating(theta.dtype))
      throw new TypeError(`affineGrid: theta must be floating, got ${theta.dtype}; convert it with .float()`)
    if (
      (dims !== 2 && dims !== 3) ||
      size.some((one) => !Number.isInteger(one) || one < 1) ||
      show(theta.shape) !== show([size[0], dims, dims + 1])
    )
      throw new ShapeError(
        `affineGrid: needs theta [N, 2, 3] and size [N, C, H, W], or [N, 3, 4] and [N, C, D, H, W]; got ${show(theta.shape)} and ${show(size)}`,
      )
    const sizes = size.slice(2)
    const along = sizes.map((one) => coordinates(one, alignCorners))
    const count = numel(sizes)
    const points = new Float64Array(count * (dims + 1)).fill(1)
    for (let i = 0; i < count; i++)
      for (let d = dims - 1, rest = i; d >= 0; rest = Math.floor(rest / sizes[d--]))
        points[i * (dims + 1) + (dims - 1 - d)] = along[d][rest % sizes[d]]
    const base = emptyTensor('float64', [count, dims + 1])
    addon().write(base.handle, points)
    return reshape(matmul(base.to(theta.dtype), theta.mT), [size[0], ...sizes, dims])
  },
)
