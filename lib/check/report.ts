/** How a self-check ends: a green line when it passes, an error with what was expected, what came and a hint when not. */
import { inspect } from 'node:util'
import { displaySink } from '../plot/mime.js'
import { escapeXml } from '../plot/svg.js'
import { isGapError, isMissing } from './gap.js'

/** What every check takes. */
export interface CheckOptions {
  /** Shown when the check fails: where to look, not the answer. */
  hint?: string
  /** What is checked, for the messages; default: words for the kind of check. */
  what?: string
}

/** What a check found wrong. */
export interface Failure {
  /** One sentence: what is wrong. */
  readonly message: string
  readonly expected?: string
  readonly actual?: string
  /** Further lines, such as the first place that differs. */
  readonly details?: readonly string[]
}

/** Thrown by `check.…` when an answer is wrong. */
export class CheckError extends Error {
  /** Where to look. */
  readonly hint: string | undefined

  constructor(message: string, hint?: string) {
    super(message)
    this.name = 'CheckError'
    this.hint = hint
  }
}

/** Shows that a check passed. */
export function pass(message: string): void {
  displaySink().display({
    'text/html': `<span style="color:#16a34a;font-weight:600">✓</span> <span>${escapeXml(message)}</span>`,
    'text/plain': `✓ ${message}`,
  })
}

/** Throws what a check found. `check` is the function that the user called: the stack begins at its caller. */
export function fail(failure: Failure, options: CheckOptions, check: (...args: never[]) => unknown): never {
  const { message, expected, actual, details = [] } = failure
  const lines = [`✗ ${message}`]
  if (expected !== undefined) lines.push(labelled('expected', expected))
  if (actual !== undefined) lines.push(labelled('got', actual))
  lines.push(...details.map((line) => `  ${line}`))
  if (options.hint) lines.push(`  Hint: ${options.hint}`)
  const error = new CheckError(lines.join('\n'), options.hint)
  Error.captureStackTrace(error, check)
  throw error
}

/** Throws unless there is an answer to check. */
export function demandAnswer(actual: unknown, options: CheckOptions, check: (...args: never[]) => unknown): void {
  if (!isMissing(actual)) return
  const what = options.what ?? 'your answer'
  const message =
    actual === undefined
      ? `${what} is undefined: fill in your answer (does your function return it?)`
      : `${what} is still a gap: fill in the place marked ___`
  fail({ message }, options, check)
}

/** Runs the answer's own code: a gap inside it is told apart from a mistake. */
export function answering<T>(body: () => T, options: CheckOptions, check: (...args: never[]) => unknown): T {
  try {
    return body()
  } catch (error) {
    if (!isGapError(error)) throw error
    fail({ message: `${options.what ?? 'your code'} still has a gap: fill in the place marked ___` }, options, check)
  }
}

/** A value in an error message: short enough to read. */
export function shown(value: unknown): string {
  const text =
    typeof value === 'string'
      ? JSON.stringify(value)
      : inspect(value, { depth: 3, breakLength: 90, maxArrayLength: 12, maxStringLength: 200 })
  const lines = text.split('\n')
  const kept = lines.slice(0, 12).join('\n')
  const cut = kept.length > 900 ? `${kept.slice(0, 900)} …` : kept
  return lines.length > 12 ? `${cut}\n…` : cut
}

function labelled(label: string, text: string): string {
  const head = `  ${label}:`.padEnd(13)
  return head + text.replaceAll('\n', `\n${' '.repeat(13)}`)
}
