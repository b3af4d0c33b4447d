/** Softmax and its logarithm along one dimension, safe against overflow. */
import { addon } from '../device/addon.js'
import type { DType } from '../tensor/dtype.js'
import { wrapDim } from '../tensor/shape.js'
import { emptyLikeTensor, type Tensor } from '../tensor/tensor.js'
import { readCall, type Defaults } from '../tensor/options.js'
import { isFloating } from '../tensor/dtype.js'
import { defineOp, type RunOp } from './define.js'

/** What softmax and logSoftmax accept last. */
export interface SoftmaxOptions {
  /** The dimension along which the probabilities add up to 1, unless it was given before. */
  dim?: number
  /** Convert to this dtype first. Default: the tensor's own if floating, else float32. */
  dtype?: DType
}

interface Along {
  dim: number
}

const samples = [
  { inputs: [{ shape: [3, 5], low: -3, high: 3 }], args: [1] },
  { inputs: [{ shape: [2, 3, 4] }], args: [1] },
  { inputs: [{ shape: [2, 3, 4] }], options: { dim: 0 } },
  { inputs: [[[1e4, 0, -1e4]]], args: [-1] },
  { inputs: [{ shape: [0, 5] }], args: [1] },
]

const softmaxDefaults: Defaults<SoftmaxOptions> = { dim: undefined, dtype: undefined }

function softmaxLike(name: 'softmax' | 'logSoftmax', torch: string, log: boolean) {
  const op = defineOp<{ x: Tensor }, 'y', Along>(name, {
    torch,
    forward({ x }, { dim }) {
      const y = emptyLikeTensor(x)
      addon().softmax(y.handle, x.handle, dim, log)
      return y
    },
    saves: ['y'],
    grad: { x: (dy, { y }, { params }) => backward({ dy, s: y }, params) },
    samples,
    call: (x: Tensor, dim: number | SoftmaxOptions, options?: SoftmaxOptions) => apply(x, dim, options),
  })
  // Written with ops, so that second derivatives exist; the kernel serves the common case.
  const backward: RunOp<{ dy: Tensor; s: Tensor }, Along> = defineOp<{ dy: Tensor; s: Tensor }, 'dy' | 's', Along>(
    `${name}Backward`,
    {
      torch: log
        ? 'lambda dy, y, dim: torch._log_softmax_backward_data(dy, y, dim, dy.dtype)'
        : 'lambda dy, y, dim: torch._softmax_backward_data(dy, y, dim, dy.dtype)',
      forward({ dy, s }, { dim }) {
        const dx = emptyLikeTensor(s)
        addon().softmaxBackward(dx.handle, dy.handle, s.handle, dim, log)
        return dx
      },
      saves: ['dy', 's'],
      grad: log
        ? {
            dy: (ddx, { s }, { params: { dim } }) => ddx.sub(ddx.mul(s.exp()).sum(dim, { keepdim: true })),
            s: (ddx, { dy, s }, { params: { dim } }) =>
              ddx
                .mul(s.exp())
                .mul(dy.sum(dim, { keepdim: true }))
                .neg(),
          }
        : {
            dy: (ddx, { s }, { params: { dim } }) => s.mul(ddx.sub(ddx.mul(s).sum(dim, { keepdim: true }))),
            s: (ddx, { dy, s }, { params: { dim } }) =>
              ddx
                .mul(dy.sub(dy.mul(s).sum(dim, { keepdim: true })))
                .sub(dy.mul(ddx.mul(s).sum(dim, { keepdim: true }))),
          },
      samples: [
        { inputs: [{ shape: [2, 3] }, { shape: [2, 3], low: log ? -2 : 0.1, high: log ? -0.5 : 0.5 }], args: [1] },
      ],
      call: (dy: Tensor, s: Tensor, dim: number) => backward({ dy, s }, { dim }),
    },
  )
  const apply = (x: Tensor, dim: number | SoftmaxOptions, options?: SoftmaxOptions): Tensor => {
    const { dim: along, dtype } = readCall<SoftmaxOptions, Defaults<SoftmaxOptions>>(
      name,
      ['dim'],
      [dim, options],
      softmaxDefaults,
    )
    if (typeof along !== 'number') throw new TypeError(`${name}: which dimension? Give dim, as in ${name}(x, 1)`)
    const converted = dtype ? x.to(dtype) : x
    if (!isFloating(converted.dtype))
      throw new TypeError(`${name}: needs a floating tensor, got ${x.dtype}; convert it with { dtype: 'float32' }`)
    return op({ x: converted }, { dim: wrapDim(name, along, x.ndim) })
  }
  return apply
}

/** eˣ / Σ eˣ along `dim`: positive numbers that add up to 1. Subtracts the maximum first. Source: 《深度学习基础》 3.2; torch.softmax. */
export const softmax = softmaxLike('softmax', 'torch.softmax', false)

/** ln softmax(x) along `dim`, exact where softmax itself would underflow. torch.log_softmax. */
export const logSoftmax = softmaxLike('logSoftmax', 'torch.log_softmax', true)
