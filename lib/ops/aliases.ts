/** Other names under which PyTorch knows the same functions. */
import { ge, gt, le, lt, ne } from './compare.js'
import { div } from './division.js'
import { abs, mul, neg, pow, sigmoid, sub, trunc } from './pointwise.js'
import { digamma, lgamma, mvlgamma } from './special.js'
import { acos, acosh, asin, asinh, atan, atan2, atanh } from './trigonometry.js'

export {
  abs as absolute,
  acos as arccos,
  acosh as arccosh,
  asin as arcsin,
  asinh as arcsinh,
  atan as arctan,
  atan2 as arctan2,
  atanh as arctanh,
  digamma as psi,
  div as divide,
  lgamma as gammaln,
  mvlgamma as multigammaln,
  mul as multiply,
  ne as notEqual,
  neg as negative,
  ge as greaterEqual,
  gt as greater,
  le as lessEqual,
  lt as less,
  pow as power,
  sigmoid as expit,
  sub as subtract,
  trunc as fix,
}
