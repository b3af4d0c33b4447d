/**
 * Parts of a contiguous tensor named by sizes, strides and offset, and their gradients. All views can be written like this,
 * which is what recording a change of a view in place needs: the change concerns a part of the tensor that is viewed.
 */
import { addon } from '../device/addon.js'
import { gradName, edgeOf, Node } from '../autograd/node.js'
import { contiguousStrides, numel, show, type Shape } from '../tensor/shape.js'
import { emptyTensor, filledTensor, installRenewGradFn, viewTensor, type Tensor } from '../tensor/tensor.js'
import { defineOp, everyDType, numeric, type RunOp } from './define.js'
import type { Sample } from './registry.js'

/** Positions inside a contiguous tensor, in elements from its first. */
export interface Geometry {
  readonly shape: Shape
  readonly strides: Shape
  readonly offset: number
}

const part = (whole: Tensor, { shape, strides, offset }: Geometry): Tensor =>
  viewTensor(whole, shape, strides, whole.offset + offset)

/** Whether two positions may be the same element. */
function overlaps({ shape, strides }: Geometry): boolean {
  const steps = strides.map((stride, d) => [stride, shape[d]]).filter(([, size]) => size > 1)
  steps.sort(([a], [b]) => a - b)
  let reach = 0
  for (const [stride, size] of steps) {
    if (stride <= reach) return true
    reach += stride * (size - 1)
  }
  return false
}

const windows: Geometry = { shape: [3, 2], strides: [1, 1], offset: 0 }
const column: Geometry = { shape: [2, 2], strides: [3, 1], offset: 1 }
const listed = ({ shape, strides, offset }: Geometry): readonly unknown[] => [shape, strides, offset]

const asStridedOp: RunOp<{ x: Tensor }, Geometry> = defineOp<{ x: Tensor }, never, Geometry>('asStrided', {
  torch: 'torch.as_strided',
  dtypes: everyDType,
  forward: ({ x }, geometry) => part(x, geometry),
  grad: { x: (dy, _, { params, shapes }) => asStridedBackward(dy, shapes.x, params) },
  samples: [
    { inputs: [{ shape: [4] }], args: listed(windows) },
    { inputs: [{ shape: [2, 3] }], args: listed(column) },
  ],
  call: (x: Tensor, shape: Shape, strides: Shape, offset: number) => asStrided(x, { shape, strides, offset }),
})

/** The part of x, contiguous or made so, that `geometry` names. torch.as_strided. */
export function asStrided(x: Tensor, geometry: Geometry): Tensor {
  return asStridedOp({ x: x.contiguous() }, geometry)
}

const asStridedBackwardOp: RunOp<{ dy: Tensor }, { sizes: Shape; geometry: Geometry }> = defineOp<
  { dy: Tensor },
  never,
  { sizes: Shape; geometry: Geometry }
>('asStridedBackward', {
  torch:
    'lambda dy, sizes, *g: torch.zeros(math.prod(sizes), dtype=dy.dtype).index_add(0, torch.arange(math.prod(sizes)).as_strided(*g).flatten(), dy.flatten()).view(sizes)',
  dtypes: numeric,
  forward({ dy }, { sizes, geometry }) {
    const dx = filledTensor(dy.dtype, sizes, 0)
    if (!overlaps(geometry)) {
      addon().copy(part(dx, geometry).handle, dy.handle)
      return dx
    }
    const count = numel(sizes)
    const positions = emptyTensor('int64', [count])
    addon().arange(positions.handle, 0, 1)
    const index = emptyTensor('int64', geometry.shape)
    addon().copy(index.handle, part(positions, geometry).handle)
    const source = emptyTensor(dy.dtype, geometry.shape)
    addon().copy(source.handle, dy.handle)
    const flat = (x: Tensor): Tensor => viewTensor(x, [x.numel()], [1], 0)
    addon().indexWrite('add', viewTensor(dx, [count], [1], 0).handle, 0, flat(index).handle, flat(source).handle)
    return dx
  },
  grad: { dy: (ddx, _, { params }) => asStrided(ddx, params.geometry) },
  samples: [
    { inputs: [{ shape: [3, 2] }], args: [[4], ...listed(windows)] },
    { inputs: [{ shape: [2, 2] }], args: [[2, 3], ...listed(column)] },
  ],
  call: (dy: Tensor, sizes: Shape, shape: Shape, strides: Shape, offset: number) =>
    asStridedBackward(dy, sizes, { shape, strides, offset }),
})

/** Zeros of the given sizes with dy added at the part that `geometry` names. */
export function asStridedBackward(dy: Tensor, sizes: Shape, geometry: Geometry): Tensor {
  return asStridedBackwardOp({ dy }, { sizes, geometry })
}

const asStridedScatterOp: RunOp<{ x: Tensor; source: Tensor }, Geometry> = defineOp<
  { x: Tensor; source: Tensor },
  never,
  Geometry
>('asStridedScatter', {
  torch: 'lambda x, source, *g: (lambda y: (y.as_strided(*g).copy_(source), y)[1])(x.clone())',
  dtypes: everyDType,
  forward({ x, source }, geometry) {
    const y = emptyTensor(x.dtype, x.shape)
    addon().copy(y.handle, x.handle)
    addon().copy(part(y, geometry).handle, source.handle)
    return y
  },
  grad: {
    x: (dy, _, { params }) => asStridedScatter(dy, filledTensor(dy.dtype, params.shape, 0), params),
    source: (dy, _, { params }) => asStrided(dy, params),
  },
  samples: [{ inputs: [{ shape: [2, 3] }, { shape: [2, 2] }], args: listed(column) }],
  call: (x: Tensor, source: Tensor, shape: Shape, strides: Shape, offset: number) =>
    asStridedScatter(x, source, { shape, strides, offset }),
})

/** A copy of x with `source` at the part that `geometry` names. torch.as_strided_scatter. */
export function asStridedScatter(x: Tensor, source: Tensor, geometry: Geometry): Tensor {
  return asStridedScatterOp({ x, source }, geometry)
}

/** Where a view lies in the tensor that it is a view of. */
export function geometryIn(root: Tensor, view: Tensor): Geometry {
  if (!root.isContiguous())
    throw new Error(
      `changing a view of a tensor of shape ${show(root.shape)} with strides ${show(root.strides)} in place is not recorded in the graph; ` +
        'call .contiguous() on the tensor first',
    )
  return { shape: view.shape, strides: view.strides, offset: view.offset - root.offset }
}

installRenewGradFn((view) => {
  const root = view.viewOf as Tensor
  const edge = edgeOf(root)
  const geometry = edge && geometryIn(root, view)
  view.gradFn =
    geometry &&
    new Node(gradName('asStrided'), [edge], 1, ([dy]) => [dy && asStridedBackward(dy, root.shape, geometry)])
  view.outputIndex = 0
})

interface ViewDefinition<Params> {
  torch: string
  /** Sizes, strides and offset of the result for an input of these sizes and strides. */
  geometry: (shape: Shape, strides: Shape, params: Params) => Geometry
  samples: readonly Sample[]
  call: (...args: never[]) => unknown
}

/** Declares a view that no permutation, slice or expansion can make; elements may appear in it more than once. */
export function stridedView<Params>(name: string, definition: ViewDefinition<Params>): RunOp<{ x: Tensor }, Params> {
  const { torch, geometry, samples, call } = definition
  return defineOp<{ x: Tensor }, never, Params>(name, {
    torch,
    dtypes: everyDType,
    forward: ({ x }, params) => part(x, geometry(x.shape, x.strides, params)),
    grad: {
      x: (dy, _, { params, shapes }) =>
        asStridedBackward(dy, shapes.x, geometry(shapes.x, contiguousStrides(shapes.x), params)),
    },
    samples,
    call,
  })
}
