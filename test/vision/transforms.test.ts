/** Transforms: torchvision's pixels from the same seed, batches, statistics, and what is refused. */
import { strict as assert } from 'node:assert'
import { data, datasets, manualSeed, rand, stack, tensor, transforms as T, type Tensor } from '../../lib/index.js'
import { readGolden } from '../support/golden.js'

interface Digest {
  shape: number[]
  sum: number
  values: number[]
}

interface Golden {
  /** In floats, in bytes (some have no such), and the number that is drawn next. */
  cases: Record<string, [...Digest[], number]>
  direct: Record<string, Digest[]>
}

const golden = readGolden<Golden>('transforms')
const F = T.functional
const every = 11

const cases: Record<string, T.Transform> = {
  resize: new T.Resize([9, 7]),
  resizeUp: new T.Resize([20, 31]),
  resizeShort: new T.Resize(11),
  resizeMax: new T.Resize(11, { maxSize: 13 }),
  resizePlain: new T.Resize([9, 7], { antialias: false }),
  resizeNearest: new T.Resize([9, 7], { interpolation: 'nearest' }),
  resizeCubic: new T.Resize([9, 25], { interpolation: 'bicubic' }),
  centerCrop: new T.CenterCrop([9, 6]),
  centerCropLarge: new T.CenterCrop([21, 6]),
  pad: new T.Pad([1, 2, 3, 0], { fill: 0.5 }),
  padEdge: new T.Pad(2, { paddingMode: 'edge' }),
  padReflect: new T.Pad([3, 1], { paddingMode: 'reflect' }),
  padSymmetric: new T.Pad([3, 1], { paddingMode: 'symmetric' }),
  randomCrop: new T.RandomCrop(8),
  randomCropPadded: new T.RandomCrop([16, 18], { padding: 2 }),
  randomCropNeeded: new T.RandomCrop([20, 21], { padIfNeeded: true }),
  randomResizedCrop: new T.RandomResizedCrop(10),
  randomResizedCropWide: new T.RandomResizedCrop([6, 12], { scale: [0.5, 1], ratio: [1.5, 3] }),
  horizontalFlip: new T.RandomHorizontalFlip(0.8),
  verticalFlip: new T.RandomVerticalFlip(0.8),
  rotation: new T.RandomRotation(40),
  rotationBilinear: new T.RandomRotation([10, 30], { interpolation: 'bilinear', fill: 0.25 }),
  rotationExpand: new T.RandomRotation(50, { expand: true, center: [3, 4] }),
  affine: new T.RandomAffine(20, { translate: [0.2, 0.1], scale: [0.7, 1.3], shear: 10 }),
  affineBilinear: new T.RandomAffine(0, {
    shear: [-5, 5, -10, 10],
    interpolation: 'bilinear',
    center: [2, 5],
    fill: [0.1, 0.2, 0.3],
  }),
  perspective: new T.RandomPerspective({ distortionScale: 0.6, p: 0.9 }),
  perspectiveNearest: new T.RandomPerspective({ distortionScale: 0.3, p: 1, interpolation: 'nearest', fill: 0.5 }),
  colorJitter: new T.ColorJitter({ brightness: 0.4, contrast: 0.3, saturation: 0.5, hue: 0.2 }),
  colorJitterSome: new T.ColorJitter({ brightness: [0.5, 2], hue: 0.5 }),
  grayscale: new T.Grayscale(),
  grayscaleThree: new T.Grayscale(3),
  randomGrayscale: new T.RandomGrayscale(0.6),
  autocontrast: new T.RandomAutocontrast(1),
  invert: new T.RandomInvert(0.9),
  blur: new T.GaussianBlur(5),
  blurWide: new T.GaussianBlur([3, 7], [0.5, 1.5]),
  randomErasing: new T.RandomErasing({ p: 0.9 }),
  randomErasingNoise: new T.RandomErasing({ p: 1, scale: [0.1, 0.2], value: 'random' }),
  randomErasingColor: new T.RandomErasing({ p: 1, value: [0.1, 0.5, 0.9] }),
  randomApply: new T.RandomApply([new T.RandomHorizontalFlip(1), new T.RandomCrop(9)], 0.5),
  randomChoice: new T.RandomChoice([new T.RandomVerticalFlip(1), new T.CenterCrop(8), new T.RandomCrop(8)], [1, 2, 3]),
  randomOrder: new T.RandomOrder([new T.RandomRotation(30), new T.RandomCrop(12), new T.RandomVerticalFlip(0.5)]),
  compose: new T.Compose([
    new T.RandomCrop(12, { padding: 1 }),
    new T.RandomHorizontalFlip(),
    new T.ColorJitter({ brightness: 0.2, contrast: 0.2 }),
  ]),
  normalize: new T.Normalize([0.4, 0.5, 0.6], [0.1, 0.2, 0.3]),
  noise: new T.GaussianNoise({ mean: 0.1, sigma: 0.3 }),
}

const direct: Record<string, (x: Tensor) => Tensor> = {
  rotate: (x) => F.rotate(x, 30, { interpolation: 'bilinear' }),
  rotateExpand: (x) => F.rotate(x, -70, { expand: true, fill: [0.3] }),
  affine: (x) => F.affine(x, 15, [1, -2], 1.2, [5, 3], { interpolation: 'bilinear' }),
  perspective: (x) =>
    F.perspective(
      x,
      [
        [0, 0],
        [16, 0],
        [16, 13],
        [0, 13],
      ],
      [
        [2, 1],
        [15, 2],
        [14, 12],
        [1, 11],
      ],
    ),
  crop: (x) => F.crop(x, -2, 3, 9, 20),
  hue: (x) => F.adjustHue(x, -0.3),
  contrast: (x) => F.adjustContrast(x, 1.7),
  saturation: (x) => F.adjustSaturation(x, 0.2),
}

/** The images of test/golden/make_transforms.py. */
function images(): [Tensor, Tensor] {
  manualSeed(0)
  const image = rand(3, 14, 17)
  image.narrow(1, 0, 4).narrow(2, 0, 5).fill_(0.5)
  return [image, image.mul(255).to('uint8')]
}

/** Bytes may be off by one where a value lies between two; the sum tells that this is rare. */
function expectDigest(actual: Tensor, expected: Digest): void {
  assert.deepEqual([...actual.shape], expected.shape)
  const step = actual.dtype === 'uint8' ? 1 : 2e-5
  const values = Array.from(actual.double().toTypedArray(), Number)
  const kept = values.filter((_, i) => i % every === 0)
  expected.values.forEach((want, i) => {
    assert.ok(Math.abs(kept[i] - want) <= step, `element ${i * every}: ${kept[i]}, torchvision has ${want}`)
  })
  const sum = values.reduce((a, b) => a + b, 0)
  const allowed = actual.dtype === 'uint8' ? 3 + values.length / 100 : 1e-4 * values.length ** 0.5
  assert.ok(Math.abs(sum - expected.sum) <= allowed, `sum ${sum}, torchvision has ${expected.sum}`)
}

describe('transforms', () => {
  const [image, pixels] = images()

  for (const [name, [...expected]] of Object.entries(golden.cases))
    it(`${name} gives torchvision's pixels`, () => {
      manualSeed(1)
      const after = expected.pop() as number
      for (const [i, digest] of (expected as Digest[]).entries()) {
        const given = i === 0 ? image : pixels
        const result = cases[name].forward(given)
        assert.equal(result.dtype, given.dtype)
        expectDigest(result, digest)
      }
      assert.equal(rand(1).item(), Math.fround(after), 'draws as many numbers')
    })

  for (const [name, digests] of Object.entries(golden.direct))
    it(`the function ${name} gives torchvision's pixels`, () => {
      expectDigest(direct[name](image), digests[0])
      expectDigest(direct[name](pixels), digests[1])
    })

  const batched = Object.keys(cases).filter((name) => !['compose', 'rotationExpand', 'noise'].includes(name))
  for (const name of batched)
    it(`${name} treats a batch as image after image`, () => {
      const two = [image, image.flip(-1)]
      manualSeed(5)
      const whole = () => cases[name].forward(stack(two))
      if (['randomApply'].includes(name)) {
        // Images of other sizes cannot be one batch.
        assert.throws(() => Array.from({ length: 20 }, whole))
        return
      }
      const together = whole()
      manualSeed(5)
      const apart = stack(two.map((one) => cases[name].forward(one)))
      assert.ok(together.sub(apart).abs().amax().item() < 1e-5)
    })

  it('leave what came in as it was', () => {
    const [before, bytes] = images()
    for (const transform of Object.values(cases)) transform.forward(image)
    assert.ok(image.equal(before) && pixels.equal(bytes))
  })

  it('go to workers, and give the same there', function () {
    this.timeout(30_000)
    const steps = [new T.Resize(20), new T.Normalize([0.5], 0.25), new T.Standardize({ mean: [0.1], std: [2] })]
    const digits = new datasets.MNIST({ train: false, transform: new T.Compose(steps) })
    const options = { batchSize: 50, sampler: new data.SequentialSampler({ length: 100 }) }
    const here = [...new data.DataLoader(digits, options)].map(([x]) => x)
    const there = [...new data.DataLoader(digits, { ...options, numWorkers: 1 })].map(([x]) => x)
    assert.deepEqual([...there[1].shape], [50, 1, 20, 20])
    assert.ok(here.every((x, i) => x.equal(there[i])))
  })

  it('bring bytes into [0, 1]', () => {
    const floats = new T.ToTensor().forward(pixels)
    assert.equal(floats.dtype, 'float32')
    assert.ok(floats.equal(pixels.float().div(255)))
    assert.ok(F.convertImageDtype(floats, 'uint8').equal(pixels))
    assert.equal(new T.ToTensor().forward(image), image)
  })

  it('measure training data and scale by it', () => {
    const table = tensor([
      [1, 10, 7],
      [2, 30, 7],
      [3, 50, 7],
    ])
    const standard = new T.Standardize().fit(table)
    assert.deepEqual(standard.mean.toArray(), [2, 30, 7])
    const z = standard.forward(table)
    assert.deepEqual(z.select(1, 2).toArray(), [0, 0, 0])
    assert.ok(Math.abs(z.select(1, 1).square().mean().item() - 1) < 1e-6)
    assert.ok(standard.inverse(z).sub(table).abs().amax().item() < 1e-5)
    const scaled = new T.MinMaxScale({ low: -1, high: 1 }).fit(table)
    assert.deepEqual(scaled.forward(table).toArray(), [
      [-1, -1, -1],
      [0, 0, -1],
      [1, 1, -1],
    ])
    assert.deepEqual(
      new T.ZeroMean()
        .fit(table)
        .forward(tensor([2, 31, 7]))
        .toArray(),
      [0, 1, 0],
    )
    const channels = new T.Standardize().fit(stack([image, image.mul(2)]))
    assert.deepEqual([...channels.mean.shape], [3])
    assert.deepEqual([...channels.forward(image).shape], [3, 14, 17])
    assert.ok(channels.forward(pixels).isfinite().all().item())
    assert.throws(() => new T.Standardize().forward(table), /nothing was measured yet; call \.fit\(trainingData\)/)
    assert.throws(() => standard.forward(tensor([1, 2])), /3 features were measured, the data of shape \[2\] has 2/)
    const known = new T.Standardize({ mean: [1], std: [2] })
    assert.deepEqual(known.forward(tensor([[5]])).toArray(), [[2]])
  })

  it('refuse senseless settings and images', () => {
    const refusals: [() => unknown, RegExp][] = [
      [() => new T.Resize(0), /Resize: size must be a positive integer .* got 0/],
      [() => F.resize(rand(5, 5), 3), /resize: needs an image \[C, H, W\].* got shape \[5, 5\]/],
      [() => new T.RandomCrop(20).forward(image), /the cut of 20 × 20 is larger than the image of 14 × 17/],
      [() => new T.RandomHorizontalFlip(1.5), /RandomHorizontalFlip: p must lie in \[0, 1\], got 1.5/],
      [() => new T.RandomRotation(-3), /degrees as one number must not be negative, got -3/],
      [() => new T.RandomRotation([3, 1]), /degrees must be \[low, high\]/],
      [() => new T.ColorJitter({ hue: 0.7 }), /hue must lie in \[-0.5, 0.5\]/],
      [() => F.normalize(pixels, 0, 1), /normalize: needs floating images, got uint8/],
      [() => F.normalize(image, 0, 0), /a std of 0 would divide by zero/],
      [() => F.normalize(image, [0, 0], 1), /mean has 2 values, the images have 3 channels/],
      [() => F.gaussianBlur(image, 4), /kernelSize must be odd and positive, got 4/],
      [() => F.gaussianBlur(image, 31), /a kernel of 31 × 31 is too large for images of 17 × 14/],
      [() => F.affine(image, 0, [0, 0], 0, 0), /affine: scale must be positive, got 0/],
      [() => F.crop(image, 20, 0, 3, 3), /rows 20 to 23 and columns 0 to 3 lie outside of an image of 14 × 17/],
      [() => F.adjustBrightness(rand(2, 4, 4), 1), /needs images of 1 or 3 channels, got 2/],
      [() => F.pad(image, [1, 2, 3] as never), /pad: padding must be one integer, two .* got \[1,2,3\]/],
      [() => F.rotate(image, 3, { fill: [1, 2] }), /fill has 2 values, the image 3 channels/],
      [() => new T.Compose([]), /Compose: needs a list of at least one transform/],
      [() => new T.Compose([5 as never]), /a transform must be a function or have forward\(image\), got number/],
      [
        () =>
          F.perspective(
            image,
            [
              [0, 0],
              [1, 1],
              [2, 2],
              [3, 3],
            ],
            [
              [0, 0],
              [1, 1],
              [2, 2],
              [3, 3],
            ],
          ),
        /three of the corners lie on a line/,
      ],
    ]
    for (const [call, message] of refusals) assert.throws(call, message)
  })
})
