/** `name?` in a cell of its own asks what a name is, as in other notebooks: the answer opens in the front end's pager. */
import type { Inspection } from './protocol.js'

/** The name that a cell asks about; undefined for ordinary code. */
export function askedName(code: string): string | undefined {
  return /^\s*([\p{ID_Start}$_][\p{ID_Continue}$]*(?:\.[\p{ID_Start}$_][\p{ID_Continue}$]*)*)\?{1,2}\s*$/u.exec(
    code,
  )?.[1]
}

/** An inspection as front ends show it. */
export function inspectionBundle({ signature, documentation }: NonNullable<Inspection>): Record<string, string> {
  return {
    'text/plain': [signature, documentation].filter(Boolean).join('\n\n'),
    'text/markdown': ['```typescript\n' + signature + '\n```', documentation].filter(Boolean).join('\n\n'),
  }
}
