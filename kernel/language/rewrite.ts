/**
 * Turns the JavaScript of a cell into a function whose top-level bindings are properties of the session's scope object, so that
 * closures see what later cells assign, names can be declared again, and what ran before a throw stays.
 *
 * V8's REPL mode (through the inspector) offers the same and was measured against it: without the stop check that we put into loops both
 * take 2 to 6 ns for an iteration that adds to a number or calls a closure. But in REPL mode a cell that declares `Map` or `process` changes them for the kernel's own code in the same realm. Here it cannot.
 */
import { parse } from 'acorn'
import type * as ESTree from 'estree'
import MagicString from 'magic-string'
import { declareCounter, guardLoops, type StopNames } from './loops.js'
import { analyzeScope, type CellScope } from './scope.js'
import { awaits, bindingNames, children, isAnonymousFunction, type Positioned } from './syntax-tree.js'

/** What is known outside the cell. */
export interface OuterNames {
  /** Names on the scope object: declared by earlier cells or preloaded; true for those that cannot be assigned to. */
  scoped: ReadonlyMap<string, boolean>
  globals: ReadonlySet<string>
}

/** What the cell's TypeScript text tells; see cell.ts. */
export interface CellFacts {
  endsInExpression: boolean
  objectNames: ReadonlySet<string>
  isUserName: (name: string) => boolean
  /** Imported names that are types only and so have no value to bind. */
  typeNames: ReadonlySet<string>
}

export interface Rewritten {
  /** Edits of `anchored`; gives the text and its source map. */
  code: MagicString
  declared: Map<string, boolean>
  /** Whether the cell's top level awaits. */
  awaits: boolean
}

/** A line of its own before the JavaScript: what is hoisted is moved in front of it. */
export const ANCHOR = '\n'

/** Throws a SyntaxError with `pos` (into ANCHOR + js) where the text is not valid JavaScript. */
export function rewrite(js: string, facts: CellFacts, outer: OuterNames): Rewritten {
  const text = ANCHOR + js
  const program = parse(text, {
    ecmaVersion: 'latest',
    sourceType: 'module',
    ranges: true,
  }) as unknown as ESTree.Program
  const scope = analyzeScope(program, facts.isUserName)
  return new Rewriter(text, scope, facts, outer).run(program)
}

/** Always themselves, whatever the list of globals says. */
const FIXED_NAMES = new Set(['undefined', 'NaN', 'Infinity', 'globalThis', 'eval'])

class Rewriter {
  private readonly code: MagicString
  private readonly taken: Set<string>
  private readonly $: string
  private readonly rt: string
  private readonly stop: StopNames

  constructor(
    text: string,
    private readonly scope: CellScope,
    private readonly facts: CellFacts,
    private readonly outer: OuterNames,
  ) {
    this.code = new MagicString(text)
    this.taken = new Set(text.match(/[$\w\u0080-\uffff]+/g))
    this.$ = this.unused('$')
    this.rt = this.unused('$rt')
    this.stop = { counter: this.unused('$turns'), look: `${this.rt}.look` }
  }

  run(program: ESTree.Program): Rewritten {
    if (this.facts.endsInExpression) {
      const last = lastExpression(program.body)
      if (last) this.code.appendRight(last.start, 'return ')
    }
    guardLoops(this.code, program, this.stop)
    for (const statement of program.body) this.visit(statement as Positioned)
    this.code.prepend(
      `async (${this.$}, ${this.rt}) => { "use strict"; ${declareCounter(this.stop)}${this.hoistedVars()}`,
    )
    this.code.append('\n}')
    return { code: this.code, declared: this.scope.declared, awaits: program.body.some(awaits) }
  }

  private unused(base: string): string {
    let name = base
    while (this.taken.has(name)) name += '_'
    this.taken.add(name)
    return name
  }

  /** `var` exists from the first line on and keeps an earlier cell's value until it is assigned. */
  private hoistedVars(): string {
    return this.scope.vars
      .map((name) => {
        const reset = `${this.$}.${name} = void 0; `
        return this.facts.objectNames.has(name) ? reset : `if (!(${JSON.stringify(name)} in ${this.$})) ${reset}`
      })
      .join('')
  }

  private visit(node: Positioned, parent?: Positioned): void {
    switch (node.type) {
      case 'ImportDeclaration':
        return this.importDeclaration(node)
      case 'ExportNamedDeclaration': // TypeScript's `export {}`; the user's are gone
        this.code.update(node.start, node.end, '')
        return
      case 'FunctionDeclaration':
      case 'ClassDeclaration':
        this.namedDeclaration(node)
        break
      case 'VariableDeclaration':
        if (this.variableDeclaration(node, parent)) return
        break
      case 'ImportExpression':
        this.code.update(node.start, node.start + 'import'.length, `${this.rt}.import`)
        break
      case 'MetaProperty':
        if (node.meta.name === 'import') this.code.update(node.start, node.end, `${this.rt}.meta`)
        return
      case 'UnaryExpression':
        if (node.operator === 'typeof' && this.isUnknown(node.argument)) {
          this.code.update(node.start, node.end, `${this.rt}.typeOf(${JSON.stringify(node.argument.name)})`)
          return
        }
        break
      case 'AssignmentExpression':
      case 'AssignmentPattern':
        this.keepName(node.left, node.right as Positioned)
        break
      case 'Property':
        if (node.shorthand) return this.shorthand(node)
        break
      case 'Identifier':
        return this.identifier(node, parent)
    }
    for (const child of children(node)) this.visit(child, node)
  }

  /** What a name becomes, or undefined where it stays as it is. */
  private target(node: ESTree.Node & { name: string }): string | undefined {
    const use = this.scope.uses.get(node)
    if (!use) return undefined
    const { name } = node
    const constant = use.role === 'bound' ? this.scope.declared.get(name) : this.outer.scoped.get(name)
    if (use.role === 'free' && constant === undefined) {
      const stays = use.writes || this.outer.globals.has(name) || FIXED_NAMES.has(name)
      return stays ? undefined : `(${this.rt}.ref(${JSON.stringify(name)}))`
    }
    const member = `${this.$}.${name}`
    if (use.role === 'declaration' || !use.writes || !constant) return member
    // Any form of assignment, patterns and loop heads included, goes through this setter, in JavaScript's order.
    return `({ get ${name}() { return ${member} }, set ${name}(_) { ${this.rt}.constAssign(${JSON.stringify(name)}) } }).${name}`
  }

  private isUnknown(node: ESTree.Node): node is ESTree.Identifier {
    return node.type === 'Identifier' && this.target(node)?.startsWith(`(${this.rt}.ref(`) === true
  }

  private identifier(node: ESTree.Identifier & Positioned, parent?: Positioned): void {
    const target = this.target(node)
    if (target === undefined) return
    const called =
      (parent?.type === 'CallExpression' && parent.callee === node) ||
      (parent?.type === 'TaggedTemplateExpression' && parent.tag === node)
    // A call through the scope object must not pass it as `this`.
    this.code.update(node.start, node.end, called ? `(0, ${target})` : target)
  }

  private shorthand(node: (ESTree.Property | ESTree.AssignmentProperty) & Positioned): void {
    const value = node.value as Positioned
    const name = value.type === 'AssignmentPattern' ? (value.left as Positioned) : value
    const target = name.type === 'Identifier' ? this.target(name) : undefined
    if (name.type === 'Identifier' && target !== undefined)
      this.code.update(name.start, name.end, `${name.name}: ${target}`)
    if (value.type !== 'AssignmentPattern') return
    this.keepName(value.left, value.right as Positioned)
    this.visit(value.right as Positioned, value)
  }

  /** Assigning to a property gives a function no name; this does, so that errors and printed classes show it. */
  private keepName(target: ESTree.Node, value: Positioned): void {
    if (target.type !== 'Identifier' || !isAnonymousFunction(value) || this.target(target) === undefined) return
    const key = `[${JSON.stringify(target.name)}]`
    this.code.appendRight(value.start, `{ ${key}: `)
    this.code.prependLeft(value.end, ` }${key}`)
  }

  /** Functions move to the top, where JavaScript would have them; classes stay in their place. */
  private namedDeclaration(node: (ESTree.FunctionDeclaration | ESTree.ClassDeclaration) & Positioned): void {
    if (this.scope.uses.get(node.id)?.role !== 'declaration') return
    this.scope.uses.delete(node.id)
    this.code.appendRight(node.start, `${this.$}.${node.id.name} = `)
    this.code.prependLeft(node.end, '; ')
    if (node.type === 'FunctionDeclaration') this.code.move(node.start, node.end, 0)
  }

  /** Returns whether the declaration needs no further visit. */
  private variableDeclaration(node: ESTree.VariableDeclaration & Positioned, parent?: Positioned): boolean {
    const names = node.declarations.flatMap(({ id }) => bindingNames(id))
    if (names.some(({ name }) => name.startsWith('__') && this.scope.helpers.has(name))) return true
    if (!names.some((name) => this.scope.uses.get(name)?.role === 'declaration')) return false
    const [first] = node.declarations
    this.code.update(node.start, (first as Positioned).start, '')
    if ((parent?.type === 'ForOfStatement' || parent?.type === 'ForInStatement') && parent.left === node) return false
    for (const declarator of node.declarations as (ESTree.VariableDeclarator & Positioned)[]) {
      const { id, init, start, end } = declarator
      if (!init) {
        // An uninitialised `var` keeps its value, an uninitialised `let` does not.
        if (node.kind === 'var') this.code.update(start, end, 'void 0')
        else this.visit(id as Positioned)
        if (node.kind !== 'var') this.code.prependLeft(end, ' = void 0')
        continue
      }
      if (id.type === 'ObjectPattern') {
        this.code.appendRight(start, '(')
        this.code.prependLeft(end, ')')
      }
      this.keepName(id, init as Positioned)
      this.visit(id as Positioned, declarator)
      this.visit(init as Positioned, declarator)
    }
    return true
  }

  private importDeclaration(node: ESTree.ImportDeclaration & Positioned): void {
    const values = node.specifiers.filter(({ local }) => !this.facts.typeNames.has(local.name))
    for (const { local } of node.specifiers)
      if (!values.some((value) => value.local === local)) this.scope.declared.delete(local.name)
    if (values.length === 0 && node.specifiers.length > 0) {
      this.code.update(node.start, node.end, '')
      return
    }
    const named = values.filter((specifier) => specifier.type !== 'ImportNamespaceSpecifier').map(importedName)
    const load = `await ${this.rt}.import(${[node.source.value, named].map((part) => JSON.stringify(part)).join(', ')}); `
    const module = this.unused('$module')
    const bindings = values.map((specifier) => {
      const member = specifier.type === 'ImportNamespaceSpecifier' ? '' : `[${JSON.stringify(importedName(specifier))}]`
      return `${this.$}.${specifier.local.name} = ${module}${member}; `
    })
    this.code.update(node.start, node.end, values.length > 0 ? `const ${module} = ${load}${bindings.join('')}` : load)
    this.code.move(node.start, node.end, 0)
  }
}

function importedName(specifier: ESTree.ImportSpecifier | ESTree.ImportDefaultSpecifier): string {
  if (specifier.type === 'ImportDefaultSpecifier') return 'default'
  return specifier.imported.type === 'Identifier' ? specifier.imported.name : String(specifier.imported.value)
}

/** TypeScript puts the statements of a cell with a top-level `using` into a try block. */
function lastExpression(body: ESTree.Program['body'] | ESTree.BlockStatement['body']): Positioned | undefined {
  const last = body.filter(({ type }) => type !== 'EmptyStatement' && type !== 'ExportNamedDeclaration').at(-1)
  if (last?.type === 'TryStatement') return lastExpression(last.block.body)
  return last?.type === 'ExpressionStatement' ? (last as Positioned) : undefined
}
