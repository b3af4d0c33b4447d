/** What counts as numbers to draw, and what is refused. */
import assert from 'node:assert/strict'
import { isPair, toMatrix, toNumbers, toScalar, toShaped } from '../../lib/plot/numbers.js'

const tensor = (shape: number[], values: ArrayBufferView) => ({ shape, toArray: () => [], toTypedArray: () => values })

describe('plot numbers', () => {
  it('come from arrays, typed arrays, big integers, booleans and tensors', () => {
    assert.deepEqual([...toNumbers([1, 2], 'x')], [1, 2])
    assert.deepEqual([...toNumbers(new Float32Array([0.5]), 'x')], [0.5])
    assert.deepEqual([...toNumbers(BigInt64Array.of(3n), 'x')], [3])
    assert.deepEqual([...toNumbers([true, false], 'x')], [1, 0])
    assert.deepEqual([...toNumbers(tensor([3, 1], Float32Array.of(1, 2, 3)), 'x')], [1, 2, 3])
    assert.deepEqual([...toNumbers({ shape: [2], toArray: () => [4, 5] }, 'x')], [4, 5])
    assert.deepEqual([...toNumbers([{ item: () => 7 }, { item: () => 8n }], 'x')], [7, 8])
  })

  it('keep their shape', () => {
    assert.deepEqual(toShaped([[[1], [2]]], 'x').shape, [1, 2, 1])
    assert.deepEqual(toMatrix([new Float32Array(3), new Float32Array(3)], 'm').shape, [2, 3])
    assert.equal(toShaped(tensor([2], Uint8Array.of(0, 255)), 'x').integers, true)
    assert.equal(toShaped([0.5, 1], 'x').integers, false)
    assert.deepEqual(toShaped([], 'x').shape, [0])
  })

  it('read one number out of a scalar tensor', () => {
    assert.equal(toScalar({ item: () => 0.25 }, 'loss'), 0.25)
    assert.equal(toScalar(3n, 'loss'), 3)
  })

  it('tell [x, y] from a list of two values', () => {
    const scalar = { shape: [], toArray: () => 1, item: () => 1 }
    assert.equal(isPair([1, 2]), false)
    assert.equal(isPair([scalar, scalar]), false)
    assert.equal(isPair([[1], new Float32Array(1)]), true)
  })

  it('say what was wrong', () => {
    assert.throws(
      () =>
        toNumbers(
          [
            [1, 2],
            [3, 4],
          ],
          'y',
        ),
      /y has shape \[2, 2\]; a list of numbers/,
    )
    assert.throws(() => toShaped([[1, 2], [3]], 'm'), /m\[1\] has shape \[1\] but m\[0\] has \[2\]/)
    assert.throws(() => toNumbers(['a'], 'y'), /y\[0\] is the string "a"; a number was expected/)
    assert.throws(() => toNumbers(null, 'z.grad'), /z\.grad is null .*backward/)
    assert.throws(() => toMatrix([1, 2], 'm'), /m has shape \[2\]; a matrix/)
  })
})
