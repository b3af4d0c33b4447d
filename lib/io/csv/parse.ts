/** Comma-separated values as RFC 4180 has them: quoted fields may hold separators, line breaks and doubled quotes. */
import { FileFormatError } from '../files.js'

/** A field, and whether it was quoted: a quoted field is text, whatever it looks like. */
export interface Field {
  text: string
  quoted: boolean
}

/**
 * Rows of fields. Empty lines are passed over. Line ends may be \n, \r\n or \r.
 * @throws FileFormatError naming the line of a quote that does not end, or of text after one.
 */
export function parseCsv(text: string, delimiter: string, name: string): Field[][] {
  const rows: Field[][] = []
  let row: Field[] = []
  let line = 1
  let at = text.startsWith('\ufeff') ? 1 : 0
  const endRow = (): void => {
    const isEmpty = row.length === 1 && row[0].text === '' && !row[0].quoted
    if (!isEmpty) rows.push(row)
    row = []
  }
  while (at < text.length) {
    if (text[at] === '"') {
      const started = line
      let value = ''
      for (at++; ; at++) {
        const quote = text.indexOf('"', at)
        if (quote < 0) throw new FileFormatError(`${name}: the quote that begins in line ${started} does not end`)
        value += text.slice(at, quote)
        at = quote + 1
        if (text[at] !== '"') break
        value += '"'
      }
      line += value.split('\n').length - 1
      row.push({ text: value, quoted: true })
      if (at < text.length && text[at] !== delimiter && text[at] !== '\n' && text[at] !== '\r')
        throw new FileFormatError(
          `${name}: line ${line} goes on with '${text.slice(at, at + 10)}' after a quoted field`,
        )
    } else {
      const start = at
      while (at < text.length && text[at] !== delimiter && text[at] !== '\n' && text[at] !== '\r') at++
      row.push({ text: text.slice(start, at), quoted: false })
    }
    if (at >= text.length) break
    if (text[at] === delimiter) {
      at++
      // A separator at the very end is followed by one more field, an empty one.
      if (at >= text.length) row.push({ text: '', quoted: false })
      continue
    }
    at += text[at] === '\r' && text[at + 1] === '\n' ? 2 : 1
    line++
    endRow()
  }
  if (row.length > 0) endRow()
  return rows
}

/** A field as it stands in a file; quoted when it must be. */
export function formatField(value: string, delimiter: string, missing: readonly string[]): string {
  const mustQuote =
    value.includes(delimiter) || /["\r\n]/.test(value) || missing.includes(value) || looksLikeNumber(value)
  return mustQuote ? `"${value.replaceAll('"', '""')}"` : value
}

/** Whether a field without quotes is a number. */
export function looksLikeNumber(text: string): boolean {
  return /^\s*[+-]?(\d+\.?\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?|inf(inity)?)\s*$/i.test(text)
}

/** The number that such a field is. */
export function toNumber(text: string): number {
  const trimmed = text.trim()
  const [, sign, infinite] = /^([+-]?)(inf(?:inity)?)$/i.exec(trimmed) ?? []
  if (infinite) return sign === '-' ? -Infinity : Infinity
  return Number(trimmed)
}
