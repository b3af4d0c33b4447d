/** Handles and storage: views keep memory alive, release frees it at once. */
import assert from 'node:assert/strict'
import { addon } from '../../lib/device/addon.js'
import { empty, make, values } from './support.js'

describe('native memory', () => {
  it('frees a storage with its last descriptor', () => {
    const before = addon().memory()
    const a = empty([1000])
    const view = addon().view(a, [10], [2], 5)
    const second = addon().retain(a)
    assert.equal(addon().memory().tensors, before.tensors + 3)
    const held = addon().memory().allocated
    assert.ok(held >= before.allocated + 4000)
    addon().release(a)
    addon().release(second)
    assert.equal(addon().memory().allocated, held)
    addon().fill(view, 3)
    assert.deepEqual(values(view, 10), new Array(10).fill(3))
    addon().release(view)
    assert.equal(addon().memory().allocated, before.allocated)
    assert.equal(addon().memory().tensors, before.tensors)
  })

  it('refuses a released handle and allows releasing it again', () => {
    const a = empty([2])
    assert.equal(addon().isReleased(a), false)
    addon().release(a)
    addon().release(a)
    assert.equal(addon().isReleased(a), true)
    assert.throws(() => addon().fill(a, 1), /disposed/)
    assert.throws(() => addon().retain(a), /disposed/)
  })

  it('reuses what was released', () => {
    const size = [300000]
    addon().release(empty(size))
    const reserved = addon().memory().reserved
    for (let i = 0; i < 100; i++) addon().release(empty(size))
    assert.equal(addon().memory().reserved, reserved)
    addon().emptyCache()
    assert.ok(addon().memory().reserved < reserved)
  })

  it('shares memory through buffer, also after release', () => {
    const a = make([2, 2], [1, 2, 3, 4])
    const array = new Float32Array(addon().buffer(a))
    array[3] = 9
    assert.deepEqual(values(a, 4), [1, 2, 3, 9])
    addon().release(a)
    assert.deepEqual(Array.from(array), [1, 2, 3, 9])
    const row = addon().view(make([2, 3], [1, 2, 3, 4, 5, 6]), [3], [1], 3)
    assert.deepEqual(Array.from(new Float32Array(addon().buffer(row))), [4, 5, 6])
    assert.equal(addon().buffer(empty([0])).byteLength, 0)
    assert.throws(() => addon().buffer(addon().view(make([2, 2], [1, 2, 3, 4]), [2, 2], [1, 2], 0)), /not contiguous/)
  })

  it('checks the bounds of views', () => {
    const a = empty([2, 3])
    assert.throws(() => addon().view(a, [7], [1], 0), RangeError)
    assert.throws(() => addon().view(a, [3], [3], 0), RangeError)
    assert.throws(() => addon().view(a, [2], [1], -1), RangeError)
    assert.throws(() => addon().view(a, [2], [-1], 0), RangeError)
    assert.throws(() => addon().view(a, [2 ** 40, 2 ** 40], [2 ** 40, 2 ** 40], 0), RangeError)
    assert.throws(() => addon().view(a, [2], [1, 1], 0), RangeError)
    assert.throws(() => addon().view(a, new Array<number>(20).fill(1), new Array<number>(20).fill(1), 0), /at most/)
    const backwards = addon().view(make([3], [1, 2, 3]), [3], [-1], 2)
    assert.deepEqual(values(backwards, 3), [3, 2, 1])
    assert.deepEqual(values(addon().view(a, [0, 5], [1, 1], 6), 0), [])
  })

  it('names wrong arguments', () => {
    const bad = (value: unknown) => value as never
    assert.throws(() => addon().fill(bad(3), 1), {
      name: 'TypeError',
      message: /argument 1: expected a tensor handle, found a number/,
    })
    assert.throws(() => addon().fill(bad({}), 1), TypeError)
    assert.throws(() => addon().fill(bad(addon().generator(1n)), 1), TypeError)
    assert.throws(() => addon().fill(empty([1]), bad('x')), TypeError)
    assert.throws(() => addon().empty(17, [1]), RangeError)
    assert.throws(() => addon().empty(0, [1.5]), TypeError)
    assert.throws(() => addon().empty(0, [-1]), RangeError)
    assert.throws(() => addon().empty(0, [2 ** 40, 2 ** 40]), RangeError)
    assert.throws(() => addon().write(empty([2]), new Float64Array(2)), TypeError)
    assert.throws(() => addon().write(empty([2]), new Float32Array(3)), RangeError)
    assert.throws(() => addon().empty(bad(undefined), bad(undefined)), TypeError)
    assert.throws(() => addon().item(empty([2])), /one element/)
  })

  it('counts threads and names the instruction set', () => {
    const threads = addon().threads()
    assert.throws(() => addon().setThreads(0), RangeError)
    addon().setThreads(threads + 1)
    assert.equal(addon().threads(), threads + 1)
    addon().setThreads(threads)
    assert.match(addon().isa(), /^(avx512|avx2|baseline|neon)$/)
  })
})
