/** The stop button in each kind of code, many times in a row, with all variables kept. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { executeUntil, patience, resultText, streamText, tracebackText, useKernel, valueOf } from '../support/kernel.js'

const folder = mkdtempSync(join(tmpdir(), 'gradbook-interrupt-'))
writeFileSync(
  join(folder, 'spin.cjs'),
  `exports.forever = (said) => { console.log(said); for (;;) {} }
   exports.later = async (said) => { await null; exports.forever(said) }
   exports.afterTimer = async (said) => {
     await require('timers/promises').setTimeout(1)
     await new Promise((resolve) => setTimeout(resolve, 1))
     exports.forever(said)
   }
   exports.briefly = async (ms) => { await null; for (const end = performance.now() + ms; performance.now() < end; ) {} }
   exports.sort = (said) => { const all = Float64Array.from({ length: 5e4 }, (_, i) => (i * 7919) % 1e6); console.log(said); for (;;) all.slice().sort() }
   exports.afterFile = async (said) => { await require('fs').promises.readFile(__filename); exports.forever(said) }`,
)
writeFileSync(join(folder, 'spins-on-load.cjs'), `console.log('spinning'); for (;;) {}`)

/** Each prints `spinning` and never ends by itself. */
const endless: Record<string, string> = {
  'an empty loop': `console.log('spinning'); while (true) {}`,
  'a loop that works': `let steps = 0; console.log('spinning'); for (;;) { steps++ }`,
  'a loop after an await': `await null; console.log('spinning'); for (;;) {}`,
  'a promise that never settles': `console.log('spinning'); await new Promise(() => {})`,
  'a loop that awaits timers': `for (;;) { console.log('spinning'); await new Promise((r) => setTimeout(r, 5)) }`,
  'a loop that awaits long': `for (;;) { console.log('spinning'); await new Promise((r) => setTimeout(r, 5000)) }`,
  'a loop in an imported module': `spin.forever('spinning')`,
  'such a loop after an await': `await spin.later('spinning')`,
  'such a loop after timers': `await spin.afterTimer('spinning')`,
  'such a loop after reading a file': `await spin.afterFile('spinning')`,
  'endless recursion through an async function': `async function again(): Promise<void> { await null; return again() }\nconsole.log('spinning'); await again()`,
  'a catastrophic regular expression': `console.log('spinning'); /^(a+)+$/.test('a'.repeat(60) + 'b')`,
  'JSON without end': `const list = Array(1e5).fill({ a: 1 }); console.log('spinning'); for (;;) list.map((x) => JSON.stringify(x))`,
  'the reading of long JSON': `const json = '[' + '{"a":[1,2,3]},'.repeat(2e4) + '0]'; console.log('spinning'); for (;;) JSON.parse(json)`,
  'sorts of a typed array': `spin.sort('spinning')`,
  'a wait for shared memory': `console.log('spinning'); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)`,
  'a wait for a worker thread': `const thread = new Worker('setInterval(() => {}, 1000)', { eval: true }); console.log('spinning'); await once(thread, 'exit')`,
  'a shell command': `console.log('spinning'); execSync('sleep 100; sleep 100')`,
  'a program that holds the terminal': `console.log('spinning'); spawnSync('sleep', ['100'], { stdio: 'inherit' })`,
  'such a program after an await': `await null; console.log('spinning'); spawnSync('sleep', ['100'])`,
  'a program that is awaited': `console.log('spinning'); await once(spawn('sleep', ['100']), 'exit')`,
  'a loop in an event handler': `new EventEmitter().on('go', () => { console.log('spinning'); for (;;) {} }).emit('go')`,
  'such a loop while the cell awaits': `setTimeout(() => new EventEmitter().on('go', () => { console.log('spinning'); for (;;) {} }).emit('go'), 1); await new Promise(() => {})`,
  'a loop over batches of worker threads': `const loader = new data.DataLoader(new datasets.MNIST({ train: false }), { batchSize: 50, shuffle: true, numWorkers: 2 }); console.log('spinning'); for (;;) for (const [images] of loader) images.sum()`,
  'a long matrix product': `const big = zeros(7000, 7000); console.log('spinning'); big.matmul(big)`,
  'a long permutation': `console.log('spinning'); for (;;) randperm(3_000_000)`,
  'long draws': `const rates = full([1_000_000], 3.5); console.log('spinning'); for (;;) poisson(rates)`,
  'a long sort': `const many = zeros(20_000_000); console.log('spinning'); for (;;) many.sort()`,
}

after(() => rmSync(folder, { recursive: true, force: true }))

describe('interrupt', function () {
  this.timeout(patience)
  const kernel = useKernel({ cwd: folder })

  before(async () => {
    await kernel().execute('const kept = { value: 41 }')
    await kernel().execute(`const spin = require('./spin.cjs')
      import { execSync, spawn, spawnSync } from 'node:child_process'
      import { EventEmitter, once } from 'node:events'
      import { Worker } from 'node:worker_threads'`)
  })

  for (const [name, code] of Object.entries(endless))
    it(`stops ${name}, three times in a row`, async () => {
      for (let repeat = 0; repeat < 3; repeat++) {
        const [executed] = await executeUntil(kernel(), code, 'spinning')
        await kernel().interrupt()
        const { reply, iopub } = await executed
        assert.equal(reply.content['ename'], 'KernelInterrupt')
        assert.equal(iopub.at(-1)!.content['execution_state'], 'idle')
        assert.equal(await valueOf(kernel(), 'kept.value + 1'), '42')
      }
    })

  it('stops a loop a hundred times in a row and never poisons the cell that follows', async () => {
    await kernel().execute('let stops = 0')
    for (let repeat = 0; repeat < 100; repeat++) {
      const [executed] = await executeUntil(
        kernel(),
        `stops += 1; console.log('spinning'); while (true) {}`,
        'spinning',
      )
      await kernel().interrupt()
      assert.equal((await executed).reply.content['ename'], 'KernelInterrupt')
    }
    assert.equal(await valueOf(kernel(), 'stops'), '100')
  })

  it('stops unmarked code after an await twenty times in a row', async () => {
    for (let repeat = 0; repeat < 20; repeat++) {
      const [executed] = await executeUntil(kernel(), `await spin.later('spinning')`, 'spinning')
      await kernel().interrupt()
      assert.equal((await executed).reply.content['ename'], 'KernelInterrupt')
    }
    assert.equal(await valueOf(kernel(), 'kept.value'), '41')
  })

  it('never stops the next cell, nor hangs, when a cell ends just then', async () => {
    for (let repeat = 0; repeat < 100; repeat++) {
      // Stops come from before the end of the cell to after it, in each kind of code that a stop treats in its own way.
      const ms = repeat % 10
      const code = [
        `for (const end = performance.now() + ${ms}; performance.now() < end; ) {}`,
        `await spin.briefly(${ms})`,
        `await new Promise((resolve) => setTimeout(resolve, ${ms}))`,
      ][repeat % 3]
      const executed = kernel().execute(`console.log('begun'); ${code}`)
      await new Promise((resolve) => setTimeout(resolve, 5 + (repeat % 23)))
      await kernel().interrupt()
      const { content } = (await executed).reply
      assert.ok(content['status'] === 'ok' || content['ename'] === 'KernelInterrupt', JSON.stringify(content))
      assert.equal(await valueOf(kernel(), 'kept.value + 1'), '42')
    }
  })

  it('says after three seconds what it is waiting for where nothing can be stopped', async () => {
    const code = `const { pbkdf2Sync } = require('crypto'), hash = (rounds: number) => pbkdf2Sync('', '', rounds, 64, 'sha512')
      const timed = () => { const begun = performance.now(); hash(20_000); return performance.now() - begun }
      // By the fastest of several: after a slow one the long call would be too short to be told of.
      const rounds = Math.ceil((20_000 * 5500) / Math.min(...Array.from({ length: 5 }, timed)))
      console.log('spinning'); hash(rounds)`
    const [executed] = await executeUntil(kernel(), code, 'spinning')
    await kernel().interrupt()
    const ended = await executed
    assert.match(streamText(ended, 'stderr'), /in native code that does not look at the stop button/)
    assert.equal(ended.reply.content['ename'], 'KernelInterrupt')
    assert.equal(await valueOf(kernel(), 'kept.value + 1'), '42')
  })

  it('tells the line where the loop was', async () => {
    const [executed] = await executeUntil(
      kernel(),
      `console.log('spinning')\nconst a = 1\nwhile (true) {\n}`,
      'spinning',
    )
    await kernel().interrupt()
    assert.match(tracebackText(await executed), /Cell \[\d+\], line 3/)
  })

  it('leaves the library as it was, wherever it stops', async () => {
    await kernel().execute(`const w = randn(1500, 1500).requiresGrad_()`)
    const inside = [
      `noGrad(() => { console.log('spinning'); /^(a+)+$/.test('a'.repeat(60) + 'b') })`,
      `await noGrad(async () => { console.log('spinning'); await new Promise(() => {}) })`,
      `const l = w.matmul(w).sum(); console.log('spinning'); for (;;) l.backward({ retainGraph: true })`,
    ]
    for (const code of inside) {
      const [executed] = await executeUntil(kernel(), code, 'spinning')
      await kernel().interrupt()
      assert.equal((await executed).reply.content['ename'], 'KernelInterrupt')
      assert.equal(await valueOf(kernel(), 'w.mul(2).requiresGrad'), 'true')
    }
  })

  it('leaves a tensor that is changed in place as it was, or as it should be', async () => {
    await kernel().execute(`const filled = zeros(1_000_000)`)
    for (let repeat = 0; repeat < 5; repeat++) {
      const [executed] = await executeUntil(
        kernel(),
        `console.log('spinning'); for (;;) { filled.zero_(); filled.uniform_(1, 2) }`,
        'spinning',
      )
      await new Promise((resolve) => setTimeout(resolve, 13 * repeat))
      await kernel().interrupt()
      assert.equal((await executed).reply.content['ename'], 'KernelInterrupt')
      assert.equal(await valueOf(kernel(), 'filled.amin().item() >= 1 || filled.amax().item() === 0'), 'true')
    }
  })

  it('runs finally blocks', async () => {
    const code = `var cleaned = false\ntry { console.log('spinning'); while (true) {} } finally { cleaned = true }`
    const [executed] = await executeUntil(kernel(), code, 'spinning')
    await kernel().interrupt()
    await executed
    assert.equal(await valueOf(kernel(), 'cleaned'), 'true')
  })

  it('runs finally blocks after a wait for a program, which it ends', async () => {
    const code = `var ended: unknown\ntry { console.log('spinning'); execSync('sleep 100') } finally { ended = true }`
    const [executed] = await executeUntil(kernel(), code, 'spinning')
    await kernel().interrupt()
    await executed
    assert.equal(await valueOf(kernel(), 'ended'), 'true')
  })

  it('spares programs of other cells, ends those of its own', async () => {
    await kernel().execute(`const beside = spawn('sleep', ['100'])`)
    const awaiting = `const own = spawn('sleep', ['100']); console.log('spinning'); await once(own, 'exit')`
    for (const code of [`console.log('spinning'); execSync('sleep 100')`, awaiting]) {
      const [executed] = await executeUntil(kernel(), code, 'spinning')
      await kernel().interrupt()
      await executed
    }
    const ended = await kernel().execute(`own.signalCode ?? (await once(own, 'exit'))[1]`)
    assert.equal(resultText(ended), `'SIGINT'`)
    assert.equal(
      await valueOf(kernel(), `[beside.exitCode, beside.signalCode, beside.kill('SIGKILL')].join()`),
      `',,true'`,
    )
  })

  it('ends a program that ignores the first signal when asked again', async () => {
    const code = `console.log('spinning'); execSync('trap "" INT; echo deaf >&2; sleep 100; sleep 100')`
    const [executed] = await executeUntil(kernel(), code, 'spinning')
    await kernel().interrupt()
    await kernel().interrupt()
    assert.equal((await executed).reply.content['ename'], 'KernelInterrupt')
  })

  it('stops the cell that runs, and the one that waits is aborted', async () => {
    const [executed] = await executeUntil(kernel(), `console.log('spinning'); for (;;) {}`, 'spinning')
    const queued = kernel().execute('kept.value')
    await Promise.all([kernel().interrupt(), kernel().interrupt()])
    assert.equal((await executed).reply.content['ename'], 'KernelInterrupt')
    assert.equal((await queued).reply.content['status'], 'aborted')
    assert.equal(await valueOf(kernel(), 'kept.value'), '41')
  })

  it('ends code that goes on in the background of a stopped cell', async () => {
    await kernel().execute('let beats = 0')
    const beat = `for (;;) { beats += 1; console.log('spinning'); await new Promise((r) => setTimeout(r, 5)) }`
    const [executed] = await executeUntil(kernel(), beat, 'spinning')
    await kernel().interrupt()
    await executed
    const first = await valueOf(kernel(), 'beats')
    await kernel().execute('await new Promise((r) => setTimeout(r, 60))')
    assert.equal(await valueOf(kernel(), 'beats'), first)
  })

  it('stops a cell that catches the first stop when it is asked again', async () => {
    const code = `for (;;) { try { console.log('spinning'); for (;;) {} } catch { console.log('caught') } }`
    const [executed] = await executeUntil(kernel(), code, 'spinning')
    const caught = new Promise<void>((resolve) => {
      const stop = kernel().onIopub(({ content }) => {
        if (!String(content['text']).includes('caught')) return
        stop()
        resolve()
      })
    })
    await kernel().interrupt()
    await caught
    await kernel().interrupt()
    assert.equal((await executed).reply.content['ename'], 'KernelInterrupt')
  })

  it('stops a loop in a timer of a cell that has ended', async () => {
    for (const loop of ['for (;;) {}', 'spin.forever("again")']) {
      const said = new Promise<void>((resolve) => {
        const stop = kernel().onIopub(({ content }) => {
          if (!String(content['text']).includes('in the timer')) return
          stop()
          resolve()
        })
      })
      await kernel().execute(`setTimeout(() => { console.log('in the timer'); ${loop} }, 1); 0`)
      await said
      const next = kernel().execute('kept.value')
      await kernel().interrupt()
      await next
      assert.equal(await valueOf(kernel(), 'kept.value'), '41')
    }
  })

  it('stops the loading of a module', async () => {
    const [executed] = await executeUntil(kernel(), `await import('./spins-on-load.cjs')`, 'spinning')
    await kernel().interrupt()
    assert.equal((await executed).reply.content['ename'], 'KernelInterrupt')
    assert.equal(await valueOf(kernel(), 'kept.value'), '41')
  })

  it('does nothing when nothing runs, however often', async () => {
    for (let repeat = 0; repeat < 5; repeat++) assert.equal((await kernel().interrupt())['status'], 'ok')
    const executed = await kernel().execute(`let sum = 0; for (let i = 0; i < 1000; i++) sum += i; console.log(sum)`)
    assert.equal(executed.reply.content['status'], 'ok')
    assert.equal(streamText(executed), '499500\n')
  })
})

describe('a heap that is full', function () {
  this.timeout(patience)
  const kernel = useKernel({ cwd: folder, env: { NODE_OPTIONS: '--max-old-space-size=256' } })

  /** Each fills `big` without end. */
  const greedy: Record<string, string> = {
    'large arrays': `for (;;) big.push(new Array(1e5).fill(0))`,
    'a loop after an await': `await null; for (;;) big.push(new Array(1e5).fill(0))`,
    'a loop that awaits timers': `for (;;) { big.push(new Array(1e5).fill(0)); await new Promise((r) => setTimeout(r, 1)) }`,
    'code that looks at no flag': `(0, eval)('(big) => { for (;;) big.push(new Array(1e5).fill(0)) }')(big)`,
  }
  for (const [name, code] of Object.entries(greedy))
    it(`stops a cell that fills it: ${name}`, async () => {
      await kernel().execute('var kept = 41, big: unknown[] = []')
      const { reply } = await kernel().execute(code)
      assert.equal(reply.content['ename'], 'HeapLimitError')
      assert.match(String(reply.content['evalue']), /need more than 0\.\d GB.*big = undefined/)
      assert.equal(await valueOf(kernel(), 'big.length > 0 && kept + 1'), '42')
    })
})
