/**
 * The dropout family as modules: active while training, the identity after `eval()`. Masks do not equal PyTorch's for the
 * same seed.
 */
import type { Generator } from '../device/random.js'
import * as ops from '../ops/dropout.js'
import { linear } from '../ops/matmul.js'
import type { Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import type { Linear } from './linear.js'
import { Module } from './module.js'
import { readOptions } from '../tensor/options.js'

/** Settings of the dropout layers. */
export interface DropoutModuleOptions {
  /** Probability of dropping. Default 0.5. */
  p?: number
  /** Default: the generator that `manualSeed` seeds. */
  generator?: Generator
}

/** What they share: a probability, given alone or among options. */
abstract class DropoutModule extends Module {
  readonly p: number
  private readonly generator: Generator | undefined

  /** @throws RangeError for p outside of [0, 1]. */
  constructor(options?: number | DropoutModuleOptions) {
    super()
    const { p, generator } = readOptions(new.target.name, typeof options === 'number' ? { p: options } : options, {
      p: 0.5,
      generator: undefined,
    })
    ops.assertProbability(new.target.name, p)
    this.p = p
    this.generator = generator
  }

  protected get options(): ops.DropoutOptions {
    return { p: this.p, training: this.training, generator: this.generator }
  }

  override extraRepr(): string {
    return `p=${this.p}`
  }
}

/** Zeroes elements at probability p and divides the others by 1 − p. 《深度学习基础》 4.4; torch.nn.Dropout. @example new nn.Dropout(0.2) */
export class Dropout extends DropoutModule {
  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return ops.dropout(x, this.options)
  }
}

/** Drops whole channels of [N, C, L] or [C, L]. torch.nn.Dropout1d. */
export class Dropout1d extends DropoutModule {
  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return ops.dropout1d(x, this.options)
  }
}

/** Drops whole channels of [N, C, H, W]. torch.nn.Dropout2d. */
export class Dropout2d extends DropoutModule {
  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return ops.dropout2d(x, this.options)
  }
}

/** Drops whole channels of [N, C, D, H, W] or [C, D, H, W]. torch.nn.Dropout3d. */
export class Dropout3d extends DropoutModule {
  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return ops.dropout3d(x, this.options)
  }
}

/** Dropout that keeps mean 0 and variance 1, for networks of SELU. torch.nn.AlphaDropout. */
export class AlphaDropout extends DropoutModule {
  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return ops.alphaDropout(x, this.options)
  }
}

/** Alpha dropout of whole channels [N, C, …]. torch.nn.FeatureAlphaDropout. */
export class FeatureAlphaDropout extends DropoutModule {
  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return ops.featureAlphaDropout(x, this.options)
  }
}

/**
 * A linear layer that drops weights instead of units while training: one mask for the whole batch, the weights that stay
 * divided by 1 − p, the bias whole. Wan et al. 2013; 《深度学习基础》 4.4. @example new nn.DropConnect(new nn.Linear(784, 500), 0.5)
 */
export class DropConnect extends DropoutModule {
  constructor(
    readonly layer: Linear,
    options?: number | DropoutModuleOptions,
  ) {
    super(options)
  }

  forward(x: Tensor): Tensor {
    return linear(x, ops.dropout(this.layer.weight, this.options), this.layer.bias)
  }
}
