/** Special functions (torch.special): of the error function, of gamma, of Bessel, of the normal distribution. */
import type { Tensor } from '../tensor/tensor.js'
import { composite } from './define.js'
import { unary, type Unary } from './elementwise.js'
import { where } from './index-ops.js'

const none = { inputs: [{ shape: [0, 3] }] }
const around = { inputs: [{ shape: [3, 4], low: -2, high: 2 }] }
const wide = { inputs: [{ shape: [3, 4], low: -12, high: 12 }] }
const positive = { inputs: [{ shape: [3, 4], low: 0.1, high: 4 }] }
const inside = { inputs: [{ shape: [3, 4], low: -0.99, high: 0.99 }] }
const ends = 'infinite at the ends'

/** 1 − erf(x), exact where that is tiny. torch.erfc. */
export const erfc = unary('erfc', {
  torch: 'torch.erfc',
  expression: 'erfc(x)',
  saves: ['x'],
  grad: (dy, { x }) => dy.mul(x.square().neg().exp()).mul(-2 / Math.sqrt(Math.PI)),
  samples: [around, { inputs: [[5, 0, -5]] }],
})

/** e^(x²) · erfc(x), which neither over- nor underflows for positive x. torch.special.erfcx. */
export const erfcx = unary('erfcx', {
  torch: 'torch.special.erfcx',
  expression: 'erfcx(x)',
  saves: ['x', 'y'],
  grad: (dy, { x, y }) =>
    dy.mul(
      x
        .mul(y)
        .mul(2)
        .sub(2 / Math.sqrt(Math.PI)),
    ),
  samples: [around, { inputs: [[30, -2, 8]] }],
})

/** The inverse of erf on (−1, 1). torch.erfinv. */
export const erfinv = unary('erfinv', {
  torch: 'torch.erfinv',
  expression: 'erfinv(x)',
  saves: ['y'],
  grad: (dy, { y }) => dy.mul(y.square().exp()).mul(Math.sqrt(Math.PI) / 2),
  samples: [inside, { inputs: [[-1, 0, 1, 2]], skipGradcheck: ends }, { inputs: [[0.99, -0.75, 1e-9]] }],
})

/** The n-th derivative of digamma. torch.polygamma. */
export function polygamma(n: number, x: Tensor): Tensor {
  if (!Number.isInteger(n) || n < 0)
    throw new RangeError(`polygamma: the order must be a whole number of at least 0, got ${n}`)
  return polygammaOp.run(x, n)
}

const polygammaOp = unary('polygamma', {
  torch: 'lambda x, n: torch.polygamma(n, x)',
  expression: 'polygamma(p0, x)',
  saves: ['x'],
  grad: (dy, { x }, [n = 0]) => dy.mul(polygamma(n + 1, x)),
  samples: [
    { ...positive, args: [1] },
    { ...positive, args: [3] },
    { inputs: [[-0.7, -1.5, 0.3]], args: [1] },
    { inputs: [[20, 3, 1]], args: [2] },
  ],
  call: (x: Tensor, n: number) => polygamma(n, x),
})

/** d/dx ln Γ(x). torch.digamma. */
export const digamma = unary('digamma', {
  torch: 'torch.digamma',
  expression: 'digamma(x)',
  saves: ['x'],
  grad: (dy, { x }) => dy.mul(polygamma(1, x)),
  samples: [
    { inputs: [{ shape: [3, 4], low: 6, high: 10 }] },
    { inputs: [[-0.7, -3.3, 100]] },
    { inputs: [[0, 8]], skipGradcheck: 'a pole' },
  ],
})

/** ln |Γ(x)|. torch.lgamma. */
export const lgamma = unary('lgamma', {
  torch: 'torch.lgamma',
  expression: 'lgamma(x)',
  saves: ['x'],
  grad: (dy, { x }) => dy.mul(digamma(x)),
  samples: [positive, { inputs: [[-0.7, -3.3, 30]] }, none],
})

/** ln of the multivariate gamma function of dimension p; every x must exceed (p − 1)/2. torch.mvlgamma. */
export const mvlgamma = composite(
  'mvlgamma',
  { torch: 'torch.mvlgamma', samples: [{ inputs: [{ shape: [2, 3], low: 2, high: 5 }], args: [3] }] },
  (x: Tensor, p: number): Tensor => {
    if (!Number.isInteger(p) || p < 1)
      throw new RangeError(`mvlgamma: p must be a whole number of at least 1, got ${p}`)
    const terms = Array.from({ length: p }, (_, j) => lgamma(x.sub(j / 2)))
    return terms.reduce((a, b) => a.add(b)).add(((p * (p - 1)) / 4) * Math.log(Math.PI))
  },
)

/** Modified Bessel function of order 0. torch.i0. */
export const i0: Unary = unary('i0', {
  torch: 'torch.i0',
  expression: 'i0(x)',
  saves: ['x'],
  grad: (dy, { x }) => dy.mul(i1(x)),
  samples: [around, { inputs: [[0, 10, -20, 30]], skipGradcheck: 'e^30 hides the other differences' }],
})

/** e^−|x| · i0(x). torch.special.i0e. */
export const i0e: Unary = unary('i0e', {
  torch: 'torch.special.i0e',
  expression: 'i0e(x)',
  saves: ['x', 'y'],
  grad: (dy, { x, y }) => dy.mul(i1e(x).sub(x.sign().mul(y))),
  samples: [around, { inputs: [[1, 10, -20, 100]] }],
})

/** f(x)/x, or its limit ½ at 0. */
const overX = (y: Tensor, x: Tensor): Tensor => {
  const zero = x.eq(0)
  return where(zero, 0.5, y.div(where(zero, 1, x)))
}

/** Modified Bessel function of order 1. torch.special.i1. */
export const i1: Unary = unary('i1', {
  torch: 'torch.special.i1',
  expression: 'i1(x)',
  saves: ['x', 'y'],
  grad: (dy, { x, y }) => dy.mul(i0(x).sub(overX(y, x))),
  samples: [
    around,
    { inputs: [[0, 1, -3]] },
    { inputs: [[10, -20, 30]], skipGradcheck: 'e^30 hides the other differences' },
  ],
})

/** e^−|x| · i1(x). torch.special.i1e. */
export const i1e: Unary = unary('i1e', {
  torch: 'torch.special.i1e',
  expression: 'i1e(x)',
  saves: ['x', 'y'],
  grad: (dy, { x, y }) => dy.mul(i0e(x).sub(x.sign().mul(y)).sub(overX(y, x))),
  samples: [around, { inputs: [[0, 1, 10, -20, 100]] }],
})

const entropy = unary('entr', {
  torch: 'torch.special.entr',
  expression: 'x > 0 ? -x * log(x) : (x < 0 ? p0 : x)',
  saves: ['x'],
  grad: (dy, { x }) => dy.mul(x.log().add(1)).neg(),
  samples: [positive, { inputs: [[0, -1, NaN]], skipGradcheck: ends }],
  call: (x: Tensor) => entr(x),
})

/** −x ln x, 0 at 0 and −∞ below. torch.special.entr. */
export function entr(x: Tensor): Tensor {
  return entropy.run(x, -Infinity)
}

/** Distribution function of the standard normal distribution. torch.special.ndtr. */
export const ndtr = composite('ndtr', { torch: 'torch.special.ndtr', samples: [around, none] }, (x: Tensor): Tensor =>
  erfc(x.mul(-Math.SQRT1_2)).mul(0.5),
)

/** The quantile for a probability: the inverse of ndtr. torch.special.ndtri. */
export const ndtri = unary('ndtri', {
  torch: 'torch.special.ndtri',
  expression: 'ndtri(x)',
  saves: ['y'],
  grad: (dy, { y }) => dy.mul(y.square().div(2).exp()).mul(Math.sqrt(2 * Math.PI)),
  samples: [
    { inputs: [{ shape: [3, 4], low: 0.05, high: 0.95 }] },
    { inputs: [[0, 1, -1, 1e-20, 1e-4]], skipGradcheck: ends },
  ],
})

/** ln of ndtr, also where that is tiny. torch.special.log_ndtr. */
export const logNdtr = unary('logNdtr', {
  torch: 'torch.special.log_ndtr',
  expression: 'logndtr(x)',
  saves: ['x'],
  grad: (dy, { x }) => dy.div(erfcx(x.mul(-Math.SQRT1_2))).mul(Math.sqrt(2 / Math.PI)),
  samples: [around, wide, { inputs: [[-100, -40, 5]] }],
})
