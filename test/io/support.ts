/** The files that make_io.py wrote, and what they hold. */
import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../lib/device/addon.js'
import { nn, Tensor, type DType } from '../../lib/index.js'
import type { GoldenTensor } from '../support/golden.js'

const folder = join(packageRoot(), 'test', 'golden', 'io')

/** Path of a golden file. */
export const golden = (name: string): string => join(folder, name)

export interface Training {
  x: GoldenTensor
  logits: GoldenTensor
  /** A weight after one more step. */
  after: GoldenTensor
}

export interface Expected extends Record<string, unknown> {
  dtypes: Record<string, GoldenTensor>
  views: Record<string, GoldenTensor>
  names: Record<string, GoldenTensor>
  arrays: Record<string, GoldenTensor>
}

export const expected = JSON.parse(readFileSync(golden('expected.json'), 'utf8')) as Expected

/** In which dtype elements arrive that we do not compute with. */
const converted: Record<string, DType> = {
  float16: 'float32',
  bfloat16: 'float32',
  int8: 'int32',
  int16: 'int32',
  uint16: 'int32',
  uint32: 'int64',
}

/** Asserts that a tensor has exactly the golden sizes, values and dtype. */
export function assertSame(actual: unknown, { shape, dtype, data }: GoldenTensor, what = 'tensor'): void {
  assert.ok(actual instanceof Tensor, `${what} is no tensor`)
  assert.deepEqual([...actual.shape], shape, `${what}: shape`)
  assert.equal(actual.dtype, converted[dtype] ?? dtype, `${what}: dtype`)
  assert.deepEqual(Array.from(actual.toTypedArray(), Number), data.map(Number), what)
}

/** Asserts equal names and equal tensors. */
export function assertSameState(actual: ReadonlyMap<string, Tensor>, wanted: ReadonlyMap<string, Tensor>): void {
  assert.deepEqual([...actual.keys()].sort(), [...wanted.keys()].sort())
  for (const [name, tensor] of wanted) {
    const got = actual.get(name) as Tensor
    assert.deepEqual(got.toArray(), tensor.toArray(), name)
    assert.equal(got.dtype, tensor.dtype, name)
  }
}

/** Whether two tensors see the same memory. */
export function shareMemory(a: Tensor, b: Tensor): boolean {
  const before = b.toTypedArray()
  a.detach().add_(1)
  const changed = b.toTypedArray().some((value, i) => value !== before[i])
  a.detach().sub_(1)
  return changed
}

/** The network of section 6 in small, as make_io.py has it. */
export class Small extends nn.Module {
  conv1 = new nn.Sequential(new nn.Conv2d(1, 2, 3, { padding: 1 }), new nn.ReLU(), new nn.MaxPool2d(2))
  conv2 = new nn.Sequential(new nn.Conv2d(2, 3, 3, { padding: 1 }), new nn.ReLU(), new nn.MaxPool2d(2))
  out: nn.Linear = new nn.Linear(12, 4)
  forward(x: Tensor): Tensor {
    const y = this.conv2.forward(this.conv1.forward(x))
    return this.out.forward(y.view(y.size(0), -1))
  }
}

/** Modules whose state dicts have names of several parts, as make_io.py has them. */
export class Net extends nn.Module {
  convBlock = new nn.Sequential(new nn.Conv2d(1, 2, 3), new nn.BatchNorm2d(2), new nn.ReLU())
  rnn = new nn.LSTM(3, 4, { numLayers: 2, bidirectional: true })
  attn = new nn.MultiheadAttention(4, 2)
  outProj2 = new nn.Linear(4, 2)
  forward(): never {
    throw new Error('only its names are used')
  }
}
