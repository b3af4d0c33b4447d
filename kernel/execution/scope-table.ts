/** The names that cells have declared, as `%whos` lists them. */
import { inspect } from 'node:util'
import type { Scope } from './runtime.js'

const maxValue = 60

export function describeScope(scope: Scope): string {
  const rows = Object.keys(scope)
    .sort()
    .map((name) => [name, kindOf(scope[name]), shortValue(scope[name])])
  if (rows.length === 0) return 'No names are declared.'
  const all = [['Name', 'Kind', 'Value'], ...rows]
  const [first, second] = [0, 1].map((column) => Math.max(...all.map((row) => row[column].length)))
  return all
    .map(([name, kind, value]) => `${name.padEnd(first)}   ${kind.padEnd(second)}   ${value}`.trimEnd())
    .join('\n')
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'function')
    return /^class\b/.test(Function.prototype.toString.call(value)) ? 'class' : 'function'
  if (typeof value !== 'object') return typeof value
  try {
    return (value.constructor as { name?: string } | undefined)?.name ?? 'object'
  } catch {
    return 'object' // a proxy that refuses
  }
}

function shortValue(value: unknown): string {
  try {
    const text = inspect(value, { depth: 0, breakLength: Infinity, maxStringLength: maxValue }).replace(/\s+/g, ' ')
    return text.length > maxValue ? `${text.slice(0, maxValue - 1)}…` : text
  } catch {
    return '(cannot be shown)'
  }
}
