/** All losses. */
export * from './binary.js'
export * from './classification.js'
export { ctcLoss, type CtcOptions, type Lengths } from './ctc.js'
export * from './embedding.js'
export * from './likelihood.js'
export * from './margin.js'
export { type Reduction, type ReductionOptions } from './reduction.js'
export * from './regression.js'
