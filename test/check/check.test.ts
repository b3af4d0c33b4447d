/** Self-checks: green lines for right answers, helpful errors for wrong ones, gaps told apart from mistakes. */
import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { Stop } from '../../lib/device/interrupt.js'
import { ___, check, F, linspace, plot, tensor, type Tensor } from '../../lib/index.js'
import { hostile, recorded, type Shown } from '../plot/support.js'

const messageOf = (body: () => unknown): string => {
  try {
    body()
  } catch (error) {
    assert.ok(error instanceof check.CheckError, String(error))
    return error.message
  }
  assert.fail('the check passed')
}

const textOf = (shown: Shown | undefined): string => String(shown?.bundle['text/plain'])

describe('check', () => {
  it('shows a green line for each right answer', async () => {
    const shown = await recorded(() => {
      check.equal(1, 1)
      check.equal({ a: [1, tensor([1, 2])] }, { a: [1, tensor([1, 2])] }, { what: 'the record' })
      check.close(tensor([0.1 + 0.2, NaN]), [0.3, NaN], { equalNan: true })
      check.close(0.30000001, 0.3)
      check.shape(tensor([[1, 2, 3]]), [null, 3])
      check.range([0, 0.5, 1], 0, 1)
      check.that(true, 'never seen')
      check.that(tensor(true), 'never seen')
      check.that(() => true, 'never seen')
      check.decreasing([5, 4, 3, 3.1, 2])
      check.decreasing([3, 2, 2, 1], { strict: true })
      check.accuracy(0.9712, 0.97)
      assert.equal(
        check.throws(() => {
          throw new RangeError('too far')
        }, /far/),
        'too far',
      )
      check.gradient((x) => F.sigmoid(x), [-1, 0, 2])
      check.gradient((x) => x.pow(2), linspace(-1, 1, 5), { gradient: (x) => x.mul(2) })
    })
    assert.equal(shown.length, 15)
    for (const each of shown) assert.match(textOf(each), /^✓ \S/)
    assert.equal(textOf(shown[11]), '✓ accuracy 97.12 %, at least 97 % was asked')
    assert.match(String(shown[0]?.bundle['text/html']), /<span style="color:#16a34a[^>]*>✓<\/span>/)
  })

  it('says what was expected, what came, where, and the hint', () => {
    const wrong = messageOf(() => check.equal([1, [2, 3]], [1, [2, 4]], { hint: 'look at the end' }))
    assert.match(
      wrong,
      /^✗ the value is not what was expected at \[1\]\[1\]: 3 instead of 4\n {2}expected: {2}\[ 1, \[ 2, 4 \] \]/,
    )
    assert.match(wrong, /\n {2}Hint: look at the end$/)
    assert.match(
      messageOf(() => check.equal({ a: 1 }, { a: 2 }, { what: 'the gate' })),
      /^✗ the gate .* at a\n/,
    )
    assert.match(
      messageOf(() => check.equal({ a: 1 }, { b: 1 })),
      /at a: not expected/,
    )
    assert.match(
      messageOf(() => check.equal('x', 1)),
      /a string instead of a number/,
    )
    assert.match(
      messageOf(() => check.equal(tensor([1]), 1)),
      /shape is \[1\] \(1 dimension\), expected \[\] \(a single number\)/,
    )

    const far = messageOf(() =>
      check.close(
        tensor([
          [1, 2],
          [3.5, 9],
        ]),
        [
          [1, 2],
          [3, 4],
        ],
      ),
    )
    assert.match(
      far,
      /2 of 4 values differ; the first at \[1, 0\]: got 3\.5, expected 3\n {2}the largest difference at \[1, 1\]: got 9/,
    )
    assert.match(
      messageOf(() => check.close(tensor([1, 2]), tensor([[1, 2]]))),
      /another shape.*\[2\].*\[1, 2\]/,
    )
    assert.match(
      messageOf(() => check.close(NaN, 1)),
      /holds NaN/,
    )
    assert.match(
      messageOf(() => check.close([1, 2], [1, Infinity])),
      /the first at \[1\]: got 2, expected infinity/,
    )
    assert.match(
      messageOf(() => check.close('0.3' as never, 0.3)),
      /should be a tensor or numbers/,
    )
    assert.match(
      messageOf(() => check.shape(tensor([[1, 2]]), [null, 3])),
      /expected: +\[any, 3\]\n +got: +\[1, 2\]\n +dimension 1/,
    )
    assert.match(
      messageOf(() => check.shape(tensor([1, 2]), [null, 3])),
      /1 dimensions instead of 2/,
    )
    assert.match(
      messageOf(() => check.range(tensor([[0, 2]]), 0, 1)),
      /outside at \[0, 1\]\n +expected: +0 … 1\n +got: +2/,
    )
    assert.match(
      messageOf(() => check.range([NaN], 0, 1)),
      /got: +nan/,
    )
    assert.match(
      messageOf(() => check.that(0, 'train longer')),
      /^✗ the condition does not hold\n +Hint: train longer$/,
    )
    assert.match(
      messageOf(() => check.throws(() => 1)),
      /should throw an error, but it returned/,
    )
    assert.match(
      messageOf(() =>
        check.throws(() => {
          throw new Error('other')
        }, /shape/),
      ),
      /another error\n +expected: +a message matching \/shape\/\n +got: +other/,
    )
  })

  it('checks how a training went', () => {
    assert.match(
      messageOf(() => check.decreasing([1, 2, 3])),
      /do not fall enough\n +expected: +a fall\n +got: +from 1 to 3/,
    )
    assert.match(
      messageOf(() => check.decreasing([10, 9], { by: 0.5 })),
      /at least 50 %/,
    )
    assert.match(
      messageOf(() => check.decreasing([3, 2, 2.5], { strict: true })),
      /rise at step 2: from 2 to 2\.5/,
    )
    assert.match(
      messageOf(() => check.decreasing([1, NaN])),
      /value 1 of the values is nan/,
    )
    assert.match(
      messageOf(() => check.decreasing([1])),
      /at least two/,
    )
    assert.match(
      messageOf(() => check.accuracy(0.9, 0.97)),
      /expected: +at least 97 %\n +got: +90 %/,
    )
    assert.match(
      messageOf(() => check.accuracy(97, 0.97)),
      /divide the number of right answers/,
    )
    assert.match(
      messageOf(() => check.accuracy([1, 2], 0.97)),
      /one number/,
    )
  })

  it('checks gradients against finite differences, and those by hand against autograd', () => {
    const cut = (x: Tensor): Tensor => x.pow(3).add(x.detach().mul(2))
    assert.match(
      messageOf(() => check.gradient(cut, [1, 2], { hint: 'detach' })),
      /wrong at \[0\]\n +expected: +5\n +got: +3\n +Hint: detach/,
    )
    const by = messageOf(() => check.gradient((x) => x.pow(2), [1, 2], { gradient: (x) => x }))
    assert.match(by, /the first at \[0\]: got 1, expected 2/)
  })

  it('reminds of a gap and goes on, and tells it from a mistake', async () => {
    const open = [
      () => check.equal(___, 1),
      () => check.close(___, 1),
      () => check.shape(___, [1]),
      () => check.range(___, 0, 1),
      () => check.equal([1, ___], [1, 2]),
      () => check.that(___, 'hint'),
      () => check.that(() => ___, 'hint'),
      () => check.that(() => tensor([1]).mul(___).item() === 1, 'hint'),
      () => check.throws(___),
      () => check.decreasing(___),
      () => check.accuracy(___, 1),
      () => check.gradient(___, 1),
      () => check.gradient(() => ___, [1]),
      () => check.gradient((x) => x.mul(___), [1]),
      () => check.gradient((x) => x.pow(2), [1], { gradient: ___ }),
      () => check.gradient((x) => x.pow(2), [1], { gradient: () => ___ }),
    ]
    const shown = await recorded(() => open.forEach((body) => body()))
    assert.equal(shown.length, open.length)
    for (const each of shown) assert.match(textOf(each), /^✎ .* gap: fill in the place marked ___/)
    assert.match(
      messageOf(() => check.equal(undefined, 1)),
      /is undefined: fill in your answer/,
    )
    assert.throws(() => ___ + 1, /fill in the place marked ___/)
    assert.throws(() => ___.shape, check.GapError)
    assert.throws(() => tensor([1]).mul(___), /___|gap/)
    assert.match(inspect(___), /gap to fill in/)
  })

  it('keeps hostile text as text, and long values short', async () => {
    const shown = await recorded(() => hostile.forEach((what) => check.equal(1, 1, { what })))
    for (const each of shown)
      assert.doesNotMatch(String(each.bundle['text/html']).replace(/<\/?span[^<>]*>/g, ''), /[<>]/)
    const long = messageOf(() =>
      check.equal(
        Array.from({ length: 10_000 }, (_, i) => [i]),
        [],
      ),
    )
    assert.ok(long.length < 3000)
  })

  it('points at the cell that called, not at the library', () => {
    try {
      check.equal(1, 2)
    } catch (error) {
      const [, first = ''] = /\n {4}at (.*)/.exec((error as Error).stack ?? '') ?? []
      assert.match(first, /check\.test/)
      return
    }
    assert.fail()
  })

  it('compares dates, maps and sets by what they hold, and takes no promise for an answer', () => {
    const pairs: [unknown, unknown, unknown][] = [
      [new Date(5), new Date(5), new Date(6)],
      [new Map([['a', [1]]]), new Map([['a', [1]]]), new Map([['a', [2]]])],
      [new Set([1, 2]), new Set([2, 1]), new Set([1, 3])],
    ]
    for (const [value, same, other] of pairs) {
      check.equal(value, same)
      assert.throws(() => check.equal(value, other), check.CheckError)
    }
    assert.throws(() => check.that(async () => Promise.resolve(false), 'hint'), /is a promise; await it/)
    assert.throws(() => check.throws(async () => Promise.reject(new Error('late'))), /is a promise; await it/)
  })

  it('lets a stop through', () => {
    class Stopped extends Stop {}
    const stop = (): never => {
      throw new Stopped('stopped')
    }
    assert.throws(() => check.throws(stop), Stopped)
    assert.throws(() => plot.curve({ f: stop }, [0, 1]), Stopped)
  })
})
