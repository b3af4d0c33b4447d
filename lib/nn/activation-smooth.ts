/** Activations with exponentials, as modules; the mathematics is in lib/ops/activations. */
import {
  celu,
  celu_,
  elu,
  elu_,
  gelu,
  logsigmoid,
  mish,
  selu,
  selu_,
  silu,
  softplus,
  softsign,
  tanhshrink,
  type GeluOptions,
  type SoftplusOptions,
} from '../ops/activations/index.js'
import { sigmoid, tanh } from '../ops/pointwise.js'
import type { Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { InplaceModule, type InplaceOptions } from './activation.js'
import { Module } from './module.js'
import { readOptions, namedAll } from '../tensor/options.js'

/** 1/(1+e^−x), elementwise. 《深度学习基础》 3.2; torch.nn.Sigmoid. */
export class Sigmoid extends Module {
  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return sigmoid(x)
  }
}

/** Hyperbolic tangent, elementwise. 《深度学习基础》 3.2; torch.nn.Tanh. */
export class Tanh extends Module {
  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return tanh(x)
  }
}

/** x above 0, alpha · (eˣ − 1) below (alpha 1 by default). 《深度学习基础》 3.2; torch.nn.ELU. @example new nn.ELU(0.5) */
export class ELU extends InplaceModule {
  readonly alpha: number

  constructor(alpha?: number | ({ alpha?: number } & InplaceOptions), options?: InplaceOptions) {
    const [found = 1, inplace] = namedAll<[number, boolean]>(new.target.name, ['alpha', 'inplace'], [alpha, options])
    super({ inplace })
    this.alpha = found
  }

  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return this.inplace ? elu_(x, this.alpha) : elu(x, this.alpha)
  }

  protected override settings(): string {
    return `alpha=${this.alpha}`
  }
}

/** ELU scaled so that mean 0 and variance 1 stay from layer to layer. torch.nn.SELU. */
export class SELU extends InplaceModule {
  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return this.inplace ? selu_(x) : selu(x)
  }
}

/** x above 0, alpha · (e^(x/alpha) − 1) below (alpha 1 by default). torch.nn.CELU. */
export class CELU extends InplaceModule {
  readonly alpha: number

  constructor(alpha?: number | ({ alpha?: number } & InplaceOptions), options?: InplaceOptions) {
    const [found = 1, inplace] = namedAll<[number, boolean]>(new.target.name, ['alpha', 'inplace'], [alpha, options])
    super({ inplace })
    this.alpha = found
  }

  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return this.inplace ? celu_(x, this.alpha) : celu(x, this.alpha)
  }

  protected override settings(): string {
    return `alpha=${this.alpha}`
  }
}

/** x · Φ(x) with the normal distribution function Φ, exact or with `approximate: 'tanh'`. torch.nn.GELU. */
export class GELU extends Module {
  readonly approximate: 'none' | 'tanh'

  constructor(options?: GeluOptions) {
    super()
    const { approximate } = readOptions('GELU', options, { approximate: 'none' })
    this.approximate = approximate
  }

  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return gelu(x, { approximate: this.approximate })
  }

  override extraRepr(): string {
    return `approximate='${this.approximate}'`
  }
}

/** x · σ(x), elementwise, also called swish. torch.nn.SiLU. */
export class SiLU extends InplaceModule {
  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return this.inplace ? silu.inPlace(x) : silu(x)
  }
}

/** x · tanh(softplus(x)), elementwise. torch.nn.Mish. */
export class Mish extends InplaceModule {
  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return this.inplace ? mish.inPlace(x) : mish(x)
  }
}

/** ln(1 + e^(beta·x)) / beta, and x itself where beta · x > threshold. Defaults 1 and 20. torch.nn.Softplus. */
export class Softplus extends Module {
  readonly beta: number
  readonly threshold: number

  constructor(options?: SoftplusOptions) {
    super()
    const { beta, threshold } = readOptions('Softplus', options, { beta: 1, threshold: 20 })
    this.beta = beta
    this.threshold = threshold
  }

  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return softplus(x, { beta: this.beta, threshold: this.threshold })
  }

  override extraRepr(): string {
    return `beta=${this.beta}, threshold=${this.threshold}`
  }
}

/** x / (1 + |x|), elementwise. torch.nn.Softsign. */
export class Softsign extends Module {
  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return softsign(x)
  }
}

/** ln σ(x), elementwise. torch.nn.LogSigmoid. */
export class LogSigmoid extends Module {
  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return logsigmoid(x)
  }
}

/** x − tanh(x), elementwise. torch.nn.Tanhshrink. */
export class Tanhshrink extends Module {
  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return tanhshrink(x)
  }
}
