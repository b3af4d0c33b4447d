/** What cells and front ends say to each other beside outputs: questions, comms, cleared outputs, history. */
import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KernelClient } from '../../kernel/client.js'
import type { Message } from '../../kernel/wire/messages.js'
import { History } from '../../kernel/wire/history.js'
import {
  executeUntil,
  nextIopub,
  ofType,
  patience,
  resultText,
  streamText,
  tracebackText,
  types,
  useKernel,
  valueOf,
} from '../support/kernel.js'

describe('input', function () {
  this.timeout(patience)
  const kernel = useKernel()

  it('asks below the cell and gives the answer', async () => {
    const asked: unknown[] = []
    const onInput = (prompt: string, password: boolean): string => {
      asked.push([prompt, password])
      return 'Ada'
    }
    const executed = await kernel().execute(
      `const name = await input('Your name? '); const secret = await input('Key? ', { password: true }); name + secret`,
      { onInput },
    )
    assert.equal(resultText(executed), `'AdaAda'`)
    assert.deepEqual(asked, [
      ['Your name? ', false],
      ['Key? ', true],
    ])
  })

  it('waits without await where code cannot', async () => {
    const executed = await kernel().execute(`const words = ['a', 'b'].map((w) => input.sync(w + '?')); words.join()`, {
      onInput: (prompt) => prompt.toUpperCase(),
    })
    assert.equal(resultText(executed), `'A?,B?'`)
  })

  it('lets other code go on meanwhile', async () => {
    const executed = await kernel().execute(`setTimeout(() => console.log('tick'), 5); await input('?')`, {
      onInput: () => new Promise((resolve) => setTimeout(() => resolve('late'), 300)),
    })
    assert.equal(streamText(executed), 'tick\n')
  })

  it('says so where nobody answers', async () => {
    for (const call of [`await input('x')`, `input.sync('x')`]) {
      const executed = await kernel().execute(call)
      assert.match(tracebackText(executed), /input: this front end takes no input/)
    }
  })

  it('can be stopped', async () => {
    for (const call of [`await input('x')`, `input.sync('x')`]) {
      const asked = new Promise<void>((resolve) => {
        void kernel()
          .execute(`try { ${call} } finally { globalThis.cleaned = (globalThis.cleaned ?? 0) + 1 }`, {
            onInput: () => {
              resolve()
              return new Promise(() => {})
            },
          })
          .then((executed) => ended(executed.reply))
      })
      let ended!: (reply: Message) => void
      const end = new Promise<Message>((resolve) => (ended = resolve))
      await asked
      await kernel().interrupt()
      assert.equal((await end).content['ename'], 'KernelInterrupt')
    }
    assert.equal(await valueOf(kernel(), 'globalThis.cleaned'), '2')
  })
})

describe('clear_output', function () {
  this.timeout(patience)
  const kernel = useKernel()

  it('comes in order with the outputs', async () => {
    const executed = await kernel().execute(`console.log('a'); display.clear({ wait: true }); console.log('b')`)
    assert.deepEqual(types(executed).slice(2, -1), ['stream', 'clear_output', 'stream'])
    assert.deepEqual(ofType(executed, 'clear_output')[0].content, { wait: true })
  })
})

describe('a name with a question mark', function () {
  this.timeout(patience)
  const kernel = useKernel()

  it('opens the pager', async () => {
    const executed = await kernel().execute('nn.Linear?')
    const [page] = executed.reply.content['payload'] as { source: string; data: Record<string, string> }[]
    assert.equal(page.source, 'page')
    assert.match(page.data['text/plain'], /class[\s\S]*Linear[\s\S]*outFeatures/)
    const more = await kernel().execute('??nn.Linear')
    assert.match(JSON.stringify(more.reply.content['payload']), /Source \(.*linear\.d\.ts:\d+\).*declare class Linear/)
    assert.deepEqual(await kernel().isComplete('nn.Linear?'), { status: 'complete' })
  })

  it('says so when nothing is known', async () => {
    assert.match(tracebackText(await kernel().execute('nobody?')), /ReferenceError: nothing is known about nobody/)
  })
})

describe('comms', function () {
  this.timeout(patience)
  const kernel = useKernel()
  const comm = (type: string) => (message: Message) => message.header.msg_type === type

  it('answer a front end that opens one', async () => {
    await kernel().execute(`comms.register('echo', (comm, { data }) => {
      console.log('opened with', data.start)
      comm.onMessage = ({ data }) => comm.send({ echo: data.text })
      comm.onClose = () => console.log('closed')
    })`)
    const printed = nextIopub(kernel(), comm('stream'))
    await kernel().tell('shell', 'comm_open', { comm_id: 'c1', target_name: 'echo', data: { start: 7 } })
    assert.equal((await printed).content['text'], 'opened with 7\n')
    const info = await kernel().request('shell', 'comm_info_request', { target_name: 'echo' })
    assert.deepEqual(info.reply.content['comms'], { c1: { target_name: 'echo' } })
    const echoed = nextIopub(kernel(), comm('comm_msg'))
    await kernel().tell('shell', 'comm_msg', { comm_id: 'c1', data: { text: 'hi' } })
    const { content, parentHeader } = await echoed
    assert.deepEqual(content, { comm_id: 'c1', data: { echo: 'hi' } })
    assert.equal(parentHeader.msg_type, 'comm_msg')
    const closed = nextIopub(kernel(), comm('stream'))
    await kernel().tell('shell', 'comm_close', { comm_id: 'c1', data: {} })
    assert.equal((await closed).content['text'], 'closed\n')
    assert.equal(await valueOf(kernel(), 'comms.all.length'), '0')
  })

  it('are opened by cells, with binary parts', async () => {
    const opened = nextIopub(kernel(), comm('comm_open'))
    const sent = nextIopub(kernel(), comm('comm_msg'))
    await kernel().execute(`const channel = comms.open('jupyter.widget', { state: 1 }, { metadata: { version: '2.1' } })
      channel.send({ part: 0 }, { buffers: [new Uint8Array([1, 2, 3])] })`)
    const { content, metadata } = await opened
    assert.deepEqual(
      [content['target_name'], content['data'], metadata],
      ['jupyter.widget', { state: 1 }, { version: '2.1' }],
    )
    assert.deepEqual([...(await sent).buffers[0]], [1, 2, 3])
    const refused = await kernel().execute(`channel.send({ big: 1n })`)
    assert.match(tracebackText(refused), /TypeError: .*BigInt/)
    const closed = await kernel().execute(`channel.close(); channel.close(); channel.send({})`)
    assert.equal(ofType(closed, 'comm_close').length, 1)
    assert.match(tracebackText(closed), /comm 'jupyter.widget' is closed/)
  })

  it('are refused at once for unknown targets, while a cell computes', async () => {
    const [running] = await executeUntil(kernel(), `console.log('on'); while (true) {}`, 'on')
    const closed = nextIopub(kernel(), comm('comm_close'))
    await kernel().tell('shell', 'comm_open', { comm_id: 'nobody', target_name: 'unknown', data: {} })
    assert.equal((await closed).content['comm_id'], 'nobody')
    await kernel().interrupt()
    await running
  })

  it('survive a handler that throws', async () => {
    await kernel().execute(`comms.register('bad', () => { throw new Error('no luck') })`)
    const printed = nextIopub(kernel(), comm('stream'))
    await kernel().tell('shell', 'comm_open', { comm_id: 'b', target_name: 'bad', data: {} })
    assert.match(String((await printed).content['text']), /Uncaught error in a handler of comm_open:[\s\S]*no luck/)
  })
})

describe('subshells', function () {
  this.timeout(patience)
  const kernel = useKernel()

  it('run cells while the main shell awaits, with the same variables', async () => {
    const created = await kernel().request('control', 'create_subshell_request')
    const subshell = String(created.reply.content['subshell_id'])
    const listed = await kernel().request('control', 'list_subshell_request')
    assert.deepEqual(listed.reply.content['subshell_id'], [subshell])
    const main = kernel().execute(
      `let open; const gate = new Promise((resolve) => (open = resolve)); await gate; 'main'`,
    )
    await kernel().execute('1', { subshell }) // by now the main cell awaits
    const other = await kernel().execute(`console.log('beside'); open(); 'sub'`, { subshell })
    assert.equal(resultText(other), `'sub'`)
    assert.equal(streamText(other), 'beside\n')
    assert.equal(resultText(await main), `'main'`)
    assert.notEqual(other.reply.content['execution_count'], (await main).reply.content['execution_count'])
    await kernel().request('control', 'delete_subshell_request', { subshell_id: subshell })
    const gone = await kernel().execute('1', { subshell })
    assert.equal(gone.reply.content['evalue'], `there is no subshell '${subshell}'`)
    const again = await kernel().request('control', 'delete_subshell_request', { subshell_id: subshell })
    assert.equal(again.reply.content['status'], 'error')
  })

  it('keep their questions apart', async () => {
    const created = await kernel().request('control', 'create_subshell_request')
    const subshell = String(created.reply.content['subshell_id'])
    let main!: ReturnType<KernelClient['execute']>
    const answer = await new Promise<(value: string) => void>((asked) => {
      main = kernel().execute(`await input('?')`, { onInput: () => new Promise((value) => asked(value)) })
    })
    await kernel().execute('1', { subshell }) // its end must not take the other's question away
    answer('yes')
    assert.equal(resultText(await main), `'yes'`)
  })

  it('are stopped together by the stop button', async () => {
    const created = await kernel().request('control', 'create_subshell_request')
    const subshell = String(created.reply.content['subshell_id'])
    const forever = `console.log('on'); await new Promise(() => {})`
    const [first] = await executeUntil(kernel(), forever, 'on')
    const second = kernel().execute(forever, { subshell })
    await nextIopub(kernel(), (message) => message.content['text'] === 'on\n')
    await kernel().interrupt()
    for (const executed of await Promise.all([first, second]))
      assert.equal(executed.reply.content['ename'], 'KernelInterrupt')
    assert.equal(await valueOf(kernel(), '1 + 1'), '2')
  })
})

describe('history', function () {
  this.timeout(patience)
  const folder = mkdtempSync(join(tmpdir(), 'gradbook-history-'))
  after(() => rmSync(folder, { recursive: true }))

  const ask = async (kernel: KernelClient, content: Record<string, unknown>): Promise<unknown> =>
    (await kernel.request('shell', 'history_request', { output: false, raw: true, ...content })).reply.content[
      'history'
    ]

  it('is kept from session to session', async () => {
    const env = { GRADBOOK_HISTORY: folder }
    const first = await KernelClient.start({ env })
    await first.execute('1 + 1')
    await first.execute('let a = 5', { storeHistory: false })
    await first.execute('2 + 2')
    assert.deepEqual(await ask(first, { hist_access_type: 'tail', n: 1 }), [[1, 2, '2 + 2']])
    await first.shutdown()
    const second = await KernelClient.start({ env })
    await second.execute('3 + 3')
    assert.deepEqual(await ask(second, { hist_access_type: 'tail', n: 10, output: true }), [
      [1, 1, ['1 + 1', '2']],
      [1, 2, ['2 + 2', '4']],
      [2, 1, ['3 + 3', '6']],
    ])
    assert.deepEqual(await ask(second, { hist_access_type: 'range', session: -1, start: 2, stop: 3 }), [
      [1, 2, '2 + 2'],
    ])
    assert.deepEqual(await ask(second, { hist_access_type: 'search', pattern: '*1*' }), [[1, 1, '1 + 1']])
    const refused = await second.request('shell', 'history_request', { hist_access_type: 'all' })
    assert.equal(refused.reply.content['evalue'], 'hist_access_type is "all", expected "tail", "range" or "search"')
    await second.shutdown()
  })

  it('lists a text once when asked to, and reads around damage', () => {
    const history = new History(folder)
    for (const [i, code] of ['x', 'y', 'x'].entries()) history.add(i + 1, code, undefined)
    const [file] = readdirSync(folder).sort().reverse()
    appendFileSync(join(folder, file), '{"line": 4, "inp')
    const again = new History(folder)
    assert.deepEqual(
      again.search('?', null, true).map(({ line, input }) => [line, input]),
      [
        [2, 'y'],
        [3, 'x'],
      ],
    )
    assert.equal(again.search('[!x]', 5, false).length, 1)
    assert.equal(again.search('[z-a]', 5, false).length, 0)
    assert.equal(again.tail(0).length, 0)
  })
})
