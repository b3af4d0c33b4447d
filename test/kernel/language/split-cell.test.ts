/** Which lines of a cell are magics and commands, and which are TypeScript however they look. */
import assert from 'node:assert/strict'
import type { Segment } from '../../../kernel/language/protocol.js'
import { splitCell } from '../../../kernel/language/split-cell.js'

const known = new Set(['a', 'ready', 'total', 'process'])

/** One word for each piece, with its text. */
function pieces(code: string): string[] {
  const describe = (segment: Segment): string => {
    if (segment.kind === 'code') return segment.code.trim()
    if (segment.kind === 'shell') return `${segment.target ?? ''}! ${segment.command}`
    return `${segment.form === 'cell' ? '%%' : '%'}${segment.name}(${segment.argument})${segment.segments?.map(describe).join() ?? ''}`
  }
  return splitCell(code, (name) => known.has(name)).map(describe)
}

describe('splitCell', () => {
  const typescript = [
    'total\n%a',
    'total\n%b',
    'const x = total\n%x',
    '!ready',
    '!!ready',
    '!(total > 1)',
    '!function () {}()',
    '!ready && process.exit()',
    'const no = !ready',
    'let y\n!y',
    '`\n!ls\n%who\n`',
    '/*\n!ls\n%who\n*/',
    'f(\n%who\n)',
    'f(\n%who',
    'function g() {\n!ready\n}',
    '// !ls',
    'const late = 5 %\n2',
    '',
  ]
  for (const code of typescript)
    it(`leaves ${JSON.stringify(code)} alone`, () => assert.deepEqual(pieces(code), code === '' ? [''] : [code]))

  const others: [code: string, expected: string[]][] = [
    ['!ls', ['! ls']],
    ['!ls -la', ['! ls -la']],
    ['! git status', ['! git status']],
    ['!./run.sh', ['! ./run.sh']],
    ['!/bin/ls', ['! /bin/ls']],
    ['!npm install left-pad\nimport pad from "left-pad"', ['! npm install left-pad', 'import pad from "left-pad"']],
    ['const files = !ls *.ts\nfiles.length', ['const files = ! ls *.ts', 'files.length']],
    ['files = !ls', ['files = ! ls']],
    ['%cd data', ['%cd(data)']],
    ['%b', ['%b()']],
    ['total\n%who', ['total', '%who()']],
    ['total\n%b c', ['total', '%b(c)']],
    ['%time total + 1', ['%time(total + 1)total + 1']],
    ['\n%%time\ntotal\n!ls', ['%%time()total,! ls']],
    ['%%timeit\ntotal', ['%%timeit()total']],
    ['%%sh\nls\n!x', ['%%sh()']],
    ['!echo a \\\n  b', ['! echo a \\\n  b']],
    ['if (ready) {\n}\n%who', ['if (ready) {\n}', '%who()']],
  ]
  for (const [code, expected] of others)
    it(`splits ${JSON.stringify(code)}`, () => assert.deepEqual(pieces(code), expected))

  it('keeps every position', () => {
    const code = 'const x = 1\n%cd y\nx + 1'
    const [first, , last] = splitCell(code, () => false)
    assert.deepEqual(
      [first, last].map((segment) => segment.kind === 'code' && segment.code),
      ['const x = 1\n     \n     ', '           \n     \nx + 1'],
    )
  })
})
