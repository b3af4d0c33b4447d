/** Small data sets to look at. The random ones are seeded by `manualSeed`; their shapes are scikit-learn's. */
import { MNIST } from '../vision/datasets/mnist.js'
import { defaultGenerator, type Generator } from '../device/random.js'
import { tensor } from '../ops/creation.js'
import { indexSelect } from '../ops/index-ops.js'
import { rand, randn, randperm } from '../ops/random.js'
import { avgPool2d } from '../ops/pooling/index.js'
import { pad } from '../ops/pad.js'
import { int64Tensor, type Tensor } from '../tensor/tensor.js'
import { irisTable } from './iris.js'
import * as v from './values.js'

/** Rows with their labels. */
export interface ToyData {
  /** float32 [N, features]. */
  readonly x: Tensor
  /** int64 [N]. */
  readonly y: Tensor
}

/** Settings of the data sets that are made. */
export interface ToyOptions {
  /** Standard deviation of normal noise. Default 0. */
  noise?: number
  /** Mix the rows. Default true. */
  shuffle?: boolean
  /** Default: the generator that `manualSeed` seeds. */
  generator?: Generator
}

/** Points of each class, with noise, mixed. */
function finished(name: string, classes: readonly number[][][], options: ToyOptions): ToyData {
  const { noise = 0, shuffle = true, generator = defaultGenerator() } = options
  if (!(noise >= 0)) throw new RangeError(`${name}: noise must not be negative, got ${noise}`)
  let x: Tensor = tensor(classes.flat())
  let y = int64Tensor(classes.flatMap((points, label) => points.map(() => label)))
  if (noise > 0) x = x.add(randn(x.shape as number[], { generator }).mul(noise))
  if (shuffle) {
    const order = randperm(y.size(0), { generator })
    x = indexSelect(x, 0, order)
    y = indexSelect(y, 0, order)
  }
  return { x, y }
}

const halves = (n: number): [number, number] => [Math.floor(n / 2), n - Math.floor(n / 2)]

const along = <T>(n: number, from: number, to: number, closed: boolean, at: (angle: number) => T): T[] =>
  Array.from({ length: n }, (_, i) => at(from + ((to - from) * i) / Math.max(closed ? n - 1 : n, 1)))

/** Two half circles that reach into one another (sklearn.datasets.make_moons). */
export function makeMoons(nSamples = 100, options: ToyOptions = {}): ToyData {
  v.assertCount('makeMoons', 'nSamples', nSamples)
  const [outer, inner] = halves(nSamples)
  return finished(
    'makeMoons',
    [
      along(outer, 0, Math.PI, true, (t) => [Math.cos(t), Math.sin(t)]),
      along(inner, 0, Math.PI, true, (t) => [1 - Math.cos(t), 0.5 - Math.sin(t)]),
    ],
    options,
  )
}

/** A circle in a circle, `factor` times as large (default 0.8; sklearn.datasets.make_circles). */
export function makeCircles(nSamples = 100, options: ToyOptions & { factor?: number } = {}): ToyData {
  v.assertCount('makeCircles', 'nSamples', nSamples)
  const { factor = 0.8 } = options
  if (!(factor >= 0 && factor < 1)) throw new RangeError(`makeCircles: factor must lie in [0, 1), got ${factor}`)
  const [outer, inner] = halves(nSamples)
  return finished(
    'makeCircles',
    [
      along(outer, 0, 2 * Math.PI, false, (t) => [Math.cos(t), Math.sin(t)]),
      along(inner, 0, 2 * Math.PI, false, (t) => [factor * Math.cos(t), factor * Math.sin(t)]),
    ],
    options,
  )
}

/** Settings of `makeBlobs`. */
export interface BlobsOptions extends Omit<ToyOptions, 'noise'> {
  /** How many blobs, or where they are. Default 3, drawn from [−10, 10]². */
  centers?: number | readonly (readonly number[])[]
  /** Default 1. */
  clusterStd?: number
}

/** Round heaps of normal points (sklearn.datasets.make_blobs). */
export function makeBlobs(nSamples = 100, { centers = 3, clusterStd = 1, ...options }: BlobsOptions = {}): ToyData {
  v.assertCount('makeBlobs', 'nSamples', nSamples)
  const generator = options.generator ?? defaultGenerator()
  const places =
    typeof centers === 'number'
      ? (rand(centers, 2, { generator }).mul(20).sub(10).toArray() as number[][])
      : centers.map((center) => [...center])
  const points = places.map((center, c) => {
    const count = Math.floor(nSamples / places.length) + Number(c < nSamples % places.length)
    return Array.from({ length: count }, () => center)
  })
  return finished('makeBlobs', points, { ...options, generator, noise: clusterStd })
}

/** Arms of a spiral, one for each class. */
export function makeSpirals(nSamples = 100, options: ToyOptions & { classes?: number; turns?: number } = {}): ToyData {
  v.assertCount('makeSpirals', 'nSamples', nSamples)
  const { classes = 2, turns = 1 } = options
  v.assertCount('makeSpirals', 'classes', classes)
  const arms = Array.from({ length: classes }, (_, c) => {
    const count = Math.floor(nSamples / classes) + Number(c < nSamples % classes)
    return along(count, 0.05, 1, true, (r) => {
      const angle = 2 * Math.PI * (turns * r + c / classes)
      return [r * Math.cos(angle), r * Math.sin(angle)]
    })
  })
  return finished('makeSpirals', arms, options)
}

/** Fisher's irises: sepal length and width, petal length and width in cm of 150 flowers of three kinds. Fisher 1936; sklearn.datasets.load_iris. */
export function loadIris(): ToyData & { featureNames: readonly string[]; targetNames: readonly string[] } {
  return {
    x: tensor(irisTable),
    y: int64Tensor(irisTable.map((_, i) => Math.floor(i / 50))),
    featureNames: ['sepal length (cm)', 'sepal width (cm)', 'petal length (cm)', 'petal width (cm)'],
    targetNames: ['setosa', 'versicolor', 'virginica'],
  }
}

/**
 * Digits of 8 × 8 pixels with values from 0 to 16, as rows [nSamples, 64]: MNIST's test digits made small, 1,797 of them by
 * default. (scikit-learn's load_digits has others of the same kind.)
 */
export function loadDigits({ nSamples = 1797 }: { nSamples?: number } = {}): ToyData {
  const digits = new MNIST({ train: false })
  if (!Number.isInteger(nSamples) || nSamples < 1 || nSamples > digits.length)
    throw new RangeError(`loadDigits: nSamples must lie between 1 and ${digits.length}, got ${nSamples}`)
  const images = pad(digits.data.narrow(0, 0, nSamples).unsqueeze(1).float(), [2, 2, 2, 2])
  return {
    x: avgPool2d(images, 4).div(255).mul(16).round().view(nSamples, 64),
    y: digits.targets.narrow(0, 0, nSamples).clone(),
  }
}
