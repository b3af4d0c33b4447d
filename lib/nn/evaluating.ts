/** A network that is used, not trained, for a moment: what pictures, summaries and exports do with it. */
import { noGrad } from '../autograd/index.js'
import { restoring } from '../device/interrupt.js'
import type { Module } from './module.js'

/**
 * @internal Runs `body` without a graph and with every module in evaluation mode; after it each is in the mode that it was in
 * (a part may have been frozen in evaluation mode while the rest trains).
 */
export function evaluating<T>(model: Module, body: () => T): T {
  const modes = model.modules().map((module) => [module, module.training] as const)
  const undo = (): void => {
    for (const [module, training] of modes) module.training = training
  }
  return restoring(undo, () => {
    model.eval()
    return noGrad(body)
  })
}
