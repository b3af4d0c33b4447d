/** The processor as a device: its memory is told exactly, its threads can be set. */
import { strict as assert } from 'node:assert'
import { cpu, getNumThreads, nn, noGrad, rand, setNumThreads, zeros, type Tensor } from '../../lib/index.js'

describe('cpu', () => {
  it('is one device that is always there', () => {
    assert.deepEqual([cpu.isAvailable(), cpu.deviceCount(), cpu.currentDevice()], [true, 1, 'cpu'])
    assert.match(cpu.capability(), /^\w+$/)
  })

  it('tells the bytes of living tensors and forgets the dead', () => {
    const before = cpu.memoryAllocated()
    let big: Tensor | null = zeros(1000, 1000)
    const held = cpu.memoryAllocated() - before
    assert.ok(held >= 4_000_000 && held < 6_000_000, `${held} bytes for four million`)
    assert.ok(cpu.memoryReserved() >= held)
    assert.equal(big.numel(), 1_000_000)
    big = null
    for (let i = 0; i < 10; i++) zeros(300, 300)
    assert.ok(cpu.memoryAllocated() - before < 500_000)
  })

  it('sees what the graph keeps, and that noGrad keeps nothing', () => {
    const net = new nn.Sequential(
      ...Array.from({ length: 8 }, () => new nn.Sequential(new nn.Linear(64, 64), new nn.Tanh())),
    )
    const x = rand(4096, 64)
    const kept = (run: () => Tensor): number => {
      const before = cpu.memoryAllocated()
      const out = run()
      const after = cpu.memoryAllocated()
      assert.equal(out.ndim, 2)
      return after - before
    }
    const recorded = kept(() => net.forward(x))
    const free = kept(() => noGrad(() => net.forward(x)))
    const one = 4096 * 64 * 4
    assert.ok(recorded >= 8 * one, `${recorded} bytes kept`)
    assert.ok(free >= one && free < 2 * one, `${free} bytes kept without a graph`)
  })

  it('gives memory back', () => {
    cpu.emptyCache()
    const before = cpu.memoryReserved()
    zeros(3000, 3000)
    assert.ok(cpu.memoryReserved() - before >= 36_000_000)
    cpu.emptyCache()
    assert.ok(cpu.memoryReserved() - before < 4_000_000, `${cpu.memoryReserved() - before} bytes were kept`)
  })
})

describe('threads', () => {
  const before = getNumThreads()
  afterEach(() => {
    setNumThreads(before)
  })

  it('are as many as set, with the same result', () => {
    const [a, b] = [rand(300, 200), rand(200, 250)]
    const expected = a.matmul(b)
    setNumThreads(1)
    assert.equal(getNumThreads(), 1)
    assert.ok(a.matmul(b).allclose(expected))
    setNumThreads(2)
    assert.equal(getNumThreads(), 2)
  })

  it('are a whole number from 1 to 256', () => {
    for (const bad of [0, -1, 1.5, 257, NaN])
      assert.throws(() => {
        setNumThreads(bad)
      }, /setNumThreads: expects a whole number from 1 to 256/)
  })
})
