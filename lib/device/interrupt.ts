/**
 * How a stop button reaches a computation: a flag in shared memory that every op reads before it runs.
 * In plain Node nothing is installed and the flag stays 0; the kernel installs its own flag and what to throw.
 */

/** What ends a computation from outside. Code that catches errors, to explain them or to try another way, lets it through. */
export class Stop extends Error {}

type Install = (shared: Int32Array, onInterrupt: () => void) => void

let flag = new Int32Array(1)
let raise: () => void = () => {
  throw new Stop('interrupted')
}
let installed = false
let engine: Install | undefined
let held = false

/**
 * Installs the shared flag (non-zero = stop asked for) and the function that clears it and throws. It may return when
 * the stop is meant for other code than the caller.
 */
export function installInterrupt(shared: Int32Array, onInterrupt: () => void): void {
  flag = shared as Int32Array<ArrayBuffer>
  raise = onInterrupt
  installed = true
  engine?.(shared, raiseUnlessHeld)
}

/** The native engine has been loaded: it learns of the stop button too, now or when there is one. */
export function onInstall(install: Install): void {
  engine = install
  if (installed) install(flag, raiseUnlessHeld)
}

function raiseUnlessHeld(): void {
  if (!held) raise()
}

/** Runs what changes a tensor in place. A stop waits for its end: a tensor is as it was, or as it should be. */
export function completely(change: () => void): void {
  const before = held
  held = true
  try {
    change()
  } finally {
    held = before
  }
}

const resets: (() => void)[] = []

/** Has `reset` called after a stop that may have skipped `finally` blocks. */
export function onStop(reset: () => void): void {
  resets.push(reset)
}

/** Puts the library's own state right after a stop; whoever stops code calls it before any other code runs. */
export function resetAfterStop(): void {
  held = false
  for (const reset of resets) reset()
}

const undoing = new Set<() => void>()
onStop(() => {
  for (const undo of [...undoing].reverse()) undo()
  undoing.clear()
})

/** Runs `body`, and `undo` after it whatever ends it: a stop may skip every `finally`. */
export function restoring<R>(undo: () => void, body: () => R): R {
  undoing.add(undo)
  try {
    return body()
  } finally {
    undoing.delete(undo)
    undo()
  }
}

/** Throws if a stop was asked for. A plain read: Atomics.load is seven times slower and no ordering is needed. */
export function checkInterrupt(): void {
  if (flag[0] !== 0) raiseUnlessHeld()
}
