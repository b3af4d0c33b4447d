/** Errors as the front end shows them, and what a failing cell leaves behind. */
import assert from 'node:assert/strict'
import { ofType, patience, plainText, streamText, tracebackText, useKernel, valueOf } from '../../support/kernel.js'

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

  it('show type errors as warnings with their line, and run the cell', async () => {
    const executed = await kernel().execute('const fine = 1\nconst wrong: number = "text"\nwrong')
    assert.equal(executed.reply.content['status'], 'ok')
    const text = plainText(streamText(executed, 'stderr'))
    assert.match(text, /^cell \d+, line 2: warning TS2322: .*\n +--> 2 \| const wrong: number = "text"\n +\| +\^+\n$/)
    assert.equal(ofType(executed, 'execute_result').length, 1)
  })
})
