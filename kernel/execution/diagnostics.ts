/**
 * What the compiler has to say about a cell. Syntax errors keep it from running. Type errors are warnings, or, where the
 * user wants it strict, errors too.
 */
import type { Diagnostic } from '../language/protocol.js'
import type { CellError, MimeData } from '../wire/link.js'
import { excerpt, paint } from './cell-sources.js'

const maxShown = 10

/** A cell or module that the compiler rejects; it carries what the front end shows. */
export class Rejected extends Error {
  constructor(readonly shown: CellError) {
    super(shown.evalue)
    this.name = shown.ename
  }
}

/**
 * Warnings as something shown: `cell 3, line 2: warning TS2345: …` with the line below. On stderr, front ends would paint
 * them like errors. Undefined if there is nothing to say.
 */
export function warningBundle(
  cellName: string,
  code: string,
  diagnostics: readonly Diagnostic[],
): MimeData | undefined {
  if (diagnostics.length === 0) return undefined
  const shown = diagnostics.slice(0, maxShown)
  const hidden = diagnostics.length - shown.length
  const more = hidden > 0 ? `${hidden} more type errors are not shown` : ''
  const text = shown.map((diagnostic) => warningText(cellName, code, diagnostic))
  const html = shown.map((diagnostic) => warningHtml(code, diagnostic))
  return {
    'text/plain': [...text, ...(more ? [`${cellName}: ${more}`] : [])].join('\n'),
    'text/html': `<div style="border-left:3px solid ${warningColor};padding-left:8px">${html.join('')}${more}</div>`,
  }
}

function warningText(cellName: string, code: string, { line, column, length, ...diagnostic }: Diagnostic): string {
  const heading = `${cellName}, line ${line + 1}: ${paint.yellow('warning')} TS${diagnostic.code}: ${diagnostic.message}`
  return [heading, ...excerpt(code, line + 1, column + 1, { length, context: 0 })].join('\n')
}

const warningColor = 'var(--jp-warn-color1,#c58b00)'

function warningHtml(code: string, { line, column, length, ...diagnostic }: Diagnostic): string {
  const source = code.split('\n')[line] ?? ''
  const end = column + Math.max(1, length)
  const [before, marked, after] = [source.slice(0, column), source.slice(column, end), source.slice(end)].map(
    escapeHtml,
  )
  const mark = `<span style="text-decoration:underline wavy ${warningColor}">${marked}</span>`
  const heading = `line ${line + 1}: <b>warning</b> TS${diagnostic.code}: ${escapeHtml(diagnostic.message)}`
  return (
    `<div style="white-space:pre-wrap">${heading}</div>` +
    `<pre style="margin:0 0 6px;padding-left:1em">${before.trimStart()}${mark}${after}</pre>`
  )
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (character) => entities[character])

/** The error of a cell that cannot run. `label` is the cell or file. */
export function syntaxError(label: string, code: string, diagnostics: readonly Diagnostic[]): CellError {
  return compileError('SyntaxError', label, code, diagnostics)
}

/** The error of a cell that may not run, because its types are wrong. */
export function typeError(label: string, code: string, diagnostics: readonly Diagnostic[]): CellError {
  const { traceback, ...error } = compileError('TypeCheckError', label, code, diagnostics)
  return { ...error, traceback: [...traceback, paint.dim('The cell did not run (%types strict).')] }
}

function compileError(ename: string, label: string, code: string, diagnostics: readonly Diagnostic[]): CellError {
  const traceback = diagnostics
    .slice(0, maxShown)
    .flatMap(({ line, column, length, ...diagnostic }) => [
      `${paint.red(ename)}: ${diagnostic.code > 0 && ename !== 'SyntaxError' ? `TS${diagnostic.code}: ` : ''}${diagnostic.message}`,
      `    at ${paint.green(`${label}, line ${line + 1}`)}`,
      ...excerpt(code, line + 1, column + 1, { length }),
    ])
  return { ename, evalue: diagnostics[0]?.message ?? '', traceback }
}
