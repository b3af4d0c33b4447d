/** Special functions that are computed number by number (special-series.ts): of gamma, zeta and Bessel. */
import { isGradEnabled } from '../autograd/mode.js'
import { addon } from '../device/addon.js'
import { checkInterrupt } from '../device/interrupt.js'
import { dtypeInfo, isFloating, promoteTypes, type DType } from '../tensor/dtype.js'
import { broadcastShapes } from '../tensor/shape.js'
import { emptyTensor, filledTensor, Tensor } from '../tensor/tensor.js'
import { tensor } from './creation.js'
import { assertOnCpu } from './cpu-only.js'
import { defineOp, type RunOp } from './define.js'
import { where } from './index-ops.js'
import type { Sample } from './registry.js'
import { expand } from './shape.js'
import { bessel, hurwitzZeta, lowerGamma, upperGamma } from './special-series.js'

type Operand = Tensor | number

/** f of every element, in float64 between reading and writing. */
function mapped(
  name: string,
  shape: readonly number[],
  dtype: DType,
  inputs: readonly Tensor[],
  f: (...x: number[]) => number,
): Tensor {
  for (const x of inputs) assertOnCpu(name, x)
  const y = emptyTensor(dtype, shape)
  const columns = inputs.map((x) => expand(x.detach(), shape).toTypedArray() as Float64Array)
  const values = new dtypeInfo[dtype].array(y.numel()) as Float64Array
  for (let i = 0; i < values.length; i++) {
    if (i % 4096 === 0) checkInterrupt()
    values[i] = columns.length === 1 ? f(columns[0][i]) : f(columns[0][i], columns[1][i])
  }
  if (values.length > 0) addon().write(y.handle, values)
  return y
}

/** Both operands as tensors of one floating dtype. */
function operands(a: Operand, b: Operand): [Tensor, Tensor] {
  const tensors = [a, b].filter((x) => x instanceof Tensor)
  const common = tensors.map((x): DType => x.dtype).reduce((s, t) => promoteTypes(s, t), tensors[0]?.dtype ?? 'float32')
  const dtype = isFloating(common) ? common : 'float32'
  const tensorOf = (x: Operand): Tensor => (x instanceof Tensor ? x.to(dtype) : filledTensor(dtype, [], x))
  return [tensorOf(a), tensorOf(b)]
}

/** A function of two operands of which only the second has a derivative that is known. */
function ofTwo(
  name: string,
  torch: string,
  f: (a: number, x: number) => number,
  slope: (a: Tensor, x: Tensor) => Tensor,
  samples: readonly Sample[],
): (a: Operand, x: Operand) => Tensor {
  const run: RunOp<{ a: Tensor; x: Tensor }, undefined> = defineOp<{ a: Tensor; x: Tensor }, 'a' | 'x'>(name, {
    torch: `lambda x, a: ${torch}(torch.tensor(a, dtype=x.dtype), x)`,
    forward: ({ a, x }) => mapped(name, broadcastShapes(name, a.shape, x.shape), x.dtype, [a, x], f),
    saves: ['a', 'x'],
    grad: { x: (dy, { a, x }, { shapes }) => dy.mul(slope(a, x)).sumTo(shapes.x) },
    samples,
    call: (x: Tensor, a: number | number[]) => call(tensor(a, { dtype: x.dtype }), x),
  })
  const call = (first: Operand, second: Operand): Tensor => {
    const [a, x] = operands(first, second)
    if (a.requiresGrad && isGradEnabled())
      throw new Error(
        `${name}: the derivative by the first argument is not known; detach it, or wrap the call in noGrad()`,
      )
    return run({ a, x }, undefined)
  }
  return call
}

/** What samples are made of; the first operand has no gradient, so it is given as numbers. */
const positive = (...shape: number[]) => ({ shape, low: 0.2, high: 6 })
const gammaSamples = [
  { inputs: [positive(3, 4)], args: [[0.5, 1, 2.5, 4]] },
  { inputs: [positive(3, 1)], args: [[0.2, 3]] },
  { inputs: [[210, 3]], args: [[200, 0.01]], skipGradcheck: 'of very different sizes' },
  { inputs: [[1, 0, 2]], args: [[0, 1, -1]], skipGradcheck: 'at the ends of the domain' },
]

/** xᵃ⁻¹ e⁻ˣ / Γ(a). */
const gammaDensity = (a: Tensor, x: Tensor): Tensor => {
  // The logarithms nearly cancel: float32 would leave a few digits.
  const [order, at] = [a.to('float64'), x.to('float64')]
  return order.sub(1).mul(at.log()).sub(at).sub(order.lgamma()).exp().to(x.dtype)
}

/**
 * The lower incomplete gamma function of order a ≥ 0 at x ≥ 0, divided by Γ(a); NaN elsewhere. Both broadcast. Its gradient
 * by x only, as in PyTorch. torch.special.gammainc.
 * @throws when a requires a gradient.
 */
export const gammainc = ofTwo('gammainc', 'torch.special.gammainc', lowerGamma, gammaDensity, gammaSamples)

/** The upper incomplete gamma function divided by Γ(a): 1 − gammainc, exact where that is tiny. torch.special.gammaincc. */
export const gammaincc = ofTwo(
  'gammaincc',
  'torch.special.gammaincc',
  upperGamma,
  (a, x) => gammaDensity(a, x).neg(),
  gammaSamples,
)

/**
 * Hurwitz's zeta function Σ (q + k)⁻ˢ over k ≥ 0. Both broadcast. Its gradient by q only, as in PyTorch. torch.special.zeta.
 * @throws when s requires a gradient.
 */
export const zeta: (s: Operand, q: Operand) => Tensor = ofTwo(
  'zeta',
  'torch.special.zeta',
  hurwitzZeta,
  (s, q) => zeta(s.add(1), q).mul(s).neg(),
  [
    { inputs: [positive(3, 4)], args: [[1.5, 2, 3.7, 6]] },
    { inputs: [positive(3, 1)], args: [[2, 4]] },
    { inputs: [[1, 2, 1, -1]], args: [[2, 1, 0.5, 3]], skipGradcheck: 'poles' },
  ],
)

const besselSamples = [
  { inputs: [{ shape: [3, 4], low: -8, high: 8 }] },
  { inputs: [[0, 1e-3, 29, -31, 200]] },
  { inputs: [{ shape: [0, 2] }] },
]

const besselJ0Op: RunOp<{ x: Tensor }, undefined> = defineOp<{ x: Tensor }, 'x'>('besselJ0', {
  torch: 'torch.special.bessel_j0',
  forward: ({ x }) => mapped('besselJ0', x.shape, x.dtype, [x], (z) => bessel(0, z)),
  saves: ['x'],
  grad: { x: (dy, { x }) => dy.mul(besselJ1(x)).neg() },
  samples: besselSamples,
  call: (x: Tensor) => besselJ0(x),
})

const besselJ1Op: RunOp<{ x: Tensor }, undefined> = defineOp<{ x: Tensor }, 'x'>('besselJ1', {
  torch: 'torch.special.bessel_j1',
  forward: ({ x }) => mapped('besselJ1', x.shape, x.dtype, [x], (z) => bessel(1, z)),
  saves: ['x'],
  grad: {
    x(dy, { x }) {
      const zero = x.eq(0)
      const ratio = where(zero, 0.5, besselJ1(x).div(where(zero, 1, x)))
      return dy.mul(besselJ0(x).sub(ratio))
    },
  },
  samples: besselSamples,
  call: (x: Tensor) => besselJ1(x),
})

const floating = (x: Tensor): Tensor => (isFloating(x.dtype) ? x : x.to('float32'))

/** Bessel's function of the first kind, order 0. PyTorch has no gradient for it; here it is −besselJ1. torch.special.bessel_j0. */
export function besselJ0(x: Tensor): Tensor {
  return besselJ0Op({ x: floating(x) }, undefined)
}

/** Bessel's function of the first kind, order 1. PyTorch has no gradient for it; here there is one. torch.special.bessel_j1. */
export function besselJ1(x: Tensor): Tensor {
  return besselJ1Op({ x: floating(x) }, undefined)
}
