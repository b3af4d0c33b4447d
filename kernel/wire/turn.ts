/**
 * Two threads read what child processes and native code write, and both send it on. So that nothing overtakes anything, each
 * takes its turn: it reads and hands on before the other reads or hands on.
 */
import { Slot } from './link.js'

/** Whoever holds the turn longer was stopped in the middle of it: the order of a few lines is not worth waiting for. */
const patienceMs = 20

export function inTurn(shared: Int32Array, body: () => void): void {
  const deadline = performance.now() + patienceMs
  while (Atomics.compareExchange(shared, Slot.turn, 0, 1) !== 0) {
    const left = deadline - performance.now()
    if (left <= 0) break
    Atomics.wait(shared, Slot.turn, 1, left)
  }
  try {
    body()
  } finally {
    Atomics.store(shared, Slot.turn, 0)
    Atomics.notify(shared, Slot.turn)
  }
}
