/** All ops. Importing this file declares them in the registry and gives Tensor its methods. */
import './convert.js'
import './convolution.js'
import './strided.js'
import './activations/index.js'
import './distance.js'
import './dropout.js'
import './attention.js'
import './bilinear.js'
import './embedding.js'
import './losses/index.js'
import './fold.js'
import './grid-sample.js'
import './interpolate.js'
import './recurrent/index.js'
import './methods.js'
import './methods-scan.js'
import './methods-shape.js'
import './methods-scatter.js'
import './pad.js'
import './shuffle.js'
import './methods-math.js'
import './methods-in-place.js'
import './resize-in-place.js'
import './norm/index.js'
import './pooling/index.js'
import '../autograd/tensor-methods.js'

export * from './add-products.js'
export * from './aliases.js'
export { add, sub, type AlphaOptions } from './alpha.js'
export type { OrNamed } from '../tensor/options.js'
export { index, indexPut, indexPut_, type IndexArray, type IndexItem, type SliceItem } from './advanced-index.js'
export * from './arrange.js'
export * from './bits.js'
export * from './choose.js'
export * from './compare.js'
export * from './count.js'
export * from './creation.js'
export * from './diagonals.js'
export * from './division.js'
export * from './einsum.js'
export {
  argwhere,
  gather,
  indexAdd,
  indexSelect,
  maskedFill,
  maskedSelect,
  nonzero,
  oneHot,
  scatterAdd,
  where,
  type IndexAddOptions,
} from './index-ops.js'
export * from './join.js'
export * from './logarithms.js'
export { cat as concat, cat as concatenate } from './join.js'
export { movedim as moveaxis, swapaxes as swapdims, vstack as rowStack } from './arrange.js'
export { clone, detach } from './convert.js'
export { cosineSimilarity, pairwiseDistance } from './distance.js'
export { cdist, pdist, type CdistOptions } from './cdist.js'
export * from './matmul.js'
export { abs, ceil, cos, erf, exp, expm1, floor, log, log1p, maximum, minimum, mul, neg, pow } from './pointwise.js'
export { reciprocal, relu, rsqrt, sigmoid, sign, sin, sqrt, square, tanh, trunc } from './pointwise.js'
export * from './quantile.js'
export * from './random.js'
export {
  all,
  amax,
  amin,
  any,
  argmax,
  argmin,
  logsumexp,
  mean,
  prod,
  std,
  sum,
  variance,
  variance as var,
} from './reduce.js'
export {
  expand,
  flatten,
  narrow,
  permute,
  reshape,
  select,
  slice,
  squeeze,
  t,
  transpose,
  unsqueeze,
  view,
} from './shape.js'
export * from './samplers.js'
export {
  cummax,
  cummin,
  cumprod,
  cumsum,
  cumulativeTrapezoid,
  diff,
  logcumsumexp,
  trapezoid,
  trapezoid as trapz,
  type CumulativeOptions,
  type DiffOptions,
  type TrapezoidOptions,
} from './scan.js'
export { dist, renorm } from './norms.js'
export { addbmm, addr, chainMatmul, cross, ger, inner, mv, trace, vdot } from './products.js'
export {
  indexCopy,
  indexFill,
  indexReduce,
  maskedScatter,
  put,
  scatter,
  scatterReduce,
  take,
  takeAlongDim,
  type PutOptions,
  type ScatterOptions,
  type ScatterReduceOptions,
  type ReductionArgument,
  type ScatterReduction,
} from './scatter.js'
export * from './softmax.js'
export * from './stacking.js'
export * from './turning.js'
export * from './type-info.js'
export * from './windows.js'
export { setPrintoptions, type PrintOptions } from '../tensor/print.js'
export { getDefaultDtype, promoteTypes, setDefaultDtype } from '../tensor/dtype.js'
export * from './sort.js'
export * from './unique.js'
export { gammainc as igamma, gammaincc as igammac } from './special-more.js'
export { digamma, erfc, erfinv, i0, lgamma, mvlgamma, polygamma } from './special.js'
export * as special from './special-names.js'
export * from './statistics.js'
export * from './trigonometry.js'
