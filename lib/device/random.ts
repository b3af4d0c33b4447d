/** Random number generators: PyTorch's CPU generator (mt19937), so that a seed gives PyTorch's numbers. */
import { addon, type GeneratorHandle } from './addon.js'

/** Splits what PyTorch accepts as a seed: an integer of up to 64 bits, negative ones counted from 2^64. */
function toSeed(seed: number | bigint): bigint {
  if (typeof seed !== 'bigint' && !Number.isSafeInteger(seed))
    throw new RangeError(`manualSeed: needs an integer, got ${String(seed)}`)
  return BigInt.asUintN(64, BigInt(seed))
}

/** PyTorch's seed for a generator that was not seeded. */
const defaultSeed = 67280421310721n

/** A stream of random numbers of its own (torch.Generator). */
export class Generator {
  /** @internal */
  readonly handle: GeneratorHandle
  #seed = defaultSeed

  constructor() {
    this.handle = addon().generator(defaultSeed)
  }

  /** Starts the stream that belongs to `seed`. Returns the generator. */
  manualSeed(seed: number | bigint): this {
    this.#seed = toSeed(seed)
    addon().generatorSeed(this.handle, this.#seed)
    return this
  }

  /** The seed in use. */
  initialSeed(): bigint {
    return this.#seed
  }

  /** The complete state, for `setState`. */
  getState(): Uint8Array {
    return addon().generatorState(this.handle)
  }

  /** Continues from a state that `getState` returned. */
  setState(state: Uint8Array): this {
    addon().generatorSetState(this.handle, state)
    return this
  }
}

let shared: Generator | undefined

/** The generator that functions use unless given another. Starts from a random seed. */
export function defaultGenerator(): Generator {
  shared ??= new Generator().manualSeed(BigInt(Math.floor(Math.random() * Number.MAX_SAFE_INTEGER)))
  return shared
}

/** The state of the default generator, for `setRngState`. torch.get_rng_state. */
export function getRngState(): Uint8Array {
  return defaultGenerator().getState()
}

/** Continues the default generator from a state that `getRngState` returned. torch.set_rng_state. */
export function setRngState(state: Uint8Array): void {
  defaultGenerator().setState(state)
}

/** Seeds the default generator: the same seed gives the same run, and PyTorch's numbers. torch.manual_seed. */
export function manualSeed(seed: number | bigint): Generator {
  return defaultGenerator().manualSeed(seed)
}
