/**
 * Parameters that are computed from others (torch.nn.utils.parametrize): the module's field becomes a formula over what
 * stands under `parametrizations`, evaluated whenever it is read.
 */
import { noGrad } from '../../autograd/index.js'
import { readOptions } from '../../tensor/options.js'
import { sameShape, ShapeError, show } from '../../tensor/shape.js'
import { Tensor } from '../../tensor/tensor.js'
import { ModuleDict } from '../container.js'
import { Module } from '../module.js'
import { Parameter } from '../parameter.js'

/** A formula: `forward` makes the parameter; `rightInverse`, where there is one, finds what to start from. */
export interface Parametrization extends Module {
  forward(...originals: Tensor[]): Tensor
  /** What `forward` should start from to give this value. */
  rightInverse?(value: Tensor): Tensor | readonly Tensor[]
}

/** The formulas of one parameter, numbered in their order, and what the first is computed from: `original`, or `original0`, `original1`, … */
export class ParametrizationList extends Module {
  [name: number]: Parametrization
  private readonly names: string[]
  private count = 0

  /** @internal */
  constructor(originals: Tensor | readonly Tensor[], trained: boolean) {
    super()
    const single = originals instanceof Tensor
    const all = single ? [originals] : originals
    this.names = all.map((_, i) => (single ? 'original' : `original${i}`))
    all.forEach((value, i) => Reflect.set(this, this.names[i], new Parameter(value.detach(), trained)))
  }

  /** How many formulas there are. */
  get length(): number {
    return this.count
  }

  /** @internal */
  append(parametrization: Parametrization): void {
    Reflect.set(this, String(this.count++), parametrization)
  }

  /** @internal */
  removeLast(): void {
    Reflect.deleteProperty(this, String(--this.count))
  }

  /** The parameter's value. */
  forward(): Tensor {
    const originals = this.names.map((name) => Reflect.get(this, name) as Tensor)
    let value = this[0].forward(...originals)
    for (let i = 1; i < this.count; i++) value = this[i].forward(value)
    return value
  }
}

/** The lists of a module's computed parameters by their names. */
function listsOf(module: Module): ModuleDict<ParametrizationList> | null {
  const lists: unknown = Reflect.get(module, 'parametrizations')
  return lists instanceof ModuleDict ? (lists as ModuleDict<ParametrizationList>) : null
}

const listOf = (module: Module, name: string): ParametrizationList =>
  (listsOf(module) as ModuleDict<ParametrizationList>).get(name)

/** Whether a parameter of the module is computed (with a name: whether that one is). torch.nn.utils.parametrize.is_parametrized. */
export function isParametrized(module: Module, tensorName?: string): boolean {
  const lists = listsOf(module)
  return lists !== null && (tensorName === undefined ? lists.size > 0 : lists.has(tensorName))
}

/** Settings of `registerParametrization`. */
export interface RegisterOptions {
  /** Skip the check that the formula keeps shape and dtype. Default false. */
  unsafe?: boolean
}

/**
 * Lets the parameter `tensorName` be computed by a formula from what `rightInverse` makes of its present value (or from that
 * value); further formulas are applied to the result of those before. Returns the module.
 * torch.nn.utils.parametrize.register_parametrization.
 * @throws RangeError when there is no such parameter, ShapeError when the formula changes its shape.
 * @example nn.utils.parametrize.registerParametrization(layer, 'weight', new Symmetric())
 */
export function registerParametrization<M extends Module>(
  module: M,
  tensorName: string,
  parametrization: Parametrization,
  options?: RegisterOptions,
): M {
  const { unsafe } = readOptions('registerParametrization', options, { unsafe: false })
  parametrization.train(module.training)
  const lists = listsOf(module) ?? new ModuleDict<ParametrizationList>()
  if (lists.has(tensorName)) {
    const list = lists.get(tensorName)
    const before = noGrad(() => list.forward())
    list.append(parametrization)
    try {
      if (!unsafe) assertFits(tensorName, before, list)
    } catch (error) {
      list.removeLast()
      throw error
    }
    return module
  }
  const value: unknown = Reflect.get(module, tensorName)
  if (!(value instanceof Parameter))
    throw new RangeError(`registerParametrization: ${module.constructor.name} has no parameter '${tensorName}'`)
  const start = noGrad(() => parametrization.rightInverse?.(value) ?? value)
  const list = new ParametrizationList(start, value.requiresGrad)
  list.append(parametrization)
  if (!unsafe) assertFits(tensorName, value, list)
  Reflect.set(module, 'parametrizations', lists.set(tensorName, list))
  Reflect.deleteProperty(module, tensorName)
  Object.defineProperty(module, tensorName, {
    configurable: true,
    // By `this`, not by what is here: a deep copy has formulas of its own.
    get(this: Module) {
      return listOf(this, tensorName).forward()
    },
    set(this: Module, next: Tensor) {
      const formulas = listOf(this, tensorName)
      const [first] = formulas.children() as Parametrization[]
      if (formulas.length > 1 || !first.rightInverse)
        throw new Error(`${tensorName} is computed by ${first.constructor.name}, which cannot be set`)
      const originals = noGrad(() => first.rightInverse?.(next)) as Tensor | readonly Tensor[]
      const targets = formulas.parameters().slice(0, originals instanceof Tensor ? 1 : originals.length)
      noGrad(() => targets.forEach((target, i) => target.copy_(originals instanceof Tensor ? originals : originals[i])))
    },
  })
  return module
}

function assertFits(name: string, before: Tensor, list: ParametrizationList): void {
  const after = noGrad(() => list.forward())
  if (!sameShape(before.shape, after.shape) || before.dtype !== after.dtype)
    throw new ShapeError(
      `registerParametrization: '${name}' of shape ${show(before.shape)} and dtype ${before.dtype} would become ${show(after.shape)} and ${after.dtype}; with { unsafe: true } that is allowed`,
    )
}

/** Settings of `removeParametrizations`. */
export interface RemoveOptions {
  /** Whether the parameter keeps its computed value; else it gets the original back. Default true. */
  leaveParametrized?: boolean
}

/** Makes a computed parameter an ordinary one again. Returns the module. torch.nn.utils.parametrize.remove_parametrizations. */
export function removeParametrizations<M extends Module>(module: M, tensorName: string, options?: RemoveOptions): M {
  const { leaveParametrized } = readOptions('removeParametrizations', options, { leaveParametrized: true })
  const lists = listsOf(module)
  if (!lists?.has(tensorName))
    throw new RangeError(`removeParametrizations: '${tensorName}' of ${module.constructor.name} is not computed`)
  const list = lists.get(tensorName)
  const original: unknown = Reflect.get(list, 'original')
  if (!leaveParametrized && !(original instanceof Parameter))
    throw new Error(`removeParametrizations: '${tensorName}' is computed from several tensors; it must keep its value`)
  const value = leaveParametrized ? noGrad(() => list.forward().clone()) : (original as Parameter)
  const { requiresGrad } = list.parameters()[0]
  lists.pop(tensorName)
  Reflect.deleteProperty(module, tensorName)
  Reflect.set(module, tensorName, new Parameter(value.detach(), requiresGrad))
  if (lists.size === 0) Reflect.deleteProperty(module, 'parametrizations')
  return module
}
