/**
 * Where the stop button reaches into running code: every loop asks from time to time. To count down until then costs a turn half of what
 * a look at the flag costs, and one counter for all loops of a cell serves recursion through short loops too. Where a turn awaits, it may
 * take any time: there every turn asks.
 */
import type * as ESTree from 'estree'
import type MagicString from 'magic-string'
import { awaits, children, isLoop, type Positioned } from './syntax-tree.js'

/** What guarded code calls the counter and the function that looks (CellRuntime.look). */
export interface StopNames {
  counter: string
  look: string
}

/** The counter's declaration, for the beginning of the code. */
export const declareCounter = ({ counter }: StopNames): string => `let ${counter} = 0; `

/** Guards every loop below `node`, those in functions included. */
export function guardLoops(code: MagicString, node: ESTree.Node, names: StopNames): void {
  if (isLoop(node)) guardLoop(code, node.body as Positioned, checkOf(node, names))
  for (const child of children(node)) guardLoops(code, child, names)
}

function checkOf(loop: ESTree.Node, { counter, look }: StopNames): string {
  return awaits(loop) ? `${look}(); ` : `if (--${counter} < 0) ${counter} = ${look}(); `
}

/** Puts the statement `check` at the beginning of a loop's body. */
function guardLoop(code: MagicString, body: Positioned, check: string): void {
  if (body.type === 'BlockStatement') code.appendLeft(body.start + 1, ` ${check}`)
  else {
    code.appendRight(body.start, `{ ${check}`)
    code.prependLeft(body.end, ' }')
  }
}
