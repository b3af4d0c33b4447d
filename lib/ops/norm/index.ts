/** Normalisation: what `F` shows of it. */
export { batchNorm, type BatchNormOptions } from './batch.js'
export { groupNorm, instanceNorm, type GroupNormOptions, type InstanceNormOptions } from './group.js'
export { layerNorm, rmsNorm, type LayerNormOptions, type NormalizedShape, type RmsNormOptions } from './layer.js'
export { localResponseNorm, normalize, type LocalResponseNormOptions, type NormalizeOptions } from './response.js'
