/** `name?` (or `?name`) in a cell of its own asks what a name is, as in other notebooks: the answer opens in the front end's pager. */
import type { Inspection } from './protocol.js'

/** The name that a cell asks about, and whether (`??`) for its source too; undefined for ordinary code. */
export function askedName(code: string): { name: string; detail: 0 | 1 } | undefined {
  const name = String.raw`[\p{ID_Start}$_][\p{ID_Continue}$]*`
  const found = new RegExp(String.raw`^\s*(?:(\??)\?)?(${name}(?:\.${name})*)(?:(\??)\?)?\s*$`, 'u').exec(code)
  if (!found || (found[1] === undefined) === (found[3] === undefined)) return undefined
  return { name: found[2], detail: (found[1] ?? found[3]) === '?' ? 1 : 0 }
}

/** An inspection as front ends show it. */
export function inspectionBundle({
  signature,
  documentation,
  source,
}: NonNullable<Inspection>): Record<string, string> {
  const code = (text: string) => '```typescript\n' + text + '\n```'
  const join = (parts: readonly string[]) => parts.filter(Boolean).join('\n\n')
  return {
    'text/plain': join([signature, documentation, ...(source ? [`Source (${source.place}):`, source.text] : [])]),
    'text/markdown': join([
      code(signature),
      documentation,
      ...(source ? [`**Source** (${source.place}):`, code(source.text)] : []),
    ]),
  }
}
