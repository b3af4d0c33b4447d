/**
 * Names as PyTorch writes them and as we do: `running_mean` and `runningMean`, `weight_ih_l0` and `weightIhL0`. This is the
 * one place that translates; files always hold PyTorch's.
 *
 * Only names that come back the same are translated: those of state dicts, part by part (`layer1.0.in_proj_weight`), and of
 * optimizers' states. Keys of other dictionaries are data and stay.
 */

const toCamel = (name: string): string =>
  name.replace(/(?<=[a-z0-9])_([a-z])/g, (_, letter: string) => letter.toUpperCase())

const toSnake = (name: string): string => name.replace(/(?<=[a-z0-9])([A-Z])/g, (letter) => `_${letter.toLowerCase()}`)

const byPart = (path: string, translate: (part: string) => string): string => path.split('.').map(translate).join('.')

/** Names of PyTorch's that do not follow its rule. */
const exceptions: readonly (readonly [torch: string, ours: string])[] = [['H_diag', 'hDiag']]

/** Our name for a PyTorch name: `in_proj_weight` → `inProjWeight`. A name that would not come back stays: `W_q`, `fcA`. */
export function ourName(path: string): string {
  return byPart(path, (part) => {
    const exception = exceptions.find(([torch]) => torch === part)
    if (exception) return exception[1]
    return toSnake(toCamel(part)) === part ? toCamel(part) : part
  })
}

/** PyTorch's name for one of ours: `weightIhL0Reverse` → `weight_ih_l0_reverse`. */
export function torchName(path: string): string {
  return byPart(path, (part) => {
    const exception = exceptions.find(([, ours]) => ours === part)
    if (exception) return exception[0]
    return toCamel(toSnake(part)) === part ? toSnake(part) : part
  })
}

/** Translates all names, or none of them when two would become one. */
export function translateAll(names: readonly string[], translate: (name: string) => string): readonly string[] {
  const translated = names.map(translate)
  return new Set(translated).size === new Set(names).size ? translated : names
}

/** Settings by which PyTorch chooses between implementations of the same steps; they mean nothing here. */
const implementation = ['foreach', 'capturable', 'differentiable', 'fused']

/** Whether an object with these keys is what an optimizer's `stateDict()` returns, in either spelling. */
export function isOptimizerState(value: unknown): value is Plain {
  const keys = isPlain(value) ? Object.keys(value) : []
  return keys.length === 2 && keys.includes('state') && (keys.includes('paramGroups') || keys.includes('param_groups'))
}

/** What PyTorch keeps as a tensor without dimensions (or a list of them), and we as a number, by PyTorch's name. */
const scalars = ['step', 'mu_product', 'eta', 'mu', 'H_diag', 'ro']

type Plain = Record<string, unknown>

/** An optimizer's state with all names translated; `scalar` converts what is a number here and a tensor there. */
export function translateOptimizer(
  given: Plain,
  translate: (name: string) => string,
  scalar: (value: unknown) => unknown,
): Plain {
  const convert = (value: unknown): unknown => (Array.isArray(value) ? value.map(scalar) : scalar(value))
  const mapped = (object: unknown, entry: (key: string, value: unknown) => [string, unknown]): unknown =>
    isPlain(object) ? Object.fromEntries(Object.entries(object).map(([key, value]) => entry(key, value))) : object
  // The length of LBFGS's last step is a number in PyTorch, but a tensor where it follows from the gradient.
  const isScalar = (key: string): boolean => scalars.includes(torchName(key)) || (key === 't' && translate === ourName)
  const kept = (state: unknown): unknown =>
    mapped(state, (key, value) => [translate(key), isScalar(key) ? convert(value) : value])
  const group = (settings: unknown): unknown =>
    isPlain(settings)
      ? mapped(without(settings, implementation), (key, value) => [translate(key), choice(key, value, translate)])
      : settings
  const groups = given.paramGroups ?? given.param_groups
  return {
    state: mapped(given.state, (number, state) => [number, kept(state)]),
    [translate === ourName ? 'paramGroups' : 'param_groups']: Array.isArray(groups) ? groups.map(group) : groups,
  }
}

/** Choices with names: LBFGS's line search ('strongWolfe', 'strong_wolfe'), Muon's learning rate ('matchRmsAdamw'). */
function choice(key: string, value: unknown, translate: (name: string) => string): unknown {
  return ['line_search_fn', 'adjust_lr_fn'].includes(torchName(key)) && typeof value === 'string'
    ? translate(value)
    : value
}

function without(object: Plain, keys: readonly string[]): Plain {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)))
}

/** Whether a value is an object written with braces. */
export function isPlain(value: unknown): value is Plain {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
