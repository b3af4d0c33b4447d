/**
 * Special functions of real numbers whose loops end when nothing more is gained, so they are no expressions for the
 * elementwise engine: incomplete gamma functions, Hurwitz's zeta, Bessel functions. All in float64.
 */

/** Coefficients of Lanczos' approximation of Γ (1964) for g = 607/128, computed by Godfrey. */
const lanczos = [
  0.99999999999999709182, 57.156235665862923517, -59.597960355475491248, 14.136097974741747174, -0.49191381609762019978,
  0.33994649984811888699e-4, 0.46523628927048575665e-4, -0.98374475304879564677e-4, 0.15808870322491248884e-3,
  -0.21026444172410488319e-3, 0.2174396181152126432e-3, -0.16431810653676389022e-3, 0.84418223983852743293e-4,
  -0.2619083840158140867e-4, 0.36899182659531625704e-5,
]

/** ln Γ(a) for a > 0. */
function lnGamma(a: number): number {
  const sum = lanczos.reduce((total, c, k) => total + (k === 0 ? c : c / (a + k)), 0)
  const t = a + 607 / 128 + 0.5
  return (a + 0.5) * Math.log(t) - t + Math.log((Math.sqrt(2 * Math.PI) * sum) / a)
}

/** ln(1 + u) − u without the digits that cancel for small u. */
function log1pMinus(u: number): number {
  if (Math.abs(u) > 0.5) return Math.log1p(u) - u
  let [power, sum] = [u, 0]
  for (let k = 2; Math.abs(power) > 1e-18 * Math.abs(sum); k++) {
    power *= -u
    sum += power / k
  }
  return sum
}

/** xᵃ e⁻ˣ / Γ(a + 1); for large a from the distance of x to a, where the logarithms themselves are huge. */
function gammaPrefactor(a: number, x: number): number {
  if (a < 20) return Math.exp(a * Math.log(x) - x - lnGamma(a + 1))
  // Stirling's series for the rest of Γ.
  const rest = 1 / (12 * a) - 1 / (360 * a ** 3) + 1 / (1260 * a ** 5) - 1 / (1680 * a ** 7)
  return Math.exp(a * log1pMinus((x - a) / a) - rest) / Math.sqrt(2 * Math.PI * a)
}

/** P(a, x) by its power series, for x < a + 1. */
function lowerSeries(a: number, x: number): number {
  let [term, sum] = [1, 1]
  for (let n = 1; term > 1e-17 * sum; n++) {
    term *= x / (a + n)
    sum += term
  }
  return sum * gammaPrefactor(a, x)
}

/** Q(a, x) by its continued fraction, for x ≥ a + 1 (Lentz 1976). */
function upperFraction(a: number, x: number): number {
  const tiny = 1e-300
  let b = x + 1 - a
  let c = 1 / tiny
  let d = 1 / b
  let h = d
  for (let i = 1; i < 100_000; i++) {
    const an = -i * (i - a)
    b += 2
    d = an * d + b
    if (Math.abs(d) < tiny) d = tiny
    c = b + an / c
    if (Math.abs(c) < tiny) c = tiny
    d = 1 / d
    const factor = d * c
    h *= factor
    if (Math.abs(factor - 1) < 1e-16) break
  }
  return h * gammaPrefactor(a, x) * a
}

/** The lower incomplete gamma function divided by Γ(a), from 0 at x = 0 to 1. */
export function lowerGamma(a: number, x: number): number {
  if (!(a >= 0 && x >= 0)) return NaN
  if (a === 0) return x > 0 ? 1 : NaN
  if (x === 0) return 0
  if (a === Infinity) return x === Infinity ? NaN : 0
  if (x === Infinity) return 1
  return x < a + 1 ? lowerSeries(a, x) : 1 - upperFraction(a, x)
}

/** The upper incomplete gamma function divided by Γ(a), from 1 at x = 0 to 0. */
export function upperGamma(a: number, x: number): number {
  if (!(a >= 0 && x >= 0)) return NaN
  if (a === 0) return x > 0 ? 0 : NaN
  if (x === 0) return 1
  if (a === Infinity) return x === Infinity ? NaN : 1
  if (x === Infinity) return 0
  return x < a + 1 ? 1 - lowerSeries(a, x) : upperFraction(a, x)
}

/** (2k)! / B₂ₖ, which the tail of a sum needs (Euler and Maclaurin). */
const bernoulli = [
  12,
  -720,
  30240,
  -1209600,
  47900160,
  -1307674368000 / 691,
  74724249600,
  -10670622842880000 / 3617,
  5109094217170944000 / 43867,
  -802857662698291200000 / 174611,
]

/** Σ (q + k)⁻ˢ over k ≥ 0. */
export function hurwitzZeta(s: number, q: number): number {
  if (s === 1) return Infinity
  if (!(s > 1)) return NaN
  if (q <= 0 && q === Math.floor(q)) return Infinity
  if (q <= 0 && s !== Math.floor(s)) return NaN
  let at = q
  let sum = 0
  // The first terms one by one, then the integral of the others and its corrections.
  for (let n = 0; n < 10 || at <= 9; n++, at++) {
    const term = at ** -s
    sum += term
    if (at > 0 && Math.abs(term) < 1e-17 * Math.abs(sum)) return sum
  }
  sum += at ** (1 - s) / (s - 1) + 0.5 * at ** -s
  let [factor, power] = [1, at ** -s]
  for (let k = 0; k < bernoulli.length; k++) {
    factor *= s + 2 * k
    power /= at
    const term = (factor * power) / bernoulli[k]
    sum += term
    if (Math.abs(term) < 1e-17 * Math.abs(sum)) break
    factor *= s + 2 * k + 1
    power /= at
  }
  return sum
}

/**
 * Bessel's function of the first kind and order 0 or 1. Up to 30 by its integral over a period, for which the trapezoidal rule
 * errs less than rounding does; beyond by Hankel's expansion.
 */
export function bessel(order: 0 | 1, x: number): number {
  const z = Math.abs(x)
  const value = z < 30 ? besselIntegral(order, z) : besselHankel(order, z)
  return order === 1 && x < 0 ? -value : value
}

function besselIntegral(order: 0 | 1, z: number): number {
  const steps = 80
  let sum = 0
  for (let i = 0; i < steps; i++) {
    const angle = (2 * Math.PI * i) / steps
    sum += Math.cos(order * angle - z * Math.sin(angle))
  }
  return sum / steps
}

function besselHankel(order: 0 | 1, z: number): number {
  if (z === Infinity) return 0
  const mu = 4 * order * order
  const sums = [1, 0]
  let term = 1
  for (let k = 1; k < 40; k++) {
    const next = (term * (mu - (2 * k - 1) ** 2)) / (k * 8 * z)
    // The series is asymptotic: it is of use while its terms shrink.
    if (Math.abs(next) >= Math.abs(term) || Math.abs(next) < 1e-18) break
    term = next
    sums[k % 2] += k % 4 < 2 ? term : -term
  }
  const angle = z - (order / 2 + 0.25) * Math.PI
  return Math.sqrt(2 / (Math.PI * z)) * (sums[0] * Math.cos(angle) - sums[1] * Math.sin(angle))
}
