/**
 * Lines of a cell that are not TypeScript: magics (`%cd data`, `%%time`) and commands for the shell (`!ls`). Which lines these are is
 * decided here, for running as for completion: a line that could be TypeScript stays TypeScript.
 */
import type TS from 'typescript'
import { parseCell } from './cell.js'
import { identifiersOf, parseErrors } from './internals.js'
import { findMagic, mayHaveMagics } from './magics.js'
import type { Segment } from './protocol.js'
import { ts } from './typescript.js'

interface Line {
  text: string
  start: number
  /** Without the line break. */
  end: number
}

const assignment = /^(?:(?:const|let|var)\s+)?[\p{ID_Start}$_][\p{ID_Continue}$]*(?:\s*:\s*string\[\])?\s*=\s*!(?=\S)/u

/**
 * The pieces of a cell, in the order in which they run. `isKnown` tells whether a name has a value:
 * `!ready` is TypeScript if `ready` is known, and a command if not.
 */
export function splitCell(code: string, isKnown: (name: string) => boolean): Segment[] {
  if (!mayHaveMagics(code)) return [{ kind: 'code', code, start: 0, end: code.length }]
  const lines = joinContinued(code)
  const first = lines.findIndex(({ text }) => text.trim() !== '')
  const cellMagic = /^%%([\w-]+)(.*)$/s.exec(lines[first]?.text ?? '')
  if (cellMagic) return [wholeCell(code, lines[first], cellMagic[1], cellMagic[2], isKnown)]

  const special = specialLines(code, lines, isKnown)
  const segments: Segment[] = []
  let from = 0
  const addCode = (to: number) => {
    if (code.slice(from, to).trim() !== '')
      segments.push({ kind: 'code', code: only(code, from, to), start: from, end: to })
  }
  for (const line of special) {
    addCode(line.start)
    segments.push(lineSegment(code, line))
    from = line.end
  }
  addCode(code.length)
  return segments
}

/** A line that ends in a backslash goes on in the next, if it is a command. */
function joinContinued(code: string): Line[] {
  const lines: Line[] = []
  let start = 0
  for (const text of code.split('\n')) {
    const end = start + text.length
    const before = lines.at(-1)
    if (before && /^[%!]/.test(before.text) && before.text.endsWith('\\')) {
      before.end = end
      before.text = code.slice(before.start, end)
    } else lines.push({ text, start, end })
    start = end + 1
  }
  return lines
}

function specialLines(code: string, lines: readonly Line[], isKnown: (name: string) => boolean): Line[] {
  const candidates = lines.filter(({ text }) => /^(%%?(\w|$)|!\s*\S)/.test(text) || assignment.test(text))
  if (candidates.length === 0) return []
  const rest = candidates.reduce((text, { start, end }) => blank(text, start, end), code)
  const file = parseCell(rest)
  const isName = (name: string) => isKnown(name) || identifiersOf(file).has(name)
  const isTypeScript = isFree(code)
  const occupied = [...statements(file), ...comments(rest)]
  return candidates.filter(({ text, start }) => {
    if (occupied.some(([from, to]) => from < start && start < to)) return false
    const magic = /^%%?([\w-]*)/.exec(text)?.[1]
    if (magic !== undefined) return (findMagic(magic) !== undefined && !isName(magic)) || !isTypeScript
    const command = text.replace(assignment, '!').slice(1).trimStart()
    const word = /^[\p{ID_Start}$_][\p{ID_Continue}$]*/u.exec(command)?.[0]
    const couldRun = word === undefined ? !/^[./~]/.test(command) : isName(word) || isKeyword(word)
    return !(couldRun && (isTypeScript || isFree(text)))
  })
}

const isFree = (text: string): boolean => parseErrors(parseCell(text)).length === 0

function isKeyword(word: string): boolean {
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, true, ts.LanguageVariant.Standard, word)
  return scanner.scan() !== ts.SyntaxKind.Identifier
}

/** Where statements stand. One that the text leaves unfinished takes all that follows. */
function statements(file: TS.SourceFile): [number, number][] {
  const unfinished = parseErrors(file).some(({ start }) => start >= file.text.trimEnd().length)
  return file.statements.map((node, index) => [
    node.getStart(file),
    unfinished && index === file.statements.length - 1 ? Infinity : node.end,
  ])
}

function comments(text: string): [number, number][] {
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, false, ts.LanguageVariant.Standard, text)
  const found: [number, number][] = []
  for (let token = scanner.scan(); token !== ts.SyntaxKind.EndOfFileToken; token = scanner.scan())
    if (token === ts.SyntaxKind.MultiLineCommentTrivia) found.push([scanner.getTokenStart(), scanner.getTokenEnd()])
  return found
}

function wholeCell(
  code: string,
  { start, end }: Line,
  name: string,
  rest: string,
  isKnown: (name: string) => boolean,
): Segment {
  const body = code.slice(end + 1)
  const segment = { kind: 'magic', form: 'cell', name, argument: rest.trim(), body, start, end: code.length } as const
  if (!findMagic(name)?.takesCode) return segment
  const inner = blank(code, start, end)
  return { ...segment, segments: name === 'time' ? splitCell(inner, isKnown) : [codeSegment(inner, end, code.length)] }
}

function lineSegment(code: string, { text, start, end }: Line): Segment {
  if (!text.startsWith('%')) {
    const target = assignment.exec(text)?.[0].slice(0, -1)
    const command = target === undefined ? text.slice(1) : text.slice(target.length + 1)
    return { kind: 'shell', command: command.trim(), start, end, ...(target !== undefined && { target }) }
  }
  const [, percent, name, rest] = /^(%%?)([\w-]*)(.*)$/s.exec(text)!
  const form = percent === '%' ? 'line' : 'cell'
  const segment = { kind: 'magic', form, name, argument: rest.trim(), body: '', start, end } as const
  if (!findMagic(name)?.takesCode) return segment
  return { ...segment, segments: [codeSegment(code, end - rest.length, end)] }
}

const codeSegment = (code: string, start: number, end: number): Segment => ({
  kind: 'code',
  code: only(code, start, end),
  start,
  end,
})

/** The same text with spaces in place of what lies outside: every position stays what it is. */
function only(code: string, start: number, end: number): string {
  return blank(blank(code, 0, start), end, code.length)
}

function blank(code: string, start: number, end: number): string {
  return code.slice(0, start) + code.slice(start, end).replace(/[^\n\r]/g, ' ') + code.slice(end)
}

/** The innermost piece that the cursor is in or at the end of. */
export function segmentAt(segments: readonly Segment[], cursor: number): Segment | undefined {
  const found = segments.filter(({ start, end }) => start <= cursor && cursor <= end).at(-1)
  if (found?.kind !== 'magic' || !found.segments) return found
  return segmentAt(found.segments, cursor) ?? found
}
