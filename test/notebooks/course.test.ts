/**
 * The notebooks of the course: every section of the source is there with code, and each notebook runs from top to bottom with
 * nothing on stderr. At each exercise a wrong answer is tried first (`wrong` in the cell's metadata): its check must refuse it.
 */
import { strict as assert } from 'node:assert'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { hasTag, readNotebook, sourceOf, writeNotebook, type Cell } from '../../kernel/notebook-file.js'
import { runNotebook } from '../../kernel/notebook-runner.js'
import { inRoot } from '../../kernel/commands/project.js'
import { temporaryFolders } from '../support/folders.js'
import { sections } from './sections.js'

const folder = inRoot('notebooks')
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.ipynb'))
  .sort()
const cellsOf = (name: string): Cell[] => readNotebook(join(folder, name)).cells

/** Headings and code of the whole course in reading order. */
type Part = { heading: string; level: number } | 'code'

function partsOf(cell: Cell): Part[] {
  if (cell.cell_type === 'code') return sourceOf(cell).trim() === '' ? [] : ['code']
  const headings = sourceOf(cell).matchAll(/^(#+) (.*)$/gm)
  return Array.from(headings, ([, marks, heading]) => ({ heading, level: marks.length }))
}

/** A wrong answer stands in for the reader's, between the exercise and the check that has to refuse it. */
function withWrongAnswers(cells: readonly Cell[]): Cell[] {
  return cells.flatMap((cell, i) => {
    if (!hasTag(cell, 'exercise')) return [cell]
    const [wrong, check] = [cell.metadata['wrong'] as string, cells[i + 1]]
    const refused = { tags: ['raises-exception', 'refused'] }
    return [
      cell,
      { ...cell, id: `wrong-${i}`, metadata: {}, source: wrong },
      { ...check, id: `refused-${i}`, metadata: refused },
      { ...cell, id: `again-${i}` },
    ]
  })
}

describe('the course', () => {
  const folderForRun = temporaryFolders()
  const { GRADBOOK_EPOCHS: asked } = process.env
  before(() => (process.env.GRADBOOK_EPOCHS = asked ?? '1'))
  after(() => {
    if (asked === undefined) delete process.env.GRADBOOK_EPOCHS
  })

  it('has every section of the source in order, with code below its heading', () => {
    const parts = names.flatMap((name) => cellsOf(name).flatMap(partsOf))
    let at = 0
    for (const [number, title] of sections) {
      const found = parts.findIndex(
        (part, i) =>
          i >= at && part !== 'code' && part.heading.startsWith(`${number} `) && part.heading.includes(title),
      )
      assert.ok(found >= 0, `there is no heading '${number} … ${title}' after the one before it`)
      const { level } = parts[found] as { level: number }
      const below = parts.slice(found + 1)
      const end = below.findIndex((part) => part !== 'code' && part.level <= level)
      assert.ok((end < 0 ? below : below.slice(0, end)).includes('code'), `no code stands under '${number} … ${title}'`)
      at = found + 1
    }
  })

  for (const name of names)
    describe(name, function () {
      this.timeout(300_000)

      it('is stored without outputs', () => {
        for (const cell of cellsOf(name).filter((cell) => cell.cell_type === 'code'))
          assert.ok(cell.outputs?.length === 0 && cell.execution_count === null, `cell ${cell.id} has outputs`)
      })

      it('has a check, a folded solution and a wrong answer for each exercise', () => {
        const cells = cellsOf(name)
        cells.forEach((cell, i) => {
          if (!hasTag(cell, 'exercise')) return
          assert.equal(typeof cell.metadata['wrong'], 'string', `exercise ${cell.id} has no wrong answer to try`)
          assert.match(sourceOf(cells[i + 1]), /check\./, `no check follows exercise ${cell.id}`)
          const solution = cells[i + 2]
          assert.ok(solution && hasTag(solution, 'solution'), `no solution follows the check of ${cell.id}`)
          assert.deepEqual(
            solution.metadata['jupyter'],
            { source_hidden: true },
            `solution ${solution.id} is not folded`,
          )
          assert.match(sourceOf(solution), /^\/\/ Solution\n/, 'a folded cell shows its first line')
          assert.ok(
            sourceOf(solution).includes(sourceOf(cells[i + 1]).trim()),
            `${solution.id} must end with the check`,
          )
        })
      })

      it('runs from top to bottom, and its checks refuse wrong answers', async () => {
        const file = join(folderForRun(), name)
        const notebook = readNotebook(join(folder, name))
        writeNotebook(file, { ...notebook, cells: withWrongAnswers(notebook.cells) })
        await runNotebook(file, { output: file })
        for (const cell of readNotebook(file).cells) {
          const outputs = cell.outputs ?? []
          assert.ok(!outputs.some(({ name }) => name === 'stderr'), `cell ${cell.id} writes to stderr`)
          const errors = outputs.filter((output) => output.output_type === 'error').map(({ ename }) => ename)
          assert.deepEqual(errors, hasTag(cell, 'refused') ? ['CheckError'] : [], `cell ${cell.id}`)
        }
      })
    })
})
