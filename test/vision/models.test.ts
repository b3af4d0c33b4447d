/** Image models: torchvision's from the same seed, in names, sizes, first values and outputs. */
import { strict as assert } from 'node:assert'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { F, io, manualSeed, models, nn, noGrad, rand, save, tensor, type Tensor } from '../../lib/index.js'
import { readGolden } from '../support/golden.js'

interface Golden {
  /** Parameters with ten classes, and with a thousand. */
  count: number
  full: number
  /** Hash of the state dict's names. */
  names: string
  /** Sum of magnitudes of each parameter, or of all. */
  initial: number[]
  output: number[]
  loss?: number
}

type ImageModel = nn.Module & { forward(x: Tensor): Tensor }

const golden = readGolden<Record<string, Golden>>('vision_models')
/** Left out to save minutes: their layers are those of others in the list. */
const large = ['vgg11_bn', 'vgg13', 'vgg13_bn', 'vgg16', 'vgg19', 'vgg19_bn', 'resnet101', 'resnet152']

const count = (net: nn.Module): number => net.parameters().reduce((sum, p) => sum + p.numel(), 0)

const inPython = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

const sum = (numbers: number[]): number => numbers.reduce((a, b) => a + b, 0)

function close(actual: number[], expected: number[], relative: number, what: string): void {
  assert.equal(actual.length, expected.length, what)
  const scale = Math.max(...expected.map(Math.abs))
  expected.forEach((want, i) => {
    assert.ok(Math.abs(actual[i] - want) <= relative * scale, `${what} ${i}: ${actual[i]}, torchvision has ${want}`)
  })
}

describe('image models', function () {
  this.timeout(120_000)

  for (const [name, expected] of Object.entries(golden).filter(([name]) => !large.includes(name)))
    it(`${name} is torchvision's`, () => {
      const make = Reflect.get(models, name) as (options?: models.ModelOptions) => ImageModel
      manualSeed(1)
      const net = make({ numClasses: 10 })
      const x = rand(2, 3, 64, 64)
      assert.equal(count(net), expected.count)
      const names = [...net.stateDict().keys()].map(inPython).join('\n')
      assert.equal(createHash('sha256').update(names).digest('hex'), expected.names, names)
      const sums = net.parameters().map((p) => p.detach().double().abs().sum().item())
      const initial = expected.initial.length === 1 ? [sum(sums)] : sums
      initial.forEach((got, i) => close([got], [expected.initial[i]], 1e-7, `sum of parameter ${i}`))
      const output = noGrad(() => net.eval().forward(x))
      close(Array.from(output.toTypedArray(), Number), expected.output, 1e-5, 'output')
      if (expected.loss === undefined) return
      const loss = noGrad(() => F.crossEntropy(net.train().forward(x), tensor([3, 7], { dtype: 'int64' })))
      close([loss.item()], [expected.loss], 1e-4, 'loss in training')
    })

  it('have the published sizes', () => {
    assert.equal(count(models.lenet()), 61_706)
    assert.equal(count(models.resnet18()), 11_689_512)
    assert.equal(count(models.squeezenet1_0()), 1_248_424)
    assert.equal(count(models.densenet161()), 28_681_000)
    // The head of a thousand classes is all that differs from what was counted above.
    assert.equal(golden.alexnet.full, 61_100_840)
    assert.equal(golden.vgg16.full, 138_357_544)
    for (const { count, full } of [golden.alexnet, golden.vgg16]) assert.equal(full - count, 990 * 4097)
  })

  it('take weights, and another head', () => {
    const trained = models.squeezenet1_1({ numClasses: 3 })
    const copy = models.squeezenet1_1({ numClasses: 3, weights: trained.stateDict() }).eval()
    const x = rand(1, 3, 40, 40)
    assert.ok(copy.forward(x).equal(trained.eval().forward(x)))
    assert.throws(
      () => models.squeezenet1_1({ numClasses: 4, weights: trained.stateDict() }),
      /classifier\.1\.weight: the file has shape \[3, 512, 1, 1\], the module \[4, 512, 1, 1\]/,
    )
    trained.classifier[1] = new nn.Conv2d(512, 7, 1)
    assert.deepEqual([...trained.forward(x).shape], [1, 7])
    const resnet = models.resnet18({ numClasses: 4, zeroInitResidual: true })
    assert.equal((resnet.getParameter('layer1.0.bn2.weight') as Tensor).abs().sum().item(), 0)
    resnet.fc = new nn.Linear(512, 5)
    assert.deepEqual([...resnet.forward(rand(2, 3, 32, 32)).shape], [2, 5])
  })

  it('take weights from files', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gradbook-models-'))
    try {
      const net = models.resnet18({ numClasses: 2 })
      save(net.stateDict(), join(folder, 'net.pth'))
      io.saveSafetensors(net.stateDict(), join(folder, 'net.safetensors'))
      for (const name of ['net.pth', 'net.safetensors']) {
        const copy = models.resnet18({ numClasses: 2, weights: join(folder, name) })
        assert.ok(copy.parameters().every((p, i) => p.equal(net.parameters()[i])))
      }
      assert.throws(() => models.resnet18({ weights: join(folder, 'none.pth') }), /cannot open .*none\.pth/)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('learn', () => {
    manualSeed(1)
    const net = models.lenet()
    net
      .forward(rand(2, 1, 28, 28))
      .sum()
      .backward()
    assert.ok(net.parameters().every((p) => p.grad !== null))
  })

  it('refuse senseless settings', () => {
    assert.throws(() => models.resnet18({ numClasses: 0 }), /ResNet: numClasses must be a positive integer, got 0/)
    assert.throws(() => new models.VGG(12 as 11), /VGG: depth must be one of 11, 13, 16, 19, got 12/)
    assert.throws(() => new models.SqueezeNet('2' as '1_0'), /version must be '1_0' or '1_1', got "2"/)
  })
})
