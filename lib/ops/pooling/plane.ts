/** Moving elements by their index in a flattened plane: how pooling with indices goes back, and unpooling forth. */
import { addon } from '../../device/addon.js'
import type { Shape } from '../../tensor/shape.js'
import { emptyTensor, int64Tensor, type Tensor } from '../../tensor/tensor.js'
import { defineOp, everyDType, numeric, type RunOp } from '../define.js'
import type { Spatial } from './geometry.js'

export interface PlaneParams {
  /** How many dimensions at the end make a plane. */
  readonly spatial: Spatial
  /** Sizes of the result. */
  readonly shape: Shape
}

type Indexed = { x: Tensor; indices: Tensor }

const chosen = [3, 1, 1, 5, 0, 2]
const indexTensor = (indices: readonly number[]): Tensor => int64Tensor(indices).view(2, 3)

/** The elements of each plane at the indices. */
export const planeTake: RunOp<Indexed, PlaneParams> = defineOp<Indexed, 'indices', PlaneParams>('planeTake', {
  torch: 'lambda x, i: x.flatten(-2).gather(-1, torch.tensor(i).view(2, 3)).view(2, 3, 1)',
  dtypes: everyDType,
  forward({ x, indices }, { spatial, shape }) {
    const y = emptyTensor(x.dtype, shape)
    addon().planeTake(y.handle, x.contiguous().handle, indices.handle, spatial)
    return y
  },
  saves: ['indices'],
  grad: {
    x: (dy, { indices }, { params, shapes }) => planeAdd({ x: dy, indices }, { ...params, shape: shapes.x }),
  },
  samples: [{ inputs: [{ shape: [2, 2, 3] }], args: [chosen] }],
  call: (x: Tensor, indices: number[]) =>
    planeTake({ x, indices: indexTensor(indices).view(2, 3, 1) }, { spatial: 2, shape: [2, 3, 1] }),
})

function put(name: 'planePut' | 'planeAdd', add: boolean, indices: readonly number[]): RunOp<Indexed, PlaneParams> {
  const run = defineOp<Indexed, 'indices', PlaneParams>(name, {
    torch: `lambda x, i: torch.zeros(2, 6, dtype=x.dtype).scatter${add ? '_add' : ''}(-1, torch.tensor(i).view(2, 3), x.flatten(-2)).view(2, 2, 3)`,
    dtypes: numeric,
    forward({ x, indices }, { spatial, shape }) {
      const y = emptyTensor(x.dtype, shape)
      addon().planePut(y.handle, x.contiguous().handle, indices.handle, spatial, add)
      return y
    },
    saves: ['indices'],
    grad: {
      x: (dy, { indices }, { params, shapes }) => planeTake({ x: dy, indices }, { ...params, shape: shapes.x }),
    },
    samples: [{ inputs: [{ shape: [2, 3, 1] }], args: [indices] }],
    call: (x: Tensor, at: number[]) =>
      run({ x, indices: indexTensor(at).view(2, 3, 1) }, { spatial: 2, shape: [2, 2, 3] }),
  })
  return run
}

/** Zeros, and the elements of each plane at the indices; of several with one index the last. */
export const planePut = put('planePut', false, [3, 1, 0, 5, 0, 2])

/** Zeros, and the elements of each plane added at the indices. */
export const planeAdd = put('planeAdd', true, chosen)
