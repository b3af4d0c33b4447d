/** `gradbook ops`: the op registry as a table. */
import '../../lib/index.js'
import { describeOps } from '../../lib/ops/registry.js'

export async function ops(): Promise<void> {
  const rows = describeOps()
  const columns = ['name', 'dtypes', 'gradient', 'torch', 'devices'] as const
  const table = [Object.fromEntries(columns.map((column) => [column, column])) as (typeof rows)[number], ...rows]
  const widths = columns.map((column) => Math.max(...table.map((row) => row[column].length)))
  for (const row of table)
    process.stdout.write(
      `${columns
        .map((column, i) => row[column].padEnd(widths[i]))
        .join('  ')
        .trimEnd()}\n`,
    )
}
