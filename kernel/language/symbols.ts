/** Questions to the type checker about the program that a conversion left behind. */
import type TS from 'typescript'
import type { ConverterState } from './adapter.js'
import { ts } from './typescript.js'

/** Names that a module exports, types included. Empty when the file is not part of the program. */
export function moduleExports(program: TS.Program | undefined, fileName: string): string[] {
  const file = program?.getSourceFile(fileName)
  const checker = program?.getTypeChecker()
  const symbol = file && checker?.getSymbolAtLocation(file)
  return symbol && checker ? checker.getExportsOfModule(symbol).map(({ name }) => name) : []
}

/** Follows imports to what they import. */
export function withoutAlias(checker: TS.TypeChecker, symbol: TS.Symbol): TS.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
}

/** Whether a file imports by name, which may be the name of a type. */
export const importsNames = (file: TS.SourceFile): boolean => file.statements.some(ts.isImportDeclaration)

/**
 * Names that a cell imports and that are types only, so that running it must not look for a value. Asks the program of the last
 * conversion, whose cell file has the imports of `cell` at its top level.
 */
export function typeOnlyImports({ program, cell: checked }: ConverterState, cell: TS.SourceFile): Set<string> {
  const names = new Set<string>()
  const checker = program?.getTypeChecker()
  if (!checker || !checked || !importsNames(cell)) return names
  for (const statement of checked.statements) {
    const bindings = ts.isImportDeclaration(statement) ? statement.importClause?.namedBindings : undefined
    if (!bindings || !ts.isNamedImports(bindings)) continue
    for (const { name } of bindings.elements) {
      const symbol = checker.getSymbolAtLocation(name)
      const flags = symbol ? withoutAlias(checker, symbol).flags : 0
      // What could not be resolved counts as a value: only running it can tell.
      if (flags & ts.SymbolFlags.Type && !(flags & ts.SymbolFlags.Value)) names.add(name.text)
    }
  }
  return names
}
