/** The device itself: what it says, its memory, its clock, and what happens when something is wrong with it. */
import { strict as assert } from 'node:assert'
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { packageRoot } from '../../lib/device/addon.js'
import { F, gpu, randn, tensor, zeros } from '../../lib/index.js'
import { needsGpu } from '../support/gpu.js'

const library = pathToFileURL(join(packageRoot(), 'dist', 'lib', 'index.js')).href

/** A program for a process of its own, which sees the library as `g`. */
const program = (body: string): string[] => [
  '--input-type=module',
  '-e',
  `import * as g from ${JSON.stringify(library)}\n${body}`,
]

/** What the program prints. */
function run(body: string, env: Record<string, string> = {}): string {
  return execFileSync(process.execPath, program(body), {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
}

describe('a machine without a device', () => {
  it('says what was looked for and computes on the CPU', () => {
    const body = `
      try { g.tensor([1]).gpu() } catch (error) { console.log(error.message) }
      console.log(g.gpu.isAvailable(), g.gpu.deviceCount(), g.gpu.whyNot(), g.tensor([1, 2]).sum().item())`
    const output = run(body, { OCL_ICD_VENDORS: '/nowhere', OCL_ICD_FILENAMES: '' })
    assert.match(output, /^there is no GPU: .*OpenCL.*gpu\.whyNot\(\) says what helps\nfalse 0 .*install.* 3\n$/)
  })
})

describe('a device', () => {
  before(function () {
    needsGpu(this)
  })

  it('describes itself', () => {
    assert.ok(gpu.deviceCount() >= 1)
    assert.ok(gpu.getDeviceName().length > 0)
    const properties = gpu.getDeviceProperties()
    assert.ok(properties.totalMemory > 0 && properties.multiProcessorCount > 0)
    assert.match(properties.interface, /OpenCL/)
    assert.equal(gpu.whyNot(), '')
  })

  it('counts its memory', () => {
    gpu.emptyCache()
    const before = gpu.memoryAllocated()
    gpu.resetPeakMemoryStats()
    const x = zeros(1024, 1024, { device: 'gpu' })
    assert.ok(gpu.memoryAllocated() - before >= 4 << 20)
    x.dispose()
    assert.equal(gpu.memoryAllocated(), before)
    assert.ok(gpu.maxMemoryAllocated() >= before + (4 << 20))
    const reserved = gpu.memoryReserved()
    gpu.emptyCache()
    assert.ok(gpu.memoryReserved() < reserved)
  })

  it('stays flat over a loop', function () {
    this.timeout(60_000)
    let x = randn(256, 256, { device: 'gpu' })
    let [low, high] = [Infinity, 0]
    for (let i = 0; i < 2000; i++) {
      x = x.mul(0.5).add(1)
      if (i < 1000) continue
      low = Math.min(low, gpu.memoryReserved())
      high = Math.max(high, gpu.memoryReserved())
    }
    assert.ok(high <= 1.5 * low, `${low} to ${high} bytes`)
  })

  it('measures time on its own clock', () => {
    const [start, end] = [new gpu.Event(), new gpu.Event()]
    const x = randn(128, 128).gpu()
    start.record()
    for (let i = 0; i < 5; i++) x.matmul(x)
    end.record()
    assert.ok(start.elapsedTime(end) > 0)
    assert.throws(() => start.elapsedTime(new gpu.Event()), /both events must be recorded/)
  })

  it('says when memory runs out, after giving back what lies idle', () => {
    gpu.emptyCache()
    const share = (gpu.memoryReserved() + (96 << 20)) / gpu.getDeviceProperties().totalMemory
    gpu.setPerProcessMemoryFraction(share)
    try {
      zeros(16 << 20, { device: 'gpu' }).dispose()
      // Fits only if the 64 MiB that lie idle are given back.
      const x = zeros(20 << 20, { device: 'gpu' })
      assert.throws(() => zeros(20 << 20, { device: 'gpu' }), /out of memory: gpu:0 refused \d+ bytes \(\d+ in use\)/)
      x.dispose()
      assert.equal(zeros(4, { device: 'gpu' }).sum().item(), 0)
    } finally {
      gpu.setPerProcessMemoryFraction(1)
    }
    assert.throws(() => gpu.setPerProcessMemoryFraction(2), /between 0 and 1/)
  })

  it('reports an index out of range when values are read, and goes on', () => {
    const index = tensor([0, 7], { dtype: 'int64' }).gpu()
    const y = randn(3, 2).gpu().indexSelect(0, index)
    assert.throws(() => y.cpu(), {
      name: 'RangeError',
      message: /indexSelect on gpu:0: index\[\d\] is 7, expected 0 to 2/,
    })
    const labels = tensor([1, 4], { dtype: 'int64' }).gpu()
    assert.throws(
      () => F.crossEntropy(randn(2, 3).gpu(), labels).item(),
      /nllLoss on gpu:0: index\[1\] is 4, expected 0 to 2/,
    )
    assert.deepEqual(tensor([1, 2]).gpu().add(1).cpu().toArray(), [2, 3])
  })

  it('is named when it is lost, and the CPU lives on', () => {
    const output = run(`
      const { addon } = await import(${JSON.stringify(library.replace('index.js', 'device/addon.js'))})
      const x = g.tensor([1, 2]).gpu(), y = g.tensor([3, 4])
      addon().gpuLose(0)
      for (const use of [() => x.add(1), () => x.cpu(), () => y.gpu(), () => g.gpu.synchronize()])
        try { use(); console.log('no error') } catch (error) { console.log(error.message) }
      console.log(y.add(1).toArray().join())`)
    const lines = output.trim().split('\n')
    assert.equal(lines.length, 5)
    for (const line of lines.slice(0, 4))
      assert.ok(
        line.startsWith(`the device ${gpu.getDeviceName()} failed: `) && line.includes('CL_DEVICE_NOT_AVAILABLE'),
        line,
      )
    assert.equal(lines[4], '4,5')
  })
})

describe('the cache of compiled kernels', () => {
  before(function () {
    needsGpu(this)
  })

  it('is shared by processes, and mends what is damaged', async function () {
    this.timeout(120_000)
    const folder = mkdtempSync(join(tmpdir(), 'gradbook-kernels-'))
    const sum = `console.log(g.tensor([1, 2, 3]).gpu().cumsum(0).cpu().toArray().join())`
    const env = { GRADBOOK_GPU_CACHE: folder }
    const programs = (): string[] => readdirSync(folder)
    try {
      const two = [0, 1].map(
        () =>
          new Promise<string>((resolve, reject) => {
            const child = spawn(process.execPath, program(sum), {
              env: { ...process.env, ...env },
              stdio: ['ignore', 'pipe', 'ignore'],
            })
            let output = ''
            child.stdout.on('data', (text) => (output += String(text)))
            child.on('error', reject)
            child.on('close', () => resolve(output))
          }),
      )
      assert.deepEqual(await Promise.all(two), ['1,3,6\n', '1,3,6\n'])
      assert.equal(programs().length, 1)
      const file = join(folder, programs()[0])
      assert.match(file, /[0-9a-f]{16}\.program$/)
      const whole = readFileSync(file)
      writeFileSync(file, 'no program')
      assert.equal(run(sum, env), '1,3,6\n')
      assert.ok(readFileSync(file).length > 100)
      truncateSync(file, whole.length >> 1)
      assert.equal(run(sum, env), '1,3,6\n')
      assert.deepEqual(programs().length, 1)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
