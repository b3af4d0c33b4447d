/** What all optimizers share: parameter groups, forgetting gradients, saving and loading their state. */
import { inspect } from 'node:util'
import { noGrad } from '../autograd/index.js'
import { fullLike } from '../ops/creation.js'
import { isFloating } from '../tensor/dtype.js'
import { sameShape, show } from '../tensor/shape.js'
import { Tensor } from '../tensor/tensor.js'
import { readOptions, checkOptions } from '../tensor/options.js'

/** What schedulers of the learning rate note in a group. */
export interface ScheduleNotes {
  initialLr?: number
  maxLr?: number
  minLr?: number
  maxMomentum?: number
  baseMomentum?: number
}

/** What a group may hold besides settings; a name is for the user's own use. */
const groupNotes: Readonly<Record<keyof ScheduleNotes | 'name', null>> = {
  initialLr: null,
  maxLr: null,
  minLr: null,
  maxMomentum: null,
  baseMomentum: null,
  name: null,
}

/** Parameters that share settings. */
export type ParamGroup<Options> = { params: Iterable<Tensor> } & Partial<Options>

/** What an optimizer works on: parameters, or groups of them with settings of their own. */
export type Params<Options> = Iterable<Tensor> | Iterable<ParamGroup<Options>>

/** Tensors, counters and lists of them kept for one parameter. */
export type ParamState = Record<string, Tensor | number | Tensor[] | number[]>

/** The optimizer's state as plain data and tensors, by position of the parameter (torch.optim.Optimizer.state_dict). */
export interface OptimizerState<Options> {
  state: Record<number, ParamState>
  paramGroups: (Options & ScheduleNotes & { params: number[] })[]
}

/** Base class of optimizers (torch.optim.Optimizer). */
export abstract class Optimizer<Options extends { lr: number } = { lr: number }> {
  /** Settings may be changed between steps: `optimizer.paramGroups[0].lr = 1e-4`. */
  readonly paramGroups: ({ params: Tensor[] } & Options & ScheduleNotes)[] = []
  /** Settings of groups that have none of their own. */
  readonly defaults: Readonly<Options>
  /** @internal How often `step` was called. */
  stepsTaken = 0
  /** @internal */
  protected readonly state = new Map<Tensor, ParamState>()

  /** @throws when there is nothing to optimize, a setting is unknown or out of range, or a parameter is listed twice (PyTorch warns within one group) or is no leaf. */
  constructor(params: Params<Options>, defaults: Options, options: Partial<Options>) {
    const name = this.constructor.name
    checkOptions(name, options, defaults)
    this.defaults = { ...defaults, ...given(options) }
    if (params instanceof Tensor)
      throw new TypeError(`${name}: expected a list of parameters or groups, got a tensor; write [tensor]`)
    if (typeof (params as Partial<Iterable<unknown>> | undefined)?.[Symbol.iterator] !== 'function')
      throw new TypeError(
        `${name}: expected a list of parameters or groups, got ${inspect(params, { depth: 0 })}; give net.parameters()`,
      )
    const entries = [...(params as Iterable<Tensor | ParamGroup<Options>>)]
    if (entries.length === 0) throw new Error(`${name}: the list of parameters is empty`)
    const plain = entries.filter((entry) => entry instanceof Tensor)
    if (plain.length === entries.length) this.addParamGroup({ params: plain } as unknown as ParamGroup<Options>)
    else if (plain.length === 0) for (const group of entries as ParamGroup<Options>[]) this.addParamGroup(group)
    else throw new TypeError(`${name}: give either parameters or groups { params, … }, not a mixture`)
  }

  /** Adds parameters with settings of their own (torch.optim.Optimizer.add_param_group). */
  addParamGroup({ params, ...options }: ParamGroup<Options>): void {
    const name = this.constructor.name
    const list = params instanceof Tensor ? [params] : [...params]
    const known = new Set(this.paramGroups.flatMap((group) => group.params))
    list.forEach((param, i) => {
      if (!(param instanceof Tensor)) throw new TypeError(`${name}: parameter ${i} is no tensor`)
      if (!param.isLeaf)
        throw new Error(`${name}: parameter ${i} was computed by ${param.gradFn?.name}; only leaves can be optimized`)
      if (known.has(param)) throw new Error(`${name}: parameter ${i} is listed twice`)
      known.add(param)
    })
    checkOptions(`${name}: parameter group`, options, { ...this.defaults, ...groupNotes })
    const group = { ...this.defaults, ...given(options), params: list } as { params: Tensor[] } & Options
    this.validate(group, list)
    this.paramGroups.push(group)
  }

  /** Throws when the settings of a group make no sense, or do not suit its parameters. */
  protected abstract validate(options: Options, params: readonly Tensor[]): void

  /**
   * Updates all parameters that have gradients. With a closure, which computes the loss and its gradients anew, calls
   * it first and returns its loss (torch.optim.Optimizer.step).
   */
  abstract step(): void
  abstract step<L>(closure: () => L): L

  /** Forgets all gradients, or with `setToNone: false` makes them 0 (torch.optim.Optimizer.zero_grad). */
  zeroGrad(options?: { setToNone?: boolean }): void {
    const { setToNone } = readOptions('zeroGrad', options, { setToNone: true })
    for (const { params } of this.paramGroups)
      for (const param of params) {
        if (setToNone) param.grad = null
        else noGrad(() => param.grad?.zero_())
      }
  }

  /** The tensor kept for a parameter under `name`; on first use it is made, filled with `initial`. */
  protected slot(param: Tensor, name: string, initial = 0): Tensor {
    const state = this.stateOf(param)
    return (state[name] ??= noGrad(() => fullLike(param, initial))) as Tensor
  }

  protected stateOf(param: Tensor): ParamState {
    const found = this.state.get(param)
    if (found) return found
    const fresh: ParamState = {}
    this.state.set(param, fresh)
    return fresh
  }

  /** State and settings, for saving. The tensors are the optimizer's own, as in PyTorch: later steps change them. */
  stateDict(): OptimizerState<Options> {
    const all = this.paramGroups.flatMap((group) => group.params)
    const numbers = new Map(all.map((param, i) => [param, i]))
    const state: Record<number, ParamState> = {}
    for (const [param, kept] of this.state) {
      const entries = Object.entries(kept).map(([name, value]) => [name, Array.isArray(value) ? [...value] : value])
      state[numbers.get(param) as number] = Object.fromEntries(entries) as ParamState
    }
    return {
      state,
      paramGroups: this.paramGroups.map(({ params, ...options }) => ({
        ...(options as unknown as Options),
        params: params.map((param) => numbers.get(param) as number),
      })),
    }
  }

  /**
   * Continues from what `stateDict` returned; the tensors are copied, and converted to the dtype of their parameter.
   * @throws when groups, parameters or shapes differ.
   */
  loadStateDict(saved: OptimizerState<Options>): void {
    if (!Array.isArray(saved?.paramGroups) || typeof saved.state !== 'object')
      throw new TypeError(
        `loadStateDict: needs { state, paramGroups }, as stateDict() returns them, got ${inspect(saved, { depth: 0 })}`,
      )
    const sizes = (groups: readonly { params: readonly unknown[] }[]): string =>
      groups.map((group) => group.params.length).join(', ')
    if (sizes(saved.paramGroups) !== sizes(this.paramGroups))
      throw new Error(
        `loadStateDict: the saved optimizer has groups of ${sizes(saved.paramGroups)} parameters, this one of ${sizes(this.paramGroups)}`,
      )
    const all = this.paramGroups.flatMap((group) => group.params)
    // Positions in the file count through its groups, wherever the numbers start.
    const params = new Map(saved.paramGroups.flatMap((group) => group.params).map((number, i) => [number, all[i]]))
    const loaded = new Map<Tensor, ParamState>()
    for (const [i, kept] of Object.entries(saved.state)) {
      const param = params.get(Number(i))
      if (!param) throw new Error(`loadStateDict: there is state for parameter ${i}, but no group holds it`)
      const copies = Object.entries(kept).map(([name, value]) => {
        if (value instanceof Tensor) this.checkState(param, value, `${name} of parameter ${i}`)
        return [name, copyOf(value, param)]
      })
      loaded.set(param, Object.fromEntries(copies) as ParamState)
    }
    this.state.clear()
    for (const [param, kept] of loaded) this.state.set(param, kept)
    saved.paramGroups.forEach(({ params: _, ...options }, i) => Object.assign(this.paramGroups[i], options))
  }

  /** Throws when a saved tensor cannot belong to the parameter. */
  protected checkState(param: Tensor, saved: Tensor, what: string): void {
    if (!sameShape(saved.shape, param.shape))
      throw new Error(`loadStateDict: ${what} has shape ${show(saved.shape)}, the parameter ${show(param.shape)}`)
  }

  /** The settings of each group, as PyTorch lists them. */
  toString(): string {
    const groups = this.paramGroups.map(({ params: _, ...options }, i) => {
      const lines = Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1))
      return [`Parameter Group ${i}`, ...lines.map(([name, value]) => `    ${name}: ${inspect(value)}`)].join('\n')
    })
    return `${this.constructor.name} (\n${groups.join('\n\n')}\n)`
  }

  [inspect.custom](): string {
    return this.toString()
  }
}

/** Settings without those that are undefined, which mean the default. */
function given<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>
}

function copyOf(value: ParamState[string], param: Tensor): ParamState[string] {
  if (Array.isArray(value)) return value.map((item) => copyOf(item, param)) as Tensor[] | number[]
  if (!(value instanceof Tensor)) return value
  return noGrad(() => (isFloating(value.dtype) ? value.detach().to(param.dtype) : value.detach()).clone())
}

/** Checks settings that must not be negative. */
export function assertNonNegative(optimizer: string, settings: Record<string, number>): void {
  for (const [name, value] of Object.entries(settings))
    if (!(value >= 0)) throw new RangeError(`${optimizer}: ${name} must not be negative, got ${value}`)
}

/** Checks decay rates of running means. */
export function assertBetas(optimizer: string, betas: readonly number[]): void {
  if (!Array.isArray(betas) || betas.length !== 2)
    throw new TypeError(`${optimizer}: betas must be two numbers, got ${inspect(betas)}`)
  betas.forEach((beta: number, i) => {
    if (!(beta >= 0 && beta < 1)) throw new RangeError(`${optimizer}: betas[${i}] must lie in [0, 1), got ${beta}`)
  })
}
