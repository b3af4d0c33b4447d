/** Tables of wrong calls: each must throw, and say what was wrong in the words of the table. */
import { strict as assert } from 'node:assert'

/** A call that must be refused, and its message. */
export type Refusal = readonly [call: () => unknown, message: RegExp]

/** One test for each row of the table. */
export function itRefuses(table: readonly Refusal[]): void {
  for (const [call, message] of table) it(`says ${message.source}`, () => assert.throws(call, { message }))
}
