/** Weights that are computed from other parameters before each forward: weight and spectral normalisation. */
import { noGrad } from '../../autograd/index.js'
import { normalize } from '../../ops/norm/index.js'
import { vectorNorm } from '../../ops/norms.js'
import { randn } from '../../ops/random.js'
import { movedim } from '../../ops/arrange.js'
import { dot, matmul } from '../../ops/matmul.js'
import { reshape } from '../../ops/shape.js'
import { wrapDim } from '../../tensor/shape.js'
import type { Tensor } from '../../tensor/tensor.js'
import type { ForwardPreHook } from '../hooks.js'
import type { Module } from '../module.js'
import { Parameter } from '../parameter.js'
import { assertIntegers, readOptions } from '../../tensor/options.js'

interface Applied {
  readonly name: string
  /** The weight that the module's parameters stand for now; `train` tells that it is for a forward in training. */
  readonly compute: (module: Module, train: boolean) => Tensor
  /** Fields that replace the weight. */
  readonly fields: readonly string[]
}

/** By the hook that computes the weight: a deep copy of a module has the same hooks as the original. */
const applied = new WeakMap<ForwardPreHook, Applied>()

/** Settings of `weightNorm`. */
export interface WeightNormOptions {
  /** Which parameter. Default 'weight'. */
  name?: string
  /** The dimension whose slices each have a length of their own; null for one length of all. Default 0. */
  dim?: number | null
}

function begin(caller: string, module: Module, name: string): Parameter {
  const weight: unknown = Reflect.get(module, name)
  if (!(weight instanceof Parameter))
    throw new RangeError(`${caller}: ${module.constructor.name} has no parameter '${name}'`)
  return weight
}

function install(module: Module, { name, fields, compute }: Applied): void {
  const hook: ForwardPreHook = (called) => {
    Reflect.set(called, name, compute(called, called.training))
  }
  applied.set(hook, { name, fields, compute })
  module.registerForwardPreHook(hook)
}

/** The hooks of a module that compute weights, and what they compute. */
function installed(module: Module): [ForwardPreHook, Applied][] {
  return (module.hooks?.of('forwardPre') ?? []).flatMap((hook): [ForwardPreHook, Applied][] => {
    const found = applied.get(hook)
    return found ? [[hook, found]] : []
  })
}

/** @internal Whether a weight of the module is computed before each forward. */
export function isReparametrized(module: Module): boolean {
  return installed(module).length > 0
}

function remove(caller: string, module: Module, name: string): void {
  const [hook, found] = installed(module).find(([, each]) => each.name === name) ?? []
  if (!hook || !found) throw new RangeError(`${caller}: '${name}' of ${module.constructor.name} was not normalised`)
  const weight = noGrad(() => found.compute(module, false).clone())
  module.hooks?.remove('forwardPre', hook)
  for (const field of found.fields) Reflect.deleteProperty(module, field)
  Reflect.set(module, name, new Parameter(weight))
}

/** Lengths of the slices of v along `dim`, or of all of v, such that they broadcast with it. */
function lengths(v: Tensor, dim: number | null): Tensor {
  if (dim === null) return vectorNorm(v)
  const others = v.shape.map((_: number, d: number) => d).filter((d: number) => d !== dim) as number[]
  return others.length > 0 ? v.square().sum(others, { keepdim: true }).sqrt() : v.abs()
}

/**
 * Learns the direction and the length of a weight apart: weight = g · v / ‖v‖ with the parameters weightG and weightV,
 * computed before each forward (Salimans & Kingma 2016). Returns the module. torch.nn.utils.weight_norm.
 * @example const layer = nn.utils.weightNorm(new nn.Linear(20, 40))
 */
export function weightNorm<M extends Module>(module: M, options?: WeightNormOptions): M {
  const { name, dim } = readOptions('weightNorm', options, { name: 'weight', dim: 0 })
  const weight = begin('weightNorm', module, name)
  const along = dim === null ? null : wrapDim('weightNorm', dim, weight.ndim)
  const g = new Parameter(noGrad(() => lengths(weight, along).clone()))
  const v = new Parameter(weight.detach())
  const fields = [`${name}G`, `${name}V`]
  Reflect.set(module, fields[0], g)
  Reflect.set(module, fields[1], v)
  const compute = (of: Module): Tensor => {
    const [length, direction] = fields.map((field) => Reflect.get(of, field) as Parameter)
    return direction.mul(length.div(lengths(direction, along)))
  }
  Reflect.set(module, name, compute(module))
  install(module, { name, fields, compute })
  return module
}

/** Makes a weight an ordinary parameter again, with the value that it has. torch.nn.utils.remove_weight_norm. */
export function removeWeightNorm<M extends Module>(module: M, options?: { name?: string }): M {
  const { name } = readOptions('removeWeightNorm', options, { name: 'weight' })
  remove('removeWeightNorm', module, name)
  return module
}

/** Settings of `spectralNorm`. */
export interface SpectralNormOptions {
  /** Which parameter. Default 'weight'. */
  name?: string
  /** Steps towards the largest singular value in each forward while training. Default 1. */
  nPowerIterations?: number
  /** Smallest length to divide by. Default 1e-12. */
  eps?: number
  /** The dimension that becomes the rows of the matrix. Default 0 (1 for transposed convolutions). */
  dim?: number
}

/**
 * Divides a weight by its largest singular value before each forward, estimated by power iteration (Miyato et al. 2018):
 * parameter weightOrig, buffers weightU and weightV. Returns the module. torch.nn.utils.spectral_norm.
 */
export function spectralNorm<M extends Module>(module: M, options?: SpectralNormOptions): M {
  const settings = readOptions('spectralNorm', options, {
    name: 'weight',
    nPowerIterations: 1,
    eps: 1e-12,
    dim: undefined,
  })
  const { name, nPowerIterations, eps } = settings
  const weight = begin('spectralNorm', module, name)
  assertIntegers('spectralNorm', { nPowerIterations }, 1)
  const dim = wrapDim(
    'spectralNorm',
    settings.dim ?? (/^ConvTranspose/.test(module.constructor.name) ? 1 : 0),
    weight.ndim,
  )
  const matrixOf = (w: Tensor): Tensor => reshape(dim === 0 ? w : movedim(w, dim, 0), [w.shape[dim], -1])
  const unit = (x: Tensor): Tensor => normalize(x, { dim: 0, eps })
  const [rows, columns] = matrixOf(weight).shape as [number, number]
  const original = new Parameter(weight.detach())
  const fields = [`${name}Orig`, `${name}U`, `${name}V`]
  Reflect.set(module, fields[0], original)
  noGrad(() => {
    module.registerBuffer(fields[1], unit(randn([rows], { dtype: weight.dtype })))
    module.registerBuffer(fields[2], unit(randn([columns], { dtype: weight.dtype })))
  })
  const compute = (of: Module, iterate: boolean): Tensor => {
    const [source, u, v] = fields.map((field) => Reflect.get(of, field) as Tensor)
    const matrix = matrixOf(source)
    if (iterate)
      noGrad(() => {
        for (let i = 0; i < nPowerIterations; i++) {
          v.copy_(unit(matmul(matrix.t(), u)))
          u.copy_(unit(matmul(matrix, v)))
        }
      })
    // Copies: the next forward changes the buffers, the graph of this one needs them as they are.
    const sigma = dot(u.clone(), matmul(matrix, v.clone()))
    return source.div(sigma)
  }
  Reflect.set(module, name, weight.detach())
  install(module, { name, fields, compute })
  return module
}

/** Makes a weight an ordinary parameter again, with the value that it has. torch.nn.utils.remove_spectral_norm. */
export function removeSpectralNorm<M extends Module>(module: M, options?: { name?: string }): M {
  const { name } = readOptions('removeSpectralNorm', options, { name: 'weight' })
  remove('removeSpectralNorm', module, name)
  return module
}
