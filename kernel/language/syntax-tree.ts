/** Small questions about ESTree nodes as acorn makes them. */
import type * as ESTree from 'estree'

/** acorn gives every node its offsets. */
export type Positioned<T extends ESTree.Node = ESTree.Node> = T & { start: number; end: number }

export function* children(node: ESTree.Node): Generator<Positioned> {
  for (const value of Object.values(node) as unknown[]) {
    for (const item of Array.isArray(value) ? (value as unknown[]) : [value]) if (isNode(item)) yield item
  }
}

function isNode(value: unknown): value is Positioned {
  return (
    typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string' && 'start' in value
  )
}

/** The identifiers that a pattern binds. */
export function bindingNames(pattern: ESTree.Pattern): ESTree.Identifier[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern]
    case 'ObjectPattern':
      return pattern.properties.flatMap((property) =>
        bindingNames(property.type === 'RestElement' ? property.argument : property.value),
      )
    case 'ArrayPattern':
      return pattern.elements.flatMap((element) => (element ? bindingNames(element) : []))
    case 'AssignmentPattern':
      return bindingNames(pattern.left)
    case 'RestElement':
      return bindingNames(pattern.argument)
    case 'MemberExpression':
      return []
  }
}

export function isAnonymousFunction(node: ESTree.Node): boolean {
  if (node.type === 'FunctionExpression' || node.type === 'ClassExpression') return !node.id
  return node.type === 'ArrowFunctionExpression'
}

export function isLoop(
  node: ESTree.Node,
): node is Extract<ESTree.Node, { type: `${'For' | 'ForIn' | 'ForOf' | 'While' | 'DoWhile'}Statement` }> {
  return /^(For|ForIn|ForOf|While|DoWhile)Statement$/.test(node.type)
}

/** Whether running a statement may be suspended, by await or yield: functions inside it may be without it. Imports of cells are awaited. */
export function awaits(node: ESTree.Node): boolean {
  if (/^(Await|Yield)Expression$|^ImportDeclaration$/.test(node.type)) return true
  if (node.type === 'ForOfStatement' && node.await) return true
  if (/Function/.test(node.type)) return false
  for (const child of children(node)) if (awaits(child)) return true
  return false
}
