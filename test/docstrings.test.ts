/** Shift-Tab shows docstrings, so everything that `import … from 'gradbook'` reaches must have one. */
import { strict as assert } from 'node:assert'
import { join } from 'node:path'
import ts from 'typescript'
import { packageRoot } from '../lib/device/addon.js'

/** Methods whose meaning is the base class's, wherever they stand. */
const inherited = ['forward', 'extraRepr', 'toString']

function publicSymbols(checker: ts.TypeChecker, index: ts.SourceFile): Map<string, ts.Symbol> {
  const found = new Map<string, ts.Symbol>()
  const seen = new Set<ts.Symbol>()
  const members = (owner: ts.Symbol, path: string): void => {
    owner.members?.forEach((member, name) => {
      const declaration = member.declarations?.[0]
      const callable = member.flags & (ts.SymbolFlags.Method | ts.SymbolFlags.Accessor)
      if (!declaration || !callable || inherited.includes(String(name)) || String(name).startsWith('__')) return
      const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected | ts.ModifierFlags.Override
      if (!(ts.getCombinedModifierFlags(declaration) & hidden)) found.set(`${path}#${String(name)}`, member)
    })
  }
  const visit = (reference: ts.Symbol, path: string): void => {
    const symbol = reference.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(reference) : reference
    if (seen.has(symbol)) return
    seen.add(symbol)
    if (symbol.flags & ts.SymbolFlags.ValueModule)
      for (const exported of checker.getExportsOfModule(symbol))
        visit(exported, path ? `${path}.${exported.name}` : exported.name)
    else {
      found.set(path, symbol)
      if (symbol.flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Interface)) members(symbol, path)
    }
  }
  const root = checker.getSymbolAtLocation(index)
  assert.ok(root)
  visit(root, '')
  return found
}

describe('docstrings', function () {
  this.timeout(120_000)
  const path = join(packageRoot(), 'lib', 'index.ts')
  const config = ts.readConfigFile(join(packageRoot(), 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, packageRoot())
  let checker: ts.TypeChecker
  let symbols: Map<string, ts.Symbol>

  before(() => {
    const program = ts.createProgram([path], options)
    checker = program.getTypeChecker()
    symbols = publicSymbols(checker, program.getSourceFile(path) as ts.SourceFile)
  })

  it('stand on everything public', () => {
    const described = (symbol: ts.Symbol): boolean =>
      symbol.getDocumentationComment(checker).length > 0 ||
      symbol.getJsDocTags().some(({ name }) => name === 'internal')
    const bare = [...symbols].filter(([, symbol]) => !described(symbol))
    assert.deepEqual(
      bare.map(([name]) => name),
      [],
    )
  })
})
