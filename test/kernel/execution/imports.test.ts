/** Modules of every kind, found from the notebook's folder. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  executeUntil,
  ofType,
  patience,
  plainText,
  resultText,
  tracebackText,
  useKernel,
  valueOf,
} from '../../support/kernel.js'

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'gradbook-imports-')))

function write(path: string, text: string): void {
  const file = join(folder, path)
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, text)
}

write('esm.mjs', `export const from = 'esm'; export default 'default of esm'`)
write('common.cjs', `const all = {}; for (const name of ['computed']) all[name] = 'commonjs'; module.exports = all`)
write('helper.js', `exports.help = () => 'helped'`)
write(
  'node_modules/only-esm/package.json',
  `{"name":"only-esm","type":"module","exports":{".":{"import":"./main.js"}}}`,
)
write('node_modules/only-esm/main.js', `export const name = 'only-esm'`)
write('node_modules/old/package.json', `{"name":"old","main":"lib/index.js"}`)
write('node_modules/old/lib/index.js', `exports.age = 99`)

write(
  'node_modules/typed/package.json',
  `{"name":"typed","type":"module","exports":{"./part":{"types":"./t.d.ts","default":"./p.js"}}}`,
)
write('node_modules/typed/t.d.ts', `export declare const part: number`)
write('node_modules/typed/p.js', `export const part = 7`)
write('node_modules/callable/package.json', `{"name":"callable","main":"main.js"}`)
write(
  'node_modules/callable/main.js',
  `module.exports = (x) => x; Object.assign(module.exports, { twice: (x) => 2 * x })`,
)
write('data.json', `{"list":[1,2]}`)
write('lib/index.ts', `export * from './area.js'`)
write(
  'lib/area.ts',
  `import { names } from '../shapes'
export interface Size { width: number; height: number }
export const area = ({ width, height }: Size): number => width * height
export const describe = (): string => names.join()`,
)
write(
  'shapes.ts',
  `import { area, type Size } from './lib'
import data from './data.json'
export enum Kind { Square, Circle }
export const names: string[] = ['square', 'circle']
export const square = (width: number) => area({ width, height: width })
export function fail(size: Size): never {
  throw new RangeError(\`no \${size.width}\`)
}
export const first = await Promise.resolve(data.list[0])
export const meta = [import.meta.dirname, __dirname, import.meta.resolve('./lib')]
export const later = async () => (await import('./lib')).describe()`,
)

describe('imports in cells', function () {
  this.timeout(patience)
  const kernel = useKernel({ cwd: folder })
  after(() => rmSync(folder, { recursive: true, force: true }))

  const cases: Record<string, [string, string]> = {
    'files of ESM': [`import theDefault, { from } from './esm.mjs'\nfrom + theDefault`, `'esmdefault of esm'`],
    'files of CommonJS, with names that Node does not see': [
      `import { computed } from './common.cjs'\ncomputed`,
      `'commonjs'`,
    ],
    'files without their extension': [`import { help } from './helper'\nhelp()`, `'helped'`],
    'packages of ESM alone': [`import { name } from 'only-esm'\nname`, `'only-esm'`],
    'packages of CommonJS': [`import { age } from 'old'\nage`, '99'],
    'built-ins': [`import { basename } from 'node:path'\nbasename('/a/b')`, `'b'`],
    'by a dynamic import': [`(await import('./esm.mjs')).from`, `'esm'`],
    'packages whose types and files stand in exports alone': [`import { part } from 'typed/part'\npart`, '7'],
    JSON: [`import data, { list } from './data.json'\ndata.list === list`, 'true'],
    'JSON with its type said': [`import data from './data.json' with { type: 'json' }\ndata.list.length`, '2'],
    'TypeScript files that import each other': [
      `import { square, Kind, first } from './shapes'\nsquare(3) + Kind.Circle + first`,
      '11',
    ],
    'TypeScript files by the name of their JavaScript': [`import { names } from './shapes.js'\nnames.length`, '2'],
    'folders, in which imports go on': [
      `import { area, describe } from './lib'\narea({ width: 2, height: 3 }) + describe()`,
      `'6square,circle'`,
    ],
    'dynamic imports of files': [`await (await import('./shapes.ts')).later()`, `'square,circle'`],
    'what tslab gives': [
      `import * as tslab from 'tslab'\ntypeof tslab.display.html + typeof tslab.newDisplay().svg`,
      `'functionfunction'`,
    ],
    'by require': [`require('./helper').help()`, `'helped'`],
  }
  for (const [name, [code, expected]] of Object.entries(cases))
    it(`find ${name}`, async () => assert.equal(await valueOf(kernel(), code), expected))

  it('know where they are', async () => {
    const here = pathToFileURL(join(folder, 'notebook.ipynb')).href
    const code = `import { meta } from './shapes'
      [import.meta.url, import.meta.dirname, __dirname, import.meta.resolve('node:fs'), ...meta].join(' ')`
    const lib = pathToFileURL(join(folder, 'lib/index.ts')).href
    assert.equal(await valueOf(kernel(), code), `'${[here, folder, folder, 'node:fs', folder, folder, lib].join(' ')}'`)
  })

  it('load files anew that have changed, with their types, and only those', async () => {
    write('state.ts', `export const state = { count: 0 }`)
    write('value.ts', `export const value: number = 1`)
    write(
      'user.ts',
      `import { value } from './value'\nimport { state } from './state'\nexport { state }\nexport const twice = value * 2`,
    )
    assert.equal(await valueOf(kernel(), `import { twice, state } from './user'\nstate.count++; twice`), '2')
    write('value.ts', `export const value: number = 21\nexport const added = 'new'`)
    const executed = await kernel().execute(
      `import { twice, state } from './user'\nimport { added } from './value'\n[twice, state.count, added]`,
    )
    assert.equal(plainText(String(resultText(executed))), `[ 42, 1, 'new' ]`)
    assert.deepEqual(ofType(executed, 'display_data'), [])
  })

  it('are whole when two cells or two lines load them at once', async () => {
    write('base.ts', `export const base = 20`)
    write('above.ts', `import { base } from './base'\nexport const above = base + 1`)
    const code = `const all = await Promise.all([import('./above.ts'), import('./base.ts'), import('./above.ts')])
      all.map((each) => each.above ?? each.base)`
    assert.equal(plainText(String(resultText(await kernel().execute(code)))), '[ 21, 20, 21 ]')
    assert.equal(await valueOf(kernel(), `import { base } from './base'\nbase`), '20')
  })

  it('show errors in the lines of TypeScript files', async () => {
    const text = tracebackText(await kernel().execute(`import { fail } from './shapes'\nfail({ width: 1, height: 2 })`))
    assert.match(
      text,
      /RangeError: no 1\n +at fail \(shapes.ts, line 7\)\n[^]*--> 7 \| {3}throw new[^]*at Cell \[\d+\], line 2/,
    )
    write('wrong.ts', `export const a = 1\nexport const b: = 2`)
    assert.match(tracebackText(await kernel().execute(`import './wrong'`)), /SyntaxError: .*\n +at wrong.ts, line 2/)
  })

  it('tell what is wrong with the types of a file, when it is loaded', async () => {
    write('loose.ts', `export const text: string = 5\nexport function untyped(a) { return a }`)
    const shown = async () =>
      JSON.stringify(ofType(await kernel().execute(`import { text } from './loose'`), 'display_data'))
    assert.match(await shown(), /loose.ts, line 1: .*TS2322/)
    assert.equal(await shown(), '[]')
    write('loose.ts', `export const text: string = 6\n`)
    const strict = await kernel().execute(`%types strict\nimport { text } from './loose'`)
    assert.match(tracebackText(strict), /TypeCheckError: TS2322[^]*at loose.ts, line 1[^]*did not run/)
    await kernel().execute('%types warn')
  })

  it('take names from a CommonJS module that is a function', async () => {
    assert.equal(await valueOf(kernel(), `import same, { twice } from 'callable'\ntwice(same(21))`), '42')
  })

  it('refuse names that a module does not export', async () => {
    const { reply } = await kernel().execute(`import { nothing } from './shapes'`)
    assert.equal(reply.content['evalue'], `The module './shapes' has no export named 'nothing'`)
  })

  it('stop in a file that loops', async () => {
    write('spin.ts', `console.log('spinning')\nfor (;;) {}`)
    const [executed] = await executeUntil(kernel(), `import './spin'`, 'spinning')
    await kernel().interrupt()
    assert.match(tracebackText(await executed), /KernelInterrupt: stopped\n +at spin.ts, line 2/)
  })

  it('name a package that is missing and how to install it', async () => {
    const { reply } = await kernel().execute(`await import('@nobody/nothing/part')`)
    assert.match(
      String(reply.content['evalue']),
      /Cannot find module '@nobody\/nothing\/part'.*!npm install @nobody\/nothing$/,
    )
    const required = await kernel().execute(`require('nowhere')`)
    assert.match(String(required.reply.content['evalue']), /!npm install nowhere$/)
    const typescript = await kernel().execute(`require('./shapes')`)
    assert.match(String(typescript.reply.content['evalue']), /write: import … from '.\/shapes'/)
  })

  it('say what a module throws while it loads', async () => {
    write('broken.mjs', `throw new TypeError('broken inside')`)
    const { reply } = await kernel().execute(`await import('./broken.mjs')`)
    assert.equal(reply.content['evalue'], 'broken inside')
  })
})
