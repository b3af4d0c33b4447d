/** The `nn` namespace (torch.nn). */
export {
  Hardshrink,
  Hardsigmoid,
  Hardswish,
  Hardtanh,
  LeakyReLU,
  PReLU,
  ReLU,
  ReLU6,
  RReLU,
  Softshrink,
  Threshold,
} from './activation.js'
export * from './activation-mixing.js'
export { AdaptiveLogSoftmaxWithLoss, type AdaptiveSoftmaxOptions } from './adaptive-softmax.js'
export * from './activation-smooth.js'
export * from './bilinear.js'
export * from './container.js'
export * from './conv.js'
export * from './dropout.js'
export { Embedding, EmbeddingBag, type EmbeddingBagModuleOptions, type PretrainedOptions } from './embedding.js'
export * as functional from './functional.js'
export * as init from './init.js'
export * from './linear.js'
export * from './loss.js'
export * from './loss-class.js'
export * from './loss-embedding.js'
export { Module, type ListOptions, type StateDict } from './module.js'
export * from './padding.js'
export * from './rearrange.js'
export { Parameter } from './parameter.js'
export * from './upsample.js'
export * from './norm.js'
export * from './norm-batch.js'
export * from './pooling.js'
export * from './pooling-adaptive.js'
export * from './pooling-more.js'
export type {
  ForwardHook,
  ForwardPreHook,
  FullBackwardHook,
  FullBackwardPreHook,
  HookHandle,
  HookOptions,
} from './hooks.js'
export { GRU, LSTM, RNN, type LSTMOptions, type RecurrentOptions, type RNNOptions } from './recurrent.js'
export { GRUCell, LSTMCell, RNNCell, type RecurrentCellOptions } from './recurrent-cell.js'
export * as utils from './utils/index.js'
export { MultiheadAttention, type MultiheadAttentionCall, type MultiheadAttentionOptions } from './attention.js'
export * from './transformer.js'
