/** A table with named columns, as files of comma-separated values hold it. */
import { tensor } from '../../ops/creation.js'
import type { DType } from '../../tensor/dtype.js'
import type { Tensor } from '../../tensor/tensor.js'

/** A field: a number, a text, or null where nothing stands. */
export type Cell = number | string | null

/** Columns by name, all equally long. A column holds numbers (and nulls) if every field of it is one, else texts. */
export class Table {
  readonly #columns: ReadonlyMap<string, readonly Cell[]>
  /** Number of rows. */
  readonly length: number

  /** @throws RangeError when columns are not equally long. */
  constructor(columns: ReadonlyMap<string, readonly Cell[]> | Readonly<Record<string, readonly Cell[]>>) {
    this.#columns = new Map(
      columns instanceof Map ? (columns as Map<string, readonly Cell[]>) : Object.entries(columns),
    )
    const [first] = this.#columns
    this.length = first?.[1].length ?? 0
    for (const [name, values] of this.#columns)
      if (values.length !== this.length)
        throw new RangeError(`Table: column '${name}' has ${values.length} rows, '${first[0]}' has ${this.length}`)
  }

  /** Names of the columns, in order. */
  get names(): string[] {
    return [...this.#columns.keys()]
  }

  /** The fields of a column. @throws RangeError when there is none of this name. */
  column(name: string): readonly Cell[] {
    const found = this.#columns.get(name)
    if (!found) throw new RangeError(`Table: there is no column '${name}'; there are ${this.names.join(', ')}`)
    return found
  }

  /** A row by number, as an object. */
  row(index: number): Record<string, Cell> {
    if (!Number.isInteger(index) || index < 0 || index >= this.length)
      throw new RangeError(`Table: there is no row ${index}, there are ${this.length}`)
    return Object.fromEntries([...this.#columns].map(([name, values]) => [name, values[index]]))
  }

  /**
   * Columns as a tensor: of one name [rows], of several (default all) [rows, columns]. Where nothing stands, NaN.
   * @param options.dtype default 'float32'; integers cannot hold NaN.
   * @throws TypeError naming the column and the row that is no number; encode texts first (`classes`).
   */
  tensor(names: string | readonly string[] = this.names, { dtype = 'float32' }: { dtype?: DType } = {}): Tensor {
    const column = (name: string): number[] =>
      this.column(name).map((value, i) => {
        if (typeof value === 'string')
          throw new TypeError(
            `Table: row ${i} of column '${name}' is ${JSON.stringify(value)}, which is no number; see classes('${name}')`,
          )
        if (value === null && dtype !== 'float32' && dtype !== 'float64')
          throw new TypeError(`Table: row ${i} of column '${name}' is empty, which no ${dtype} can be`)
        return value ?? NaN
      })
    if (typeof names === 'string') return tensor(column(names), { dtype })
    const columns = names.map(column)
    const rows = Array.from({ length: this.length }, (_, i) => columns.map((values) => values[i]))
    return this.length > 0 ? tensor(rows, { dtype }) : tensor([], { dtype }).view(0, names.length)
  }

  /** A column of texts (or numbers) as numbers of classes: their names in order, and an int64 tensor [rows]. */
  classes(name: string): { names: string[]; labels: Tensor } {
    const values = this.column(name).map((value) => String(value ?? ''))
    const names = [...new Set(values)].sort((a, b) => (a < b ? -1 : 1))
    const numbers = new Map(names.map((text, i) => [text, i]))
    return {
      names,
      labels: tensor(
        values.map((text) => numbers.get(text) as number),
        { dtype: 'int64' },
      ),
    }
  }

  /** Names, and how many rows there are. */
  toString(): string {
    return `Table(${this.length} rows: ${this.names.join(', ')})`
  }
}
