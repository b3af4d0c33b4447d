/** Every activation beyond those that pointwise.ts and softmax.ts declare. */
export * from './gated.js'
export * from './gelu.js'
export * from './piecewise.js'
export * from './smooth.js'
