/**
 * Which identifiers of a cell's JavaScript are bindings of the session and which are free. eslint-scope does the resolution
 * (shadowing, hoisted `var`, class and function names); here its answer is reduced to what the rewriter asks.
 */
import type * as ESTree from 'estree'
import { analyze, type Reference, type Scope } from 'eslint-scope'

/** `declaration`: introduces the binding. `bound`: uses a top-level binding of this cell. `free`: resolves to nothing in this cell. */
export type Use = { role: 'declaration' | 'bound' | 'free'; writes: boolean }

export interface CellScope {
  uses: Map<ESTree.Node, Use>
  /** Top-level names of the user; true for those that cannot be assigned to (const, imports). */
  declared: Map<string, boolean>
  /** Those declared with `var`. */
  vars: string[]
  /** Top-level names of TypeScript's helpers, which stay local to the cell. */
  helpers: Set<string>
}

export function analyzeScope(program: ESTree.Program, isUserName: (name: string) => boolean): CellScope {
  const manager = analyze(program, { ecmaVersion: 2024, sourceType: 'module' })
  const module = manager.globalScope?.childScopes[0]
  const result: CellScope = { uses: new Map(), declared: new Map(), vars: [], helpers: new Set() }
  if (!module) return result
  for (const variable of module.variables) {
    const [definition] = variable.defs
    if (!definition) continue
    if (!isUserName(variable.name)) {
      result.helpers.add(variable.name)
      continue
    }
    const isConst =
      definition.type === 'ImportBinding' || (definition.type === 'Variable' && definition.parent.kind === 'const')
    result.declared.set(variable.name, isConst)
    if (variable.defs.every(({ parent }) => parent?.type === 'VariableDeclaration' && parent.kind === 'var'))
      result.vars.push(variable.name)
    for (const { name } of variable.defs) result.uses.set(name, { role: 'declaration', writes: false })
  }
  const visit = (scope: Scope): void => {
    scope.references.forEach((reference) => addUse(result, module, reference))
    scope.childScopes.forEach(visit)
  }
  visit(module)
  return result
}

function addUse({ uses, declared }: CellScope, module: Scope, reference: Reference): void {
  const identifier = reference.identifier as ESTree.Identifier
  if (uses.has(identifier)) return
  if (reference.resolved === null) uses.set(identifier, { role: 'free', writes: reference.isWrite() })
  else if (reference.resolved.scope === module && declared.has(reference.resolved.name))
    uses.set(identifier, { role: 'bound', writes: reference.isWrite() })
}
