/** How numbers, durations and rates are written in pictures: short, with a real minus sign, never misleading. */

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹'

/** 10 to the power `exponent`, as text: 10⁻³. */
export function powerOfTen(exponent: number): string {
  const digits = String(Math.abs(exponent)).replace(/\d/g, (d) => superscripts.charAt(Number(d)))
  return `10${exponent < 0 ? '⁻' : ''}${digits}`
}

/** Fixed decimals with thousands separated: −12,345.50. */
export function fixed(value: number, decimals: number): string {
  const [whole = '0', fraction] = Math.abs(value).toFixed(decimals).split('.')
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  const digits = fraction === undefined ? grouped : `${grouped}.${fraction}`
  return value < 0 && /[1-9]/.test(digits) ? `−${digits}` : digits
}

/** Mantissa and power of ten: 1.5×10⁶. `digits` counts decimals of the mantissa. */
export function scientific(value: number, digits: number): string {
  const [mantissa = '0', exponent = '0'] = value.toExponential(digits).split('e')
  const short = (mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa).replace('-', '−')
  return value === 0 ? '0' : `${short}×${powerOfTen(Number(exponent))}`
}

/** A number's text with a real minus sign. */
export function minus(text: string): string {
  return text.replace(/-/g, '−')
}

/** A measured value for tables and legends, about four digits: 0.0071, 2.303, 98.12, 12,345, 3.2×10⁻⁷. */
export function formatValue(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞'
  const size = Math.abs(value)
  if (Number.isInteger(value) && size < 1e7) return fixed(value, 0)
  if (size >= 1e7 || size < 1e-3) return scientific(value, 2)
  if (size >= 1000) return fixed(value, 0)
  if (size >= 10) return fixed(value, 2)
  return fixed(value, size < 1e-2 ? 5 : size < 1 ? 4 : 3)
}

/** 0:07, 12:05, 1:02:03; under ten seconds with `fine` one decimal: 7.3 s, or milliseconds: 40 ms. */
export function formatDuration(seconds: number, fine = false): string {
  if (!Number.isFinite(seconds) || seconds < 0) return '?'
  if (fine && seconds < 0.0995) return `${Math.round(seconds * 1000)} ms`
  if (fine && seconds < 9.95) return `${seconds.toFixed(1)} s`
  const total = Math.round(seconds)
  const two = (n: number) => String(n).padStart(2, '0')
  const hours = Math.floor(total / 3600)
  const minutes = Math.floor((total % 3600) / 60)
  return hours > 0 ? `${hours}:${two(minutes)}:${two(total % 60)}` : `${minutes}:${two(total % 60)}`
}

/** 143 it/s, 2.1 it/s, or 3.4 s/it when slower than one a second. Empty when nothing is known yet. */
export function formatRate(perSecond: number): string {
  if (!Number.isFinite(perSecond) || perSecond <= 0) return ''
  if (perSecond < 1) return `${formatShort(1 / perSecond)} s/it`
  return `${formatShort(perSecond)} it/s`
}

function formatShort(value: number): string {
  return value < 10 ? value.toFixed(1) : fixed(value, 0)
}
