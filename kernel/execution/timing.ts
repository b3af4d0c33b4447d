/** What `%time` and `%timeit` measure, and how they say it. */

/** Runs once, or `count` times in a row, and waits for the end. */
export type Repeat = (count: number) => unknown

const minimumSeconds = 0.2
const repeats = 7

export interface Timed {
  value: unknown
  text: string
}

/** Runs `code` once. */
export async function timeOnce(code: () => Promise<unknown>): Promise<Timed> {
  const cpuBefore = process.cpuUsage()
  const start = performance.now()
  const value = await code()
  const wall = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(cpuBefore)
  const [u, s, total] = [user, system, user + system].map((microseconds) => formatSeconds(microseconds / 1e6))
  return { value, text: `CPU times: user ${u}, sys: ${s}, total: ${total}\nWall time: ${formatSeconds(wall)}\n` }
}

/** Finds how often to run `repeat` so that the clock can tell, then measures seven times. */
export async function timeMany(repeat: Repeat): Promise<string> {
  const measure = async (count: number): Promise<number> => {
    const start = performance.now()
    await repeat(count)
    return (performance.now() - start) / 1000
  }
  let count = 1
  while (count < 1e9 && (await measure(count)) < minimumSeconds) count *= 10
  const times: number[] = []
  for (let run = 0; run < repeats; run++) times.push((await measure(count)) / count)
  const mean = times.reduce((sum, time) => sum + time, 0) / repeats
  const deviation = Math.sqrt(times.reduce((sum, time) => sum + (time - mean) ** 2, 0) / repeats)
  const loops = `${count.toLocaleString('en')} loop${count === 1 ? '' : 's'} each`
  return `${formatSeconds(mean)} ± ${formatSeconds(deviation)} per loop (mean ± std. dev. of ${repeats} runs, ${loops})\n`
}

const units = [
  ['s', 1],
  ['ms', 1e-3],
  ['µs', 1e-6],
  ['ns', 1e-9],
] as const

/** Three digits that count: `12.3 ms`. */
export function formatSeconds(seconds: number): string {
  if (seconds >= 60) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
  const [unit, size] = units.find(([, size]) => seconds >= size) ?? units[3]
  const digits = Number((seconds / size).toPrecision(3))
  return `${digits} ${unit}`
}
