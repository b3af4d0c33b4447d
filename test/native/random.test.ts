/** The generator gives PyTorch's numbers. All expected values were made by PyTorch 2.13 on a CPU with seed 7 unless a test says otherwise. */
import assert from 'node:assert/strict'
import { addon } from '../../lib/device/addon.js'
import { distance, empty, values } from './support.js'

const seeded = () => addon().generator(7n)

describe('native random numbers', () => {
  it('draws uniform numbers', () => {
    const out = empty([4])
    addon().uniform(out, seeded(), -2, 3)
    assert.deepEqual(values(out, 4), [0.6746127009391785, -1.0059840679168701, 1.2960584163665771, 1.2844513654708862])
    const wide = empty([4], 'float64')
    addon().uniform(wide, seeded(), -2, 3)
    assert.deepEqual(
      values(wide, 4, 'float64'),
      [-0.60309785046798, -0.6315314317411718, 2.3104648070881275, 1.283442152941007],
    )
    const turned = addon().view(empty([2, 3]), [3, 2], [1, 3], 0)
    addon().uniform(turned, seeded(), 0, 1)
    assert.deepEqual(
      values(turned, 6),
      [
        0.5349225401878357, 0.6568902730941772, 0.19880318641662598, 0.23276156187057495, 0.6592116951942444,
        0.4250614047050476,
      ],
    )
  })

  it('uses the low 32 bits of a larger seed', () => {
    const out = empty([2])
    addon().uniform(out, addon().generator(2n ** 40n + 5n), 0, 1)
    assert.deepEqual(values(out, 2), [0.8302518725395203, 0.12611091136932373])
  })

  it('draws few normal numbers one by one, keeping every second', () => {
    const g = seeded()
    const out = empty([5])
    addon().normal(out, g, 1, 2)
    const expected = [0.7064098119735718, 2.572282552719116, 2.8936431407928467, -1.2286880016326904, 4.381580352783203]
    assert.ok(distance(values(out, 5), expected) < 1e-7)
    const next = empty([2])
    addon().normal(next, g, 0, 1)
    assert.ok(distance(values(next, 2), [-0.8948279023170471, -0.3556250333786011]) < 1e-7)
    const wide = empty([3], 'float64')
    addon().normal(wide, seeded(), 1, 2)
    assert.ok(distance(values(wide, 3, 'float64'), [0.7064098050300096, 2.5722825974470718, 2.893643218007913]) < 1e-15)
  })

  it('draws 16 and more normal numbers in blocks', () => {
    const out = empty([20])
    addon().normal(out, seeded(), 1, 2)
    const expected = [
      -0.6402690410614014, 1.7912623882293701, 2.7978169918060303, -1.7768077850341797, 1.3968901634216309,
      2.56414532661438, 3.0782153606414795, -0.44902145862579346, -0.6978172063827515, -1.433858871459961,
      0.8379568457603455, 3.7229702472686768, -3.122955799102783, 2.348201274871826, -1.6466915607452393,
      -1.7195379734039307, -0.733403205871582, -0.12801337242126465, -3.1129250526428223, 0.2865549325942993,
    ]
    assert.ok(distance(values(out, 20), expected) < 1e-6)
    const wide = empty([20], 'float64')
    addon().normal(wide, seeded(), 1, 2)
    const expectedWide = [
      1.1325350793289988, 1.0939831104878481, 4.673077260058803, 3.735380797073556, 3.914909875865452,
      4.864429720020587, -1.8836279855045848, 2.4555206957433953, -1.6262993156585783, 0.3439996477265994,
      -1.7043371763011668, 4.590214967891732, 4.484210062324127, -0.04792204142477208, 0.4322420195610417,
      1.9051510042020592, -2.335458268465753, -2.1740645938616714, 5.06052665739244, 2.3193046528925003,
    ]
    assert.ok(distance(values(wide, 20, 'float64'), expectedWide) < 1e-15)
  })

  it('fills a view that is not contiguous in the order of memory', () => {
    const turned = addon().view(empty([4, 5]), [5, 4], [1, 5], 0)
    addon().normal(turned, seeded(), 0, 1)
    const firstColumns = [
      -0.1467950940132141, -0.8948279023170471, 0.317678302526474, 1.3470226526260376, 0.7861412763595581,
    ]
    assert.ok(distance(values(turned, 20).slice(0, 5), firstColumns) < 1e-6)
  })

  it('draws integers', () => {
    const run = (n: number, from: number, to: number): number[] => {
      const out = empty([n], 'int64')
      addon().randint(out, seeded(), from, to)
      return values(out, n, 'int64')
    }
    assert.deepEqual(run(6, -5, 100), [70, 92, 71, 66, 38, 97])
    assert.deepEqual(run(3, 0, 2 ** 28), [171107524, 27798006, 174903507])
    assert.deepEqual(run(3, 0, 2 ** 40), [752595690692, 108744157686, 291964244179])
    assert.throws(() => run(1, 3, 3), /from < to/)
    const g = seeded()
    assert.deepEqual(
      [0, 1, 2].map(() => BigInt.asIntN(64, addon().random64(g))),
      [1407639518939636932n, -4059781650074555914n, 8087222774582268115n],
    )
  })

  it('permutes and flips coins', () => {
    const permutation = empty([12], 'int64')
    addon().randperm(permutation, seeded())
    assert.deepEqual(values(permutation, 12, 'int64'), [3, 4, 0, 5, 7, 9, 11, 6, 8, 1, 10, 2])
    const coins = empty([16])
    addon().bernoulli(coins, seeded(), 0.3)
    assert.deepEqual(values(coins, 16), [1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1, 1, 0])
    assert.throws(() => addon().bernoulli(coins, seeded(), 1.5), /probability/)
    assert.throws(() => addon().randperm(empty([2, 2], 'int64'), seeded()), /1-D/)
    assert.throws(() => addon().uniform(empty([2], 'int32'), seeded(), 0, 1), /float/)
  })

  it('saves and restores everything, the kept normal number too', () => {
    const g = seeded()
    addon().normal(empty([3]), g, 0, 1)
    const state = addon().generatorState(g)
    const next = () => {
      const out = empty([5])
      addon().normal(out, g, 0, 1)
      return [...values(out, 5), addon().random32(g)]
    }
    const first = next()
    addon().generatorSetState(g, state)
    assert.deepEqual(next(), first)
    addon().generatorSeed(g, 7n)
    assert.equal(addon().random32(g), addon().random32(seeded()))
    assert.throws(() => addon().generatorSetState(g, new Uint8Array(5)), RangeError)
    assert.throws(() => addon().generatorSetState(g, new Uint8Array(state.length).fill(255)), /not a generator/)
    assert.throws(() => addon().random32(empty([1]) as never), TypeError)
  })
})
