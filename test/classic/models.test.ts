/** Classic models against brute force, and what they are known for. */
import { strict as assert } from 'node:assert'
import {
  classic,
  linalg,
  manualSeed,
  nn,
  optim,
  F,
  rand,
  randn,
  stack,
  tensor,
  zeros,
  type Tensor,
} from '../../lib/index.js'

const close = (a: number, b: number, tolerance: number, what = 'value'): void =>
  assert.ok(Math.abs(a - b) <= tolerance, `${what}: ${a}, expected ${b}`)

/** All lists of `length` numbers below `base`. */
function* lists(length: number, base: number): Generator<number[]> {
  if (length === 0) yield []
  else for (const rest of lists(length - 1, base)) for (let i = 0; i < base; i++) yield [...rest, i]
}

const xor = { x: [...lists(2, 2)], y: [0, 1, 1, 0] }

describe('classic models', function () {
  this.timeout(60_000)
  beforeEach(() => void manualSeed(1))

  describe('Perceptron', () => {
    it('learns the gates that a line can divide, and never XOR', () => {
      for (const y of [
        [0, 0, 0, 1],
        [0, 1, 1, 1],
        [1, 1, 1, 0],
      ]) {
        const model = new classic.Perceptron().fit(xor.x, y)
        assert.equal(model.score(xor.x, y), 1)
        assert.equal(model.errors.at(-1), 0)
      }
      const model = new classic.Perceptron({ maxIter: 100 }).fit(xor.x, xor.y)
      assert.equal(model.errors.length, 100)
      assert.ok(model.errors.every((count) => count > 0))
    })

    it('can be watched pass by pass', () => {
      const model = new classic.Perceptron({ shuffle: false })
      const errors = Array.from({ length: 10 }, () => model.partialFit(xor.x, [0, 0, 0, 1]))
      assert.deepEqual(errors, model.errors)
      assert.equal(errors.at(-1), 0)
    })

    it('refuses what is no data', () => {
      const model = new classic.Perceptron()
      assert.throws(() => model.predict(xor.x), /Perceptron: not fitted yet; call \.fit/)
      assert.throws(() => model.fit(xor.x, [1, 1, 1, 1]), /needs at least two classes, got only 1/)
      assert.throws(() => model.fit(xor.x, [1, 0]), /needs one target for each of 4 rows, got shape \[2\]/)
      assert.throws(() => model.fit(tensor([1, 2]), [0, 1]), /must have shape \[N, features\] with N > 0, got \[2\]/)
      assert.throws(() => model.fit([[NaN], [1]], [0, 1]), /row 0 has NaN as feature 0/)
      assert.throws(() => model.fit(xor.x, [0.5, 0, 1, 1]), /labels must be whole numbers, row 0 has 0.5/)
      model.fit(xor.x, [0, 0, 0, 1])
      assert.throws(() => model.predict([[1, 2, 3]]), /the data has 3 features, the model was fitted to 2/)
    })
  })

  it('Hebbian units come to the principal directions by Oja’s rule, and run away without', () => {
    const x = randn(400, 3, { dtype: 'float64' }).mul(tensor([3, 1.5, 0.5], { dtype: 'float64' }))
    const turned = x.matmul(linalg.qr(randn(3, 3, { dtype: 'float64' })).Q)
    const model = new classic.Hebbian({ nComponents: 2, lr: 0.002, epochs: 60 }).fit(turned)
    const centred = turned.sub(turned.mean(0))
    const { eigenvectors } = linalg.eigh(centred.t().matmul(centred))
    const overlap = model.weights.matmul(eigenvectors).abs()
    close(overlap.at(0, 2).item(), 1, 0.02, 'first direction')
    close(overlap.at(1, 1).item(), 1, 0.02, 'second direction')
    assert.equal(model.history.length, 60)
    assert.deepEqual([...model.transform(turned).shape], [400, 2])
    assert.throws(
      () => new classic.Hebbian({ rule: 'hebb', lr: 1, epochs: 100 }).fit(turned),
      /the weights grew beyond all numbers in pass \d+; take a smaller lr than 1, or rule 'oja'/,
    )
  })

  describe('Hopfield', () => {
    it('restores noisy patterns while the energy falls', () => {
      const patterns = rand(5, 100).gt(0.5).double().mul(2).sub(1)
      const memory = new classic.Hopfield().fit(patterns)
      for (let p = 0; p < 5; p++) {
        const noisy = patterns.select(0, p).clone()
        for (let i = 0; i < 15; i++) noisy.at(i * 6).mul_(-1)
        const { state, energies } = memory.recall(noisy)
        assert.ok(state.equal(patterns.select(0, p)))
        energies.slice(1).forEach((energy, i) => assert.ok(energy <= energies[i] + 1e-9))
        close(energies.at(-1) as number, memory.energy(state), 1e-9)
      }
      assert.ok(memory.predict(patterns).equal(patterns))
    })

    it('keeps patterns that are alike, by projection', () => {
      const base = rand(1, 40).gt(0.5).double().mul(2).sub(1)
      const patterns = base.repeat(6, 1).clone()
      for (let p = 1; p < 6; p++) for (let i = 0; i < 4; i++) patterns.at(p, p * 5 + i).mul_(-1)
      const memory = new classic.Hopfield({ rule: 'projection' }).fit(patterns)
      assert.ok(memory.predict(patterns).equal(patterns))
      assert.throws(() => memory.recall(zeros(40)), /the state must consist of −1 and 1, unit 0 has 0/)
    })
  })

  it('HopfieldTour finds short tours', () => {
    for (const seed of [1, 2]) {
      manualSeed(seed)
      const cities = rand(7, 2, { dtype: 'float64' })
      const points = cities.toArray() as number[][]
      const length = (order: readonly number[]): number =>
        order.reduce((sum, city, i) => {
          const next = points[order[(i + 1) % order.length]]
          return sum + Math.hypot(points[city][0] - next[0], points[city][1] - next[1])
        }, 0)
      let shortest = Infinity
      for (const order of lists(6, 6))
        if (new Set(order).size === 6) shortest = Math.min(shortest, length([6, ...order]))
      const tour = new classic.HopfieldTour({ restarts: 8, steps: 1500 }).solve(cities)
      assert.deepEqual(
        [...tour.order].sort((a, b) => a - b),
        [0, 1, 2, 3, 4, 5, 6],
      )
      close(tour.length, length(tour.order), 1e-12)
      assert.ok(tour.length <= shortest * 1.25, `${tour.length}, the shortest is ${shortest}`)
      assert.ok(tour.valid > 0, 'no start came to a tour')
      tour.energies.slice(1).forEach((energy, i) => {
        assert.ok(energy <= tour.energies[i] * (1 + 1e-9), `the energy rises in step ${i + 1}`)
      })
    }
  })

  describe('BoltzmannMachine', () => {
    it('learns a distribution and draws from it', () => {
      const x = [...Array<number[]>(30).fill([0, 0, 1, 1]), ...Array<number[]>(20).fill([1, 1, 0, 0]), [0, 1, 0, 1]]
      const machine = new classic.BoltzmannMachine(4, { epochs: 3000, lr: 0.5 }).fit(x)
      machine.history.slice(1).forEach((value, i) => assert.ok(value >= machine.history[i] - 1e-6))
      const p = machine.probabilities()
      close(p.sum().item(), 1, 1e-12)
      close(p.at(0b1100).item(), 30 / 51, 0.05)
      close(p.at(0b0011).item(), 20 / 51, 0.05)
      const fresh = new classic.BoltzmannMachine(3, { epochs: 200 }).fit([...lists(3, 2), [1, 1, 1], [1, 1, 1]])
      const drawn = fresh.sample(4000).toArray() as number[][]
      const share = drawn.filter((row) => row.every((unit) => unit === 1)).length / drawn.length
      close(share, fresh.probabilities().at(7).item(), 0.03, 'share of samples')
    })

    it('needs hidden units for XOR', () => {
      const x = [...lists(3, 2)].filter(([a, b, c]) => (a ^ b) === c)
      const best = Math.log(1 / 4)
      const plain = new classic.BoltzmannMachine(3, { epochs: 500, lr: 0.5 }).fit(x)
      const hidden = new classic.BoltzmannMachine(3, { nHidden: 2, epochs: 4000, lr: 2 }).fit(x)
      assert.ok((plain.history.at(-1) as number) < best - 0.5)
      assert.ok((hidden.history.at(-1) as number) > best - 0.25, String(hidden.history.at(-1)))
      assert.throws(() => new classic.BoltzmannMachine(20), /20 units have 2\^20 states, too many to sum over/)
    })
  })

  describe('RBM', () => {
    it('has the free energy of its sum over hidden states', () => {
      const machine = new classic.RBM(4, 3)
      machine.weight.normal_()
      machine.hiddenBias.normal_()
      machine.visibleBias.normal_()
      const [w, b, c] = [machine.weight, machine.visibleBias, machine.hiddenBias].map((t) => t.toArray()) as [
        number[][],
        number[],
        number[],
      ]
      const x = [1, 0, 1, 1]
      let sum = 0
      for (const h of lists(3, 2)) {
        const energy = x.reduce((e, xi, i) => e + xi * b[i] + h.reduce((s, hj, j) => s + xi * hj * w[i][j], 0), 0)
        sum += Math.exp(energy + h.reduce((s, hj, j) => s + hj * c[j], 0))
      }
      close(machine.freeEnergy(tensor([x], { dtype: 'float32' })).item(), -Math.log(sum), 1e-5)
    })

    it('learns to reconstruct digits, and so does a stack, which becomes a network', () => {
      const { x, y } = classic.loadDigits({ nSamples: 300 })
      const data = x.div(16)
      const machine = new classic.RBM(64, 32, { epochs: 8, lr: 0.1, momentum: 0.5 }).fit(data)
      assert.ok((machine.history.at(-1) as number) < 0.7 * machine.history[0], machine.history.join())
      const stacked = new classic.DeepBelief([64, 32, 16], { epochs: 5 }).fit(data)
      const net = stacked.toSequential(10)
      assert.ok(net.slice(0, 4).forward(data).sub(stacked.transform(data)).abs().amax().item() < 1e-5)
      const optimizer = new optim.Adam(net.parameters(), { lr: 0.03 })
      const loss = () => F.crossEntropy(net.forward(data), y)
      const before = loss().item()
      for (let i = 0; i < 80; i++) {
        optimizer.zeroGrad()
        loss().backward()
        optimizer.step()
      }
      assert.ok(loss().item() < before / 2)
      assert.throws(() => machine.fit(x), /visible units lie in \[0, 1\]/)
      assert.throws(() => machine.transform(rand(2, 3)), /must have shape \[N, 64\], got \[2, 3\]/)
    })
  })

  it('SVM divides what no line can, and takes kernels of your own', () => {
    const { x, y } = classic.makeCircles(80, { noise: 0.05, factor: 0.4 })
    assert.ok(new classic.SVM({ kernel: 'linear' }).fit(x, y).score(x, y) < 0.8)
    assert.equal(new classic.SVM().fit(x, y).score(x, y), 1)
    const radius = (a: Float64Array, b: Float64Array): number =>
      a.reduce((s, v) => s + v * v, 0) * b.reduce((s, v) => s + v * v, 0)
    assert.equal(new classic.SVM({ kernel: radius, C: 100 }).fit(x, y).score(x, y), 1)
    assert.throws(() => new classic.SVM({ C: 0 }), /SVM: C must be positive, got 0/)
    assert.throws(() => new classic.SVM().fit(x, y).coef, /only a linear kernel has a plane/)
  })

  it('GaussianMixture finds heaps, and draws from what it found', () => {
    const centers = [
      [-6, 0],
      [0, 6],
      [6, 0],
    ]
    const { x, y } = classic.makeBlobs(300, { centers, clusterStd: 0.7 })
    const model = new classic.GaussianMixture(3).fit(x)
    const labels = model.predict(x)
    const pairs = new Set((labels.toArray() as number[]).map((label, i) => `${label} ${y.at(i).item()}`))
    assert.equal(pairs.size, 3)
    close(model.predictProba(x).sum(1).sub(1).abs().amax().item(), 0, 1e-12)
    const drawn = model.sample(3000)
    close(drawn.mean(0).sub(x.double().mean(0)).abs().amax().item(), 0, 0.3)
    assert.ok(model.bic(x) < new classic.GaussianMixture(1).fit(x).bic(x))
    assert.throws(() => new classic.GaussianMixture(9).fit([[1], [2]]), /2 rows cannot make 9 components/)
  })

  it('KMeans settles where no row wants to move', () => {
    const { x } = classic.makeBlobs(120, { centers: 4, clusterStd: 0.5 })
    const model = new classic.KMeans(4).fit(x)
    const labels = Array.from(model.labels.toTypedArray(), Number)
    const rows = x.toArray() as number[][]
    const centers = model.clusterCenters.toArray() as number[][]
    centers.forEach((center, c) => {
      const own = rows.filter((_, i) => labels[i] === c)
      center.forEach((value, j) => close(value, own.reduce((s, row) => s + row[j], 0) / own.length, 1e-5))
    })
    assert.deepEqual(model.predict(x).toArray(), labels)
    assert.throws(() => new classic.KMeans(5).fit([[1], [2]]), /2 rows cannot make 5 clusters/)
  })

  describe('LinearChainCRF', () => {
    const crf = (): { model: classic.LinearChainCRF; x: Tensor } => {
      const model = new classic.LinearChainCRF(4, 3).double()
      for (const p of model.parameters()) nn.init.normal_(p)
      return { model, x: randn(5, 4, { dtype: 'float64' }) }
    }

    it('sums over all tags, finds the best ones, and knows each one’s probability', () => {
      const { model, x } = crf()
      const all = [...lists(5, 3)].map((tags) => ({ tags, score: model.sequenceScore(x, tags).item() }))
      const total = Math.log(all.reduce((sum, { score }) => sum + Math.exp(score), 0))
      close(model.logPartition(x).item(), total, 1e-9)
      const best = all.reduce((a, b) => (b.score > a.score ? b : a))
      const found = model.viterbi(x)
      assert.deepEqual(found.tags, best.tags)
      close(found.score, best.score, 1e-9)
      const marginals = model.marginals(x)
      for (const [t, tag] of [
        [0, 1],
        [2, 0],
        [4, 2],
      ]) {
        const wanted = all.reduce((sum, { tags, score }) => sum + (tags[t] === tag ? Math.exp(score - total) : 0), 0)
        close(marginals.at(t, tag).item(), wanted, 1e-9)
      }
      close(model.logLikelihood(x, best.tags).item(), best.score - total, 1e-9)
    })

    it('has the gradient of its finite differences', () => {
      const { model, x } = crf()
      const tags = [0, 2, 1, 1, 0]
      model.logLikelihood(x, tags).backward()
      for (const p of model.parameters()) {
        const [flat, grad] = [p.detach().reshape(-1), (p.grad as Tensor).reshape(-1)]
        for (const i of [0, flat.size(0) - 1]) {
          const value = flat.at(i).item()
          const at = (v: number): number => {
            flat.at(i).fill_(v)
            return model.logLikelihood(x, tags).item()
          }
          const slope = (at(value + 1e-5) - at(value - 1e-5)) / 2e-5
          flat.at(i).fill_(value)
          close(grad.at(i).item(), slope, 1e-6)
        }
      }
    })

    it('learns which tags follow one another', () => {
      // The tag repeats what was seen one place before, which emissions alone cannot tell.
      const sequences = Array.from({ length: 12 }, () => Array.from(rand(8).gt(0.5).toTypedArray(), Number))
      const seen = sequences.map((s) => stack(s.map((bit) => tensor([1 - bit, bit], { dtype: 'float32' }))))
      const tags = sequences.map((s) => s.map((bit, t) => (t % 2 === 0 ? bit : 1 - bit)))
      const model = new classic.LinearChainCRF(2, 2)
      model.fit(seen, tags, { epochs: 60, lr: 0.1 })
      assert.ok((model.history.at(-1) as number) < model.history[0])
      assert.equal(model.predict(seen).length, 12)
      assert.throws(() => model.logLikelihood(seen[0], [5, 0, 0, 0, 0, 0, 0, 0]), /tag 5 at place 0 is none of 0 to 1/)
      assert.throws(() => model.forward(rand(3, 5)), /must have shape \[length, 2\], got \[3, 5\]/)
    })
  })

  it('RBFNetwork solves XOR and follows a curve', () => {
    const net = new classic.RBFNetwork(4).fit(xor.x, xor.y)
    assert.deepEqual(net.predict(xor.x).toArray(), xor.y)
    const x = Array.from({ length: 60 }, (_, i) => [i / 10])
    const y = x.map(([t]) => Math.sin(t))
    const curve = new classic.RBFNetwork(12, { task: 'regression' }).fit(x, y)
    assert.ok(curve.score(x, y) > 0.999, String(curve.score(x, y)))
    assert.throws(() => new classic.RBFNetwork(0), /nUnits must be a positive integer, got 0/)
  })

  it('AdaBoost’s exponential loss falls with each judge', () => {
    const { x, y } = classic.makeMoons(100, { noise: 0.2 })
    const model = new classic.AdaBoost({ nEstimators: 30 }).fit(x, y)
    assert.ok(model.score(x, y) > 0.9)
    const bound = model.estimators.reduce<number[]>(
      (all, { error }) => [...all, (all.at(-1) ?? 1) * 2 * Math.sqrt(error * (1 - error))],
      [],
    )
    bound.slice(1).forEach((value, i) => assert.ok(value <= bound[i] + 1e-12))
  })

  it('toy data come from the seed', () => {
    for (const make of [classic.makeMoons, classic.makeCircles, classic.makeSpirals]) {
      manualSeed(3)
      const a = make(51, { noise: 0.1 })
      manualSeed(3)
      const b = make(51, { noise: 0.1 })
      assert.ok(a.x.equal(b.x) && a.y.equal(b.y))
      assert.deepEqual([...a.x.shape], [51, 2])
      assert.equal(a.x.dtype, 'float32')
      assert.equal(a.y.dtype, 'int64')
    }
    assert.deepEqual([...(classic.makeSpirals(30, { classes: 3 }).y.bincount().toArray() as number[])], [10, 10, 10])
    const digits = classic.loadDigits()
    assert.deepEqual([...digits.x.shape], [1797, 64])
    assert.ok(digits.x.amax().item() <= 16)
    assert.throws(() => classic.makeMoons(0), /makeMoons: nSamples must be a positive integer, got 0/)
    assert.throws(() => classic.makeMoons(9, { noise: -1 }), /noise must not be negative, got -1/)
  })
})
