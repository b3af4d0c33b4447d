/** Softmax and its logarithm along one dimension, safe against overflow. */
import { addon } from '../device/addon.js'
import { wrapDim } from '../tensor/shape.js'
import { emptyLikeTensor, type Tensor } from '../tensor/tensor.js'
import { toFloating } from './convert.js'
import { defineOp, type RunOp } from './define.js'

interface Along {
  dim: number
}

const samples = [
  { inputs: [{ shape: [3, 5], low: -3, high: 3 }], args: [1] },
  { inputs: [{ shape: [2, 3, 4] }], args: [1] },
  { inputs: [[[1e4, 0, -1e4]]], args: [-1] },
  { inputs: [{ shape: [0, 5] }], args: [1] },
]

function softmaxLike(name: 'softmax' | 'logSoftmax', torch: string, log: boolean) {
  const op = defineOp<{ x: Tensor }, 'y', Along>(name, {
    torch,
    forward({ x }, { dim }) {
      const y = emptyLikeTensor(x)
      addon().softmax(y.handle, x.handle, dim, log)
      return y
    },
    saves: ['y'],
    grad: { x: (dy, { y }, { params }) => backward({ dy, y }, params) },
    samples,
    call: (x: Tensor, dim: number) => apply(x, dim),
  })
  // Written with ops, so that second derivatives exist; the kernel serves the common case.
  const backward: RunOp<{ dy: Tensor; y: Tensor }, Along> = defineOp<{ dy: Tensor; y: Tensor }, 'dy' | 'y', Along>(
    `${name}Backward`,
    {
      torch: log
        ? 'lambda dy, y, dim: torch._log_softmax_backward_data(dy, y, dim, dy.dtype)'
        : 'lambda dy, y, dim: torch._softmax_backward_data(dy, y, dim, dy.dtype)',
      forward({ dy, y }, { dim }) {
        const dx = emptyLikeTensor(y)
        addon().softmaxBackward(dx.handle, dy.handle, y.handle, dim, log)
        return dx
      },
      saves: ['dy', 'y'],
      grad: log
        ? {
            dy: (ddx, { y }, { params: { dim } }) => ddx.sub(ddx.mul(y.exp()).sum(dim, { keepdim: true })),
            y: (ddx, { dy, y }, { params: { dim } }) =>
              ddx
                .mul(y.exp())
                .mul(dy.sum(dim, { keepdim: true }))
                .neg(),
          }
        : {
            dy: (ddx, { y }, { params: { dim } }) => y.mul(ddx.sub(ddx.mul(y).sum(dim, { keepdim: true }))),
            y: (ddx, { dy, y }, { params: { dim } }) =>
              ddx
                .mul(dy.sub(dy.mul(y).sum(dim, { keepdim: true })))
                .sub(dy.mul(ddx.mul(y).sum(dim, { keepdim: true }))),
          },
      samples: [
        { inputs: [{ shape: [2, 3] }, { shape: [2, 3], low: log ? -2 : 0.1, high: log ? -0.5 : 0.5 }], args: [1] },
      ],
      call: (dy: Tensor, y: Tensor, dim: number) => backward({ dy, y }, { dim }),
    },
  )
  const apply = (x: Tensor, dim: number): Tensor => op({ x: toFloating(x) }, { dim: wrapDim(name, dim, x.ndim) })
  return apply
}

/** eˣ / Σ eˣ along `dim`: positive numbers that add up to 1. Subtracts the maximum first. Source: seed 3.2; torch.softmax. */
export const softmax = softmaxLike('softmax', 'torch.softmax', false)

/** ln softmax(x) along `dim`, exact where softmax itself would underflow. torch.log_softmax. */
export const logSoftmax = softmaxLike('logSoftmax', 'torch.log_softmax', true)
