/** Addition and subtraction with PyTorch's alpha. Without options, which is nearly always, nothing is looked up. */
import { isFloating } from '../tensor/dtype.js'
import { readOptions } from '../tensor/options.js'
import { Tensor } from '../tensor/tensor.js'
import { add as plainAdd, addScaled, sub as plainSub } from './pointwise.js'

/** What add and sub accept last. */
export interface AlphaOptions {
  /** Multiplies the second operand. Default 1. */
  alpha?: number
}

type Operand = Tensor | number

const isWhole = (operand: Operand): boolean =>
  operand instanceof Tensor ? !isFloating(operand.dtype) : Number.isInteger(operand)

/** @throws TypeError for a fraction of integers. */
function alphaOf(name: string, options: AlphaOptions, ...operands: Operand[]): number {
  const { alpha } = readOptions(name, options, { alpha: 1 })
  if (!Number.isInteger(alpha) && operands.every(isWhole))
    throw new TypeError(`${name}: alpha must be an integer between integers, got ${alpha}; convert with .float()`)
  return alpha
}

/** a + alpha · b, broadcasting; either side may be a number. torch.add. */
export function add(a: Operand, b: Operand, options?: AlphaOptions): Tensor {
  return options === undefined ? plainAdd(a, b) : addScaled.run(a, b, alphaOf('add', options, a, b))
}

/** a − alpha · b, broadcasting; either side may be a number. torch.sub. */
export function sub(a: Operand, b: Operand, options?: AlphaOptions): Tensor {
  return options === undefined ? plainSub(a, b) : addScaled.run(a, b, -alphaOf('sub', options, a, b))
}

/** @internal In place: x += alpha · b. */
export function add_(x: Tensor, b: Operand, options?: AlphaOptions): Tensor {
  return options === undefined ? plainAdd.inPlace(x, b) : addScaled.inPlace(x, b, alphaOf('add_', options, x))
}

/** @internal In place: x −= alpha · b. */
export function sub_(x: Tensor, b: Operand, options?: AlphaOptions): Tensor {
  return options === undefined ? plainSub.inPlace(x, b) : addScaled.inPlace(x, b, -alphaOf('sub_', options, x))
}
