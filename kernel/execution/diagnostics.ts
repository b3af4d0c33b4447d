/** What the compiler has to say about a cell: type errors warn and never stop it, syntax errors do. */
import type { Diagnostic } from '../language/protocol.js'
import type { CellError } from '../wire/link.js'
import { excerpt, paint } from './cell-sources.js'

const maxShown = 10

/** Text for stderr: `cell 3, line 2: warning TS2345: …` with the line below. Empty if there is nothing to say. */
export function warningText(cellName: string, code: string, diagnostics: readonly Diagnostic[]): string {
  const shown = diagnostics.slice(0, maxShown).map((diagnostic) => {
    const { line, column, length, message } = diagnostic
    const heading = `${cellName}, line ${line + 1}: ${paint.yellow('warning')} TS${diagnostic.code}: ${message}`
    return [heading, ...excerpt(code, line + 1, column + 1, { length, context: 0 })].join('\n') + '\n'
  })
  const more = diagnostics.length - shown.length
  return shown.join('') + (more > 0 ? `${cellName}: ${more} more type errors are not shown\n` : '')
}

/** The error of a cell that cannot run. */
export function syntaxError(label: string, code: string, diagnostics: readonly Diagnostic[]): CellError {
  const traceback = diagnostics
    .slice(0, maxShown)
    .flatMap(({ line, column, length, message }) => [
      `${paint.red('SyntaxError')}: ${message}`,
      `    at ${paint.green(`${label}, line ${line + 1}`)}`,
      ...excerpt(code, line + 1, column + 1, { length }),
    ])
  return { ename: 'SyntaxError', evalue: diagnostics[0]?.message ?? '', traceback }
}
