/** Headless runs: what ends up in the executed notebook, and how failures are told. */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NotebookError } from '../../kernel/notebook-file.js'
import { runNotebook } from '../../kernel/notebook-runner.js'
import { patience } from '../support/kernel.js'

interface StoredCell {
  id: string
  cell_type: string
  execution_count?: number | null
  outputs?: Record<string, unknown>[]
}

describe('headless runs', function () {
  this.timeout(patience)
  const folder = mkdtempSync(join(tmpdir(), 'gradbook-run-'))
  after(() => rmSync(folder, { recursive: true, force: true }))

  function notebook(name: string, cells: (string | Record<string, unknown>)[]): string {
    const path = join(folder, name)
    const code = (source: unknown) => ({ cell_type: 'code', metadata: {}, outputs: [], execution_count: null, source })
    const all = cells.map((cell) => (typeof cell === 'string' ? code(cell) : { ...code(''), ...cell }))
    writeFileSync(path, JSON.stringify({ nbformat: 4, nbformat_minor: 4, metadata: { mine: 1 }, cells: all }))
    return path
  }
  const read = (path: string) =>
    JSON.parse(readFileSync(path, 'utf8')) as { cells: StoredCell[] } & Record<string, unknown>

  it('store outputs as Jupyter does', async () => {
    const path = notebook(
      'good.ipynb',
      [
        { cell_type: 'markdown', source: '# Title', outputs: undefined, execution_count: undefined },
        `console.log('a'); console.log('b'); console.error('c')\nconst shown = display.svg('<svg>\\n</svg>')`,
        ['const x = 20\n', 'x * 2'] as unknown as string,
        '',
        `shown.update({ 'text/plain': 'new' }, { raw: true }); process.cwd()`,
      ].map((cell) => (Array.isArray(cell) ? { source: cell } : cell)),
    )
    const before = readFileSync(path, 'utf8')
    const output = join(folder, 'out.ipynb')
    const lines: string[] = []
    await runNotebook(path, { output, log: (line) => lines.push(line) })
    assert.equal(readFileSync(path, 'utf8'), before)
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.endsWith('.tmp')),
      [],
    )
    const { cells, metadata, nbformat_minor } = read(output)
    assert.equal(nbformat_minor, 5)
    const { mine, kernelspec, language_info } = metadata as Record<string, Record<string, unknown>>
    assert.deepEqual([mine, kernelspec['name'], language_info['name']], [1, 'gradbook', 'typescript'])
    for (const { id } of cells) assert.match(id, /^[\w-]{1,64}$/)
    assert.deepEqual(cells[1].outputs, [
      { output_type: 'stream', name: 'stdout', text: ['a\n', 'b\n'] },
      { output_type: 'stream', name: 'stderr', text: ['c\n'] },
      { output_type: 'display_data', data: { 'text/plain': ['new'] }, metadata: {} },
    ])
    assert.deepEqual(cells[2].outputs, [
      { output_type: 'execute_result', execution_count: 2, data: { 'text/plain': ['40'] }, metadata: {} },
    ])
    assert.deepEqual([cells[3].execution_count, cells[3].outputs], [null, []])
    assert.match(JSON.stringify(cells[4].outputs), new RegExp(folder))
    assert.equal(lines.length, 3)
    assert.match(lines[0], /^good\.ipynb: cell 1 of 4: ok, /)
  })

  it('stop at the first failing cell, tell it, and still write what there is', async () => {
    const path = notebook('bad.ipynb', ['1', 'null!.x', '3'])
    const output = join(folder, 'bad-out.ipynb')
    await assert.rejects(runNotebook(path, { output }), (error: Error) => {
      assert.ok(error instanceof NotebookError)
      assert.match(error.message, /bad\.ipynb: cell 2 of 3 failed\n.*TypeError/)
      return true
    })
    const { cells } = read(output)
    assert.equal(cells[1].outputs?.at(-1)?.['output_type'], 'error')
    assert.deepEqual(cells[2].outputs, [])
  })

  it('let a cell fail that is tagged so', async () => {
    const tagged = { source: 'throw new Error("on purpose")', metadata: { tags: ['raises-exception'] } }
    const output = join(folder, 'tagged-out.ipynb')
    await runNotebook(notebook('tagged.ipynb', [tagged, '1']), { output })
    assert.match(JSON.stringify(read(output).cells[0].outputs), /on purpose/)
    assert.match(JSON.stringify(read(output).cells[1].outputs), /execute_result/)
  })

  it('stop a cell that takes too long', async () => {
    const path = notebook('slow.ipynb', [`console.log('so far'); while (true) {}`])
    const output = join(folder, 'slow-out.ipynb')
    await assert.rejects(runNotebook(path, { output, timeoutSeconds: 2 }), /cell 1 of 1 was stopped after 2 s/)
    assert.match(JSON.stringify(read(output).cells[0].outputs), /so far[^]*KernelInterrupt/)
  })

  it('say before they run that the output cannot be written', async () => {
    const path = notebook('quick.ipynb', ['1'])
    const output = join(folder, 'absent', 'out.ipynb')
    await assert.rejects(
      runNotebook(path, { output }),
      /cannot write .*out\.ipynb: there is no folder .*absent; create it/,
    )
  })

  it('refuse what is not a notebook, by name', async () => {
    const path = join(folder, 'none.ipynb')
    await assert.rejects(runNotebook(path), /cannot read the notebook .*none\.ipynb: ENOENT/)
    writeFileSync(path, '{"nbformat": 3}')
    await assert.rejects(runNotebook(path), /is not a notebook of format 4 \(nbformat: 3\)/)
    assert.ok(!existsSync(join(folder, 'undefined')))
  })
})
