/** From a cell's TypeScript to the function that runs it, with one source map over both steps. */
import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping'
import MagicString, { SourceMap } from 'magic-string'
import type TS from 'typescript'
import { positionAt, type Cell } from './cell.js'
import type { Diagnostic } from './protocol.js'
import { ANCHOR, rewrite, type OuterNames } from './rewrite.js'
import { ts } from './typescript.js'

/** Which decorators the code means: the standard's (both absent), or those that TypeScript had before. */
export interface DecoratorOptions {
  experimentalDecorators?: boolean
  emitDecoratorMetadata?: boolean
}

export const emitOptions = (decorators: DecoratorOptions): TS.CompilerOptions => ({
  ...decorators,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleDetection: ts.ModuleDetectionKind.Force,
  // Imports that only a later cell uses must stay.
  verbatimModuleSyntax: true,
  useDefineForClassFields: true,
  sourceMap: true,
})

export interface TranspiledCell {
  js: string
  map: string
  /** Top-level names; true for those that cannot be assigned to. */
  declared: Map<string, boolean>
  awaits: boolean
  /** Errors that only JavaScript's own rules find, such as a name declared twice. */
  syntaxErrors: Diagnostic[]
}

export function transpileCell(
  cell: Cell,
  fileName: string,
  typeNames: ReadonlySet<string>,
  outer: OuterNames,
  decorators: DecoratorOptions = {},
): TranspiledCell {
  const emitted = ts.transpileModule(cell.text, { fileName: 'cell.ts', compilerOptions: emitOptions(decorators) })
  const js = emitted.outputText.replace(/\/\/# sourceMappingURL=.*\s*$/, '')
  const fromTypeScript = new TraceMap(emitted.sourceMapText ?? '')
  try {
    const { code, declared, awaits } = rewrite(js, { ...cell, typeNames }, outer)
    return {
      js: code.toString(),
      map: composeMaps(code, fromTypeScript, fileName, cell.text),
      declared,
      awaits,
      syntaxErrors: [],
    }
  } catch (error) {
    const diagnostic = syntaxDiagnostic(error, ANCHOR + js, fromTypeScript)
    return { js: '', map: '', declared: new Map(), awaits: false, syntaxErrors: [diagnostic] }
  }
}

/** Acorn's error about `js`, at its place in the TypeScript; other errors are thrown on. */
export function syntaxDiagnostic(error: unknown, js: string, fromTypeScript: TraceMap): Diagnostic {
  if (!(error instanceof SyntaxError && 'pos' in error && typeof error.pos === 'number')) throw error
  const { line, column } = positionAt(js, error.pos)
  const origin = originalPositionFor(fromTypeScript, { line, column })
  const message = explained(error.message.replace(/ \(\d+:\d+\)$/, ''))
  const place = { line: (origin.line ?? 1) - 1, column: origin.column ?? 0, length: 1 }
  return { severity: 'syntax', code: 0, message, ...place }
}

/** Acorn's words for what a newcomer to cells may well write. */
function explained(message: string): string {
  if (message === "'return' outside of function")
    return "'return' outside of a function; the value of a cell is that of its last expression: write it without return"
  if (message.startsWith('Unsyntactic ')) return `'${message.slice(12)}' outside of a loop`
  return message
}

/** Follows each segment of the rewriting back through TypeScript's map. Lines of trace-mapping count from 1, and ANCHOR adds one. */
export function composeMaps(code: MagicString, fromTypeScript: TraceMap, fileName: string, source: string): string {
  const decoded = code.generateDecodedMap({ hires: 'boundary' })
  const mappings = decoded.mappings.map((line) =>
    line.flatMap((segment) => {
      if (segment.length === 1) return []
      const [column, , jsLine, jsColumn] = segment
      if (jsLine === 0) return []
      const origin = originalPositionFor(fromTypeScript, { line: jsLine, column: jsColumn })
      return origin.line === null
        ? []
        : [[column, 0, origin.line - 1, origin.column] as [number, number, number, number]]
    }),
  )
  return new SourceMap({ ...decoded, sources: [fileName], sourcesContent: [source], mappings }).toString()
}
