/** Learned weights as images: what each unit looks for. */
import { type ImageGrid, images, type ImagesOptions } from './images.js'
import { type NestedNumbers, toShaped } from './numbers.js'

/** Settings of `filters`. */
export interface FiltersOptions extends Pick<ImagesOptions, 'title' | 'titles' | 'columns' | 'scale' | 'colormap'> {
  /** Size of the images that a fully connected layer looks at. Default: square. */
  height?: number
  width?: number
  /** Units at most. Default 64. */
  limit?: number
}

/** A layer with weights, or the weights themselves. */
export type Weights = NestedNumbers | { readonly weight: NestedNumbers }

/**
 * The weights of each unit as an image: of a convolution [out, in, h, w] one kernel for each unit (three input channels as
 * colours, others one below another), of a linear layer [out, in] one image of `height` × `width`. Blue is negative, red
 * positive, white zero; all share one scale. Throws RangeError for other shapes.
 * @example plot.filters(net.conv1, { title: '16 learned kernels' })
 * @example plot.filters(new nn.Linear(784, 25), { height: 28, width: 28 })
 */
export function filters(layer: Weights, options: FiltersOptions = {}): ImageGrid {
  const { height, width, limit = 64, ...look } = options
  const weights = typeof layer === 'object' && layer !== null && 'weight' in layer ? layer.weight : layer
  const { shape, data } = toShaped(weights, 'plot.filters: the weights')
  const [units, channels] = shape
  const shown = Math.min(limit, units ?? 0)
  const fail = (why: string): never => {
    throw new RangeError(`plot.filters: the weights have shape [${shape.join(', ')}]; ${why}`)
  }
  if (shape.length === 2) {
    const [w, h] = sides(channels, height, width)
    if (!Number.isInteger(w) || !Number.isInteger(h))
      fail(
        `${channels} inputs are no image of ${height ?? 'equal'} × ${width ?? 'equal'} sides; give height and width whose product is ${channels}`,
      )
    return draw(data, [shown, h, w], look)
  }
  if (shape.length !== 4) fail('[out, in, height, width] or [out, in] is expected')
  const [, , h, w] = shape
  if (channels === 1) return draw(data, [shown, h, w], look)
  if (channels === 3) return images(colours(data.subarray(0, shown * 3 * h * w), [shown, 3, h, w]), { ...look })
  // One row for each unit, one column for each channel that it looks at.
  const rows = Math.max(1, Math.floor(limit / channels))
  return draw(data, [Math.min(units, rows) * channels, h, w], { columns: Math.min(channels, 16), ...look })
}

function sides(inputs: number, height?: number, width?: number): [number, number] {
  const side = Math.round(Math.sqrt(inputs))
  const w = width ?? (height === undefined ? side : inputs / height)
  return [w, height ?? inputs / w]
}

function draw(data: Float64Array, shape: [number, number, number], look: FiltersOptions): ImageGrid {
  return images(nested(data, shape) as NestedNumbers, { colormap: 'diverging', ...look })
}

/** Each unit's colours stretched from black to white. */
function colours(data: Float64Array, shape: readonly [number, number, number, number]): NestedNumbers {
  const size = shape[1] * shape[2] * shape[3]
  const stretched = data.map((value, i) => {
    const own = data.subarray(Math.floor(i / size) * size, (Math.floor(i / size) + 1) * size)
    const [low, high] = [Math.min(...own), Math.max(...own)]
    return high > low ? (value - low) / (high - low) : 0.5
  })
  return nested(stretched, shape) as NestedNumbers
}

function nested(data: Float64Array, [first, ...rest]: readonly number[]): unknown {
  if (rest.length === 0) return data.slice(0, first)
  const size = rest.reduce((product, n) => product * n, 1)
  return Array.from({ length: first }, (_, i) => nested(data.subarray(i * size, (i + 1) * size), rest))
}
