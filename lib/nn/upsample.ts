/** Layers that change the size of sequences, images and volumes; the mathematics is F.interpolate. */
import { interpolate, type InterpolateOptions } from '../ops/interpolate.js'
import type { Tensor } from '../tensor/tensor.js'
import { Module } from './module.js'
import { checkOptions, readOptions, type Defaults } from '../tensor/options.js'

/** Settings as they are printed: `scaleFactor=2, mode='bilinear'`. */
function listed(options: object): string {
  return Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .map(
      ([name, value]: [string, unknown]) =>
        `${name}=${typeof value === 'string' ? `'${value}'` : JSON.stringify(value)}`,
    )
    .join(', ')
}

/**
 * Changes the spatial sizes of [N, C, …spatial] to `size`, or by `scaleFactor`; see F.interpolate for all options.
 * torch.nn.Upsample.
 * @example new nn.Upsample({ scaleFactor: 2, mode: 'bilinear' })
 */
export class Upsample extends Module {
  readonly options: Readonly<Omit<InterpolateOptions, 'antialias'>>

  constructor(options: Omit<InterpolateOptions, 'antialias'>) {
    super()
    const { size, scaleFactor, mode, alignCorners, recomputeScaleFactor } = readOptions(new.target.name, options, {
      size: undefined,
      scaleFactor: undefined,
      mode: 'nearest',
      alignCorners: undefined,
      recomputeScaleFactor: undefined,
    })
    if ((size === undefined) === (scaleFactor === undefined))
      throw new TypeError(`${this.constructor.name}: give either size or scaleFactor, as in { scaleFactor: 2 }`)
    this.options = { size, scaleFactor, mode, alignCorners, recomputeScaleFactor }
  }

  forward(x: Tensor): Tensor {
    return interpolate(x, this.options)
  }

  override extraRepr(): string {
    const { size, scaleFactor, mode } = this.options
    return listed({ size, scaleFactor, mode })
  }
}

/** Where the new size of images comes from: one of the two. */
export type UpsamplingOptions = Pick<InterpolateOptions, 'size' | 'scaleFactor'>

const sizes: Defaults<UpsamplingOptions> = { size: undefined, scaleFactor: undefined }

/** Images [N, C, H, W] in another size by the nearest element. torch.nn.UpsamplingNearest2d. */
export class UpsamplingNearest2d extends Upsample {
  constructor(options: UpsamplingOptions) {
    checkOptions(new.target.name, options, sizes)
    super({ ...options, mode: 'nearest' })
  }
}

/** Images [N, C, H, W] in another size by bilinear interpolation with aligned corners. torch.nn.UpsamplingBilinear2d. */
export class UpsamplingBilinear2d extends Upsample {
  constructor(options: UpsamplingOptions) {
    checkOptions(new.target.name, options, sizes)
    super({ ...options, mode: 'bilinear', alignCorners: true })
  }
}
