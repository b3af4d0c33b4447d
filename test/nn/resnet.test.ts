/**
 * A ResNet-18 out of public layers, as a user would write it, against PyTorch's from the same seed: parameters, a step forward
 * and backward, running statistics, evaluation. The golden file is made by test/golden/make_models.py.
 */
import { strict as assert } from 'node:assert'
import { F, manualSeed, nn, noGrad, randn, tensor, type Tensor } from '../../lib/index.js'
import { readGolden } from '../support/golden.js'

class BasicBlock extends nn.Module {
  readonly conv1: nn.Conv2d
  readonly bn1: nn.BatchNorm2d
  readonly relu = new nn.ReLU({ inplace: true })
  readonly conv2: nn.Conv2d
  readonly bn2: nn.BatchNorm2d
  readonly downsample: nn.Sequential | null = null

  constructor(inPlanes: number, planes: number, stride = 1) {
    super()
    this.conv1 = new nn.Conv2d(inPlanes, planes, 3, { stride, padding: 1, bias: false })
    this.bn1 = new nn.BatchNorm2d(planes)
    this.conv2 = new nn.Conv2d(planes, planes, 3, { padding: 1, bias: false })
    this.bn2 = new nn.BatchNorm2d(planes)
    if (stride !== 1 || inPlanes !== planes)
      this.downsample = new nn.Sequential(
        new nn.Conv2d(inPlanes, planes, 1, { stride, bias: false }),
        new nn.BatchNorm2d(planes),
      )
  }

  forward(x: Tensor): Tensor {
    const y = this.relu.forward(this.bn1.forward(this.conv1.forward(x)))
    const z = this.bn2.forward(this.conv2.forward(y))
    z.add_(this.downsample ? this.downsample.forward(x) : x)
    return this.relu.forward(z)
  }
}

class ResNet18 extends nn.Module {
  readonly conv1 = new nn.Conv2d(3, 64, 7, { stride: 2, padding: 3, bias: false })
  readonly bn1 = new nn.BatchNorm2d(64)
  readonly relu = new nn.ReLU({ inplace: true })
  readonly maxpool = new nn.MaxPool2d(3, { stride: 2, padding: 1 })
  readonly layer1 = new nn.Sequential(new BasicBlock(64, 64), new BasicBlock(64, 64))
  readonly layer2 = new nn.Sequential(new BasicBlock(64, 128, 2), new BasicBlock(128, 128))
  readonly layer3 = new nn.Sequential(new BasicBlock(128, 256, 2), new BasicBlock(256, 256))
  readonly layer4 = new nn.Sequential(new BasicBlock(256, 512, 2), new BasicBlock(512, 512))
  readonly avgpool = new nn.AdaptiveAvgPool2d(1)
  readonly fc: nn.Linear

  constructor(classes = 10) {
    super()
    this.fc = new nn.Linear(512, classes)
    for (const module of this.modules())
      if (module instanceof nn.Conv2d) nn.init.kaimingNormal_(module.weight, { mode: 'fanOut', nonlinearity: 'relu' })
  }

  forward(x: Tensor): Tensor {
    const stem = this.maxpool.forward(this.relu.forward(this.bn1.forward(this.conv1.forward(x))))
    const features = [this.layer1, this.layer2, this.layer3, this.layer4].reduce((y, layer) => layer.forward(y), stem)
    return this.fc.forward(this.avgpool.forward(features).flatten(1))
  }
}

interface Golden {
  initial: Record<string, number>
  logits: number[][]
  loss: number
  gradients: Record<string, number>
  inputGradient: number
  buffers: Record<string, number>
  evaluated: number[][]
}

describe('ResNet-18', function () {
  this.timeout(60_000)

  it("equals PyTorch's from the same seed, forward and backward", () => {
    const golden = readGolden<Golden>('resnet')
    const close = (actual: number, expected: number, relative: number, what: string): void =>
      assert.ok(
        Math.abs(actual - expected) <= relative * Math.abs(expected),
        `${what}: ${actual}, expected ${expected}`,
      )
    const norms = (tensors: [string, Tensor][]): [string, number][] =>
      tensors.map(([name, t]) => [name, t.double().norm().item()])
    const closeTo = (actual: Tensor, expected: number[][], relative: number): void => {
      const scale = Math.max(...expected.flat().map(Math.abs))
      const got = Array.from(actual.toTypedArray(), Number)
      expected.flat().forEach((want, i) => {
        assert.ok(Math.abs(got[i] - want) <= relative * scale, `logit ${i}: ${got[i]}, expected ${want}`)
      })
    }

    manualSeed(1)
    const net = new ResNet18()
    const x = randn(2, 3, 64, 64).requiresGrad_()
    assert.deepEqual(
      net.namedParameters().map(([name]) => name),
      Object.keys(golden.initial),
    )
    for (const [name, norm] of norms(net.namedParameters())) close(norm, golden.initial[name], 1e-6, name)

    const logits = net.forward(x)
    closeTo(logits, golden.logits, 1e-4)
    const loss = F.crossEntropy(logits, tensor([3, 7], { dtype: 'int64' }))
    close(loss.item(), golden.loss, 1e-4, 'loss')
    loss.backward()
    const gradients = net.namedParameters().map(([name, p]): [string, Tensor] => [name, p.grad as Tensor])
    for (const [name, norm] of norms(gradients)) close(norm, golden.gradients[name], 1e-3, `gradient of ${name}`)
    close((x.grad as Tensor).norm().item(), golden.inputGradient, 1e-3, 'gradient of x')

    const inPython = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    const statistics = norms(net.namedBuffers()).filter(([name]) => name.includes('running'))
    assert.equal(statistics.length, Object.keys(golden.buffers).length)
    for (const [name, norm] of statistics) close(norm, golden.buffers[inPython(name)], 1e-4, name)

    closeTo(
      noGrad(() => net.eval().forward(x)),
      golden.evaluated,
      1e-4,
    )
  })
})
