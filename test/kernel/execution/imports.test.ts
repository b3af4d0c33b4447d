/** Modules of every kind, found from the notebook's folder. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { patience, useKernel, valueOf } from '../../support/kernel.js'

const folder = mkdtempSync(join(tmpdir(), 'gradbook-imports-'))

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
    'by require': [`require('./helper').help()`, `'helped'`],
  }
  for (const [name, [code, expected]] of Object.entries(cases))
    it(`find ${name}`, async () => assert.equal(await valueOf(kernel(), code), expected))

  it('name a package that is missing and how to install it', async () => {
    const { reply } = await kernel().execute(`await import('@nobody/nothing/part')`)
    assert.match(
      String(reply.content['evalue']),
      /Cannot find module '@nobody\/nothing\/part'.*npm install @nobody\/nothing$/,
    )
  })

  it('say what a module throws while it loads', async () => {
    write('broken.mjs', `throw new TypeError('broken inside')`)
    const { reply } = await kernel().execute(`await import('./broken.mjs')`)
    assert.equal(reply.content['evalue'], 'broken inside')
  })
})
