/**
 * The cells that were run, this session's and earlier ones', for history_request. Every session has a file of its own,
 * claimed by creating it exclusively, with a line of JSON for each cell: kernels that run at the same time never write
 * to the same file, and a line that a crash cut short is left out when read.
 */
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { log } from './log.js'

export interface HistoryEntry {
  session: number
  /** The cell's number, from 1. */
  line: number
  input: string
  /** Text of its result, if it had one. */
  output: string | null
}

/** Older sessions than these are deleted when a new one begins. */
const keptSessions = 1000
/** A longer result is not worth keeping. */
const maxOutput = 10_000

/**
 * The folder for histories: GRADBOOK_HISTORY, or the user's data folder, where GRADBOOK_PROFILE (default `default`)
 * keeps profiles apart. null when GRADBOOK_HISTORY is `off`.
 */
export function historyFolder(env: NodeJS.ProcessEnv = process.env): string | null {
  if (env['GRADBOOK_HISTORY'] === 'off') return null
  if (env['GRADBOOK_HISTORY']) return env['GRADBOOK_HISTORY']
  const data =
    process.platform === 'win32'
      ? (env['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming'))
      : process.platform === 'darwin'
        ? join(homedir(), 'Library', 'Application Support')
        : env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share')
  return join(data, 'gradbook', 'history', env['GRADBOOK_PROFILE'] || 'default')
}

export class History {
  private readonly own: HistoryEntry[] = []
  /** Number of this session; claimed by its first cell. */
  private session = 0

  /** @param folder where sessions are kept, or null to remember this one only, in memory. */
  constructor(private folder: string | null) {}

  add(line: number, input: string, output: string | undefined): void {
    if (this.session === 0) this.session = this.claim()
    const kept = output !== undefined && output.length <= maxOutput ? output : null
    const entry = { session: this.session, line, input, output: kept }
    this.own.push(entry)
    if (this.folder !== null)
      this.tolerate(() => appendFileSync(this.file(this.session), JSON.stringify({ line, input, output: kept }) + '\n'))
  }

  /** The last `n` cells, oldest first. */
  tail(n: number): HistoryEntry[] {
    const found: HistoryEntry[] = []
    for (const entries of this.newestFirst()) {
      found.unshift(...entries)
      if (found.length >= n) break
    }
    return n > 0 ? found.slice(-n) : []
  }

  /** Cells start … stop − 1 of a session: 0 is this one, −1 the one before. */
  range(session: number, start: number, stop: number | null): HistoryEntry[] {
    const own = this.session || (this.numbers().at(-1) ?? 0) + 1
    const wanted = session > 0 ? session : own + session
    const entries = wanted === own ? this.own : this.read(wanted)
    return entries.filter(({ line }) => line >= start && (stop === null || line < stop))
  }

  /** Cells whose text matches a pattern with * and ?, oldest first; with `unique`, each text once, where it came last. */
  search(pattern: string, n: number | null, unique: boolean): HistoryEntry[] {
    const matcher = globMatcher(pattern)
    const seen = new Set<string>()
    const found: HistoryEntry[] = []
    for (const entries of this.newestFirst())
      for (const entry of [...entries].reverse()) {
        if (n !== null && found.length >= n) return found.reverse()
        if (!matcher.test(entry.input) || (unique && seen.has(entry.input))) continue
        seen.add(entry.input)
        found.push(entry)
      }
    return found.reverse()
  }

  private *newestFirst(): Generator<HistoryEntry[]> {
    yield this.own
    for (const number of this.numbers().reverse()) if (number !== this.session) yield this.read(number)
  }

  /** Numbers of the sessions on disk, ascending. */
  private numbers(): number[] {
    if (this.folder === null) return []
    try {
      const names = readdirSync(this.folder).map((name) => /^(\d+)\.jsonl$/.exec(name)?.[1])
      return names
        .filter((name) => name !== undefined)
        .map(Number)
        .sort((a, b) => a - b)
    } catch {
      return [] // nobody has run a cell here yet
    }
  }

  private read(session: number): HistoryEntry[] {
    let text: string
    try {
      text = readFileSync(this.file(session), 'utf8')
    } catch {
      return []
    }
    return text.split('\n').flatMap((row) => {
      const entry = parseRow(row)
      return entry ? [{ session, ...entry }] : []
    })
  }

  /** Creates this session's file under the next free number. */
  private claim(): number {
    const folder = this.folder
    if (folder === null) return 1
    return (
      this.tolerate(() => {
        mkdirSync(folder, { recursive: true, mode: 0o700 })
        const before = this.numbers()
        for (const old of before.slice(0, -keptSessions)) rmSync(this.file(old), { force: true })
        for (let number = (before.at(-1) ?? 0) + 1; ; number++)
          try {
            writeFileSync(this.file(number), '', { flag: 'wx', mode: 0o600 })
            return number
          } catch (error) {
            if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
          }
      }) ?? 1
    )
  }

  private file(session: number): string {
    return join(this.folder ?? '', `${String(session).padStart(6, '0')}.jsonl`)
  }

  /** A disk that cannot be written ends the keeping, not the session. */
  private tolerate<T>(write: () => T): T | undefined {
    try {
      return write()
    } catch (error) {
      log(`history is not kept: ${(error as Error).message}`)
      this.folder = null
      return undefined
    }
  }
}

function parseRow(row: string): Omit<HistoryEntry, 'session'> | null {
  try {
    const entry = JSON.parse(row) as Omit<HistoryEntry, 'session'>
    return typeof entry.line === 'number' && typeof entry.input === 'string' ? entry : null
  } catch {
    return null
  }
}

/** The pattern language of the specification's examples: * any text, ? any character, [abc] one of these; else plain text. */
function globMatcher(pattern: string): RegExp {
  const plain = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
  const source = pattern.replace(/\[[^\]]+\]|[\s\S]/g, (part) => {
    if (part === '*') return '[\\s\\S]*'
    if (part === '?') return '[\\s\\S]'
    return part.length > 1 ? part.replace(/^\[!/, '[^').replaceAll('\\', '\\\\') : plain(part)
  })
  try {
    return new RegExp(`^${source}$`)
  } catch {
    return new RegExp(`^${plain(pattern)}$`) // a class such as [z-a] means nothing
  }
}
