/**
 * Reads a cell with TypeScript's parser before anything else looks at it: syntax errors, and what only the TypeScript text can tell
 * (is the last statement an expression, which names are enums). `export` has no meaning in a cell, so it is blanked out here, letter by
 * letter, and every later position is still a position in what the user typed.
 */
import type TS from 'typescript'
import { identifiersOf, parseErrors } from './internals.js'
import type { Diagnostic } from './protocol.js'
import { ts } from './typescript.js'

export interface Cell {
  /** What the user typed. */
  code: string
  /** The user's text with top-level `export`s blanked out; same length, same lines. */
  text: string
  file: TS.SourceFile
  syntaxErrors: Diagnostic[]
  /** The value of the last statement is the result of the cell. */
  endsInExpression: boolean
  /** Enums and namespaces: each run of a cell makes them anew instead of adding to the old object. */
  objectNames: Set<string>
  /** Whether the user wrote this identifier anywhere; what else the emitted JavaScript declares are TypeScript's helpers. */
  isUserName: (name: string) => boolean
}

/** Parses as a module, so that top-level await is what it seems. */
export function parseCell(text: string): TS.SourceFile {
  const asModule = (file: TS.SourceFile) => {
    Object.assign(file, { externalModuleIndicator: true })
  }
  const options = { languageVersion: ts.ScriptTarget.Latest, setExternalModuleIndicator: asModule }
  return ts.createSourceFile('cell.ts', text, options, true, ts.ScriptKind.TS)
}

export function readCell(code: string): Cell {
  // The first line of a script for the shell.
  const source = code.replace(/^#!.*/, (line) => ' '.repeat(line.length))
  const original = parseCell(source)
  const text = parseErrors(original).length > 0 ? source : blankExports(source, original)
  const file = text === source ? original : parseCell(text)
  const names = identifiersOf(file)
  const last = file.statements.filter((statement) => !isErased(statement)).at(-1)
  const objects = file.statements.filter(isObjectDeclaration)
  return {
    code,
    text,
    file,
    syntaxErrors: syntaxErrors(file, text),
    endsInExpression: last !== undefined && ts.isExpressionStatement(last),
    objectNames: new Set(objects.map((declaration) => declaration.name.text)),
    isUserName: (name) => names.has(name),
  }
}

export const JSX_REFUSED = 'JSX is not supported; call the function that it stands for, such as createElement(…)'

function syntaxErrors(file: TS.SourceFile, text: string): Diagnostic[] {
  const errors = parseErrors(file)
  if (errors.length === 0) return []
  const element = /<[\w>]/.test(text) ? firstJsx(text) : undefined
  if (!element) return errors.map((error) => toDiagnostic(error, text, 0, 'syntax'))
  return [toDiagnostic({ ...element, code: 0, messageText: JSX_REFUSED }, text, 0, 'syntax')]
}

/** The first JSX element, if the text is free of errors once JSX is allowed. */
function firstJsx(text: string): { start: number; length: number } | undefined {
  const file = ts.createSourceFile('cell.tsx', text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX)
  if (parseErrors(file).length > 0) return undefined
  const find = (node: TS.Node): TS.Node | undefined =>
    ts.isJsxElement(node) || ts.isJsxSelfClosingElement(node) || ts.isJsxFragment(node)
      ? node
      : ts.forEachChild(node, find)
  const found = find(file)
  return found && { start: found.getStart(file), length: found.getWidth(file) }
}

function isObjectDeclaration(statement: TS.Statement): statement is TS.EnumDeclaration | TS.ModuleDeclaration {
  return ts.isEnumDeclaration(statement) || ts.isModuleDeclaration(statement)
}

/** Statements that leave no trace in JavaScript do not take the place of the last expression. */
function isErased(statement: TS.Statement): boolean {
  return (
    ts.isEmptyStatement(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    (ts.canHaveModifiers(statement) &&
      (ts.getModifiers(statement) ?? []).some((modifier) => modifier.kind === ts.SyntaxKind.DeclareKeyword))
  )
}

function blankExports(source: string, file: TS.SourceFile): string {
  let text = source
  const put = (start: number, end: number, replacement = '') => {
    const blank = text.slice(start + replacement.length, end).replace(/[^\n\r]/g, ' ')
    text = text.slice(0, start) + replacement + blank + text.slice(end)
  }
  for (const statement of file.statements) {
    if (ts.isExportDeclaration(statement)) {
      const { moduleSpecifier } = statement
      if (moduleSpecifier && !statement.isTypeOnly)
        put(statement.getStart(file), moduleSpecifier.getStart(file), 'import')
      else put(statement.getStart(file), statement.end)
    } else if (ts.isExportAssignment(statement)) {
      put(statement.getStart(file), statement.expression.getStart(file), 'void 0,')
    } else if (ts.isImportEqualsDeclaration(statement) && ts.isExternalModuleReference(statement.moduleReference)) {
      put(statement.getStart(file), statement.name.getStart(file), statement.isTypeOnly ? 'type' : 'const ')
    } else if (ts.canHaveModifiers(statement)) {
      const named = !('name' in statement) || statement.name !== undefined
      const modifiers = (ts.getModifiers(statement) ?? []).filter(isExportModifier)
      for (const modifier of modifiers) put(modifier.getStart(file), modifier.end)
      const [first] = modifiers
      if (first && !named) put(first.getStart(file), modifiers[modifiers.length - 1].end, 'void 0,')
    }
  }
  return text
}

const isExportModifier = (modifier: TS.Modifier) =>
  modifier.kind === ts.SyntaxKind.ExportKeyword || modifier.kind === ts.SyntaxKind.DefaultKeyword

/** `shift` is how far the file's text lies behind the cell's text. */
export function toDiagnostic(
  error: Pick<TS.Diagnostic, 'code' | 'messageText'> & { start?: number | undefined; length?: number | undefined },
  text: string,
  shift: number,
  severity: Diagnostic['severity'],
): Diagnostic {
  const start = Math.min(Math.max((error.start ?? 0) - shift, 0), text.length)
  return {
    severity,
    code: error.code,
    message: ts.flattenDiagnosticMessageText(error.messageText, '\n'),
    ...positionAt(text, start),
    length: Math.min(error.length ?? 0, text.length - start),
  }
}

export function positionAt(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split(/\r\n|\n|\r/)
  return { line: before.length - 1, column: before.at(-1)!.length }
}
