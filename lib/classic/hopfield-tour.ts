/** The travelling salesman on a continuous Hopfield network. */
import { defaultGenerator, type Generator } from '../device/random.js'
import { rand } from '../ops/random.js'
import { checkInterrupt } from '../device/interrupt.js'
import * as v from './values.js'
import type { Rows } from './values.js'

/** Settings of `HopfieldTour`; the weights are those of the terms of the energy. */
export interface HopfieldTourOptions {
  /** A city stands in one place only. Default 500. */
  cityWeight?: number
  /** A place has one city only. Default 500. */
  placeWeight?: number
  /** There are as many visits as cities. Default 200. */
  countWeight?: number
  /** The tour is short; the larger, the fewer starts come to a tour. Default 300. */
  lengthWeight?: number
  /** Steps of the dynamics. Default 3000. */
  steps?: number
  /** Starts from other random states; the best tour counts. Default 10. */
  restarts?: number
  /** Draws first states. Default: the generator that `manualSeed` seeds. */
  generator?: Generator
}

/** A tour. */
export interface Tour {
  /** Cities in the order of their visit. */
  readonly order: readonly number[]
  /** Length of the closed tour. */
  readonly length: number
  /** The network's energy over its steps, in the start that found the tour. */
  readonly energies: readonly number[]
  /** Final outputs, [cities, places] in (0, 1). */
  readonly outputs: readonly (readonly number[])[]
  /** How many of the starts came to a tour by themselves; of the others places were chosen greedily. */
  readonly valid: number
}

/** Steepness of the units. */
const gain = 0.02
/** The step of time, and the most that an input moves in one: if all units moved further, they would overshoot together. */
const timeStep = 1e-5
const largestMove = 0.03 * gain

/**
 * A short closed tour through cities [N, 2], by the dynamics of N × N continuous units of which unit (x, i) stands for "city x in
 * place i" (Hopfield & Tank 1985). The energy falls while the tour forms; it need not be the shortest one. For up to some 15
 * cities. 《深度学习基础》 1.
 */
export class HopfieldTour {
  readonly #options: Required<Omit<HopfieldTourOptions, 'generator'>>
  readonly #generator: Generator

  constructor({ generator, ...options }: HopfieldTourOptions = {}) {
    this.#options = {
      cityWeight: 500,
      placeWeight: 500,
      countWeight: 200,
      lengthWeight: 300,
      steps: 3000,
      restarts: 10,
      ...options,
    }
    v.assertCount('HopfieldTour', 'steps', this.#options.steps)
    v.assertCount('HopfieldTour', 'restarts', this.#options.restarts)
    this.#generator = generator ?? defaultGenerator()
  }

  /** Finds a tour. @throws RangeError for fewer than three cities. */
  solve(cities: Rows): Tour {
    const { rows } = v.matrixOf('HopfieldTour', cities)
    if (rows.length < 3) throw new RangeError(`HopfieldTour: needs at least three cities, got ${rows.length}`)
    const distances = rows.map((a) => rows.map((b) => Math.sqrt(v.squaredDistance(a, b))))
    // The weights suit a map of side 1.
    const largest = Math.max(...distances.flat()) || 1
    const scaled = distances.map((row) => row.map((d) => d / largest))
    let best: Tour | undefined
    let valid = 0
    for (let start = 0; start < this.#options.restarts; start++) {
      const { outputs, energies } = this.#settle(scaled)
      const { order, isTour } = readTour(outputs)
      if (isTour) valid++
      const length = order.reduce((sum, city, i) => sum + distances[city][order[(i + 1) % order.length]], 0)
      if (!best || length < best.length) best = { order, length, energies, outputs, valid }
    }
    return { ...(best as Tour), valid }
  }

  #settle(d: readonly (readonly number[])[]): { outputs: number[][]; energies: number[] } {
    const n = d.length
    const { cityWeight: a, placeWeight: b, countWeight: c, lengthWeight: e, steps } = this.#options
    // All units alike, but for a little noise that breaks the tie; more visits than cities make up for outputs below 1.
    const wanted = n + 2
    const middle = -(gain / 2) * Math.log(n - 1)
    const noise = rand(n, n, { dtype: 'float64', generator: this.#generator }).toArray() as number[][]
    const inputs = noise.map((row) => row.map((r) => middle + gain * 0.1 * (2 * r - 1)))
    const outputOf = (u: number): number => 0.5 * (1 + Math.tanh(u / gain))
    let outputs = inputs.map((row) => row.map(outputOf))
    const energies: number[] = []
    for (let step = 0; step < steps; step++) {
      checkInterrupt()
      const cityTotals = outputs.map((row) => row.reduce((sum, value) => sum + value, 0))
      const placeTotals = d.map((_, i) => outputs.reduce((sum, row) => sum + row[i], 0))
      const excess = cityTotals.reduce((sum, value) => sum + value, 0) - wanted
      let energy = (c / 2) * excess ** 2
      const forces = inputs.map((row) => row.map((input) => -input - c * excess))
      for (let x = 0; x < n; x++)
        for (let i = 0; i < n; i++) {
          const [before, after] = [(i + n - 1) % n, (i + 1) % n]
          let way = 0
          for (let y = 0; y < n; y++) way += d[x][y] * (outputs[y][before] + outputs[y][after])
          const own = outputs[x][i]
          const push = a * (cityTotals[x] - own) + b * (placeTotals[i] - own) + e * way
          energy += (own / 2) * push
          forces[x][i] -= push
        }
      energies.push(energy)
      const strongest = forces.reduce((most, row) => row.reduce((m, force) => Math.max(m, Math.abs(force)), most), 0)
      const move = Math.min(timeStep, largestMove / strongest)
      forces.forEach((row, x) => row.forEach((force, i) => (inputs[x][i] += move * force)))
      outputs = inputs.map((row) => row.map(outputOf))
    }
    return { outputs, energies }
  }
}

/** The tour that outputs stand for: the strongest unit first, then the strongest of what is left. */
function readTour(outputs: readonly (readonly number[])[]): { order: number[]; isTour: boolean } {
  const n = outputs.length
  const isTour =
    outputs.every((row) => row.filter((value) => value > 0.5).length === 1) &&
    outputs.every((_, i) => outputs.filter((row) => row[i] > 0.5).length === 1)
  const units = outputs.flatMap((row, city) => row.map((value, place) => ({ city, place, value })))
  units.sort((p, q) => q.value - p.value)
  const order = new Array<number>(n).fill(-1)
  const placed = new Set<number>()
  for (const { city, place } of units) {
    if (order[place] >= 0 || placed.has(city)) continue
    order[place] = city
    placed.add(city)
  }
  return { order, isTour }
}
