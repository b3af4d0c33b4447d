/** Tensor's methods for functions of each element, reductions and products that methods.ts does not have. */
import type { Shape } from '../tensor/shape.js'
import type { AnyShape, Broadcast, CanBroadcast } from '../tensor/shape-types.js'
import { Tensor } from '../tensor/tensor.js'
import type { AddProductOptions } from './add-products.js'
import type { OrNamed } from '../tensor/options.js'
import * as bits from './bits.js'
import * as choose from './choose.js'
import * as compare from './compare.js'
import { addMethods } from './define.js'
import * as division from './division.js'
import * as logs from './logarithms.js'
import * as norms from './norms.js'
import * as point from './pointwise.js'
import * as products from './products.js'
import type { Dims, ReduceOptions } from './reduce.js'
import * as special from './special.js'
import * as statistics from './statistics.js'
import * as trig from './trigonometry.js'

declare module '../tensor/tensor.js' {
  interface Tensor<S extends Shape = AnyShape> {
    // ---- functions of each element ----------------------------------------------------------------------------------
    /** Tangent, radians. torch.tan. */
    tan(): Tensor<S>
    /** Inverse sine. torch.asin. */
    asin(): Tensor<S>
    /** Inverse cosine. torch.acos. */
    acos(): Tensor<S>
    /** Inverse tangent. torch.atan. */
    atan(): Tensor<S>
    /** Hyperbolic sine. torch.sinh. */
    sinh(): Tensor<S>
    /** Hyperbolic cosine. torch.cosh. */
    cosh(): Tensor<S>
    /** Inverse hyperbolic sine. torch.asinh. */
    asinh(): Tensor<S>
    /** Inverse hyperbolic cosine. torch.acosh. */
    acosh(): Tensor<S>
    /** Inverse hyperbolic tangent. torch.atanh. */
    atanh(): Tensor<S>
    /** sin(πx)/(πx), 1 at 0. torch.sinc. */
    sinc(): Tensor<S>
    /** Degrees as radians. torch.deg2rad. */
    deg2rad(): Tensor<S>
    /** Radians as degrees. torch.rad2deg. */
    rad2deg(): Tensor<S>
    /** π where negative, else 0. torch.angle. */
    angle(): Tensor<S>
    /** 2ˣ. torch.exp2. */
    exp2(): Tensor<S>
    /** Logarithm to base 2. torch.log2. */
    log2(): Tensor<S>
    /** Logarithm to base 10. torch.log10. */
    log10(): Tensor<S>
    /** x − trunc(x). torch.frac. */
    frac(): Tensor<S>
    /** 1 − erf(x). torch.erfc. */
    erfc(): Tensor<S>
    /** The inverse of erf. torch.erfinv. */
    erfinv(): Tensor<S>
    /** d/dx ln Γ(x). torch.digamma. */
    digamma(): Tensor<S>
    /** ln |Γ(x)|. torch.lgamma. */
    lgamma(): Tensor<S>
    /** Modified Bessel function of order 0. torch.i0. */
    i0(): Tensor<S>
    /** Whether the sign bit is set. torch.signbit. */
    signbit(): Tensor<S>
    /** −1, 0 or 1. torch.sgn. */
    sgn(): Tensor<S>
    /** The tensor itself. torch.positive. */
    positive(): Tensor<S>
    /** All bits the other way round. torch.bitwise_not. */
    bitwiseNot(): Tensor<S>
    /** Whether each element is infinite. torch.isinf. */
    isinf(): Tensor<S>
    /** Whether each element is +∞. torch.isposinf. */
    isposinf(): Tensor<S>
    /** Whether each element is −∞. torch.isneginf. */
    isneginf(): Tensor<S>
    /** True everywhere. torch.isreal. */
    isreal(): Tensor<S>
    /** Another name of abs. torch.absolute. */
    absolute(): Tensor<S>
    /** Another name of acos. torch.arccos. */
    arccos(): Tensor<S>
    /** Another name of acosh. torch.arccosh. */
    arccosh(): Tensor<S>
    /** Another name of asin. torch.arcsin. */
    arcsin(): Tensor<S>
    /** Another name of asinh. torch.arcsinh. */
    arcsinh(): Tensor<S>
    /** Another name of atan. torch.arctan. */
    arctan(): Tensor<S>
    /** Another name of atanh. torch.arctanh. */
    arctanh(): Tensor<S>
    /** Another name of neg. torch.negative. */
    negative(): Tensor<S>
    /** Another name of trunc. torch.fix. */
    fix(): Tensor<S>
    /** Nearest whole number, or so many decimals. torch.round. */
    round(options?: { decimals?: number }): Tensor<S>
    /** ln(x / (1 − x)), with x first kept within [eps, 1 − eps]. torch.logit. */
    logit(eps?: OrNamed<'eps', number | null>): Tensor<S>
    /** The n-th derivative of digamma. torch.polygamma. */
    polygamma(n: number): Tensor<S>
    /** ln of the multivariate gamma function of dimension p. torch.mvlgamma. */
    mvlgamma(p: number): Tensor<S>
    /** Mantissa in [½, 1) and exponent of 2. torch.frexp. */
    frexp(): { mantissa: Tensor; exponent: Tensor }
    /** NaN and infinities replaced. torch.nan_to_num. */
    nanToNum(options?: Parameters<typeof choose.nanToNum>[1]): Tensor<S>
    /** x kept within numbers or tensors; null for no bound. torch.clamp. */
    clamp(min?: Tensor | number | choose.ClampOptions | null, max?: Tensor | number | null): Tensor
    /** Another name of clamp. torch.clip. */
    clip(min?: Tensor | number | choose.ClampOptions | null, max?: Tensor | number | null): Tensor
    /** x, but at least min. torch.clamp_min. */
    clampMin(min: Tensor | number): Tensor
    /** x, but at most max. torch.clamp_max. */
    clampMax(max: Tensor | number): Tensor

    // ---- functions of two or three operands -------------------------------------------------------------------------
    /** The angle of the point (other, this). torch.atan2. */
    atan2(other: Tensor | number): Tensor
    /** √(this² + other²). torch.hypot. */
    hypot(other: Tensor | number): Tensor
    /** ln(eᵃ + eᵇ). torch.logaddexp. */
    logaddexp(other: Tensor | number): Tensor
    /** log₂(2ᵃ + 2ᵇ). torch.logaddexp2. */
    logaddexp2(other: Tensor | number): Tensor
    /** this · ln other, 0 where this is 0. torch.xlogy. */
    xlogy(other: Tensor | number): Tensor
    /** this to the power of other, in float64. torch.float_power. */
    floatPower(other: Tensor | number): Tensor
    /** this · 2^other. torch.ldexp. */
    ldexp(other: Tensor | number): Tensor
    /** Remainder with the sign of this. torch.fmod. */
    fmod(other: Tensor | number): Tensor
    /** Remainder with the sign of other, Python's %. torch.remainder. */
    remainder(other: Tensor | number): Tensor
    /** Quotient rounded down. torch.floor_divide. */
    floorDivide(other: Tensor | number): Tensor
    /** Another name of div. torch.true_divide. */
    trueDivide(other: Tensor | number): Tensor
    /** The larger of the two, ignoring NaN. torch.fmax. */
    fmax(other: Tensor | number): Tensor
    /** The smaller of the two, ignoring NaN. torch.fmin. */
    fmin(other: Tensor | number): Tensor
    /** 0 below 0, other at 0, 1 above. torch.heaviside. */
    heaviside(other: Tensor | number): Tensor
    /** The magnitude of this with the sign of other. torch.copysign. */
    copysign(other: Tensor | number): Tensor
    /** The next number towards other. torch.nextafter. */
    nextafter(other: Tensor | number): Tensor
    /** Greatest common divisor. torch.gcd. */
    gcd(other: Tensor | number): Tensor
    /** Least common multiple. torch.lcm. */
    lcm(other: Tensor | number): Tensor
    /** Bits set in both. torch.bitwise_and. */
    bitwiseAnd(other: Tensor | number): Tensor
    /** Bits set in either. torch.bitwise_or. */
    bitwiseOr(other: Tensor | number): Tensor
    /** Bits set in exactly one. torch.bitwise_xor. */
    bitwiseXor(other: Tensor | number): Tensor
    /** Bits moved to the left. torch.bitwise_left_shift. */
    bitwiseLeftShift(other: Tensor | number): Tensor
    /** Bits moved to the right. torch.bitwise_right_shift. */
    bitwiseRightShift(other: Tensor | number): Tensor
    /** Another name of atan2. torch.arctan2. */
    arctan2(other: Tensor | number): Tensor
    /** Another name of mul. torch.multiply. */
    multiply(other: Tensor | number): Tensor
    /** Another name of ne. torch.not_equal. */
    notEqual(other: Tensor | number): Tensor
    /** Another name of gt. torch.greater. */
    greater(other: Tensor | number): Tensor
    /** Another name of ge. torch.greater_equal. */
    greaterEqual(other: Tensor | number): Tensor
    /** Another name of lt. torch.less. */
    less(other: Tensor | number): Tensor
    /** Another name of le. torch.less_equal. */
    lessEqual(other: Tensor | number): Tensor
    /** this / other, rounded as told, in the operands' dtype. torch.div. */
    div(other: number, options: { roundingMode?: division.RoundingMode }): Tensor<S>
    div<B extends Shape>(
      other: Tensor<B> & CanBroadcast<S, B>,
      options: { roundingMode?: division.RoundingMode },
    ): Tensor<Broadcast<S, B>>
    /** Another name of div. torch.divide. */
    divide(other: Tensor | number, options?: { roundingMode?: division.RoundingMode }): Tensor
    /** Another name of sub. torch.subtract. */
    subtract(other: Tensor | number, options?: { alpha?: number }): Tensor
    /** this + weight · (end − this). torch.lerp. */
    lerp(end: Tensor, weight: Tensor | number): Tensor
    /** this + value · a · b. torch.addcmul. */
    addcmul(a: Tensor, b: Tensor, options?: { value?: number }): Tensor
    /** this + value · a / b. torch.addcdiv. */
    addcdiv(a: Tensor, b: Tensor, options?: { value?: number }): Tensor
    /** Where both agree within tolerances. torch.isclose. */
    isclose(other: Tensor, options?: compare.CloseOptions): Tensor

    // ---- reductions -------------------------------------------------------------------------------------------------
    /** The larger of the two, elementwise. torch.max. */
    max(other: Tensor): Tensor
    /** The smaller of the two, elementwise. torch.min. */
    min(other: Tensor): Tensor
    /** Smallest and largest element. torch.aminmax. */
    aminmax(options?: statistics.AminmaxOptions): { min: Tensor; max: Tensor }
    /** Sum without NaN. torch.nansum. */
    nansum(dim?: Dims | ReduceOptions, options?: ReduceOptions): Tensor
    /** Mean without NaN. torch.nanmean. */
    nanmean(dim?: Dims | ReduceOptions, options?: ReduceOptions): Tensor
    /** p-norm of the difference. torch.dist. */
    dist(other: Tensor, p?: number): Tensor
    /** Slices scaled down to a p-norm. torch.renorm. */
    renorm(p: number, dim: number, maxnorm: number): Tensor<S>
    /** Covariances of the rows. torch.cov. */
    cov(options?: statistics.CovOptions): Tensor
    /** Correlations of the rows. torch.corrcoef. */
    corrcoef(): Tensor

    // ---- products ---------------------------------------------------------------------------------------------------
    /** Another name of dot. torch.vdot. */
    vdot(other: Tensor): Tensor<[]>
    /** Products summed over the last dimensions. torch.inner. */
    inner(other: Tensor): Tensor
    /** Another name of outer. torch.ger. */
    ger(other: Tensor): Tensor
    /** Matrix by vector. torch.mv. */
    mv(vector: Tensor): Tensor
    /** β·this + α·aᵢbⱼ. torch.addr. */
    addr(a: Tensor, b: Tensor, options?: AddProductOptions): Tensor
    /** β·this + α·Σ of a batch of products. torch.addbmm. */
    addbmm(a: Tensor, b: Tensor, options?: AddProductOptions): Tensor
    /** Sum of the diagonal. torch.trace. */
    trace(): Tensor<[]>
    /** Vector product, by default along the first dimension of size 3. torch.cross. */
    cross(other: Tensor, dim?: number): Tensor
  }
}

/** The method is the function, called on its first argument. */
const direct = {
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
    angle: trig.angle,
    atan2: trig.atan2,
    hypot: trig.hypot,
  },
  ...{
    exp2: logs.exp2,
    log2: logs.log2,
    log10: logs.log10,
    logaddexp: logs.logaddexp,
    logaddexp2: logs.logaddexp2,
    xlogy: logs.xlogy,
    floatPower: logs.floatPower,
    ldexp: logs.ldexp,
    logit: logs.logit,
    frexp: logs.frexp,
  },
  ...{
    frac: division.frac,
    fmod: division.fmod,
    remainder: division.remainder,
    floorDivide: division.floorDivide,
    trueDivide: division.trueDivide,
    round: division.round,
    div: division.div,
    divide: division.div,
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
    signbit: choose.signbit,
    sgn: choose.sgn,
    positive: choose.positive,
    fmax: choose.fmax,
    fmin: choose.fmin,
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
    isinf: compare.isinf,
    isposinf: compare.isposinf,
    isneginf: compare.isneginf,
    isreal: compare.isreal,
    isclose: compare.isclose,
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
  ...{
    max: statistics.max,
    min: statistics.min,
    aminmax: statistics.aminmax,
    nansum: statistics.nansum,
    nanmean: statistics.nanmean,
    cov: statistics.cov,
    corrcoef: statistics.corrcoef,
  },
  ...{ dist: norms.dist, renorm: norms.renorm },
  ...{
    vdot: products.vdot,
    inner: products.inner,
    ger: products.ger,
    mv: products.mv,
    addr: products.addr,
    addbmm: products.addbmm,
    trace: products.trace,
    cross: products.cross,
  },
}

for (const [name, run] of Object.entries(direct)) {
  const call = run as (self: Tensor, ...args: unknown[]) => unknown
  addMethods(Tensor.prototype, {
    [name](this: Tensor, ...args: unknown[]) {
      return call(this, ...args)
    },
  })
}

addMethods(Tensor.prototype, {
  polygamma(this: Tensor, n: number) {
    return special.polygamma(n, this)
  },
  subtract(this: Tensor, other: Tensor | number, options?: { alpha?: number }) {
    return this.sub(other as Tensor, options)
  },
})
