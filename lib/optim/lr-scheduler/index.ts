/** The `optim.lrScheduler` namespace (torch.optim.lr_scheduler): how learning rates change while a network learns. */
export { ChainedScheduler, SequentialLR } from './combine.js'
export {
  CosineAnnealingLR,
  CosineAnnealingWarmRestarts,
  type CosineOptions,
  type WarmRestartOptions,
} from './cosine.js'
export { CyclicLR, OneCycleLR, type CyclicLROptions, type OneCycleLROptions } from './cyclic.js'
export {
  ConstantLR,
  ExponentialLR,
  LambdaLR,
  LinearLR,
  MultiplicativeLR,
  MultiStepLR,
  PolynomialLR,
  StepLR,
  type ConstantLROptions,
  type GammaOptions,
  type LinearLROptions,
  type PolynomialLROptions,
  type RateFunction,
} from './decay.js'
export { ReduceLROnPlateau, type PlateauOptions } from './plateau.js'
export {
  LRScheduler,
  Scheduler,
  type PerGroup,
  type ScheduledOptimizer,
  type ScheduleOptions,
  type SchedulerState,
} from './scheduler.js'
