/** What the front end is told about lines that are not TypeScript: completions, documentation, whether they are complete. */
import { readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import { findMagic, magics } from './magics.js'
import type { CompletenessStatus, Completion, Inspection, Segment } from './protocol.js'

const typeModes = ['warn', 'strict', 'off']

/** `segment` is where the cursor is, in a line that is not TypeScript. `folder` is the working folder. */
export function completeMagic(segment: Segment, code: string, cursor: number, folder: string): Completion {
  const typed = code.slice(segment.start, cursor)
  const name = /^%%?[\w-]*$/.exec(typed)
  if (name) {
    const form = typed.startsWith('%%') ? 'cell' : 'line'
    const names = magics
      .filter(({ forms }) => forms.includes(form))
      .flatMap(({ name, alias }) => (alias === undefined ? [name] : [name, alias]))
      .map((name) => `${form === 'cell' ? '%%' : '%'}${name}`)
    return completion(names, typed, cursor, 'magic')
  }
  const word = /\S*$/.exec(typed)![0]
  if (segment.kind === 'shell' || (segment.kind === 'magic' && segment.form === 'cell'))
    return completion(paths(word, folder, false), word, cursor, 'path')
  if (segment.kind !== 'magic') return completion([], '', cursor, 'text')
  if (segment.name === 'ls') return completion(paths(word, folder, false), word, cursor, 'path')
  if (segment.name === 'cd') return completion(paths(word, folder, true), word, cursor, 'path')
  if (segment.name === 'env') return completion(Object.keys(process.env), word, cursor, 'variable')
  return completion(segment.name === 'types' ? typeModes : [], word, cursor, 'keyword')
}

function completion(candidates: string[], typed: string, end: number, type: string): Completion {
  const matches = candidates.filter((candidate) => candidate.startsWith(typed)).sort()
  return { matches, start: end - typed.length, end, types: matches.map((text) => ({ text, type })) }
}

/** Files and folders that a path that is being typed may become; folders end in a slash. */
function paths(typed: string, folder: string, onlyFolders: boolean): string[] {
  const head = typed.slice(0, typed.lastIndexOf('/') + 1)
  const hidden = typed.slice(head.length).startsWith('.')
  try {
    const entries = readdirSync(path.resolve(folder, head.replace(/^~(?=\/)/, homedir())), { withFileTypes: true })
    return entries
      .filter((entry) => (hidden || !entry.name.startsWith('.')) && (!onlyFolders || entry.isDirectory()))
      .map((entry) => head + entry.name + (entry.isDirectory() ? '/' : ''))
  } catch {
    return [] // no such folder, or not ours to read
  }
}

export function inspectMagic(segment: Segment, code: string, cursor: number): Inspection {
  const onName = /^%%?[\w-]*$/.test(code.slice(segment.start, cursor))
  const magic = segment.kind === 'magic' && onName ? findMagic(segment.name) : undefined
  return magic ? { signature: magic.usage, documentation: magic.about } : null
}

/** `ofCode` answers for TypeScript. A cell magic goes on until an empty line. */
export function magicCompleteness(
  segments: readonly Segment[],
  code: string,
  ofCode: (code: string) => CompletenessStatus,
): CompletenessStatus {
  const last = segments.at(-1)
  if (last?.kind === 'magic' && last.form === 'cell') {
    if (last.segments?.some((segment) => segment.kind === 'code' && segment.code.trim() !== ''))
      return magicCompleteness(last.segments, code, ofCode)
    return /\n[ \t]*$/.test(code) && last.body.trim() !== ''
      ? { status: 'complete' }
      : { status: 'incomplete', indent: '' }
  }
  const typescript = last?.kind === 'magic' ? last.segments?.[0] : last
  if (typescript?.kind === 'code') return ofCode(typescript.code)
  return code.trimEnd().endsWith('\\') ? { status: 'incomplete', indent: '' } : { status: 'complete' }
}
