/** Devices by name, and the one on which an op allocates its results. */
import { mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { addon } from './addon.js'
import { onStop } from './interrupt.js'

/** Where a tensor lies: main memory, or the device with that number. */
export type DeviceName = 'cpu' | `gpu:${number}`

/** How users name a device; 'gpu' is the chosen one (`gpu.setDevice`), 0 at first. */
export type DeviceLike = 'cpu' | 'gpu' | `gpu:${number}`

let chosen = 0

/** Number of the device that 'gpu' names. */
export const chosenDevice = (): number => chosen

/** @internal */
export function chooseDevice(index: number): void {
  chosen = index
}

/** Number of a device; −1 for 'cpu'. */
export const deviceIndex = (device: DeviceName): number => (device === 'cpu' ? -1 : Number(device.slice(4)))

/**
 * The full name of a device.
 * @throws Error when there is no such device, saying what was looked for; TypeError for what is no name of a device.
 */
export function deviceName(device: DeviceLike): DeviceName {
  if (device === 'cpu') return device
  const match = /^gpu(?::(\d+))?$/.exec(String(device))
  if (!match)
    throw new TypeError(`there is no device '${String(device)}'; known are 'cpu', 'gpu' and 'gpu:0', 'gpu:1', …`)
  const index = match[1] === undefined ? chosen : Number(match[1])
  const count = addon().gpuCount()
  if (count === 0) throw new Error(`there is no GPU: ${addon().gpuWhyNot()}; gpu.whyNot() says what helps`)
  if (index >= count)
    throw new RangeError(
      `there is no device 'gpu:${index}'; there ${count === 1 ? "is 'gpu:0' alone" : `are ${count}`}`,
    )
  keepPrograms(index)
  inUse = true
  return `gpu:${index}`
}

let inUse = false

/** Whether a tensor may lie on a device: ops of processes that name none need not look where their inputs are. */
export const devicesInUse = (): boolean => inUse

let keeping = false

/**
 * Says where compiled kernels are kept between runs: in the folder that GRADBOOK_GPU_CACHE names, else in the user's cache.
 * A processor's driver keeps its own, and would compile every kernel anew to hand a program out.
 */
function keepPrograms(index: number): void {
  if (keeping) return
  keeping = true
  const named = process.env.GRADBOOK_GPU_CACHE
  if (named === undefined && !addon().gpuProperties(index).isGpu) return
  const folder = named ?? join(userCache(), 'gradbook', 'kernels')
  try {
    mkdirSync(folder, { recursive: true })
    addon().gpuCacheFolder(folder)
  } catch {
    // Without the folder every process compiles for itself.
  }
}

function userCache(): string {
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches')
  if (process.platform === 'win32') return process.env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local')
  return process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
}

/** Whether a value names a device rather than a dtype. */
export const isDevice = (target: string): target is DeviceLike => target === 'cpu' || /^gpu(:|$)/.test(target)

let current: DeviceName = 'cpu'

// A stop may end an op without running its `finally`.
onStop(() => {
  current = 'cpu'
})

/** Where new tensors are made: main memory, or inside an op the device of its inputs. */
export const currentDevice = (): DeviceName => current

/** Runs an op's body with its results on the given device. */
export function onDevice<T>(device: DeviceName, body: () => T): T {
  if (device === current) return body()
  const outer = current
  current = device
  try {
    return body()
  } finally {
    current = outer
  }
}
