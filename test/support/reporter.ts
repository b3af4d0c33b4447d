/** Mocha's usual report, closed by one line with all three counts: a skipped test is never silent. */
import Mocha from 'mocha'

export default class Reporter extends Mocha.reporters.Spec {
  override done(failures: number, finish: (failures: number) => void): void {
    const { passes, pending } = this.stats
    process.stdout.write(`${passes} passed, ${this.stats.failures} failed, ${pending} skipped\n`)
    finish(failures)
  }
}
