/** Anomaly mode: every recorded operation remembers the line that called it, so that a NaN in a gradient has an origin. */
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Scoped } from '../device/scoped.js'
import { readOptions } from '../tensor/options.js'

interface Anomaly {
  enabled: boolean
  checkNaN: boolean
}

/** Read by every new node. */
export const anomaly = new Scoped<Anomaly>({ enabled: false, checkNaN: true })

/** This library's own folder: its frames say nothing to the user. */
const library = dirname(dirname(fileURLToPath(import.meta.url)))

const deepEnough = 50

/** The calls that led here, without the library's own, the latest first. */
export function captureTrace(): string {
  const before = Error.stackTraceLimit
  Error.stackTraceLimit = deepEnough
  const { stack = '' } = new Error('trace')
  Error.stackTraceLimit = before
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line))
  const outside = frames.filter((line) => !line.includes(library) && !line.includes('node:internal'))
  return (outside.length > 0 ? outside : frames).join('\n')
}

/** The part of an error message that names the forward line. */
export function describeTrace(trace: string | null): string {
  return trace === null
    ? 'the forward call is not known: it was made before anomaly mode was switched on'
    : `the forward call was made here:\n${trace}`
}

/** Settings of `detectAnomaly`. */
export interface AnomalyOptions {
  /** Look for NaN in every gradient. Default true. */
  checkNaN?: boolean
}

/**
 * Switches anomaly mode on or off until further notice (torch.autograd.set_detect_anomaly). Slow: for finding mistakes only.
 */
export function setDetectAnomaly(mode: boolean, options?: AnomalyOptions): void {
  const { checkNaN } = readOptions('setDetectAnomaly', options, { checkNaN: true })
  anomaly.set({ enabled: mode, checkNaN })
}

/** Whether anomaly mode is on. */
export function isAnomalyEnabled(): boolean {
  return anomaly.current.enabled
}

/**
 * Runs `body`, forward and backward, in anomaly mode: a backward pass that produces NaN or fails throws an error that names
 * the line of the forward call (torch.autograd.detect_anomaly). An async body keeps the mode until it settles.
 *
 * @example autograd.detectAnomaly(() => tensor([-1], { requiresGrad: true }).sqrt().sum().backward())
 */
export function detectAnomaly<T>(body: () => T, options?: AnomalyOptions): T {
  const { checkNaN } = readOptions('detectAnomaly', options, { checkNaN: true })
  return anomaly.run({ enabled: true, checkNaN }, body)
}
