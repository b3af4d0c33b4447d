/** The texts of all cells and local modules, and the maps back to them: errors are shown in the lines that the user wrote. */
import { originalPositionFor, LEAST_UPPER_BOUND, TraceMap } from '@jridgewell/trace-mapping'

export interface CellSource {
  /** As shown to the user: `Cell [3]`, or the path of a module. */
  label: string
  text: string
  map: TraceMap | undefined
}

export interface SourceText extends Omit<CellSource, 'map'> {
  /** JSON; left out while the text has not been converted. */
  map?: string
}

export interface CellPosition {
  cell: CellSource
  /** Counted from 1. */
  line: number
  column: number
}

export class CellSources {
  private readonly cells = new Map<string, CellSource>()

  /** `file` is what V8 calls the converted text. */
  add(file: string, { label, text, map }: SourceText): void {
    this.cells.set(file, { label, text, map: map === undefined ? undefined : new TraceMap(map) })
  }

  /** Where a position in converted JavaScript comes from; undefined for other files. Lines and columns from 1. */
  locate(file: string, line: number, column: number): CellPosition | undefined {
    const cell = this.cells.get(file)
    if (!cell?.map) return undefined
    let found = originalPositionFor(cell.map, { line, column: column - 1 })
    if (found.line === null)
      found = originalPositionFor(cell.map, { line, column: column - 1, bias: LEAST_UPPER_BOUND })
    return found.line === null ? undefined : { cell, line: found.line, column: found.column + 1 }
  }
}

/** ANSI colours of error messages; every front end draws them. */
export const paint = {
  red: (text: string) => `\x1b[31m${text}\x1b[39m`,
  yellow: (text: string) => `\x1b[33m${text}\x1b[39m`,
  green: (text: string) => `\x1b[32m${text}\x1b[39m`,
  dim: (text: string) => `\x1b[2m${text}\x1b[22m`,
}

/**
 * Lines of a cell around `line`, which is marked by an arrow and, below it, by carets from `column` on.
 * Lines and columns count from 1.
 */
export function excerpt(text: string, line: number, column: number, { length = 1, context = 2 } = {}): string[] {
  const lines = text.split('\n')
  const first = Math.max(1, line - context)
  const last = Math.min(lines.length, line + context)
  const width = String(last).length
  const shown: string[] = []
  for (let at = first; at <= last; at++) {
    const source = lines[at - 1] ?? ''
    const number = String(at).padStart(width)
    if (at !== line) {
      shown.push(paint.dim(`      ${number} | ${source}`))
      continue
    }
    shown.push(`${paint.red('  --> ')}${number} | ${source}`)
    const indent = source.slice(0, column - 1).replace(/[^\t]/g, ' ')
    const carets = '^'.repeat(Math.max(1, Math.min(length, source.length - column + 1)))
    shown.push(`      ${' '.repeat(width)} | ${indent}${paint.red(carets)}`)
  }
  return shown
}
