/**
 * How an activation is declared: f in one pass over memory, dy · f′(x) in one pass as well (written with other ops it
 * would be four to ten), and f″ as ops, so that derivatives of every order exist.
 */
import type { Tensor } from '../../tensor/tensor.js'
import { binary, unary, type Binary, type Unary } from '../elementwise.js'
import type { Sample } from '../registry.js'
import { named, type OrNamed } from '../../tensor/options.js'

type Numbers = readonly [p0?: number, p1?: number]

export interface ActivationDefinition {
  /** A Python function of x and the numbers p0 and p1, by position. */
  torch: string
  /** f as a C expression over x, p0, p1. */
  expression: string
  /** dy · f′(x) as a C expression over a = dy, b = x, p0, p1. */
  backward: string
  /** f″(x); left out for functions made of straight lines, where it is 0. */
  second?: (x: Tensor, numbers: Numbers) => Tensor
  samples: readonly Sample[]
}

/** Samples of the gradient: those of random values, since at bends and far out PyTorch's second derivatives may be NaN. */
function backwardSamples(samples: readonly Sample[]): Sample[] {
  return samples.flatMap((sample) => {
    const [x] = sample.inputs
    return typeof x === 'object' && 'shape' in x ? [{ ...sample, inputs: [{ shape: x.shape }, x] }] : []
  })
}

/** Declares the op `name` and the op `nameBackward`. */
export function activation(name: string, definition: ActivationDefinition): Unary {
  const { torch, expression, second, samples } = definition
  const backward: Binary = binary(`${name}Backward`, {
    torch: `lambda dy, x, *p: torch.autograd.grad((${torch})(x, *p), x, dy, create_graph=True)[0]`,
    expression: definition.backward,
    types: 'float',
    saves: ['a', 'b'],
    grad: {
      a: (ddx, { b }, [p0, p1]) => backward.run(ddx, b, p0, p1),
      b: (ddx, { a, b }, numbers) =>
        second ? ddx.mul(a as Tensor).mul(second(b as Tensor, numbers)) : (b as Tensor).mul(0),
    },
    samples: backwardSamples(samples),
  })
  return unary(name, {
    torch,
    expression,
    saves: ['x'],
    grad: (dy, { x }, [p0, p1]) => backward.run(dy, x, p0, p1),
    samples,
  })
}

/** Values on both sides of every bend that activations have by default, and none near one. */
export const around = { inputs: [{ shape: [3, 4], low: -4, high: 4 }] } as const
export const empty = { inputs: [{ shape: [0, 3] }] } as const

/**
 * ln(1 + e) as a C expression, for e from 0 to 1, with all digits for small e: the logarithm of the rounded sum, and what
 * the rounding lost. `log1p` says the same for every e, but its comparisons keep compilers from vectorising log1p(exp(x)).
 */
export const log1pOf = (e: string): string => `(log(1 + ${e}) + (${e} - ((1 + ${e}) - 1)) / (1 + ${e}))`

/** A function's only number, given as such or by its name in an options object. */
export type Scalar<Key extends string> = OrNamed<Key, number>

/** Reads it. @throws TypeError for options of another name. */
export function scalar<Key extends string>(
  caller: string,
  given: Scalar<Key> | undefined,
  key: Key,
  standard: number,
): number {
  return typeof given === 'number' ? given : (named<number>(caller, key, given) ?? standard)
}
