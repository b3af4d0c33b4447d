/** `gradbook run`: exit codes, progress and the error of the failing cell. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolders } from '../support/folders.js'
import { gradbook } from '../support/gradbook.js'
import { writeNotebook } from '../support/notebook-file.js'

describe('gradbook run', function () {
  this.timeout(120_000)
  const newFolder = temporaryFolders()

  it('runs a notebook through the kernel and writes it with its outputs', () => {
    const folder = newFolder()
    const notebook = join(folder, 'a.ipynb')
    writeNotebook(notebook, ['const six: number = 6', 'six * 7'])
    const before = readFileSync(notebook, 'utf8')
    const output = join(folder, 'out.ipynb')

    const { code, out, err } = gradbook(['run', notebook, '--output', output])
    assert.equal(code, 0, out + err)
    assert.match(readFileSync(output, 'utf8'), /"42"/)
    assert.equal(readFileSync(notebook, 'utf8'), before)
  })

  it('fails with the error of the cell that failed', () => {
    const notebook = join(newFolder(), 'a.ipynb')
    writeNotebook(notebook, ['1 + 1', 'throw new RangeError("seven is too many")'])
    const { code, out, err } = gradbook(['run', notebook])
    assert.equal(code, 1)
    assert.match(out + err, /RangeError.*seven is too many/)
  })

  it('says what is wrong before it starts a kernel', () => {
    const folder = newFolder()
    const notebook = join(folder, 'a.ipynb')
    writeNotebook(notebook, ['1'])
    const cases: [string[], RegExp][] = [
      [['run'], /which notebook\?/],
      [['run', join(folder, 'b.ipynb')], /no file '.*b\.ipynb'/],
      [['run', notebook, notebook, '--output', 'x'], /--output names one file, but 2 notebooks/],
      [['run', notebook, '--timeout', 'soon'], /--timeout is a number of seconds above 0, got 'soon'/],
    ]
    for (const [args, message] of cases) {
      const { code, err } = gradbook(args)
      assert.equal(code, 1)
      assert.match(err, message)
    }
    assert.ok(!existsSync('x'))
  })
})
