/**
 * What the cells so far declared, for the checker. Each cell adds a file inside the scope of those before, so that nothing is read twice.
 * Only files that mention a name which is declared anew are read again: what they said about the old one is then said about the new
 * one, as in running code.
 */
import type TS from 'typescript'
import { CELL_PREFIX } from './files.js'
import { internals, type InternalSourceFile } from './internals.js'
import type { LiveProgram } from './live-program.js'
import { ts } from './typescript.js'

interface Link {
  file: InternalSourceFile
  binds: readonly string[]
  mentions: ReadonlySet<string>
}

/** A name is looked up in one file after the other: past so many they become one. */
const MAX_LINKS = 500

export class Declarations {
  /** Oldest first. */
  private links: readonly Link[] = []
  /** Those that stay as they are, whatever becomes of the cell that is being converted. */
  private kept: readonly Link[] = []

  constructor(
    private readonly live: LiveProgram,
    /** What stands before the first cell. */
    private readonly base: InternalSourceFile,
  ) {
    live.scope = base
  }

  /** Makes ready for a cell that declares `names`. Returns the declarations that it may supersede, and whatever depends on them. */
  before(names: Iterable<string>): string {
    const affected = this.links.length < MAX_LINKS ? this.affectedBy(names) : new Set(this.links)
    this.kept = this.links.filter((link) => !affected.has(link))
    this.nest(this.kept)
    return [...affected].map(({ file }) => file.text.slice(CELL_PREFIX.length)).join('\n')
  }

  /** Takes in what came of a cell and of the text that `before` returned; undefined if nothing did. */
  after(text: string | undefined): void {
    if (text !== undefined) {
      const file = this.live.declare(text)
      const isEmpty = file.statements.length <= 1 // the prefix
      this.links = isEmpty ? this.kept : [...this.kept, { file, binds: boundNames(file), mentions: namesIn(file) }]
    }
    this.nest(this.links)
  }

  /** Links never mention what only a later one binds: that one's `before` would have taken them along. */
  private affectedBy(names: Iterable<string>): Set<Link> {
    const changed = new Set(names)
    const affected = new Set<Link>()
    for (const link of this.links) {
      if (![...link.mentions].some((name) => changed.has(name))) continue
      affected.add(link)
      for (const name of link.binds) changed.add(name)
    }
    return affected
  }

  private nest(links: readonly Link[]): void {
    this.live.scope = this.base
    for (const { file } of links) {
      file.parent = this.live.scope
      this.live.scope = file
    }
  }
}

/** Top-level names of a file, types included. */
export function boundNames(file: TS.SourceFile): string[] {
  internals.bindSourceFile(file, {})
  return [...(file as InternalSourceFile).locals.keys()].map((name) => ts.unescapeLeadingUnderscores(name))
}

/** Names that a file binds or refers to, but not those of members and parameters. */
function namesIn(file: InternalSourceFile): Set<string> {
  const names = new Set(boundNames(file))
  const visit = (node: TS.Node, parent: TS.Node & { name?: TS.Node; right?: TS.Node }): void => {
    if (ts.isIdentifier(node) && parent.name !== node && parent.right !== node) names.add(node.text)
    ts.forEachChild(node, (child) => visit(child, node))
  }
  ts.forEachChild(file, (child) => visit(child, file))
  return names
}
