/** Classic models against scikit-learn on the same data. The golden file is made by test/golden/make_classic.py. */
import { strict as assert } from 'node:assert'
import { classic, tensor, transforms, type Tensor } from '../../lib/index.js'
import { readGolden } from '../support/golden.js'

type Nested = number[] | number[][]

interface Golden {
  moons: { x: number[][]; y: number[] }
  plainMoons: number[]
  plainCircles: number[]
  irisSums: number[]
  perceptron: Record<'moons' | 'iris', { passes: number; coef: number[]; intercept: number[] }>
  svm: { options: classic.SVMOptions; support: number[]; decision: number[]; intercept: number }[]
  svmIris: { predicted: number[]; support: number[] }
  logistic: {
    data: 'moons' | 'iris'
    C: number
    coef: number[]
    intercept: number[]
    probabilities: number[]
  }[]
  mixture: {
    init: number[][]
    cases: {
      kind: 'full' | 'diag'
      means: number[]
      weights: number[]
      covariances: number[]
      score: number
      bic: number
      steps: number
    }[]
  }
  adaboost: {
    x: number[][]
    y: number[]
    weights: number[]
    errors: number[]
    features: number[]
    thresholds: number[]
    predicted: number[]
  }[]
  rbm: {
    components: number[][]
    hidden: number[]
    visible: number[]
    data: number[][]
    energies: number[]
    transformed: number[]
  }
  scaled: { standard: number[]; minMax: number[] }
}

const golden = readGolden<Golden>('classic')
const iris = classic.loadIris()
const table = { x: iris.x.double(), y: iris.y }
// Centimetres in float64, as scikit-learn has them.
const irisRows = (iris.x.toArray() as number[][]).map((row) => row.map((value) => Math.round(value * 10) / 10))
const sets = { moons: golden.moons, iris: { x: irisRows, y: Array.from(table.y.toTypedArray(), Number) } }

function close(actual: Tensor | Nested | number, expected: number[] | number, tolerance: number, what: string): void {
  const got =
    typeof actual === 'number'
      ? [actual]
      : Array.isArray(actual)
        ? actual.flat()
        : Array.from(actual.toTypedArray(), Number)
  const wanted = typeof expected === 'number' ? [expected] : expected
  const scale = Math.max(...wanted.map(Math.abs), 1e-12)
  wanted.forEach((want, i) => {
    assert.ok(Math.abs(got[i] - want) <= tolerance * scale, `${what} ${i}: ${got[i]}, scikit-learn has ${want}`)
  })
}

describe("classic models find scikit-learn's solutions", function () {
  this.timeout(60_000)

  for (const name of ['moons', 'iris'] as const)
    it(`Perceptron on ${name}`, () => {
      const { passes, coef, intercept } = golden.perceptron[name]
      const { x, y } = sets[name]
      // A pass without mistakes would end the training, which scikit-learn goes on with to no effect.
      const model = new classic.Perceptron({ shuffle: false, maxIter: passes }).fit(x, y)
      close(model.coef, coef, 1e-9, 'weight')
      close(model.intercept, intercept, 1e-9, 'bias')
    })

  for (const { options, support, decision, intercept } of golden.svm)
    it(`SVM with ${JSON.stringify(options)}`, () => {
      const { x, y } = golden.moons
      const model = new classic.SVM({ ...options, tol: 1e-7 }).fit(x, y)
      assert.deepEqual(model.support.toArray(), support)
      close(model.decisionFunction(x), decision, 1e-4, 'decision')
      close(model.intercept, [intercept], 1e-3, 'intercept')
      const wanted = decision.map((value) => Number(value > 0))
      assert.deepEqual(model.predict(x).toArray(), wanted)
      assert.ok(Math.abs(model.dualCoef[0].reduce((a, b) => a + b, 0)) < 1e-6, 'Σ α·y = 0')
      if (options.kernel !== 'linear') return
      const plane = tensor(x, { dtype: 'float64' }).matmul(model.coef.t()).add(model.intercept)
      close(plane, decision, 1e-4, 'plane')
    })

  it('SVM of three classes', () => {
    const model = new classic.SVM({ tol: 1e-7 }).fit(irisRows, iris.y)
    assert.deepEqual(model.predict(irisRows).toArray(), golden.svmIris.predicted)
    assert.deepEqual(model.support.toArray(), golden.svmIris.support)
    assert.deepEqual([...model.decisionFunction(irisRows).shape], [150, 3])
  })

  for (const { data, C, coef, intercept, probabilities } of golden.logistic)
    it(`LogisticRegression on ${data} with C = ${C}`, () => {
      const { x, y } = sets[data]
      const model = new classic.LogisticRegression({ C, tol: 1e-9 }).fit(x, y)
      close(model.coef, coef, 2e-4, 'weight')
      const biases = model.intercept.toArray() as number[]
      // Softmax does not see a number that is added to all biases.
      const mean = biases.length > 1 ? biases.reduce((a, b) => a + b, 0) / biases.length : 0
      close(
        biases.map((b) => b - mean),
        intercept,
        2e-4,
        'bias',
      )
      close(model.predictProba(x).narrow(0, 0, 5), probabilities, 2e-4, 'probability')
      assert.ok(model.score(x, y) > 0.8)
    })

  for (const { kind, means, weights, covariances, score, bic, steps } of golden.mixture.cases)
    it(`GaussianMixture with ${kind} covariances`, () => {
      const model = new classic.GaussianMixture(3, {
        covarianceType: kind,
        meansInit: golden.mixture.init,
        tol: 1e-6,
        maxIter: 200,
      }).fit(irisRows)
      assert.ok(model.converged)
      // scikit-learn stops after as many steps, or one more: it looks at the likelihood at another moment.
      assert.ok(Math.abs(model.history.length - steps) <= 1, `${model.history.length} steps, scikit-learn ${steps}`)
      close(model.means, means, 1e-4, 'mean')
      close(model.weights, weights, 1e-3, 'weight')
      const own = kind === 'full' ? model.covariances : model.covariances.diagonal({ dim1: 1, dim2: 2 }).contiguous()
      close(own, covariances, 1e-3, 'covariance')
      close(model.score(irisRows), score, 1e-4, 'score')
      close(model.bic(irisRows), bic, 1e-4, 'bic')
      model.history.slice(1).forEach((value, i) => assert.ok(value >= model.history[i] - 1e-9, 'the likelihood rises'))
    })

  golden.adaboost.forEach(({ x, y, weights, errors, features, thresholds, predicted }, i) =>
    it(`AdaBoost on ${i === 0 ? 'two' : 'three'} classes`, () => {
      const model = new classic.AdaBoost({ nEstimators: i === 0 ? 20 : 10 }).fit(x, y)
      assert.deepEqual(
        model.estimators.map(({ feature }) => feature),
        features,
      )
      close(
        model.estimators.map(({ threshold }) => threshold),
        thresholds,
        1e-6,
        'threshold',
      )
      close(
        model.estimators.map(({ error }) => error),
        errors,
        1e-6,
        'error',
      )
      close(
        model.estimators.map(({ weight }) => weight),
        weights,
        1e-6,
        'weight',
      )
      assert.deepEqual(model.predict(x).toArray(), predicted)
      assert.ok(model.score(x, y) >= model.predict(x, { first: 1 }).eq(tensor(y)).float().mean().item())
    }),
  )

  it('RBM: free energies and probabilities', () => {
    const { components, hidden, visible, data, energies, transformed } = golden.rbm
    const machine = new classic.RBM(4, 3)
    machine.weight.copy_(tensor(components).t())
    machine.hiddenBias.copy_(tensor(hidden))
    machine.visibleBias.copy_(tensor(visible))
    close(machine.freeEnergy(tensor(data)), energies, 1e-6, 'energy')
    close(machine.transform(tensor(data)), transformed, 1e-6, 'probability')
  })

  it('toy data and scaling', () => {
    const still = { shuffle: false }
    close(classic.makeMoons(9, still).x, golden.plainMoons, 1e-6, 'moon')
    close(classic.makeCircles(9, { ...still, factor: 0.5 }).x, golden.plainCircles, 1e-6, 'circle')
    close(iris.x.sum(0), golden.irisSums, 1e-6, 'iris')
    const scaled = new transforms.Standardize().fit(table.x).forward(table.x)
    close(scaled.narrow(0, 0, 3), golden.scaled.standard, 1e-5, 'standardized')
    const stretched = new transforms.MinMaxScale().fit(table.x).forward(table.x)
    close(stretched.narrow(0, 0, 3), golden.scaled.minMax, 1e-5, 'scaled')
  })
})
