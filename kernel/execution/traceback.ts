/** Errors as a front end shows them: name, message, the user's lines with the failing one marked, and their causes. */
import { inspect, types } from 'node:util'
import type { CellError } from '../wire/link.js'
import { excerpt, paint } from './cell-sources.js'
import { KernelInterrupt } from './interrupt.js'
import type { Frame, StackFrames } from './stack-frames.js'

const maxFrames = 12
/** Of the frames below the user's code, the innermost ones: they say what failed, the user's line says where. */
const maxForeignFrames = 3
const maxCauses = 5
/** Parts of an error that are shown in their own way. */
const standard = new Set(['stack', 'message', 'name', 'cause', 'errors'])

export function cellError(thrown: unknown, frames: StackFrames): CellError {
  return { ename: nameOf(thrown), evalue: messageOf(thrown), traceback: traceback(thrown, frames, maxCauses) }
}

function traceback(thrown: unknown, frames: StackFrames, causesLeft: number): string[] {
  const lines = [`${paint.red(nameOf(thrown))}: ${messageOf(thrown)}${details(thrown)}`]
  if (!isError(thrown)) return lines
  // Where in the library a stop was noticed says nothing.
  const foreign = thrown instanceof KernelInterrupt ? 0 : maxForeignFrames
  lines.push(...frameLines(frames.of(thrown), foreign))
  const inner: [string, unknown][] = thrown.cause === undefined ? [] : [['Caused by', thrown.cause]]
  if (thrown instanceof AggregateError)
    thrown.errors.forEach((error, i) => inner.push([`Error ${i + 1} of ${thrown.errors.length}`, error]))
  if (causesLeft === 0 && inner.length > 0) return [...lines, paint.dim('  (further causes are left out)')]
  for (const [heading, error] of inner)
    lines.push('', `${heading}:`, ...traceback(error, frames, causesLeft - 1).map((line) => `  ${line}`))
  return lines
}

/** The user's own lines first, innermost before outer ones; then what failed below them, in packages and the library. */
function frameLines(frames: readonly Frame[], maxForeign: number): string[] {
  const first = frames.findIndex(({ position }) => position)
  const below = first < 0 ? frames : frames.slice(0, first)
  return [...userLines(frames), ...foreignLines(below.slice(0, maxForeign), first < 0)]
}

function userLines(frames: readonly Frame[]): string[] {
  const lines: string[] = []
  const shown = new Set<string>()
  let calls = 0
  for (const { name, position } of frames) {
    if (!position) continue
    calls++
    const { cell, line, column } = position
    const key = `${cell.label}:${line}:${column}`
    // A line that calls itself, through others or not, is shown once.
    if (shown.has(key) || shown.size === maxFrames) continue
    const place = paint.green(`${cell.label}, line ${line}`)
    lines.push(`    at ${name ? `${name} (${place})` : place}`)
    // Lines around the innermost frame; frames further out show only their own line.
    lines.push(...excerpt(cell.text, line, column, { context: shown.size === 0 ? 2 : 0 }))
    shown.add(key)
  }
  if (calls > shown.size) lines.push(paint.dim(`    … ${calls - shown.size} more calls in these lines and others`))
  return lines
}

function foreignLines(frames: readonly Frame[], isAll: boolean): string[] {
  return frames.map(({ name, file, line, column }, index) => {
    const place = `${file.replace(/^file:\/\//, '')}:${line}:${column}`
    const heading = isAll ? 'at' : index === 0 ? 'thrown in' : 'called by'
    return paint.dim(`    ${heading} ${name ? `${name} (${place})` : place}`)
  })
}

/** Those of other realms are errors too, such as what runs in node:vm contexts. */
function isError(thrown: unknown): thrown is Error {
  return thrown instanceof Error || types.isNativeError(thrown)
}

function nameOf(thrown: unknown): string {
  if (!isError(thrown)) return 'Uncaught'
  const { name } = thrown
  // A class that names no name of its own has inherited this one.
  const ofClass = name === 'Error' && !Object.hasOwn(thrown, 'name') ? thrown.constructor.name : name
  return String(ofClass || thrown.constructor.name || 'Error')
}

function messageOf(thrown: unknown): string {
  return isError(thrown) ? String(thrown.message) : inspect(thrown)
}

/** What else an error carries, such as the `code` and `path` of a failed file operation. */
function details(thrown: unknown): string {
  if (!isError(thrown)) return ''
  const extra = Object.entries(thrown).filter(([key]) => !standard.has(key))
  return extra.length === 0 ? '' : ' ' + paint.dim(inspect(Object.fromEntries(extra), { depth: 1 }))
}
