/**
 * How modules are built again. The constructors of users' classes do not run, as Python's unpickling does not run them: a
 * module is built by the nearest class of the library above its own, and then given its fields. What that class keeps out
 * of reach, in private fields, comes from its constructor; this table says with which arguments. They are taken from the
 * fields, and small where only fields of the constructor's are wanted that the file replaces: no size in a file makes it allocate.
 */
import { getRngState, setRngState } from '../../device/random.js'
import * as nn from '../../nn/index.js'
import { Module } from '../../nn/module.js'
import { Tensor } from '../../tensor/tensor.js'
import type { ModuleClass } from './classes.js'

export type Fields = Record<string, unknown>

interface Recipe {
  /** What has to be saved besides fields. */
  readonly settings?: (module: Module) => unknown[]
  /** Arguments for the constructor. */
  readonly build: (fields: Fields, settings: readonly unknown[]) => readonly unknown[]
}

const names = (module: Module): string[] => module.namedChildren().map(([name]) => name)

/** Sizes of a convolution's kernel, from its weight, which is really there. */
const kernel = ({ weight }: Fields): readonly number[] => (weight instanceof Tensor ? weight.shape.slice(2) : [])

const conv: Recipe = {
  build: (fields) => {
    const { stride, padding, dilation, paddingMode } = fields
    return [1, 1, kernel(fields), { stride, padding, dilation, paddingMode, bias: false }]
  },
}
const convTranspose: Recipe = { build: (fields) => [1, 1, kernel(fields), { bias: false }] }
/** An option that only the plain kind of these layers has. */
const nonlinear = ({ nonlinearity }: Fields): Fields => (nonlinearity === undefined ? {} : { nonlinearity })
const recurrent: Recipe = { build: (fields) => [1, 1, { bias: fields.bias === true, ...nonlinear(fields) }] }
const cell: Recipe = {
  build: (fields) => [1, 1, { bias: fields.biasIh instanceof Tensor, ...nonlinear(fields) }],
}
const dropout: Recipe = { build: ({ p }) => [p] }
const padding: Recipe = { build: ({ padding: sizes, value }) => [sizes, value] }
const transformerLayer: Recipe = { build: () => [1, 1, { dimFeedforward: 1 }] }

const recipes = new Map<object, Recipe>([
  [Module, { build: () => [] }],
  [
    nn.Sequential,
    {
      settings: names,
      build: (fields, order) => [new Map(order.map((name) => [name, fields[String(name)]]))],
    },
  ],
  [nn.ModuleList, { settings: names, build: (fields, order) => [order.map((name) => fields[String(name)])] }],
  [nn.ModuleDict, { settings: (module) => module.namedChildren(), build: (_, entries) => [entries] }],
  [nn.ParameterDict, { settings: (module) => [...(module as nn.ParameterDict)], build: (_, entries) => [entries] }],
  [nn.DropConnect, { build: ({ layer, p }) => [layer, { p }] }],
  [nn.PReLU, { build: () => [1] }],
  [
    nn.RReLU,
    {
      settings: (module) => (module.extraRepr().match(/[-\d.e]+(?=,|$)/g) ?? []).map(Number),
      build: (_, [lower, upper]) => [{ lower, upper }],
    },
  ],
  [nn.MultiheadAttention, { build: () => [1, 1, { bias: false }] }],
  ...[nn.Conv1d, nn.Conv2d, nn.Conv3d].map((layer) => [layer, conv] as const),
  ...[nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d].map((layer) => [layer, convTranspose] as const),
  ...[nn.RNN, nn.LSTM, nn.GRU].map((layer) => [layer, recurrent] as const),
  ...[nn.RNNCell, nn.LSTMCell, nn.GRUCell].map((layer) => [layer, cell] as const),
  ...[nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, nn.FeatureAlphaDropout].map(
    (layer) => [layer, dropout] as const,
  ),
  ...Object.entries(nn)
    .filter(([name]) => /^(Constant|Zero|Reflection|Replication|Circular)Pad[123]d$/.test(name))
    .map(([, layer]) => [layer, padding] as const),
  ...[nn.TransformerEncoderLayer, nn.TransformerDecoderLayer].map((layer) => [layer, transformerLayer] as const),
])

/** Classes from a module's own up to Module. */
function* lineage(constructor: object): Generator<object> {
  for (let c: unknown = constructor; typeof c === 'function'; c = Object.getPrototypeOf(c)) yield c
}

function baseOf(constructor: object): readonly [base: object, recipe: Recipe] {
  for (const base of lineage(constructor)) {
    const recipe = recipes.get(base)
    if (recipe) return [base, recipe]
  }
  throw new TypeError('expected a class that extends nn.Module')
}

/** What of a module is saved besides its fields. @throws when it has something that cannot be read. */
export function settingsOf(module: Module, path: string): unknown[] {
  const [, recipe] = baseOf(module.constructor)
  for (const own of lineage(module.constructor)) {
    if (Object.values<unknown>(nn).includes(own) || own === Module) break
    const text = Function.prototype.toString.call(own)
    const [hidden] = /\.#[\w$]+/.exec(text) ?? []
    if (hidden)
      throw new TypeError(
        `save: ${path} is of class ${(own as ModuleClass).name}, whose private field ${hidden.slice(1)} cannot be read; ` +
          'give it a name without #, or save net.stateDict()',
      )
  }
  return recipe.settings?.(module) ?? []
}

/** An instance of the class, without running the constructors below the library's. Draws no random numbers. */
export function construct(constructor: ModuleClass, fields: Fields, settings: readonly unknown[]): Module {
  const [base, recipe] = baseOf(constructor)
  const state = getRngState()
  try {
    return Reflect.construct(base as ModuleClass, recipe.build(fields, settings) as never[], constructor)
  } finally {
    setRngState(state)
  }
}
