/** Tests that need more than the machine may have: they are skipped in sight, or fail where that thing is required. */
import type { Context } from 'mocha'

/** What GRADBOOK_REQUIRE may list, separated by commas. */
export type Need = 'browser' | 'gpu' | 'lab' | 'node24'

/** Skips the test or suite (in `before`) unless `present`; fails it instead when GRADBOOK_REQUIRE names the need. */
export function needs(context: Context, need: Need, present: boolean, reason: string): void {
  if (present) return
  const required = (process.env.GRADBOOK_REQUIRE ?? '').split(',')
  if (required.includes(need)) throw new Error(`'${need}' is required by GRADBOOK_REQUIRE, but ${reason}`)
  console.log(`      skipped, needs ${need}: ${reason}`)
  context.skip()
}
