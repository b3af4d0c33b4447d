/** The `nn.utils` namespace (torch.nn.utils). */
export { clipGradNorm_, clipGradValue_, getTotalNorm, type TotalNormOptions } from '../../optim/clip.js'
export * as rnn from './rnn.js'
