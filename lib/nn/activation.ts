/** Non-linearities as modules; the mathematics is in lib/ops. */
import { relu, sigmoid, tanh } from '../ops/pointwise.js'
import { logSoftmax, softmax } from '../ops/softmax.js'
import type { Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { Module } from './module.js'

/** max(0, x), elementwise. Seed 3.2; torch.nn.ReLU. */
export class ReLU extends Module {
  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return relu(x)
  }
}

/** 1/(1+e^−x), elementwise. Seed 3.2; torch.nn.Sigmoid. */
export class Sigmoid extends Module {
  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return sigmoid(x)
  }
}

/** Hyperbolic tangent, elementwise. Seed 3.2; torch.nn.Tanh. */
export class Tanh extends Module {
  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return tanh(x)
  }
}

/** Probabilities eˣ / Σ eˣ along `dim`. Seed 3.2; torch.nn.Softmax. */
export class Softmax extends Module {
  /** @param dim the dimension whose elements add up to 1. */
  constructor(readonly dim: number) {
    super()
  }

  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return softmax(x, this.dim)
  }

  override extraRepr(): string {
    return `dim=${this.dim}`
  }
}

/** ln softmax along `dim`. torch.nn.LogSoftmax. */
export class LogSoftmax extends Module {
  constructor(readonly dim: number) {
    super()
  }

  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return logSoftmax(x, this.dim)
  }

  override extraRepr(): string {
    return `dim=${this.dim}`
  }
}
