/** What Shift-Tab shows: TypeScript's signature of the name at the cursor and its documentation as Markdown. */
import type TS from 'typescript'
import type { ConverterState } from './adapter.js'
import { readComments } from './comments.js'
import { CELL_PREFIX } from './files.js'
import { internals } from './internals.js'
import { withoutAlias } from './symbols.js'
import { ts } from './typescript.js'

export interface FoundName {
  signature: string
  documentation: string
  declaration: TS.Declaration | undefined
}

export function inspectAt({ program, cell: file }: ConverterState, code: string, cursor: number): FoundName | null {
  const checker = program?.getTypeChecker()
  if (!file || !checker) return null
  const position = Math.min(Math.max(cursor, 0), code.length) + CELL_PREFIX.length
  for (const node of candidates(file, position)) {
    const found = describe(checker, file, node)
    if (found) return found
  }
  return null
}

/** The name under the cursor, the one that ends at it, else the function whose arguments are being typed. */
function* candidates(file: TS.SourceFile, position: number): Generator<TS.Node> {
  const here = internals.getTouchingPropertyName(file, position)
  yield here
  const before = internals.findPrecedingToken(position, file)
  if (!before) return
  if (before.end === position) yield before
  for (let node: TS.Node | undefined = before; node && node !== file; node = node.parent) {
    if (!ts.isCallOrNewExpression(node) || node.expression.end >= position) continue
    const callee = node.expression
    yield ts.isPropertyAccessExpression(callee) ? callee.name : callee
  }
}

function describe(checker: TS.TypeChecker, file: TS.SourceFile, node: TS.Node): FoundName | null {
  if (!ts.isIdentifier(node) && !ts.isPrivateIdentifier(node) && node.kind !== ts.SyntaxKind.ThisKeyword) return null
  const alias = checker.getSymbolAtLocation(node)
  if (!alias) return null
  // An imported name is shown as what it is, not as an import of it.
  const target = withoutAlias(checker, alias)
  const symbol = checker.isUnknownSymbol(target) ? alias : target
  if (checker.isUnknownSymbol(symbol)) return null
  readComments(symbol, checker)
  const { getSymbolDisplayPartsDocumentationAndSymbolKind: display } = internals.SymbolDisplay
  const { displayParts, documentation, tags } = display(checker, symbol, file, ts.findAncestor(node, isContainer), node)
  const signature = ts.displayPartsToString(displayParts)
  if (signature === '') return null
  // A constructor without a comment of its own has that of its class.
  const text = documentation.length > 0 ? documentation : symbol.getDocumentationComment(checker)
  return {
    signature,
    declaration: symbol.valueDeclaration ?? symbol.declarations?.[0],
    documentation: [ts.displayPartsToString(text), ...(tags ?? []).map(tagText)].join('\n\n').trim(),
  }
}

const isContainer = (node: TS.Node) =>
  ts.isFunctionLike(node) || ts.isClassLike(node) || ts.isModuleDeclaration(node) || ts.isSourceFile(node)

function tagText({ name, text }: TS.JSDocTagInfo): string {
  const body = ts.displayPartsToString(text).trim()
  if (name === 'example') return `*Example*\n${body.startsWith('```') ? body : `\`\`\`ts\n${body}\n\`\`\``}`
  if (text?.[0]?.kind !== 'parameterName' && text?.[0]?.kind !== 'typeParameterName') return `*@${name}* ${body}`.trim()
  const [, subject, rest] = /^(\S+)\s*-?\s*([^]*)$/.exec(body) ?? ['', body, '']
  return `*@${name}* \`${subject}\` — ${rest}`
}
