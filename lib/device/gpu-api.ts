/** The `gpu` namespace: which devices there are, which one is meant, its memory and its clock. Names after torch.cuda. */
import { addon, type GpuProperties } from './addon.js'
import { chooseDevice, chosenDevice, deviceIndex, deviceName, type DeviceLike } from './gpu.js'

export type { GpuProperties } from './addon.js'
export type { DeviceLike, DeviceName } from './gpu.js'

/** A device by number or name; missing: the current one. */
type Which = number | DeviceLike

function indexOf(which: Which = 'gpu'): number {
  const index = typeof which === 'number' ? deviceIndex(deviceName(`gpu:${which}`)) : deviceIndex(deviceName(which))
  if (index < 0) throw new TypeError(`gpu: '${String(which)}' is no GPU; give a number, 'gpu' or 'gpu:1'`)
  return index
}

/** Whether tensors can be moved to a GPU (torch.cuda.is_available). Where not, `gpu.whyNot()` tells what is missing. */
export function isAvailable(): boolean {
  return addon().gpuCount() > 0
}

/** Number of devices (torch.cuda.device_count). */
export function deviceCount(): number {
  return addon().gpuCount()
}

/** Why there is no GPU: what was looked for, and how to install it; empty when there is one. */
export function whyNot(): string {
  const reason = addon().gpuWhyNot()
  if (reason === '') return ''
  const help: Partial<Record<NodeJS.Platform, string>> = {
    linux:
      "install your graphics card's driver with its OpenCL part (Debian: nvidia-opencl-icd, intel-opencl-icd or " +
      'mesa-opencl-icd; pocl-opencl-icd runs the same kernels on the processor)',
    darwin: 'macOS has OpenCL of its own: this machine reports no device',
  }
  return `${reason}; ${help[process.platform] ?? "install your graphics card's driver"}`
}

/** Number of the device that 'gpu' names (torch.cuda.current_device). */
export function currentDevice(): number {
  return chosenDevice()
}

/**
 * Chooses the device that 'gpu' names from now on (torch.cuda.set_device).
 * @throws RangeError or Error when there is no such device.
 */
export function setDevice(which: Which): void {
  chooseDevice(indexOf(which))
}

/**
 * Runs `body` while 'gpu' names another device, and returns its result (torch.cuda.device).
 * @example gpu.device(1, () => randn(3).gpu())
 */
export function device<T>(which: Which, body: () => T): T {
  const before = chosenDevice()
  setDevice(which)
  try {
    return body()
  } finally {
    chooseDevice(before)
  }
}

/** Name of the device as its driver gives it (torch.cuda.get_device_name). */
export function getDeviceName(which?: Which): string {
  return addon().gpuProperties(indexOf(which)).name
}

/** What the device says of itself; memory in bytes (torch.cuda.get_device_properties). */
export function getDeviceProperties(which?: Which): GpuProperties {
  return addon().gpuProperties(indexOf(which))
}

/** Bytes in living tensors on the device (torch.cuda.memory_allocated). */
export function memoryAllocated(which?: Which): number {
  return addon().gpuMemory(indexOf(which)).allocated
}

/** Most bytes in tensors so far, or since `resetPeakMemoryStats` (torch.cuda.max_memory_allocated). */
export function maxMemoryAllocated(which?: Which): number {
  return addon().gpuMemory(indexOf(which)).peak
}

/** Bytes held from the driver, in use or kept for reuse (torch.cuda.memory_reserved). */
export function memoryReserved(which?: Which): number {
  return addon().gpuMemory(indexOf(which)).reserved
}

/** Lets `maxMemoryAllocated` start again (torch.cuda.reset_peak_memory_stats). */
export function resetPeakMemoryStats(which?: Which): void {
  addon().gpuResetPeak(indexOf(which))
}

/**
 * Limits the memory held from the driver to a share of the device's, 0 to 1; asking for more is an out-of-memory error
 * (torch.cuda.set_per_process_memory_fraction).
 * @throws RangeError for a share outside of 0 to 1.
 */
export function setPerProcessMemoryFraction(fraction: number, which?: Which): void {
  if (!(fraction >= 0 && fraction <= 1))
    throw new RangeError(`setPerProcessMemoryFraction: a share lies between 0 and 1, got ${fraction}`)
  addon().gpuMemoryFraction(indexOf(which), fraction)
}

/** Gives memory that is kept for reuse back to the driver (torch.cuda.empty_cache). */
export function emptyCache(which?: Which): void {
  addon().gpuEmptyCache(indexOf(which))
}

/**
 * Waits until the device has done everything asked of it (torch.cuda.synchronize). Needed for timing alone: reading a value
 * waits by itself.
 */
export function synchronize(which?: Which): void {
  addon().gpuSynchronize(indexOf(which))
}

/**
 * A point in a device's queue, to measure the time between two (torch.cuda.Event with enable_timing).
 * @example const [start, end] = [new gpu.Event(), new gpu.Event()]
 * start.record(); x.matmul(x); end.record()
 * start.elapsedTime(end) // milliseconds on the device
 */
export class Event {
  #device = -1
  #mark = -1

  /** Notes where the device is now in its work; `which` as for the other functions. */
  record(which?: Which): void {
    this.#device = indexOf(which)
    this.#mark = addon().gpuMark(this.#device)
  }

  /**
   * Milliseconds from this point to another; waits for both.
   * @throws Error unless both were recorded on one device.
   */
  elapsedTime(end: Event): number {
    if (this.#mark < 0 || end.#mark < 0) throw new Error('elapsedTime: both events must be recorded first')
    if (this.#device !== end.#device)
      throw new Error(`elapsedTime: the events are on gpu:${this.#device} and gpu:${end.#device}`)
    return 1000 * addon().gpuSeconds(this.#device, this.#mark, end.#mark)
  }
}
