/**
 * A local file that cells import, from its TypeScript (or JavaScript modules) to a `System.register` call. TypeScript's System format
 * states a module as what a loader needs: its dependencies, setters that keep live bindings, and a body that may await. So such files
 * can be loaded anew when they change, refer to each other in circles, and need no loader hooks of Node.
 */
import { readFileSync } from 'node:fs'
import { parse } from 'acorn'
import type * as ESTree from 'estree'
import { TraceMap } from '@jridgewell/trace-mapping'
import MagicString from 'magic-string'
import type TS from 'typescript'
import { JSX_REFUSED, toDiagnostic } from './cell.js'
import { parseErrors } from './internals.js'
import { declareCounter, guardLoops } from './loops.js'
import type { ConvertedModule, Diagnostic } from './protocol.js'
import { ANCHOR } from './rewrite.js'
import { composeMaps, emitOptions, syntaxDiagnostic, type DecoratorOptions } from './transpile.js'
import { ts } from './typescript.js'

/** What a module's code finds from outside, and what it calls its counter. */
const STOP = { counter: '$turns', look: '$look' }

export function convertModule(path: string, decorators: DecoratorOptions): ConvertedModule {
  const text = readFileSync(path, 'utf8')
  const isScript = /\.[cm]?js$/.test(path)
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const result = { js: '', map: '', text, commonJs: false }
  const errors = parseErrors(file)
  if (errors.length > 0)
    return { ...result, diagnostics: errors.map((error) => toDiagnostic(error, text, 0, 'syntax')) }
  if (isScript && !ts.isExternalModule(file)) return { ...result, commonJs: true, diagnostics: [] }
  const refused = /\.[jt]sx$/.test(path) ? [atStart(JSX_REFUSED)] : refusedSyntax(file, text)
  if (refused.length > 0) return { ...result, diagnostics: refused }

  const compilerOptions = { ...emitOptions(decorators), module: ts.ModuleKind.System, verbatimModuleSyntax: false }
  const emitted = ts.transpileModule(text, { fileName: path, compilerOptions })
  const anchored = ANCHOR + emitted.outputText.replace(/\/\/# sourceMappingURL=.*\s*$/, '')
  const code = new MagicString(anchored)
  const fromTypeScript = new TraceMap(emitted.sourceMapText ?? '')
  try {
    const program = parse(anchored, { ecmaVersion: 'latest', sourceType: 'script' }) as unknown as ESTree.Program
    guardLoops(code, program, STOP)
    code.prepend(declareCounter(STOP))
  } catch (error) {
    return { ...result, diagnostics: [syntaxDiagnostic(error, anchored, fromTypeScript)] }
  }
  return { ...result, js: code.toString(), map: composeMaps(code, fromTypeScript, path, text), diagnostics: [] }
}

const atStart = (message: string): Diagnostic => ({
  severity: 'syntax',
  code: 0,
  message,
  line: 0,
  column: 0,
  length: 1,
})

/** What the System format cannot say: TypeScript's own forms of CommonJS. */
function refusedSyntax(file: TS.SourceFile, text: string): Diagnostic[] {
  return file.statements.flatMap((statement) => {
    const form =
      ts.isExportAssignment(statement) && statement.isExportEquals
        ? "'export =' is not supported in a file that a cell imports; write: export default"
        : ts.isImportEqualsDeclaration(statement) && ts.isExternalModuleReference(statement.moduleReference)
          ? "'import … = require(…)' is not supported in a file that a cell imports; write: import … from"
          : undefined
    if (form === undefined) return []
    const [start, length] = [statement.getStart(file), statement.getWidth(file)]
    return [toDiagnostic({ start, length, code: 0, messageText: form }, text, 0, 'syntax')]
  })
}
