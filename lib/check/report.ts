/**
 * How a self-check ends: a green line when it passes, a reminder when there is nothing to check yet, an error with what was
 * expected, what came and a hint when the answer is wrong.
 */
import { inspect } from 'node:util'
import { displaySink } from '../plot/mime.js'
import { escapeXml } from '../plot/svg.js'
import { ___ } from './gap.js'

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

/**
 * Whether the answer is still a gap, or a list with one, which is no mistake: the reader is reminded, and the notebook runs on.
 * @throws CheckError when there is no answer at all
 */
export function isOpen(actual: unknown, options: CheckOptions, check: (...args: never[]) => unknown): boolean {
  const what = options.what ?? 'your answer'
  if (actual === undefined)
    fail({ message: `${what} is undefined: fill in your answer (does your function return it?)` }, options, check)
  if (actual !== ___ && !(Array.isArray(actual) && actual.includes(___))) return false
  remind(what)
  return true
}

/** Reminds of a gap. */
export function remind(what: string): void {
  const message = `${what} still has a gap: fill in the place marked ___ and run the cells again`
  displaySink().display({
    'text/html': `<span style="color:#b45309;font-weight:600">✎</span> <span>${escapeXml(message)}</span>`,
    'text/plain': `✎ ${message}`,
  })
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
