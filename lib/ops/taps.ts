/**
 * Weighted sums of elements at free positions, the same positions for all channels. One form, Σ weights · x[positions] · y, is
 * behind three ops, each of which leaves one factor out; so the gradients of each are the other two.
 */
import { addon } from '../device/addon.js'
import { emptyTensor, int64Tensor, type Tensor } from '../tensor/tensor.js'
import { defineOp, type RunOp } from './define.js'

type Positions = readonly (readonly (readonly number[])[])[]

const listed = (positions: Positions): Tensor =>
  int64Tensor(positions.flat(2)).view([positions.length, positions[0].length, positions[0][0].length])

const whole = (x: Tensor): Tensor => x.detach().contiguous()

/** In Python: the positions as `p` and whether they count as `s`, both [K, N, 1, O]; `k` goes over the first dimension. */
const inPython = (inputs: string, each: string, joined = 'sum'): string =>
  `lambda ${inputs}: (lambda p, s: ${joined}([${each} for k in range(len(p))]))` +
  '(torch.tensor(at).clamp(min=0).unsqueeze(2), (torch.tensor(at) >= 0).unsqueeze(2))'

const positionsSample: Positions = [
  [
    [0, 3, -1],
    [4, 4, 1],
  ],
  [
    [1, 3, 2],
    [-1, 0, 1],
  ],
]

/** y [N, C, O] = Σₖ weights · x[positions] for x [N, C, S], weights and int64 positions [K, N, O]; nothing from positions below 0. */
export const gatherTaps: RunOp<{ x: Tensor; weights: Tensor; positions: Tensor }, undefined> = defineOp<
  { x: Tensor; weights: Tensor; positions: Tensor },
  'x' | 'weights' | 'positions'
>('gatherTaps', {
  torch: inPython('x, w, at', 'w[k].unsqueeze(1) * s[k] * x.gather(2, p[k].expand(-1, x.shape[1], -1))'),
  forward({ x, weights, positions }) {
    const y = emptyTensor(x.dtype, [x.shape[0], x.shape[1], positions.shape[2]])
    addon().taps('gather', whole(x).handle, y.handle, positions.handle, whole(weights).handle)
    return y
  },
  saves: ['x', 'weights', 'positions'],
  grad: {
    x: (dy, { weights, positions }, { shapes }) => scatterTaps({ dy, weights, positions }, { size: shapes.x[2] }),
    weights: (dy, { x, positions }) => dotTaps({ x, dy, positions }, undefined),
  },
  samples: [{ inputs: [{ shape: [2, 3, 5] }, { shape: [2, 2, 3] }], args: [positionsSample] }],
  call: (x: Tensor, weights: Tensor, positions: Positions) =>
    gatherTaps({ x, weights, positions: listed(positions) }, undefined),
})

/** Zeros [N, C, size] with weights · dy [N, C, O] added at the positions. */
export const scatterTaps: RunOp<{ dy: Tensor; weights: Tensor; positions: Tensor }, { size: number }> = defineOp<
  { dy: Tensor; weights: Tensor; positions: Tensor },
  'dy' | 'weights' | 'positions',
  { size: number }
>('scatterTaps', {
  torch: inPython(
    'y, w, at, size',
    'torch.zeros(*y.shape[:2], size, dtype=y.dtype).scatter_add(2, p[k].expand(-1, y.shape[1], -1), w[k].unsqueeze(1) * s[k] * y)',
  ),
  forward({ dy, weights, positions }, { size }) {
    const x = emptyTensor(dy.dtype, [dy.shape[0], dy.shape[1], size])
    addon().taps('scatter', x.handle, whole(dy).handle, positions.handle, whole(weights).handle)
    return x
  },
  saves: ['dy', 'weights', 'positions'],
  grad: {
    dy: (ddx, { weights, positions }) => gatherTaps({ x: ddx, weights, positions }, undefined),
    weights: (ddx, { dy, positions }) => dotTaps({ x: ddx, dy, positions }, undefined),
  },
  samples: [{ inputs: [{ shape: [2, 3, 3] }, { shape: [2, 2, 3] }], args: [positionsSample, 5] }],
  call: (dy: Tensor, weights: Tensor, positions: Positions, size: number) =>
    scatterTaps({ dy, weights, positions: listed(positions) }, { size }),
})

/** [K, N, O]: the sums over the channels of x[positions] · dy. */
export const dotTaps: RunOp<{ x: Tensor; dy: Tensor; positions: Tensor }, undefined> = defineOp<
  { x: Tensor; dy: Tensor; positions: Tensor },
  'x' | 'dy' | 'positions'
>('dotTaps', {
  torch: inPython('x, y, at', '(s[k] * y * x.gather(2, p[k].expand(-1, x.shape[1], -1))).sum(1)', 'torch.stack'),
  forward({ x, dy, positions }) {
    const weights = emptyTensor(x.dtype, positions.shape)
    addon().taps('dot', whole(x).handle, whole(dy).handle, positions.handle, weights.handle)
    return weights
  },
  saves: ['x', 'dy', 'positions'],
  grad: {
    x: (ddw, { dy, positions }, { shapes }) => scatterTaps({ dy, weights: ddw, positions }, { size: shapes.x[2] }),
    dy: (ddw, { x, positions }) => gatherTaps({ x, weights: ddw, positions }, undefined),
  },
  samples: [{ inputs: [{ shape: [2, 3, 5] }, { shape: [2, 3, 3] }], args: [positionsSample] }],
  call: (x: Tensor, dy: Tensor, positions: Positions) => dotTaps({ x, dy, positions: listed(positions) }, undefined),
})
