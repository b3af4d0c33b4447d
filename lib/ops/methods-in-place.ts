/**
 * The in-place forms of all functions of each element (x.exp_(), x.clamp_(0), …), made from the functions themselves: a
 * kernel that can write over its input does, everything else is computed and then stored.
 */
import { isGradEnabled } from '../autograd/mode.js'
import { addon } from '../device/addon.js'
import { dtypeInfo } from '../tensor/dtype.js'
import { sameShape, ShapeError, show, type Shape } from '../tensor/shape.js'
import type { AnyShape, CanBroadcast } from '../tensor/shape-types.js'
import { Tensor } from '../tensor/tensor.js'
import * as products from './add-products.js'
import * as bits from './bits.js'
import * as choose from './choose.js'
import * as compare from './compare.js'
import { addMethods } from './define.js'
import * as division from './division.js'
import { changeInPlace } from './in-place.js'
import * as logs from './logarithms.js'
import * as norms from './norms.js'
import * as point from './pointwise.js'
import * as more from './products.js'
import * as special from './special.js'
import * as trig from './trigonometry.js'

declare module '../tensor/tensor.js' {
  interface Tensor<S extends Shape = AnyShape> {
    // ---- functions of each element ----------------------------------------------------------------------------------
    /** In place: −x. torch.Tensor.neg_. */
    neg_(): this
    /** In place: |x|. torch.Tensor.abs_. */
    abs_(): this
    /** In place: −1, 0 or 1. torch.Tensor.sign_. */
    sign_(): this
    /** In place: eˣ. torch.Tensor.exp_. */
    exp_(): this
    /** In place: eˣ − 1. torch.Tensor.expm1_. */
    expm1_(): this
    /** In place: natural logarithm. torch.Tensor.log_. */
    log_(): this
    /** In place: ln(1 + x). torch.Tensor.log1p_. */
    log1p_(): this
    /** In place: √x. torch.Tensor.sqrt_. */
    sqrt_(): this
    /** In place: 1/√x. torch.Tensor.rsqrt_. */
    rsqrt_(): this
    /** In place: x². torch.Tensor.square_. */
    square_(): this
    /** In place: 1/x. torch.Tensor.reciprocal_. */
    reciprocal_(): this
    /** In place: sine. torch.Tensor.sin_. */
    sin_(): this
    /** In place: cosine. torch.Tensor.cos_. */
    cos_(): this
    /** In place: hyperbolic tangent. torch.Tensor.tanh_. */
    tanh_(): this
    /** In place: logistic function. torch.Tensor.sigmoid_. */
    sigmoid_(): this
    /** In place: error function. torch.Tensor.erf_. */
    erf_(): this
    /** In place: largest integer ≤ x. torch.Tensor.floor_. */
    floor_(): this
    /** In place: smallest integer ≥ x. torch.Tensor.ceil_. */
    ceil_(): this
    /** In place: x without its fraction. torch.Tensor.trunc_. */
    trunc_(): this
    /** In place: tangent, radians. torch.Tensor.tan_. */
    tan_(): this
    /** In place: inverse sine. torch.Tensor.asin_. */
    asin_(): this
    /** In place: inverse cosine. torch.Tensor.acos_. */
    acos_(): this
    /** In place: inverse tangent. torch.Tensor.atan_. */
    atan_(): this
    /** In place: hyperbolic sine. torch.Tensor.sinh_. */
    sinh_(): this
    /** In place: hyperbolic cosine. torch.Tensor.cosh_. */
    cosh_(): this
    /** In place: inverse hyperbolic sine. torch.Tensor.asinh_. */
    asinh_(): this
    /** In place: inverse hyperbolic cosine. torch.Tensor.acosh_. */
    acosh_(): this
    /** In place: inverse hyperbolic tangent. torch.Tensor.atanh_. */
    atanh_(): this
    /** In place: sin(πx)/(πx), 1 at 0. torch.Tensor.sinc_. */
    sinc_(): this
    /** In place: degrees as radians. torch.Tensor.deg2rad_. */
    deg2rad_(): this
    /** In place: radians as degrees. torch.Tensor.rad2deg_. */
    rad2deg_(): this
    /** In place: 2ˣ. torch.Tensor.exp2_. */
    exp2_(): this
    /** In place: logarithm to base 2. torch.Tensor.log2_. */
    log2_(): this
    /** In place: logarithm to base 10. torch.Tensor.log10_. */
    log10_(): this
    /** In place: x − trunc(x). torch.Tensor.frac_. */
    frac_(): this
    /** In place: 1 − erf(x). torch.Tensor.erfc_. */
    erfc_(): this
    /** In place: the inverse of erf. torch.Tensor.erfinv_. */
    erfinv_(): this
    /** In place: d/dx ln Γ(x). torch.Tensor.digamma_. */
    digamma_(): this
    /** In place: ln |Γ(x)|. torch.Tensor.lgamma_. */
    lgamma_(): this
    /** In place: modified Bessel function of order 0. torch.Tensor.i0_. */
    i0_(): this
    /** In place: −1, 0 or 1. torch.Tensor.sgn_. */
    sgn_(): this
    /** In place: all bits the other way round. torch.Tensor.bitwise_not_. */
    bitwiseNot_(): this
    /** In place: whether each element is 0, as 0 or 1. torch.Tensor.logical_not_. */
    logicalNot_(): this
    /** Another name of abs_. torch.Tensor.absolute_. */
    absolute_(): this
    /** Another name of acos_. torch.Tensor.arccos_. */
    arccos_(): this
    /** Another name of acosh_. torch.Tensor.arccosh_. */
    arccosh_(): this
    /** Another name of asin_. torch.Tensor.arcsin_. */
    arcsin_(): this
    /** Another name of asinh_. torch.Tensor.arcsinh_. */
    arcsinh_(): this
    /** Another name of atan_. torch.Tensor.arctan_. */
    arctan_(): this
    /** Another name of atanh_. torch.Tensor.arctanh_. */
    arctanh_(): this
    /** Another name of neg_. torch.Tensor.negative_. */
    negative_(): this
    /** Another name of trunc_. torch.Tensor.fix_. */
    fix_(): this
    /** In place: nearest whole number, or so many decimals. torch.Tensor.round_. */
    round_(options?: { decimals?: number }): this
    /** In place: ln(x / (1 − x)). torch.Tensor.logit_. */
    logit_(eps?: number | null): this
    /** In place: the n-th derivative of digamma. torch.Tensor.polygamma_. */
    polygamma_(n: number): this
    /** In place: ln of the multivariate gamma function. torch.Tensor.mvlgamma_. */
    mvlgamma_(p: number): this
    /** In place: NaN and infinities replaced. torch.Tensor.nan_to_num_. */
    nanToNum_(options?: Parameters<typeof choose.nanToNum>[1]): this
    /** In place: x kept within [min, max]. torch.Tensor.clamp_. */
    clamp_(min?: Tensor | number | choose.ClampOptions | null, max?: Tensor | number | null): this
    /** Another name of clamp_. torch.Tensor.clip_. */
    clip_(min?: Tensor | number | choose.ClampOptions | null, max?: Tensor | number | null): this
    /** In place: at least min. torch.Tensor.clamp_min_. */
    clampMin_(min: Tensor | number): this
    /** In place: at most max. torch.Tensor.clamp_max_. */
    clampMax_(max: Tensor | number): this

    // ---- functions of two or three operands -------------------------------------------------------------------------
    /** In place: to the power of other. torch.Tensor.pow_. */
    pow_(other: number): this
    pow_<B extends Shape>(other: Tensor<B> & CanBroadcast<S, B>): this
    /** In place: divided by other, rounded as told. torch.Tensor.div_. */
    div_(other: Tensor | number, options?: { roundingMode?: division.RoundingMode }): this
    /** Another name of div_. torch.Tensor.divide_. */
    divide_(other: Tensor | number, options?: { roundingMode?: division.RoundingMode }): this
    /** Another name of sub_. torch.Tensor.subtract_. */
    subtract_(other: Tensor | number, options?: { alpha?: number }): this
    /** In place: the angle of the point (other, this). torch.Tensor.atan2_. */
    atan2_(other: Tensor | number): this
    /** In place: √(this² + other²). torch.Tensor.hypot_. */
    hypot_(other: Tensor | number): this
    /** In place: this · ln other, 0 where this is 0. torch.Tensor.xlogy_. */
    xlogy_(other: Tensor | number): this
    /** In place: this to the power of other, in float64. torch.Tensor.float_power_. */
    floatPower_(other: Tensor | number): this
    /** In place: this · 2^other. torch.Tensor.ldexp_. */
    ldexp_(other: Tensor | number): this
    /** In place: remainder with the sign of this. torch.Tensor.fmod_. */
    fmod_(other: Tensor | number): this
    /** In place: remainder with the sign of other, Python's %. torch.Tensor.remainder_. */
    remainder_(other: Tensor | number): this
    /** In place: quotient rounded down. torch.Tensor.floor_divide_. */
    floorDivide_(other: Tensor | number): this
    /** In place: another name of div. torch.Tensor.true_divide_. */
    trueDivide_(other: Tensor | number): this
    /** In place: 0 below 0, other at 0, 1 above. torch.Tensor.heaviside_. */
    heaviside_(other: Tensor | number): this
    /** In place: the magnitude of this with the sign of other. torch.Tensor.copysign_. */
    copysign_(other: Tensor | number): this
    /** In place: the next number towards other. torch.Tensor.nextafter_. */
    nextafter_(other: Tensor | number): this
    /** In place: greatest common divisor. torch.Tensor.gcd_. */
    gcd_(other: Tensor | number): this
    /** In place: least common multiple. torch.Tensor.lcm_. */
    lcm_(other: Tensor | number): this
    /** In place: bits set in both. torch.Tensor.bitwise_and_. */
    bitwiseAnd_(other: Tensor | number): this
    /** In place: bits set in either. torch.Tensor.bitwise_or_. */
    bitwiseOr_(other: Tensor | number): this
    /** In place: bits set in exactly one. torch.Tensor.bitwise_xor_. */
    bitwiseXor_(other: Tensor | number): this
    /** In place: bits moved to the left. torch.Tensor.bitwise_left_shift_. */
    bitwiseLeftShift_(other: Tensor | number): this
    /** In place: bits moved to the right. torch.Tensor.bitwise_right_shift_. */
    bitwiseRightShift_(other: Tensor | number): this
    /** In place: 1 where this = other, else 0. torch.Tensor.eq_. */
    eq_(other: Tensor | number): this
    /** In place: 1 where this ≠ other, else 0. torch.Tensor.ne_. */
    ne_(other: Tensor | number): this
    /** In place: 1 where this < other, else 0. torch.Tensor.lt_. */
    lt_(other: Tensor | number): this
    /** In place: 1 where this ≤ other, else 0. torch.Tensor.le_. */
    le_(other: Tensor | number): this
    /** In place: 1 where this > other, else 0. torch.Tensor.gt_. */
    gt_(other: Tensor | number): this
    /** In place: 1 where this ≥ other, else 0. torch.Tensor.ge_. */
    ge_(other: Tensor | number): this
    /** In place: 1 where both are not 0, else 0. torch.Tensor.logical_and_. */
    logicalAnd_(other: Tensor): this
    /** In place: 1 where at least one is not 0, else 0. torch.Tensor.logical_or_. */
    logicalOr_(other: Tensor): this
    /** In place: 1 where exactly one is not 0, else 0. torch.Tensor.logical_xor_. */
    logicalXor_(other: Tensor): this
    /** Another name of atan2_. torch.Tensor.arctan2_. */
    arctan2_(other: Tensor | number): this
    /** Another name of mul_. torch.Tensor.multiply_. */
    multiply_(other: Tensor | number): this
    /** Another name of ne_. torch.Tensor.not_equal_. */
    notEqual_(other: Tensor | number): this
    /** Another name of gt_. torch.Tensor.greater_. */
    greater_(other: Tensor | number): this
    /** Another name of ge_. torch.Tensor.greater_equal_. */
    greaterEqual_(other: Tensor | number): this
    /** Another name of lt_. torch.Tensor.less_. */
    less_(other: Tensor | number): this
    /** Another name of le_. torch.Tensor.less_equal_. */
    lessEqual_(other: Tensor | number): this
    /** In place: this + weight · (end − this). torch.Tensor.lerp_. */
    lerp_(end: Tensor, weight: Tensor | number): this
    /** In place: this + value · a · b. torch.Tensor.addcmul_. */
    addcmul_(a: Tensor, b: Tensor, options?: { value?: number }): this
    /** In place: this + value · a / b. torch.Tensor.addcdiv_. */
    addcdiv_(a: Tensor, b: Tensor, options?: { value?: number }): this
    /** In place: slices scaled down to a p-norm. torch.Tensor.renorm_. */
    renorm_(p: number, dim: number, maxnorm: number): this
    /** In place: β·this + α·(a · b) for matrices. torch.Tensor.addmm_. */
    addmm_(a: Tensor, b: Tensor, options?: products.AddProductOptions): this
    /** In place: β·this + α·(a · v). torch.Tensor.addmv_. */
    addmv_(a: Tensor, v: Tensor, options?: products.AddProductOptions): this
    /** In place: β·this + α·aᵢbⱼ. torch.Tensor.addr_. */
    addr_(a: Tensor, b: Tensor, options?: products.AddProductOptions): this
    /** In place: β·this + α·(a · b) for batches. torch.Tensor.baddbmm_. */
    baddbmm_(a: Tensor, b: Tensor, options?: products.AddProductOptions): this
    /** In place: β·this + α·Σ of a batch of products. torch.Tensor.addbmm_. */
    addbmm_(a: Tensor, b: Tensor, options?: products.AddProductOptions): this
  }
}

/** Puts a computed result into x; the graph goes on from the result. */
function store(name: string, x: Tensor, result: Tensor): Tensor {
  const [from, to] = [dtypeInfo[result.dtype].category, dtypeInfo[x.dtype].category]
  if (from > to && !(result.dtype === 'bool'))
    throw new TypeError(
      `${name}: the result is ${result.dtype} and cannot be stored in a ${x.dtype} tensor; use ${name.slice(0, -1)}()`,
    )
  if (!sameShape(result.shape, x.shape))
    throw new ShapeError(
      `${name}: the result has shape ${show(result.shape)} and cannot be stored in a tensor of shape ${show(x.shape)}; use ${name.slice(0, -1)}()`,
    )
  return changeInPlace(name, x, { result }, () => addon().copy(x.handle, result.handle), {
    result: (dy) => dy.to(result.dtype),
  })
}

/** What the function may keep for its gradient: not the memory that is about to change. */
const operand = (x: Tensor): Tensor => (isGradEnabled() && x.requiresGrad ? x.clone() : x)

type Call = (x: Tensor, ...args: never[]) => Tensor

/** By method name, without the underscore. */
const forms: Record<string, Call & { inPlace?: Call }> = {
  ...{
    neg: point.neg,
    abs: point.abs,
    sign: point.sign,
    exp: point.exp,
    expm1: point.expm1,
    log: point.log,
    log1p: point.log1p,
    sqrt: point.sqrt,
    rsqrt: point.rsqrt,
    square: point.square,
    reciprocal: point.reciprocal,
    sin: point.sin,
    cos: point.cos,
    tanh: point.tanh,
    sigmoid: point.sigmoid,
    erf: point.erf,
    floor: point.floor,
    ceil: point.ceil,
    trunc: point.trunc,
    pow: point.pow,
  },
  ...{
    tan: trig.tan,
    asin: trig.asin,
    acos: trig.acos,
    atan: trig.atan,
    sinh: trig.sinh,
    cosh: trig.cosh,
    asinh: trig.asinh,
    acosh: trig.acosh,
    atanh: trig.atanh,
    sinc: trig.sinc,
    deg2rad: trig.deg2rad,
    rad2deg: trig.rad2deg,
    atan2: trig.atan2,
    hypot: trig.hypot,
  },
  ...{
    exp2: logs.exp2,
    log2: logs.log2,
    log10: logs.log10,
    xlogy: logs.xlogy,
    floatPower: logs.floatPower,
    ldexp: logs.ldexp,
    logit: logs.logit,
  },
  ...{
    frac: division.frac,
    fmod: division.fmod,
    remainder: division.remainder,
    floorDivide: division.floorDivide,
    trueDivide: division.trueDivide,
    round: division.round,
  },
  ...{
    erfc: special.erfc,
    erfinv: special.erfinv,
    digamma: special.digamma,
    lgamma: special.lgamma,
    i0: special.i0,
    mvlgamma: special.mvlgamma,
  },
  ...{
    sgn: choose.sgn,
    heaviside: choose.heaviside,
    copysign: choose.copysign,
    nextafter: choose.nextafter,
    nanToNum: choose.nanToNum,
    clamp: choose.clamp,
    clip: choose.clip,
    clampMin: choose.clampMin,
    clampMax: choose.clampMax,
    lerp: choose.lerp,
    addcmul: choose.addcmul,
    addcdiv: choose.addcdiv,
  },
  ...{
    bitwiseNot: bits.bitwiseNot,
    gcd: bits.gcd,
    lcm: bits.lcm,
    bitwiseAnd: bits.bitwiseAnd,
    bitwiseOr: bits.bitwiseOr,
    bitwiseXor: bits.bitwiseXor,
    bitwiseLeftShift: bits.bitwiseLeftShift,
    bitwiseRightShift: bits.bitwiseRightShift,
  },
  ...{
    logicalNot: compare.logicalNot,
    eq: compare.eq,
    ne: compare.ne,
    lt: compare.lt,
    le: compare.le,
    gt: compare.gt,
    ge: compare.ge,
    logicalAnd: compare.logicalAnd,
    logicalOr: compare.logicalOr,
    logicalXor: compare.logicalXor,
  },
  ...{
    absolute: point.abs,
    arccos: trig.acos,
    arccosh: trig.acosh,
    arcsin: trig.asin,
    arcsinh: trig.asinh,
    arctan: trig.atan,
    arctanh: trig.atanh,
    negative: point.neg,
    fix: point.trunc,
    arctan2: trig.atan2,
    multiply: point.mul,
    notEqual: compare.ne,
    greater: compare.gt,
    greaterEqual: compare.ge,
    less: compare.lt,
    lessEqual: compare.le,
  },
  ...{ renorm: norms.renorm },
  ...{ addmm: products.addmm, addmv: products.addmv, baddbmm: products.baddbmm },
  ...{ addr: more.addr, addbmm: more.addbmm },
  polygamma: (x: Tensor, n: number) => special.polygamma(n, x),
  subtract: (x: Tensor, other: Tensor, options?: { alpha?: number }) => x.sub(other, options),
}

/** Their kernels write bools, whatever the tensor's dtype. */
const predicates = new Set<Call>([
  ...[compare.eq, compare.ne, compare.lt, compare.le, compare.gt, compare.ge],
  ...[compare.logicalAnd, compare.logicalOr, compare.logicalXor, compare.logicalNot],
])

for (const [name, run] of Object.entries(forms)) {
  const inPlace = predicates.has(run) ? undefined : run.inPlace
  const call = (inPlace ?? ((x: Tensor, ...args: never[]) => store(`${name}_`, x, run(operand(x), ...args)))) as (
    x: Tensor,
    ...args: unknown[]
  ) => Tensor
  addMethods(Tensor.prototype, {
    [`${name}_`](this: Tensor, ...args: unknown[]) {
      return call(this, ...args)
    },
  })
}

addMethods(Tensor.prototype, {
  div_(this: Tensor, other: Tensor | number, options?: { roundingMode?: division.RoundingMode }) {
    return division.div_(this, other, options)
  },
  divide_(this: Tensor, other: Tensor | number, options?: { roundingMode?: division.RoundingMode }) {
    return division.div_(this, other, options)
  },
})
