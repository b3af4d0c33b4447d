/** Every module of nn, without exception: PyTorch's initial parameters from seed 1, its values, gradients and buffers. */
import { strict as assert } from 'node:assert'
import { autograd, manualSeed, nn, type Tensor } from '../../lib/index.js'
import { expectClose, fromGolden, readGolden, type GoldenTensor } from '../support/golden.js'
import { families } from './cases/index.js'
import type { ModuleCase } from './cases/case.js'

interface GoldenCase {
  initial: Record<string, GoldenTensor>
  inputs: GoldenTensor[]
  output: GoldenTensor
  dy?: GoldenTensor
  grads?: (GoldenTensor | null)[]
  parameterGrads?: Record<string, GoldenTensor | null>
  buffers: Record<string, GoldenTensor>
}

/** Our names are PyTorch's in camelCase: weight_ih_l0 is weightIhL0. */
const camel = (name: string): string => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())

const build = (spec: ModuleCase): nn.Module => {
  manualSeed(1)
  return spec.ours().train(spec.training ?? true)
}

function run(spec: ModuleCase, module: nn.Module, inputs: Tensor[]): Tensor {
  const forward = module.forward as (this: nn.Module, ...inputs: Tensor[]) => Tensor
  return spec.call ? spec.call(module, ...inputs) : forward.apply(module, inputs)
}

function expectAll(actual: [string, Tensor][], expected: Record<string, GoldenTensor>, what: string): void {
  assert.deepEqual(actual.map(([name]) => name).sort(), Object.keys(expected).map(camel).sort(), `${what}: names`)
  const found = new Map(actual)
  for (const [name, want] of Object.entries(expected))
    expectClose(found.get(camel(name)) as Tensor, want, { relative: 1e-5 }, `${what} ${name}`)
}

function check(spec: ModuleCase, golden: GoldenCase): void {
  const module = build(spec)
  expectAll([...module.stateDict()], golden.initial, 'initial')
  const inputs = golden.inputs.map((x) => fromGolden(x))
  const floating = inputs.filter((x) => x.dtype === 'float32')
  for (const x of floating) x.requiresGrad_()
  const output = run(spec, module, inputs)
  expectClose(output, golden.output, { relative: 1e-5 }, 'output')
  expectAll(module.namedBuffers(), golden.buffers, 'buffer')
  if (!golden.dy || !golden.grads) return
  const parameters = module.namedParameters().filter(([, parameter]) => parameter.requiresGrad)
  const wanted = [...floating, ...parameters.map(([, parameter]) => parameter)]
  const grads = autograd.grad(output, wanted, { gradOutputs: [fromGolden(golden.dy, output.dtype)], allowUnused: true })
  golden.grads.forEach((want, i) => {
    if (want === null) return
    assert.ok(grads[i], `no gradient for input ${i}`)
    expectClose(grads[i], want, { relative: 1e-5 }, `gradient of input ${i}`)
  })
  for (const [name, want] of Object.entries(golden.parameterGrads ?? {})) {
    const got = grads[floating.length + parameters.findIndex(([ours]) => ours === camel(name))]
    if (want === null) continue
    assert.ok(got, `no gradient for ${name}`)
    expectClose(got, want, { relative: 1e-5 }, `gradient of ${name}`)
  }
}

describe('nn modules', () => {
  const seen = new Set<unknown>()
  for (const [family, cases] of Object.entries(families)) {
    describe(family, () => {
      const golden = readGolden<GoldenCase[]>(`modules/${family}`)
      it('has a golden case for each', () => assert.equal(golden.length, cases.length))
      cases.forEach((spec, number) => {
        it(`${spec.torch}${spec.training === false ? ' in evaluation' : ''} equals PyTorch`, () => {
          for (const module of build(spec).modules()) seen.add(module.constructor)
          check(spec, golden[number])
        })
      })
    })
  }

  // A suite of its own: those run after the tests of the suite that they stand in.
  describe('every class', () => {
    // PyTorch's gradient of CrossMapLRN2d is not that of its own values, so its values alone are compared, in norm.test.ts.
    it('is compared', () => {
      const missing = Object.entries(nn).filter(
        ([name, value]) =>
          !['Module', 'Loss', 'CrossMapLRN2d'].includes(name) &&
          typeof value === 'function' &&
          value.prototype instanceof nn.Module &&
          !seen.has(value),
      )
      assert.deepEqual(
        missing.map(([name]) => name),
        [],
      )
    })
  })
})
