/** Errors as the front end shows them, and what a failing cell leaves behind. */
import assert from 'node:assert/strict'
import { KernelClient } from '../../../kernel/client.js'
import {
  ofType,
  patience,
  plainText,
  streamText,
  tracebackText,
  types,
  useKernel,
  valueOf,
} from '../../support/kernel.js'

describe('errors', function () {
  this.timeout(patience)
  const kernel = useKernel()

  it('point at the lines that the user wrote, through all cells', async () => {
    await kernel().execute('function thrower(x: number): never {\n  throw new TypeError(`bad ${x}`)\n}')
    const definition = (await kernel().execute('0')).reply.content['execution_count'] as number
    const executed = await kernel().execute('interface Unused { a: string }\n\nconst before = 1\nthrower(7)')
    const { content } = executed.reply
    assert.deepEqual([content['status'], content['ename'], content['evalue']], ['error', 'TypeError', 'bad 7'])
    const text = tracebackText(executed)
    assert.match(text, new RegExp(`at thrower \\(Cell \\[${definition - 1}\\], line 2\\)`))
    assert.match(text, /--> 2 \| {3}throw new TypeError/)
    assert.match(text, new RegExp(`at Cell \\[${definition + 1}\\], line 4\\n +--> 4 \\| thrower\\(7\\)`))
    assert.doesNotMatch(text, /node:|dist\/kernel/)
  })

  it('say the same on iopub and in the reply', async () => {
    const executed = await kernel().execute('throw new RangeError("twice")')
    const [published] = ofType(executed, 'error')
    const { ename, evalue, traceback } = executed.reply.content
    assert.deepEqual(published.content, { ename, evalue, traceback })
  })

  it('keep what ran before the throw', async () => {
    await kernel().execute('let kept = 1; kept = 2; throw new Error("x"); kept = 3')
    assert.equal(await valueOf(kernel(), 'kept'), '2')
  })

  it('are shown although a display is never finished', async () => {
    const executed = await kernel().execute(
      `display({ [Symbol.for('Jupyter.display')]: () => new Promise(() => {}) })\nthrow new Error('at once')`,
    )
    assert.equal(executed.reply.content['evalue'], 'at once')
  })

  it('show causes and the errors of an AggregateError', async () => {
    const executed = await kernel().execute(
      `throw new AggregateError([new Error('one'), new TypeError('two')], 'both', { cause: new RangeError('why') })`,
    )
    const text = tracebackText(executed)
    assert.match(
      text,
      /AggregateError: both[^]*Caused by:[^]*RangeError: why[^]*Error 1 of 2:[^]*one[^]*TypeError: two/,
    )
  })

  it('show what else an error carries', async () => {
    const executed = await kernel().execute(`(await import('node:fs')).readFileSync('/does/not/exist')`)
    assert.match(tracebackText(executed), /ENOENT[^]*code: 'ENOENT'/)
  })

  it('take anything that can be thrown', async () => {
    for (const [code, value] of [
      ['throw 42', '42'],
      ['throw null', 'null'],
      [`throw { a: 'b' }`, `{ a: 'b' }`],
      ['await Promise.reject("text")', `'text'`],
    ]) {
      const { content } = (await kernel().execute(code)).reply
      assert.deepEqual([content['ename'], content['evalue']], ['Uncaught', value])
    }
    const odd = await kernel().execute(
      `class Odd extends Error { override get message(): string { throw new Error('no message') } }; throw new Odd()`,
    )
    assert.equal(odd.reply.content['status'], 'error')
  })

  it('let a stack read in the cell name its lines too', async () => {
    const text = await valueOf(kernel(), `\n(() => { try { null!.x } catch (e) { return (e as Error).stack } })()`)
    assert.match(String(text), /Cell \[\d+\]:2:/)
  })

  it('name a syntax error with its line, before anything ran', async () => {
    const executed = await kernel().execute('let ran = true\nconst = 5')
    assert.equal(executed.reply.content['ename'], 'SyntaxError')
    assert.match(tracebackText(executed), /line 2[^]*--> 2 \| const = 5/)
    assert.equal(await valueOf(kernel(), 'typeof ran'), `'undefined'`)
  })

  it('show a line that calls itself once', async () => {
    const text = tracebackText(
      await kernel().execute('function again(n: number): number { return again(n + 1) + 1 }\nagain(0)'),
    )
    assert.match(text, /RangeError: Maximum call stack/)
    assert.ok(text.split('\n').length < 15, text)
    assert.match(text, /… \d+ more calls/)
  })

  it('name the class of an error that names nothing itself', async () => {
    const { content } = (await kernel().execute('class Lost extends Error {}; throw new Lost("where")')).reply
    assert.equal(content['ename'], 'Lost')
  })

  it("point at the user's line first, then at what failed below it", async () => {
    const text = tracebackText(await kernel().execute('const layer = new nn.Linear(3, 4)\nlayer.forward(zeros(2, 5))'))
    assert.match(
      text,
      /^ShapeError: .*\n +at Cell \[\d+\], line 2\n[^]*--> 2 [^]*thrown in linear \(.*\n +called by Linear.forward/,
    )
  })

  it('leave the kernel out of stacks that cells print', async () => {
    const text = streamText(await kernel().execute('console.log(new Error("printed"))'))
    assert.match(text, /^Error: printed\n {4}at Cell \[\d+\]:1:13\n$/)
  })

  it('know errors of other realms', async () => {
    const { content } = (await kernel().execute(`require('vm').runInNewContext('throw new TypeError("far")')`)).reply
    assert.deepEqual([content['ename'], content['evalue']], ['TypeError', 'far'])
  })

  it('say what to write instead', async () => {
    const cases: Record<string, RegExp> = {
      'return 5': /that of its last expression/,
      'const a = <b>text</b>': /JSX is not supported/,
      break: /'break' outside of a loop/,
      'os.EOL': /import os from 'node:os'/,
    }
    for (const [code, expected] of Object.entries(cases))
      assert.match(String((await kernel().execute(code)).reply.content['evalue']), expected)
  })
})

describe('type errors', function () {
  this.timeout(patience)
  const kernel = useKernel({ env: { GRADBOOK_TYPES: 'strict' } })
  const wrong = 'const fine = 1\nconst wrong: number = "<text>"\nwrong'

  it('keep the cell from running where the user wants it strict', async () => {
    const executed = await kernel().execute(wrong)
    assert.equal(executed.reply.content['ename'], 'TypeCheckError')
    assert.match(tracebackText(executed), /TS2322: [^]*line 2[^]*--> 2 \| const wrong[^]*did not run/)
    assert.equal(await valueOf(kernel(), 'typeof fine'), undefined) // an unknown name is a type error too
    assert.equal((await kernel().execute('function untyped(a) {}')).reply.content['ename'], 'TypeCheckError')
  })

  it('of a first cell that ran before the compiler was ready come before its reply', async () => {
    const fresh = await KernelClient.start()
    try {
      const executed = await fresh.execute('const wrong: number = "text"; throw new RangeError(wrong as string)')
      assert.deepEqual(types(executed), ['status', 'execute_input', 'display_data', 'error', 'status'])
      const [warning] = ofType(executed, 'display_data')
      assert.match(String((warning.content['data'] as Record<string, unknown>)['text/plain']), /warning.* TS2322/)
      assert.equal(await valueOf(fresh, 'wrong.length'), '4')
    } finally {
      await fresh.shutdown()
    }
  })

  it('are warnings otherwise, shown apart from what the cell prints', async () => {
    await kernel().execute('%types warn')
    const executed = await kernel().execute(wrong)
    assert.equal(executed.reply.content['status'], 'ok')
    assert.equal(streamText(executed, 'stderr'), '')
    const [{ content }] = ofType(executed, 'display_data')
    const data = content['data'] as Record<string, string>
    assert.match(
      plainText(data['text/plain']),
      /^cell \d+, line 2: warning TS2322: .*\n +--> 2 \| const wrong: number = "<text>"\n +\| +\^+$/,
    )
    assert.match(
      data['text/html'],
      /<b>warning<\/b> TS2322: .*<span style="[^"]*">wrong<\/span>: number = &quot;&lt;text&gt;&quot;/,
    )
    assert.equal(ofType(executed, 'execute_result').length, 1)
  })

  it('are not made of plain JavaScript', async () => {
    const code = `function add(a, b = 2) { return a + b }\ntry { add(1) } catch (e) { e.message }\nconst fs = require('fs')`
    assert.deepEqual(ofType(await kernel().execute(code), 'display_data'), [])
  })

  it('are not looked for when they are off', async () => {
    const executed = await kernel().execute(`%types off\nconst off: number = 'x'`)
    assert.deepEqual(ofType(executed, 'display_data'), [])
    assert.match(tracebackText(await kernel().execute('%types loud')), /'loud' is none of warn, strict, off/)
  })
})
