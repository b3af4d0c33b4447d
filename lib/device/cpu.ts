/**
 * The `cpu` namespace: the processor as a device (torch.cpu), and the memory of its tensors, under the names that torch.cuda
 * has for a graphics processor's.
 */
import { addon } from './addon.js'
import { garbageCollector } from './garbage.js'

/** Always true: every computer has one. torch.cpu.is_available. */
export function isAvailable(): boolean {
  return true
}

/** Always 1: all processors of a computer work as one device. torch.cpu.device_count. */
export function deviceCount(): number {
  return 1
}

/** Always 'cpu'. torch.cpu.current_device. */
export function currentDevice(): 'cpu' {
  return 'cpu'
}

/** The instruction set that the engine chose for this processor, such as 'avx2' or 'avx512'. torch.backends.cpu.get_cpu_capability. */
export function capability(): string {
  return addon().isa()
}

/**
 * Bytes that living tensors occupy, those included that the graph keeps for a backward pass. Tensors that nothing can reach
 * any more are collected first, so the answer does not depend on when the garbage collector last ran; that takes milliseconds,
 * more in a large program. torch.cuda.memory_allocated.
 * @example const before = cpu.memoryAllocated()
 */
export function memoryAllocated(): number {
  garbageCollector()?.()
  return addon().memory().allocated
}

/** Bytes that the engine holds from the system: those of tensors, and those it keeps for the next ones. torch.cuda.memory_reserved. */
export function memoryReserved(): number {
  return addon().memory().reserved
}

/** Gives the memory that no living tensor occupies back to the system. torch.cuda.empty_cache. */
export function emptyCache(): void {
  garbageCollector()?.()
  addon().memory() // finds the tensors that died
  addon().emptyCache()
}
