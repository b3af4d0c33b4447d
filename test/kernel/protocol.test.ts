/** What the kernel says on its sockets, message by message: the Jupyter specification as a front end sees it. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { KernelClient } from '../../kernel/client.js'
import { encode, makeHeader } from '../../kernel/wire/messages.js'
import { Signer } from '../../kernel/wire/signing.js'
import { executeUntil, ofType, patience, resultText, streamText, types, useKernel, valueOf } from '../support/kernel.js'

describe('the protocol', function () {
  this.timeout(patience)
  const kernel = useKernel()

  it('tells what the kernel is', async () => {
    const info = await kernel().kernelInfo()
    assert.equal(info['status'], 'ok')
    assert.equal(info['implementation'], 'gradbook')
    assert.match(String(info['protocol_version']), /^5\.\d$/)
    const language = info['language_info'] as Record<string, unknown>
    assert.deepEqual([language['name'], language['file_extension']], ['typescript', '.ts'])
  })

  it('sends busy first, idle last, and the rest in order', async () => {
    const executed = await kernel().execute(`console.log('out'); console.error('err'); display('shown'); 6 * 7`)
    assert.deepEqual(types(executed), [
      'status',
      'execute_input',
      'stream',
      'stream',
      'display_data',
      'execute_result',
      'status',
    ])
    const states = ofType(executed, 'status').map(({ content }) => content['execution_state'])
    assert.deepEqual(states, ['busy', 'idle'])
    assert.equal(resultText(executed), '42')
    const { content } = executed.reply
    assert.equal(content['status'], 'ok')
    assert.deepEqual(content['user_expressions'], {})
    assert.deepEqual(ofType(executed, 'execute_input')[0].content, {
      code: `console.log('out'); console.error('err'); display('shown'); 6 * 7`,
      execution_count: content['execution_count'],
    })
    for (const { parentHeader } of executed.iopub) assert.equal(parentHeader.msg_type, 'execute_request')
  })

  it('counts cells, but not silent ones and those without history', async () => {
    const before = (await kernel().execute('1')).reply.content['execution_count'] as number
    const silent = await kernel().execute(`console.log('quiet'); 5`, { silent: true })
    assert.deepEqual(types(silent), ['status', 'status'])
    const unstored = await kernel().execute('2', { storeHistory: false })
    assert.equal(resultText(unstored), '2')
    assert.equal((await kernel().execute('3')).reply.content['execution_count'], before + 1)
  })

  it('evaluates user expressions', async () => {
    const { reply } = await kernel().execute('let asked = 20', {
      userExpressions: { good: 'asked + 1', bad: 'nope()' },
    })
    const results = reply.content['user_expressions'] as Record<string, Record<string, unknown>>
    assert.deepEqual(results['good'], { status: 'ok', data: { 'text/plain': '21' }, metadata: {} })
    assert.equal(results['bad']['status'], 'error')
    assert.equal(results['bad']['ename'], 'ReferenceError')
  })

  it('aborts the cells that wait behind a failing one, unless asked not to', async () => {
    const [failing, waiting] = await Promise.all([kernel().execute('throw new Error("no")'), kernel().execute('1')])
    assert.equal(failing.reply.content['status'], 'error')
    assert.equal(waiting.reply.content['status'], 'aborted')
    const [, runs] = await Promise.all([
      kernel().execute('throw new Error("no")', { stopOnError: false }),
      kernel().execute('1'),
    ])
    assert.equal(runs.reply.content['status'], 'ok')
  })

  it('runs cells that were sent together one after the other', async () => {
    await kernel().execute('const order: number[] = []')
    const slow = `await new Promise((r) => setTimeout(r, 20)); order.push(1)`
    await Promise.all([kernel().execute(slow), kernel().execute('order.push(2)'), kernel().execute('order.push(3)')])
    assert.equal(await valueOf(kernel(), 'order.join()'), `'1,2,3'`)
  })

  it('answers the heartbeat, kernel_info and questions about code while a cell computes', async () => {
    const [executed] = await executeUntil(kernel(), `const busyBee = 1; console.log('on'); while (true) {}`, 'on')
    try {
      assert.equal(await kernel().heartbeat('ping'), 'ping')
      assert.equal((await kernel().kernelInfo())['status'], 'ok')
      assert.ok(((await kernel().complete('busyBe', 6))['matches'] as string[]).includes('busyBee'))
      assert.equal((await kernel().inspect('busyBee', 3))['found'], true)
      assert.deepEqual(await kernel().isComplete('1 + 1'), { status: 'complete' })
      const { iopub } = await kernel().request('shell', 'comm_info_request')
      assert.equal(iopub.at(-1)?.content['execution_state'], 'idle')
    } finally {
      await kernel().interrupt()
      await executed
    }
  })

  it('tells front ends that a cell still runs after it answered something else', async () => {
    const [executed] = await executeUntil(kernel(), `console.log('on'); while (true) {}`, 'on')
    const states: unknown[] = []
    const stop = kernel().onIopub(({ content }) => states.push(content['execution_state']))
    await kernel().isComplete('1')
    await kernel().interrupt()
    await executed
    stop()
    assert.deepEqual(states.slice(0, 3), ['busy', 'idle', 'busy'])
    assert.equal(states.at(-1), 'idle')
  })

  it('completes with kinds, at cursors counted in code points', async () => {
    await kernel().execute('const completeMe = 1')
    const reply = await kernel().complete(`'😀'; completeM`, 14)
    assert.deepEqual([reply['status'], reply['cursor_start'], reply['cursor_end']], ['ok', 5, 14])
    assert.ok((reply['matches'] as string[]).includes('completeMe'))
    const metadata = reply['metadata'] as { _jupyter_types_experimental: Record<string, unknown>[] }
    const found = metadata._jupyter_types_experimental.find(({ text }) => text === 'completeMe')
    assert.deepEqual([found?.['start'], found?.['end'], typeof found?.['type']], [5, 14, 'string'])
  })

  it('inspects names, and says so when it knows nothing', async () => {
    await kernel().execute('/** Adds one. */ function inspectMe(x: number) { return x + 1 }')
    const known = await kernel().inspect('inspectMe', 4)
    assert.equal(known['found'], true)
    assert.match(String((known['data'] as Record<string, unknown>)['text/plain']), /inspectMe\(x: number\).*Adds one/s)
    const { reply } = await kernel().request('shell', 'inspect_request', {
      code: 'inspectMe',
      cursor_pos: 3,
      detail_level: 1,
    })
    assert.match(JSON.stringify(reply.content['data']), /Source \(Cell \[\d+\]\).*return x \+ 1/)
    assert.deepEqual(await kernel().inspect('   ', 1), { status: 'ok', found: false, data: {}, metadata: {} })
  })

  it('knows whether code is complete', async () => {
    assert.equal((await kernel().isComplete('for (;;) {'))['status'], 'incomplete')
    assert.equal((await kernel().isComplete('1 +* 2'))['status'], 'invalid')
  })

  it('answers a request with a wrong field by an error that names it', async () => {
    const executed = await kernel().request('shell', 'execute_request', { code: 7 })
    assert.equal(executed.reply.content['status'], 'error')
    assert.equal(executed.reply.content['evalue'], 'code is 7, expected a string')
    const completion = await kernel().request('shell', 'complete_request', { cursor_pos: 0 })
    assert.equal(completion.reply.content['status'], 'error')
  })

  it('drops and counts messages that are malformed or not signed with its key, and lives on', async () => {
    const { session } = kernel()
    const header = makeHeader('execute_request', session)
    const forged = encode(
      { identities: [], header, parentHeader: {}, metadata: {}, content: { code: 'var forged = 1' }, buffers: [] },
      new Signer('a wrong key'),
    )
    await kernel().sendRaw('shell', forged)
    await kernel().sendRaw('shell', ['', 'nonsense'])
    await kernel().sendRaw('control', ['<IDS|MSG>', '', '{'])
    assert.equal(await valueOf(kernel(), 'typeof forged'), `'undefined'`)
    while (!/3 so far/.test(kernel().stderr)) await once(kernel().process.stderr!, 'data')
    assert.match(kernel().stderr, /dropped a message on shell \(1 so far\): wrong signature/)
  })

  it('ignores messages of unknown types', async () => {
    const { connection, session } = kernel()
    const header = makeHeader('dance_request', session)
    const message = { identities: [], header, parentHeader: {}, metadata: {}, content: {}, buffers: [] }
    await kernel().sendRaw('shell', encode(message, new Signer(connection.key)))
    assert.equal(await valueOf(kernel(), '1 + 1'), '2')
    while (!/unknown message on shell: dance_request/.test(kernel().stderr))
      await once(kernel().process.stderr!, 'data')
  })
})

describe('the life of a kernel', function () {
  this.timeout(patience)

  it('starts on tcp, runs a cell and shuts down cleanly, echoing the restart flag', async () => {
    const kernel = await KernelClient.start({ transport: 'tcp' })
    try {
      assert.equal(streamText(await kernel.execute('console.log(process.cwd())')), `${process.cwd()}\n`)
      const exited = once(kernel.process, 'exit')
      const { reply } = await kernel.request('control', 'shutdown_request', { restart: true })
      assert.deepEqual(reply.content, { status: 'ok', restart: true })
      assert.deepEqual(await exited, [0, null])
    } finally {
      await kernel.shutdown()
    }
  })

  it('shuts down although a cell never ends', async () => {
    const kernel = await KernelClient.start()
    const [executed] = await executeUntil(kernel, `console.log('on'); for (;;) {}`, 'on')
    const ended = executed.catch((error: Error) => error.name)
    await kernel.shutdown()
    assert.equal(await ended, 'KernelDied')
    assert.ok(kernel.process.exitCode === 0 || kernel.process.signalCode === 'SIGKILL')
  })

  it('names an address that it cannot have, and ends', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gradbook-address-'))
    const file = join(folder, 'connection.json')
    const ports = { shell_port: 1, iopub_port: 2, stdin_port: 3, control_port: 4, hb_port: 5 }
    writeFileSync(file, JSON.stringify({ ...ports, transport: 'ipc', ip: join(folder, 'missing', 'socket'), key: '' }))
    const cli = fileURLToPath(new URL('../../kernel/cli.js', import.meta.url))
    const kernel = spawn(process.execPath, [cli, 'kernel', file])
    let log = ''
    kernel.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()))
    const [code] = (await once(kernel, 'close')) as [number]
    rmSync(folder, { recursive: true })
    assert.equal(code, 1)
    assert.match(log, /cannot bind ipc:.*missing\/socket-/)
  })
})
