/** Whether operations record a graph: `noGrad`, `enableGrad`. */

import { Scoped } from '../device/scoped.js'

const recording = new Scoped(true)

/** Whether operations on tensors that require gradients are recorded now (torch.is_grad_enabled). */
export function isGradEnabled(): boolean {
  return recording.current
}

/** Runs `body` with recording set to `value`; an async body keeps the setting until it settles. */
export function withGrad<T>(value: boolean, body: () => T): T {
  return recording.run(value, body)
}

/**
 * Runs `body` without recording a graph, as evaluation and parameter updates want (torch.no_grad). Returns its result.
 *
 * @example const accuracy = noGrad(() => net.forward(images).argmax(1).eq(labels).mean())
 */
export function noGrad<T>(body: () => T): T {
  return withGrad(false, body)
}

/**
 * Switches recording on or off: while `body` runs, whose result is returned, or without one from now on
 * (torch.set_grad_enabled). @example setGradEnabled(false)
 */
export function setGradEnabled(enabled: boolean): void
export function setGradEnabled<T>(enabled: boolean, body: () => T): T
export function setGradEnabled<T>(enabled: boolean, body?: () => T): T | undefined {
  if (body) return withGrad(enabled, body)
  recording.set(enabled)
  return undefined
}

/** Runs `body` without recording: another name of noGrad (torch.inference_mode). Returns its result. */
export const inferenceMode = noGrad

/** Runs `body` with recording on, inside a `noGrad` (torch.enable_grad). Returns its result. */
export function enableGrad<T>(body: () => T): T {
  return withGrad(true, body)
}
