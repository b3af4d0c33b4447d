/**
 * Images read through maps of the plane by torchvision's own way, a grid of places and a sampling op: slower than the engine's
 * warp, but gradients pass.
 */
import { linspace, ones, tensor } from '../../ops/creation.js'
import { gridSample } from '../../ops/grid-sample.js'
import { where } from '../../ops/index-ops.js'
import { cat, stack } from '../../ops/join.js'
import { expand } from '../../ops/shape.js'
import type { DType } from '../../tensor/dtype.js'
import type { Tensor } from '../../tensor/tensor.js'
import { asFloatBatch } from './image.js'

/** The six numbers of an affine map from new positions to old ones, or the eight of a perspective. */
export type PlaneMap = readonly number[]

type Size = readonly [height: number, width: number]

/** Base points with a third coordinate of 1, [height · width, 3]. */
function basePoints(xs: Tensor, ys: Tensor): Tensor {
  const size = [ys.size(0), xs.size(0)]
  const columns = [expand(xs.view(1, -1), size), expand(ys.view(-1, 1), size), ones(size, { dtype: xs.dtype })]
  return stack(columns, -1).view(-1, 3)
}

/** The numbers of columns `from` to `from` + 3 of each map's rows, [maps, 3, rows]. */
function columnsOf(maps: readonly PlaneMap[], starts: readonly number[], dtype: DType): Tensor {
  return tensor(
    maps.map((map) => [0, 1, 2].map((k) => starts.map((start) => map[start + k] ?? 1))),
    { dtype },
  )
}

/** Places from −1 to 1 over the old images, [maps, height, width, 2]. */
function gridOf(maps: readonly PlaneMap[], [height, width]: Size, [oldHeight, oldWidth]: Size, dtype: DType): Tensor {
  const half = tensor([0.5 * oldWidth, 0.5 * oldHeight], { dtype })
  const above = columnsOf(maps, [0, 3], dtype).div(half)
  const shape = [maps.length, height, width, 2]
  if (maps[0].length === 6) {
    const xs = linspace(-width * 0.5 + 0.5, width * 0.5 - 0.5, width, { dtype })
    const ys = linspace(-height * 0.5 + 0.5, height * 0.5 - 0.5, height, { dtype })
    return basePoints(xs, ys).matmul(above).view(shape)
  }
  const points = basePoints(
    linspace(0.5, width - 0.5, width, { dtype }),
    linspace(0.5, height - 0.5, height, { dtype }),
  )
  const below = columnsOf(maps, [6], dtype)
  return points.matmul(above).div(points.matmul(below)).sub(1).view(shape)
}

/** @param fill [C], or null where what lies outside reads as 0 */
export function readByGrid(
  image: Tensor,
  maps: readonly PlaneMap[],
  size: Size,
  mode: 'nearest' | 'bilinear',
  fill: Tensor | null,
): Tensor {
  return asFloatBatch(image, (batch) => {
    const [count, channels, height, width] = batch.shape as number[]
    const grid = gridOf(maps, size, [height, width], batch.dtype)
    const grids = maps.length === count ? grid : grid.expand(count, ...grid.shape.slice(1))
    if (!fill) return gridSample(batch, grids, { mode })
    // The mask goes through the same map: it is 1 where the image was.
    const masked = cat([batch, ones([count, 1, height, width], { dtype: batch.dtype })], 1)
    const read = gridSample(masked, grids, { mode })
    const [moved, mask] = [read.narrow(1, 0, channels), read.narrow(1, channels, 1)]
    const color = fill.to(batch.dtype).view(1, -1, 1, 1)
    if (mode === 'nearest') return where(mask.lt(0.5), color, moved)
    return moved.mul(mask).add(mask.neg().add(1).mul(color))
  })
}
