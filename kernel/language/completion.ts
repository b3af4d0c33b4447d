/** Names that fit at the cursor, as Jupyter wants them. */
import type TS from 'typescript'
import type { ConverterState } from './adapter.js'
import { CELL_PREFIX } from './files.js'
import type { SymbolEntry } from './internals.js'
import type { Completion } from './protocol.js'
import { withoutAlias } from './symbols.js'
import { ts } from './typescript.js'

/** Signatures cost up to a millisecond each, and nobody reads more than a screenful. */
const MAX_SIGNATURES = 40

export function completionsAt(state: ConverterState, code: string, cursor: number): Completion {
  const checker = state.program?.getTypeChecker()
  const entries: SymbolEntry[] = state.completions?.entries ?? []
  const start = replacementStart(entries, code, cursor)
  const typed = code.slice(start, cursor)
  const ranked = uniqueByName(entries)
    .map((entry) => ({ entry, rank: rankOf(entry, typed) }))
    .filter(({ rank }) => rank !== undefined)
    .sort((a, b) => compare(a.rank!, b.rank!) || compare(a.entry.name, b.entry.name))
  const types = ranked.map(({ entry }, index) => ({
    text: entry.name,
    type: typeOf(entry, checker),
    ...(index < MAX_SIGNATURES && checker ? signatureOf(entry, checker) : {}),
  }))
  return { matches: types.map(({ text }) => text), start, end: cursor, types }
}

/** A name can be a keyword as well ("module"): the symbol comes first. */
function uniqueByName(entries: SymbolEntry[]): SymbolEntry[] {
  const keyed = new Map([...entries].reverse().map((entry) => [entry.name, entry]))
  return [...keyed.values()]
}

/** Inside strings TypeScript says which part an entry replaces (after the last slash of a path); elsewhere it is the name at the cursor. */
function replacementStart(entries: SymbolEntry[], code: string, cursor: number): number {
  const span = entries.find(({ replacementSpan }) => replacementSpan)?.replacementSpan
  if (span) return Math.max(0, Math.min(span.start - CELL_PREFIX.length, cursor))
  return cursor - /[\p{ID_Continue}$\u200c\u200d]*$/u.exec(code.slice(0, cursor))![0].length
}

/** Exact prefixes before those that differ in case; within them TypeScript's order (members and locals before globals). */
function rankOf({ name, sortText }: TS.CompletionEntry, typed: string): string | undefined {
  if (name.startsWith(typed)) return `0${sortText}`
  return name.toLowerCase().startsWith(typed.toLowerCase()) ? `1${sortText}` : undefined
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

const KINDS: Record<string, string> = {
  [ts.ScriptElementKind.keyword]: 'keyword',
  [ts.ScriptElementKind.moduleElement]: 'module',
  [ts.ScriptElementKind.externalModuleName]: 'module',
  [ts.ScriptElementKind.classElement]: 'class',
  [ts.ScriptElementKind.localClassElement]: 'class',
  [ts.ScriptElementKind.interfaceElement]: 'interface',
  [ts.ScriptElementKind.typeElement]: 'type',
  [ts.ScriptElementKind.typeParameterElement]: 'type',
  [ts.ScriptElementKind.primitiveType]: 'type',
  [ts.ScriptElementKind.enumElement]: 'enum',
  [ts.ScriptElementKind.enumMemberElement]: 'property',
  [ts.ScriptElementKind.functionElement]: 'function',
  [ts.ScriptElementKind.localFunctionElement]: 'function',
  [ts.ScriptElementKind.memberFunctionElement]: 'method',
  [ts.ScriptElementKind.memberVariableElement]: 'property',
  [ts.ScriptElementKind.memberGetAccessorElement]: 'property',
  [ts.ScriptElementKind.memberSetAccessorElement]: 'property',
  [ts.ScriptElementKind.memberAccessorVariableElement]: 'property',
  [ts.ScriptElementKind.directory]: 'path',
  [ts.ScriptElementKind.scriptElement]: 'path',
  [ts.ScriptElementKind.string]: 'text',
}

function typeOf({ kind, symbol }: SymbolEntry, checker: TS.TypeChecker | undefined): string {
  if (kind !== ts.ScriptElementKind.alias || !symbol || !checker) return KINDS[kind] ?? 'variable'
  const { flags } = withoutAlias(checker, symbol)
  if (flags & ts.SymbolFlags.Class) return 'class'
  if (flags & ts.SymbolFlags.Function) return 'function'
  if (flags & ts.SymbolFlags.Module) return 'module'
  if (flags & ts.SymbolFlags.Interface) return 'interface'
  return flags & ts.SymbolFlags.Value ? 'variable' : 'type'
}

function signatureOf({ symbol }: SymbolEntry, checker: TS.TypeChecker): { signature?: string } {
  if (!symbol) return {}
  const target = withoutAlias(checker, symbol)
  if (!(target.flags & ts.SymbolFlags.Value)) return {}
  const type = checker.getTypeOfSymbol(target)
  const [call] = type.getCallSignatures()
  if (call) return { signature: checker.signatureToString(call) }
  return target.flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Module) ? {} : { signature: checker.typeToString(type) }
}
