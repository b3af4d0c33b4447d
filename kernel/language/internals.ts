/**
 * The functions of the TypeScript package that editors use but its declarations leave out. They are typed here, once, as far as
 * we call them; package.json pins the exact version, so they cannot change under us.
 */
import type TS from 'typescript'
import { ts } from './typescript.js'

/** What a completion entry is when `includeSymbol` was asked for. */
export type SymbolEntry = TS.CompletionEntry & { symbol?: TS.Symbol }

export interface InternalProgram extends TS.Program {
  getResolvedModule(
    file: TS.SourceFile,
    name: string,
    mode: TS.ResolutionMode,
  ): TS.ResolvedModuleWithFailedLookupLocations | undefined
  emit(...args: [...Parameters<TS.Program['emit']>, forceDeclarations?: boolean]): TS.EmitResult
}

/** A file that was read by a program and bound. */
export interface InternalSourceFile extends TS.SourceFile {
  /** Of cells and declarations: where names are looked up that the file itself has not. */
  parent: InternalSourceFile
  /** Names that the file binds, once bindSourceFile was called. */
  locals: ReadonlyMap<TS.__String, TS.Symbol>
  imports: readonly TS.StringLiteralLike[]
  /** `declare global` and `declare module` of a module that exists. */
  moduleAugmentations: readonly TS.Node[]
}

export interface CommentedNode extends TS.Node {
  jsDoc?: readonly TS.JSDoc[]
}

interface Internals {
  getJSDocCommentRanges(node: TS.Node, text: string): readonly TS.CommentRange[] | undefined
  parseIsolatedJSDocComment(text: string, start: number, length: number): { jsDoc: TS.JSDoc } | undefined
  setParentRecursive<T extends TS.Node>(root: T, incremental: boolean): T
  getTouchingPropertyName(file: TS.SourceFile, position: number): TS.Node
  findPrecedingToken(position: number, file: TS.SourceFile): TS.Node | undefined
  bindSourceFile: (file: TS.SourceFile, options: TS.CompilerOptions) => void
  nullTransformationContext: TS.TransformationContext
  Completions: {
    getCompletionsAtPosition: (
      host: object,
      program: TS.Program,
      log: () => void,
      file: TS.SourceFile,
      position: number,
      preferences: TS.UserPreferences,
      triggerCharacter: undefined,
      completionKind: TS.CompletionTriggerKind,
      cancellationToken: TS.CancellationToken,
      formatContext: undefined,
      includeSymbol: boolean,
    ) => TS.CompletionInfo | undefined
  }
  SymbolDisplay: {
    getSymbolDisplayPartsDocumentationAndSymbolKind: (
      checker: TS.TypeChecker,
      symbol: TS.Symbol,
      file: TS.SourceFile,
      enclosing: TS.Node | undefined,
      location: TS.Node,
    ) => {
      displayParts: TS.SymbolDisplayPart[]
      documentation: TS.SymbolDisplayPart[]
      tags: TS.JSDocTagInfo[] | undefined
    }
  }
}

export const internals = ts as unknown as Internals

/** Errors of the parser, which createSourceFile keeps on the file. */
export function parseErrors(file: TS.SourceFile): readonly TS.DiagnosticWithLocation[] {
  return (file as TS.SourceFile & { parseDiagnostics: TS.DiagnosticWithLocation[] }).parseDiagnostics
}

/** Every identifier in the text of a file. */
export function identifiersOf(file: TS.SourceFile): ReadonlyMap<string, string> {
  return (file as TS.SourceFile & { identifiers: ReadonlyMap<string, string> }).identifiers
}
