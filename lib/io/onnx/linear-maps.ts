/** Linear maps along one dimension: what resampling and adaptive pooling are, as Gather where they only pick, else as MatMul. */
import type { Handle } from '../../device/addon.js'
import { dtypeInfo, type DType } from '../../tensor/dtype.js'
import type { OnnxTensor } from './model.js'
import { unsupported, type Recorder } from './recorder.js'

/** Rows by columns, dense. */
interface Matrix {
  rows: number
  columns: number
  data: Float64Array
}

/** The value with the matrix applied along `dim`. */
export function alongDim(r: Recorder, x: string, dims: number, dim: number, matrix: Matrix, dtype: DType): string {
  const { graph } = r
  const values = Float64Array.from(matrix.data)
  const own = dtype === 'float32' ? Float32Array.from(values) : values
  if (dtype !== 'float32' && dtype !== 'float64')
    return unsupported(`a weighted sum of ${dtype} has no counterpart in ONNX`)
  const constant: OnnxTensor = { type: dtype, shape: [matrix.rows, matrix.columns], data: new Uint8Array(own.buffer) }
  const name = graph.constant('matrix', constant)
  if (dim === dims - 2) return graph.node('MatMul', [name, x])
  const turned = graph.node('Transpose', [name], { perm: [1, 0] })
  if (dim === dims - 1) return graph.node('MatMul', [x, turned])
  const perm = Array.from({ length: dims }, (_, d) => (d === dim ? dims - 1 : d === dims - 1 ? dim : d))
  const y = graph.node('MatMul', [graph.node('Transpose', [x], { perm }), turned])
  return graph.node('Transpose', [y], { perm })
}

/** Elements of a constant. */
function elements({ type, data }: OnnxTensor): number[] {
  const copy = data.slice()
  const { array, bytes } = dtypeInfo[type as DType]
  return Array.from(new array(copy.buffer, 0, copy.length / bytes) as ArrayLike<number | bigint>, Number)
}

/** out = Σ weights[k] · a[columns[k]] over starts[i] ≤ k < starts[i + 1], along `dim`. */
export function resample(
  r: Recorder,
  out: Handle,
  a: Handle,
  dim: number,
  starts: Handle,
  columns: Handle,
  weights: Handle | null,
): void {
  const from = elements(r.constant(starts))
  const picked = elements(r.constant(columns))
  const factors = weights ? elements(r.constant(weights)) : picked.map(() => 1)
  const rows = from.length - 1
  const x = r.read(a)
  // One element of its own for each row: nothing is added up.
  if (!weights && picked.length === rows && from.every((start, i) => start === i))
    return r.write(out, r.graph.node('Gather', [x, r.graph.ints(picked, 'positions')], { axis: dim }))
  const width = r.shape(a)[dim]
  const data = new Float64Array(rows * width)
  for (let i = 0; i < rows; i++) for (let k = from[i]; k < from[i + 1]; k++) data[i * width + picked[k]] += factors[k]
  r.write(out, alongDim(r, x, r.shape(a).length, dim, { rows, columns: width, data }, r.dtype(a)))
}

/** Means over the windows of adaptive pooling: from ⌊i·n/m⌋ up to ⌈(i+1)·n/m⌉. */
export function windowMeans(columns: number, rows: number): Matrix {
  const data = new Float64Array(rows * columns)
  for (let i = 0; i < rows; i++) {
    const [start, end] = [Math.floor((i * columns) / rows), Math.ceil(((i + 1) * columns) / rows)]
    data.fill(1 / (end - start), i * columns + start, i * columns + end)
  }
  return { rows, columns, data }
}
