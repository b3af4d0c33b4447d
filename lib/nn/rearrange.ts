/** Layers that move elements without changing them; the mathematics is in F. */
import { fold, unfoldWindows, type Pair, type UnfoldOptions, unfoldDefaults } from '../ops/fold.js'
import { channelShuffle, pixelShuffle, pixelUnshuffle } from '../ops/shuffle.js'
import { show, type Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { Module } from './module.js'
import { readOptions } from '../tensor/options.js'

/** [..., C·r², H, W] to [..., C, H·r, W·r], r the factor: sub-pixel convolution's last step. torch.nn.PixelShuffle. */
export class PixelShuffle extends Module {
  constructor(readonly upscaleFactor: number) {
    super()
  }

  forward(x: Tensor): Tensor {
    return pixelShuffle(x, this.upscaleFactor)
  }

  override extraRepr(): string {
    return `upscaleFactor=${this.upscaleFactor}`
  }
}

/** [..., C, H·r, W·r] to [..., C·r², H, W]: the inverse of PixelShuffle. torch.nn.PixelUnshuffle. */
export class PixelUnshuffle extends Module {
  constructor(readonly downscaleFactor: number) {
    super()
  }

  forward(x: Tensor): Tensor {
    return pixelUnshuffle(x, this.downscaleFactor)
  }

  override extraRepr(): string {
    return `downscaleFactor=${this.downscaleFactor}`
  }
}

/** [N, C, ...] with the channels of each group spread over all groups. torch.nn.ChannelShuffle. */
export class ChannelShuffle extends Module {
  constructor(readonly groups: number) {
    super()
  }

  forward(x: Tensor): Tensor {
    return channelShuffle(x, this.groups)
  }

  override extraRepr(): string {
    return `groups=${this.groups}`
  }
}

/** One dimension seen as several; one of the sizes may be −1. The inverse of Flatten. torch.nn.Unflatten. */
export class Unflatten extends Module {
  readonly unflattenedSize: Shape

  constructor(
    readonly dim: number,
    unflattenedSize: Shape,
  ) {
    super()
    this.unflattenedSize = [...unflattenedSize]
  }

  forward(x: Tensor): Tensor {
    return x.unflatten(this.dim, this.unflattenedSize)
  }

  override extraRepr(): string {
    return `dim=${this.dim}, unflattenedSize=${show(this.unflattenedSize)}`
  }
}

const printed = (all: object): string =>
  Object.entries(all)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(', ')

/** The windows of images [N, C, H, W] as columns [N, C·kH·kW, L]. torch.nn.Unfold. */
export class Unfold extends Module {
  readonly options: Required<UnfoldOptions>

  constructor(
    readonly kernelSize: Pair,
    options?: UnfoldOptions,
  ) {
    super()
    this.options = readOptions(new.target.name, options, unfoldDefaults)
  }

  forward(x: Tensor): Tensor {
    return unfoldWindows(x, this.kernelSize, this.options)
  }

  override extraRepr(): string {
    return printed({ kernelSize: this.kernelSize, ...this.options })
  }
}

/** Columns of windows [N, C·kH·kW, L] put back into images [N, C, H, W]; where windows overlap they are summed. torch.nn.Fold. */
export class Fold extends Module {
  readonly options: Required<UnfoldOptions>

  constructor(
    readonly outputSize: Pair,
    readonly kernelSize: Pair,
    options?: UnfoldOptions,
  ) {
    super()
    this.options = readOptions(new.target.name, options, unfoldDefaults)
  }

  forward(x: Tensor): Tensor {
    return fold(x, this.outputSize, this.kernelSize, this.options)
  }

  override extraRepr(): string {
    return printed({ outputSize: this.outputSize, kernelSize: this.kernelSize, ...this.options })
  }
}
