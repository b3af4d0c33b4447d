/**
 * The functions of the TypeScript package that editors use but its declarations leave out. They are typed here, once, as far as
 * we call them; package.json pins the exact version, so they cannot change under us.
 */
import ts from 'typescript'

/** What a completion entry is when `includeSymbol` was asked for. */
export type SymbolEntry = ts.CompletionEntry & { symbol?: ts.Symbol }

interface Internals {
  getTouchingPropertyName(file: ts.SourceFile, position: number): ts.Node
  findPrecedingToken(position: number, file: ts.SourceFile): ts.Node | undefined
  nullTransformationContext: ts.TransformationContext
  Completions: {
    getCompletionsAtPosition(
      host: object,
      program: ts.Program,
      log: () => void,
      file: ts.SourceFile,
      position: number,
      preferences: ts.UserPreferences,
      triggerCharacter: undefined,
      completionKind: ts.CompletionTriggerKind,
      cancellationToken: ts.CancellationToken,
      formatContext: undefined,
      includeSymbol: boolean,
    ): ts.CompletionInfo | undefined
  }
  SymbolDisplay: {
    getSymbolKind(checker: ts.TypeChecker, symbol: ts.Symbol, location: ts.Node): ts.ScriptElementKind
    getSymbolDisplayPartsDocumentationAndSymbolKind(
      checker: ts.TypeChecker,
      symbol: ts.Symbol,
      file: ts.SourceFile,
      enclosing: ts.Node | undefined,
      location: ts.Node,
    ): {
      symbolKind: ts.ScriptElementKind
      displayParts: ts.SymbolDisplayPart[]
      documentation: ts.SymbolDisplayPart[]
      tags: ts.JSDocTagInfo[] | undefined
    }
  }
}

export const internals = ts as unknown as Internals

/** Errors of the parser, which createSourceFile keeps on the file. */
export function parseErrors(file: ts.SourceFile): readonly ts.DiagnosticWithLocation[] {
  return (file as ts.SourceFile & { parseDiagnostics: ts.DiagnosticWithLocation[] }).parseDiagnostics
}

/** Every identifier in the text of a file. */
export function identifiersOf(file: ts.SourceFile): ReadonlyMap<string, string> {
  return (file as ts.SourceFile & { identifiers: ReadonlyMap<string, string> }).identifiers
}
