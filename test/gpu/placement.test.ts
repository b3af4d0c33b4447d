/** Where results lie: beside their inputs, or where the options say; and what is said when tensors lie apart. */
import { strict as assert } from 'node:assert'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as gradbook from '../../lib/index.js'
import { F, gpu, io, nn, optim, rand, randn, tensor, Tensor, zeros } from '../../lib/index.js'
import { needsGpu } from '../support/gpu.js'

function tensorsIn(value: unknown): Tensor[] {
  if (value instanceof Tensor) return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(tensorsIn) : []
}

/** Calls that give several tensors, or change what they are given. */
const calls: Record<string, (x: Tensor) => unknown> = {
  sort: (x) => x.sort(),
  topk: (x) => x.topk(2),
  max: (x) => x.max(1),
  min: (x) => x.min(0),
  kthvalue: (x) => gradbook.kthvalue(x, 2),
  median: (x) => gradbook.median(x, 1),
  mode: (x) => gradbook.mode(x),
  cummax: (x) => x.cummax(0),
  cummin: (x) => x.cummin(1),
  unique: (x) => gradbook.unique(x.round(), { returnInverse: true, returnCounts: true }),
  aminmax: (x) => gradbook.aminmax(x),
  varMean: (x) => gradbook.varMean(x, 0),
  split: (x) => x.split(2),
  nonzero: (x) => gradbook.nonzero(x.gt(0), { asTuple: true }),
  meshgrid: (x) => gradbook.meshgrid([x.select(0, 0), x.select(0, 1)], { indexing: 'ij' }),
  index: (x) => [x.index(x.gt(0)), x.index([0, 2]), x.index('1:')],
  maxPoolWithIndices: (x) => F.maxPool2d(x.unsqueeze(0), 2, { returnIndices: true }),
  inPlace: (x) => x.clone().add_(1).mul_(2).clamp_(-1, 1).fill_(3).zero_(),
  assigned: (x) => x.clone().indexPut_([tensor([0, 2], { dtype: 'int64' }).to(x.device)], 5),
  like: (x) => [gradbook.zerosLike(x), gradbook.onesLike(x), gradbook.fullLike(x, 2), gradbook.randLike(x)],
  sums: (x) => [x.sum(), x.mean(0), x.std(), x.norm(), x.any(), x.argmax(1), x.logsumexp(0)],
  mixedNumbers: (x) => [x.add(1), x.mul(0.5).sub(tensor(2)), gradbook.sub(1, x), x.pow(2), gradbook.pow(2, x)],
  where: (x) => gradbook.where(x.gt(0), x, 0),
  oneHot: (x) => F.oneHot(x.argmax(1), 5),
  dropout: (x) => F.dropout(x, { p: 0.5 }),
  repeated: (x) => [x.repeat(2, 1), x.repeatInterleave(2, 0), gradbook.cat([x, x]), gradbook.stack([x, x])],
}

describe('placement of results', () => {
  before(function () {
    needsGpu(this)
  })

  for (const [name, call] of Object.entries(calls)) {
    it(`${name} gives the CPU's values on the device of its input`, function () {
      this.timeout(60_000)
      const x = tensor([
        [0.5, -1.25, 2, 0.75],
        [-0.25, 3, 1, -2],
        [1.5, 0.25, -0.75, 2.5],
      ])
      const run = (input: Tensor): Tensor[] => {
        gradbook.manualSeed(3)
        return tensorsIn(call(input))
      }
      const [here, there] = [run(x), run(x.gpu())]
      assert.equal(there.length, here.length)
      there.forEach((y, i) => {
        assert.equal(y.device, 'gpu:0', `result ${i}`)
        assert.equal(y.dtype, here[i].dtype)
        const [got, want] = [y.cpu(), here[i]].map((t) => Array.from(t.toTypedArray(), Number))
        got.forEach((value, k) =>
          assert.ok(Math.abs(value - want[k]) < 1e-5, `result ${i}[${k}]: ${value}, ${want[k]}`),
        )
      })
    })
  }

  it('follows the option of creation functions', () => {
    for (const y of [zeros(2, { device: 'gpu' }), randn(2, { device: 'gpu:0' }), tensor([1, 2], { device: 'gpu' })])
      assert.equal(y.device, 'gpu:0')
    gradbook.manualSeed(1)
    const there = rand(5, { device: 'gpu' })
    gradbook.manualSeed(1)
    assert.deepEqual(there.cpu().toArray(), rand(5).toArray())
  })

  it('moves modules, their gradients and what optimizers keep', function () {
    this.timeout(60_000)
    const net = new nn.Sequential(new nn.Linear(3, 4), new nn.BatchNorm1d(4)).to('gpu')
    for (const t of [...net.parameters(), ...net.buffers()]) assert.equal(t.device, 'gpu:0')
    const optimizer = new optim.Adam(net.parameters())
    net.forward(randn(5, 3).gpu()).square().mean().backward()
    assert.equal(net.parameters()[0].grad?.device, 'gpu:0')
    nn.utils.clipGradNorm_(net.parameters(), 1)
    optimizer.step()
  })

  it('names both devices when tensors lie apart', () => {
    const [x, y] = [randn(2, 2).gpu(), randn(2, 2)]
    const apart = /expected all tensors on one device, found argument \d on (gpu:0|cpu) and argument \d on (cpu|gpu:0)/
    assert.throws(() => x.add(y), apart)
    assert.throws(() => x.matmul(y), apart)
    assert.throws(() => gradbook.cat([x.exp(), y]).sum().item() && x.mul_(y), apart)
    assert.throws(() => new nn.Linear(2, 2).forward(x), apart)
  })

  it('says how to read what lies elsewhere', () => {
    assert.throws(() => randn(2).gpu().asTypedArray(), /on gpu:0.*\.cpu\(\)\.asTypedArray\(\)/)
    assert.throws(() => randn(2).to('gpu:99'), /there is no device 'gpu:99'/)
    assert.match(String(tensor([1, 2]).gpu()), /tensor\(\[1\., 2\.\], device='gpu:0'\)/)
  })

  it('reads and writes files', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gradbook-gpu-'))
    try {
      const file = join(folder, 'x.safetensors')
      const x = randn(3, 2)
      io.saveSafetensors({ x: x.gpu() }, file)
      assert.deepEqual(io.loadSafetensors(file).get('x')?.toArray(), x.toArray())
      gradbook.save({ x: x.gpu().mT }, join(folder, 'x.pt'))
      const loaded = gradbook.load<{ x: Tensor }>(join(folder, 'x.pt'))
      assert.deepEqual(loaded.x.toArray(), x.mT.toArray())
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('lets a block of code choose the device', () => {
    assert.equal(
      gpu.device(0, () => randn(2).gpu().device),
      'gpu:0',
    )
    assert.equal(gpu.currentDevice(), 0)
  })
})
