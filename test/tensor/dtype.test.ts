/** Element types: PyTorch's table of promotions, conversions, and what is refused. */
import { strict as assert } from 'node:assert'
import { ShapeError, cat, ones, tensor, zeros, type DType, type Tensor } from '../../lib/index.js'
import { resultType, resultTypeWithNumber } from '../../lib/tensor/dtype.js'
import { readGolden } from '../support/golden.js'

interface Golden {
  promotions: {
    pairs: [a: DType, aDims: number, b: DType, bDims: number, result: DType][]
    scalars: [a: DType, aDims: number, number: string, result: DType][]
  }
  operations: Record<string, Record<DType, DType>>
  conversions: { from: DType; to: DType; input: number[]; output: number[] }[]
}

const golden = readGolden<Golden>('dtypes')
const sized = (dtype: DType, dims: number): Tensor => ones(new Array<number>(dims).fill(2), { dtype })
const as = <T>(value: unknown): T => value as T

describe('dtype promotion', () => {
  it("follows PyTorch's table for all pairs, with dimensions and without", () => {
    for (const [a, aDims, b, bDims, result] of golden.promotions.pairs) {
      const what = `${a} ${aDims}-d with ${b} ${bDims}-d`
      assert.equal(resultType(a, aDims, b, bDims), result, what)
      assert.equal(sized(a, aDims).maximum(sized(b, bDims)).dtype, result, `maximum of ${what}`)
    }
  })

  it("follows PyTorch's table for plain numbers", () => {
    for (const [a, aDims, number, result] of golden.promotions.scalars) {
      assert.equal(resultTypeWithNumber(a, Number(number)), result, `${a} with ${number}`)
      assert.equal(sized(a, aDims).mul(Number(number)).dtype, result, `${a} ${aDims}-d times ${number}`)
    }
  })

  it('gives results the dtype that PyTorch gives them', () => {
    const calls: Record<string, (t: Tensor) => Tensor> = {
      add: (t) => t.add(t),
      div: (t) => t.div(t),
      sum: (t) => t.sum(),
      prod: (t) => t.prod(),
      exp: (t) => t.exp(),
      eq: (t) => t.eq(t),
      argmax: (t) => t.argmax(),
      cat: (t) => cat([t, t]),
      any: (t) => t.any(),
      pow: (t) => t.pow(0.5),
    }
    assert.deepEqual(Object.keys(calls), Object.keys(golden.operations))
    for (const [name, table] of Object.entries(golden.operations))
      for (const [dtype, result] of Object.entries(table)) {
        if (name === 'argmax' && dtype === 'bool') continue
        assert.equal(calls[name](ones(2, { dtype: as<DType>(dtype) })).dtype, result, `${name} of ${dtype}`)
      }
  })
})

describe('dtype conversion', () => {
  it('truncates towards zero, and asks only for non-zero in bool', () => {
    for (const { from, to, input, output } of golden.conversions)
      assert.deepEqual(
        Array.from(tensor(input, { dtype: 'float64' }).to(from).to(to).toTypedArray(), Number).map(Math.fround),
        output.map(Math.fround),
        `${from} to ${to}`,
      )
  })

  it('has short names', () => {
    const x = tensor([1.5])
    assert.deepEqual(
      [x.float(), x.double(), x.int(), x.long(), x.bool()].map((t) => t.dtype),
      ['float32', 'float64', 'int32', 'int64', 'bool'],
    )
    assert.equal(x.to('float32'), x)
  })

  it('stores numbers, booleans, bigints and typed arrays as asked for', () => {
    assert.equal(tensor([true, false]).dtype, 'bool')
    assert.equal(tensor([1n, 2n]).dtype, 'int64')
    assert.equal(tensor(new Int32Array([1, 2])).dtype, 'int32')
    assert.deepEqual(tensor([1.9, -1.9], { dtype: 'int64' }).toArray(), [1, -1])
    assert.deepEqual(tensor([1.9, -1.9], { dtype: 'int32' }).toArray(), [1, -1])
    assert.deepEqual(tensor([0, 0.1, -2], { dtype: 'bool' }).toArray(), [false, true, true])
    assert.deepEqual(tensor(new Uint8Array([0, 3]), { dtype: 'float64' }).toArray(), [0, 3])
  })
})

describe('dtype errors', () => {
  it('name the dtype that is not known, and the known ones', () => {
    const unknown = /unknown dtype 'float16'; known are float32, float64, int32, int64, uint8, bool/
    assert.throws(() => zeros(2, { dtype: as<DType>('float16') }), unknown)
    assert.throws(
      () => tensor([1]).to(as<DType>('float16')),
      /to: 'float16' is neither a dtype \(float32, .*\) nor a device \('cpu', 'gpu', 'gpu:1', …\)/,
    )
    assert.throws(() => tensor([1], { dtype: as<DType>('float16') }), unknown)
  })

  it('name the position of what an integer cannot be', () => {
    assert.throws(() => tensor([1, NaN], { dtype: 'int64' }), /tensor: NaN at position 1 has no int64 value/)
    assert.throws(() => tensor([Infinity], { dtype: 'int32' }), /tensor: Infinity at position 0 has no int32 value/)
  })

  it('name the position of ragged and foreign input', () => {
    assert.throws(
      () => tensor([[1, 2], [3]]),
      (error) => error instanceof ShapeError && /position \[1\] has 1 entries, 2 were/.test(error.message),
    )
    assert.throws(() => tensor(as<number[]>([1, 'two'])), /tensor: position \[1\] holds 'two', which is no number/)
    assert.throws(() => tensor(as<number[]>([1, [2]])), /position \[1\] holds a list of 1, a number was expected/)
  })

  it('say which conversion helps', () => {
    assert.throws(
      () => tensor([1], { dtype: 'int64' }).mean(),
      /needs a floating tensor, got int64; convert it with .float/,
    )
    assert.throws(() => ones(2).indexSelect(0, tensor([0])), /index must be int64 or int32, got float32/)
  })
})
