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

  it('end in a clear error when a cell calls process.exit', async () => {
    const { reply } = await kernel().execute('process.exit(3)')
    assert.match(String(reply.content['evalue']), /would end the kernel/)
    assert.equal(await valueOf(kernel(), '1'), '1')
  })
})
