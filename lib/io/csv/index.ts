/**
 * Comma-separated values, both ways. Own code: the format is small, and a reader that knows which fields were quoted keeps
 * texts that look like numbers texts.
 */
import { assertTensor, Tensor } from '../../tensor/tensor.js'
import { FileFormatError, withBytes, writeAtomically, type FileSource } from '../files.js'
import { formatField, looksLikeNumber, parseCsv, toNumber, type Field } from './parse.js'
import { Table, type Cell } from './table.js'

/** How `loadCsv` reads. */
export interface CsvOptions {
  /** Whether the first row holds names. Default: it does if none of its fields is a number. Without, columns are named '0', '1', … */
  header?: boolean
  /** Between fields, one character. Default ','. */
  delimiter?: string
  /** Fields that stand for nothing. Default '', 'NA', 'N/A', 'NaN', 'nan', 'null', 'None'. */
  missing?: readonly string[]
}

const defaultMissing = ['', 'NA', 'N/A', 'NaN', 'nan', 'null', 'None']

function assertDelimiter(caller: string, delimiter: string): void {
  if (delimiter.length !== 1 || delimiter === '"' || delimiter === '\n' || delimiter === '\r')
    throw new RangeError(
      `${caller}: the delimiter must be one character and no quote, got ${JSON.stringify(delimiter)}`,
    )
}

/**
 * Reads a table: rows of fields separated by commas, which may stand in quotes. Columns of numbers become numbers, others
 * stay texts; `missing` fields become null. The text must be UTF-8.
 * @throws FileFormatError naming the line when a row has more or fewer fields than the first, or a quote does not end.
 * @example const iris = io.loadCsv('iris.csv'); const x = iris.tensor(['length', 'width'])
 */
export function loadCsv(source: FileSource, options: CsvOptions = {}): Table {
  const { delimiter = ',', missing = defaultMissing } = options
  assertDelimiter('loadCsv', delimiter)
  return withBytes('loadCsv', source, (file) => {
    let text: string
    try {
      text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(file.read(0, file.size))
    } catch (error) {
      if (error instanceof FileFormatError) throw error
      return file.fail('this is no UTF-8 text')
    }
    const rows = parseCsv(text, delimiter, file.name)
    if (rows.length === 0) return new Table({})
    const [first] = rows
    rows.forEach((row, i) => {
      if (row.length !== first.length)
        file.fail(
          `row ${i + 1} has ${row.length} fields, the first has ${first.length} (separated by ${JSON.stringify(delimiter)})`,
        )
    })
    const isMissing = ({ text: field, quoted }: Field): boolean => !quoted && missing.includes(field.trim())
    const isNumber = (field: Field): boolean => !field.quoted && looksLikeNumber(field.text)
    const header = options.header ?? !first.some((field) => isNumber(field) || isMissing(field))
    const names = first.map((field, i) => (header ? field.text : String(i)))
    if (new Set(names).size !== names.length)
      file.fail(`two columns are named '${names.find((name, i) => names.indexOf(name) !== i)}'; pass { header: false }`)
    const body = header ? rows.slice(1) : rows
    const columns = names.map((name, c): [string, Cell[]] => {
      const fields = body.map((row) => row[c])
      const numeric = fields.every((field) => isMissing(field) || isNumber(field))
      return [name, fields.map((field) => (isMissing(field) ? null : numeric ? toNumber(field.text) : field.text))]
    })
    return new Table(new Map(columns))
  })
}

/** How `saveCsv` writes. */
export interface SaveCsvOptions {
  /** Names of the columns, for a tensor; default none. With `false` the names of a table are left out. */
  header?: readonly string[] | false
  /** Between fields, one character. Default ','. */
  delimiter?: string
}

/**
 * Writes a table, columns by name, or a tensor [rows, columns] or [rows]. Numbers are written so that they come back the
 * same; nothing, and NaN, as an empty field (NaN where there is one column). The file appears whole or not at all.
 * @example io.saveCsv({ epoch: [1, 2], loss: [0.5, 0.25] }, 'history.csv')
 */
export function saveCsv(
  data: Table | Readonly<Record<string, readonly Cell[]>> | Tensor,
  path: string,
  options: SaveCsvOptions = {},
): void {
  const { delimiter = ',', header } = options
  assertDelimiter('saveCsv', delimiter)
  const { names, columns } = data instanceof Tensor ? tensorColumns(data, header) : tableColumns(data, header)
  const count = columns[0]?.length ?? 0
  // An empty line would be passed over.
  const nothing = columns.length === 1 ? 'NaN' : ''
  const field = (value: unknown): string => {
    if (value === null || value === undefined || Number.isNaN(value)) return nothing
    if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return numberText(value)
    if (typeof value === 'string') return formatField(value, delimiter, defaultMissing)
    throw new TypeError(`saveCsv: a field is of type ${typeof value}; fields are numbers, texts and null`)
  }
  const lines = Array.from({ length: count }, (_, i) => columns.map((column) => field(column[i])).join(delimiter))
  if (names) lines.unshift(names.map((name) => formatField(name, delimiter, [])).join(delimiter))
  writeAtomically('saveCsv', path, (sink) => sink(Buffer.from(lines.map((line) => `${line}\n`).join(''))))
}

const numberText = (value: number | bigint | boolean): string =>
  value === Infinity
    ? 'inf'
    : value === -Infinity
      ? '-inf'
      : typeof value === 'boolean'
        ? String(Number(value))
        : String(value)

interface Columns {
  names: readonly string[] | null
  columns: readonly (readonly unknown[])[]
}

function tableColumns(
  data: Table | Readonly<Record<string, readonly Cell[]>>,
  header: SaveCsvOptions['header'],
): Columns {
  if (typeof data !== 'object' || data === null || Array.isArray(data))
    throw new TypeError('saveCsv: expects a Table, columns by name such as { x: [1, 2] }, or a tensor')
  const table = data instanceof Table ? data : new Table(data)
  if (header && header.length !== table.names.length)
    throw new RangeError(`saveCsv: ${header.length} names for ${table.names.length} columns`)
  return {
    names: header === false ? null : (header ?? table.names),
    columns: table.names.map((name) => table.column(name)),
  }
}

function tensorColumns(data: Tensor, header: SaveCsvOptions['header']): Columns {
  assertTensor('saveCsv', 'the first argument', data)
  if (data.ndim !== 1 && data.ndim !== 2)
    throw new RangeError(`saveCsv: a tensor must have 1 or 2 dimensions, got shape [${data.shape.join(', ')}]`)
  const width: number = data.ndim === 1 ? 1 : data.shape[1]
  if (header && header.length !== width) throw new RangeError(`saveCsv: ${header.length} names for ${width} columns`)
  const flat = data.toTypedArray() as ArrayLike<number | bigint>
  const exact =
    data.dtype === 'float32' ? (value: number | bigint) => shortest(Number(value)) : (value: number | bigint) => value
  const columns = Array.from({ length: width }, (_, c) =>
    Array.from({ length: data.shape[0] as number }, (_row, r) => exact(flat[r * width + c])),
  )
  return { names: header || null, columns }
}

/** The shortest decimal number that is this float32. */
function shortest(value: number): number {
  for (let digits = 6; digits <= 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return short
  }
  return value
}
