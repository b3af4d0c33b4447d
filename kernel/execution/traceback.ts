/** Errors as a front end shows them: name, message, the user's lines with the failing one marked, and their causes. */
import { inspect } from 'node:util'
import type { CellError } from '../wire/link.js'
import { excerpt, paint } from './cell-sources.js'
import type { Frame, StackFrames } from './stack-frames.js'

const maxFrames = 12
/** Of a run of frames outside the cells, the innermost ones: they say what failed, the cell says where. */
const maxForeignFrames = 3
const maxCauses = 5
/** Parts of an error that are shown in their own way. */
const standard = new Set(['stack', 'message', 'name', 'cause', 'errors'])

export function cellError(thrown: unknown, frames: StackFrames): CellError {
  return { ename: nameOf(thrown), evalue: messageOf(thrown), traceback: traceback(thrown, frames, maxCauses) }
}

function traceback(thrown: unknown, frames: StackFrames, causesLeft: number): string[] {
  const lines = [`${paint.red(nameOf(thrown))}: ${messageOf(thrown)}${details(thrown)}`]
  if (!(thrown instanceof Error)) return lines
  // Where in the library a stop was noticed says nothing.
  const foreign = thrown.name === 'KernelInterrupt' ? 0 : maxForeignFrames
  lines.push(...frameLines(frames.of(thrown), foreign))
  const inner: [string, unknown][] = thrown.cause === undefined ? [] : [['Caused by', thrown.cause]]
  if (thrown instanceof AggregateError)
    thrown.errors.forEach((error, i) => inner.push([`Error ${i + 1} of ${thrown.errors.length}`, error]))
  if (causesLeft === 0 && inner.length > 0) return [...lines, paint.dim('  (further causes are left out)')]
  for (const [heading, error] of inner)
    lines.push('', `${heading}:`, ...traceback(error, frames, causesLeft - 1).map((line) => `  ${line}`))
  return lines
}

function frameLines(frames: readonly Frame[], maxForeign: number): string[] {
  const lines: string[] = []
  let context = 2 // lines around the innermost frame of a cell; frames further out show only their own line
  let shown = 0
  let foreign = 0
  const endRun = (): void => {
    if (foreign > maxForeign && maxForeign > 0) lines.push(paint.dim(`    … ${foreign - maxForeign} more`))
    foreign = 0
  }
  for (const { name, file, line, column, position } of frames) {
    const at = (place: string) => `    at ${name ? `${name} (${place})` : place}`
    if (!position) {
      if (++foreign <= maxForeign) lines.push(paint.dim(at(`${file.replace(/^file:\/\//, '')}:${line}:${column}`)))
      continue
    }
    endRun()
    if (++shown > maxFrames) continue
    lines.push(at(paint.green(`${position.cell.label}, line ${position.line}`)))
    lines.push(...excerpt(position.cell.text, position.line, position.column, { context }))
    context = 0
  }
  endRun()
  if (shown > maxFrames) lines.push(paint.dim(`    … ${shown - maxFrames} more calls in cells`))
  return lines
}

function nameOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'Uncaught'
  return String(thrown.name || thrown.constructor.name || 'Error')
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? String(thrown.message) : inspect(thrown)
}

/** What else an error carries, such as the `code` and `path` of a failed file operation. */
function details(thrown: unknown): string {
  if (!(thrown instanceof Error)) return ''
  const extra = Object.entries(thrown).filter(([key]) => !standard.has(key))
  return extra.length === 0 ? '' : ' ' + paint.dim(inspect(Object.fromEntries(extra), { depth: 1 }))
}
