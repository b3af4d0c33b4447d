/**
 * A sparse matrix applied along one dimension: every new element is a weighted sum of a few old ones. Changing the size of
 * images, borders made of the image itself and windows are all this; its gradient is the transposed matrix.
 */
import { addon, type TypedArray } from '../device/addon.js'
import type { DType } from '../tensor/dtype.js'
import { emptyTensor, type Tensor } from '../tensor/tensor.js'
import { defineOp, everyDType, type RunOp } from './define.js'

/** Entries by row: those of row i are starts[i] up to starts[i + 1]. */
export interface SparseMatrix {
  /** Size of the dimension that it is applied to. */
  readonly width: number
  readonly starts: Int32Array
  readonly columns: Int32Array
  /** null: every entry is 1. */
  readonly weights: Float64Array | null
}

/** One row: columns with their weights. */
export type SparseRow = readonly (readonly [column: number, weight: number])[]

/** The matrix with these rows. */
export function fromRows(width: number, rows: readonly SparseRow[]): SparseMatrix {
  const starts = new Int32Array(rows.length + 1)
  rows.forEach((row, i) => (starts[i + 1] = starts[i] + row.length))
  const entries = rows.flat()
  return {
    width,
    starts,
    columns: Int32Array.from(entries, ([column]) => column),
    weights: entries.every(([, weight]) => weight === 1) ? null : Float64Array.from(entries, ([, weight]) => weight),
  }
}

/** The matrix that takes the listed positions; a negative one gives 0. */
export function fromPositions(width: number, positions: readonly number[]): SparseMatrix {
  const starts = new Int32Array(positions.length + 1)
  positions.forEach((position, i) => (starts[i + 1] = starts[i] + Number(position >= 0)))
  return { width, starts, columns: Int32Array.from(positions.filter((position) => position >= 0)), weights: null }
}

/** Whether the matrix leaves everything as it is. */
export function isIdentity({ width, starts, columns, weights }: SparseMatrix): boolean {
  return (
    starts.length === width + 1 &&
    columns.length === width &&
    columns.every((column, i) => column === i && starts[i] === i) &&
    (weights === null || weights.every((weight) => weight === 1))
  )
}

export function transposed({ width, starts, columns, weights }: SparseMatrix): SparseMatrix {
  const rows = new Int32Array(width + 1)
  for (const column of columns) rows[column + 1]++
  for (let i = 0; i < width; i++) rows[i + 1] += rows[i]
  const next = rows.slice()
  const across = new Int32Array(columns.length)
  const moved = weights && new Float64Array(columns.length)
  for (let i = 0; i + 1 < starts.length; i++)
    for (let k = starts[i]; k < starts[i + 1]; k++) {
      const at = next[columns[k]]++
      across[at] = i
      if (moved && weights) moved[at] = weights[k]
    }
  return { width: starts.length - 1, starts: rows, columns: across, weights: moved }
}

function vector(dtype: DType, values: TypedArray): Tensor {
  const tensor = emptyTensor(dtype, [values.length])
  addon().write(tensor.handle, values)
  return tensor
}

const resampleOp: RunOp<{ x: Tensor }, { dim: number; matrix: SparseMatrix }> = defineOp<
  { x: Tensor },
  never,
  { dim: number; matrix: SparseMatrix }
>('resample', {
  torch:
    'lambda x, dim, rows: torch.tensordot(torch.tensor(rows, dtype=x.dtype), x, dims=([1], [dim])).movedim(0, dim)',
  dtypes: everyDType,
  forward({ x }, { dim, matrix: { starts, columns, weights } }) {
    const y = emptyTensor(x.dtype, x.shape.with(dim, starts.length - 1))
    const own = weights && (x.dtype === 'float64' ? weights : Float32Array.from(weights))
    const tables = [vector('int32', starts), vector('int32', columns), own && vector(x.dtype, own)] as const
    const from = x.isContiguous() ? x : x.detach().clone()
    addon().resample(y.handle, from.handle, dim, tables[0].handle, tables[1].handle, tables[2]?.handle ?? null)
    for (const table of tables) table?.dispose()
    if (from !== x) from.dispose()
    return y
  },
  grad: {
    x: (dy, _, { params: { dim, matrix } }) => resampleOp({ x: dy }, { dim, matrix: transposed(matrix) }),
  },
  samples: [
    {
      inputs: [{ shape: [2, 3] }],
      args: [
        1,
        [
          [0.5, 0.5, 0],
          [0, 0.25, 0.75],
          [1, 0, 2],
          [0, 3, 1],
        ],
      ],
    },
    {
      inputs: [{ shape: [3, 2, 2] }],
      args: [
        0,
        [
          [0, 1, 0],
          [0, 0, 0],
          [1, 1, 1],
        ],
      ],
    },
    {
      inputs: [{ shape: [2, 4, 3] }],
      args: [
        1,
        [
          [1, 2, 3, 4],
          [0, 0, 0, 5],
        ],
      ],
    },
    {
      inputs: [{ shape: [2, 4] }],
      args: [
        1,
        [
          [0, 0, 1, 0],
          [0, 0, 0, 1],
          [0, 0, 1, 0],
        ],
      ],
    },
    {
      inputs: [{ shape: [5] }],
      args: [
        0,
        [
          [1, 2, 3, 4, 0],
          [0, 4, 3, 2, 1],
        ],
      ],
    },
    { inputs: [{ shape: [0, 2] }], args: [1, [[1, 1]]] },
  ],
  call: (x: Tensor, dim: number, rows: readonly (readonly number[])[]) =>
    resample(
      x,
      dim,
      fromRows(
        x.size(dim),
        rows.map((row) => row.flatMap((weight, column) => (weight === 0 ? [] : [[column, weight] as const]))),
      ),
    ),
})

/** x with the dimension `dim` multiplied by the matrix; with weights, x must be floating. */
export function resample(x: Tensor, dim: number, matrix: SparseMatrix): Tensor {
  return resampleOp({ x }, { dim, matrix })
}
