/**
 * The `check` namespace: self-checks for exercises. Each is silent about the answer but not about the mistake: it shows a
 * green line when the answer is right, and throws an error with a hint when it is not.
 */
export { accuracy, decreasing, gradient, that, throws } from './behaviour.js'
export type { DecreasingOptions, GradientOptions } from './behaviour.js'
export { GapError } from './gap.js'
export { CheckError, type CheckOptions } from './report.js'
export { close, equal, range, shape, type CloseOptions, type Numeric } from './values.js'
