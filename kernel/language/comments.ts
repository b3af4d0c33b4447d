/**
 * Comments on declarations. In files that do not change they are a fifth of what there is to parse, so they are passed over when
 * the session starts, and read when somebody asks about a name.
 */
import type TS from 'typescript'
import { internals, type CommentedNode } from './internals.js'
import { ts } from './typescript.js'

/** Reads the comments on what declares a symbol, and on what it inherits its documentation from. */
export function readComments(symbol: TS.Symbol, checker: TS.TypeChecker): void {
  for (const declaration of symbol.declarations ?? []) {
    const text = declaration.getSourceFile().text
    // That of a variable stands on its statement, and that of a parameter on the function.
    for (let node: TS.Node = declaration; !ts.isSourceFile(node); node = node.parent) attachComments(node, text)
    const owner = declaration.parent as TS.Node | undefined // a module's declaration is its file
    if (!owner || !(ts.isClassLike(owner) || ts.isInterfaceDeclaration(owner))) continue
    const type = checker.getTypeAtLocation(owner)
    for (const base of type.isClassOrInterface() ? checker.getBaseTypes(type) : []) {
      const inherited = base.getProperty(symbol.name)
      if (inherited) readComments(inherited, checker)
    }
  }
}

function attachComments(node: CommentedNode, text: string): void {
  if (node.jsDoc) return
  const found = internals.getJSDocCommentRanges(node, text)?.flatMap(({ pos, end }) => {
    const comment = internals.parseIsolatedJSDocComment(text, pos, end - pos)?.jsDoc
    return comment ? Object.assign(internals.setParentRecursive(comment, false), { parent: node }) : []
  })
  if (found?.length) node.jsDoc = found
}
