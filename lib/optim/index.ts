/** The `optim` namespace (torch.optim). */
export { Adam, AdamW, type AdamOptions } from './adam.js'
export { Adamax, NAdam, RAdam, type AdamaxOptions, type NAdamOptions, type RAdamOptions } from './adam-family.js'
export {
  Adadelta,
  Adagrad,
  RMSprop,
  type AdadeltaOptions,
  type AdagradOptions,
  type RMSpropOptions,
} from './adaptive.js'
export { Adafactor, type AdafactorOptions } from './adafactor.js'
export { ASGD, type ASGDOptions } from './asgd.js'
export { clipGradNorm_, clipGradValue_, getTotalNorm, type TotalNormOptions } from './clip.js'
export { ConjugateGradient, type ConjugateGradientOptions } from './conjugate-gradient.js'
export { EarlyStopping, type EarlyStoppingOptions, type Restorable } from './early-stopping.js'
export { LBFGS, type LBFGSOptions } from './lbfgs.js'
export * as lrScheduler from './lr-scheduler/index.js'
export { Muon, type MuonOptions } from './muon.js'
export { Optimizer, type OptimizerState, type ParamGroup, type Params, type ParamState } from './optimizer.js'
export { l1Penalty, l2Penalty } from './penalty.js'
export { Rprop, type RpropOptions } from './rprop.js'
export { SGD, type SGDOptions } from './sgd.js'
