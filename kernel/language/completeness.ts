/** Whether a front end should run what was typed on Enter, or ask for another line. */
import { parseCell } from './cell.js'
import { parseErrors } from './internals.js'
import type { CompletenessStatus } from './protocol.js'
import { askedName } from './question.js'
import { ts } from './typescript.js'

/** Something was opened and the text ended: more lines can close it. A string or regular expression cannot go on in the next line. */
const UNFINISHED = new Set([
  1160, // Unterminated template literal
  1010, // '*/' expected
])
const UNTERMINATED_IN_LINE = new Set([
  1002, // Unterminated string literal
  1161, // Unterminated regular expression literal
])

export function completenessOf(code: string): CompletenessStatus {
  const [error] = parseErrors(parseCell(code))
  if (!error || askedName(code)) return { status: 'complete' }
  const end = code.trimEnd().length
  const atEnd = error.start >= end && !UNTERMINATED_IN_LINE.has(error.code)
  return atEnd || UNFINISHED.has(error.code)
    ? { status: 'incomplete', indent: indentAfter(code) }
    : { status: 'invalid' }
}

/** The indent of the last line, and two spaces more if it leaves a bracket open. */
function indentAfter(code: string): string {
  const line = code.trimEnd().split('\n').at(-1) ?? ''
  const indent = /^\s*/.exec(line)![0]
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, true, ts.LanguageVariant.Standard, line)
  let open = 0
  for (let token = scanner.scan(); token !== ts.SyntaxKind.EndOfFileToken; token = scanner.scan()) {
    if (OPENING.has(token)) open += 1
    else if (CLOSING.has(token) && open > 0) open -= 1
  }
  return open > 0 ? `${indent}  ` : indent
}

const OPENING = new Set([ts.SyntaxKind.OpenBraceToken, ts.SyntaxKind.OpenBracketToken, ts.SyntaxKind.OpenParenToken])
const CLOSING = new Set([ts.SyntaxKind.CloseBraceToken, ts.SyntaxKind.CloseBracketToken, ts.SyntaxKind.CloseParenToken])
