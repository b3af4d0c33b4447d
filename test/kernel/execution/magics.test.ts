/** Lines that are not TypeScript: magics and commands for the shell, run, completed and explained. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  executeUntil,
  ofType,
  patience,
  plainText,
  resultText,
  streamText,
  tracebackText,
  useKernel,
  valueOf,
} from '../../support/kernel.js'

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'gradbook-magics-')))
mkdirSync(join(folder, 'inner', 'deep'), { recursive: true })
writeFileSync(join(folder, 'inner', 'near.ts'), `export const near: string = 'here'`)
writeFileSync(join(folder, 'ink.txt'), '')

describe('magics', function () {
  this.timeout(patience)
  const kernel = useKernel({ cwd: folder })
  after(() => rmSync(folder, { recursive: true, force: true }))
  const printed = async (code: string) => streamText(await kernel().execute(code))

  it('run commands: output at once, status said, input empty', async () => {
    const executed = await kernel().execute('!echo out; echo err >&2; cat; exit 3')
    assert.equal(executed.reply.content['status'], 'ok')
    assert.equal(streamText(executed), 'out\n')
    assert.equal(streamText(executed, 'stderr'), 'err\nexit status 3\n')
  })

  it('run between the TypeScript of a cell, piece by piece', async () => {
    const executed = await kernel().execute(
      `console.log('first')\n!echo second\nconst third: string = 'third'\n%env GRADBOOK_X=fourth\nconsole.log(third)\n!echo $GRADBOOK_X\n5`,
    )
    assert.equal(streamText(executed), 'first\nsecond\nGRADBOOK_X=fourth\nthird\nfourth\n')
    assert.equal(resultText(executed), '5')
  })

  it('keep what a command prints', async () => {
    const executed = await kernel().execute(`const found = !ls\nfound.map((name) => name.toUpperCase())`)
    assert.equal(plainText(String(resultText(executed))), `[ 'INK.TXT', 'INNER' ]`)
    assert.deepEqual(ofType(executed, 'display_data'), []) // string[], for the compiler too
  })

  it('run whole cells as scripts, which fail as a cell', async () => {
    assert.equal(await printed('%%sh\nfor i in 1 2; do\n  echo $i\ndone'), '1\n2\n')
    assert.match(tracebackText(await kernel().execute('%%sh\nexit 4')), /%%sh: exit status 4/)
  })

  it('are stopped with all that they started', async () => {
    const [executed] = await executeUntil(kernel(), `!(sleep 60; echo late) & echo started; wait`, 'started')
    await kernel().interrupt()
    assert.equal((await executed).reply.content['ename'], 'KernelInterrupt')
    assert.equal(await printed('!ps -o args= -g $PPID 2>/dev/null | grep -c "[s]leep 60" || true'), '0\n')
  })

  it('time code, with its value and its place in the cell', async () => {
    const once = await kernel().execute('let total = 0\n%time total += 41, total + 1')
    assert.match(streamText(once), /^CPU times: user .*s, sys: .*s, total: .*s\nWall time: .*s\n$/)
    assert.equal(resultText(once), '42')
    const whole = await kernel().execute('%%time\nconst inside = 1\nawait null\nthrow new Error(`${inside}`)')
    assert.match(tracebackText(whole), /line 4\n/)
    assert.equal(await valueOf(kernel(), 'inside'), '1')
    for (const code of ['total', 'await null'])
      assert.match(
        await printed(`%timeit ${code}`),
        /^[\d.]+ [nµm]?s ± [\d.]+ [nµm]?s per loop \(mean ± std. dev. of 7 runs, [\d,]+ loops each\)\n$/,
      )
  })

  it('list and forget names', async () => {
    await kernel().execute('%reset')
    await kernel().execute('const one = 1; class Two {}; let three = [1, 2]')
    assert.equal(await printed('%who'), 'Two   one   three\n')
    assert.match(
      await printed('%whos'),
      /^Name +Kind +Value\nTwo +class +\[class Two\]\none +number +1\nthree +Array +\[ 1, 2 \]\n$/,
    )
    await kernel().execute('%reset')
    assert.equal(await valueOf(kernel(), 'typeof one'), `'undefined'`)
    assert.equal(await valueOf(kernel(), 'zeros(2).shape.length'), '1')
  })

  it('change the folder, for imports and their types too', async () => {
    assert.equal(await printed('%cd inner'), `${join(folder, 'inner')}\n`)
    const executed = await kernel().execute(`import { near } from './near'\nconst text: number = near`)
    assert.equal(executed.reply.content['status'], 'ok')
    assert.match(JSON.stringify(ofType(executed, 'display_data')), /Type 'string' is not assignable/)
    assert.match(tracebackText(await kernel().execute('%cd nowhere')), /UsageError: %cd: cannot change to .*nowhere/)
    assert.equal(await printed('%cd -'), `${folder}\n`)
  })

  it('show where the notebook is, what lies there, and what was run', async () => {
    assert.equal(await printed('%pwd'), `${folder}\n`)
    assert.equal(await printed('%ls inner'), 'deep\nnear.ts\n')
    const { reply } = await kernel().execute('const remembered = 1\nremembered + 1')
    const number = Number(reply.content['execution_count'])
    assert.equal(await printed(`%history ${number}`), `// [${number}]\nconst remembered = 1\nremembered + 1\n`)
    assert.match(await printed('%history'), /\/\/ \[1\]\n!echo out.*\n\n[^]*\/\/ \[2\]\n/)
  })

  it('write files, which can be imported and written anew', async () => {
    const write = (text: string, option = '') => printed(`%%writefile ${option}fresh.ts\n${text}`)
    assert.equal(await write('export const age = 1'), 'Wrote fresh.ts\n')
    await kernel().execute(`import { age } from './fresh'`)
    assert.equal(await valueOf(kernel(), 'age'), '1')
    assert.equal(await write('export const age = 22'), 'Overwrote fresh.ts\n')
    assert.equal(await write('export const more = age + 1', '-a '), 'Appended to fresh.ts\n')
    assert.equal(await valueOf(kernel(), `import { more } from './fresh'\nmore`), '23')
  })

  it('keep the last result in _, unless a cell has one of its own', async () => {
    await kernel().execute('[1, 2, 3]')
    await kernel().execute('let nothing = 0')
    assert.equal(await valueOf(kernel(), '_.length'), '3')
    assert.equal(await valueOf(kernel(), '_ + 1'), '4')
    await kernel().execute('%reset')
    assert.equal(await valueOf(kernel(), 'String(_)'), `'undefined'`)
    await kernel().execute('const [_, second] = [5, 6]; 7')
    assert.equal(await valueOf(kernel(), '_'), '5')
    await kernel().execute('%reset')
  })

  it('say what is wrong with a magic', async () => {
    const cases: Record<string, RegExp> = {
      '%matplotlib inline': /There is no magic %matplotlib\. Pictures need no preparation/,
      '%tmie 1': /There is no magic %tmie\. Did you mean %time\?/,
      '%%writeflie x.ts\n1': /There is no magic %%writeflie\. Did you mean %%writefile\?/,
      '%somethingelse': /There are %time.*%magics explains/,
      '%%writefile none/x.ts\n1': /%%writefile: cannot write .*x\.ts: ENOENT/,
      '%history 1000': /there was no cell \[1000\]/,
      '%npm install x': /begins with an exclamation mark: !npm/,
      '%%html\n<b>x</b>': /write: display\.html/,
      '%%cd inner': /%cd is for one line/,
      '%sh ls': /%%sh is for a whole cell/,
      '%time': /%time needs code/,
      '1;\n%%time\n2': /%%time stands in the first line/,
    }
    for (const [code, expected] of Object.entries(cases)) {
      const { content } = (await kernel().execute(code)).reply
      assert.equal(content['ename'], 'UsageError', code)
      assert.match(String(content['evalue']), expected)
    }
    assert.match(await printed('%magics'), /%timeit CODE {3}.*[^]*!COMMAND/)
    assert.equal(await printed('%lsmagic'), await printed('%magics'))
    assert.match(await printed('%cd?'), /%cd FOLDER/)
  })

  it('are completed and explained', async () => {
    const matches = async (code: string) => (await kernel().complete(code, code.length))['matches']
    assert.deepEqual(await matches('%ti'), ['%time', '%timeit'])
    assert.deepEqual(await matches('%'), [
      '%cd',
      '%env',
      '%history',
      '%ls',
      '%lsmagic',
      '%magics',
      '%pwd',
      '%reset',
      '%time',
      '%timeit',
      '%types',
      '%who',
      '%whos',
    ])
    assert.deepEqual(await matches('%%ti'), ['%%time', '%%timeit'])
    assert.deepEqual(await matches('let a = 1\n%cd i'), ['inner/'])
    assert.deepEqual(await matches('%cd inner/'), ['inner/deep/'])
    assert.deepEqual(await matches('%ls inner/'), ['inner/deep/', 'inner/near.ts'])
    assert.deepEqual(await matches('!cat in'), ['ink.txt', 'inner/'].sort())
    assert.deepEqual(await matches('%types s'), ['strict'])
    assert.deepEqual(await matches('%time Math.cbr'), ['cbrt'])
    assert.deepEqual(await matches('%%time\nMath.cbr'), ['cbrt'])
    const found = await kernel().inspect('%timeit 1', 3)
    assert.match(String((found['data'] as Record<string, string>)['text/plain']), /^%timeit CODE\n\nRun it many times/)
  })

  it('are complete or not', async () => {
    const cases: Record<string, string> = {
      '%cd inner': 'complete',
      '!ls -l': 'complete',
      '!ls \\': 'incomplete',
      '%%sh': 'incomplete',
      '%%sh\nls': 'incomplete',
      '%%sh\nls\n': 'complete',
      '%%time\nfor (;;) {': 'incomplete',
      '%%time\n1': 'complete',
      '%time f(': 'incomplete',
    }
    for (const [code, status] of Object.entries(cases))
      assert.equal((await kernel().isComplete(code))['status'], status, code)
  })
})
