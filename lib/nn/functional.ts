/** The `F` namespace (torch.nn.functional): the mathematics of layers and losses as functions. */
export { relu, sigmoid, tanh } from '../ops/pointwise.js'
export { linear } from '../ops/matmul.js'
export { conv1d, conv2d, conv3d, convTranspose1d, convTranspose2d, convTranspose3d } from '../ops/convolution.js'
export type { ConvOptions, ConvTransposeOptions, PerDimension } from '../ops/convolution-arguments.js'
export { logSoftmax, softmax } from '../ops/softmax.js'
export * from '../ops/activations/index.js'
export { cosineSimilarity, pairwiseDistance } from '../ops/distance.js'
export {
  alphaDropout,
  dropout,
  dropout1d,
  dropout2d,
  dropout3d,
  featureAlphaDropout,
  type DropoutArgument,
  type DropoutOptions,
} from '../ops/dropout.js'
export * from '../ops/losses/index.js'
export { oneHot } from '../ops/index-ops.js'
export { pad, type PadOptions } from '../ops/pad.js'
export {
  interpolate,
  interpolate as upsample,
  type InterpolateMode,
  type InterpolateOptions,
} from '../ops/interpolate.js'
export { affineGrid, gridSample, type GridSampleOptions } from '../ops/grid-sample.js'
export { fold, unfoldWindows as unfold, type Pair, type UnfoldOptions } from '../ops/fold.js'
export { channelShuffle, pixelShuffle, pixelUnshuffle } from '../ops/shuffle.js'
export * from '../ops/norm/index.js'
export * from '../ops/pooling/index.js'
export { pdist } from '../ops/cdist.js'
export { embedding, embeddingBag, type EmbeddingBagOptions, type EmbeddingOptions } from '../ops/embedding.js'
export { scaledDotProductAttention, type AttentionOptions } from '../ops/attention.js'
export { bilinear } from '../ops/bilinear.js'
export { gumbelSoftmax, type GumbelSoftmaxOptions } from '../ops/gumbel.js'
