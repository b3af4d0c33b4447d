/** What values look like, and displays that change. */
import assert from 'node:assert/strict'
import { toBundle } from '../../../kernel/display/bundle.js'
import { displayHook } from '../../../lib/plot/mime.js'
import { ofType, patience, plainText, resultText, useKernel } from '../../support/kernel.js'

describe('MIME bundles', () => {
  const data = async (value: unknown, raw = false) => (await toBundle(value, { raw })).data

  it('of plain values are the text that Node shows, coloured only inside objects', async () => {
    assert.deepEqual(await data(1), { 'text/plain': '1' })
    assert.deepEqual(await data('it'), { 'text/plain': `'it'` })
    assert.equal(plainText(String((await data({ a: [1] }))['text/plain'])), '{ a: [ 1 ] }')
  })

  it('come from the hook of the value, now or later', async () => {
    const shown = { 'text/html': '<b>x</b>', 'text/plain': 'x' }
    assert.deepEqual(await data({ [displayHook]: () => shown }), shown)
    assert.deepEqual(await data({ [displayHook]: () => Promise.resolve(shown) }), shown)
  })

  it('come from the older hooks too', async () => {
    const bundle = await data({ _toHtml: () => '<i>', _toSvg: () => Promise.resolve('<svg/>') })
    assert.deepEqual([bundle['text/html'], bundle['image/svg+xml']], ['<i>', '<svg/>'])
    assert.equal((await data({ _toMime: () => ({ 'text/plain': 'own' }) }))['text/plain'], 'own')
    assert.equal((await data({ _toPng: () => Uint8Array.of(1, 2) }))['image/png'], 'AQI=')
  })

  it('always have a text, and data fit for JSON', async () => {
    const bundle = await data({ [displayHook]: () => ({ 'application/json': { list: Float32Array.of(1, 2) } }) })
    assert.deepEqual(bundle['application/json'], { list: [1, 2] })
    assert.equal(typeof bundle['text/plain'], 'string')
  })

  it('that are none are refused with the reason', () => {
    assert.throws(() => toBundle('text', { raw: true }), /must be an object from MIME types to data, not 'text'/)
    assert.throws(() => toBundle({ html: 'x' }, { raw: true }), /'html' in a MIME bundle is not a MIME type/)
  })
})

describe('display', function () {
  this.timeout(patience)
  const kernel = useKernel()

  it('shows at once, and updates under the same id', async () => {
    const executed = await kernel().execute(
      `const handle = display({ 'text/plain': 'one' }, { raw: true, display_id: 'mine' }); handle.update('two')
       display('three', { display_id: 'mine', update: true }); handle.display_id`,
    )
    const shown = executed.iopub.filter(({ header }) => header.msg_type.endsWith('display_data'))
    assert.deepEqual(
      shown.map(({ header, content }) => [header.msg_type, (content['data'] as Record<string, unknown>)['text/plain']]),
      [
        ['display_data', 'one'],
        ['update_display_data', `'two'`],
        ['update_display_data', `'three'`],
      ],
    )
    for (const { content } of shown) {
      assert.deepEqual(content['transient'], { display_id: 'mine' })
      assert.deepEqual(content['metadata'], {})
    }
    assert.equal(resultText(executed), `'mine'`)
  })

  it('is not followed by its handle when it ends a cell', async () => {
    const { iopub } = await kernel().execute(`display('once')`)
    const shown = iopub.map(({ header }) => header.msg_type).filter((type) => type !== 'status')
    assert.deepEqual(shown, ['execute_input', 'display_data'])
  })

  it('has a short form for each usual MIME type', async () => {
    const executed = await kernel().execute(
      `display.html('<b>'); display.markdown('*a*'); display.svg('<svg/>'); display.png(Uint8Array.of(1, 2))
       display.json({ a: 1 }); display.latex('$x$'); display.text('t')`,
    )
    const types = ofType(executed, 'display_data').map(({ content }) => Object.keys(content['data'] as object)[0])
    assert.deepEqual(types, [
      'text/html',
      'text/markdown',
      'image/svg+xml',
      'image/png',
      'application/json',
      'text/latex',
      'text/plain',
    ])
  })

  it('waits for bundles that are promised', async () => {
    const executed = await kernel().execute(
      `display({ async [Symbol.for('Jupyter.display')]() {
         await new Promise((resolve) => setTimeout(resolve, 10)); return { 'text/plain': 'late' } } }); 0`,
    )
    const [shown] = ofType(executed, 'display_data')
    assert.deepEqual(shown.content['data'], { 'text/plain': 'late' })
  })

  it('fails its cell when a hook throws', async () => {
    const code = `({ [Symbol.for('Jupyter.display')]() { throw new Error('cannot be drawn') } })`
    for (const text of [code, `display(${code})`]) {
      const { reply } = await kernel().execute(text)
      assert.equal(reply.content['evalue'], 'cannot be drawn')
    }
  })

  it('takes the displays of the library', async () => {
    const executed = await kernel().execute(
      `const { displaySink } = await import(${JSON.stringify(new URL('../../../lib/plot/mime.js', import.meta.url).href)})
       displaySink().display({ 'text/plain': 'curve' }, 'live'); displaySink().update({ 'text/plain': 'curve 2' }, 'live')`,
    )
    const shown = executed.iopub.filter(({ header }) => header.msg_type.endsWith('display_data'))
    assert.deepEqual(
      shown.map(({ content }) => [content['data'], content['transient']]),
      [
        [{ 'text/plain': 'curve' }, { display_id: 'live' }],
        [{ 'text/plain': 'curve 2' }, { display_id: 'live' }],
      ],
    )
  })
})
