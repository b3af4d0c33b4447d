/** Pooling: what `F` shows of it. */
export * from './adaptive.js'
export {
  avgPool1d,
  avgPool2d,
  avgPool3d,
  lpPool1d,
  lpPool2d,
  lpPool3d,
  type AvgPool2dOptions,
  type AvgPoolOptions,
  type LpPoolOptions,
} from './average.js'
export {
  fractionalMaxPool2d,
  fractionalMaxPool3d,
  type FractionalMaxPool,
  type FractionalMaxPoolOptions,
} from './fractional.js'
export type { Sizes, WindowOptions } from './geometry.js'
export { maxPool1d, maxPool2d, maxPool3d, type MaxPool, type MaxPoolOptions, type PoolWithIndices } from './max.js'
export { stochasticPool2d, type StochasticPoolOptions } from './stochastic.js'
export { maxUnpool1d, maxUnpool2d, maxUnpool3d, type MaxUnpoolOptions } from './unpool.js'
