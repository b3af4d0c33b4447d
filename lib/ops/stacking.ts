/** Further ways to put tensors together and take them apart: by columns, by depth, along the diagonal; grids of choices. */
import { pad } from './pad.js'
import { broadcastShapes as broadcastTwo, ShapeError, show, type Shape } from '../tensor/shape.js'
import { assertTensor, int64Tensor, type Tensor } from '../tensor/tensor.js'
import { tensorSplit } from './arrange.js'
import { composite, everyDType } from './define.js'
import { indexSelect } from './index-ops.js'
import { cat } from './join.js'
import { expand, reshape, transpose, unsqueeze } from './shape.js'
import { readOptions } from '../tensor/options.js'

const row = { shape: [3] }
const matrix = { shape: [2, 3] }
const cube = { shape: [2, 3, 4] }

/** A number as a vector of one, as it is otherwise. torch.atleast_1d. */
const asVector = (x: Tensor): Tensor => (x.ndim === 0 ? reshape(x, [1]) : x)

/** Vectors as rows. */
const asMatrix = (x: Tensor): Tensor => (x.ndim < 2 ? unsqueeze(asVector(x), 0) : x)

/** Matrices as layers. */
const asCube = (x: Tensor): Tensor => (x.ndim < 3 ? unsqueeze(asMatrix(x), -1) : x)

function atLeast(name: 'atleast1d' | 'atleast2d' | 'atleast3d', torch: string, one: (x: Tensor) => Tensor) {
  function call(x: Tensor): Tensor
  function call(...tensors: Tensor[]): Tensor | Tensor[]
  function call(...tensors: Tensor[]): Tensor | Tensor[] {
    tensors.forEach((t, i) => assertTensor(name, `argument ${i}`, t))
    return tensors.length === 1 ? one(tensors[0]) : tensors.map(one)
  }
  return composite(
    name,
    {
      torch,
      dtypes: everyDType,
      samples: [{ inputs: [3] }, { inputs: [row] }, { inputs: [matrix] }, { inputs: [cube] }],
    },
    call,
  )
}

/** With at least one dimension: a number as [1]. Several tensors give an array. torch.atleast_1d. */
export const atleast1d = atLeast('atleast1d', 'torch.atleast_1d', asVector)
/** With at least two dimensions: a number as [1, 1], a vector as a row. Several tensors give an array. torch.atleast_2d. */
export const atleast2d = atLeast('atleast2d', 'torch.atleast_2d', asMatrix)
/** With at least three dimensions: a vector as [1, n, 1], a matrix as [n, m, 1]. Several tensors give an array. torch.atleast_3d. */
export const atleast3d = atLeast('atleast3d', 'torch.atleast_3d', asCube)

const pair = { inputs: [matrix, matrix] }

/** One behind the other: along dimension 2, matrices as layers. torch.dstack. */
export const dstack: (tensors: readonly Tensor[]) => Tensor = composite(
  'dstack',
  {
    torch: 'lambda a, b: torch.dstack((a, b))',
    dtypes: everyDType,
    samples: [pair, { inputs: [row, row] }, { inputs: [cube, { shape: [2, 3, 1] }] }],
    call: (a: Tensor, b: Tensor) => dstack([a, b]),
  },
  (tensors: readonly Tensor[]): Tensor => cat(tensors.map(asCube), 2),
)

/** Side by side, vectors as columns. torch.column_stack. */
export const columnStack: (tensors: readonly Tensor[]) => Tensor = composite(
  'columnStack',
  {
    torch: 'lambda a, b: torch.column_stack((a, b))',
    dtypes: everyDType,
    samples: [{ inputs: [row, { shape: [3, 2] }] }, { inputs: [1, 2] }, pair],
    call: (a: Tensor, b: Tensor) => columnStack([a, b]),
  },
  (tensors: readonly Tensor[]): Tensor =>
    cat(
      tensors.map((t) => (t.ndim < 2 ? reshape(t, [-1, 1]) : t)),
      1,
    ),
)

/** Matrices along the diagonal of a larger one, zeros elsewhere; vectors are rows. torch.block_diag. */
export const blockDiag: (...tensors: Tensor[]) => Tensor = composite(
  'blockDiag',
  {
    torch: 'torch.block_diag',
    dtypes: everyDType,
    samples: [{ inputs: [matrix, row, 4] }, { inputs: [{ shape: [0, 2] }, matrix] }, { inputs: [row] }],
  },
  (...tensors: Tensor[]): Tensor => {
    tensors.forEach((t, i) => {
      assertTensor('blockDiag', `argument ${i}`, t)
      if (t.ndim > 2)
        throw new ShapeError(`blockDiag: needs matrices, vectors or numbers, tensor ${i} has shape ${show(t.shape)}`)
    })
    const blocks = tensors.map(asMatrix)
    const width = blocks.reduce((sum, block) => sum + block.shape[1], 0)
    let left = 0
    const rows = blocks.map((block) => {
      const columns: number = block.shape[1]
      const padded = pad(block, [left, width - left - columns])
      left += columns
      return padded
    })
    return cat(rows)
  },
)

/** Sizes to which all broadcast. torch.broadcast_shapes. */
export function broadcastShapes(...shapes: Shape[]): number[] {
  return [...shapes.reduce((all, shape) => broadcastTwo('broadcastShapes', all, shape), [])]
}

/** All tensors seen with the sizes to which they broadcast. Views. torch.broadcast_tensors. */
export const broadcastTensors: (...tensors: Tensor[]) => Tensor[] = composite(
  'broadcastTensors',
  {
    torch: 'lambda a, b: torch.broadcast_tensors(a, b)[0]',
    dtypes: everyDType,
    samples: [{ inputs: [row, { shape: [2, 1] }] }],
    call: (a: Tensor, b: Tensor) => broadcastTensors(a, b)[0],
  },
  (...tensors: Tensor[]): Tensor[] => {
    const shape = broadcastShapes(...tensors.map((t) => t.shape as Shape))
    return tensors.map((t) => expand(t, shape))
  },
)

function splitAlong(name: 'hsplit' | 'vsplit' | 'dsplit', least: number, dimOf: (x: Tensor) => number) {
  const run: (x: Tensor, sections: number | readonly number[]) => Tensor[] = composite(
    name,
    {
      torch: `lambda x, sections: torch.${name}(x, sections)[1]`,
      dtypes: everyDType,
      samples: [
        { inputs: [{ shape: [4, 4, 4] }], args: [2] },
        { inputs: [{ shape: [3, 4, 5] }], args: [[1, 2]] },
      ],
      call: (x: Tensor, sections: number | readonly number[]) => run(x, sections)[1],
    },
    (x: Tensor, sections: number | readonly number[]): Tensor[] => {
      if (x.ndim < least)
        throw new ShapeError(`${name}: needs at least ${least} dimension${least > 1 ? 's' : ''}, got ${show(x.shape)}`)
      const d = dimOf(x)
      const size: number = x.shape[d]
      if (typeof sections === 'number' && size % sections !== 0)
        throw new ShapeError(
          `${name}: dimension ${d} of ${show(x.shape)} has ${size} positions, which ${sections} does not divide; use tensorSplit()`,
        )
      return tensorSplit(x, sections, d)
    },
  )
  return run
}

/** Equal parts along dimension 1 (0 for vectors), or parts that begin at the listed positions. Views. torch.hsplit. */
export const hsplit = splitAlong('hsplit', 1, (x) => (x.ndim === 1 ? 0 : 1))
/** Equal parts along dimension 0, or parts that begin at the listed positions. Views. torch.vsplit. */
export const vsplit = splitAlong('vsplit', 2, () => 0)
/** Equal parts along dimension 2, or parts that begin at the listed positions. Views. torch.dsplit. */
export const dsplit = splitAlong('dsplit', 3, () => 2)

/** What combinations are made. */
export interface CombinationsOptions {
  /** How many elements each has. Default 2. */
  r?: number
  /** Whether an element may be chosen again. Default false. */
  withReplacement?: boolean
}

/** All choices of `r` elements of a vector, in order, [n, r]. torch.combinations. */
export const combinations = composite(
  'combinations',
  {
    torch: 'torch.combinations',
    dtypes: everyDType,
    samples: [
      { inputs: [{ shape: [4] }] },
      { inputs: [{ shape: [4] }], options: { r: 3 } },
      { inputs: [row], options: { withReplacement: true } },
      { inputs: [row], options: { r: 4 } },
      { inputs: [row], options: { r: 1 } },
    ],
  },
  (x: Tensor, options?: CombinationsOptions): Tensor => {
    const { r, withReplacement } = readOptions('combinations', options, { r: 2, withReplacement: false })
    if (x.ndim !== 1) throw new ShapeError(`combinations: needs a vector, got ${show(x.shape)}`)
    if (!Number.isInteger(r) || r < 0) throw new RangeError(`combinations: r must be a non-negative integer, got ${r}`)
    if (r === 0) return reshape(x.slice(0, 0, 0), [0])
    const n: number = x.shape[0]
    const chosen: number[] = []
    const choose = (taken: number[], from: number): void => {
      if (taken.length === r) chosen.push(...taken)
      else for (let i = from; i < n; i++) choose([...taken, i], withReplacement ? i : i + 1)
    }
    choose([], 0)
    return reshape(indexSelect(x, 0, int64Tensor(chosen)), [chosen.length / r, r])
  },
)

/** The elements in row-major order as a vector: a view where possible. torch.ravel. */
export const ravel = composite(
  'ravel',
  { torch: 'torch.ravel', dtypes: everyDType, samples: [{ inputs: [matrix] }, { inputs: [2] }] },
  (x: Tensor): Tensor => reshape(x, [-1]),
)

/** The last two dimensions exchanged (numbers here are real, so nothing is conjugated). A view. torch.adjoint. */
export const adjoint = composite(
  'adjoint',
  { torch: 'torch.adjoint', dtypes: everyDType, samples: [{ inputs: [cube] }] },
  (x: Tensor): Tensor => {
    if (x.ndim < 2) throw new ShapeError(`adjoint: needs at least two dimensions, got ${show(x.shape)}`)
    return transpose(x, -2, -1)
  },
)
