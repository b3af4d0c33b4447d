/** What cells print: all of it, in order, under the right cell, and at once. */
import assert from 'node:assert/strict'
import { executeUntil, ofType, patience, plainText, streamText, useKernel, valueOf } from '../../support/kernel.js'

describe('streams', function () {
  this.timeout(patience)
  const kernel = useKernel()

  it('format values as Node does', async () => {
    const executed = await kernel().execute(
      `console.log('%s has %d', 'a', 3, { deep: { list: [1, 2] } }); console.info(new Map([[1, 'x']]));
       console.table([{ a: 1 }]); console.dir([undefined, null])`,
    )
    const text = streamText(executed)
    assert.match(text, /^a has 3 \{ deep: \{ list: \[ 1, 2 \] \} \}\nMap\(1\) \{ 1 => 'x' \}\n/)
    assert.match(text, /│ 0 +│ 1 │/)
    assert.match(text, /\[ undefined, null \]\n$/)
  })

  it('keep stdout and stderr apart', async () => {
    const executed = await kernel().execute(
      `console.warn('w'); console.error('e'); process.stderr.write('s'); process.stdout.write(Buffer.from('o'))`,
    )
    assert.equal(streamText(executed, 'stderr'), 'w\ne\ns')
    assert.equal(streamText(executed, 'stdout'), 'o')
  })

  for (const lines of [2000, 100_000])
    it(`deliver ${lines} lines of one loop, in few messages`, async () => {
      const executed = await kernel().execute(`for (let i = 0; i < ${lines}; i++) console.log(i)`)
      const expected = Array.from({ length: lines }, (_, i) => `${i}\n`).join('')
      assert.equal(streamText(executed), expected)
      assert.ok(ofType(executed, 'stream').length < lines / 20)
    })

  it('stay below the rate that a server allows, even when they alternate', async () => {
    const started = performance.now()
    const executed = await kernel().execute(`for (let i = 0; i < 20_000; i++) { console.log(i); console.error(i) }`)
    const seconds = (performance.now() - started) / 1000
    for (const name of ['stdout', 'stderr'] as const)
      assert.equal(streamText(executed, name).length, 2 * 10 + 3 * 90 + 4 * 900 + 5 * 9000 + 6 * 10_000)
    assert.ok(ofType(executed, 'stream').length < 1000 * Math.max(1, seconds))
  })

  it('hold what programs and native code write, in order with what the cell prints', async () => {
    await kernel().execute(`import { execSync, spawn } from 'node:child_process'; import { writeSync } from 'node:fs'`)
    const executed = await kernel().execute(
      `console.log('cell'); execSync('echo program; echo problem >&2; echo again', { stdio: 'inherit' }); console.log('cell');
       writeSync(1, 'raw\\n'); console.log('cell'); writeSync(2, 'raw\\n'); execSync('echo complaint >&2')`,
    )
    assert.equal(streamText(executed), 'cell\nprogram\nagain\ncell\nraw\ncell\n')
    assert.equal(streamText(executed, 'stderr'), 'problem\nraw\ncomplaint\n')
    const loop = `for (let i = 0; i < 500; i++) { console.log('a' + i); writeSync(1, 'b' + i + '\\n') }`
    const expected = Array.from({ length: 500 }, (_, i) => `a${i}\nb${i}\n`).join('')
    assert.equal(streamText(await kernel().execute(loop)), expected)
  })

  it('show what a program writes while it runs, whole characters only, progress bars untouched', async () => {
    const code = `execSync("printf 'on \\\\344\\\\275'; sleep 0.1; printf '\\\\240\\\\r50%%\\\\r'; exec sleep 100", { stdio: 'inherit' })`
    const [executed] = await executeUntil(kernel(), code, 'on 你\r50%\r')
    await kernel().interrupt()
    assert.equal((await executed).reply.content['ename'], 'KernelInterrupt')
  })

  it('hold what a program writes that is not waited for, and a megabyte of it', async () => {
    const executed = await kernel().execute(
      `await new Promise((resolve) => spawn('seq', ['200000'], { stdio: 'inherit' }).on('exit', resolve))`,
    )
    assert.equal(streamText(executed).length, Array.from({ length: 200_000 }, (_, i) => `${i + 1}\n`).join('').length)
  })

  it('put text before and after a display where it was printed', async () => {
    const executed = await kernel().execute(`console.log('before'); display(1); console.log('after')`)
    const shown = executed.iopub.map(({ header, content }) =>
      header.msg_type === 'stream' ? content['text'] : header.msg_type,
    )
    assert.deepEqual(shown.slice(2, -1), ['before\n', 'display_data', 'after\n'])
  })

  it('arrive while the cell that wrote them still blocks', async () => {
    const [executed] = await executeUntil(kernel(), `console.log('early'); while (true) {}`, 'early')
    await kernel().interrupt()
    assert.equal((await executed).reply.content['ename'], 'KernelInterrupt')
  })

  it('go to the cell whose timer wrote them', async () => {
    await kernel().execute('let release: (() => void) | undefined')
    const first = await kernel().execute(
      `const tick = async (): Promise<void> => {
         if (!release) return void setTimeout(tick, 10)
         console.log('from the timer')
         await null
         console.log('after its await')
         release()
       }
       setTimeout(tick, 10); 0`,
    )
    const parents = new Map<string, string>()
    const stop = kernel().onIopub(({ header, content, parentHeader }) => {
      if (header.msg_type !== 'stream') return
      for (const line of String(content['text']).split('\n').filter(Boolean))
        parents.set(line, String(parentHeader.msg_id))
    })
    const second = await kernel().execute(
      `console.log('from the cell'); await new Promise<void>((resolve) => { release = resolve })`,
    )
    stop()
    const [firstId, secondId] = [first, second].map(({ reply }) => reply.parentHeader.msg_id)
    assert.notEqual(firstId, secondId)
    assert.deepEqual(Object.fromEntries(parents), {
      'from the timer': firstId,
      'after its await': firstId,
      'from the cell': secondId,
    })
  })

  it('report errors that nobody catches, and the kernel lives', async () => {
    const code = {
      timer: `setTimeout(() => { throw new TypeError('lost in a timer') }, 1)`,
      promise: `void Promise.reject(new RangeError('lost in a promise'))`,
      callback: `process.nextTick(() => { throw new Error('lost in a callback') })`,
    }
    for (const [name, text] of Object.entries(code)) {
      const executed = await kernel().execute(`${text}; await new Promise((resolve) => setTimeout(resolve, 40))`)
      assert.equal(executed.reply.content['status'], 'ok')
      assert.match(plainText(streamText(executed, 'stderr')), new RegExp(`^Un.*\\n.*lost in a ${name}`, 's'))
    }
    assert.equal(await valueOf(kernel(), '1'), '1')
  })

  it('show what comes in the next turn of the event loop before the cell ends', async () => {
    const warned = await kernel().execute(`process.emitWarning('careful')`)
    assert.match(streamText(warned, 'stderr'), /Warning: careful/)
  })

  it('end in a clear error when a cell calls process.exit', async () => {
    const { reply } = await kernel().execute('process.exit(3)')
    assert.match(String(reply.content['evalue']), /would end the kernel/)
    assert.equal(await valueOf(kernel(), '1'), '1')
  })
})
