/** Addition and subtraction as functions, with PyTorch's alpha. */
import type { Tensor } from '../tensor/tensor.js'
import { add as plainAdd, addScaled, sub as plainSub } from './pointwise.js'

/** What add and sub accept last. */
export interface AlphaOptions {
  /** Multiplies the second operand. Default 1. */
  alpha?: number
}

/** a + alpha · b, broadcasting; either side may be a number. torch.add. */
export function add(a: Tensor | number, b: Tensor | number, { alpha }: AlphaOptions = {}): Tensor {
  return alpha === undefined ? plainAdd(a, b) : addScaled.run(a, b, alpha)
}

/** a − alpha · b, broadcasting; either side may be a number. torch.sub. */
export function sub(a: Tensor | number, b: Tensor | number, { alpha }: AlphaOptions = {}): Tensor {
  return alpha === undefined ? plainSub(a, b) : addScaled.run(a, b, -alpha)
}
