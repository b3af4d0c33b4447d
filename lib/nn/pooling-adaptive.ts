/** Adaptive pooling as modules: the sizes of the result are given. */
import * as ops from '../ops/pooling/index.js'
import type { AdaptiveMaxPoolOptions, AdaptiveSizes, PoolWithIndices } from '../ops/pooling/index.js'
import type { Tensor } from '../tensor/tensor.js'
import { Module } from './module.js'
import { checkOptions, shown } from '../tensor/options.js'

abstract class AdaptivePool extends Module {
  /** @param outputSize sizes of the result, one number or one for each dimension; null keeps the input's. */
  constructor(readonly outputSize: AdaptiveSizes) {
    super()
  }

  override extraRepr(): string {
    const { outputSize } = this
    const sizes = Array.isArray(outputSize) ? `[${outputSize.map(String).join(', ')}]` : shown(outputSize)
    return `outputSize=${sizes}`
  }
}

/** Means of as many windows over [N, C, L] or [C, L] as are asked for. torch.nn.AdaptiveAvgPool1d. */
export class AdaptiveAvgPool1d extends AdaptivePool {
  forward(x: Tensor): Tensor {
    return ops.adaptiveAvgPool1d(x, this.outputSize)
  }
}

/** Means over [N, C, H, W] or [C, H, W]; with size 1 global average pooling. torch.nn.AdaptiveAvgPool2d. @example new nn.AdaptiveAvgPool2d(1) */
export class AdaptiveAvgPool2d extends AdaptivePool {
  forward(x: Tensor): Tensor {
    return ops.adaptiveAvgPool2d(x, this.outputSize)
  }
}

/** Means over [N, C, D, H, W] or [C, D, H, W]. torch.nn.AdaptiveAvgPool3d. */
export class AdaptiveAvgPool3d extends AdaptivePool {
  forward(x: Tensor): Tensor {
    return ops.adaptiveAvgPool3d(x, this.outputSize)
  }
}

type Pooled<O extends AdaptiveMaxPoolOptions> = O extends { returnIndices: true } ? PoolWithIndices : Tensor

abstract class AdaptiveMaxPool<O extends AdaptiveMaxPoolOptions> extends AdaptivePool {
  /** @param options.returnIndices whether forward returns `{ output, indices }`. Default false. */
  constructor(
    outputSize: AdaptiveSizes,
    readonly options: O = {} as O,
  ) {
    super(outputSize)
    checkOptions(new.target.name, options, { returnIndices: false })
  }
}

/** Largest elements of as many windows over [N, C, L] or [C, L] as are asked for. torch.nn.AdaptiveMaxPool1d. */
export class AdaptiveMaxPool1d<
  O extends AdaptiveMaxPoolOptions = { returnIndices?: false },
> extends AdaptiveMaxPool<O> {
  forward(x: Tensor): Pooled<O> {
    return ops.adaptiveMaxPool1d(x, this.outputSize, this.options as AdaptiveMaxPoolOptions) as Pooled<O>
  }
}

/** Largest elements over [N, C, H, W] or [C, H, W]. torch.nn.AdaptiveMaxPool2d. */
export class AdaptiveMaxPool2d<
  O extends AdaptiveMaxPoolOptions = { returnIndices?: false },
> extends AdaptiveMaxPool<O> {
  forward(x: Tensor): Pooled<O> {
    return ops.adaptiveMaxPool2d(x, this.outputSize, this.options as AdaptiveMaxPoolOptions) as Pooled<O>
  }
}

/** Largest elements over [N, C, D, H, W] or [C, D, H, W]. torch.nn.AdaptiveMaxPool3d. */
export class AdaptiveMaxPool3d<
  O extends AdaptiveMaxPoolOptions = { returnIndices?: false },
> extends AdaptiveMaxPool<O> {
  forward(x: Tensor): Pooled<O> {
    return ops.adaptiveMaxPool3d(x, this.outputSize, this.options as AdaptiveMaxPoolOptions) as Pooled<O>
  }
}
