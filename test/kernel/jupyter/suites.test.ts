/** What others wrote to talk to kernels, run on ours: the public test suite, nbclient and nbconvert of .venv. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { jupyterEnv, venvIsFresh, venvPython } from '../../../kernel/commands/python-environment.js'
import { packageRoot } from '../../../lib/device/addon.js'
import { temporaryFolders } from '../../support/folders.js'
import { needs } from '../../support/needs.js'
import { writeNotebook } from '../../support/notebook-file.js'

const run = promisify(execFile)

describe('programs of the Jupyter project', function () {
  this.timeout(180_000)
  const newFolder = temporaryFolders()
  let folder: string

  before(function () {
    needs(this, 'lab', venvIsFresh(), '.venv could not be made, see above')
    folder = newFolder()
  })

  const python = (args: string[]): Promise<{ stdout: string; stderr: string }> =>
    run(venvPython, args, {
      cwd: folder,
      env: { ...process.env, ...jupyterEnv, GRADBOOK_HISTORY: join(folder, 'history') },
      encoding: 'utf8',
    })

  it('jupyter_kernel_test passes whole, nothing skipped', async () => {
    const { stderr } = await python([join(packageRoot(), 'test', 'kernel', 'jupyter', 'kernel_tests.py')])
    assert.match(stderr, /Ran 13 tests in .*\n\nOK\n$/)
  })

  it('nbconvert runs a notebook and shows its figure, its result and its error in HTML', async () => {
    const file = join(folder, 'page.ipynb')
    writeNotebook(file, [
      `plot.line([1, 2, 3], [1, 4, 9])`,
      `console.log('printed'); 6 * 7`,
      `throw new RangeError('on purpose')`,
    ])
    const options = ['--to', 'html', '--execute', '--allow-errors']
    await python(['-m', 'jupyter', 'nbconvert', ...options, file])
    const html = readFileSync(join(folder, 'page.html'), 'utf8')
    for (const wanted of ['data:image/svg+xml', 'printed', '42', 'on purpose']) assert.ok(html.includes(wanted), wanted)
  })
})
