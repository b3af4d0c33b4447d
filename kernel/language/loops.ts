/** Where the stop button reaches into running code: every loop body begins with a look at the flag. */
import type * as ESTree from 'estree'
import type MagicString from 'magic-string'
import { children, isLoop, type Positioned } from './syntax-tree.js'

/** Puts the statement `check` at the beginning of a loop's body. */
export function guardLoop(code: MagicString, body: Positioned, check: string): void {
  if (body.type === 'BlockStatement') code.appendLeft(body.start + 1, ` ${check}`)
  else {
    code.appendRight(body.start, `{ ${check}`)
    code.prependLeft(body.end, ' }')
  }
}

/** Guards every loop below `node`, those in functions included. */
export function guardLoops(code: MagicString, node: ESTree.Node, check: string): void {
  if (isLoop(node)) guardLoop(code, node.body as Positioned, check)
  for (const child of children(node)) guardLoops(code, child, check)
}
