/** Small notebooks, written for one test. */
import { writeFileSync } from 'node:fs'

/** Writes a notebook of our kernel with these code cells. */
export function writeNotebook(file: string, cells: readonly string[]): void {
  const notebook = {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { kernelspec: { name: 'gradbook', display_name: 'TypeScript (gradbook)', language: 'typescript' } },
    cells: cells.map((source, i) => ({
      cell_type: 'code',
      id: `cell-${i}`,
      metadata: {},
      execution_count: null,
      outputs: [],
      source,
    })),
  }
  writeFileSync(file, JSON.stringify(notebook))
}
