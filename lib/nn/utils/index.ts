/** The `nn.utils` namespace (torch.nn.utils). */
export {
  clipGradNorm_,
  clipGradsWithNorm_,
  clipGradValue_,
  getTotalNorm,
  type TotalNormOptions,
} from '../../optim/clip.js'
export {
  removeSpectralNorm,
  removeWeightNorm,
  spectralNorm,
  weightNorm,
  type SpectralNormOptions,
  type WeightNormOptions,
} from './reparametrize.js'
export {
  fuseConvBnEval,
  fuseConvBnWeights,
  fuseLinearBnEval,
  fuseLinearBnWeights,
  type FuseConvOptions,
  type RunningStatistics,
  type WeightedLayer,
} from './fusion.js'
export * as fusion from './fusion.js'
export * as rnn from './rnn.js'
export { parametersToVector, vectorToParameters } from './vector.js'
export * as parametrizations from './parametrizations.js'
export * as parametrize from './parametrize.js'
