/** Where names come from, for who asks twice (`name??`): the cell that declares one, as it was typed, or the declaration in a file. */
import path from 'node:path'
import type TS from 'typescript'
import type { Cell } from './cell.js'
import { CELL_FILE, DECLARATIONS_FILE } from './files.js'
import type { Inspection } from './protocol.js'
import { ts } from './typescript.js'

type Source = NonNullable<NonNullable<Inspection>['source']>

/** Longer ones are cut off. */
const maxLines = 200

export class CellDeclarations {
  /** By top-level name: the statement that declares it. */
  private readonly statements = new Map<string, Source>()

  /** Takes note of what a cell declares. */
  add({ file }: Cell, label: string): void {
    for (const statement of file.statements) {
      const names = namesOf(statement)
      if (names.length === 0) continue
      const source = { place: label, text: short(statement.getText(file)) }
      for (const name of names) this.statements.set(name, source)
    }
  }

  clear(): void {
    this.statements.clear()
  }

  of(declaration: TS.Declaration): Source | undefined {
    const file = declaration.getSourceFile()
    const statement = ts.findAncestor(declaration, (node) => ts.isSourceFile(node.parent)) as TS.Statement | undefined
    if (!statement) return undefined
    if (isOfSession(file)) return namesOf(statement).map((name) => this.statements.get(name))[0]
    // A variable's declaration is in a list of them, and only the whole says what kind it is.
    const shown = ts.isVariableDeclaration(declaration) ? statement : declaration
    const { line } = file.getLineAndCharacterOfPosition(shown.getStart(file))
    return { place: `${file.fileName}:${line + 1}`, text: short(shown.getText(file)) }
  }
}

const isOfSession = ({ fileName }: TS.SourceFile): boolean =>
  [CELL_FILE, DECLARATIONS_FILE].some((name) => path.basename(fileName).startsWith(name.slice(0, name.indexOf('.'))))

function namesOf(statement: TS.Statement): string[] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap(({ name }) => boundIn(name))
  const { name } = statement as TS.Statement & { name?: TS.Node }
  return name && ts.isIdentifier(name) ? [name.text] : []
}

function boundIn(name: TS.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text]
  return name.elements.flatMap((element) => (ts.isBindingElement(element) ? boundIn(element.name) : []))
}

function short(text: string): string {
  const lines = text.split('\n')
  return lines.length <= maxLines ? text : [...lines.slice(0, maxLines), '…'].join('\n')
}
