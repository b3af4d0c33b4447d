/**
 * Mocha's usual report, closed by one line with all three counts: a skipped test is never silent. What failed is also kept in
 * the file that GRADBOOK_FAILURES names, so that `gradbook test` can say it again below the report of the second Node.
 */
import { appendFileSync } from 'node:fs'
import Mocha from 'mocha'

export default class Reporter extends Mocha.reporters.Spec {
  override done(failures: number, finish: (failures: number) => void): void {
    const { passes, pending } = this.stats
    process.stdout.write(`${passes} passed, ${this.stats.failures} failed, ${pending} skipped\n`)
    const file = process.env.GRADBOOK_FAILURES
    if (file !== undefined)
      for (const test of this.failures)
        appendFileSync(file, `Node ${process.versions.node}: ${test.fullTitle()}\n${test.err?.stack ?? ''}\n\n`)
    finish(failures)
  }
}
