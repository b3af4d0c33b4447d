/** What all losses share: how values per element become the result, and checks of sizes. */
import { sameShape, ShapeError, show } from '../../tensor/shape.js'
import type { Tensor } from '../../tensor/tensor.js'

export { rootOf as safeRoot } from '../reduce.js'

/** How a loss per element becomes the result. Default 'mean'. */
export type Reduction = 'none' | 'mean' | 'sum'

/** How a loss becomes one number. */
export interface ReductionOptions {
  reduction?: Reduction
}

export function assertReduction(name: string, reduction: string): asserts reduction is Reduction {
  if (!['none', 'mean', 'sum'].includes(reduction))
    throw new RangeError(`${name}: reduction must be 'none', 'mean' or 'sum', got '${reduction}'`)
}

/** Checks the reduction's name, then applies it. */
export function reduceLoss(name: string, x: Tensor, reduction: string): Tensor {
  assertReduction(name, reduction)
  return reduction === 'mean' ? x.mean() : reduction === 'sum' ? x.sum() : x
}

export function assertSameSize(name: string, input: Tensor, target: Tensor): void {
  if (!sameShape(input.shape, target.shape))
    throw new ShapeError(
      `${name}: the target's shape ${show(target.shape)} must be the input's, ${show(input.shape)}; use view() or unsqueeze() on one of them`,
    )
}

const warned = new Set<string>()

/** Says once for each pair of shapes that broadcasting is probably not meant: [100, 1] against [100] compares all pairs. */
export function warnBroadcast(name: string, input: Tensor, target: Tensor): void {
  if (sameShape(input.shape, target.shape)) return
  const message = `${name}: the target's shape ${show(target.shape)} differs from the input's, ${show(input.shape)}; they are broadcast, which is probably not meant`
  if (warned.has(message)) return
  warned.add(message)
  console.warn(message)
}
