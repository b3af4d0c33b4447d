/** The `F` namespace (torch.nn.functional): the mathematics of layers and losses as functions. */
export { relu, sigmoid, tanh } from '../ops/pointwise.js'
export { linear } from '../ops/matmul.js'
export { logSoftmax, softmax } from '../ops/softmax.js'
export { crossEntropy, l1Loss, mseLoss, nllLoss } from '../ops/loss.js'
export { oneHot } from '../ops/index-ops.js'
