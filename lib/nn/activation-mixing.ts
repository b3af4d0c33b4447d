/** Activations in which elements meet: softmax and its kin, gates, and the largest of several pieces. */
import { glu, maxout, softmin } from '../ops/activations/index.js'
import { assertIntegers, named, type OrNamed, readOptions } from '../tensor/options.js'
import { logSoftmax, softmax } from '../ops/softmax.js'
import { ShapeError, show, type Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { Linear } from './linear.js'
import { Module } from './module.js'

/** The dimension that a module was told to work along. */
function dimension(module: string, given: OrNamed<'dim', number>): number {
  const dim = named(module, 'dim', given)
  if (dim === undefined) throw new TypeError(`${module}: which dimension? Give dim, as in new nn.${module}(1)`)
  return dim
}

/** Probabilities eˣ / Σ eˣ along `dim`. 《深度学习基础》 3.2; torch.nn.Softmax. */
export class Softmax extends Module {
  readonly dim: number

  /** @param dim the dimension whose elements add up to 1. */
  constructor(dim: OrNamed<'dim', number>) {
    super()
    this.dim = dimension(this.constructor.name, dim)
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
  readonly dim: number

  constructor(dim: OrNamed<'dim', number>) {
    super()
    this.dim = dimension(this.constructor.name, dim)
  }

  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return logSoftmax(x, this.dim)
  }

  override extraRepr(): string {
    return `dim=${this.dim}`
  }
}

/** softmax(−x) along `dim`: the smallest element gets the most. torch.nn.Softmin. */
export class Softmin extends Module {
  readonly dim: number

  constructor(dim: OrNamed<'dim', number>) {
    super()
    this.dim = dimension(this.constructor.name, dim)
  }

  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return softmin(x, this.dim)
  }

  override extraRepr(): string {
    return `dim=${this.dim}`
  }
}

/**
 * Softmax over the channels of each point: [N, C, H, W] or [C, H, W]. torch.nn.Softmax2d.
 * @throws ShapeError for other numbers of dimensions.
 */
export class Softmax2d extends Module {
  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    if (x.ndim !== 3 && x.ndim !== 4)
      throw new ShapeError(`Softmax2d: needs [N, C, H, W] or [C, H, W], got ${show(x.shape)}`)
    return softmax(x, -3)
  }
}

/** a · σ(b) for the halves a and b along `dim` (default the last), which shrinks to half. torch.nn.GLU. */
export class GLU extends Module {
  readonly dim: number

  constructor(dim?: OrNamed<'dim', number>) {
    super()
    this.dim = named('GLU', 'dim', dim) ?? -1
  }

  forward(x: Tensor): Tensor {
    return glu(x, this.dim)
  }

  override extraRepr(): string {
    return `dim=${this.dim}`
  }
}

/**
 * The largest of every `pieces` neighbouring channels: [N, pieces·C, …] to [N, C, …]; `dim` chooses another dimension
 * than 1. Goodfellow et al. 2013; 《深度学习基础》 3.2. @example new nn.Sequential(new nn.Linear(784, 400), new nn.Maxout(4))
 */
export class Maxout extends Module {
  readonly dim: number

  constructor(
    readonly pieces: number,
    options?: { dim?: number },
  ) {
    super()
    const { dim } = readOptions('Maxout', options, { dim: 1 })
    this.dim = dim
  }

  /** @throws ShapeError when the dimension is no multiple of `pieces`. */
  forward(x: Tensor): Tensor {
    return maxout(x, this.pieces, this.dim)
  }

  override extraRepr(): string {
    return `pieces=${this.pieces}, dim=${this.dim}`
  }
}

/**
 * A layer of maxout units: outputs are the largest of `pieces` affine maps each, so a unit learns its own convex
 * activation. Input [..., inFeatures], output [..., outFeatures]. Goodfellow et al. 2013; 《深度学习基础》 3.2.
 * @example new nn.MaxoutLinear(784, 100, 4)
 */
export class MaxoutLinear extends Module {
  /** All maps: the pieces of a unit are neighbouring rows. */
  readonly linear: Linear

  constructor(
    readonly inFeatures: number,
    readonly outFeatures: number,
    readonly pieces: number,
    options?: { bias?: boolean },
  ) {
    super()
    const { bias } = readOptions('MaxoutLinear', options, { bias: true })
    assertIntegers('MaxoutLinear', { pieces }, 1)
    this.linear = new Linear(inFeatures, outFeatures * pieces, { bias })
  }

  forward(x: Tensor): Tensor {
    return maxout(this.linear.forward(x), this.pieces, -1)
  }

  override extraRepr(): string {
    return `pieces=${this.pieces}`
  }
}
