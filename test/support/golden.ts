/** Reading golden values, and comparing tensors with them. */
import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../lib/device/addon.js'
import { Tensor, tensor, type DType } from '../../lib/index.js'

export interface GoldenTensor {
  shape: number[]
  dtype: DType
  data: (number | 'NaN' | 'Infinity' | '-Infinity')[]
}

/** A file of test/golden/, made by make.py. */
export function readGolden<T>(name: string): T {
  return JSON.parse(readFileSync(join(packageRoot(), 'test', 'golden', `${name}.json`), 'utf8')) as T
}

/** A golden tensor as one of ours, in its own dtype or another. */
export function fromGolden(golden: GoldenTensor, dtype: DType = golden.dtype): Tensor {
  return tensor(golden.data.map(Number), { dtype }).view(golden.shape)
}

export interface Tolerance {
  /** Relative to the largest magnitude of the expected values. */
  relative: number
}

/** Asserts equal shape and close values; the message names the first position that differs. */
export function expectClose(actual: Tensor, expected: GoldenTensor, { relative }: Tolerance, what = 'value'): void {
  assert.deepEqual([...actual.shape], expected.shape, `${what}: shape`)
  const got = Array.from(actual.toTypedArray(), Number)
  const want = expected.data.map(Number)
  const scale = Math.max(1e-30, ...want.filter(Number.isFinite).map(Math.abs))
  want.forEach((w, i) => {
    const same = Object.is(got[i], w) || got[i] === w || Math.abs(got[i] - w) <= relative * Math.max(scale, Math.abs(w))
    assert.ok(same, `${what}: element ${i} is ${got[i]}, expected ${w} (shape ${expected.shape.join(' × ')})`)
  })
}
