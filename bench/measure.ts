/** Timing: medians of repeated runs, after a warm-up. */

export interface Result {
  suite: string
  name: string
  unit: 'ms' | 'µs'
  ours: number
  peer: number
  peerName: string
  /** ours / peer: below 1 is faster. */
  ratio: number
}

/** Milliseconds of one run of `body`: the median over rounds, each repeated until it lasts long enough to be timed. */
export function medianMs(body: () => void, { rounds = 15, minimumMs = 20 } = {}): number {
  body()
  let repeats = 1
  for (;;) {
    const start = performance.now()
    for (let i = 0; i < repeats; i++) body()
    if (performance.now() - start >= minimumMs) break
    repeats *= 2
  }
  const times = Array.from({ length: rounds }, () => {
    const start = performance.now()
    for (let i = 0; i < repeats; i++) body()
    return (performance.now() - start) / repeats
  })
  return times.sort((a, b) => a - b)[rounds >> 1]
}
