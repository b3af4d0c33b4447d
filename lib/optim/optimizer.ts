/** What all optimizers share: parameter groups, forgetting gradients, saving and loading their state. */
import { enableGrad, noGrad } from '../autograd/index.js'
import { Tensor } from '../tensor/tensor.js'
import { zerosLike } from '../ops/creation.js'

/** Parameters that share settings. */
export type ParamGroup<Options> = { params: readonly Tensor[] } & Partial<Options>

/** What an optimizer works on: parameters, or groups of them with settings of their own. */
export type Params<Options> = Iterable<Tensor> | Iterable<ParamGroup<Options>>

/** Tensors and counters kept for one parameter. */
export type ParamState = Record<string, Tensor | number>

/** The optimizer's state as plain data and tensors, by position of the parameter (torch.optim.Optimizer.state_dict). */
export interface OptimizerState<Options> {
  state: Record<number, ParamState>
  paramGroups: (Options & { params: number[] })[]
}

/** Base class of optimizers (torch.optim.Optimizer). */
export abstract class Optimizer<Options extends object> {
  /** Settings may be changed between steps: `optimizer.paramGroups[0].lr = 1e-4`. */
  readonly paramGroups: ({ params: Tensor[] } & Options)[] = []
  /** @internal */
  protected readonly state = new Map<Tensor, ParamState>()

  /** @throws when there is nothing to optimize, or a parameter is listed twice or is no leaf that requires gradients. */
  constructor(
    params: Params<Options>,
    protected readonly defaults: Options,
  ) {
    const entries = [...(params as Iterable<Tensor | ParamGroup<Options>>)]
    if (entries.length === 0) throw new Error(`${this.constructor.name}: the list of parameters is empty`)
    const plain = entries.filter((entry) => entry instanceof Tensor)
    if (plain.length === entries.length) this.addParamGroup({ params: plain } as unknown as ParamGroup<Options>)
    else if (plain.length === 0) for (const group of entries as ParamGroup<Options>[]) this.addParamGroup(group)
    else throw new TypeError(`${this.constructor.name}: give either parameters or groups { params, … }, not a mixture`)
  }

  /** Adds parameters with settings of their own (torch.optim.Optimizer.add_param_group). */
  addParamGroup({ params, ...options }: ParamGroup<Options>): void {
    const known = new Set(this.paramGroups.flatMap((group) => group.params))
    params.forEach((param, i) => {
      if (!(param instanceof Tensor)) throw new TypeError(`${this.constructor.name}: parameter ${i} is no tensor`)
      if (!param.isLeaf)
        throw new Error(
          `${this.constructor.name}: parameter ${i} was computed by ${param.gradFn?.name}; only leaves can be optimized`,
        )
      if (known.has(param)) throw new Error(`${this.constructor.name}: parameter ${i} is listed twice`)
      known.add(param)
    })
    const group = { ...this.defaults, ...options, params: [...params] } as { params: Tensor[] } & Options
    this.validate(group)
    this.paramGroups.push(group)
  }

  /** Throws when settings make no sense. */
  protected abstract validate(options: Options): void

  /** Updates one group whose parameters with gradients are given. Runs without recording a graph. */
  protected abstract update(params: readonly Tensor[], grads: readonly Tensor[], group: Options): void

  /**
   * Updates all parameters that have gradients. With a closure, which computes the loss and its gradients anew, calls
   * it first and returns its loss (torch.optim.Optimizer.step).
   */
  step(): void
  step<L>(closure: () => L): L
  step<L>(closure?: () => L): L | undefined {
    const loss = closure && enableGrad(closure)
    noGrad(() => {
      for (const group of this.paramGroups) {
        const params = group.params.filter((param) => param.grad !== null)
        if (params.length === 0) continue
        this.update(
          params,
          params.map((param) => (param.grad as Tensor).contiguous()),
          group,
        )
        for (const param of params) param.version.count++
      }
    })
    return loss
  }

  /** Forgets all gradients, or with `setToNone: false` makes them 0 (torch.optim.Optimizer.zero_grad). */
  zeroGrad({ setToNone = true }: { setToNone?: boolean } = {}): void {
    for (const { params } of this.paramGroups)
      for (const param of params) {
        if (setToNone) param.grad = null
        else noGrad(() => param.grad?.zero_())
      }
  }

  /** The tensor kept for a parameter under `name`, made of zeros on first use. */
  protected slot(param: Tensor, name: string): Tensor {
    const state = this.stateOf(param)
    return (state[name] ??= noGrad(() => zerosLike(param))) as Tensor
  }

  protected stateOf(param: Tensor): ParamState {
    const found = this.state.get(param)
    if (found) return found
    const fresh: ParamState = {}
    this.state.set(param, fresh)
    return fresh
  }

  /** State and settings, for saving. */
  stateDict(): OptimizerState<Options> {
    const all = this.paramGroups.flatMap((group) => group.params)
    const numbers = new Map(all.map((param, i) => [param, i]))
    const state: Record<number, ParamState> = {}
    for (const [param, kept] of this.state) state[numbers.get(param) as number] = { ...kept }
    return {
      state,
      paramGroups: this.paramGroups.map(({ params, ...options }) => ({
        ...(options as unknown as Options),
        params: params.map((param) => numbers.get(param) as number),
      })),
    }
  }

  /** Continues from what `stateDict` returned. @throws when groups or parameters differ in number. */
  loadStateDict(saved: OptimizerState<Options>): void {
    const sizes = (groups: readonly { params: readonly unknown[] }[]): string =>
      groups.map((group) => group.params.length).join(', ')
    if (sizes(saved.paramGroups) !== sizes(this.paramGroups))
      throw new Error(
        `loadStateDict: the saved optimizer has groups of ${sizes(saved.paramGroups)} parameters, this one of ${sizes(this.paramGroups)}`,
      )
    const all = this.paramGroups.flatMap((group) => group.params)
    this.state.clear()
    for (const [i, kept] of Object.entries(saved.state))
      this.state.set(
        all[Number(i)],
        Object.fromEntries(
          Object.entries(kept).map(([name, value]) => [name, value instanceof Tensor ? value.detach().clone() : value]),
        ),
      )
    saved.paramGroups.forEach(({ params: _, ...options }, i) => Object.assign(this.paramGroups[i], options))
  }
}

/** Checks settings that must not be negative. */
export function assertNonNegative(optimizer: string, settings: Record<string, number>): void {
  for (const [name, value] of Object.entries(settings))
    if (!(value >= 0)) throw new RangeError(`${optimizer}: ${name} must not be negative, got ${value}`)
}
