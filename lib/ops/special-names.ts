/** The `special` namespace (torch.special). */
export { expit, gammaln, multigammaln, psi } from './aliases.js'
export { round } from './division.js'
export { exp2, logit, xlog1py, xlogy } from './logarithms.js'
export { erf, expm1, log1p } from './pointwise.js'
export { logsumexp } from './reduce.js'
export { logSoftmax, softmax } from './softmax.js'
export { sinc } from './trigonometry.js'
export { digamma, entr, erfc, erfcx, erfinv, i0, i0e, i1, i1e, logNdtr, ndtr, ndtri, polygamma } from './special.js'
