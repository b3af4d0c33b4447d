/**
 * What a person at a notebook waits for: the start, a cell, a completion, the stop button. Each is measured from outside,
 * as a front end does, for this kernel and for ipykernel in turns.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { KernelClient, type ExecuteOptions } from '../kernel/client.js'
import { venvPython } from '../kernel/commands/python-environment.js'
import type { Message } from '../kernel/wire/messages.js'

/** How one side says the same things. */
interface Side {
  name: string
  /** Starts the kernel; undefined stands for ours. */
  command?: readonly string[]
  typed: (i: number) => string
  loop: string
  flood: string
  completion: string
  /** Only for the side that has networks without an import. */
  network?: (i: number) => string
}

const floodLines = 100_000

const ours: Side = {
  name: 'gradbook',
  typed: (i) => `interface Point${i} { x: number; y: number }
const points${i}: Point${i}[] = Array.from({ length: 100 }, (_, i) => ({ x: i, y: i * i }))
function centre${i}(all: readonly Point${i}[]): Point${i} {
  const sum = all.reduce((s, p) => ({ x: s.x + p.x, y: s.y + p.y }), { x: 0, y: 0 })
  return { x: sum.x / all.length, y: sum.y / all.length }
}
centre${i}(points${i}).y`,
  loop: `console.log('on'); while (true) {}`,
  flood: `for (let i = 0; i < ${floodLines}; i++) console.log(i)`,
  completion: 'JSON.str',
  network: (i) => `const net${i} = new nn.Sequential(new nn.Linear(20, 30), new nn.ReLU(), new nn.Linear(30, 5))
const batch${i} = randn(10, 20)
net${i}.forward(batch${i}).sum().backward()
net${i}.parameters().map((p) => p.shape.join('x')).join()`,
}

const python: Omit<Side, 'command'> = {
  name: 'ipykernel',
  typed: (i) => `from dataclasses import dataclass
@dataclass
class Point${i}:
    x: float
    y: float
points${i} = [Point${i}(i, i * i) for i in range(100)]
def centre${i}(all):
    return Point${i}(sum(p.x for p in all) / len(all), sum(p.y for p in all) / len(all))
centre${i}(points${i}).y`,
  loop: `print('on', flush=True)\nwhile True: pass`,
  flood: `for i in range(${floodLines}): print(i)`,
  completion: 'import json; json.dum',
}

/** Milliseconds, or null where a side never answers. */
type Measure = (kernel: KernelClient, side: Side) => Promise<number | null>

const quantile = (times: number[], q: number): number =>
  [...times].sort((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * q))]

async function timed(body: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await body()
  return performance.now() - start
}

async function times(count: number, body: (i: number) => Promise<unknown>): Promise<number[]> {
  const all: number[] = []
  for (let i = 0; i < count; i++) all.push(await timed(() => body(i)))
  return all
}

/** Cells of one session must not repeat: a name may be declared once more, but that is another case. */
let serial = 0

async function succeed(kernel: KernelClient, code: string, options?: ExecuteOptions): Promise<void> {
  const { reply } = await kernel.execute(code, options)
  if (reply.content['status'] !== 'ok') throw new Error(`bench: a cell failed: ${JSON.stringify(reply.content)}`)
}

/** Runs `body` while a cell computes without end. */
async function whileBusy<T>(kernel: KernelClient, { loop }: Side, body: () => Promise<T>): Promise<T> {
  let executed: Promise<unknown> = Promise.resolve()
  await new Promise<void>((resolve) => {
    executed = kernel.execute(loop, { onOutput: ({ header }) => header.msg_type === 'stream' && resolve() })
  })
  try {
    return await body()
  } finally {
    await kernel.interrupt()
    await executed
  }
}

/** null when the answer does not come in time. */
async function orNever<T>(answer: Promise<T>): Promise<T | null> {
  const never = new Promise<null>((resolve) => setTimeout(() => resolve(null), 2000).unref())
  return Promise.race([answer, never])
}

const requests = 1000
const complete = (kernel: KernelClient, { completion }: Side) => kernel.complete(completion, completion.length)

const idleCompletions =
  (q: number): Measure =>
  async (kernel, side) =>
    quantile(await times(requests, () => complete(kernel, side)), q)

const busyAnswers =
  (q: number, ask: (kernel: KernelClient, side: Side, i: number) => Promise<unknown>): Measure =>
  (kernel, side) =>
    whileBusy(kernel, side, async () => {
      for (let i = 0; i < 6; i++) if ((await orNever(ask(kernel, side, i).then(() => true))) === null) return null
      return quantile(await times(requests, (i) => ask(kernel, side, i)), q)
    })

/** All that a front end may ask at any time, one after the other. */
const anything = (kernel: KernelClient, { completion }: Side, i: number): Promise<unknown> =>
  [
    () => kernel.heartbeat('ping'),
    () => kernel.kernelInfo(),
    () => kernel.request('control', 'kernel_info_request'),
    () => kernel.inspect(completion, completion.length),
    () => kernel.isComplete('for (;;) {'),
    () => kernel.request('shell', 'comm_info_request'),
  ][i % 6]()

const measures: Record<string, Measure> = {
  'trivial cell': async (kernel) => quantile(await times(100, () => succeed(kernel, '1 + 1')), 0.5),
  'typed cell': async (kernel, { typed }) => quantile(await times(20, () => succeed(kernel, typed(++serial))), 0.5),
  'network cell': async (kernel, { network }) =>
    network ? quantile(await times(20, () => succeed(kernel, network(++serial))), 0.5) : null,
  'completion, idle, median': idleCompletions(0.5),
  'completion, idle, p99 of 1000': idleCompletions(0.99),
  'completion, busy, median': busyAnswers(0.5, complete),
  'completion, busy, p99 of 1000': busyAnswers(0.99, complete),
  'any answer, busy, p99 of 1000': busyAnswers(0.99, anything),
  'stop a loop': timedStop,
  'print 100000 lines': (kernel, { flood }) => timed(() => succeed(kernel, flood)),
}

async function timedStop(kernel: KernelClient, side: Side): Promise<number> {
  const all: number[] = []
  for (let i = 0; i < 10; i++) {
    let stopped = 0
    await whileBusy(kernel, side, async () => void (stopped = performance.now()))
    all.push(performance.now() - stopped)
  }
  return quantile(all, 0.5)
}

const starts = ['start to first result', 'start to end of first cell']
export const kernelMeasures = [...starts, ...Object.keys(measures)]

const begin = ({ command }: Side): Promise<KernelClient> => KernelClient.start(command ? { command } : {})

/** Until the result of a first cell is shown, and until the cell has ended: what is wrong with its types may follow the result. */
async function startTimes(side: Side): Promise<number[]> {
  let result = 0
  const begun = performance.now()
  const kernel = await begin(side)
  const onOutput = ({ header }: Message): void => {
    if (header.msg_type === 'execute_result') result = performance.now()
  }
  await succeed(kernel, '1 + 1', { onOutput })
  const ended = performance.now()
  await kernel.shutdown()
  return [result - begun, ended - begun]
}

/** The ipykernel of JupyterLab's environment, which `npm run lab` and `npm test` make; null when it is not there. */
function ipykernel(): Side | null {
  const found = existsSync(venvPython) && spawnSync(venvPython, ['-c', 'import ipykernel']).status === 0
  return found ? { ...python, command: [venvPython, '-m', 'ipykernel_launcher', '-f'] } : null
}

/** Times what `wanted` names. `record` gets the best of several turns of each side. */
export async function timeKernels(
  wanted: (name: string) => boolean,
  record: (name: string, ours: number, peer: number | null) => void,
): Promise<void> {
  if (!kernelMeasures.some(wanted)) return
  const peer = ipykernel()
  if (!peer) console.log('ipykernel is not installed and left out (npm run lab installs it)')
  const sides = peer ? [ours, peer] : [ours]
  if (starts.some(wanted)) {
    const all: number[][][] = sides.map(() => [])
    for (let turn = 0; turn < 10; turn++) for (const [i, side] of sides.entries()) all[i].push(await startTimes(side))
    for (const [which, name] of starts.entries()) {
      const median = (turns: number[][]): number =>
        quantile(
          turns.map((turn) => turn[which]),
          0.5,
        )
      record(name, median(all[0]), peer ? median(all[1]) : null)
    }
  }
  const kernels = await Promise.all(sides.map(begin))
  try {
    for (const [name, measure] of Object.entries(measures)) {
      if (!wanted(name)) continue
      const best: (number | null)[] = sides.map(() => null)
      for (let turn = 0; turn < 3; turn++)
        for (const [i, side] of sides.entries()) {
          const ms = await measure(kernels[i], side)
          if (ms !== null) best[i] = Math.min(best[i] ?? Infinity, ms)
        }
      if (best[0] !== null) record(name, best[0], best[1] ?? null)
    }
  } finally {
    for (const kernel of kernels) await kernel.shutdown()
  }
}
